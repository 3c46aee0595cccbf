"""The loop from outside: what runs when, what stops it, what it survives."""

import threading
from collections import Counter
from datetime import timedelta

import pytest

from adapters.errors import AuthFailed, RateLimited, Transient
from mappings.problem import Problem
from mappings.vocabulary import Phase, Priority
from sync.daemon.signals import Signals, StoppableClock
from sync.daemon.workers import Threads
from sync.store import schedule

OTHER = (
    '[pairs.other]\nleft = {{ connection = "docs" }}\n'
    'right = {{ connection = "{right}", project = "acme/other" }}\nprofile = "words.toml"\n'
)


def test_every_pair_is_run_at_once_and_again_when_it_is_due(bench):
    opened = bench()
    opened.cli.docs.put(title="A")
    assert opened.run(*[None] * 8) is True
    assert [one.title for one in opened.cli.board.items.values()] == ["A"]
    assert len(opened.workers.started) >= 2
    assert opened.row().last_good_at is not None


def test_a_change_on_either_side_is_followed(bench):
    opened = bench()
    opened.cli.docs.put(title="A")
    cli = opened.cli

    def person():
        cli.board.edit("T1", phase=Phase.DOING)

    opened.run(None, person, *[None] * 12)
    assert cli.docs.items["D1"].phase is Phase.DOING


def test_an_open_p0_makes_it_faster_and_quiet_slower(bench):
    opened = bench()
    opened.run(*[None] * 200)
    assert opened.row().interval == 300
    opened.cli.docs.put(title="A", priority=Priority.P0)
    opened.signals.stop.clear()
    opened.run(*[None] * 60)
    assert opened.row().interval == 20


def test_failures_in_a_row_are_waited_out_and_then_forgotten(bench):
    opened = bench()
    opened.cli.board.unread = [Transient(Problem("E206", "502"))] * 3
    opened.run(None)
    assert opened.row().failures == 1
    opened.signals.stop.clear()
    opened.run(*[None] * 300)
    assert opened.row().failures == 0
    assert opened.row().last_good_at is not None


@pytest.mark.parametrize(
    "error",
    [AuthFailed(Problem("E205", "token rejected")), RuntimeError("a bug"), MemoryError("full")],
)
def test_whatever_breaks_a_cycle_becomes_back_off(bench, error):
    opened = bench()
    opened.cli.board.unread = [error]
    opened.run(None)
    assert opened.row().failures == 1


def test_a_cycle_that_broke_off_is_closed_with_its_reason(bench):
    opened = bench()
    opened.cli.board.unread = [RuntimeError("a bug")]
    opened.run(None)
    with opened.store.reading() as tx:
        (run,) = schedule.history(tx, "payments", 1)
    assert run.outcome == "failed"
    assert run.problems[0].code == "E900"


def test_a_full_disk_sends_nothing(bench):
    opened = bench()
    opened.cli.docs.put(title="A")
    opened.daemon.enough_space = lambda: Problem("E304", "12 MB free, need 50.")
    opened.run(None)
    assert opened.cli.board.items == {}
    assert opened.row().failures == 1


def test_a_state_that_cannot_be_written_makes_no_busy_loop(bench):
    def broken():
        raise OSError("disk gone")

    opened = bench()
    opened.daemon.enough_space = broken
    opened.run(*[None] * 10)
    assert opened.workers.started == ["payments"]


def test_pairs_that_share_a_connection_take_turns(bench, cli):
    cli.add(OTHER.format(right="acme"))
    opened = bench()
    opened.workers.held = True
    opened.daemon._begin()
    opened.daemon.tick()
    assert len(opened.workers.started) == 1
    opened.daemon.tick()
    assert len(opened.workers.started) == 1
    opened.workers.finish(opened.workers.started[0])
    opened.daemon.tick()
    assert sorted(opened.workers.started) == ["other", "payments"]


def test_pairs_with_connections_of_their_own_run_side_by_side(bench, cli):
    cli.add(
        '[connections.papers2]\nadapter = "papers"\n[connections.board2]\nadapter = "board"\n'
        'token = { file = "token" }\n' + OTHER.format(right="board2").replace('"docs"', '"papers2"')
    )
    opened = bench()
    opened.workers.held = True
    opened.daemon._begin()
    opened.daemon.tick()
    assert sorted(opened.workers.started) == ["other", "payments"]


def test_no_more_run_than_there_are_workers(bench, cli):
    cli.add(
        '[connections.papers2]\nadapter = "papers"\n[connections.board2]\nadapter = "board"\n'
        'token = { file = "token" }\n' + OTHER.format(right="board2").replace('"docs"', '"papers2"')
    )
    opened = bench()
    opened.workers.held, opened.workers.limit = True, 1
    opened.daemon._begin()
    opened.daemon.tick()
    assert len(opened.workers.started) == 1


def test_stopping_starts_nothing_more_and_loses_no_intent(bench):
    opened = bench()
    for title in ("A", "B", "C"):
        opened.cli.docs.put(title=title)
    opened.cli.board.on_write = [opened.signals.stop.set]
    assert opened.run() is True
    assert len(opened.cli.board.items) == 1
    opened.cli.board.on_write = []
    opened.signals.stop.clear()
    opened.run(*[None] * 10)
    assert sorted(one.title for one in opened.cli.board.items.values()) == ["A", "B", "C"]


def test_what_still_runs_when_time_is_up_is_told(bench):
    opened = bench()
    opened.workers.held = True
    assert opened.run() is False


