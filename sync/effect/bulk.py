"""Operations carried out in order; those of one kind of home together, where it makes or changes
many by few requests. Each has its own intent before the requests and its own outcome after them.

What such a home sets of many items at once (a phase, say) is left out of their creations and set
when all are made: two operations for each, and a crash between them leaves a change to be carried
over, no doubt.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from adapters.base import Change
from adapters.errors import AdapterError, Rejected, UnknownOutcome
from mappings.item import Item, Patch, Ref, Value
from mappings.problem import Problem
from mappings.vocabulary import Field, Phase, Side
from sync.decide.plan import Operation, OpKind
from sync.effect.apply import (
    draft_of,
    finish,
    intend,
    made_ready,
    one_by_one,
    went_wrong,
)
from sync.effect.outcome import Outcome, Result, Sides, bug_of
from sync.effect.pair import Run
from sync.store.journal import Intent

#: So many items are changed together: as many as one task of Jira's moves.
CHANGES_AT_ONCE: Final = 1000

_Ready = dict[int, tuple[Operation, Intent]]


def carry_out(run: Run, operations: Sequence[Operation], sides: Sides) -> list[Outcome]:
    """Every operation in order; each ends with an outcome, whatever happens to the others."""
    outcomes: list[Outcome] = []
    unfinished: dict[int, Operation] = {}
    for batch in _batches(run, operations):
        run.progress("write", len(outcomes), len(operations), batch[0].item)
        if len(batch) == 1 or run.stop() or batch[0].side in sides.stopped:
            outcomes += one_by_one(run, batch, sides)
        elif batch[0].kind is OpKind.UPDATE:
            outcomes += _change(run, batch, sides)
        else:
            for outcome, rest in _create(run, batch, sides):
                if rest is not None:
                    unfinished[len(outcomes)] = rest
                outcomes.append(outcome)
    for side in Side:
        places = [place for place, rest in unfinished.items() if rest.side is side]
        for start in range(0, len(places), CHANGES_AT_ONCE):
            some = {place: unfinished[place] for place in places[start : start + CHANGES_AT_ONCE]}
            _finish_off(run, some, outcomes, sides)
    run.progress("write", len(operations), len(operations), "")
    return outcomes


def _batches(run: Run, operations: Sequence[Operation]) -> Iterator[list[Operation]]:
    """Neighbours of one sort on one side; none under a parent that is made with it."""
    batch: list[Operation] = []
    for operation in operations:
        most = _together(run, operation)
        other = batch and (batch[0].side, batch[0].kind) != (operation.side, operation.kind)
        if batch and (most == 1 or len(batch) >= most or other or _under(operation, batch)):
            yield batch
            batch = []
        if most == 1:
            yield [operation]
        else:
            batch.append(operation)
    if batch:
        yield batch


def _together(run: Run, operation: Operation) -> int:
    """How many operations of its sort go together."""
    able = run.pair.projects[operation.side].capabilities
    if operation.kind is OpKind.CREATE:
        return able.bulk
    if operation.kind is OpKind.UPDATE and able.together >= operation.values.keys() != set():
        return CHANGES_AT_ONCE
    return 1


def _under(operation: Operation, batch: Sequence[Operation]) -> bool:
    """Whether its parent, named by the source's id, is still to be made by this batch."""
    parent = operation.values.get(Field.PARENT)
    return isinstance(parent, Ref) and any(
        one.source is not None and one.source.ref.id == parent.id for one in batch
    )


