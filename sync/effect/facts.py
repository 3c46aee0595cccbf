"""What the rules are judged from: every incident once, its life, its postmortems and its actions.

A postmortem belongs to an incident that it names (front matter or text), whose key stands in the
document's name, or that links to it; the same by the incident's record in the documents.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from sqlalchemy import Connection

from adapters.base import Document
from mappings.item import Item, Ref
from mappings.naming import names
from mappings.postmortem.lead import commander_in
from mappings.problem import Problem
from mappings.vocabulary import Kind, Phase, Side
from sync.effect.mentions import linked_postmortems
from sync.rules.model import (
    ActionFacts,
    Event,
    IncidentFacts,
    PostmortemFacts,
    State,
    Waiver,
    WorkFacts,
)
from sync.rules.waivers import Comment, waivers_in, waivers_of
from sync.store import history, observations, remarks, schedule
from sync.store.remarks import Heard

#: How far back completed work is looked at: longer than any window a rule may be given.
WORK: Final = timedelta(weeks=26)
#: Counterparts that a plan would make, by the side and id of the item each is made of.
Coming: TypeAlias = Mapping[tuple[Side, str], Item]
#: The name of the pair that keeps a pair's action items in step with issues.
ACTIONS: Final = "actions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """The postmortems as they were read in this cycle. ``complete``: all of them were listed."""

    documents: tuple[Document, ...] = ()
    complete: bool = True
    problem: Problem | None = None


def remembered(tx: Connection, pair: str) -> Library:
    """The postmortems as they were last read, for whoever looks at the store alone."""
    return Library(documents=remarks.shelf(tx, pair))


@dataclass(slots=True)
class _Known:
    """Everything of one pair that the facts are put together from."""

    pair: str
    lives: Mapping[Side, Mapping[str, tuple[Event, ...]]]
    heard: Mapping[str, Heard]
    first: Mapping[str, datetime]
    bound_at: datetime | None
    actions: Mapping[str, tuple[Item, tuple[Event, ...]]] = field(default_factory=dict)
    by_name: Mapping[str, tuple[Item, tuple[Event, ...]]] = field(default_factory=dict)


def state_of(
    tx: Connection,
    pair: str,
    library: Library,
    now: datetime,
    *,
    documents: bool = True,
    instead: Mapping[str, Item] | None = None,
    coming: Coming | None = None,
    back: timedelta = WORK,
) -> State:
    """Everything the rules of ``pair`` are judged from, as it is recorded.

    ``instead`` are issues as a plan would leave them, by id; ``coming`` is what it would make.
    ``back`` is how far back completed work is looked at.
    """
    row = schedule.get(tx, pair)
    told = list(_incidents(tx, pair, instead or {}, coming or {}))
    ids = {side: [item.ref.id for end, item, _ in told if end is side] for side in Side}
    known = _Known(
        pair=pair,
        lives={side: history.lives(tx, pair, side, ids[side]) for side in Side},
        heard=remarks.heard(tx, pair, Side.RIGHT),
        first=remarks.first_seen(tx, pair, [one.place for one in library.documents], now),
        bound_at=row.bound_at if row else None,
    )
    known.actions, known.by_name = _tracked(tx, pair)
    found = [_Incident(known, *one) for one in told]
    belongs = _belonging(found, library.documents)
    incidents = [one.facts(belongs.get(one.item.ref, ())) for one in found]
    taken = {document.place for told in belongs.values() for document in told}
    orphans = [one for one in library.documents if one.place not in taken]
    return State(
        pair=pair,
        incidents=tuple(incidents),
        orphans=tuple(_postmortem(one, known) for one in orphans),
        actions=tuple(action for one in orphans for action in _actions(one, known, None)),
        work=tuple(_work(tx, pair, found, now - back)),
        complete=library.complete,
        documents=documents,
        # Trackers tell of whole seconds: what was closed in this very one was closed since.
        bound_at=known.bound_at and known.bound_at.replace(microsecond=0),
    )


def _incidents(
    tx: Connection, pair: str, instead: Mapping[str, Item], coming: Coming
) -> Iterator[tuple[Side, Item, Item | None]]:
    """Every incident once, with its counterpart: one that is in the tracker, or about to be, is
    told by the item there.
    """
    placed = list(observations.of_kind(tx, pair, Kind.INCIDENT))
    partners = observations.partners(tx, pair, [one.link for one in placed if one.link])
    told: set[int] = set()
    for one in placed:
        if one.link is not None:
            if one.link in told:
                continue
            told.add(one.link)
            ends = partners.get(one.link, {})
            right, left = ends.get(Side.RIGHT), ends.get(Side.LEFT)
            if right is not None:
                yield Side.RIGHT, instead.get(right.ref.id, right), left
                continue
            if left is not None:
                yield Side.LEFT, left, left
                continue
        made = coming.get((one.side, one.item.ref.id))
        if one.side is Side.RIGHT:
            yield one.side, instead.get(one.item.ref.id, one.item), made
        elif made is not None:
            yield Side.RIGHT, made, one.item
        else:
            yield one.side, one.item, None


@dataclass(frozen=True, slots=True)
class _Incident:
    """One incident before its postmortems are known. ``other`` is its counterpart."""

    known: _Known
    side: Side
    item: Item
    other: Item | None

    @property
    def names(self) -> frozenset[str]:
        """Everything it may be called, in lower case."""
        found = set()
        for item in (self.item, self.other):
            if item is not None:
                key = item.ref.key
                found |= {key, item.ref.url}
                found |= {key.rpartition("/")[2]} if "#" in key else {item.ref.id, key}
                found |= {f"#{item.ref.id}"} if "#" in key else set()
        return frozenset(name.lower() for name in found if name)

    def is_named(self, reference: str) -> bool:
        """Whether a reference, however it is spelled, names it."""
        return any(
            item is not None and names(reference, item.ref) for item in (self.item, self.other)
        )

    @property
    def text(self) -> str:
        """Everything that people wrote of it."""
        told = self.known.heard.get(self.item.ref.id)
        parts = [one.text for one in told.remarks] if told and self.side is Side.RIGHT else []
        for item in (self.item, self.other):
            if item is not None:
                parts += [item.text, item.body if isinstance(item.body, str) else ""]
        return "\n".join(parts)

    def facts(self, documents: Sequence[Document]) -> IncidentFacts:
        """What is judged of it."""
        kept = [_postmortem(one, self.known) for one in documents]
        if not kept:
            kept = list(linked_postmortems(self.text))
        actions = [
            action for one in documents for action in _actions(one, self.known, self.item.ref)
        ]
        readings = [one.reading for one in documents if one.reading is not None]
        return IncidentFacts(
            pair=self.known.pair,
            side=self.side,
            item=self.item,
            recorded=self.other is not None,
            events=self.known.lives[self.side].get(self.item.ref.id, ()),
            postmortems=tuple(kept),
            actions=tuple(actions),
            services=tuple(dict.fromkeys(name for one in readings for name in one.services)),
            commander=self._commander([one.commander for one in readings]),
            waivers=self._waivers(),
        )

    def _commander(self, told: Sequence[str]) -> str:
        """Who led: by its record, by its issue, by its postmortem; in this order."""
        texts = [
            part for item in (self.other, self.item) if item for part in (item.text, item.body)
        ]
        named = (commander_in(text) for text in texts if isinstance(text, str))
        return next(filter(None, (*named, *told)), "")

    def _waivers(self) -> tuple[Waiver, ...]:
        item = self.item
        found = waivers_on(item, self.known.heard) if self.side is Side.RIGHT else ()
        document = self.other if self.side is Side.RIGHT else item
        if document is not None and "waive:" in document.text:
            place = document.ref.url or document.ref.key or document.ref.id
            found += waivers_in(document.text, item=item.ref, place=place)
        return found


def waivers_on(item: Item, heard: Mapping[str, Heard]) -> tuple[Waiver, ...]:
    """The waivers that stand in a tracker item's own text and in its comments."""
    told = heard.get(item.ref.id)
    said = [Comment(one.by, one.text, one.place) for one in told.remarks] if told else []
    said.insert(0, Comment(item.author, item.text, item.ref.url))
    return waivers_of(item.ref, item.labels, said)


