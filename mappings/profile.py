"""A pair's vocabulary: how its tracker spells phases, levels, categories and people.

A profile is read from TOML (``mappings/profiles/*.toml`` are shipped, ready to copy).
Whatever is written in several places at once (a priority as label and title prefix) has one
authority; the others are kept in step with it, and a disagreement is a notice.

Labels, types and statuses are compared without regard to case, as GitHub does.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal, Self, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, field_validator, model_validator
from pydantic import Field as Key

from mappings.problem import Problem
from mappings.titles import Title, read_title
from mappings.vocabulary import Category, Field, Kind, Phase, Priority, Resolution, Severity

Carrier: TypeAlias = Literal["label", "title", "field", "type"]
_T = TypeVar("_T", Priority, Severity, Category)
_E = TypeVar("_E", Priority, Severity, Category, Phase, Resolution)

_COLOUR: Final = re.compile(r"[0-9A-Fa-f]{6}")
# GitHub's limit on a label's name; a comma splits names in its filters.
_LABEL_LIMIT: Final = 50


class Table(BaseModel):
    """A table of settings: frozen, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PriorityWords(Table):
    """Where a priority is written. ``field`` names a native field (Jira, organisation field).

    ``labels`` are read and written; ``also`` are further labels that are read alone.
    """

    labels: dict[Priority, str] = {}
    also: dict[Priority, list[str]] = {}
    title: bool = False
    field: str = ""
    values: dict[Priority, str] = {}
    authority: Carrier = "label"


class SeverityWords(Table):
    """Where a severity is written; keys as for a priority."""

    labels: dict[Severity, str] = {}
    also: dict[Severity, list[str]] = {}
    title: bool = False
    field: str = ""
    values: dict[Severity, str] = {}
    authority: Carrier = "label"


class CategoryWords(Table):
    """Where a category is written: labels, or the tracker's own issue types.

    ``also`` are further labels that are read alone ("enhancement" for a feature).
    """

    labels: dict[Category, str] = {}
    also: dict[Category, list[str]] = {}
    types: dict[Category, str] = {}
    authority: Carrier = "label"


class BoardField(Table):
    """A GitHub Projects (v2) single-select field that holds the phase."""

    owner: str
    number: int
    field: str = "Status"
    options: dict[Phase, str]


class PhaseWords(Table):
    """Where a phase is written. ``open`` is what an open item that says nothing is in.

    ``also`` are further labels that are read alone.
    """

    labels: dict[Phase, str] = {}
    also: dict[Phase, list[str]] = {}
    statuses: dict[Phase, list[str]] = {}
    board: BoardField | None = None
    open: Phase = Phase.BACKLOG


class ResolutionWords(Table):
    """Labels or values that say why something was closed, where the tracker has no such field."""

    labels: dict[Resolution, str] = {}
    values: dict[Resolution, str] = {}


class KindWords(Table):
    """How one kind is recognised. The first label or type is the one written.

    ``prefixes`` are title prefixes: a priority, a severity or ``INCIDENT``, in any spelling.
    """

    labels: list[str] = []
    types: list[str] = []
    prefixes: list[str] = []

    @field_validator("prefixes")
    @classmethod
    def _known(cls, prefixes: list[str]) -> list[str]:
        for prefix in prefixes:
            if read_title(f"[{prefix}]").text:
                message = f'"{prefix}" is no title prefix: a priority, a severity or INCIDENT'
                raise ValueError(message)
        return prefixes


@dataclass(frozen=True, slots=True)
class Said:
    """What an item's labels say, each field's values in the order of the vocabulary.

    More than one value is a disagreement among labels; the first (most urgent) stands.
    """

    priorities: tuple[Priority, ...] = ()
    severities: tuple[Severity, ...] = ()
    categories: tuple[Category, ...] = ()
    phases: tuple[Phase, ...] = ()
    resolutions: tuple[Resolution, ...] = ()


@dataclass(frozen=True, slots=True)
class _Lexicon:
    """A profile turned round, from spelling to meaning; built once, as items come by thousands."""

    priorities: Mapping[str, Priority]
    severities: Mapping[str, Severity]
    categories: Mapping[str, Category]
    phases: Mapping[str, Phase]
    resolutions: Mapping[str, Resolution]
    known: frozenset[str]
    statuses: Mapping[str, Phase]
    types: Mapping[str, Category]
    kind_labels: Mapping[str, Kind]
    kind_types: Mapping[str, Kind]
    prefixes: Mapping[Priority | Severity | bool, Kind]
    names: Mapping[str, str]


