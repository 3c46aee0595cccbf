"""What is said to people: short, with the address to go to; pure.

Titles come from trackers and documents. Nothing in them may call people together or become a link
in somebody's chat, so what chats give a meaning to is taken out.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sync.rules.model import Finding, Level

#: Findings named in one message; the others are counted.
SHOWN: Final = 20
#: Characters of one sentence; longer ones are cut.
LONGEST: Final = 300

_BLANK: Final = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
#: Chats call everybody by @here and <!channel>, and make links of [text](address).
_CALLS: Final = {"@": "@\u200b", "<": "\u2039", ">": "\u203a", "[": "(", "]": ")"}
_MARKS: Final = str.maketrans(_CALLS)


@dataclass(frozen=True, slots=True)
class Message:
    """One message: a title of one line, and a text."""

    title: str
    body: str


def plain(text: str) -> str:
    """The text on one line, without anything that a chat would act on."""
    line = _BLANK.sub(" ", text).strip().translate(_MARKS)
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "\u2026"


def alert(finding: Finding) -> Message:
    """One finding."""
    until = ""
    if finding.level is Level.DUE and finding.until is not None:
        until = f"To be met by {finding.until:%Y-%m-%d %H:%M} UTC."
    said = (plain(finding.text), *map(plain, finding.evidence[:5]), until, finding.remedy)
    lines = [*(line for line in said if line), *_where(finding)]
    return Message(f"{finding.level}: {finding.rule} ({finding.pair})", "\n".join(lines))


def several(findings: Sequence[Finding]) -> Message:
    """Findings that came at once."""
    pairs = ", ".join(sorted({one.pair for one in findings}))
    return Message(f"{len(findings)} new findings ({pairs})", "\n".join(_listed(findings)))


def digest(findings: Sequence[Finding], now: datetime) -> Message:
    """All that is open, the most pressing first, with counts; waived ones are counted alone."""
    heard = [one for one in findings if not one.waived]
    counts = {level: sum(one.level is level for one in heard) for level in reversed(Level)}
    told = [f"{number} {level}" for level, number in counts.items() if number]
    waived = len(findings) - len(heard)
    told += [f"{waived} waived"] if waived else []
    return Message(
        f"What is open on {now:%Y-%m-%d}: {', '.join(told) or 'nothing'}",
        "\n".join(_listed(heard)),
    )


def _listed(findings: Sequence[Finding]) -> Iterable[str]:
    ordered = sorted(findings, key=lambda one: (-one.level.rank, one.since, one.key))
    for one in ordered[:SHOWN]:
        where = "".join(f" {address}" for address in _where(one))
        yield f"- {one.level}: {plain(one.text)} ({one.rule}){where}"
    if len(ordered) > SHOWN:
        yield f"- and {len(ordered) - SHOWN} more: see `followthrough report`"


def _where(finding: Finding) -> list[str]:
    """The item's address, if it can be followed."""
    url = finding.item.url if finding.item is not None else ""
    return [url] if re.fullmatch(r"https?://[^\s<>\[\]|]+", url) else []
