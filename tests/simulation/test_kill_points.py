"""Every situation with a name, killed at every point: before and after each effect and commit."""

import pytest

from tests.simulation.scenarios import SCENARIOS, killed, points_of


@pytest.mark.parametrize("one", SCENARIOS, ids=lambda one: one.name)
def test_killed_at_any_point_it_ends_well(one):
    count = points_of(one)
    assert count > 5
    for at in range(1, count + 1):
        sim = killed(one, at)
        assert any("killed at" in line for line in sim.world.trace)
        assert sim.violations == [], (at, sim.world.trace)


def test_there_are_as_many_situations_as_promised():
    assert len({one.name for one in SCENARIOS}) >= 20
