"""``followthrough status``: how every pair stands, from what is remembered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import typer
from sqlalchemy import Connection

from mappings.problem import Problem
from mappings.vocabulary import Side
from sync.cli import findingview, planview
from sync.cli.screen import Screen, ago, moment, problem_json
from sync.cli.session import ConfigOption, JsonOption, PairOption, Session, remembered
from sync.effect.noted import of_pair
from sync.settings import DEFAULT_FILE
from sync.status import PairStatus, pair_status
from sync.store import observations, setaside
from sync.store.setaside import Aside

#: So many items that are set aside are shown.
SHOWN: Final = 20


def status(
    ctx: typer.Context,
    *,
    config: ConfigOption = DEFAULT_FILE,
    pair: PairOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show when each pair was last in step, and what waits for a person.

    Reads the state file alone: no token is needed and no request is made, so it works beside a
    running daemon.

    Example: followthrough status --json
    """
    with remembered(ctx, config, pair) as session:
        now = session.seams.clock.now()
        with session.store.reading() as tx:
            found = [pair_status(tx, name, _connections(session, name)) for name in session.names]
            waiting = {name: _waiting(tx, name) for name in session.names}
            noted = {name: of_pair(tx, name) for name in session.names}
        if as_json:
            pairs = [_json(one, waiting[one.name], noted[one.name], now) for one in found]
            session.screen.data({"pairs": pairs})
            return
        for one in found:
            _show(session.screen, one, waiting[one.name], noted[one.name], now)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An item set aside, and what people call it."""

    aside: Aside
    name: str

    @property
    def problem(self) -> Problem:
        """Why it waits, with its name."""
        return self.aside.problem.about(self.name)


def _waiting(tx: Connection, pair: str) -> list[_Waiting]:
    found = []
    for one in setaside.listed(tx, pair):
        item = observations.get(tx, pair, one.side, one.id)
        found.append(_Waiting(one, (item.ref.key if item else "") or one.id))
    return found


def _connections(session: Session, name: str) -> dict[Side, str]:
    given = session.loaded.settings.pairs[name]
    return {side: end.connection for side, end in given.ends.items()}


def _json(
    one: PairStatus, waiting: list[_Waiting], noted: Sequence[Problem], now: datetime
) -> dict[str, Any]:
    row, last = one.row, one.last
    age = (now - one.read_at).total_seconds() if one.read_at else None
    return {
        "name": one.name,
        "last_good_run": moment(one.last_good_at),
        "last_run": moment(last.started_at) if last else None,
        "last_outcome": last.outcome if last else None,
        "problems": [problem_json(problem) for problem in last.problems] if last else [],
        "next_run": moment(row.next_poll_at) if row else None,
        "failures_in_a_row": row.failures if row else 0,
        "cursor_age_seconds": age,
        "linked_items": one.linked,
        "open_conflicts": one.conflicts,
        "items_missing": one.absent,
        "urgent": one.urgent,
        "items_set_aside": [
            {
                "side": item.aside.side.value,
                "item": item.aside.id,
                "name": item.name,
                "since": moment(item.aside.since),
                "attempts": item.aside.attempts,
                "retry_at": moment(item.aside.retry_at),
                "problem": problem_json(item.problem),
            }
            for item in waiting
        ],
        "notices": [problem_json(each) for each in noted],
        "intents_in_doubt": one.doubts,
        "findings": [findingview.finding_json(each) for each in one.findings],
        "budgets": {
            name: {
                "limit": budget.limit,
                "remaining": budget.remaining,
                "reset": moment(budget.reset),
            }
            for name, budget in one.budgets.items()
            if budget.remaining is not None
        },
    }


def _show(
    screen: Screen,
    one: PairStatus,
    waiting: list[_Waiting],
    noted: Sequence[Problem],
    now: datetime,
) -> None:
    screen.line(one.name, "bold")
    if one.row is None:
        screen.line("  never run; see what it would do with `followthrough plan`")
        return
    ended = f" ({one.last.outcome})" if one.last else ""
    started = one.last.started_at if one.last else None
    screen.line(f"  last good run    {ago(one.last_good_at, now)}")
    screen.line(f"  last run         {ago(started, now)}{ended}")
    screen.line(f"  both sides read  {ago(one.read_at, now)}")
    screen.line(f"  linked items     {one.linked}")
    counted = {
        "open conflicts   ": (one.conflicts, "followthrough conflicts"),
        "creations in doubt": (one.doubts, "followthrough doubts"),
        "items missing    ": (one.absent, "followthrough explain ITEM"),
    }
    for words, (number, command) in counted.items():
        if number:
            screen.line(f"  {words:<16} {number}  see `{command}`", "yellow")
    if one.findings:
        screen.line(f"  findings         {findingview.counted(one.findings)}")
        findingview.show(screen, one.findings)
    _show_waiting(screen, waiting, now)
    planview.show_notices(screen, noted)
    for name, budget in one.budgets.items():
        if budget.remaining is not None:
            reset = f", new ones {ago(budget.reset, now)}" if budget.reset else ""
            screen.line(f"  requests left    {budget.remaining} of {budget.limit} at {name}{reset}")
    told = {item.problem for item in waiting}
    for problem in one.last.problems if one.last else ():
        if problem not in told:
            screen.problem(problem)


def _show_waiting(screen: Screen, waiting: Sequence[_Waiting], now: datetime) -> None:
    for item in waiting[:SHOWN]:
        aside = item.aside
        screen.line(
            f"  set aside        {item.problem} (since {ago(aside.since, now)}, "
            f"tried {aside.attempts}x, again {ago(aside.retry_at, now)})",
            "yellow",
        )
    if len(waiting) > SHOWN:
        screen.line(f"  set aside        and {len(waiting) - SHOWN} more; see `--json`", "yellow")
