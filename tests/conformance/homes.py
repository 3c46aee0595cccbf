"""Two homes kept in step by the engine, for tests that watch both of them."""

from random import Random

from adapters.seams import Seams
from mappings.vocabulary import Side
from sync.decide.policy import Policy
from sync.effect.cycle import sync_pair
from sync.effect.pair import Pair
from sync.store import Store
from tests.conformance.test_memory import MemoryBench


def pair_of(docs, tracker):
    """The pair ``payments`` between two benches."""
    ends = {Side.LEFT: docs, Side.RIGHT: tracker}
    return Pair(
        name="payments",
        projects={side: bench.project for side, bench in ends.items()},
        connections={side: bench.connection for side, bench in ends.items()},
        names={Side.LEFT: "docs", Side.RIGHT: "acme"},
        policy=Policy(),
        key=b"k" * 32,
    )


class Homes:
    """Documents on the left, a tracker on the right, and one clock for both.

    ``shared`` are the fields in which they agree once nothing is left to do.
    """

    def __init__(self, tracker, shared):
        self.tracker, self.shared = tracker, shared
        self.clock = tracker.clock
        self.docs = MemoryBench(documents=True)
        self.docs.clock = self.docs.home.clock = self.clock
        self.pair = pair_of(self.docs, tracker)
        self.store = Store.memory(self.clock)
        self.seams = Seams(self.clock, Random(1))
        self.said = []

    def sync(self, later=300):
        self.clock.sleep(later)
        report = sync_pair(self.pair, self.store, self.seams)
        self.said += [str(problem) for problem in report.problems]
        self.said += [str(outcome) for outcome in report.outcomes]
        return report

    def settle(self, later=300):
        """Sync until there is nothing left to do."""
        for _ in range(6):
            report = self.sync(later)
            if not report.plan.operations:
                return
        raise AssertionError(f"the two homes never agree: {report.plan.operations}")

    def items(self, bench):
        """What an end holds, in the form that the tracker would give it back."""
        held = self.tracker.project.canonical
        items = (held(item) for page in bench.project.changed(None) for item in page.items)
        return sorted(tuple(str(item.get(name)) for name in self.shared) for item in items)

    def titles(self, bench):
        return {title for title, *_ in self.items(bench)}

    def agree(self):
        assert self.items(self.docs) == self.items(self.tracker)
        return len(self.items(self.docs))

    def close(self):
        self.store.close()
        self.tracker.close()
