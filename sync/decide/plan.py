"""The plan: ordered operations, open conflicts, and a digest that pins exactly them.

A plan is a value. Making it writes nothing; printing it shows all that carrying it out can do.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from adapters.errors import Rejected
from mappings.item import UNSET, Item, Ref, Unset, Value
from mappings.naming import names
from mappings.problem import Problem
from mappings.vocabulary import Field, Kind, Phase, Side
from sync.decide.diff import differences
from sync.decide.policy import Filter, Policy
from sync.decide.resolve import Merge, OpenConflict, Write, resolve
from sync.decide.tokens import Token, token, tokens
from sync.decide.waits import Held, claimed, lost_sight, unheard
from sync.decide.world import Claim, Home, LinkView, Presence, World
from sync.rules.model import Flag


class OpKind(StrEnum):
    """What one operation does to the outside."""

    PREPARE = "prepare"
    CREATE = "create"
    UPDATE = "update"
    FLAG = "flag"
    REFER = "refer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What a rule's flag does to an item: ``kind`` LABEL puts ``text`` on or takes it off, NOTE
    writes it, REOPEN and RAISE change the operation's values. ``on`` is False once the rule is met.
    """

    rule: str
    kind: Flag
    text: str = ""
    on: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One effect. ``side`` is where it happens; ``item`` is what people call it.

    ``source`` is the item on the other side that it follows; ``target`` the item changed (None
    for a creation). ``values`` are in the target's form, a parent is named by its id on the
    *source* side. ``steps`` are the legal phases walked. ``lost`` are people's values that this
    replaces, kept in the conflict record.
    """

    kind: OpKind
    side: Side
    item: str
    item_kind: Kind = Kind.TASK
    link: int | None = None
    source: Item | None = None
    target: Item | None = None
    values: Mapping[Field, Value] = field(default_factory=dict)
    before: Mapping[Field, Value | Unset] = field(default_factory=dict)
    lost: Mapping[Field, Value] = field(default_factory=dict)
    steps: tuple[Phase, ...] = ()
    why: tuple[str, ...] = ()
    mark: Mark | None = None

    @property
    def closes(self) -> bool:
        """Whether a linked item is completed by this."""
        return (
            self.kind is OpKind.UPDATE
            and self.values.get(Field.PHASE) is Phase.COMPLETED
            and self.before.get(Field.PHASE) is not Phase.COMPLETED
        )

    @property
    def fingerprint(self) -> str:
        """What makes this operation the same one tomorrow: effect and values, not when or why."""
        values = {name: token(name, value) for name, value in self.values.items()}
        parts: list[object] = [
            self.kind,
            self.side,
            self.item,
            sorted(values.items()),
            list(self.steps),
        ]
        if self.mark is not None:  # what a note says is told, and may name a minute
            label = self.mark.text if self.mark.kind is Flag.LABEL else ""
            parts += [self.mark.rule, self.mark.kind, label, self.mark.on]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Settled:
    """A link whose baselines move without any effect."""

    link: int
    agreed: tuple[Field, ...]
    trimmed: tuple[tuple[Field, Side], ...] = ()

    def baselines(self, view: LinkView) -> dict[Side, dict[Field, Token]]:
        """The baselines that move: both for an agreement, the source's for a trimmed field."""
        said = {side: tokens(view.ends[side].item) for side in Side}
        changes: dict[Side, dict[Field, Token]] = {side: {} for side in Side}
        for name in self.agreed:
            for side in Side:
                if name in said[side]:
                    changes[side][name] = said[side][name]
        for name, source in self.trimmed:
            changes[source][name] = said[source][name]
        return changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything one cycle would do. ``refusals`` come from the guard; empty means free to go.
    ``later``: so many labels and notes of rules are left for the next cycles.
    """

    pair: str
    operations: tuple[Operation, ...] = ()
    conflicts: tuple[OpenConflict, ...] = ()
    settled: tuple[Settled, ...] = ()
    held: tuple[Held, ...] = ()
    refusals: tuple[Problem, ...] = ()
    later: int = 0

    @property
    def digest(self) -> str:
        """Sixteen hex digits that change whenever any effect does; order does not matter."""
        prints = sorted(operation.fingerprint for operation in self.operations)
        return hashlib.sha256("\n".join([self.pair, *prints]).encode()).hexdigest()[:16]

    def with_prepared(self, side: Side, names: Iterable[str]) -> "Plan":
        """The same plan with things to be made first (labels)."""
        first = tuple(
            Operation(kind=OpKind.PREPARE, side=side, item=name, why=("needed by this plan",))
            for name in names
        )
        return replace(self, operations=first + self.operations)


def make_plan(world: World, policy: Policy, homes: Mapping[Side, Home]) -> Plan:
    """Judge every link and newcomer of ``world``; pure."""
    operations: list[Operation] = []
    conflicts: list[OpenConflict] = []
    settled: list[Settled] = []
    held: list[Held] = []
    still: set[int] = set()
    for view in world.links:
        stopped = _stopped(view, world)
        if stopped:
            held.append(stopped)
            still.add(view.id)
            continue
        merge = resolve(view, differences(view, homes, world.counterparts), policy, homes)
        conflicts.extend(merge.conflicts)
        updates, refused = _updates(view, merge, homes)
        operations.extend(updates)
        held.extend(refused)
        still |= {view.id} if refused else set()
        settled.append(Settled(view.id, merge.agreed, merge.trimmed))
    creations, waiting = _creations(world, policy, homes)
    operations.extend(_references(world, still, creations, homes))
    return Plan(
        pair=world.pair,
        operations=(*creations, *operations),
        conflicts=tuple(conflicts),
        settled=tuple(settled),
        held=(*held, *waiting, *unheard(world)),
    )


def _stopped(view: LinkView, world: World) -> Held | None:
    """A link with an end that cannot be seen, or that was set aside, takes no part."""
    for side in Side:
        seen = view.ends[side]
        name = seen.item.ref.key or seen.item.ref.id
        if seen.presence is not Presence.PRESENT:
            why = world.reasons.get((side, seen.item.ref.id))
            return Held(side, name, why or lost_sight(side, name, seen.presence))
        problem = world.held.get((side, seen.item.ref.id))
        if problem:
            return Held(side, name, problem)
    return None


def _updates(
    view: LinkView, merge: Merge, homes: Mapping[Side, Home]
) -> tuple[list[Operation], list[Held]]:
    """At most one operation per side, with all fields that side must change."""
    operations: list[Operation] = []
    refused: list[Held] = []
    for side in Side:
        writes = [write for write in merge.writes if write.side is side]
        target = view.ends[side].item
        name = target.ref.key or target.ref.id
        steps: tuple[Phase, ...] = ()
        for write in writes:
            if write.field is Field.PHASE and isinstance(write.value, Phase):
                try:
                    steps = homes[side].route(_resolved(target, writes), write.value)
                except Rejected as error:
                    refused.append(Held(side, name, error.problem.about(name)))
                    status = {Field.PHASE, Field.RESOLUTION}
                    writes = [one for one in writes if one.field not in status]
        if writes:
            operations.append(_update(view, side, writes, steps))
    return operations, refused


def _resolved(target: Item, writes: Iterable[Write]) -> Item:
    """The item with the resolution that it is to have: by it a home may choose another way."""
    for write in writes:
        if write.field is Field.RESOLUTION and not isinstance(write.value, Unset):
            return replace(target, resolution=write.value)  # type: ignore[arg-type]
    return target


def _update(view: LinkView, side: Side, writes: list[Write], steps: tuple[Phase, ...]) -> Operation:
    target, source = view.ends[side].item, view.ends[side.other].item
    return Operation(
        kind=OpKind.UPDATE,
        side=side,
        item=target.ref.key or target.ref.id,
        item_kind=target.kind,
        link=view.id,
        source=source,
        target=target,
        values={write.field: _by_source(write, source) for write in writes},
        before={write.field: write.before for write in writes},
        lost={write.field: write.lost for write in writes if write.lost is not UNSET},
        steps=steps,
        why=tuple(f"{write.field}: {write.why}" for write in writes),
    )


def _by_source(write: Write, source: Item) -> Value:
    """A parent is named by the source's own reference; its counterpart is looked up late."""
    if write.field is Field.PARENT and isinstance(source.parent, Ref):
        return source.parent
    return write.value


