"""Every answer of the Cloud sandbox is what jira.js's models of Jira Cloud say it may be.

``tests/schemas/jira/cloud.json`` is cut out of them; ``extract.mjs`` beside it says how. They
allow fields that they do not name; here a name they do not know is wrong, so that a slip of
the pen is seen. The scenario calls each address at least once; the last test fails when one
was never called or one answer was never described.
"""

import json
import re
from collections import defaultdict
from pathlib import Path

import jsonschema
import pytest

SCHEMAS = json.loads((Path(__file__).parents[3] / "schemas/jira/cloud.json").read_text("utf-8"))


def ref(name):
    return {"$ref": f"#/schemas/{name}"}


def array(name):
    return {"type": "array", "items": ref(name)}


#: Addresses jira.js has no model for (or has dropped), by the models of what they give.
OPERATIONS = SCHEMAS["operations"] | {
    "GET /rest/api/3/priority": array("Priority"),
    "GET /rest/api/3/project": array("Project"),
    "GET /rest/api/3/resolution": array("Resolution"),
    "POST /rest/api/3/issue/{issueIdOrKey}/comment": ref("Comment"),
}

#: Answers without a body, or with one that is described nowhere.
SILENT = {
    "PUT /rest/api/3/issue/{issueIdOrKey}",
    "DELETE /rest/api/3/issue/{issueIdOrKey}",
    "PUT /rest/api/3/issue/{issueIdOrKey}/assignee",
    "DELETE /rest/api/3/issue/{issueIdOrKey}/comment/{id}",
    "PUT /rest/api/3/issue/{issueIdOrKey}/properties/{propertyKey}",
    "DELETE /rest/api/3/issue/{issueIdOrKey}/properties/{propertyKey}",
    "DELETE /rest/api/3/issue/{issueIdOrKey}/remotelink",
    "PUT /rest/api/3/issue/{issueIdOrKey}/remotelink/{linkId}",
    "DELETE /rest/api/3/issue/{issueIdOrKey}/remotelink/{linkId}",
    "POST /rest/api/3/issue/{issueIdOrKey}/transitions",
    "POST /rest/api/3/issueLink",
    "DELETE /rest/api/3/issueLink/{linkId}",
    "GET /rest/api/3/issue/createmeta",
    "GET /rest/api/3/priorityscheme",
}

#: What stands in an issue's fields, which the models call "any".
FIELDS = {
    "assignee": ref("UserDetails"),
    "reporter": ref("UserDetails"),
    "creator": ref("UserDetails"),
    "status": ref("StatusDetails"),
    "priority": ref("Priority"),
    "resolution": ref("Resolution"),
    "issuetype": ref("IssueTypeDetails"),
    "project": ref("Project"),
    "components": array("ProjectComponent"),
    "issuelinks": array("IssueLink"),
    "comment": ref("PageOfComments"),
}

#: A name that Jira Cloud gives and the models leave out.
BEYOND = {"$.self"}


def pattern(name):
    method, path = name.split(" ")
    return method, re.compile(re.sub(r"\{\w+\}", "[^/]+", path))


PATTERNS = {name: pattern(name) for name in (*OPERATIONS, *SILENT)}


def operation(method, path):
    fitting = [
        name
        for name, (wanted, shape) in PATTERNS.items()
        if wanted == method and shape.fullmatch(path)
    ]
    return min(fitting, key=lambda name: name.count("{"), default=None)


def resolved(schema):
    while "$ref" in schema:
        schema = SCHEMAS["schemas"][schema["$ref"].rpartition("/")[2]]
    for part in schema.get("anyOf", ()):
        if part.get("type") != "null":
            return resolved(part)
    return schema


def strangers(schema, value, at="$"):
    """Names in an answer that no model knows."""
    schema = resolved(schema)
    if isinstance(value, list):
        for each in value:
            yield from strangers(schema.get("items", {}), each, f"{at}[]")
    elif isinstance(value, dict) and "properties" in schema:
        for name, each in value.items():
            if name in schema["properties"]:
                yield from strangers(schema["properties"][name], each, f"{at}.{name}")
            else:
                yield f"{at}.{name}"


