"""How an issue says its kind, levels, category and phase, and how to say them. Pure.

Carriers are labels, the title's prefix, the issue type and an organisation's issue fields. All
that are present are kept saying the same; one has the authority; a disagreement is a notice.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from mappings.item import UNSET, Draft, Fields, Unset
from mappings.problem import Problem
from mappings.profile import CategoryWords, PriorityWords, Profile, SeverityWords, settle
from mappings.text import one_line
from mappings.titles import Title, read_title, write_title
from mappings.vocabulary import (
    Category,
    Field,
    Kind,
    Phase,
    Priority,
    Resolution,
    Severity,
    parse_priority,
    parse_severity,
)

#: Ids of an organisation's issue fields and their names, as far as a profile names them.
NativeFields: TypeAlias = Mapping[int, str]
NO_FIELDS: Final[NativeFields] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Carried:
    """What an issue's carriers hold, as written. ``native``: field values by the field's id."""

    labels: tuple[str, ...]
    title: Title
    type: str = ""
    native: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the carriers say together. ``phase`` is that of an open issue; ``resolution`` is said
    by labels alone. ``notices`` have no place yet.
    """

    kind: Kind
    priority: Priority | None
    severity: Severity | None
    category: Category | None
    phase: Phase
    resolution: Resolution | None
    labels: frozenset[str]
    notices: tuple[Problem, ...]


def meaning(carried: Carried, profile: Profile, fields: NativeFields = NO_FIELDS) -> Meaning:
    """Work out what an issue says."""
    said = profile.read_labels(carried.labels)
    title = carried.title
    types = (carried.type,) if carried.type else ()
    native = {fields[number]: text for number, text in carried.native if number in fields}
    phases = [phase for phase in said.phases if phase is not Phase.COMPLETED]
    # Somebody who moves an issue on adds a label and may forget to take the old one off.
    phase = phases[-1] if phases else profile.phase.open
    notices: list[Problem] = []

    def one(field: Field, authority: Any, labelled: Any, others: dict[Any, Any]) -> Any:  # noqa: ANN401  any level
        label = labelled[0] if labelled else None
        value, notice = settle(field, authority, {"label": label, **others})
        if notice is None and len(labelled) > 1:
            notice = _labels_differ(field, labelled, value)
        notices.extend([notice] if notice else [])
        return value

    priority = one(
        Field.PRIORITY,
        profile.priority.authority,
        said.priorities,
        {"title": title.priority, "field": _level(Field.PRIORITY, profile.priority, native)},
    )
    severity = one(
        Field.SEVERITY,
        profile.severity.authority,
        said.severities,
        {"title": title.severity, "field": _level(Field.SEVERITY, profile.severity, native)},
    )
    by_type = profile.category_of_type(carried.type) if carried.type else None
    category = one(Field.CATEGORY, profile.category.authority, said.categories, {"type": by_type})
    if len(phases) > 1:
        notices.append(_labels_differ(Field.PHASE, phases, phase))
    return Meaning(
        kind=profile.kind_of(carried.labels, types, title),
        priority=priority,
        severity=severity,
        category=category,
        phase=phase,
        resolution=said.resolutions[0] if said.resolutions else None,
        labels=frozenset(carried.labels),
        notices=tuple(notices),
    )


def _labels_differ(field: Field, said: Iterable[str], value: object) -> Problem:
    return Problem("E130", f"{field} differs: labels say {' and '.join(said)}; {value} counts.")


def _level(
    field: Field, words: PriorityWords | SeverityWords, native: Mapping[str, str]
) -> Priority | Severity | None:
    said = native.get(words.field) if words.field else None
    if said is None:
        return None
    spelled: dict[str, Any] = {text.lower(): level for level, text in words.values.items()}
    parse = parse_priority if field is Field.PRIORITY else parse_severity
    return spelled.get(said.lower()) or parse(said)


# --- writing ------------------------------------------------------------------------------


