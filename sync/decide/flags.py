"""From findings to what is put up on their items: labels, one note per rule, what else was asked.

Quiet by design: nothing is written that stands there already, a label that a person took off stays
off, and a rule that is met has its label taken off and its note say so, once.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeAlias

from mappings.item import Item, Value
from mappings.vocabulary import Field, Phase, Side
from sync.decide.plan import Mark, Operation, OpKind
from sync.rules import notes
from sync.rules.model import Finding, Flag, FollowUp

#: Item, rule and kind: there is one of each.
Place: TypeAlias = tuple[Side, str, str, Flag]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One flag as we left it. ``value`` is the label, or what the note says.

    ``on``: it is up; else the rule was met. ``retry_at``: refused, and not tried before (UTC).
    """

    value: str = ""
    on: bool = False
    attempts: int = 0
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """What flags are planned from. ``items`` are those that may be written to, by side and id.

    ``standing`` is what we put up before, ``busy`` what is in doubt, ``written`` how often rules
    wrote to an item in the last hour, ``most`` how often they may.
    """

    items: Mapping[tuple[Side, str], Item]
    able: Collection[Flag] = frozenset(Flag)
    standing: Mapping[Place, Standing] = field(default_factory=dict)
    busy: Collection[Place] = frozenset()
    written: Mapping[tuple[Side, str], int] = field(default_factory=dict)
    most: int = 6
    unjudged: Collection[str] = frozenset()


#: In this order, so that a note is there before the label draws people to it.
_ORDER: Final = (Flag.NOTE, Flag.LABEL, Flag.RAISE, Flag.REOPEN, Flag.FOLLOW_UP)


def flag_operations(
    findings: Iterable[Finding], wall: Wall, now: datetime
) -> tuple[Operation, ...]:
    """The operations that bring the tracker's flags to what the findings ask for; pure."""
    groups: dict[tuple[Side, str], dict[str, list[Finding]]] = {}
    for one in findings:
        if one.side is not None and one.item is not None:
            rules = groups.setdefault((one.side, one.item.id), {})
            rules.setdefault(one.rule, []).append(one)
    for (side, item_id, rule, _kind), was in wall.standing.items():
        if was.on and rule not in wall.unjudged:
            groups.setdefault((side, item_id), {}).setdefault(rule, [])
    written = Counter(wall.written)
    operations = []
    for here in sorted(groups.keys() & wall.items.keys()):
        for made in _of_item(here, groups[here], wall, now):
            if written[here] < wall.most:
                written[here] += 1
                operations.append(made)
    return tuple(operations)


def paced(operations: Iterable[Operation], most: int) -> tuple[tuple[Operation, ...], int]:
    """The flags of one cycle, and how many are left for the next ones: of labels and notes that are
    put up, the first ``most``. Whatever else rules ask for is the guard's to weigh.
    """
    kept, later, room = [], 0, most
    for one in operations:
        cheap = one.mark is not None and one.mark.on and one.mark.kind in {Flag.LABEL, Flag.NOTE}
        if cheap and not room:
            later += 1
            continue
        room -= cheap
        kept.append(one)
    return tuple(kept), later


def place_of(operation: Operation) -> Place | None:
    """Which flag an operation writes; None for one that writes none."""
    if operation.mark is None or operation.target is None:
        return None
    mark = operation.mark
    return operation.side, operation.target.ref.id, mark.rule, mark.kind


def _of_item(
    here: tuple[Side, str], rules: Mapping[str, Sequence[Finding]], wall: Wall, now: datetime
) -> Iterator[Operation]:
    labels = {one.label for found in rules.values() for one in _asking(found, Flag.LABEL)}
    for rule in sorted(rules):
        for kind in _ORDER:
            place = (*here, rule, kind)
            was = wall.standing.get(place, Standing())
            early = was.retry_at is not None and was.retry_at > now
            if kind not in wall.able or place in wall.busy or early:
                continue
            if kind is Flag.REOPEN and wall.items[here].phase is not Phase.COMPLETED:
                continue  # a follow-up of a closed incident is open
            found = rules[rule]
            if kind is Flag.LABEL:
                made = _label(rule, found, was, labels)
            elif kind is Flag.NOTE:
                made = _note(rule, found, was, now)
            else:
                made = _once(rule, kind, found, was)
            if made is not None:
                yield _operation(here, wall.items[here], made, found)


