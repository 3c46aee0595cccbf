"""Field values as people read them, and as JSON has them."""

import difflib
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from mappings.item import UNSET, Ref, Unset, Value
from mappings.vocabulary import Side

#: Changed lines of a text that a plan shows before it says how many more there are.
LINES_SHOWN: Final = 12

#: What each side is called, wherever a person reads it.
PLACE: Final = {Side.LEFT: "documents", Side.RIGHT: "tracker"}


def shown(value: Value | Unset) -> str:
    """One value on one line; a text by its length."""
    if value is UNSET:
        return "not said"
    if value is None or value == "":
        return "none"
    if isinstance(value, tuple):
        return ", ".join(value) or "nobody"
    if isinstance(value, Ref):
        return value.key or value.id
    if isinstance(value, str) and "\n" in value:
        return f"{len(value.splitlines())} lines"
    return value.isoformat() if isinstance(value, date) else str(value)


def as_json(value: Value | Unset) -> Any:  # noqa: ANN401  JSON is what it is
    """One value as JSON; "not said" is null here, and so is "none"."""
    if value is UNSET or value is None:
        return None
    if isinstance(value, Ref):
        return {"id": value.id, "key": value.key}
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def changed_lines(before: Value | Unset, after: Value) -> Iterator[str]:
    """The lines of a text that go ("-") and come ("+"), the first few of them."""
    old = before.splitlines() if isinstance(before, str) else []
    new = after.splitlines() if isinstance(after, str) else []
    lines = [line for line in difflib.unified_diff(old, new, n=0, lineterm="") if _is_change(line)]
    yield from lines[:LINES_SHOWN]
    if len(lines) > LINES_SHOWN:
        yield f"… and {len(lines) - LINES_SHOWN} more changed lines"


def is_text(value: Value | Unset) -> bool:
    """Whether a value is shown line by line."""
    return isinstance(value, str) and "\n" in value


def _is_change(line: str) -> bool:
    return line[:1] in {"+", "-"} and not line.startswith(("+++", "---"))
