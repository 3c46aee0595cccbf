"""Who is asking, what is left to them, where things are; and repositories."""

from adapters.sandbox.core.answer import Answer
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.github import payloads
from adapters.sandbox.github.call import Call, route
from adapters.sandbox.github.repository_payload import repository


@route("GET", "/")
def root(call: Call) -> Answer:
    """Where to find what."""
    base = call.base
    return Answer.json(
        {
            "current_user_url": f"{base}/user",
            "issues_url": f"{base}/issues",
            "rate_limit_url": f"{base}/rate_limit",
            "repository_url": f"{base}/repos/{{owner}}/{{repo}}",
            "label_search_url": f"{base}/search/labels?q={{query}}&repository_id={{repository_id}}",
        }
    )


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
