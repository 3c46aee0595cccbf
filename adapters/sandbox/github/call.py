"""One REST request as the handlers see it: who calls, on what, with which values."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final, TypeAlias
from urllib.parse import urlencode

from werkzeug.routing import Map, MapAdapter, Rule
from werkzeug.wrappers import Request

from adapters.sandbox.core.access import Access, Token
from adapters.sandbox.core.answer import Answer
from adapters.sandbox.core.limits import Meter
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.github import reading
from adapters.sandbox.github.model import Actor
from adapters.sandbox.github.repository import Repository
from adapters.sandbox.github.state import GitHubState

#: The largest page, and the usual one (GitHub's pagination documentation).
MOST_PER_PAGE: Final = 100
PER_PAGE: Final = 30

#: GitHub tells this permission in the header of every answer.
_ISSUES_WRITE: Final = {"X-Accepted-GitHub-Permissions": "issues=write"}


@dataclass(slots=True, kw_only=True)
class Call:
    """A request, its credential, and the repository it is about."""

    world: GitHubState
    request: Request
    base: str
    token: Token | None
    meter: Meter
    headers: dict[str, str] = field(default_factory=dict)
    found: Repository | None = None

    @property
    def who(self) -> str:
        """Login of the caller, "" for a stranger."""
        return self.token.login if self.token else ""

    @property
    def repository(self) -> Repository:
        """The repository in the address."""
        assert self.found is not None, "only routes below a repository ask"
        return self.found

    @property
    def access(self) -> Access:
        """What the caller may do in the repository."""
        return self.access_to(self.repository)

    def access_to(self, repository: Repository) -> Access:
        """What the caller may do in a repository."""
        public = Access.NONE if repository.private else Access.READ
        if self.token is None:
            return public
        return max(public, self.token.on(repository.full_name))

    @property
    def values(self) -> Mapping[str, Any]:
        """The request's JSON object. Raises Refused (400)."""
        found = self.json()
        if not isinstance(found, dict):
            raise Refused(400, "Body should be a JSON object")
        return found

    def json(self) -> Any:  # noqa: ANN401  any JSON document
        """The request's JSON document, {} where there is none. Raises Refused (400)."""
        try:
            return json.loads(self.request.get_data() or b"{}")
        except ValueError:
            raise Refused(400, "Problems parsing JSON") from None

    def signed_in(self) -> Token:
        """The credential. Raises Refused (401) for a stranger."""
        if self.token is None:
            raise Refused(401, "Requires authentication")
        return self.token

    def writer(self, needed: Access = Access.READ) -> Actor:
        """Who writes, if they may. Raises Refused (401, 403)."""
        token = self.signed_in()
        if not token.may_write:
            message = "Resource not accessible by personal access token"
            raise Refused(403, message, headers=_ISSUES_WRITE)
        if self.access < needed:
            raise Refused(403, "Must have admin rights to Repository.")
        return Actor(token.login, self.access)

    def text(self, name: str, default: str = "") -> str:
        """A query parameter."""
        return self.request.args.get(name, default)

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        """A query parameter out of a few. Raises Refused (422)."""
        value = self.text(name) or default
        if value not in choices:
            raise Refused(
                422, "Validation Failed", ({"resource": "Issue", "field": name, "code": "invalid"},)
            )
        return value

    def since(self) -> datetime | None:
        """The ``since`` parameter, UTC. Raises Refused (422)."""
        value = self.text("since")
        if not value:
            return None
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            raise Refused(
                422, "Validation Failed", ({"field": "since", "code": "invalid"},)
            ) from None
        return at if at.tzinfo else at.replace(tzinfo=UTC)

    def window(self, total: int) -> slice:
        """The part of ``total`` things this page shows; sets the Link header."""
        size = min(max(self._whole("per_page", PER_PAGE), 1), MOST_PER_PAGE)
        page = max(self._whole("page", 1), 1)
        last = max(1, -(-total // size))
        links = []
        if page > 1:
            links.append(("prev", min(page - 1, last)))
        if page < last:
            links += [("next", page + 1), ("last", last)]
        if page > 1:
            links.append(("first", 1))
        if links:
            self.headers["Link"] = ", ".join(
                f'<{self._page_url(number)}>; rel="{rel}"' for rel, number in links
            )
        return slice((page - 1) * size, page * size)

    def _page_url(self, page: int) -> str:
        items = [(name, value) for name, value in self.request.args.items(multi=True)]
        rest = [(name, value) for name, value in items if name != "page"]
        path = self.request.path
        if self.base.endswith("/api/v3"):
            path = path.removeprefix("/api/v3")
        if self.found is not None and path.startswith("/repos/"):
            path = f"/repositories/{self.found.id}/" + path.split("/", 4)[4]
        return f"{self.base}{path}?{urlencode([*rest, ('page', str(page))])}"

    def _whole(self, name: str, default: int) -> int:
        value = reading.whole(self.text(name))
        return default if value is None else value


Handler: TypeAlias = Callable[..., Answer]

_RULES: list[Rule] = []
_HANDLERS: dict[str, Handler] = {}


def route(method: str, path: str) -> Callable[[Handler], Handler]:
    """Serve ``path`` with the decorated function; ``REPO`` in it stands for a repository.

    A repository is addressed by name or by number; the function finds it in the call.
    """

    def register(handler: Handler) -> Handler:
        endpoint = f"{method} {path}"
        _HANDLERS[endpoint] = handler
        for home in ("/repos/<owner>/<repo>", "/repositories/<int:repository_id>"):
            _RULES.append(Rule(path.replace("REPO", home), endpoint=endpoint, methods=[method]))
            if "REPO" not in path:
                break
        return handler

    return register


@cache
def routes() -> Map:
    """Every route the handler modules have registered."""
    return Map([rule.empty() for rule in _RULES], strict_slashes=False, merge_slashes=False)


def match(adapter: MapAdapter) -> tuple[Handler, dict[str, Any]]:
    """The function for a request and the values in its path. Raises werkzeug's NotFound."""
    endpoint, values = adapter.match()
    return _HANDLERS[endpoint], dict(values)
