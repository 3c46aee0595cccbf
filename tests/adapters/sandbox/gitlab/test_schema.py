"""Every answer of the sandbox has the shape that GitLab's documentation gives it.

``tests/schemas/gitlab`` holds what was written down from that documentation, a file for each page,
its address under "source". Nothing that a page does not show may be in an answer. The scenario
calls each address at least once, and the last test fails when one was never called.
"""

import json
import re
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import jsonschema
import pytest

from adapters.sandbox.core.access import Token
from adapters.sandbox.core.clock import START
from adapters.sandbox.gitlab.call import routes

PAGES = {
    path.stem: json.loads(path.read_text("utf-8"))
    for path in (Path(__file__).parents[3] / "schemas" / "gitlab").glob("*.json")
}
SCHEMAS = {name: one for page in PAGES.values() for name, one in page["schemas"].items()}
OPERATIONS = {name: one for page in PAGES.values() for name, one in page["operations"].items()}
PROJECT = "/projects/acme%2Fpayments"
ISSUES = f"{PROJECT}/issues"
FORMATS = jsonschema.FormatChecker([])


@FORMATS.checks("date-time")
def is_moment(value):
    """GitLab writes UTC to the millisecond."""
    return not isinstance(value, str) or re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z", value)


@FORMATS.checks("date", raises=ValueError)
def is_day(value):
    return not isinstance(value, str) or bool(date.fromisoformat(value))


@FORMATS.checks("uri")
def is_address(value):
    return not isinstance(value, str) or bool(urlsplit(value).scheme)


def operation(method, path):
    for name in OPERATIONS:
        verb, _, place = name.partition(" ")
        if verb == method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", place), path):
            return name
    return None


class Watch:
    """Sends requests and holds each answer against the documentation."""

    def __init__(self, api):
        self.api = api
        self.seen = defaultdict(set)
        self.wrong = []

    def __call__(self, method, path, body=None, status=200, **options):
        place = path if path.startswith("/api/") else f"/api/v4{path}"
        answer = self.api.request(method, place, json=body, **options)
        assert answer.status_code == status, (method, path, answer.text)
        name = operation(method, path.partition("?")[0])
        assert name is not None, f"{method} {path} is not written down"
        self.seen[name].add(status)
        if status == 204:
            assert answer.content == b""
            return None
        known = OPERATIONS[name].get(str(status), {"$ref": "#/schemas/error"})
        assert str(status) in OPERATIONS[name] or status >= 400
        checker = jsonschema.Draft202012Validator(
            {"schemas": SCHEMAS, **known}, format_checker=FORMATS
        )
        found = checker.iter_errors(answer.json())
        self.wrong += [f"{name} {status} {one.json_path}: {one.message[:200]}" for one in found]
        return answer.json()


@pytest.fixture
def watch(start, client):
    token = Token("ending", "guest", expires_at=START + timedelta(days=9))
    sandbox = start(projects=["acme/payments", "acme/other"], tokens=[token])
    made = Watch(client(sandbox))
    made.sandbox = sandbox
    return made


def account(watch):
    for path in ("/version", "/metadata", "/user", "/users", "/users?username=zoe", "/users/11"):
        watch("GET", path)
    watch("GET", "/users/999", status=404)
    watch("GET", "/personal_access_tokens/self")
    watch("GET", "/personal_access_tokens/self", headers={"Private-Token": "ending"})
    watch("GET", "/user", status=401, headers={"Private-Token": "none"})
    watch("GET", PROJECT)
    watch("GET", "/projects/1", status=404)
    for path in ("/groups/acme", "/groups/acme/projects"):
        watch("GET", path)
    for path in ("/members", "/members/all", "/members/11", "/members/all/11"):
        watch("GET", PROJECT + path)
    watch("GET", f"{PROJECT}/members/999", status=404)


