"""``followthrough report``: what is open, late and missing, and how incidents were dealt with."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer
from sqlalchemy import Connection

from mappings.problem import Problem, ProblemError
from sync.cli.exits import Exit
from sync.cli.screen import printable
from sync.cli.session import (
    ConfigOption,
    FailOnOption,
    JsonOption,
    PairOption,
    Session,
    remembered,
)
from sync.durations import parse_duration
from sync.effect import facts
from sync.effect.children import whole_state
from sync.report import csv, html, markdown, text
from sync.report.build import report as build
from sync.report.data import Report
from sync.report.json import as_json
from sync.rules.model import State
from sync.settings import DEFAULT_FILE
from sync.settings.actions import main_of
from sync.store import findings, schedule


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
            parser=_window,
            metavar="TIME",
            help="How far back times and work are looked at.",
            show_default="90d",
        ),
    ] = timedelta(days=90),
    form: Annotated[
        Format, typer.Option("--format", "-f", help="How it is written.")
    ] = Format.TEXT,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write to this file, over what was there."),
    ] = None,
    fail_on: FailOnOption = None,
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
    now = session.seams.clock.now()
    names = [name for name in session.names if not main_of(name)]
    with session.store.reading() as tx:
        states = [_state(session, tx, name, now, since) for name in names]
        unmet = [one for name in names for one in findings.open_now(tx, name)]
    return build(states, unmet, now, since)


def _state(session: Session, tx: Connection, name: str, now: datetime, back: timedelta) -> State:
    """What is remembered of a pair; incomplete until every end of it was read once."""
    state = whole_state(tx, name, facts.remembered(tx, name), now, back=back)
    ends = session.loaded.settings.pairs[name].ends
    read = all(schedule.position(tx, name, side).swept_at for side in ends)
    return replace(state, complete=state.complete and read)


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
