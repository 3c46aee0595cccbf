"""How a Jira issue says kind, levels, category, phase and resolution, and how to say them. Pure.

The priority is a field with the values of a scheme, the phase a status, the category an issue type
or a label, the severity a label or a field. Labels and titles are read as elsewhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from mappings.github_words import Carried, Meaning, labels_for, meaning
from mappings.item import Draft, Fields
from mappings.jira_workflow import Need, Status, phase_of
from mappings.problem import Problem
from mappings.profile import PriorityWords, Profile, SeverityWords
from mappings.titles import Title
from mappings.vocabulary import (
    Category,
    Kind,
    Phase,
    Priority,
    Resolution,
    Severity,
    parse_resolution,
)

#: The key of our entity property, and the label that goes with it.
PROPERTY: Final = "followthrough"
LABEL: Final = "followthrough"
#: What most sites call work that is nothing special.
PLAIN_TYPE: Final = "Task"
#: Keys of a profile's options that settle a field: ``"field:Environment" = "Production"``.
SETTLES: Final = "field:"
_PRIORITY: Final = 1
_SEVERITY: Final = 2
# Resolutions that Jira Service Management and the default scheme have besides the plain ones.
_NOT_DONE: Final = frozenset(
    {"cannot reproduce", "incomplete", "known error", "abandoned", "rejected", "withdrawn"}
)


@dataclass(frozen=True, slots=True)
class Site:
    """What must be known of a site to speak to it. ``cloud``: people go by account id, not name.
    ``severity`` and ``epic`` are the ids of the fields that hold them, "" where there is none.
    """

    profile: Profile
    cloud: bool = True
    severity: str = ""
    epic: str = ""
    settled: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def person(self, user: Mapping[str, Any]) -> str:
        """What names a person here: an account id, or a name."""
        return str(user.get("accountId" if self.cloud else "name") or "")

    def people(self, login: str) -> dict[str, str]:
        """A person as a field takes them."""
        return {"accountId" if self.cloud else "name": login}


def settled(profile: Profile) -> dict[str, str]:
    """Fields that the profile gives a value, by id or name in lower case."""
    return {
        key.removeprefix(SETTLES).strip().lower(): value
        for key, value in profile.options.items()
        if key.startswith(SETTLES)
    }


@dataclass(frozen=True, slots=True)
class Spoken:
    """What an issue's carriers hold, as written."""

    labels: tuple[str, ...]
    title: Title
    type: str
    priority: str
    severity: str


def what_is_said(spoken: Spoken, profile: Profile) -> Meaning:
    """Kind, levels and category that labels, title, type and fields say together."""
    native = (
        (_PRIORITY, _word(spoken.priority, profile.priority)),
        (_SEVERITY, _word(spoken.severity, profile.severity)),
    )
    names = {_PRIORITY: profile.priority.field, _SEVERITY: profile.severity.field}
    known = {number: name for number, name in names.items() if name}
    carried = Carried(
        spoken.labels, spoken.title, spoken.type, tuple(one for one in native if one[1])
    )
    return meaning(carried, profile, known)


def _word(said: str, words: PriorityWords | SeverityWords) -> str:
    """A field's value; one that is read alone ("Lowest" for P3) as the one that is written."""
    for level, others in words.also.items():
        if said.lower() in {one.lower() for one in others}:
            values: Mapping[Any, str] = words.values
            return str(values.get(level, level))
    return said


# --- status and resolution ----------------------------------------------------------------


def phase_said(status: Status, profile: Profile) -> tuple[Phase | None, bool]:
    """The phase of a status, by id, name or category; and whether the profile names it."""
    named = profile.phase_of_status(status.id) or profile.phase_of_status(status.name)
    return phase_of(status, named, profile.phase.open), named is not None


def unnamed_status(status: Status, phase: Phase | None, place: str) -> Problem:
    """What is said of a status that no profile names (E129)."""
    taken = f"taken for {phase} by its category" if phase else "no phase is known"
    remedy = "Name it under [phase.statuses] of the profile."
    return Problem("E129", f'status "{status.name}" is not named; {taken}.', place, remedy)


def resolution_said(resolution: str, status: Status, profile: Profile) -> Resolution:
    """Why an issue ended: its resolution, else the status that stands for one, else done."""
    spelled = {text.lower(): why for why, text in profile.resolution.values.items()}
    for word in (status.name, resolution):
        if word.lower() in spelled and (word is not status.name or not resolution):
            return spelled[word.lower()]
    if resolution.lower() in spelled:
        return spelled[resolution.lower()]
    if resolution.lower() in _NOT_DONE:
        return Resolution.NOT_PLANNED
    return parse_resolution(resolution) or Resolution.DONE


