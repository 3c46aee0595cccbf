import re
import unicodedata
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mappings.markers import Marker, find_marker, write_marker
from mappings.text import (
    BEGIN,
    END,
    canonical,
    fingerprint,
    fit,
    one_line,
    read_due,
    read_section,
    write_due,
    write_section,
)

KEY = b"k" * 32
MARKER = write_marker(Marker("a" * 32, "b" * 8, "PAY-T-0001"), KEY)

# Everything that could be mistaken for our own delimiters, between ordinary text.
_PIECES = st.lists(
    st.sampled_from(
        [
            BEGIN,
            END,
            MARKER,
            "<!-- followthrough\\:begin -->",
            "<!-- followthrough:",
            "text",
            "```",
            " ",
            "\\",
            ":",
            "é",
        ]
    ),
    max_size=10,
)
_BREAK = st.sampled_from(["\n", "\r\n"])
_LINES = st.builds(lambda pieces, newline: newline.join(pieces), _PIECES, _BREAK)


def whole(content):
    return f"{BEGIN}\n{content}\n{END}"


def test_canonical_text_ignores_line_ends_blanks_and_unicode_forms():
    assert canonical("\r\ncafe\u0301 \t\r\nb\rc\n\n") == "café\nb\nc"
    assert canonical("  indented") == "  indented"


@given(st.text())
def test_canonical_text_is_its_own_canonical_form(text):
    once = canonical(text)
    assert canonical(once) == once
    assert unicodedata.is_normalized("NFC", once)


def test_equal_text_has_an_equal_fingerprint_and_lone_surrogates_have_one_too():
    assert fingerprint("a\r\n") == fingerprint("a")
    assert fingerprint("a") != fingerprint("b")
    assert re.fullmatch("[0-9a-f]{64}", fingerprint("\ud800"))


def test_a_body_that_is_not_ours_has_no_section():
    assert read_section("Broken since noon.\r\n") == (None, "Broken since noon.\r\n")


def test_a_section_is_added_behind_the_text_and_before_the_marker():
    body = write_section(f"Broken.\n\n{MARKER}", "Ours.")
    assert body == f"Broken.\n\n{whole('Ours.')}\n\n{MARKER}"
    assert read_section(body) == ("Ours.", "Broken.")
    assert find_marker(body) == MARKER


def test_a_section_is_set_off_from_a_marker_on_a_line_of_text():
    body = write_section(f"Broken. {MARKER}", "Ours.")
    assert body == f"Broken. \n\n{whole('Ours.')}\n\n{MARKER}"


def test_a_section_is_added_behind_what_people_wrote_after_the_marker():
    body = write_section(f"{MARKER}\n\nMe too.", "Ours.")
    assert body == f"{MARKER}\n\nMe too.\n\n{whole('Ours.')}"
    assert read_section(body) == ("Ours.", "Me too.")


def test_a_section_is_replaced_where_it_stands():
    body = f"Before.\r\n\r\n{BEGIN}\r\nOld.\r\n{END}\r\n\r\nAfter.  "
    written = write_section(body, "New\nlines.")
    assert written == f"Before.\r\n\r\n{BEGIN}\r\nNew\r\nlines.\r\n{END}\r\n\r\nAfter.  "
    assert read_section(written) == ("New\nlines.", "Before.\n\nAfter.  ")


def test_a_section_that_says_it_already_is_not_touched():
    body = f"Before.\r\n\r\n{BEGIN}  \nSame.\r\nLines.\n\n  {END}\n"
    assert write_section(body, "Same.\nLines.\n") == body


def test_a_body_that_is_all_ours_has_no_blank_lines_around_it():
    body = write_section("", "Ours.")
    assert body == whole("Ours.")
    assert read_section(body) == ("Ours.", "")
    assert write_section(body, None) == ""


def test_removing_a_section_between_texts_leaves_one_blank_line():
    body = f"Before.\n\n{whole('Ours.')}\n\nAfter."
    assert write_section(body, None) == "Before.\n\nAfter."
    assert write_section("Before.", None) == "Before."


