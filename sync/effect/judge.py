"""Judging a pair: what the rules find on what is recorded, kept, and what it asks to be put up.

A plan is judged as it would leave things, so that it shows the flags that follow from it. After it
was carried out everything is judged anew on what the homes really stored; only flags that the plan
showed are then written.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from adapters.base import Document
from adapters.errors import AdapterError
from mappings.item import Item, Ref
from mappings.problem import ProblemError
from mappings.vocabulary import Kind, Side
from sync.decide.flags import Place, Wall, flag_operations, paced, place_of
from sync.decide.plan import Operation, OpKind, Plan
from sync.effect import facts, hearing
from sync.effect.children import whole_state
from sync.effect.facts import Library
from sync.effect.pair import Pair, Progress
from sync.rules.judge import judge, unjudged
from sync.rules.model import Finding, Flag, State
from sync.store import findings, flags, journal, observations, remarks

HOUR: Final = timedelta(hours=1)
#: The id of an issue that a plan would make begins so; no home gives out such a one.
_TO_COME: Final = "new:"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What judging found in which state, and the flags that follow; ``later``: how many more do in
    the next cycles.
    """

    findings: tuple[Finding, ...] = ()
    operations: tuple[Operation, ...] = ()
    state: State | None = None
    later: int = 0


def read_library(pair: Pair, progress: Progress) -> Library:
    """The pair's postmortems as they are now."""
    if pair.rules is None or pair.postmortems is None:
        return Library()
    told: list[Document] = []
    try:
        for document in pair.postmortems.documents():
            told.append(document)
            progress("read postmortems", len(told), None, "")
    except (AdapterError, ProblemError) as error:
        return Library(documents=tuple(told), complete=False, problem=error.problem)
    return Library(documents=tuple(told))


def foresee(tx: Connection, pair: Pair, plan: Plan, library: Library, now: datetime) -> Verdict:
    """What would be found once ``plan`` were carried out, and the flags that would follow."""
    if pair.rules is None:
        return Verdict()
    instead: dict[str, Item] = {}
    coming: dict[tuple[Side, str], Item] = {}
    for one in plan.operations:
        values = {name.value: value for name, value in one.values.items()}
        if one.target is not None:
            if one.side is Side.RIGHT and one.item_kind is not Kind.INITIATIVE:
                instead[one.target.ref.id] = facts.as_planned(one.target, values, now)
        elif one.source is not None and one.item_kind is Kind.INCIDENT:
            made = Item(ref=_to_come(one), kind=one.item_kind, created_at=now, updated_at=now)
            made = facts.as_planned(made, values, now)
            coming[one.side.other, one.source.ref.id] = made
    state = _state(tx, pair, library, now, instead, coming)
    found = judge(state, now, pair.rules)
    flags_now, later = paced(_flags(tx, pair, state, found, now), pair.policy.guard.flags)
    return Verdict(found, flags_now, state, later)


def settle(
    tx: Connection, pair: Pair, library: Library, now: datetime, state: State | None = None
) -> Verdict:
    """What the rules find now, written down; with the flags that follow.

    ``state`` is given where nothing was done since it was put together.
    """
    if pair.rules is None:
        return Verdict()
    state = state or _state(tx, pair, library, now)
    if pair.postmortems is not None:
        complete = library.complete
        remarks.shelve(tx, pair.name, library.documents, now, complete=complete)
    left = unjudged(state)
    kept = findings.settle(tx, pair.name, judge(state, now, pair.rules), left, now)
    return Verdict(kept.open, _flags(tx, pair, state, kept.open, now), state)


def allowed(
    planned: Sequence[Operation], now_due: Sequence[Operation], made: Mapping[str, str]
) -> list[Operation | None]:
    """For each planned flag the one that is due now; None where it no longer is.

    ``made`` tells which issue became of each one that was to come.
    """
    due = {place_of(one): one for one in now_due}
    found: list[Operation | None] = []
    for one in planned:
        place = place_of(one)
        if place is None:
            found.append(None)
            continue
        side, item_id, rule, kind = place
        at = (side, made.get(item_id, item_id), rule, kind)
        match = due.get(at)
        same = match is not None and match.mark is not None and one.mark is not None
        found.append(match if same and match.mark.on == one.mark.on else None)  # type: ignore[union-attr]
    return found


def made_of(operations: Sequence[Operation], refs: Sequence[Ref | None]) -> dict[str, str]:
    """Which issue became of each one that was to come."""
    return {
        _to_come(one).id: ref.id
        for one, ref in zip(operations, refs, strict=False)
        if one.kind is OpKind.CREATE and one.source is not None and ref is not None
    }


def _to_come(one: Operation) -> Ref:
    source = one.source.ref if one.source is not None else Ref("")
    return Ref(f"{_TO_COME}{source.id}", one.item)


def _state(
    tx: Connection,
    pair: Pair,
    library: Library,
    now: datetime,
    instead: Mapping[str, Item] | None = None,
    coming: facts.Coming | None = None,
) -> State:
    return whole_state(
        tx,
        pair.name,
        library,
        now,
        documents=pair.policy.documents,
        instead=instead,
        coming=coming,
    )


def _flags(
    tx: Connection, pair: Pair, state: State, found: Iterable[Finding], now: datetime
) -> tuple[Operation, ...]:
    """What is to be put up or taken down, on items that can be seen and written to."""
    able = _able(pair)
    if not able:
        return ()
    items = {(Side.RIGHT, one.item.ref.id): one.item for one in state.incidents
             if one.side is Side.RIGHT}  # fmt: skip
    heard = remarks.heard(tx, pair.name, Side.RIGHT)
    standing = {**hearing.recognised(tx, pair, heard), **flags.known(tx, pair.name)}
    wanted = {(side, item_id) for side, item_id, _rule, _kind in standing}
    found = list(found)
    wanted |= {(one.side, one.item.id) for one in found if one.side and one.item}
    for side, item_id in wanted - items.keys():
        item = observations.get(tx, pair.name, side, item_id) if side is Side.RIGHT else None
        if item is not None:
            items[side, item_id] = item
    wall = Wall(
        items=items,
        able=able,
        standing=standing,
        busy=_busy(tx, pair),
        written=journal.flags_since(tx, pair.name, now - HOUR),
        most=pair.policy.writes_per_hour,
        unjudged=unjudged(state),
    )
    return flag_operations(found, wall, now)


def _able(pair: Pair) -> frozenset[Flag]:
    holds = pair.projects[Side.RIGHT].capabilities
    able = {Flag.LABEL: holds.labels, Flag.NOTE: holds.notes}
    always = {Flag.REOPEN, Flag.RAISE} if holds.labels or holds.notes else set()
    if always and holds.creates:
        always.add(Flag.FOLLOW_UP)
    return frozenset({flag for flag, can in able.items() if can} | always)


def _busy(tx: Connection, pair: Pair) -> frozenset[Place]:
    """Flags of which nobody knows whether they were written."""
    found = set()
    for intent in journal.unsettled(tx, pair.name):
        if intent.kind == OpKind.FLAG and intent.target_id:
            mark = intent.payload["mark"]
            found.add((intent.side, intent.target_id, mark["rule"], Flag(mark["kind"])))
    return frozenset(found)
