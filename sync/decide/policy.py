"""What a pair may do: directions and authority per field, filters, and the guard's limits.

Built from ``[pairs.NAME]``; every default is the one of design §5, §6 and failures.md §5.4.
"""

from typing import Final, Literal, TypeAlias

from pydantic import Field as Key

from mappings.profile import Table
from mappings.vocabulary import Category, Field, Kind, Priority, Side

Direction: TypeAlias = Literal["two-way", "documents-to-tracker", "tracker-to-documents", "off"]
Authority: TypeAlias = Literal["documents", "tracker", "ask"]


class FieldPolicy(Table):
    """How one field is kept in step, and who wins when both sides changed it."""

    direction: Direction = "two-way"
    authority: Authority = "tracker"

    @property
    def winner(self) -> Side | None:
        """The side whose value stands in a conflict; None asks a person."""
        if self.direction == "documents-to-tracker":
            return Side.LEFT
        if self.direction == "tracker-to-documents":
            return Side.RIGHT
        return {"documents": Side.LEFT, "tracker": Side.RIGHT, "ask": None}[self.authority]

    def flows_from(self, side: Side) -> bool:
        """Whether a change on ``side`` is carried to the other."""
        one_way = {"documents-to-tracker": Side.LEFT, "tracker-to-documents": Side.RIGHT}
        return self.direction == "two-way" or one_way.get(self.direction) is side


DEFAULT_FIELDS: Final[dict[Field, FieldPolicy]] = {
    **{name: FieldPolicy() for name in Field},
    Field.DUE: FieldPolicy(authority="documents"),
    Field.PARENT: FieldPolicy(direction="documents-to-tracker"),
    Field.BODY: FieldPolicy(direction="documents-to-tracker"),
}


class Guard(Table):
    """How much one plan may do before a person must approve it."""

    creates: int = Key(default=20, ge=0, description="creations in one plan")
    closes: int = Key(default=3, ge=0, description="items closing or vanishing in one plan")
    share: float = Key(
        default=0.10, ge=0, le=1, description="or this share of the linked items, if that is more"
    )
    flags: int = Key(
        default=20,
        ge=0,
        description="labels and notes of rules that one cycle puts up",
    )


class Filter(Table):
    """Which unlinked items are mirrored. An empty list means all."""

    kinds: tuple[Kind, ...] = Key(default=(), description="only these kinds")
    categories: tuple[Category, ...] = Key(default=(), description="only these categories")
    priorities: tuple[Priority, ...] = Key(default=(), description="only these priorities")
    labels: tuple[str, ...] = Key(default=(), description="tracker items need one of these labels")
    history: Literal["documents", "tracker", "both", "none"] = Key(
        default="documents",
        description="whose items, completed before the pair was first run, are mirrored too",
    )


class Policy(Table):
    """All of it for one pair."""

    fields: dict[Field, FieldPolicy] = Key(default_factory=dict)
    filter: Filter = Filter()
    guard: Guard = Guard()
    sweep_hours: float = Key(default=24.0, gt=0, description="hours between complete readings")
    documents: bool = Key(default=True, description="whether the left side keeps documents")
    writes_per_hour: int = Key(
        default=6, ge=1, description="writes to one item in an hour before it is set aside"
    )

    def of(self, field: Field) -> FieldPolicy:
        """The policy of one field: the pair's own, or the default."""
        return self.fields.get(field) or DEFAULT_FIELDS[field]