def _asking(found: Iterable[Finding], flag: Flag) -> list[Finding]:
    return [one for one in found if flag in one.flags and not one.waived]


def _label(
    rule: str, found: Sequence[Finding], was: Standing, labels: Collection[str]
) -> Mark | None:
    asked = _asking(found, Flag.LABEL)
    if asked:
        name = asked[0].label
        if was.on and was.value not in labels:  # settings call it otherwise now
            return Mark(rule=rule, kind=Flag.LABEL, text=was.value, on=False)
        up = was.on and was.value == name
        return None if up else Mark(rule=rule, kind=Flag.LABEL, text=name)
    unmet = [one for one in found if not one.waived]
    if was.on and was.value not in labels and not unmet:
        return Mark(rule=rule, kind=Flag.LABEL, text=was.value, on=False)
    return None


def _note(rule: str, found: Sequence[Finding], was: Standing, now: datetime) -> Mark | None:
    asked = _asking(found, Flag.NOTE)
    waiver = next((one.waiver for one in found if one.waiver is not None), None)
    if asked:
        text = notes.note(asked)
    elif not was.on:
        return None  # nothing was ever said, or it says already that the rule is met
    elif waiver is not None:
        text = notes.waived(rule, waiver)
    elif found:
        return None  # no longer asked for, and not met either: what was said stands
    else:
        return Mark(rule=rule, kind=Flag.NOTE, text=notes.met(rule, now), on=False)
    same = was.on and was.value == text
    return None if same else Mark(rule=rule, kind=Flag.NOTE, text=text)


def _once(rule: str, kind: Flag, found: Sequence[Finding], was: Standing) -> Mark | None:
    """What is asked for once for each beginning of a finding, and undone by people alone."""
    asked = _asking(found, kind)
    if not asked or (kind is Flag.FOLLOW_UP and not _tasks(asked)):
        return None
    began = f"{asked[0].since:%Y-%m-%dT%H:%M:%SZ}"
    return None if was.value == began else Mark(rule=rule, kind=kind, text=began)


def _tasks(found: Iterable[Finding]) -> list[FollowUp]:
    return [one.follow_up for one in found if one.follow_up is not None]


def _operation(
    here: tuple[Side, str], item: Item, mark: Mark, found: Sequence[Finding]
) -> Operation:
    values = _values(mark, found)
    return Operation(
        kind=OpKind.FLAG,
        side=here[0],
        item=item.ref.key or item.ref.id,
        item_kind=item.kind,
        target=item,
        values=values,
        before={} if mark.kind is Flag.FOLLOW_UP else {name: item.get(name) for name in values},
        why=tuple(one.text for one in found if not one.waived) or (f"{mark.rule} is met",),
        mark=mark,
    )


def _values(mark: Mark, found: Sequence[Finding]) -> dict[Field, Value]:
    if mark.kind is Flag.REOPEN:
        return {Field.PHASE: Phase.TODO, Field.RESOLUTION: None}
    if mark.kind is Flag.FOLLOW_UP:
        task = _tasks(_asking(found, Flag.FOLLOW_UP))[0]
        told: dict[Field, Value] = {Field.TITLE: task.title, Field.DUE: task.due}
        return told if task.priority is None else told | {Field.PRIORITY: task.priority}
    if mark.kind is not Flag.RAISE:
        return {}
    first = _asking(found, Flag.RAISE)[0]
    raised = {Field.PRIORITY: first.priority_raised, Field.SEVERITY: first.severity_raised}
    return {name: value for name, value in raised.items() if value is not None}
