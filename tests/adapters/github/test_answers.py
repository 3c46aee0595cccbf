from datetime import timedelta

import pytest

from adapters.errors import (
    AuthFailed,
    Missing,
    Moved,
    PreconditionFailed,
    RateLimited,
    Rejected,
    Transient,
    UnknownOutcome,
)
from adapters.github.answers import Gone
from mappings.vocabulary import Field

TOKEN = "ghp_abcdefghijklmnopqrstuvwxyz0123456789"


@pytest.fixture
def client(server, connect):
    return connect(server.url).client


def get(client):
    return client.get("/x")


def post(client):
    return client.write("POST", "/x", {"a": 1}, {201})


def caught(kind, call, client):
    with pytest.raises(kind) as error:
        call(client)
    assert TOKEN not in str(error.value)
    return error.value


SSO = {
    "X-GitHub-SSO": "required; url=https://github.com/orgs/x/sso?authorization_request=SECRETGRANT"
}
VALIDATION = {
    "message": "Validation Failed",
    "errors": [
        {"resource": "Issue", "field": "title", "code": "too_long", "message": "is too long"}
    ],
}


@pytest.mark.parametrize("call", [get, post])
@pytest.mark.parametrize(
    ("status", "body", "headers", "kind", "code"),
    [
        (401, {"message": "Bad credentials"}, {}, AuthFailed, "E205"),
        (403, {"message": "Resource protected by SAML"}, SSO, AuthFailed, "E204"),
        (403, {"message": "Resource not accessible by personal access token"},
         {"X-Accepted-GitHub-Permissions": "issues=write"}, AuthFailed, "E203"),
        (403, {"message": "Must have push access"}, {}, AuthFailed, "E203"),
        (403, {"message": "Although you appear to have the correct authorization credentials"},
         {}, AuthFailed, "E203"),
        (403, {"message": "Repository was archived so is read-only."}, {}, Rejected, "E127"),
        (403, {"message": "Something else"}, {}, Rejected, "E203"),
        (451, {"message": "Repository access blocked"}, {}, Rejected, "E203"),
        (404, {"message": "Not Found"}, {}, Missing, "E210"),
        (410, {"message": "This issue was deleted"}, {}, Gone, "E211"),
        (410, {"message": "Issues are disabled for this repo"}, {}, Rejected, "E127"),
        (400, {"message": "Problems parsing JSON"}, {}, Rejected, "E120"),
        (409, {"message": "Conflict"}, {}, Rejected, "E120"),
        (412, {"message": "Precondition"}, {}, PreconditionFailed, "E118"),
        (422, VALIDATION, {}, Rejected, "E120"),
        (301, {}, {"Location": "/repositories/5/issues/1"}, Moved, "E212"),
        (307, {}, {"Location": "https://elsewhere.example/x"}, Moved, "E212"),
    ],
)  # fmt: skip
def test_a_refusal_is_named_by_what_happens_next(
    server, reply, client, call, status, body, headers, kind, code
):
    server.will(reply(status, body, headers))
    error = caught(kind, call, client)
    assert type(error) is kind
    assert error.problem.code == code
    sent_again = 2 if status == 401 else 1
    assert len(server.asked) <= sent_again


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"<html>"),
        (502, {"message": "Server Error"}),
        (408, None),
        (200, b"<html>login"),
        (201, b'{"cut": '),
    ],
)
def test_a_spoilt_answer_is_read_again_but_not_written_again(server, reply, client, status, body):
    server.will(reply(status, body))
    assert caught(Transient, get, client).problem.code == "E206"
    assert len(server.asked) == 5
    server.will(reply(status, body))
    assert caught(UnknownOutcome, post, client).problem.code == "E213"
    assert len(server.asked) == 1


def test_the_wrong_success_is_no_success(server, reply, client):
    server.will(reply(200, {"number": 1}))
    caught(UnknownOutcome, post, client)
    server.will(reply(201, b""))
    caught(UnknownOutcome, post, client)


def test_a_page_of_something_in_between_says_so_and_did_nothing(server, reply, client):
    server.will(reply(407, b"<html>proxy"))
    error = caught(Transient, post, client)
    assert "text/html (407)" in error.problem.message
    assert "base_url" in error.problem.remedy


def test_the_field_github_names_is_told(server, reply, client):
    server.will(reply(422, VALIDATION))
    error = caught(Rejected, post, client)
    assert error.field is Field.TITLE
    assert "title is too long" in error.problem.message


@pytest.mark.parametrize("errors", [None, "x", ["plain words"], [{"code": "custom"}], [{}]])
def test_an_error_in_another_shape_is_still_one(server, reply, client, errors):
    server.will(reply(422, {"message": "No", "errors": errors}))
    assert caught(Rejected, post, client).field is None


