"""What a plan decides that needs no effect: baselines, conflicts, unwanted newcomers, and that an
item that was set aside is well again.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from mappings.vocabulary import Side
from sync.decide.plan import Plan, wanted
from sync.decide.world import Claim, World
from sync.effect.pair import Pair
from sync.store import disputes, linkage, observations, setaside

#: A bug, and what another program undoes: neither is over because nothing is to be done now.
_STAYS: Final = setaside.READING_CODES | {"E412", "E413"}


def settle(tx: Connection, pair: Pair, world: World, plan: Plan, now: datetime) -> None:
    """Write down what was decided on ``world``."""
    views = {view.id: view for view in world.links}
    worked_on = {one.link for one in plan.operations}
    busy = worked_on | {one.link for one in plan.conflicts}
    refused = {held.item for held in plan.held}
    well: set[tuple[Side, str]] = set()
    for settled in plan.settled:
        view = views[settled.link]
        changes = settled.baselines(view)
        refs = {side: view.ends[side].item.ref for side in Side}
        dirty = settled.link in busy or any((one.key or one.id) in refused for one in refs.values())
        linkage.rebase(tx, settled.link, changes, now, dirty=dirty)
        disputes.close(tx, pair.name, settled.link, settled.agreed, "both sides agree", now)
        well |= set() if dirty else {(side, one.id) for side, one in refs.items()}
    for conflict in plan.conflicts:
        item = views[conflict.link].ends[Side.RIGHT].item
        name = item.ref.key or item.ref.id
        values = {Side.LEFT: conflict.left, Side.RIGHT: conflict.right}
        disputes.open_or_renew(tx, pair.name, conflict.link, name, conflict.field, values, now)
        if conflict.link not in worked_on:
            linkage.set_dirty(tx, conflict.link, dirty=False)
    for side in Side:
        ids = _unwanted(pair, world, side)
        observations.judged(tx, pair.name, side, ids)
        well |= {(side, item_id) for item_id in ids}
    _well_again(tx, pair.name, well)


def _unwanted(pair: Pair, world: World, side: Side) -> list[str]:
    """Newcomers that nothing is made of."""
    return [
        one.item.ref.id
        for one in world.new.get(side, ())
        # One that bears our mark waits for its counterpart, wanted or not.
        if one.claim not in {Claim.OURS, Claim.TRACKED}
        and not (
            pair.projects[side.other].capabilities.creates
            and one.claim is not Claim.BESIDE
            and wanted(one.item, side, pair.policy.filter, world.bound_at)
        )
    ]


def _well_again(tx: Connection, pair: str, well: Iterable[tuple[Side, str]]) -> None:
    """Nothing is to be done for these: what was refused was taken back, or a person did it."""
    well = set(well)
    for one in setaside.listed(tx, pair) if well else ():
        if (one.side, one.id) in well and one.problem.code not in _STAYS:
            setaside.clear(tx, pair, one.side, one.id)
