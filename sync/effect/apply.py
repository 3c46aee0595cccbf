"""Carrying out a plan, one operation at a time.

Intent committed, one request, outcome and link and baselines committed together. After a write
the target's baseline is what the *home stored*, the source's is what was read. A broken item is
set aside and stops nothing else.
"""

import traceback
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection

from adapters.errors import (
    AdapterError,
    Missing,
    Moved,
    PreconditionFailed,
    UnknownOutcome,
)
from mappings.item import UNSET, Draft, Item, Patch, Ref, Value
from mappings.naming import names
from mappings.problem import Problem
from mappings.vocabulary import Field, Phase, Side
from sync.decide.plan import Operation, OpKind
from sync.decide.tokens import moved, token, tokens
from sync.decide.world import Presence
from sync.effect import tracked
from sync.effect.dropped import dropped_of, not_kept, remember
from sync.effect.outcome import STOPPED, Outcome, Result, Sides, bug_of
from sync.effect.pair import Run
from sync.effect.recover import keep_silence, marker_of, seen_as, settle_update
from sync.store import disputes, journal, linkage, observations, setaside
from sync.store.journal import Intent, State

HOUR: Final = timedelta(hours=1)


def one_by_one(run: Run, operations: Sequence[Operation], sides: Sides) -> list[Outcome]:
    """Every operation in order; each ends with an outcome, whatever happens to the others."""
    outcomes = []
    for operation in operations:
        if run.stop():
            outcomes.append(Outcome(operation, Result.SKIPPED, STOPPED))
        elif operation.side in sides.stopped:
            outcomes.append(Outcome(operation, Result.SKIPPED, sides.stopped[operation.side]))
        else:
            outcomes.append(_carry_out_one(run, operation, sides))
    return outcomes


def made_ready(run: Run, operation: Operation) -> Operation | Outcome:
    """The operation with all that can be told only now, or the outcome of one not to be tried."""
    over = _over_budget(run, operation)
    if over:
        return _put_aside(run, operation, over)
    whole = tracked.completed(run, operation)
    return Outcome(operation, Result.SKIPPED, whole) if isinstance(whole, Problem) else whole


def _carry_out_one(run: Run, operation: Operation, sides: Sides) -> Outcome:
    ready = made_ready(run, operation)
    if isinstance(ready, Outcome):
        return ready
    operation = ready
    intent = intend(run, operation)
    try:
        stored = _send(run, operation, intent)
    except AdapterError as error:
        return went_wrong(run, operation, intent, sides, error)
    except Exception as error:  # noqa: BLE001  a bug in one adapter stops nothing else
        _end(run, intent, State.UNKNOWN, type(error).__name__)
        return _put_aside(run, operation, bug_of(error), error, Result.UNKNOWN)
    sides.transients[operation.side] = 0
    return finish(run, operation, intent, stored)


def went_wrong(
    run: Run, operation: Operation, intent: Intent, sides: Sides, error: AdapterError
) -> Outcome:
    """What one failure means for the intent, the item and the side."""
    problem = error.problem.about(operation.item)
    if isinstance(error, UnknownOutcome):
        _end(run, intent, State.UNKNOWN, str(error))
        return Outcome(operation, Result.UNKNOWN, problem)
    # A phase may take several writes, of which the last was refused: the item is read again.
    walked = operation.kind is OpKind.UPDATE and Field.PHASE in operation.values
    _end(run, intent, State.UNKNOWN if walked else State.FAILED, str(error))
    if isinstance(error, PreconditionFailed):
        if walked:
            settle_update(run, intent)
        else:
            _read_again(run, operation)
        return Outcome(operation, Result.SKIPPED, problem)
    sides.failed(operation.side, error)
    keep_silence(run, operation.side, error)
    if operation.side in sides.stopped:
        return Outcome(operation, Result.FAILED, error.problem)
    return _put_aside(run, operation, problem, error)


def _over_budget(run: Run, operation: Operation) -> Problem | None:
    """A loop breaker: nothing of ours should write to one item again and again."""
    if operation.target is None:
        return None
    since = run.seams.clock.now() - HOUR
    most = run.pair.policy.writes_per_hour
    with run.store.reading() as tx:
        name, target = run.pair.name, operation.target.ref.id
        written = journal.writes_since(tx, name, operation.side, target, since)
    if written < most:
        return None
    text = f"{operation.item} was written {written} times in an hour; another program may undo it."
    return Problem("E413", text, remedy="See `followthrough explain`.")


