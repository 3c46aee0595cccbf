"""What each side said when it was last read, item by item.

This is what lets a cursor move on: whatever a reading showed is here, durably, and an item that
could not be dealt with stays ``dirty`` until it is. Deciding reads from here, never from pages.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from mappings.item import Item, Ref
from mappings.vocabulary import Kind, Phase, Priority, Severity, Side
from sync.decide.tokens import tokens
from sync.decide.world import Presence
from sync.rules.model import Event
from sync.store import history, schedule
from sync.store.codec import decode_item, encode_item, instant
from sync.store.schema import links, observations

#: Parameters of one statement stay well under SQLite's 32,766.
_BATCH: Final = 400
_URGENT: Final = {Priority.P0, Priority.P1, Severity.SEV1, Severity.SEV2}
# What every cycle asks is put together once: building a statement costs more than running it.
_HERE: Final = and_(
    observations.c.pair == bindparam("pair"), observations.c.side == bindparam("side")
)
_KNOWN: Final = select(
    observations.c.id, observations.c.link, observations.c.presence, observations.c.birth
).where(_HERE)
_ROWS: Final = select(
    observations.c.id,
    observations.c.digest,
    observations.c.revision,
    observations.c.updated_at,
    observations.c.link,
    observations.c.birth,
    observations.c.presence,
    observations.c.item,
).where(_HERE, observations.c.id.in_(bindparam("ids", expanding=True)))
_CHANGE: Final = update(observations).where(
    observations.c.pair == bindparam("at_pair"),
    observations.c.side == bindparam("at_side"),
    observations.c.id == bindparam("at_id"),
)
_INSERT: Final = insert(observations)
_JUDGE: Final = update(links).where(links.c.id == bindparam("link")).values(dirty=True)
_JUDGE_CHILDREN: Final = (
    update(links)
    .where(
        links.c.id.in_(
            select(observations.c.link).where(
                observations.c.pair == bindparam("at_pair"),
                observations.c.side == bindparam("at_side"),
                observations.c.parent_id == bindparam("at_parent"),
                observations.c.link.is_not(None),
            )
        )
    )
    .values(dirty=True)
)
_NEWCOMERS: Final = (
    select(observations.c.item)
    .where(
        _HERE,
        observations.c.link.is_(None),
        observations.c.dirty,
        observations.c.presence == Presence.PRESENT.value,
    )
    .order_by(observations.c.id)
)
_TAKEN: Final = select(observations.c.id).where(_HERE)
_SEEN: Final = and_(
    observations.c.pair == bindparam("pair"),
    observations.c.presence == Presence.PRESENT.value,
)
_OF_KIND: Final = (
    select(observations.c.side, observations.c.item, observations.c.link)
    .where(_SEEN, observations.c.item.like(bindparam("like")))
    .order_by(observations.c.side, observations.c.id)
)
_BELOW: Final = (
    select(observations.c.item)
    .where(
        _SEEN,
        observations.c.side == bindparam("side"),
        observations.c.parent_id.in_(bindparam("parents", expanding=True)),
    )
    .order_by(observations.c.id)
)
_PARTNERS: Final = select(observations.c.side, observations.c.item, observations.c.link).where(
    _SEEN, observations.c.link.in_(bindparam("links", expanding=True))
)
_LEFT: Final = observations.alias("l")
_RIGHT: Final = observations.alias("r")
_BOTH: Final = (
    select(_LEFT.c.item.label("left_item"), _RIGHT.c.item.label("right_item"))
    .join(_RIGHT, and_(_RIGHT.c.pair == _LEFT.c.pair, _RIGHT.c.link == _LEFT.c.link))
    .where(
        _LEFT.c.pair == bindparam("pair"),
        _LEFT.c.side == Side.LEFT.value,
        _RIGHT.c.side == Side.RIGHT.value,
        _LEFT.c.presence == Presence.PRESENT.value,
        _RIGHT.c.presence == Presence.PRESENT.value,
    )
    .order_by(_LEFT.c.id)
)
_Row: TypeAlias = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What one reading changed. ``reused``: ids that now name another item than the linked one."""

    changed: int = 0
    stale: int = 0
    reused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Placed:
    """An item, the side it is on, and its link."""

    side: Side
    item: Item
    link: int | None


def content_digest(item: Item) -> str:
    """Changes whenever anything that matters here does; blind to times and revisions."""
    said = {name.value: value for name, value in tokens(item).items()}
    parts: list[Any] = [item.kind, item.archived, item.marker, sorted(item.labels), said]
    if item.references:
        parts.append(list(item.references))
    if item.related:
        parts.append(["related", *sorted(ref.id for ref in item.related)])
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


