"""Many creations by one request: each keeps an intent and an outcome of its own."""

from dataclasses import replace

import pytest

from adapters.errors import Rejected, UnknownOutcome
from mappings.item import Item
from mappings.problem import Problem
from mappings.vocabulary import Field
from sync.effect.apply import Result
from sync.store import journal

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
