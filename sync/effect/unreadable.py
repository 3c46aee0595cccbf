"""Items that are there and cannot be read, and what their marks say they stand for.

After a loss of the state nothing else tells that an item has its counterpart already: without
this, a second one would be made of what a broken document was made from.
"""

import json
from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import Connection

from mappings.markers import read_marker
from mappings.vocabulary import Side
from sync.decide.world import Claim, Newcomer
from sync.effect.observe import Reading
from sync.effect.pair import Pair
from sync.store import schedule


def remember(tx: Connection, pair: Pair, reading: Reading) -> None:
    """Keep which items of the other side the unreadable ones claim.

    Only of a home that names all that is broken in each reading: what one reading says then holds
    until the next.
    """
    if reading.present is None or not reading.complete:
        return
    claims = {}
    for broken in reading.broken:
        mark = read_marker(broken.marker, pair.key) if broken.marker else None
        if mark is not None:
            claims[mark.origin] = broken.id
    schedule.replace_note(tx, _name(pair, reading.side), json.dumps(claims, sort_keys=True))


def claimed(
    tx: Connection, pair: Pair, new: Mapping[Side, tuple[Newcomer, ...]]
) -> dict[Side, tuple[Newcomer, ...]]:
    """The newcomers; of one that an unreadable item stands for, it is said."""
    return {side: _claimed(tx, pair, side, told) for side, told in new.items()}


def _claimed(
    tx: Connection, pair: Pair, side: Side, new: tuple[Newcomer, ...]
) -> tuple[Newcomer, ...]:
    kept = schedule.note(tx, _name(pair, side.other)) if new else None
    claims: dict[str, str] = json.loads(kept) if kept else {}
    return tuple(
        replace(one, claim=Claim.UNREAD, origin=claims[one.item.ref.id])
        if one.claim is Claim.NONE and one.item.ref.id in claims
        else one
        for one in new
    )


def _name(pair: Pair, side: Side) -> str:
    return f"unread:{pair.name}:{side}"
