"""Jira issues to items. Pure.

The JSON is that of REST version 2, where texts are wiki markup. What is sent back is in
:mod:`mappings.jira_edit`.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final, TypeAlias

from mappings import jira_text
from mappings.github_words import Meaning, held
from mappings.item import UNSET, Item, Ref, Unset
from mappings.jira_words import (
    PROPERTY,
    Site,
    Spoken,
    nearest_phase,
    phase_said,
    resolution_said,
    special_types,
    unnamed_status,
    what_is_said,
)
from mappings.jira_workflow import Status
from mappings.problem import Problem
from mappings.profile import Profile
from mappings.text import one_line
from mappings.titles import Title, read_title
from mappings.vocabulary import Kind, Phase, Resolution

#: Combinations of carriers that are remembered.
_REMEMBERED: Final = 10_000
#: Jira's own kinds of links by which an issue says the same as another, and follows from none.
_COPIES: Final = frozenset({"Duplicate", "Cloners"})

Raw: TypeAlias = Mapping[str, Any]


class IssueReader:
    """Reads issues of one project into items. ``url`` is the site's address for people."""

    def __init__(self, site: Site, url: str) -> None:
        self.site = site
        self._url = url
        self._known: dict[tuple[object, ...], Meaning] = {}
        self._phases: dict[str, tuple[Status, Phase | None, bool]] = {}

    def __call__(self, raw: Raw) -> Item:
        """The item an issue's JSON is. Raises KeyError, TypeError or ValueError if it is none."""
        fields, place = raw["fields"], str(raw["key"])
        profile = self.site.profile
        title = read_title(fields["summary"])
        said = self._meaning(fields, title)
        status, phase, known = self._phase(fields["status"])
        ended = phase is Phase.COMPLETED
        body, text = jira_text.read_description(fields.get("description") or "")
        owners, stranger = _owner(fields, self.site)
        parent = parent_of(raw, self.site)
        notices = [replace(one, place=place) for one in said.notices]
        if not known:
            notices.append(unnamed_status(status, phase, place))
        if stranger and profile.people:
            notices.append(_unmapped(stranger, place))
        due, closed = fields.get("duedate"), fields.get("resolutiondate")
        return Item(
            ref=Ref(str(raw["id"]), place, f"{self._url}/browse/{place}" if self._url else ""),
            kind=said.kind,
            title=title.text,
            phase=phase or UNSET,
            resolution=resolution_said(name_in(fields.get("resolution")), status, profile)
            if ended
            else None,
            priority=said.priority,
            severity=said.severity,
            category=said.category,
            owners=owners,
            due=date.fromisoformat(due) if due else None,
            parent=parent,
            body=body,
            text=text,
            revision=revision(raw, self.site, parent),
            marker=str(ours(raw).get("marker") or ""),
            author=self.site.person(fields.get("creator") or {}),
            labels=said.labels,
            archived=bool(fields.get("archiveddate")),
            created_at=moment_of(fields["created"]),
            updated_at=moment_of(fields["updated"]),
            closed_at=moment_of(closed) if closed and ended else None,
            related=related_of(raw) if said.kind is Kind.ACTION else (),
            notices=tuple(notices),
        )

    def _phase(self, raw: Raw) -> tuple[Status, Phase | None, bool]:
        """A status and what it says; there are few, and they are worked out once."""
        key = f"{raw['id']} {raw['name']}"
        found = self._phases.get(key)
        if found is None:
            status = status_of(raw)
            found = self._phases[key] = (status, *phase_said(status, self.site.profile))
        return found

    def _meaning(self, fields: Raw, title: Title) -> Meaning:
        level = fields.get(self.site.severity) if self.site.severity else None
        labels = tuple(fields.get("labels") or ())
        kind, priority = name_in(fields.get("issuetype")), name_in(fields.get("priority"))
        severity = value_in(level)
        prefixes = (title.priority, title.severity, title.incident)
        key = (labels, kind, priority, severity, prefixes)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            spoken = Spoken(labels, title, kind, priority, severity)
            found = self._known[key] = what_is_said(spoken, self.site.profile)
        return found


def ours(raw: Raw) -> Raw:
    """Our entity property; an empty one where there is none."""
    value = (raw.get("properties") or {}).get(PROPERTY)
    return value if isinstance(value, dict) else {}


def status_of(raw: Raw) -> Status:
    """A status out of its JSON."""
    category = (raw.get("statusCategory") or {}).get("key") or ""
    return Status(str(raw["id"]), str(raw["name"]), str(category))


