"""Every answer of the sandbox is what GitHub's own API description says it may be.

``tests/schemas/github.json`` is cut out of that description; ``extract_github.py`` beside it
says how. The scenario below calls each address at least once, and the last test fails when one
of them was never called or one answer was never described.
"""

import json
import re
from collections import defaultdict
from pathlib import Path
from urllib.parse import urlsplit

import jsonschema
import pytest

from adapters.sandbox.core.access import Access, Token

SCHEMAS = json.loads((Path(__file__).parents[2] / "schemas/github.json").read_text("utf-8"))
REPO = "/repos/acme/payments"
ISSUES = f"{REPO}/issues"

#: The description leaves these bodies out, or says no more than "an object".
UNDESCRIBED = {400, 401, 403, 404, 405, 410, 421}

#: "error" is what each of them looks like by the description's own basic error.
ERROR = {"$ref": "#/schemas/basic-error"}


def pattern(path):
    """The addresses an operation's path stands for, by name and by number."""
    by_name = re.sub(r"\{\w+_(?:number|id)\}", r"[0-9]+", path)
    by_name = re.sub(r"\{\w+\}", r"[^/]+", by_name)
    number = by_name.replace("/repos/[^/]+/[^/]+", "/repositories/[0-9]+")
    return re.compile(f"(?:{by_name}|{number})")


OPERATIONS = {
    name: (name.split(" ")[0], pattern(name.split(" ")[1])) for name in SCHEMAS["operations"]
}


def operation(method, path):
    for name, (wanted, shape) in OPERATIONS.items():
        if wanted == method and shape.fullmatch(path):
            return name
    return None


FORMATS = jsonschema.FormatChecker([])


@FORMATS.checks("date-time")
def is_moment(value):
    """GitHub writes UTC to the second; the description allows any RFC 3339 time."""
    return not isinstance(value, str) or re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]{8}Z", value)


@FORMATS.checks("uri")
def is_address(value):
    return not isinstance(value, str) or bool(urlsplit(value).scheme)


def problems(schema, value):
    checker = jsonschema.Draft202012Validator(
        {"schemas": SCHEMAS["schemas"], **schema},
        format_checker=FORMATS,
    )
    return [f"{error.json_path}: {error.message[:200]}" for error in checker.iter_errors(value)]


class Watch:
    """Sends requests and holds each answer against the description."""

    def __init__(self, api):
        self.api = api
        self.seen = defaultdict(set)
        self.wrong = []

    def __call__(self, method, path, body=None, status=None, **options):
        answer = self.api.request(method, path, json=body, **options)
        if status is not None:
            assert answer.status_code == status, (method, path, answer.text)
        name = operation(method, path.partition("?")[0])
        assert name is not None, f"{method} {path} is not in the extract"
        self.seen[name].add(answer.status_code)
        if answer.status_code in {204, 304}:
            assert answer.content == b""
            return None
        described = SCHEMAS["operations"][name].get(str(answer.status_code))
        schema = described
        if described is None:
            assert answer.status_code in UNDESCRIBED, (name, answer.status_code)
            schema = ERROR
        self.wrong += [
            f"{name} {answer.status_code} {text}" for text in problems(schema, answer.json())
        ]
        request = SCHEMAS["operations"][name].get("request")
        if request is not None and answer.ok and body is not None:
            self.wrong += [f"{name} request {text}" for text in problems(request, body)]
        return answer.json()


@pytest.fixture
def watch(start, client):
    sandbox = start(tokens=[Token("visitor", "guest", everywhere=Access.READ)])
    sandbox.state.add_issue_field("Priority", ("P0", "P1"))
    made = Watch(client(sandbox))
    made.sandbox = sandbox
    return made


def issues(watch):
    first = watch("POST", ISSUES, {"title": "bare"}, 201)
    watch("POST", f"{REPO}/milestones", {"title": "Q3", "description": "d"}, 201)
    watch("GET", f"{REPO}/milestones?state=all", status=200)
    watch("PATCH", f"{REPO}/milestones/1", {"due_on": "2026-09-30T00:00:00Z"}, 200)
    full = {
        "title": "full",
        "body": "text",
        "labels": ["bug", {"name": "question"}],
        "assignees": ["maria", "zoe"],
        "milestone": 1,
        "type": "Bug",
        "issue_field_values": [{"field_id": 51, "value": "P0"}],
    }
    second = watch("POST", ISSUES, full, 201)
    watch("GET", f"{REPO}/milestones/1", status=200)
    watch("GET", f"{ISSUES}/2", status=200)
    for reason in ("completed", "not_planned", "duplicate"):
        change = {"state": "closed", "state_reason": reason}
        watch("PATCH", "/repositories/1001/issues/1", change, 200)
        watch("PATCH", f"{ISSUES}/1", {"state": "open"}, 200)
    watch("PATCH", f"{ISSUES}/2", {"body": None, "milestone": None, "type": None}, 200)
    return first, second


def families(watch, first, second):
    path = f"{ISSUES}/1/sub_issues"
    watch("POST", path, {"sub_issue_id": second["id"]}, 201)
    third = watch("POST", ISSUES, {"title": "third"}, 201)
    watch("POST", path, {"sub_issue_id": third["id"]}, 201)
    order = {"sub_issue_id": third["id"], "before_id": second["id"]}
    watch("PATCH", f"{path}/priority", order, 200)
    watch("GET", path, status=200)
    watch("GET", f"{ISSUES}/2/parent", status=200)
    watch("GET", f"{ISSUES}/2", status=200)
    watch("DELETE", f"{ISSUES}/1/sub_issue", {"sub_issue_id": third["id"]}, 200)
    watch("POST", path, {"sub_issue_id": first["id"]}, 422)
    watch("GET", f"{ISSUES}/3/parent", status=404)