# The most telling kind first: a follow-up may well carry the incident's label too, and an
# organisation that has an issue type "Task" gives it to everything.
_KINDS: Final = (Kind.ACTION, Kind.INITIATIVE, Kind.INCIDENT, Kind.TASK)


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

    @field_validator("colours")
    @classmethod
    def _hexadecimal(cls, colours: dict[str, str]) -> dict[str, str]:
        for label, colour in colours.items():
            if not _COLOUR.fullmatch(colour):
                message = f'the colour of "{label}" must be six hex digits like D93F0B'
                raise ValueError(message)
        return colours

    @model_validator(mode="after")
    def _unambiguous(self) -> Self:
        for words in (self.priority, self.severity, self.category, self.phase, self.resolution):
            also = getattr(words, "also", {})
            _check([*words.labels.values(), *(label for more in also.values() for label in more)])
        _check([label for words in self.kinds.values() for label in words.labels])
        return self

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """As pydantic's own, and what was derived from the old values is forgotten."""
        copied = super().model_copy(update=update, deep=deep)
        copied.__dict__.pop("_lexicon", None)
        return copied

    @cached_property
    def _lexicon(self) -> _Lexicon:
        priorities = _turned(self.priority.labels, self.priority.also)
        severities = _turned(self.severity.labels, self.severity.also)
        categories = _turned(self.category.labels, self.category.also)
        phases = _turned(self.phase.labels, self.phase.also)
        resolutions = _turned(self.resolution.labels, {})
        kinds = [(kind, self.kinds[kind]) for kind in reversed(_KINDS) if kind in self.kinds]
        titles = [
            (read_title(f"[{prefix}]"), kind) for kind, words in kinds for prefix in words.prefixes
        ]
        return _Lexicon(
            priorities=priorities,
            severities=severities,
            categories=categories,
            phases=phases,
            resolutions=resolutions,
            known=frozenset().union(priorities, severities, categories, phases, resolutions),
            statuses=_turned({}, self.phase.statuses),
            types=_turned(self.category.types, {}),
            kind_labels={label.lower(): kind for kind, words in kinds for label in words.labels},
            kind_types={name.lower(): kind for kind, words in kinds for name in words.types},
            prefixes={
                title.priority or title.severity or title.incident: kind for title, kind in titles
            },
            names={login.lower(): name for name, login in self.people.items()},
        )

    def read_labels(self, labels: Iterable[str]) -> Said:
        """What an item's labels say of its priority, severity, category, phase, resolution."""
        words = self._lexicon
        spoken = [label for label in map(str.lower, labels) if label in words.known]
        if not spoken:
            return _NOTHING
        return Said(
            priorities=_meant(spoken, words.priorities),
            severities=_meant(spoken, words.severities),
            categories=_meant(spoken, words.categories),
            phases=_meant(spoken, words.phases),
            resolutions=_meant(spoken, words.resolutions),
        )

    def vocabulary_labels(self, field: Field) -> frozenset[str]:
        """Every label, in lower case, that says something of ``field``: what a write replaces."""
        words = self._lexicon
        by_field: dict[Field, Iterable[str]] = {
            Field.PRIORITY: words.priorities,
            Field.SEVERITY: words.severities,
            Field.CATEGORY: words.categories,
            Field.PHASE: words.phases,
            Field.RESOLUTION: words.resolutions,
        }
        return frozenset(by_field.get(field, ()))

    def category_of_type(self, name: str) -> Category | None:
        """The category that one of the tracker's issue types stands for."""
        return self._lexicon.types.get(name.lower())

    def phase_of_status(self, name: str) -> Phase | None:
        """The phase that one of the tracker's statuses stands for."""
        return self._lexicon.statuses.get(name.lower())

    def person(self, login: str) -> str | None:
        """Our name for a tracker's login; None for an unmapped person."""
        return self._lexicon.names.get(login.lower())

    def kind_of(self, labels: Collection[str], types: Collection[str], title: Title) -> Kind:
        """The kind that labels, issue types or title prefixes tell; a task otherwise.

        A label or type is deliberate and outweighs a prefix: an action item of priority P0 is
        no incident. Of several the most telling counts: action, initiative, incident, task.
        """
        words = self._lexicon
        told = {
            words.kind_labels[one] for one in map(str.lower, labels) if one in words.kind_labels
        }
        told |= {words.kind_types[one] for one in map(str.lower, types) if one in words.kind_types}
        if not told:
            said = (title.priority, title.severity, title.incident)
            told = {words.prefixes[one] for one in said if one and one in words.prefixes}
        return next((kind for kind in _KINDS if kind in told), Kind.TASK) if told else Kind.TASK


_NOTHING: Final = Said()


def settle(
    field: Field, authority: Carrier, said: Mapping[Carrier, _T | None], place: str = ""
) -> tuple[_T | None, Problem | None]:
    """One value out of what several carriers say, and a notice (E130) if they disagree.

    The authority's value stands if it says anything, else that of the first carrier in the
    order of ``said`` that does. ``place`` names the item in the notice.
    """
    spoken = {carrier: value for carrier, value in said.items() if value is not None}
    if not spoken:
        return None, None
    chosen = authority if authority in spoken else next(iter(spoken))
    value = spoken[chosen]
    if all(other == value for other in spoken.values()):
        return value, None
    others = ", ".join(f"the {carrier} {other}" for carrier, other in spoken.items())
    text = f"{field} differs: {others}; the {chosen} counts."
    return value, Problem("E130", text, place)


def _turned(labels: Mapping[_E, str], also: Mapping[_E, list[str]]) -> dict[str, _E]:
    turned = {label.lower(): value for value, more in also.items() for label in more}
    return turned | {label.lower(): value for value, label in labels.items()}


def _meant(spoken: list[str], words: Mapping[str, _E]) -> tuple[_E, ...]:
    values = {words[label] for label in spoken if label in words}
    if len(values) <= 1:
        return tuple(values)
    return tuple(sorted(values, key=list(type(next(iter(values)))).index))


def _check(labels: list[str]) -> None:
    """Raises ValueError for a label that no tracker takes, or that would say two things."""
    seen: set[str] = set()
    for label in labels:
        if not label.strip() or len(label) > _LABEL_LIMIT or "," in label:
            message = f'"{label}" cannot be a label: 1 to {_LABEL_LIMIT} characters, no comma'
            raise ValueError(message)
        if label.lower() in seen:
            message = f'label "{label}" stands for two things'
            raise ValueError(message)
        seen.add(label.lower())