@pytest.mark.parametrize(
    ("damaged", "what"),
    [
        (f"{BEGIN}\nOurs and theirs.", "a begin without an end"),
        (f"Ours and theirs.\n{END}", "an end without a begin"),
        (f"{END}\nTheirs.\n{BEGIN}", "both the wrong way round"),
        (f"say {BEGIN}\nx\n{END}", "a begin within a line"),
        (f"{BEGIN}\nx\n{END} they said", "an end within a line"),
        (f"    {BEGIN}\nx\n    {END}", "indented code"),
        (f"> {BEGIN}\n> x\n> {END}", "a quotation"),
    ],
)
def test_damaged_delimiters_are_text_and_a_new_section_goes_behind(damaged, what):
    assert read_section(damaged) == (None, damaged), what
    written = write_section(damaged, "New.")
    assert written == f"{damaged}\n\n{whole('New.')}"
    assert read_section(written)[0] == "New."
    assert write_section(written, "Newer.") == f"{damaged}\n\n{whole('Newer.')}"


def test_text_between_two_begins_is_not_eaten():
    body = f"{BEGIN}\nTheirs.\n{BEGIN}\nOurs.\n{END}"
    assert read_section(body)[0] == "Ours."
    assert write_section(body, "New.") == f"{BEGIN}\nTheirs.\n{BEGIN}\nNew.\n{END}"


def test_of_two_whole_sections_the_last_is_ours_and_the_first_is_kept():
    body = f"{whole('Copied.')}\n\n{whole('Ours.')}"
    assert read_section(body)[0] == "Ours."
    assert write_section(body, "New.") == f"{whole('Copied.')}\n\n{whole('New.')}"


def test_a_document_that_speaks_of_delimiters_does_not_end_its_section():
    document = f"We write\n{END}\nand {MARKER}\nand <!-- followthrough\\:begin -->."
    body = write_section("Theirs.", document)
    assert read_section(body) == (document, "Theirs.")
    assert find_marker(body) == ""


@given(_LINES, _LINES, _LINES)
def test_a_section_reads_back_and_all_outside_it_is_the_same_byte_for_byte(before, after, text):
    body = f"{before}\n{whole('Old.')}\n{after}"
    assume(read_section(body)[0] == "Old.")
    written = write_section(body, text)
    assert canonical(read_section(written)[0] or "") == canonical(text)
    assert written.startswith(f"{before}\n{BEGIN}")
    assert written.endswith(f"{END}\n{after}")


@given(_LINES, _LINES)
def test_a_section_reads_back_from_any_body_and_a_second_writing_changes_nothing(body, text):
    written = write_section(body, text)
    assert canonical(read_section(written)[0] or "") == canonical(text)
    assert write_section(written, text) == written


@given(st.lists(st.sampled_from(["text", BEGIN, END, " ", "```"]), max_size=8), _LINES, _BREAK)
def test_adding_and_removing_a_section_gives_the_first_bytes_back(pieces, text, newline):
    body = newline.join(pieces)
    assume(read_section(body)[0] is None)
    assert write_section(write_section(body, text), None) == body
    marked = f"{body}{newline * 2}{MARKER}"
    assert write_section(write_section(marked, text), None) == marked


@pytest.mark.parametrize(
    ("section", "due"),
    [
        ("**Due:** 2026-03-01\n\nText.", date(2026, 3, 1)),
        ("**Due:**2026-03-01", date(2026, 3, 1)),
        ("_Follows PAY-T-0001._\n\n**Due:** 2026-03-01\n\nText.", date(2026, 3, 1)),
        ("**Due:** 2026-02-30\n\nText.", None),
        ("**Due:** 20260301\n\nText.", None),
        ("**Due:** soon\n\nText.", None),
        ("**Due:** when it is done\n\nText.", None),
        ("Text.\n**Due:** 2026-03-01", None),
        ("", None),
    ],
)
def test_a_due_date_is_read_from_the_line_that_opens_the_section(section, due):
    assert read_due(section) == due


