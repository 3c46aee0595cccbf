"""A vocabulary in the words that a tracker already uses, for whoever begins. Pure.

A shipped profile is taken as it is, and where the project has labels or statuses that plainly mean
the same, theirs are written and read instead. What is not plain is left as it was.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from mappings.profile import Profile
from mappings.vocabulary import (
    Field,
    Phase,
    Resolution,
    parse_category,
    parse_phase,
    parse_priority,
    parse_resolution,
    parse_severity,
)

#: How labels that mean one family are introduced, besides by nothing: "status::doing".
_INTRODUCED: Final[dict[Field, frozenset[str]]] = {
    Field.PRIORITY: frozenset({"priority", "prio"}),
    Field.SEVERITY: frozenset({"severity", "sev"}),
    Field.CATEGORY: frozenset({"type", "kind", "category"}),
    Field.PHASE: frozenset({"phase", "status", "state", "workflow", "stage"}),
    Field.RESOLUTION: frozenset({"resolution", "closed", "reason"}),
}
_PARSERS: Final[dict[Field, Callable[[str], Any]]] = {
    Field.PRIORITY: parse_priority,
    Field.SEVERITY: parse_severity,
    Field.CATEGORY: parse_category,
    Field.PHASE: parse_phase,
    Field.RESOLUTION: parse_resolution,
}
_PARTS: Final = re.compile(r"(?P<scope>[^:/]+?)\s*(?:::|:|/)\s*(?P<value>.+)")
#: Words that say a level or a phase by themselves; "critical" alone may be anything.
_PLAIN: Final = frozenset({Field.CATEGORY, Field.PHASE})
_LEVEL: Final = re.compile(r"(?i)(?:p[0-3]|sev[-_ ]?[1-4])")
#: GitLab's categories of statuses (docs.gitlab.com, "Status"), as phases and resolutions.
_STATUS_PHASES: Final = {
    "triage": Phase.BACKLOG,
    "to_do": Phase.TODO,
    "in_progress": Phase.DOING,
    "done": Phase.COMPLETED,
}
_CANCELLED: Final = "canceled"
_ESCAPED: Final = re.compile(r'["\\\x00-\x1f\x7f]')
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")


def with_labels(profile: Profile, labels: Iterable[str]) -> Profile:
    """The profile with a project's own labels in the place of those it would have to make."""
    there = list(dict.fromkeys(labels))
    changed: dict[str, Any] = {}
    for field in _PARSERS:
        words = getattr(profile, field.value)
        found = _meant(field, there)
        if not words.labels or not found:
            continue
        changed[field.value] = _respelled(words.model_dump(), found, there)
    return Profile.model_validate(profile.model_dump() | changed)


def _meant(field: Field, labels: Iterable[str]) -> dict[Any, list[str]]:
    """Labels that plainly say something of a field, by what they say."""
    found: dict[Any, list[str]] = {}
    for label in labels:
        parts = _PARTS.fullmatch(label)
        scope, value = (parts["scope"].lower(), parts["value"]) if parts else ("", label)
        plain = not parts and (field in _PLAIN or _LEVEL.fullmatch(label))
        if plain or scope in _INTRODUCED[field]:
            meant = _PARSERS[field](value)
            if meant is not None and not (field is Field.PHASE and meant is Phase.COMPLETED):
                found.setdefault(meant, []).append(label)
    return found


def _respelled(
    words: dict[str, Any], found: Mapping[Any, list[str]], there: list[str]
) -> dict[str, Any]:
    """A family whose labels are written as they stand in the project; the others are read."""
    labels: dict[Any, str] = dict(words["labels"])
    also: dict[Any, list[str]] = {
        value: list(more) for value, more in words.get("also", {}).items()
    }
    for value, names in found.items():
        if value in labels and labels[value] not in there:
            labels[value] = names[0]
        if "also" in words:
            more = [one for one in names if one != labels.get(value)]
            also[value] = list(dict.fromkeys([*also.get(value, ()), *more]))
    taken = {name.lower() for name in labels.values()}
    if "also" in words:
        words["also"] = {
            value: kept
            for value, more in also.items()
            if (kept := [one for one in _once(more) if one.lower() not in taken])
        }
    return words | {"labels": labels}


def _once(names: Iterable[str]) -> list[str]:
    """Names without those that differ in case alone: a profile takes them for the same."""
    return list({name.lower(): name for name in names}.values())


def with_statuses(profile: Profile, statuses: Iterable[tuple[str, str]]) -> Profile:
    """The profile with the phase kept in a project's statuses: pairs of name and category.

    The name says the phase where it is a known word, else the category does. Unchanged where the
    statuses have nothing to say of "completed" and of something that is not.
    """
    phases: dict[Phase, list[str]] = {}
    reasons: dict[Resolution, str] = {}
    for name, category in statuses:
        kind = category.lower()
        why = parse_resolution(name)
        if kind == _CANCELLED and why in {Resolution.NOT_PLANNED, Resolution.DUPLICATE}:
            reasons.setdefault(why, name)
        phase = Phase.COMPLETED if kind == _CANCELLED else _STATUS_PHASES.get(kind)
        if phase not in {None, Phase.COMPLETED}:
            phase = parse_phase(name) or phase
        if phase is not None and kind != _CANCELLED:
            phases.setdefault(phase, []).append(name)
    if Phase.COMPLETED not in phases or len(phases) == 1:
        return profile
    first = next(phase for phase in Phase if phase in phases)
    changed = {
        "phase": {"statuses": phases, "open": first},
        "resolution": {"values": reasons},
    }
    return Profile.model_validate(profile.model_dump() | changed)


# --- as a file ----------------------------------------------------------------------------

_HEAD: Final = """\
# A vocabulary for {name}, in the words that were found there. Change what differs; the shipped
# profiles explain every key. A key that is left out means "not written and not read".
"""


def as_toml(profile: Profile, name: str) -> str:
    """A profile as a file that can be loaded again. ``name`` says whose words it holds."""
    values = profile.model_dump(mode="json", exclude_defaults=True)
    scalars = {key: value for key, value in values.items() if isinstance(value, str)}
    parts = [_HEAD.format(name=name), _pairs(scalars)]
    for key, value in values.items():
        if key in scalars:
            continue
        if key == "kinds":
            parts += [f"[kinds.{kind}]\n{_pairs(words)}" for kind, words in value.items()]
        else:
            parts.append(f"[{key}]\n{_pairs(value)}")
    return "\n".join(part for part in parts if part)


def _pairs(values: Mapping[str, Any]) -> str:
    return "".join(f"{_key(key)} = {_value(value)}\n" for key, value in values.items())


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _text(key)


def _value(value: Any) -> str:  # noqa: ANN401  what a profile is made of
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return _text(value) if isinstance(value, str) else str(value)


def _text(text: str) -> str:
    """A basic string (toml.io, v1.0.0, "String"): quotes, backslashes and controls are escaped."""
    return '"' + _ESCAPED.sub(_escape, text) + '"'


def _escape(match: re.Match[str]) -> str:
    return f"{chr(92)}u{ord(match[0]):04x}"
