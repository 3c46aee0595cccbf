"""The part of GitLab's GraphQL interface that REST cannot replace: severity, status, places.

docs.gitlab.com, "GraphQL API resources". What one may not see, and what is not there, is null.
"""

from collections.abc import Mapping
from typing import Any, Final

from adapters.sandbox.core.access import Access
from adapters.sandbox.core.answer import Answer
from adapters.sandbox.core.graphql.execute import Fault, Node, Schema, execute
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.gitlab import payloads
from adapters.sandbox.gitlab.call import Call
from adapters.sandbox.gitlab.listing import Row
from adapters.sandbox.gitlab.model import SEVERITIES, Actor, Edit, written
from adapters.sandbox.gitlab.project import Project, visible

Arguments = Mapping[str, Any]

#: GitLab's refusal of a mutation on what one may not see or change.
UNSEEN: Final = (
    "The resource that you are attempting to access does not exist or you don't have permission "
    "to perform this action"
)


def answer(call: Call) -> Answer:
    """One GraphQL request; always 200. Raises Refused (401)."""
    given = call.values
    text = given.get("query")
    if not isinstance(text, str):
        return Answer.json({"errors": [{"message": "No query string was present"}]})
    said = execute(text, given.get("variables"), SCHEMA, call, INTERFACES)
    for error in said.get("errors", ()):
        error.pop("type", None)
    return Answer.json(said)


# --- what can be asked ----------------------------------------------------------------------


def _project(call: Call, _: object, arguments: Arguments) -> Node | None:
    found = call.world.find(str(arguments["fullPath"]))
    if found is None or call.access_to(found) is Access.NONE:
        return None
    return Node("Project", found)


def _namespace(call: Call, _: object, arguments: Arguments) -> Node | None:
    path = str(arguments["fullPath"])
    found = _project(call, None, arguments)
    if found is not None:
        return Node("Namespace", found.value.path)
    known = path.lower() in call.world.groups
    return Node("Namespace", path) if known else None


def _issue(call: Call, _: object, arguments: Arguments) -> Node | None:
    row = _by_id(call, str(arguments["id"]))
    return Node("Issue", row) if row else None


def _me(call: Call, _: object, __: Arguments) -> Node | None:
    return Node("User", call.world.user(call.token.login)) if call.token else None


def _work_items(_: Call, project: Project, arguments: Arguments) -> Node:
    wanted = [str(one) for one in arguments.get("iids") or ()]
    rows = [(project, one) for one in project.shown() if not wanted or str(one.iid) in wanted]
    first = min(int(arguments.get("first") or 100), 100)
    return Node("WorkItemConnection", rows[:first])


def _nodes(call: Call, rows: list[Row], _: Arguments) -> list[Node]:
    return [Node("WorkItem", row) for row in rows if visible(row[1], _actor(call, row[0]))]


def _widgets(call: Call, row: Row, _: Arguments) -> list[Node]:
    held = [Node("WorkItemWidgetDescription", row), Node("WorkItemWidgetLabels", row)]
    return [*held, Node("WorkItemWidgetStatus", row)] if call.world.habits.premium else held


def _types(call: Call, _: str, __: Arguments) -> Node:
    return Node("WorkItemTypeConnection", call.world)


def _type_nodes(_: Call, __: object, ___: Arguments) -> list[Node]:
    return [Node("WorkItemType", name) for name in ("Issue", "Incident", "Test Case", "Task")]


def _definitions(call: Call, name: str, _: Arguments) -> list[Node]:
    held = [Node("WorkItemWidgetDefinitionGeneric", name)]
    wanted = call.world.habits.premium and name != "Test Case"
    return [*held, Node("WorkItemWidgetDefinitionStatus", name)] if wanted else held


def _allowed(call: Call, _: str, __: Arguments) -> list[Node]:
    return [Node("WorkItemStatus", one) for one in call.world.statuses]


# --- what can be done -----------------------------------------------------------------------


def _set_severity(call: Call, _: object, arguments: Arguments) -> Node:
    given = arguments["input"]
    project = call.world.find(str(given["projectPath"]))
    if str(given["severity"]) not in SEVERITIES:
        raise ValueError(f"Expected {given['severity']!r} to be one of: {', '.join(SEVERITIES)}")
    iid = int(given["iid"])
    if project is None or iid not in project.issues:
        raise Fault("NOT_FOUND", UNSEEN)
    actor = _writer(call, project)
    changed = _edited(project, iid, Edit(severity=str(given["severity"])), actor)
    return Node("IssueSetSeverityPayload", (project, changed))


def _update(call: Call, _: object, arguments: Arguments) -> Node:
    given = arguments["input"]
    row = _by_id(call, str(given["id"]))
    if row is None:
        raise Fault("NOT_FOUND", UNSEEN)
    project, issue = row
    actor = _writer(call, project)
    wanted = (given.get("statusWidget") or {}).get("status")
    if wanted is None:
        return Node("WorkItemUpdatePayload", (row, []))
    known = {one.id for one in call.world.statuses}
    if not call.world.habits.premium or wanted not in known:
        return Node("WorkItemUpdatePayload", (row, ["System-defined status doesn't exist."]))
    changed = _edited(project, issue.iid, Edit(status=str(wanted)), actor)
    return Node("WorkItemUpdatePayload", ((project, changed), []))


