"""What a postmortem says: values only. Every line is counted from 1 and lies in the document."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from mappings.problem import Problem
from mappings.vocabulary import Category, Priority, Severity

#: An action item below this confidence is reported and nothing is made of it.
THRESHOLD: Final = 0.5


class SectionKind(StrEnum):
    """What a section tells; the names are those that the rules ask for."""

    SUMMARY = "summary"
    IMPACT = "impact"
    TIMELINE = "timeline"
    ROOT_CAUSE = "root-cause"
    CONTRIBUTING_FACTORS = "contributing-factors"
    ACTIONS = "actions"
    LESSONS = "lessons"
    PREVENTION = "prevention"


#: The same for people and in JSON.
SECTION_NAMES: Final = {
    SectionKind.SUMMARY: "summary",
    SectionKind.IMPACT: "impact",
    SectionKind.TIMELINE: "timeline",
    SectionKind.ROOT_CAUSE: "root cause",
    SectionKind.CONTRIBUTING_FACTORS: "contributing factors",
    SectionKind.ACTIONS: "action items",
    SectionKind.LESSONS: "lessons learned",
    SectionKind.PREVENTION: "prevention",
}


class Shape(StrEnum):
    """How an action item is written down."""

    TABLE_ROW = "table-row"
    CHECK_BOX = "check-box"
    NUMBERED = "numbered"
    BULLET = "bullet"
    HEADING = "heading"
    PARAGRAPH = "paragraph"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where something was read, and in which shape."""

    line: int
    shape: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionItem:
    """One follow-up.

    ``title`` is one line of plain text without markup, owner, date, priority or state. ``owner``
    is a name as written, without ``@`` ("" for nobody). ``due_text`` is the due date as written,
    also where no day can be read from it ("Q3"). ``done`` is None where the shape has no mark.
    ``references`` are addresses or keys of issues, as written. ``group`` is the heading or label
    it stands under. ``line`` and ``end_line`` enclose its text; the mark is on ``line``.
    ``confidence`` is between 0 and 1; see :data:`THRESHOLD`.
    """

    title: str
    owner: str = ""
    due: date | None = None
    due_text: str = ""
    priority: Priority | None = None
    category: Category | None = None
    done: bool | None = None
    references: tuple[str, ...] = ()
    group: str = ""
    line: int
    end_line: int
    shape: str
    confidence: float

    @property
    def evidence(self) -> Evidence:
        """Where it stands."""
        return Evidence(self.line, self.shape)

    @property
    def certain(self) -> bool:
        """Whether something may be made of it; otherwise it is only reported."""
        return self.confidence >= THRESHOLD


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One section. ``template``: it is empty, or still the text that prompts for content."""

    kind: str
    title: str
    line: int
    end_line: int
    template: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverLine:
    """A rule that the document waives: its id, why, and the last day of it."""

    rule: str
    reason: str = ""
    until: date | None = None
    by: str = ""
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Postmortem:
    """One document as read.

    ``day`` is the incident's day as written (in the document's own zone). ``started`` and
    ``resolved`` are UTC and only set where date, time and zone are known. ``incident`` is the
    first of ``incidents``, which are references as written. ``blames`` are (line, sentence),
    ``actions`` are those at or above
    :data:`THRESHOLD`; the others are ``uncertain``: shown to people, made into nothing.
    ``template``: nobody filled it in; then there are no actions. ``commander`` is who led, as
    written, without ``@`` ("" for nobody).
    """

    title: str = ""
    severity: Severity | None = None
    day: date | None = None
    started: datetime | None = None
    resolved: datetime | None = None
    duration: timedelta | None = None
    services: tuple[str, ...] = ()
    incident: str = ""
    incidents: tuple[str, ...] = ()
    root_cause: str = ""
    blames: tuple[tuple[int, str], ...] = ()
    waivers: tuple[WaiverLine, ...] = ()
    sections: tuple[Section, ...] = ()
    actions: tuple[ActionItem, ...] = ()
    uncertain: tuple[ActionItem, ...] = ()
    problems: tuple[Problem, ...] = ()
    template: bool = False
    commander: str = ""
