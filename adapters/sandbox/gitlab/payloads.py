"""Answers as GitLab's REST interface writes them. Pure.

Shapes: docs.gitlab.com, the API pages on issues, notes, labels, issue links, projects, users,
members, groups and personal access tokens.
"""

from typing import Any

from adapters.sandbox.core.access import Access, Token
from adapters.sandbox.gitlab.links import End
from adapters.sandbox.gitlab.model import LEVELS, Actor, Issue, Label, Note, User, written
from adapters.sandbox.gitlab.project import Project
from adapters.sandbox.gitlab.state import GitLabState

Json = dict[str, Any]


def user(base: str, one: User) -> Json:
    """A user, as other answers hold them."""
    return {
        "id": one.id,
        "username": one.username,
        "public_email": "",
        "name": one.name,
        "state": "active",
        "locked": False,
        "avatar_url": None,
        "web_url": f"{base}/{one.username}",
    }


def myself(base: str, one: User) -> Json:
    """The signed-in user."""
    return user(base, one) | {
        "bot": one.bot,
        "email": f"{one.username}@example.test",
        "commit_email": f"{one.username}@example.test",
        "two_factor_enabled": False,
        "external": False,
        "private_profile": False,
        "can_create_group": False,
        "can_create_project": False,
    }


def member(base: str, one: User, access: Access) -> Json:
    """Somebody with a role."""
    return user(base, one) | {
        "access_level": LEVELS[access],
        "expires_at": None,
        "membership_state": "active",
    }


def token(one: Token, number: int, created: str) -> Json:
    """A personal, project or group access token, as it sees itself."""
    known = [scope for scope in one.scopes if scope in {"api", "read_api", "read_user"}]
    return {
        "id": number,
        "name": f"{one.login}'s token",
        "description": None,
        "revoked": False,
        "created_at": created,
        "scopes": known or (["api"] if one.may_write else ["read_api"]),
        "user_id": number,
        "last_used_at": created,
        "active": True,
        "expires_at": one.expires_at.date().isoformat() if one.expires_at else None,
    }


def project(base: str, one: Project, access: Access) -> Json:
    """A project, with what the caller may do there."""
    name = one.path.rpartition("/")[2]
    role = {"access_level": LEVELS[access], "notification_level": 3} if access else None
    return {
        "id": one.id,
        "description": None,
        "name": name,
        "name_with_namespace": one.path.replace("/", " / "),
        "path": name,
        "path_with_namespace": one.path,
        "created_at": written(one.created_at),
        "default_branch": "main",
        "web_url": f"{base}/{one.path}",
        "namespace": _namespace(base, one),
        "visibility": one.visibility,
        "archived": one.archived,
        "issues_enabled": one.has_issues,
        "issues_access_level": "enabled" if one.has_issues else "disabled",
        "open_issues_count": sum(issue.state == "opened" for issue in one.issues.values()),
        "permissions": {"project_access": role, "group_access": None},
        "_links": {
            "self": f"{base}/api/v4/projects/{one.id}",
            "issues": f"{base}/api/v4/projects/{one.id}/issues",
            "labels": f"{base}/api/v4/projects/{one.id}/labels",
            "members": f"{base}/api/v4/projects/{one.id}/members",
        },
    }


def _namespace(base: str, one: Project) -> Json:
    path = one.path.rpartition("/")[0]
    return {
        "id": one.world.groups[path.lower()],
        "name": path.rpartition("/")[2],
        "path": path.rpartition("/")[2],
        "kind": "group",
        "full_path": path,
        "parent_id": one.world.groups.get(path.rpartition("/")[0].lower()),
        "avatar_url": None,
        "web_url": f"{base}/groups/{path}",
    }


def group(base: str, world: GitLabState, path: str) -> Json:
    """A group."""
    return {
        "id": world.groups[path],
        "name": path.rpartition("/")[2],
        "path": path.rpartition("/")[2],
        "full_name": path.replace("/", " / "),
        "full_path": path,
        "description": "",
        "visibility": "private",
        "web_url": f"{base}/groups/{path}",
        "parent_id": world.groups.get(path.rpartition("/")[0]),
    }


def label(home: Project, one: Label, *, counts: bool = False) -> Json:
    """A label and, with ``counts``, where it is used."""
    state = {"subscribed": False, "priority": None, "is_project_label": True}
    if not counts:
        return _label(one) | state
    holders = [issue for issue in home.issues.values() if one.id in issue.labels]
    closed = sum(issue.state == "closed" for issue in holders)
    return _label(one) | {
        "open_issues_count": len(holders) - closed,
        "closed_issues_count": closed,
        "open_merge_requests_count": 0,
        **state,
    }


