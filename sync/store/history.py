"""What happened to each item and when, by the clock of its home alone.

Our clock says when something was *seen*, which may be hours later: a time that the home does not
tell is left out rather than guessed (docs/explanation/incident-life.md).
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, and_, bindparam, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from mappings.item import Item
from mappings.vocabulary import Phase, Resolution, Side
from sync.rules.model import Event, EventKind
from sync.store.codec import instant, moment
from sync.store.journal import State
from sync.store.schema import events, journal

#: How far the home's clock may be from ours, and how late it may date what we wrote.
_OURS: Final = timedelta(seconds=2)
#: Built once: building a statement costs more than running it.
_INSERT: Final = {
    "sqlite": sqlite.insert(events).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(events).on_conflict_do_nothing(),
}
_ALL: Final = (
    select(events)
    .where(events.c.pair == bindparam("pair"), events.c.side == bindparam("side"))
    .order_by(events.c.at)
)
_SOME: Final = _ALL.where(events.c.id.in_(bindparam("ids", expanding=True)))
#: Parameters of one statement stay well under SQLite's 32,766.
_BATCH: Final = 400
_ENDED: Final = (
    select(events.c.id, func.max(events.c.at).label("at"))
    .where(
        events.c.pair == bindparam("pair"),
        events.c.side == bindparam("side"),
        events.c.kind == EventKind.CLOSED.value,
        events.c.at >= bindparam("since"),
    )
    .group_by(events.c.id)
)
_WRITTEN: Final = (
    select(journal.c.seq)
    .where(
        journal.c.pair == bindparam("pair"),
        journal.c.side == bindparam("side"),
        journal.c.target_id == bindparam("id"),
        journal.c.state != State.FAILED.value,
        journal.c.intended_at <= bindparam("latest"),
        or_(journal.c.ended_at.is_(None), journal.c.ended_at >= bindparam("earliest")),
    )
    .limit(1)
)


def seen(after: Item, since: datetime | None) -> list[Event]:
    """What an item tells that is met for the first time; ``since``: when its home was last read.

    When it came into its phase is known only if it was made since then, or untouched since.
    """
    made, changed = after.created_at, after.updated_at
    found = [Event(made, EventKind.OPENED)] if made is not None else []
    if after.phase is Phase.COMPLETED:
        return found + _closed(after)
    fresh = made is not None and (changed == made or (since is not None and made >= since))
    if fresh and isinstance(after.phase, Phase):
        found.append(Event(changed or made, EventKind.PHASE, after.phase))  # type: ignore[arg-type]
    return found


def moves(before: Item, after: Item) -> list[Event]:
    """What happened between two readings of one item; empty where its home names no time.

    An item that was closed, reopened and closed again between them was open at an unknown time:
    its reopening is dated with the last closing, when it was certainly over.
    """
    was, now, at = before.phase, after.phase, after.updated_at
    if now is Phase.COMPLETED:
        ended = after.closed_at
        if was is not Phase.COMPLETED:
            return _closed(after)
        if ended is not None and before.closed_at is not None and ended > before.closed_at:
            return [Event(ended, EventKind.REOPENED), *_closed(after)]
        return []
    if at is None or was is now or not isinstance(now, Phase):
        return []
    if was is Phase.COMPLETED:
        return [Event(at, EventKind.REOPENED, now)]
    return [Event(at, EventKind.PHASE, now)]


def touched(tx: Connection, pair: str, side: Side, item: Item, known: str | None) -> list[Event]:
    """That a person did something to an item: its home's time moved on, and not by our writing.

    ``known`` is that time as the store last had it.
    """
    at = item.updated_at
    text = instant(at)
    if at is None or text is None or known is None or text <= known:
        return []
    values = {
        "pair": pair,
        "side": side.value,
        "id": item.ref.id,
        "latest": instant(at + _OURS),
        "earliest": instant(at - _OURS),
    }
    if tx.execute(_WRITTEN, values).first() is not None:
        return []
    return [Event(at, EventKind.CHANGED)]


def keep(tx: Connection, pair: str, side: Side, told: Iterable[tuple[str, Event]]) -> None:
    """Write events down by their items' ids; one that is known already changes nothing."""
    rows = [
        {
            "pair": pair,
            "side": side.value,
            "id": item_id,
            "at": instant(event.at),
            "kind": event.kind.value,
            "phase": event.phase.value if event.phase else "",
            "resolution": event.resolution.value if event.resolution else "",
        }
        for item_id, event in told
    ]
    if rows:
        tx.execute(_INSERT[tx.dialect.name], rows)


def lives(
    tx: Connection, pair: str, side: Side, ids: Iterable[str]
) -> dict[str, tuple[Event, ...]]:
    """The events of these items in the order of time, by id."""
    wanted = list(dict.fromkeys(ids))
    found: dict[str, list[Event]] = {}
    for start in range(0, len(wanted), _BATCH):
        some = {"pair": pair, "side": side.value, "ids": wanted[start : start + _BATCH]}
        for item_id, event in _events(tx, _SOME, some):
            found.setdefault(item_id, []).append(event)
    return {item_id: tuple(told) for item_id, told in found.items()}


def of(tx: Connection, pair: str, side: Side, item_id: str) -> tuple[Event, ...]:
    """One item's events in the order of time."""
    here = and_(events.c.pair == pair, events.c.side == side.value, events.c.id == item_id)
    rows = tx.execute(select(events).where(here).order_by(events.c.at))
    return tuple(_event(row) for row in rows)


def ended(tx: Connection, pair: str, side: Side, since: datetime) -> dict[str, datetime]:
    """When each item was last closed, for those closed since then, by id."""
    values = {"pair": pair, "side": side.value, "since": instant(since)}
    return {row.id: datetime.fromisoformat(row.at) for row in tx.execute(_ENDED, values)}


def _closed(item: Item) -> list[Event]:
    at = item.closed_at or item.updated_at
    if at is None:
        return []
    resolution = item.resolution if isinstance(item.resolution, Resolution) else None
    return [Event(at, EventKind.CLOSED, Phase.COMPLETED, resolution)]


def _events(
    tx: Connection, which: Select[*tuple[Any, ...]], values: dict[str, Any]
) -> Iterator[tuple[str, Event]]:
    for row in tx.execute(which, values):
        yield row.id, _event(row)


def _event(row: Row[*tuple[Any, ...]]) -> Event:
    at = moment(row.at)
    if at is None:  # pragma: no cover  the column is not nullable
        msg = "an event without a time"
        raise ValueError(msg)
    return Event(
        at,
        EventKind(row.kind),
        Phase(row.phase) if row.phase else None,
        Resolution(row.resolution) if row.resolution else None,
    )
