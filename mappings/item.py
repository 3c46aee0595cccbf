"""The values that travel: an item, a draft of one, a patch to one, and what names them.

All frozen, all comparable. A missing value (:data:`UNSET`: "this side has no opinion") is
not a cleared one (``None``: "this side says there is none").
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Final, Literal, Self, TypeAlias

from mappings.problem import Problem
from mappings.vocabulary import Category, Field, Kind, Phase, Priority, Resolution, Severity


class Unset(Enum):
    """The type of :data:`UNSET`."""

    UNSET = "unset"

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"


#: No opinion: the home cannot say, or was not asked.
UNSET: Final = Unset.UNSET


@dataclass(frozen=True, slots=True)
class Ref:
    """What names one item in its project.

    ``id`` is what the home is addressed by and never changes while the item stays
    (issue number, Jira's numeric id, Metis' short code). ``key`` is what people say
    ("acme/payments#12"). ``birth`` is a second fact that tells two holders of the same
    id apart (GitHub's global id, a document's ``created_at``). Equality is by id alone.
    """

    id: str
    key: str = field(default="", compare=False)
    url: str = field(default="", compare=False)
    birth: str = field(default="", compare=False)


Value: TypeAlias = (
    str | Phase | Resolution | Priority | Severity | Category | tuple[str, ...] | date | Ref | None
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """The fields kept in step; shared by :class:`Item`, :class:`Draft` and :class:`Patch`.

    ``title`` has no prefix. ``owners`` are the profile's names for people, sorted.
    ``due`` is a calendar day. ``parent`` is a Ref in the same home. ``body`` is canonical
    Markdown: a document's text, or what stands in a tracker item's managed section.
    """

    title: str | Unset = UNSET
    phase: Phase | Unset = UNSET
    resolution: Resolution | None | Unset = UNSET
    priority: Priority | None | Unset = UNSET
    severity: Severity | None | Unset = UNSET
    category: Category | None | Unset = UNSET
    owners: tuple[str, ...] | Unset = UNSET
    due: date | None | Unset = UNSET
    parent: Ref | None | Unset = UNSET
    body: str | None | Unset = UNSET

    def get(self, name: Field) -> Value | Unset:
        """The value of one field, or UNSET."""
        value: Value | Unset = getattr(self, name.value)
        return value

    def values(self) -> dict[Field, Value]:
        """All fields that are set."""
        found = {name: getattr(self, name.value) for name in Field}
        return {name: value for name, value in found.items() if value is not UNSET}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(Fields):
    """One piece of tracked work as its home tells it now.

    ``text`` is what people wrote outside any managed section (what an import takes
    over). ``revision`` is opaque and differs whenever the home's copy differs.
    ``marker`` is the unverified text of our marker, if one was found. Times are UTC.
    ``notices`` are oddities worth showing that do not stop the item (two priorities
    that disagree, an unmapped person). ``references`` are the issues that a document's own
    text says it is tracked by, as written: addresses, keys, or ``#7``.
    ``related`` are the issues that people linked an action item with, where lists tell.
    """

    ref: Ref
    kind: Kind = Kind.TASK
    text: str = ""
    revision: str = ""
    marker: str = ""
    author: str = ""
    labels: frozenset[str] = frozenset()
    archived: bool = False
    created_at: datetime | None = None
    updated_at: datetime | None = None
    closed_at: datetime | None = None
    notices: tuple[Problem, ...] = ()
    references: tuple[str, ...] = ()
    related: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft(Fields):
    """An item to be created. ``marker`` is to be embedded as it is, in the create itself.

    ``origin`` names the item on the other side, for the people who will read this one.
    ``text`` is the item's own text when it is imported (documents); trackers get ``body``.
    ``avoid`` are ids that are taken, seen or not: a home that gives out ids itself must not give
    one of these to a new item.
    """

    kind: Kind = Kind.TASK
    marker: str = ""
    origin: Ref | None = None
    text: str = ""
    avoid: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch(Fields):
    """The fields to change, and only those. ``origin`` as in :class:`Draft`; a home that ``refers``
    also writes a reference to it where people read it, if there is none yet.
    """

    origin: Ref | None = None

    @classmethod
    def of(cls, values: Mapping[Field, Value], origin: Ref | None = None) -> Self:
        """A patch that sets exactly ``values``."""
        given = {name.value: value for name, value in values.items()}
        return cls(origin=origin, **given)  # type: ignore[arg-type]