def moment_of(text: str) -> datetime:
    """A time, UTC; Jira writes the offset without a colon."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def parent_of(raw: Raw, site: Site) -> Ref | None:
    """The epic or parent an issue is under, else the issue that our property names, if the two
    are linked still: links between issues have no up and down of their own.
    """
    fields = raw["fields"]
    above = fields.get("parent")
    if above:
        return Ref(str(above["id"]), str(above.get("key") or ""))
    wanted = str(ours(raw).get("parent") or "")
    epic = str(fields.get(site.epic) or "") if site.epic else ""
    if wanted and epic and str(ours(raw).get("epic") or "") == epic:
        return Ref(wanted, epic)
    linked = [other for _, other in links_of(raw) if str(other["id"]) == wanted]
    return Ref(wanted, str(linked[0].get("key") or "")) if wanted and linked else None


def links_of(raw: Raw) -> list[tuple[Raw, Raw]]:
    """An issue's links, each with the issue at the other end."""
    found = []
    for link in raw["fields"].get("issuelinks") or ():
        other = link.get("outwardIssue") or link.get("inwardIssue")
        if other:
            found.append((link, other))
    return found


def related_of(raw: Raw) -> tuple[Ref, ...]:
    """The issues that an issue is linked with, whatever the link is called; but not its copies."""
    return tuple(
        Ref(str(other["id"]), str(other.get("key") or ""))
        for link, other in links_of(raw)
        if name_in(link.get("type")) not in _COPIES
    )


def revision(raw: Raw, site: Site, parent: Ref | None) -> str:
    """Differs whenever something we could overwrite differs; comments alone do not count."""
    fields = raw["fields"]
    parts = [
        fields["summary"],
        fields.get("description") or "",
        str(fields["status"]["id"]),
        name_in(fields.get("resolution")),
        name_in(fields.get("priority")),
        name_in(fields.get("issuetype")),
        "\1".join(sorted(fields.get("labels") or ())),
        site.person(fields.get("assignee") or {}),
        fields.get("duedate") or "",
        parent.id if parent else "",
        value_in(fields.get(site.severity)) if site.severity else "",
        str(bool(fields.get("archiveddate"))),
    ]
    text = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=12).hexdigest()


def name_in(value: Raw | None) -> str:
    """The name of a value, "" for none."""
    return str(value.get("name") or "") if value else ""


def value_in(value: Any) -> str:  # noqa: ANN401  a text, an option, or nothing
    """A custom field's value as text."""
    if isinstance(value, dict):
        return str(value.get("value") or value.get("name") or "")
    return str(value) if value else ""


def _owner(fields: Raw, site: Site) -> tuple[tuple[str, ...] | Unset, str]:
    """The assignee if mapped, and the name of one who is not: that is no opinion."""
    user = fields.get("assignee")
    if not user:
        return (), ""
    name = site.profile.person(site.person(user))
    if name is None:
        return UNSET, str(user.get("displayName") or site.person(user))
    return (name,), ""


def _unmapped(stranger: str, place: str) -> Problem:
    remedy = "Add them to [people] of the profile."
    return Problem("E121", f"no person is mapped to {stranger}; left as assigned.", place, remedy)


# --- what can be held ---------------------------------------------------------------------


def canonical(item: Item, site: Site) -> Item:
    """What Jira would give back after taking the item over."""
    profile = site.profile
    phase, resolution, owners = item.phase, item.resolution, item.owners
    if isinstance(phase, Phase):
        phase = nearest_phase(phase, profile)
        if phase is not Phase.COMPLETED:
            resolution = None
        elif resolution not in profile.resolution.values:
            resolution = Resolution.DONE
    if isinstance(owners, tuple):
        # An issue has one assignee: the first in the order in which they are written.
        known = sorted(
            {name for name in owners if name in profile.people},
            key=lambda name: profile.people[name],
        )
        owners = tuple(known[:1]) if known or not owners else UNSET
    return replace(
        item,
        title=read_title(one_line(item.title)).text if isinstance(item.title, str) else UNSET,
        phase=phase,
        resolution=resolution,
        priority=held(item.priority, profile.priority),
        severity=held(item.severity, profile.severity),
        category=_category(item, profile),
        owners=owners,
        body=jira_text.held(item.body) if isinstance(item.body, str) else item.body,
    )


def _category(item: Item, profile: Profile) -> Any:  # noqa: ANN401  a category, None or UNSET
    """A category can be said by the type unless that says a kind already."""
    words = profile.kinds.get(item.kind)
    if item.kind is not Kind.TASK and words and words.types and special_types(profile):
        return held(item.category, profile.category.model_copy(update={"types": {}}))
    return held(item.category, profile.category)
