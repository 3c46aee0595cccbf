"""Values out of a request's JSON, or GitHub's refusal of those of a wrong type. Pure.

Each function gives UNSET for a value that is not there, and raises Refused (422).
"""

from collections.abc import Mapping
from typing import Any, Final

from adapters.sandbox.core.tracker import Refused
from mappings.item import UNSET, Unset

#: Numbers above this are no numbers of GitHub's.
_MOST: Final = 2**53


def unreadable(name: str, value: object) -> Refused:
    """GitHub's refusal of a value of the wrong type."""
    kind = type(value).__name__
    return Refused(
        422, f"Invalid request.\n\nFor 'properties/{name}', {kind} is not what is expected."
    )


def text(values: Mapping[str, Any], name: str) -> str | Unset:
    """A text; null counts as not given, a number as its digits."""
    value = values.get(name)
    if value is None:
        return UNSET
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise unreadable(name, value)
    return value


def given(values: Mapping[str, Any], name: str) -> str | None:
    """A text as :func:`text` reads it, None where there is none."""
    found = text(values, name)
    return None if found is UNSET else found


def text_or_null(values: Mapping[str, Any], name: str) -> str | None | Unset:
    """A text, or null to clear it."""
    value: object = values.get(name, UNSET)
    if value is UNSET or value is None or isinstance(value, str):
        return value
    raise unreadable(name, value)


def one_of(
    values: Mapping[str, Any], name: str, choices: tuple[str | None, ...]
) -> str | None | Unset:
    """One of a few words."""
    value: object = values.get(name, UNSET)
    if value is UNSET:
        return UNSET
    for choice in choices:
        if value == choice:
            return choice
    raise unreadable(name, value)


def names(values: Mapping[str, Any], name: str, key: str) -> tuple[str, ...] | Unset:
    """A list of texts, or of objects with one under ``key``; null counts as not given."""
    value = values.get(name)
    if value is None:
        return UNSET
    return plain_names(value, name, key)


def plain_names(value: object, name: str, key: str) -> tuple[str, ...]:
    """The list itself, as :func:`names` reads it."""
    if not isinstance(value, list):
        raise unreadable(name, value)
    found = [one.get(key) if isinstance(one, dict) else one for one in value]
    kept = tuple(one for one in found if isinstance(one, str))
    if len(kept) < len(found):
        raise unreadable(name, value)
    return kept


def number_or_null(values: Mapping[str, Any], name: str) -> int | None | Unset:
    """A whole number, also one written as text; null to clear it."""
    value: object = values.get(name, UNSET)
    if value is UNSET or value is None:
        return value
    found = whole(value)
    if found is None:
        raise unreadable(name, value)
    return found


def number(values: Mapping[str, Any], name: str) -> int:
    """A whole number that must be given."""
    found = whole(values.get(name))
    if found is None:
        raise unreadable(name, values.get(name))
    return found


def whole(value: object) -> int | None:
    """A whole number as JSON or digits give it; None for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:20])
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if abs(value) <= _MOST else None


def fields(values: Mapping[str, Any], name: str) -> tuple[tuple[int, str], ...] | Unset:
    """Pairs of a field's id and its value."""
    if name not in values:
        return UNSET
    value = values[name]
    if not isinstance(value, list):
        raise unreadable(name, value)
    pairs = [one if isinstance(one, dict) else {} for one in value]
    return tuple((number(one, "field_id"), _choice(one)) for one in pairs)


def _choice(values: Mapping[str, Any]) -> str:
    value = values.get("value")
    if not isinstance(value, str | int | float):
        raise unreadable("value", value)
    return str(value)