def labels(watch):
    path = f"{PROJECT}/labels"
    watch("POST", path, {"name": "a", "color": "#ff0000", "description": "d"}, 201)
    watch("POST", path, {"name": "a", "color": "#ff0000"}, 409)
    watch("POST", path, {"name": "b", "color": "red"}, 400)
    watch("GET", path)
    watch("GET", f"{path}?with_counts=true")
    watch("GET", f"{path}/a")
    watch("PUT", f"{path}/a", {"new_name": "b"})
    watch("PUT", f"{path}/b", {}, 400)
    watch("DELETE", f"{path}/b", status=204)
    watch("POST", path, {"name": "c", "color": "#ff0000"}, 201)
    watch("PUT", path, {"name": "c", "new_name": "d"})
    watch("DELETE", path, {"name": "d"}, 204)


def issues(watch):
    full = {
        "title": "full",
        "description": "- [ ] a\n- [x] b",
        "labels": "x,priority::P0",
        "assignee_ids": [11, 12],
        "due_date": "2026-04-01",
        "issue_type": "incident",
        "confidential": True,
    }
    watch("POST", ISSUES, {"title": "bare"}, 201)
    watch("POST", ISSUES, full, 201)
    watch("POST", ISSUES, {"title": ""}, 400)
    watch("GET", f"{ISSUES}/2")
    watch("GET", f"{ISSUES}/9", status=404)
    watch("PUT", f"{ISSUES}/1", {"state_event": "close", "discussion_locked": True})
    watch("PUT", f"{ISSUES}/1", {"state_event": "open"}, 400)
    watch("PUT", f"{ISSUES}/2", {"due_date": "", "assignee_ids": [], "description": None})
    for path in (ISSUES, f"{ISSUES}?with_labels_details=true", "/groups/acme/issues"):
        watch("GET", path)
    watch("GET", "/issues?scope=all")
    watch("GET", "/issues/900001", status=403)
    watch("GET", f"{ISSUES}?state=open", status=400)


def talk(watch):
    path = f"{ISSUES}/1/notes"
    note = watch("POST", path, {"body": "x"}, 201)["id"]
    watch("POST", path, {"body": "y", "internal": True}, 201)
    watch("POST", path, {"body": "/reopen"}, 202)
    watch("POST", path, {}, 400)
    watch("GET", path)
    watch("GET", f"{path}/{note}")
    watch("PUT", f"{path}/{note}", {"body": "z"})
    watch("DELETE", f"{path}/{note}", status=204)
    path = f"{ISSUES}/1/links"
    body = {"target_project_id": 77, "target_issue_iid": 2}
    watch("POST", path, body, 201)
    watch("POST", path, body, 409)
    [linked] = watch("GET", path)
    watch("GET", f"{path}/{linked['issue_link_id']}")
    watch("DELETE", f"{path}/{linked['issue_link_id']}")
    query = {"query": "{ currentUser { username } nothing }"}
    watch("POST", "/api/graphql", query)
    watch("POST", "/api/graphql", {"query": "{ issue(id: 1) { iid } }"})


def ends(watch):
    watch("POST", f"{ISSUES}/2/move", {"to_project_id": 78}, 201)
    watch("POST", f"{ISSUES}/2/move", {"to_project_id": 99}, 404)
    watch("GET", f"{ISSUES}/2")
    watch("DELETE", f"{ISSUES}/1", status=204)
    watch.sandbox.person("maria").rename("acme/money")
    watch("GET", PROJECT, status=301)
    watch("GET", f"{ISSUES}/2", status=301)
    watch("PUT", f"{ISSUES}/2", {"title": "x"}, 405)


def test_every_answer_is_as_documented_and_every_address_was_called(watch):
    for part in (account, labels, issues, talk, ends):
        part(watch)
    assert watch.wrong == []
    assert set(OPERATIONS) == set(watch.seen)
    served = {
        (method, re.sub(r"<[^>]+>", "{}", rule.rule.removeprefix("/api/v4")))
        for rule in routes().iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    documented = {
        (name.split(" ")[0], re.sub(r"\{\w+\}", "{}", name.split(" ")[1])) for name in OPERATIONS
    }
    assert served == documented - {("POST", "/api/graphql")}


def test_every_schema_says_where_it_comes_from():
    for page in PAGES.values():
        assert page["source"].startswith("https://docs.gitlab.com/")
