"""Issues: list, open, read, edit."""

from typing import Any, cast

from adapters.sandbox.core.answer import Answer
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.github import payloads
from adapters.sandbox.github.call import Call, route
from adapters.sandbox.github.listing import Query
from adapters.sandbox.github.model import Edit, Issue
from mappings.item import UNSET


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
    parent = call.values.get("parent_issue_id")
    made = call.repository.open(actor, edit, parent=parent if isinstance(parent, int) else None)
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
    return Edit(
        title=_text(values, "title"),
        body=_text(values, "body"),
        state=_one_of(values, "state", ("open", "closed")),
        reason=_one_of(
            values, "state_reason", ("completed", "not_planned", "duplicate", "reopened", None)
        ),
        labels=_names(values, "labels"),
        assignees=_names(values, "assignees", "login"),
        milestone=_number(values, "milestone"),
        type=_text(values, "type"),
        fields=_fields(values),
    )


def _text(values: dict[str, Any], name: str) -> Any:  # noqa: ANN401
    value = values.get(name, UNSET)
    if name == "title" and isinstance(value, int):
        return str(value)
    if name == "type" and isinstance(value, dict):
        value = value.get("value")
    if value is UNSET or isinstance(value, str) or (value is None and name != "title"):
        return value
    if value is None:
        return UNSET
    raise unreadable(name, value)


def _one_of(values: dict[str, Any], name: str, choices: tuple[str | None, ...]) -> Any:  # noqa: ANN401
    value = values.get(name, UNSET)
    if value is not UNSET and value not in choices:
        raise unreadable(name, value)
    return value


def _names(values: dict[str, Any], name: str, key: str = "name") -> Any:  # noqa: ANN401
    value = values.get(name, UNSET)
    if value is UNSET or value is None:
        return UNSET
    if not isinstance(value, list):
        raise unreadable(name, value)
    plain = [one.get(key) if isinstance(one, dict) else one for one in value]
    if not all(isinstance(one, str) for one in plain):
        raise unreadable(name, value)
    return tuple(plain)


def _number(values: dict[str, Any], name: str) -> Any:  # noqa: ANN401
    value = values.get(name, UNSET)
    if isinstance(value, str) and value.isdigit():
        return int(value)
    if value is UNSET or value is None or isinstance(value, int):
        return value
    raise unreadable(name, value)


def _fields(values: dict[str, Any]) -> Any:  # noqa: ANN401
    value = values.get("issue_field_values", UNSET)
    if value is UNSET:
        return UNSET
    try:
        return tuple((int(one["field_id"]), str(one["value"])) for one in value)
    except (TypeError, KeyError, ValueError):
        raise unreadable("issue_field_values", value) from None


def unreadable(name: str, value: object) -> Refused:
    """GitHub's 422 for a value of the wrong type."""
    kind = type(value).__name__
    return Refused(
        422, f"Invalid request.\n\nFor 'properties/{name}', {kind} is not what is expected."
    )
