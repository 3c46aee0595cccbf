"""When a pair is due, and when it will be again. The schedule is a table; this decides its rows.

    what the cycle found         next cycle after
    ---------------------------  ---------------------------------------------------
    a side could not be read     interval doubled for each failure in a row, at most LONGEST
    P0, P1, SEV1 or SEV2 open    urgent_interval
    something changed            interval
    nothing                      half as long again as the last time, at most idle_interval

Each is spread by a tenth either way, so that many pairs do not march in step. A tracker that said
when its limit ends is not asked before. Where one request covers many pairs the opposite is wanted:
those that would be due within their own spread are taken along with one that is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from sqlalchemy import Connection, or_, select, update

from sync.settings.model import PairSettings
from sync.store.codec import instant, moment
from sync.store.schema import pairs

#: The longest wait after failures.
LONGEST: Final = timedelta(minutes=15)
#: How long a started run keeps others from starting the pair, should it never end.
LEASE: Final = timedelta(minutes=15)
#: Each wait is spread by this share either way.
SPREAD: Final = 0.1
_GROWTH: Final = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one cycle found, as far as the schedule is concerned."""

    failed: bool = False
    changed: bool = False
    urgent: bool = False
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Next:
    """The pair's new row: due ``at`` (UTC), ``interval`` in seconds before the spread."""

    at: datetime
    interval: float
    failures: int


def next_time(
    given: PairSettings,
    before: float | None,
    failures: int,
    found: Found,
    now: datetime,
    random: Random,
) -> Next:
    """By the table above. ``before`` and ``failures`` are what the row says until now."""
    usual, idle = given.interval.total_seconds(), given.idle_interval.total_seconds()
    if found.failed:
        failures += 1
        interval = min(usual * 2 ** min(failures, 16), max(LONGEST.total_seconds(), usual))
    else:
        failures = 0
        if found.urgent:
            interval = given.urgent_interval.total_seconds()
        elif found.changed or before is None:
            interval = usual
        else:
            interval = min(max(before, usual / _GROWTH) * _GROWTH, idle)
    spread = interval * (1 + SPREAD * (2 * random.random() - 1))
    at = now + timedelta(seconds=spread)
    if found.not_before is not None and found.not_before > at:
        at = found.not_before
    return Next(at, interval, failures)


def due(tx: Connection, names: Iterable[str], now: datetime) -> list[str]:
    """Those of ``names`` that are to be run now, the longest overdue first."""
    waiting = or_(pairs.c.next_poll_at.is_(None), pairs.c.next_poll_at <= instant(now))
    chosen = select(pairs.c.name).where(pairs.c.name.in_(list(names)), waiting)
    return list(tx.execute(chosen.order_by(pairs.c.next_poll_at)).scalars())


def near(tx: Connection, names: Iterable[str], now: datetime) -> list[str]:
    """Those of ``names`` that could as well be due now: no more than the spread of their own wait,
    both ways, is left of it. None that failed, as it waits for a reason.
    """
    chosen = select(pairs.c.name, pairs.c.next_poll_at, pairs.c.interval).where(
        pairs.c.name.in_(list(names)), pairs.c.next_poll_at > instant(now), pairs.c.failures == 0
    )
    found = []
    for row in tx.execute(chosen):
        spread = timedelta(seconds=2 * SPREAD * (row.interval or 0))
        if row.next_poll_at <= str(instant(now + spread)):
            found.append(row.name)
    return found


def earliest(tx: Connection, names: Iterable[str]) -> datetime | None:
    """When the next of ``names`` is due."""
    chosen = select(pairs.c.next_poll_at).where(pairs.c.name.in_(list(names)))
    found = tx.execute(chosen.order_by(pairs.c.next_poll_at).limit(1)).scalar()
    return moment(found)


def claim(tx: Connection, name: str, now: datetime) -> bool:
    """Take one due pair: true for exactly one of all who try. A run that never ends (a crash)
    frees it after :data:`LEASE`, so that what crashed it does not crash a loop.
    """
    waiting = or_(pairs.c.next_poll_at.is_(None), pairs.c.next_poll_at <= instant(now))
    taken = update(pairs).where(pairs.c.name == name, waiting)
    return tx.execute(taken.values(next_poll_at=instant(now + LEASE))).rowcount == 1


def bring_forward(tx: Connection, names: Iterable[str], now: datetime) -> None:
    """Make pairs due at once: whoever holds the whole store starts with a look at everything."""
    mine = pairs.c.name.in_(list(names))
    tx.execute(update(pairs).where(mine).values(next_poll_at=instant(now)))