def intend(run: Run, operation: Operation, later: Mapping[Field, Value] | None = None) -> Intent:
    """The intent, committed. A creation's link is made with it, its far end still missing.

    ``later``: what the new item is given by another operation right afterwards.
    """
    later = later or {}
    now = run.seams.clock.now()
    source = operation.source
    payload: dict[str, Any] = {
        "values": {name: token(name, value) for name, value in operation.values.items()},
        "source": {k: raw for k, raw in _source_base(operation).items() if k not in later},
        "why": list(operation.why),
        "steps": _steps(run, operation),
        "seen": seen_as(operation.target) if operation.target else None,
        **({"later": {name: token(name, value) for name, value in later.items()}} if later else {}),
    }
    intent = Intent(
        op=f"{run.seams.random.getrandbits(128):032x}",
        pair=run.pair.name,
        run=run.number,
        kind=operation.kind,
        side=operation.side,
        item=operation.item,
        payload=payload,
        intended_at=now,
        target_id=operation.target.ref.id if operation.target else None,
        source_id=source.ref.id if source else None,
        link=operation.link,
        server_time=now,
        hint=run.pair.projects[operation.side].hint(),
    )
    with run.store.writing(run.pair.name, run.fence) as tx:
        if operation.kind is OpKind.CREATE and source is not None:
            link = linkage.make(tx, run.pair.name, {operation.side.other: source.ref.id}, now)
            intent = replace(intent, link=link)
        _keep_lost(tx, run, operation)
        journal.intend(tx, intent)
    return intent


def _steps(run: Run, operation: Operation) -> list[str]:
    """Where the operation may leave the item when it is cut short, and where it ends."""
    phase, target = operation.values.get(Field.PHASE), operation.target
    steps = list(operation.steps)
    if target is not None and isinstance(phase, Phase):
        steps = [*run.pair.projects[operation.side].passes(target, phase), *steps]
    return [str(one) for one in steps]


def _send(run: Run, operation: Operation, intent: Intent) -> Item | None:
    """The one effect."""
    project = run.pair.projects[operation.side]
    source = operation.source
    if operation.kind is OpKind.PREPARE:
        project.prepare(operation.item)
        return None
    if operation.kind is OpKind.CREATE:
        return project.create(draft_of(run, operation, intent))
    target = operation.target
    if target is None:
        msg = "an update without a target"
        raise ValueError(msg)
    patch = Patch.of(operation.values, source.ref if source else None)
    return project.update(target.ref, patch, target.revision)


def draft_of(run: Run, operation: Operation, intent: Intent) -> Draft:
    """What a creation hands to the adapter."""
    source, project = operation.source, run.pair.projects[operation.side]
    values: dict[str, Any] = {name.value: value for name, value in operation.values.items()}
    avoid: tuple[str, ...] = ()
    if project.capabilities.absence_visible:  # a folder: a file may be gone by now
        with run.store.reading() as tx:
            avoid = observations.taken_ids(tx, run.pair.name, operation.side)
    return Draft(
        kind=operation.item_kind,
        marker=marker_of(run.store, run.pair, intent),
        origin=source.ref if source else None,
        text=source.text if source else "",
        avoid=avoid,
        **values,
    )


def finish(run: Run, operation: Operation, intent: Intent, stored: Item | None) -> Outcome:
    """Outcome, link and baselines in one transaction."""
    now = run.seams.clock.now()
    problem = None
    with run.store.writing(run.pair.name, run.fence) as tx:
        if stored is not None and operation.source is not None and intent.link is not None:
            dropped = dropped_of(operation, stored)
            problem = not_kept(operation, dropped)
            _rebase(tx, run, operation, intent, stored)
            remember(tx, run, operation, intent.link, stored, dropped)
        target = stored.ref.id if stored else None
        journal.end(tx, intent.op, State.DONE, now, str(problem or ""), target)
    return Outcome(operation, Result.DONE, problem, stored.ref if stored else None)


def _rebase(tx: Connection, run: Run, operation: Operation, intent: Intent, stored: Item) -> None:
    """The target's baseline is what the home stored, the source's what was read."""
    now, pair, side, source = run.seams.clock.now(), run.pair.name, operation.side, operation.source
    link = intent.link
    if source is None or link is None:
        return
    said = tokens(stored)
    if operation.kind is OpKind.CREATE:
        linkage.attach(tx, pair, link, side, stored.ref.id)
        source_says = _source_base(operation)
        later = intent.payload.get("later", {})
        waiting = {Field(name) for name, raw in later.items() if said.get(Field(name)) != raw}
        half_made = bool(waiting) or _half_made(operation, stored)
        not_under = _not_under(operation, stored)
        refers = run.pair.projects[side.other].capabilities.refers
        dirty = half_made or not_under or refers
        if half_made:
            # Born in another phase because it could not be moved in the same breath: the source's
            # is then a change still to be carried over, never the tracker's to carry back.
            for name in waiting or {Field.PHASE, Field.RESOLUTION}:
                source_says.pop(name, None)
        if not_under:
            source_says.pop(Field.PARENT, None)
        changes = {side: said, side.other: source_says}
    else:
        written = set(operation.values)
        heard = {side: said, side.other: tokens(source)}
        changes = {
            end: {name: raw for name, raw in heard[end].items() if name in written} for end in Side
        }
        view = linkage.view(tx, pair, link)
        # A person's edit of another field may have come back with the answer, and the other
        # side of this link may have a write of its own to come: then it is judged again.
        dirty = view is None or any(
            moved(view.base[end] | changes[end], name, heard_item.get(name))
            for end, heard_item in ((side, stored), (side.other, source))
            for name in Field
        )
        dirty = dirty or _unnamed(run, {side: stored, side.other: source})
    observations.put(tx, pair, side, stored, now, link)
    linkage.rebase(tx, link, changes, now, dirty=dirty)
    setaside.clear(tx, pair, side.other, source.ref.id)
    setaside.clear(tx, pair, side, stored.ref.id)
    disputes.close(tx, pair, link, set(operation.values), "written", now)
    if operation.kind is OpKind.CREATE:
        observations.children_dirty(tx, pair, side.other, source.ref.id)


