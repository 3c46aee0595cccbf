"""What a report says: values only. Times are UTC, lengths of time are :class:`timedelta`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from mappings.vocabulary import Priority, Severity
from sync.rules.model import Finding, Level

#: The three times an incident process is measured by, in the order in which they pass.
MEASURES: Final = ("respond", "resolve", "postmortem")


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpRow:
    """One action item that is not done.

    ``key`` and ``url`` are its issue's ("" without one), ``place`` is where it stands in its
    document. ``incident`` is its incident's title ("" without one), ``incident_key`` what people
    call that. ``age`` is since it was written down, ``late`` how long its day is over; None if
    that is not known, or not so.
    """

    pair: str
    title: str
    key: str = ""
    url: str = ""
    place: str = ""
    incident: str = ""
    incident_key: str = ""
    owners: tuple[str, ...] = ()
    priority: Priority | None = None
    due: date | None = None
    opened: datetime | None = None
    age: timedelta | None = None
    late: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The open follow-ups of one incident, owner, priority or age."""

    name: str
    open: int
    late: int
    oldest: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRow:
    """One incident that was open at some time of the window; times as in ``rules.history``.

    ``lead`` is who led it: the commander that is named, else those it is assigned to.
    ``unmet`` are the ids of the rules that it does not meet, those waived left out.
    """

    pair: str
    title: str
    key: str
    url: str = ""
    lead: str = ""
    priority: Priority | None = None
    severity: Severity | None = None
    opened: datetime | None = None
    closed: datetime | None = None
    respond: timedelta | None = None
    resolve: timedelta | None = None
    postmortem: timedelta | None = None
    after_the_fact: bool = False
    open_follow_ups: int = 0
    unmet: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmetRow:
    """An incident and one rule that it does not meet; ``finding`` says all of it."""

    finding: Finding
    key: str = ""
    closed: datetime | None = None
    services: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One of the three times over several incidents; None where there is none to measure."""

    count: int = 0
    median: timedelta | None = None
    worst: timedelta | None = None
    worst_incident: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """The incidents opened in the month that begins with ``start`` (UTC)."""

    start: date
    incidents: int
    measures: Mapping[str, Measure]


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """What was completed in the week from the Monday ``start`` (UTC)."""

    start: date
    incidents: int = 0
    planned: int = 0

    @property
    def share(self) -> float | None:
        """The incidents' part of it, 0 to 1; None if nothing was completed."""
        done = self.incidents + self.planned
        return self.incidents / done if done else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Punctuality:
    """The follow-ups whose day came in the window, by what became of them.

    ``unknown`` are done, but nothing tells when. Those closed as not planned are not counted.
    """

    on_time: int = 0
    late: int = 0
    open: int = 0
    unknown: int = 0

    @property
    def share(self) -> float | None:
        """How many were done on time, 0 to 1, of those of which it is known."""
        known = self.on_time + self.late + self.open
        return self.on_time / known if known else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All of it. ``since`` is the window's beginning; open things are told whatever their age.

    ``follow_ups`` stand with the latest first. ``complete`` is False when a home was not read to
    its end: then something may be lacking here.
    """

    made_at: datetime
    since: datetime
    pairs: tuple[str, ...]
    complete: bool = True
    findings: tuple[Finding, ...] = ()
    follow_ups: tuple[FollowUpRow, ...] = ()
    by_incident: tuple[Group, ...] = ()
    by_owner: tuple[Group, ...] = ()
    by_priority: tuple[Group, ...] = ()
    by_age: tuple[Group, ...] = ()
    incidents: tuple[IncidentRow, ...] = ()
    missing: tuple[UnmetRow, ...] = ()
    repeats: tuple[UnmetRow, ...] = ()
    punctuality: Punctuality = field(default_factory=Punctuality)
    measures: Mapping[str, Measure] = field(default_factory=dict)
    months: tuple[Month, ...] = ()
    weeks: tuple[Week, ...] = ()

    @property
    def levels(self) -> dict[str, int]:
        """How many findings of each level there are, the worst first; the waived apart."""
        found = {level.value: 0 for level in reversed(Level)} | {"waived": 0}
        for one in self.findings:
            found["waived" if one.waived else one.level.value] += 1
        return found

    @property
    def worst(self) -> Level | None:
        """The highest level of a finding that is not waived."""
        return max((one.level for one in self.findings if not one.waived), default=None)
