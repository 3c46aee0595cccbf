"""Judging: every rule over everything known, each breach weighed against its rule's terms."""

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, time

from sync.rules import waivers
from sync.rules.case import Breach, Docket, Rule, Target
from sync.rules.catalogue import RULES
from sync.rules.model import Finding, Flag, Level, State, Waiver
from sync.rules.settings import RuleSettings
from sync.rules.terms import RuleName, Terms

#: What can be asked of a finding that no item shows.
_WITHOUT_ITEM = frozenset({Flag.NOTIFY})


def judge(state: State, now: datetime, settings: RuleSettings | None = None) -> tuple[Finding, ...]:
    """All findings of one pair, the most pressing first; pure.

    Nothing but ``now`` (UTC) and the facts counts, so judging again gives the same, and as time
    goes on a finding keeps its key and ``since`` and at most rises once. Waived ones are among
    them. An incomplete state is judged without the rules of :func:`unjudged`: what was found by
    those before is neither confirmed nor cleared.
    """
    given = settings or RuleSettings()
    sitting = _Sitting(state, now.astimezone(UTC))
    for name, rule in RULES.items():
        terms = given.terms[name]
        if terms.enabled and not (rule.absence and not state.complete):
            sitting.hear(rule, terms)
    return tuple(sorted(sitting.found.values(), key=_pressing))


def unjudged(state: State) -> frozenset[RuleName]:
    """The rules of which nothing is proved by there being no finding: the state is incomplete.

    Those that rest on something not being there, and the one about waivers, which asks the others.
    """
    if state.complete:
        return frozenset()
    resting = {name for name, rule in RULES.items() if rule.absence}
    return frozenset(resting | {RuleName.WAIVER_INVALID})


def _pressing(finding: Finding) -> tuple[bool, int, datetime, str]:
    return finding.waived, -finding.level.rank, finding.since, finding.key


class _Sitting:
    """One judging under way."""

    def __init__(self, state: State, now: datetime) -> None:
        self.docket = Docket.of(state, now)
        self.found: dict[str, Finding] = {}

    def hear(self, rule: Rule, terms: Terms) -> None:
        """Judge one rule."""
        for breach in rule.judge(self.docket, terms):
            finding = self._finding(rule, terms, breach)
            if finding is not None:
                self.found.setdefault(finding.key, finding)

    def _finding(self, rule: Rule, terms: Terms, breach: Breach) -> Finding | None:
        target, now = breach.target, self.docket.now
        if terms.since and target.closed and target.closed.date() < terms.since:
            return None
        due = terms.due.of(target.priority, target.severity)
        if due is None:
            return None
        since = now if breach.since is None else breach.since + due
        if since > now:
            return None
        until = _until(terms, breach, since)
        level = Level.OVERDUE if until is not None and until <= now else terms.level
        waiver = self._waiver(target, rule.name, terms)
        pair = self.docket.state.pair
        return Finding(
            rule=rule.name.value,
            pair=pair,
            key="/".join(filter(None, (pair, rule.name, target.subject, breach.detail))),
            level=level,
            since=since,
            until=until,
            title=target.title,
            text=breach.text,
            remedy=rule.remedy,
            side=target.side,
            item=target.ref,
            place=breach.place or target.place,
            priority=target.priority,
            severity=target.severity,
            owners=target.owners,
            evidence=tuple(part for part in breach.evidence if part),
            flags=frozenset() if waiver else frozenset(self._flags(terms, breach, since, level)),
            label=terms.label or rule.name.value,
            priority_raised=breach.priority_raised,
            severity_raised=breach.severity_raised,
            follow_up=breach.follow_up,
            waiver=waiver,
        )

    def _waiver(self, target: Target, rule: RuleName, terms: Terms) -> Waiver | None:
        whole = waivers.of_settings(rule, terms.waive)
        if not target.waivers and whole is None:
            return None
        said = target.waivers if whole is None else (*target.waivers, whole)
        self.docket.unmet.update(one for one in said if one.rule == rule)
        return waivers.holding(said, rule, self.docket.now)

    def _flags(self, terms: Terms, breach: Breach, since: datetime, level: Level) -> Iterator[Flag]:
        target = breach.target
        start = _midnight(terms.flag_since) or self.docket.state.bound_at
        if target.closed and start and since < start:
            return  # old when the pair began: told in reports, left alone in the tracker
        wanted: Collection[Flag] = terms.flags
        if level is Level.OVERDUE:
            wanted = terms.flags | terms.overdue_flags
        possible = {
            Flag.RAISE: breach.priority_raised or breach.severity_raised,
            Flag.FOLLOW_UP: breach.follow_up,
            Flag.REOPEN: target.closed,
        }
        for flag in wanted:
            if flag in _WITHOUT_ITEM or (target.ref is not None and possible.get(flag, True)):
                yield flag


def _until(terms: Terms, breach: Breach, since: datetime) -> datetime | None:
    """When it becomes overdue; not before it is a finding at all."""
    span = terms.overdue.of(breach.target.priority, breach.target.severity)
    if span is None or breach.since is None:
        return None
    return max(breach.since + span, since)


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day else None
