"""What the pages show of a site, as plain values for the templates. Pure."""

from datetime import UTC, datetime
from typing import Any, Final

from adapters.sandbox.jira.model import Issue
from adapters.sandbox.jira.project import Project
from adapters.sandbox.jira.state import JiraState

#: Cards in one column, rows on one page of the list.
MOST_CARDS: Final = 40
MOST_ROWS: Final = 50


def projects(state: JiraState) -> list[dict[str, Any]]:
    """Every project with how many of its issues are open."""
    shown = []
    for one in state.projects.values():
        categories = [state.statuses[issue.status].category for issue in _of(state, one)]
        done = categories.count("done")
        shown.append(
            {
                "key": one.key,
                "name": one.name,
                "workflow": one.workflow.name,
                "open": len(categories) - done,
                "done": done,
            }
        )
    return shown


def _of(state: JiraState, project: Project) -> list[Issue]:
    """The project's issues as they are now, newest change first: people see no lag."""
    found = [
        one for one in state.issues.all.values() if one.project == project.id and not one.archived
    ]
    return sorted(found, key=lambda one: (one.updated_at, one.id), reverse=True)


def card(state: JiraState, issue: Issue) -> dict[str, Any]:
    """One issue for a card, a row or its own page."""
    status = state.statuses[issue.status]
    kind = state.projects[issue.project].type_by_id(issue.type)
    return {
        "key": issue.key,
        "title": issue.summary,
        "body": issue.description.wiki if issue.description else "",
        "author": issue.creator,
        "status": status.name,
        "word": status.name,
        "reason": "",
        "state": "closed" if status.category == "done" else "open",
        "kind": kind.name if kind else "",
        "priority": _name(state.priorities, issue.priority),
        "resolution": _name(state.resolutions, issue.resolution),
        "labels": [{"id": "plain", "name": name} for name in issue.labels],
        "label_names": issue.labels,
        "assignees": [issue.assignee] if issue.assignee else [],
        "due": issue.due or "",
        "archived": issue.archived,
        "comments": len(state.issues.relations.comments_of(issue.id)),
        "created": stamp(issue.created_at),
        "updated": stamp(issue.updated_at),
    }


def _name(among: list[Any], wanted: str | None) -> str:
    return next((one.name for one in among if one.id == wanted), "")


def board(state: JiraState, project: Project) -> list[dict[str, Any]]:
    """A column for each status, in the workflows' order."""
    columns: dict[str, list[dict[str, Any]]] = {name: [] for name in project.statuses}
    for issue in _of(state, project):
        shown = card(state, issue) | {"steps": steps(state, issue)}
        columns.setdefault(shown["status"], []).append(shown)
    return [
        {"name": name, "total": len(found), "issues": found[:MOST_CARDS]}
        for name, found in columns.items()
    ]


def rows(state: JiraState, project: Project, page: int) -> tuple[list[dict[str, Any]], int]:
    """A page of the list, newest change first, and the next page's number (0 for none)."""
    found = _of(state, project)
    shown = found[(page - 1) * MOST_ROWS : page * MOST_ROWS]
    more = page + 1 if len(found) > page * MOST_ROWS else 0
    return [card(state, issue) for issue in shown], more


def steps(state: JiraState, issue: Issue) -> list[dict[str, Any]]:
    """The ways out of an issue's status."""
    here = state.statuses[issue.status].name
    return [
        {"name": one.name, "to": one.to, "asks": "resolution" in one.required}
        for one in state.issues.steps(issue)
        if one.to != here
    ]


def priorities(state: JiraState, project: Project) -> list[str]:
    """The priorities a project's issues may have."""
    return [one.name for one in state.priorities if one.id in project.priorities]


def history(state: JiraState, issue: Issue) -> list[dict[str, Any]]:
    """Comments and changes of an issue, oldest first."""
    said: list[dict[str, Any]] = [
        {"at": one.created_at, "who": one.author, "body": one.body.wiki, "what": ""}
        for one in state.issues.relations.comments_of(issue.id)
    ]
    happened: list[dict[str, Any]] = [
        {"at": one.at, "who": one.author, "body": None, "what": _sentence(item)}
        for one in state.issues.changes_of(issue.id)
        for item in one.items
    ]
    found = sorted([*said, *happened], key=lambda one: one["at"])
    return [one | {"at": stamp(one["at"])} for one in found]


def _sentence(item: Any) -> str:  # noqa: ANN401  an item of the history
    field = str(item["field"])
    if field in {"description", "environment"}:
        return f"changed the {field}"
    return (
        f"changed {field} from {item['fromString'] or 'nothing'} to {item['toString'] or 'nothing'}"
    )


def relations(state: JiraState, issue: Issue) -> dict[str, Any]:
    """The issue's parent, children, links and links to elsewhere."""
    held = state.issues
    parent = held.all.get(issue.parent) if issue.parent is not None else None
    links = []
    for link in held.relations.links_of(issue.id):
        kind = next(one for one in state.link_types if one.id == link.type)
        outward = link.source == issue.id
        other = held.all[link.target if outward else link.source]
        links.append(
            {"word": kind.outward if outward else kind.inward, "issue": card(state, other)}
        )
    remote = [one.told.get("object") for one in held.relations.remote_of(issue.id)]
    return {
        "parent": card(state, parent) if parent else None,
        "children": [card(state, one) for one in held.children(issue.id)],
        "links": links,
        "remote": [one for one in remote if isinstance(one, dict)],
    }


def stamp(at: datetime) -> str:
    """A time for people, in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
