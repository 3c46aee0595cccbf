"""Bars, marks and words of the page's charts, in units of their own drawings; no markup."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from sync.report.data import Month, Week
from sync.report.words import day, many, share, span

# The drawing is narrow, so that its letters are as large as the text beside it on a phone.
WIDTH: Final = 340
HEIGHT: Final = 150
_LEFT: Final = 44
_TOP: Final = 16
_BOTTOM: Final = 20
_MOST_MARKS: Final = 4
_MOST_LABELS: Final = 6
#: Half as wide as a label may be: the last one ends with the drawing.
_HALF_LABEL: Final = 24
#: The part of its place that a bar takes.
_FULL: Final = 0.72
_STEPS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_TIME_STEPS: Final = (
    *(number * _MINUTE for number in (1, 2, 5, 10, 15, 30)),
    *(number * _HOUR for number in (1, 2, 4, 6, 12)),
    *(number * _DAY for number in (1, 2, 5, 10, 20, 50, 100, 200)),
)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its place, its ``kind`` (a class of the style sheet) and what it tells."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    says: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A word at a place."""

    at: float
    word: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing. ``lines`` are heights with their words, ``labels`` stand under the bars,
    ``values`` above them; ``says`` is all of it in one sentence.
    """

    says: str
    bars: tuple[Bar, ...]
    lines: tuple[Mark, ...]
    labels: tuple[Mark, ...]
    values: tuple[tuple[float, float, str], ...] = ()
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    floor: int = HEIGHT - _BOTTOM


def by_week(weeks: Sequence[Week]) -> Chart:
    """What was completed each week: incidents below, planned work on top."""
    grid = _Grid(len(weeks), max((one.incidents + one.planned for one in weeks), default=0), _STEPS)
    bars: list[Bar] = []
    for place, one in enumerate(weeks):
        told = (
            f"week of {one.start}: {many(one.incidents, 'incident')}, {one.planned} planned "
            f"({share(one.share)})"
        )
        parts = (one.incidents, "interrupt"), (one.planned, "planned")
        bars += grid.stack(place, *parts, told=told)
    incidents, planned = sum(one.incidents for one in weeks), sum(one.planned for one in weeks)
    return Chart(
        says=f"Completed by week: {many(incidents, 'incident')} and {planned} planned in all.",
        bars=tuple(bars),
        lines=tuple(Mark(grid.height(mark), str(mark)) for mark in grid.marks),
        labels=grid.labels([day(one.start)[5:] for one in weeks]),
    )


def by_month(months: Sequence[Month], name: str) -> Chart:
    """The median of one of the times, month by month."""
    spans = [one.measures[name].median for one in months]
    seconds = [one.total_seconds() if one is not None else 0 for one in spans]
    grid = _Grid(len(months), max(seconds, default=0), _TIME_STEPS)
    bars: list[Bar] = []
    values: list[tuple[float, float, str]] = []
    for place, (one, length, size) in enumerate(zip(months, spans, seconds, strict=True)):
        if length is not None:
            bars += grid.stack(place, (size, "median"), told=f"{one.start:%Y-%m}: {span(length)}")
            values.append((grid.middle(place), grid.height(size) - 4, span(length)))
    known = [
        f"{one.start:%Y-%m} {span(length)}"
        for one, length in zip(months, spans, strict=True)
        if length is not None
    ]
    return Chart(
        says=f"Median time to {name} by month: {', '.join(known) or 'nothing to measure'}.",
        bars=tuple(bars),
        lines=tuple(Mark(grid.height(mark), _in_one_unit(mark)) for mark in grid.marks),
        labels=grid.labels([f"{one.start:%Y-%m}" for one in months]),
        values=tuple(values) if len(months) <= _MOST_LABELS else (),
    )


def _in_one_unit(seconds: int) -> str:
    """A round length of time, short enough to stand beside a line: "36 h", never "1 d 12 h"."""
    for unit, size in (("d", _DAY), ("h", _HOUR)):
        if seconds and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds // _MINUTE} min" if seconds else "0"


class _Grid:
    """Where things are drawn: so many places side by side, so much at most, in round steps."""

    def __init__(self, places: int, most: float, steps: Sequence[int]) -> None:
        self._places = max(places, 1)
        fitting = (step for step in steps if most <= step * _MOST_MARKS)
        step = next(fitting, steps[-1] * ceil(most / (steps[-1] * _MOST_MARKS) or 1))
        self.marks = [step * number for number in range(max(ceil(most / step), 1) + 1)]
        self._each = (WIDTH - _LEFT) / self._places

    def height(self, value: float) -> float:
        """Where ``value`` is, counted from the top."""
        room = HEIGHT - _TOP - _BOTTOM
        return round(HEIGHT - _BOTTOM - room * value / self.marks[-1], 1)

    def middle(self, place: int) -> float:
        """The middle of a place."""
        return round(_LEFT + self._each * (place + 0.5), 1)

    def stack(self, place: int, *parts: tuple[float, str], told: str) -> list[Bar]:
        """Bars on top of each other, the first lowest; what is nothing is not drawn."""
        found = []
        below = 0.0
        width = min(self._each * _FULL, 48)
        for size, kind in parts:
            if size:
                top, floor = self.height(below + size), self.height(below)
                left = round(self.middle(place) - width / 2, 1)
                found.append(Bar(left, top, round(width, 1), round(floor - top, 1), kind, told))
            below += size
        return found

    def labels(self, words: Sequence[str]) -> tuple[Mark, ...]:
        """The words under the places, as many as there is room for, the last one among them."""
        every = ceil(len(words) / _MOST_LABELS) or 1
        last = len(words) - 1
        found: list[Mark] = []
        for place in range(last, -1, -every):
            at = min(self.middle(place), WIDTH - _HALF_LABEL)
            if not found or found[-1].at - at >= 2 * _HALF_LABEL:
                found.append(Mark(at, words[place]))
        return tuple(reversed(found))