def test_new_settings_are_taken_over(bench, cli):
    opened = bench()

    def edit():
        cli.settings(
            (cli.folder / "followthrough.toml").read_text().replace("pairs.payments", "pairs.bills")
        )
        opened.signals.ask_to_reload()

    opened.run(edit, None, None)
    assert [pair.name for pair in opened.daemon.house.pairs] == ["bills"]
    assert opened.row("bills").last_good_at is not None


def test_bad_settings_leave_the_old_ones_at_work(bench, cli):
    opened = bench()

    def edit():
        cli.add('intervall = "1s"\n')
        opened.signals.ask_to_reload()

    opened.run(edit, *[None] * 10)
    assert [pair.name for pair in opened.daemon.house.pairs] == ["payments"]
    assert len(opened.workers.started) > 1
    assert b'followthrough_reloads_total{outcome="bad"} 1.0' in opened.daemon.metrics.text()


def test_settings_are_taken_over_when_nothing_runs(bench):
    opened = bench()
    opened.workers.held = True
    opened.daemon._begin()
    opened.daemon.tick()
    opened.signals.reload.set()
    opened.daemon.tick()
    assert len(opened.loads) == 1
    opened.workers.finish("payments")
    opened.daemon.tick()
    assert len(opened.loads) == 2


def test_another_daemon_on_the_same_store_does_not_run_what_is_claimed(bench):
    opened = bench(alone=False)
    with opened.store.writing() as tx:
        now = opened.cli.clock.now()
        schedule.bind(tx, "payments", now)
        schedule.reschedule(tx, "payments", now + timedelta(hours=1), 60, 0)
    opened.run(None)
    assert opened.workers.started == []


def test_a_sleeper_is_woken_by_a_stop_and_told_not_to_go_on(still):
    stop = threading.Event()
    stop.set()
    clock = StoppableClock(still, stop)
    with pytest.raises(RateLimited) as caught:
        clock.sleep(3600)
    assert caught.value.problem.code == "E411"
    assert clock.now() == still.now()


def test_wishes_are_taken_in_by_the_pause():
    signals = Signals()
    signals.ask_to_reload()
    signals.ask_to_stop()
    assert not signals.stop.is_set()
    signals.pause(60)
    assert signals.stop.is_set()
    assert signals.reload.is_set()


def test_a_ring_ends_the_pause_and_wishes_for_nothing():
    signals = Signals()
    signals.ring()
    signals.pause(60)
    assert not signals.stop.is_set()


def test_threads_run_side_by_side_up_to_their_limit():
    workers = Threads(2)
    hold, ended = threading.Event(), threading.Semaphore(0)
    for name in ("a", "b"):
        assert workers.free()
        workers.start(name, hold.wait, ended.release)
    assert not workers.free()
    assert workers.running() == {"a", "b"}
    assert not workers.wait(0.01)
    hold.set()
    assert workers.wait(10)
    assert all(ended.acquire(timeout=10) for _ in range(2))


def test_the_first_of_those_due_reads_for_all_that_share_its_connection(bench, cli, polls):
    cli.add(OTHER.format(right="acme"))
    opened = bench()
    opened.daemon._begin()
    opened.daemon.tick()
    assert polls == []
    read = []
    cli.board.on_read.append(lambda: read.append(1))
    cli.clock.advance(seconds=120)
    opened.daemon._begin()
    opened.daemon.tick()
    assert sorted(opened.workers.started[2:]) == ["other", "payments"]
    assert polls == [2]
    assert len(read) == 2
    assert opened.row("other").last_good_at == cli.clock.now()


def test_what_was_read_ahead_is_forgotten_with_the_settings(bench, cli, polls):
    cli.add(OTHER.format(right="acme"))
    opened = bench()
    opened.daemon._begin()
    opened.daemon.tick()
    opened.workers.held = True
    opened.daemon._begin()
    opened.daemon.tick()
    opened.workers.finish(opened.workers.started[-1])
    assert polls == [2]
    opened.daemon._reload()
    opened.daemon.tick()
    opened.workers.finish(opened.workers.started[-1])
    assert polls == [2, 2]


def _cycles_by_moment(opened, cli, count):
    """How many cycles began at the same moment, moment by moment."""
    begun = Counter()
    start = opened.workers.start

    def counted(*given):
        begun[cli.clock.now()] += 1
        start(*given)

    opened.workers.start = counted
    opened.run(*[None] * count)
    return list(begun.values())


def test_pairs_that_are_read_by_one_request_do_not_drift_apart(bench, cli, polls):
    cli.add(OTHER.format(right="acme"))
    assert set(_cycles_by_moment(bench(), cli, 200)) == {2}
    assert set(polls) == {2}


def test_pairs_that_were_apart_come_together(bench, cli, polls):
    cli.add(OTHER.format(right="acme"))
    opened = bench()
    opened.run(None)
    with opened.store.writing() as tx:
        later = cli.clock.now() + timedelta(seconds=140)
        schedule.reschedule(tx, "other", later, 300, 0)
    opened.signals.stop.clear()
    opened.daemon.alone = False
    assert _cycles_by_moment(opened, cli, 400)[-10:] == [2] * 10


def test_pairs_that_are_read_by_a_request_each_march_out_of_step(bench, cli):
    cli.add(OTHER.format(right="acme"))
    assert 1 in _cycles_by_moment(bench(), cli, 200)


def test_a_pair_that_failed_is_not_taken_along(bench, cli, polls):
    cli.add(OTHER.format(right="acme"))
    opened = bench()
    opened.run(None)
    with opened.store.writing() as tx:
        now = cli.clock.now()
        schedule.reschedule(tx, "payments", now, 60, 0)
        schedule.reschedule(tx, "other", now + timedelta(seconds=5), 60, 1)
    opened.workers.started.clear()
    opened.daemon.tick()
    assert opened.workers.started == ["payments"]
