"""Edits of Metis documents: the lines that must change do, and no other byte does."""

import difflib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings import metis, metis_edit
from mappings.frontmatter import parse
from mappings.item import UNSET
from mappings.phases import LEGAL
from mappings.profile import Profile
from mappings.titles import read_title
from mappings.vocabulary import Category, Priority, Severity

NOW = datetime(2026, 3, 5, 12, 30, 0, 120, UTC)
STAMP = "updated_at: 2026-03-05T12:30:00.000120+00:00"
TEXT = """---
id: x
level: task
title: "[P1] A task"
short_code: "PROJ-T-0001"
created_at: 2026-03-01T12:00:00.123456789+00:00
updated_at: 2026-03-02T12:00:00Z
parent:\x20
archived: false

tags:
  - "#task"
  - "#phase/todo"
  - "#bug"


initiative_id: NULL
github_issue: 42
---

# [P1] A task

Trailing blanks stay.\x20\x20

### Priority
- [ ] P0 - Critical
- [ ] P1 - High

no line end at the end"""


def document(*changes, text=TEXT):
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return parse(text, "backlog/PROJ-T-0001.md")


def difference(before, after):
    """Lines taken out and put in, in order."""
    lines = difflib.ndiff(before.text.splitlines(), after.text.splitlines())
    return [line for line in lines if line[0] in "-+"]


# --- phase ----------------------------------------------------------------------------------


def test_a_phase_changes_its_tag_and_the_time_and_nothing_else():
    before = document()
    after = metis_edit.with_phase(before, "active", NOW)
    assert difference(before, after) == [
        "- updated_at: 2026-03-02T12:00:00Z",
        f"+ {STAMP}",
        '-   - "#phase/todo"',
        '+   - "#phase/active"',
    ]


def test_a_time_elsewhere_is_written_in_utc():
    there = NOW.astimezone(timezone(timedelta(hours=5)))
    assert STAMP in metis_edit.with_phase(document(), "active", there).text


def test_the_style_of_the_lines_stays():
    before = document(
        ("updated_at: 2026-03-02T12:00:00Z", 'updated_at: "2026-03-02T12:00:00Z"'),
        ('  - "#phase/todo"', "    -  '#phase/todo'   # where it stands"),
    )
    after = metis_edit.with_phase(before, "active", NOW)
    assert "    -  '#phase/active'   # where it stands\n" in after.text
    assert 'updated_at: "2026-03-05T12:30:00.000120+00:00"\n' in after.text


def test_further_phase_tags_go():
    before = document(
        ('  - "#task"', '  - "#phase/doing"\n  - "#task"'), ('  - "#bug"', '  - "#phase/blocked"')
    )
    after = metis_edit.with_phase(before, "active", NOW)
    assert after.listed("tags") == ("#phase/active", "#task")


@pytest.mark.parametrize(
    "tags",
    [
        'tags: ["#task", "#phase/todo", "#bug"]',
        "tags: ['#task', '#phase/todo', '#phase/blocked', '#bug']",
        'tags: ["#task",\n  "#phase/todo", "#bug"]',
    ],
)
def test_tags_in_brackets_are_edited_too(tags):
    block = 'tags:\n  - "#task"\n  - "#phase/todo"\n  - "#bug"'
    after = metis_edit.with_phase(document((block, tags)), "active", NOW)
    assert after.listed("tags") == ("#task", "#phase/active", "#bug")
    assert after.body == document().body


def test_windows_line_ends_stay():
    before = parse(TEXT.replace("\n", "\r\n"), "a.md")
    after = metis_edit.with_phase(before, "active", NOW)
    assert after.text.count("\n") == after.text.count("\r\n") == before.text.count("\r\n")


@given(
    st.sampled_from(sorted(LEGAL["task"])),
    st.sampled_from(sorted(LEGAL["task"])),
    st.sampled_from(["\n", "\r\n"]),
    st.text(max_size=40),
)
def test_every_phase_change_touches_two_lines_at_most(old, new, end, body):
    text = TEXT.replace("#phase/todo", f"#phase/{old}").replace("\n", end) + body
    before = parse(text, "a.md")
    after = metis_edit.with_phase(before, new, NOW)
    assert metis.read_tags(after).phase == new
    changed = [a != b for a, b in zip(before.lines, after.lines, strict=True)]
    assert sum(changed) == 1 + (old != new)
    assert after.body == before.body


# --- title, priority, severity --------------------------------------------------------------


def test_a_title_changes_its_line_alone():
    before = document()
    after = metis_edit.with_title(before, text="Another")
    assert difference(before, after) == ['- title: "[P1] A task"', '+ title: "[P1] Another"']


def test_nothing_given_changes_nothing():
    assert metis_edit.with_title(document()) == document()


@pytest.mark.parametrize("title", [r'"[p1]:  say  \"hi\""', "'[p1]:  say  \"hi\"'"])
def test_what_the_title_says_already_is_not_respelled(title):
    odd = document(('"[P1] A task"', title))
    assert metis_edit.with_title(odd, text="say 'hi'", priority=Priority.P1) == odd
    after = metis_edit.with_title(odd, priority=Priority.P0)
    assert after.get("title") == "[p0]: say 'hi'"


