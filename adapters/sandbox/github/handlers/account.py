"""Who is asking, what is left to them, where things are; and repositories."""

import base64
import json
from typing import Final

from adapters.sandbox.core.answer import Answer
from adapters.sandbox.core.limits import Standing
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.github import payloads
from adapters.sandbox.github.call import Call, route
from adapters.sandbox.github.repository_payload import repository

#: Every link GitHub's root shows, most of which lead nowhere here.
_PLACES: Final = {
    "current_user": "/user",
    "current_user_authorizations_html": "/settings/connections/applications{/client_id}",
    "authorizations": "/authorizations",
    "code_search": "/search/code?q={query}{&page,per_page,sort,order}",
    "commit_search": "/search/commits?q={query}{&page,per_page,sort,order}",
    "emails": "/user/emails",
    "emojis": "/emojis",
    "events": "/events",
    "feeds": "/feeds",
    "followers": "/user/followers",
    "following": "/user/following{/target}",
    "gists": "/gists{/gist_id}",
    "issue_search": "/search/issues?q={query}{&page,per_page,sort,order}",
    "issues": "/issues",
    "keys": "/user/keys",
    "label_search": "/search/labels?q={query}&repository_id={repository_id}{&page,per_page}",
    "notifications": "/notifications",
    "organization": "/orgs/{org}",
    "organization_repositories": "/orgs/{org}/repos{?type,page,per_page,sort}",
    "organization_teams": "/orgs/{org}/teams",
    "public_gists": "/gists/public",
    "rate_limit": "/rate_limit",
    "repository": "/repos/{owner}/{repo}",
    "repository_search": "/search/repositories?q={query}{&page,per_page,sort,order}",
    "current_user_repositories": "/user/repos{?type,page,per_page,sort}",
    "starred": "/user/starred{/owner}{/repo}",
    "starred_gists": "/gists/starred",
    "user": "/users/{user}",
    "user_organizations": "/user/orgs",
    "user_repositories": "/users/{user}/repos{?type,page,per_page,sort}",
    "user_search": "/search/users?q={query}{&page,per_page,sort,order}",
}


@route("GET", "/")
def root(call: Call) -> Answer:
    """Where to find what."""
    return Answer.json({f"{name}_url": call.base + tail for name, tail in _PLACES.items()})


@route("GET", "/user")
def me(call: Call) -> Answer:
    """The user behind the token."""
    token = call.signed_in()
    if token.app:
        raise Refused(403, "Resource not accessible by integration")
    return Answer.json(payloads.account(call.base, call.world.user(token.login)))


@route("GET", "/users/<login>")
def somebody(call: Call, login: str) -> Answer:
    """Any user."""
    if login.lower() not in call.world.users:
        raise Refused(404, "Not Found")
    return Answer.json(payloads.account(call.base, call.world.user(login)))


@route("GET", "REPO")
def one_repository(call: Call) -> Answer:
    """A repository, with what the caller may do in it."""
    return Answer.json(repository(call.base, call.repository, call.access))


@route("GET", "/rate_limit")
def rate_limit(call: Call) -> Answer:
    """What is left of each budget; asking costs nothing."""
    core, graphql = call.meter.standing(call.who), call.meter.standing(call.who, "graphql")
    shown = {name: _standing(one, name) for name, one in (("core", core), ("graphql", graphql))}
    # Search has a budget of its own on GitHub; nothing here can spend it.
    search = {"limit": 30, "used": 0, "remaining": 30, "reset": core.epoch, "resource": "search"}
    return Answer.json({"resources": shown | {"search": search}, "rate": shown["core"]})


@route("GET", "/app")
def app(call: Call) -> Answer:
    """The app whose signed key the caller shows."""
    return Answer.json({"id": _app(call), "slug": call.world.app_slug, "name": "Sandbox app"})


@route("POST", "/app/installations/<int:installation>/access_tokens")
def access_token(call: Call, installation: int) -> Answer:
    """A token of an installation, good for an hour."""
    _app(call)
    token = call.world.installation_token(call.world.app_slug, installation)
    return Answer.json(
        {
            "token": token.secret,
            "expires_at": payloads.moment(token.expires_at),
            "permissions": {"issues": "write", "metadata": "read"},
            "repository_selection": "all",
        },
        201,
    )


@route("GET", "/installation/repositories")
def installed_on(call: Call) -> Answer:
    """The repositories an installation reaches."""
    token = call.signed_in()
    if not token.app:
        raise Refused(403, "You must authenticate with an installation access token")
    homes = [one for one in call.world.repositories.values() if call.access_to(one)]
    shown = [repository(call.base, one, call.access_to(one)) for one in homes]
    return Answer.json({"total_count": len(shown), "repositories": shown[call.window(len(shown))]})


def _standing(one: Standing, resource: str) -> dict[str, int | str]:
    return {
        "limit": one.limit,
        "used": one.used,
        "remaining": one.remaining,
        "reset": one.epoch,
        "resource": resource,
    }


def _app(call: Call) -> int:
    """The app's id out of its signed claim; whose key signed it is not asked here."""
    claim = call.request.headers.get("Authorization", "").partition(" ")[2].split(".")
    try:
        padded = claim[1] + "=" * (-len(claim[1]) % 4)
        return int(json.loads(base64.urlsafe_b64decode(padded))["iss"])
    except (IndexError, ValueError, KeyError, TypeError):
        raise Refused(401, "A JSON web token could not be decoded") from None
