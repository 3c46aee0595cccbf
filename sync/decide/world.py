"""What the decision is made from: everything known of one pair at one moment, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from adapters.base import Capabilities
from mappings.item import Item, Ref
from mappings.problem import Problem
from mappings.vocabulary import Field, Phase, Side
from sync.decide.tokens import Baseline


class Presence(StrEnum):
    """Whether an item can be seen. Only ``present`` items take part in anything."""

    PRESENT = "present"
    ABSENT = "absent"  # not in a complete reading, or 404: no conclusion is drawn
    GONE = "gone"  # proved deleted
    MOVED = "moved"
    REPLACED = "replaced"  # its id names another item now
    UNLINKED = "unlinked"  # a person said that it is not to be followed any more


class Home(Protocol):
    """The pure part of an :class:`adapters.base.Project`."""

    capabilities: Capabilities

    def canonical(self, item: Item) -> Item:
        """The item in the form this home would give back."""
        ...

    def route(self, item: Item, phase: Phase) -> tuple[Phase, ...]:
        """The legal steps to ``phase``. Raises Rejected."""
        ...


@dataclass(frozen=True, slots=True)
class Seen:
    """One end of a link as it was last read."""

    item: Item
    presence: Presence = Presence.PRESENT


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkView:
    """One link to be judged. ``base`` is empty for a side that never agreed (relinked).

    ``decisions``: for a field whose conflict a person decided, the side that stands. ``asked``:
    fields whose conflict is open and waits for a person.
    """

    id: int
    ends: Mapping[Side, Seen]
    base: Mapping[Side, Baseline]
    decisions: Mapping[Field, Side] = field(default_factory=dict)
    asked: frozenset[Field] = frozenset()


class Claim(StrEnum):
    """What the marker in an unlinked item says."""

    NONE = "none"  # no marker, or one that somebody forged: just an item
    OURS = "ours"  # verified; its origin is known
    FOREIGN = "foreign"  # written by our account with another key: another instance works here
    BESIDE = "beside"  # the pair beside this one (of postmortems, or of documents) follows it
    UNREAD = "unread"  # the item that stands for it is there and cannot be read
    TRACKED = "tracked"  # its text names an issue; no second one is made for it


@dataclass(frozen=True, slots=True)
class Newcomer:
    """An unlinked item and what its marker or its text claims. ``origin`` is what it names."""

    item: Item
    claim: Claim = Claim.NONE
    origin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything one plan is made from.

    ``counterparts[side][id]`` is the other side's Ref of a linked item. ``held`` are items set
    aside whose time has not come; ``reasons`` say of items lost from sight what their home said
    when they were asked for. ``linked`` counts all links, ``vanished`` those whose item was
    lost from sight in this cycle. ``bound_at`` is when the pair first ran (UTC).
    """

    pair: str
    bound_at: datetime
    links: tuple[LinkView, ...] = ()
    new: Mapping[Side, tuple[Newcomer, ...]] = field(default_factory=dict)
    counterparts: Mapping[Side, Mapping[str, Ref]] = field(default_factory=dict)
    held: Mapping[tuple[Side, str], Problem] = field(default_factory=dict)
    reasons: Mapping[tuple[Side, str], Problem] = field(default_factory=dict)
    linked: int = 0
    vanished: int = 0
