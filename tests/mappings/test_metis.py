"""Metis documents to items: values alone, no files."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mappings import metis
from mappings.frontmatter import parse
from mappings.item import UNSET, Draft, Item, Ref
from mappings.problem import ProblemError
from mappings.profile import KindWords, Profile
from mappings.vocabulary import Category, Kind, Phase, Priority, Resolution, Severity

PROFILE = Profile(
    kinds={
        Kind.INCIDENT: KindWords(prefixes=["INCIDENT", "SEV1"]),
        Kind.INITIATIVE: KindWords(labels=["epic"]),
    }
)
NOW = datetime(2026, 3, 1, 12, 0, 0, 120_000, UTC)
HEAD = """---
id: x
level: task
title: "A task"
short_code: "PROJ-T-0001"
created_at: 2026-03-01T12:00:00.123456789+00:00
updated_at: 2026-03-02T12:00:00Z
parent:
blocked_by: []
archived: false

tags:
  - "#task"
  - "#phase/todo"


exit_criteria_met: false
initiative_id: NULL
---

# A task

Words.
"""
INITIATIVE = (
    HEAD.replace("level: task", "level: initiative")
    .replace("PROJ-T-0001", "PROJ-I-0001")
    .replace("#phase/todo", "#phase/design")
    .replace("initiative_id: NULL", "estimated_complexity: m\ninitiative_id: a-task")
)


def read(text=HEAD, path="backlog/PROJ-T-0001.md", *changes):
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return metis.read_document(parse(text, path), path, PROFILE)


def with_(*changes, path="backlog/PROJ-T-0001.md"):
    return read(HEAD, path, *changes)


def refused(*changes, text=HEAD):
    with pytest.raises(ProblemError) as caught:
        read(text, "a.md", *changes)
    return caught.value.problem


# --- identity -------------------------------------------------------------------------------


def test_an_item_is_named_by_its_code_and_its_birth():
    ref = read().ref
    assert (ref.id, ref.key, ref.url) == (
        "PROJ-T-0001",
        "PROJ-T-0001",
        ".metis/backlog/PROJ-T-0001.md",
    )
    assert ref.birth == "2026-03-01T12:00:00.123456789+00:00"


@pytest.mark.parametrize(
    ("written", "reprinted"),
    [
        ("2026-03-01T12:00:00Z", "2026-03-01T12:00:00+00:00"),
        ("2026-03-01T12:00:00.120000+00:00", "2026-03-01T12:00:00.120+00:00"),
        ("2026-03-01T12:00:00.000000+00:00", "2026-03-01T12:00:00+00:00"),
        ("2026-03-01T14:00:00.5+02:00", "2026-03-01T12:00:00.500+00:00"),
    ],
)
def test_a_birth_survives_that_metis_reprints_it(written, reprinted):
    assert metis.birth(written) == metis.birth(reprinted)


def test_births_a_nanosecond_apart_are_two():
    one, other = (f"2026-03-01T12:00:00.12345678{n}+00:00" for n in (1, 2))
    assert metis.birth(one) != metis.birth(other)


@pytest.mark.parametrize("digits", ["", ".1", ".123", ".123456", ".123456789"])
@pytest.mark.parametrize("zone", ["Z", "+00:00"])
def test_times_of_every_length_are_read(digits, zone):
    item = with_((".123456789+00:00", digits + zone))
    assert item.created_at is not None
    assert item.created_at.replace(microsecond=0) == datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_when_it_was_completed_is_when_metis_last_moved_it():
    done = with_(("#phase/todo", "#phase/completed"))
    assert done.closed_at == datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert read().closed_at is None
    assert read().updated_at is None, "an edit does not set it: it tells nothing"


def test_codes_of_more_than_four_digits_are_codes():
    assert with_(("PROJ-T-0001", "PROJ-T-12345")).ref.id == "PROJ-T-12345"


# --- fields ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "text", "priority", "severity", "kind"),
    [
        ("[P0] Pay", "Pay", Priority.P0, None, Kind.TASK),
        ("[SEV1] [P1] Pay", "Pay", Priority.P1, Severity.SEV1, Kind.INCIDENT),
        ("[INCIDENT] Pay", "Pay", None, None, Kind.INCIDENT),
        ("[web] Pay", "[web] Pay", None, None, Kind.TASK),
    ],
)
def test_prefixes_of_the_title_are_read(raw, text, priority, severity, kind):
    item = with_(("A task", raw))
    assert (item.title, item.priority, item.severity, item.kind) == (text, priority, severity, kind)


def test_a_correctly_quoted_title_is_read_as_metis_will_have_it():
    assert with_(('"A task"', r'"say \"hi\" \\ bye"')).title == "say 'hi' / bye"


@pytest.mark.parametrize("title", ["A plain text", "'single'", '"123"'])
def test_a_title_that_yaml_takes_for_text_is_one(title):
    assert with_(('"A task"', title)).title == title.strip("'\"")


@pytest.mark.parametrize("title", ["123", "1.5", "true", "null", "~", "", "0x1f", "[a]", "{a: b}"])
def test_a_title_that_yaml_takes_for_something_else_is_refused(title):
    found = refused(('"A task"', title))
    assert (found.code, found.place) == ("E103", "a.md:4")
    assert "Quote it" in found.message


def test_a_title_that_is_a_table_is_refused():
    assert refused(('"A task"', "\n  nested: x")).code == "E103"


@pytest.mark.parametrize(
    ("word", "phase"),
    [
        ("backlog", Phase.BACKLOG),
        ("todo", Phase.TODO),
        ("active", Phase.DOING),
        ("blocked", Phase.BLOCKED),
        ("completed", Phase.COMPLETED),
    ],
)
def test_the_phases_of_a_task(word, phase):
    item = with_(("#phase/todo", f"#phase/{word}"))
    resolution = Resolution.DONE if phase is Phase.COMPLETED else None
    assert (item.phase, item.resolution) == (phase, resolution)


def test_a_task_cannot_be_in_a_phase_of_initiatives_nor_the_reverse():
    assert refused(("#phase/todo", "#phase/discovery")).code == "E108"
    assert refused(("#phase/design", "#phase/todo"), text=INITIATIVE).code == "E108"


@pytest.mark.parametrize("tag", ["#phase/doing", "#phase/Todo", "#phase/", "phase/todo", "#todo"])
def test_a_phase_that_metis_cannot_see_is_refused(tag):
    found = refused(("#phase/todo", tag))
    assert (found.code, found.place) == ("E108", "a.md:12")


def test_the_alias_doing_is_refused_with_its_repair():
    assert refused(("#phase/todo", "#phase/doing")).remedy == 'Write "#phase/active".'


def test_of_two_phase_tags_the_first_that_is_known_counts_and_both_are_said():
    two = with_(('"#phase/todo"', '"#phase/Todo"\n  - "#phase/active"\n  - "#phase/blocked"'))
    assert two.phase is Phase.DOING
    assert [notice.code for notice in two.notices] == ["E130"]


def test_the_same_phase_tag_twice_is_no_disagreement():
    assert with_(('"#phase/todo"', '"#phase/todo"\n  - "#phase/todo"')).notices == ()


def test_free_tags_are_labels_and_types_are_not():
    item = with_(('"#task"', '"#task"\n  - "#task"\n  - "#gh/acme/1"\n  - plain'))
    assert item.labels == {"gh/acme/1", "plain"}


@pytest.mark.parametrize(
    ("archived", "word", "phase", "resolution"),
    [
        ("true", "todo", Phase.COMPLETED, Resolution.NOT_PLANNED),
        ("true", "completed", Phase.COMPLETED, Resolution.DONE),
        ("false", "todo", Phase.TODO, None),
        ("yes", "todo", Phase.TODO, None),
        ('"true"', "todo", Phase.COMPLETED, Resolution.NOT_PLANNED),
    ],
)
def test_what_was_archived_unfinished_was_not_planned(archived, word, phase, resolution):
    item = with_(("archived: false", f"archived: {archived}"), ("phase/todo", f"phase/{word}"))
    assert (item.phase, item.resolution) == (phase, resolution)
    assert item.archived is (archived.strip('"') == "true")
    assert [one.code for one in item.notices] == ["E103"] * (archived not in {"true", "false"})


@pytest.mark.parametrize("path", ["archived/backlog/PROJ-T-0001.md", "backlog/PROJ-T-0001.md"])
def test_the_flag_and_not_the_directory_says_archived(path):
    assert not with_(path=path).archived
    assert with_(("archived: false", "archived: true"), path=path).archived


@pytest.mark.parametrize("tag", ["#bug", "bug"])
def test_a_category_is_its_tag(tag):
    assert with_(('"#task"', f'"{tag}"')).category is Category.BUG


@pytest.mark.parametrize(
    ("path", "category"),
    [
        ("backlog/bugs/PROJ-T-0001.md", Category.BUG),
        ("backlog/feature/PROJ-T-0001.md", Category.FEATURE),
        ("archived/backlog/tech-debt/PROJ-T-0001.md", Category.TECH_DEBT),
        ("backlog/PROJ-T-0001.md", None),
        ("backlog/elsewhere/PROJ-T-0001.md", None),
        ("bugs/PROJ-T-0001.md", None),
    ],
)
def test_without_a_tag_the_directory_says_the_category(path, category):
    assert with_(path=path).category is category


def test_a_tag_outweighs_the_directory_and_the_difference_is_said():
    item = with_(('"#task"', '"#feature"'), path="backlog/bugs/PROJ-T-0001.md")
    assert item.category is Category.FEATURE
    assert [notice.code for notice in item.notices] == ["E130"]


BOXES = "### Priority{}\n- [{}] P0 - Critical\n- [{}] P1 - High\n\n### Other\n- [x] P3 - no\n"


@pytest.mark.parametrize(
    ("ticks", "title", "priority", "notices"),
    [
        ("  ", "A task", None, 0),
        (" x", "A task", Priority.P1, 0),
        ("X ", "A task", Priority.P0, 0),
        ("xx", "A task", Priority.P0, 1),
        (" x", "[P1] A task", Priority.P1, 0),
        (" x", "[P2] A task", Priority.P2, 1),
        ("xx", "[P2] A task", Priority.P2, 1),
    ],
)
@pytest.mark.parametrize("suffix", ["", " **[CONDITIONAL: Backlog Item]**"])
def test_a_ticked_box_says_the_priority_where_the_title_does_not(
    ticks, title, priority, notices, suffix
):
    item = with_(("Words.", BOXES.format(suffix, *ticks)), ("A task", title))
    assert item.priority is priority
    assert len(item.notices) == notices


def test_what_a_document_cannot_hold_is_no_opinion():
    item = read()
    assert (item.owners, item.due) == (UNSET, UNSET)


def test_a_label_of_initiatives_makes_no_initiative_of_a_task():
    assert with_(('"#task"', '"#epic"')).kind is Kind.TASK


# --- parent ---------------------------------------------------------------------------------

BELOW = "initiatives/PROJ-I-0002/tasks/PROJ-T-0001.md"


@pytest.mark.parametrize(
    ("path", "parent", "initiative", "found"),
    [
        (BELOW, "PROJ-I-0008", "PROJ-I-0009", "PROJ-I-0002"),
        (f"archived/strategies/NULL/{BELOW}", "", "NULL", "PROJ-I-0002"),
        ("strategies/NULL/initiatives/NULL/tasks/PROJ-T-0001.md", "", "NULL", None),
        ("backlog/PROJ-T-0001.md", "PROJ-I-0008", "PROJ-I-0009", "PROJ-I-0009"),
        ("backlog/PROJ-T-0001.md", "PROJ-I-0008", "NULL", "PROJ-I-0008"),
        ("backlog/PROJ-T-0001.md", "[[PROJ-I-0008]]", "NULL", "PROJ-I-0008"),
        ("backlog/PROJ-T-0001.md", "PROJ-V-0001", "NULL", None),
        ("backlog/PROJ-T-0001.md", "a-title-slug", "", None),
        ("backlog/PROJ-T-0001.md", "", "", None),
    ],
)
def test_the_initiative_is_told_by_directory_then_id_then_parent(path, parent, initiative, found):
    changes = [("parent:", f"parent: {parent}"), ("id: NULL", f"id: {initiative}")]
    item = with_(*changes, path=path)
    assert item.parent == (Ref(found) if found else None)


def test_a_parent_named_by_its_title_is_handed_on_to_whoever_knows_all_titles():
    text = HEAD.replace("parent:", "parent: a-title-slug")
    assert metis.parent_slug(parse(text, "a.md")) == "a-title-slug"
    assert metis.parent_slug(parse(HEAD, "a.md")) == ""


# --- initiatives ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "phase"),
    [
        ("discovery", Phase.BACKLOG),
        ("design", Phase.BACKLOG),
        ("ready", Phase.TODO),
        ("decompose", Phase.TODO),
        ("active", Phase.DOING),
        ("completed", Phase.COMPLETED),
    ],
)
def test_the_phases_of_an_initiative(word, phase):
    item = read(INITIATIVE, "i.md", ("#phase/design", f"#phase/{word}"))
    assert (item.kind, item.phase) == (Kind.INITIATIVE, phase)
    assert (item.category, item.parent) == (UNSET, UNSET)


@pytest.mark.parametrize("size", ["", "huge", "NULL"])
def test_an_initiative_without_a_size_is_refused(size):
    found = refused(("estimated_complexity: m", f"estimated_complexity: {size}"), text=INITIATIVE)
    assert found.code == "E103"
    assert refused(("estimated_complexity: m\n", ""), text=INITIATIVE).code == "E103"


# --- broken ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('title: "A task"\n', ""),
        ('short_code: "PROJ-T-0001"\n', ""),
        ("PROJ-T-0001", "PROJ-X-0001"),
        ("PROJ-T-0001", "PROJ-T-1"),
        ("PROJ-T-0001", "../../T-0001"),
        ("created_at: 2026-03-01T12:00:00.123456789+00:00\n", ""),
        ("2026-03-01T12:00:00.123456789+00:00", "2026-03-01"),
        ("2026-03-01T12:00:00.123456789+00:00", "2026-03-01 12:00:00Z"),
        ("2026-03-01T12:00:00.123456789+00:00", "2026-03-01T12:00:00"),
        ("2026-03-01T12:00:00.123456789+00:00", "2026-13-41T12:00:00Z"),
        ("2026-03-02T12:00:00Z", "yesterday"),
        ('tags:\n  - "#task"\n  - "#phase/todo"\n', ""),
    ],
)
def test_what_metis_could_not_read_is_refused(old, new):
    assert refused((old, new)).code == "E103"


def test_oddities_of_real_documents_are_survived():
    item = with_(
        ("exit_criteria_met: false", "exit_criteria_met: falseno in"),
        ("initiative_id: NULL", "strategy_id: NULL\nstatus: active\ninitiative_id: NULL"),
        ("blocked_by: []", "blocked_by:\n  - PROJ-T-0002\n  - PROJ-T-0003"),
        ("id: x\n", ""),
        ("exit_criteria_met:", "github_issue: 42\nexit_criteria_met:"),
    )
    assert item.phase is Phase.TODO


# --- to a document --------------------------------------------------------------------------

MADE = metis.Birth(code="PROJ-T-0007", now=NOW)


def draft(**values):
    return Draft(**({"title": "New", "phase": Phase.BACKLOG, "text": "Words."} | values))


def test_a_new_task_has_every_key_that_metis_writes():
    made = replace(MADE, parent="PROJ-I-0002")
    new = draft(category=Category.BUG, priority=Priority.P0, marker="<!-- m -->")
    assert metis.new_document(new, made, PROFILE) == (
        "---\n"
        "id: p0-new\n"
        "level: task\n"
        'title: "[P0] New"\n'
        'short_code: "PROJ-T-0007"\n'
        "created_at: 2026-03-01T12:00:00.120000+00:00\n"
        "updated_at: 2026-03-01T12:00:00.120000+00:00\n"
        "parent: PROJ-I-0002\n"
        "blocked_by: []\n"
        "archived: false\n"
        "\n"
        "tags:\n"
        '  - "#task"\n'
        '  - "#phase/backlog"\n'
        '  - "#bug"\n'
        "\n"
        "\n"
        "exit_criteria_met: false\n"
        "initiative_id: PROJ-I-0002\n"
        "---\n"
        "\n"
        "# [P0] New\n"
        "\n"
        "Words.\n"
        "\n"
        "<!-- m -->\n"
    )


def test_a_new_initiative_has_the_keys_of_its_own():
    new = draft(kind=Kind.INITIATIVE, phase=Phase.TODO, category=Category.BUG)
    text = metis.new_document(new, replace(MADE, code="PROJ-I-0007"), PROFILE)
    assert "exit_criteria_met: false\nestimated_complexity: M\ninitiative_id: new\n---" in text
    assert '  - "#initiative"\n  - "#phase/ready"\n\n' in text
    item = metis.read_document(parse(text, "i.md"), "i.md", PROFILE)
    assert (item.kind, item.phase, item.title) == (Kind.INITIATIVE, Phase.TODO, "New")


def test_a_draft_in_a_phase_that_initiatives_lack_begins_at_the_beginning():
    new = draft(kind=Kind.INITIATIVE, phase=Phase.BLOCKED)
    assert "#phase/discovery" in metis.new_document(new, MADE, PROFILE)


def test_what_begins_archived_reads_as_not_planned():
    new = draft(phase=Phase.COMPLETED, resolution=Resolution.NOT_PLANNED)
    text = metis.new_document(new, replace(MADE, archived=True), PROFILE)
    item = metis.read_document(parse(text, "a.md"), "a.md", PROFILE)
    assert (item.archived, item.resolution) == (True, Resolution.NOT_PLANNED)


def test_an_incident_is_told_by_a_prefix_once():
    assert '"[INCIDENT] New"' in metis.new_document(draft(kind=Kind.INCIDENT), MADE, PROFILE)
    known = draft(kind=Kind.INCIDENT, severity=Severity.SEV1)
    assert '"[SEV1] New"' in metis.new_document(known, MADE, PROFILE)


@pytest.mark.parametrize("text", ["## Acceptance Criteria", "### Acceptance Criteria\n- x"])
def test_the_heading_that_metis_repeats_is_written_so_that_it_does_not(text):
    made = metis.new_document(draft(text=text), MADE, PROFILE)
    assert "Acceptance Criteria" not in made
    assert "Acceptance criteria" in made


def test_text_that_no_document_can_hold_is_made_harmless():
    made = metis.new_document(draft(text="a\0b\r\nc\ud800d\re"), MADE, PROFILE)
    assert "a\ufffdb\nc\ufffdd\ne" in made
    made.encode()


TITLES = st.text(max_size=60)


@given(TITLES)
def test_a_sanitised_title_is_one_line_without_quotes_and_stays_so(title):
    plain = metis.sanitise(title)
    assert not set(plain) & {'"', "\\", "\n", "\r", "\t", "\0"}
    assert metis.sanitise(plain) == plain
    plain.encode()


@given(
    st.builds(
        draft,
        title=TITLES,
        text=st.text(max_size=80),
        phase=st.sampled_from(Phase),
        priority=st.sampled_from([None, *Priority]),
        severity=st.sampled_from([None, *Severity]),
        category=st.sampled_from([None, *Category]),
    )
)
@example(draft(title=": ", priority=None, severity=Severity.SEV1, category=None))
def test_a_draft_comes_back_as_canonical_said(new):
    text = metis.new_document(new, MADE, PROFILE)
    item = metis.read_document(parse(text, "backlog/x.md"), "backlog/x.md", PROFILE)
    fields = {name.value: value for name, value in new.values().items()}
    wanted = metis.canonical(Item(ref=Ref("12"), **fields))
    assert item.title == wanted.title
    assert (item.phase, item.severity, item.category) == (new.phase, new.severity, new.category)
    if not metis.ticked(parse(text, "x")):
        assert item.priority == new.priority


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("[P0] Payment service failing under load", "p0-payment-service-failing-under"),
        ("[P0] Database connection pool exhaustion - 2hr outage", "p0-database-connection-pool"),
        ("Short", "short"),
        ("--a__b--", "a-b"),
        ("x" * 50, "x" * 35),
        ("seventeen-letters " + "y" * 40, "seventeen-letters-" + "y" * 17),
    ],
)
def test_the_slug_is_the_one_that_metis_would_write(title, expected):
    assert metis.slug(title) == expected


# --- canonical ------------------------------------------------------------------------------


def issue(**values):
    return Item(ref=Ref("12"), **values)


@pytest.mark.parametrize(
    ("phase", "resolution", "policy", "expected"),
    [
        (Phase.COMPLETED, Resolution.DONE, "archive", Resolution.DONE),
        (Phase.COMPLETED, None, "archive", Resolution.DONE),
        (Phase.COMPLETED, UNSET, "archive", Resolution.DONE),
        (Phase.COMPLETED, Resolution.NOT_PLANNED, "archive", Resolution.NOT_PLANNED),
        (Phase.COMPLETED, Resolution.DUPLICATE, "archive", Resolution.NOT_PLANNED),
        (Phase.COMPLETED, Resolution.DUPLICATE, "complete", Resolution.DONE),
        (Phase.TODO, Resolution.DONE, "archive", None),
        (UNSET, UNSET, "archive", UNSET),
    ],
)
def test_resolutions_in_the_words_of_documents(phase, resolution, policy, expected):
    given_ = issue(phase=phase, resolution=resolution)
    assert metis.canonical(given_, not_planned=policy).resolution == expected


def test_what_initiatives_cannot_hold_is_no_opinion():
    form = metis.canonical(
        issue(kind=Kind.INITIATIVE, phase=Phase.BLOCKED, category=Category.BUG, parent=Ref("1"))
    )
    assert (form.phase, form.category, form.parent) == (UNSET, UNSET, UNSET)


@given(TITLES)
def test_the_canonical_form_of_a_title_is_its_own(title):
    once = metis.canonical(issue(title=title))
    assert metis.canonical(once) == once
