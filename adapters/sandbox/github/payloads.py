"""The state's values as GitHub's REST interface spells them. Pure.

``base`` is the address the client used, without a slash at the end: every link must lead back
to it, or a client refuses to follow.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias
from urllib.parse import quote

from adapters.sandbox.core.answer import dump
from adapters.sandbox.github.model import (
    Comment,
    Event,
    Issue,
    IssueField,
    Label,
    Milestone,
    User,
    node_id,
)
from adapters.sandbox.github.repository import Repository

Payload: TypeAlias = dict[str, Any]

_REACTIONS: Final = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")


def moment(at: datetime | None) -> str | None:
    """A time as GitHub writes it: UTC, whole seconds, Z."""
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def user(base: str, one: User) -> Payload:
    """A simple user."""
    url = f"{base}/users/{one.login}"
    return {
        "login": one.login,
        "id": one.id,
        "node_id": node_id("User", one.id),
        "avatar_url": f"{base}/_sandbox/avatar/{one.id}",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{base}/{one.login}",
        "followers_url": f"{url}/followers",
        "following_url": f"{url}/following{{/other_user}}",
        "gists_url": f"{url}/gists{{/gist_id}}",
        "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{url}/subscriptions",
        "organizations_url": f"{url}/orgs",
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events{{/privacy}}",
        "received_events_url": f"{url}/received_events",
        "type": one.kind,
        "site_admin": False,
    }


def account(base: str, one: User) -> Payload:
    """The user behind a token."""
    return user(base, one) | {
        "name": one.name,
        "company": None,
        "blog": "",
        "location": None,
        "email": None,
        "hireable": None,
        "bio": None,
        "public_repos": 0,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": "2020-01-01T00:00:00Z",
        "updated_at": "2020-01-01T00:00:00Z",
    }


def label(base: str, repository: Repository, one: Label) -> Payload:
    """A label; its address quotes its name."""
    return {
        "id": one.id,
        "node_id": node_id("Label", one.id),
        "url": f"{base}/repos/{repository.full_name}/labels/{quote(one.name, safe='')}",
        "name": one.name,
        "color": one.color,
        "default": one.default,
        "description": one.description,
    }


def milestone(base: str, repository: Repository, one: Milestone) -> Payload:
    """A milestone with its counts."""
    url = f"{base}/repos/{repository.full_name}/milestones/{one.number}"
    opened, closed = repository.milestones.counts(one.number)
    return {
        "url": url,
        "html_url": f"{base}/{repository.full_name}/milestone/{one.number}",
        "labels_url": f"{url}/labels",
        "id": one.id,
        "node_id": node_id("Milestone", one.id),
        "number": one.number,
        "title": one.title,
        "description": one.description,
        "creator": _user(base, repository, one.creator),
        "open_issues": opened,
        "closed_issues": closed,
        "state": one.state,
        "created_at": moment(one.created_at),
        "updated_at": moment(one.updated_at),
        "due_on": one.due_on,
        "closed_at": moment(one.closed_at),
    }


def issue(base: str, repository: Repository, one: Issue) -> Payload:
    """An issue, or a pull request as the issue interface shows it."""
    root = f"{base}/repos/{repository.full_name}"
    url = f"{root}/issues/{one.number}"
    page = f"{base}/{repository.full_name}/{'pull' if one.pull else 'issues'}/{one.number}"
    payload: Payload = {
        "url": url,
        "repository_url": root,
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "html_url": page,
        "id": one.id,
        "node_id": node_id("PullRequest" if one.pull else "Issue", one.id),
        "number": one.number,
        "title": one.title,
        "user": _user(base, repository, one.author),
        "labels": [label(base, repository, repository.labels.by_id(each)) for each in one.labels],
        "state": one.state,
        "locked": one.locked,
        "assignee": _user(base, repository, one.assignees[0]) if one.assignees else None,
        "assignees": [_user(base, repository, login) for login in one.assignees],
        "milestone": _milestone(base, repository, one.milestone),
        "comments": one.comments,
        "created_at": moment(one.created_at),
        "updated_at": moment(one.updated_at),
        "closed_at": moment(one.closed_at),
        "author_association": association(repository, one.author),
        "type": _type(one.type),
        "active_lock_reason": None,
        "sub_issues_summary": _summary(repository, one),
        "issue_dependencies_summary": dict.fromkeys(
            ("blocked_by", "total_blocked_by", "blocking", "total_blocking"), 0
        ),
        "body": one.body,
        "closed_by": _user(base, repository, one.closed_by) if one.closed_by else None,
        "reactions": _reactions(url),
        "timeline_url": f"{url}/timeline",
        "performed_via_github_app": None,
        "state_reason": one.reason,
    }
    return payload | _extras(base, repository, one, root)


def _extras(base: str, repository: Repository, one: Issue, root: str) -> Payload:
    extras: Payload = {}
    if one.pull:
        extras["draft"] = False
        extras["pull_request"] = {
            "url": f"{root}/pulls/{one.number}",
            "html_url": f"{base}/{repository.full_name}/pull/{one.number}",
            "diff_url": f"{base}/{repository.full_name}/pull/{one.number}.diff",
            "patch_url": f"{base}/{repository.full_name}/pull/{one.number}.patch",
            "merged_at": None,
        }
    if repository.world.issue_fields:
        extras["issue_field_values"] = field_values(repository, one)
    if one.parent is not None and (found := repository.world.issue_by_id(one.parent)):
        home, elder = found
        extras["parent_issue_url"] = f"{base}/repos/{home.full_name}/issues/{elder.number}"
    return extras


def field_values(repository: Repository, one: Issue) -> list[Payload]:
    """An organisation's own fields on an issue."""
    known = repository.world.issue_fields
    return [
        {
            "issue_field_id": number,
            "issue_field_name": known[number].name,
            "node_id": node_id("IssueFieldSingleSelectValue", one.id * 100 + number),
            "data_type": "single_select",
            "value": value,
            "single_select_option": {
                "id": option_id(known[number], value),
                "name": value,
                "color": "gray",
            },
        }
        for number, value in one.fields
    ]


