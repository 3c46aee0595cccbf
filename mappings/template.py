"""What a Metis document really says: its text without template prompts and repeated headings.

The template (about 4 KB) and the heading that every transition adds are no content: they must
neither reach an issue nor make a difference (metis.md §0.4, §2.5).
"""

import re

_HEAD = re.compile(r"^(#{1,6})\s+(.*?)\s*(?:\*\*\[(?:REQUIRED|CONDITIONAL)[^\]]*\]\*\*)?\s*$")
_HOLDER = re.compile(
    r"^\s*(?:(?:[-*]|\d+\.)\s*)?(?:\[[ xX]\]\s*)?(?:\*\*[^*]+\*\*:?\s*)?\{[^{}]*\}[^{}]*$"
)
_LABEL = re.compile(r"^\s*[-*]\s+\*\*[^*]+\*\*:?\s*(?:TC-\d+)?\s*$")
_SKIPPED = frozenset({"Type", "Priority", "Status Updates", "Parent Initiative"})
_TEMPLATE = "*This template includes sections for various types of"


def meaningful(body: str) -> str:
    """A document's text without what is no content: title, template prompts, repeated headings.

    ``## Status Updates`` is left out: agents append to it all the time while they work.
    """
    sections = _sections(body.replace("\r\n", "\n"))
    kept: list[str] = []
    skipped_below = 0
    for head, lines in sections:
        level = head[0].count("#") if head else 0
        if skipped_below and level > skipped_below:
            continue
        skipped_below = 0
        if head and head[1] in _SKIPPED:
            skipped_below = level
            continue
        text = "\n".join(_content(lines)).strip("\n")
        if level == 1:
            if text:
                kept.append(text)
        elif text and head:
            kept.append(f"{head[0]} {head[1]}\n\n{text}")
        elif text:
            kept.append(text)
    return "\n\n".join(kept)


def _sections(body: str) -> list[tuple[tuple[str, str] | None, list[str]]]:
    sections: list[tuple[tuple[str, str] | None, list[str]]] = [(None, [])]
    fenced = False
    for line in body.split("\n"):
        if line.startswith(("```", "~~~")):
            fenced = not fenced
        match = None if fenced else _HEAD.match(line)
        if match:
            sections.append(((match[1], match[2]), []))
        else:
            sections[-1][1].append(line.rstrip())
    return sections


def _content(lines: list[str]) -> list[str]:
    real = [line for line in lines if not _HOLDER.match(line) and not line.startswith(_TEMPLATE)]
    prompted = len(real) != len(lines)
    if prompted and all(not line or _LABEL.match(line) for line in real):
        return []
    return real
