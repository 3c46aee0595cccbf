"""Waivers: whose they are, which hold, and the rule about those that do not.

How they are written is in :mod:`mappings.waivers`. In the tracker the label ``waived`` goes with
the comment: it shows the decision in every list, and tells which issues' comments are to be read.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from mappings.item import Ref
from mappings.waivers import read_waiver, waiver_lines
from sync.rules.case import Breach, Docket, Rule, Target, day_after, quoted, waiver_of
from sync.rules.model import Flag, Waiver
from sync.rules.terms import RuleName, Terms, times

#: The label of an item with a waiver in its comments.
WAIVED: Final = "waived"


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment of an item: who wrote it, its text, and its address."""

    by: str
    text: str
    place: str = ""


def waivers_in(
    text: str, *, item: Ref | None = None, by: str = "", place: str = ""
) -> tuple[Waiver, ...]:
    """Every waiver in a document or a comment, the broken ones too. Quotations and code are none.

    ``place`` is the document's path, to which the line is added, or the comment's address.
    """
    return tuple(waiver_of(line, item=item, by=by, place=place) for line in waiver_lines(text))


def waivers_of(
    item: Ref, labels: Collection[str], comments: Iterable[Comment]
) -> tuple[Waiver, ...]:
    """A tracker item's waivers: none without the label, and the label alone is a broken one."""
    if WAIVED not in {label.lower() for label in labels}:
        return ()
    found = tuple(
        waiver
        for one in comments
        for waiver in waivers_in(one.text, item=item, by=one.by, place=one.place or item.url)
    )
    return found or (Waiver(rule="", item=item, place=item.url or item.key),)


def of_settings(rule: RuleName, waive: str) -> Waiver | None:
    """The waiver of a whole pair: ``waive`` of the rule's table, which was found whole."""
    if not waive:
        return None
    return waiver_of(read_waiver(f"{rule} {waive}"), place=f"settings://rules.{rule}.waive")


def broken(waiver: Waiver) -> str:
    """What keeps a waiver from ever holding, as the end of a sentence; "" if nothing does."""
    if not waiver.rule:
        return "it names no rule"
    if waiver.rule not in set(RuleName) - {RuleName.ALL, RuleName.WAIVER_INVALID}:
        return f"there is no rule {quoted(waiver.rule)}"
    lacks = []
    if waiver.until is None:
        lacks.append("no end date")
    if not waiver.reason:
        lacks.append("no reason")
    return f"it has {' and '.join(lacks)}" if lacks else ""


def ended(waiver: Waiver, now: datetime) -> bool:
    """Whether its last day (UTC) is over."""
    return waiver.until is not None and waiver.until < now.date()


def holding(waivers: Collection[Waiver], rule: RuleName, now: datetime) -> Waiver | None:
    """The waiver that covers ``rule`` now, of several the one that holds longest."""
    held = [one for one in waivers if one.rule == rule and not broken(one) and not ended(one, now)]
    return max(held, key=lambda one: (str(one.until), one.place), default=None)


def invalid(docket: Docket, _terms: Terms) -> Iterator[Breach]:
    """Waivers that say too little, and those that ended while their rule is unmet."""
    pair = Target(subject="settings", title=docket.state.pair)
    whole = [(pair, one) for one in docket.unmet if one.place.startswith("settings://")]
    for target, waiver in (*_all(docket), *whole):
        if holding(target.waivers, _rule(waiver), docket.now) is not None:
            continue
        why = broken(waiver)
        since = None
        if not why:
            if waiver not in docket.unmet or waiver.until is None:
                continue
            since = day_after(waiver.until)
            why = f"it ended on {waiver.until}"
        rule = f" of {waiver.rule}" if waiver.rule else ""
        text = f"The waiver{rule} for {quoted(target.title)} does not hold: {why}."
        said = (f"reason: {waiver.reason}",) if waiver.reason else ()
        detail = f"{waiver.rule}@{waiver.place}"
        yield Breach(target, since, text, (waiver.place, *said), detail, waiver.place)


def _rule(waiver: Waiver) -> RuleName:
    """The rule it names; a name there is not is that of no rule."""
    try:
        return RuleName(waiver.rule)
    except ValueError:
        return RuleName.ALL


def _all(docket: Docket) -> Iterator[tuple[Target, Waiver]]:
    """Every waiver once, with what it was written for."""
    for case in docket.cases:
        for waiver in dict.fromkeys(case.target.waivers):
            yield case.target, waiver
    for action in docket.waived_actions:
        for waiver in dict.fromkeys(action.facts.waivers):
            yield action.target, waiver
    for case_or_none, _one, target in docket.documents:
        if case_or_none is None:
            for waiver in dict.fromkeys(target.waivers):
                yield target, waiver


WAIVERS: Final = (
    Rule(
        name=RuleName.WAIVER_INVALID,
        says="A waiver has no reason, no end date or no rule, or it ended and its rule is unmet.",
        remedy="Write it anew: `waive: RULE until YYYY-MM-DD because REASON`, or meet the rule.",
        judge=invalid,
        terms=Terms(overdue=times("7d"), flags=frozenset({Flag.NOTE, Flag.NOTIFY})),
    ),
)
