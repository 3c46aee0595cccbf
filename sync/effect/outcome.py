"""How operations end, and what one that fails means for those that follow on its side."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from adapters.errors import AdapterError, AuthFailed, RateLimited, Transient
from mappings.item import Ref
from mappings.problem import Problem
from mappings.vocabulary import Side
from sync.decide.plan import Operation

#: So many passing faults in a row on one side, and the rest of its operations wait a cycle.
TRANSIENTS_IN_A_ROW: Final = 3
STOPPED: Final = Problem("E411", "stopped before this was begun; the next run does it.")


class Result(StrEnum):
    """How one operation ended."""

    DONE = "done"
    FAILED = "failed"  # nothing was changed
    UNKNOWN = "unknown"  # nobody can say yet
    SKIPPED = "skipped"  # not tried


@dataclass(frozen=True, slots=True)
class Outcome:
    """One operation and how it ended. ``ref`` names what was made or changed."""

    operation: Operation
    result: Result
    problem: Problem | None = None
    ref: Ref | None = None


@dataclass(slots=True)
class Sides:
    """Sides that take no more writes in this cycle, and why."""

    stopped: dict[Side, Problem] = field(default_factory=dict)
    transients: dict[Side, int] = field(default_factory=lambda: dict.fromkeys(Side, 0))

    def failed(self, side: Side, error: AdapterError) -> None:
        """Whether one failure is one item's, or the whole side's."""
        if isinstance(error, RateLimited | AuthFailed):
            self.stopped[side] = error.problem
        elif isinstance(error, Transient):
            self.transients[side] += 1
            if self.transients[side] >= TRANSIENTS_IN_A_ROW:
                self.stopped[side] = error.problem


def bug_of(error: Exception) -> Problem:
    """What is said of an adapter that raised what it must not."""
    return Problem("E412", f"the adapter failed ({type(error).__name__}); a bug.")
