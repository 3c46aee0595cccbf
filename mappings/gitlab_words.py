"""What a GitLab issue says besides its plain fields: labels, severity, status, parent. Pure.

Labels of the form ``scope::value`` are *scoped*: on the paid tiers an issue holds one of a scope,
and setting another takes the first one off; on the free tier they are ordinary labels. So the old
label of a family is always taken off by us, and a label of the same scope that the profile does
not know is never pushed off: that is refused.

GitLab has no place for "this issue belongs to that incident" that its lists show. The two are
linked as related, for people, and a comment that is not shown keeps the number for us:

    <!-- followthrough:parent:12 -->
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final, TypeAlias, TypeVar

from mappings.github_words import NO_FIELDS, Carried, Meaning, NativeFields, labels_for, meaning
from mappings.item import UNSET, Draft, Fields, Ref, Unset
from mappings.markers import find_marker
from mappings.problem import Problem
from mappings.profile import Profile
from mappings.titles import Title
from mappings.vocabulary import Field, Kind, Phase, Resolution, Severity

#: docs.gitlab.com, Issues API, ``issue_type``: the one type that has a severity.
INCIDENT: Final = "incident"
#: What the API calls a severity that nobody has set.
UNKNOWN: Final = "UNKNOWN"
#: Types that are work by themselves; others (tasks, test cases) only where a profile says so.
ORDINARY: Final = frozenset({"issue", INCIDENT})
#: An option of a profile: further types that are followed, with blanks between them.
TYPES: Final = "types"
#: Labels that stand for a field, in the order in which they are told of.
FAMILIES: Final = (
    Field.PRIORITY,
    Field.SEVERITY,
    Field.CATEGORY,
    Field.PHASE,
    Field.RESOLUTION,
)
#: Where an issue always has a status: what is written for a phase that has none, best first.
_INSTEAD: Final = {
    Phase.BACKLOG: (Phase.TODO,),
    Phase.TODO: (Phase.BACKLOG,),
    Phase.DOING: (Phase.TODO, Phase.BACKLOG),
    Phase.BLOCKED: (Phase.DOING, Phase.TODO, Phase.BACKLOG),
    Phase.COMPLETED: (),
}
_SEVERITY_FIELD: Final = 0
_SCOPE: Final = "::"
_COMMENT: Final = "<!-- followthrough:parent:"
_PARENT: Final = re.compile(
    rf"\A{_COMMENT}([0-9]{{1,19}}) -->(?:\r?\n){{0,2}}"
    rf"|(?:\r?\n){{0,2}}{_COMMENT}([0-9]{{1,19}}) -->"
)

Raw: TypeAlias = Mapping[str, Any]
_F = TypeVar("_F", bound=Fields)


# --- reading ------------------------------------------------------------------------------


def native_fields(profile: Profile) -> NativeFields:
    """The severity of incidents as the one native field, if the profile reads it."""
    return {_SEVERITY_FIELD: profile.severity.field} if profile.severity.field else NO_FIELDS


def carried(raw: Raw, title: Title) -> Carried:
    """What an issue's carriers hold."""
    severity = raw.get("severity") or UNKNOWN
    said = raw.get("issue_type") == INCIDENT and severity.upper() != UNKNOWN
    native = ((_SEVERITY_FIELD, severity),) if said else ()
    return Carried(tuple(raw["labels"]), title, raw.get("issue_type") or "", native)


def followed(raw: Raw, profile: Profile) -> bool:
    """Whether an issue is of a type that is tracked work."""
    kind = (raw.get("issue_type") or "issue").lower()
    return kind in ORDINARY or kind in profile.options.get(TYPES, "").lower().split()


def open_phase(raw: Raw, said: Meaning, profile: Profile) -> Phase:
    """The phase of an open issue: its status where the profile goes by that, else its label.

    A status that the profile does not name says nothing; nor does one that belongs to closed ones.
    """
    if not profile.phase.statuses:
        return said.phase
    phase = profile.phase_of_status(raw.get("status") or "")
    return profile.phase.open if phase in {None, Phase.COMPLETED} else phase or profile.phase.open


