import json
import threading
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from urllib3 import exceptions as urllib3_errors

from adapters.errors import RateLimited, Transient, UnknownOutcome
from adapters.sandbox.core.clock import START, StillClock
from adapters.transport import (
    ATTEMPTS,
    LONGEST_WAIT,
    Answer,
    Interrupted,
    Limits,
    Pace,
    broken_connection,
    never_sent,
    parse_http_date,
    read_json,
    reset_time,
    retrying,
    wait_named,
)
from mappings.problem import Problem

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DATE = "Sun, 01 Mar 2026 12:00:00 GMT"
EPOCH = int(NOW.timestamp())
PROBLEM = Problem("E206", "x")


class Hurried(StillClock):
    """Somebody asked us to stop: nobody sleeps."""

    def sleep(self, seconds):
        pass


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "300"}, 300),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "Sun, 01 Mar 2026 12:02:00 GMT", "date": DATE}, 120),
        ({"retry-after": "Sun, 01 Mar 2026 11:00:00 GMT", "date": DATE}, 0),
        ({"x-ratelimit-reset": str(EPOCH + 60), "date": DATE}, 61),
        ({"x-ratelimit-reset": "2026-03-01T12:01:00Z", "date": DATE}, 61),
        ({"ratelimit-reset": str(EPOCH + 5), "date": DATE}, 6),
        ({"x-ratelimit-reset": str(EPOCH + 60)}, 61),
        ({"retry-after": "soon", "date": DATE}, None),
        ({"x-ratelimit-reset": "9" * 30}, None),
        ({}, None),
    ],
)
def test_a_wait_is_read_however_the_server_says_it(headers, seconds):
    assert wait_named(headers, NOW) == seconds


def test_a_wait_is_measured_by_the_servers_clock_not_by_ours():
    headers = {"x-ratelimit-reset": str(EPOCH + 60), "date": DATE}
    assert wait_named(headers, NOW + timedelta(hours=2)) == 61


@pytest.mark.parametrize("text", ["", "yesterday", "Sun, 99 Mar 2026 12:00:00 GMT"])
def test_a_date_that_is_none_is_none(text):
    assert parse_http_date(text) is None
    assert Answer(200, {"date": text}, None).date() is None


@pytest.mark.parametrize("value", ["", "x", "²"])
def test_a_reset_that_is_none_is_none(value):
    assert reset_time(value) is None


def connection_error(reason):
    pool = urllib3_errors.MaxRetryError(None, "/", reason)
    return requests.exceptions.ConnectionError(pool)


@pytest.mark.parametrize(
    ("error", "unsent"),
    [
        (requests.exceptions.ConnectTimeout(), True),
        (requests.exceptions.SSLError(), True),
        (requests.exceptions.InvalidURL(), True),
        (connection_error(urllib3_errors.NewConnectionError(None, "refused")), True),
        (connection_error(urllib3_errors.ProtocolError("aborted")), False),
        (requests.exceptions.ConnectionError(urllib3_errors.ProtocolError("aborted")), False),
        (requests.exceptions.ReadTimeout(), False),
        (requests.exceptions.ChunkedEncodingError(), False),
        (requests.exceptions.ConnectionError(), False),
    ],
)
def test_only_what_provably_never_left_may_be_sent_again(error, unsent):
    assert never_sent(error) is unsent
    write = broken_connection(error, "host", write=True)
    assert isinstance(write, Transient if unsent else UnknownOutcome)
    assert isinstance(broken_connection(error, "host", write=False), Transient)


def test_a_broken_connection_tells_no_address_with_a_secret_in_it():
    error = requests.exceptions.ReadTimeout("https://user:pw@host/?token=abc")
    assert "abc" not in str(broken_connection(error, "host", write=True))


# --- retries ------------------------------------------------------------------------------


def attempts(errors, result="done"):
    left = list(errors)
    made = []

    def call():
        made.append(1)
        if left:
            raise left.pop(0)
        return result

    return call, made


def test_a_passing_fault_is_tried_again_after_growing_pauses():
    clock = StillClock()
    call, made = attempts([Transient(PROBLEM)] * 3)
    assert retrying(clock, Random(1), call) == "done"
    assert len(made) == 4
    assert 3.5 <= (clock.now() - START).total_seconds() <= 5


def test_it_is_given_up_after_a_while():
    call, made = attempts([Transient(PROBLEM)] * 99)
    with pytest.raises(Transient):
        retrying(StillClock(), Random(1), call)
    assert len(made) == ATTEMPTS


@pytest.mark.parametrize(
    "error", [UnknownOutcome(PROBLEM), ValueError("a bug"), Interrupted(PROBLEM)]
)
def test_nothing_else_is_tried_again(error):
    call, made = attempts([error])
    with pytest.raises(type(error)):
        retrying(StillClock(), Random(1), call)
    assert len(made) == 1


def test_the_servers_own_wait_is_kept():
    clock = StillClock()
    call, _ = attempts([Transient(PROBLEM, 40.0)])
    retrying(clock, Random(1), call)
    assert 40 <= (clock.now() - START).total_seconds() <= 41


def test_a_long_wait_goes_back_to_whoever_plans():
    clock = StillClock()
    until = clock.now() + timedelta(seconds=LONGEST_WAIT + 1)
    call, made = attempts([RateLimited(PROBLEM, until)])
    with pytest.raises(RateLimited):
        retrying(clock, Random(1), call)
    assert len(made) == 1
    assert clock.now() == START


