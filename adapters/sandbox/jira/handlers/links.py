"""Links between issues, and from issues to places elsewhere."""

from collections.abc import Mapping
from typing import Any

from adapters.sandbox.core.answer import Answer
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.jira.call import Call, route
from adapters.sandbox.jira.model import Issue, Link, RemoteLink


@route("POST", "/issueLink")
def create(call: Call) -> Answer:
    """Link two issues: the inward one does to the outward one what the type's name says."""
    call.writes()
    values = call.values
    source = _end(call, values.get("inwardIssue"))
    target = _end(call, values.get("outwardIssue"))
    message = "No Link Issue Permission for issue"
    call.need(call.home(source), "LINK_ISSUES", f"{message} '{source.key}'")
    call.written(source)
    call.written(target)
    relations = call.world.issues.relations
    given = values.get("type")
    relations.link(relations.link_type(given if isinstance(given, dict) else {}), source, target)
    return Answer(201)


def _end(call: Call, value: object) -> Issue:
    given = value if isinstance(value, dict) else {}
    return call.issue(str(given.get("key") or given.get("id") or ""))


@route("GET", "/issueLink/<int:number>")
def read(call: Call, number: int) -> Answer:
    """One link with both its ends."""
    return Answer.json(call.view.link(_link(call, number)))


@route("DELETE", "/issueLink/<int:number>")
def remove(call: Call, number: int) -> Answer:
    """End a link."""
    call.writes()
    call.world.issues.relations.unlink(_link(call, number))
    return Answer(204)


def _link(call: Call, number: int) -> Link:
    found = call.world.issues.relations.links.get(number)
    if found is None:
        raise Refused(404, f"No issue link with id '{number}' exists.")
    call.issue(str(found.source))
    return found


# Remote links


@route("GET", "/issue/<key>/remotelink")
def remote(call: Call, key: str) -> Answer:
    """An issue's links to elsewhere, or the one with a global id."""
    issue = call.issue(key)
    found = call.world.issues.relations.remote_of(issue.id)
    wanted = call.text("globalId")
    if wanted:
        for one in found:
            if one.global_id == wanted:
                return Answer.json(call.view.remote_link(one))
        raise Refused(404, f"The remote issue link with the global id '{wanted}' does not exist.")
    return Answer.json([call.view.remote_link(one) for one in found])


@route("POST", "/issue/<key>/remotelink")
def set_remote(call: Call, key: str) -> Answer:
    """Make a link to elsewhere (201), or renew the one with the same global id (200)."""
    issue = _linkable(call, key)
    values = call.values
    _whole(values)
    made, new = call.world.issues.relations.set_remote(
        issue, str(values.get("globalId") or ""), values
    )
    payload = call.view.remote_link(made)
    return Answer.json({"id": made.id, "self": payload["self"]}, 201 if new else 200)


@route("DELETE", "/issue/<key>/remotelink")
def remove_remote(call: Call, key: str) -> Answer:
    """End the link with a global id."""
    issue = _linkable(call, key)
    relations = call.world.issues.relations
    for one in relations.remote_of(issue.id):
        if one.global_id == call.text("globalId"):
            relations.drop_remote(one)
            return Answer(204)
    raise Refused(404, "The remote issue link does not exist.")


@route("GET", "/issue/<key>/remotelink/<int:number>")
def read_remote(call: Call, key: str, number: int) -> Answer:
    """One link to elsewhere."""
    return Answer.json(call.view.remote_link(_remote(call, call.issue(key), number)))


@route("PUT", "/issue/<key>/remotelink/<int:number>")
def change_remote(call: Call, key: str, number: int) -> Answer:
    """Say something else of a link to elsewhere."""
    issue = _linkable(call, key)
    held = _remote(call, issue, number)
    values = call.values
    _whole(values)
    changed = RemoteLink(
        id=held.id,
        issue=held.issue,
        global_id=str(values.get("globalId") or held.global_id),
        told=values,
    )
    call.world.issues.relations.remote[number] = changed
    return Answer(204)


@route("DELETE", "/issue/<key>/remotelink/<int:number>")
def drop_remote(call: Call, key: str, number: int) -> Answer:
    """End a link to elsewhere."""
    held = _remote(call, _linkable(call, key), number)
    call.world.issues.relations.drop_remote(held)
    return Answer(204)


def _linkable(call: Call, key: str) -> Issue:
    issue = call.issue(key)
    call.need(call.home(issue), "LINK_ISSUES", "No Link Issue Permission for the issue")
    call.written(issue)
    return issue


def _whole(values: Mapping[str, Any]) -> None:
    told = values.get("object")
    given = told if isinstance(told, dict) else {}
    lacking = {
        name: f"'{name}' is required."
        for name in ("url", "title")
        if not str(given.get(name) or "").strip()
    }
    if lacking:
        raise Refused(400, "", (lacking,))


def _remote(call: Call, issue: Issue, number: int) -> RemoteLink:
    found = call.world.issues.relations.remote.get(number)
    if found is None or found.issue != issue.id:
        raise Refused(404, f"The remote issue link with the id '{number}' does not exist.")
    return found
