"""``followthrough doubts``: creations whose answer was lost, and saying what is true."""

from typing import Annotated

import typer

from mappings.problem import Problem, ProblemError
from sync.cli.log import intent_json
from sync.cli.screen import Screen, ago
from sync.cli.session import ConfigOption, JsonOption, PairOption, Session, connected, remembered
from sync.cli.values import PLACE
from sync.decide.plan import OpKind
from sync.effect.people import say_absent, say_created
from sync.settings import DEFAULT_FILE
from sync.store import journal
from sync.store.journal import Intent


def doubts(
    ctx: typer.Context,
    *,
    operation: Annotated[
        str, typer.Argument(help="The creation to settle, by the beginning of its name.")
    ] = "",
    created: Annotated[
        str, typer.Option("--created", metavar="ID", help="It is there: the id of that item.")
    ] = "",
    absent: Annotated[
        bool, typer.Option("--absent", help="It is not there; the next run creates it.")
    ] = False,
    config: ConfigOption = DEFAULT_FILE,
    pair: PairOption = None,
    as_json: JsonOption = False,
) -> None:
    """List creations whose answer was lost and that cannot be found; or settle one.

    A creation is never repeated on a guess, because that makes duplicates. Look at the tracker,
    then say what is true.

    Example: followthrough doubts 3f2a --created 12
    """
    if not operation and (created or absent):
        raise typer.BadParameter("say which creation: its OPERATION", param_hint="operation")
    if operation and bool(created) == absent:
        raise typer.BadParameter("give either --created ID or --absent", param_hint="operation")
    if operation:
        with connected(ctx, config, pair, writing=True) as session:
            _settle(session, operation, created)
        return
    with remembered(ctx, config, pair) as session:
        now = session.seams.clock.now()
        found = _open(session)
        if as_json:
            session.screen.data({"doubts": [intent_json(one) for one in found]})
            return
        for one in found:
            _show(session.screen, one, ago(one.intended_at, now))
        if not found:
            session.screen.line("nothing is in doubt")


def _open(session: Session) -> list[Intent]:
    with session.store.reading() as tx:
        found = [one for name in session.names for one in journal.unsettled(tx, name)]
    return [one for one in found if one.kind == OpKind.CREATE]


def _settle(session: Session, operation: str, created: str) -> None:
    meant = [one for one in _open(session) if one.op.startswith(operation)]
    if len(meant) != 1:
        text = f"{len(meant)} creations in doubt begin with {operation}."
        raise ProblemError(Problem("E407", text, remedy="See `followthrough doubts`."))
    (one,) = meant
    (pair,) = (each for each in session.pairs if each.name == one.pair)
    if created:
        say_created(session.store, pair, one.op, created)
        session.screen.line(f"{one.item} is linked with {created}")
    else:
        say_absent(session.store, pair, one.op)
        session.screen.line(f"{one.item}: the next run creates its counterpart")


def _show(screen: Screen, one: Intent, age: str) -> None:
    place = PLACE[one.side]
    screen.line(
        f"{one.op[:8]}  {one.pair}  counterpart of {one.item} in the {place}, {age}", "bold"
    )
    screen.line(f"   title   {one.payload['values'].get('title', '')}")
    screen.line(f"   so far  {one.outcome or 'no answer'}")
