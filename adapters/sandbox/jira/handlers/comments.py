"""Comments of an issue, and their properties."""

from collections.abc import Mapping
from typing import Any

from adapters.sandbox.core.answer import Answer
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.jira.call import Call, route
from adapters.sandbox.jira.fields import Wrong, refused, rich
from adapters.sandbox.jira.model import Comment, Issue, Rich


@route("GET", "/issue/<key>/comment")
def listed(call: Call, key: str) -> Answer:
    """A page of an issue's comments."""
    issue = call.issue(key)
    found = call.world.issues.relations.comments_of(issue.id)
    if call.text("orderBy").startswith("-"):
        found = found[::-1]
    fully = "properties" in call.text("expand")
    shown = [call.view.comment(one, properties=fully) for one in found]
    most = 100 if call.world.flavour == "cloud" else len(shown) or 1
    page = call.page("comments", shown, most)
    del page["isLast"]
    return Answer.json(page)


@route("POST", "/issue/<key>/comment")
def create(call: Call, key: str) -> Answer:
    """A new comment."""
    issue = call.issue(key)
    call.need(
        call.home(issue), "ADD_COMMENTS", "You do not have the permission to comment on this issue."
    )
    call.written(issue)
    values = call.values
    made = call.world.issues.relations.comment(
        issue, call.who, _body(call, issue, values), _properties(values)
    )
    return Answer.json(call.view.comment(made, properties=bool(made.properties)), 201)


@route("GET", "/issue/<key>/comment/<int:comment>")
def read(call: Call, key: str, comment: int) -> Answer:
    """One comment."""
    found = _one(call, call.issue(key), comment)
    return Answer.json(call.view.comment(found, properties="properties" in call.text("expand")))


@route("PUT", "/issue/<key>/comment/<int:comment>")
def change(call: Call, key: str, comment: int) -> Answer:
    """Change a comment's text."""
    issue = call.issue(key)
    found = _own(call, issue, comment)
    call.written(issue)
    values = call.values
    changed = call.world.issues.relations.edit_comment(
        found, _body(call, issue, values), _properties(values)
    )
    return Answer.json(call.view.comment(changed))


@route("DELETE", "/issue/<key>/comment/<int:comment>")
def remove(call: Call, key: str, comment: int) -> Answer:
    """Delete a comment."""
    issue = call.issue(key)
    found = _own(call, issue, comment)
    call.written(issue)
    call.world.issues.relations.drop_comment(found)
    return Answer(204)


@route("GET", "/comment/<int:comment>/properties/<name>")
def property_of(call: Call, comment: int, name: str) -> Answer:
    """One property of a comment."""
    found = call.world.issues.relations.comments.get(comment)
    if found is None or not call.sees(call.home(call.world.issues.all[found.issue])):
        raise Refused(404, f"Can not find a comment for the id: {comment}.")
    held = dict(found.properties)
    if name not in held:
        raise Refused(404, f"The property '{name}' does not exist.")
    return Answer.json({"key": name, "value": held[name]})


def _one(call: Call, issue: Issue, comment: int) -> Comment:
    found = call.world.issues.relations.comments.get(comment)
    if found is None or found.issue != issue.id:
        raise Refused(404, f"Can not find a comment for the id: {comment}.")
    return found


def _own(call: Call, issue: Issue, comment: int) -> Comment:
    call.writes()
    found = _one(call, issue, comment)
    if found.author != call.who and not call.may_own(call.home(issue)):
        raise Refused(400, "You do not have the permission to edit this comment.")
    return found


def _body(call: Call, issue: Issue, values: Mapping[str, Any]) -> Rich | None:
    try:
        return rich(call.setting(call.home(issue)), values.get("body"))
    except Wrong as wrong:
        raise refused({"comment": str(wrong)}) from None


def _properties(values: Mapping[str, Any]) -> dict[str, object]:
    given = values.get("properties")
    pairs = given if isinstance(given, list) else []
    return {
        str(one["key"]): one.get("value") for one in pairs if isinstance(one, dict) and "key" in one
    }