def _creations(
    world: World, policy: Policy, homes: Mapping[Side, Home]
) -> tuple[list[Operation], list[Held]]:
    """Creations for newcomers that match the filter: parents before their children."""
    operations: list[Operation] = []
    held: list[Held] = []
    for side in Side:
        can = homes[side.other].capabilities.creates
        if not can or (side is Side.RIGHT and not policy.documents):
            continue  # there is no place for what lives in the tracker alone
        for newcomer in world.new.get(side, ()):
            item = newcomer.item
            name = item.ref.key or item.ref.id
            problem = world.held.get((side, item.ref.id)) or claimed(newcomer, name)
            if problem:
                held.append(Held(side, name, problem))
            elif newcomer.claim is Claim.BESIDE:
                continue
            elif wanted(item, side, policy.filter, world.bound_at):
                made = _creation(item, side.other, homes[side.other])
                if homes[side].capabilities.refers:
                    made = _told_alone(made, item, world)
                operations.append(made)
    operations.sort(key=lambda operation: operation.item_kind is not Kind.INITIATIVE)
    return operations, held


def _references(
    world: World, still: set[int], creations: Iterable[Operation], homes: Mapping[Side, Home]
) -> list[Operation]:
    """In documents that say what tracks each item: the references that are not there yet, those of
    items about to be made included.
    """
    if not homes[Side.LEFT].capabilities.refers:
        return []
    found = [_reference(one.source) for one in creations if one.source and one.side is Side.RIGHT]
    for view in world.links:
        mine, other = view.ends[Side.LEFT].item, view.ends[Side.RIGHT].item
        if view.id not in still and not any(names(one, other.ref) for one in mine.references):
            found.append(_reference(mine, view.id, other))
    return found


