"""Every situation of action items, killed at every point: before and after each effect, commit."""

import pytest

from tests.simulation.actions_scenarios import SITUATIONS, points_of
from tests.simulation.scenarios import killed


@pytest.mark.parametrize("one", SITUATIONS, ids=lambda one: one.name)
def test_killed_at_any_point_it_ends_well(one):
    points = points_of(one)
    assert len(points) > 5
    for at in points:
        sim = killed(one, at)
        assert any("killed at" in line for line in sim.world.trace)
        assert sim.violations == [], (at, sim.world.trace)


def test_there_are_as_many_situations_as_promised():
    assert len({one.name for one in SITUATIONS}) >= 20
