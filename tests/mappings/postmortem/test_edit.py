"""A tick, a state and a link change one line, and only what they are for."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mappings.postmortem.edit import reference, tick, tickable
from mappings.postmortem.reading import read_postmortem

URL = "https://github.com/acme/web/issues/7"


def first(text):
    return read_postmortem(text).actions[0]


def body(lines):
    return "# Shop down\nIt was full.\n## Action items\n\n" + lines


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("- [ ] Add a test", "- [x] Add a test"),
        ("* [ ]\tAdd a test", "* [x]\tAdd a test"),
        ("1. [ ] Add a test", "1. [x] Add a test"),
        ("  - [ ] Add a test", "  - [x] Add a test"),
        ("☐ Add a test", "☑ Add a test"),
        ("### [ ] Add a test", "### [x] Add a test"),
        ("- [~] Add a test", "- [x] Add a test"),
    ],
)
def test_a_box_is_ticked(before, after):
    text = body(before + "\n")
    done = tick(text, first(text), done=True)
    assert done == body(after + "\n")
    assert first(done).done is True
    assert tick(done, first(done), done=True) == done
    assert first(tick(done, first(done), done=False)).done is False


@pytest.mark.parametrize(("before", "after"), [("☐", "☑"), ("⬜", "✅")])
def test_a_ticked_ballot_below_another_item_stays_an_item(before, after):
    text = body(f"- [ ] Add a test\n\n\tAnd more\n\t{before} Drop one\n")
    ticked = tick(text, read_postmortem(text).actions[1], done=True)
    assert ticked == text.replace(before, after)
    assert [one.done for one in read_postmortem(ticked).actions] == [False, True]


def test_a_line_without_a_mark_stays():
    text = body("- Add a test\n")
    assert tick(text, first(text), done=True) == text
    assert not tickable(text, first(text))
    assert tickable(body("- [ ] Add a test"), first(body("- [ ] Add a test")))


TABLE = """\
| Action | Owner | Status |
|--------|-------|--------|
| Add a test | ana | Open   |
| Drop a test | bo | {done} |
"""


@pytest.mark.parametrize(
    ("other", "written"), [("Done", "Done"), ("✅", "✅"), ("**Done**", "**Done**"), ("", "Done")]
)
def test_a_status_cell_says_it_as_other_rows_do(other, written):
    text = body(TABLE.format(done=other))
    done = tick(text, first(text), done=True)
    changed = done.splitlines()[6]
    assert changed.split("|")[3].strip() == written
    assert changed.startswith("| Add a test | ana |")
    assert first(done).done is True
    assert tick(done, first(done), done=True) == done


@pytest.mark.parametrize(
    ("head", "open_", "done"),
    [
        ("状態", "未着手", "完了"),
        ("Statut", "À faire", "Fait"),
        ("Done?", "No", "Yes"),
        ("Status", "", "Done"),
    ],
)
def test_a_status_cell_is_written_in_the_headings_language(head, open_, done):
    text = body(f"| Action | Owner | {head} |\n|--|--|--|\n| Add a test | ana | {open_} |\n")
    ticked = tick(text, first(text), done=True)
    assert f"| {done}" in ticked.splitlines()[6]
    assert first(tick(ticked, first(ticked), done=False)).done is False


def test_a_box_in_a_cell_is_ticked():
    text = body("| | Action | Owner |\n|--|--|--|\n| [ ] | Add a test | ana |\n")
    assert "| [x] | Add a test | ana |" in tick(text, first(text), done=True)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("- [ ] Add a test", f"- [ ] Add a test ([#7]({URL}))"),
        ("- Add a test  ", f"- Add a test ([#7]({URL}))  "),
        ("### Add a test ###", f"### Add a test ([#7]({URL})) ###"),
    ],
)
def test_a_link_goes_behind_the_action(before, after):
    text = body(before + "\n")
    linked = reference(text, first(text), URL)
    assert linked == body(after + "\n")
    assert first(linked).references == (URL,)
    assert (first(linked).title, first(linked).done) == (first(text).title, first(text).done)
    assert reference(linked, first(linked), URL) == linked


def test_a_link_goes_into_the_column_for_it():
    text = body(
        "| Action | Owner | Issue |\n|--|--|--|\n| Add a test | ana | TBD |\n| B | bo | #2 |\n"
    )
    linked = reference(text, first(text), URL)
    assert f"| Add a test | ana | [#7]({URL}) |" in linked
    second = read_postmortem(linked).actions[1]
    assert f"| B | bo | #2, [#7]({URL}) |" in reference(linked, second, URL)


def test_a_link_goes_behind_the_text_where_there_is_no_column_for_it():
    text = body("Action | Owner\n--|--\nAdd a test | ana\n")
    assert f"Add a test ([#7]({URL})) | ana" in reference(text, first(text), URL)


def test_a_link_goes_to_the_end_of_an_item_over_several_lines():
    text = body("- [ ] Add a test\n  for empty input\n- [ ] Drop one\n")
    linked = reference(text, first(text), URL)
    assert linked.splitlines()[4:6] == ["- [ ] Add a test", f"  for empty input ([#7]({URL}))"]


def test_another_issue_whose_number_begins_alike_is_no_link_to_this_one():
    text = body(f"- Add a test ({URL}7)\n")
    assert f"[#7]({URL})" in reference(text, first(text), URL)


@pytest.mark.parametrize(
    ("url", "link"),
    [
        (
            "https://acme.atlassian.net/browse/PAY-3",
            "[PAY-3](https://acme.atlassian.net/browse/PAY-3)",
        ),
        ("https://gitlab.com/a/b/-/issues/5", "[#5](https://gitlab.com/a/b/-/issues/5)"),
        ("https://x.example/odd", "<https://x.example/odd>"),
    ],
)
def test_a_link_is_called_by_its_key(url, link):
    assert link in reference(body("- Add a test"), first(body("- Add a test")), url)


def test_an_action_of_another_text_changes_nothing():
    action = first(body("\n\n\n- [ ] Add a test"))
    assert tick("short\n", action, done=True) == "short\n"
    assert reference("short\n", action, URL) == "short\n"


ENDS = st.sampled_from(["\n", "\r\n"])
LINES = st.lists(
    st.sampled_from(
        ["- [ ] Add a test", "- [x] Drop\ta test  ", "* [ ] Warn — @ana", "plain", "", "\tcode",
         "| Action | Status |", "|---|---|", "| Fix it | Open |", "| Mend it |Done|", "1. Do so",
         "### [ ] Big one", "> quoted", "```", "☐ ballot", "- [ ] über \u2028 alles"]
    ),
    max_size=12,
)  # fmt: skip


@given(lines=LINES, end=ENDS, final=st.booleans(), done=st.booleans())
@example(["|---|---|", "| Action | Status |", "plain"], "\n", False, False)
def test_no_other_line_is_ever_touched(lines, end, final, done):
    text = end.join(["# Shop down", "It was full.", "## Action items", "", *lines]) + (
        end if final else ""
    )
    for action in read_postmortem(text).actions:
        for changed in (tick(text, action, done), reference(text, action, URL)):
            before, after = text.split("\n"), changed.split("\n")
            assert len(before) == len(after)
            moved = [at for at, (a, b) in enumerate(zip(before, after, strict=True), 1) if a != b]
            assert len(moved) <= 1
            assert all(action.line <= at <= action.end_line for at in moved)
            assert changed.endswith(end) == text.endswith(end)
            again = read_postmortem(changed)
            same = [one for one in again.actions if one.line == action.line]
            assert same
            assert same[0].title == action.title
            assert tick(changed, same[0], done) == tick(tick(changed, same[0], done), same[0], done)
            linked = reference(changed, same[0], URL)
            assert reference(linked, same[0], URL) == linked