def option_id(field: IssueField, name: str) -> int:
    """The id of a field's option."""
    return field.id * 100 + field.options.index(name)


def issue_bytes(base: str, repository: Repository, one: Issue) -> bytes:
    """An issue's payload as JSON, written once for each state of it."""
    key = (base, one.id)
    stamp = (one.version, repository.epoch, repository.world.family_epoch)
    held = repository.written.get(key)
    if held is None or held[0] != stamp:
        held = (stamp, dump(issue(base, repository, one)))
        repository.written[key] = held
    return held[1]


def comment(base: str, repository: Repository, one: Comment) -> Payload:
    """A comment."""
    root = f"{base}/repos/{repository.full_name}"
    url = f"{root}/issues/comments/{one.id}"
    page = f"{base}/{repository.full_name}/issues/{one.number}#issuecomment-{one.id}"
    return {
        "url": url,
        "html_url": page,
        "issue_url": f"{root}/issues/{one.number}",
        "id": one.id,
        "node_id": node_id("IssueComment", one.id),
        "user": _user(base, repository, one.author),
        "created_at": moment(one.created_at),
        "updated_at": moment(one.updated_at),
        "body": one.body,
        "author_association": association(repository, one.author),
        "reactions": _reactions(url),
        "performed_via_github_app": None,
    }


def event(base: str, repository: Repository, one: Event) -> Payload:
    """An event as an issue's own list shows it."""
    return {
        "id": one.id,
        "node_id": node_id("IssueEvent", one.id),
        "url": f"{base}/repos/{repository.full_name}/issues/events/{one.id}",
        "actor": _user(base, repository, one.actor),
        "event": one.event,
        "commit_id": None,
        "commit_url": None,
        "created_at": moment(one.created_at),
        "performed_via_github_app": None,
    } | _detail(base, repository, one.detail)


def timeline_comment(base: str, repository: Repository, one: Comment) -> Payload:
    """A comment as the timeline shows it."""
    payload = comment(base, repository, one)
    return payload | {"event": "commented", "actor": payload["user"]}


def association(repository: Repository, login: str) -> str:
    """How somebody belongs to a repository."""
    if login.lower() == repository.owner.lower():
        return "OWNER"
    return "MEMBER" if login in repository.people else "NONE"


def _user(base: str, repository: Repository, login: str) -> Payload:
    return user(base, repository.world.user(login))


def _milestone(base: str, repository: Repository, number: int | None) -> Payload | None:
    if number is None or not repository.milestones.has(number):
        return None
    return milestone(base, repository, repository.milestones.get(number))


def _type(name: str | None) -> Payload | None:
    if name is None:
        return None
    number = sum(name.encode())
    return {
        "id": number,
        "node_id": node_id("IssueType", number),
        "name": name,
        "description": None,
        "color": "gray",
        "is_enabled": True,
    }


def _summary(repository: Repository, one: Issue) -> Payload:
    found = [repository.world.issue_by_id(child) for child in one.children]
    done = sum(each is not None and each[1].state == "closed" for each in found)
    total = len(one.children)
    percent = done * 100 // total if total else 0
    return {"total": total, "completed": done, "percent_completed": percent}


def _reactions(url: str) -> Payload:
    return {"url": f"{url}/reactions", "total_count": 0, **dict.fromkeys(_REACTIONS, 0)}


def _detail(base: str, repository: Repository, detail: Mapping[str, object]) -> Payload:
    shown: Payload = dict(detail)
    if isinstance(login := shown.get("assignee"), str):
        shown["assignee"] = shown["assigner"] = _user(base, repository, login)
    return shown
