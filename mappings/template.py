"""What a Metis document really says: its text without template prompts and repeated headings.

The template (about 4 KB) and the heading that every transition adds are no content: they must
neither reach an issue nor make a difference (reference: Metis v2.0.8's own behaviour).
"""

import re
from dataclasses import dataclass, field
from typing import Final

_HEAD: Final = re.compile(r"(#{1,6})[ \t]+(.*)")
_DEMANDED: Final = re.compile(r"\*\*\\?\[(?:REQUIRED|CONDITIONAL)[^*]*\*\*\Z")
_FENCE: Final = re.compile(r" {0,3}(`{3,}(?=[^`]*\Z)|~{3,})(.*)")
# A whole line `{Prompt}`, alone or as a list item, with or without a label before it. Braces
# with quotes in them are JSON and stay, and so does everything in a code block.
_PROMPT: Final = re.compile(
    r"\s*(?:(?:[-*]|\d+\.)\s*)?(?:\[[ xX]\]\s*)?(?:\*\*[^*]+\*\*:?\s*)?"
    r"\{[A-Z][^{}\"]*[a-z][^{}\"]*\}\s*"
)
_LABEL: Final = re.compile(r"\s*[-*]\s+\*\*[^*]+\*\*:?\s*(?:TC-\d+)?\s*")
_BOX: Final = re.compile(r"\s*[-*] \[[ xX]\] .*")
_NAME: Final = re.compile(r"(?:\[\[.*\]\]|[A-Z]{2,8}-[VIS]-\d+|NULL)")
_INTRO: Final = "*This template includes sections for various types of"
_CRITERIA: Final = "Acceptance Criteria"
#: Agents append to it all the time while they work: it is not mirrored.
_RUNNING: Final = "Status Updates"
#: What these sections hold besides prose is read as a field (category, priority, parent).
_FIELDS: Final = {"Type": _BOX, "Priority": _BOX, "Parent Initiative": _NAME}


@dataclass(slots=True)
class _Section:
    """One heading and what follows it. ``level`` 0 stands before the first heading."""

    level: int = 0
    name: str = ""
    lines: list[str] = field(default_factory=list)
    text: str = ""

    @property
    def heading(self) -> str:
        return f"{'#' * self.level} {self.name}"


def meaningful(body: str) -> str:
    """A document's text without what is no content: title, template prompts, repeated headings.

    A heading stays if anything below it does. ``## Status Updates`` is left out as a whole.
    """
    sections = _sections(body.replace("\r\n", "\n"))
    for section in sections:
        section.text = "\n".join(_content(section)).strip("\n")
    _leave_out_running(sections)
    kept: list[str] = []
    for index, section in enumerate(sections):
        if section.level and _stays(sections, index):
            kept.append(section.heading)
        if section.text:
            kept.append(section.text)
    return "\n\n".join(kept)


def _sections(body: str) -> list[_Section]:
    """The body cut at its headings; the first heading of level one is the title and is dropped."""
    sections = [_Section()]
    fence = ""
    for line in body.split("\n"):
        if "`" in line or "~" in line:
            fence = _fence(line, fence)
        match = _HEAD.fullmatch(line) if line.startswith("#") and not fence else None
        name = _DEMANDED.sub("", match[2]).rstrip(" \t") if match else ""
        if match and name:
            # A transition makes a heading of level two out of any that is called so.
            level = 2 if name == _CRITERIA else len(match[1])
            sections.append(_Section(level, name))
        elif fence or line.rstrip() != "#":
            sections[-1].lines.append(line.rstrip())
    if len(sections) > 1 and sections[1].level == 1 and not any(sections[0].lines):
        sections[1].level = 0
    return sections


def _fence(line: str, fence: str) -> str:
    """The fence that is open after ``line``, "" for none."""
    match = _FENCE.fullmatch(line)
    if match is None:
        return fence
    if not fence:
        return match[1]
    return "" if match[1].startswith(fence) and not match[2].strip() else fence


def _leave_out_running(sections: list[_Section]) -> None:
    below = 0
    for section in sections:
        if below and section.level > below:
            section.text = ""
            continue
        below = 0
        if section.level and section.name == _RUNNING:
            below, section.text = section.level, ""


def _stays(sections: list[_Section], index: int) -> bool:
    """Whether a heading has content, or one below it has."""
    head = sections[index]
    if head.text:
        return True
    for section in sections[index + 1 :]:
        if section.level <= head.level:
            return False
        if section.text:
            return True
    return False


def _content(section: _Section) -> list[str]:
    said = _FIELDS.get(section.name)
    if said and all(not line or said.fullmatch(line) for line in section.lines):
        return []
    real, prompted, fence = [], False, ""
    for line in section.lines:
        if "`" in line or "~" in line:
            fence = _fence(line, fence)
        if not fence and (line.startswith(_INTRO) or ("{" in line and _PROMPT.fullmatch(line))):
            prompted = True
        else:
            real.append(line)
    if prompted and all(not line or _LABEL.fullmatch(line) for line in real):
        return []
    return real
