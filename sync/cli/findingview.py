"""Findings to read, and as JSON: the same wherever they are shown."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from sync.cli.screen import Screen, moment
from sync.rules.model import Finding, Level

#: So many are shown in full; `report` shows all.
SHOWN: Final = 20
_STYLE: Final = {Level.INFO: "dim", Level.DUE: "yellow", Level.OVERDUE: "red"}


def finding_json(one: Finding) -> dict[str, Any]:
    """One finding."""
    waiver = one.waiver
    return {
        "rule": one.rule,
        "level": one.level.value,
        "since": moment(one.since),
        "overdue_from": moment(one.until),
        "side": one.side.value if one.side else None,
        "item": name_of(one) or None,
        "title": one.title,
        "text": one.text,
        "remedy": one.remedy,
        "evidence": list(one.evidence),
        "place": one.place or None,
        "owners": list(one.owners),
        "waived": (
            {"reason": waiver.reason, "until": str(waiver.until), "by": waiver.by or None}
            if waiver is not None
            else None
        ),
    }


def name_of(one: Finding) -> str:
    """What people call the item that shows it."""
    return (one.item.key or one.item.id) if one.item else ""


def show(screen: Screen, found: Sequence[Finding]) -> None:
    """The findings that are not waived, the most pressing first, and how many are."""
    open_ones = sorted(
        (one for one in found if not one.waived),
        key=lambda one: (-one.level.rank, one.since, one.key),
    )
    for one in open_ones[:SHOWN]:
        head = f"  ? {one.level:<9} {one.rule:<24} {name_of(one)}".rstrip()
        screen.line(head, _STYLE[one.level])
        screen.line(f"      {one.text}")
    left = len(open_ones) - SHOWN
    if left > 0:
        screen.line(f"      and {left} more; see `followthrough report`", "dim")


def counted(found: Sequence[Finding]) -> str:
    """How many there are of each level: "2 overdue, 1 due; 1 waived"; "" for none."""
    levels = Counter(one.level for one in found if not one.waived)
    worst_first = sorted(levels, key=lambda level: -level.rank)
    parts = ", ".join(f"{levels[level]} {level}" for level in worst_first)
    waived = sum(one.waived for one in found)
    return "; ".join(filter(None, (parts, f"{waived} waived" if waived else "")))