@pytest.mark.parametrize(
    ("title", "ticks", "priority", "wanted_title", "wanted_ticks"),
    [
        ("[P1] A task", "  ", Priority.P0, "[P0] A task", "  "),
        ("[P1] A task", " x", Priority.P0, "[P0] A task", "x "),
        ("A task", " x", Priority.P0, "A task", "x "),
        ("A task", "xx", Priority.P0, "A task", "x "),
        ("A task", "  ", Priority.P0, "[P0] A task", "  "),
        ("[P1] A task", " x", None, "A task", "  "),
        ("A task", " x", None, "A task", "  "),
        ("[P1] A task", " x", UNSET, "[P1] A task", " x"),
        ("[P1] A task", "x ", Priority.P1, "[P1] A task", " x"),
    ],
)
def test_a_priority_is_written_where_it_is_said(title, ticks, priority, wanted_title, wanted_ticks):
    def build(name, marks):
        return document(
            ("[P1] A task", name),
            ("[ ] P0", f"[{marks[0]}] P0"),
            ("[ ] P1", f"[{marks[1]}] P1"),
        )

    after = metis_edit.with_title(build(title, ticks), priority=priority)
    assert after.text == build(wanted_title, wanted_ticks).text


def test_a_priority_without_a_box_of_its_own_still_unticks_the_old_one():
    after = metis_edit.with_title(
        document(("[P1] A task", "A task"), ("[ ] P1", "[x] P1")), priority=Priority.P3
    )
    item = metis.read_document(after, "a.md", Profile())
    assert item.priority is Priority.P3


def test_a_severity_is_a_prefix():
    after = metis_edit.with_title(document(), severity=Severity.SEV2)
    assert after.get("title") == "[SEV2] [P1] A task"
    assert metis_edit.with_title(after, severity=None).get("title") == "[P1] A task"


@given(st.text(max_size=60))
def test_any_title_is_written_as_it_reads_back(text):
    after = metis_edit.with_title(document(), text=text)
    wanted = read_title(metis.sanitise(text)).text
    assert metis.read_document(after, "a.md", Profile()).title == wanted
    assert after.body == document().body


# --- category, archive, parent --------------------------------------------------------------


@pytest.mark.parametrize(
    ("category", "change"),
    [
        (Category.TECH_DEBT, ['-   - "#bug"', '+   - "#tech-debt"']),
        (Category.BUG, []),
        (None, ['-   - "#bug"']),
    ],
)
def test_a_category_is_its_tag(category, change):
    before = document()
    assert difference(before, metis_edit.with_category(before, category)) == change


def test_a_new_category_goes_behind_the_last_tag():
    before = document(('  - "#bug"\n', ""))
    after = metis_edit.with_category(before, Category.FEATURE)
    assert difference(before, after) == ['+   - "#feature"']
    assert after.listed("tags") == ("#task", "#phase/todo", "#feature")
    assert metis_edit.with_category(before, None) == before


def test_a_category_said_twice_is_said_once():
    before = document(('  - "#task"', '  - "#task"\n  - "#bug"'))
    after = metis_edit.with_category(before, Category.FEATURE)
    assert after.listed("tags") == ("#task", "#feature", "#phase/todo")


def test_a_category_in_brackets():
    block = 'tags:\n  - "#task"\n  - "#phase/todo"\n  - "#bug"'
    before = document((block, 'tags: ["#task", "#phase/todo"]'))
    after = metis_edit.with_category(before, Category.FEATURE)
    assert 'tags: ["#task", "#phase/todo", "#feature"]\n' in after.text
    assert metis_edit.with_category(after, None).text == before.text


@pytest.mark.parametrize("flag", ["archived: false", 'archived: "false"', "archived: no"])
def test_the_archived_flag_is_one_line(flag):
    before = document(("archived: false", flag))
    after = metis_edit.with_archived(before, archived=True)
    assert after.text == TEXT.replace("archived: false", "archived: true")


def test_a_missing_archived_flag_is_put_in():
    before = document(("archived: false\n", ""))
    after = metis_edit.with_archived(before, archived=True)
    assert difference(before, after) == ["+ archived: true"]
    assert after.get("archived") == "true"


def test_a_parent_is_named_by_both_keys():
    before = document()
    after = metis_edit.with_parent(before, "PROJ-I-0002")
    assert difference(before, after) == [
        "- parent: ",
        "+ parent: PROJ-I-0002",
        "- initiative_id: NULL",
        "+ initiative_id: PROJ-I-0002",
    ]
    assert metis_edit.with_parent(after, "").text == TEXT


@pytest.mark.parametrize(
    ("path", "category", "expected"),
    [
        ("backlog/bugs/a.md", Category.FEATURE, "backlog/features/a.md"),
        ("backlog/feature/a.md", Category.BUG, "backlog/bugs/a.md"),
        ("archived/backlog/bugs/a.md", Category.TECH_DEBT, "archived/backlog/tech-debt/a.md"),
        ("backlog/bugs/a.md", None, "backlog/a.md"),
        ("backlog/a.md", Category.BUG, "backlog/a.md"),
        ("initiatives/PROJ-I-0001/tasks/a.md", Category.BUG, "initiatives/PROJ-I-0001/tasks/a.md"),
    ],
)
def test_only_what_lies_in_a_categorys_directory_moves_with_it(path, category, expected):
    assert metis_edit.moved_category(path, category) == expected