def _label(one: Label) -> Json:
    return {
        "id": one.id,
        "name": one.name,
        "description": one.description,
        "description_html": one.description or "",
        "text_color": "#FFFFFF",
        "color": one.color,
    }


def note(base: str, home: Project, one: Note) -> Json:
    """A note of an issue."""
    return {
        "id": one.id,
        "type": None,
        "body": one.body,
        "author": user(base, home.world.user(one.author)),
        "created_at": written(one.created_at),
        "updated_at": written(one.updated_at),
        "system": one.system,
        "noteable_id": home.issues[one.iid].id,
        "noteable_type": "Issue",
        "project_id": home.id,
        "resolvable": False,
        "confidential": one.internal,
        "internal": one.internal,
        "imported": False,
        "imported_from": "none",
        "noteable_iid": one.iid,
        "commands_changes": {},
    }


def issue(base: str, home: Project, one: Issue, *, details: bool = False) -> Json:
    """An issue, whole."""
    world = home.world
    people = [user(base, world.user(each)) for each in one.assignees]
    labels = home.labels
    named: list[Any] = list(labels.names(one.labels))
    if details:
        named = [_label(labels.by_id(each)) for each in one.labels]
    notes = [each for each in home.notes_of(one.iid) if not each.system]
    return {
        "id": one.id,
        "iid": one.iid,
        "project_id": home.id,
        "title": one.title,
        "description": one.description,
        "state": one.state,
        "created_at": written(one.created_at),
        "updated_at": written(one.updated_at),
        "closed_at": written(one.closed_at) if one.closed_at else None,
        "closed_by": user(base, world.user(one.closed_by)) if one.closed_by else None,
        "labels": named,
        "milestone": None,
        "assignees": people,
        "author": user(base, world.user(one.author)),
        "type": one.issue_type.upper(),
        "assignee": people[0] if people else None,
        "user_notes_count": len(notes),
        "merge_requests_count": 0,
        "upvotes": 0,
        "downvotes": 0,
        "due_date": one.due_date.isoformat() if one.due_date else None,
        "confidential": one.confidential,
        "discussion_locked": one.locked or None,
        "issue_type": one.issue_type,
        "web_url": web_url(base, home, one),
        "severity": one.severity if one.issue_type == "incident" else "UNKNOWN",
        "moved_to_id": one.moved_to,
        **_around(base, home, one),
    }


def _around(base: str, home: Project, one: Issue) -> Json:
    """What an issue's answer tells besides: places, tasks, and what this project does not use."""
    here = f"{base}/api/v4/projects/{home.id}/issues/{one.iid}"
    tasks = _tasks(one.description or "")
    paid = ("weight", "epic_iid", "epic", "iteration", "health_status")
    return {
        "time_stats": dict.fromkeys(("time_estimate", "total_time_spent"), 0)
        | dict.fromkeys(("human_time_estimate", "human_total_time_spent")),
        "task_completion_status": tasks,
        "has_tasks": bool(tasks["count"]),
        "blocking_issues_count": 0,
        "_links": {
            "self": here,
            "notes": f"{here}/notes",
            "award_emoji": f"{here}/award_emoji",
            "project": f"{base}/api/v4/projects/{home.id}",
            "closed_as_duplicate_of": None,
        },
        "references": references(home, one),
        "imported": False,
        "imported_from": "none",
        "service_desk_reply_to": None,
        **(dict.fromkeys(paid) if home.world.habits.premium else {}),
    }


def linked(base: str, end: End) -> Json:
    """An issue at the other end of a link, from the list of links."""
    home, one, kind, link = end
    moment = written(link.created_at)
    return issue(base, home, one) | {
        "issue_link_id": link.id,
        "link_type": kind,
        "link_created_at": moment,
        "link_updated_at": moment,
    }


def references(home: Project, one: Issue) -> Json:
    """How an issue is written in texts."""
    return {"short": f"#{one.iid}", "relative": f"#{one.iid}", "full": f"{home.path}#{one.iid}"}


def web_url(base: str, home: Project, one: Issue) -> str:
    """The page people see."""
    kind = "issues/incident" if one.issue_type == "incident" else "issues"
    return f"{base}/{home.path}/-/{kind}/{one.iid}"


def role_of(actor: Actor | None) -> Access:
    """What an actor may do; nothing for a stranger."""
    return actor.access if actor else Access.NONE


def _tasks(text: str) -> Json:
    lines = [line.lstrip(" \t-*+0123456789.").lower() for line in text.splitlines()]
    done = sum(line.startswith("[x] ") for line in lines)
    return {"count": done + sum(line.startswith("[ ] ") for line in lines), "completed_count": done}
