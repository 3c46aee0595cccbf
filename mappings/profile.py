"""A pair's vocabulary: how its tracker spells phases, levels, categories and people.

A profile is read from TOML (``mappings/profiles/*.toml`` are shipped, ready to copy).
Whatever is written in several places at once (a priority as label and title prefix) has one
authority; the others are kept in step with it, and a disagreement is a notice.
"""

from collections.abc import Collection
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict
from pydantic import Field as Key

from mappings.titles import Title
from mappings.vocabulary import Category, Kind, Phase, Priority, Resolution, Severity

Carrier: TypeAlias = Literal["label", "title", "field", "type"]


class Table(BaseModel):
    """A table of settings: frozen, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PriorityWords(Table):
    """Where a priority is written. ``field`` names a native field (Jira, organisation field)."""

    labels: dict[Priority, str] = {}
    title: bool = False
    field: str = ""
    values: dict[Priority, str] = {}
    authority: Carrier = "label"


class SeverityWords(Table):
    """Where a severity is written."""

    labels: dict[Severity, str] = {}
    title: bool = False
    field: str = ""
    values: dict[Severity, str] = {}
    authority: Carrier = "label"


class CategoryWords(Table):
    """Where a category is written: labels, or the tracker's own issue types."""

    labels: dict[Category, str] = {}
    types: dict[Category, str] = {}
    authority: Carrier = "label"


class BoardField(Table):
    """A GitHub Projects (v2) single-select field that holds the phase."""

    owner: str
    number: int
    field: str = "Status"
    options: dict[Phase, str]


class PhaseWords(Table):
    """Where a phase is written. ``open`` is what an open item that says nothing is in."""

    labels: dict[Phase, str] = {}
    statuses: dict[Phase, list[str]] = {}
    board: BoardField | None = None
    open: Phase = Phase.BACKLOG


class ResolutionWords(Table):
    """Labels or values that say why something was closed, where the tracker has no such field."""

    labels: dict[Resolution, str] = {}
    values: dict[Resolution, str] = {}


class KindWords(Table):
    """How one kind is recognised. The first label or type is the one written."""

    labels: list[str] = []
    types: list[str] = []
    prefixes: list[str] = []


class Profile(Table):
    """One vocabulary. ``people`` maps our name for a person to the tracker's login."""

    name: str = ""
    tracker: str = ""
    description: str = ""
    priority: PriorityWords = PriorityWords()
    severity: SeverityWords = SeverityWords()
    category: CategoryWords = CategoryWords()
    phase: PhaseWords = PhaseWords()
    resolution: ResolutionWords = ResolutionWords()
    kinds: dict[Kind, KindWords] = {}
    people: dict[str, str] = {}
    colours: dict[str, str] = Key(default={}, description="label name to RRGGBB")
    options: dict[str, str] = Key(default={}, description="what one adapter alone understands")

    def kind_of(self, labels: Collection[str], types: Collection[str], title: Title) -> Kind:
        """The kind that labels, issue types or title prefixes tell; a task otherwise."""
        for kind, words in self.kinds.items():
            if any(label in labels for label in words.labels):
                return kind
            if any(name in types for name in words.types):
                return kind
            if any(prefix in self._prefixes(title) for prefix in words.prefixes):
                return kind
        return Kind.TASK

    @staticmethod
    def _prefixes(title: Title) -> tuple[str, ...]:
        said = ["INCIDENT"] if title.incident else []
        said += [mark.value for mark in (title.priority, title.severity) if mark]
        return tuple(said)
