"""How waivers are written: one line, the same in front matter, text and comments."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.item import Ref
from sync.rules.model import Waiver
from sync.rules.terms import RuleName
from sync.rules.waivers import Comment, broken, ended, holding, waivers_in, waivers_of

ISSUE = Ref("12", "acme/payments#12", "https://x.test/12")
WHOLE = Waiver(
    rule="postmortem-missing",
    reason="the provider wrote one",
    until=date(2026, 12, 31),
    place="pm.md:2",
)


@pytest.mark.parametrize(
    "text",
    [
        "---\nwaive: postmortem-missing until 2026-12-31 because the provider wrote one\n---\n",
        '---\nwaive: "postmortem-missing until 2026-12-31 because the provider wrote one"\n---\n',
        "---\nWaive:  Postmortem-Missing until 2026-12-31 because  the provider wrote one \r\n---",
        "\nwaive: postmortem-missing until 2026-12-31, because the provider wrote one",
        "\nwaive: postmortem-missing until 2026-12-31: the provider wrote one",
    ],
)
def test_a_waiver_on_one_line(text):
    assert waivers_in(text, place="pm.md") == (WHOLE,)


def test_a_list_of_waivers():
    text = (
        "---\ntitle: x\nwaive:\n"
        "  - postmortem-missing until 2026-12-31 because the provider wrote one\n"
        "  - 'action-undated until 2026-06-01 because it waits: see #12'\n"
        "tags:\n  - unrecorded until 2026-06-01 because this is no waiver\n---\n"
    )
    found = waivers_in(text, place="pm.md")
    assert [(one.rule, one.place) for one in found] == [
        ("postmortem-missing", "pm.md:4"),
        ("action-undated", "pm.md:5"),
    ]
    assert found[1].reason == "it waits: see #12"


def test_code_and_quotations_hold_none():
    line = "waive: unrecorded until 2026-12-31 because x"
    assert waivers_in(f"```\n{line}\n```\n> {line}\nWe {line}\n    {line}\n") == ()
    assert len(waivers_in(f"```\nx\n```\n{line}")) == 1


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("unrecorded until 2026-12-31", "it has no reason"),
        ("unrecorded because we know", "it has no end date"),
        ("unrecorded", "it has no end date and no reason"),
        ("\x1f", "it names no rule"),
        ('""', "it names no rule"),
        ("unrecorded until next spring because we know", "it has no end date and no reason"),
        ("unrecorded until soon because we know", "it has no end date"),
        ("unrecorded until 2026-02-30 because we know", "it has no end date"),
        ("un-recorded until 2026-12-31 because we know", 'there is no rule "un-recorded"'),
        ("all until 2026-12-31 because we know", 'there is no rule "all"'),
        ("waiver-invalid until 2026-12-31 because", 'there is no rule "waiver-invalid"'),
    ],
)
def test_what_keeps_a_waiver_from_holding_is_said(line, why):
    (found,) = waivers_in(f"waive: {line}")
    assert broken(found) == why


def test_a_comment_counts_only_where_the_label_is():
    comments = [Comment("bob", "Agreed.\nwaive: unrecorded until 2026-12-31 because of it", "u#1")]
    assert waivers_of(ISSUE, {"bug"}, comments) == ()
    (found,) = waivers_of(ISSUE, {"Waived"}, comments)
    assert (found.by, found.item, found.place) == ("bob", ISSUE, "u#1:2")


def test_the_label_alone_is_a_waiver_that_names_no_rule():
    (found,) = waivers_of(ISSUE, {"waived"}, [Comment("bob", "as agreed")])
    assert (found.place, broken(found)) == (ISSUE.url, "it names no rule")


def test_of_several_the_one_that_holds_longest_counts():
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    days = (date(2026, 2, 28), date(2026, 4, 1), date(2026, 3, 1))
    several = [Waiver(rule="unrecorded", reason="x", until=day) for day in days]
    assert holding(several, RuleName.UNRECORDED, now).until == date(2026, 4, 1)
    assert holding(several[:1], RuleName.UNRECORDED, now) is None
    assert [ended(one, now) for one in several] == [True, False, False]


@given(st.text())
def test_no_text_is_too_odd_to_be_read(text):
    for one in (text, f"waive: {text}", f"waive:\n- {text}"):
        for found in waivers_in(one, place="x"):
            assert broken(found) or found.reason


def test_a_line_may_say_who_decided():
    text = "waive: unrecorded until 2026-12-31 by Ann Weber because it is theirs"
    (found,) = waivers_in(text, item=ISSUE, by="the author", place="u#1")
    assert (found.by, found.reason) == ("Ann Weber", "it is theirs")
