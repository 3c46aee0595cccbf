"""From what is known to what a report says; pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Final, TypeAlias

from mappings.item import UNSET
from mappings.vocabulary import Resolution
from sync.report.data import (
    MEASURES,
    FollowUpRow,
    Group,
    IncidentRow,
    Measure,
    Month,
    Punctuality,
    Report,
    UnmetRow,
    Week,
)
from sync.rules.case import ActionCase, Case, Docket, is_done
from sync.rules.history import measured
from sync.rules.model import Finding, State
from sync.rules.terms import RuleName

#: How the ages of open follow-ups are put together, the youngest first.
AGES: Final = (
    (timedelta(days=7), "under a week"),
    (timedelta(days=30), "under 30 days"),
    (timedelta(days=90), "under 90 days"),
    (timedelta.max, "90 days and more"),
)
NOBODY: Final = "nobody"
#: Whoever an issue is assigned to where settings map none of them.
UNMAPPED: Final = "not mapped"
NO_PRIORITY: Final = "none"
NO_INCIDENT: Final = "no incident"
_NO_AGE: Final = "unknown"
_ZERO: Final = timedelta(0)
#: So many months and weeks at most, the last ones: what a page can show.
_MOST_MONTHS: Final = 24
_MOST_WEEKS: Final = 104

_Key: TypeAlias = tuple[str, str, str]


def report(
    states: Iterable[State], findings: Iterable[Finding], now: datetime, window: timedelta
) -> Report:
    """What there is to say of these pairs at ``now`` about the time since ``now - window``.

    ``findings`` are those of the same pairs, waived ones among them.
    """
    given, found = list(states), tuple(findings)
    since = now - window
    dockets = [Docket.of(state, now) for state in given]
    every = sorted(_follow_ups(dockets, now), key=_by_lateness)
    follow_ups = _each_once(every)
    incidents = tuple(_incidents(dockets, found, since))
    opened = [one for one in incidents if one.opened is not None and one.opened >= since]
    return Report(
        made_at=now,
        since=since,
        pairs=tuple(state.pair for state in given),
        complete=all(state.complete for state in given),
        findings=found,
        follow_ups=tuple(follow_ups),
        by_incident=_grouped(every, _of_incident),
        by_owner=_grouped(follow_ups, lambda one: one.owners or (NOBODY,)),
        by_priority=_in_order(
            _grouped(follow_ups, lambda one: (one.priority or NO_PRIORITY,)), _sorted_names
        ),
        by_age=_in_order(_grouped(follow_ups, lambda one: (_bucket(one.age),)), _age_names),
        incidents=incidents,
        missing=tuple(_unmet(dockets, found, RuleName.POSTMORTEM_MISSING)),
        repeats=tuple(_unmet(dockets, found, RuleName.REPEAT_WITH_OPEN_ACTION)),
        punctuality=_punctuality(dockets, since, now),
        measures={name: _measure(opened, name) for name in MEASURES},
        months=_months(opened, since, now),
        weeks=_weeks(given, since, now),
    )


# --- follow-ups -------------------------------------------------------------------------------


def _follow_ups(dockets: Iterable[Docket], now: datetime) -> Iterator[FollowUpRow]:
    for docket in dockets:
        for case, action in docket.actions:
            yield _follow_up(docket.state.pair, case, action, now)


def _follow_up(pair: str, case: Case | None, action: ActionCase, now: datetime) -> FollowUpRow:
    issue, target = action.facts.issue, action.target
    opened = action.life.opened or action.written_at
    late = action.late_from
    return FollowUpRow(
        pair=pair,
        title=action.facts.title,
        key=(issue.ref.key or issue.ref.id) if issue is not None else "",
        url=issue.ref.url if issue is not None else "",
        place=action.facts.place,
        incident=case.target.title if case is not None else "",
        incident_key=_key(case) if case is not None else "",
        owners=target.owners or _strangers(action),
        priority=target.priority,
        due=action.due,
        opened=opened,
        age=max(now - opened, _ZERO) if opened is not None else None,
        late=now - late if late is not None and late <= now else None,
    )


def _strangers(action: ActionCase) -> tuple[str, ...]:
    """An issue that is assigned, but to nobody whose name is known, is not nobody's."""
    issue = action.facts.issue
    return (UNMAPPED,) if issue is not None and issue.owners is UNSET else ()