def _edited(project: Project, iid: int, edit: Edit, actor: Actor) -> Any:  # noqa: ANN401  an issue
    try:
        return project.edit(iid, edit, actor)
    except Refused:
        raise Fault("FORBIDDEN", UNSEEN) from None


def _writer(call: Call, project: Project) -> Actor:
    actor = _actor(call, project)
    if call.token is not None and not call.token.may_write:
        raise Fault("FORBIDDEN", "The request requires higher privileges: scope api")
    if not actor.may_plan:
        raise Fault("FORBIDDEN", UNSEEN)
    return actor


def _actor(call: Call, project: Project) -> Actor:
    return Actor(call.token.login if call.token else "", call.access_to(project))


def _by_id(call: Call, gid: str) -> Row | None:
    number = gid.rpartition("/")[2]
    row = call.world.issue_by_id(int(number)) if number.isdigit() else None
    if row is None or call.access_to(row[0]) is Access.NONE:
        return None
    return row if visible(row[1], _actor(call, row[0])) else None


# --- the fields of each type ----------------------------------------------------------------


def _status_node(call: Call, row: Row, _: Arguments) -> Node:
    return Node("WorkItemStatus", call.world.status_of(row[1]))


def _kind(_: Call, row: Row, __: Arguments) -> Node:
    return Node("WorkItemType", row[1].issue_type.replace("_", " ").title())


def _reference(_: Call, row: Row, arguments: Arguments) -> str:
    return str(payloads.references(*row)["full" if arguments.get("full") else "short"])


def _plain(name: str) -> Any:  # noqa: ANN401  a field's function
    return lambda _, value, __: getattr(value, name)


_SAYS_ISSUE: Final[dict[str, Any]] = {
    "id": lambda _, row, __: f"gid://gitlab/Issue/{row[1].id}",
    "iid": lambda _, row, __: str(row[1].iid),
    "title": lambda _, row, __: row[1].title,
    "state": lambda _, row, __: row[1].state,
    "confidential": lambda _, row, __: row[1].confidential,
    "severity": lambda _, row, __: row[1].severity,
    "createdAt": lambda _, row, __: written(row[1].created_at),
    "updatedAt": lambda _, row, __: written(row[1].updated_at),
    "webUrl": lambda call, row, __: payloads.web_url(call.base, *row),
    "reference": _reference,
}

SCHEMA: Final[Schema] = {
    "Query": {"project": _project, "namespace": _namespace, "issue": _issue, "currentUser": _me},
    "Mutation": {"issueSetSeverity": _set_severity, "workItemUpdate": _update},
    "User": {
        "id": lambda _, user, __: f"gid://gitlab/User/{user.id}",
        "username": _plain("username"),
        "name": _plain("name"),
    },
    "Project": {
        "id": lambda _, project, __: f"gid://gitlab/Project/{project.id}",
        "fullPath": _plain("path"),
        "archived": _plain("archived"),
        "workItems": _work_items,
    },
    "Issue": _SAYS_ISSUE,
    "WorkItemConnection": {"nodes": _nodes},
    "WorkItem": _SAYS_ISSUE
    | {
        "id": lambda _, row, __: f"gid://gitlab/WorkItem/{row[1].id}",
        "state": lambda _, row, __: "OPEN" if row[1].state == "opened" else "CLOSED",
        "workItemType": _kind,
        "widgets": _widgets,
    },
    "WorkItemWidgetDescription": {"description": lambda _, row, __: row[1].description},
    "WorkItemWidgetLabels": {"allowsScopedLabels": lambda call, _, __: call.world.habits.premium},
    "WorkItemWidgetStatus": {"status": _status_node},
    "WorkItemStatus": {
        "id": _plain("id"),
        "name": _plain("name"),
        "category": _plain("category"),
    },
    "Namespace": {"fullPath": lambda _, path, __: path, "workItemTypes": _types},
    "WorkItemTypeConnection": {"nodes": _type_nodes},
    "WorkItemType": {
        "name": lambda _, name, __: name,
        "widgetDefinitions": _definitions,
    },
    "WorkItemWidgetDefinitionGeneric": {"type": lambda _, __, ___: "DESCRIPTION"},
    "WorkItemWidgetDefinitionStatus": {
        "type": lambda _, __, ___: "STATUS",
        "allowedStatuses": _allowed,
    },
    "IssueSetSeverityPayload": {
        "issue": lambda _, row, __: Node("Issue", row),
        "errors": lambda _, __, ___: [],
    },
    "WorkItemUpdatePayload": {
        "workItem": lambda _, done, __: Node("WorkItem", done[0]),
        "errors": lambda _, done, __: done[1],
    },
}

INTERFACES: Final = {
    "WorkItemWidget": frozenset(
        {"WorkItemWidgetDescription", "WorkItemWidgetLabels", "WorkItemWidgetStatus"}
    ),
    "WorkItemWidgetDefinition": frozenset(
        {"WorkItemWidgetDefinitionGeneric", "WorkItemWidgetDefinitionStatus"}
    ),
}
