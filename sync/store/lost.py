"""Linked items that are lost from sight: how many, which are to be asked for, and one let go."""

import json
from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, or_, select, update

from mappings.item import Ref
from mappings.vocabulary import Side
from sync.decide.world import Presence
from sync.store.codec import instant
from sync.store.schema import aside, observations

_LINKED: Final = (
    select(observations.c.item)
    .where(
        observations.c.pair == bindparam("pair"),
        observations.c.side == bindparam("side"),
        observations.c.link.is_not(None),
    )
    .order_by(observations.c.id)
)
_ASIDE: Final = and_(
    aside.c.pair == observations.c.pair,
    aside.c.side == observations.c.side,
    aside.c.id == observations.c.id,
)
# Asked in every cycle: put together once, as building a statement costs more than running it.
_DUE: Final = _LINKED.outerjoin_from(observations, aside, _ASIDE).where(
    observations.c.presence.in_((Presence.ABSENT.value, Presence.MOVED.value)),
    or_(aside.c.retry_at.is_(None), aside.c.retry_at <= bindparam("now")),
)
_ABSENT: Final = select(func.count()).where(
    observations.c.pair == bindparam("pair"),
    observations.c.link.is_not(None),
    observations.c.presence == Presence.ABSENT.value,
)
_SHOWN: Final = _LINKED.where(
    observations.c.presence == Presence.PRESENT.value,
    observations.c.id.in_(bindparam("ids", expanding=True)),
)


def to_look_for(
    tx: Connection, pair: str, side: Side, now: datetime, moved: Collection[str]
) -> list[Ref]:
    """Those that were not asked for lately, each time after a longer while (sync.store.setaside);
    and of ``moved`` those that were not known to have moved.
    """
    here = {"pair": pair, "side": side.value}
    rows = list(tx.execute(_DUE, here | {"now": instant(now)}))
    if moved:
        rows += list(tx.execute(_SHOWN, here | {"ids": sorted(moved)}))
    return [Ref(**json.loads(row.item)["ref"]) for row in rows]


def count_absent(tx: Connection, pair: str) -> int:
    """Linked items lost from sight without proof of what became of them."""
    return int(tx.execute(_ABSENT, {"pair": pair}).scalar_one())


def presence(tx: Connection, pair: str, side: Side, item_id: str) -> Presence | None:
    """Whether an item can be seen; None for one that never was."""
    said = tx.execute(select(observations.c.presence).where(_at(pair, side, item_id))).scalar()
    return None if said is None else Presence(said)


def release(tx: Connection, pair: str, side: Side, item_id: str) -> None:
    """The item is linked with nothing any more, and is not mirrored anew."""
    columns = {"link": None, "dirty": False, "presence": Presence.UNLINKED.value}
    tx.execute(update(observations).where(_at(pair, side, item_id)).values(columns))


def _at(pair: str, side: Side, item_id: str) -> ColumnElement[bool]:
    here = and_(observations.c.pair == pair, observations.c.side == side.value)
    return and_(here, observations.c.id == item_id)
