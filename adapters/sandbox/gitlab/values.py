"""Values out of a request's parameters, or GitLab's refusal of those of a wrong type. Pure.

Each function gives UNSET for a value that is not there, and raises Refused (400).
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from adapters.sandbox.core.tracker import Refused
from mappings.item import UNSET, Unset


def invalid(name: str, reason: str = "is invalid") -> Refused:
    """GitLab's refusal of one parameter."""
    return Refused(400, "", ({"error": f"{name} {reason}"},))


def text(values: Mapping[str, Any], name: str) -> str | Unset:
    """A text; null counts as empty."""
    if name not in values:
        return UNSET
    value = values[name]
    if value is None:
        return ""
    if isinstance(value, dict | list):
        raise invalid(name)
    return str(value)


def text_or_null(values: Mapping[str, Any], name: str) -> str | None | Unset:
    """A text, or null."""
    return None if name in values and values[name] is None else text(values, name)


def names(values: Mapping[str, Any], name: str) -> tuple[str, ...] | Unset:
    """A list, or a text with commas between."""
    if name not in values:
        return UNSET
    value = values[name]
    listed = value if isinstance(value, list) else str(value or "").split(",")
    if not all(isinstance(one, str) for one in listed):
        raise invalid(name)
    return tuple(dict.fromkeys(one.strip() for one in listed if one.strip()))


def numbers(values: Mapping[str, Any], name: str) -> tuple[int, ...] | Unset:
    """A list of whole numbers, one of them, or a text with commas between."""
    if name not in values:
        return UNSET
    value = values[name]
    listed = value if isinstance(value, list) else str("" if value is None else value).split(",")
    try:
        return tuple(int(one) for one in listed if str(one).strip())
    except (TypeError, ValueError):
        raise invalid(name) from None


def day(values: Mapping[str, Any], name: str) -> date | None | Unset:
    """A date; empty or null clears it. What is no date is taken for none, as GitLab does."""
    found = text(values, name)
    if found is UNSET:
        return UNSET
    try:
        return date.fromisoformat(found)
    except ValueError:
        return None


def flag(values: Mapping[str, Any], name: str) -> bool | Unset:
    """True or false, also as a text."""
    if name not in values:
        return UNSET
    value = str(values[name]).lower()
    if value not in {"true", "false", "1", "0"}:
        raise invalid(name)
    return value in {"true", "1"}


def one_of(values: Mapping[str, Any], name: str, choices: Sequence[str]) -> str | Unset:
    """One of a few words."""
    found = text(values, name)
    if found is UNSET or found in choices:
        return found
    raise invalid(name, "does not have a valid value")


def whole(values: Mapping[str, Any], name: str) -> int:
    """A whole number that must be given."""
    if values.get(name) in {None, ""}:
        raise invalid(name, "is missing")
    try:
        return int(str(values[name])[:18])
    except ValueError:
        raise invalid(name) from None


def moment(values: Mapping[str, Any], name: str) -> datetime | None:
    """A time, UTC unless it says otherwise; None where there is none."""
    value = values.get(name)
    if not value:
        return None
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        raise invalid(name) from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
