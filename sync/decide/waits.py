"""Items that take no part in a plan, and why: lost from sight, claimed, broken, set aside."""

from collections.abc import Iterator
from dataclasses import dataclass

from mappings.problem import Problem
from mappings.vocabulary import Side
from sync.decide.world import Claim, Newcomer, Presence, World


@dataclass(frozen=True, slots=True)
class Held:
    """An item that takes no part now, and why."""

    side: Side
    item: str
    problem: Problem


def lost_sight(side: Side, name: str, presence: Presence) -> Problem:
    """Why a link whose item is not present is frozen, and what a person can do."""
    if presence is Presence.GONE:
        return Problem("E211", f"{name} was deleted; its counterpart is left as it is.")
    if presence is Presence.MOVED:
        return Problem("E212", f"{name} moved elsewhere.", remedy="Move it back, or `unlink` it.")
    if presence is Presence.UNLINKED:
        return Problem("E408", f"{name} was unlinked by a person and is not followed.")
    if presence is Presence.REPLACED:
        text = f"{name} now names another item than the one it is bound to."
        return Problem("E111", text, remedy="Give the new one another code, or `unlink` it.")
    if side is Side.LEFT:
        text = f"{name} is gone. Its issue is left open."
        return Problem("E113", text, remedy="Restore the document, or `unlink` it.")
    return Problem("E210", f"cannot see {name} (deleted, moved or no access). Frozen.")


def claimed(newcomer: Newcomer, name: str) -> Problem | None:
    """An item that bears our mark is never copied."""
    if newcomer.claim is Claim.OURS:
        text = f"{name} claims {newcomer.origin}, which another item is bound to, or which is gone."
        return Problem("E214", text, remedy="Remove its marker comment to make it an item anew.")
    if newcomer.claim is Claim.TRACKED:
        text = f"{name} is tracked by {newcomer.origin}, which is not here or has its item already."
        return Problem("E215", text, remedy="Take the reference out to have an issue made.")
    if newcomer.claim is Claim.UNREAD:
        text = f"{newcomer.origin} stands for {name} and cannot be read; no second one is made."
        remedy = f"Mend {newcomer.origin}: its own finding says what is wrong."
        return Problem("E216", text, remedy=remedy)
    if newcomer.claim is Claim.FOREIGN:
        text = f"{name} was made by another instance of followthrough."
        remedy = "Run one instance only; or use that instance's state and key."
        return Problem("E305", text, remedy=remedy)
    return None


def unheard(world: World) -> Iterator[Held]:
    """Who is set aside and is neither in a link that is judged now nor a newcomer: most cannot be
    read. A plan that did not name them would seem to cover everything.
    """
    heard = {(side, end.item.ref.id) for view in world.links for side, end in view.ends.items()}
    heard |= {(side, one.item.ref.id) for side, told in world.new.items() for one in told}
    for (side, item_id), problem in world.held.items():
        if (side, item_id) not in heard:
            yield Held(side, item_id, problem)