def _each_once(rows: Iterable[FollowUpRow]) -> list[FollowUpRow]:
    """The rows, those of one follow-up of several incidents as one that names them all."""
    found: dict[tuple[str, str, str], FollowUpRow] = {}
    for one in rows:
        name = (one.pair, one.key or one.place, one.title)
        before = found.get(name)
        if before is None:
            found[name] = one
        else:
            keys = f"{before.incident_key}, {one.incident_key}".strip(", ")
            found[name] = replace(before, incident_key=keys)
    return list(found.values())


def _key(case: Case) -> str:
    return case.item.ref.key or case.item.ref.id


def _of_incident(one: FollowUpRow) -> tuple[str]:
    return (f"{one.incident_key} {one.incident}" if one.incident else NO_INCIDENT,)


def _by_lateness(one: FollowUpRow) -> tuple[timedelta, str, timedelta, str]:
    return -(one.late or _ZERO), one.priority or "P9", -(one.age or _ZERO), one.title


def _grouped(
    rows: Sequence[FollowUpRow], names: Callable[[FollowUpRow], Iterable[str]]
) -> tuple[Group, ...]:
    """The rows by name, the largest group first; a row of two people stands with both."""
    found: dict[str, list[FollowUpRow]] = {}
    for row in rows:
        for name in names(row):
            found.setdefault(str(name), []).append(row)
    groups = [
        Group(
            name=name,
            open=len(members),
            late=sum(one.late is not None for one in members),
            oldest=max((one.age for one in members if one.age is not None), default=None),
        )
        for name, members in found.items()
    ]
    return tuple(sorted(groups, key=lambda one: (-one.open, -one.late, one.name)))


def _in_order(
    groups: tuple[Group, ...], names: Callable[[Iterable[str]], Sequence[str]]
) -> tuple[Group, ...]:
    by_name = {one.name: one for one in groups}
    return tuple(by_name[name] for name in names(by_name))


def _sorted_names(names: Iterable[str]) -> Sequence[str]:
    return sorted(names, key=lambda name: (name == NO_PRIORITY, name))


def _age_names(names: Iterable[str]) -> Sequence[str]:
    return [name for name in (*(word for _most, word in AGES), _NO_AGE) if name in set(names)]


def _bucket(age: timedelta | None) -> str:
    if age is None:
        return _NO_AGE
    return next(word for most, word in AGES if age < most)


def _punctuality(dockets: Iterable[Docket], since: datetime, now: datetime) -> Punctuality:
    fell_due = {  # one of two incidents is one
        (docket.state.pair, action.subject): action
        for docket in dockets
        for action in docket.every_action
        if action.late_from is not None and since < action.late_from <= now
    }
    found = Counter(map(_outcome, fell_due.values()))
    return Punctuality(
        on_time=found["on time"],
        late=found["late"],
        open=found["open"],
        unknown=found["unknown"],
    )


def _outcome(action: ActionCase) -> str:
    """What became of a follow-up whose day is over; "" for one that was given up."""
    issue, late = action.facts.issue, action.late_from
    if not is_done(action.facts):
        return "open"
    if issue is not None and issue.resolution in {Resolution.NOT_PLANNED, Resolution.DUPLICATE}:
        return ""
    closed = action.life.closed
    if closed is None or late is None:
        return "unknown"
    return "on time" if closed < late else "late"


# --- incidents --------------------------------------------------------------------------------


