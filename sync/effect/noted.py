"""What a person should know of items although nothing failed: what was noted while they were read,
and texts of which the tracker holds only a part.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from sqlalchemy import Connection

from mappings.item import Item, Unset, Value
from mappings.mirror import MORE
from mappings.problem import Problem
from mappings.vocabulary import Field, Side
from sync.decide.plan import Plan
from sync.effect.observe import Reading
from sync.store import observations

#: How a cut text ends, with and without its markup.
_ENDS: Final = (MORE, MORE.strip("*"))


def in_cycle(readings: Mapping[Side, Reading], plan: Plan) -> tuple[Problem, ...]:
    """Of what a cycle read and means to write; each thing once."""
    items = [item for reading in readings.values() for item in reading.items if not item.archived]
    written = {one.item for one in plan.operations if Field.BODY in one.values}
    texts: list[tuple[str, Value | Unset]] = [
        (one.item, one.values.get(Field.BODY)) for one in plan.operations
    ]
    texts += [
        (name, item.body)
        for item in readings[Side.RIGHT].items
        if (name := item.ref.key or item.ref.id) not in written
    ]
    return tuple(dict.fromkeys([*of_homes(readings), *_of(items), *_cut(texts)]))


def of_homes(readings: Mapping[Side, Reading]) -> list[Problem]:
    """Of the two projects themselves."""
    return [one for side in Side for one in readings[side].notices]


def of_pair(tx: Connection, pair: str) -> tuple[Problem, ...]:
    """Of everything that is kept in step, as it was last read."""
    both = list(observations.linked(tx, pair))
    texts = ((right.ref.key or right.ref.id, right.body) for _, right in both)
    return (*_of(item for ends in both for item in ends if not item.archived), *_cut(texts))


def _of(items: Iterable[Item]) -> Iterator[Problem]:
    for item in items:
        yield from item.notices


def _cut(texts: Iterable[tuple[str, Value | Unset]]) -> Iterator[Problem]:
    """For each text, with the name of its item, of which only the beginning is mirrored."""
    for name, text in texts:
        if isinstance(text, str) and text.endswith(_ENDS):
            said = "body is too long to be mirrored whole; its end is cut."
            remedy = "Shorten the document, or leave it: it keeps the whole text."
            yield Problem("E120", said, name, remedy)
