"""Whatever a client sends, the sandbox answers as GitLab would and never falls over."""

import json

from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from adapters.sandbox.core.access import Token
from adapters.sandbox.core.clock import SandboxClock, StillClock
from adapters.sandbox.core.limits import Limits
from adapters.sandbox.gitlab.quick import split
from adapters.sandbox.gitlab.state import GitLabState
from adapters.sandbox.gitlab.tracker import GitLabTracker

PLACES = [
    "",
    "/issues",
    "/issues/1",
    "/issues/1/move",
    "/issues/1/notes",
    "/issues/1/notes/700001",
    "/issues/1/links",
    "/issues/1/links/1",
    "/labels",
    "/labels/bug",
    "/members/all",
    "/members/11",
]
NAMES = [
    "title", "description", "labels", "add_labels", "remove_labels", "assignee_ids", "assignee_id",
    "state_event", "due_date", "issue_type", "confidential", "discussion_locked", "body",
    "internal", "name", "new_name", "color", "target_project_id", "target_issue_iid", "link_type",
    "to_project_id",
]  # fmt: skip
PLAIN = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=6)
    | st.sampled_from(
        [
            "close",
            "bug",
            "#ff0000",
            "incident",
            77,
            1,
            2,
            11,
            "/close",
            "a::b",
            "/move x",
            "/relate #2 no/ne#1",
        ]
    )
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
    state = GitLabState(SandboxClock(StillClock()))
    state.add_token(Token("t", "bot"))
    state.add_project("acme/payments").seed_issues(2)
    return state


def send(method, path, body=None, query=""):
    tracker = GitLabTracker(build, Limits(primary=None))
    builder = EnvironBuilder(
        path=path, query_string=query, method=method, data=body, headers={"Private-Token": "t"}
    )
    return tracker.answer(Request(builder.get_environ()))


@given(
    place=st.sampled_from(PLACES),
    method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE"]),
    body=BODIES,
)
def test_any_json_is_taken_or_refused(place, method, body):
    answer = send(method, f"/api/v4/projects/77{place}", json.dumps(body).encode())
    assert 200 <= answer.status < 500
    if answer.status != 204:
        json.loads(answer.body)


@given(
    place=st.sampled_from(PLACES),
    query=st.dictionaries(
        st.sampled_from(
            ["page", "per_page", "updated_after", "state", "sort", "order_by", "labels", "iids[]",
             "author_id", "assignee_id", "assignee_username[]", "pagination", "cursor", "scope"]
        ),
        st.text(max_size=8) | st.sampled_from(["0", "-1", "²", "keyset", "asc", "None", "all"]),
    ),
)  # fmt: skip
def test_any_query_is_taken_or_refused(place, query):
    assert 200 <= send("GET", f"/api/v4/projects/77{place}", query=query).status < 500


@given(variables=VALUES | st.dictionaries(st.sampled_from(["p", "i", "s", "x"]), VALUES))
def test_any_variables_are_answered(variables):
    query = """mutation ($p: ID!, $i: String!, $s: X!, $x: X!) {
      a: issueSetSeverity(input: {projectPath: $p, iid: $i, severity: $s}) { errors }
      b: workItemUpdate(input: $x) { errors }
      c: workItemUpdate(input: {id: $i, statusWidget: {status: $s}}) { errors }
    }"""
    body = json.dumps({"query": query, "variables": variables}).encode()
    assert send("POST", "/api/graphql", body).status == 200


@given(st.text(alphabet="/closed `>\n\r x~", max_size=40))
def test_text_that_was_kept_once_is_kept_for_good(text):
    kept, _ = split(text)
    if not split(kept)[1]:
        assert split(kept)[0] == kept
