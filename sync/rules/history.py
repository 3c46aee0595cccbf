"""An incident's life, and the three times a process is measured by, out of its events.

The tracker's times count. An incident recorded after the fact is known by its postmortem alone:
then the document's times count, and what it does not say stays unknown rather than wrong.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from mappings.item import Item
from mappings.vocabulary import Phase
from sync.rules.model import Event, EventKind, IncidentFacts

#: An incident opened and closed within this was walked through its phases after the fact.
WALKED: Final = timedelta(minutes=2)

_RESPONDED: Final = frozenset({Phase.DOING, Phase.BLOCKED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What events tell of one item. All times UTC; None: unknown, or not yet.

    ``opened`` is the first opening, ``reopened`` the last reopening, ``responded`` when work first
    began, ``responded_again`` when it began after the last reopening. ``closed`` is the last
    closing and None while it is open; ``spans`` are the times in which it was open.
    ``moved`` is the last thing a person did to it.
    """

    opened: datetime | None = None
    reopened: datetime | None = None
    responded: datetime | None = None
    responded_again: datetime | None = None
    closed: datetime | None = None
    moved: datetime | None = None
    spans: tuple[tuple[datetime, datetime | None], ...] = ()

    @property
    def waiting_since(self) -> datetime | None:
        """Since when it waits, or waited, for somebody to begin: the last opening."""
        return self.reopened or self.opened

    @property
    def answered(self) -> bool:
        """Whether work began since it was last opened."""
        return (self.responded_again if self.reopened else self.responded) is not None

    @property
    def walked(self) -> bool:
        """Whether it was only written down: opened and closed in one go."""
        if self.opened is None or self.closed is None or self.reopened is not None:
            return False
        return self.closed - self.opened <= WALKED


def life(item: Item, events: Iterable[Event]) -> Life:
    """The life of ``item``: from its events, and from its own times where there are none."""
    ordered = sorted(events, key=_order)
    if not ordered:
        return _by_itself(item)
    opened = item.created_at or ordered[0].at
    told = _Told(opened)
    for event in ordered:
        told.hear(event)
    closed = told.closed
    if item.phase is Phase.COMPLETED and closed is None:
        closed = item.closed_at or item.updated_at
    elif item.phase is not Phase.COMPLETED and isinstance(item.phase, Phase):
        closed = None
    return Life(
        opened=opened,
        reopened=told.reopened,
        responded=told.responded,
        responded_again=told.responded_again,
        closed=closed,
        moved=max(ordered[-1].at, opened),
        spans=told.spans_to(closed),
    )


class _Told:
    """What is known after some of the events."""

    __slots__ = ("closed", "reopened", "responded", "responded_again", "spans", "start")

    def __init__(self, opened: datetime) -> None:
        self.start: datetime | None = opened
        self.closed: datetime | None = None
        self.reopened: datetime | None = None
        self.responded: datetime | None = None
        self.responded_again: datetime | None = None
        self.spans: list[tuple[datetime, datetime | None]] = []

    def hear(self, event: Event) -> None:
        """Take in the next event."""
        if event.kind is EventKind.CLOSED:
            if self.start is not None:
                self.spans.append((self.start, event.at))
            self.start, self.closed = None, event.at
        elif event.kind is EventKind.REOPENED:
            if self.start is None:
                self.start = event.at
            self.closed, self.reopened, self.responded_again = None, event.at, None
        elif event.phase in _RESPONDED:
            self.responded = self.responded or event.at
            self.responded_again = self.responded_again or event.at

    def spans_to(self, closed: datetime | None) -> tuple[tuple[datetime, datetime | None], ...]:
        """All spans, the last one ended where the item is closed."""
        last = [(self.start, closed)] if self.start is not None else []
        return (*self.spans, *last)


#: What comes first where several things happened in the same second.
_FIRST: Final = (
    EventKind.OPENED, EventKind.REOPENED, EventKind.CHANGED, EventKind.NOTED, EventKind.PHASE,
    EventKind.CLOSED,
)  # fmt: skip
_RANK: Final = {kind: rank for rank, kind in enumerate(_FIRST)}


def _order(event: Event) -> tuple[datetime, int]:
    return event.at, _RANK[event.kind]


def _by_itself(item: Item) -> Life:
    """What an item alone tells: no history of it was ever read."""
    closed = None
    if item.phase is Phase.COMPLETED:
        closed = item.closed_at or item.updated_at
    return Life(
        opened=item.created_at,
        closed=closed,
        moved=item.updated_at or item.created_at,
        spans=((item.created_at, closed),) if item.created_at else (),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """The measures of one incident; None where they cannot be known truly, or not yet.

    ``respond``: from the opening to the beginning of work. ``resolve``: from the opening to the
    last closing, the whole of an extended incident. ``open``: only while it was open.
    ``postmortem``: from the closing to the first postmortem's appearing; zero if it was there.
    """

    respond: timedelta | None = None
    resolve: timedelta | None = None
    open: timedelta | None = None
    postmortem: timedelta | None = None
    after_the_fact: bool = False


def measured(facts: IncidentFacts) -> Times:
    """The times of one incident."""
    told = life(facts.item, facts.events)
    started, resolved = _documented(facts)
    late = told.walked or (
        told.opened is not None and resolved is not None and resolved <= told.opened
    )
    if late:
        resolve = _between(started, resolved)
        ended = resolved or told.closed
        return Times(
            resolve=resolve, open=resolve, postmortem=_to_postmortem(facts, ended),
            after_the_fact=True,
        )  # fmt: skip
    spans = [_between(*span) for span in told.spans]
    known = [span for span in spans if span is not None]
    complete = told.closed is not None and len(known) == len(spans)
    return Times(
        respond=_between(told.opened, told.responded),
        resolve=_between(told.opened, told.closed),
        open=sum(known, timedelta(0)) if complete else None,
        postmortem=_to_postmortem(facts, told.closed),
    )


def _documented(facts: IncidentFacts) -> tuple[datetime | None, datetime | None]:
    """When the postmortems say that it started and was resolved."""
    readings = [one.reading for one in facts.postmortems if one.reading is not None]
    started = [moment for one in readings if (moment := utc(one.started)) is not None]
    resolved = [moment for one in readings if (moment := utc(one.resolved)) is not None]
    return min(started, default=None), max(resolved, default=None)


def utc(moment: datetime | None) -> datetime | None:
    """A document's time as UTC; one without a zone is read as UTC."""
    if moment is None or moment.tzinfo is not None:
        return moment
    return moment.replace(tzinfo=UTC)


def _to_postmortem(facts: IncidentFacts, closed: datetime | None) -> timedelta | None:
    written = [one.written_at for one in facts.postmortems if one.written_at is not None]
    if closed is None or not written:
        return None
    return max(min(written) - closed, timedelta(0))


def _between(start: datetime | None, end: datetime | None) -> timedelta | None:
    """The time from one to the other; None if one is unknown, or they stand the wrong way."""
    if start is None or end is None or end < start:
        return None
    return end - start
