"""What rules look at: each incident once with what follows from its events, and how they answer.

A rule never sees the time of judging: it says since when something is unmet (a :class:`Breach`),
and :mod:`sync.rules.judge` weighs that against the rule's terms. So a finding keeps its beginning.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from functools import cached_property
from typing import TypeAlias

from mappings.item import Item, Ref
from mappings.postmortem.model import WaiverLine
from mappings.vocabulary import Phase, Priority, Resolution, Severity, Side
from sync.rules.history import Life, life
from sync.rules.model import (
    ActionFacts,
    FollowUp,
    IncidentFacts,
    PostmortemFacts,
    State,
    Waiver,
)
from sync.rules.terms import RuleName, Terms

_NOT_A_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a finding is about. ``closed`` is when its incident was closed, None if it is open.

    ``subject`` is its stable name. ``waivers`` are all that may cover it.
    """

    subject: str
    title: str
    side: Side | None = None
    ref: Ref | None = None
    place: str = ""
    priority: Priority | None = None
    severity: Severity | None = None
    owners: tuple[str, ...] = ()
    closed: datetime | None = None
    waivers: tuple[Waiver, ...] = ()


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule unmet ``since``; None: nobody can tell since when.

    ``detail`` tells several breaches of one rule by one target apart. The sentence and the
    evidence hold nothing that changes with time alone.
    """

    target: Target
    since: datetime | None
    text: str
    evidence: tuple[str, ...] = ()
    detail: str = ""
    place: str = ""
    priority_raised: Priority | None = None
    severity_raised: Severity | None = None
    follow_up: FollowUp | None = None


@dataclass(frozen=True)
class ActionCase:
    """One action item; ``subject`` is its stable name, ``above`` what its incident is, or its
    postmortem where there is none. ``written_at`` is when the postmortem appeared.
    """

    facts: ActionFacts
    subject: str
    above: Target
    written_at: datetime | None = None

    @cached_property
    def target(self) -> Target:
        """Its issue; without one its incident shows the finding."""
        return _action_target(self.facts, self.subject, self.above)

    @property
    def due(self) -> date | None:
        """Its day: the document's, else the issue's."""
        issue = self.facts.issue
        if self.facts.due is not None or issue is None:
            return self.facts.due
        return issue.due if isinstance(issue.due, date) else None

    @property
    def late_from(self) -> datetime | None:
        """The first moment after its day (UTC)."""
        return day_after(self.due) if self.due else None

    @cached_property
    def life(self) -> Life:
        """Its issue's life; nothing known without one."""
        issue = self.facts.issue
        return life(issue, self.facts.events) if issue is not None else Life()


@dataclass(frozen=True)
class Case:
    """One incident and what follows from its events."""

    facts: IncidentFacts
    life: Life
    target: Target

    @property
    def item(self) -> Item:
        """The incident's item."""
        return self.facts.item

    @property
    def open(self) -> bool:
        """Whether it is not over."""
        return self.facts.item.phase is not Phase.COMPLETED

    @property
    def over(self) -> bool:
        """Whether it happened and is over: a duplicate or a false alarm needs no follow-up."""
        return not self.open and self.facts.item.resolution not in {
            Resolution.DUPLICATE,
            Resolution.NOT_PLANNED,
        }

    @cached_property
    def actions(self) -> tuple[ActionCase, ...]:
        """Its action items; two of one document with the same title are told apart."""
        facts = self.facts
        return tuple(
            ActionCase(one, subject, self.target, _written_at(one, facts.postmortems))
            for one, subject in _named(facts.actions)
        )

    @cached_property
    def left(self) -> tuple[ActionCase, ...]:
        """Its action items that are not done; most incidents have none, and are passed quickly."""
        if all(map(is_done, self.facts.actions)):
            return ()
        return tuple(action for action in self.actions if not is_done(action.facts))

    @cached_property
    def services(self) -> frozenset[str]:
        """What it struck, in one spelling."""
        return frozenset(name.strip().casefold() for name in self.facts.services if name.strip())


