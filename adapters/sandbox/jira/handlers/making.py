"""New issues, one at a time or fifty."""

from collections.abc import Mapping
from typing import Any, Final

from adapters.sandbox.core.answer import Answer
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.jira import fields
from adapters.sandbox.jira.call import Call, route
from adapters.sandbox.jira.handlers import error_body
from adapters.sandbox.jira.handlers.editing import asked, store_properties
from adapters.sandbox.jira.model import Issue
from adapters.sandbox.jira.project import Project

#: The most issues one request makes (Jira's REST reference).
MOST: Final = 50


@route("POST", "/issue")
def create(call: Call) -> Answer:
    """A new issue, with its entity properties."""
    call.writes()
    return Answer.json(_shown(call, _make(call, call.values)), 201)


@route("POST", "/issue/bulk")
def bulk(call: Call) -> Answer:
    """Several new issues; those that cannot be made are listed, the others are made."""
    call.writes()
    wanted = call.values.get("issueUpdates")
    if not isinstance(wanted, list) or not wanted:
        raise Refused(400, "At least one issue must be given.")
    if len(wanted) > MOST:
        raise Refused(400, f"The number of issues to create must not be more than {MOST}.")
    made, errors = [], []
    for number, values in enumerate(wanted):
        try:
            made.append(_shown(call, _make(call, values if isinstance(values, dict) else {})))
        except Refused as refused:
            errors.append(
                {
                    "status": refused.status,
                    "elementErrors": error_body(refused),
                    "failedElementNumber": number,
                }
            )
    return Answer.json({"issues": made, "errors": errors}, 201 if made else 400)


def _shown(call: Call, issue: Issue) -> dict[str, object]:
    return {
        "id": str(issue.id),
        "key": issue.key,
        "self": f"{call.view.root}/issue/{issue.id}",
    }


def _make(call: Call, values: Mapping[str, Any]) -> Issue:
    given = values.get("fields")
    given = dict(given) if isinstance(given, dict) else {}
    project = _project(call, given.pop("project", None))
    if "CREATE_ISSUES" not in call.permissions(project):
        raise fields.refused(
            {"project": "You do not have permission to create issues in this project."}
        )
    wanted = asked(call, None, {"fields": given, "update": values.get("update") or {}})
    setting = call.setting(project)
    kinds = fields.read(setting, {"issuetype": wanted.fields.get("issuetype")}, ("issuetype",))
    kind = project.type_by_id(kinds["issuetype"])
    assert kind is not None, "it was just read among the project's own"
    if wanted.fields.get("summary") is None:
        raise fields.refused({"summary": "You must specify a summary of the issue."})
    screen = set(fields.screen(project, kind))
    if "reporter" in wanted.fields and "MODIFY_REPORTER" not in call.permissions(project):
        screen.discard("reporter")
    changes = fields.read(setting, wanted.fields, screen)
    issue = call.world.issues.create(project, call.who, changes)
    store_properties(call, issue, values.get("properties"))
    for body in wanted.comments:
        call.world.issues.relations.comment(issue, call.who, body)
    return call.world.issues.all[issue.id]


def _project(call: Call, value: object) -> Project:
    given = value if isinstance(value, dict) else {}
    wanted = str(given.get("key") or given.get("id") or "")
    try:
        return call.project(wanted)
    except Refused:
        raise fields.refused({"project": "Specify a valid project ID or key"}) from None
