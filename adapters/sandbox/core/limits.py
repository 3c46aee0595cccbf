"""Request budgets of two kinds: so many an hour, and not too fast. Pure."""

import math
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from adapters.seams import Clock

_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many requests a credential may make. None is "no such limit".

    ``primary`` requests in each ``window``; ``points`` (a read costs 1, a write 5) and
    ``creations`` a minute. ``retry_after``: whether the refusal says how long to wait.
    """

    primary: int | None = 5000
    window: timedelta = timedelta(hours=1)
    anonymous: int = 60
    points: int | None = None
    creations: int | None = None
    retry_after: bool = True


#: GitHub's published figures for its REST interface.
GITHUB_FIGURES: Final = Limits(primary=5000, points=900, creations=80)


@dataclass(frozen=True, slots=True)
class Standing:
    """What one credential has used of one resource. ``reset`` is UTC."""

    limit: int
    used: int
    reset: datetime

    @property
    def remaining(self) -> int:
        """Requests left until ``reset``."""
        return max(0, self.limit - self.used)

    @property
    def epoch(self) -> int:
        """``reset`` as whole seconds, rounded up so that nobody comes too early."""
        return math.ceil(self.reset.timestamp())


@dataclass(slots=True)
class _Account:
    began: datetime
    used: int = 0
    pace: deque[tuple[datetime, int, int]] = field(default_factory=deque)


class Meter:
    """Counts requests per credential and resource against :class:`Limits`."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self.limits = limits
        self._clock = clock
        self._accounts: dict[tuple[str, str], _Account] = {}

    def standing(self, who: str, resource: str = "core") -> Standing:
        """What ``who`` has left; changes nothing."""
        account = self._account(who, resource)
        limit = self.limits.primary if who else self.limits.anonymous
        return Standing(
            limit if limit is not None else 1_000_000,
            account.used,
            account.began + self.limits.window,
        )

    def spend(self, who: str, resource: str = "core") -> None:
        """One request was answered in earnest (an unchanged one costs nothing)."""
        self._account(who, resource).used += 1

    def too_fast(self, who: str, *, write: bool, creation: bool) -> int | None:
        """Seconds to wait when this request breaks the pace, else None. Counts it either way."""
        now = self._clock.now()
        pace = self._account(who, "pace").pace
        while pace and now - pace[0][0] >= _MINUTE:
            pace.popleft()
        pace.append((now, 5 if write else 1, int(creation)))
        over = _over(self.limits.points, sum(entry[1] for entry in pace)) or (
            creation and _over(self.limits.creations, sum(entry[2] for entry in pace))
        )
        if not over:
            return None
        pace.pop()
        return math.ceil((_MINUTE - (now - pace[0][0])).total_seconds()) if pace else 60

    def _account(self, who: str, resource: str) -> _Account:
        now = self._clock.now()
        account = self._accounts.setdefault((who, resource), _Account(now))
        if now - account.began >= self.limits.window:
            account.began, account.used = now, 0
        return account


def _over(limit: int | None, amount: int) -> bool:
    return limit is not None and amount > limit