def title_for(raw: str, fields: Fields, profile: Profile) -> str:
    """The title with its prefixes in step: written where the profile or the issue has them."""
    now = read_title(raw)
    priority, severity = fields.priority, fields.severity
    if not (profile.priority.title or now.priority):
        priority = UNSET
    if not (profile.severity.title or now.severity):
        severity = UNSET
    incident: bool | Unset = UNSET
    if isinstance(fields, Draft) and fields.kind is Kind.INCIDENT:
        would = read_title(write_title("", priority=priority, severity=severity))
        words = profile.kinds.get(Kind.INCIDENT)
        said = words is not None and bool(words.labels or words.types)
        if not said and profile.kind_of((), (), would) is not Kind.INCIDENT:
            incident = True
    text: str | Unset = UNSET
    if isinstance(fields.title, str):
        wanted = read_title(one_line(fields.title)).text
        text = wanted if wanted != now.text else UNSET
    return write_title(raw, text=text, priority=priority, severity=severity, incident=incident)


def labels_for(before: Iterable[str], fields: Fields, profile: Profile) -> list[str]:
    """All labels after the change: the vocabulary's are replaced, everybody else's stay."""
    labels = list(dict.fromkeys(before))
    words: dict[Field, Mapping[Any, str]] = {
        Field.PRIORITY: profile.priority.labels,
        Field.SEVERITY: profile.severity.labels,
        Field.CATEGORY: profile.category.labels,
    }
    for field, spelled in words.items():
        value = fields.get(field)
        if value is not UNSET:
            _replace(labels, profile.vocabulary_labels(field), spelled.get(value))
    if isinstance(fields.phase, Phase):
        # A closed issue says "completed" by being closed; a stale phase label would lie.
        ended = fields.phase is Phase.COMPLETED
        spoken = None if ended else profile.phase.labels.get(fields.phase)
        _replace(labels, profile.vocabulary_labels(Field.PHASE), spoken)
    if fields.resolution is not UNSET:
        why = profile.resolution.labels.get(fields.resolution) if fields.resolution else None
        _replace(labels, profile.vocabulary_labels(Field.RESOLUTION), why)
    if isinstance(fields, Draft) and fields.kind in profile.kinds:
        marks = profile.kinds[fields.kind].labels
        if marks and not {mark.lower() for mark in marks} & {one.lower() for one in labels}:
            labels.append(marks[0])
    return sorted(labels)


def _replace(labels: list[str], family: frozenset[str], wanted: str | None) -> None:
    """Of one family of labels only ``wanted`` stays; spelled as it already stands, if it does."""
    keep = wanted.lower() if wanted else None
    present = any(label.lower() == keep for label in labels)
    labels[:] = [one for one in labels if one.lower() not in family or one.lower() == keep]
    if wanted and not present:
        labels.append(wanted)


def type_for(fields: Fields, profile: Profile) -> str:
    """The issue type to set: the category's, else (for a new issue) the kind's; "" for none."""
    if isinstance(fields.category, Category) and fields.category in profile.category.types:
        return profile.category.types[fields.category]
    if isinstance(fields, Draft) and fields.kind in profile.kinds:
        return next(iter(profile.kinds[fields.kind].types), "")
    return ""


def native_for(fields: Fields, profile: Profile, known: NativeFields) -> list[dict[str, Any]]:
    """Values of an organisation's issue fields. A field is set, never emptied: the update call
    has no way to say "none".
    """
    written: list[dict[str, Any]] = []
    for words, value in (
        (profile.priority, fields.priority),
        (profile.severity, fields.severity),
    ):
        number = next((id_ for id_, name in known.items() if name == words.field), None)
        spelled: Mapping[Any, str] = words.values
        if number is not None and value in spelled:
            written.append({"field_id": number, "value": spelled[value]})
    return written


# --- what can be held ---------------------------------------------------------------------


def nearest_phase(phase: Phase, profile: Profile) -> Phase:
    """The phase that is read back after ``phase`` was written.

    Where there is no word for it, an open issue is what every open issue is; one that is blocked
    was at least begun.
    """
    words = profile.phase
    spelled = words.board.options if words.board else words.labels
    if phase in {Phase.COMPLETED, words.open} or phase in spelled:
        return phase
    begun = phase is Phase.BLOCKED and Phase.DOING in spelled
    return Phase.DOING if begun else words.open


def held(value: Any, words: PriorityWords | SeverityWords | CategoryWords) -> Any:  # noqa: ANN401  any level
    """A level or category, or UNSET where the profile has no word for it."""
    if value is None or isinstance(value, Unset):
        return value
    spelled = {*words.labels, *getattr(words, "values", {}), *getattr(words, "types", {})}
    return value if value in spelled or getattr(words, "title", False) else UNSET
