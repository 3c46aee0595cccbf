"""Operations carried out in order; creations of one kind of home together, where it makes many by
one request. Each has its own intent before the request and its own outcome after it.
"""

from collections.abc import Iterator, Sequence

from adapters.errors import AdapterError, UnknownOutcome
from mappings.problem import Problem
from mappings.vocabulary import Field
from sync.decide.plan import Operation, OpKind
from sync.effect import tracked
from sync.effect.apply import (
    Outcome,
    Result,
    Sides,
    draft_of,
    finish,
    intend,
    one_by_one,
    went_wrong,
)
from sync.effect.pair import Run
from sync.store.journal import Intent


def carry_out(run: Run, operations: Sequence[Operation], sides: Sides) -> list[Outcome]:
    """Every operation in order; each ends with an outcome, whatever happens to the others."""
    outcomes: list[Outcome] = []
    for batch in _batches(run, operations):
        run.progress("write", len(outcomes), len(operations), batch[0].item)
        if len(batch) == 1 or run.stop() or batch[0].side in sides.stopped:
            outcomes += one_by_one(run, batch, sides)
        else:
            outcomes += _together(run, batch, sides)
    run.progress("write", len(operations), len(operations), "")
    return outcomes


def _batches(run: Run, operations: Sequence[Operation]) -> Iterator[list[Operation]]:
    """Neighbouring creations on one side; one under a parent may need what another just made."""
    batch: list[Operation] = []
    for operation in operations:
        most = run.pair.projects[operation.side].capabilities.bulk
        alone = operation.kind is not OpKind.CREATE or Field.PARENT in operation.values
        if batch and (alone or len(batch) >= most or batch[0].side is not operation.side):
            yield batch
            batch = []
        if alone or most == 1:
            yield [operation]
        else:
            batch.append(operation)
    if batch:
        yield batch


def _together(run: Run, batch: list[Operation], sides: Sides) -> list[Outcome]:
    outcomes: dict[int, Outcome] = {}
    ready: dict[int, tuple[Operation, Intent]] = {}
    for number, operation in enumerate(batch):
        whole = tracked.completed(run, operation)
        if isinstance(whole, Problem):
            outcomes[number] = Outcome(operation, Result.SKIPPED, whole)
        else:
            ready[number] = whole, intend(run, whole)
    drafts = [draft_of(run, operation, intent) for operation, intent in ready.values()]
    try:
        made = run.pair.projects[batch[0].side].create_many(drafts)
    except AdapterError as error:
        made = [error] * len(drafts)
    except Exception as error:  # noqa: BLE001  a bug in one adapter stops nothing else
        text = f"the adapter failed ({type(error).__name__}); a bug."
        made = [UnknownOutcome(Problem("E412", text))] * len(drafts)
    for (number, (operation, intent)), one in zip(ready.items(), made, strict=True):
        if isinstance(one, AdapterError):
            outcomes[number] = went_wrong(run, operation, intent, sides, one)
        else:
            sides.transients[operation.side] = 0
            outcomes[number] = finish(run, operation, intent, one)
    return [outcomes[number] for number in range(len(batch))]
