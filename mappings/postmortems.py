"""Action items of postmortems as items: what a document can say, and what of it can be changed."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from mappings.item import UNSET, Item, Ref, Unset
from mappings.naming import ending, is_change
from mappings.postmortem.model import ActionItem, Postmortem
from mappings.problem import Problem
from mappings.profile import Profile
from mappings.vocabulary import Field, Kind, Phase

#: What is written into a document: its box or status cell. The link is no field.
WRITTEN: Final = frozenset({Field.PHASE})
#: Between the name of a file and the other clues to a document's incident; see :func:`clues`.
FILE_CLUE: Final = "file:"
#: As much as a parent's id may hold.
_CLUES_LIMIT: Final = 200
_NUMBERED: Final = re.compile(r"(.*?)\d+/?\Z")
_CALLED: Final = re.compile(r"\Apost[- ]?mortem\s*[:\u2013\u2014-]\s*", re.IGNORECASE)
_SEVERAL: Final = re.compile(r"\s*(?:,|;|/|&|\+|\band\b|\bund\b|\bet\b|\by\b)\s*", re.IGNORECASE)
_NOBODY: Final = frozenset(
    {"", "tbd", "tba", "-", "\u2013", "\u2014", "?", "n/a", "none", "nobody"}
)


@dataclass(frozen=True, slots=True)
class Whence:
    """The document an action item stands in. ``incidents`` are references as written, the setting's
    first; ``today`` is the day on which it is read (UTC).
    """

    path: str
    title: str
    incidents: tuple[str, ...]
    today: date


def clues(whence: Whence) -> str:
    """What tells the incident of a document: references as written, then ``file:`` and its path,
    for incidents that name the document. Separated by blanks; the path is the last.
    """
    found = ""
    for reference in whence.incidents:
        joined = f"{found} {reference}".strip()
        if not re.search(r"\s", reference) and len(joined) <= _CLUES_LIMIT:
            found = joined
    with_file = f"{found} {FILE_CLUE}{whence.path}".strip()
    return with_file if len(with_file) <= _CLUES_LIMIT else found or FILE_CLUE


def read_clues(text: str) -> tuple[tuple[str, ...], str]:
    """The references in clues, and the document's path ("" if it is not told)."""
    references, mark, path = text.partition(FILE_CLUE)
    return tuple(references.split()), path if mark else ""


def to_item(action: ActionItem, item_id: str, raw: str, whence: Whence, profile: Profile) -> Item:
    """One action item; ``raw`` is its own text in the document, ``item_id`` who it is."""
    place = f"{whence.path}:{action.line}"
    owners, strangers = _owners(action.owner, profile)
    told = clues(whence)
    return Item(
        ref=Ref(item_id, place),
        kind=Kind.ACTION,
        title=action.title,
        phase=_phase(action),
        priority=action.priority,
        category=action.category,
        owners=owners,
        due=UNSET if action.due is None and action.due_text else action.due,
        parent=Ref(told, whence.incidents[0] if whence.incidents else whence.path),
        body=_body(action, whence),
        references=tuple(one for one in action.references if not is_change(one)),
        revision=hashlib.sha256(f"{action.line}\n{raw}\n{told}".encode()).hexdigest()[:32],
        notices=tuple(_notices(action, whence, strangers, place)),
    )


def canonical(item: Item) -> Item:
    """What a document can be made to say of ``item``: whether it is done."""
    phase = item.phase
    if isinstance(phase, Phase):
        phase = Phase.COMPLETED if phase is Phase.COMPLETED else Phase.TODO
    silent: dict[str, Any] = {name.value: UNSET for name in Field if name not in WRITTEN}
    return replace(item, **silent | {"phase": phase})


def _phase(action: ActionItem) -> Phase | Unset:
    if action.done is None:
        return UNSET
    return Phase.COMPLETED if action.done else Phase.TODO


def _owners(written: str, profile: Profile) -> tuple[tuple[str, ...] | Unset, list[str]]:
    """Our names of the people named, and those whom nobody mapped."""
    if written.strip().casefold() in _NOBODY:
        return (), []
    known = {name.casefold(): name for name in profile.people}
    known |= {login.casefold(): name for name, login in profile.people.items()}
    found: set[str] = set()
    strangers: list[str] = []
    whole = known.get(_name(written))
    for one in [written] if whole else _SEVERAL.split(written):
        name = known.get(_name(one))
        if name:
            found.add(name)
        elif _name(one) not in _NOBODY:
            strangers.append(one.strip())
    return (tuple(sorted(found)) if found else UNSET), strangers


def _name(written: str) -> str:
    return written.strip().lstrip("@").casefold()


def _body(action: ActionItem, whence: Whence) -> str:
    """Where it comes from, for whoever reads the issue; nothing that moves with the lines."""
    title = _CALLED.sub("", whence.title) or whence.path
    text = f"An action item of the postmortem \u201c{title}\u201d (`{whence.path}`)"
    return f"{text}, under \u201c{action.group}\u201d." if action.group else f"{text}."


def _notices(
    action: ActionItem, whence: Whence, strangers: Sequence[str], place: str
) -> list[Problem]:
    found = []
    for name in strangers:
        text = f'nobody is mapped for "{name}". Owners are left as they are.'
        found.append(Problem("E121", text, place, "Add them to [pairs.NAME.people]."))
    several = _several(whence.incidents)
    if several:
        text = f"its postmortem names several incidents ({', '.join(several)}); the first counts."
        found.append(Problem("E134", text, place, "Name one in the front matter."))
    if action.due is None and action.due_text:
        text = f'"{action.due_text}" is no day; no due date is set.'
        found.append(Problem("E131", text, place, "Write it as YYYY-MM-DD."))
    elif action.due is not None and action.due < whence.today and not action.done:
        text = f"its due date {action.due} is over."
        found.append(Problem("E131", text, place, "Do it, or give it another day."))
    return found


def _several(incidents: Sequence[str]) -> tuple[str, ...]:
    """Incidents that cannot be one: two numbers, or two keys of one kind."""
    kinds: dict[str, dict[str, str]] = {}
    for reference in incidents:
        kind, number = _NUMBERED.sub(r"\1", reference).casefold(), ending(reference).casefold()
        kinds.setdefault(kind, {}).setdefault(number, reference)
    return next((tuple(one.values()) for one in kinds.values() if len(one) > 1), ())


def document_problems(reading: Postmortem, path: str) -> list[Problem]:
    """What is to be said of a whole document; it is left as it is."""
    if reading.template:
        text = "is empty, or a template that nobody filled in; nothing is made of it."
        return [Problem("E132", text, path, "Fill it in, or leave it out with `skip`.")]
    return []


def uncertain(action: ActionItem, path: str) -> Problem:
    """An action item that may be none: it is reported and nothing is made of it."""
    text = f"may be an action item ({action.title[:80]}); nothing is made of it."
    remedy = "Put it into a list under a heading like \u201cAction items\u201d, with a check box."
    return Problem("E133", text, f"{path}:{action.line}", remedy)
