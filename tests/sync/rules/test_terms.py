"""Settings of rules: times by level, layers, and what is wrong with them."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from mappings.vocabulary import Priority, Severity
from sync.durations import parse_duration, write_duration
from sync.rules.model import Flag, Level
from sync.rules.settings import RuleSettings
from sync.rules.terms import RuleName, RuleTable, Times, fitting, parse_times, spelled, times

MISSING = RuleName.POSTMORTEM_MISSING


def table(**keys):
    return RuleTable.model_validate(keys)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("48h", "48h"),
        ("at once", "at once"),
        ("never", "never"),
        ({"P0": "at once", "P1": "at once", "SEV3": "4h"}, "at once for P0 and P1, 4h for SEV3"),
        ({"P0": "90s", "other": "3d"}, "90s for P0, 3d for all others"),
        ({"P0": "never", "other": "7d"}, "never for P0, 7d for all others"),
    ],
)
def test_times_are_read_and_written_again(written, told):
    read = parse_times(written)
    assert str(read) == told
    assert parse_times(read.words) == read
    assert RuleTable(due=read).model_dump()["due"] == read.words


@pytest.mark.parametrize("wrong", ["soon", "0s", -1, {"P7": "1h"}, {"P0": "soon"}, True, None])
def test_a_wrong_time_is_refused(wrong):
    with pytest.raises(ValueError, match=r"is written|time is|no level"):
        parse_times(wrong)


def test_the_shorter_of_two_levels_counts_and_never_gives_way():
    read = parse_times({"P0": "1h", "SEV1": "5m", "P1": "never", "other": "2d"})
    assert read.of(Priority.P0, Severity.SEV1) == timedelta(minutes=5)
    assert read.of(Priority.P1, None) is None
    assert read.of(Priority.P1, Severity.SEV1) == timedelta(minutes=5)
    assert read.of(Priority.P3, None) == read.of(None, None) == timedelta(days=2)


def test_a_table_of_levels_changes_those_levels_and_a_plain_time_all():
    under = times("2d", P0="1h", P1="3h")
    assert parse_times({"P1": "9h"}).over(under).words == {"P0": "1h", "P1": "9h", "other": "48h"}
    assert parse_times({"other": "1d"}).over(under).words == {
        "P0": "1h",
        "P1": "3h",
        "other": "24h",
    }
    assert parse_times("5m").over(under) == Times(other=timedelta(minutes=5))


def test_a_rule_s_own_table_is_over_all_and_a_pair_s_over_both():
    everywhere = {
        RuleName.ALL: table(level="info", label="watch"),
        MISSING: table(label="needs-postmortem", overdue="24h"),
    }
    pair = {RuleName.ALL: table(flags=["notify"]), MISSING: table(overdue={"P0": "8h"})}
    terms = RuleSettings.of(everywhere, pair).terms
    assert (terms[MISSING].label, terms[RuleName.UNRECORDED].label) == ("needs-postmortem", "watch")
    assert {one.level for one in terms.values()} == {Level.INFO}
    assert {one.flags for one in terms.values()} == {frozenset({Flag.NOTIFY})}
    assert terms[MISSING].overdue.of(Priority.P0, None) == timedelta(hours=8)
    assert terms[MISSING].overdue.of(Priority.P1, None) == timedelta(hours=24)


def test_nothing_said_is_the_defaults():
    assert RuleSettings.of({}, {}) == RuleSettings()


@pytest.mark.parametrize("key", ["share", "window", "least", "sections"])
def test_a_key_of_one_rule_is_refused_in_another(key):
    value = {"share": 0.3, "window": "7d", "least": 3, "sections": ["summary"]}[key]
    with pytest.raises(ValueError, match=f'"{key}" is a key of'):
        fitting({MISSING: table(**{key: value})})


@pytest.mark.parametrize(
    "waive",
    ["", "until 2026-12-31", "until 2026-02-30 because x", "because x", "until x because y"],
)
def test_a_waiver_in_settings_must_be_whole(waive):
    with pytest.raises(ValidationError, match="because REASON"):
        table(waive=waive)
    assert table(waive="until 2026-12-31 because of the move").waive


def test_a_variable_may_spell_a_rule_with_underscores():
    assert spelled({"postmortem_missing": 1}) == {"postmortem-missing": 1}
    assert spelled("x") == "x"


@pytest.mark.parametrize("written", ["90s", "5m", "48h", "3d", "28d"])
def test_a_length_of_time_is_written_as_shortly_as_it_can(written):
    assert write_duration(parse_duration(written)) == written


def test_levels_are_ordered_by_how_pressing_they_are():
    assert Level.INFO < Level.DUE < Level.OVERDUE
    assert Level.OVERDUE >= Level.DUE >= "info"
    assert Level.OVERDUE > Level.INFO
    assert Level.DUE <= Level.DUE
    assert max(Level) is Level.OVERDUE


def test_terms_are_told_in_a_sentence():
    defaults = RuleSettings().terms[MISSING]
    assert str(defaults.under(table(enabled=False))) == "off"
    assert str(defaults.under(table(overdue_flags=["reopen", "note"]))).endswith(
        "asks for label, note, notify, and reopen once overdue"
    )
