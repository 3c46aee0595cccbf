"""Reading both sides and writing down what was seen; no conclusion from what was not.

All requests are made before the transaction that records them: no transaction waits on a network.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from sqlalchemy import Connection

from adapters.base import Broken, Cursor, Page, Project
from adapters.errors import AdapterError, Missing, Moved, RateLimited, Rejected
from mappings.item import Item, Ref
from mappings.problem import Problem, ProblemError
from mappings.vocabulary import Side
from sync.decide.world import Presence
from sync.effect.pair import Pair, Progress
from sync.store import Store, linkage, lost, observations, schedule, setaside

#: Items lost from a tracker's sweep that are looked at one by one; more is a lost permission.
CONFIRM_AT_MOST: Final = 20
#: How old a reading made ahead of its cycle may be.
FRESH: Final = timedelta(minutes=1)

_SETTLED: Final = frozenset({Presence.GONE, Presence.UNLINKED})


@dataclass(frozen=True, slots=True)
class Begun:
    """Where and when (UTC) a reading made ahead of its cycle began; ``fence``: after which run."""

    cursor: Cursor
    at: datetime
    fence: int


@dataclass(slots=True)
class Reading:
    """One side as it was read. ``complete``: the reading ended by itself. ``begun``: of one that
    was made ahead of the cycle. ``lost`` is what became of items that were asked for by
    themselves, ``why`` what their home said; ``back``: one of many lost ones is there again.
    """

    side: Side
    items: list[Item] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)
    cursor: Cursor | None = None
    complete: bool = False
    sweep: bool = False
    present: frozenset[str] | None = None
    removed: frozenset[str] = frozenset()
    server_time: datetime | None = None
    problem: Problem | None = None
    silent_until: datetime | None = None
    moved: set[str] = field(default_factory=set)
    notices: tuple[Problem, ...] = ()
    lost: dict[str, Presence] = field(default_factory=dict)
    why: dict[str, Problem] = field(default_factory=dict)
    back: bool = False
    begun: Begun | None = None


Readings: TypeAlias = Mapping[Side, Reading]


def read(
    pair: Pair,
    store: Store,
    now: datetime,
    progress: Progress,
    ready: Readings | None = None,
) -> dict[Side, Reading]:
    """Read both sides from where they were left; everything, when a sweep is due.

    ``ready``: made ahead of this cycle; each is used if the cycle would begin where it began, it
    is fresh, and nothing was done for the pair since.
    """
    readings = {}
    for side in Side:
        early = (ready or {}).get(side)
        with store.reading() as tx:
            position = schedule.position(tx, pair.name, side)
            until = schedule.blocked_until(tx, pair.names[side])
            row = schedule.get(tx, pair.name) if early else None
            reworded = words_changed(tx, pair)
        if until is not None and now < until:
            readings[side] = Reading(side, problem=silence(pair.names[side], until))
            continue
        due = reworded or sweep_due(pair, position, now)
        can = pair.projects[side].capabilities
        cursor = None if due and not can.follows else position.cursor
        if early and row and not due and _still_good(early, cursor, row.fence, now):
            reading = early
            progress(f"read {side}", len(reading.items), None, "")
        else:
            reading = _read_side(side, pair.projects[side], cursor, progress)
        if not can.absence_visible:
            _confirm_same_moment(reading, pair, store)
        if reading.complete and reading.present is None:
            if reading.sweep:
                _confirm_lost(reading, pair, store)
            else:
                _look_again(reading, pair, store, now)
        readings[side] = reading
    return readings


def words_changed(tx: Connection, pair: Pair) -> bool:
    """Whether the items that are known were read with another profile."""
    return schedule.note(tx, f"words:{pair.name}") not in {None, pair.words}


def sweep_due(pair: Pair, position: schedule.Position, now: datetime) -> bool:
    """Whether a side is to be read whole."""
    every = timedelta(hours=pair.policy.sweep_hours)
    return position.swept_at is None or now - position.swept_at >= every


def _still_good(early: Reading, cursor: Cursor | None, fence: int, now: datetime) -> bool:
    """Whether reading now would give the same, but for what happened in the last minute.

    A run raises the fence as it begins; if another one came in between, it may have written what
    the reading does not show yet.
    """
    begun = early.begun
    return (
        early.complete
        and begun is not None
        and begun.cursor == cursor
        and begun.fence + 1 == fence
        and timedelta(0) <= now - begun.at <= FRESH
    )


def silence(connection: str, until: datetime) -> Problem:
    """Nothing is sent before the time a tracker named, whichever process was told."""
    text = f"{connection} asked to wait until {until:%H:%M:%S} UTC; nothing is sent before."
    return Problem("E207", text)


def _read_side(side: Side, project: Project, cursor: Cursor | None, progress: Progress) -> Reading:
    reading = Reading(side, cursor=cursor)
    try:
        for page in project.changed(cursor):
            take(reading, page)
            progress(f"read {side}", len(reading.items), None, "")
    except (AdapterError, ProblemError) as error:
        reading.complete, reading.problem = False, error.problem
        reading.silent_until = _silence(error)
    return reading


def take(reading: Reading, page: Page) -> None:
    """Add one page to what was read; the last one completes it."""
    reading.items.extend(page.items)
    reading.broken.extend(page.broken)
    reading.moved |= page.moved
    reading.notices += page.notices
    reading.cursor = page.cursor
    reading.server_time = page.server_time or reading.server_time
    if page.last:
        reading.complete, reading.sweep = True, page.sweep
        reading.present, reading.removed = page.present, page.removed


def _silence(error: AdapterError | ProblemError) -> datetime | None:
    """Until when the home asked for no more requests, if it did."""
    return error.until if isinstance(error, RateLimited) else None


def _confirm_same_moment(reading: Reading, pair: Pair, store: Store) -> None:
    """A listed row that differs from what we know and bears the same time is asked for by itself.

    Trackers tell time in whole seconds: such a row is either a person's edit in the second of our
    own write, or a replica that has not seen that write yet.
    """
    with store.reading() as tx:
        doubtful = observations.same_moment(tx, pair.name, reading.side, reading.items)
    for ref in doubtful:
        item: Item | None = None
        try:
            item = pair.projects[reading.side].fetch(ref)
        except Moved:
            pass  # a sweep says what became of it; the row is passed over
        except AdapterError as error:
            reading.items = [one for one in reading.items if one.ref not in doubtful]
            reading.complete, reading.problem = False, error.problem
            reading.silent_until = _silence(error)
            return
        others = [one for one in reading.items if one.ref.id != ref.id]
        reading.items = [*others, item] if item is not None else others


def _confirm_lost(reading: Reading, pair: Pair, store: Store) -> None:
    """A linked item that a complete sweep did not show is asked for by itself before it is lost."""
    seen = {item.ref.id for item in reading.items} | {broken.id for broken in reading.broken}
    with store.reading() as tx:
        known = observations.known_ids(tx, pair.name, reading.side)
        missing = [
            row.id
            for row in known.values()
            if row.link is not None and row.id not in seen and row.presence not in _SETTLED
        ]
        if len(missing) > CONFIRM_AT_MOST:
            reading.lost = dict.fromkeys(missing, Presence.ABSENT)
            return
        items = [observations.get(tx, pair.name, reading.side, one) for one in missing]
    for ref in [item.ref for item in items if item is not None]:
        try:
            _look(reading, pair, ref)
        except AdapterError as error:
            # Not even this can be told: the sweep proves nothing and is made again.
            reading.complete, reading.problem = False, error.problem
            reading.silent_until = _silence(error)
            return


def _look_again(reading: Reading, pair: Pair, store: Store, now: datetime) -> None:
    """Linked items that were shown as moved, and lost ones whose time has come, are asked for.

    Many lost ones are a lost permission: then one of them is asked for. Once it is back, all are
    read anew.
    """
    seen = {item.ref.id for item in reading.items}
    with store.reading() as tx:
        due = lost.to_look_for(tx, pair.name, reading.side, now, reading.moved - seen)
    many = len(due) > CONFIRM_AT_MOST
    for ref in due[:1] if many else due:
        if ref.id in seen:
            continue
        try:
            _look(reading, pair, ref)
        except Rejected as error:
            reading.why[ref.id] = error.problem
        except AdapterError as error:
            # Nothing was learned of what is lost, and what was read is true all the same.
            reading.silent_until = _silence(error)
            return
        reading.back = reading.back or (many and ref.id not in {*reading.lost, *reading.why})


def _look(reading: Reading, pair: Pair, ref: Ref) -> None:
    """Ask for one item by itself. Raises what does not tell whether it is there."""
    try:
        item = pair.projects[reading.side].fetch(ref)
    except (Missing, Moved) as error:
        moved = isinstance(error, Moved)
        reading.lost[ref.id] = Presence.MOVED if moved else Presence.ABSENT
        reading.why[ref.id] = error.problem
        return
    if item is None:
        reading.lost[ref.id] = Presence.GONE
    else:
        reading.items.append(item)


def record(tx: Connection, pair: Pair, reading: Reading, now: datetime) -> list[Problem]:
    """Write one reading down; returns what should be said about it."""
    name, side = pair.name, reading.side
    direct = pair.projects[side].capabilities.absence_visible
    written = observations.record(tx, name, side, reading.items, now, direct=direct)
    well = {item.ref.id for item in reading.items}
    setaside.clear_read(tx, name, side, well, setaside.READING_CODES)
    for broken in reading.broken:
        setaside.put(tx, name, side, broken.id, broken.problem, now)
    for item_id in written.reused:
        observations.mark(tx, name, side, item_id, Presence.REPLACED)
    if reading.present is not None and reading.complete:
        unread = {one.id for one in reading.broken}
        _record_absence(tx, name, side, reading.present | unread)
        _record_removal(tx, name, side, reading.removed - unread)
        _forget_mended(tx, name, side, unread)
    for item_id, presence in reading.lost.items():
        observations.mark(tx, name, side, item_id, presence)
    for item_id, problem in reading.why.items():
        setaside.put(tx, name, side, item_id, problem, now)
    if reading.silent_until:
        schedule.block(tx, pair.names[side], reading.silent_until, now)
    if reading.complete:
        schedule.move(tx, name, side, reading.cursor, now, swept=reading.sweep)
    if reading.back:
        schedule.sweep_next(tx, name, side)
    return [reading.problem] if reading.problem else []


def _record_removal(tx: Connection, pair: str, side: Side, removed: frozenset[str]) -> None:
    """Taken out by a person, of a document that is still there: no mount failed, and no alarm."""
    if not removed:
        return
    known = observations.known_ids(tx, pair, side)
    for item_id in removed & known.keys():
        if known[item_id].link is not None and known[item_id].presence not in _SETTLED:
            observations.mark(tx, pair, side, item_id, Presence.GONE)


def _forget_mended(tx: Connection, pair: str, side: Side, broken: Collection[str]) -> None:
    """What is set aside and is no item (a whole document) is well once it is not told any more."""
    mended = [
        one.id for one in setaside.listed(tx, pair) if one.side is side and one.id not in broken
    ]
    known = observations.known_ids(tx, pair, side) if mended else {}
    for item_id in mended:
        if item_id not in known:
            setaside.clear(tx, pair, side, item_id)


def _record_absence(tx: Connection, pair: str, side: Side, present: Collection[str]) -> None:
    """A folder shows what exists: follow renamed documents, and note what is lost."""
    known = observations.known_ids(tx, pair, side)
    strangers = {row.birth: row.id for row in known.values() if row.link is None and row.birth}
    for row in known.values():
        if row.id in present:
            if row.presence == Presence.ABSENT:
                observations.mark(tx, pair, side, row.id, Presence.PRESENT)
        elif row.link is None:
            # Kept in mind: its id is not given to another item, should it come back.
            if row.presence == Presence.PRESENT:
                observations.mark(tx, pair, side, row.id, Presence.ABSENT)
            setaside.clear(tx, pair, side, row.id)
        elif strangers.get(row.birth) in present:
            # Same birth under another code: Metis renumbered it (reference: metis.md §5.5).
            observations.forget(tx, pair, side, [row.id])
            linkage.attach(tx, pair, row.link, side, strangers[row.birth])
            linkage.set_dirty(tx, row.link, dirty=True)
        elif row.presence == Presence.PRESENT:
            observations.mark(tx, pair, side, row.id, Presence.ABSENT)
