"""Writing what rules ask for: journalled like every other effect, and never in its way.

A label set twice is set once, and a note is edited in place, so a flag whose outcome is not known
is simply planned again; but only once its home's lists must show what was written: else a note
would be written beside one that is not seen yet.
"""

from collections.abc import Sequence

from adapters.errors import (
    AdapterError,
    AuthFailed,
    Missing,
    Moved,
    PreconditionFailed,
    RateLimited,
    UnknownOutcome,
)
from mappings.item import Item, Patch, Ref
from mappings.problem import Problem
from sync.decide.flags import Place, place_of
from sync.decide.plan import Mark, Operation, OpKind
from sync.effect import followup
from sync.effect.outcome import STOPPED, Outcome, Result, Sides, bug_of
from sync.effect.pair import Run
from sync.effect.recover import SENT_BY_NOW, keep_silence
from sync.rules.model import Flag
from sync.store import flags, journal, observations
from sync.store.journal import Intent, State


def put_up(
    run: Run, planned: Sequence[Operation], due: Sequence[Operation | None], sides: Sides
) -> list[Outcome]:
    """Write every flag that is due; each planned one ends with an outcome."""
    outcomes = []
    for number, (asked, operation) in enumerate(zip(planned, due, strict=True)):
        run.progress("flag", number, len(planned), asked.item)
        if operation is None:
            outcomes.append(Outcome(asked, Result.SKIPPED))
        elif run.stop():
            outcomes.append(Outcome(operation, Result.SKIPPED, STOPPED))
        elif operation.side in sides.stopped:
            outcomes.append(Outcome(operation, Result.SKIPPED, sides.stopped[operation.side]))
        else:
            outcomes.append(_put_up_one(run, operation, sides))
    return outcomes


def settle_flag(run: Run, intent: Intent) -> None:
    """A flag in doubt: once its home must show it the intent ends, and it is planned anew. A label
    that stands as it was to be is ours: else it would stay when its rule is met.
    """
    kind = intent.payload["mark"]["kind"]
    if kind == Flag.FOLLOW_UP:
        followup.settle(run, intent)
        return
    now = run.seams.clock.now()
    lag = run.pair.projects[intent.side].capabilities.find_lag
    wait = lag if run.store.alone else max(lag, SENT_BY_NOW)
    again = kind != Flag.NOTE  # no list is asked for those
    if not (again and run.store.alone) and now - intent.intended_at < wait:
        return
    try:
        stands = kind == Flag.LABEL and _stands(run, intent)
    except AdapterError as error:
        keep_silence(run, intent.side, error)
        return  # stays open; the next run looks again
    with run.store.writing(run.pair.name, run.fence) as tx:
        if stands and intent.target_id:
            mark = intent.payload["mark"]
            place = (intent.side, intent.target_id, mark["rule"], Flag.LABEL)
            flags.put(tx, run.pair.name, place, mark["text"], intent.intended_at, on=mark["on"])
        journal.end(tx, intent.op, State.READ, now, "outcome lost; looked at anew")


def _stands(run: Run, intent: Intent) -> bool:
    """Whether the issue has its label now, or lacks it, as the intent meant it to be."""
    try:
        item = run.pair.projects[intent.side].fetch(Ref(intent.target_id or ""))
    except (Missing, Moved):
        return False
    if item is None:
        return False
    mark = intent.payload["mark"]
    labels = {label.lower() for label in item.labels}
    return (mark["text"].lower() in labels) is mark["on"]


def _put_up_one(run: Run, operation: Operation, sides: Sides) -> Outcome:
    place, mark, target = place_of(operation), operation.mark, operation.target
    assert place is not None, "a flag has an item"
    assert mark is not None, "a flag has a mark"
    assert target is not None, "a flag has an item"
    intent = _intend(run, operation, mark, target)
    try:
        stored = _send(run, operation, intent, mark, target)
    except AdapterError as error:
        return _went_wrong(run, operation, intent, place, sides, error)
    except Exception as error:  # noqa: BLE001  a bug in one adapter stops nothing else
        _end(run, intent, State.UNKNOWN, type(error).__name__)
        return Outcome(operation, Result.UNKNOWN, bug_of(error))
    sides.transients[operation.side] = 0
    now = run.seams.clock.now()
    problem = _not_kept(operation, mark, stored)
    with run.store.writing(run.pair.name, run.fence) as tx:
        if stored is not None:
            # Recorded while the intent is open: its home's new time is then known for our own.
            name = run.pair.name
            observations.record(tx, name, operation.side, [stored], now, direct=True)
        if problem is None:
            flags.put(tx, run.pair.name, place, mark.text, now, on=mark.on)
        else:
            flags.refused(tx, run.pair.name, place, flags.known(tx, run.pair.name), now)
        journal.end(tx, intent.op, State.DONE, now, str(problem or ""), target.ref.id)
    made = stored is not None and mark.kind is Flag.FOLLOW_UP
    return Outcome(operation, Result.DONE, problem, stored.ref if made and stored else target.ref)


