"""What a postmortem lacks, with lines: the rules that can be judged from the document alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from mappings.postmortem.model import SECTION_NAMES, ActionItem, Postmortem, SectionKind

#: The sections that a postmortem must have (design §9).
MANDATORY: Final = (
    SectionKind.SUMMARY,
    SectionKind.IMPACT,
    SectionKind.TIMELINE,
    SectionKind.ROOT_CAUSE,
    SectionKind.CONTRIBUTING_FACTORS,
    SectionKind.ACTIONS,
    SectionKind.PREVENTION,
)


#: Below this confidence a line is something else, a check list's box for instance: not a question.
_WORTH_ASKING: Final = 0.25


class Weight(StrEnum):
    """How much a remark weighs: what must be mended, and what should be."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One thing that is lacking. ``line`` 0 is the whole document."""

    rule: str
    line: int
    text: str
    weight: Weight


def lint(reading: Postmortem) -> tuple[Remark, ...]:
    """Everything that is lacking, in the order of lines."""
    return tuple(sorted(_remarks(reading), key=lambda one: (one.line, one.rule, one.text)))


def _remarks(reading: Postmortem) -> Iterator[Remark]:
    if reading.problems and not reading.sections and not reading.actions:
        for problem in reading.problems:
            yield _error("postmortem-unreadable", 0, problem.message)
        return
    if reading.template:
        yield _error("postmortem-incomplete", 0, "nobody has filled in this template yet.")
        return
    yield from _sections(reading)
    yield from _whole(reading)
    for action in reading.actions:
        yield from _action(action)
    for problem in reading.problems:
        line = problem.place.rpartition(":")[2]
        yield _warning("action-undated", int(line) if line.isdigit() else 0, problem.message)
    for action in (one for one in reading.uncertain if one.confidence >= _WORTH_ASKING):
        text = f'"{_short(action.title)}" may be an action item, but is not written as one.'
        yield _warning("action-uncertain", action.line, text)


def _sections(reading: Postmortem) -> Iterator[Remark]:
    had = {one.kind for one in reading.sections if not one.template}
    if reading.actions:
        had.add(SectionKind.ACTIONS)
    empty = {one.kind: one for one in reversed(reading.sections) if one.template}
    for kind in MANDATORY:
        if kind in had:
            continue
        name = SECTION_NAMES[kind]
        if kind in empty:
            text = f"the section on {name} is empty or still the template's text."
            yield _error("postmortem-incomplete", empty[kind].line, text)
        else:
            yield _error("postmortem-incomplete", 0, f"there is no section on {name}.")


def _whole(reading: Postmortem) -> Iterator[Remark]:
    if not reading.actions:
        yield _error("no-preventive-action", 0, "there is no action item.")
    elif all(one.done for one in reading.actions):
        lines = reading.actions[0].line
        yield _warning("no-preventive-action", lines, "every action item is done already.")
    if reading.severity is None:
        yield _error("severity-missing", 0, "no severity is given.")
    if reading.day is None:
        yield _warning("date-missing", 0, "the day of the incident is not given.")
    if not reading.incident:
        yield _warning("unmatched", 0, "no incident is named.")
    if not reading.root_cause:
        yield _error("root-cause-unknown", 0, "the root cause is not told.")
    for line, sentence in reading.blames:
        text = f'names a person as the cause: "{_short(sentence)}"'
        yield _warning("blame-language", line, text)


def _action(action: ActionItem) -> Iterator[Remark]:
    if action.done:
        return
    name = f'"{_short(action.title)}"'
    if not action.owner:
        yield _warning("action-unowned", action.line, f"{name} has no owner.")
    if not action.due_text:
        yield _warning("action-undated", action.line, f"{name} has no due date.")
    if not action.references:
        yield _warning("action-untracked", action.line, f"{name} has no issue.")


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59].rstrip()}\u2026"  # noqa: PLR2004  a glance


def _error(rule: str, line: int, text: str) -> Remark:
    return Remark(rule=rule, line=line, text=text, weight=Weight.ERROR)


def _warning(rule: str, line: int, text: str) -> Remark:
    return Remark(rule=rule, line=line, text=text, weight=Weight.WARNING)
