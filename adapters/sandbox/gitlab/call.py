"""One REST request as the handlers see it: who calls, on what, with which values."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, TypeAlias, TypeVar
from urllib.parse import unquote, urlencode

from werkzeug.routing import Map, MapAdapter, Rule
from werkzeug.wrappers import Request

from adapters.sandbox.core.access import Access, Token
from adapters.sandbox.core.answer import Answer
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.gitlab.model import Actor
from adapters.sandbox.gitlab.project import Project
from adapters.sandbox.gitlab.state import GitLabState

#: docs.gitlab.com, "REST API: pagination": the largest page, and the usual one.
MOST_PER_PAGE: Final = 100
PER_PAGE: Final = 20

#: Longer lists do not say how long they are; further in, no offset leads.
COUNTED: Final = 10_000
MOST_OFFSET: Final = 50_000

_T = TypeVar("_T")


@dataclass(slots=True, kw_only=True)
class Call:
    """A request, its credential, and the project it is about."""

    world: GitLabState
    request: Request
    base: str
    token: Token | None
    headers: dict[str, str] = field(default_factory=dict)
    found: Project | None = None

    @property
    def project(self) -> Project:
        """The project in the address."""
        assert self.found is not None, "only routes below a project ask"
        return self.found

    @property
    def actor(self) -> Actor | None:
        """The caller as the project knows them; None for a stranger."""
        return None if self.token is None else Actor(self.token.login, self.access_to(self.project))

    @property
    def viewer(self) -> Actor:
        """Likewise; a stranger may read what is public."""
        return self.actor or Actor("", Access.READ)

    def access_to(self, project: Project) -> Access:
        """What the caller may do in a project."""
        open_to = {"public", "internal"} if self.token else {"public"}
        least = Access.READ if project.visibility in open_to else Access.NONE
        return least if self.token is None else max(least, self.token.on(project.path))

    @property
    def values(self) -> Mapping[str, Any]:
        """The request's parameters, wherever they stand. Raises Refused (400)."""
        try:
            body = json.loads(self.request.get_data() or b"{}")
        except ValueError:
            raise Refused(400, "", ({"error": "The request body is not valid JSON"},)) from None
        if not isinstance(body, dict):
            raise Refused(400, "400 Bad request")
        return {**self.query, **body}

    @property
    def query(self) -> dict[str, Any]:
        """The address's parameters; those that end in ``[]`` are lists."""
        return {
            name.removesuffix("[]"): given if name.endswith("[]") else given[-1]
            for name, given in self.request.args.lists()
        }

    def signed_in(self) -> Token:
        """The credential. Raises Refused (401) for a stranger."""
        if self.token is None:
            raise Refused(401, "401 Unauthorized")
        return self.token

    def writer(self, needed: Access = Access.READ) -> Actor:
        """Who writes, if they may. Raises Refused (401, 403)."""
        self.signed_in()
        actor = self.viewer
        if actor.access < needed:
            raise Refused(403, "403 Forbidden")
        return actor

    def page(self, rows: Sequence[_T]) -> Sequence[_T]:
        """The part of ``rows`` that is asked for; sets the headers of pagination."""
        size, number = self._size(), max(self._whole("page", 1), 1)
        if size * (number - 1) > MOST_OFFSET:
            reason = f"Offset pagination has a maximum allowed offset of {MOST_OFFSET}"
            raise Refused(405, "", ({"error": reason},))
        last = max(1, -(-len(rows) // size))
        following = str(number + 1) if number < last else ""
        before = str(number - 1) if number > 1 else ""
        self.headers |= {
            "X-Per-Page": str(size),
            "X-Page": str(number),
            "X-Next-Page": following,
            "X-Prev-Page": before,
        }
        known = len(rows) <= COUNTED
        if known:
            self.headers |= {"X-Total": str(len(rows)), "X-Total-Pages": str(last)}
        links = {"prev": before, "next": following, "first": "1", "last": str(last)}
        self.headers["Link"] = ", ".join(
            f'<{self._address(page=page)}>; rel="{rel}"'
            for rel, page in links.items()
            if page and (known or rel != "last")
        )
        return rows[size * (number - 1) : size * number]

    def keyset(self, rows: Sequence[_T], number: Callable[[_T], int]) -> Sequence[_T]:
        """Likewise from a cursor, which names the last row that was shown by its ``number``."""
        size, start = self._size(), 0
        if cursor := self.request.args.get("cursor", ""):
            try:
                after = json.loads(base64.urlsafe_b64decode(cursor))["id"]
                start = 1 + [number(row) for row in rows].index(after)
            except (ValueError, KeyError, TypeError):
                raise Refused(400, "", ({"error": "cursor is invalid"},)) from None
        shown = rows[start : start + size]
        if shown and start + size < len(rows):
            place = json.dumps({"id": number(shown[-1]), "_kd": "n"}).encode()
            address = self._address(cursor=base64.urlsafe_b64encode(place).decode())
            self.headers["Link"] = f'<{address}>; rel="next"'
        return shown

    def _size(self) -> int:
        return min(max(self._whole("per_page", PER_PAGE), 1), MOST_PER_PAGE)

    def _whole(self, name: str, default: int) -> int:
        value = self.request.args.get(name, "")
        return int(value[:9]) if value.isascii() and value.isdigit() else default

    def _address(self, **changes: str) -> str:
        given = self.request.args.items(multi=True)
        rest = [(name, value) for name, value in given if name not in changes]
        return f"{self.base}{raw_path(self.request)}?{urlencode([*rest, *changes.items()])}"


Handler: TypeAlias = Callable[..., Answer]

_RULES: list[Rule] = []
_HANDLERS: dict[str, Handler] = {}


def route(method: str, path: str) -> Callable[[Handler], Handler]:
    """Serve ``path`` (below ``/api/v4``) with the decorated function; ``PROJECT`` is a project.

    A project is addressed by number or encoded path; the function finds it in the call.
    """

    def register(handler: Handler) -> Handler:
        endpoint = f"{method} {path}"
        _HANDLERS[endpoint] = handler
        place = "/api/v4" + path.replace("PROJECT", "/projects/<project>")
        _RULES.append(Rule(place, endpoint=endpoint, methods=[method]))
        return handler

    return register


@cache
def routes() -> Map:
    """Every route the handler modules have registered."""
    return Map([rule.empty() for rule in _RULES], strict_slashes=False, merge_slashes=False)


def match(adapter: MapAdapter) -> tuple[Handler, dict[str, Any]]:
    """The function for a request and the values in its path. Raises werkzeug's NotFound."""
    endpoint, values = adapter.match()
    plain = {
        name: unquote(value) if isinstance(value, str) else value for name, value in values.items()
    }
    return _HANDLERS[endpoint], plain


def raw_path(request: Request) -> str:
    """The path as it was sent: an encoded slash is part of a name."""
    sent = str(request.environ.get("RAW_URI") or request.path)
    path = sent.partition("?")[0]
    return path if path.startswith("/") else request.path
