"""One issue: read, edit, delete, assign; and many by their keys."""

import contextlib
from typing import Final

from adapters.sandbox.core.answer import Answer
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.jira import fields
from adapters.sandbox.jira.call import Call, route
from adapters.sandbox.jira.handlers.editing import asked, store_properties
from adapters.sandbox.jira.model import Issue

#: The most issues that are fetched by one request (Jira's REST reference).
MOST: Final = 100

#: The most properties that may be asked for besides (Jira's REST reference).
MOST_PROPERTIES: Final = 5


@route("GET", "/issue/<key>")
def read(call: Call, key: str) -> Answer:
    """An issue by key, former key or id."""
    issue = call.issue(key)
    wanted = call.names("fields") or ["*all"]
    payload = call.view.issue(issue, wanted, call.names("properties"))
    if "changelog" in call.text("expand"):
        shown = [call.view.change(one) for one in call.world.issues.changes_of(issue.id)]
        payload["changelog"] = {
            "startAt": 0,
            "maxResults": len(shown),
            "total": len(shown),
            "histories": shown[::-1] if call.world.flavour == "cloud" else shown,
        }
    return Answer.json(payload)


@route("POST", "/issue/bulkfetch", only="cloud")
def fetch(call: Call) -> Answer:
    """Issues by key or id; those that are not there are passed over."""
    values = call.values
    wanted = values.get("issueIdsOrKeys")
    if not isinstance(wanted, list) or not wanted or len(wanted) > MOST:
        raise Refused(400, f"Between 1 and {MOST} issue ids or keys must be given.")
    names = [str(one) for one in values.get("fields") or ["*navigable"]]
    properties = [str(one) for one in values.get("properties") or []]
    found: dict[int, Issue] = {}
    for one in wanted:
        with contextlib.suppress(Refused):
            issue = call.issue(str(one))
            found[issue.id] = issue
    shown = [call.view.issue(one, names, properties) for one in found.values()]
    return Answer.json({"issues": shown, "issueErrors": []})


@route("PUT", "/issue/<key>")
def edit(call: Call, key: str) -> Answer:
    """Change fields; 204, or the issue with ``returnIssue=true`` (Cloud)."""
    issue = call.issue(key)
    project = call.home(issue)
    call.need(project, "EDIT_ISSUES", "You do not have permission to edit issues in this project.")
    call.written(issue)
    wanted = asked(call, issue, call.values)
    kind = project.type_by_id(issue.type)
    assert kind is not None, "an issue's type is one of its project's"
    changes = fields.read(call.setting(project), wanted.fields, fields.screen(project, kind))
    call.world.issues.edit(issue, call.who, changes)
    store_properties(call, issue, call.values.get("properties"))
    for body in wanted.comments:
        call.world.issues.relations.comment(call.issue(key), call.who, body)
    if call.world.flavour == "cloud" and call.text("returnIssue") == "true":
        names = call.names("fields") or ["*all"]
        return Answer.json(call.view.issue(call.issue(key), names, ()))
    return Answer(204)


@route("DELETE", "/issue/<key>")
def delete(call: Call, key: str) -> Answer:
    """Delete for good; its key is never given again."""
    issue = call.issue(key)
    call.need(call.home(issue), "DELETE_ISSUES", "You do not have permission to delete issues.")
    if call.world.issues.children(issue.id) and call.text("deleteSubtasks") != "true":
        raise Refused(400, f"The issue '{issue.key}' has subtasks.")
    call.world.issues.delete(issue)
    return Answer(204)


@route("PUT", "/issue/<key>/assignee")
def assign(call: Call, key: str) -> Answer:
    """Let somebody be responsible, or nobody."""
    issue = call.issue(key)
    project = call.home(issue)
    call.need(project, "ASSIGN_ISSUES", "You do not have permission to assign issues.")
    call.written(issue)
    values = dict(call.values)
    given = None if values.get("accountId", values.get("name")) is None else values
    changes = fields.read(call.setting(project), {"assignee": given}, ("assignee",))
    call.world.issues.edit(issue, call.who, changes)
    return Answer(204)


@route("GET", "/issue/<key>/changelog", only="cloud")
def changelog(call: Call, key: str) -> Answer:
    """An issue's history, oldest first."""
    issue = call.issue(key)
    shown = [call.view.change(one) for one in call.world.issues.changes_of(issue.id)]
    return Answer.json(call.page("values", shown, 100))
