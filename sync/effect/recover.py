"""Intents whose outcome is not known: looked for, never repeated on a guess.

A create in doubt is settled by ``find``: adopted if it is there; planned again only when its
absence is *proved*; otherwise it stays in doubt, shown, until a person says what is true. An
update in doubt needs no search: the item is read again and judged anew.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from adapters.base import Found
from adapters.errors import AdapterError, Missing, Moved, RateLimited
from mappings.item import UNSET, Item, Ref, Unset, Value
from mappings.markers import Marker, read_marker, write_marker
from mappings.problem import Problem
from mappings.vocabulary import Field, Side
from sync.decide.plan import OpKind
from sync.decide.tokens import Baseline, tokens
from sync.decide.world import Presence
from sync.effect.adopt import adopt, born_open
from sync.effect.pair import Pair, Run
from sync.store import Store, disputes, journal, linkage, observations, schedule
from sync.store.journal import Intent, State

#: A fenced run of another process has sent its last request by then, or never will: the longest
#: time a request may take (adapters/wire.py) and a margin for a machine that was suspended.
SENT_BY_NOW: Final = timedelta(minutes=5)


#: An item in doubt that cannot be seen for so long is judged without its last intent.
LOST_FOR_GOOD: Final = timedelta(days=1)

_MAY_LAND: Final = "not there at the first look; another process may still be sending it"


def settle(run: Run) -> list[Problem]:
    """Settle what can be settled now; returns a problem for each create still in doubt."""
    with run.store.reading() as tx:
        waiting = journal.unsettled(tx, run.pair.name)
    doubts = []
    for intent in waiting:
        if intent.kind == OpKind.CREATE:
            doubt = _settle_create(run, intent)
            if doubt:
                doubts.append(doubt)
        elif intent.kind != OpKind.FLAG:  # sync.effect.flagging settles those
            settle_update(run, intent)
    return doubts


def _settle_create(run: Run, intent: Intent) -> Problem | None:
    project = run.pair.projects[intent.side]
    since = intent.server_time or intent.intended_at
    marker = marker_of(run.store, run.pair, intent)
    try:
        found = project.find(marker, since, intent.hint)
        first = min(found.items, key=_age, default=None)
        if first is not None and born_open(intent, first):
            first = project.fetch(first.ref)
    except AdapterError as error:
        keep_silence(run, intent.side, error)
        return in_doubt(intent, error.problem.message)
    now = run.seams.clock.now()
    over = sent_by_now(run, intent, now)
    if first is not None and born_open(intent, first) and not over:
        return in_doubt(intent, "found, but another process may be about to close it")
    with run.store.writing(run.pair.name, run.fence) as tx:
        if first is not None:
            direct = project.capabilities.absence_visible
            observations.record(tx, run.pair.name, intent.side, [first], now, direct=direct)
            read = read_marker(marker, run.pair.key)
            if read is not None and adopt(tx, run.pair, intent.side, first, read, now):
                return _twins(intent, found.items)
            return in_doubt(intent, "found, but its counterpart is not here")
        if over and proved_absent(tx, intent, found, now):
            journal.end(tx, intent.op, State.ABSENT, now, "proved not created; planned again")
            if intent.link is not None:
                linkage.dissolve(tx, run.pair.name, intent.link)
            return None
        journal.end(tx, intent.op, State.UNKNOWN, now, "looked for, not seen yet")
    return in_doubt(intent, _when(project.capabilities.find_lag, since, now))


def sent_by_now(run: Run, intent: Intent, now: datetime) -> bool:
    """Whether no other process can still be sending this write."""
    return run.store.alone or now - intent.intended_at >= SENT_BY_NOW


def proved_absent(tx: Connection, intent: Intent, found: Found, now: datetime) -> bool:
    """Whether absence was proved as often as it takes: a home may once say 404 of what it has."""
    return found.conclusive and now - journal.not_seen(tx, intent, now) >= found.again


def _when(lag: timedelta, since: datetime, now: datetime) -> str:
    until = since + lag
    if now < until:
        return f"looking for it until {until:%H:%M} UTC before asking you"
    return "it cannot be found; say what is true with `followthrough doubts`"


def settle_update(run: Run, intent: Intent) -> None:
    """Read the item again, directly: what it says now is all that matters. What cannot be read
    now stays open for the next run, and so does what another process may still be sending.
    """
    now = run.seams.clock.now()
    over = intent.run == run.number or sent_by_now(run, intent, now)
    try:
        item, presence = _target(run, intent)
    except AdapterError as error:
        keep_silence(run, intent.side, error)
        if intent.link is not None:
            run.unread.add(intent.link)
        return  # stays open; the next run reads it
    with run.store.writing(run.pair.name, run.fence) as tx:
        if item is not None:
            observations.record(tx, run.pair.name, intent.side, [item], now, direct=True)
        elif intent.target_id:
            observations.mark(tx, run.pair.name, intent.side, intent.target_id, presence)
        if presence is Presence.ABSENT and now - intent.intended_at < LOST_FOR_GOOD:
            return  # stays open: what it says when it is back may be our own write
        if intent.link is not None:
            linkage.set_dirty(tx, intent.link, dirty=True)
            if item is not None:
                steps = intent.payload["steps"]
                _forgive_steps(tx, run.pair.name, intent.link, intent.side, item, steps, now)
                over = _credit(tx, intent, item, now) or over
        if over or item is None:
            journal.end(tx, intent.op, State.READ, now, "outcome lost; the item was read again")
        else:
            journal.end(tx, intent.op, State.UNKNOWN, now, _MAY_LAND)


def _target(run: Run, intent: Intent) -> tuple[Item | None, Presence]:
    """The item that was to be changed. Raises AdapterError where nothing can be told."""
    if not intent.target_id:
        return None, Presence.PRESENT
    try:
        item = run.pair.projects[intent.side].fetch(Ref(intent.target_id))
    except Missing:
        return None, Presence.ABSENT
    except Moved:
        return None, Presence.MOVED
    return item, Presence.GONE if item is None else Presence.PRESENT


def _forgive_steps(
    tx: Connection,
    pair: str,
    link: int,
    side: Side,
    item: Item,
    steps: Sequence[str],
    now: datetime,
) -> None:
    """A walk cut short left the item on one of its steps: that was us, no person's choice.

    Or it was, by chance, a person's very choice: so it is on record before the walk goes on.
    """
    if item.phase in steps[:-1]:
        name, how = item.ref.key or item.ref.id, "phase: where a walk was cut short"
        said: dict[Side, Value | Unset] = {side: item.phase, side.other: UNSET}
        disputes.record_loss(tx, pair, link, name, Field.PHASE, said, how, now)
        # Whatever the source says by now is still to be carried over, its old phase too: no phase
        # is None.
        changes: dict[Side, Baseline] = {
            side: {Field.PHASE: str(item.phase)},
            side.other: {Field.PHASE: None},
        }
        linkage.rebase(tx, link, changes, now, dirty=True)


def _credit(tx: Connection, intent: Intent, item: Item, now: datetime) -> bool:
    """What stands there as it was to be written was written by us: no person moved it. True if
    all of it stands there, so that nothing is under way any more.

    Else a source that changed its mind since would be overruled by our own late write. What was
    not there at the first look may also be, by chance, a person's very choice: it is on record. So
    is what stands as before the write in an item that changed: a person may have put it back.
    """
    said, before = tokens(item), intent.payload["source"]
    values = {Field(name): raw for name, raw in intent.payload["values"].items()}
    landed = {name: raw for name, raw in values.items() if name in said and said[name] == raw}
    view = linkage.view(tx, intent.pair, intent.link) if intent.link is not None else None
    if view is None:
        return len(landed) == len(values)
    known = view.base[intent.side]
    new = {name: raw for name, raw in landed.items() if name not in known or known[name] != raw}
    if intent.outcome == _MAY_LAND:
        _on_record(tx, intent, item, new, "where a write of ours landed late", now)
    if intent.payload.get("seen") not in {None, seen_as(item)}:
        back = [name for name in values if name in said and name not in landed]
        _on_record(tx, intent, item, back, "as it was before a write whose answer was lost", now)
    changed = new if intent.outcome == _MAY_LAND else landed
    source = {name: before[name] for name in changed if name in before}
    if changed:
        changes: dict[Side, Baseline] = {intent.side: changed, intent.side.other: source}
        linkage.rebase(tx, view.id, changes, now, dirty=True)
    return len(landed) == len(values)


def seen_as(item: Item) -> str:
    """Differs once an item was changed, also by a change that was taken back to the letter."""
    return f"{item.revision} {item.updated_at}"


def _on_record(
    tx: Connection, intent: Intent, item: Item, fields: Iterable[Field], how: str, now: datetime
) -> None:
    """Keep what an item says, before it is written over, for whoever said it."""
    assert intent.link is not None, "only what is linked is judged"
    title = item.ref.key or item.ref.id
    for name in fields:
        said: dict[Side, Value | Unset] = {intent.side: item.get(name), intent.side.other: UNSET}
        disputes.record_loss(tx, intent.pair, intent.link, title, name, said, f"{name}: {how}", now)


def keep_silence(run: Run, side: Side, error: AdapterError) -> None:
    """What the tracker asked for holds after a restart and for other processes too."""
    if isinstance(error, RateLimited):
        now = run.seams.clock.now()
        with run.store.writing(run.pair.name, run.fence) as tx:
            schedule.block(tx, run.pair.names[side], error.until, now)


def marker_of(store: Store, pair: Pair, intent: Intent) -> str:
    """The marker that the create carried: the same text every time it is computed."""
    with store.reading() as tx:
        instance = schedule.instance(tx)
    marker = Marker(op=intent.op, instance=instance, origin=intent.source_id or "")
    return write_marker(marker, pair.key)


def in_doubt(intent: Intent, what: str) -> Problem:
    """One create whose outcome nobody knows."""
    place = "tracker" if intent.side is Side.RIGHT else "documents"
    text = f"creating the counterpart of {intent.item} in the {place} got no answer; {what}."
    return Problem("E213", text)


def _twins(intent: Intent, items: tuple[Item, ...]) -> Problem | None:
    if len(items) == 1:
        return None
    names = " and ".join(item.ref.key or item.ref.id for item in items)
    return Problem("E214", f"{names} both claim {intent.item}.", remedy="Choose one.")


def _age(item: Item) -> tuple[int, str]:
    """Oldest first: by number where ids are numbers."""
    return (int(item.ref.id) if item.ref.id.isdigit() else 0, item.ref.id)
