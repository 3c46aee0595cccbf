import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.markers import (
    Marker,
    find_marker,
    find_note,
    note_marker,
    read_marker,
    strip_markers,
    write_marker,
)

KEY = b"k" * 32
MARKER = Marker(op="0123456789abcdef" * 2, instance="41ab9f2c", origin="PAY-T-0001")
TEXT = write_marker(MARKER, KEY)

_HEX = "0123456789abcdef"
_MARKERS = st.builds(
    Marker,
    op=st.text(_HEX, min_size=32, max_size=32),
    instance=st.text(_HEX, min_size=8, max_size=8),
    origin=st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
)


def test_a_marker_is_one_comment_that_shows_its_parts():
    assert TEXT.startswith(f"<!-- followthrough:1:41ab9f2c:{MARKER.op}:PAY%2DT%2D0001:")
    assert TEXT.endswith(" -->")
    assert write_marker(MARKER, KEY) == TEXT


@given(_MARKERS, st.binary(min_size=1, max_size=64))
def test_a_marker_reads_back_whatever_its_origin_is_called(marker, key):
    text = write_marker(marker, key)
    assert read_marker(text, key) == marker
    assert "--" not in text[4:-4]
    assert ">" not in text[:-1]
    assert "\n" not in text
    assert find_marker(f"Text.\n\n{text}") == text


@given(st.integers(0, len(TEXT) - 1), st.sampled_from("0aZ%-> \n"))
def test_a_marker_with_any_character_changed_is_not_believed(place, other):
    forged = TEXT[:place] + other + TEXT[place + 1 :]
    assert (read_marker(forged, KEY) is None) == (forged.strip() != TEXT)


def test_a_marker_of_another_key_is_not_believed():
    assert read_marker(TEXT, b"another") is None


def test_a_notes_signature_is_no_items_signature():
    note = note_marker(f"{MARKER.instance}:{MARKER.op}:PAY", KEY)
    assert read_marker(note, KEY) is None


@pytest.mark.parametrize(
    "marker",
    [
        Marker("a" * 31, "b" * 8, ""),
        Marker("A" * 32, "b" * 8, ""),
        Marker("a" * 32, "b" * 9, ""),
        Marker("a" * 32, "b" * 8, "x" * 2001),
    ],
)
def test_a_marker_that_could_not_be_read_is_not_written(marker):
    with pytest.raises(ValueError, match=r"hex digits|do not fit"):
        write_marker(marker, KEY)


def test_the_longest_origin_is_read_back():
    marker = Marker("a" * 32, "b" * 8, "x" * 2000)
    assert read_marker(write_marker(marker, KEY), KEY) == marker


def test_the_last_marker_of_a_body_is_found():
    other = write_marker(Marker("f" * 32, "f" * 8, ""), KEY)
    assert find_marker(f"> {other}\n\nText.\n\n{TEXT}\n") == TEXT
    assert find_marker("Text.") == ""
    assert find_marker("<!-- followthrough:begin -->") == ""


@pytest.mark.parametrize(
    ("body", "stripped"),
    [
        ("Text.", "Text."),
        (f"Text.\n\n{TEXT}", "Text."),
        (f"Text.\r\n\r\n{TEXT}", "Text."),
        (f"One.\n\n{TEXT}\n\nTwo.", "One.\n\nTwo."),
        (f"One. {TEXT} Two.", "One.  Two."),
        (f"{TEXT}", ""),
        (f"Done.\n\n{note_marker('k', KEY)}\n", "Done.\n"),
        ("<!-- followthrough:1:mine -->", "<!-- followthrough:1:mine -->"),
    ],
)
def test_markers_are_taken_out_and_nothing_else(body, stripped):
    assert strip_markers(body) == stripped


def test_many_blank_lines_before_a_marker_are_read_in_one_pass():
    body = "\n" * 200_000 + "x" + TEXT
    assert strip_markers(body) == "\n" * 200_000 + "x"


def test_a_note_is_found_by_its_key_alone():
    note = f"Still no postmortem.\n\n{note_marker('postmortem-missing:PAY-1', KEY)}"
    assert find_note(note, "postmortem-missing:PAY-1", KEY)
    assert not find_note(note, "postmortem-missing:PAY-2", KEY)
    assert not find_note(note, "postmortem-missing:PAY-1", b"another")
    assert not find_note("Still no postmortem.", "postmortem-missing:PAY-1", KEY)
    assert not find_note(TEXT, "postmortem-missing:PAY-1", KEY)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_a_notes_key_may_be_any_text(key):
    assert find_note(note_marker(key, KEY), key, KEY)
