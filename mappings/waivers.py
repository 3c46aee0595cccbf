"""Waivers as people write them: one line, the same in front matter, in a text and in a comment.

    waive: postmortem-missing until 2026-12-31 because the provider wrote one

``by NAME`` may stand before ``because``, and a colon for ``because``. A list under ``waive:`` holds
several. What is quoted or in a code block is talk about waivers, not one.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from mappings.postmortem.model import WaiverLine

_LINE: Final = re.compile(r"waive:[ \t]*(.*)", re.IGNORECASE)
_ENTRY: Final = re.compile(r"[ \t]*-[ \t]+(.*)")
_FENCE: Final = re.compile(r" {0,3}(`{3,}|~{3,})")
_PARTS: Final = re.compile(
    r"(?P<rule>[\w-]*)(?:\s+until\s+(?P<until>[^\s:,]+))?(?:\s+by\s+(?P<by>.+?))?"
    r"(?:(?:\s*:\s*|\s*,?\s+because(?:\s+|\Z))(?P<reason>.*))?",
    re.IGNORECASE,
)
_QUOTED: Final = re.compile(r"""(["'])(.*)\1""")


def waiver_lines(text: str) -> Iterator[WaiverLine]:
    """Every waiver in a document or a comment, the broken ones too, with its line."""
    return (read_waiver(said, number) for number, said in _said(text))


def read_waiver(said: str, line: int = 1) -> WaiverLine:
    """What stands behind ``waive:``. A part that is not there, or is no date, stays empty."""
    quotes = _QUOTED.fullmatch(said)
    said = " ".join((quotes[2] if quotes else said).split())
    parts = _PARTS.fullmatch(said)
    if parts is None:
        return WaiverLine(rule="".join(said.split(maxsplit=1)[:1]).lower(), line=line)
    return WaiverLine(
        rule=parts["rule"].lower(),
        reason=(parts["reason"] or "").strip(),
        until=_day(parts["until"] or ""),
        by=parts["by"] or "",
        line=line,
    )


def _said(text: str) -> Iterator[tuple[int, str]]:
    """What stands behind each ``waive:``, with its line."""
    fence = ""
    listing = False
    for number, line in enumerate(text.splitlines(), 1):
        mark = _FENCE.match(line)
        if mark:
            if not fence:
                fence = mark[1]
            elif mark[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
        head = _LINE.fullmatch(line) if not fence and not mark else None
        entry = _ENTRY.fullmatch(line) if listing else None
        named = head[1].rstrip(" \t") if head else ""
        if named:
            yield number, named
        elif entry:
            yield number, entry[1].rstrip(" \t")
        listing = (head is not None and not named) or entry is not None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
