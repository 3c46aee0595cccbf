import pytest

from mappings.vocabulary import (
    PRIORITY_OF,
    SEVERITY_OF,
    Category,
    Kind,
    Phase,
    Priority,
    Resolution,
    Severity,
    Side,
    parse_category,
    parse_phase,
    parse_priority,
    parse_resolution,
    parse_severity,
)


@pytest.mark.parametrize(
    ("word", "phase"),
    [
        *((phase.value, phase) for phase in Phase),
        ("Backlog", Phase.BACKLOG),
        ("To Do", Phase.TODO),
        ("to-do", Phase.TODO),
        (" TODO ", Phase.TODO),
        ("Selected for Development", Phase.TODO),
        ("active", Phase.DOING),
        ("In Progress", Phase.DOING),
        ("in_progress", Phase.DOING),
        ("WIP", Phase.DOING),
        ("On Hold", Phase.BLOCKED),
        ("Done", Phase.COMPLETED),
        ("closed", Phase.COMPLETED),
        ("resolved", Phase.COMPLETED),
        ("later", None),
        ("", None),
    ],
)
def test_phases_are_read_as_people_and_boards_spell_them(word, phase):
    assert parse_phase(word) is phase


@pytest.mark.parametrize(
    ("word", "resolution"),
    [
        *((resolution.value, resolution) for resolution in Resolution),
        ("Fixed", Resolution.DONE),
        ("completed", Resolution.DONE),
        ("Not planned", Resolution.NOT_PLANNED),
        ("not-planned", Resolution.NOT_PLANNED),
        ("wontfix", Resolution.NOT_PLANNED),
        ("Won't Do", Resolution.NOT_PLANNED),
        ("Won\u2019t do", Resolution.NOT_PLANNED),
        ("canceled", Resolution.NOT_PLANNED),
        ("Duplicate", Resolution.DUPLICATE),
        ("perhaps", None),
    ],
)
def test_resolutions_are_read_as_trackers_spell_them(word, resolution):
    assert parse_resolution(word) is resolution


@pytest.mark.parametrize(
    ("word", "category"),
    [
        *((category.value, category) for category in Category),
        ("Bug", Category.BUG),
        ("bugs", Category.BUG),
        ("features", Category.FEATURE),
        ("enhancement", Category.FEATURE),
        ("techdebt", Category.TECH_DEBT),
        ("tech_debt", Category.TECH_DEBT),
        ("Tech Debt", Category.TECH_DEBT),
        ("technical debt", Category.TECH_DEBT),
        ("chore", None),
    ],
)
def test_categories_are_read_as_metis_and_trackers_spell_them(word, category):
    assert parse_category(word) is category


@pytest.mark.parametrize("priority", Priority)
@pytest.mark.parametrize("spelling", ["P{}", "p{}", "P-{}", "p {}", " P{} "])
def test_priorities_are_read_in_every_spelling(priority, spelling):
    assert parse_priority(spelling.format(priority.value[-1])) is priority


@pytest.mark.parametrize("severity", Severity)
@pytest.mark.parametrize(
    "spelling",
    ["SEV{}", "sev{}", "SEV-{}", "Sev {}", "sev_{}", "severity {}", "Severity-{}", "S{}"],
)
def test_severities_are_read_in_every_spelling(severity, spelling):
    assert parse_severity(spelling.format(severity.value[-1])) is severity


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("critical", Severity.SEV1),
        ("CRITICAL", Severity.SEV1),
        ("major", Severity.SEV2),
        ("Minor", Severity.SEV3),
    ],
)
def test_severities_have_names_too(word, severity):
    assert parse_severity(word) is severity


@pytest.mark.parametrize("word", ["", "P4", "P", "PO", "P00", "high", "P\u0660"])
def test_no_priority_is_guessed(word):
    assert parse_priority(word) is None


@pytest.mark.parametrize("word", ["", "SEV0", "SEV5", "SEV", "several 1", "trivial"])
def test_no_severity_is_guessed(word):
    assert parse_severity(word) is None


def test_severity_and_priority_correspond_one_to_one():
    assert SEVERITY_OF[Priority.P0] is Severity.SEV1
    assert {PRIORITY_OF[SEVERITY_OF[priority]] for priority in Priority} == set(Priority)


def test_the_words_are_those_of_the_glossary():
    assert [kind.value for kind in Kind] == ["incident", "task", "action", "initiative"]
    assert Side.LEFT.other is Side.RIGHT
    assert Side.RIGHT.other is Side.LEFT