@dataclass(frozen=True)
class Docket:
    """All that is judged in one go. ``now`` is for rules about the calendar and for waivers.

    ``unmet`` fills while the rules are judged: the waivers whose rule is unmet, whether they hold
    or not. The rule about waivers is the last, and reads it.
    """

    state: State
    cases: tuple[Case, ...]
    now: datetime
    unmet: set[Waiver] = field(default_factory=set)

    @classmethod
    def of(cls, state: State, now: datetime) -> "Docket":
        """Every incident's case, in an order that does not depend on how they came."""
        cases = [_case(facts) for facts in state.incidents]
        cases.sort(key=lambda case: case.target.subject)
        return cls(state, tuple(cases), now)

    @property
    def over(self) -> Iterator[Case]:
        """Incidents that happened and are over."""
        return (case for case in self.cases if case.over)

    @property
    def running(self) -> Iterator[Case]:
        """Incidents that are open."""
        return (case for case in self.cases if case.open)

    @cached_property
    def actions(self) -> tuple[tuple[Case | None, ActionCase], ...]:
        """Every action item that is not done, with its incident where it has one."""
        found: list[tuple[Case | None, ActionCase]] = [
            (case, action) for case in self.cases for action in case.left
        ]
        found += [(None, action) for action in self._loose if not is_done(action.facts)]
        return tuple(found)

    @cached_property
    def _loose(self) -> tuple[ActionCase, ...]:
        """The actions of postmortems that belong to no incident."""
        above = {_document_key(one): one for one in self.state.orphans}
        by_name = {one.name: one for one in self.state.orphans} | above
        found = []
        for one, subject in _named(self.state.actions):
            # One that no document tells of is as old as its issue.
            written = one.issue.created_at if one.issue and not one.document else None
            document = by_name.get(one.document) or PostmortemFacts(
                name=one.document, written_at=written
            )
            target = _orphan_target(document)
            found.append(ActionCase(one, subject, target, document.written_at))
        return tuple(found)

    @property
    def every_action(self) -> Iterator[ActionCase]:
        """Every action item, done or not."""
        for case in self.cases:
            yield from case.actions
        yield from self._loose

    @property
    def waived_actions(self) -> Iterator[ActionCase]:
        """Every action item with a waiver of its own."""
        for case in self.cases:
            if any(one.waivers for one in case.facts.actions):
                yield from (action for action in case.actions if action.facts.waivers)
        yield from (action for action in self._loose if action.facts.waivers)

    @cached_property
    def documents(self) -> tuple[tuple[Case | None, PostmortemFacts, Target], ...]:
        """Every postmortem once, with its incident where it has one."""
        found: dict[str, tuple[Case | None, PostmortemFacts, Target]] = {}
        for case in self.cases:
            for one in case.facts.postmortems:
                target = replace(case.target, place=one.place)
                found.setdefault(_document_key(one), (case, one, target))
        for one in self.state.orphans:
            found.setdefault(_document_key(one), (None, one, _orphan_target(one)))
        return tuple(found[key] for key in sorted(found))


