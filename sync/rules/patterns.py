"""Rules that look at several incidents at once: what returns, and what it costs."""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from sync.rules.case import Breach, Case, Docket, Rule, Target, on, quoted
from sync.rules.model import Flag, Level, WorkFacts
from sync.rules.terms import RuleName, Terms, times

_WEEK: Final = timedelta(weeks=1)
#: So many follow-ups are named for one service.
_SHOWN: Final = 5
#: A Monday, 00:00 UTC.
_MONDAY: Final = datetime(1970, 1, 5, tzinfo=UTC)


def closed_with_open(docket: Docket, _terms: Terms) -> Iterator[Breach]:
    """Closed incidents of which actions are open past their day."""
    for case in docket.over:
        late = sorted(
            (one.late_from, one.facts.title) for one in case.left if one.late_from is not None
        )
        closed = case.life.closed
        if late:
            since = max(late[0][0], closed) if closed is not None else late[0][0]
            text = (
                f"{quoted(case.target.title)} is closed and actions of it are open past their day."
            )
            evidence = tuple(f"{quoted(title)} was due {_day(at)}" for at, title in late)
            yield Breach(case.target, since, text, evidence)


def _day(after: datetime) -> str:
    return f"{after - timedelta(days=1):%Y-%m-%d}"


def repeats(docket: Docket, _terms: Terms) -> Iterator[Breach]:
    """Incidents on a service of which an earlier incident left a follow-up that is still open."""
    left = _open_follow_ups(docket)
    if not left:
        return
    for case in docket.cases:
        opened = case.life.opened
        if opened is None or not (case.open or case.over):
            continue
        struck = {
            service: earlier
            for service in case.services & left.keys()
            if (earlier := left[service].before(opened, case))
        }
        if struck:
            named = ", ".join(sorted(struck))
            text = (
                f"{quoted(case.target.title)} struck {named} while a follow-up of an earlier "
                "incident was open."
            )
            evidence = sorted({line for earlier in struck.values() for line in earlier})
            yield Breach(case.target, opened, text, tuple(evidence))


class _FollowUps:
    """The actions of one service that are not done, in the order of their incidents."""

    def __init__(self) -> None:
        self._left: list[tuple[datetime, str, Case]] = []

    def add(self, opened: datetime, action: str, case: Case) -> None:
        self._left.append((opened, action, case))

    def sort(self) -> None:
        self._left.sort(key=lambda one: (one[0], one[1], one[2].target.subject))

    def before(self, moment: datetime, own: Case) -> tuple[str, ...]:
        """The latest few whose incident was opened before ``moment``, as evidence."""
        end = bisect_left(self._left, moment, key=lambda one: one[0])
        latest = [one for one in self._left[max(end - _SHOWN, 0) : end] if one[2] is not own]
        return tuple(f"{quoted(action)} of {quoted(case.target.title)}{on(at)}"
                     for at, action, case in latest)  # fmt: skip


def _open_follow_ups(docket: Docket) -> dict[str, _FollowUps]:
    """Actions not done, by the services of their incident."""
    left: dict[str, _FollowUps] = {}
    for case, action in docket.actions:
        opened = case.life.opened if case is not None else None
        if case is not None and opened is not None:
            for service in case.services:
                left.setdefault(service, _FollowUps()).add(opened, action.facts.title, case)
    for one in left.values():
        one.sort()
    return left


def interrupt_load(docket: Docket, terms: Terms) -> Iterator[Breach]:
    """The pair as a whole, when incidents took more than their share of what was completed.

    Looked at once a week: the window ends with the last Monday, so the answer stands for a week.
    It began with the first of the weeks in a row that were over the share.
    """
    weeks = max(terms.window // _WEEK, 1)
    end = _MONDAY + (docket.now - _MONDAY) // _WEEK * _WEEK
    done = sorted(docket.state.work, key=lambda one: one.at)
    at = [one.at for one in done]
    since: datetime | None = None
    seen: tuple[str, ...] = ()
    while over := _over(done, at, end, weeks, terms):
        since, seen = end, seen or over
        end -= _WEEK
    if since is None:
        return
    pair = docket.state.pair
    target = Target(subject="", title=pair)
    share = f"more than {terms.share:.0%} of what was completed"
    yield Breach(target, since, f"In {pair}, incidents took {share}.", seen)


def _over(
    done: list[WorkFacts], at: list[datetime], end: datetime, weeks: int, terms: Terms
) -> tuple[str, ...]:
    """The evidence for the window that ends at ``end``; empty if the share was kept."""
    start = end - weeks * _WEEK
    window = done[bisect_left(at, start) : bisect_left(at, end)]
    incidents = sum(one.incident for one in window)
    if len(window) < terms.least or incidents <= terms.share * len(window):
        return ()
    share = f"{incidents / len(window):.0%}"
    days = f"{start:%Y-%m-%d} to {end - timedelta(days=1):%Y-%m-%d}"
    return (f"{incidents} of {len(window)} completed items were incidents ({share}), {days}",)


PATTERNS: Final = (
    Rule(
        name=RuleName.CLOSED_WITH_OPEN_ACTIONS,
        says="An incident is closed and actions of it are open past their due date.",
        remedy="Do them, give them another day, or close them as not planned.",
        judge=closed_with_open,
        terms=Terms(overdue=times("7d"), flags=frozenset({Flag.NOTE, Flag.NOTIFY})),
    ),
    Rule(
        name=RuleName.REPEAT_WITH_OPEN_ACTION,
        says="A new incident struck a service whose earlier follow-up is still open.",
        remedy="Finish the follow-up that is named; it might have prevented this one.",
        judge=repeats,
        terms=Terms(overdue=times("7d"), flags=frozenset({Flag.NOTE, Flag.NOTIFY})),
    ),
    Rule(
        name=RuleName.INTERRUPT_LOAD,
        says="Incidents took more than the reserved share of completed work.",
        remedy="Plan less, or take on the causes that return.",
        judge=interrupt_load,
        terms=Terms(level=Level.INFO, flags=frozenset({Flag.NOTIFY})),
        absence=True,
    ),
)
