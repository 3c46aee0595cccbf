"""Follow-ups kept in the tracker alone: action items that hang under their incident."""

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import Connection

from mappings.item import Item, Ref
from mappings.vocabulary import Kind, Phase, Side
from sync.rules.model import ActionFacts, Event, State
from sync.store import history, observations


def with_children(tx: Connection, state: State) -> State:
    """The state with these follow-ups under their incidents; what a postmortem tells stays.

    One whose incident is not known stands with those of no incident.
    """
    told = {one.issue.ref.id for facts in state.incidents for one in facts.actions if one.issue}
    told |= {one.issue.ref.id for one in state.actions if one.issue}
    placed = observations.of_kind(tx, state.pair, Kind.ACTION)
    items = [one.item for one in placed if one.side is Side.RIGHT and one.item.ref.id not in told]
    if not items:
        return state
    lives = history.lives(tx, state.pair, Side.RIGHT, [item.ref.id for item in items])
    known = {facts.item.ref.id for facts in state.incidents if facts.side is Side.RIGHT}
    below: dict[str, list[ActionFacts]] = {}
    for item in items:
        parent = item.parent.id if isinstance(item.parent, Ref) else ""
        above = parent if parent in known else ""
        below.setdefault(above, []).append(_action(item, lives, above))
    return replace(
        state,
        incidents=tuple(
            replace(facts, actions=(*facts.actions, *below.get(facts.item.ref.id, ())))
            if facts.side is Side.RIGHT
            else facts
            for facts in state.incidents
        ),
        actions=(*state.actions, *below.get("", ())),
    )


def _action(item: Item, lives: Mapping[str, tuple[Event, ...]], above: str) -> ActionFacts:
    return ActionFacts(
        title=item.title or item.ref.key or item.ref.id,
        key=f"{Side.RIGHT}:{item.ref.id}",
        due=item.due or None,
        priority=item.priority or None,
        done=item.phase is Phase.COMPLETED,
        issue=item,
        events=lives.get(item.ref.id, ()),
        incident=Ref(above) if above else None,
    )
