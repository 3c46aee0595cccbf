"""What was told to which channel, so that each finding is told once; and how each channel fares."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from sync.store.codec import instant, moment
from sync.store.schema import channels, told

#: A finding that comes back within this after it was met is not told anew.
FLAPPING: Final = timedelta(days=1)
#: First retry of a channel after a minute, doubled each time, at most an hour.
FIRST_RETRY: Final = timedelta(minutes=1)
LONGEST_RETRY: Final = timedelta(hours=1)
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """How one channel fares. ``sent`` are its messages of the last hour, times in UTC.

    ``digest_at`` is when the last digest was sent, or when the channel was first met.
    """

    name: str
    digest_at: datetime
    sent: tuple[datetime, ...] = ()
    failures: int = 0
    retry_at: datetime | None = None


def fingerprint(key: str) -> str:
    """A finding's key, however long, as the store keeps it."""
    return hashlib.sha256(key.encode()).hexdigest()


def channel(tx: Connection, name: str, now: datetime) -> Channel:
    """One channel; met for the first time it is written down."""
    row = tx.execute(select(channels).where(channels.c.name == name)).first()
    if row is None:
        tx.execute(insert(channels).values(name=name, digest_at=instant(now)))
        return Channel(name=name, digest_at=now)
    sent = [moment(one) for one in json.loads(row.sent)]
    return Channel(
        name=name,
        digest_at=moment(row.digest_at) or now,
        sent=tuple(one for one in sent if one is not None and one > now - _HOUR),
        failures=row.failures,
        retry_at=moment(row.retry_at),
    )


def levels(tx: Connection, name: str, pair: str) -> dict[str, str]:
    """The level at which each finding of a pair was told, by fingerprint."""
    here = (told.c.channel == name) & (told.c.pair == pair)
    rows = tx.execute(select(told.c.finding, told.c.level).where(here))
    return {row.finding: row.level for row in rows}


def claim(tx: Connection, at: Channel, pair: str, tell: Mapping[str, str], now: datetime) -> None:
    """Write down that findings (fingerprint to level) are told now, before they are."""
    known = levels(tx, at.name, pair)
    for finding, level in tell.items():
        values = {"level": level, "told_at": instant(now), "gone_at": None}
        if finding in known:
            here = (told.c.channel == at.name) & (told.c.finding == finding)
            tx.execute(update(told).where(here).values(values))
        else:
            values |= {"channel": at.name, "finding": finding, "pair": pair}
            tx.execute(insert(told).values(values))


def give_back(
    tx: Connection, at: Channel, pair: str, before: Mapping[str, str], tell: Collection[str]
) -> None:
    """The message did not go out: the findings are as they were ``before``."""
    for finding in tell:
        here = (told.c.channel == at.name) & (told.c.pair == pair) & (told.c.finding == finding)
        if finding in before:
            tx.execute(update(told).where(here).values(level=before[finding]))
        else:
            tx.execute(delete(told).where(here))


def went_out(tx: Connection, at: Channel, now: datetime) -> Channel:
    """A message was taken by the channel."""
    sent = (*(one for one in at.sent if one > now - _HOUR), now)
    columns = {
        "sent": json.dumps([instant(one) for one in sent]),
        "failures": 0,
        "retry_at": None,
    }
    tx.execute(update(channels).where(channels.c.name == at.name).values(columns))
    return Channel(name=at.name, digest_at=at.digest_at, sent=sent)


def digested(tx: Connection, at: Channel, now: datetime) -> None:
    """The digest's hour came, and it was sent unless there was nothing to say."""
    here = channels.c.name == at.name
    tx.execute(update(channels).where(here).values(digest_at=instant(now)))


def failed(tx: Connection, at: Channel, now: datetime) -> None:
    """A channel did not take a message: it is left alone for a while, each time longer."""
    wait = min(FIRST_RETRY * 2 ** min(at.failures, 12), LONGEST_RETRY)
    columns = {"failures": at.failures + 1, "retry_at": instant(now + wait)}
    tx.execute(update(channels).where(channels.c.name == at.name).values(columns))


def forget(tx: Connection, name: str, pair: str, still: Collection[str], now: datetime) -> None:
    """Findings that are met are forgotten after a day; ``still`` are those there are."""
    here = (told.c.channel == name) & (told.c.pair == pair)
    for row in tx.execute(select(told.c.finding, told.c.gone_at).where(here)).all():
        one = here & (told.c.finding == row.finding)
        gone = moment(row.gone_at)
        if row.finding in still:
            if gone is not None:
                tx.execute(update(told).where(one).values(gone_at=None))
        elif gone is None:
            tx.execute(update(told).where(one).values(gone_at=instant(now)))
        elif gone <= now - FLAPPING:
            tx.execute(delete(told).where(one))
