"""Many issues at once: few requests, and what is refused stops no other."""

from adapters.errors import Rejected, UnknownOutcome
from mappings.item import Draft, Item
from mappings.markers import Marker, write_marker
from mappings.vocabulary import Phase, Priority


def drafts(count, **changes):
    return [
        Draft(
            title=f"Item {number}",
            marker=write_marker(Marker(f"{number:032x}", "b" * 8, f"T-{number}"), b"k" * 32),
            priority=Priority.P1,
            body=f"Text {number}",
            **changes,
        )
        for number in range(count)
    ]


def test_a_thousand_creations_are_thirty_requests(project, asked):
    project.describe()
    asked()
    wanted = drafts(1000)
    made = project.create_many(wanted)
    assert len(asked()) == 30
    assert [item.title for item in made] == [draft.title for draft in wanted]
    assert [item.marker for item in made] == [draft.marker for draft in wanted]


def test_what_is_refused_stops_no_other(connection, load):
    words = {"authority": "field", "field": "priority", "values": {"P0": "Blocker", "P1": "High"}}
    project = connection.open("PAY", load(priority=words))
    first, second, third, fourth = drafts(4)
    long = Draft(title="x" * 256, marker=second.marker)
    unknown = Draft(title="y", marker=third.marker, priority=Priority.P0)
    made = project.create_many([first, long, unknown, fourth])
    assert [type(one) for one in made] == [Item, Rejected, Rejected, Item]
    assert "256 characters" in str(made[1])
    assert "priority" in str(made[2])
    assert made[3].title == fourth.title
    assert [type(one) for one in project.create_many([unknown])] == [Rejected]


def test_one_request_of_two_that_is_lost_leaves_only_its_own_in_doubt(project, sandbox):
    sandbox.faults.add("lose-reply", "POST /issue/bulk", times=1)
    made = project.create_many(drafts(60))
    assert [type(one) for one in made] == [UnknownOutcome] * 50 + [Item] * 10


def test_a_lost_answer_leaves_each_of_them_to_be_found(project, sandbox, clock):
    list(project.changed(None))
    since, hint = clock.now(), project.hint()
    wanted = drafts(3)
    sandbox.faults.add("lose-reply", "POST /issue/bulk", times=1)
    assert {type(one) for one in project.create_many(wanted)} == {UnknownOutcome}
    for draft in wanted:
        (found,) = project.find(draft.marker, since, hint or "0").items
        assert found.title == draft.title


def test_phases_are_walked_to_after_the_creation(project):
    assert [item.phase for item in project.create_many(drafts(2, phase=Phase.DOING))] == [
        Phase.DOING,
        Phase.DOING,
    ]
