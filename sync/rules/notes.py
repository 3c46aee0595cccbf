"""What a note says: one for each rule and item, edited in place as findings come, rise and end."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from sync.rules.model import Finding, Level, Waiver

#: Findings of one rule on one item that are told in full; the rest are counted.
_SHOWN = 20
_MET: Final = re.compile(r"\W*[\w-]+\W*: met on \d{4}-\d{2}-\d{2}\.")


def note(findings: Sequence[Finding]) -> str:
    """The note for the findings of one rule on one item: Markdown, the most pressing first.

    It changes only when one comes, goes, rises or is waived; never with time alone. Titles in it
    are people's text: whoever sends it neutralises it for its tracker.
    """
    ordered = sorted(findings, key=lambda one: (-one.level.rank, one.key))
    first = ordered[0]
    parts = [f"**{first.rule}**: {_standing(ordered)}", ""]
    parts += [line for one in ordered[:_SHOWN] for line in _told(one)]
    if len(ordered) > _SHOWN:
        parts.append(f"- and {len(ordered) - _SHOWN} more")
    parts += ["", first.remedy]
    line = f"waive: {first.rule} until YYYY-MM-DD because REASON"
    parts += ["", f"To live with it for a time: label `waived` and a comment `{line}`."]
    return "\n".join(parts)


def met(rule: str, at: datetime) -> str:
    """What the note says once the rule is met; ``at`` is UTC."""
    return f"**{rule}**: met on {at:%Y-%m-%d}. Nothing is left to do."


def says_met(text: str) -> bool:
    """Whether a note, as a tracker gives it back, says that its rule is met."""
    return bool(_MET.match(text))


def waived(rule: str, waiver: Waiver) -> str:
    """What the note says while the rule is waived."""
    by = f" by {waiver.by}" if waiver.by else ""
    return f"**{rule}**: waived{by} until {waiver.until}. Reason: {waiver.reason}"


def _standing(findings: Iterable[Finding]) -> str:
    worst = max(findings, key=lambda one: one.level.rank)
    if worst.level is Level.OVERDUE:
        return "overdue"
    if worst.until is not None:
        return f"to be met by {worst.until:%Y-%m-%d %H:%M} UTC"
    return "not met"


def _told(finding: Finding) -> list[str]:
    return [f"- {finding.text}", *(f"  - {line}" for line in finding.evidence)]
