"""Findings: opened once, kept with their beginning, met when nobody finds them any more."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from mappings.item import Ref
from mappings.vocabulary import Priority, Severity, Side
from sync.rules.model import Finding, Flag, FollowUp, Level, Waiver
from sync.store import findings

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
LATE = Finding(
    rule="postmortem-missing",
    pair="p",
    key="p/postmortem-missing/right:7",
    level=Level.DUE,
    since=NOW - HOUR,
    until=NOW + 47 * HOUR,
    title="Payments down",
    text='"Payments down" was closed and no postmortem belongs to it.',
    remedy="Write it.",
    side=Side.RIGHT,
    item=Ref("7", "acme/payments#7", "https://example.org/7", "70"),
    priority=Priority.P0,
    severity=Severity.SEV1,
    owners=("ada",),
    evidence=("closed 2026-03-01 11:00 UTC",),
    flags=frozenset({Flag.LABEL, Flag.NOTE}),
    label="postmortem-missing",
)


def settle(tx, *found, unjudged=(), now=NOW):
    return findings.settle(tx, "p", found, unjudged, now)


def test_a_finding_is_stored_whole():
    whole = replace(
        LATE,
        priority_raised=Priority.P0,
        severity_raised=Severity.SEV1,
        follow_up=FollowUp(title="Find the cause", due=date(2026, 3, 3), priority=Priority.P1),
        waiver=Waiver(
            rule="postmortem-missing",
            item=Ref("7"),
            reason="the provider wrote one",
            until=date(2026, 12, 31),
            by="ada",
            place="a.md:3",
        ),
    )
    for one in (LATE, whole, replace(LATE, side=None, item=None, until=None)):
        assert findings.decode_finding(findings.encode_finding(one)) == one


def test_a_new_finding_opens_and_is_open(tx):
    assert settle(tx, LATE).opened == (LATE,)
    assert findings.open_now(tx, "p") == [LATE]
    assert findings.of_item(tx, "p", Side.RIGHT, "7") == [LATE]
    assert findings.of_item(tx, "p", Side.LEFT, "7") == []


def test_found_again_it_is_the_same_one_at_its_new_level(tx):
    settle(tx, LATE)
    risen = replace(LATE, level=Level.OVERDUE)
    again = settle(tx, risen, now=NOW + 48 * HOUR)
    assert (again.opened, again.cleared, again.open) == ((), (), (risen,))
    assert findings.open_now(tx, "p") == [risen]


def test_found_no_more_it_is_met_and_may_open_anew(tx):
    settle(tx, LATE)
    assert settle(tx).cleared == (LATE,)
    assert findings.open_now(tx, "p") == []
    assert settle(tx, LATE, now=NOW + HOUR).opened == (LATE,)
    assert findings.open_now(tx, "p") == [LATE]


def test_what_was_not_judged_is_neither_confirmed_nor_met(tx):
    settle(tx, LATE)
    judged = settle(tx, unjudged={"postmortem-missing"})
    assert judged.cleared == ()
    assert judged.open == (LATE,)


def test_a_finding_without_a_known_beginning_keeps_its_first(tx):
    settle(tx, replace(LATE, since=NOW))
    (kept,) = settle(tx, replace(LATE, since=NOW + HOUR), now=NOW + HOUR).open
    assert kept.since == NOW


def test_the_most_pressing_are_told_first_and_the_waived_last(tx):
    waived = replace(LATE, key="w", level=Level.OVERDUE, waiver=Waiver(rule="postmortem-missing"))
    pressing = replace(LATE, key="o", level=Level.OVERDUE)
    settle(tx, waived, LATE, pressing)
    assert [one.key for one in findings.open_now(tx, "p")] == ["o", LATE.key, "w"]
