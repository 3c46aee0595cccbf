"""Finding an item by what people call it: a code, a key, a number, an address."""

import json
import re
from typing import Final

from sqlalchemy import Connection, and_, or_, select

from mappings.vocabulary import Side
from sync.store import linkage, observations
from sync.store.schema import observations as table

#: The last number of "acme/payments#12", "#12" or ".../issues/12".
_NUMBER: Final = re.compile(r"(?:#|/)(\d+)/?$")


def ids_of(tx: Connection, pair: str, name: str) -> list[tuple[Side, str]]:
    """The item called ``name`` and its counterpart, as (side, id); empty when nothing matches."""
    for side in Side:
        for candidate in _candidates(name):
            if observations.get(tx, pair, side, candidate) is not None:
                return _with_counterpart(tx, pair, side, candidate)
    named = or_(
        table.c.item.contains(f'"key":{json.dumps(name, ensure_ascii=False)}', autoescape=True),
        table.c.item.contains(f'"url":{json.dumps(name, ensure_ascii=False)}', autoescape=True),
    )
    row = tx.execute(select(table.c.side, table.c.id).where(and_(table.c.pair == pair, named)))
    found = row.first()
    return _with_counterpart(tx, pair, Side(found.side), found.id) if found else []


def _candidates(name: str) -> list[str]:
    number = _NUMBER.search(name)
    return [name, name.upper(), *([number[1]] if number else [])]


def _with_counterpart(
    tx: Connection, pair: str, side: Side, item_id: str
) -> list[tuple[Side, str]]:
    link = linkage.find(tx, pair, side, item_id)
    if link is None:
        return [(side, item_id)]
    ends = [(Side.LEFT, link.left_id), (Side.RIGHT, link.right_id)]
    return [(end, str(one)) for end, one in ends if one is not None]
