"""Lengths of time as settings write them."""

import re
from datetime import timedelta
from typing import Annotated, Final

from pydantic import BeforeValidator

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION: Final = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([smhd])\s*")


def parse_duration(value: object) -> timedelta:
    """``"90s"``, ``"5m"``, ``"2h"``, ``"1d"``, or a plain number of seconds.

    Raises ValueError for anything else, and for what is not longer than nothing.
    """
    if isinstance(value, timedelta):
        return value
    seconds = None
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = float(value)
    elif isinstance(value, str):
        match = _DURATION.fullmatch(value)
        seconds = float(match[1]) * _UNITS[match[2]] if match else None
    if seconds is None or seconds <= 0:
        msg = 'a length of time is written like "90s", "5m", "2h" or "1d"'
        raise ValueError(msg)
    return timedelta(seconds=seconds)


def write_duration(span: timedelta) -> str:
    """The shortest way to write it: ``"48h"``, ``"7d"``; from three days on in days."""
    seconds = int(span.total_seconds())
    for unit, size, least in (("d", 86400, 3), ("h", 3600, 1), ("m", 60, 1)):
        if seconds >= least * size and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