def _create(
    run: Run, batch: list[Operation], sides: Sides
) -> list[tuple[Outcome, Operation | None]]:
    """Make items; each with its outcome, and what it must be given afterwards."""
    project = run.pair.projects[batch[0].side]
    together = project.capabilities.together
    later: dict[int, dict[Field, Value]] = {}
    outcomes: dict[int, Outcome] = {}
    ready: _Ready = {}
    for number, operation in enumerate(batch):
        whole = made_ready(run, operation)
        if isinstance(whole, Outcome):
            outcomes[number] = whole
            continue
        later[number] = {name: one for name, one in whole.values.items() if name in together}
        first = {name: one for name, one in whole.values.items() if name not in together}
        whole = replace(whole, values=first)
        ready[number] = whole, intend(run, whole, later[number])
    drafts = [draft_of(run, operation, intent) for operation, intent in ready.values()]
    made = _answered(lambda: project.create_many(drafts), len(drafts))
    outcomes |= _ended(run, ready, made, sides)
    rests = {
        number: _rest(run, operation, intent, one, later[number])
        for (number, (operation, intent)), one in zip(ready.items(), made, strict=True)
        if isinstance(one, Item)
    }
    return [(outcomes[number], rests.get(number)) for number in range(len(batch))]


def _rest(
    run: Run, operation: Operation, intent: Intent, stored: Item, later: Mapping[Field, Value]
) -> Operation | None:
    """What a new item must be given to be as its creation was planned."""
    phase = later.get(Field.PHASE)
    if not isinstance(phase, Phase) or stored.phase is phase:
        return None
    try:
        steps = run.pair.projects[operation.side].route(stored, phase)
    except Rejected:
        steps = (phase,)  # the change itself is told why not
    return Operation(
        kind=OpKind.UPDATE,
        side=operation.side,
        item=stored.ref.key or stored.ref.id,
        item_kind=operation.item_kind,
        link=intent.link,
        source=operation.source,
        target=stored,
        values=later,
        before={Field.PHASE: stored.phase},
        steps=steps,
        why=operation.why,
    )


def _finish_off(
    run: Run, rests: Mapping[int, Operation], outcomes: list[Outcome], sides: Sides
) -> None:
    """Give new items the rest. Each is told of by its creation's outcome."""
    side = next(iter(rests.values())).side
    held = sides.stopped.get(side)
    if run.stop():
        held = Problem("E411", "stopped when it was made; the next run moves it on.")
    if held is not None:
        for place in rests:
            outcomes[place] = replace(outcomes[place], problem=held)
        return
    for place, done in zip(rests, _change(run, list(rests.values()), sides), strict=True):
        if done.result is not Result.DONE or done.problem is not None:
            outcomes[place] = replace(outcomes[place], result=done.result, problem=done.problem)


def _change(run: Run, batch: list[Operation], sides: Sides) -> list[Outcome]:
    """Change items; each with its outcome."""
    project = run.pair.projects[batch[0].side]
    outcomes: dict[int, Outcome] = {}
    ready: _Ready = {}
    changes: list[Change] = []
    for number, operation in enumerate(batch):
        whole = made_ready(run, operation)
        if isinstance(whole, Outcome):
            outcomes[number] = whole
            continue
        assert whole.target is not None, "an update has a target"
        ready[number] = whole, intend(run, whole)
        patch = Patch.of(whole.values, whole.source.ref if whole.source else None)
        changes.append(Change(whole.target.ref, patch, whole.target.revision))
    stored = _answered(lambda: project.update_many(changes), len(changes))
    outcomes |= _ended(run, ready, stored, sides)
    return [outcomes[number] for number in range(len(batch))]


def _answered(
    ask: Callable[[], list[Item | AdapterError]], count: int
) -> list[Item | AdapterError]:
    """What a home answered; of one that fails nobody knows what it did."""
    if not count:
        return []
    try:
        return ask()
    except AdapterError as error:
        return [error] * count
    except Exception as error:  # noqa: BLE001  a bug in one adapter stops nothing else
        return [UnknownOutcome(bug_of(error))] * count


def _ended(
    run: Run, ready: _Ready, answers: Sequence[Item | AdapterError], sides: Sides
) -> dict[int, Outcome]:
    outcomes: dict[int, Outcome] = {}
    for (number, (operation, intent)), one in zip(ready.items(), answers, strict=True):
        if isinstance(one, AdapterError):
            outcomes[number] = went_wrong(run, operation, intent, sides, one)
        else:
            sides.transients[operation.side] = 0
            outcomes[number] = finish(run, operation, intent, one)
    return outcomes
