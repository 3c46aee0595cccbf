"""Items that are there and cannot be read, and what their marks say they stand for.

After a loss of the state nothing else tells that an item has its counterpart already: without
this, a second one would be made of what a broken document was made from.
"""

import json

from sqlalchemy import Connection

from mappings.markers import read_marker
from mappings.problem import Problem
from mappings.vocabulary import Side
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


def claimed(tx: Connection, pair: Pair) -> dict[tuple[Side, str], Problem]:
    """By side and id: items whose counterpart is there and cannot be read."""
    found = {}
    for side in Side:
        kept = schedule.note(tx, _name(pair, side))
        for origin, broken in json.loads(kept or "{}").items():
            text = f"its counterpart {broken} is there and cannot be read; no second one is made."
            remedy = f"Mend {broken}: its own finding says what is wrong."
            found[side.other, origin] = Problem("E216", text, remedy=remedy)
    return found


def _name(pair: Pair, side: Side) -> str:
    return f"unread:{pair.name}:{side}"
