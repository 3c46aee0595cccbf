"""Each fault as a client meets it, and the script that orders them."""

import time

import pytest
import requests

from adapters.sandbox.core.faults import Fault, Faults, load_script, read_script
from mappings.problem import ProblemError

ISSUES = "/repos/acme/payments/issues"


def made(repository):
    return len(repository.issues)


def test_a_lost_reply_leaves_the_work_done(api, sandbox, repository):
    sandbox.faults.add("lose-reply", "POST /issues$", times=1)
    with pytest.raises(requests.ConnectionError):
        api.post(ISSUES, json={"title": "x"})
    assert made(repository) == 1
    assert (sandbox.requests[-1].status, sandbox.requests[-1].fault) == (0, "lose-reply")
    assert api.post(ISSUES, json={"title": "y"}).status_code == 201


@pytest.mark.parametrize(("after", "done"), [(False, 0), (True, 1)])
def test_a_reset_comes_before_or_after_the_work(api, sandbox, repository, after, done):
    sandbox.faults.add("reset", "POST .", after=after)
    with pytest.raises(requests.ConnectionError, match="reset"):
        api.post(ISSUES, json={"title": "x"})
    assert made(repository) == done


@pytest.mark.parametrize(("after", "done"), [(False, 0), (True, 1)])
def test_a_gateways_error_is_html_before_or_after_the_work(api, sandbox, repository, after, done):
    sandbox.faults.add("error", "POST .", status=502, message="Bad Gateway", after=after)
    answer = api.post(ISSUES, json={"title": "x"})
    assert answer.status_code == 502
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "<title>502 Bad Gateway</title>" in answer.text
    assert made(repository) == done


def test_a_gateway_may_answer_200_with_a_page_of_its_own(api, sandbox):
    sandbox.faults.add("error", status=200, body="<html>Please log in</html>")
    answer = api.get(ISSUES)
    assert (answer.status_code, answer.text) == (200, "<html>Please log in</html>")


def test_a_cut_body_ends_before_its_announced_length(api, sandbox, repository):
    sandbox.faults.add("truncate", "POST .", bytes=40)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        api.post(ISSUES, json={"title": "x"})
    assert made(repository) == 1


def test_a_cut_body_may_look_whole_and_be_no_json(api, sandbox):
    sandbox.faults.add("truncate", "POST .", bytes=40, framed=True)
    answer = api.post(ISSUES, json={"title": "x"})
    assert (answer.status_code, len(answer.content)) == (201, 40)
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


@pytest.mark.parametrize(("after", "done"), [(False, 0), (True, 1)])
def test_a_slow_answer_outlasts_the_clients_patience(api, sandbox, repository, after, done):
    sandbox.faults.add("delay", "POST .", seconds=30.0, after=after)
    with pytest.raises(requests.ReadTimeout):
        api.post(ISSUES, json={"title": "x"}, timeout=0.3)
    assert made(repository) == done


def test_a_slow_answer_holds_up_nobody_else(api, sandbox):
    sandbox.faults.add("delay", "POST .", seconds=30.0)
    with pytest.raises(requests.ReadTimeout):
        api.post(ISSUES, json={"title": "x"}, timeout=0.3)
    began = time.monotonic()
    assert api.get(ISSUES).status_code == 200
    assert time.monotonic() - began < 20


@pytest.mark.parametrize(
    ("limit", "tell", "present", "absent"),
    [
        ("primary", True, {"X-RateLimit-Remaining", "X-RateLimit-Reset"}, {"Retry-After"}),
        ("primary", False, set(), {"X-RateLimit-Remaining", "Retry-After"}),
        ("secondary", True, {"Retry-After"}, {"X-RateLimit-Remaining"}),
        ("secondary", False, set(), {"Retry-After", "X-RateLimit-Remaining"}),
    ],
)
def test_a_limit_can_be_met_with_and_without_headers(api, sandbox, limit, tell, present, absent):
    sandbox.faults.add("rate-limit", limit=limit, tell=tell)
    answer = api.get(ISSUES)
    assert answer.status_code == 403
    assert "rate limit" in answer.json()["message"]
    assert present <= set(answer.headers)
    assert not absent & set(answer.headers)


