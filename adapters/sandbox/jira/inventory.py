"""The whole state as JSON values, for people who look inside and tests that compare. Pure."""

from collections.abc import Mapping
from typing import Any

from adapters.sandbox.jira.model import Issue
from adapters.sandbox.jira.project import Project
from adapters.sandbox.jira.state import JiraState


def inventory(state: JiraState) -> dict[str, Any]:
    """Projects, issues, comments, links, changes, users. No credential is in it."""
    return {
        "flavour": state.flavour,
        "users": sorted(user.login for user in state.users.values()),
        "projects": [_project(state, one) for one in state.projects.values()],
    }


def _project(state: JiraState, one: Project) -> dict[str, Any]:
    issues = [issue for issue in state.issues.all.values() if issue.project == one.id]
    return {
        "id": one.id,
        "key": one.key,
        "workflow": one.workflow.name,
        "archived": one.archived,
        "issues": [_issue(state, one, issue) for issue in issues],
    }


def _issue(state: JiraState, project: Project, one: Issue) -> dict[str, Any]:
    relations = state.issues.relations
    kind = project.type_by_id(one.type)
    return {
        "id": one.id,
        "key": one.key,
        "summary": one.summary,
        "description": one.description.wiki if one.description else None,
        "document": one.description.document if one.description else None,
        "type": kind.name if kind else None,
        "status": state.statuses[one.status].name,
        "priority": _name(state.priorities, one.priority),
        "resolution": _name(state.resolutions, one.resolution),
        "labels": list(one.labels),
        "assignee": one.assignee,
        "reporter": one.reporter,
        "creator": one.creator,
        "due": one.due,
        "parent": one.parent,
        "custom": dict(one.custom),
        "archived": one.archived,
        "created": one.created_at.isoformat(),
        "updated": one.updated_at.isoformat(),
        "properties": dict(state.issues.properties.get(one.id, {})),
        "comments": [
            {"id": each.id, "author": each.author, "body": each.body.wiki}
            for each in relations.comments_of(one.id)
        ],
        "links": [
            {"id": each.id, "type": each.type, "source": each.source, "target": each.target}
            for each in relations.links_of(one.id)
        ],
        "remote_links": [
            {"id": each.id, "global_id": each.global_id} | _told(each.told)
            for each in relations.remote_of(one.id)
        ],
        "changes": [
            {"author": each.author, "fields": [item["field"] for item in each.items]}
            for each in state.issues.changes_of(one.id)
        ],
    }


def _told(told: Mapping[str, object]) -> dict[str, object]:
    found = told.get("object")
    return {"url": found.get("url"), "title": found.get("title")} if isinstance(found, dict) else {}


def _name(among: list[Any], wanted: str | None) -> str | None:
    return next((one.name for one in among if one.id == wanted), None)
