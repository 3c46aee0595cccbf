"""Front matter: what is read, what is refused and where; an edit changes its line alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.frontmatter import MAX_BYTES, decode, parse, unquote
from mappings.problem import ProblemError


def read(*lines):
    return parse("\n".join(["---", *lines, "---", "", "Body.", ""]), "a.md")


def refused(text, *, whole=False):
    with pytest.raises(ProblemError) as caught:
        parse(text, "a.md") if whole else read(*text.split("\n"))
    return caught.value.problem


# --- values ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("key: value", "value"),
        ("key:   spaced out  ", "spaced out"),
        ("key:", ""),
        ("key: NULL", ""),
        ("key: null", ""),
        ("key: ~", ""),
        ('key: "NULL"', "NULL"),
        ("key: value # a comment", "value"),
        ("key: # a comment", ""),
        ("key: a#b", "a#b"),
        ('key: "a # b" # c', "a # b"),
        ("key: 'it''s'", "it's"),
        (r'key: "a \"b\" \\ c"', r'a "b" \ c'),
        (r'key: "tab\there \u00e9 \x41 \U0001F4A5"', "tab\there é A 💥"),
        (r'key: "beyond \UFFFFFFFF"', "beyond \ufffd"),
        ("key: 2026-03-01T12:00:00+00:00", "2026-03-01T12:00:00+00:00"),
        ("key: http://example.org/a", "http://example.org/a"),
        ("key: falseno in", "falseno in"),
        ("key: {a: b}", "{a: b}"),
        ('key: "{{ template }}: & < emoji 💥"', "{{ template }}: & < emoji 💥"),
    ],
)
def test_a_plain_or_quoted_value_is_read(line, value):
    assert read(line).get("key") == value


def test_no_value_is_guessed_to_be_anything_but_text():
    document = read("a: no", "b: 012", "c: 1:30", "d: 1e3", "e: yes")
    assert [document.get(key) for key in "abcde"] == ["no", "012", "1:30", "1e3", "yes"]


@pytest.mark.parametrize(
    "lines",
    [
        ("key: [one, two]",),
        ("key: ['one', \"two\"]",),
        ("key: [one,", "  two]"),
        ("key: [", "  one,  # first", "  two", "]"),
        ("key:", "  - one", "  - two"),
        ("key:", "- one", "- 'two'"),
        ("key:", "  - one  # first", "", "  # between", '  - "two"'),
    ],
)
def test_a_list_is_read_in_every_style(lines):
    if lines[-1] == "]":
        lines = (*lines[:-1], " ]")
    document = read(*lines, "after: x")
    assert document.listed("key") == ("one", "two")
    assert document.get("after") == "x"


def test_a_comma_within_quotes_does_not_part_a_list():
    assert read('key: ["a, b", c]').listed("key") == ("a, b", "c")


def test_an_empty_list_is_empty_in_every_style():
    assert [read(line).listed("key") for line in ("key: []", "key:", "other: x")] == [(), (), ()]


def test_a_hash_without_quotes_is_a_comment_for_yaml_and_for_us():
    assert read("tags:", "  - #task", '  - "#bug"').listed("tags") == ("", "#bug")


@pytest.mark.parametrize(
    "lines",
    [
        ("custom:", "  nested: 1", "  more:", "    - deep"),
        ("custom: |", "  a text: with", "", "  # anything", "  - at all"),
        ("custom: >-", "  folded"),
        ("custom:", "  - name: x", "    size: 2"),
        ("custom: a text", "  that goes on"),
    ],
)
def test_what_yaml_allows_and_nobody_needs_is_passed_over(lines):
    document = read("title: x", *lines, "level: task")
    assert (document.get("title"), document.get("level")) == ("x", "task")
    assert document.text == "\n".join(
        ["---", "title: x", *lines, "level: task", "---", "", "Body.", ""]
    )


# --- refusals -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("a: b: c", "E101", "a.md:2:4"),
        ("a: b:", "E101", "a.md:2:4"),
        ("a: @b", "E101", "a.md:2:4"),
        ("a: `b`", "E101", "a.md:2:4"),
        ("a: 1\nno colon here", "E101", "a.md:3"),
        ("<<<<<<< HEAD", "E101", "a.md:2"),
        ('a: "x"\n  y', "E101", "a.md:3"),
        ("a: x\n  - y", "E101", "a.md:3"),
        ("a:\n\t- y", "E101", "a.md:3:1"),
        ("a: [x, y", "E101", "a.md:2"),
        ('a: "never closed', "E101", "a.md:2:4"),
        ("a: 'it's'", "E101", "a.md:2:4"),
        ("a: 1\nb: 2\na: 3", "E102", "a.md:4"),
        ("a: &anchor x", "E105", "a.md:2:4"),
        ("a: *alias", "E105", "a.md:2:4"),
        ("a: !!str x", "E105", "a.md:2:4"),
    ],
)
def test_what_cannot_be_read_for_certain_is_refused_with_its_place(text, code, place):
    found = refused(text)
    assert (found.code, found.place) == (code, place)


def test_a_duplicate_key_names_the_line_of_the_first():
    assert refused("a: 1\nb: 2\na: 3").message == 'key "a" also on line 2. Keep one.'


@pytest.mark.parametrize(
    ("title", "meant"),
    [
        ('"Fix "foo" crash"', "Fix 'foo' crash"),
        ('"say "hi""', "say 'hi'"),
        ('""Quoted" first"', "'Quoted' first"),
        (r'"C:\projects"', "C:/projects"),
        ('"ends in a backslash\\"', "ends in a backslash/"),
    ],
)
def test_a_title_that_metis_itself_broke_is_recognised_and_its_repair_is_said(title, meant):
    found = refused(f"title: {title}")
    assert found.code == "E101"
    assert f'Write "{meant}"' in found.remedy
    assert read(f'title: "{meant}"').get("title") == meant


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "E104"),
        ("no front matter\n", "E104"),
        ("----\na: b\n---\n", "E104"),
        ("---\na: b\n", "E104"),
        ("---\n" + "a" * 70_000 + ": b\n---\n", "E104"),
    ],
)
def test_front_matter_must_begin_and_end(text, code):
    assert refused(text, whole=True).code == code


@pytest.mark.parametrize(
    ("data", "code", "said"),
    [
        (b"\xef\xbb\xbf---\n", "E106", "byte order mark"),
        (b"---\na: caf\xe9\n---\n", "E106", "byte 0xE9 at offset 10"),
        (b"---\na\0b\n", "E106", "NUL byte at offset 5"),
        (b"x" * (MAX_BYTES + 1), "E107", "1.0 MiB is over the 1 MiB limit."),
        (b"x" * (MAX_BYTES * 12 // 5), "E107", "2.4 MiB"),
    ],
)
def test_bytes_that_are_no_plain_text_are_refused_and_never_guessed(data, code, said):
    with pytest.raises(ProblemError) as caught:
        decode(data, "a.md")
    assert caught.value.problem.code == code
    assert said in caught.value.problem.message


def test_a_whole_mebibyte_is_still_read():
    assert len(decode(b"x" * MAX_BYTES, "a.md")) == MAX_BYTES


# --- lines ----------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_changed_line_keeps_its_line_end_and_all_others_their_bytes(end):
    text = end.join(["---", "a: 1", "b: 2", "---", "", "Trailing blanks  ", "last"])
    changed = parse(text, "a.md").with_line(2, "b: 3")
    assert changed.text == text.replace("b: 2", "b: 3")
    assert changed.get("b") == "3"


def test_lines_can_be_taken_out_and_put_in():
    document = read("a: 1", "b: 2", "c: 3")
    assert document.with_lines(2, 2, ()).text == document.text.replace("b: 2\n", "")
    more = document.with_lines(2, 2, ("b: 2", "d: 4"))
    assert more.text == document.text.replace("b: 2\n", "b: 2\nd: 4\n")


@pytest.mark.parametrize("odd", ["\v", "\f", "\x1c", "\x85", "\u2028", "\r"])
def test_only_a_line_feed_ends_a_line(odd):
    text = f'---\na: "one{odd}two: three"\n---\n\nBody{odd}---\n'
    document = parse(text, "a.md")
    assert document.close == 2
    assert document.text == text
    assert document.get("a") == f"one{odd}two: three"


def test_a_rule_in_the_body_is_not_the_end_of_the_front_matter():
    document = read("a: b")
    assert document.body == "\nBody.\n"
    assert parse(document.text + "---\nmore\n", "a.md").body == "\nBody.\n---\nmore\n"


# --- properties -----------------------------------------------------------------------------

LINES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "a: b",
                "a:",
                "- x",
                "  - x",
                "  y: z",
                "[",
                "]",
                "t: [a, b]",
                "#c",
                "---",
                "",
                "s: 'q'",
            ]
        ),
        st.text(max_size=20),
    ),
    max_size=8,
)


@given(LINES, st.text(max_size=40))
def test_whatever_is_written_is_read_back_byte_for_byte_or_refused(lines, body):
    text = "\n".join(["---", *lines, "---", body])
    try:
        document = parse(text, "a.md")
    except ProblemError:
        return
    assert document.text == text
    assert document.lines[document.close].rstrip() == "---"


PLAIN = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufeff\u2028\u2029"),
    max_size=30,
)


@given(PLAIN)
def test_a_single_quoted_text_comes_back(text):
    value = "'" + text.replace("'", "''") + "'"
    assert unquote(value) == (text, True)
    assert read(f"a: {value}").get("a") == text


@given(st.text(st.sampled_from("ab \"'\\:#-[]{}&*!|>@,?%0"), max_size=12), st.booleans())
def test_what_is_read_is_what_yaml_would_read(value, quoted):
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed to compare with")
    line = f'key: "{value}"' if quoted else f"key: {value}"
    try:
        ours = read(line).entries["key"]
    except ProblemError:
        return
    if ours.opaque or (ours.value[:1] in {"[", "{"} and not ours.quoted):
        return
    theirs = yaml.load(line, yaml.BaseLoader)["key"]
    assert ours.value == theirs
