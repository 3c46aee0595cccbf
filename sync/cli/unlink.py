"""``followthrough unlink``: two items are not followed any more."""

from typing import Annotated

import typer

from mappings.problem import Problem, ProblemError
from sync.cli.items import ids_of
from sync.cli.session import ConfigOption, PairOption, connected
from sync.effect.people import say_unlinked
from sync.settings import DEFAULT_FILE


def unlink(
    ctx: typer.Context,
    item: Annotated[str, typer.Argument(help="A code, key, number or address, of either side.")],
    *,
    config: ConfigOption = DEFAULT_FILE,
    pair: PairOption = None,
) -> None:
    """Stop following a document and its issue. Neither is changed, closed or mirrored anew.

    For a document that was deleted on purpose, or an issue that was moved or deleted: until then
    its counterpart is only left as it is and shown as out of sight.

    Example: followthrough unlink PROJ-T-0007
    """
    with connected(ctx, config, pair, writing=True) as session:
        for name in session.names:
            with session.store.reading() as tx:
                ends = ids_of(tx, name, item)
            if ends:
                left, right = say_unlinked(session.store, name, *ends[0])
                session.screen.line(f"{left} and {right} are not followed any more")
                return
    raise ProblemError(Problem("E406", f"nothing here is called {item}."))
