"""The guard weighs a whole plan before its first write.

Limits are those of design §6: more than 20 creations; more than max(3, 10 %) items closing or
vanishing; more than 20 items that rules would reopen, raise or make; text leaving a private project
for a public one; foreign markers. A person who has read the plan lets exactly that plan pass by its
digest. What was approved once stays approved until it is done, so a run cut short is finished
without asking again.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from adapters.base import ProjectInfo
from mappings.problem import Problem
from mappings.vocabulary import Field, Side
from sync.decide.plan import OpKind, Plan
from sync.decide.policy import Guard
from sync.decide.world import World
from sync.rules.model import Flag

_TEXT = {Field.TITLE, Field.BODY}
#: What rules do beyond labels and notes; those are put up a few at a time instead.
_DEEDS = {Flag.REOPEN, Flag.RAISE, Flag.FOLLOW_UP}
#: What a person can let pass by a plan's digest, and E404, which asks for another digest. The rest
#: (vanished items, foreign markers) stays untrue or unsafe whatever was approved.
_APPROVABLE: Final = frozenset({"E401", "E402", "E403", "E404", "E409"})


def approvable(found: Iterable[Problem]) -> bool:
    """Whether an approval is all that these refusals wait for."""
    return {one.code for one in found} <= _APPROVABLE


def refusals(plan: Plan, world: World, guard: Guard, approved: Collection[str]) -> list[Problem]:
    """Why this plan may not be carried out as it is; empty when it may.

    ``approved`` holds fingerprints of operations that a person let pass. Vanishing items and
    foreign markers are no operations: they are refused whatever was approved.
    """
    found: list[Problem] = []
    asked = [one for one in plan.operations if one.fingerprint not in approved]
    creates = sum(one.kind is OpKind.CREATE for one in asked)
    if creates > guard.creates:
        found.append(
            Problem("E401", f"{creates} creations in one plan (limit {guard.creates}).", plan.pair)
        )
    limit = max(guard.closes, int(guard.share * world.linked))
    closes = sum(one.closes for one in asked)
    if closes > limit:
        found.append(Problem("E402", f"{closes} items would close (limit {limit}).", plan.pair))
    if world.vanished > limit:
        text = f"{world.vanished} of {world.linked} items missing (limit {limit})."
        remedy = "Sync halted; nothing was closed. Restore the folder or the access."
        found.append(Problem("E114", text, plan.pair, remedy))
    deeds = sum(one.mark is not None and one.mark.kind in _DEEDS for one in asked)
    if deeds > guard.flags:
        text = f"rules would reopen, raise or make {deeds} items at once (limit {guard.flags})."
        found.append(Problem("E409", text, plan.pair))
    foreign = [held for held in plan.held if held.problem.code == "E305"]
    if foreign:
        found.append(foreign[0].problem)
    return found


def leaks(
    plan: Plan, infos: Mapping[Side, ProjectInfo], approved: Collection[str]
) -> list[Problem]:
    """Refusals for text that would leave a private project for a public one."""
    for side in Side:
        if infos[side].public is True and infos[side.other].public is False:
            carried = [
                one
                for one in plan.operations
                if one.side is side and _TEXT & set(one.values) and one.fingerprint not in approved
            ]
            if carried:
                text = f"text of {len(carried)} private items would become public in "
                return [Problem("E403", text + infos[side].key + ".", plan.pair)]
    return []


def carries_text(plan: Plan) -> bool:
    """Whether anything in the plan moves a title or a body to the other side."""
    return any(_TEXT & set(one.values) for one in plan.operations)