def _belonging(
    found: Sequence[_Incident], documents: Iterable[Document]
) -> dict[Ref, tuple[Document, ...]]:
    """Which documents belong to which incident."""
    by_name: dict[str, list[_Incident]] = {}
    for one in found:
        for name in one.names:
            by_name.setdefault(name, []).append(one)
    texts = [(one, text) for one in found if "/" in (text := one.text) or ".md" in text]
    belongs: dict[Ref, list[Document]] = {}
    for document in documents:
        for one in _owners(document, by_name, texts, found):
            mine = belongs.setdefault(one.item.ref, [])
            if document not in mine:
                mine.append(document)
    return {ref: tuple(mine) for ref, mine in belongs.items()}


def _owners(
    document: Document,
    by_name: Mapping[str, Sequence[_Incident]],
    texts: Sequence[tuple[_Incident, str]],
    found: Sequence[_Incident],
) -> Iterator[_Incident]:
    """The incidents of one document: what it names counts; else its own name; else who links it."""
    named = document.reading.incidents if document.reading is not None else ()
    owners = [one for name in named for one in by_name.get(_spelled(name), ())]
    if named and not owners:  # in an unusual spelling: looked for one by one
        owners = [one for one in found if any(map(one.is_named, named))]
    if not owners:
        words = _words(document.place)
        owners = [one for word in words for one in by_name.get(word, ())]
    if not owners:
        owners = [one for one, text in texts if _links_to(text, document)]
    yield from _once(owners)


def _once(owners: Iterable[_Incident]) -> Iterator[_Incident]:
    seen: set[tuple[Side, str]] = set()
    for one in owners:
        here = (one.side, one.item.ref.id)
        if here not in seen:
            seen.add(here)
            yield one


