"""The library people use for Jira gets along with the sandbox, in both flavours."""

import warnings

import pytest
from jira import JIRA, JIRAError


@pytest.fixture
def library(jira, flavour):
    who = {"basic_auth": ("followthrough-bot@example.com", jira.token)}
    if flavour == "datacenter":
        who = {"token_auth": jira.token}
    client = JIRA(jira.url, max_retries=0, timeout=10, **who)
    yield client
    client.close()


def login_of(jira, name):
    user = jira.state.user(name)
    return user.account_id if jira.state.flavour == "cloud" else user.login


def test_it_learns_which_jira_this_is_and_who_it_is(library, jira, flavour):
    jira.state.user("followthrough-bot", zone="Asia/Tokyo")
    assert library.deploymentType == ("Cloud" if flavour == "cloud" else "Server")
    me = library.myself()
    assert me["timeZone"] == "Asia/Tokyo"
    assert ("accountId" in me, "name" in me) == (flavour == "cloud", flavour == "datacenter")
    rights = library.my_permissions(projectKey="PAY", permissions="EDIT_ISSUES,TRANSITION_ISSUES")
    assert all(one["havePermission"] for one in rights["permissions"].values())


def test_it_lists_projects_types_statuses_and_fields(library):
    assert [one.key for one in library.projects()] == ["PAY", "WEB", "OPS"]
    assert library.project("PAY").id == library.project(library.project("PAY").id).id
    assert library.project("OPS").issueTypes[0].name == "[System] Incident"
    assert {one.name for one in library.statuses()} >= {"Backlog", "To Do", "Work in progress"}
    assert [one.name for one in library.priorities()] == [
        "Highest", "High", "Medium", "Low", "Lowest",
    ]  # fmt: skip
    assert "Duplicate" in {one.name for one in library.resolutions()}
    assert {"summary", "labels", "duedate"} <= {one["id"] for one in library.fields()}
    assert "Blocks" in {one.name for one in library.issue_link_types()}


def test_an_issue_lives(library, jira):
    issue = library.create_issue(
        project="PAY",
        issuetype="Bug",
        summary="Cards fail",
        description="*bold*",
        labels=["b", "a"],
    )
    assert (issue.key, issue.fields.status.name, issue.fields.priority.name) == (
        "PAY-1", "Backlog", "Medium",
    )  # fmt: skip
    assert issue.fields.labels == ["a", "b"]
    library.assign_issue(issue.key, "maria" if jira.state.flavour == "datacenter" else "Maria")
    issue.update(summary="Cards fail again", update={"labels": [{"add": "c"}, {"remove": "a"}]})
    seen = library.issue("PAY-1")
    assert (seen.fields.summary, seen.fields.labels) == ("Cards fail again", ["b", "c"])
    assert seen.fields.assignee.displayName == "Maria"
    issue.delete()
    with pytest.raises(JIRAError, match="does not exist"):
        library.issue("PAY-1")


def test_fifty_issues_are_made_at_once_and_the_bad_ones_are_named(library):
    wanted = [
        {"project": {"key": "PAY"}, "issuetype": {"name": "Task"}, "summary": text}
        for text in ("one", "two\nlines", "three")
    ]
    made = library.create_issues(wanted)
    assert [one["status"] for one in made] == ["Success", "Error", "Success"]
    assert [one["issue"].key for one in made if one["issue"]] == ["PAY-1", "PAY-2"]


def test_a_transition_wants_its_required_field(library):
    issue = library.create_issue(project="PAY", issuetype="Task", summary="Ends")
    (close,) = (
        one for one in library.transitions(issue, expand="transitions.fields")
        if one["to"]["name"] == "Done"
    )  # fmt: skip
    assert close["fields"]["resolution"]["required"] is True
    with pytest.raises(JIRAError, match="Resolution is required"):
        library.transition_issue(issue, close["id"])
    library.transition_issue(issue, close["id"], fields={"resolution": {"name": "Duplicate"}})
    seen = library.issue(issue.key)
    assert (seen.fields.status.name, seen.fields.resolution.name) == ("Done", "Duplicate")
    assert seen.fields.resolutiondate is not None


def test_comments_links_and_properties(library):
    one, two = (
        library.create_issue(project="PAY", issuetype="Task", summary=text) for text in "ab"
    )
    comment = library.add_comment(one, "first")
    comment.update(body="changed")
    assert [each.body for each in library.comments(one)] == ["changed"]
    comment.delete()
    assert library.comments(one) == []
    library.create_issue_link("Blocks", one.key, two.key)
    (link,) = library.issue(two.key).fields.issuelinks
    assert (link.inwardIssue.key, link.type.inward) == (one.key, "is blocked by")
    link.delete()
    assert library.issue(one.key).fields.issuelinks == []
    library.add_issue_property(one, "op", {"id": "1"})
    assert library.issue_property(one, "op").value.id == "1"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the sandbox has no application links to list
        library.add_remote_link(one.key, {"url": "http://127.0.0.1/d", "title": "d"}, globalId="g")
        library.add_remote_link(one.key, {"url": "http://127.0.0.1/e", "title": "e"}, globalId="g")
    (remote,) = library.remote_links(one)
    assert remote.object.title == "e"


def test_a_search_is_followed_to_its_end(library, jira):
    jira.state.issues.seed(jira.state.project("PAY"), 250)
    found = library.search_issues(
        "project = PAY ORDER BY key ASC", maxResults=False, fields="summary"
    )
    assert [one.key for one in found] == [f"PAY-{number}" for number in range(1, 251)]


def test_people_who_may_be_assigned_are_found(library, jira, flavour):
    named = {"query": "mari"} if flavour == "cloud" else {"username": "mari"}
    found = library.search_assignable_users_for_issues(project="PAY", **named)
    assert [one.displayName for one in found] == ["Maria"]
    fields = {"assignee": {"accountId" if flavour == "cloud" else "name": login_of(jira, "maria")}}
    issue = library.create_issue(project="PAY", issuetype="Task", summary="x", **fields)
    assert issue.fields.assignee.displayName == "Maria"