def problems(schema, value):
    checker = jsonschema.Draft202012Validator({"schemas": SCHEMAS["schemas"], **schema})
    wrong = [f"{one.json_path}: {one.message[:200]}" for one in checker.iter_errors(value)]
    return wrong + list(strangers(schema, value))


class Watch:
    """Sends requests and holds each answer against the models."""

    def __init__(self, api):
        self.api = api
        self.seen = defaultdict(set)
        self.wrong = []

    def __call__(self, method, path, body=None, status=200):
        answer = self.api.request(method, path, json=body)
        assert answer.status_code == status, f"{method} {path}: {answer.text}"
        name = operation(method, "/rest/api/3" + path.partition("?")[0])
        self.seen[name].add(status)
        value = answer.json() if answer.content else None
        if status >= 400:
            self.check(name, ref("ErrorCollection"), value)
        elif name in OPERATIONS:
            self.check(name, OPERATIONS[name], value)
        for fields in every_fields(value):
            for field in FIELDS.keys() & fields.keys():
                if fields[field] is not None:
                    self.check(f"{name} {field}", FIELDS[field], fields[field])
        return value

    def check(self, name, schema, value):
        found = [one for one in problems(schema, value) if one not in BEYOND]
        self.wrong += [f"{name}: {one}" for one in found]


def every_fields(value):
    if isinstance(value, list):
        for one in value:
            yield from every_fields(one)
    elif isinstance(value, dict):
        if "key" in value and isinstance(value.get("fields"), dict):
            yield value["fields"]
        for one in value.values():
            yield from every_fields(one)


def told(text):
    paragraph = {"type": "paragraph", "content": [{"type": "text", "text": text}]}
    return {"type": "doc", "version": 1, "content": [paragraph]}


def new(summary, **fields):
    kind = {"name": "Task"}
    return {"fields": {"project": {"key": "PAY"}, "issuetype": kind, "summary": summary} | fields}


@pytest.fixture
def watch(cloud, plain):
    cloud.state.add_field(cloud.state.project("PAY"), "Severity", "option", ("SEV1", "SEV2"))
    return Watch(plain(cloud, version="3"))


def scenario(watch, cloud):
    account = cloud.state.user("maria").account_id
    site(watch, account)
    watch("POST", "/issue", new("one", description=told("x"), labels=["a"]), 201)
    watch("POST", "/issue", new("two", parent={"key": "PAY-1"}), 201)
    watch("POST", "/issue", new("a\nb"), 400)
    watch("POST", "/issue/bulk", {"issueUpdates": [new("three"), new("")]}, 201)
    watch("PUT", "/issue/PAY-1", {"fields": {"summary": "changed"}}, 204)
    watch("PUT", "/issue/PAY-1/assignee", {"accountId": account}, 204)
    hanging(watch)
    watch("GET", "/issue/PAY-1/transitions?expand=transitions.fields")
    close = {"transition": {"id": "101"}, "fields": {"resolution": {"name": "Done"}}}
    watch("POST", "/issue/PAY-1/transitions", close, 204)
    watch("POST", "/issue/PAY-1/transitions", close, 400)
    watch("GET", "/bulk/issues/transition?issueIdsOrKeys=PAY-2,PAY-3")
    moves = [{"selectedIssueIdsOrKeys": ["PAY-2", "PAY-1", "PAY-9"], "transitionId": "11"}]
    task = watch("POST", "/bulk/issues/transition", {"bulkTransitionInputs": moves}, 201)["taskId"]
    watch("GET", f"/bulk/queue/{task}")
    watch("GET", "/bulk/queue/1", status=404)
    reading(watch)
    watch("DELETE", "/issue/PAY-2", status=204)


