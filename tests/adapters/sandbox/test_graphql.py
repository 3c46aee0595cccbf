"""GraphQL: boards, lookups, and errors that come with status 200."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sandbox.core.access import Access, Token
from adapters.sandbox.core.graphql.language import Unreadable, read
from adapters.sandbox.github.model import node_id


@pytest.fixture
def board(sandbox):
    return sandbox.state.add_board("acme", "Incidents", ("Backlog", "Doing", "Done"))


@pytest.fixture
def ask(api):
    def send(query, **variables):
        answer = api.post("/graphql", json={"query": query, "variables": variables})
        assert answer.status_code == 200, answer.text
        return answer.json()

    return send


BOARD = """
query ($owner: String!, $number: Int!) {
  organization(login: $owner) { projectV2(number: $number) {
    id title
    field(name: "status") { ... on ProjectV2SingleSelectField {
      id name dataType options { id name } } }
  } }
}
"""

ADD = """
mutation ($project: ID!, $content: ID!) {
  addProjectV2ItemById(input: {projectId: $project, contentId: $content}) { item { id } }
}
"""

SET = """
mutation ($input: UpdateProjectV2ItemFieldValueInput!) {
  updateProjectV2ItemFieldValue(input: $input) { projectV2Item { id updatedAt } }
}
"""

ITEMS = """
query ($ids: [ID!]!) { nodes(ids: $ids) { __typename ... on Issue {
  number
  projectItems(first: 10) { nodes { id isArchived project { number }
    status: fieldValueByName(name: "Status") {
      ... on ProjectV2ItemFieldSingleSelectValue { name optionId field {
        ... on ProjectV2FieldCommon { name } } } } } }
} } }
"""


def test_an_issue_is_put_on_a_board_moved_and_read_back(sandbox, board, ask):
    sandbox.person("maria").open("x")
    before = sandbox.state.repository("acme/payments").get(1)
    node = ask('{ repository(owner: "acme", name: "payments") { issue(number: 1) { id } } }')
    issue = node["data"]["repository"]["issue"]["id"]
    found = ask(BOARD, owner="acme", number=1)["data"]["organization"]["projectV2"]
    doing = next(one["id"] for one in found["field"]["options"] if one["name"] == "Doing")
    added = ask(ADD, project=found["id"], content=issue)["data"]["addProjectV2ItemById"]
    item = added["item"]["id"]
    assert ask(ADD, project=found["id"], content=issue)["data"]["addProjectV2ItemById"] == added
    moved = {
        "projectId": found["id"],
        "itemId": item,
        "fieldId": found["field"]["id"],
        "value": {"singleSelectOptionId": doing},
    }
    assert "errors" not in ask(SET, input=moved)
    [node] = ask(ITEMS, ids=[issue])["data"]["nodes"]
    [shown] = node["projectItems"]["nodes"]
    assert shown["status"] == {"name": "Doing", "optionId": doing, "field": {"name": "Status"}}
    after = sandbox.state.repository("acme/payments").get(1)
    assert after == before


def test_a_person_moves_an_issue_on_a_board_and_every_item_can_be_listed(sandbox, board, ask):
    for title in "abc":
        issue = sandbox.person("maria").open(title)
        sandbox.person("maria").move("Incidents", issue.number, "Done")
    found = ask(
        """{ organization(login: "acme") { projectV2(number: 1) { items(first: 2) {
             totalCount pageInfo { hasNextPage endCursor }
             nodes { type content { ... on Issue { title } } fieldValues(first: 5) { nodes {
               ... on ProjectV2ItemFieldSingleSelectValue { name } } } } } } } }"""
    )["data"]["organization"]["projectV2"]["items"]
    assert (found["totalCount"], found["pageInfo"]["hasNextPage"]) == (3, True)
    assert found["nodes"][0] == {
        "type": "ISSUE",
        "content": {"title": "a"},
        "fieldValues": {"nodes": [{"name": "Done"}]},
    }
    rest = ask(
        """query ($after: String) { organization(login: "acme") { projectV2(number: 1) {
             items(first: 2, after: $after) { pageInfo { hasNextPage }
               edges { node { content { ... on Issue { title } } } } } } } }""",
        after=found["pageInfo"]["endCursor"],
    )["data"]["organization"]["projectV2"]["items"]
    assert not rest["pageInfo"]["hasNextPage"]
    assert [edge["node"]["content"]["title"] for edge in rest["edges"]] == ["c"]


def test_a_cleared_value_reads_as_null(sandbox, board, ask):
    sandbox.person("maria").open("x")
    sandbox.person("maria").move("Incidents", 1, "Done")
    found = ask(BOARD, owner="acme", number=1)["data"]["organization"]["projectV2"]
    items = ask(
        """query ($id: ID!) { node(id: $id) {
             ... on ProjectV2 { items(first: 1) { nodes { id } } } } }""",
        id=found["id"],
    )["data"]["node"]["items"]["nodes"]
    wanted = {
        "projectId": found["id"],
        "itemId": items[0]["id"],
        "fieldId": found["field"]["id"],
    }
    cleared = ask(
        """mutation ($input: ClearProjectV2ItemFieldValueInput!) {
             clearProjectV2ItemFieldValue(input: $input) { projectV2Item {
               fieldValueByName(name: "Status") { __typename } } } }""",
        input=wanted,
    )
    item = cleared["data"]["clearProjectV2ItemFieldValue"]["projectV2Item"]
    assert item == {"fieldValueByName": None}


def test_issues_are_looked_up_and_listed_without_pull_requests(sandbox, ask):
    maria = sandbox.person("maria")
    parent = maria.open("parent", labels=["bug"], assignees=["zoe"])
    maria.open("child")
    maria.pull("change")
    sandbox.clock.advance(60)
    maria.close(2, "duplicate")
    maria.comment(1, "hello")
    found = ask(
        """{ rateLimit { remaining cost } repository(owner: "acme", name: "payments") {
             databaseId isPrivate viewerPermission
             issues(first: 10, orderBy: {field: UPDATED_AT, direction: ASC},
                    filterBy: {since: "2026-03-02T09:00:00Z"}) { nodes { number } }
             closed: issues(first: 10, states: [CLOSED]) { nodes { number stateReason } }
             issue(number: 1) { databaseId title state author { login __typename }
               labels(first: 5) { nodes { name } } assignees(first: 5) { nodes { login } }
               comments(last: 1) { nodes { body } } parent { number } } } }"""
    )
    assert "errors" not in found
    repository = found["data"]["repository"]
    assert [one["number"] for one in repository["issues"]["nodes"]] == [1, 2]
    assert repository["closed"]["nodes"] == [{"number": 2, "stateReason": "DUPLICATE"}]
    assert repository["issue"] == {
        "databaseId": parent.id,
        "title": "parent",
        "state": "OPEN",
        "author": {"login": "maria", "__typename": "User"},
        "labels": {"nodes": [{"name": "bug"}]},
        "assignees": {"nodes": [{"login": "zoe"}]},
        "comments": {"nodes": [{"body": "hello"}]},
        "parent": None,
    }


def test_what_is_missing_becomes_null_with_an_error_beside_the_rest(sandbox, ask):
    sandbox.person("maria").open("x")
    found = ask(
        """{ repository(owner: "acme", name: "payments") {
             here: issue(number: 1) { title } there: issue(number: 9) { title } } }"""
    )
    assert found["data"]["repository"] == {"here": {"title": "x"}, "there": None}
    [error] = found["errors"]
    assert (error["type"], error["path"]) == ("NOT_FOUND", ["repository", "there"])
    nodes = ask(ITEMS, ids=["nonsense"])
    assert (nodes["data"], nodes["errors"][0]["path"]) == ({"nodes": [None]}, ["nodes", 0])


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("{ viewer { nonsense } }", "doesn't exist on type 'User'"),
        ("{ viewer }", "must have a selection"),
        ("{ node { id } }", "missing required arguments: id"),
        ("{ viewer { login ", "expected a name"),
        ("{ ...Absent }", "not defined"),
        ("", "no operation"),
    ],
)
def test_a_query_that_cannot_be_understood_is_refused_whole(ask, query, says):
    found = ask(query)
    assert "data" not in found
    assert says in found["errors"][0]["message"]


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        ("", "MISSING_PAGINATION_BOUNDARIES"),
        ("(first: 101)", "EXCESSIVE_PAGINATION"),
        ('(first: 1, after: "x")', "INVALID_CURSOR_ARGUMENTS"),
    ],
)
def test_a_list_must_be_asked_for_in_pages(ask, arguments, kind):
    found = ask(
        f'{{ repository(owner: "acme", name: "payments") '
        f"{{ issues{arguments} {{ totalCount }} }} }}"
    )
    assert found["errors"][0]["type"] == kind


def test_boards_need_their_scope_and_writing_its_right(start, client):
    tokens = [
        Token("plain", "guest", scopes=("repo",)),
        Token("reader", "guest", scopes=("read:project", "repo"), everywhere=Access.READ),
    ]
    sandbox = start(tokens=tokens)
    sandbox.state.add_board("acme", "Incidents", ("Backlog",))
    sandbox.person("maria").open("x")

    def kind(token, query, **variables):
        body = {"query": query, "variables": variables}
        found = client(sandbox, token).post("/graphql", json=body).json()
        return found["errors"][0]["type"] if "errors" in found else None

    asked = {"owner": "acme", "number": 1}
    assert kind("plain", BOARD, **asked) == "INSUFFICIENT_SCOPES"
    assert kind("reader", BOARD, **asked) is None
    assert kind("reader", ADD, project="x", content="y") == "INSUFFICIENT_SCOPES"
    assert kind("reader", BOARD, owner="acme", number=9) == "NOT_FOUND"


def test_what_a_token_may_not_see_is_redacted_on_a_board(start, client):
    sandbox = start(tokens=[Token("narrow", "guest", access={"acme/secret": Access.NONE})])
    secret = sandbox.state.add_repository("acme/secret", private=True)
    board = sandbox.state.add_board("acme", "Incidents", ("Backlog",))
    issue = sandbox.person("maria", secret.full_name).open("hidden")
    sandbox.state.on_board(board, issue.id)
    query = """{ organization(login: "acme") { projectV2(number: 1) { items(first: 9) {
                 nodes { type content { __typename } } } } } }"""
    answer = client(sandbox, "narrow").post("/graphql", json={"query": query})
    assert answer.json()["data"]["organization"]["projectV2"]["items"]["nodes"] == [
        {"type": "REDACTED", "content": None}
    ]


def test_a_strangers_query_is_refused(sandbox, client):
    answer = client(sandbox, "").post("/graphql", json={"query": "{ viewer { login } }"})
    assert answer.status_code == 401


def test_the_language_is_read_with_fragments_directives_and_every_kind_of_value():
    document = read(
        '''
        # a comment
        query Named($a: [Int!]! = [1, 2], $b: String = "x\\u0041") @include(if: true) {
          one: field(a: $a, b: {c: -1.5e3, d: null, e: ENUM, f: """block "text" """}) @skip(if: $b)
          ...Part
          ... on Type { x }
          ... @include(if: false) { y }
        }
        fragment Part on Other { z }
        '''
    )
    [operation] = document.operations
    assert (operation.name, operation.defaults) == ("Named", {"a": [1, 2], "b": "xA"})
    first = operation.selections[0]
    assert (first.alias, first.name) == ("one", "field")
    assert first.arguments["b"] == {
        "c": -1500.0,
        "d": None,
        "e": "ENUM",
        "f": 'block "text" ',
    }
    assert [one.spread or one.on for one in operation.selections[1:]] == ["Part", "Type", ""]
    assert document.fragments["Part"].on == "Other"


def test_directives_leave_fields_out(ask):
    found = ask(
        "query ($no: Boolean!) { viewer { login @skip(if: $no) id @include(if: $no) } }", no=False
    )
    assert found["data"]["viewer"] == {"login": "octo-bot"}


@given(st.text(alphabet='{}()[]:$!@."a1 \n#&|=', max_size=40))
def test_any_text_is_either_read_or_refused(text):
    with suppress(Unreadable):
        assert read(text).operations


def test_every_kind_of_field_is_set_and_a_wrong_value_refused(sandbox, board, ask):
    sandbox.person("maria").open("x")
    sandbox.person("maria").move("Incidents", 1, "Backlog")
    fields = {
        kind: sandbox.state.add_board_field(board, kind.capitalize(), kind).id
        for kind in ("TEXT", "NUMBER", "DATE")
    }
    status = board.fields[0].id
    item = {"projectId": node_id("ProjectV2", board.id), "itemId": node_id("ProjectV2Item", 1)}

    def put(field, value):
        field_id = field if isinstance(field, str) else node_id("ProjectV2Field", field)
        return ask(SET, input=item | {"fieldId": field_id, "value": value})

    for kind, value in (("TEXT", "t"), ("NUMBER", 2.5), ("DATE", "2026-03-01")):
        assert "errors" not in put(fields[kind], {kind.lower(): value})
    shown = ask(
        """{ organization(login: "acme") { projectsV2(first: 1) { nodes { title closed url
             owner { ... on Organization { login } }
             fields(first: 9) { nodes { ... on ProjectV2FieldCommon { name dataType } } }
             items(first: 1) { nodes { createdAt fieldValues(first: 9) { nodes { __typename
               ... on ProjectV2ItemFieldTextValue { text }
               ... on ProjectV2ItemFieldNumberValue { number }
               ... on ProjectV2ItemFieldDateValue { date } } } } } } } } }"""
    )["data"]["organization"]["projectsV2"]["nodes"][0]
    assert [one["dataType"] for one in shown["fields"]["nodes"]] == [
        "SINGLE_SELECT", "TEXT", "NUMBER", "DATE",
    ]  # fmt: skip
    values = shown["items"]["nodes"][0]["fieldValues"]["nodes"][1:]
    assert [(one.get("text"), one.get("number"), one.get("date")) for one in values] == [
        ("t", None, None),
        (None, 2.5, None),
        (None, None, "2026-03-01"),
    ]
    wrong = [
        put(status, {"singleSelectOptionId": "00000000"}),
        put(fields["TEXT"], {"number": 1}),
        put(99, {"text": "x"}),
        put("nonsense", {"text": "x"}),
        ask(SET, input=item | {"projectId": "nonsense", "fieldId": "x", "value": {}}),
        ask(SET, input=item | {"itemId": "nonsense", "fieldId": "x", "value": {}}),
        ask(SET, input=item | {"projectId": item["itemId"], "fieldId": "x", "value": {}}),
        ask(ADD, project=item["projectId"], content="nonsense"),
    ]
    kinds = [one["errors"][0]["type"] for one in wrong]
    assert kinds == ["VALIDATION", "VALIDATION"] + ["NOT_FOUND"] * 6


def test_every_kind_of_node_is_found_by_its_id(sandbox, board, ask):
    maria = sandbox.person("maria")
    maria.open("x")
    maria.move("Incidents", 1, "Done")
    repository = maria.repository
    ids = [
        node_id("Repository", repository.id),
        node_id("ProjectV2", board.id),
        node_id("ProjectV2Item", 1),
        node_id("User", sandbox.state.users["maria"].id),
        node_id("Issue", repository.get(1).id),
        node_id("ProjectV2Item", 99),
        node_id("Gist", 1),
    ]
    found = ask("query ($ids: [ID!]!) { nodes(ids: $ids) { __typename } }", ids=ids)
    assert [one and one["__typename"] for one in found["data"]["nodes"]] == [
        "Repository", "ProjectV2", "ProjectV2Item", "User", "Issue", None, None,
    ]  # fmt: skip


def test_owners_and_moved_issues_are_resolved_or_named_as_missing(sandbox, ask):
    maria = sandbox.person("maria")
    maria.open("x")
    sandbox.state.add_repository("acme/other")
    maria.transfer(1, "acme/other")
    found = ask(
        """{ organization(login: "maria") { login } user(login: "maria") { login }
             repositoryOwner(login: "nobody") { login }
             repository(owner: "acme", name: "payments") { issue(number: 1) {
               number repository { nameWithOwner } } } }"""
    )
    assert found["data"]["user"] == {"login": "maria"}
    assert found["data"]["repository"]["issue"] == {
        "number": 1,
        "repository": {"nameWithOwner": "acme/other"},
    }
    assert {error["path"][0] for error in found["errors"]} == {"organization", "repositoryOwner"}
