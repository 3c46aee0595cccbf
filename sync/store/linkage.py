"""Links and their baselines: this item on the left is that item on the right."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    and_,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from mappings.item import Ref
from mappings.vocabulary import Field, Side
from sync.decide.tokens import Baseline
from sync.decide.world import LinkView, Presence, Seen
from sync.store.codec import decode_baseline, decode_item, encode_baseline, instant
from sync.store.schema import conflicts, links, observations

_ID = {Side.LEFT: links.c.left_id, Side.RIGHT: links.c.right_id}
_BASE = {Side.LEFT: links.c.base_left, Side.RIGHT: links.c.base_right}
# Asked in every cycle: put together once, as building a statement costs more than running it.
_INSERT: Final = insert(links)
_CHANGE: Final = update(links).where(links.c.id == bindparam("at_id"))
_BASES: Final = select(links.c.base_left, links.c.base_right).where(links.c.id == bindparam("link"))
_CLAIM: Final = update(observations).where(
    observations.c.pair == bindparam("at_pair"),
    observations.c.side == bindparam("at_side"),
    observations.c.id == bindparam("at_id"),
)
_OPEN: Final = select(conflicts.c.link, conflicts.c.field, conflicts.c.decision).where(
    conflicts.c.pair == bindparam("pair"),
    conflicts.c.closed_at.is_(None),
)


def make(tx: Connection, pair: str, ids: Mapping[Side, str | None], now: datetime) -> int:
    """A new link; one end may still be missing while its creation is under way."""
    columns = {"pair": pair, "made_at": instant(now), "dirty": True}
    columns |= {"left_id": ids.get(Side.LEFT), "right_id": ids.get(Side.RIGHT)}
    link = tx.execute(_INSERT, columns).inserted_primary_key
    if link is None:  # pragma: no cover  no database in use answers an insert so
        msg = "the database gave no key for a new link"
        raise RuntimeError(msg)
    number = int(link[0])
    for side, item_id in ids.items():
        _claim(tx, pair, side, item_id, number)
    return number


def attach(tx: Connection, pair: str, link: int, side: Side, item_id: str) -> None:
    """The missing end was found or made (or a document got another code)."""
    tx.execute(_CHANGE, {"at_id": link, _ID[side].name: item_id})
    _claim(tx, pair, side, item_id, link)


def dissolve(tx: Connection, pair: str, link: int) -> None:
    """Undo a link: both items are strangers again. Nothing outside changes."""
    mine = and_(observations.c.pair == pair, observations.c.link == link)
    tx.execute(update(observations).where(mine).values(link=None, dirty=True))
    tx.execute(delete(links).where(links.c.id == link))


def rebase(
    tx: Connection, link: int, changes: Mapping[Side, Baseline], now: datetime, *, dirty: bool
) -> None:
    """Move baselines field by field; fields not named stay. ``dirty``: judge it again."""
    row = tx.execute(_BASES, {"link": link}).one()
    columns: dict[str, Any] = {"at_id": link, "dirty": dirty, "agreed_at": instant(now)}
    for side, column in _BASE.items():
        base = decode_baseline(getattr(row, column.name)) | dict(changes.get(side, {}))
        columns[column.name] = encode_baseline(base)
    tx.execute(_CHANGE, columns)


def set_dirty(tx: Connection, link: int, *, dirty: bool) -> None:
    """Whether the link is to be judged in the next cycle."""
    tx.execute(_CHANGE, {"at_id": link, "dirty": dirty})


def find(tx: Connection, pair: str, side: Side, item_id: str) -> Row[*tuple[Any, ...]] | None:
    """The link of one item: row(id, left_id, right_id, base_left, base_right, dirty)."""
    return tx.execute(select(links).where(links.c.pair == pair, _ID[side] == item_id)).first()


def count(tx: Connection, pair: str) -> int:
    """Links with both ends."""
    return int(tx.execute(_COUNT, {"pair": pair}).scalar_one())


def counterparts(
    tx: Connection, pair: str, wanted: Mapping[Side, Iterable[str]]
) -> dict[Side, dict[str, Ref]]:
    """For ids on a side, the Ref of the linked item on the other."""
    found: dict[Side, dict[str, Ref]] = {side: {} for side in Side}
    for side in Side:
        for item_id in set(wanted.get(side, ())):
            ref = counterpart(tx, pair, side, item_id)
            if ref is not None:
                found[side][item_id] = ref
    return found


def parented(tx: Connection, pair: str) -> Iterable[Row[*tuple[Any, ...]]]:
    """Links whose left item names a parent: row(id, base_left, parent_id)."""
    mine = and_(observations.c.pair == links.c.pair, observations.c.link == links.c.id)
    chosen = select(links.c.id, links.c.base_left, observations.c.parent_id).join(
        observations, and_(mine, observations.c.side == Side.LEFT.value)
    )
    where = and_(links.c.pair == pair, observations.c.parent_id.is_not(None))
    return tx.execute(chosen.where(where)).all()


def counterpart(tx: Connection, pair: str, side: Side, item_id: str) -> Ref | None:
    """The Ref of the item on the other side that ``item_id`` is linked with."""
    joined = select(observations.c.item).join(
        links,
        and_(observations.c.link == links.c.id, observations.c.side == side.other.value),
    )
    row = tx.execute(joined.where(links.c.pair == pair, _ID[side] == item_id)).first()
    return decode_item(row.item).ref if row else None


def view(tx: Connection, pair: str, link: int) -> LinkView | None:
    """One link with both its ends, or None while one end is missing."""
    return next(iter(_views(tx, pair, _ONE, {"link": link})), None)


def dirty(tx: Connection, pair: str) -> list[LinkView]:
    """All links that are to be judged."""
    return _views(tx, pair, _DIRTY, {})


def _views(
    tx: Connection, pair: str, which: Select[*tuple[Any, ...]], values: Mapping[str, Any]
) -> list[LinkView]:
    rows = tx.execute(which, {"pair": pair, **values}).all()
    said = _open_conflicts(tx, pair) if rows else {}
    return [
        LinkView(
            id=row.id,
            ends={
                Side.LEFT: Seen(decode_item(row.left_item), Presence(row.left_presence)),
                Side.RIGHT: Seen(decode_item(row.right_item), Presence(row.right_presence)),
            },
            base={
                Side.LEFT: decode_baseline(row.base_left),
                Side.RIGHT: decode_baseline(row.base_right),
            },
            decisions={
                name: side for name, side in said.get(row.id, {}).items() if side is not None
            },
            asked=frozenset(name for name, side in said.get(row.id, {}).items() if side is None),
        )
        for row in rows
    ]


def _end(alias: FromClause, side: Side, column: Column[Any]) -> ColumnElement[bool]:
    return and_(alias.c.pair == links.c.pair, alias.c.side == side.value, alias.c.id == column)


_LEFT: Final = observations.alias("l")
_RIGHT: Final = observations.alias("r")
_VIEWS: Final = (
    select(
        links,
        _LEFT.c.item.label("left_item"),
        _LEFT.c.presence.label("left_presence"),
        _RIGHT.c.item.label("right_item"),
        _RIGHT.c.presence.label("right_presence"),
    )
    .join(_LEFT, _end(_LEFT, Side.LEFT, links.c.left_id))
    .join(_RIGHT, _end(_RIGHT, Side.RIGHT, links.c.right_id))
    .where(links.c.pair == bindparam("pair"))
    .order_by(links.c.id)
)
_DIRTY: Final = _VIEWS.where(links.c.dirty)
_ONE: Final = _VIEWS.where(links.c.id == bindparam("link"))
_COUNT: Final = (
    select(func.count())
    .select_from(links)
    .where(
        links.c.pair == bindparam("pair"),
        links.c.left_id.is_not(None),
        links.c.right_id.is_not(None),
    )
)


def _open_conflicts(tx: Connection, pair: str) -> dict[int, dict[Field, Side | None]]:
    """By link and field: the side a person chose, or None while nobody has."""
    found: dict[int, dict[Field, Side | None]] = {}
    for row in tx.execute(_OPEN, {"pair": pair}):
        side = Side(row.decision) if row.decision else None
        found.setdefault(row.link, {})[Field(row.field)] = side
    return found


def _claim(tx: Connection, pair: str, side: Side, item_id: str | None, link: int) -> None:
    if item_id is None:
        return
    where = {"at_pair": pair, "at_side": side.value, "at_id": item_id}
    tx.execute(_CLAIM, {"link": link, "dirty": False, **where})
