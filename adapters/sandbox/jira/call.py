"""One REST request as the handlers see it: who calls, with which version, on what."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, TypeAlias

from werkzeug.routing import Map, MapAdapter, Rule
from werkzeug.wrappers import Request

from adapters.sandbox.core.access import Access, Token
from adapters.sandbox.core.answer import Answer
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.jira.fields import Setting
from adapters.sandbox.jira.issues import NO_ISSUE
from adapters.sandbox.jira.matching import Asker
from adapters.sandbox.jira.model import Flavour, Issue, User
from adapters.sandbox.jira.payloads import View
from adapters.sandbox.jira.permissions import granted
from adapters.sandbox.jira.project import Project
from adapters.sandbox.jira.state import JiraState

#: A number no list is longer than.
_MOST: Final = 10**9


@dataclass(slots=True, kw_only=True)
class Call:
    """A request and its credential. ``version`` is "2" or "3"."""

    world: JiraState
    request: Request
    base: str
    version: str
    token: Token | None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def user(self) -> User | None:
        """Who calls, None for a stranger."""
        return self.world.user(self.token.login) if self.token else None

    @property
    def who(self) -> str:
        """The caller's login. Raises Refused (401) for a stranger."""
        return self.signed_in().login

    def signed_in(self) -> Token:
        """The credential. Raises Refused (401)."""
        if self.token is None:
            raise Refused(401, "Client must be authenticated to access this resource.")
        return self.token

    @property
    def view(self) -> View:
        """How the caller sees values."""
        user = self.user
        return View(self.world, self.base, self.version, user.zone if user else "Etc/UTC")

    @property
    def asker(self) -> Asker:
        """Who asks a query."""
        seen = frozenset(one.id for one in self.world.projects.values() if self.sees(one))
        return Asker(self.world, self.user, seen, self.world.clock.now())

    # What the caller may do

    def permissions(self, project: Project) -> frozenset[str]:
        """What the caller may do in a project."""
        return granted(self.world.access(self.token, project)) - project.denied

    def sees(self, project: Project) -> bool:
        """Whether the project exists for the caller."""
        return "BROWSE_PROJECTS" in self.permissions(project)

    def project(self, wanted: str) -> Project:
        """The project of that key or id. Raises Refused (404)."""
        found = self.world.project(wanted)
        if not self.sees(found):
            raise Refused(404, f"No project could be found with key '{wanted}'.")
        return found

    def issue(self, wanted: str) -> Issue:
        """The issue of that key or id. Raises Refused (404)."""
        found = self.world.issues.get(wanted)
        if not self.sees(self.home(found)):
            raise Refused(404, NO_ISSUE)
        return found

    def home(self, issue: Issue) -> Project:
        """The project an issue is in."""
        return self.world.projects[issue.project]

    def setting(self, project: Project) -> Setting:
        """Where values are set."""
        return Setting(self.world, project, self.version)

    def need(self, project: Project, permission: str, message: str) -> None:
        """Raises Refused (401 for a token that only reads, 403) without the permission."""
        self.writes()
        if permission not in self.permissions(project):
            raise Refused(403, message)

    def writes(self) -> str:
        """The caller's login, for a write. Raises Refused (401)."""
        token = self.signed_in()
        if not token.may_write:
            raise Refused(401, "Unauthorized; scope does not match")
        return token.login

    def written(self, issue: Issue) -> None:
        """Count a write against its issue's own limit. Raises Refused (400), TooFast."""
        self.world.issues.writable(issue)
        wait = self.world.issues.count_write(issue)
        if wait is not None:
            raise TooFast(wait)

    def may_own(self, project: Project) -> bool:
        """Whether everybody's comments are the caller's to change."""
        return self.world.access(self.token, project) >= Access.ADMIN

    # What was sent

    @property
    def values(self) -> Mapping[str, Any]:
        """The request's JSON object. Raises Refused (400)."""
        found = self.json()
        if not isinstance(found, dict):
            raise Refused(400, "Invalid request payload. Refer to the REST API documentation.")
        return found

    def json(self) -> Any:  # noqa: ANN401  any JSON document
        """The request's JSON document, {} where there is none. Raises Refused (400, 415)."""
        body = self.request.get_data()
        if body and self.request.mimetype != "application/json":
            raise Refused(415, "Unsupported Media Type")
        try:
            return json.loads(body or b"{}")
        except ValueError:
            raise Refused(400, "There was an error parsing JSON.") from None

    def text(self, name: str, default: str = "") -> str:
        """A query parameter."""
        return self.request.args.get(name, default)

    def names(self, name: str) -> list[str]:
        """A query parameter that lists names, repeated or with commas between."""
        given = self.request.args.getlist(name)
        return [one.strip() for text in given for one in text.split(",") if one.strip()]

    def whole(self, name: str, default: int) -> int:
        """A query parameter that counts. Raises Refused (400)."""
        return whole(self.request.args.get(name), name, default)

    def page(self, name: str, found: Sequence[object], size: int = 50) -> dict[str, object]:
        """The part of a list that ``startAt`` and ``maxResults`` ask for, and what stands by it."""
        start = self.whole("startAt", 0)
        most = min(self.whole("maxResults", size), max(size, 100))
        return {
            "startAt": start,
            "maxResults": most,
            "total": len(found),
            "isLast": start + most >= len(found),
            name: list(found[start : start + most]),
        }


class TooFast(Exception):  # noqa: N818  named by what happens
    """An issue takes no further write for ``wait`` seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__(f"wait {wait} s")
        self.wait = wait


def whole(value: object, name: str, default: int) -> int:
    """A count out of a request. Raises Refused (400) for anything else."""
    if value is None or value == "":
        return default
    try:
        number = int(str(value))
    except ValueError:
        raise Refused(400, f"The value '{value}' is no number for '{name}'.") from None
    return min(max(number, 0), _MOST)


Handler: TypeAlias = Callable[..., Answer]

_RULES: dict[Flavour, list[Rule]] = {"cloud": [], "datacenter": []}
_HANDLERS: dict[str, Handler] = {}


def route(method: str, path: str, only: Flavour | None = None) -> Callable[[Handler], Handler]:
    """Serve ``path`` (below ``/rest/api/N``) with the decorated function, in both flavours."""

    def register(handler: Handler) -> Handler:
        endpoint = f"{method} {path} {only or ''}"
        _HANDLERS[endpoint] = handler
        for flavour, rules in _RULES.items():
            if only in {None, flavour}:
                rules.append(Rule(path, endpoint=endpoint, methods=[method]))
        return handler

    return register


@cache
def routes(flavour: Flavour) -> Map:
    """Every route of a flavour."""
    rules = [rule.empty() for rule in _RULES[flavour]]
    return Map(rules, strict_slashes=False, merge_slashes=False)


def match(adapter: MapAdapter) -> tuple[Handler, dict[str, Any]]:
    """The function for a request and the values in its path. Raises werkzeug's NotFound."""
    endpoint, values = adapter.match()
    return _HANDLERS[endpoint], dict(values)
