"""One pair that breaks off does not keep the others from being run."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from adapters.errors import AdapterError
from mappings.problem import Problem, ProblemError
from sync import wiring
from sync.cli import crash
from sync.cli.session import Session
from sync.decide.plan import Plan
from sync.effect.cycle import Report
from sync.effect.pair import Pair
from sync.store import schedule
from sync.store.store import FencedError


def report_of(session: Session, pair: Pair, work: Callable[[], Report], *, writing: bool) -> Report:
    """What ``work`` reports; if it breaks off, a report with the reason and an empty plan.

    ``writing``: it was a run of ours, which is closed with the reason.
    """
    ours = writing
    try:
        return work()
    except (AdapterError, ProblemError) as error:
        problem = error.problem
    except FencedError:
        ours = False
        problem = Problem("E308", "another run of this pair has begun; this one stopped.")
    except DBAPIError as error:
        if wiring.unusable(error):
            raise  # there is nothing to close the run in
        problem = crash.keep(session.world, _folder(session), error)
    except Exception as error:  # noqa: BLE001  a bug in one adapter stops no other pair
        problem = crash.keep(session.world, _folder(session), error)
    if ours:
        with session.store.writing() as tx:
            schedule.break_off(tx, pair.name, problem, session.seams.clock.now())
    return Report(pair=pair.name, plan=Plan(pair=pair.name), problems=(problem,))


def _folder(session: Session) -> Path | None:
    state = session.loaded.state_file
    return state.parent if state else None
