"""Many issues at once: few requests, and what is refused stops no other."""

import json

import pytest

from adapters.errors import Rejected, UnknownOutcome
from adapters.jira.answers import refusal
from mappings.item import Draft, Item, Ref
from mappings.markers import Marker, write_marker
from mappings.vocabulary import Kind, Phase, Priority


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


def test_what_the_search_shows_late_is_read_itself(project, sandbox, flavour, asked):
    """Two are moved one after another; Data Center's search may show them as they were."""
    if flavour == "cloud":
        pytest.skip("Cloud reads issues by their ids")
    project.create_many(drafts(1, phase=Phase.TODO))
    asked()
    fast = project.create_many(drafts(12, phase=Phase.TODO))
    assert {item.phase for item in fast} == {Phase.TODO}
    assert len(asked()) == 1 + 12 + 2  # creation, transitions, and two readings
    step = sandbox.state.issues.transition

    def late(*given):
        sandbox.state.set_habits(lag=60)
        return step(*given)

    sandbox.state.issues.transition = late
    slow = project.create_many(drafts(2, phase=Phase.TODO))
    assert {item.phase for item in slow} == {Phase.TODO}


def test_under_an_epic_they_are_born_there_and_its_type_is_asked_for_once(
    project, sandbox, flavour, asked
):
    epic = sandbox.person("maria").open("Programme", kind="Epic")
    project.describe()
    asked()
    made = project.create_many(drafts(10, parent=Ref(str(epic.id), epic.key)))
    assert {item.parent.id for item in made} == {str(epic.id)}
    if flavour == "cloud":
        assert [line.split(" ")[1] for line in asked()] == [
            f"/rest/api/2/issue/{epic.id}",
            "/rest/api/2/issue/bulk",
            "/rest/api/2/issue/bulkfetch",
        ]


def test_under_any_other_issue_they_are_linked_each_by_one_request(project, cloud_only, asked):
    maria = cloud_only.person("maria")
    incident = maria.open("Incident", kind="Task")
    project.describe()
    asked()
    made = project.create_many(drafts(10, parent=Ref(str(incident.id), incident.key)))
    assert {item.parent.id for item in made} == {str(incident.id)}
    lines = asked()
    assert lines.count("POST /rest/api/2/issueLink") == 10
    assert len(lines) == 14  # the parent's type, the creations, and two readings


def test_a_parent_that_is_refused_is_put_above_afterwards(project, cloud_only):
    epic = cloud_only.person("maria").open("Programme", kind="Epic")
    reason = {"errorMessages": [], "errors": {"parent": "not in the hierarchy"}}
    cloud_only.faults.add(
        "error", "POST /issue$", status=400, times=1, body=json.dumps(reason),
        headers={"Content-Type": "application/json"},
    )  # fmt: skip
    item = project.create(Draft(title="Below", parent=Ref(str(epic.id), epic.key)))
    assert item.parent == Ref(str(epic.id), epic.key)
    above = project.create(Draft(title="Above", kind=Kind.INITIATIVE))
    assert above.parent is None


@pytest.fixture
def cloud_only(sandbox, flavour):
    if flavour != "cloud":
        pytest.skip("Data Center has a field for epics instead")
    return sandbox


def test_a_refusal_of_one_among_many_names_the_line_to_add_to_the_profile():
    said = {"errorMessages": [], "errors": {"customfield_7": "Team is required."}}
    refused = refusal(said)
    assert str(refused.problem) == (
        "E120 Jira refuses it: customfield_7: Team is required. Give it a value under [options] "
        'of the profile: "field:customfield_7" = "…".'
    )


def test_all_fields_that_are_required_are_named_at_once():
    errors = {"priority": "odd", "a": "A is required.", "b": "B is required."}
    refused = refusal({"errors": errors})
    assert refused.problem.remedy.endswith('"field:a" = "…", "field:b" = "…".')


def test_a_refused_value_that_is_no_field_of_ours_has_its_own_words():
    assert "no reason given" in str(refusal({}))
    project = {"errors": {"project": "You do not have permission to create issues here."}}
    assert "permission Create issues" in refusal(project).problem.remedy
    archived = {"errors": {"project": "The project is archived and takes no issues."}}
    assert refusal(archived).problem.code == "E127"