def test_a_due_date_is_set_changed_and_removed():
    first = date(2026, 3, 1)
    assert write_due("Text.", first) == "**Due:** 2026-03-01\n\nText."
    assert write_due("**Due:** soon\n\nText.", first) == "**Due:** 2026-03-01\n\nText."
    assert write_due("**Due:** 2025-12-31\n\nText.", None) == "Text."
    assert write_due("", first) == "**Due:** 2026-03-01"
    assert write_due("**Due:** 2026-03-01", None) == ""


def test_a_line_in_italics_above_the_due_line_stays_where_it_is():
    section = "_Follows PAY-T-0001._\n\n**Due:** 2025-12-31\n\nText."
    changed = "_Follows PAY-T-0001._\n\n**Due:** 2026-03-01\n\nText."
    assert write_due(section, date(2026, 3, 1)) == changed
    assert write_due(section, None) == "_Follows PAY-T-0001._\n\nText."


def test_a_due_line_further_down_belongs_to_the_document():
    text = "Actions\n\n**Due:** 2026-03-01\nPay."
    assert write_due(text, None) == text
    assert write_due(write_due(text, date(2026, 4, 1)), None) == text


@given(st.text(alphabet="ab\n*Due: ", max_size=20), st.dates())
def test_a_due_date_reads_back_and_leaves_the_text_alone(text, due):
    assume(write_due(text, None) == text)
    assume(not text.startswith("\n"))
    written = write_due(text, due)
    assert read_due(written) == due
    assert write_due(written, None) == text


def test_text_that_fits_is_not_cut():
    assert fit("abc", 3, "more") == ("abc", False)


def test_text_is_cut_at_a_line_end_with_the_remark_below():
    text = "one\ntwo\n" + "three " * 50
    assert fit(text, 60, "See the document.") == ("one\ntwo\n\nSee the document.", True)


def test_one_long_line_is_cut_where_it_must():
    cut, was = fit("x" * 100, 20, "more")
    assert was
    assert cut == "x" * 10 + "\n\nmore"


def test_a_limit_too_small_for_the_remark_gives_what_fits_of_it():
    assert fit("x" * 100, 3, "more") == ("mor", True)


@pytest.mark.parametrize(
    ("opened", "closed"),
    [
        ("```python\ncode\n", "\n```\n\nmore"),
        ("~~~~\ncode\n```\n", "\n~~~~\n\nmore"),
        ("```\ncode\n```\ntext\n", "text\n\nmore"),
        ("```inline``` text\n", "text\n\nmore"),
        ("<!-- hidden\n", "\n-->\n\nmore"),
        ("<!-- hidden -->\n", "-->\n\nmore"),
    ],
)
def test_what_a_cut_leaves_open_is_closed(opened, closed):
    cut, was = fit(opened + "long " * 40, 70, "more")
    assert was
    assert cut.endswith(closed)


@given(st.text(alphabet="a \n`~<!->", max_size=200), st.integers(0, 120), st.text(max_size=30))
def test_a_cut_text_never_exceeds_the_limit(text, limit, more):
    cut, was = fit(text, limit, more)
    assert len(cut) <= limit or not was
    assert was or cut == text


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Down", "Down"),
        ("  Down\r\nsince\tnoon\n", "Down since noon"),
        ("two  blanks", "two  blanks"),
        ("a\x00b\u2028c\x85d\x1b", "a b c d"),
    ],
)
def test_a_title_is_one_line_without_control_characters(text, line):
    assert one_line(text) == line


def test_a_title_over_the_limit_is_refused_by_name_of_its_length():
    assert one_line("x" * 256, 256) == "x" * 256
    with pytest.raises(ValueError, match="is 271 characters; at most 256"):
        one_line("x" * 271, 256)


@given(st.text())
def test_one_line_is_one_line_and_stays_so(text):
    line = one_line(text)
    assert line == one_line(line)
    assert len(line.splitlines()) <= 1
