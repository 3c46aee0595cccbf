"""From differences to writes: applies directions and authority; what it may not decide stays open.

The losing value of a conflict is kept word for word beside the write that replaces it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from mappings.item import UNSET, Unset, Value
from mappings.vocabulary import Field, Phase, Side
from sync.decide.diff import Difference, Verdict
from sync.decide.policy import Policy
from sync.decide.tokens import token
from sync.decide.world import Home, LinkView


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One field to be written on ``side``. ``lost`` is a person's value that this replaces."""

    field: Field
    side: Side
    value: Value
    before: Value | Unset
    why: str
    lost: Value | Unset = UNSET


@dataclass(frozen=True, slots=True)
class OpenConflict:
    """Both sides edited one field differently and nobody here may decide. Blocks that field."""

    link: int
    field: Field
    left: Value | Unset
    right: Value | Unset


@dataclass(frozen=True, slots=True)
class Merge:
    """What becomes of one link. ``agreed``: only baselines move. ``trimmed``: the other home
    cannot hold the field; said once, then the baseline moves.
    """

    writes: tuple[Write, ...] = ()
    agreed: tuple[Field, ...] = ()
    trimmed: tuple[tuple[Field, Side], ...] = ()
    conflicts: tuple[OpenConflict, ...] = ()


def resolve(
    view: LinkView, found: list[Difference], policy: Policy, homes: Mapping[Side, Home]
) -> Merge:
    """Decide every difference of one link by the pair's policy."""
    status = next(one for one in found if one.field is Field.PHASE)
    writes: list[Write] = []
    agreed: list[Field] = []
    trimmed: list[tuple[Field, Side]] = []
    conflicts: list[OpenConflict] = []
    for one in found:
        if policy.of(one.field).direction == "off":
            continue
        verdict = one.verdict
        if one.field is Field.RESOLUTION:
            verdict = _resolution_verdict(one, status)
        if verdict is Verdict.SETTLED:
            continue
        if verdict is Verdict.AGREED:
            agreed.append(one.field)
            continue
        source, why = _source(one, verdict, view, policy, homes)
        if source is None:
            now = one.now
            conflicts.append(OpenConflict(view.id, one.field, now[Side.LEFT], now[Side.RIGHT]))
            continue
        alone = _stands_alone(one, source.other, view, policy, homes)
        write = _write(one, source.other, homes, why, alone=alone)
        if isinstance(write, Write):
            writes.append(write)
        elif write is Verdict.AGREED:
            agreed.append(one.field)
        elif one.now[source] is not UNSET and not _waits(one, source.other, homes):
            trimmed.append((one.field, source))
    return Merge(tuple(writes), tuple(agreed), tuple(trimmed), tuple(conflicts))


def _waits(one: Difference, side: Side, homes: Mapping[Side, Home]) -> bool:
    """A parent that has no counterpart on ``side`` yet is still to be carried over."""
    return one.field is Field.PARENT and Field.PARENT in homes[side].capabilities.writes


def _decides(status: Difference) -> bool:
    """Whether the phase itself changes hands, and the resolution with it."""
    return status.verdict not in {Verdict.SETTLED, Verdict.AGREED}


def _resolution_verdict(one: Difference, status: Difference) -> Verdict:
    """A resolution belongs to its phase: it never comes from the other side than the phase."""
    if _decides(status):
        return status.verdict
    if any(phase is not Phase.COMPLETED for phase in status.now.values()):
        # Only one side can say "completed" here (the other cannot hold it): nothing to compare.
        return Verdict.AGREED if one.verdict is not Verdict.SETTLED else Verdict.SETTLED
    return one.verdict


def _source(
    one: Difference, verdict: Verdict, view: LinkView, policy: Policy, homes: Mapping[Side, Home]
) -> tuple[Side | None, str]:
    """The side whose value stands, and the reason in words. None asks a person."""
    rule = policy.of(Field.PHASE if one.field is Field.RESOLUTION else one.field)
    if verdict is Verdict.CONFLICT:
        if one.field in view.decisions:
            return view.decisions[one.field], "a person decided the conflict"
        if one.field in view.asked or not any(view.base.values()):
            # Never agreed before (relinked by marker): the first bind overwrites nothing, nor does
            # a later run while a person is asked.
            return None, ""
        winner = rule.winner
        if winner is None:
            return None, ""
        other = winner.other
        if one.field not in homes[other].capabilities.writes and one.now[other] is not UNSET:
            # The winner's word could not be written there: what it stands against would be carried
            # over later without being on record.
            winner = other
        name = "documents win" if winner is Side.LEFT else "tracker wins"
        return winner, f"both sides changed it; {name}"
    side = Side.LEFT if verdict is Verdict.LEFT else Side.RIGHT
    if rule.flows_from(side):
        place = "the document" if side is Side.LEFT else "the tracker"
        return side, f"changed in {place}"
    return side.other, "changed where it is only mirrored; restored"


def _stands_alone(
    one: Difference, side: Side, view: LinkView, policy: Policy, homes: Mapping[Side, Home]
) -> bool:
    """Whether what ``side`` says was never to be seen on the other, which cannot be written there:
    whoever edited that one since replaces what they did not know of.
    """
    now, other = one.now[side], side.other
    if one.field in homes[other].capabilities.writes or not policy.of(one.field).flows_from(side):
        return False
    said = None if now is UNSET else token(one.field, now)
    return bool(said) and said != view.base[other].get(one.field)


def _write(
    one: Difference, side: Side, homes: Mapping[Side, Home], why: str, *, alone: bool
) -> Write | Verdict | None:
    """The write that brings ``side`` in step; AGREED if it is; None if it cannot hold it."""
    value, before = one.wanted[side], one.now[side]
    if value is UNSET or one.field not in homes[side].capabilities.writes:
        return None
    if before is not UNSET and token(one.field, before) == token(one.field, value):
        return Verdict.AGREED
    lossy = alone or one.verdict is Verdict.CONFLICT or why.endswith("restored")
    lost = before if lossy else UNSET
    return Write(field=one.field, side=side, value=value, before=before, why=why, lost=lost)
