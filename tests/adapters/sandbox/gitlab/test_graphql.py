"""Severity, status and places: what only GraphQL tells and does."""

import pytest

from adapters.sandbox.core.access import Access, Token

ISSUES = "/api/v4/projects/77/issues"
SEVERITY = """mutation($iid: String!, $word: IssuableSeverity!) {
  issueSetSeverity(input: {projectPath: "acme/payments", iid: $iid, severity: $word}) {
    issue { iid severity } errors
  }
}"""
STATUS = """mutation($id: WorkItemID!, $status: WorkItemsStatusesStatusID!) {
  workItemUpdate(input: {id: $id, statusWidget: {status: $status}}) {
    workItem { id iid state workItemType { name } } errors
  }
}"""
STATUSES = """query($iids: [String!]) {
  project(fullPath: "acme/payments") {
    id fullPath archived
    workItems(iids: $iids, first: 100) {
      nodes {
        iid widgets { __typename ... on WorkItemWidgetStatus { status { id name category } } }
      }
    }
  }
}"""
ALLOWED = """{ namespace(fullPath: "acme") { fullPath workItemTypes { nodes {
  name widgetDefinitions { type ... on WorkItemWidgetDefinitionStatus {
    allowedStatuses { id name category } } } } } } }"""


@pytest.fixture
def ask(api):
    def send(query, **variables):
        answer = api.post("/api/graphql", json={"query": query, "variables": variables})
        assert answer.status_code == 200
        return answer.json()

    return send


def test_an_incidents_severity_is_set_and_another_issue_has_none(ask, api, maria):
    maria.open("x", kind="incident")
    maria.open("y")
    said = ask(SEVERITY, iid="1", word="CRITICAL")["data"]["issueSetSeverity"]
    assert said == {"issue": {"iid": "1", "severity": "CRITICAL"}, "errors": []}
    assert api.get(f"{ISSUES}/1").json()["severity"] == "CRITICAL"
    assert ask(SEVERITY, iid="2", word="LOW")["data"]["issueSetSeverity"]["issue"] == {
        "iid": "2",
        "severity": "UNKNOWN",
    }
    notes = [one["body"] for one in api.get(f"{ISSUES}/1/notes").json()]
    assert notes == ["changed the severity to **Critical - S1**"]
    api.put(f"{ISSUES}/1", json={"issue_type": "issue"})
    assert api.get(f"{ISSUES}/1").json()["severity"] == "UNKNOWN"


def test_a_severity_that_is_none_and_an_issue_that_is_not_there_are_errors(ask):
    assert "errors" in ask(SEVERITY, iid="1", word="AWFUL")
    said = ask(SEVERITY, iid="9", word="LOW")
    assert said["data"] == {"issueSetSeverity": None}
    assert "does not exist or you don't have permission" in said["errors"][0]["message"]


def test_a_status_closes_reopens_and_follows_the_state(ask, api, maria, sandbox):
    issue = maria.open("x")
    by_name = {one.name: one.id for one in sandbox.state.statuses}

    def status():
        [node] = ask(STATUSES, iids=["1"])["data"]["project"]["workItems"]["nodes"]
        return node["widgets"][-1]["status"]["name"]

    gid = f"gid://gitlab/WorkItem/{issue.id}"
    assert status() == "To do"
    for name, state in (("In progress", "OPEN"), ("Won't do", "CLOSED"), ("To do", "OPEN")):
        said = ask(STATUS, id=gid, status=by_name[name])["data"]["workItemUpdate"]
        assert (said["workItem"]["state"], said["errors"], status()) == (state, [], name)
    api.put(f"{ISSUES}/1", json={"state_event": "close"})
    assert status() == "Done"


def test_a_status_nobody_defined_is_refused_without_an_error(ask, maria):
    gid = f"gid://gitlab/WorkItem/{maria.open('x').id}"
    said = ask(STATUS, id=gid, status="gid://gitlab/none")
    assert "errors" not in said
    assert said["data"]["workItemUpdate"]["errors"] == ["System-defined status doesn't exist."]


def test_the_free_tier_has_no_statuses(ask, sandbox, maria):
    maria.open("x")
    types = ask(ALLOWED)["data"]["namespace"]["workItemTypes"]["nodes"]
    allowed = [one for kind in types for one in kind["widgetDefinitions"] if len(one) > 1]
    assert [one["name"] for one in allowed[0]["allowedStatuses"]][:2] == ["To do", "In progress"]
    sandbox.state.set_habits(premium=False)
    types = ask(ALLOWED)["data"]["namespace"]["workItemTypes"]["nodes"]
    assert all(len(one) == 1 for kind in types for one in kind["widgetDefinitions"])
    [node] = ask(STATUSES, iids=["1"])["data"]["project"]["workItems"]["nodes"]
    assert all("status" not in widget for widget in node["widgets"])


def test_an_issue_is_found_by_its_number_wherever_it_moved(ask, sandbox, maria):
    sandbox.state.add_project("acme/other")
    maria.open("x")
    moved = maria.transfer(1, "acme/other")
    query = "query($id: IssueID!) { issue(id: $id) { iid webUrl reference(full: true) title } }"
    found = ask(query, id=f"gid://gitlab/Issue/{moved.id}")["data"]["issue"]
    assert found["reference"] == "acme/other#1"
    assert ask(query, id="gid://gitlab/Issue/1") == {"data": {"issue": None}}


def test_what_one_may_not_see_is_null_and_may_not_be_changed(start, client):
    tokens = [
        Token("out", "olga", everywhere=Access.NONE),
        Token("guest", "gwen", everywhere=Access.READ),
        Token("reader", "rita", may_write=False),
    ]
    sandbox = start(tokens=tokens)
    sandbox.person("maria").open("x", kind="incident")

    def send(secret, query, **variables):
        body = {"query": query, "variables": variables}
        return client(sandbox, secret).post("/api/graphql", json=body).json()

    assert send("out", STATUSES, iids=["1"])["data"] == {"project": None}
    for secret in ("out", "guest", "reader"):
        assert send(secret, SEVERITY, iid="1", word="LOW")["errors"]
    assert sandbox.state.project("77").get(1).severity == "UNKNOWN"


def test_a_field_that_does_not_exist_refuses_the_request(ask):
    assert "doesn't exist on type" in ask("{ currentUser { shoeSize } }")["errors"][0]["message"]
    assert ask("{")["errors"]
    assert ask("{ currentUser { username id name } }")["data"]["currentUser"]["id"]