def record(
    tx: Connection, pair: str, side: Side, items: Sequence[Item], now: datetime, *, direct: bool
) -> Recorded:
    """Write down what a reading showed; whatever changed becomes dirty.

    ``direct``: the reading cannot be older than our own last write (a folder). Elsewhere a row
    older than what we know is a stale replica and is passed over: it is never a person's undo.
    An item that was edited between two pages is met twice; the later row counts.
    """
    changed = stale = 0
    reused: list[str] = []
    items = list({item.ref.id: item for item in items}.values())
    last = schedule.position(tx, pair, side).moved_at if items else None
    for start in range(0, len(items), _BATCH):
        chunk = items[start : start + _BATCH]
        known = {row.id: row for row in _rows(tx, pair, side, [one.ref.id for one in chunk])}
        fresh: list[dict[str, Any]] = []
        told: list[tuple[str, Event]] = []
        for item in chunk:
            row = known.get(item.ref.id)
            if row is not None and row.presence == Presence.UNLINKED:
                continue  # whatever it says now, a person took it out
            if row is None:
                fresh.append(_columns(pair, side, item, now))
                told += _named(item, history.seen(item, last))
            elif not direct and _older(item, row):
                stale += 1
            elif row.link is not None and _other_birth(item, row):
                reused.append(item.ref.id)
            else:
                told += _named(item, _happened(tx, pair, side, item, row))
                changed += _renew(tx, pair, side, item, row, now)
        if fresh:
            tx.execute(_INSERT, fresh)
            changed += len(fresh)
        history.keep(tx, pair, side, told)
    return Recorded(changed, stale, tuple(reused))


def same_moment(tx: Connection, pair: str, side: Side, items: Sequence[Item]) -> list[Ref]:
    """Items that say something else than what is known, under the very time that is known."""
    found = []
    for start in range(0, len(items), _BATCH):
        chunk = items[start : start + _BATCH]
        known = {row.id: row for row in _rows(tx, pair, side, [one.ref.id for one in chunk])}
        for item in chunk:
            row = known.get(item.ref.id)
            if row is None or row.updated_at is None or row.revision == item.revision:
                continue
            if row.updated_at == instant(item.updated_at) and row.digest != content_digest(item):
                found.append(item.ref)
    return found


def put(tx: Connection, pair: str, side: Side, item: Item, now: datetime, link: int | None) -> None:
    """What the home stored after our own write: the newest truth, whatever was known before."""
    before = get(tx, pair, side, item.ref.id)
    happened = (
        history.seen(item, item.created_at) if before is None else history.moves(before, item)
    )
    history.keep(tx, pair, side, _named(item, happened))
    columns = _columns(pair, side, item, now) | {"link": link, "dirty": False}
    if _change(tx, pair, side, item.ref.id, columns) == 0:
        tx.execute(_INSERT, [columns])


def mark(tx: Connection, pair: str, side: Side, item_id: str, presence: Presence) -> None:
    """Note that an item is no longer to be seen (or is again); its link is to be judged."""
    _change(tx, pair, side, item_id, {"presence": presence.value})
    _judge_link(tx, pair, side, item_id)


def known_ids(tx: Connection, pair: str, side: Side) -> dict[str, _Row]:
    """Every item ever seen here: id -> row(id, link, presence, birth)."""
    rows = tx.execute(_KNOWN, {"pair": pair, "side": side.value})
    return {row.id: row for row in rows}


def forget(tx: Connection, pair: str, side: Side, ids: Iterable[str]) -> None:
    """Drop unlinked items that are no longer there."""
    for item_id in ids:
        tx.execute(delete(observations).where(_at(pair, side, item_id)))


def get(tx: Connection, pair: str, side: Side, item_id: str) -> Item | None:
    """One item as it was last seen."""
    row = tx.execute(select(observations.c.item).where(_at(pair, side, item_id))).first()
    return decode_item(row.item) if row else None


def refs(tx: Connection, pair: str, side: Side) -> list[Ref]:
    """What everything that can be seen on a side is called."""
    chosen = select(observations.c.item).where(
        _of(pair, side), observations.c.presence == Presence.PRESENT.value
    )
    return [Ref(**json.loads(row.item)["ref"]) for row in tx.execute(chosen)]


def newcomers(tx: Connection, pair: str, side: Side) -> Iterator[Item]:
    """Unlinked items that are present and not judged yet."""
    for row in tx.execute(_NEWCOMERS, {"pair": pair, "side": side.value}):
        yield decode_item(row.item)


def of_kind(tx: Connection, pair: str, kind: Kind) -> Iterator[Placed]:
    """Every item of one kind that can be seen, on either side."""
    like = f'%"kind":"{kind.value}"%'  # a text holds no quotation mark that is not escaped
    for row in tx.execute(_OF_KIND, {"pair": pair, "like": like}):
        yield Placed(Side(row.side), decode_item(row.item), row.link)


def below(tx: Connection, pair: str, side: Side, parents: Sequence[str]) -> Iterator[Item]:
    """Every item that can be seen under one of these parents."""
    for start in range(0, len(parents), _BATCH):
        chunk = parents[start : start + _BATCH]
        for row in tx.execute(_BELOW, {"pair": pair, "side": side.value, "parents": chunk}):
            yield decode_item(row.item)


def partners(tx: Connection, pair: str, wanted: Sequence[int]) -> dict[int, dict[Side, Item]]:
    """The ends of links that can be seen, by link and side."""
    found: dict[int, dict[Side, Item]] = {}
    numbers = list(dict.fromkeys(wanted))
    for start in range(0, len(numbers), _BATCH):
        chunk = numbers[start : start + _BATCH]
        for row in tx.execute(_PARTNERS, {"pair": pair, "links": chunk}):
            found.setdefault(row.link, {})[Side(row.side)] = decode_item(row.item)
    return found