def goals(
    phase: Phase, why: Resolution | None, statuses: Mapping[str, Status], profile: Profile
) -> frozenset[str]:
    """Ids of the statuses that are the phase; where a status stands for a resolution, only that
    of ``why``.
    """
    there = {one.id: one for one in statuses.values() if phase_said(one, profile)[0] is phase}
    named = {one for one in there if phase_said(there[one], profile)[1]}
    there = {key: one for key, one in there.items() if key in named} if named else there
    if phase is not Phase.COMPLETED:
        return frozenset(there)
    spelled = {text.lower(): reason for reason, text in profile.resolution.values.items()}
    wanted = why or Resolution.DONE
    exact = {key for key, one in there.items() if spelled.get(one.name.lower()) is wanted}
    other = {key for key, one in there.items() if one.name.lower() in spelled} - exact
    return frozenset(exact or set(there) - other or there)


def passed(here: Phase, end: Phase) -> tuple[Phase, ...]:
    """Phases that a workflow may lead through: those in between, and whoever reopens may have to
    begin anywhere.
    """
    order = [one for one in Phase if one is not Phase.COMPLETED]
    if here is Phase.COMPLETED:
        return tuple(one for one in order if one is not end)
    low, high = sorted(list(Phase).index(one) for one in (here, end))
    return tuple(list(Phase)[low + 1 : high])


def nearest_phase(phase: Phase, profile: Profile) -> Phase:
    """The phase that is read back after ``phase`` was written."""
    spelled = {*profile.phase.statuses, profile.phase.open, Phase.COMPLETED}
    if phase in spelled:
        return phase
    begun = phase is Phase.BLOCKED and Phase.DOING in spelled
    return Phase.DOING if begun else profile.phase.open


# --- types and labels ---------------------------------------------------------------------


def special_types(profile: Profile) -> frozenset[str]:
    """Issue types, in lower case, that make an issue what it is; no category changes them."""
    kinds = (words.types for kind, words in profile.kinds.items() if kind is not Kind.TASK)
    return frozenset(name.lower() for types in kinds for name in types)


def plain_type(profile: Profile) -> str:
    """The issue type of work that is nothing special."""
    task = profile.kinds.get(Kind.TASK)
    return task.types[0] if task and task.types else PLAIN_TYPE


def type_of(draft: Draft, profile: Profile) -> str:
    """The issue type of a new issue."""
    words = profile.kinds.get(draft.kind)
    if draft.kind is not Kind.TASK and words and words.types:
        return words.types[0]
    if isinstance(draft.category, Category) and draft.category in profile.category.types:
        return profile.category.types[draft.category]
    return plain_type(profile)


def type_after(before: str, fields: Fields, profile: Profile) -> str:
    """The issue type after a change of category; one that says a kind stays."""
    types = profile.category.types
    if isinstance(fields.category, Category | None) and before.lower() not in special_types(
        profile
    ):
        if fields.category in types:
            return types[fields.category]
        if profile.category_of_type(before) is not None:
            return plain_type(profile)
    return before


def labels_after(before: tuple[str, ...], fields: Fields, kind: str, profile: Profile) -> list[str]:
    """All labels after the change. ``kind`` is the issue type after it: a category that it says
    needs no label.
    """
    labels = labels_for(before, fields, profile)
    by_type = profile.category_of_type(kind)
    if isinstance(fields.category, Category) and by_type is fields.category:
        own = profile.category.labels.get(fields.category, "").lower()
        labels = [one for one in labels if one.lower() != own]
    return labels


# --- values -------------------------------------------------------------------------------


def priority_value(priority: Priority | None, profile: Profile) -> dict[str, str] | None:
    """A priority as its field takes it; numbers are ids."""
    if priority is None:
        return None
    return named(profile.priority.values.get(priority, str(priority)))


def severity_value(severity: Severity | None, profile: Profile) -> dict[str, str] | None:
    """A severity as a field with options takes it."""
    if severity is None:
        return None
    return {"value": profile.severity.values.get(severity, str(severity))}


def resolution_name(why: Resolution | None, profile: Profile) -> str:
    """A resolution as the site calls it."""
    reason = why or Resolution.DONE
    plain = {
        Resolution.DONE: "Done",
        Resolution.NOT_PLANNED: "Won't Do",
        Resolution.DUPLICATE: "Duplicate",
    }
    return profile.resolution.values.get(reason, plain[reason])


def resolution_among(need: Need, why: Resolution | None, profile: Profile) -> str:
    """A resolution as a screen calls it: where the profile's word is a status, or the scheme has
    another word, the first of its values that means the same.
    """
    wanted = resolution_name(why, profile)
    names = [str(one.get("name") or "") for one in need.allowed]
    if not names or wanted.lower() in {one.lower() for one in names}:
        return wanted
    reason = why or Resolution.DONE
    return next((name for name in names if parse_resolution(name) is reason), wanted)


def named(text: str) -> dict[str, str]:
    """A value by its id, if it is a number, else by its name."""
    return {"id": text} if text.isdecimal() else {"name": text}
