"""What may be set when an issue is made, edited or taken a step further."""

from typing import Any

from adapters.sandbox.core.answer import Answer
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.jira.call import Call, route
from adapters.sandbox.jira.fields import SYSTEM, screen
from adapters.sandbox.jira.handlers.site import custom_schema, system_schema
from adapters.sandbox.jira.model import IssueType
from adapters.sandbox.jira.project import Project

#: A new issue must have these.
_MUST = frozenset({"summary", "issuetype", "project"})


@route("GET", "/issue/createmeta", only="cloud")
def whole(call: Call) -> Answer:
    """Everything at once, as Data Center stopped to offer with version 9."""
    keys, ids = call.names("projectKeys"), call.names("projectIds")
    names, numbers = call.names("issuetypeNames"), call.names("issuetypeIds")
    fields = "projects.issuetypes.fields" in call.text("expand")
    projects = []
    for project in call.world.projects.values():
        if not call.sees(project) or not (
            (not keys and not ids) or project.key in keys or str(project.id) in ids
        ):
            continue
        kinds = [
            call.view.issue_type(kind)
            | (
                {"fields": {one["fieldId"]: one for one in described(call, project, kind)}}
                if fields
                else {}
            )
            for kind in project.types
            if (not names and not numbers) or kind.name in names or kind.id in numbers
        ]
        projects.append(call.view.project(project) | {"issuetypes": kinds})
    return Answer.json({"expand": "projects", "projects": projects})


@route("GET", "/issue/createmeta/<key>/issuetypes")
def types(call: Call, key: str) -> Answer:
    """The issue types of a project; the list has another name on Data Center."""
    project = call.project(key)
    found = [call.view.issue_type(one) for one in project.types]
    return Answer.json(_page(call, "issueTypes", found))


@route("GET", "/issue/createmeta/<key>/issuetypes/<kind>")
def fields(call: Call, key: str, kind: str) -> Answer:
    """The fields of a new issue of a type."""
    project = call.project(key)
    found = project.type_by_id(kind)
    if found is None:
        raise Refused(404, f"The issue type with id '{kind}' does not exist in this project.")
    return Answer.json(_page(call, "fields", described(call, project, found)))


def _page(call: Call, name: str, found: list[dict[str, Any]]) -> dict[str, object]:
    if call.world.flavour == "datacenter":
        return call.page("values", found)
    page = call.page(name, found)
    del page["isLast"]
    return page


@route("GET", "/issue/<key>/editmeta")
def edit(call: Call, key: str) -> Answer:
    """The fields of an issue that may be edited."""
    issue = call.issue(key)
    project = call.home(issue)
    kind = project.type_by_id(issue.type)
    if kind is None or "EDIT_ISSUES" not in call.permissions(project):
        return Answer.json({"fields": {}})
    shown = [one for one in described(call, project, kind) if one["fieldId"] != "project"]
    return Answer.json({"fields": {one["fieldId"]: one for one in shown}})


def described(call: Call, project: Project, kind: IssueType) -> list[dict[str, Any]]:
    """Every field on an issue type's screen, with what it takes."""
    names = ["project", *screen(project, kind)]
    return [field(call, project, name, kind) for name in names]


def field(
    call: Call, project: Project, name: str, kind: IssueType | None, *, must: bool = False
) -> dict[str, Any]:
    """One field; ``must`` makes it required."""
    view = call.view
    custom = next((one for one in project.custom if one.id == name), None)
    if custom is not None:
        required = must or (kind is not None and project.requires(custom, kind))
        title, schema = custom.name, custom_schema(custom)
        allowed = [view.option(one) for one in custom.options]
    else:
        title, holds = SYSTEM.get(name, (name.capitalize(), "comments-page"))
        subtask = kind is not None and kind.level < 0
        required = must or name in _MUST or (name == "parent" and subtask)
        schema = system_schema(name, holds)
        allowed = _allowed(call, project, name, kind)
    shown: dict[str, Any] = {
        "required": required,
        "schema": schema,
        "name": title,
        "key": name,
        "fieldId": name,
        "hasDefaultValue": name == "priority" and project.default_priority is not None,
        "operations": ["add", "set", "remove"] if schema["type"] == "array" else ["set"],
    }
    if name == "priority" and project.default_priority is not None:
        shown["defaultValue"] = view.found(
            "priority", call.world.priorities, project.default_priority
        )
    return shown | ({"allowedValues": allowed} if allowed else {})


def _allowed(
    call: Call, project: Project, name: str, kind: IssueType | None
) -> list[dict[str, Any]]:
    view = call.view
    match name:
        case "priority":
            known = [one for one in call.world.priorities if one.id in project.priorities]
            return [view.named("priority", one) for one in known]
        case "resolution":
            return [view.named("resolution", one) for one in call.world.resolutions]
        case "issuetype" if kind is not None:
            return [view.issue_type(kind)]
        case "project":
            return [view.project(project)]
        case "components":
            return [view.named("component", one) for one in project.components]
        case _:
            return []
