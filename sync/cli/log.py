"""``followthrough log``: what was done, when, and why."""

from typing import Annotated, Any

import typer

from sync.cli.items import ids_of
from sync.cli.screen import moment, problem_json
from sync.cli.session import ConfigOption, JsonOption, PairOption, Session, remembered
from sync.cli.values import PLACE
from sync.settings import DEFAULT_FILE
from sync.store import journal, schedule
from sync.store.journal import OPEN, Intent
from sync.store.schedule import Run


def log(
    ctx: typer.Context,
    *,
    item: Annotated[
        str, typer.Argument(help="Only what touched this item: its key, code, number or address.")
    ] = "",
    runs: Annotated[bool, typer.Option("--runs", help="Runs instead of single writes.")] = False,
    still_open: Annotated[
        bool, typer.Option("--open", help="Only writes whose outcome is not known.")
    ] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="At most so many.")] = 50,
    config: ConfigOption = DEFAULT_FILE,
    pair: PairOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show every write that was intended and how it ended, newest first.

    Example: followthrough log PAY-T-0012
    """
    with remembered(ctx, config, pair) as session:
        if runs:
            _runs(session, limit, as_json=as_json)
        else:
            _writes(session, item, limit, only_open=still_open, as_json=as_json)


def _writes(session: Session, item: str, limit: int, *, only_open: bool, as_json: bool) -> None:
    found: list[Intent] = []
    with session.store.reading() as tx:
        for name in session.names:
            ids = ids_of(tx, name, item) if item else []
            if item and not ids:
                continue
            if only_open:
                found += [
                    one for one in journal.unsettled(tx, name) if not ids or _touches(one, ids)
                ]
            else:
                found += journal.history(tx, name, limit, ids)
    found.sort(key=lambda one: one.intended_at, reverse=True)
    found = found[:limit]
    if as_json:
        session.screen.data({"log": [intent_json(one) for one in found]})
        return
    rows = [
        (
            f"{one.intended_at:%Y-%m-%d %H:%M:%S}",
            one.pair,
            one.kind,
            PLACE[one.side],
            one.item,
            one.state.value,
            one.outcome or "; ".join(one.payload.get("why", ())),
        )
        for one in found
    ]
    session.screen.table(("time (UTC)", "pair", "what", "where", "item", "state", "why"), rows)


def _touches(one: Intent, ids: list[Any]) -> bool:
    return (one.side, one.target_id) in ids or (one.side.other, one.source_id) in ids


def intent_json(one: Intent) -> dict[str, Any]:
    """One journal row as JSON."""
    return {
        "operation": one.op,
        "pair": one.pair,
        "run": one.run,
        "kind": one.kind,
        "side": one.side.value,
        "item": one.item,
        "fields": one.payload.get("values", {}),
        "why": one.payload.get("why", []),
        "intended_at": moment(one.intended_at),
        "ended_at": moment(one.ended_at),
        "state": one.state.value,
        "open": one.state in OPEN,
        "outcome": one.outcome,
    }


def _runs(session: Session, limit: int, *, as_json: bool) -> None:
    found: list[Run] = []
    with session.store.reading() as tx:
        for name in session.names:
            found += schedule.history(tx, name, limit)
    found.sort(key=lambda one: one.id, reverse=True)
    found = found[:limit]
    if as_json:
        session.screen.data({"runs": [_run_json(one) for one in found]})
        return
    rows = [
        (
            f"{one.started_at:%Y-%m-%d %H:%M:%S}" if one.started_at else "",
            one.pair,
            one.outcome,
            str(one.counts.get("done", 0)),
            str(one.counts.get("failed", 0)),
            "; ".join(str(problem) for problem in one.problems),
        )
        for one in found
    ]
    session.screen.table(("time (UTC)", "pair", "outcome", "done", "failed", "problems"), rows)


def _run_json(one: Run) -> dict[str, Any]:
    return {
        "run": one.id,
        "pair": one.pair,
        "started_at": moment(one.started_at),
        "ended_at": moment(one.ended_at),
        "outcome": one.outcome,
        "digest": one.digest,
        "counts": one.counts,
        "problems": [problem_json(problem) for problem in one.problems],
    }
