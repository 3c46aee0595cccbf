"""The words of the field, once: kinds, phases, levels, categories, and how people spell them.

Every parser takes text as people write it and gives the enum member, or None when the
text means nothing here. None of them guesses.
"""

import re
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What sort of tracked work an item is."""

    INCIDENT = "incident"
    TASK = "task"
    ACTION = "action"
    INITIATIVE = "initiative"


class Phase(StrEnum):
    """Where an item stands. Only ``completed`` carries a :class:`Resolution`."""

    BACKLOG = "backlog"
    TODO = "todo"
    DOING = "doing"
    BLOCKED = "blocked"
    COMPLETED = "completed"


class Resolution(StrEnum):
    """Why an item is completed."""

    DONE = "done"
    NOT_PLANNED = "not_planned"
    DUPLICATE = "duplicate"


class Priority(StrEnum):
    """How soon: P0 at once … P3 some day."""

    P0 = "P0"
    P1 = "P1"
    P2 = "P2"
    P3 = "P3"


class Severity(StrEnum):
    """How bad: SEV1 worst … SEV4 least."""

    SEV1 = "SEV1"
    SEV2 = "SEV2"
    SEV3 = "SEV3"
    SEV4 = "SEV4"


class Category(StrEnum):
    """The three backlog categories."""

    BUG = "bug"
    FEATURE = "feature"
    TECH_DEBT = "tech-debt"


class Side(StrEnum):
    """The two ends of a pair: documents on the left, the tracker on the right."""

    LEFT = "left"
    RIGHT = "right"

    @property
    def other(self) -> "Side":
        """The opposite end."""
        return Side.RIGHT if self is Side.LEFT else Side.LEFT


class Field(StrEnum):
    """The fields of an item that are kept in step (design §5)."""

    TITLE = "title"
    PHASE = "phase"
    RESOLUTION = "resolution"
    PRIORITY = "priority"
    SEVERITY = "severity"
    CATEGORY = "category"
    OWNERS = "owners"
    DUE = "due"
    PARENT = "parent"
    BODY = "body"


# `active` is Metis' word for `doing`; the others are the columns of common boards.
_PHASE_WORDS: Final = {
    "backlog": Phase.BACKLOG,
    "triage": Phase.BACKLOG,
    "todo": Phase.TODO,
    "ready": Phase.TODO,
    "selected for development": Phase.TODO,
    "doing": Phase.DOING,
    "active": Phase.DOING,
    "in progress": Phase.DOING,
    "wip": Phase.DOING,
    "blocked": Phase.BLOCKED,
    "on hold": Phase.BLOCKED,
    "completed": Phase.COMPLETED,
    "complete": Phase.COMPLETED,
    "done": Phase.COMPLETED,
    "closed": Phase.COMPLETED,
    "resolved": Phase.COMPLETED,
}
_RESOLUTION_WORDS: Final = {
    "done": Resolution.DONE,
    "completed": Resolution.DONE,
    "fixed": Resolution.DONE,
    "resolved": Resolution.DONE,
    "not planned": Resolution.NOT_PLANNED,
    "wont do": Resolution.NOT_PLANNED,
    "won't do": Resolution.NOT_PLANNED,
    "wontfix": Resolution.NOT_PLANNED,
    "won't fix": Resolution.NOT_PLANNED,
    "cancelled": Resolution.NOT_PLANNED,
    "canceled": Resolution.NOT_PLANNED,
    "declined": Resolution.NOT_PLANNED,
    "duplicate": Resolution.DUPLICATE,
}
_CATEGORY_WORDS: Final = {
    "bug": Category.BUG,
    "bugs": Category.BUG,
    "defect": Category.BUG,
    "feature": Category.FEATURE,
    "features": Category.FEATURE,
    "enhancement": Category.FEATURE,
    "tech debt": Category.TECH_DEBT,
    "techdebt": Category.TECH_DEBT,
    "technical debt": Category.TECH_DEBT,
}
_SEVERITY_WORDS: Final = {
    "critical": Severity.SEV1,
    "major": Severity.SEV2,
    "minor": Severity.SEV3,
}
_PRIORITY = re.compile(r"p\s?-?([0-3])", re.IGNORECASE)
_SEVERITY = re.compile(r"(?:sev|severity|s)\s?[-_]?\s?([1-4])", re.IGNORECASE)

#: Severity and priority correspond one to one unless settings say otherwise (design §2).
SEVERITY_OF: Final = dict(zip(Priority, Severity, strict=True))
PRIORITY_OF: Final = {severity: priority for priority, severity in SEVERITY_OF.items()}


def _words(text: str) -> str:
    """``In_Progress `` and ``in-progress`` are the same words; a curly apostrophe is straight."""
    return re.sub(r"[\s_-]+", " ", text).strip().lower().replace("\u2019", "'")


def parse_phase(text: str) -> Phase | None:
    """The phase a word stands for: ``active``, ``In Progress`` and ``doing`` are one."""
    words = _words(text)
    return _PHASE_WORDS.get(words) or _PHASE_WORDS.get(words.replace(" ", ""))


def parse_resolution(text: str) -> Resolution | None:
    """The resolution a word stands for: ``wontfix``, ``not_planned``, ``Won't do``."""
    return _RESOLUTION_WORDS.get(_words(text))


def parse_category(text: str) -> Category | None:
    """The category a word stands for: ``techdebt``, ``tech_debt``, ``Bug``, ``enhancement``."""
    return _CATEGORY_WORDS.get(_words(text))


def parse_priority(text: str) -> Priority | None:
    """``P0``, ``p-1`` or ``P 2``; nothing else."""
    match = _PRIORITY.fullmatch(text.strip())
    return Priority(f"P{match[1]}") if match else None


def parse_severity(text: str) -> Severity | None:
    """``SEV1``, ``SEV-1``, ``Sev 1``, ``severity 1``, ``S1``, or critical/major/minor."""
    match = _SEVERITY.fullmatch(text.strip())
    return Severity(f"SEV{match[1]}") if match else _SEVERITY_WORDS.get(_words(text))