Judge: TypeAlias = Callable[[Docket, Terms], Iterable[Breach]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing an incident process demands.

    ``says`` is when it fires, ``remedy`` how to meet it. ``absence``: it rests on something not
    being there, so it is not judged while a home was not read to its end.
    """

    name: RuleName
    says: str
    remedy: str
    judge: Judge
    terms: Terms = field(default_factory=Terms)
    absence: bool = False


def is_done(action: ActionFacts) -> bool:
    """Ticked in its document, or its issue is completed."""
    issue = action.issue
    return action.done or (issue is not None and issue.phase is Phase.COMPLETED)


def day_after(day: date) -> datetime:
    """The first moment (UTC) that is not ``day`` any more."""
    ordinal = min(day.toordinal() + 1, date.max.toordinal())
    return datetime.combine(date.fromordinal(ordinal), time(), UTC)


def on(moment: datetime | None) -> str:
    """The day with "on" before it; nothing for an unknown time."""
    return f" on {moment:%Y-%m-%d}" if moment else ""


def quoted(text: str) -> str:
    """A title in quotation marks."""
    return f'"{text}"'


def _case(facts: IncidentFacts) -> Case:
    item = facts.item
    told = life(item, facts.events)
    waivers = facts.waivers
    for one in facts.postmortems:
        waivers += tuple(waiver for waiver in _document_waivers(one) if waiver not in waivers)
    return Case(
        facts=facts,
        life=told,
        target=Target(
            subject=f"{facts.side}:{item.ref.id}",
            title=item.title or item.ref.key or item.ref.id,
            side=facts.side,
            ref=item.ref,
            place=item.ref.url,
            priority=item.priority or None,
            severity=item.severity or None,
            owners=item.owners or (),
            closed=told.closed if item.phase is Phase.COMPLETED else None,
            waivers=waivers,
        ),
    )


def _named(
    actions: Iterable[ActionFacts],
) -> Iterator[tuple[ActionFacts, str]]:
    """Every action with its stable name."""
    seen: dict[str, int] = {}
    for one in actions:
        key = _action_key(one)
        seen[key] = seen.get(key, 0) + 1
        yield one, key if seen[key] == 1 else f"{key}~{seen[key]}"


def _written_at(action: ActionFacts, postmortems: Iterable[PostmortemFacts]) -> datetime | None:
    """When the action's postmortem appeared."""
    for one in postmortems:
        if action.document in {one.name, one.place}:
            return one.written_at
    return None


def _action_key(one: ActionFacts) -> str:
    if one.key:
        return one.key
    if not one.document and one.issue is not None:
        return f"{Side.RIGHT}:{one.issue.ref.id}"
    return f"{one.document}#{_NOT_A_WORD.sub('-', one.title.casefold()).strip('-')}"


def _action_target(one: ActionFacts, subject: str, incident: Target) -> Target:
    issue = one.issue
    flagged = {"side": Side.RIGHT, "ref": issue.ref} if issue is not None else {}
    owners: tuple[str, ...] = (one.owner,) if one.owner else ()
    priority = one.priority
    if issue is not None:
        owners = issue.owners or owners
        priority = priority or issue.priority or None
    return replace(
        incident,
        subject=subject,
        title=one.title,
        place=one.place,
        priority=priority,
        severity=None,
        owners=owners,
        waivers=incident.waivers + one.waivers,
        **flagged,  # type: ignore[arg-type]
    )


def waiver_of(
    line: WaiverLine, *, item: Ref | None = None, by: str = "", place: str = ""
) -> Waiver:
    """One waiver as it was read; ``by`` is who wrote it where the line does not say."""
    return Waiver(
        rule=line.rule,
        item=item,
        reason=line.reason,
        until=line.until,
        by=line.by or by,
        place=place if "://" in place else f"{place}:{line.line}".lstrip(":"),
    )


def _document_waivers(one: PostmortemFacts) -> tuple[Waiver, ...]:
    """The waivers a postmortem holds, each once."""
    if one.reading is None or not one.reading.waivers:
        return one.waivers
    place = one.place or one.name
    read = tuple(waiver_of(line, place=place) for line in one.reading.waivers)
    told = {(waiver.rule, waiver.place) for waiver in read}
    return read + tuple(each for each in one.waivers if (each.rule, each.place) not in told)


def _document_key(one: PostmortemFacts) -> str:
    return one.place or one.url or one.name


def _orphan_target(one: PostmortemFacts) -> Target:
    return Target(
        subject=_document_key(one),
        title=one.name,
        place=one.place,
        severity=one.reading.severity if one.reading else None,
        closed=one.written_at,
        waivers=_document_waivers(one),
    )
