"""Lengths of time, days and shares as a report writes them for people."""

from datetime import date, datetime, timedelta
from typing import Final

#: What stands where nothing is known, or nothing is to be said.
NOTHING: Final = "\N{EN DASH}"
_UNITS: Final = (("d", 86400), ("h", 3600), ("min", 60))


def span(length: timedelta | None) -> str:
    """The two largest units of it: "3 d 4 h", "25 min"; from ten days on days alone."""
    if length is None:
        return NOTHING
    left = int(length.total_seconds())
    parts: list[tuple[int, str]] = []
    for unit, size in _UNITS:
        number, left = divmod(left, size)
        if number or parts:
            parts.append((number, unit))
    if not parts:
        return f"{left} s"
    shown = parts[:1] if parts[0][1] == "d" and parts[0][0] >= 10 else parts[:2]  # noqa: PLR2004  days
    return " ".join(f"{number} {unit}" for number, unit in shown if number)


def day(moment: date | None) -> str:
    """The day of a date or a time (UTC)."""
    if moment is None:
        return NOTHING
    return (moment.date() if isinstance(moment, datetime) else moment).isoformat()


def share(part: float | None) -> str:
    """In percent."""
    return NOTHING if part is None else f"{part:.0%}"


def many(number: int, one: str, more: str = "") -> str:
    """The number with its word: "1 incident", "2 incidents"."""
    return f"{number} {one if number == 1 else more or one + 's'}"