def _incidents(
    dockets: Iterable[Docket], findings: Iterable[Finding], since: datetime
) -> Iterator[IncidentRow]:
    """Those that were open at some time of the window, the latest first."""
    unmet: dict[_Key, set[str]] = {}
    for one in findings:
        if one.item is not None and one.side is not None and not one.waived:
            unmet.setdefault((one.pair, one.side, one.item.id), set()).add(one.rule)
    rows = [
        _incident(docket.state.pair, case, tuple(sorted(unmet.get(_name(docket, case), ()))))
        for docket in dockets
        for case in docket.cases
        if case.target.closed is None or case.target.closed >= since
    ]
    start = datetime.min.replace(tzinfo=UTC)
    yield from sorted(rows, key=lambda one: one.opened or start, reverse=True)


def _name(docket: Docket, case: Case) -> _Key:
    return docket.state.pair, case.facts.side, case.item.ref.id


def _incident(pair: str, case: Case, unmet: tuple[str, ...]) -> IncidentRow:
    times = measured(case.facts)
    return IncidentRow(
        pair=pair,
        title=case.target.title,
        key=_key(case),
        url=case.item.ref.url,
        lead=case.facts.commander or ", ".join(case.target.owners),
        priority=case.target.priority,
        severity=case.target.severity,
        opened=case.life.opened,
        closed=case.target.closed,
        respond=times.respond,
        resolve=times.resolve if case.over else None,
        postmortem=times.postmortem if case.over else None,
        after_the_fact=times.after_the_fact,
        open_follow_ups=len(case.left),
        unmet=unmet,
    )


def _unmet(
    dockets: Iterable[Docket], findings: Iterable[Finding], rule: RuleName
) -> Iterator[UnmetRow]:
    """The findings of one rule with what is known of their incidents."""
    cases = {_name(docket, case): case for docket in dockets for case in docket.cases}
    for one in findings:
        if one.rule != rule:
            continue
        case = None
        if one.item is not None and one.side is not None:
            case = cases.get((one.pair, one.side, one.item.id))
        yield UnmetRow(
            finding=one,
            key=(one.item.key or one.item.id) if one.item is not None else "",
            closed=case.target.closed if case is not None else None,
            services=tuple(sorted(case.facts.services)) if case is not None else (),
        )


def _measure(rows: Iterable[IncidentRow], name: str) -> Measure:
    known = [(span, row) for row in rows if (span := getattr(row, name)) is not None]
    if not known:
        return Measure()
    worst, row = max(known, key=lambda one: one[0])
    middle = median(span.total_seconds() for span, _row in known)
    return Measure(
        count=len(known),
        median=timedelta(seconds=int(middle)),  # as lengths of time are cut where they are told
        worst=worst,
        worst_incident=row.key,
    )


def _months(rows: Sequence[IncidentRow], since: datetime, now: datetime) -> tuple[Month, ...]:
    """Every month that the window touches, also those without an incident."""
    found: dict[date, list[IncidentRow]] = {start: [] for start in _firsts(since, now)}
    for row in rows:
        start = row.opened.date().replace(day=1) if row.opened else date.min
        if start in found:
            found[start].append(row)
    return tuple(
        Month(
            start=start,
            incidents=len(members),
            measures={name: _measure(members, name) for name in MEASURES},
        )
        for start, members in found.items()
    )


def _firsts(since: datetime, now: datetime) -> list[date]:
    """The first days of the months from one to the other, the last few of them."""
    starts = [now.date().replace(day=1)]
    while starts[-1] > since.date() and len(starts) < _MOST_MONTHS:
        starts.append((starts[-1] - timedelta(days=1)).replace(day=1))
    return starts[::-1]


def _weeks(states: Iterable[State], since: datetime, now: datetime) -> tuple[Week, ...]:
    """Every week that the window touches, also those in which nothing was completed."""
    starts = [_monday(now.date())]
    while starts[-1] > since.date() and len(starts) < _MOST_WEEKS:
        starts.append(starts[-1] - timedelta(weeks=1))
    done: Counter[tuple[date, bool]] = Counter(
        (_monday(one.at.date()), one.incident)
        for state in states
        for one in state.work
        if since <= one.at <= now
    )
    return tuple(
        Week(start=start, incidents=done[start, True], planned=done[start, False])
        for start in starts[::-1]
    )


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
