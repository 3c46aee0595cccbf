"""The report as CSV and as Markdown: whatever a title holds stays in its cell."""

import csv as reader
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from sync.report import csv, markdown

HOSTILE = "a | b\n# c <b>d</b> [e](javascript:f) @team closes #7 `g` *h* \\"


def rows(written):
    return list(reader.DictReader(io.StringIO(written)))


def test_every_incident_follow_up_and_week_has_a_row(build):
    report = build.report(build.busy())
    found = rows(csv.write(report))
    kinds = [one["kind"] for one in found]
    assert kinds.count("incident") == 2
    assert kinds.count("follow-up") == 2
    assert kinds.count("week") == len(report.weeks)


def test_an_incidents_row_has_its_times_in_seconds(build):
    found = rows(csv.write(build.report(build.busy())))
    first = next(one for one in found if one["key"] == "acme/payments#1")
    assert first["resolve_seconds"] == "7200"
    assert first["respond_seconds"] == "600"
    assert first["opened"] == "2026-01-20T12:00:00Z"
    late = next(one for one in found if one["key"] == "acme/payments#51")
    assert (late["incident"], late["due"], late["late_seconds"]) == (
        "acme/payments#1", "2026-02-25", str(3 * 86400 + 43200),
    )  # fmt: skip


@pytest.mark.parametrize("title", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_no_title_is_a_formula(build, title):
    found = rows(csv.write(build.report(build.state(build.incident(item={"title": title})))))
    assert found[0]["title"] == "'" + title.strip()


@given(st.text(max_size=60))
def test_any_title_is_one_cell_of_csv(build, title):
    found = rows(csv.write(build.report(build.state(build.incident(item={"title": title})))))
    assert [one["kind"] for one in found].count("incident") == 1
    assert found[0]["key"] == "acme/payments#1"
    assert found[0]["url"] == "https://x.test/1"


def test_markdown_has_every_part(build):
    written = markdown.write(build.report(build.busy()))
    for part in (
        "# Incident follow-up: payments",
        "## Incidents without a postmortem",
        "| by owner | open | late | oldest |",
        "| 50% | 1 | 0 | 1 | 0 |",
        "## Completed work by week",
        "## Repeats while a follow-up was open",
        "[acme/payments#2](https://x.test/2)",
    ):
        assert part in written, part
    assert "\n\n\n" not in written


def test_a_hostile_title_makes_no_markup_and_calls_nobody(build):
    action = build.bare(title=HOSTILE, owner="@team", place="pm.md:3")
    written = markdown.write(build.report(build.state(actions=(action,))))
    assert "@team" not in written
    assert "#7" not in written
    shown = MarkdownIt("commonmark", {"html": True}).enable("table").render(written)
    for tag in ("<b>", "<a ", "<em>", "<code>"):
        assert tag not in shown, tag
    assert "<td>nobody</td>" not in shown
    assert shown.count("<h1>") == 1


@settings(max_examples=40)
@given(st.text(max_size=60))
def test_any_title_is_one_cell_of_markdown(build, title):
    state = build.state(build.incident(item={"title": title or "x"}))
    shown = MarkdownIt("commonmark").enable("table").render(markdown.write(build.report(state)))
    plain = build.state(build.incident(item={"title": "x"}))
    same = MarkdownIt("commonmark").enable("table").render(markdown.write(build.report(plain)))
    for tag in ("<tr>", "<td>", "<h2>", "<h1>", "<a ", "<em>", "<strong>", "<code>"):
        assert shown.count(tag) == same.count(tag), tag


def test_nothing_to_tell_is_said(build):
    assert markdown.write(build.report(build.state())).count("None.") == 5
