"""Linked items that are lost from sight, and whose time it is to be asked for by themselves."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, and_, bindparam, or_, select

from mappings.item import Ref
from mappings.vocabulary import Side
from sync.decide.world import Presence
from sync.store.codec import instant
from sync.store.schema import aside, observations

_LINKED: Final = (
    select(observations.c.id, observations.c.birth)
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
    return [Ref(row.id, birth=row.birth) for row in rows]
