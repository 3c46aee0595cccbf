"""JQL finds what Jira finds, in the account's time zone, and refuses in Jira's words."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.jira.jql import parse


@pytest.fixture
def filled(jira, api):
    """PAY-1 at 09:00, PAY-2 at 09:01 with a label, PAY-3 at 09:02 done, OPS-1 at 09:03."""
    maria = jira.person("maria")
    maria.open("First thing")
    jira.clock.advance(60)
    maria.open("Second thing", "with words", ["sync"], "devon")
    jira.clock.advance(60)
    maria.walk(maria.open("Third").key, "Done")
    jira.clock.advance(60)
    jira.person("maria", "OPS").open("Fourth")
    return api


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("project = PAY", "123"),
        ("project in (PAY, OPS) ORDER BY key ASC", "4123"),
        ("project in ('PAY') and labels = sync", "2"),
        ("project = PAY AND labels is EMPTY", "13"),
        ("project = PAY AND labels not in (sync)", "13"),
        ("project = PAY AND NOT labels = SYNC", "13"),
        ('project = PAY AND updated >= "2026-03-02 09:01"', "23"),
        ('project = PAY AND updated > "2026/03/02 09:01"', "3"),
        ('project = PAY AND created < "2026-03-02 09:01"', "1"),
        ("project = PAY AND updated >= -2m", "23"),
        ("project = PAY AND updated >= '-2m'", "23"),
        ("project = PAY AND updated >= 1772442060000", "23"),
        ("project = PAY AND updated >= startOfDay()", "123"),
        ("project = PAY AND created >= startOfDay('-1d') and created <= now()", "123"),
        ("project = PAY AND updated >= 2026-03-02", "123"),
        ("project = PAY AND statusCategory = Done", "3"),
        ("project = PAY AND statusCategory != Done", "12"),
        ('project = PAY AND status in (Backlog, "In Review")', "12"),
        ("project = PAY AND resolution = Unresolved", "12"),
        ("project = PAY AND resolution is not EMPTY", "3"),
        ("key in (PAY-1, PAY-3)", "13"),
        ("issuekey = PAY-2 or key = PAY-1", "12"),
        ("id = 10000", "1"),
        ("project = PAY and assignee is empty", "13"),
        ("project = PAY and assignee = Devon", "2"),
        ("project = PAY and reporter = currentUser()", ""),
        ("project = PAY and creator != currentUser()", "123"),
        ("project = PAY and summary ~ thing", "12"),
        ('project = PAY and text ~ "words"', "2"),
        ("project = PAY and issuetype = Story and priority = Medium", "123"),
        ("(project = PAY and labels = sync) or (project = OPS)", "24"),
        ("project = PAY and duedate is EMPTY and resolved is EMPTY", "12"),
    ],
)
def test_a_query_finds(filled, query, numbers):
    names = {"1": "PAY-1", "2": "PAY-2", "3": "PAY-3", "4": "OPS-1"}
    ordered = query if "ORDER" in query else f"{query} ORDER BY created ASC"
    assert filled.find(ordered) == [names[one] for one in numbers]


@pytest.mark.parametrize(
    ("order", "numbers"),
    [
        ("updated DESC", "321"),
        ("updated", "123"),
        ("created desc, key asc", "321"),
        ("key DESC", "321"),
        ("summary ASC", "123"),
        ("priority DESC, key DESC", "321"),
    ],
)
def test_issues_come_in_order(filled, order, numbers):
    assert filled.find(f"project = PAY ORDER BY {order}") == [f"PAY-{one}" for one in numbers]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("project = NOPE", "The value 'NOPE' does not exist for the field 'project'."),
        ("nothing = 1", "Field 'nothing' does not exist"),
        ("key = PAY-99", "An issue with key 'PAY-99' does not exist"),
        ("id in (4711)", "A value with ID '4711' does not exist"),
        ("project PAY", "Expecting operator but got 'PAY'"),
        ("project = PAY AND", "the query ends"),
        ("project = PAY labels = x", "Expecting either 'OR' or 'AND' but got 'labels'"),
        ("project in (PAY", "the query ends"),
        ("project = {", "The character '{' is a reserved JQL character"),
        ("assignee = a@example.com", "The character '@' is a reserved JQL character"),
        ('updated >= "2026-03-02 09:01:30"', "Date value"),
        ('updated >= "2026-13-02"', "Date value"),
        ("updated ~ x", "operator '~' is not supported"),
        ("summary = x", "operator '=' is not supported"),
        ("project = PAY ORDER BY nothing", "Field 'nothing' does not exist"),
        ("status = Nowhere", "The value 'Nowhere' does not exist"),
        ("issue.property[op].id = 7", "Field 'issue.property[op].id' does not exist"),
        ("updated >= sometime()", "Unable to find JQL function"),
    ],
)
def test_a_query_is_refused_in_jiras_words(jira, api, query, words):
    path = "/search/jql" if jira.state.flavour == "cloud" else "/search"
    answer = api.get(path, params={"jql": query})
    assert answer.status_code == 400
    assert words in answer.json()["errorMessages"][0]


def test_bare_times_are_read_in_the_accounts_zone(filled, jira):
    jira.state.user("followthrough-bot", zone="America/New_York")
    assert filled.find('project = PAY AND updated >= "2026-03-02 09:00"') == []
    assert filled.find('project = PAY AND updated >= "2026-03-02 04:02"') == ["PAY-3"]
    shown = filled.get("/issue/PAY-3").json()["fields"]["updated"]
    assert shown == "2026-03-02T04:02:00.000-0500"


def test_a_property_is_found_only_where_somebody_declared_it(filled, jira):
    filled.put("/issue/PAY-2/properties/op", json={"id": "7"})
    jira.state.set_habits(indexed=("op",))
    assert filled.find("issue.property[op].id = 7") == ["PAY-2"]
    assert filled.find('project = PAY and issue.property[op].id != "7"') == ["PAY-3", "PAY-1"]


def test_cloud_wants_a_bound_and_data_center_does_not(jira, api, flavour):
    api.make()
    if flavour == "datacenter":
        assert api.find("ORDER BY updated") == ["PAY-1"]
        return
    answer = api.get("/search/jql", params={"jql": "ORDER BY updated"})
    assert "Unbounded" in answer.json()["errorMessages"][0]


def test_cloud_took_the_classic_search_away(cloud, plain):
    answer = plain(cloud).get("/search", params={"jql": "project = PAY"})
    assert answer.status_code == 410
    assert "/search/jql" in answer.json()["errorMessages"][0]


def test_data_center_has_no_enhanced_search_and_no_version_three(datacenter, plain):
    assert plain(datacenter).get("/search/jql?jql=project=PAY").status_code == 404
    assert plain(datacenter, version="3").get("/myself").status_code == 404


def test_cloud_gives_ids_alone_unless_asked_for_more(cloud, plain):
    api = plain(cloud)
    api.make()
    page = api.get("/search/jql", params={"jql": "project = PAY"}).json()
    assert page == {"issues": [{"id": "10000"}], "isLast": True}


def test_a_token_leads_on_although_issues_change_between_pages(cloud, plain):
    api = plain(cloud)
    for _ in range(4):
        cloud.person("maria").open("x")
        cloud.clock.advance(60)
    query = {"jql": "project = PAY ORDER BY updated ASC", "fields": "summary", "maxResults": 2}
    first = api.get("/search/jql", params=query).json()
    assert [one["key"] for one in first["issues"]] == ["PAY-1", "PAY-2"]
    cloud.person("maria").edit("PAY-1", "changed")
    query["nextPageToken"] = first["nextPageToken"]
    second = api.get("/search/jql", params=query | {"maxResults": 9}).json()
    assert [one["key"] for one in second["issues"]] == ["PAY-3", "PAY-4", "PAY-1"]
    assert second["isLast"] is True
    assert "nextPageToken" not in second


def test_numbered_pages_shift_when_issues_change_between_them(datacenter, plain):
    api = plain(datacenter)
    for _ in range(4):
        datacenter.person("maria").open("x")
        datacenter.clock.advance(60)
    query = {"jql": "project = PAY ORDER BY updated ASC", "maxResults": 2}
    first = api.get("/search", params=query).json()
    assert ([one["key"] for one in first["issues"]], first["total"]) == (["PAY-1", "PAY-2"], 4)
    datacenter.person("maria").edit("PAY-1", "changed")
    second = api.get("/search", params=query | {"startAt": 2}).json()
    assert [one["key"] for one in second["issues"]] == ["PAY-4", "PAY-1"]


@pytest.mark.parametrize("token", ["nonsense", "WyJhIl0=", "W10="])
def test_a_token_nobody_gave_is_refused(cloud, plain, token):
    query = {"jql": "project = PAY ORDER BY key", "nextPageToken": token}
    assert plain(cloud).get("/search/jql", params=query).status_code == 400


def test_a_body_searches_like_an_address(cloud, plain):
    api = plain(cloud)
    api.make()
    body = {"jql": "project = PAY", "fields": ["summary"], "properties": ["op"]}
    assert [one["key"] for one in api.post("/search/jql", json=body).json()["issues"]] == ["PAY-1"]
    assert api.post("/search/jql", json=body | {"properties": "op"}).status_code == 400
    assert api.post("/search/jql", json=body | {"properties": list("abcdef")}).status_code == 400
    assert api.post("/search/approximate-count", json=body).json() == {"count": 1}


def test_a_search_lags_and_reconciling_looks_past_it(start, plain):
    cloud = start(lag=300)
    api = plain(cloud)
    key = api.make()
    number = api.get(f"/issue/{key}").json()["id"]
    assert api.find("project = PAY") == []
    assert api.find("project = PAY", reconcileIssues=number) == [key]
    cloud.clock.advance(300)
    assert api.find("project = PAY") == [key]
    cloud.person("maria").label(key, ["late"])
    assert api.find("project = PAY AND labels = late") == []
    assert api.find("project = PAY AND labels = late", reconcileIssues=number) == [key]
    many = ",".join(str(one) for one in range(51))
    answer = api.get("/search/jql", params={"jql": "project = PAY", "reconcileIssues": many})
    assert answer.status_code == 400


WORDS = st.sampled_from(
    ["project", "=", "PAY", "and", "or", "not", "(", ")", "in", ",", '"x y"', "order", "by", "is",
     "empty", "updated", ">=", "-5m", "issue.property[a].b", "[", "'", "\\", "cf[10]", "asc", "~"]
)  # fmt: skip


@given(st.lists(WORDS, max_size=12).map(" ".join) | st.text(max_size=30))
def test_whatever_is_asked_is_read_or_refused(text):
    with contextlib.suppress(Refused):
        assert isinstance(parse(text).clauses(), list)
