"""Conflicts, open and decided, with both values word for word; and what people approved."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

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

from mappings.item import UNSET, Unset, Value
from mappings.vocabulary import Field, Side
from sync.store.codec import decode_value, encode_value, instant, moment
from sync.store.schema import approvals, conflicts, links

#: An approval is for the plan a person has just read, not for one of another week.
APPROVAL_LASTS: Final = timedelta(days=1)
# Asked in every cycle: put together once, as building a statement costs more than running it.
_CLOSE: Final = update(conflicts).where(
    conflicts.c.pair == bindparam("at_pair"),
    conflicts.c.closed_at.is_(None),
    conflicts.c.link == bindparam("at_link"),
    conflicts.c.field.in_(bindparam("at_fields", expanding=True)),
)
_APPROVED: Final = select(approvals.c.fingerprint).where(
    approvals.c.pair == bindparam("pair"), approvals.c.approved_at >= bindparam("since")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Both values of one field of one link. ``how`` says who stood, once it is closed."""

    id: int
    link: int
    item: str
    field: Field
    left: Value | Unset
    right: Value | Unset
    opened_at: datetime | None
    closed_at: datetime | None = None
    decision: Side | None = None
    how: str = ""


def open_or_renew(
    tx: Connection,
    pair: str,
    link: int,
    item: str,
    field: Field,
    values: dict[Side, Value | Unset],
    now: datetime,
) -> None:
    """An undecided conflict: one record per link and field, holding the newest values."""
    sides = _sides(values)
    same = and_(_open(pair), conflicts.c.link == link, conflicts.c.field == field.value)
    if tx.execute(update(conflicts).where(same).values(sides)).rowcount:
        return
    columns = {"pair": pair, "link": link, "item": item, "field": field.value}
    tx.execute(insert(conflicts).values(columns | sides | {"opened_at": instant(now)}))


def record_loss(
    tx: Connection,
    pair: str,
    link: int,
    item: str,
    field: Field,
    values: dict[Side, Value | Unset],
    how: str,
    now: datetime,
) -> None:
    """A conflict that is decided at once: what is replaced stays readable for ever.

    Written with the intent, so before the effect; a second try records nothing twice.
    """
    sides = _sides(values)
    columns = {"pair": pair, "link": link, "item": item, "field": field.value, "how": how}
    same = and_(*(conflicts.c[name] == value for name, value in (columns | sides).items()))
    if tx.execute(select(conflicts.c.id).where(same).limit(1)).first():
        return
    times = {"opened_at": instant(now), "closed_at": instant(now)}
    tx.execute(insert(conflicts).values(columns | sides | times))


def close(
    tx: Connection, pair: str, link: int, fields: Collection[Field], how: str, now: datetime
) -> None:
    """These fields of a link agree again."""
    names = [field.value for field in fields]
    if names:
        where = {"at_pair": pair, "at_link": link, "at_fields": names}
        tx.execute(_CLOSE, {"closed_at": instant(now), "how": how, **where})


def decide(tx: Connection, number: int, side: Side) -> bool:
    """A person says which side stands; the next cycle writes it. False if it is not open."""
    here = and_(conflicts.c.id == number, conflicts.c.closed_at.is_(None))
    link = tx.execute(select(conflicts.c.link).where(here)).scalar()
    if link is None:
        return False
    tx.execute(update(conflicts).where(here).values(decision=side.value))
    tx.execute(update(links).where(links.c.id == link).values(dirty=True))
    return True


def listed(tx: Connection, pair: str, *, closed: bool = False, limit: int = 200) -> list[Conflict]:
    """Open conflicts, oldest first; with ``closed``, the decided ones too, newest first."""
    if closed:
        mine = conflicts.c.pair == pair
        chosen = select(conflicts).where(mine).order_by(conflicts.c.id.desc())
    else:
        chosen = select(conflicts).where(_open(pair)).order_by(conflicts.c.id)
    return [_conflict(row) for row in tx.execute(chosen.limit(limit))]


def approve(tx: Connection, pair: str, digest: str, prints: Iterable[str], now: datetime) -> None:
    """Remember every operation of a plan that a person let pass."""
    tx.execute(delete(approvals).where(approvals.c.pair == pair))
    rows = [
        {"pair": pair, "fingerprint": one, "digest": digest, "approved_at": instant(now)}
        for one in set(prints)
    ]
    if rows:
        tx.execute(insert(approvals), rows)


def approved(tx: Connection, pair: str, now: datetime) -> frozenset[str]:
    """Fingerprints of operations that may pass the guard."""
    since = instant(now - APPROVAL_LASTS)
    return frozenset(tx.execute(_APPROVED, {"pair": pair, "since": since}).scalars())


def _sides(values: dict[Side, Value | Unset]) -> dict[str, str | None]:
    def text(value: Value | Unset) -> str | None:
        return None if value is UNSET else json.dumps(encode_value(value), ensure_ascii=False)

    return {"left_value": text(values[Side.LEFT]), "right_value": text(values[Side.RIGHT])}


def _open(pair: str) -> ColumnElement[bool]:
    return and_(conflicts.c.pair == pair, conflicts.c.closed_at.is_(None))


def _conflict(row: Row[*tuple[Any, ...]]) -> Conflict:
    field = Field(row.field)

    def value(raw: str | None) -> Value | Unset:
        return UNSET if raw is None else decode_value(field, json.loads(raw))

    return Conflict(
        id=row.id,
        link=row.link,
        item=row.item,
        field=field,
        left=value(row.left_value),
        right=value(row.right_value),
        opened_at=moment(row.opened_at),
        closed_at=moment(row.closed_at),
        decision=Side(row.decision) if row.decision else None,
        how=row.how,
    )
