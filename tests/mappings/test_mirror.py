"""A document's mirror in a tracker item: what is written into the section, and read from it."""

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mappings.item import UNSET, Draft, Patch, Ref
from mappings.mirror import MORE, Mirror, read_mirror
from mappings.text import canonical, read_section, write_section

ORIGIN = Ref("PAY-T-1", "PAY-T-1", ".metis/backlog/PAY-T-1.md")
MARKER = "<!-- followthrough:1:0123abcd:" + "0" * 32 + ":PAY-T-1:0123456789abcdef -->"
MIRROR = Mirror("github", 1000)
DUE = date(2026, 3, 1)
TEXTS = st.text(
    st.one_of(st.characters(codec="utf-8"), st.sampled_from("\r\n @#`~<>!-*_:")), max_size=300
) | st.sampled_from(["_Follows me._", "**Due:** 2026-01-02", "\n\n", "**Due:** soon\n\ntext"])
TRACKERS = st.sampled_from(["github", "gitlab", "jira"])
DATES = st.none() | st.dates()


def read(body):
    return read_mirror(read_section(body)[0])


def test_a_new_item_says_whose_mirror_it_is_when_it_is_due_and_what_the_document_says():
    body = MIRROR.new(Draft(origin=ORIGIN, due=DUE, body="Words", marker=MARKER))
    assert body.endswith("\n\n" + MARKER)
    assert "_Follows `PAY-T-1` (`.metis/backlog/PAY-T-1.md`)._" in body
    assert read(body) == ("Words", DUE)


def test_a_new_item_of_which_nothing_is_said_has_its_marker_alone():
    assert MIRROR.new(Draft(marker=MARKER)) == MARKER
    assert MIRROR.new(Draft()) == ""


def test_a_place_on_the_web_is_not_told_twice():
    web = Ref("7", "acme#7", "https://github.com/acme/payments/issues/7")
    assert "(" not in MIRROR.new(Draft(origin=web))


def test_a_patch_that_says_nothing_of_text_and_day_changes_nothing():
    assert MIRROR.changed("people's own\r\n", Patch(title="new", origin=ORIGIN)) == (
        "people's own\r\n"
    )


@pytest.mark.parametrize("patch", [Patch(body=None), Patch(body=""), Patch(due=None)])
def test_no_section_is_made_to_say_that_there_is_nothing(patch):
    assert MIRROR.changed("people's own\r\n", patch) == "people's own\r\n"


def test_the_text_is_changed_and_the_day_stays_and_the_other_way_round():
    body = MIRROR.new(Draft(origin=ORIGIN, due=DUE, body="Words"))
    assert read(MIRROR.changed(body, Patch(body="Other"))) == ("Other", DUE)
    assert read(MIRROR.changed(body, Patch(due=None))) == ("Words", None)
    assert read(MIRROR.changed(body, Patch(body=None))) == (None, DUE)


def test_a_section_that_names_nobody_is_given_its_origin_and_one_that_does_keeps_it():
    bare = write_section("", "Words")
    assert "_Follows `PAY-T-1`" in MIRROR.changed(bare, Patch(body="x", origin=ORIGIN))
    assert "_Follows" not in MIRROR.changed(bare, Patch(body="x"))
    named = MIRROR.new(Draft(origin=ORIGIN, body="Words"))
    other = MIRROR.changed(named, Patch(body="x", origin=Ref("PAY-T-2", "PAY-T-2")))
    assert "PAY-T-1" in other
    assert "PAY-T-2" not in other


def test_without_a_section_there_is_no_opinion():
    assert read_mirror(None) == (UNSET, UNSET)
    assert read_mirror("") == (None, None)


@pytest.mark.parametrize("text", ["_Follows me._", "**Due:** 2026-01-02\n\nWords", "**Due:** x"])
def test_a_text_that_begins_like_our_own_lines_is_not_taken_for_them(text):
    body = MIRROR.new(Draft(origin=ORIGIN, body=text))
    assert read(body) == (MIRROR.held(text), None)
    assert text in body


def test_a_text_too_long_is_cut_and_says_so():
    held = Mirror("github", 200).held("line\n" * 100)
    assert held.endswith(MORE)
    assert len(held) <= 200


@given(TEXTS, DATES, TRACKERS, st.booleans())
@example("_Follows `x`._\n\n**Due:** 2026-01-02", None, "github", True)
@example("<!-- followthrough:end -->", date(1, 1, 1), "gitlab", False)
def test_what_is_written_is_what_is_read(text, due, tracker, named):
    mirror = Mirror(tracker, 400)
    origin = ORIGIN if named else None
    body = mirror.new(Draft(origin=origin, due=due, body=text, marker=MARKER))
    said, day = read(body) if read_section(body)[0] is not None else (None, None)
    assert day == due
    assert canonical(said or "") == canonical(mirror.held(text) or "")


@given(TEXTS, TEXTS, TEXTS, DATES, TRACKERS)
def test_a_change_touches_nothing_outside_and_is_read_back(own, text, new, due, tracker):
    mirror = Mirror(tracker, 400)
    body = write_section(own, mirror.held(text) or "x")
    outside = read_section(body)[1]
    changed = mirror.changed(body, Patch(body=new, due=due, origin=ORIGIN))
    assert read_section(changed)[1] == outside
    said, day = read(changed)
    assert day == due
    assert canonical(said or "") == canonical(mirror.held(new) or "")
    assert mirror.changed(changed, Patch(body=new, due=due)) == changed


@given(TEXTS, TRACKERS)
def test_what_a_section_holds_of_a_text_it_holds_of_that_again(text, tracker):
    mirror = Mirror(tracker, 400)
    held = mirror.held(text)
    assert mirror.held(held or "") == held
