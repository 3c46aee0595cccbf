"""The whole state as JSON values, for people who look inside and tests that compare. Pure."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from adapters.sandbox.gitlab.model import Issue, written
from adapters.sandbox.gitlab.project import Project
from adapters.sandbox.gitlab.state import GitLabState


def inventory(state: GitLabState) -> dict[str, Any]:
    """Projects, issues, notes, links, users, quick actions that ran. No credential is in it."""
    return {
        "users": sorted(user.username for user in state.users.values()),
        "projects": [_project(one) for one in state.projects.values()],
        "links": [_plain(asdict(one)) for one in state.links.values()],
        "executed": list(state.executed),
    }


def _project(one: Project) -> dict[str, Any]:
    return {
        "id": one.id,
        "path": one.path,
        "visibility": one.visibility,
        "archived": one.archived,
        "labels": {label.name: label.color for label in one.labels.all()},
        "issues": [_issue(one, issue) for issue in one.issues.values()],
        "notes": [_plain(asdict(each)) for each in one.notes.values()],
    }


def _issue(project: Project, one: Issue) -> dict[str, Any]:
    shown = _plain(asdict(one))
    del shown["version"], shown["shown_from"]
    named = {"labels": project.labels.names(one.labels), "assignees": list(one.assignees)}
    return shown | named | {"status": project.world.status_of(one).name}


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: _value(value) for name, value in values.items()}


def _value(value: object) -> object:
    if isinstance(value, datetime):
        return written(value)
    return value.isoformat() if isinstance(value, date) else value