def test_any_status_can_be_given_in_githubs_own_shape(api, sandbox):
    sandbox.faults.add("status", status=429, message="Slow down", headers={"Retry-After": "7"})
    answer = api.get(ISSUES)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert (answer.json()["message"], answer.json()["status"]) == ("Slow down", "429")


def test_the_servers_clock_can_be_wrong(api, sandbox):
    assert api.get(ISSUES).headers["Date"] == "Mon, 02 Mar 2026 09:00:00 GMT"
    sandbox.faults.add("skew", seconds=-90)
    assert api.get(ISSUES).headers["Date"] == "Mon, 02 Mar 2026 08:58:30 GMT"


def met(rule, requests, seed=0):
    faults = Faults([Fault.model_validate({"effect": "reset"} | rule)], seed)
    return [faults.pick(method, path) is not None for method, path in requests]


def test_a_rule_applies_to_its_method_and_path_and_when_it_says():
    post, get = ("POST", "/a/issues"), ("GET", "/a/issues")
    assert met({"match": "POST /issues$"}, [get, post, ("POST", "/issues/1")]) == [0, 1, 0]
    assert met({"match": "* /issues", "nth": 2}, [get, post, post]) == [0, 1, 0]
    assert met({"every": 2}, [get] * 5) == [0, 1, 0, 1, 0]
    assert met({"times": 2}, [get] * 4) == [1, 1, 0, 0]
    assert met({"every": 2, "times": 1}, [get] * 5) == [0, 1, 0, 0, 0]


def test_chance_is_repeatable_by_its_seed():
    tries = [("GET", "/")] * 200
    first = met({"chance": 0.25}, tries, seed=7)
    assert first == met({"chance": 0.25}, tries, seed=7)
    assert first != met({"chance": 0.25}, tries, seed=8)
    assert 20 < sum(first) < 90


def test_the_first_rule_that_applies_wins_and_the_others_still_count():
    faults = Faults([Fault(effect="reset", times=1), Fault(effect="delay", nth=2)])
    assert [rule and rule.effect for rule in (faults.pick("GET", "/") for _ in range(3))] == [
        "reset",
        "delay",
        None,
    ]


SCRIPT = """
seed = 3
[[fault]]
match = "POST /repositories/[0-9]+/issues$"
nth = 2
effect = "lose-reply"
"""


def test_a_script_is_read_from_toml_or_json(tmp_path):
    toml, json = tmp_path / "faults.toml", tmp_path / "faults.json"
    toml.write_text(SCRIPT)
    json.write_text(
        '{"seed": 3, "fault": [{"match": "POST /repositories/[0-9]+/issues$", '
        '"nth": 2, "effect": "lose-reply"}]}'
    )
    assert load_script(toml) == load_script(json)
    assert load_script(toml).fault[0].nth == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (SCRIPT + "tims = 2", 'unknown key "fault.0.tims". Did you mean "times"?'),
        ("sead = 1", 'unknown key "sead". Did you mean "seed"?'),
        ("zzz = 1", "Known: fault, seed."),
        ('[[fault]]\neffect = "explode"', "fault.0.effect:"),
        ('[[fault]]\neffect = "reset"\nnth = 0', "fault.0.nth:"),
        ('[[fault]]\neffect = "reset"\nmatch = "/issues"', "write a method or *"),
        ('[[fault]]\neffect = "reset"\nmatch = "* ("', "not a regular expression"),
        ("[[fault", "cannot be read"),
    ],
)
def test_a_wrong_script_is_refused_with_file_and_key(text, says):
    with pytest.raises(ProblemError) as refused:
        read_script(text, "faults.toml")
    problem = refused.value.problem
    assert (problem.code, problem.place) == ("E201", "faults.toml")
    assert says in str(problem)


def test_a_script_that_is_not_there_is_a_problem(tmp_path):
    with pytest.raises(ProblemError, match="E201"):
        load_script(tmp_path / "none.toml")


def test_a_sandbox_follows_a_script_from_a_file(start, client, tmp_path):
    script = tmp_path / "faults.toml"
    script.write_text(SCRIPT)
    sandbox = start(faults=script)
    api = client(sandbox)
    path = f"/repositories/{sandbox.state.repository('acme/payments').id}/issues"
    assert api.post(path, json={"title": "x"}).status_code == 201
    with pytest.raises(requests.ConnectionError):
        api.post(path, json={"title": "y"})
    assert [one["title"] for one in api.get(path).json()] == ["y", "x"]
