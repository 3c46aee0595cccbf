"""A plan names everything that takes no part in it."""

from datetime import UTC, datetime

from mappings.item import Item, Ref
from mappings.problem import Problem
from mappings.vocabulary import Side
from sync.decide.plan import make_plan
from sync.decide.policy import Policy
from sync.decide.world import Newcomer, World

BROKEN = Problem("E101", "front matter is not valid YAML.", "bad.md:4", "Mend it.")


class Home:
    """Makes nothing and holds nothing."""

    class capabilities:  # noqa: N801  as the contract calls it
        creates = refers = False


def test_what_cannot_be_read_is_named_once_whether_or_not_anything_else_is_to_be_done():
    new = Newcomer(Item(ref=Ref("D2")))
    world = World(
        pair="p",
        bound_at=datetime(2026, 3, 1, tzinfo=UTC),
        new={Side.LEFT: (new,)},
        held={(Side.LEFT, "D1"): BROKEN, (Side.LEFT, "D2"): Problem("E120", "too long.")},
    )
    plan = make_plan(world, Policy(), dict.fromkeys(Side, Home()))
    assert [(one.side, one.item, one.problem) for one in plan.held] == [(Side.LEFT, "D1", BROKEN)]
