"""A clock that tests can hold still and everybody can move forward."""

from datetime import UTC, datetime, timedelta
from typing import Final

from adapters.seams import Clock, SystemClock

#: Where a still clock begins unless told otherwise.
START: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class StillClock:
    """Time that stands until somebody sleeps. Times are UTC."""

    def __init__(self, start: datetime = START) -> None:
        self._at = start

    def now(self) -> datetime:
        """The moment it stands at."""
        return self._at

    def monotonic(self) -> float:
        """The same moment in seconds."""
        return self._at.timestamp()

    def sleep(self, seconds: float) -> None:
        """Move on by ``seconds`` without waiting."""
        self._at += timedelta(seconds=seconds)


class SandboxClock:
    """Any clock, and how far it was moved forward. ``now`` is UTC."""

    def __init__(self, base: Clock | None = None) -> None:
        self._base = base or SystemClock()
        self._ahead = timedelta(0)

    def now(self) -> datetime:
        """The base clock's time plus everything it was moved by."""
        return self._base.now() + self._ahead

    def monotonic(self) -> float:
        """Seconds that only grow."""
        return self._base.monotonic() + self._ahead.total_seconds()

    def sleep(self, seconds: float) -> None:
        """Sleep as the base clock does."""
        self._base.sleep(seconds)

    def advance(self, seconds: float) -> None:
        """Let ``seconds`` pass at once. Raises ValueError for a step back."""
        if seconds < 0:
            raise ValueError("time in a sandbox only moves forward")
        self._ahead += timedelta(seconds=seconds)
