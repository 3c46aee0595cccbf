"""What rules are judged from, and what comes out: facts, findings, waivers; values only.

All times are UTC. The store builds a :class:`State`, :func:`sync.rules.judge.judge` makes
:class:`Finding` values of it, the engine turns their flags into operations of the plan.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from mappings.item import Item, Ref
from mappings.postmortem.model import Postmortem
from mappings.problem import Problem
from mappings.vocabulary import Phase, Priority, Resolution, Severity, Side


class EventKind(StrEnum):
    """What happened to an item."""

    OPENED = "opened"
    PHASE = "phase"
    CLOSED = "closed"
    REOPENED = "reopened"
    NOTED = "noted"  # a person's comment; never one of ours
    CHANGED = "changed"  # any other change by a person


@dataclass(frozen=True, slots=True)
class Event:
    """One moment of an item's life; ``phase`` is the one reached, ``resolution`` a close's."""

    at: datetime
    kind: EventKind
    phase: Phase | None = None
    resolution: Resolution | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A person's decision not to meet a rule, as it was found; it may turn out not to hold.

    ``item`` is where it was written (None: a document that is no item). ``until`` is the last
    day on which it holds; None if no day could be read. ``place`` is "file:line" or an address.
    """

    rule: str
    item: Ref | None = None
    reason: str = ""
    until: date | None = None
    by: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostmortemFacts:
    """One postmortem. ``place`` is its path, ``name`` what people call it.

    ``reading`` is None for a document that was not or could not be read; ``linked_only`` tells
    that it is known by a link in the issue alone. ``written_at`` is when it first appeared.
    ``problem`` says why it could not be read. ``waivers`` are those besides the reading's own.
    """

    name: str
    url: str = ""
    place: str = ""
    reading: Postmortem | None = None
    linked_only: bool = False
    written_at: datetime | None = None
    problem: Problem | None = None
    waivers: tuple[Waiver, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionFacts:
    """One action item of a postmortem, and its issue where it has one.

    ``place`` is "file:line" in the postmortem called ``document``. ``events`` are its issue's.
    ``confidence`` is how sure the reading is that this is an action item, 0 to 1. ``key`` names it
    for good where its home can ("" where it cannot: then document and title do). ``elsewhere`` is
    the issue that its line names, where that is not read here. ``asked_for``: a rule asked for it,
    so it is no sign that anybody thought of preventing anything.
    """

    title: str
    key: str = ""
    owner: str = ""
    due: date | None = None
    priority: Priority | None = None
    done: bool = False
    place: str = ""
    issue: Item | None = None
    events: tuple[Event, ...] = ()
    incident: Ref | None = None
    document: str = ""
    confidence: float = 1.0
    elsewhere: str = ""
    waivers: tuple[Waiver, ...] = ()
    asked_for: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentFacts:
    """One incident, once: a linked one is told by the tracker's item.

    ``side`` is where ``item`` lives; ``recorded`` tells that it has its counterpart on the other
    side. ``services`` are what it struck, ``commander`` who led it ("" for nobody).
    """

    pair: str
    side: Side
    item: Item
    recorded: bool = False
    events: tuple[Event, ...] = ()
    postmortems: tuple[PostmortemFacts, ...] = ()
    actions: tuple[ActionFacts, ...] = ()
    services: tuple[str, ...] = ()
    commander: str = ""
    waivers: tuple[Waiver, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkFacts:
    """One completed piece of work, for the interrupt load: when, and whether an incident."""

    at: datetime
    incident: bool
    item: Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Everything the rules of one pair are judged from.

    ``orphans`` are postmortems that belong to no incident, ``actions`` the actions of those.
    ``complete`` is False when any home was not read to its end: then no finding is raised that
    rests on something not being there.
    ``documents`` is False for a pair that keeps no incidents in documents. ``bound_at`` is when
    the pair first ran: what was closed before is judged, but flags nothing.
    """

    pair: str
    incidents: tuple[IncidentFacts, ...] = ()
    orphans: tuple[PostmortemFacts, ...] = ()
    actions: tuple[ActionFacts, ...] = ()
    work: tuple[WorkFacts, ...] = ()
    complete: bool = True
    documents: bool = True
    bound_at: datetime | None = None


class Level(StrEnum):
    """How pressing a finding is; ordered: info < due < overdue."""

    INFO = "info"
    DUE = "due"
    OVERDUE = "overdue"

    @property
    def rank(self) -> int:
        """0 for info, 1 for due, 2 for overdue."""
        return list(Level).index(self)

    def __lt__(self, other: str) -> bool:
        return self.rank < Level(other).rank

    def __le__(self, other: str) -> bool:
        return self.rank <= Level(other).rank

    def __gt__(self, other: str) -> bool:
        return self.rank > Level(other).rank

    def __ge__(self, other: str) -> bool:
        return self.rank >= Level(other).rank


class Flag(StrEnum):
    """What a finding asks for. The engine makes operations of all but ``notify``."""

    LABEL = "label"
    NOTE = "note"
    REOPEN = "reopen"
    NOTIFY = "notify"
    RAISE = "raise"  # one level up: see Finding.priority_raised, severity_raised
    FOLLOW_UP = "follow-up"  # a task to be made: see Finding.follow_up


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """A task that a finding asks for."""

    title: str
    due: date
    priority: Priority | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A rule not met.

    ``key`` names it for good: rule, item and detail, never the time. ``item`` on ``side`` is what
    is flagged; None if no item shows it (a postmortem of no incident, the interrupt load).
    ``since`` is when the rule began to be unmet, as far as the facts tell; where they tell
    nothing it is the time of judging, so whoever keeps findings keeps the first one.
    ``until`` is when it becomes (or became) overdue; None if it never does.
    ``text`` is one sentence, ``evidence`` what it rests on, ``remedy`` how to meet the rule.
    ``label`` is the label that it asks for where ``flags`` hold one.
    ``waiver`` is set on a finding that somebody decided to live with: shown, but flags nothing.
    """

    rule: str
    pair: str
    key: str
    level: Level
    since: datetime
    title: str
    text: str
    remedy: str
    side: Side | None = None
    item: Ref | None = None
    until: datetime | None = None
    place: str = ""
    priority: Priority | None = None
    severity: Severity | None = None
    owners: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    flags: frozenset[Flag] = field(default_factory=frozenset)
    label: str = ""
    priority_raised: Priority | None = None
    severity_raised: Severity | None = None
    follow_up: FollowUp | None = None
    waiver: Waiver | None = None

    @property
    def waived(self) -> bool:
        """Whether a waiver that holds covers it."""
        return self.waiver is not None
