"""``followthrough sync``: run every pair once, for a person or for cron."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Annotated

import typer

from sync.cli import planview
from sync.cli.plan import outcome, place_of, refused
from sync.cli.session import (
    ConfigOption,
    JsonOption,
    LogFormatOption,
    LogLevelOption,
    PairOption,
    Session,
    connected,
    log_to_stderr,
)
from sync.cli.survive import report_of
from sync.effect.cycle import Report, sync_pair
from sync.effect.pair import Pair, never
from sync.settings import DEFAULT_FILE
from sync.settings.model import parse_duration


def _always() -> bool:
    return True


def sync(
    ctx: typer.Context,
    *,
    config: ConfigOption = DEFAULT_FILE,
    pair: PairOption = None,
    approve: Annotated[
        str, typer.Option(metavar="DIGEST", help="Let exactly this plan pass the guard.")
    ] = "",
    wait: Annotated[
        str,
        typer.Option(
            metavar="TIME",
            help='How long to look for creations whose answer was lost ("90s", "5m").',
        ),
    ] = "",
    relink: Annotated[
        bool,
        typer.Option(
            "--relink",
            help="Only take links back from the marks in items, after the state was lost; "
            "nothing is written outside.",
        ),
    ] = False,
    as_json: JsonOption = False,
    log_format: LogFormatOption = "auto",
    log_level: LogLevelOption = "warning",
) -> None:
    """Bring both sides in step, once.

    A plan that would do unusually much is refused before its first write (exit 3) and shown with
    its digest; `--approve DIGEST` lets exactly that plan pass. A second run right after this
    one writes nothing.

    Example: followthrough sync --pair payments
    """
    log_to_stderr(ctx, log_format, log_level)
    try:
        patience = parse_duration(wait) if wait else timedelta(0)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--wait") from None
    stop = _always if relink else never
    reports = []
    with connected(ctx, config, pair, writing=True) as session:
        for one in session.pairs:
            reports.append(_once(session, one, approve, patience, stop))
            if not as_json:
                planview.show(session.screen, reports[-1], place_of(session, one.name))
                refused(session, reports[-1])
        if as_json:
            session.screen.data(planview.report_json(reports, carried_out=True))
    raise typer.Exit(outcome(reports))


def _once(
    session: Session, pair: Pair, approve: str, patience: timedelta, stop: Callable[[], bool]
) -> Report:
    with session.screen.progress(pair.name) as progress:
        run = partial(
            sync_pair,
            pair,
            session.store,
            session.seams,
            progress=progress,
            approve=approve,
            patience=patience,
            stop=stop,
        )
        return report_of(session, pair, run, writing=True)
