"""Issues: list, open, read, edit."""

from typing import Any, cast

from adapters.sandbox.core.answer import Answer
from adapters.sandbox.github import payloads, reading
from adapters.sandbox.github.call import Call, route
from adapters.sandbox.github.listing import Query
from adapters.sandbox.github.model import Edit, Issue


@route("GET", "REPO/issues")
def every(call: Call) -> Answer:
    """A page of issues; pull requests are among them."""
    names = [name.strip().lower() for name in call.text("labels").split(",")]
    query = Query(
        state=cast("Any", call.choice("state", ("open", "closed", "all"), "open")),
        sort=cast("Any", call.choice("sort", ("created", "updated", "comments"), "created")),
        direction=cast("Any", call.choice("direction", ("asc", "desc"), "desc")),
        since=call.since(),
        creator=call.text("creator"),
        assignee=call.text("assignee"),
        milestone=call.text("milestone"),
        labels=tuple(name for name in names if name),
    )
    found = call.repository.listed(query)
    shown = found[call.window(len(found))]
    return Answer.raw(
        b"["
        + b",".join(payloads.issue_bytes(call.base, call.repository, one) for one in shown)
        + b"]"
    )


@route("POST", "REPO/issues")
def create(call: Call) -> Answer:
    """A new issue."""
    actor = call.writer()
    edit = edit_of(call)
    parent = reading.whole(call.values.get("parent_issue_id"))
    made = call.repository.open(actor, edit, parent=parent)
    answer = shown(call, made, 201)
    url = f"{call.base}/repos/{call.repository.full_name}/issues/{made.number}"
    answer.headers["Location"] = url
    return answer


@route("GET", "REPO/issues/<int:number>")
def read(call: Call, number: int) -> Answer:
    """One issue."""
    return shown(call, call.repository.get(number))


@route("PATCH", "REPO/issues/<int:number>")
def change(call: Call, number: int) -> Answer:
    """Change an issue; what is not given stays."""
    actor = call.writer()
    return shown(call, call.repository.edit(number, edit_of(call), actor))


def shown(call: Call, issue: Issue, status: int = 200) -> Answer:
    """An issue as an answer."""
    return Answer.raw(payloads.issue_bytes(call.base, call.repository, issue), status)


def edit_of(call: Call) -> Edit:
    """What the request wants to be different. Raises Refused (400, 422)."""
    values = dict(call.values)
    if "assignee" in values and "assignees" not in values:
        values["assignees"] = [values["assignee"]] if values["assignee"] else []
    if isinstance(values.get("type"), dict):
        values["type"] = values["type"].get("value")
    reasons = ("completed", "not_planned", "duplicate", "reopened", None)
    return Edit(
        title=reading.text(values, "title"),
        body=reading.text_or_null(values, "body"),
        state=cast("Any", reading.one_of(values, "state", ("open", "closed"))),
        reason=cast("Any", reading.one_of(values, "state_reason", reasons)),
        labels=reading.names(values, "labels", "name"),
        assignees=reading.names(values, "assignees", "login"),
        milestone=reading.number_or_null(values, "milestone"),
        type=reading.text_or_null(values, "type"),
        fields=reading.fields(values, "issue_field_values"),
    )
