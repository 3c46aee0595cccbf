"""Dates as JQL writes them, in the time zone of whoever asks. Pure."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.jira.jql import Call, Clause, Value

#: Jira's own words; there is no format with seconds, which is why JQL is minute-wise.
_FORMATS: Final = (
    "'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', "
    "or a period format e.g. '-5d', '4w 2d'."
)
_ABSOLUTE: Final = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?: (\d{1,2}):(\d{1,2}))?")
_RELATIVE: Final = re.compile(r"([+-]?)((?:\d+[ywdhm]\s*)+)")
_UNITS: Final = {
    "y": timedelta(days=365),
    "w": timedelta(weeks=1),
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
}


def moment(clause: Clause, operand: Value | Call, now: datetime, zone: tzinfo) -> datetime:
    """The moment meant, UTC. Raises Refused (400)."""
    if isinstance(operand, Call):
        return _function(operand, now, zone)
    text = operand.text.strip()
    if not operand.quoted and re.fullmatch(r"-?\d+", text):
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    if found := _ABSOLUTE.fullmatch(text):
        year, month, day, hour, minute = (int(part) if part else 0 for part in found.groups())
        try:
            return datetime(year, month, day, hour, minute, tzinfo=zone).astimezone(UTC)
        except ValueError:
            raise _bad(clause, text) from None
    if found := _RELATIVE.fullmatch(text):
        return now + _span(found[2]) * (-1 if found[1] == "-" else 1)
    raise _bad(clause, text)


def relative(operand: object) -> bool:
    """Whether what an operand means depends on when it is asked."""
    if isinstance(operand, Call):
        return operand.name.lower() != "currentuser"
    return isinstance(operand, Value) and bool(_RELATIVE.fullmatch(operand.text.strip()))


def _span(text: str) -> timedelta:
    parts = re.findall(r"(\d+)([ywdhm])", text)
    return sum((int(count) * _UNITS[unit] for count, unit in parts), timedelta(0))


def _function(call: Call, now: datetime, zone: tzinfo) -> datetime:
    here = now.astimezone(zone)
    midnight = here.replace(hour=0, minute=0, second=0, microsecond=0)
    starts = {
        "now": here,
        "startofday": midnight,
        "endofday": midnight + timedelta(days=1, milliseconds=-1),
        "startofweek": midnight - timedelta(days=(midnight.weekday() + 1) % 7),
        "startofmonth": midnight.replace(day=1),
        "startofyear": midnight.replace(month=1, day=1),
    }
    if call.name.lower() not in starts:
        raise Refused(
            400, f"Unable to find JQL function '{call.name}({', '.join(call.arguments)})'."
        )
    shift = timedelta(0)
    if call.arguments and (found := _RELATIVE.fullmatch(call.arguments[0])):
        shift = _span(found[2]) * (-1 if found[1] == "-" else 1)
    return (starts[call.name.lower()] + shift).astimezone(UTC)


def _bad(clause: Clause, text: str) -> Refused:
    return Refused(
        400,
        f"Date value '{text}' for field '{clause.field}' is invalid. Valid formats include: "
        + _FORMATS,
    )
