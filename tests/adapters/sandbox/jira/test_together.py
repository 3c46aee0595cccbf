"""Many issues moved by one request: a task that does it later and tells of each."""

import pytest

from adapters.sandbox.jira.workflows import TEAM

SELECT = "11"


@pytest.fixture
def api(cloud, plain):
    return plain(cloud, version="3")


def move(api, step, *keys, status=201):
    moves = [{"selectedIssueIdsOrKeys": keys, "transitionId": step}]
    answer = api.post("/bulk/issues/transition", json={"bulkTransitionInputs": moves})
    assert answer.status_code == status, answer.text
    return answer.json()


def told(api, task):
    return api.get(f"/bulk/queue/{task['taskId']}").json()


def status(api, key):
    return api.get(f"/issue/{key}?fields=status").json()["fields"]["status"]["name"]


def test_each_issue_is_moved_or_named(api):
    one, two = api.make(), api.make()
    move(api, SELECT, one)
    end = told(api, move(api, SELECT, one, two, "PAY-99"))
    assert (end["status"], end["totalIssueCount"]) == ("COMPLETE", 3)
    assert len(end["processedAccessibleIssues"]) == len(end["failedAccessibleIssues"]) == 1
    assert end["invalidOrInaccessibleIssueCount"] == 1
    assert status(api, two) == "Selected for Development"


def test_a_task_takes_its_time(api, cloud):
    cloud.state.set_habits(task=30)
    key = api.make()
    task = move(api, SELECT, key)
    assert (told(api, task)["status"], status(api, key)) == ("RUNNING", "Backlog")
    cloud.clock.advance(30)
    assert told(api, task)["status"] == "COMPLETE"
    assert status(api, key) == "Selected for Development"


def test_a_step_with_a_screen_cannot_be_taken_by_many(api):
    key = api.make()
    end = told(api, move(api, "101", key))
    (reason,) = end["failedAccessibleIssues"].values()
    assert "screen" in reason[0]
    shown = api.get(f"/bulk/issues/transition?issueIdsOrKeys={key}").json()
    (flow,) = shown["availableTransitions"]
    assert [one["transitionName"] for one in flow["transitions"]] == ["Select"]
    assert flow["isTransitionsFiltered"]


def test_every_part_is_another_workflow(api, cloud):
    cloud.state.set_workflow(cloud.state.project("PAY"), TEAM, "Bug")
    task, bug = api.make(), api.make(kind="Bug")
    assert "distinct workflow" in move(api, SELECT, task, bug, status=400)["errors"][0]["message"]
    parts = [{"selectedIssueIdsOrKeys": [key], "transitionId": "11"} for key in (task, api.make())]
    answer = api.post("/bulk/issues/transition", json={"bulkTransitionInputs": parts})
    assert "distinct workflow" in answer.text
    shown = api.get(f"/bulk/issues/transition?issueIdsOrKeys={task},{bug}").json()
    assert [flow["issues"] for flow in shown["availableTransitions"]] == [[task], [bug]]


@pytest.mark.parametrize("parts", [None, [], ["x"], [{"selectedIssueIdsOrKeys": 1}]])
def test_what_names_no_issue_is_refused(api, parts):
    answer = api.post("/bulk/issues/transition", json={"bulkTransitionInputs": parts})
    assert answer.status_code == 400


def test_the_permission_is_the_whole_sites(api, cloud):
    cloud.state.denied.add("BULK_CHANGE")
    key = api.make()
    assert "bulk changes" in move(api, SELECT, key, status=403)["errorMessages"][0]
    shown = api.get("/mypermissions?permissions=BULK_CHANGE").json()["permissions"]
    assert shown["BULK_CHANGE"]["havePermission"] is False


def test_data_center_has_no_such_thing(start, plain):
    api = plain(start("PAY", flavour="datacenter"))
    assert api.post("/bulk/issues/transition", json={}).status_code in {404, 405}
