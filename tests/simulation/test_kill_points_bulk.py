"""Requests for many items, killed at every point; and seeds of them at random."""

import pytest

from tests.simulation.bulk import BulkSimulation, MovingSimulation
from tests.simulation.bulk_scenarios import SITUATIONS, points_of
from tests.simulation.scenarios import killed
from tests.simulation.test_simulation import FRESH


@pytest.mark.parametrize("one", SITUATIONS, ids=lambda one: one.name)
def test_killed_at_any_point_it_ends_well(one):
    points = points_of(one)
    assert len(points) > 5
    for at in points:
        sim = killed(one, at)
        assert any("killed at" in line for line in sim.world.trace)
        assert sim.violations == [], (at, sim.world.trace)


@pytest.mark.parametrize("made", [BulkSimulation, MovingSimulation])
def test_these_seeds_violate_nothing(made):
    for seed in range(FRESH, FRESH + 15):
        sim = made(seed)
        sim.run()
        sim.store.close()
        assert sim.violations == [], (seed, sim.world.trace)
