"""Time and chance as seams: passed in, never patched."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Protocol


class Clock(Protocol):
    """Now (UTC), a monotonic reading in seconds, and a sleep that may be cut short."""

    def now(self) -> datetime: ...
    def monotonic(self) -> float: ...
    def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


@dataclass(frozen=True, slots=True)
class Seams:
    """What a connection is given of the world besides its settings."""

    clock: Clock = field(default_factory=SystemClock)
    random: Random = field(default_factory=Random)
