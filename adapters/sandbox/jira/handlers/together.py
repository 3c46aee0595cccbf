"""Many issues moved by one request, as a task that is asked after (Cloud)."""

from collections.abc import Iterator
from typing import Any, Final

from adapters.sandbox.core.answer import Answer
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.jira.call import Call, route
from adapters.sandbox.jira.handlers.transitions import steps
from adapters.sandbox.jira.model import Issue
from adapters.sandbox.jira.tasks import Task
from adapters.sandbox.jira.workflows import Transition

#: The most issues one task moves (Jira's REST reference).
MOST: Final = 1000

#: How Jira says that two parts of one request are about the same workflow.
NOT_DISTINCT: Final = "Every transition input must correspond to a distinct workflow."


def _bad(message: str) -> Answer:
    return Answer.json({"errors": [{"message": message}]}, 400)


def _allowed(call: Call) -> None:
    """Raises Refused (401, 403) for who may not change many issues at once."""
    call.writes()
    if "BULK_CHANGE" in call.world.denied:
        raise Refused(403, "You do not have the global permission to make bulk changes.")


@route("GET", "/bulk/issues/transition", only="cloud")
def available(call: Call) -> Answer:
    """The steps that all issues of a workflow can take and that ask for no field."""
    _allowed(call)
    found = {issue.id: issue for issue, _ in _seen(call, call.names("issueIdsOrKeys"))}
    if not found or len(found) > MOST:
        return _bad(f"Between 1 and {MOST} issues must be given.")
    flows: dict[str, list[Issue]] = {}
    for issue in found.values():
        flows.setdefault(_flow(call, issue), []).append(issue)
    shown = [_workflow(call, issues) for issues in flows.values()]
    return Answer.json({"availableTransitions": [one for one in shown if one["transitions"]]})


def _workflow(call: Call, issues: list[Issue]) -> dict[str, Any]:
    project = call.home(issues[0])
    every = [steps(call, issue) for issue in issues]
    common = [one for one in every[0] if all(one in others for others in every)]
    bare = [one for one in common if not one.screen]
    return {
        "isTransitionsFiltered": len(bare) < len({one.id for found in every for one in found}),
        "issues": [issue.key for issue in issues],
        "transitions": [
            {
                "transitionId": int(one.id),
                "transitionName": one.name,
                "to": {"statusId": int(project.statuses[one.to].id), "statusName": one.to},
            }
            for one in bare
        ],
    }


def _seen(call: Call, names: list[str]) -> Iterator[tuple[Issue, str]]:
    for name in names:
        try:
            yield call.issue(name), name
        except Refused:
            continue


def _flow(call: Call, issue: Issue) -> str:
    project = call.home(issue)
    return project.flow(project.type_by_id(issue.type)).name


@route("POST", "/bulk/issues/transition", only="cloud")
def submit(call: Call) -> Answer:
    """Begin to move issues; what became of it is told by the task."""
    _allowed(call)
    given = call.values.get("bulkTransitionInputs")
    if not isinstance(given, list) or not given:
        return _bad("bulkTransitionInputs must not be empty.")
    wanted: list[tuple[str, str]] = []
    flows: set[str] = set()
    for part in given:
        names, step = _part(part)
        wanted += [(name, step) for name in names]
        mine = {_flow(call, issue) for issue, _ in _seen(call, names)}
        if len(mine) > 1 or mine & flows:
            return _bad(NOT_DISTINCT)
        flows |= mine
    if not wanted or len(wanted) > MOST:
        return _bad(f"Between 1 and {MOST} issues must be given.")
    world = call.world
    task = Task(str(world.next_id("task")), call.who, world.clock.now(), tuple(wanted))
    world.tasks[task.id] = task
    _run(call, task)
    return Answer.json({"taskId": task.id}, 201)


def _part(part: Any) -> tuple[list[str], str]:  # noqa: ANN401  any JSON value
    """The issues of one part of a request, and the step they are to take."""
    values = part if isinstance(part, dict) else {}
    names = values.get("selectedIssueIdsOrKeys")
    step = str(values.get("transitionId", ""))
    return [str(one) for one in names] if isinstance(names, list) else [], step


@route("GET", "/bulk/queue/<task_id>", only="cloud")
def progress(call: Call, task_id: str) -> Answer:
    """How far a task is."""
    call.signed_in()
    task = call.world.tasks.get(task_id)
    if task is None:
        raise Refused(404, "The task was not found.")
    _run(call, task)
    at = int(task.begun.timestamp() * 1000)
    return Answer.json(
        {
            "taskId": task.id,
            "status": "COMPLETE" if task.over else "RUNNING",
            "progressPercent": 100 if task.over else 0,
            "submittedBy": {"accountId": call.world.user(task.who).account_id},
            "created": at,
            "started": at,
            "updated": int(call.world.clock.now().timestamp() * 1000),
            "totalIssueCount": len(task.wanted),
            "processedAccessibleIssues": task.moved,
            "failedAccessibleIssues": task.failed,
            "invalidOrInaccessibleIssueCount": task.lost,
        }
    )


def _run(call: Call, task: Task) -> None:
    """Do it once its time has come."""
    world = call.world
    if task.over or world.clock.now() - task.begun < world.habits.task:
        return
    task.over = True
    for name, wanted in task.wanted:
        try:
            issue = call.issue(name)
        except Refused:
            task.lost += 1
            continue
        try:
            step = _step(call, issue, wanted)
            world.issues.transition(issue, task.who, step, {})
            task.moved.append(issue.id)
        except Refused as refused:
            task.failed[str(issue.id)] = [refused.message or "The issue cannot be moved."]


def _step(call: Call, issue: Issue, wanted: str) -> Transition:
    step = next((one for one in steps(call, issue) if one.id == wanted), None)
    if step is None:
        raise Refused(400, f"Transition id '{wanted}' is not valid for this issue.")
    if step.screen:
        raise Refused(400, "The transition has a screen, which bulk operations cannot fill.")
    return step
