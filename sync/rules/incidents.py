"""Rules about incidents as they run: level, commander, response, updates, records."""

import re
from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

from mappings.problem import Problem
from mappings.vocabulary import SEVERITY_OF, Phase, Priority, Severity
from sync.rules.case import Breach, Case, Docket, Rule, Target, on, quoted
from sync.rules.model import Flag, Level
from sync.rules.terms import RuleName, Terms, times

_L = TypeVar("_L", Priority, Severity)

_QUIET: Final = frozenset({Flag.NOTE, Flag.NOTIFY})
_A_LEVEL: Final = re.compile(r"\b(?:P[0-3]|SEV[1-4]|priority|severity)\b")


def severity_missing(docket: Docket, _terms: Terms) -> Iterator[Breach]:
    """Open incidents of which nobody said how bad they are; a priority says it as well."""
    for case in docket.running:
        if not case.item.severity and not case.item.priority:
            text = f"{quoted(case.target.title)} has neither a severity nor a priority."
            yield Breach(case.target, case.life.waiting_since, text, _opened(case))


def commander_missing(docket: Docket, _terms: Terms) -> Iterator[Breach]:
    """Incidents being worked on that nobody leads; without a commander the assignee leads."""
    for case in docket.running:
        at_work = case.item.phase in {Phase.DOING, Phase.BLOCKED}
        if at_work and not case.facts.commander and case.item.owners == ():
            life = case.life
            since = life.responded_again or life.responded or life.waiting_since
            text = f"{quoted(case.target.title)} is being worked on and nobody leads it."
            yield Breach(case.target, since, text, _opened(case))


def response(docket: Docket, _terms: Terms) -> Iterator[Breach]:
    """Open incidents on which work did not begin since they were last opened."""
    for case in docket.running:
        if case.item.phase in {Phase.DOING, Phase.BLOCKED} or case.life.answered:
            continue
        priority, severity = _raised(case.target)
        raised = [str(one) for one in (priority, severity) if one is not None]
        proposal = (f"proposed: {' and '.join(raised)}",) if raised else ()
        yield Breach(
            case.target,
            case.life.waiting_since,
            f"Nobody has begun to work on {quoted(case.target.title)}.",
            (*_opened(case), *proposal),
            priority_raised=priority,
            severity_raised=severity,
        )


def _raised(target: Target) -> tuple[Priority | None, Severity | None]:
    """One level up of each that is given; None at the top."""
    return _above(target.priority, list(Priority)), _above(target.severity, list(Severity))


def _above(level: _L | None, ordered: Sequence[_L]) -> _L | None:
    place = ordered.index(level) if level is not None else 0
    return ordered[place - 1] if place else None


def stale(docket: Docket, _terms: Terms) -> Iterator[Breach]:
    """Open incidents by the last thing a person said or did."""
    for case in docket.running:
        moved = case.life.moved
        if moved is not None:
            text = (
                f"Nothing was said of {quoted(case.target.title)} since {moved:%Y-%m-%d %H:%M} UTC."
            )
            yield Breach(case.target, moved, text, _opened(case))


def unrecorded(docket: Docket, _terms: Terms) -> Iterator[Breach]:
    """Incidents that are on one side only, where a pair keeps them on both.

    What was closed before the pair first ran is history, which need not be carried over.
    """
    if not docket.state.documents:
        return
    start = docket.state.bound_at
    for case in docket.cases:
        before = start is not None and case.target.closed is not None and case.target.closed < start
        if not case.facts.recorded and not before:
            other = "in the documents" if case.facts.side == "right" else "in the tracker"
            text = f"{quoted(case.target.title)} has no record {other}."
            yield Breach(case.target, case.life.opened, text, _opened(case))


def disagrees(docket: Docket, _terms: Terms) -> Iterator[Breach]:
    """Items whose carriers of priority and severity do not say the same."""
    for case in docket.cases:
        if case.open:
            yield from _disagreement(case.target, case.item.notices)
    for _case, action in docket.actions:
        if action.facts.issue is not None:
            yield from _disagreement(action.target, action.facts.issue.notices)


def _disagreement(target: Target, notices: tuple[Problem, ...]) -> Iterator[Breach]:
    said = [one.message for one in notices if one.code == "E130" and _A_LEVEL.search(one.message)]
    priority, severity = target.priority, target.severity
    if priority is not None and severity is not None and SEVERITY_OF[priority] is not severity:
        said.append(f"{priority} corresponds to {SEVERITY_OF[priority]}, not to {severity}.")
    if said:
        text = f"The levels of {quoted(target.title)} do not agree."
        yield Breach(target, None, text, tuple(said))


def _opened(case: Case) -> tuple[str, ...]:
    reopened = case.life.reopened
    if reopened is not None:
        return (f"reopened{on(reopened)} {reopened:%H:%M} UTC",)
    opened = case.life.opened
    return (f"opened{on(opened)} {opened:%H:%M} UTC",) if opened is not None else ()


INCIDENTS: Final = (
    Rule(
        name=RuleName.SEVERITY_MISSING,
        says="An open incident has neither a severity nor a priority.",
        remedy="Say how bad it is: a severity or a priority, as the profile writes it.",
        judge=severity_missing,
        terms=Terms(due=times("5m"), overdue=times("30m"), flags=_QUIET),
    ),
    Rule(
        name=RuleName.COMMANDER_MISSING,
        says="Work on an incident has begun and nobody leads it.",
        remedy="Assign it to whoever leads.",
        judge=commander_missing,
        terms=Terms(
            due=times("never", P0="at once", P1="at once", SEV1="at once", SEV2="at once"),
            overdue=times("30m"),
            flags=_QUIET,
        ),
    ),
    Rule(
        name=RuleName.RESPONSE_OVERDUE,
        says="Work on an open incident did not begin within the time of its level.",
        remedy="Begin (move it to doing), or raise it by one level.",
        judge=response,
        terms=Terms(
            # "At once" is given the five minutes in which somebody says how bad it is.
            due=times("never", P0="5m", P1="1d", P2="14d", SEV1="5m", SEV2="30m", SEV3="4h"),
            overdue=times("never", P0="15m", P1="2d", P2="28d", SEV1="15m", SEV2="1h", SEV3="8h"),
            flags=_QUIET,
        ),
        absence=True,
    ),
    Rule(
        name=RuleName.UPDATE_STALE,
        says="Nobody said or changed anything on an open incident for too long.",
        remedy="Say in a comment how it stands, even if nothing is new.",
        judge=stale,
        terms=Terms(
            due=times("never", P0="30m", SEV1="30m", SEV2="1h"),
            overdue=times("never", P0="1h", SEV1="1h", SEV2="2h"),
            flags=_QUIET,
        ),
        absence=True,
    ),
    Rule(
        name=RuleName.UNRECORDED,
        says="An incident is on one side only: in the tracker or in the documents.",
        remedy="Let a run create it on the other side; `followthrough explain` says what hinders.",
        judge=unrecorded,
        terms=Terms(due=times("1h"), overdue=times("1d"), flags=frozenset({Flag.NOTIFY})),
        absence=True,
    ),
    Rule(
        name=RuleName.PRIORITY_DISAGREES,
        says="Title prefix, label, field and severity do not say the same.",
        remedy="Make them agree.",
        judge=disagrees,
        terms=Terms(level=Level.INFO, flags=frozenset({Flag.NOTE})),
    ),
)
