"""Many creations by one request: each keeps an intent and an outcome of its own."""

from dataclasses import replace

import pytest

from adapters.errors import Rejected, UnknownOutcome
from mappings.item import Item
from mappings.problem import Problem
from mappings.vocabulary import Field, Kind, Phase
from sync.effect.outcome import Result
from sync.store import disputes, journal

LOST = UnknownOutcome(Problem("E213", "the answer was lost"))


@pytest.fixture
def batches(world):
    """The tracker makes up to four at once; the sizes of the requests it got."""
    sizes, tracker = [], world.tracker
    tracker.capabilities = replace(tracker.capabilities, bulk=4)
    original = tracker.create_many

    def create_many(drafts):
        with world.store.reading() as tx:
            intents = journal.unsettled(tx, "payments")
        # Every one is written down before the request, and nothing else is under way.
        assert len(intents) == len(drafts)
        assert len({one.marker for one in drafts}) == len(drafts)
        sizes.append(len(drafts))
        return original(drafts)

    tracker.create_many = create_many
    return sizes


def documents(world, count):
    for number in range(count):
        world.docs.put(title=f"Document {number}")


def test_neighbouring_creations_go_together(world, batches):
    documents(world, 10)
    report = world.sync()
    assert batches == [4, 4, 2]
    assert report.complete
    assert len(world.tracker.items) == 10
    assert world.sync().plan.operations == ()


def test_children_go_together_too_but_never_with_their_parent(world, batches):
    above = world.docs.put(title="Above", kind=Kind.INITIATIVE)
    for number in range(3):
        world.docs.put(title=f"Below {number}", parent=above.ref)
    report = world.sync()
    assert batches == [3]  # the parent by itself, before them
    assert report.complete
    made = {item.title: item for item in world.tracker.items.values()}
    assert all(made[f"Below {n}"].parent == made["Above"].ref for n in range(3))
    assert world.sync().plan.operations == ()


def test_one_that_is_refused_stops_no_other(world, batches):
    documents(world, 3)
    refusal = Rejected(Problem("E120", "too long"), Field.TITLE)
    world.tracker.before = [None, refusal, None]
    report = world.sync()
    assert [one.result for one in report.outcomes] == [Result.DONE, Result.FAILED, Result.DONE]
    assert len(world.tracker.items) == 2


def test_one_whose_answer_is_lost_is_found_again_and_not_made_twice(world, batches):
    documents(world, 3)
    world.tracker.after = [None, LOST, None]
    report = world.sync()
    assert report.outcomes[1].result is Result.UNKNOWN
    world.sync()
    assert len(world.tracker.items) == 3
    assert world.sync().plan.operations == ()


def test_a_whole_request_that_is_lost_leaves_every_one_in_doubt(world):
    documents(world, 3)
    tracker = world.tracker
    tracker.capabilities = replace(tracker.capabilities, bulk=4)
    original = tracker.create_many

    def create_many(drafts):
        original(drafts)
        raise LOST

    tracker.create_many = create_many
    report = world.sync()
    assert {one.result for one in report.outcomes} == {Result.UNKNOWN}
    tracker.create_many = original
    world.sync()
    assert len(tracker.items) == 3
    assert all(isinstance(item, Item) for item in tracker.items.values())
    assert world.sync().plan.operations == ()


def test_a_bug_in_the_adapter_is_no_reason_to_send_again(world):
    documents(world, 2)
    tracker = world.tracker
    tracker.capabilities = replace(tracker.capabilities, bulk=4)
    original = tracker.create_many

    def create_many(drafts):
        original(drafts)
        raise RuntimeError("a bug")

    tracker.create_many = create_many
    assert {one.result for one in world.sync().outcomes} == {Result.UNKNOWN}
    tracker.create_many = original
    world.sync()
    assert len(tracker.items) == 2


# --- what is set of many at once ----------------------------------------------------------


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def moves(world):
    """The tracker makes four at once, in its first phase, and moves as many as it is given; the
    sizes of what it was asked to move.
    """
    sizes, tracker = [], world.tracker
    tracker.capabilities = replace(
        tracker.capabilities, bulk=4, together=frozenset({Field.PHASE, Field.RESOLUTION})
    )
    original = tracker.update_many

    def update_many(changes):
        sizes.append(len(changes))
        return original(changes)

    tracker.update_many = update_many
    return sizes


def phases(world):
    return {item.title: item.phase for item in world.tracker.items.values()}


def put(world, count, phase):
    for number in range(count):
        world.docs.put(title=f"{phase} {number}", phase=phase)


def test_new_items_are_moved_together_when_all_are_made(world, moves):
    put(world, 5, Phase.DOING)
    put(world, 2, Phase.TODO)
    put(world, 1, Phase.BLOCKED)
    report = world.sync()
    assert report.complete
    assert [one.problem for one in report.outcomes] == [None] * 8
    assert moves == [6]  # those that are born where they belong are left alone
    assert sorted(phases(world).values()) == ["blocked"] + ["doing"] * 5 + ["todo"] * 2
    assert world.sync().plan.operations == ()
    assert conflicts(world) == []


