"""What people's comments say that counts (waivers, links to postmortems), and every postmortem as
it was last read. Comments are read again only when their item has moved.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Final

from pydantic import TypeAdapter
from sqlalchemy import Connection, bindparam, delete, insert, select, update

from adapters.base import Document
from mappings.vocabulary import Side
from sync.store.codec import instant, moment
from sync.store.schema import postmortems, remarks

_ALL: Final = select(remarks).where(
    remarks.c.pair == bindparam("pair"), remarks.c.side == bindparam("side")
)
_CHANGE: Final = update(remarks).where(
    remarks.c.pair == bindparam("at_pair"),
    remarks.c.side == bindparam("at_side"),
    remarks.c.id == bindparam("at_id"),
)
_SEEN: Final = (
    select(postmortems).where(postmortems.c.pair == bindparam("pair")).order_by(postmortems.c.place)
)
_DATED: Final = select(postmortems.c.place, postmortems.c.seen_at).where(
    postmortems.c.pair == bindparam("pair")
)
_DOCUMENT: Final = TypeAdapter(Document)


@dataclass(frozen=True, slots=True)
class Remark:
    """One comment that is worth keeping."""

    by: str
    text: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """An item's comments as read at ``read_at``, when it had last moved at ``moved_at`` (UTC).

    ``ours`` are our own notes among them, by rule.
    """

    moved_at: datetime
    read_at: datetime
    remarks: tuple[Remark, ...] = ()
    ours: Mapping[str, str] = field(default_factory=dict)


def heard(tx: Connection, pair: str, side: Side) -> dict[str, Heard]:
    """What was kept of each item's comments, by id."""
    found = {}
    for row in tx.execute(_ALL, {"pair": pair, "side": side.value}):
        at, body = moment(row.moved_at), json.loads(row.body)
        read = moment(body["read_at"])
        if at is not None and read is not None:
            said = tuple(Remark(**one) for one in body["remarks"])
            found[row.id] = Heard(at, read, said, body.get("ours", {}))
    return found


def keep(tx: Connection, pair: str, side: Side, told: Mapping[str, Heard]) -> None:
    """Write down what was read."""
    for item_id, one in told.items():
        said = [asdict(remark) for remark in one.remarks]
        body = {"read_at": instant(one.read_at), "remarks": said, "ours": dict(one.ours)}
        columns = {"moved_at": instant(one.moved_at)}
        columns["body"] = json.dumps(body, ensure_ascii=False)
        at = {"at_pair": pair, "at_side": side.value, "at_id": item_id}
        if tx.execute(_CHANGE, columns | at).rowcount == 0:
            where = {"pair": pair, "side": side.value, "id": item_id}
            tx.execute(insert(remarks), columns | where)


def first_seen(
    tx: Connection, pair: str, places: Iterable[str], now: datetime
) -> dict[str, datetime]:
    """When each postmortem was first seen; one that is new is seen ``now``."""
    known = {row.place: moment(row.seen_at) or now for row in tx.execute(_DATED, {"pair": pair})}
    new = [place for place in dict.fromkeys(places) if place not in known]
    if new:
        rows = [{"pair": pair, "place": place, "seen_at": instant(now)} for place in new]
        tx.execute(insert(postmortems), rows)
    return known | dict.fromkeys(new, now)


def shelve(
    tx: Connection, pair: str, read: Iterable[Document], now: datetime, *, complete: bool
) -> None:
    """Remember every postmortem as it was read; ``complete``: whatever else was known is gone."""
    known = {row.place: row.body for row in tx.execute(_SEEN, {"pair": pair})}
    for one in read:
        body = _DOCUMENT.dump_json(one).decode()
        before = known.pop(one.place, None)
        here = (postmortems.c.pair == pair) & (postmortems.c.place == one.place)
        if before is None:
            row = {"pair": pair, "place": one.place, "seen_at": instant(now), "body": body}
            tx.execute(insert(postmortems), row)
        elif before != body:
            tx.execute(update(postmortems).where(here).values(body=body))
    for place in known if complete else ():
        here = (postmortems.c.pair == pair) & (postmortems.c.place == place)
        tx.execute(delete(postmortems).where(here))


def shelf(tx: Connection, pair: str) -> tuple[Document, ...]:
    """Every postmortem as it was last read, by place."""
    rows = tx.execute(_SEEN, {"pair": pair})
    return tuple(_DOCUMENT.validate_json(row.body) for row in rows if row.body)
