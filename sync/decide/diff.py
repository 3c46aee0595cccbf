"""Per field: which side moved from its own baseline, and do the two now agree.

    left   right  agree
    moved  moved  now    verdict   what people did
    -----  -----  -----  --------  -----------------------------------------------------
    no     no     any    settled   nothing; a lasting difference is what the homes can hold
    yes    no     yes    agreed    the left was brought to what the right already said
    yes    no     no     left      somebody edited the document
    no     yes    yes    agreed    the right was brought to what the left already said
    no     yes    no     right     somebody edited the issue
    yes    yes    yes    agreed    both made the same edit
    yes    yes    no     conflict  both edited, differently

A side without an opinion (UNSET) never moved. What each home would give back is compared, so a
title that a home must spell differently agrees with its original.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from mappings.item import UNSET, Item, Ref, Unset, Value
from mappings.vocabulary import Field, Side
from sync.decide.tokens import moved, token
from sync.decide.world import Home, LinkView


class Verdict(StrEnum):
    """What became of one field since both sides last agreed."""

    SETTLED = "settled"
    AGREED = "agreed"
    LEFT = "left"
    RIGHT = "right"
    CONFLICT = "conflict"


#: (left moved, right moved, agree now) -> verdict. The drawing above, and the tests' parameters.
TRUTH_TABLE: Final = {
    (False, False, False): Verdict.SETTLED,
    (False, False, True): Verdict.SETTLED,
    (True, False, True): Verdict.AGREED,
    (True, False, False): Verdict.LEFT,
    (False, True, True): Verdict.AGREED,
    (False, True, False): Verdict.RIGHT,
    (True, True, True): Verdict.AGREED,
    (True, True, False): Verdict.CONFLICT,
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of one link. ``now`` is what each side says; ``wanted[s]`` is what side ``s``
    would hold if it took the other side's value (UNSET when it cannot hold it).
    """

    field: Field
    verdict: Verdict
    now: Mapping[Side, Value | Unset]
    wanted: Mapping[Side, Value | Unset]


def differences(
    view: LinkView, homes: Mapping[Side, Home], counterparts: Mapping[Side, Mapping[str, Ref]]
) -> list[Difference]:
    """Judge every field of one link; both its items must be present."""
    items = {side: view.ends[side].item for side in Side}
    taken = {
        side: _in_terms_of(side, items[side.other], homes[side], counterparts) for side in Side
    }
    found = []
    for field in Field:
        now = {side: items[side].get(field) for side in Side}
        wanted = {side: taken[side][field] for side in Side}
        key = (
            moved(view.base[Side.LEFT], field, now[Side.LEFT]),
            moved(view.base[Side.RIGHT], field, now[Side.RIGHT]),
            _agree(field, now, wanted),
        )
        found.append(Difference(field, TRUTH_TABLE[key], now, wanted))
    return found


def _in_terms_of(
    side: Side, other: Item, home: Home, counterparts: Mapping[Side, Mapping[str, Ref]]
) -> dict[Field, Value | Unset]:
    """The other side's fields as ``side`` would hold them."""
    form = home.canonical(other)
    taken = {field: form.get(field) for field in Field}
    parent = other.parent
    if isinstance(parent, Ref) and taken[Field.PARENT] is not UNSET:
        # A parent without a counterpart yet is no opinion: it is judged again once linked.
        taken[Field.PARENT] = counterparts[side.other].get(parent.id, UNSET)
    return taken


def _agree(
    field: Field, now: Mapping[Side, Value | Unset], wanted: Mapping[Side, Value | Unset]
) -> bool:
    """Whether either side already holds what it would hold of the other."""
    for side in Side:
        mine, theirs = now[side], wanted[side]
        if mine is not UNSET and theirs is not UNSET and token(field, mine) == token(field, theirs):
            return True
    return False
