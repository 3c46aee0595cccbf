"""The steps out of an issue's status, and taking one."""

from typing import Any

from adapters.sandbox.core.answer import Answer
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.jira import fields
from adapters.sandbox.jira.call import Call, route
from adapters.sandbox.jira.handlers.editing import asked
from adapters.sandbox.jira.handlers.meta import field
from adapters.sandbox.jira.model import Issue
from adapters.sandbox.jira.workflows import Transition


def steps(call: Call, issue: Issue) -> tuple[Transition, ...]:
    """What the caller may do next; nothing without the permission."""
    project = call.home(issue)
    if "TRANSITION_ISSUES" not in call.permissions(project) or issue.archived:
        return ()
    return call.world.issues.steps(issue)


@route("GET", "/issue/<key>/transitions")
def listed(call: Call, key: str) -> Answer:
    """The steps, with their screens' fields when asked for."""
    issue = call.issue(key)
    wanted = call.text("transitionId")
    fully = "transitions.fields" in call.text("expand")
    shown = [
        _shown(call, issue, one, fully=fully)
        for one in steps(call, issue)
        if wanted in {"", one.id}
    ]
    return Answer.json({"expand": "transitions", "transitions": shown})


def _shown(call: Call, issue: Issue, one: Transition, *, fully: bool) -> dict[str, Any]:
    project = call.home(issue)
    payload: dict[str, Any] = {
        "id": one.id,
        "name": one.name,
        "to": call.view.status(project.statuses[one.to]),
        "hasScreen": bool(one.screen),
        "isGlobal": not one.sources,
        "isInitial": False,
        "isConditional": one.conditional,
        "isAvailable": True,
        "looped": False,
    }
    if call.world.flavour == "datacenter":
        payload = {name: payload[name] for name in ("id", "name", "to")}
    if fully:
        kind = project.type_by_id(issue.type)
        payload["fields"] = {
            name: field(call, project, name, kind, must=name in one.required)
            for name in one.screen
            if name != "comment"
        }
    return payload


@route("POST", "/issue/<key>/transitions")
def take(call: Call, key: str) -> Answer:
    """Take a step, with the fields its screen wants."""
    issue = call.issue(key)
    call.writes()
    call.written(issue)
    values = call.values
    given = values.get("transition")
    wanted = str(given.get("id", "")) if isinstance(given, dict) else ""
    if not wanted:
        raise Refused(400, "Missing 'transition' identifier")
    step = next((one for one in steps(call, issue) if one.id == wanted), None)
    if step is None:
        if call.world.flavour == "cloud":
            raise Refused(400, f"Transition id '{wanted}' is not valid for this issue.")
        raise Refused(
            400,
            "It seems that you have tried to perform a workflow operation that is not valid for "
            f"the current state of this issue {issue.key}. The likely cause is that somebody has "
            "changed the issue recently, please look at the issue history for details.",
        )
    change = asked(call, issue, values)
    if change.comments and "comment" not in step.screen and step.screen:
        raise fields.refused(
            {"comment": "Field 'comment' cannot be set. It is not on the appropriate screen."}
        )
    changes = fields.read(call.setting(call.home(issue)), change.fields, step.screen)
    after = call.world.issues.transition(issue, call.who, step, changes)
    for body in change.comments:
        call.world.issues.relations.comment(after, call.who, body)
    return Answer(204)
