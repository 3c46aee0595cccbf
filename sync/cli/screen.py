"""What a person or a program sees: data on standard output alone, all else on standard error.

Text from trackers and documents may hold terminal escapes; none reaches a terminal.
"""

import json
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TaskID, TextColumn
from rich.progress import Progress as Bars
from rich.table import Table
from rich.text import Text

from mappings.problem import Problem
from sync.effect.pair import Progress
from sync.logs import Redactor

#: Control characters (C0 but tab and newline, DEL, C1) and those that turn the writing direction.
_UNPRINTABLE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
#: Width of tables that go into a file or a pipe.
_WIDE: Final = 200


def printable(text: str) -> str:
    """The text with everything that could steer a terminal made visible and harmless."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def ago(then: datetime | None, now: datetime) -> str:
    """How long since ``then``, in words of one unit; "never" for None."""
    if then is None:
        return "never"
    past = now - then
    return f"{_unit(past)} ago" if past >= timedelta(0) else f"in {_unit(-past)}"


def _unit(span: timedelta) -> str:
    for unit, seconds in (("d", 86400), ("h", 3600), ("min", 60)):
        if span.total_seconds() >= 2 * seconds:
            return f"{span.total_seconds() / seconds:.0f} {unit}"
    return f"{span.total_seconds():.0f} s"


def moment(at: datetime | None) -> str | None:
    """A time as JSON has it here: UTC, whole seconds, ISO 8601."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def problem_json(problem: Problem) -> dict[str, str]:
    """A problem as JSON."""
    return {
        "code": problem.code,
        "place": problem.place,
        "message": problem.message,
        "remedy": problem.remedy,
    }


@dataclass(frozen=True)
class Screen:
    """Both streams of one command."""

    out: Console = field(default_factory=lambda: _console(stderr=False))
    err: Console = field(default_factory=lambda: _console(stderr=True))
    redactor: Redactor = field(default_factory=Redactor)

    def line(self, text: str = "", style: str = "") -> None:
        """One line of the answer."""
        self.out.print(Text(printable(text), style=style), soft_wrap=True)

    def note(self, text: str, style: str = "dim") -> None:
        """One line beside the answer."""
        self.err.print(Text(printable(text), style=style), soft_wrap=True)

    def problem(self, problem: Problem) -> None:
        """What is wrong, on one line of standard error."""
        said = self.redactor.clean(printable(str(problem).removeprefix(problem.code)))
        text = Text(problem.code, style="bold red")
        text.append(said, style="default")
        self.err.print(text, soft_wrap=True)

    def data(self, value: Any) -> None:  # noqa: ANN401  JSON is what it is
        """The answer as JSON, alone on standard output."""
        self.out.file.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """The answer as a table; nothing is cut off."""
        table = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*(Text(printable(cell)) for cell in row))
        self.out.print(table)

    @contextmanager
    def progress(self, name: str) -> Iterator[Progress]:
        """Bars on a terminal, a line for each finished stage elsewhere; on standard error."""
        if self.err.is_terminal:
            columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn())
            with Bars(*columns, MofNCompleteColumn(), console=self.err, transient=True) as bars:
                yield _Bars(bars, name)
        else:
            lines = _Lines(self, name)
            yield lines
            lines.finish()


class _Bars:
    """One bar for each stage."""

    def __init__(self, bars: Bars, name: str) -> None:
        self._bars, self._name = bars, name
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, stage: str, done: int, total: int | None, what: str) -> None:
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(stage, total=total)
        words = printable(f"{self._name}: {stage} {what}")
        self._bars.update(self._tasks[stage], completed=done, total=total, description=words)


class _Lines:
    """One line for each stage, once it is over."""

    def __init__(self, screen: Screen, name: str) -> None:
        self._screen, self._name = screen, name
        self._stage, self._done = "", 0

    def __call__(self, stage: str, done: int, _total: int | None, _what: str) -> None:
        if stage != self._stage:
            self.finish()
        self._stage, self._done = stage, done

    def finish(self) -> None:
        if self._stage and self._done:
            self._screen.note(f"{self._name}: {self._stage} {self._done}")


def _console(*, stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else _WIDE
    return Console(stderr=stderr, width=width, highlight=False, markup=False, emoji=False)
