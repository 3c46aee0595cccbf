"""The real client library works against the sandbox unchanged."""

from datetime import UTC, datetime

import github
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa


@pytest.fixture
def client(sandbox):
    with connect(sandbox, github.Auth.Token(sandbox.token)) as made:
        yield made


def connect(sandbox, auth, path=""):
    return github.Github(
        auth=auth,
        base_url=sandbox.url + path,
        retry=None,
        seconds_between_requests=None,
        seconds_between_writes=None,
    )


def test_an_issue_is_made_listed_edited_commented_and_closed(client):
    repository = client.get_repo("acme/payments")
    made = repository.create_issue("Pay twice", "body", labels=["bug"], assignees=["maria"])
    made.edit(title="Paid twice", labels=["question"])
    made.create_comment("seen")
    made.edit(state="closed", state_reason="not_planned")
    [listed] = repository.get_issues(state="all", since=datetime(2026, 1, 1, tzinfo=UTC))
    assert (listed.title, listed.state_reason) == ("Paid twice", "not_planned")
    assert [label.name for label in listed.labels] == ["question"]
    assert [comment.body for comment in listed.get_comments()] == ["seen"]
    assert {event.event for event in listed.get_events()} >= {"renamed", "closed"}


def test_a_repository_is_addressed_by_its_number_without_a_request(sandbox, client):
    lazy = github.Github(auth=client.requester.auth, base_url=sandbox.url, retry=None, lazy=True)
    with lazy:
        repository = lazy.get_repo(sandbox.state.repository("acme/payments").id)
        repository.create_issue("x")
        assert [issue.title for issue in repository.get_issues()] == ["x"]
    assert {entry.path for entry in sandbox.requests} == {"/repositories/1001/issues"}


def test_pages_are_followed_to_the_end(sandbox, client):
    sandbox.state.repository("acme/payments").seed_issues(70)
    found = client.get_repo("acme/payments").get_issues(state="all", sort="created")
    assert len(list(found)) == found.totalCount == 70


def test_raw_requests_carry_tags_links_and_304(sandbox, client):
    sandbox.state.repository("acme/payments").seed_issues(3)
    path = "/repositories/1001/issues"
    status, headers, _ = client.requester.requestJson("GET", path, parameters={"per_page": 2})
    assert (status, 'rel="next"' in headers["link"]) == (200, True)
    again = client.requester.requestJson(
        "GET", path, parameters={"per_page": 2}, headers={"If-None-Match": headers["etag"]}
    )
    assert (again[0], again[2]) == (304, "")


def test_refusals_become_the_librarys_own_errors(sandbox, client):
    with pytest.raises(github.UnknownObjectException):
        client.get_repo("acme/none")
    with pytest.raises(github.GithubException) as refused:
        client.get_repo("acme/payments").create_issue("x" * 257)
    assert refused.value.status == 422
    sandbox.faults.add("rate-limit", limit="primary", times=1)
    with pytest.raises(github.RateLimitExceededException):
        client.get_user().login  # noqa: B018
    with (
        connect(sandbox, github.Auth.Token("wrong")) as stranger,
        pytest.raises(github.BadCredentialsException),
    ):
        stranger.get_user().login  # noqa: B018


def test_labels_milestones_and_sub_issues_work_through_the_library(client):
    repository = client.get_repo("acme/payments")
    repository.create_label("P0", "b60205")
    milestone = repository.create_milestone("Q3")
    parent = repository.create_issue("Parent", milestone=milestone, labels=["P0"])
    child = repository.create_issue("Child")
    parent.add_sub_issue(child.id)
    assert [one.number for one in parent.get_sub_issues()] == [child.number]
    parent.remove_from_labels("P0")
    parent.add_to_labels("bug")
    assert [label.name for label in parent.get_labels()] == ["bug"]


def test_graphql_is_reached_through_the_library(client):
    _, found = client.requester.graphql_query("query { viewer { login } }", {})
    assert found["data"]["viewer"]["login"] == "octo-bot"
    with pytest.raises(github.UnknownObjectException):
        client.requester.graphql_query(
            'query { repository(owner: "acme", name: "none") { id } }', {}
        )


def test_an_enterprise_address_works_as_well(sandbox):
    with connect(sandbox, github.Auth.Token(sandbox.token), "/api/v3") as client:
        repository = client.get_repo("acme/payments")
        repository.create_issue("x")
        sandbox.state.repository("acme/payments").seed_issues(40)
        assert len(list(repository.get_issues())) == 41
        _, found = client.requester.graphql_query("{ viewer { login } }", {})
        assert found["data"]["viewer"]["login"] == "octo-bot"


def test_an_app_gets_a_token_for_its_installation_and_writes_with_it(sandbox):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    auth = github.Auth.AppAuth(12, key.decode())
    with github.GithubIntegration(auth=auth, base_url=sandbox.url) as integration:
        token = integration.get_access_token(7)
    assert token.permissions["issues"] == "write"
    with connect(sandbox, github.Auth.Token(token.token)) as client:
        made = client.get_repo("acme/payments").create_issue("x")
        assert made.user.login == "followthrough[bot]"
