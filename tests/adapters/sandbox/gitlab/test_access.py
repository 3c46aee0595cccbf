"""Credentials, roles, limits, and addresses that lead elsewhere."""

from datetime import timedelta

import pytest

from adapters.sandbox.core.access import Access, Token
from adapters.sandbox.core.clock import START
from adapters.sandbox.core.limits import Limits

PROJECT = "/api/v4/projects/77"
ISSUES = f"{PROJECT}/issues"


def test_a_private_project_is_not_there_for_strangers(sandbox, client, home):
    assert client(sandbox, "wrong").get(ISSUES).status_code == 401
    stranger = client(sandbox, "")
    assert stranger.get(ISSUES).status_code == 404
    home.visibility = "public"
    assert stranger.get(ISSUES).status_code == 200
    assert stranger.post(ISSUES, json={"title": "x"}).status_code == 401
    assert stranger.get("/api/v4/user").status_code == 401


def test_a_member_of_nothing_and_a_barred_token_find_nothing(start, client):
    tokens = [
        Token("out", "olga", everywhere=Access.NONE),
        Token("barred", "bert", barred="ip"),
    ]
    sandbox = start(tokens=tokens)
    for secret in ("out", "barred"):
        api = client(sandbox, secret)
        assert api.get("/api/v4/user").status_code == 200
        assert api.get(PROJECT).json() == {"message": "404 Project Not Found"}
    assert client(sandbox, "out").get("/api/v4/groups/acme/issues").status_code == 404


def test_a_token_ends_at_its_time_and_says_so_beforehand(start, client):
    token = Token("short", "guest", expires_at=START + timedelta(days=1))
    sandbox = start(tokens=[token])
    api = client(sandbox, "short")
    told = api.get("/api/v4/personal_access_tokens/self").json()
    assert (told["expires_at"], told["active"]) == ("2026-03-03", True)
    sandbox.clock.advance(86_400)
    ended = api.get("/api/v4/user")
    assert (ended.status_code, ended.json()["error"]) == (401, "invalid_token")


def test_the_role_is_told_with_the_project(start, client):
    roles = {Access.READ: 10, Access.TRIAGE: 20, Access.WRITE: 30, Access.ADMIN: 50}
    tokens = [Token(f"t{role}", f"u{role}", everywhere=role) for role in roles]
    sandbox = start(tokens=tokens)
    for role, level in roles.items():
        told = client(sandbox, f"t{role}").get(PROJECT).json()["permissions"]
        assert told["project_access"]["access_level"] == level


def test_the_limit_of_a_site_is_a_line_of_text_with_the_time_to_wait(start, client):
    sandbox = start(limits=Limits(primary=2, window=timedelta(minutes=1)))
    api = client(sandbox)
    assert [api.get(ISSUES).headers["RateLimit-Remaining"] for _ in range(2)] == ["1", "0"]
    refused = api.get(ISSUES)
    assert (refused.status_code, refused.text) == (429, "Retry later\n")
    assert refused.headers["Content-Type"] == "text/plain"
    assert refused.headers["Retry-After"] == "60"
    assert refused.headers["RateLimit-Remaining"] == "0"
    assert int(refused.headers["RateLimit-Reset"]) == int(START.timestamp()) + 60
    sandbox.clock.advance(60)
    assert api.get(ISSUES).status_code == 200


def test_the_limit_of_creations_is_told_in_json(start, client):
    api = client(start(limits=Limits(creations=1)))
    assert api.post(ISSUES, json={"title": "x"}).status_code == 201
    refused = api.post(ISSUES, json={"title": "x"})
    assert refused.status_code == 429
    assert "too many times" in refused.json()["message"]["error"]
    assert refused.headers["Retry-After"] == "60"


@pytest.mark.parametrize("tell", [True, False])
def test_a_scripted_limit_says_how_long_only_if_told_to(sandbox, api, tell):
    sandbox.faults.add("rate-limit", limit="primary", tell=tell)
    refused = api.get(ISSUES)
    assert (refused.status_code, "Retry-After" in refused.headers) == (429, tell)


def test_a_former_path_leads_on_when_read_and_nowhere_when_written(api, maria):
    maria.rename("acme/money")
    place = "/api/v4/projects/acme%2Fpayments"
    answer = api.get(f"{place}/issues?state=all")
    assert answer.status_code == 301
    assert answer.headers["Location"].endswith("/api/v4/projects/77/issues?state=all")
    assert api.get(place).headers["Location"].endswith("/api/v4/projects/77")
    refused = api.post(f"{place}/issues", json={"title": "x"})
    assert refused.status_code == 405
    assert "Non GET methods" in refused.json()["message"]
    assert api.get("/api/v4/projects/acme%2Fmoney").status_code == 200


def test_what_is_not_there_is_said_in_gitlabs_words(api):
    assert api.get("/api/v4/projects/1").json() == {"message": "404 Project Not Found"}
    assert api.get(f"{ISSUES}/1").json() == {"message": "404 Not found"}
    assert api.get("/api/v4/nothing").json() == {"error": "404 Not Found"}
    assert api.patch(ISSUES, json={}).status_code == 405
    assert api.post(ISSUES, data=b"{").status_code == 400
    assert api.get("/api/v4/issues/900001").status_code == 403


def test_faults_and_control_are_those_of_every_sandbox(api, sandbox):
    sandbox.faults.add("lose-reply", "POST /issues$", times=1)
    with pytest.raises(OSError, match="aborted"):
        api.post(ISSUES, json={"title": "lost"})
    body = {"person": "maria", "action": "close", "project": "acme/payments", "iid": 1}
    done = api.post("/_sandbox/act", json=body).json()
    assert (done["iid"], done["state"]) == (1, "closed")
    wrong = api.post("/_sandbox/act", json=body | {"action": "explode"})
    assert "known: add_label" in wrong.json()["message"]
    state = api.get("/_sandbox/state").json()
    [project] = state["projects"]
    assert project["issues"][0]["title"] == "lost"
    assert sandbox.token not in api.get("/_sandbox/state").text
    assert api.get("/_sandbox/requests").json()["last"][0]["who"] == "project_77_bot"
    api.post("/_sandbox/reset", json={})
    assert api.get(ISSUES).json() == []
