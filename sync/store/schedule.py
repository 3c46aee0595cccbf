"""Pairs, their runs, cursors and next times; and what trackers said of their budgets."""

import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from adapters.base import Budget, Cursor
from mappings.problem import Problem
from mappings.vocabulary import Side
from sync.store.codec import encode_problem, instant, moment
from sync.store.schema import budgets, cursors, meta, pairs, runs


@dataclass(frozen=True, slots=True, kw_only=True)
class PairRow:
    """One pair's place in the schedule. Times are UTC; ``interval`` is in seconds."""

    name: str
    bound_at: datetime
    fence: int
    next_poll_at: datetime | None
    interval: float | None
    failures: int
    last_good_at: datetime | None


@dataclass(frozen=True, slots=True)
class Position:
    """Where one side's next reading begins, and when it was last read whole."""

    cursor: Cursor | None = None
    moved_at: datetime | None = None
    swept_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One cycle of one pair."""

    id: int
    pair: str
    started_at: datetime | None
    ended_at: datetime | None
    outcome: str
    digest: str
    counts: dict[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


# Asked in every cycle: put together once, as building a statement costs more than running it.
_POSITION: Final = select(cursors).where(
    cursors.c.pair == bindparam("pair"), cursors.c.side == bindparam("side")
)
_BLOCKED: Final = select(budgets.c.blocked_until).where(
    budgets.c.connection == bindparam("connection")
)
_PAIR: Final = select(pairs).where(pairs.c.name == bindparam("pair"))
_META: Final = select(meta.c.value).where(meta.c.name == bindparam("name"))
_MOVE: Final = update(cursors).where(
    cursors.c.pair == bindparam("at_pair"), cursors.c.side == bindparam("at_side")
)
_START: Final = insert(runs)
_FINISH: Final = update(runs).where(runs.c.id == bindparam("at_id"))
_GOOD: Final = update(pairs).where(
    pairs.c.name == select(runs.c.pair).where(runs.c.id == bindparam("run")).scalar_subquery()
)


def bind(tx: Connection, name: str, now: datetime) -> PairRow:
    """The pair's row, made when it is met for the first time."""
    row = get(tx, name)
    if row is None:
        tx.execute(insert(pairs).values(name=name, bound_at=instant(now)))
        row = PairRow(
            name=name,
            bound_at=now,
            fence=0,
            next_poll_at=None,
            interval=None,
            failures=0,
            last_good_at=None,
        )
    return row


def get(tx: Connection, name: str) -> PairRow | None:
    """One pair's row."""
    row = tx.execute(_PAIR, {"pair": name}).first()
    return _pair(row) if row else None


def all_pairs(tx: Connection) -> list[PairRow]:
    """Every pair ever run, by name."""
    return [_pair(row) for row in tx.execute(select(pairs).order_by(pairs.c.name))]


def reschedule(
    tx: Connection, name: str, next_poll_at: datetime, interval: float, failures: int
) -> None:
    """When this pair is due again."""
    columns = {"next_poll_at": instant(next_poll_at), "interval": interval, "failures": failures}
    tx.execute(update(pairs).where(pairs.c.name == name).values(columns))


def position(tx: Connection, pair: str, side: Side) -> Position:
    """Where the next reading of one side begins."""
    row = tx.execute(_POSITION, {"pair": pair, "side": side.value}).first()
    return Position(row.cursor, moment(row.moved_at), moment(row.swept_at)) if row else Position()


def move(
    tx: Connection, pair: str, side: Side, cursor: Cursor | None, now: datetime, *, swept: bool
) -> None:
    """Move a cursor after a complete reading was recorded."""
    columns = {"cursor": cursor, "moved_at": instant(now)}
    if swept:
        columns["swept_at"] = instant(now)
    if tx.execute(_MOVE, columns | {"at_pair": pair, "at_side": side.value}).rowcount == 0:
        tx.execute(insert(cursors).values(pair=pair, side=side.value, **columns))


def sweep_next(tx: Connection, pair: str, side: Side) -> None:
    """The next reading of one side reads everything, however lately that was done."""
    mine = (cursors.c.pair == pair) & (cursors.c.side == side.value)
    tx.execute(update(cursors).where(mine).values(swept_at=None))


def start(tx: Connection, pair: str, fence: int, now: datetime) -> int:
    """Open a run."""
    made = tx.execute(_START, {"pair": pair, "fence": fence, "started_at": instant(now)})
    key = made.inserted_primary_key
    return int(key[0]) if key else 0


