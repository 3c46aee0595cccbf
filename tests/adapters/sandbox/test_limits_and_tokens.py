"""Credentials that end, and limits of both kinds."""

from datetime import timedelta

import pytest

from adapters.sandbox.core.access import Token
from adapters.sandbox.core.clock import START
from adapters.sandbox.core.limits import GITHUB_FIGURES, Limits

ISSUES = "/repos/acme/payments/issues"


def test_a_wrong_token_is_bad_credentials_and_none_may_read_what_is_public(sandbox, client):
    wrong = client(sandbox, "wrong").get(ISSUES)
    assert (wrong.status_code, wrong.json()["message"]) == (401, "Bad credentials")
    stranger = client(sandbox, "")
    assert stranger.get(ISSUES).status_code == 200
    assert stranger.post(ISSUES, json={"title": "x"}).status_code == 401
    assert stranger.get("/user").status_code == 401


def test_a_token_ends_at_its_time_and_says_so_beforehand(start, client):
    token = Token("short", "guest", expires_at=START + timedelta(hours=1))
    sandbox = start(tokens=[token])
    api = client(sandbox, "short")
    told = api.get("/user").headers["GitHub-Authentication-Token-Expiration"]
    assert told == "2026-03-02 10:00:00 UTC"
    sandbox.clock.advance(3600)
    assert api.get("/user").status_code == 401


def test_a_token_can_end_after_so_many_requests(start, client):
    api = client(start(tokens=[Token("few", "guest", dies_after=2)]), "few")
    assert [api.get("/user").status_code for _ in range(3)] == [200, 200, 401]


def test_a_revoked_token_is_refused_from_then_on(sandbox, api):
    assert api.get("/user").status_code == 200
    sandbox.state.revoke(sandbox.token)
    assert api.get("/user").status_code == 401


@pytest.mark.parametrize(("barred", "word"), [("sso", "SAML"), ("ip", "IP allow list")])
def test_an_organisation_can_bar_a_token(start, client, barred, word):
    api = client(start(tokens=[Token("out", "guest", barred=barred)]), "out")
    assert api.get("/user").status_code == 200
    answer = api.get(ISSUES)
    assert answer.status_code == 403
    assert word in answer.json()["message"]
    assert ("X-GitHub-SSO" in answer.headers) == (barred == "sso")


def test_scopes_and_what_is_left_are_told_with_every_answer(api):
    headers = api.get("/user").headers
    assert headers["X-OAuth-Scopes"] == "project, repo"
    assert (headers["X-RateLimit-Limit"], headers["X-RateLimit-Remaining"]) == ("5000", "4999")
    reset = int(START.timestamp()) + 3600
    assert headers["X-RateLimit-Reset"] == str(reset)
    left = api.get("/rate_limit")
    assert left.json()["rate"]["remaining"] == 4999
    assert left.json()["resources"]["graphql"]["remaining"] == 5000
    assert api.get("/user").headers["X-RateLimit-Remaining"] == "4998"


def test_an_empty_budget_refuses_with_403_until_the_reset(start, client):
    sandbox = start(limits=Limits(primary=2))
    api = client(sandbox)
    assert [api.get("/user").status_code for _ in range(3)] == [200, 200, 403]
    refused = api.get(ISSUES)
    assert refused.headers["X-RateLimit-Remaining"] == "0"
    assert "rate limit exceeded" in refused.json()["message"]
    assert api.get("/rate_limit").status_code == 200
    sandbox.clock.advance(3600)
    assert api.get("/user").status_code == 200


def test_graphql_tells_an_empty_budget_with_status_200(start, client):
    api = client(start(limits=Limits(primary=1)))
    ask = {"query": "{ viewer { login } }"}
    assert api.post("/graphql", json=ask).json() == {"data": {"viewer": {"login": "octo-bot"}}}
    refused = api.post("/graphql", json=ask)
    assert refused.status_code == 200
    assert refused.json()["errors"][0]["type"] == "RATE_LIMITED"
    assert refused.headers["X-RateLimit-Resource"] == "graphql"


@pytest.mark.parametrize("told", [True, False])
def test_creating_too_fast_is_refused_with_or_without_saying_how_long(start, client, told):
    sandbox = start(limits=Limits(creations=2, retry_after=told))
    api = client(sandbox)
    sandbox.clock.advance(5)
    made = [api.post(ISSUES, json={"title": "x"}) for _ in range(3)]
    assert [answer.status_code for answer in made] == [201, 201, 403]
    assert "secondary rate limit" in made[2].json()["message"]
    assert made[2].headers.get("Retry-After") == ("60" if told else None)
    assert made[2].headers["X-RateLimit-Remaining"] != "0"
    sandbox.clock.advance(60)
    assert api.post(ISSUES, json={"title": "x"}).status_code == 201


def test_a_read_costs_one_point_and_a_write_five(start, client):
    api = client(start(limits=Limits(points=7)))
    assert api.post(ISSUES, json={"title": "x"}).status_code == 201
    assert [api.get(ISSUES).status_code for _ in range(3)] == [200, 200, 403]


def test_an_apps_installation_token_lasts_an_hour_and_has_no_user(sandbox, client):
    # The claim {"iss":"12"}; the sandbox does not ask who signed it.
    app = client(sandbox, "")
    app.headers["Authorization"] = "Bearer e30.eyJpc3MiOiIxMiJ9.x"
    made = app.post("/app/installations/7/access_tokens")
    assert made.status_code == 201
    api = client(sandbox, made.json()["token"])
    issue = api.post(ISSUES, json={"title": "x"}).json()
    assert (issue["user"]["login"], issue["user"]["type"]) == ("followthrough[bot]", "Bot")
    assert api.get("/user").status_code == 403
    assert api.get("/installation/repositories").json()["total_count"] == 1
    sandbox.clock.advance(3600)
    assert api.get(ISSUES).status_code == 401
    app.headers["Authorization"] = "Bearer nonsense"
    assert app.post("/app/installations/7/access_tokens").status_code == 401


def test_githubs_own_figures_stop_the_eighty_first_creation_in_a_minute(start, client):
    api = client(start(limits=GITHUB_FIGURES))
    codes = [api.post(ISSUES, json={"title": "x"}).status_code for _ in range(81)]
    assert codes == [201] * 80 + [403]


def test_a_reset_revives_a_token_that_ended_by_count(start, client):
    sandbox = start(tokens=[Token("once", "guest", dies_after=1)])
    api = client(sandbox, "once")
    assert [api.get("/user").status_code for _ in range(2)] == [200, 401]
    api.post("/_sandbox/reset", json={})
    assert api.get("/user").status_code == 200
