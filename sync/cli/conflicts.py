"""``followthrough conflicts``: what both sides changed differently, and deciding it."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from mappings.problem import Problem, ProblemError
from mappings.vocabulary import Side
from sync.cli.screen import Screen, moment
from sync.cli.session import ConfigOption, JsonOption, PairOption, Session, remembered
from sync.cli.values import PLACE, as_json, changed_lines, is_text, shown
from sync.settings import DEFAULT_FILE
from sync.store import disputes
from sync.store.disputes import Conflict


class Taken(StrEnum):
    """Whose value stands."""

    DOCUMENTS = "documents"
    TRACKER = "tracker"


def conflicts(
    ctx: typer.Context,
    *,
    number: Annotated[
        int | None, typer.Argument(help="The conflict to decide, by its number in the list.")
    ] = None,
    take: Annotated[
        Taken | None, typer.Option(help="The side whose value stands. Needs a NUMBER.")
    ] = None,
    closed: Annotated[
        bool, typer.Option("--closed", help="Also those that are over, newest first.")
    ] = False,
    config: ConfigOption = DEFAULT_FILE,
    pair: PairOption = None,
    as_json: JsonOption = False,
) -> None:
    """List open conflicts with both values, word for word; or decide one.

    A conflict blocks its own field only. With `--closed` the values that lost are shown too: none
    is ever thrown away.

    Example: followthrough conflicts 7 --take tracker
    """
    if take is not None and number is None:
        raise typer.BadParameter("say which conflict: its NUMBER", param_hint="--take")
    with remembered(ctx, config, pair) as session:
        if take is not None and number is not None:
            _decide(session, number, take)
        else:
            _list(session, number, closed=closed, as_json=as_json)


def _decide(session: Session, number: int, take: Taken) -> None:
    side = Side.LEFT if take is Taken.DOCUMENTS else Side.RIGHT
    with session.store.writing() as tx:
        decided = disputes.decide(tx, number, side)
    if not decided:
        raise ProblemError(Problem("E405", f"no open conflict has the number {number}."))
    session.screen.note(f"{number}: what the {take} said stands. The next run writes it.")


def _list(session: Session, number: int | None, *, closed: bool, as_json: bool) -> None:
    with session.store.reading() as tx:
        listed = [
            (name, one)
            for name in session.names
            for one in disputes.listed(tx, name, closed=closed)
            if number in {None, one.id}
        ]
    if as_json:
        session.screen.data({"conflicts": [_json(name, one) for name, one in listed]})
        return
    for name, one in listed:
        _show(session.screen, name, one)
    if not listed:
        session.screen.line("no open conflicts" if not closed else "no conflicts")


def _json(pair: str, one: Conflict) -> dict[str, Any]:
    return {
        "number": one.id,
        "pair": pair,
        "item": one.item,
        "field": one.field.value,
        "documents": as_json(one.left),
        "tracker": as_json(one.right),
        "opened_at": moment(one.opened_at),
        "closed_at": moment(one.closed_at),
        "decision": PLACE[one.decision] if one.decision else None,
        "how": one.how,
    }


def _show(screen: Screen, pair: str, one: Conflict) -> None:
    opened = f"{one.opened_at:%Y-%m-%d %H:%M} UTC" if one.opened_at else ""
    state = one.how if one.closed_at else "open"
    if one.decision and not one.closed_at:
        state = f"decided for the {PLACE[one.decision]}; the next run writes it"
    screen.line(f"{one.id}  {pair}  {one.item}  {one.field}  since {opened}  {state}", "bold")
    if is_text(one.left) and is_text(one.right) and isinstance(one.right, str):
        screen.line("   from the documents (-) to the tracker (+):")
        for line in changed_lines(one.left, one.right):
            screen.line(f"     {line}")
    else:
        screen.line(f"   documents  {shown(one.left)}")
        screen.line(f"   tracker    {shown(one.right)}")
