"""Run one pair once, and say when it is due again: a function of pair, store and seams."""

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from logging import DEBUG, INFO, WARNING
from typing import Final

import structlog

from adapters.errors import AdapterError
from adapters.seams import Seams
from mappings.problem import Problem, ProblemError
from sync.daemon.due import Found, Next, next_time
from sync.effect.cycle import Report, sync_pair
from sync.effect.observe import Readings
from sync.effect.outcome import Result
from sync.effect.pair import Pair
from sync.settings.model import PairSettings
from sync.status import PairStatus, pair_status
from sync.store import Store, schedule
from sync.store.store import FencedError

_log: Final = structlog.stdlib.get_logger("followthrough.daemon")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """One cycle, as the daemon shows it. ``report`` is None when it broke off."""

    pair: str
    report: Report | None
    problem: Problem | None
    status: PairStatus
    seconds: float
    next: Next

    @property
    def outcome(self) -> str:
        """How it ended, in one word."""
        if self.report is None:
            return "failed"
        if self.report.refused:
            return "refused"
        return "good" if self.report.complete else "partial"


def run_once(
    pair: Pair,
    given: PairSettings,
    store: Store,
    seams: Seams,
    stop: Callable[[], bool],
    enough_space: Callable[[], Problem | None],
    ready: Callable[[], Readings] = dict,
) -> Ran:
    """One cycle. Whatever goes wrong in it is logged and becomes back-off; nothing is raised but
    what the store itself raises. ``ready`` gives what was read ahead of this cycle.
    """
    started = seams.clock.monotonic()
    report: Report | None = None
    problem = enough_space()
    fenced: Problem | None = None
    if problem is None:
        try:
            report = sync_pair(pair, store, seams, stop=stop, ready=ready())
        except (AdapterError, ProblemError) as error:
            problem = error.problem
        except FencedError:
            fenced = Problem("E308", "another run of this pair has begun; this one stopped.")
        except Exception as error:  # noqa: BLE001  a bug becomes back-off, not an end
            _log.exception("cycle broke off", pair=pair.name)
            problem = Problem(
                "E900", f"unexpected {type(error).__name__} in {_where(error)}; a bug."
            )
    now = seams.clock.now()
    if problem is not None:
        with store.writing() as tx:
            schedule.break_off(tx, pair.name, problem, now)
    problem = problem or fenced
    status, chosen = _reschedule(pair, given, store, seams, report)
    seconds = seams.clock.monotonic() - started
    ran = Ran(
        pair=pair.name,
        report=report,
        problem=problem,
        status=status,
        seconds=seconds,
        next=chosen,
    )
    _tell(ran)
    return ran


def _reschedule(
    pair: Pair, given: PairSettings, store: Store, seams: Seams, report: Report | None
) -> tuple[PairStatus, Next]:
    now = seams.clock.now()
    with store.writing() as tx:
        row = schedule.bind(tx, pair.name, now)
        status = pair_status(tx, pair.name, pair.names)
        found = Found(
            failed=report is None or bool(report.problems),
            changed=report is not None and bool(report.plan.operations),
            urgent=status.urgent,
            not_before=_limit_ends(status),
        )
        chosen = next_time(given, row.interval, row.failures, found, now, seams.random)
        schedule.reschedule(tx, pair.name, chosen.at, chosen.interval, chosen.failures)
    return status, chosen


def _limit_ends(status: PairStatus) -> datetime | None:
    """When trackers without any request left take requests again."""
    ends = [one.reset for one in status.budgets.values() if one.remaining == 0 and one.reset]
    return max(ends, default=None)


def _where(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].name}, line {frames[-1].lineno}" if frames else "an unknown place"


def _tell(ran: Ran) -> None:
    """One event for each operation, and one for the cycle."""
    log = _log.bind(pair=ran.pair)
    report = ran.report
    for one in report.outcomes if report else ():
        log.log(
            INFO if one.result is Result.DONE else WARNING,
            "operation",
            kind=one.operation.kind.value,
            result=one.result.value,
            side=one.operation.side.value,
            item=one.operation.item,
            fields=sorted(name.value for name in one.operation.values),
            problem=str(one.problem) if one.problem else None,
        )
    problems = [ran.problem] if ran.problem else []
    if report is not None:
        problems += [*report.problems, *report.plan.refusals, *report.doubts]
    for problem in problems:
        log.warning(str(problem))
    quiet = ran.outcome == "good" and not (report and report.outcomes)
    log.log(
        DEBUG if quiet else INFO,
        "cycle",
        outcome=ran.outcome,
        seconds=round(ran.seconds, 3),
        next_at=ran.next.at.isoformat(timespec="seconds"),
        failures=ran.next.failures,
    )
