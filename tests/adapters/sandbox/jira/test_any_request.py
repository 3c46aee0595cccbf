"""Whatever a client sends, the sandbox answers as Jira would and never falls over."""

import json

from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from adapters.sandbox.core.access import Access, Token
from adapters.sandbox.core.clock import SandboxClock, StillClock
from adapters.sandbox.core.limits import Limits
from adapters.sandbox.jira.state import JiraState
from adapters.sandbox.jira.tracker import JiraTracker

PLACES = [
    "/issue", "/issue/bulk", "/issue/bulkfetch", "/issue/PAY-1", "/issue/PAY-1/assignee",
    "/issue/PAY-1/changelog", "/issue/PAY-1/comment", "/issue/PAY-1/comment/10000",
    "/issue/PAY-1/editmeta", "/issue/PAY-1/properties", "/issue/PAY-1/properties/op",
    "/issue/PAY-1/remotelink", "/issue/PAY-1/remotelink/10000", "/issue/PAY-1/transitions",
    "/issue/createmeta", "/issue/createmeta/PAY/issuetypes",
    "/issue/createmeta/PAY/issuetypes/10001", "/issueLink", "/issueLink/10000", "/issueLinkType",
    "/field", "/mypermissions", "/myself", "/priority", "/priority/search", "/priorityscheme",
    "/project", "/project/PAY", "/project/PAY/statuses", "/project/search", "/resolution",
    "/search", "/search/jql", "/search/approximate-count", "/status", "/user", "/user/search",
    "/user/assignable/search",
]  # fmt: skip

NAMES = [
    "fields", "update", "properties", "transition", "id", "key", "name", "value", "summary",
    "project", "issuetype", "description", "labels", "priority", "assignee", "accountId",
    "duedate", "parent", "components", "resolution", "add", "remove", "set", "comment", "body",
    "type", "inwardIssue", "outwardIssue", "object", "url", "title", "globalId", "jql",
    "nextPageToken", "maxResults", "startAt", "reconcileIssues", "issueIdsOrKeys",
    "issueUpdates", "customfield_10050", "expand", "permissions", "projectKey", "query",
]  # fmt: skip

PLAIN = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6)
    | st.sampled_from(
        ["PAY", "PAY-1", "Task", "11", "101", "High", "doc", "Blocks", "project = PAY"]
    )
)
VALUES = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=8,
)
BODIES = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4) | VALUES


def build(flavour):
    state = JiraState(SandboxClock(StillClock()), flavour)
    state.add_token(Token("t", "bot"))
    project = state.add_project("PAY")
    project.people["bot"] = Access.WRITE
    state.add_field(project, "Severity", "option", ("SEV1",))
    state.issues.seed(project, 2)
    return state


@given(
    flavour=st.sampled_from(["cloud", "datacenter"]),
    version=st.sampled_from(["2", "3"]),
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE"]),
    place=st.sampled_from(PLACES),
    body=BODIES,
    query=st.dictionaries(st.sampled_from(NAMES), st.text(max_size=6), max_size=3),
)
def test_every_request_gets_an_answer(flavour, version, method, place, body, query):
    tracker = JiraTracker(lambda: build(flavour), Limits())
    builder = EnvironBuilder(
        path=f"/rest/api/{version}{place}",
        query_string=query,
        method=method,
        data=json.dumps(body),
        content_type="application/json",
        headers={"Authorization": "Basic Ym90QGV4YW1wbGUuY29tOnQ="}
        if flavour == "cloud"
        else {"Authorization": "Bearer t"},
    )
    answer = tracker.answer(Request(builder.get_environ()))
    assert answer.status in {200, 201, 204, 400, 401, 403, 404, 405, 410, 415}
    assert answer.status != 401
    if answer.body:
        json.loads(answer.body)
    json.dumps(tracker.dump())
