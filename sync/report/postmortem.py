"""A postmortem to be written: a shipped template, filled with what is known of its incident."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from adapters.base import Comment
from mappings.vocabulary import SEVERITY_OF, Phase, Resolution, Severity
from sync.report.escape import escaped
from sync.rules.history import life, measured
from sync.rules.model import Event, EventKind, IncidentFacts

#: The shipped templates, by how each writes its action items: numbered with priority and owner;
#: check boxes under Quick Wins, Short-Term and Long-Term; a table; plain check boxes; and check
#: boxes with owner and day, in a document that begins with the timeline.
TEMPLATES: Final = ("numbered", "horizons", "table", "checklist", "timeline")
_SAID: Final = {
    EventKind.OPENED: "the incident was opened",
    EventKind.REOPENED: "it was opened again",
}
_PHASES: Final = {
    Phase.BACKLOG: "it was put into the backlog",
    Phase.TODO: "it was put up to be worked on",
    Phase.DOING: "work on it began",
    Phase.BLOCKED: "work on it was blocked",
}
_CLOSED: Final = {
    Resolution.DONE: "the incident was closed as done",
    Resolution.NOT_PLANNED: "the incident was closed as not planned",
    Resolution.DUPLICATE: "the incident was closed as a duplicate",
}
_SLUG: Final = re.compile(r"[^a-z0-9]+")
_LONGEST_SLUG: Final = 60
_HIDDEN: Final = re.compile(r"<!--.*?-->", re.DOTALL)
#: So much of a comment stands in the timeline, in characters.
_LONGEST_NOTE: Final = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a template is filled with; None and "" where nothing is known. Times are UTC.

    ``incident`` is its address, or what people call it, ``key`` always the latter.
    """

    title: str
    incident: str
    key: str
    severity: Severity | None = None
    day: str = ""
    started: str = ""
    resolved: str = ""
    duration: str = ""
    lead: str = ""
    timeline: tuple[tuple[str, str], ...] = ()

    @property
    def file_name(self) -> str:
        """A name for the document: its day, its incident's key or number, and its title."""
        number = self.key.rpartition("#")[2]
        key = f"issue-{number}" if number != self.key else _slug(self.key)
        words = _slug(self.title)[:_LONGEST_SLUG].rstrip("-")
        return "-".join(filter(None, (self.day, key, words))) + ".md"


def _slug(text: str) -> str:
    return _SLUG.sub("-", text.lower()).strip("-")


def known(facts: IncidentFacts, notes: Iterable[Comment] = ()) -> Known:
    """What is known of an incident. Of one that was recorded after the fact, no time is.

    ``notes`` are what people said on it; those of which it is not known when are left out.
    """
    item, times = facts.item, measured(facts)
    told = life(item, facts.events)
    title = " ".join((item.title or item.ref.key or item.ref.id).split())
    severity = item.severity or (SEVERITY_OF[item.priority] if item.priority else None)
    bare = Known(
        title=title,
        incident=item.ref.url or item.ref.key or item.ref.id,
        key=item.ref.key or item.ref.id,
        severity=severity or None,
        lead=facts.commander or ", ".join(item.owners or ()),
    )
    if times.after_the_fact:
        return bare
    closed = told.closed if item.phase is Phase.COMPLETED else None
    return replace(
        bare,
        day=f"{told.opened:%Y-%m-%d}" if told.opened else "",
        started=_minute(told.opened),
        resolved=_minute(closed),
        duration=_lasted(times.resolve) if closed else "",
        timeline=tuple(_timeline(facts.events, notes)),
    )


def write(template: str, incident: Known) -> str:
    """The document to be written on. Raises KeyError for a template that there is not."""
    if template not in TEMPLATES:
        raise KeyError(template)
    page = _environment().get_template(f"postmortem/{template}.md").render(known=incident)
    return re.sub(r"\n{3,}", "\n\n", page).strip() + "\n"


def _timeline(events: Iterable[Event], notes: Iterable[Comment]) -> Iterator[tuple[str, str]]:
    """What the tracker recorded and people said, in the order of time."""
    told = [(event.at, _happened(event)) for event in events]
    told += [(one.at, _said(one)) for one in notes if one.at is not None]
    for moment, words in sorted(told, key=lambda one: one[0]):
        if words:
            yield _minute(moment), words


def _happened(event: Event) -> str:
    """A moment of an incident's life; "" for a change of which nothing more is known."""
    if event.kind is EventKind.PHASE and event.phase is not None:
        return _PHASES.get(event.phase, "")
    if event.kind is EventKind.CLOSED:
        return _CLOSED[event.resolution or Resolution.DONE]
    return _SAID.get(event.kind, "")


def _said(note: Comment) -> str:
    """A comment's first line that says something, and whose it is."""
    lines = (line.strip() for line in _HIDDEN.sub("", note.text).splitlines())
    first = next((line for line in lines if re.search(r"\w", line)), "")
    if len(first) > _LONGEST_NOTE:
        first = first[: _LONGEST_NOTE - 1].rstrip() + "\N{HORIZONTAL ELLIPSIS}"
    return f"{note.by}: {first}" if first and note.by else first


def _minute(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else ""


def _lasted(length: timedelta | None) -> str:
    """Hours and minutes, as postmortems are written and read."""
    if length is None:
        return ""
    hours, minutes = divmod(round(length.total_seconds() / 60), 60)
    parts = [f"{hours}h" if hours else "", f"{minutes}m" if minutes or not hours else ""]
    return " ".join(filter(None, parts))


def _quoted(text: str) -> str:
    """As YAML has it: JSON's strings are YAML's."""
    return json.dumps(text, ensure_ascii=False)


@cache
def _environment() -> Environment:
    made = Environment(
        autoescape=False,  # noqa: S701  Markdown; every text goes through a filter of ours
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        loader=PackageLoader("sync.report"),
    )
    made.filters |= {"markdown": escaped, "quoted": _quoted}
    return made
