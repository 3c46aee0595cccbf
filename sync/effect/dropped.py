"""Fields that a home takes without an error and does not keep."""

from sqlalchemy import Connection

from mappings.item import UNSET, Item, Ref, Value
from mappings.problem import Problem
from mappings.vocabulary import Field
from sync.decide.plan import Operation
from sync.decide.tokens import token, tokens
from sync.effect.pair import Run
from sync.store import disputes


def dropped_of(operation: Operation, stored: Item) -> list[Field]:
    """Fields the home took without an error and did not keep."""
    said = tokens(stored)
    return [
        name
        for name, value in operation.values.items()
        if name is not Field.BODY
        and stored.get(name) is not UNSET
        and said.get(name) != token(name, value)
    ]


def not_kept(operation: Operation, dropped: list[Field]) -> Problem | None:
    """What is said of them; None where everything was kept."""
    if not dropped:
        return None
    lost = ", ".join(f"{name} ({_shown(operation.values[name])})" for name in dropped)
    text = f"{operation.item} was stored without {lost}."
    return Problem("E125", text, remedy="The token may lack the right to set it.")


def remember(
    tx: Connection, run: Run, operation: Operation, link: int, stored: Item, dropped: list[Field]
) -> None:
    """What a person wrote on one side and the other did not keep stays readable for ever."""
    if operation.source is None:
        return
    now, side = run.seams.clock.now(), operation.side
    for name in dropped:
        values = {side: stored.get(name), side.other: operation.source.get(name)}
        how = f"{name}: not kept when it was written"
        disputes.record_loss(tx, run.pair.name, link, operation.item, name, values, how, now)


def _shown(value: Value) -> str:
    return str(value.id if isinstance(value, Ref) else value)
