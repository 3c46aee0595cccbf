"""What documents name in the tracker: the issue that tracks an action, the incident it belongs to.

A reference is looked up among what was read of both sides and of the pair beside this one; no
request is made.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Final

from sqlalchemy import Connection

from mappings.item import UNSET, Item, Ref
from mappings.naming import ending, names
from mappings.postmortems import read_clues
from mappings.problem import Problem
from mappings.vocabulary import Field, Kind, Side
from sync.decide.plan import Operation, OpKind
from sync.decide.tokens import Token, tokens
from sync.decide.world import Claim, LinkView, Newcomer, Presence
from sync.effect.pair import Pair, Run
from sync.store import linkage, observations

#: What an adopted issue and its action are brought in step about at once: done is done.
_JUDGED: Final = frozenset({Field.PHASE, Field.RESOLUTION})
#: Neither there nor, as far as can be told, anywhere else.
_LOST: Final = frozenset({Presence.ABSENT, Presence.GONE})


def adopt_named(tx: Connection, pair: Pair, item: Item, now: datetime) -> Newcomer | None:
    """Link an action with the issue that its own line names; None once that is done.

    An action that names an issue which is not here, or is another action's, is tracked elsewhere:
    nothing is made for it.
    """
    known = Names(tx, pair)
    parent = known.incident(item.parent) if isinstance(item.parent, Ref) else None
    said = ""
    for reference in item.references:
        issue = known.issue(reference)
        if issue is not None and (issue.kind is Kind.INCIDENT or issue.ref == parent):
            continue  # its incident is named, for whoever reads the line
        said = said or reference
        if issue is None:
            continue
        row = linkage.find(tx, pair.name, Side.RIGHT, issue.ref.id)
        if row is not None:
            if _take_over(tx, pair, item, int(row.id)):
                return None
            continue
        ends: dict[Side, str | None] = {Side.LEFT: item.ref.id, Side.RIGHT: issue.ref.id}
        link = linkage.make(tx, pair.name, ends, now)
        linkage.rebase(tx, link, _as_they_are(item, issue), now, dirty=True)
        return None
    return Newcomer(item, Claim.TRACKED, said) if said else Newcomer(item)


def _take_over(tx: Connection, pair: Pair, item: Item, link: int) -> bool:
    """Go on where another line's issue was left: that line is not to be seen any more, and this one
    names its issue. So it is the same, in a document that was renamed and reworded at once.
    """
    view = linkage.view(tx, pair.name, link)
    if view is None or view.ends[Side.LEFT].presence not in _LOST:
        return False
    observations.forget(tx, pair.name, Side.LEFT, [view.ends[Side.LEFT].item.ref.id])
    linkage.attach(tx, pair.name, link, Side.LEFT, item.ref.id)
    linkage.set_dirty(tx, link, dirty=True)
    return True


def in_document(newcomer: Newcomer) -> tuple[str, int]:
    """Document and line: issues are made in the order in which people wrote their actions."""
    path, _, line = newcomer.item.ref.key.rpartition(":")
    return path, int(line) if line.isdigit() else 0


def _as_they_are(item: Item, issue: Item) -> dict[Side, dict[Field, Token]]:
    """Baselines of two items that people joined: a difference is theirs and stays, but what the
    issue says nothing of is carried over, and so is who is done.
    """
    said = {Side.LEFT: tokens(item), Side.RIGHT: tokens(issue)}
    settled = [
        name
        for name, raw in said[Side.RIGHT].items()
        if name not in _JUDGED and name is not Field.BODY and raw is not None and raw != []
    ]
    return {
        side: {name: raw for name, raw in said[side].items() if name in settled} for side in Side
    }


class Names:
    """What can be named on the right of a pair. All names are read once, and only when a reference
    is neither a number nor a document's code.
    """

    def __init__(self, tx: Connection, pair: Pair) -> None:
        self._tx = tx
        self._pair = pair

    @cached_property
    def _by_tail(self) -> dict[str, list[Ref]]:
        found: dict[str, list[Ref]] = {}
        for ref in observations.refs(self._tx, self._pair.name, Side.RIGHT):
            for tail in {ending(ref.key), ending(ref.url)}:
                found.setdefault(tail.casefold(), []).append(ref)
        return found

    @cached_property
    def _incidents(self) -> list[tuple[Ref, str]]:
        """Every incident's issue with its text, and with its record's."""
        tx, pair = self._tx, self._pair
        found = [
            (one.item.ref, _text(one.item))
            for one in observations.of_kind(tx, pair.name, Kind.INCIDENT)
            if one.side is Side.RIGHT
        ]
        for one in observations.of_kind(tx, pair.beside, Kind.INCIDENT):
            if one.side is Side.LEFT:
                ref = linkage.counterpart(tx, pair.beside, Side.LEFT, one.item.ref.id)
                found += [(ref, _text(one.item))] if ref is not None else []
        return found

    def issue(self, reference: str) -> Item | None:
        """The item that a reference names, itself or by its document."""
        tx, pair = self._tx, self._pair
        ref = linkage.counterpart(tx, pair.beside, Side.LEFT, reference) if pair.beside else None
        if ref is None:
            tail = ending(reference)
            known = observations.get(tx, pair.name, Side.RIGHT, tail) if tail else None
            if known is not None and names(reference, known.ref):
                return known
            named = (one for one in self._by_tail.get(tail.casefold(), ()) if names(reference, one))
            ref = next(named, None)
        return observations.get(tx, pair.name, Side.RIGHT, ref.id) if ref else None

    def incident(self, parent: Ref) -> Ref | None:
        """The issue that a document's clues lead to: the incident it names, the issue of the record
        it names, or the one incident that names the document.
        """
        references, path = read_clues(parent.id)
        for reference in references:
            issue = self.issue(reference)
            if issue is not None:
                return issue.ref
        name = path.rpartition("/")[2]
        found = {ref.id: ref for ref, text in self._incidents if name in text} if name else {}
        return next(iter(found.values())) if len(found) == 1 else None


def _text(item: Item) -> str:
    return f"{item.text}\n{item.body if isinstance(item.body, str) else ''}"


def counterparts(
    tx: Connection,
    pair: Pair,
    links: Iterable[LinkView],
    new: Mapping[Side, Iterable[Newcomer]],
) -> dict[Side, dict[str, Ref]]:
    """For every parent that is named, on its side: what it is on the other."""
    items = {side: [view.ends[side].item for view in links] for side in Side}
    parents = {
        side: {one.parent.id: one.parent for one in items[side] if isinstance(one.parent, Ref)}
        for side in Side
    }
    found = linkage.counterparts(tx, pair.name, parents)
    if pair.projects[Side.LEFT].capabilities.refers:
        known = Names(tx, pair)
        told = [*items[Side.LEFT], *(one.item for one in new.get(Side.LEFT, ()))]
        for parent in {one.parent for one in told}:
            ref = known.incident(parent) if isinstance(parent, Ref) else None
            if isinstance(parent, Ref) and ref is not None:
                found[Side.LEFT][parent.id] = ref
    return found


def apart(tx: Connection, pair: Pair, view: LinkView) -> LinkView:
    """An issue that both pairs follow: its text is its document's alone, and where it stands under
    its incident is told by the postmortem alone. The other pair has no opinion.
    """
    right = view.ends[Side.RIGHT]
    if not pair.beside or linkage.find(tx, pair.beside, Side.RIGHT, right.item.ref.id) is None:
        return view
    ends = dict(view.ends)
    if pair.projects[Side.LEFT].capabilities.refers:
        left = ends[Side.LEFT]
        ends[Side.LEFT] = replace(left, item=replace(left.item, body=UNSET))
    else:
        ends[Side.RIGHT] = replace(right, item=replace(right.item, parent=UNSET))
    return replace(view, ends=ends)


def judge_unparented(tx: Connection, pair: Pair) -> None:
    """Whatever may have been named since: actions that are not under their incident are judged."""
    if not pair.projects[Side.LEFT].capabilities.refers:
        return
    for row in linkage.parented(tx, pair.name):
        if json.loads(row.base_left).get(Field.PARENT.value) != row.parent_id:
            linkage.set_dirty(tx, row.id, dirty=True)


def followed_beside(tx: Connection, pair: Pair, item: Item, origin: str) -> bool:
    """Whether the pair beside this one follows ``item``, or made it (``origin``: its mark's)."""
    if not pair.beside:
        return False
    if linkage.find(tx, pair.beside, Side.RIGHT, item.ref.id) is not None:
        return True
    return bool(origin) and observations.get(tx, pair.beside, Side.LEFT, origin) is not None


def completed(run: Run, operation: Operation) -> Operation | Problem:
    """The operation with all that can be told only now: a parent in the target's terms (one without
    a counterpart is left for later), and both ends of a reference.
    """
    if operation.kind is OpKind.REFER and operation.target is not None:
        return _reference(run, operation, operation.target.ref)
    parent = operation.values.get(Field.PARENT)
    if not isinstance(parent, Ref):
        return operation
    values, other = dict(operation.values), operation.side.other
    with run.store.reading() as tx:
        found = linkage.counterpart(tx, run.pair.name, other, parent.id)
        if found is None and run.pair.projects[other].capabilities.refers:
            found = Names(tx, run.pair).incident(parent)
    if found is None:
        del values[Field.PARENT]
    else:
        values[Field.PARENT] = found
    return replace(operation, values=values)


def _reference(run: Run, operation: Operation, mine: Ref) -> Operation | Problem:
    with run.store.reading() as tx:
        row = linkage.find(tx, run.pair.name, Side.LEFT, mine.id)
        view = linkage.view(tx, run.pair.name, int(row.id)) if row is not None else None
    if view is None:
        return Problem("E414", "its issue is not made yet; the next run names it.")
    ends = {side: seen.item for side, seen in view.ends.items()}
    return replace(operation, link=view.id, target=ends[Side.LEFT], source=ends[Side.RIGHT])
