"""The report as text and as JSON."""

import json
from datetime import timedelta

from sync.report import text, words
from sync.report.json import as_json


def test_the_text_tells_every_part(build):
    written = text.write(build.report(build.busy()))
    for line in (
        "Incident follow-up: payments",
        "Incidents without a postmortem: 1",
        "Open follow-ups: 2, 1 late",
        "By owner",
        "Follow-ups that fell due",
        "50% on time: 1 on time, 0 late, 1 still open",
        "Times of the incidents opened: 2",
        "Completed work by week",
        "Repeats while a follow-up was open: 1",
    ):
        assert line in written, line
    assert "P1  due 2026-02-25  late 3 d 12 h  bob" in written
    assert "no date" in written


def test_a_report_on_nothing_is_short_and_says_so(build):
    written = text.write(build.report(build.state()))
    assert "Incidents without a postmortem: none" in written
    assert "Open follow-ups: none" in written
    assert "\n\n\n" not in written


def test_a_text_with_line_ends_stays_on_its_line(build):
    action = build.bare(title="Add\nalarm\r\n  now")
    written = text.write(build.report(build.state(actions=(action,))))
    assert "Add alarm now" in written


def test_an_incomplete_report_says_so(build):
    assert "Not everything could be read" in text.write(build.report(build.state(complete=False)))


def test_json_holds_plain_values_and_null_for_what_is_not_known(build):
    found = as_json(build.report(build.busy()))
    assert json.loads(json.dumps(found)) == found
    assert found["made_at"] == "2026-03-01T12:00:00Z"
    assert sum(found["levels"].values()) == len(found["findings"])
    late = found["open_follow_ups"][0]
    assert late["late"] == 3.5 * 86400
    assert late["due"] == "2026-02-25"
    undated = found["open_follow_ups"][1]
    assert (undated["key"], undated["late"], undated["owners"]) == (None, None, [])
    assert found["completion"] == {
        "on_time": 1, "late": 0, "open": 1, "unknown": 0, "share": 0.5,
    }  # fmt: skip
    assert found["times"]["resolve"]["median"] == 16 * 3600
    assert found["months"][-1]["month"] == "2026-03"
    assert found["weeks"][-1]["start"] == "2026-02-23"


def test_json_of_a_waived_finding_has_its_reason(build):
    from sync.report.build import report
    from sync.rules.judge import judge
    from sync.rules.settings import RuleSettings
    from sync.rules.terms import RuleName, RuleTable

    waive = RuleTable(waive="until 2026-12-31 because we move")
    settings = RuleSettings.of({RuleName.POSTMORTEM_MISSING: waive})
    state = build.state(build.incident())
    found = as_json(
        report([state], judge(state, build.noon, settings), build.noon, timedelta(days=90))
    )
    (one,) = found["incidents_without_postmortem"]
    assert one["waived"]["reason"] == "we move"
    assert one["waived"]["until"] == "2026-12-31"


def test_lengths_of_time_have_two_units_at_most():
    assert words.span(timedelta(0)) == "0 s"
    assert words.span(timedelta(seconds=59)) == "59 s"
    assert words.span(timedelta(minutes=25, seconds=1)) == "25 min"
    assert words.span(timedelta(hours=2)) == "2 h"
    assert words.span(timedelta(days=3, hours=4, minutes=5)) == "3 d 4 h"
    assert words.span(timedelta(days=1, minutes=5)) == "1 d"
    assert words.span(timedelta(days=12, hours=4)) == "12 d"
    assert words.span(None) == "\N{EN DASH}"
