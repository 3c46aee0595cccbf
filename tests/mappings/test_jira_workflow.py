"""The way through a workflow: shortest, by what can be filled, and never in rings."""

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.jira_workflow import (
    Need,
    Status,
    Transition,
    Workflow,
    filled,
    lacking,
    phase_of,
    value_of,
)
from mappings.vocabulary import Phase

RESOLUTION = Need(
    "resolution",
    "Resolution",
    "resolution",
    required=True,
    allowed=({"id": "1", "name": "Done"}, {"id": "2", "name": "Won't Do"}),
)


def workflow(**edges):
    """Statuses by letter; an edge's name is the two letters, a "!" demands a resolution."""
    found = Workflow()
    for start, ends in edges.items():
        steps = [
            Transition(
                f"{start}{end[0]}", f"{start} to {end[0]}", end[0], (RESOLUTION,) * ("!" in end)
            )
            for end in ends
        ]
        found.learn(start, steps)
    return found


def ids(way):
    return None if way is None else [step.id for step in way]


def test_the_shortest_way_is_taken():
    flow = workflow(a=["b", "c"], b=["d"], c=["b"], d=[])
    assert ids(flow.way("a", {"d"})) == ["ab", "bd"]
    assert ids(flow.way("a", {"a"})) == []
    assert flow.way("d", {"a"}) is None


def test_a_status_to_avoid_is_not_passed_but_may_be_the_goal():
    flow = workflow(a=["b"], b=["c"], c=[])
    assert flow.way("a", {"c"}, {}, {"b"}) is None
    assert ids(flow.way("a", {"b"}, {}, {"b"})) == ["ab"]


def test_a_ring_ends():
    assert workflow(a=["b"], b=["a"]).way("a", {"z"}) is None


def test_a_longer_way_that_can_be_filled_beats_a_short_one_that_cannot():
    flow = workflow(a=["d!", "b"], b=["d"], d=[])
    assert ids(flow.way("a", {"d"})) == ["ab", "bd"]
    assert ids(flow.way("a", {"d"}, {"resolution": "Done"})) == ["ad"]


def test_where_there_is_no_other_way_the_one_that_lacks_something_is_named():
    flow = workflow(a=["d!"], d=[])
    (step,) = flow.way("a", {"d"})
    assert [need.name for need in lacking(step, {})] == ["Resolution"]
    assert lacking(step, {"resolution": "Done"}) == ()


def test_a_status_nobody_looked_from_is_a_place_to_look_from():
    flow = workflow(a=["b", "c"], b=["d"])
    assert flow.unseen("a") == ("c", "d")
    flow.forget("a")
    assert flow.unseen("a") == ("a",)


@given(
    st.dictionaries(
        st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdef"), max_size=4), max_size=6
    )
)
def test_every_way_is_walkable_and_none_is_shorter(edges):
    flow = workflow(**edges)
    near = {"a": 0}
    queue = deque(["a"])
    while queue:
        here = queue.popleft()
        for end in edges.get(here, ()):
            if end not in near:
                near[end] = near[here] + 1
                queue.append(end)
    for goal in "abcdef":
        way = flow.way("a", {goal})
        assert (way is None) == (goal not in near)
        if way is not None:
            at = "a"
            for step in way:
                assert step in flow.known[at]
                at = step.to
            assert at == goal
            assert len(way) == near[goal]


def test_fields_are_filled_as_their_type_demands():
    option = Need("customfield_1", "Environment", "option", required=True)
    labels = Need("labels", "Labels", "array", "string")
    parts = Need(
        "components", "Components", "array", "component", True, False, ({"id": "7", "name": "Web"},)
    )
    settled = {
        "resolution": "won't do",
        "environment": "Production",
        "components": "web",
        "labels": "a",
    }
    assert filled([RESOLUTION, option, parts, labels], settled, all_of=False) == {
        "resolution": {"id": "2"},
        "customfield_1": {"value": "Production"},
        "components": [{"id": "7"}],
    }
    assert filled([labels], settled, all_of=True) == {"labels": ["a"]}
    assert value_of(Need("n", "Number", "number"), "3") == 3.0
    assert value_of(Need("v", "Fix", "version"), "1.0") == {"name": "1.0"}
    assert value_of(Need("t", "Text"), "x") == "x"
    with pytest.raises(ValueError, match='"Resolution" does not take "Nope"; it takes: Done, Won'):
        value_of(RESOLUTION, "Nope")


def test_a_status_is_a_phase_by_name_then_by_category():
    status = Status("3", "In Review", "indeterminate")
    assert phase_of(status, Phase.BLOCKED, Phase.BACKLOG) is Phase.BLOCKED
    assert phase_of(status, None, Phase.BACKLOG) is Phase.DOING
    assert phase_of(Status("4", "Shipped", "done"), None, Phase.BACKLOG) is Phase.COMPLETED
    assert phase_of(Status("5", "New", "new"), None, Phase.TODO) is Phase.TODO
    assert phase_of(Status("6", "Odd", "undefined"), None, Phase.TODO) is None
