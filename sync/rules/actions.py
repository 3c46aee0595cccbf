"""Rules about action items: tracked, owned, dated, done in time, and not forgotten."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from mappings.item import UNSET
from sync.rules.case import ActionCase, Breach, Case, Docket, Rule, quoted
from sync.rules.model import Flag
from sync.rules.terms import RuleName, Terms, times

_QUIET: Final = frozenset({Flag.NOTE, Flag.NOTIFY})


def untracked(docket: Docket, _terms: Terms) -> Iterator[Breach]:
    """Action items that have no issue."""
    for case, action in docket.actions:
        facts = action.facts
        if facts.issue is None and not facts.elsewhere:
            sure = f"read with confidence {facts.confidence:.2f}" if facts.confidence < 1 else ""
            yield Breach(
                action.target,
                _known_since(case, action),
                f"The action {quoted(facts.title)} has no issue.",
                tuple(part for part in (facts.place, sure) if part),
            )


def unowned(docket: Docket, _terms: Terms) -> Iterator[Breach]:
    """Action items that are nobody's. An issue whose people are not mapped has an owner."""
    for case, action in docket.actions:
        issue = action.facts.issue
        given = issue is not None and (issue.owners is UNSET or bool(issue.owners))
        if not given and not action.facts.owner:
            text = f"The action {quoted(action.facts.title)} has no owner."
            yield Breach(action.target, _known_since(case, action), text, _where(action))


def undated(docket: Docket, _terms: Terms) -> Iterator[Breach]:
    """Action items without a day."""
    for case, action in docket.actions:
        if action.due is None:
            text = f"The action {quoted(action.facts.title)} has no due date."
            yield Breach(action.target, _known_since(case, action), text, _where(action))


def overdue(docket: Docket, _terms: Terms) -> Iterator[Breach]:
    """Action items whose day is over."""
    for _case, action in docket.actions:
        late = action.late_from
        if late is not None:
            text = f"The action {quoted(action.facts.title)} was due on {action.due}."
            yield Breach(action.target, late, text, _where(action))


def stalled(docket: Docket, _terms: Terms) -> Iterator[Breach]:
    """Action items whose issue nobody has touched."""
    for _case, action in docket.actions:
        if action.facts.issue is not None and action.life.moved is not None:
            moved = action.life.moved
            text = f"The action {quoted(action.facts.title)} has not moved since {moved:%Y-%m-%d}."
            yield Breach(action.target, moved, text, _where(action))


def _where(action: ActionCase) -> tuple[str, ...]:
    issue = action.facts.issue
    places = (action.facts.place, (issue.ref.url or issue.ref.key) if issue is not None else "")
    return tuple(place for place in places if place)


def _known_since(case: Case | None, action: ActionCase) -> datetime | None:
    """When the action was written down: its issue's beginning, its document's, the closing."""
    written = action.life.opened or action.written_at
    if written is not None or case is None:
        return written
    return case.life.closed or case.life.opened


#: Unmoved for so long: urgent work daily, the rest by the sprint and by the quarter.
_STALLED: Final = times("30d", P0="2d", P1="7d", P2="30d", P3="90d")
_LONG_STALLED: Final = times("60d", P0="4d", P1="14d", P2="60d", P3="180d")

ACTIONS: Final = (
    Rule(
        name=RuleName.ACTION_UNTRACKED,
        says="An action item has no issue.",
        remedy="Let a run create it, or write the issue's number on its line.",
        judge=untracked,
        terms=Terms(due=times("1d"), overdue=times("7d"), flags=_QUIET),
        absence=True,
    ),
    Rule(
        name=RuleName.ACTION_UNOWNED,
        says="An action item has no owner.",
        remedy="Assign its issue, or name somebody on its line.",
        judge=unowned,
        terms=Terms(due=times("1d", P0="1h"), overdue=times("7d", P0="1d"), flags=_QUIET),
    ),
    Rule(
        name=RuleName.ACTION_UNDATED,
        says="An action item has no due date.",
        remedy="Give it a day.",
        judge=undated,
        terms=Terms(due=times("1d"), overdue=times("7d"), flags=_QUIET),
    ),
    Rule(
        name=RuleName.ACTION_OVERDUE,
        says="An action item is not done and its due date is over.",
        remedy="Do it, give it another day, or close it as not planned.",
        judge=overdue,
        terms=Terms(
            due=times("at once"),
            overdue=times("7d", P0="at once", P1="2d"),
            flags=_QUIET | {Flag.LABEL},
        ),
    ),
    Rule(
        name=RuleName.ACTION_STALLED,
        says="An action item is not done and nobody has touched its issue for long.",
        remedy="Move it on, say in a comment what it waits for, or close it as not planned.",
        judge=stalled,
        terms=Terms(due=_STALLED, overdue=_LONG_STALLED, flags=_QUIET),
        absence=True,
    ),
)