def site(watch, account):
    for path in ("serverInfo", "myself", "field", "status", "status/Done", "statuscategory",
                 "priority", "priority/1", "priority/search", "priorityscheme", "resolution",
                 "issuetype", "issueLinkType", "project", "project/search", "project/PAY",
                 "project/WEB", "project/PAY/statuses", "project/PAY/components",
                 f"user?accountId={account}", "user/search?query=maria",
                 "user/assignable/search?project=PAY",
                 "mypermissions?permissions=EDIT_ISSUES,ADMINISTER&projectKey=PAY",
                 "issue/createmeta?expand=projects.issuetypes.fields",
                 "issue/createmeta/PAY/issuetypes",
                 "issue/createmeta/PAY/issuetypes/10003"):  # fmt: skip
        watch("GET", f"/{path}")
    watch("GET", "/project/NOPE", status=404)


def hanging(watch):
    comment = watch("POST", "/issue/PAY-1/comment", {"body": told("said")}, 201)["id"]
    given = {"body": told("again"), "properties": [{"key": "op", "value": 1}]}
    watch("PUT", f"/issue/PAY-1/comment/{comment}", given)
    watch("GET", f"/issue/PAY-1/comment/{comment}?expand=properties")
    watch("GET", "/issue/PAY-1/comment?expand=properties")
    watch("GET", f"/comment/{comment}/properties/op")
    watch("PUT", "/issue/PAY-1/properties/op", {"id": "1"}, 201)
    watch("GET", "/issue/PAY-1/properties")
    watch("GET", "/issue/PAY-1/properties/op")
    watch("GET", "/issue/PAY-1/properties/other", status=404)
    link = {"object": {"url": "http://127.0.0.1/d", "title": "d"}, "globalId": "g"}
    remote = watch("POST", "/issue/PAY-1/remotelink", link, 201)["id"]
    watch("POST", "/issue/PAY-1/remotelink", link)
    watch("PUT", f"/issue/PAY-1/remotelink/{remote}", link, 204)
    watch("GET", f"/issue/PAY-1/remotelink/{remote}")
    watch("POST", "/issue/PAY-1/remotelink", {}, 400)
    ends = {"inwardIssue": {"key": "PAY-1"}, "outwardIssue": {"key": "PAY-3"}}
    watch("POST", "/issueLink", {"type": {"name": "Blocks"}} | ends, 201)


def reading(watch):
    shown = watch("GET", "/issue/PAY-1?properties=op&expand=changelog")
    watch("GET", "/issue/PAY-1/remotelink")
    watch("GET", "/issue/PAY-1/editmeta")
    watch("GET", "/issue/PAY-1/changelog")
    watch("GET", "/issue/PAY-9", status=404)
    watch("GET", "/search/jql?jql=project=PAY&fields=*all&properties=op&maxResults=1")
    watch("POST", "/search/jql", {"jql": "project = PAY", "fields": ["*navigable"]})
    watch("GET", "/search/jql?jql=nothing=1", status=400)
    watch("POST", "/search/approximate-count", {"jql": "project = PAY"})
    watch("POST", "/issue/bulkfetch", {"issueIdsOrKeys": ["PAY-1", "PAY-9"], "fields": ["*all"]})
    link = shown["fields"]["issuelinks"][0]["id"]
    watch("GET", f"/issueLink/{link}")
    watch("DELETE", f"/issueLink/{link}", status=204)
    comment = shown["fields"]["comment"]["comments"][0]["id"]
    watch("DELETE", f"/issue/PAY-1/comment/{comment}", status=204)
    watch("DELETE", "/issue/PAY-1/properties/op", status=204)
    watch("DELETE", "/issue/PAY-1/remotelink?globalId=g", status=204)
    link = {"object": {"url": "http://127.0.0.1/d", "title": "d"}}
    remote = watch("POST", "/issue/PAY-1/remotelink", link, 201)["id"]
    watch("DELETE", f"/issue/PAY-1/remotelink/{remote}", status=204)


def test_every_answer_is_as_described_and_every_description_is_met(watch, cloud):
    scenario(watch, cloud)
    assert watch.wrong == []
    assert None not in watch.seen
    assert set(watch.seen) == set(PATTERNS)


def test_a_wrong_answer_would_be_seen():
    assert problems(ref("StatusDetails"), {"id": 1}) != []
    assert problems(ref("StatusDetails"), {"idd": "1"}) == ["$.idd"]
