"""Whether both sides really say the same: read anew from both homes, not from what we remember."""

from collections.abc import Iterator

from mappings.item import UNSET, Item
from mappings.vocabulary import Field, Side
from sync.decide.tokens import token
from sync.effect.pair import Pair
from sync.store import Store, linkage

#: Fields that both homes of the demo hold in the same words.
COMPARED = (
    Field.TITLE,
    Field.PHASE,
    Field.RESOLUTION,
    Field.PRIORITY,
    Field.SEVERITY,
    Field.CATEGORY,
)


def disagreements(
    pair: Pair, store: Store, filled: frozenset[Field] = frozenset()
) -> Iterator[str]:
    """One sentence for each item without counterpart and each field that differs.

    ``filled``: fields that the tracker fills in where a document says nothing.
    """
    items = {side: _read(pair, side) for side in Side}
    seen: set[str] = set()
    with store.reading() as tx:
        for item_id, left in items[Side.LEFT].items():
            ref = linkage.counterpart(tx, pair.name, Side.LEFT, item_id)
            right = items[Side.RIGHT].get(ref.id) if ref else None
            if right is None:
                yield f"{item_id} has no issue"
            else:
                seen.add(right.ref.id)
                yield from _differing(left, right, filled)
        for item_id, item in items[Side.RIGHT].items():
            # What postmortems ask for is followed by a pair of its own.
            followed = linkage.counterpart(tx, pair.beside, Side.RIGHT, item_id) is not None
            if item_id not in seen and not followed:
                yield f"issue {item.ref.key} has no document"


def _read(pair: Pair, side: Side) -> dict[str, Item]:
    pages = pair.projects[side].changed(None)
    return {item.ref.id: item for page in pages for item in page.items}


def _differing(left: Item, right: Item, filled: frozenset[Field]) -> Iterator[str]:
    for name in COMPARED:
        values = left.get(name), right.get(name)
        if values[0] is UNSET or values[1] is UNSET:
            continue
        if values[0] is None and name in filled:
            continue
        if token(name, values[0]) != token(name, values[1]):
            yield f"{left.ref.id}: {name} is {values[0]} here and {values[1]} there"