def finish(
    tx: Connection,
    run: int,
    outcome: str,
    now: datetime,
    digest: str,
    counts: dict[str, int],
    problems: list[Problem],
) -> None:
    """Close a run with its counts; a good one moves the pair's ``last_good_at``."""
    columns = {
        "ended_at": instant(now),
        "outcome": outcome,
        "digest": digest,
        "counts": json.dumps(counts),
        "problems": json.dumps([encode_problem(problem) for problem in problems]),
    }
    tx.execute(_FINISH, columns | {"at_id": run})
    if outcome == "good":
        tx.execute(_GOOD, {"run": run, "last_good_at": instant(now)})


def break_off(tx: Connection, pair: str, problem: Problem, now: datetime) -> None:
    """Close the pair's last run if it did not close itself, with the reason. For the process that
    ran it alone: another one's run may be under way.
    """
    for last in history(tx, pair, 1):
        if last.ended_at is None:
            finish(tx, last.id, "failed", now, "", {}, [problem])


def history(tx: Connection, pair: str, limit: int) -> list[Run]:
    """The newest runs first."""
    rows = tx.execute(
        select(runs).where(runs.c.pair == pair).order_by(runs.c.id.desc()).limit(limit)
    )
    return [
        Run(
            id=row.id,
            pair=row.pair,
            started_at=moment(row.started_at),
            ended_at=moment(row.ended_at),
            outcome=row.outcome or "unfinished",
            digest=row.digest or "",
            counts=json.loads(row.counts),
            problems=tuple(Problem(**one) for one in json.loads(row.problems)),
        )
        for row in rows
    ]


def instance(tx: Connection) -> str:
    """Eight hex digits that name this state among all instances; made once."""
    return remember(tx, "instance", secrets.token_hex(4))


def remember(tx: Connection, name: str, value: str) -> str:
    """The value of ``name``: the one already kept, else ``value``, which is kept from now on."""
    kept = tx.execute(_META, {"name": name}).scalar()
    if kept is not None:
        return str(kept)
    tx.execute(insert(meta).values(name=name, value=value))
    return value


def note(tx: Connection, name: str) -> str | None:
    """What is kept under ``name``."""
    kept = tx.execute(_META, {"name": name}).scalar()
    return None if kept is None else str(kept)


def replace_note(tx: Connection, name: str, value: str) -> bool:
    """Keep ``value`` under ``name``; true if another value was kept before."""
    before = tx.execute(_META, {"name": name}).scalar()
    if before is None:
        tx.execute(insert(meta).values(name=name, value=value))
    elif before != value:
        tx.execute(update(meta).where(meta.c.name == name).values(value=value))
    return before is not None and before != value


def said_budget(tx: Connection, connection: str, budget: Budget, now: datetime) -> None:
    """What a tracker last said of its limits."""
    columns = {
        "allowance": budget.limit,
        "remaining": budget.remaining,
        "reset_at": instant(budget.reset),
        "said_at": instant(now),
    }
    mine = budgets.c.connection == connection
    if tx.execute(update(budgets).where(mine).values(columns)).rowcount == 0:
        tx.execute(insert(budgets).values(connection=connection, **columns))


def block(tx: Connection, connection: str, until: datetime, now: datetime) -> None:
    """The tracker asked for silence; it holds for every process that uses this connection."""
    columns = {"blocked_until": instant(until), "said_at": instant(now)}
    mine = budgets.c.connection == connection
    if tx.execute(update(budgets).where(mine).values(columns)).rowcount == 0:
        tx.execute(insert(budgets).values(connection=connection, **columns))


def blocked_until(tx: Connection, connection: str) -> datetime | None:
    """Until when nothing may be sent, if the tracker ever asked for silence."""
    return moment(tx.execute(_BLOCKED, {"connection": connection}).scalar())


def budget(tx: Connection, connection: str) -> Budget:
    """The last word on a connection's limits."""
    row = tx.execute(select(budgets).where(budgets.c.connection == connection)).first()
    if row is None:
        return Budget()
    return Budget(limit=row.allowance, remaining=row.remaining, reset=moment(row.reset_at))


def _pair(row: Row[*tuple[Any, ...]]) -> PairRow:
    bound = moment(row.bound_at)
    if bound is None:  # pragma: no cover  the column is not nullable
        msg = "a pair without a time"
        raise ValueError(msg)
    return PairRow(
        name=row.name,
        bound_at=bound,
        fence=row.fence,
        next_poll_at=moment(row.next_poll_at),
        interval=row.interval,
        failures=row.failures,
        last_good_at=moment(row.last_good_at),
    )
