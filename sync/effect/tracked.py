"""What documents name in the tracker: the issue that tracks an action, the incident it belongs to.

A reference is looked up among what was read of both sides and of the pair beside this one; no
request is made.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from mappings.item import UNSET, Item, Ref
from mappings.naming import ending, names
from mappings.postmortems import read_clues
from mappings.problem import Problem
from mappings.vocabulary import Field, Kind, Side
from sync.decide.plan import Operation, OpKind
from sync.decide.tokens import Token, tokens
from sync.decide.world import Claim, LinkView, Newcomer
from sync.effect.pair import Pair, Run
from sync.store import linkage, observations

#: What an adopted issue and its action are brought in step about at once: done is done.
_JUDGED: Final = frozenset({Field.PHASE, Field.RESOLUTION})


def adopt_named(tx: Connection, pair: Pair, item: Item, now: datetime) -> Newcomer | None:
    """Link an action with the issue that its own line names; None once that is done.

    An action that names an issue which is not here, or is another action's, is tracked elsewhere:
    nothing is made for it.
    """
    parent = named_incident(tx, pair, item.parent) if isinstance(item.parent, Ref) else None
    said = ""
    for reference in item.references:
        issue = _issue(tx, pair, reference)
        if issue is not None and (issue.kind is Kind.INCIDENT or issue.ref == parent):
            continue  # its incident is named, for whoever reads the line
        said = said or reference
        if issue is None or linkage.find(tx, pair.name, Side.RIGHT, issue.ref.id) is not None:
            continue
        ends: dict[Side, str | None] = {Side.LEFT: item.ref.id, Side.RIGHT: issue.ref.id}
        link = linkage.make(tx, pair.name, ends, now)
        linkage.rebase(tx, link, _as_they_are(item, issue), now, dirty=True)
        return None
    return Newcomer(item, Claim.TRACKED, said) if said else Newcomer(item)


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


def _issue(tx: Connection, pair: Pair, reference: str) -> Item | None:
    """The item on the right that a reference names, itself or by its document."""
    for issue in _ending_in(tx, pair.name, ending(reference)):
        if names(reference, issue.ref):
            return issue
    if not pair.beside:
        return None
    ref = linkage.counterpart(tx, pair.beside, Side.LEFT, reference)
    return observations.get(tx, pair.name, Side.RIGHT, ref.id) if ref else None


def _ending_in(tx: Connection, pair: str, tail: str) -> Iterator[Item]:
    """Items on the right that may be named so: by id first, then by what their key ends in."""
    known = observations.get(tx, pair, Side.RIGHT, tail) if tail else None
    if known is not None:
        yield known
    elif tail:
        yield from observations.mentioning(tx, pair, Side.RIGHT, tail)


def named_incident(tx: Connection, pair: Pair, parent: Ref) -> Ref | None:
    """The issue on the right that a document's clues lead to: the incident it names, the issue of
    the record it names, or the one incident that names the document.
    """
    references, path = read_clues(parent.id)
    for reference in references:
        issue = _issue(tx, pair, reference)
        if issue is not None:
            return issue.ref
    return _naming(tx, pair, path) if path else None


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
        told = [*items[Side.LEFT], *(one.item for one in new.get(Side.LEFT, ()))]
        for parent in {one.parent for one in told}:
            ref = named_incident(tx, pair, parent) if isinstance(parent, Ref) else None
            if isinstance(parent, Ref) and ref is not None:
                found[Side.LEFT][parent.id] = ref
    return found


def _naming(tx: Connection, pair: Pair, path: str) -> Ref | None:
    """The incident whose text, or whose record's, names a document; None if several do."""
    name = path.rpartition("/")[2]
    found = {
        item.ref.id: item.ref
        for item in observations.mentioning(tx, pair.name, Side.RIGHT, name)
        if _tells_of(item, name)
    }
    for record in observations.mentioning(tx, pair.beside, Side.LEFT, name) if pair.beside else ():
        ref = linkage.counterpart(tx, pair.beside, Side.LEFT, record.ref.id)
        if _tells_of(record, name) and ref is not None:
            found[ref.id] = ref
    return next(iter(found.values())) if len(found) == 1 else None


def _tells_of(item: Item, name: str) -> bool:
    body = item.body if isinstance(item.body, str) else ""
    return item.kind is Kind.INCIDENT and name in f"{item.text}\n{body}"


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
            found = named_incident(tx, run.pair, parent)
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
