"""One measured figure beside its bar."""

import resource
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """``value`` should be at most ``bar``; both in ``unit``."""

    what: str
    value: float
    bar: float
    unit: str

    @property
    def met(self) -> bool:
        return self.value <= self.bar

    def line(self) -> str:
        mark = "ok  " if self.met else "MISS"
        return f"{mark} {self.what}: {self.value:.4g} {self.unit} (at most {self.bar:g})"


def table(figures: Iterable[Figure]) -> str:
    rows = ["| what | measured | at most |", "|---|--:|--:|"]
    rows += [f"| {one.what} | {one.value:.4g} {one.unit} | {one.bar:g} |" for one in figures]
    return "\n".join(rows) + "\n"


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
    """The most memory this process ever held."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024
