"""Projects v2: boards of items with field values. Pure."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class BoardField:
    """One field; a single-select field has options, whose ids follow from its own."""

    id: int
    name: str
    data_type: str
    options: tuple[str, ...] = ()

    def option_id(self, name: str) -> str:
        """The opaque id of an option, eight hex digits as GitHub's are."""
        return f"{self.id:04x}{self.options.index(name) + 1:04x}"

    def option(self, wanted: str) -> str | None:
        """The name behind an option's id."""
        return next((name for name in self.options if self.option_id(name) == wanted), None)


@dataclass(slots=True)
class BoardItem:
    """An issue on a board. ``values`` are by field id; a single select keeps the option's name."""

    id: int
    issue: int
    created_at: datetime
    updated_at: datetime
    values: dict[int, object] = field(default_factory=dict)
    archived: bool = False


@dataclass(slots=True)
class Board:
    """One board of an organisation or user."""

    id: int
    owner: str
    number: int
    title: str
    fields: list[BoardField] = field(default_factory=list)
    items: dict[int, BoardItem] = field(default_factory=dict)

    def field_named(self, name: str) -> BoardField | None:
        """The field of that name, whatever its case."""
        return next((one for one in self.fields if one.name.lower() == name.lower()), None)

    def item_of(self, issue: int) -> BoardItem | None:
        """The item that stands for an issue."""
        return next((one for one in self.items.values() if one.issue == issue), None)