def _spelled(name: str) -> str:
    return name.strip().strip("<>[]()").rstrip("/").lower()


def _words(place: str) -> Iterator[str]:
    """What in a document's name may be an incident's key: parts with a letter and a digit."""
    stem = place.rpartition("/")[2].rpartition(".")[0].lower()
    parts = re.split(r"[^a-z0-9#]+", stem)
    for start in range(len(parts)):
        for end in range(start + 1, min(start + 5, len(parts)) + 1):
            word = "-".join(parts[start:end])
            if re.search(r"[a-z].*\d", word):
                yield word
    match = re.search(r"(?:issue|gh|inc(?:ident)?)[-_]?(\d+)", stem)
    if match:
        yield f"#{match[1]}"


def _links_to(text: str, document: Document) -> bool:
    if document.url and document.url in text:
        return True
    place = re.escape(document.place)
    return (
        re.search(rf"(?:^|[\s(/<\"'`]){place}(?:$|[\s)>\"'`#?.,])", text, re.MULTILINE) is not None
    )


def _postmortem(one: Document, known: _Known) -> PostmortemFacts:
    first = known.first.get(one.place)
    written = one.written_at or first
    # One that was here before the pair was: only its home knows when it was written.
    if one.written_at is None and first is not None and known.bound_at == first:
        written = None
    return PostmortemFacts(
        name=one.name,
        url=one.url,
        place=one.place,
        reading=one.reading,
        written_at=written,
        problem=one.problem,
    )


def _actions(one: Document, known: _Known, incident: Ref | None) -> Iterator[ActionFacts]:
    """A document's action items, with their issues."""
    reading = one.reading
    for number, item in enumerate(reading.actions if reading is not None else ()):
        ref = one.actions[number] if number < len(one.actions) else None
        tracked = known.actions.get(ref.id) if ref is not None else None
        if tracked is None:
            called = (*item.references, item.title)
            tracked = next((known.by_name[_spelled(name)] for name in called
                            if _spelled(name) in known.by_name), None)  # fmt: skip
        yield ActionFacts(
            title=item.title,
            key=f"action:{ref.id}" if ref is not None and ref.id else "",
            owner=item.owner,
            due=item.due,
            priority=item.priority,
            done=bool(item.done),
            place=f"{one.place}:{item.line}",
            issue=tracked[0] if tracked else None,
            events=tracked[1] if tracked else (),
            incident=incident,
            document=one.name,
            confidence=item.confidence,
            elsewhere="" if tracked else _elsewhere(item.references, incident),
            waivers=waivers_on(tracked[0], known.heard) if tracked else (),
        )


def _elsewhere(references: Iterable[str], incident: Ref | None) -> str:
    """The first issue that an action's line names, unless it is its incident."""
    own = {_spelled(incident.key), _spelled(incident.url)} if incident is not None else set()
    for one in references:
        if _spelled(one) not in own and (incident is None or not names(one, incident)):
            return one
    return ""


def _tracked(
    tx: Connection, pair: str
) -> tuple[dict[str, tuple[Item, tuple[Event, ...]]], dict[str, tuple[Item, tuple[Event, ...]]]]:
    """The issues of action items: by the item's id, and by every name of the issue."""
    name = f"{pair}/{ACTIONS}"
    by_id: dict[str, tuple[Item, tuple[Event, ...]]] = {}
    by_name: dict[str, tuple[Item, tuple[Event, ...]]] = {}
    if schedule.get(tx, name) is None:
        return by_id, by_name
    ends = list(observations.linked(tx, name))
    lives = history.lives(tx, name, Side.RIGHT, [right.ref.id for _left, right in ends])
    for left, right in ends:
        told = (right, lives.get(right.ref.id, ()))
        by_id[left.ref.id] = told
        titles = [left.title] if isinstance(left.title, str) else []
        for called in (*titles, right.ref.key, right.ref.url):
            by_name.setdefault(_spelled(called), told)
    by_name.pop("", None)
    return by_id, by_name


def _work(
    tx: Connection, pair: str, found: Sequence[_Incident], since: datetime
) -> Iterator[WorkFacts]:
    """What was completed since then, incidents and other work."""
    incidents = {one.item.ref.id for one in found if one.side is Side.RIGHT}
    reopened = {
        one.item.ref.id
        for one in found
        if one.side is Side.RIGHT and one.item.phase is not Phase.COMPLETED
    }
    for item_id, at in history.ended(tx, pair, Side.RIGHT, since).items():
        if item_id not in reopened:
            yield WorkFacts(at, item_id in incidents, Ref(item_id))


def as_planned(item: Item, values: Mapping[str, object], now: datetime) -> Item:
    """An item as a planned change would leave it."""
    after = replace(item, **values)  # type: ignore[arg-type]
    if after.phase is Phase.COMPLETED and item.phase is not Phase.COMPLETED:
        return replace(after, closed_at=now)
    return after
