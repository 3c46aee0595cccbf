"""When a pair is run again: the table above the function, row by row."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.daemon.due import (
    LEASE,
    LONGEST,
    Found,
    bring_forward,
    claim,
    due,
    earliest,
    near,
    next_time,
)
from sync.settings import PairSettings
from sync.store import Store, schedule

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
GIVEN = PairSettings(
    left={"connection": "docs"}, right={"connection": "acme"}, profile="words"
)  # 1 min, at most 5 min, at least 20 s
LATER = NOW + timedelta(hours=1)


class Even(Random):
    """No spread."""

    def random(self):
        return 0.5


@pytest.mark.parametrize(
    ("before", "failures", "found", "seconds", "count"),
    [
        (None, 0, Found(), 60, 0),
        (60, 0, Found(), 90, 0),
        (90, 0, Found(), 135, 0),
        (270, 0, Found(), 300, 0),
        (300, 0, Found(changed=True), 60, 0),
        (300, 0, Found(urgent=True), 20, 0),
        (20, 0, Found(), 60, 0),
        (60, 0, Found(failed=True), 120, 1),
        (120, 1, Found(failed=True), 240, 2),
        (240, 9, Found(failed=True), 900, 10),
        (60, 1, Found(failed=True, urgent=True), 240, 2),
        (900, 9, Found(changed=True), 60, 0),
    ],
)
def test_the_interval_follows_the_table(before, failures, found, seconds, count):
    chosen = next_time(GIVEN, before, failures, found, NOW, Even())
    assert (chosen.interval, chosen.failures) == (seconds, count)
    assert chosen.at == NOW + timedelta(seconds=seconds)


def test_a_tracker_that_named_a_time_is_not_asked_before():
    found = Found(not_before=LATER)
    assert next_time(GIVEN, None, 0, found, NOW, Even()).at == LATER


@given(st.integers(), st.integers(0, 50), st.floats(1, 1000), st.booleans(), st.booleans())
def test_no_wait_is_ever_out_of_bounds(seed, failures, before, failed, urgent):
    found = Found(failed=failed, urgent=urgent)
    chosen = next_time(GIVEN, before, failures, found, NOW, Random(seed))
    wait = (chosen.at - NOW).total_seconds()
    assert 20 * 0.9 <= wait <= LONGEST.total_seconds() * 1.1


@pytest.fixture
def store(still):
    opened = Store.memory(still)
    yield opened
    opened.close()


def test_due_pairs_come_longest_overdue_first(store):
    with store.writing() as tx:
        for name, minutes in (("a", 1), ("b", 5), ("c", -5), ("d", 3)):
            schedule.bind(tx, name, NOW)
            schedule.reschedule(tx, name, NOW - timedelta(minutes=minutes), 60, 0)
        assert due(tx, ["a", "b", "c"], NOW) == ["b", "a"]
        assert earliest(tx, ["a", "c"]) == NOW - timedelta(minutes=1)


def test_a_pair_is_claimed_by_one_alone(store):
    with store.writing() as tx:
        schedule.bind(tx, "a", NOW)
        assert [claim(tx, "a", NOW), claim(tx, "a", NOW)] == [True, False]
        assert due(tx, ["a"], NOW) == []
        assert due(tx, ["a"], NOW + LEASE) == ["a"]


def test_whoever_holds_the_store_alone_starts_with_everything(store):
    with store.writing() as tx:
        schedule.bind(tx, "a", NOW)
        schedule.reschedule(tx, "a", LATER, 60, 0)
        bring_forward(tx, ["a"], NOW)
        assert due(tx, ["a"], NOW) == ["a"]


@pytest.mark.parametrize(
    ("seconds", "interval", "failures", "taken"),
    [
        (60, 300, 0, True),
        (61, 300, 0, False),
        (12, 60, 0, True),
        (13, 60, 0, False),
        (0, 300, 0, False),
        (60, 300, 1, False),
        (5, None, 0, False),
    ],
)
def test_what_is_due_within_its_own_spread_is_near(seconds, interval, failures, taken):
    with Store.memory(None) as store, store.writing() as tx:
        schedule.bind(tx, "payments", NOW)
        at = NOW + timedelta(seconds=seconds)
        schedule.reschedule(tx, "payments", at, interval, failures)
        assert near(tx, ["payments", "other"], NOW) == ["payments"] * taken