def _not_kept(operation: Operation, mark: Mark, stored: Item | None) -> Problem | None:
    """A label that the home took, or took off, without an error and that is not so."""
    if mark.kind is not Flag.LABEL or stored is None:
        return None
    if (mark.text.lower() in {label.lower() for label in stored.labels}) is mark.on:
        return None
    how = "without" if mark.on else "still with"
    text = f"{operation.item} was stored {how} the label {mark.text}."
    return Problem("E125", text, remedy="The token may lack the right to set it.")


def _intend(run: Run, operation: Operation, mark: Mark, target: Item) -> Intent:
    now = run.seams.clock.now()
    intent = Intent(
        op=f"{run.seams.random.getrandbits(128):032x}",
        pair=run.pair.name,
        run=run.number,
        kind=OpKind.FLAG,
        side=operation.side,
        item=operation.item,
        payload={
            "values": {name: str(value) for name, value in operation.values.items()},
            "source": {},
            "why": list(operation.why),
            "steps": [],
            "mark": {"rule": mark.rule, "kind": mark.kind, "text": mark.text, "on": mark.on},
        },
        intended_at=now,
        target_id=target.ref.id,
        server_time=now,
        hint=run.pair.projects[operation.side].hint() if mark.kind is Flag.FOLLOW_UP else "",
    )
    with run.store.writing(run.pair.name, run.fence) as tx:
        journal.intend(tx, intent)
    return intent


def _send(run: Run, operation: Operation, intent: Intent, mark: Mark, target: Item) -> Item | None:
    """The one effect; returns the item as it is after it, where that can be told."""
    project = run.pair.projects[operation.side]
    if mark.kind is Flag.LABEL:
        return project.tag(target.ref, mark.text, on=mark.on)
    if mark.kind is Flag.NOTE:
        project.note(target.ref, mark.rule, mark.text)
        return _as_it_is(run, operation, target.ref)
    if mark.kind is Flag.FOLLOW_UP:
        return followup.make(run, operation, intent, target)
    return project.update(target.ref, Patch.of(operation.values), target.revision)


def _as_it_is(run: Run, operation: Operation, ref: Ref) -> Item | None:
    """The item after a note: its home's new time is our own doing, no person's."""
    try:
        return run.pair.projects[operation.side].fetch(ref)
    except AdapterError:
        return None


def _went_wrong(
    run: Run,
    operation: Operation,
    intent: Intent,
    place: Place,
    sides: Sides,
    error: AdapterError,
) -> Outcome:
    if isinstance(error, UnknownOutcome):
        _end(run, intent, State.UNKNOWN, str(error))
        return Outcome(operation, Result.UNKNOWN, error.problem)
    _end(run, intent, State.FAILED, str(error))
    if isinstance(error, PreconditionFailed):
        return Outcome(operation, Result.SKIPPED, error.problem)
    sides.failed(operation.side, error)
    keep_silence(run, operation.side, error)
    if not isinstance(error, RateLimited | AuthFailed):
        now = run.seams.clock.now()
        with run.store.writing(run.pair.name, run.fence) as tx:
            before = flags.known(tx, run.pair.name)
            flags.refused(tx, run.pair.name, place, before, now)
    return Outcome(operation, Result.FAILED, error.problem)


def _end(run: Run, intent: Intent, state: State, outcome: str) -> None:
    now = run.seams.clock.now()
    with run.store.writing(run.pair.name, run.fence) as tx:
        journal.end(tx, intent.op, state, now, outcome)
