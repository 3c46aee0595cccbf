"""``followthrough sync``: run every pair once, for a person or for cron."""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Annotated

import typer

from sync.cli import planview
from sync.cli.exits import Exit
from sync.cli.plan import outcome, place_of, refused
from sync.cli.session import (
    ConfigOption,
    FailOnOption,
    JsonOption,
    LogFormatOption,
    LogLevelOption,
    PairOption,
    Session,
    connected,
    log_to_stderr,
    tell,
)
from sync.cli.survive import report_of
from sync.daemon.signals import Signals
from sync.durations import parse_duration
from sync.effect.cycle import Report, sync_pair
from sync.effect.observe import Readings
from sync.effect.pair import Pair, Progress
from sync.effect.together import read_together
from sync.settings import DEFAULT_FILE


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
            help="How long after it was sent to look for a creation whose answer was lost. "
            "GitHub needs a minute to prove that there is none.",
        ),
    ] = "90s",
    relink: Annotated[
        bool,
        typer.Option(
            "--relink",
            help="Only take links back from the marks in items, after the state was lost; "
            "nothing is written outside.",
        ),
    ] = False,
    retry: Annotated[
        bool,
        typer.Option(
            "--retry",
            help="Try at once what was set aside, as after mending a permission or a workflow.",
        ),
    ] = False,
    fail_on: FailOnOption = None,
    as_json: JsonOption = False,
    log_format: LogFormatOption = "auto",
    log_level: LogLevelOption = "warning",
) -> None:
    """Bring both sides in step, once.

    A plan that would do unusually much is refused before its first write (exit 3) and shown with
    its digest; `--approve DIGEST` lets exactly that plan pass. A second run right after this
    one writes nothing. Ctrl-C and SIGTERM finish the current operation first, a second one ends
    at once.

    Example: followthrough sync --pair payments
    """
    log_to_stderr(ctx, log_format, log_level)
    try:
        patience = parse_duration(wait)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--wait") from None
    how = _How(approve, patience, relink=relink, retry=retry)
    reports = []
    with connected(ctx, config, pair, writing=True) as session, how.signals.installed():
        ahead = _read_ahead(session, how)
        for one in session.pairs:
            reports.append(_once(session, one, how, ahead.get(one.name, {})))
            if not as_json:
                planview.show(session.screen, reports[-1], place_of(session, one.name))
                refused(session, reports[-1])
            tell(session.loaded, session.store, session.world, one.name)
        if as_json:
            session.screen.data(planview.report_json(reports, carried_out=True))
    raise typer.Exit(Exit.FAILED if how.signals.asked_to_stop else outcome(reports, fail_on))


@dataclass(frozen=True)
class _How:
    """What was asked for on the command line, and by signals since."""

    approve: str
    patience: timedelta
    relink: bool = field(kw_only=True)
    retry: bool = field(kw_only=True)
    signals: Signals = field(default_factory=Signals)

    def stop(self) -> bool:
        """Whether no further operation may begin."""
        return self.relink or self.signals.asked_to_stop

    def watched(self, told: Progress) -> Progress:
        """``told``, and a signal ends reading at once."""

        def progress(stage: str, done: int, total: int | None, what: str) -> None:
            told(stage, done, total, what)
            if self.signals.asked_to_stop and stage.startswith("read"):
                raise KeyboardInterrupt  # nothing has been sent yet

        return progress


def _read_ahead(session: Session, how: _How) -> dict[str, Readings]:
    """What one request can tell of several pairs."""
    if len(session.pairs) == 1:
        return {}
    now = session.seams.clock.now()
    with session.screen.progress("all pairs") as told:
        return read_together(session.pairs, session.store, now, how.watched(told))


def _once(session: Session, pair: Pair, how: _How, ready: Readings) -> Report:
    """One pair. A signal ends reading at once, and writing after the current operation."""
    with session.screen.progress(pair.name) as told:
        run = partial(
            sync_pair,
            pair,
            session.store,
            session.seams,
            progress=how.watched(told),
            approve=how.approve,
            patience=how.patience,
            stop=how.stop,
            ready=ready,
            retry=how.retry,
        )
        return report_of(session, pair, run, writing=True)
