"""Who is let in, who is not, and how Jira says that it is too much."""

import pytest

from adapters.sandbox import Access, Limits, Token


def test_a_bad_credential_is_refused(jira, plain):
    answer = plain(jira, token="wrong").get("/myself")
    assert answer.status_code == 401
    assert answer.headers["X-Seraph-LoginReason"] == "AUTHENTICATED_FAILED"


def test_a_stranger_may_see_what_jira_this_is_and_no_more(jira, plain):
    api = plain(jira)
    api.auth = None
    api.headers.pop("Authorization", None)
    assert api.get("/serverInfo").status_code == 200
    assert api.get("/myself").status_code == 401
    assert api.get("/project").json() == []


def test_a_token_of_somebody_else_is_refused(cloud, plain):
    assert plain(cloud, login="maria").get("/myself").status_code == 401


def test_data_center_takes_names_and_answers_a_bad_one_with_a_page(datacenter, plain):
    api = plain(datacenter)
    del api.headers["Authorization"]
    api.auth = ("followthrough-bot", datacenter.token)
    assert api.get("/myself").json()["name"] == "followthrough-bot"
    api.auth = ("followthrough-bot", "wrong")
    answer = api.get("/myself")
    assert (answer.status_code, answer.headers["Content-Type"][:9]) == (401, "text/html")


def test_a_dead_token_may_be_served_as_nobody(start, plain):
    cloud = start()
    cloud.person("maria").open("x")
    cloud.state.set_habits(strangers="empty")
    cloud.state.revoke(cloud.token)
    api = plain(cloud)
    answer = api.get("/search/jql", params={"jql": "updated >= -1d"})
    assert (answer.status_code, answer.json()["issues"]) == (200, [])
    assert answer.headers["X-Seraph-LoginReason"] == "AUTHENTICATED_FAILED"


def test_a_scoped_token_works_at_the_gateway_alone(start, plain):
    scoped = Token("scoped", "followthrough-bot", app=True)
    cloud = start(tokens=[scoped])
    api = plain(cloud, token="scoped")
    assert api.get("/myself").status_code == 401
    gate = f"{cloud.url}/ex/jira/{cloud.state.cloud_id}/rest/api/3"
    assert api.get(f"{gate}/myself").status_code == 200
    api.auth, api.headers["Authorization"] = None, "Bearer scoped"
    assert api.get(f"{gate}/myself").json()["self"].startswith(gate)
    assert api.get("/myself").status_code == 401
    assert api.get(f"{cloud.url}/ex/jira/other/rest/api/3/myself").status_code == 404
    assert api.get(f"{cloud.url}/_edge/tenant_info").json() == {"cloudId": cloud.state.cloud_id}


def test_a_token_that_only_reads_is_told_so(start, plain):
    reader = Token("reader", "followthrough-bot", may_write=False)
    cloud = start(tokens=[reader])
    key = plain(cloud).make()
    api = plain(cloud, token="reader")
    assert api.get(f"/issue/{key}").status_code == 200
    answer = api.put(f"/issue/{key}", json={"fields": {"summary": "y"}})
    assert (answer.status_code, answer.json()["message"]) == (
        401, "Unauthorized; scope does not match",
    )  # fmt: skip


def test_a_captcha_bars_whoever_failed_too_often(jira, plain):
    jira.state.captcha.add("followthrough-bot")
    answer = plain(jira).get("/myself")
    assert answer.status_code == 403
    assert answer.headers["X-Authentication-Denied-Reason"].startswith("CAPTCHA_CHALLENGE")


def test_a_login_page_may_come_with_status_200(jira, plain):
    page = "<html><title>Log in</title></html>"
    jira.faults.add("error", "GET /myself", status=200, body=page)
    answer = plain(jira).get("/myself")
    assert (answer.status_code, answer.text) == (200, page)


def test_one_issue_takes_only_so_many_writes(cloud, plain):
    cloud.state.set_habits(issue_writes=2, issue_window=30)
    api = plain(cloud)
    one, two = api.make(), api.make()
    for text in "ab":
        assert api.put(f"/issue/{one}", json={"fields": {"summary": text}}).status_code == 204
    cloud.clock.advance(10)
    answer = api.put(f"/issue/{one}", json={"fields": {"summary": "c"}})
    assert answer.status_code == 429
    assert answer.headers["RateLimit-Reason"] == "jira-per-issue-on-write"
    assert answer.headers["Retry-After"] == "20"
    assert answer.headers["X-RateLimit-Remaining"] == "0"
    assert answer.headers["X-RateLimit-Reset"] == "2026-03-02T09:00Z"
    assert api.post(f"/issue/{one}/comment", json={"body": "x"}).status_code == 429
    assert api.put(f"/issue/{two}", json={"fields": {"summary": "c"}}).status_code == 204
    cloud.clock.advance(20)
    assert api.put(f"/issue/{one}", json={"fields": {"summary": "c"}}).status_code == 204


def test_too_many_requests_in_a_minute_are_a_burst(start, plain, flavour):
    jira = start(flavour=flavour, limits=Limits(points=2))
    api = plain(jira)
    assert [api.get("/myself").status_code for _ in range(3)] == [200, 200, 429]
    answer = api.get("/myself")
    assert answer.headers["Retry-After"] == "60"
    assert ("RateLimit-Reason" in answer.headers) == (flavour == "cloud")


@pytest.mark.parametrize(
    ("limit", "reason"),
    [("primary", "jira-quota-global-based"), ("secondary", "jira-burst-based")],
)
def test_a_limit_can_be_played(cloud, plain, limit, reason):
    cloud.faults.add("rate-limit", limit=limit, times=1)
    answer = plain(cloud).get("/myself")
    assert (answer.status_code, answer.headers["RateLimit-Reason"]) == (429, reason)
    cloud.faults.add("rate-limit", tell=False, times=1)
    assert "Retry-After" not in plain(cloud).get("/myself").headers


def test_somebody_without_access_sees_no_project(start, plain, flavour):
    outside = Token("outside", "zoe", everywhere=Access.NONE, access={"ops": Access.READ})
    jira = start(flavour=flavour, tokens=[outside])
    api = plain(jira, token="outside", login="zoe")
    assert [one["key"] for one in api.get("/project").json()] == ["OPS"]
    assert api.get("/issue/createmeta/PAY/issuetypes").status_code == 404


def test_a_lost_reply_leaves_the_issue_behind(jira, plain):
    jira.faults.add("lose-reply", "POST /issue$", times=1)
    api = plain(jira)
    fields = {"project": {"key": "PAY"}, "issuetype": {"name": "Task"}, "summary": "x"}
    with pytest.raises(OSError, match="aborted"):
        api.post("/issue", json={"fields": fields})
    assert api.get("/issue/PAY-1").status_code == 200


def test_what_is_not_json_or_not_there_is_refused(jira, api):
    headers = {"Content-Type": "application/json"}
    assert api.post("/issue", data="{", headers=headers).status_code == 400
    assert api.post("/issue", data="[1]", headers=headers).status_code == 400
    assert api.post("/issue", data="x", headers={"Content-Type": "text/plain"}).status_code == 415
    assert api.get("/nothing").json()["status-code"] == 404
    assert api.delete("/myself").status_code == 405
    assert api.get(f"{jira.url}/other").status_code == 404