def test_a_kill_before_the_moves_leaves_changes_to_carry_over_and_no_doubt(world, moves):
    put(world, 6, Phase.DOING)
    move = world.tracker.update_many

    def killed(_changes):
        raise Killed

    world.tracker.update_many = killed
    with pytest.raises(Killed):
        world.sync()
    world.tracker.update_many = move
    assert set(phases(world).values()) == {Phase.TODO}
    report = world.sync()
    assert report.doubts == ()
    assert len(world.tracker.items) == 6
    assert set(phases(world).values()) == {Phase.DOING}
    assert world.sync().plan.operations == ()


def test_a_kill_before_the_creations_are_recorded_makes_none_twice_and_moves_them(world, moves):
    put(world, 6, Phase.DOING)
    make = world.tracker.create_many

    def killed(drafts):
        make(drafts)
        raise Killed

    world.tracker.create_many = killed
    with pytest.raises(Killed):
        world.sync()
    world.tracker.create_many = make
    for _ in range(2):
        world.sync()
    assert len(world.tracker.items) == 6
    assert set(phases(world).values()) == {Phase.DOING}
    assert {item.phase for item in world.docs.items.values()} == {Phase.DOING}
    assert world.sync().plan.operations == ()


def test_a_move_whose_answer_is_lost_is_read_again(world, moves):
    put(world, 3, Phase.DOING)
    world.tracker.after = [None, None, None, LOST, None, None]
    report = world.sync()
    assert [one.result for one in report.outcomes] == [Result.UNKNOWN, Result.DONE, Result.DONE]
    assert world.sync().plan.operations == ()
    assert set(phases(world).values()) == {Phase.DOING}


def test_one_that_cannot_be_moved_is_named_and_stops_no_other(world, moves):
    put(world, 3, Phase.DOING)
    refusal = Rejected(Problem("E122", "doing is not reachable"), Field.PHASE)
    world.tracker.before = [None, None, None, None, refusal, None]
    report = world.sync()
    assert [one.result for one in report.outcomes] == [Result.DONE, Result.FAILED, Result.DONE]
    assert "not reachable" in str(report.outcomes[1].problem)
    assert report.outcomes[1].ref is not None
    assert sorted(phases(world).values()) == ["doing", "doing", "todo"]


def test_a_person_who_moves_one_meanwhile_is_not_overruled(world, moves):
    put(world, 3, Phase.DOING)
    move = world.tracker.update_many

    def meanwhile(changes):
        world.tracker.edit(changes[1].ref.id, phase=Phase.COMPLETED)
        return move(changes)

    world.tracker.update_many = meanwhile
    report = world.sync()
    assert report.outcomes[1].result is Result.SKIPPED
    assert sorted(phases(world).values()) == ["completed", "doing", "doing"]


def test_changes_of_a_phase_alone_go_together(world, moves):
    put(world, 6, Phase.TODO)
    world.sync()
    moves.clear()
    for number, ref in enumerate(list(world.docs.items)):
        title = {"title": "Changed, too"} if number == 5 else {}
        world.docs.edit(ref, phase=Phase.DOING, **title)
    assert world.sync().complete
    assert moves == [5]
    assert set(phases(world).values()) == {Phase.DOING}
    assert world.sync().plan.operations == ()


def test_who_stops_between_finds_them_made_and_the_next_run_moves_them(world, moves):
    put(world, 4, Phase.DOING)
    report = world.sync(stop=lambda: len(world.tracker.items) == 4)
    assert [one.result for one in report.outcomes] == [Result.DONE] * 4
    assert {one.problem.code for one in report.outcomes} == {"E411"}
    assert moves == []
    world.sync()
    assert set(phases(world).values()) == {Phase.DOING}


def conflicts(world):
    with world.store.reading() as tx:
        return list(disputes.listed(tx, "payments", closed=True))


def test_a_kill_in_the_middle_of_a_walk_is_no_persons_choice(world, moves):
    """Three documents are blocked; their issues got as far as doing."""
    put(world, 3, Phase.BLOCKED)
    tracker = world.tracker
    tracker.passes = lambda item, phase: (Phase.DOING,)
    move = tracker.update_many

    def killed(changes):
        for one in changes:
            tracker.edit(one.ref.id, phase=Phase.DOING)
        raise Killed

    tracker.update_many = killed
    with pytest.raises(Killed):
        world.sync()
    tracker.update_many = move
    world.sync()
    assert set(phases(world).values()) == {Phase.BLOCKED}
    assert {item.phase for item in world.docs.items.values()} == {Phase.BLOCKED}
    assert world.sync().plan.operations == ()
