"""A repository as GitHub's REST interface spells it. Pure."""

from typing import Final

from adapters.sandbox.core.access import Access
from adapters.sandbox.github.model import node_id
from adapters.sandbox.github.payloads import Payload, moment, user
from adapters.sandbox.github.repository import Repository

#: What follows a repository's own address in each of its links, by the link's name.
_TAILS: Final = {
    "archive": "/{archive_format}{/ref}",
    "assignees": "/assignees{/user}",
    "blobs": "/git/blobs{/sha}",
    "branches": "/branches{/branch}",
    "collaborators": "/collaborators{/collaborator}",
    "comments": "/comments{/number}",
    "commits": "/commits{/sha}",
    "compare": "/compare/{base}...{head}",
    "contents": "/contents/{+path}",
    "contributors": "/contributors",
    "deployments": "/deployments",
    "downloads": "/downloads",
    "events": "/events",
    "forks": "/forks",
    "git_commits": "/git/commits{/sha}",
    "git_refs": "/git/refs{/sha}",
    "git_tags": "/git/tags{/sha}",
    "hooks": "/hooks",
    "issue_comment": "/issues/comments{/number}",
    "issue_events": "/issues/events{/number}",
    "issues": "/issues{/number}",
    "keys": "/keys{/key_id}",
    "labels": "/labels{/name}",
    "languages": "/languages",
    "merges": "/merges",
    "milestones": "/milestones{/number}",
    "notifications": "/notifications{?since,all,participating}",
    "pulls": "/pulls{/number}",
    "releases": "/releases{/id}",
    "stargazers": "/stargazers",
    "statuses": "/statuses/{sha}",
    "subscribers": "/subscribers",
    "subscription": "/subscription",
    "tags": "/tags",
    "teams": "/teams",
    "trees": "/git/trees{/sha}",
}


def repository(base: str, one: Repository, access: Access) -> Payload:
    """A repository as its own address shows it, with what the caller may do."""
    url = f"{base}/repos/{one.full_name}"
    opened = sum(each.state == "open" for each in one.issues.values())
    return _links(base, one, url) | {
        "id": one.id,
        "node_id": node_id("Repository", one.id),
        "name": one.name,
        "full_name": one.full_name,
        "owner": user(base, one.world.user(one.owner)),
        "private": one.private,
        "visibility": "private" if one.private else "public",
        "description": None,
        "fork": False,
        "archived": one.archived,
        "disabled": False,
        "has_issues": one.has_issues,
        "has_projects": True,
        "has_wiki": False,
        "has_pages": False,
        "has_downloads": False,
        "has_discussions": False,
        "homepage": None,
        "language": None,
        "license": None,
        "default_branch": "main",
        "topics": [],
        "open_issues": opened,
        "open_issues_count": opened,
        "forks": 0,
        "forks_count": 0,
        "stargazers_count": 0,
        "watchers": 0,
        "watchers_count": 0,
        "subscribers_count": 0,
        "network_count": 0,
        "size": 0,
        "is_template": False,
        "created_at": moment(one.created_at),
        "updated_at": moment(one.created_at),
        "pushed_at": moment(one.created_at),
        "permissions": {
            "admin": access >= Access.ADMIN,
            "maintain": access >= Access.ADMIN,
            "push": access >= Access.WRITE,
            "triage": access >= Access.TRIAGE,
            "pull": access >= Access.READ,
        },
    }


def _links(base: str, one: Repository, url: str) -> Payload:
    page = f"{base}/{one.full_name}"
    return {
        "url": url,
        "html_url": page,
        "git_url": f"git:{page.partition(':')[2]}.git",
        "ssh_url": f"git@localhost:{one.full_name}.git",
        "clone_url": f"{page}.git",
        "svn_url": page,
        "mirror_url": None,
    } | {f"{name}_url": url + tail for name, tail in _TAILS.items()}