def _unnamed(run: Run, ends: Mapping[Side, Item]) -> bool:
    """Whether the document is still to say what tracks its item, maybe by this very plan."""
    refers = run.pair.projects[Side.LEFT].capabilities.refers
    told = ends[Side.LEFT].references
    return refers and not any(names(one, ends[Side.RIGHT].ref) for one in told)


def _not_under(operation: Operation, stored: Item) -> bool:
    """Made, and the request that puts it under its parent failed: that is still to be done."""
    return isinstance(operation.values.get(Field.PARENT), Ref) and stored.parent is None


def _half_made(operation: Operation, stored: Item) -> bool:
    wanted = operation.values.get(Field.PHASE)
    return wanted is Phase.COMPLETED and stored.phase is not Phase.COMPLETED


def _keep_lost(tx: Connection, run: Run, operation: Operation) -> None:
    """What is about to be replaced is on record before it is: a crash must not lose it."""
    if operation.link is None:
        return
    now, pair = run.seams.clock.now(), run.pair.name
    for name, lost in operation.lost.items():
        stood = operation.source.get(name) if operation.source else UNSET
        values = {operation.side: lost, operation.side.other: stood}
        how = next((why for why in operation.why if why.startswith(f"{name}:")), "")
        disputes.record_loss(tx, pair, operation.link, operation.item, name, values, how, now)


def _source_base(operation: Operation) -> dict[Field, Any]:
    """What the source says, less a parent that could not be named on the other side yet."""
    if operation.source is None:
        return {}
    said = tokens(operation.source)
    if operation.kind is OpKind.CREATE and Field.PARENT not in operation.values:
        said.pop(Field.PARENT, None)
    return said


def _end(run: Run, intent: Intent, state: State, outcome: str) -> None:
    now = run.seams.clock.now()
    with run.store.writing(run.pair.name, run.fence) as tx:
        journal.end(tx, intent.op, state, now, outcome)
        if intent.kind != OpKind.CREATE and intent.link is not None:
            linkage.set_dirty(tx, intent.link, dirty=True)
        if state is State.FAILED and intent.kind == OpKind.CREATE and intent.link is not None:
            linkage.dissolve(tx, run.pair.name, intent.link)


def _read_again(run: Run, operation: Operation) -> None:
    """The item moved under us: see what it says now; the next cycle judges it."""
    target = operation.target
    if target is None or operation.link is None:
        return
    try:
        item = run.pair.projects[operation.side].fetch(target.ref)
    except AdapterError:
        item = None
    now = run.seams.clock.now()
    with run.store.writing(run.pair.name, run.fence) as tx:
        if item is not None:
            observations.record(tx, run.pair.name, operation.side, [item], now, direct=True)
        linkage.set_dirty(tx, operation.link, dirty=True)


def _put_aside(
    run: Run,
    operation: Operation,
    problem: Problem,
    error: Exception | None = None,
    result: Result = Result.FAILED,
) -> Outcome:
    """Set the item aside with its reason; it is tried again later, or when it changes."""
    item = operation.target or operation.source
    side = operation.side if operation.target else operation.side.other
    trace = ""
    if error is not None and not isinstance(error, AdapterError):
        trace = "".join(traceback.format_tb(error.__traceback__))
    if item is not None:
        now = run.seams.clock.now()
        with run.store.writing(run.pair.name, run.fence) as tx:
            setaside.put(tx, run.pair.name, side, item.ref.id, problem, now, trace)
            presence = _PRESENCE.get(type(error))
            if presence is not None and operation.target is not None:
                observations.mark(tx, run.pair.name, side, item.ref.id, presence)
    return Outcome(operation, result, problem)


_PRESENCE: Final[Mapping[type | None, Presence]] = {
    Missing: Presence.ABSENT,
    Moved: Presence.MOVED,
}
