"""The journal: every external effect is intended here before it happens, and ended here after.

    pending ── answer ──> done       the home stored it
       │  └── refused ──> failed     nothing was changed
       └── answer lost ─> unknown ── found ──> done
                             └────── proved absent ──> absent     (may be planned again)
An intent left pending by a crash is treated as unknown: nobody can say whether it was sent.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, bindparam, func, insert, select, update

from mappings.vocabulary import Side
from sync.store.codec import instant, moment
from sync.store.schema import journal


class State(StrEnum):
    """Where an intent stands."""

    PENDING = "pending"
    UNKNOWN = "unknown"
    DONE = "done"
    FAILED = "failed"
    ABSENT = "absent"
    READ = "read"  # an update in doubt: the item was read again and is judged anew


_ABSENT_SINCE: Final = "absent_since"
#: The kind of what rules write: it takes nothing of what may be written to keep in step.
_FLAG: Final = "flag"
OPEN = (State.PENDING, State.UNKNOWN)
# Asked for every operation: put together once, as building a statement costs more than running it.
_INSERT: Final = insert(journal)
_CHANGE: Final = update(journal).where(journal.c.op == bindparam("at_op"))
_UNSETTLED: Final = (
    select(journal)
    .where(
        journal.c.pair == bindparam("pair"),
        journal.c.state.in_([state.value for state in OPEN]),
    )
    .order_by(journal.c.seq)
)
_WRITES: Final = select(func.count()).where(
    journal.c.pair == bindparam("pair"),
    journal.c.side == bindparam("side"),
    journal.c.target_id == bindparam("target"),
    journal.c.intended_at >= bindparam("since"),
    journal.c.kind != _FLAG,
    journal.c.state.in_([State.DONE.value, State.PENDING.value, State.UNKNOWN.value]),
)
_FLAGS: Final = (
    select(journal.c.side, journal.c.target_id, func.count().label("times"))
    .where(
        journal.c.pair == bindparam("pair"),
        journal.c.kind == _FLAG,
        journal.c.intended_at >= bindparam("since"),
    )
    .group_by(journal.c.side, journal.c.target_id)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One journal row. Times are UTC; ``server_time`` is the home's clock before sending."""

    op: str
    pair: str
    run: int
    kind: str
    side: Side
    item: str
    payload: dict[str, Any]
    intended_at: datetime
    target_id: str | None = None
    source_id: str | None = None
    link: int | None = None
    server_time: datetime | None = None
    hint: str = ""
    state: State = State.PENDING
    ended_at: datetime | None = None
    outcome: str = ""


def intend(tx: Connection, intent: Intent) -> None:
    """Write the intent. It must be committed before the effect is sent."""
    columns = {
        "op": intent.op,
        "pair": intent.pair,
        "run": intent.run,
        "kind": intent.kind,
        "side": intent.side.value,
        "item": intent.item,
        "target_id": intent.target_id,
        "source_id": intent.source_id,
        "link": intent.link,
        "payload": json.dumps(intent.payload, ensure_ascii=False),
        "state": State.PENDING.value,
        "intended_at": instant(intent.intended_at),
        "server_time": instant(intent.server_time),
        "hint": intent.hint,
    }
    tx.execute(_INSERT, columns)


def end(
    tx: Connection,
    op: str,
    state: State,
    now: datetime,
    outcome: str,
    target_id: str | None = None,
) -> None:
    """Say how it ended."""
    columns = {"at_op": op, "state": state.value, "outcome": outcome}
    if state not in OPEN:
        columns["ended_at"] = instant(now) or ""
    if target_id is not None:
        columns["target_id"] = target_id
    tx.execute(_CHANGE, columns)


def not_seen(tx: Connection, intent: Intent, now: datetime) -> datetime:
    """Note that a create in doubt was proved absent; returns when that was first so (UTC)."""
    first = intent.payload.get(_ABSENT_SINCE)
    if first is not None:
        return datetime.fromisoformat(str(first))
    payload = json.dumps(intent.payload | {_ABSENT_SINCE: instant(now)}, ensure_ascii=False)
    tx.execute(_CHANGE, {"at_op": intent.op, "payload": payload})
    return now


def unsettled(tx: Connection, pair: str) -> list[Intent]:
    """Intents whose outcome is not known, oldest first."""
    return [_intent(row) for row in tx.execute(_UNSETTLED, {"pair": pair})]


def get(tx: Connection, op: str) -> Intent | None:
    """One intent by its operation id."""
    row = tx.execute(select(journal).where(journal.c.op == op)).first()
    return _intent(row) if row else None


def writes_since(tx: Connection, pair: str, side: Side, target: str, since: datetime) -> int:
    """How often one item was written to; people's edits never count."""
    mine = {"pair": pair, "side": side.value, "target": target, "since": instant(since)}
    return int(tx.execute(_WRITES, mine).scalar_one())


def flags_since(tx: Connection, pair: str, since: datetime) -> dict[tuple[Side, str], int]:
    """How often rules wrote to each item."""
    rows = tx.execute(_FLAGS, {"pair": pair, "since": instant(since)})
    return {(Side(row.side), row.target_id): row.times for row in rows}


def history(
    tx: Connection, pair: str, limit: int, ids: Iterable[tuple[Side, str]] = ()
) -> list[Intent]:
    """The newest intents first; with ``ids``, only those that touched these items."""
    chosen = select(journal).where(journal.c.pair == pair)
    wanted = list(ids)
    if wanted:
        touches = [
            and_(journal.c.side == side.value, journal.c.target_id == item_id)
            for side, item_id in wanted
        ]
        touches += [
            and_(journal.c.side == side.other.value, journal.c.source_id == item_id)
            for side, item_id in wanted
        ]
        clause = touches[0]
        for touch in touches[1:]:
            clause = clause | touch
        chosen = chosen.where(clause)
    return [_intent(row) for row in tx.execute(chosen.order_by(journal.c.seq.desc()).limit(limit))]


def _intent(row: Row[*tuple[Any, ...]]) -> Intent:
    return Intent(
        op=row.op,
        pair=row.pair,
        run=row.run,
        kind=row.kind,
        side=Side(row.side),
        item=row.item,
        payload=json.loads(row.payload),
        intended_at=datetime.fromisoformat(row.intended_at),
        target_id=row.target_id,
        source_id=row.source_id,
        link=row.link,
        server_time=moment(row.server_time),
        hint=row.hint,
        state=State(row.state),
        ended_at=moment(row.ended_at),
        outcome=row.outcome or "",
    )