def resolution_of(raw: Raw, said: Meaning, profile: Profile) -> Resolution:
    """Why a closed issue was closed: by its status or its label, or as another's duplicate; done,
    where nothing is said.
    """
    status = (raw.get("status") or "").lower()
    for resolution, name in profile.resolution.values.items():
        if status and status == name.lower():
            return resolution
    otherwise = Resolution.DUPLICATE if duplicated(raw) else Resolution.DONE
    return said.resolution or otherwise


def duplicated(raw: Raw) -> bool:
    """Whether somebody closed an issue as a duplicate (the quick action does; its link stays)."""
    return bool((raw.get("_links") or {}).get("closed_as_duplicate_of"))


def read_parent(body: str) -> tuple[Ref | None, str]:
    """The parent that the comment names, and the body without it."""
    all_of_them = list(_PARENT.finditer(body)) if _COMMENT in body else []
    if not all_of_them:
        return None, body
    last = all_of_them[-1]
    return Ref(last[1] or last[2]), body[: last.start()] + body[last.end() :]


# --- writing ------------------------------------------------------------------------------


def nearest(phase: Phase, profile: Profile) -> Phase:
    """The phase that is written for ``phase`` and read back.

    Where labels have no word for it, an open issue is what every open issue is; one that is
    blocked was at least begun.
    """
    words = profile.phase
    if phase is Phase.COMPLETED:
        return phase
    if words.statuses:
        spelled = (one for one in (phase, *_INSTEAD[phase]) if words.statuses.get(one))
        return next(spelled, words.open)
    if phase is words.open or phase in words.labels:
        return phase
    begun = phase is Phase.BLOCKED and Phase.DOING in words.labels
    return Phase.DOING if begun else words.open


def write_parent(body: str, parent: Ref | None) -> str:
    """The body with the parent's comment set, changed or (None) removed; all else as it was."""
    before, rest = read_parent(body)
    if before == parent:
        return body
    if parent is None:
        return rest
    newline = "\r\n" if "\r\n" in rest else "\n"
    comment = f"{_COMMENT}{parent.id} -->"
    marker = find_marker(rest)
    at = rest.rfind(marker) if marker and rest.rstrip().endswith(marker) else len(rest)
    head = rest[:at].rstrip("\r\n")
    tail = rest[len(head) :]
    if not head:
        return comment + newline * 2 + rest if rest else comment
    return head + newline * 2 + comment + tail


def by_field(value: Severity | None, profile: Profile, *, incident: bool) -> bool:
    """Whether a severity goes to the native field: that of an incident, where there is a word."""
    words = profile.severity
    return incident and bool(words.field) and (value is None or value in words.values)


def written_severity(fields: Fields, profile: Profile, *, incident: bool) -> str:
    """The native severity to set, as GraphQL spells it; "" for none."""
    value = fields.severity
    if isinstance(value, Unset) or not by_field(value, profile, incident=incident):
        return ""
    return profile.severity.values[value].upper() if value is not None else UNKNOWN


def labels_after(
    before: Collection[str], fields: Fields, profile: Profile, *, incident: bool
) -> list[str]:
    """All labels after the change: the vocabulary's are replaced, everybody else's stay."""
    fields = _spoken(fields, profile)
    severity = fields.severity
    if not isinstance(severity, Unset) and by_field(severity, profile, incident=incident):
        family = profile.vocabulary_labels(Field.SEVERITY)
        if not any(label.lower() in family for label in before):
            fields = replace(fields, severity=UNSET)
    return labels_for(before, fields, profile)


