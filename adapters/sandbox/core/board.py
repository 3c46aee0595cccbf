"""What pages show of issues, whatever the tracker: columns, rows, colours, times. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol, TypeAlias

#: Cards in one column, rows on one page of the list.
MOST_CARDS: Final = 40
MOST_ROWS: Final = 50

_PHASE: Final = re.compile(r"(?:phase|status)\s*[:/]+\s*(\S.*)", re.IGNORECASE)

#: The order columns stand in; other words follow by name.
_ORDER: Final = ("backlog", "todo", "ready", "doing", "active", "in progress", "blocked", "review")

#: Half of white's weight (299 + 587 + 114 parts of 255).
_MIDDLE: Final = 128_000

#: One issue as the templates want it.
Card: TypeAlias = dict[str, Any]


class Coloured(Protocol):
    """A label, of whatever tracker. ``color`` is six hexadecimal digits, perhaps with a #."""

    @property
    def id(self) -> int: ...

    @property
    def name(self) -> str: ...

    @property
    def color(self) -> str: ...


@dataclass(frozen=True, slots=True)
class PhaseLabel:
    """A label that says where an issue stands; ``word`` is what follows its prefix."""

    name: str
    word: str


def is_phase(name: str) -> bool:
    """Whether a label of this name says where an issue stands."""
    return _PHASE.fullmatch(name) is not None


def phases(names: Iterable[str]) -> list[PhaseLabel]:
    """The labels that say so, in the order of their columns."""
    found = [PhaseLabel(name, match[1]) for name in names if (match := _PHASE.fullmatch(name))]
    rank = {word: place for place, word in enumerate(_ORDER)}
    return sorted(found, key=lambda one: (rank.get(one.word.lower(), len(rank)), one.word))


def columns(cards: Iterable[Card], known: Sequence[PhaseLabel]) -> list[Card]:
    """The columns: no phase (where there is such an issue), each phase, closed."""
    named: dict[str, list[Card]] = {name: [] for name in ("", *(one.name for one in known))}
    closed: list[Card] = []
    for card in cards:
        (closed if card["state"] == "closed" else named[card["phase"]]).append(card)
    words = {one.name: one.word.capitalize() for one in known}
    words[""] = "No phase" if known else "Open"
    listed = [
        _column(words[name], found) for name, found in named.items() if found or name or not known
    ]
    return [*listed, _column("Closed", closed)]


def colours(labels: Iterable[Coloured]) -> str:
    """Style rules for labels: their own colour, and black or white on it."""
    rules = []
    for label in labels:
        color = label.color.removeprefix("#")
        ink = _readable(color)
        rules.append(f".label-{label.id} {{ background: #{color}; color: {ink}; }}")
    return "\n".join(rules)


def stamp(at: datetime) -> str:
    """A time for people, in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _column(name: str, found: list[Card]) -> Card:
    return {"name": name, "total": len(found), "issues": found[:MOST_CARDS]}


def _readable(color: str) -> str:
    """Black or white, whichever contrasts more by the eye's weights of the three colours."""
    red, green, blue = (int(color[at : at + 2], 16) for at in (0, 2, 4))
    return "#000000" if red * 299 + green * 587 + blue * 114 > _MIDDLE else "#ffffff"
