"""Issues go through workflows as they are drawn, and no other way."""

from dataclasses import replace

import pytest

from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.jira.workflows import CLASSIC, TEMPLATES, Transition, Workflow


def steps(api, key):
    found = api.get(f"/issue/{key}/transitions").json()["transitions"]
    return {one["to"]["name"]: one["id"] for one in found}


def take(api, key, step, **fields):
    body = {"transition": {"id": step}} | ({"fields": fields} if fields else {})
    return api.post(f"/issue/{key}/transitions", json=body)


def status(api, key):
    fields = api.get(f"/issue/{key}").json()["fields"]
    resolution = fields["resolution"]
    return fields["status"]["name"], resolution and resolution["name"]


def test_a_classic_project_lets_one_step_at_a_time(api):
    key = api.make()
    assert set(steps(api, key)) == {"Selected for Development", "Done"}
    for name in ("Selected for Development", "In Progress", "In Review"):
        assert take(api, key, steps(api, key)[name]).status_code == 204
    assert take(api, key, steps(api, key)["Done"], resolution={"name": "Done"}).status_code == 204
    assert status(api, key) == ("Done", "Done")
    take(api, key, steps(api, key)["Selected for Development"])
    assert status(api, key) == ("Selected for Development", None)


def test_a_team_managed_project_lets_every_step_and_resolves_by_itself(api):
    key = api.make(project="WEB")
    assert set(steps(api, key)) == {"To Do", "In Progress", "Blocked", "Done"}
    take(api, key, steps(api, key)["Done"])
    assert status(api, key) == ("Done", "Done")
    take(api, key, steps(api, key)["Blocked"])
    assert status(api, key) == ("Blocked", None)


def test_a_team_managed_project_owns_its_statuses(api, jira):
    site = {one["name"]: one for one in api.get("/status").json() if "scope" not in one}
    own = [one for one in api.get("/status").json() if "scope" in one]
    assert {one["name"] for one in own} == {"To Do", "In Progress", "Blocked", "Done"}
    assert site["Done"]["id"] not in {one["id"] for one in own}


def test_a_step_that_is_not_there_is_refused(api):
    key = api.make()
    answer = take(api, key, "91", resolution={"name": "Done"})
    assert answer.status_code == 400
    assert "not valid" in answer.json()["errorMessages"][0]
    assert take(api, key, "").status_code == 400


def test_a_field_that_the_screen_lacks_is_refused(api):
    key = api.make()
    answer = take(api, key, "11", resolution={"name": "Done"})
    assert "appropriate screen" in answer.json()["errors"]["resolution"]


def test_a_validator_may_demand_what_the_step_did_not_announce(api, jira):
    sly = [
        replace(one, required=(), demanded=("resolution",)) if one.required else one
        for one in CLASSIC.transitions
    ]
    jira.state.set_workflow(
        jira.state.project("PAY"), Workflow("Sly", CLASSIC.statuses, tuple(sly))
    )
    key = api.make()
    found = api.get(f"/issue/{key}/transitions?expand=transitions.fields").json()["transitions"]
    (close,) = (one for one in found if one["to"]["name"] == "Done")
    assert close["fields"]["resolution"]["required"] is False
    answer = take(api, key, close["id"])
    assert (answer.status_code, answer.json()["errors"]) == (400, {})
    assert answer.json()["errorMessages"] == ["Field Resolution is required"]
    assert take(api, key, close["id"], resolution={"name": "Done"}).status_code == 204


def test_an_issue_type_may_have_a_workflow_of_its_own(api, jira):
    short = Workflow(
        "Short", (("Open", "new"), ("Shut", "done")), (Transition(id="5", name="Shut", to="Shut"),)
    )
    jira.state.set_workflow(jira.state.project("PAY"), short, "Bug")
    assert status(api, api.make(kind="Bug")) == ("Open", None)
    assert status(api, api.make(kind="Task")) == ("Backlog", None)
    listed = api.get("/project/PAY/statuses").json()
    (bug,) = (one for one in listed if one["name"] == "Bug")
    assert [one["name"] for one in bug["statuses"]] == ["Open", "Shut"]


def test_without_the_permission_there_is_no_step(api, jira):
    key = api.make()
    jira.state.project("PAY").denied.add("TRANSITION_ISSUES")
    assert steps(api, key) == {}
    assert take(api, key, "11").status_code == 400
    rights = api.get("/mypermissions?projectKey=PAY&permissions=TRANSITION_ISSUES").json()
    assert rights["permissions"]["TRANSITION_ISSUES"]["havePermission"] is False


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_status_of_every_template_is_reached_and_left(name):
    flow = TEMPLATES[name].workflow
    names = [one for one, _ in flow.statuses]
    assert all(flow.path(start, goal) is not None for start in names for goal in names)


def test_a_person_walks_or_is_told_that_no_way_leads_there(jira):
    maria = jira.person("maria")
    key = maria.open("Walk").key
    walked = maria.walk(key, "In Review")
    assert jira.state.statuses[walked.status].name == "In Review"
    with pytest.raises(Refused, match="no way"):
        maria.walk(key, "Nowhere")
    with pytest.raises(Refused, match="no way"):
        maria.transition(key, "Backlog")