def linked(tx: Connection, pair: str) -> Iterator[tuple[Item, Item]]:
    """Every linked pair of items of which both can be seen."""
    rows = tx.execute(_BOTH, {"pair": pair})
    for row in rows:
        yield decode_item(row.left_item), decode_item(row.right_item)


def judged(tx: Connection, pair: str, side: Side, ids: Collection[str]) -> None:
    """These newcomers were looked at and are not wanted; ask again only when they change."""
    for item_id in ids:
        _change(tx, pair, side, item_id, {"dirty": False})


def judge_all_again(tx: Connection, pair: str) -> None:
    """After a change of settings everything is looked at anew."""
    tx.execute(update(observations).where(observations.c.pair == pair).values(dirty=True))
    tx.execute(update(links).where(links.c.pair == pair).values(dirty=True))


def children_dirty(tx: Connection, pair: str, side: Side, parent: str) -> None:
    """A parent found its counterpart: its children's links are to be judged."""
    tx.execute(_JUDGE_CHILDREN, {"at_pair": pair, "at_side": side.value, "at_parent": parent})


def taken_ids(tx: Connection, pair: str, side: Side) -> tuple[str, ...]:
    """Ids of all items ever seen on a side; not one of them is free, whether it is there or not."""
    return tuple(tx.execute(_TAKEN, {"pair": pair, "side": side.value}).scalars())


def any_urgent(tx: Connection, pair: str) -> bool:
    """Whether a P0, P1, SEV1 or SEV2 is open on either side."""
    urgent = select(observations.c.id).where(
        observations.c.pair == pair,
        observations.c.urgent,
        observations.c.presence == Presence.PRESENT,
    )
    return tx.execute(urgent.limit(1)).first() is not None


def _rows(tx: Connection, pair: str, side: Side, ids: list[str]) -> Iterable[_Row]:
    return tx.execute(_ROWS, {"pair": pair, "side": side.value, "ids": ids}) if ids else ()


def _change(tx: Connection, pair: str, side: Side, item_id: str, columns: dict[str, Any]) -> int:
    """Set columns of one row; how many rows there were."""
    where = {"at_pair": pair, "at_side": side.value, "at_id": item_id}
    return tx.execute(_CHANGE, columns | where).rowcount


def _named(item: Item, told: Iterable[Event]) -> list[tuple[str, Event]]:
    return [(item.ref.id, event) for event in told]


def _happened(tx: Connection, pair: str, side: Side, item: Item, row: _Row) -> list[Event]:
    """What happened to a known item since it was last read; looked into only where it moved."""
    if row.revision == item.revision and row.updated_at == instant(item.updated_at):
        return []
    before = decode_item(row.item)
    return history.moves(before, item) or history.touched(tx, pair, side, item, row.updated_at)


def _renew(tx: Connection, pair: str, side: Side, item: Item, row: _Row, now: datetime) -> bool:
    """Update one known item; true if its content changed."""
    columns = _columns(pair, side, item, now)
    same = row.digest == columns["digest"] and row.presence == Presence.PRESENT
    if same and row.revision == item.revision:
        return False
    if same:
        del columns["dirty"]
    _change(tx, pair, side, item.ref.id, columns)
    if not same and row.link is not None:
        tx.execute(_JUDGE, {"link": row.link})
    return not same


def _columns(pair: str, side: Side, item: Item, now: datetime) -> dict[str, Any]:
    parent = item.parent.id if isinstance(item.parent, Ref) else None
    urgent = item.phase is not Phase.COMPLETED and bool({item.priority, item.severity} & _URGENT)
    return {
        "pair": pair,
        "side": side.value,
        "id": item.ref.id,
        "birth": item.ref.birth,
        "presence": Presence.PRESENT.value,
        "digest": content_digest(item),
        "revision": item.revision,
        "updated_at": instant(item.updated_at),
        "dirty": True,
        "parent_id": parent,
        "urgent": urgent,
        "item": encode_item(item),
        "seen_at": instant(now),
    }


def _judge_link(tx: Connection, pair: str, side: Side, item_id: str) -> None:
    mine = links.c.left_id if side is Side.LEFT else links.c.right_id
    tx.execute(update(links).where(links.c.pair == pair, mine == item_id).values(dirty=True))


def _older(item: Item, row: _Row) -> bool:
    updated = instant(item.updated_at)
    return updated is not None and row.updated_at is not None and updated < row.updated_at


def _other_birth(item: Item, row: _Row) -> bool:
    return bool(row.birth and item.ref.birth) and row.birth != item.ref.birth


def _of(pair: str, side: Side) -> ColumnElement[bool]:
    return and_(observations.c.pair == pair, observations.c.side == side.value)


def _at(pair: str, side: Side, item_id: str) -> ColumnElement[bool]:
    return and_(_of(pair, side), observations.c.id == item_id)
