"""Action items and documents over one tracker, at random: a small range of seeds."""

import pytest

from tests.simulation.__main__ import violations
from tests.simulation.actions import ActionsSimulation
from tests.simulation.test_simulation import FRESH

SEEDS, BATCH = 40, 10


@pytest.mark.parametrize("start", range(FRESH, FRESH + SEEDS, BATCH))
def test_these_seeds_violate_nothing(start):
    for seed in range(start, start + BATCH):
        sim = violations(seed, ActionsSimulation)
        assert sim.violations == [], (seed, sim.world.trace)


def test_one_seed_has_one_trace():
    traces = []
    for _ in range(2):
        sim = ActionsSimulation(7)
        sim.run()
        sim.store.close()
        traces.append(sim.world.trace)
    assert traces[0] == traces[1]
