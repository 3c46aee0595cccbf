"""The whole state as JSON values, for people who look inside and tests that compare. Pure."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from adapters.sandbox.github.model import Issue
from adapters.sandbox.github.payloads import moment
from adapters.sandbox.github.repository import Repository
from adapters.sandbox.github.state import GitHubState


def inventory(state: GitHubState) -> dict[str, Any]:
    """Repositories, issues, comments, events, boards, users. No credential is in it."""
    return {
        "users": sorted(user.login for user in state.users.values()),
        "repositories": [_repository(one) for one in state.repositories.values()],
        "boards": [
            {
                "title": board.title,
                "owner": board.owner,
                "items": {
                    str(item.issue): {
                        one.name: item.values[one.id]
                        for one in board.fields
                        if one.id in item.values
                    }
                    for item in board.items.values()
                },
            }
            for board in state.boards.values()
        ],
    }


def _repository(one: Repository) -> dict[str, Any]:
    return {
        "id": one.id,
        "full_name": one.full_name,
        "private": one.private,
        "archived": one.archived,
        "labels": {label.name: label.color for label in one.labels.all()},
        "milestones": [each.title for each in one.milestones.all("all")],
        "issues": [_issue(one, issue) for issue in one.issues.values()],
        "deleted": sorted(one.deleted),
        "comments": [_plain(asdict(each)) for each in one.comments.values()],
        "events": [_plain(asdict(each)) for each in one.events],
    }


def _issue(repository: Repository, one: Issue) -> dict[str, Any]:
    shown = _plain(asdict(one))
    del shown["version"], shown["shown_from"]
    return shown | {
        "labels": [repository.label_name(label) for label in one.labels],
        "fields": {repository.world.issue_fields[number].name: text for number, text in one.fields},
    }


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: moment(value) if isinstance(value, datetime) else value
        for name, value in values.items()
    }
