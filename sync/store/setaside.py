"""Items set aside: broken or refused ones, with reason, age, and the time of the next try."""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from mappings.problem import Problem
from mappings.vocabulary import Side
from sync.store.codec import encode_problem, instant, moment
from sync.store.schema import aside, observations

#: First retry after a minute, doubled each time, at most six hours.
FIRST_RETRY: Final = timedelta(minutes=1)
LONGEST_RETRY: Final = timedelta(hours=6)
#: Problems of reading (docs/errors.md: E101-E119); they end when the item can be read again.
READING_CODES: Final = frozenset(f"E1{number:02}" for number in range(1, 20))

#: Codes of an item that is not where it was, or of its whole project.
_LOST: Final = frozenset({"E127", "E210", "E212"})

_OF: Final = aside.c.pair == bindparam("pair")
_CLEAR: Final = delete(aside).where(
    _OF, aside.c.side == bindparam("side"), aside.c.id == bindparam("id")
)
_LISTED: Final = select(aside).where(_OF).order_by(aside.c.since)
_WAITING: Final = select(aside).where(_OF, aside.c.retry_at > bindparam("now"))
# What both ends say: whoever mends what was refused may do so on either.
_OTHER: Final = observations.alias("other")
_SAID: Final = (observations.c.digest + func.coalesce(_OTHER.c.digest, "")).label("digest")
_BOTH: Final = (
    select(observations.c.id, observations.c.side, _SAID)
    .outerjoin_from(
        observations,
        _OTHER,
        and_(
            _OTHER.c.pair == observations.c.pair,
            _OTHER.c.link == observations.c.link,
            _OTHER.c.side != observations.c.side,
        ),
    )
    .where(observations.c.pair == bindparam("pair"))
)
_DIGESTS: Final = _BOTH.where(observations.c.id.in_(select(aside.c.id).where(_OF)))
_DIGEST: Final = _BOTH.where(
    observations.c.side == bindparam("side"), observations.c.id == bindparam("id")
)


@dataclass(frozen=True, slots=True)
class Aside:
    """One item that takes no part for now. ``trace`` is kept for bugs only."""

    side: Side
    id: str
    problem: Problem
    since: datetime
    attempts: int
    retry_at: datetime
    trace: str = ""


def put(
    tx: Connection,
    pair: str,
    side: Side,
    item_id: str,
    problem: Problem,
    now: datetime,
    trace: str = "",
) -> None:
    """Set an item aside, or once more: each time it waits twice as long."""
    here = _at(pair, side, item_id)
    row = tx.execute(select(aside.c.attempts).where(here)).first()
    attempts = (row.attempts if row else 0) + 1
    wait = min(FIRST_RETRY * 2 ** min(attempts - 1, 12), LONGEST_RETRY)
    seen = tx.execute(_DIGEST, {"pair": pair, "side": side.value, "id": item_id}).first()
    columns = {
        "problem": json.dumps(encode_problem(problem)),
        "trace": trace,
        "digest": hashlib.sha256(seen.digest.encode()).hexdigest() if seen else "",
        "attempts": attempts,
        "retry_at": instant(now + wait),
    }
    if row:
        tx.execute(update(aside).where(here).values(columns))
        return
    columns |= {"pair": pair, "side": side.value, "id": item_id, "since": instant(now)}
    tx.execute(insert(aside).values(columns))


def retry_now(tx: Connection, pair: str, now: datetime) -> None:
    """Nobody waits any longer: what was refused may be right now, for a reason of its own."""
    tx.execute(update(aside).where(aside.c.pair == pair).values(retry_at=instant(now)))


def clear(tx: Connection, pair: str, side: Side, item_id: str) -> None:
    """It is well again."""
    tx.execute(_CLEAR, {"pair": pair, "side": side.value, "id": item_id})


def clear_read(
    tx: Connection, pair: str, side: Side, ids: Collection[str], codes: Collection[str]
) -> None:
    """These items could be read: forget reading problems (``codes``), keep writing ones."""
    for one in listed(tx, pair):
        if one.side is side and one.id in ids and one.problem.code in codes:
            clear(tx, pair, side, one.id)


def listed(tx: Connection, pair: str) -> list[Aside]:
    """All items set aside, oldest first."""
    rows = tx.execute(_LISTED, {"pair": pair})
    found = []
    for row in rows:
        since, retry_at = moment(row.since), moment(row.retry_at)
        if since and retry_at:
            problem = Problem(**json.loads(row.problem))
            side = Side(row.side)
            found.append(Aside(side, row.id, problem, since, row.attempts, retry_at, row.trace))
    return found


def reasons(tx: Connection, pair: str) -> dict[tuple[Side, str], Problem]:
    """What was last said of items that could not be seen where they were asked for."""
    return {
        (one.side, one.id): one.problem for one in listed(tx, pair) if one.problem.code in _LOST
    }


def held(tx: Connection, pair: str, now: datetime) -> dict[tuple[Side, str], Problem]:
    """Who must wait: not yet due, and nothing about the item or its counterpart changed since.

    What cannot be read waits whatever its counterpart says: nothing may be written to it unread.
    """
    waiting = tx.execute(_WAITING, {"pair": pair, "now": instant(now)}).all()
    if not waiting:
        return {}
    digests = tx.execute(_DIGESTS, {"pair": pair})
    now_is = {
        (Side(row.side), row.id): hashlib.sha256(row.digest.encode()).hexdigest() for row in digests
    }
    found = {}
    for row in waiting:
        place, problem = (Side(row.side), row.id), Problem(**json.loads(row.problem))
        if problem.code in READING_CODES or now_is.get(place, row.digest) == row.digest:
            found[place] = problem
    return found


def _at(pair: str, side: Side, item_id: str) -> ColumnElement[bool]:
    return and_(aside.c.pair == pair, aside.c.side == side.value, aside.c.id == item_id)