def test_waits_together_are_no_longer_than_one_may_be():
    clock = StillClock()
    call, made = attempts([Transient(PROBLEM, 70.0)] * 9)
    with pytest.raises(Transient):
        retrying(clock, Random(1), call)
    assert len(made) == 2


def test_a_wait_that_is_cut_short_ends_the_call():
    call, made = attempts([Transient(PROBLEM)] * 9)
    with pytest.raises(Interrupted):
        retrying(Hurried(), Random(1), call)
    assert len(made) == 1


# --- limits -------------------------------------------------------------------------------


def headers(remaining, limit=5000, seconds=600, date=DATE, **more):
    return {
        "x-ratelimit-remaining": str(remaining),
        "x-ratelimit-limit": str(limit),
        "x-ratelimit-reset": str(EPOCH + seconds),
        "date": date,
    } | more


def test_the_last_tenth_is_left_for_people():
    clock = StillClock(NOW)
    limits = Limits(clock)
    limits.heard(headers(501))
    limits.require()
    limits.heard(headers(500))
    with pytest.raises(RateLimited) as caught:
        limits.require()
    assert caught.value.until == NOW + timedelta(seconds=600)
    assert "500 of 5000" in caught.value.problem.message
    clock.sleep(601)
    limits.require()


def test_each_resource_has_a_limit_of_its_own():
    limits = Limits(StillClock(NOW))
    limits.heard(headers(0, **{"x-ratelimit-resource": "graphql"}))
    limits.require("core")
    with pytest.raises(RateLimited):
        limits.require("graphql")
    assert limits.budget().remaining is None


def test_a_reset_is_counted_from_the_servers_clock():
    clock = StillClock(NOW + timedelta(hours=1))
    limits = Limits(clock)
    limits.heard(headers(0, seconds=60))
    with pytest.raises(RateLimited) as caught:
        limits.require()
    assert caught.value.until == clock.now() + timedelta(seconds=60)


def test_the_budget_tells_what_was_last_heard():
    limits = Limits(StillClock(NOW))
    assert (limits.budget().limit, limits.budget().requests) == (None, 0)
    limits.heard(headers(4000))
    limits.heard({})
    said = limits.budget()
    assert (said.limit, said.remaining, said.requests) == (5000, 4000, 2)
    assert said.reset == NOW + timedelta(seconds=600)


def test_silence_without_a_figure_grows_until_something_is_served():
    clock = StillClock(NOW)
    limits = Limits(clock)
    waits = [(limits.block(None) - NOW).total_seconds() for _ in range(8)]
    assert waits == [60, 120, 240, 480, 960, 1920, 3600, 3600]
    limits.well()
    assert (limits.block(None) - NOW).total_seconds() == 60


def test_nothing_is_sent_while_silence_was_asked_for():
    clock = StillClock(NOW)
    limits = Limits(clock)
    limits.block(30)
    with pytest.raises(RateLimited):
        limits.require()
    clock.sleep(30)
    limits.require()


# --- pace ---------------------------------------------------------------------------------


def test_writes_are_a_second_apart():
    clock = StillClock()
    pace = Pace(clock, 1.0)
    for _ in range(5):
        pace.before_write(creates=False)
    assert (clock.now() - START).total_seconds() == 4


def test_so_many_creations_a_minute_and_no_more():
    clock = StillClock()
    pace = Pace(clock, 0.0, per_minute=3, per_hour=5)
    moments = []
    for _ in range(5):
        pace.before_write(creates=True)
        moments.append((clock.now() - START).total_seconds())
    assert moments == [0, 0, 0, 60, 60]
    pace.before_write(creates=False)
    with pytest.raises(RateLimited) as caught:
        pace.before_write(creates=True)
    assert (caught.value.until - START).total_seconds() == 3600
    clock.sleep(3600 - 60)
    pace.before_write(creates=True)


def test_a_write_whose_turn_was_cut_short_is_not_sent():
    pace = Pace(Hurried(), 1.0)
    pace.before_write(creates=False)
    with pytest.raises(Interrupted):
        pace.before_write(creates=False)


def test_who_waits_for_a_turn_before_looking_waits_no_more_before_writing():
    clock = StillClock()
    pace = Pace(clock, 1.0)
    pace.turn()
    pace.before_write(creates=False)
    pace.turn()
    looked = clock.now()
    pace.before_write(creates=False)
    assert clock.now() == looked
    assert (looked - START).total_seconds() == 1


def test_threads_take_turns():
    clock = StillClock()
    pace = Pace(clock, 1.0)
    threads = [threading.Thread(target=lambda: pace.before_write(creates=True)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (clock.now() - START).total_seconds() == 7


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(_VALUES)
def test_json_is_read_as_python_reads_it(value):
    text = json.dumps(value)
    assert read_json(text) == json.loads(text)
    assert read_json(text.encode()) == json.loads(text)


@pytest.mark.parametrize(
    "text", ['"\\ud83d"', '["a\\udc00b"]', "[NaN, -Infinity]", "[" * 300 + "]" * 300]
)
def test_what_only_python_takes_is_read_all_the_same(text):
    assert repr(read_json(text)) == repr(json.loads(text))


@pytest.mark.parametrize("text", ["", "<html>", "[1,]", "{", b"\xff", "[" * 200_000])
def test_what_is_no_json_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        read_json(text)
