"""``followthrough report``: what is open, late and missing, and how incidents were dealt with."""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from mappings.problem import Problem, ProblemError
from sync.cli.exits import Exit
from sync.cli.screen import printable
from sync.cli.session import ConfigOption, JsonOption, PairOption, Session, remembered
from sync.durations import parse_duration
from sync.report import csv, html, markdown, text
from sync.report.build import report as build
from sync.report.data import Report
from sync.report.json import as_json
from sync.report.remembered import state_of
from sync.rules.model import Level
from sync.settings import DEFAULT_FILE
from sync.store import findings


class Format(StrEnum):
    """How a report is written."""

    TEXT = "text"
    MARKDOWN = "markdown"
    HTML = "html"
    CSV = "csv"
    JSON = "json"


def _json(found: Report) -> str:
    return json.dumps(as_json(found), ensure_ascii=False, indent=2) + "\n"


_WRITERS: Final[Mapping[Format, Callable[[Report], str]]] = {
    Format.TEXT: text.write,
    Format.MARKDOWN: markdown.write,
    Format.HTML: html.write,
    Format.CSV: csv.write,
    Format.JSON: _json,
}


def _window(value: str) -> timedelta:
    """The option's text as a length of time; wrong usage for another text."""
    try:
        return parse_duration(value)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def report(
    ctx: typer.Context,
    *,
    config: ConfigOption = DEFAULT_FILE,
    pair: PairOption = None,
    since: Annotated[
        timedelta,
        typer.Option(
            parser=_window, metavar="TIME", help="How far back times and work are looked at."
        ),
    ] = timedelta(days=90),
    form: Annotated[
        Format, typer.Option("--format", "-f", help="How it is written.")
    ] = Format.TEXT,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write to this file, over what was there."),
    ] = None,
    fail_on: Annotated[
        Level | None,
        typer.Option(help="Exit with 4 if a finding of this level, or a worse one, is open."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Report on incidents and their follow-ups.

    Open follow-ups by incident, owner, priority and age; incidents without a postmortem; what was
    done on time; times to respond, to resolve and to the postmortem; interrupts against planned
    work by week; incidents that came back while a follow-up was open. Reads the state file alone:
    no token is needed and no request is made.

    Example: followthrough report --since 30d --format html -o report.html
    """
    with remembered(ctx, config, pair) as session:
        found = _found(session, since)
        written = printable(_WRITERS[Format.JSON if as_json else form](found))
        if output is None:
            session.screen.out.file.write(written)
        else:
            _keep(output, written)
            session.screen.note(f"wrote {output}")
    if fail_on is not None and found.worst is not None and found.worst >= fail_on:
        raise typer.Exit(Exit.FINDINGS)


def _found(session: Session, since: timedelta) -> Report:
    with session.store.reading() as tx:
        states = [state_of(tx, name) for name in session.names]
        unmet = [one for name in session.names for one in findings.open_now(tx, name)]
    return build(states, unmet, session.seams.clock.now(), since)


def _keep(file: Path, written: str) -> None:
    """Write a report; a reader never sees half of one. Raises ProblemError (E304)."""
    aside = file.with_name(f".{file.name}.new")
    try:
        aside.write_text(written, "utf-8", newline="")
        aside.replace(file)
    except OSError as error:
        aside.unlink(missing_ok=True)
        problem = Problem("E304", f"cannot be written: {error.strerror}.", str(file))
        raise ProblemError(problem) from None