def _reference(mine: Item, link: int | None = None, other: Item | None = None) -> Operation:
    """``other`` is None while it is still to be made."""
    return Operation(
        kind=OpKind.REFER,
        side=Side.LEFT,
        item=mine.ref.key or mine.ref.id,
        item_kind=mine.kind,
        link=link,
        source=other,
        target=mine,
        why=("its issue is not named there yet",),
    )


def wanted(item: Item, side: Side, rules: Filter, bound_at: datetime) -> bool:
    """Whether the pair's filter mirrors this unlinked item."""
    if item.archived:
        return False
    chosen = (
        (not rules.kinds or item.kind in rules.kinds)
        and (not rules.categories or item.category in rules.categories)
        and (not rules.priorities or item.priority in rules.priorities)
        and (side is Side.LEFT or not rules.labels or bool(item.labels & set(rules.labels)))
    )
    if not chosen or item.phase is not Phase.COMPLETED:
        return chosen
    remembered = {"documents": {Side.LEFT}, "tracker": {Side.RIGHT}, "both": set(Side)}
    if side in remembered.get(rules.history, set()):
        return True
    ended = item.closed_at or item.updated_at
    return ended is not None and ended >= bound_at


def _told_alone(made: Operation, item: Item, world: World) -> Operation:
    """An action whose incident is not known yet is put under it later."""
    known = world.counterparts.get(Side.LEFT, {})
    if isinstance(item.parent, Ref) and item.parent.id in known:
        return made
    return replace(made, why=(*made.why, "E134 its incident is not in the tracker (yet)"))


def _creation(item: Item, side: Side, home: Home) -> Operation:
    """The creation on ``side`` of ``item``'s counterpart, in the form that side will hold."""
    values = {
        name: value
        for name, value in home.canonical(item).values().items()
        if name in home.capabilities.writes and value is not None and value != ()
    }
    if Field.PARENT in values and isinstance(item.parent, Ref):
        values[Field.PARENT] = item.parent
    where = "documents" if side is Side.RIGHT else "tracker"
    return Operation(
        kind=OpKind.CREATE,
        side=side,
        item=item.ref.key or item.ref.id,
        item_kind=item.kind,
        source=item,
        values=values,
        why=(f"new in the {where}",),
    )