def _spoken(fields: _F, profile: Profile) -> _F:
    """What labels have to say: a phase they have a word for, nothing of what the status says, and
    no resolution of an open issue.
    """
    if isinstance(fields.phase, Phase):
        fields = replace(fields, phase=nearest(fields.phase, profile))
        if fields.phase is not Phase.COMPLETED and isinstance(fields.resolution, Unset):
            fields = replace(fields, resolution=None)
    if profile.phase.statuses:
        by_status = set(profile.resolution.values)
        if fields.resolution in by_status:
            fields = replace(fields, resolution=None)
    return fields


def status_for(fields: Fields, profile: Profile) -> str:
    """The name of the status to set; "" where the profile does not go by statuses, or says none."""
    words, phase = profile.phase.statuses, fields.phase
    if not words:
        return ""
    why = fields.resolution if isinstance(fields.resolution, Resolution) else None
    if why in profile.resolution.values and phase in {UNSET, Phase.COMPLETED}:
        return profile.resolution.values[why]
    return (
        next(iter(words.get(nearest(phase, profile), ())), "") if isinstance(phase, Phase) else ""
    )


def type_for(draft: Draft, profile: Profile) -> str:
    """The ``issue_type`` of a new issue; "" for the ordinary one."""
    words = profile.kinds.get(draft.kind)
    kind = next(iter(words.types), "").lower() if words else ""
    return "" if kind == "issue" else kind


def writes_incidents(profile: Profile) -> bool:
    """Whether new incidents get GitLab's own type."""
    words = profile.kinds.get(Kind.INCIDENT)
    return words is not None and [name.lower() for name in words.types[:1]] == [INCIDENT]


# --- scopes -------------------------------------------------------------------------------


def scope_of(label: str) -> str:
    """What stands before the last ``::``, in lower case; "" for a label without a scope."""
    return label.rpartition(_SCOPE)[0].lower()


def clash(
    before: Iterable[str], after: Iterable[str], profile: Profile
) -> tuple[Problem, Field] | None:
    """A label of the team that setting one of ours would push off."""
    kept, stand = list(after), list(before)
    ours = {name: field for field in FAMILIES for name in profile.vocabulary_labels(field)}
    new = {scope_of(one): one for one in kept if one not in stand and scope_of(one)}
    for theirs in stand:
        pushing = new.get(scope_of(theirs))
        if pushing is None or theirs not in kept or theirs.lower() in ours:
            continue
        text = f'"{pushing}" would take "{theirs}" off: both are of the scope "{scope_of(theirs)}".'
        remedy = "Name it under `also` in the profile, or give one of them another scope."
        return Problem("E126", text, remedy=remedy), ours.get(pushing.lower(), Field.PHASE)
    return None


def shared_scopes(names: Iterable[str], profile: Profile) -> list[str]:
    """Labels of the project, and pairs within the profile, that would push each other off."""
    families: dict[str, set[object]] = {}
    for field in FAMILIES:
        for name in profile.vocabulary_labels(field):
            families.setdefault(scope_of(name), set()).add(field)
    for kind, words in profile.kinds.items():
        for name in words.labels:
            families.setdefault(scope_of(name), set()).add(kind)
    families.pop("", None)
    known = {name for field in FAMILIES for name in profile.vocabulary_labels(field)}
    known |= {name.lower() for words in profile.kinds.values() for name in words.labels}
    strangers = [name for name in names if scope_of(name) in families and name.lower() not in known]
    return strangers + [f"{scope}::*" for scope, uses in families.items() if len(uses) > 1]


def what_it_means(raw: Raw, title: Title, profile: Profile, fields: NativeFields) -> Meaning:
    """Everything that labels, title, type and severity say together.

    What somebody made an incident in GitLab's own sense is one, whatever the profile says.
    """
    said = meaning(carried(raw, title), profile, fields)
    if raw.get("issue_type") == INCIDENT and said.kind is Kind.TASK:
        said = replace(said, kind=Kind.INCIDENT)
    return said
