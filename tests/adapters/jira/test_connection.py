"""Connecting, checking, and proposing a profile."""

import pytest

from adapters.errors import AuthFailed
from adapters.jira import ADAPTER, JiraSettings
from adapters.sandbox.core.access import Access, Token
from adapters.sandbox.jira.workflows import Workflow
from mappings.problem import ProblemError
from mappings.vocabulary import Phase, Priority, Resolution


def failed(checks):
    return {check.name: check for check in checks if not check.ok}


def test_a_healthy_project_passes_and_every_phase_is_looked_at(connection, load):
    checks = [*connection.check(), *connection.open("PAY", load()).check()]
    assert failed(checks) == {}
    names = {check.name for check in checks}
    assert {"token", "deployment", "Task: doing", "Bug: completed", "priorities"} <= names


def test_missing_permissions_are_lines_with_their_remedy(connection, load, sandbox):
    sandbox.state.project("PAY").denied |= {"TRANSITION_ISSUES", "LINK_ISSUES"}
    lines = failed(connection.open("PAY", load()).check())
    assert "Transition issues" in lines["may change the phase"].remedy
    assert "may link an action with its incident" in lines


def test_required_fields_priorities_and_labels_are_proved_in_advance(connection, load, sandbox):
    home = sandbox.state.project("PAY")
    sandbox.state.add_field(home, "Team", "string", required=("Bug",))
    words = {"authority": "field", "field": "priority", "values": {"P0": "Blocker"}}
    severity = {"labels": {"SEV1": "sev one"}}
    lines = failed(connection.open("PAY", load(priority=words, severity=severity)).check())
    assert "Team" in lines["fields of Bug"].detail
    assert '"field:Team"' in lines["fields of Bug"].remedy
    assert "Blocker" in lines["priorities"].detail
    assert "sev one" in lines["labels"].detail


def test_a_phase_without_a_status_and_an_unnamed_status_are_said(connection, load):
    words = {"open": "backlog", "statuses": {"doing": ["Doing"], "completed": ["Done"]}}
    lines = failed(connection.open("PAY", load(phase=words)).check())
    assert "Blocked" in lines["statuses of Task"].detail
    assert "Task: doing" not in lines, "the category tells it"


def test_a_project_that_is_not_there_is_a_line(connection, load):
    (line,) = failed(connection.open("NOPE", load()).check()).values()
    assert "NOPE" in line.detail


def test_a_proposed_profile_has_the_projects_own_words(connection, load, sandbox):
    sandbox.state.add_project("WEB", "team").people |= sandbox.state.project("PAY").people
    project = connection.open("WEB", load())
    found = project.propose(load())
    assert found.phase.statuses[Phase.TODO] == ["To Do"]
    assert found.phase.statuses[Phase.DOING] == ["In Progress"]
    assert found.phase.statuses[Phase.COMPLETED] == ["Done"]
    assert found.priority.values[Priority.P0] == "Highest"
    assert found.category.types == {"bug": "Bug"}
    assert found.resolution.values[Resolution.DUPLICATE] == "Duplicate"


def test_a_wrong_deployment_is_named(sandbox, connect, flavour):
    wrong = "datacenter" if flavour == "cloud" else "cloud"
    lines = failed(connect(sandbox.url, wrong).check())
    assert lines


def test_a_token_with_scopes_goes_through_the_gateway(cloud, connect, load, flavour, monkeypatch):
    if flavour != "cloud":
        pytest.skip("only Cloud has a gateway")
    base = f"{cloud.url}/ex/jira/{cloud.state.cloud_id}"
    opened = connect(base, "cloud", site=cloud.url)
    assert opened.describe().user
    issue = cloud.person("maria").open("By hand")
    project = opened.open("PAY", load())
    (page,) = project.changed(None)
    assert page.items[0].ref.url == f"{cloud.url}/browse/{issue.key}"


def test_a_revoked_token_is_named(connection, sandbox):
    sandbox.state.revoke(sandbox.token)
    with pytest.raises(AuthFailed):
        connection.describe()


def test_a_token_that_was_replaced_is_used_at_once(connection, sandbox, monkeypatch):
    assert connection.describe().user
    fresh = "ATATT3xFfGF0freshfreshfresh"
    sandbox.state.revoke(sandbox.token)
    sandbox.state.add_token(Token(fresh, "followthrough-bot", Access.ADMIN))
    monkeypatch.setenv("FT_TEST_TOKEN", fresh)
    assert connection.describe().user


@pytest.mark.parametrize("key", ["pay", "PAY/1", "", "P A", "PAY&x=1"])
def test_what_is_no_project_key_is_refused(connection, load, key):
    with pytest.raises(ProblemError, match="project key"):
        connection.open(key, load())


def test_settings_want_one_credential_and_a_safe_address(connect):
    with pytest.raises(ValueError, match="either `token` or `service_account`"):
        JiraSettings.model_validate({"base_url": "https://acme.atlassian.net"})
    with pytest.raises(ProblemError, match="https"):
        connect("http://jira.example.com", "cloud")
    assert ADAPTER.capabilities.notes


@pytest.mark.parametrize(
    ("url", "cloud"),
    [
        ("https://acme.atlassian.net", True),
        ("https://api.atlassian.com/ex/jira/1", True),
        ("https://jira.acme.example", False),
    ],
)
def test_the_address_tells_the_deployment(connect, url, cloud):
    assert connect(url, None).client.options.cloud is cloud


def stand_everywhere(sandbox, key, names):
    """One issue in each status."""
    maria = sandbox.person("maria", key)
    for name in names:
        maria.walk(maria.open(f"In {name}", kind="Task").id, name)


def test_a_workflow_without_a_way_back_is_sound_and_said(connection, load, sandbox):
    sandbox.state.add_project("OPS", "service").people |= sandbox.state.project("PAY").people
    names = ("Open", "Work in progress", "Pending", "Completed", "Canceled", "Closed")
    stand_everywhere(sandbox, "OPS", names)
    checks = list(connection.open("OPS", load("jira-service-management")).check())
    assert failed(checks) == {}
    lines = {check.name: check.detail for check in checks}
    assert "not from Work in progress" in lines["Task: todo"]
    assert lines["Task: completed"] == "reachable from every status"


def test_a_phase_that_nothing_leads_to_is_found(connection, load, sandbox):
    home = sandbox.state.project("PAY")
    steps = tuple(one for one in home.workflow.transitions if one.name != "Block")
    names = [name for name, _ in home.workflow.statuses]
    stand_everywhere(sandbox, "PAY", names)
    sandbox.state.set_workflow(home, Workflow("w", home.workflow.statuses, steps))
    lines = failed(connection.open("PAY", load()).check())
    assert "not reachable from" in lines["Task: blocked"].detail