def test_a_grant_in_the_sso_address_is_not_shown(server, reply, client):
    server.will(reply(403, {"message": "see authorization_request=SECRETGRANT"}, SSO))
    error = caught(AuthFailed, get, client)
    assert "SECRETGRANT" not in f"{error} {error.problem!r}"


def test_a_token_that_is_repeated_to_us_is_not_shown(server, reply, client):
    server.will(reply(422, {"message": f"bad {TOKEN}", "errors": [f"really {TOKEN}"]}))
    caught(Rejected, post, client)


# --- limits -------------------------------------------------------------------------------


def test_a_short_limit_is_waited_out_and_the_write_sent_again(server, reply, client, clock):
    limited = reply(
        403, {"message": "You have exceeded a secondary rate limit"}, {"Retry-After": "20"}
    )
    server.will(limited, reply(201, {"ok": 1}))
    began = clock.now()
    assert post(client).data == {"ok": 1}
    assert 20 <= (clock.now() - began).total_seconds() <= 22


@pytest.mark.parametrize(
    ("status", "headers", "message"),
    [
        (429, {"Retry-After": "1000"}, "Too many"),
        (403, {"Retry-After": "1000"}, "Slow down"),
        (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Limit": "5000", "reset": 999}, "x"),
    ],
)
def test_a_long_limit_is_given_back_with_its_end(
    server, reply, client, clock, status, headers, message
):
    if "reset" in headers:
        end = clock.now() + timedelta(seconds=headers["reset"])
        headers = {**headers, "X-RateLimit-Reset": str(int(end.timestamp()))}
        del headers["reset"]
    server.will(reply(status, {"message": message}, headers))
    for call in (get, post):
        error = caught(RateLimited, call, client)
        assert error.until == clock.now() + timedelta(seconds=1000)
        assert error.problem.code == "E207"
    assert len(server.asked) == 1, "while it lasts nothing more is sent"


def test_a_limit_without_a_figure_is_a_minute_and_then_more(server, reply, client, clock):
    server.will(reply(403, {"message": "You have exceeded a secondary rate limit."}))
    began = clock.now()
    caught(RateLimited, get, client)
    assert len(server.asked) == 2, "once more after a minute, then it is left"
    assert (clock.now() - began).total_seconds() >= 60


def test_the_reserve_is_kept_before_anything_is_sent(server, reply, client, clock):
    end = str(int(clock.now().timestamp()) + 900)
    low = {"X-RateLimit-Remaining": "400", "X-RateLimit-Limit": "5000", "X-RateLimit-Reset": end}
    server.will(reply(200, {}, low))
    get(client)
    caught(RateLimited, post, client)
    assert len(server.asked) == 1
    clock.sleep(901)
    get(client)


def test_a_reserve_of_nothing_uses_everything(server, reply, connect, clock):
    client = connect(server.url, reserve=0).client
    end = str(int(clock.now().timestamp()) + 900)
    low = {"X-RateLimit-Remaining": "1", "X-RateLimit-Limit": "5000", "X-RateLimit-Reset": end}
    server.will(reply(200, {}, low))
    get(client)
    get(client)


# --- GraphQL ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("RATE_LIMITED", RateLimited),
        ("NOT_FOUND", Missing),
        ("FORBIDDEN", AuthFailed),
        ("INSUFFICIENT_SCOPES", AuthFailed),
        ("UNPROCESSABLE", Rejected),
        ("SOMETHING", Transient),
    ],
)
def test_a_graphql_error_spoils_the_whole_answer(server, reply, client, kind, error):
    body = {"data": {"node": None}, "errors": [{"type": kind, "message": "why"}]}
    server.will(reply(200, body, {"Retry-After": "999"}))
    with pytest.raises(error):
        client.graphql("query { viewer { login } }", {})


def test_a_graphql_answer_without_data_is_no_answer(server, reply, client):
    server.will(reply(200, {"data": None}))
    with pytest.raises(Transient):
        client.graphql("query { viewer { login } }", {})


def test_a_graphql_query_may_be_asked_again_and_a_mutation_may_not(server, reply, client):
    server.will(reply(lose=True), reply(200, {"data": {"a": 1}}))
    assert client.graphql("query { a }", {}) == {"a": 1}
    server.will(reply(lose=True), reply(200, {"data": {"a": 1}}))
    with pytest.raises(UnknownOutcome):
        client.graphql("mutation { a }", {}, write=True)


def test_graphql_of_an_enterprise_server_is_beside_its_rest(server, reply, connect):
    client = connect(f"{server.url}/api/v3").client
    server.will(reply(200, {"data": {}}), reply(200, {}))
    client.graphql("query { a }", {})
    client.get("/user")
    assert [asked.path for asked in server.asked] == ["/api/graphql", "/api/v3/user"]
