"""Two homes in memory kept in step by the engine itself: what the kit promises is enough."""

from random import Random

import pytest

from adapters.sandbox import StillClock
from adapters.seams import Seams
from mappings.vocabulary import Field, Phase
from sync.effect.cycle import plan_pair, sync_pair
from sync.store import Store
from tests.conformance.homes import pair_of
from tests.conformance.test_memory import MemoryBench

SHARED = [Field.TITLE, Field.PHASE, Field.RESOLUTION, Field.PRIORITY, Field.CATEGORY, Field.OWNERS]


class TwoHomes:
    """Documents on the left, a tracker on the right, and one clock for both."""

    def __init__(self):
        self.clock = StillClock()
        self.docs, self.tracker = MemoryBench(documents=True), MemoryBench()
        for bench in (self.docs, self.tracker):
            bench.clock = bench.home.clock = self.clock
        self.pair = pair_of(self.docs, self.tracker)
        self.store = Store.memory(self.clock)
        self.seams = Seams(self.clock, Random(1))

    def sync(self):
        self.clock.sleep(300)
        return sync_pair(self.pair, self.store, self.seams)

    def settle(self):
        """Sync until there is nothing left to do."""
        for _ in range(6):
            if not self.sync().plan.operations:
                return
        raise AssertionError("the two homes never agree")

    def items(self, bench):
        items = (item for page in bench.project.changed(None) for item in page.items)
        return sorted((item.title, *(item.get(name) for name in SHARED)) for item in items)


@pytest.fixture
def homes():
    made = TwoHomes()
    made.sync()
    yield made
    made.store.close()


def test_what_is_made_on_either_side_appears_on_the_other_once(homes):
    homes.docs.make_outside("Written as a document", "What happened.")
    homes.tracker.make_outside("Opened as an issue", "Nobody can pay.")
    homes.settle()
    assert homes.items(homes.docs) == homes.items(homes.tracker)
    assert len(homes.items(homes.docs)) == 2


def test_edits_of_either_side_reach_the_other(homes):
    left = homes.docs.make_outside("A document")
    right = homes.tracker.make_outside("An issue")
    homes.settle()
    homes.docs.edit_outside(left, title="A renamed document")
    homes.tracker.edit_outside(right, phase=Phase.COMPLETED)
    homes.settle()
    assert homes.items(homes.docs) == homes.items(homes.tracker)
    titles = [title for title, *_ in homes.items(homes.tracker)]
    assert titles == ["A renamed document", "An issue"]


def test_a_lost_answer_makes_no_second_item(homes):
    homes.docs.make_outside("A document")
    homes.tracker.lose_next_reply()
    homes.settle()
    homes.settle()
    assert len(homes.items(homes.tracker)) == 1
    assert homes.items(homes.docs) == homes.items(homes.tracker)


def test_lists_that_lag_make_no_second_item(homes):
    homes.tracker.slow_lists(50)
    homes.docs.make_outside("A document")
    homes.tracker.lose_next_reply()
    homes.settle()
    assert len(homes.items(homes.tracker)) == 1


def test_when_all_agree_nothing_is_planned(homes):
    homes.docs.make_outside("A document")
    homes.settle()
    stores = homes.docs.everything(), homes.tracker.everything()
    assert plan_pair(homes.pair, homes.store, homes.seams).plan.operations == ()
    homes.sync()
    assert (homes.docs.everything(), homes.tracker.everything()) == stores
