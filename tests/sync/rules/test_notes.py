"""One note for each rule and item; it changes only when something happens."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from sync.rules.judge import judge
from sync.rules.model import Waiver
from sync.rules.notes import met, note, waived


def findings(make, hours):
    state = make.state(make.incident(postmortems=()))
    return judge(state, make.noon + timedelta(hours=hours))


def test_a_note_says_what_is_missing_until_when_and_what_to_do(make):
    text = note(findings(make, 1))
    assert text.splitlines()[0] == ("**postmortem-missing**: to be met by 2026-03-03 12:00 UTC")
    assert "no postmortem belongs to it" in text
    assert "closed 2026-03-01 12:00 UTC" in text
    assert "waive: postmortem-missing until" in text


def test_a_note_changes_once_when_the_finding_rises(make):
    texts = [note(findings(make, hours)) for hours in range(0, 96, 6)]
    assert len(set(texts)) == 2
    assert texts[-1].startswith("**postmortem-missing**: overdue")


def test_many_findings_are_one_note_that_counts_the_rest(make):
    (one,) = findings(make, 0)
    text = note([replace(one, key=f"{n:03}", text=f"Action {n}.") for n in range(25)])
    assert "and 5 more" in text
    assert text == note(
        [replace(one, key=f"{n:03}", text=f"Action {n}.") for n in range(24, -1, -1)]
    )


def test_a_note_says_when_the_rule_is_met_or_waived():
    assert met("unrecorded", datetime(2026, 3, 1, tzinfo=UTC)).startswith(
        "**unrecorded**: met on 2026-03-01"
    )
    waiver = Waiver(rule="unrecorded", reason="It is theirs.", until=date(2026, 4, 1), by="bob")
    assert waived("unrecorded", waiver) == (
        "**unrecorded**: waived by bob until 2026-04-01. Reason: It is theirs."
    )


def test_a_finding_without_an_end_is_just_not_met(make):
    (one,) = findings(make, 0)
    assert note([replace(one, until=None)]).startswith("**postmortem-missing**: not met")
