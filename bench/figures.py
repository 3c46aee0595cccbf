"""One measured figure beside its bar."""

import re
import resource
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """``value`` should be at most ``bar``, both in ``unit``; ``topic`` is the table it is in."""

    topic: str
    what: str
    value: float
    bar: float
    unit: str

    @property
    def met(self) -> bool:
        return self.value <= self.bar

    def line(self) -> str:
        mark = "ok  " if self.met else "MISS"
        return f"{mark} {self.topic}: {self.what}: {self.value:.4g} {self.unit} (bar {self.bar:g})"


def tables(figures: Iterable[Figure], notes: Mapping[str, str]) -> str:
    """One table for each topic, in the order in which topics are met, below what is to be said."""
    topics: dict[str, list[Figure]] = {}
    for figure in figures:
        topics.setdefault(figure.topic, []).append(figure)
    parts = []
    for topic, rows in topics.items():
        lines = ["| what | measured | at most | reached |", "|---|--:|--:|---|"]
        lines += [
            f"| {one.what} | {_measured(one)} | {one.bar:,g} | {_reached(one)} |" for one in rows
        ]
        note = f"{notes[topic]}\n" if topic in notes else ""
        parts.append(f"## {topic}\n\n{note}" + "\n".join(lines) + "\n")
    return "\n".join(parts)


def _measured(figure: Figure) -> str:
    if figure.unit != "requests":
        return f"{figure.value:.3g} {figure.unit}"
    return f"{figure.value:,} request{'s' * (figure.value != 1)}"


def _reached(figure: Figure) -> str:
    return "yes" if figure.met else "**no**"


class Spent:
    """Seconds of processor time, filled in when the block ends."""

    seconds = 0.0


@contextmanager
def processor_time() -> Iterator[Spent]:
    """This thread's processor time: a server in another thread does not count."""
    spent = Spent()
    start = time.thread_time()
    yield spent
    spent.seconds = time.thread_time() - start


def resident_mib() -> float:
    """The most memory this process ever held.

    Linux counts in ``ru_maxrss`` what the parent held when it started this process (the memory
    that exec replaced), so the program's own high-water mark is asked for where there is one.
    """
    status = Path("/proc/self/status")
    if status.exists():
        own = re.search(r"^VmHWM:\s+(\d+) kB$", status.read_text(), re.MULTILINE)
        if own:
            return int(own[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
