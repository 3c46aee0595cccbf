"""``followthrough plan``: what the next run would do. Writes nothing anywhere."""

from functools import partial
from typing import Annotated

import typer

from sync.cli import planview
from sync.cli.exits import Exit
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
)
from sync.cli.survive import report_of
from sync.decide.guard import approvable
from sync.effect.cycle import Report, plan_pair
from sync.rules.model import Level
from sync.settings import DEFAULT_FILE


def plan(
    ctx: typer.Context,
    *,
    config: ConfigOption = DEFAULT_FILE,
    pair: PairOption = None,
    fail_on: FailOnOption = None,
    as_json: JsonOption = False,
    as_markdown: Annotated[
        bool, typer.Option("--markdown", help="The answer as Markdown, to paste into a review.")
    ] = False,
    log_format: LogFormatOption = "auto",
    log_level: LogLevelOption = "warning",
) -> None:
    """Show what the next sync would do: where, on which item, which fields, and why.

    Both sides are read; nothing is written, neither outside nor in the state file. The digest
    names exactly this plan: if the guard refuses it (exit 3), `followthrough sync --approve DIGEST`
    lets it pass.

    Example: followthrough plan --pair payments
    """
    log_to_stderr(ctx, log_format, log_level)
    with connected(ctx, config, pair, writing=False) as session:
        screen = session.screen
        reports = []
        for one in session.pairs:
            with screen.progress(one.name) as progress:
                make = partial(plan_pair, one, session.store, session.seams, progress)
                reports.append(report_of(session, one, make, writing=False))
        if as_json:
            screen.data(planview.report_json(reports, carried_out=False))
        elif as_markdown:
            places = [place_of(session, report.pair) for report in reports]
            for line in planview.markdown(reports, places):
                screen.line(line)
        else:
            for report in reports:
                planview.show(screen, report, place_of(session, report.pair))
                refused(session, report)
    raise typer.Exit(outcome(reports, fail_on))


def place_of(session: Session, pair: str) -> str:
    """The two projects of a pair: "docs -> acme (acme/payments)"."""
    given = session.loaded.settings.pairs[pair]
    ends = [
        f"{end.connection} ({end.project})" if end.project else end.connection
        for end in given.ends.values()
    ]
    return " <-> ".join(ends)


def refused(session: Session, report: Report) -> None:
    """Say why the guard refused a plan, and how it is let pass where it can be."""
    for problem in report.plan.refusals:
        session.screen.problem(problem)
    if report.refused:
        said = "Refused; nothing was written."
        if approvable(report.plan.refusals):
            how = f"followthrough sync --pair {report.pair} --approve {report.plan.digest}"
            said += f" If this is what you want: {how}"
        session.screen.note(said, "bold")


def outcome(reports: list[Report], fail_on: Level | None = None) -> Exit:
    """The exit code for what the reports say: failures before refusals, then findings."""
    if any(report.problems or report.doubts for report in reports):
        return Exit.FAILED
    if any(
        one.problem and one.result in {"failed", "unknown"} for r in reports for one in r.outcomes
    ):
        return Exit.FAILED
    if any(report.refused for report in reports):
        return Exit.REFUSED
    pressing = [one.level for report in reports for one in report.findings if not one.waived]
    return Exit.FINDINGS if fail_on and any(one >= fail_on for one in pressing) else Exit.DONE