def labels(watch):
    watch("POST", f"{REPO}/labels", {"name": "P0", "color": "b60205", "description": "now"}, 201)
    watch("POST", f"{REPO}/labels", {"name": "P0", "color": "b60205"}, 422)
    watch("GET", f"{REPO}/labels", status=200)
    watch("GET", f"{REPO}/labels/P0", status=200)
    watch("GET", f"{REPO}/labels/none", status=404)
    watch("PATCH", f"{REPO}/labels/P0", {"new_name": "P1", "color": "ffffff"}, 200)
    watch("POST", f"{ISSUES}/1/labels", {"labels": ["P1"]}, 200)
    watch("PUT", f"{ISSUES}/1/labels", {"labels": ["P1", "bug"]}, 200)
    watch("GET", f"{ISSUES}/1/labels", status=200)
    watch("DELETE", f"{ISSUES}/1/labels/bug", status=200)
    watch("POST", f"{ISSUES}/1/assignees", {"assignees": ["maria"]}, 201)
    watch("DELETE", f"{ISSUES}/1/assignees", {"assignees": ["maria"]}, 200)
    watch("GET", f"{REPO}/assignees", status=200)
    values = f"{ISSUES}/1/issue-field-values"
    field = {"issue_field_values": [{"field_id": 51, "value": "P1"}]}
    watch("POST", values, field, 200)
    watch("PUT", values, field, 200)
    watch("GET", values, status=200)
    watch("GET", "/orgs/acme/issue-fields", status=200)


def comments(watch):
    said = watch("POST", f"{ISSUES}/1/comments", {"body": "hello"}, 201)
    watch("GET", f"{ISSUES}/1/comments", status=200)
    watch("GET", f"{ISSUES}/comments", status=200)
    watch("GET", f"{ISSUES}/comments/{said['id']}", status=200)
    watch("PATCH", f"{ISSUES}/comments/{said['id']}", {"body": "changed"}, 200)
    watch("POST", f"{ISSUES}/1/comments", {"body": ""}, 422)


def history(watch):
    maria = watch.sandbox.person("maria")
    maria.edit(1, title="renamed", body="a\nb")
    maria.pull("change")
    for number in (1, 2, 3):
        watch("GET", f"{ISSUES}/{number}/events", status=200)
        watch("GET", f"{ISSUES}/{number}/timeline", status=200)
    events = watch("GET", f"{ISSUES}/events", status=200)
    watch("GET", f"{ISSUES}/events/{events[0]['id']}", status=200)
    watch("GET", f"{ISSUES}?state=all&per_page=100", status=200)
    tag = watch.api.get(ISSUES).headers["ETag"]
    watch("GET", ISSUES, status=304, headers={"If-None-Match": tag})


def account(watch):
    watch("GET", "/", status=200)
    watch("GET", "/user", status=200)
    watch("GET", "/users/maria", status=200)
    watch("GET", "/rate_limit", status=200)
    watch("GET", REPO, status=200)
    watch("GET", "/repositories/1001", status=200)
    app = {"Authorization": "Bearer e30.eyJpc3MiOiIxMiJ9.x"}
    made = watch("POST", "/app/installations/7/access_tokens", {}, 201, headers=app)
    own = {"Authorization": f"token {made['token']}"}
    watch("GET", "/installation/repositories", status=200, headers=own)


def refusals(watch):
    maria = watch.sandbox.person("maria")
    watch("POST", ISSUES, {"title": "x" * 300}, 422)
    watch("POST", ISSUES, {"title": ["x"]}, 422)
    watch("GET", f"{ISSUES}/99", status=404)
    watch("GET", ISSUES, status=401, headers={"Authorization": "token wrong"})
    watch("PATCH", f"{ISSUES}/1", {"title": "x"}, 403, headers={"Authorization": "token visitor"})
    watch("GET", "/user", status=401, headers={"Authorization": ""})
    watch.sandbox.faults.add("rate-limit", times=1)
    watch("GET", ISSUES, status=403)
    maria.delete(3)
    watch("GET", f"{ISSUES}/3", status=410)
    watch.sandbox.state.add_repository("acme/other")
    maria.transfer(2, "acme/other")
    watch("GET", f"{ISSUES}/2", status=301)
    maria.rename("acme/billing")
    watch("GET", ISSUES, status=301)
    watch("GET", REPO, status=301)


def test_every_answer_is_what_githubs_own_description_says(watch):
    first, second = issues(watch)
    families(watch, first, second)
    labels(watch)
    comments(watch)
    history(watch)
    account(watch)
    refusals(watch)
    assert watch.wrong == []
    assert set(SCHEMAS["operations"]) - set(watch.seen) == set()
    assert {410, 301, 304, 401, 403, 404, 422} <= set().union(*watch.seen.values())


def test_the_description_would_catch_a_wrong_answer(api):
    schema = SCHEMAS["operations"]["GET /repos/{owner}/{repo}/issues/{issue_number}"]["200"]
    issue = api.post(ISSUES, json={"title": "x"}).json()
    assert problems(schema, issue) == []
    for change in ({"number": "1"}, {"created_at": "today"}, {"url": 7}, {"labels": None}):
        assert problems(schema, issue | change) != []
