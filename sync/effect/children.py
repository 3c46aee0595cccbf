"""Everything that is judged of a pair, follow-ups that are in the tracker alone among it.

Such a one is an item of kind action, or any task under an incident (a sub-issue, a sub-task): what
was read of the tracker tells, and no request is made.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from mappings.item import Item, Ref
from mappings.vocabulary import Kind, Phase, Side
from sync.effect import facts
from sync.effect.facts import Library
from sync.rules.model import ActionFacts, Event, State
from sync.store import history, observations, remarks
from sync.store.remarks import Heard

#: The mark of an item that follows no other: a task that a rule asked for.
_ASKED_FOR: Final = re.compile(r"<!-- followthrough:1:[0-9a-f]+:[0-9a-f]+::[0-9a-f]+ -->")


def whole_state(
    tx: Connection,
    pair: str,
    library: Library,
    now: datetime,
    *,
    documents: bool = True,
    instead: Mapping[str, Item] | None = None,
    coming: facts.Coming | None = None,
    back: timedelta = facts.WORK,
) -> State:
    """:func:`sync.effect.facts.state_of`, and the follow-ups that no document tells of: each under
    its incident; one whose incident is not known stands with those of no incident.
    """
    changed = instead or {}
    state = facts.state_of(
        tx, pair, library, now, documents=documents, instead=changed, coming=coming, back=back
    )
    known = {one.item.ref.id for one in state.incidents if one.side is Side.RIGHT}
    items = {
        item.ref.id: changed.get(item.ref.id, item) for item in _items(tx, state, sorted(known))
    }
    if not items:
        return state
    lives = history.lives(tx, pair, Side.RIGHT, items)
    heard = remarks.heard(tx, pair, Side.RIGHT)
    below: dict[str, list[ActionFacts]] = {}
    for item in items.values():
        above = _above(item, known)
        below.setdefault(above, []).append(_action(item, lives, heard, above))
    return replace(
        state,
        incidents=tuple(
            replace(one, actions=(*one.actions, *below.get(one.item.ref.id, ())))
            if one.side is Side.RIGHT
            else one
            for one in state.incidents
        ),
        actions=(*state.actions, *below.get("", ())),
    )


def _above(item: Item, known: Collection[str]) -> str:
    """The incident it is under, else the only one it is linked with; "" for none."""
    if isinstance(item.parent, Ref) and item.parent.id in known:
        return item.parent.id
    linked = {ref.id for ref in item.related} & set(known)
    return linked.pop() if len(linked) == 1 else ""


def _items(tx: Connection, state: State, incidents: Sequence[str]) -> Iterator[Item]:
    """Follow-ups on the tracker that no document tells of."""
    every = (*state.actions, *(one for facts in state.incidents for one in facts.actions))
    told = {one.issue.ref.id for one in every if one.issue is not None}
    for placed in observations.of_kind(tx, state.pair, Kind.ACTION):
        if placed.side is Side.RIGHT and placed.item.ref.id not in told:
            yield placed.item
    for item in observations.below(tx, state.pair, Side.RIGHT, incidents):
        if item.kind is Kind.TASK and item.ref.id not in told:
            yield item


def _action(
    item: Item, lives: Mapping[str, tuple[Event, ...]], heard: Mapping[str, Heard], above: str
) -> ActionFacts:
    return ActionFacts(
        title=item.title or item.ref.key or item.ref.id,
        key=f"{Side.RIGHT}:{item.ref.id}",
        due=item.due or None,
        priority=item.priority or None,
        done=item.phase is Phase.COMPLETED,
        issue=item,
        events=lives.get(item.ref.id, ()),
        incident=Ref(above) if above else None,
        waivers=facts.waivers_on(item, heard),
        asked_for=bool(_ASKED_FOR.fullmatch(item.marker)),
    )
