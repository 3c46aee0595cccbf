"""Whatever a client sends, the sandbox answers as GitHub would and never falls over."""

import json

from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from adapters.sandbox.core.access import Token
from adapters.sandbox.core.clock import SandboxClock, StillClock
from adapters.sandbox.core.limits import Limits
from adapters.sandbox.github.state import GitHubState
from adapters.sandbox.github.tracker import GitHubTracker

PLACES = [
    "",
    "/issues",
    "/issues/1",
    "/issues/1/labels",
    "/issues/1/labels/bug",
    "/issues/1/comments",
    "/issues/1/assignees",
    "/issues/1/sub_issues",
    "/issues/1/sub_issues/priority",
    "/issues/1/sub_issue",
    "/issues/1/issue-field-values",
    "/issues/1/lock",
    "/issues/1/timeline",
    "/issues/comments",
    "/issues/events",
    "/labels",
    "/labels/bug",
    "/milestones",
    "/milestones/1",
    "/assignees",
]

NAMES = [
    "title", "body", "state", "state_reason", "labels", "assignees", "assignee", "milestone",
    "type", "issue_field_values", "parent_issue_id", "name", "new_name", "color", "description",
    "due_on", "sub_issue_id", "after_id", "before_id", "replace_parent", "field_id", "value",
]  # fmt: skip

PLAIN = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=6)
    | st.sampled_from(["open", "closed", "bug", "maria", "completed", 900_001, 1, 51, "P0"])
)
VALUES = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)
    ),
    max_leaves=6,
)
BODIES = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4) | VALUES


def build():
    state = GitHubState(SandboxClock(StillClock()))
    state.add_token(Token("t", "octo-bot"))
    state.add_issue_field("Priority", ("P0",))
    state.add_repository("acme/payments").seed_issues(2)
    return state


def send(tracker, method, path, body=None, query=""):
    builder = EnvironBuilder(
        path=path,
        query_string=query,
        method=method,
        data=body,
        headers={"Authorization": "token t"},
    )
    return tracker.answer(Request(builder.get_environ()))


@given(
    place=st.sampled_from(PLACES),
    method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE"]),
    body=BODIES,
)
def test_any_json_is_taken_or_refused(place, method, body):
    tracker = GitHubTracker(build, Limits(primary=None))
    text = json.dumps(body).encode()
    answer = send(tracker, method, f"/repos/acme/payments{place}", text)
    assert 200 <= answer.status < 500
    if answer.status not in {204, 304}:
        json.loads(answer.body)
    assert send(tracker, "GET", "/repos/acme/payments/issues", query="state=all").status == 200


@given(
    place=st.sampled_from(PLACES),
    query=st.dictionaries(
        st.sampled_from(
            [
                "page",
                "per_page",
                "since",
                "state",
                "sort",
                "direction",
                "labels",
                "creator",
                "assignee",
                "milestone",
            ]
        ),
        st.text(max_size=8) | st.sampled_from(["0", "-1", "²", "open", "updated", "asc", "none"]),
    ),
)
def test_any_query_is_taken_or_refused(place, query):
    tracker = GitHubTracker(build, Limits(primary=None))
    answer = send(tracker, "GET", f"/repos/acme/payments{place}", query=query)
    assert 200 <= answer.status < 500


@given(variables=VALUES | st.dictionaries(st.sampled_from(["id", "ids", "input"]), VALUES))
def test_any_variables_are_answered(variables):
    tracker = GitHubTracker(build, Limits(primary=None))
    query = """mutation ($id: ID!, $ids: [ID!]!, $input: X!) {
      a: addProjectV2ItemById(input: $input) { item { id } }
      b: updateProjectV2ItemFieldValue(input: {projectId: $id, itemId: $id, fieldId: $id,
           value: $input}) { projectV2Item { id } }
    }"""
    for text in (
        query,
        "query ($id: ID!, $ids: [ID!]!) { node(id: $id) { id } nodes(ids: $ids) { id } }",
    ):
        body = json.dumps({"query": text, "variables": variables}).encode()
        answer = send(tracker, "POST", "/graphql", body)
        assert 200 <= answer.status < 500
