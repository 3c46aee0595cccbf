"""What the state file alone tells of a pair: no request is made and no document is read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, select

from mappings.item import Item, Ref
from mappings.vocabulary import Kind, Phase, Resolution, Side
from sync.decide.world import Presence
from sync.rules.history import life
from sync.rules.model import ActionFacts, Event, IncidentFacts, State, WorkFacts
from sync.store import history, schedule
from sync.store.codec import decode_item
from sync.store.schema import links, observations

_ITEMS: Final = select(observations.c.side, observations.c.item).where(
    observations.c.pair == bindparam("pair"), observations.c.presence == Presence.PRESENT.value
)
_LINKS: Final = select(links.c.left_id, links.c.right_id).where(
    links.c.pair == bindparam("pair"), links.c.left_id.is_not(None), links.c.right_id.is_not(None)
)
_GIVEN_UP: Final = frozenset({Resolution.NOT_PLANNED, Resolution.DUPLICATE})


def state_of(tx: Connection, pair: str) -> State:
    """Incidents, follow-ups and completed work of a pair as they were last read."""
    known = _read(tx, pair)
    actions: dict[str, list[ActionFacts]] = {}
    loose: list[ActionFacts] = []
    for side, item in known.of(Kind.ACTION):
        facts = _action(known, side, item)
        above = known.incident_of(side, item)
        (actions.setdefault(above, []) if above else loose).append(facts)
    row = schedule.get(tx, pair)
    read = [schedule.position(tx, pair, side).swept_at for side in Side]
    return State(
        pair=pair,
        incidents=tuple(
            _incident(known, pair, side, item, actions.pop(f"{side}:{item.ref.id}", []))
            for side, item in known.of(Kind.INCIDENT)
        ),
        actions=tuple(loose),
        work=tuple(_work(known)),
        complete=None not in read,
        bound_at=row.bound_at if row else None,
    )


@dataclass(frozen=True)
class _Known:
    """Every item by side and id, which are one, and what happened to them."""

    items: Mapping[Side, Mapping[str, Item]]
    right_of: Mapping[str, str]
    events: Mapping[Side, Mapping[str, tuple[Event, ...]]]

    def of(self, *kinds: Kind) -> Iterator[tuple[Side, Item]]:
        """The items of these kinds, each once: a linked one is told by the tracker's."""
        for side, items in self.items.items():
            for item_id, item in items.items():
                twice = side is Side.LEFT and self.right_of.get(item_id) in self.items[Side.RIGHT]
                if item.kind in kinds and not twice:
                    yield side, item

    def recorded(self, side: Side, item: Item) -> bool:
        """Whether it has a counterpart."""
        ends = self.right_of.values() if side is Side.RIGHT else self.right_of.keys()
        return item.ref.id in ends

    def incident_of(self, side: Side, item: Item) -> str:
        """The name of the incident it belongs to, "" for none that is known."""
        parent = item.parent
        if not isinstance(parent, Ref):
            return ""
        if side is Side.LEFT and self.right_of.get(parent.id) in self.items[Side.RIGHT]:
            side, parent = Side.RIGHT, self.items[Side.RIGHT][self.right_of[parent.id]].ref
        above = self.items[side].get(parent.id)
        return f"{side}:{parent.id}" if above is not None and above.kind is Kind.INCIDENT else ""

    def happened(self, side: Side, item: Item) -> tuple[Event, ...]:
        """Its events."""
        return self.events[side].get(item.ref.id, ())


def _read(tx: Connection, pair: str) -> _Known:
    items: dict[Side, dict[str, Item]] = {side: {} for side in Side}
    for row in tx.execute(_ITEMS, {"pair": pair}):
        item = decode_item(row.item)
        items[Side(row.side)][item.ref.id] = item
    linked = {row.left_id: row.right_id for row in tx.execute(_LINKS, {"pair": pair})}
    events = {side: history.lives(tx, pair, side) for side in Side}
    return _Known(items, linked, events)


def _incident(
    known: _Known, pair: str, side: Side, item: Item, actions: list[ActionFacts]
) -> IncidentFacts:
    return IncidentFacts(
        pair=pair,
        side=side,
        item=item,
        recorded=known.recorded(side, item),
        events=known.happened(side, item),
        actions=tuple(actions),
    )


def _action(known: _Known, side: Side, item: Item) -> ActionFacts:
    """A follow-up; one that is in the documents alone has no issue."""
    return ActionFacts(
        title=item.title or item.ref.key or item.ref.id,
        key=f"{side}:{item.ref.id}",
        owner=next(iter(item.owners or ()), ""),
        due=item.due or None,
        priority=item.priority or None,
        done=item.phase is Phase.COMPLETED,
        place=item.ref.key if side is Side.LEFT else "",
        issue=item if side is Side.RIGHT else None,
        events=known.happened(side, item),
    )


def _work(known: _Known) -> Iterator[WorkFacts]:
    """Everything that was completed, but what was given up."""
    for side, item in known.of(*Kind):
        if item.phase is Phase.COMPLETED and item.resolution not in _GIVEN_UP:
            closed = life(item, known.happened(side, item)).closed
            if closed is not None:
                yield WorkFacts(closed, item.kind is Kind.INCIDENT, item.ref)
