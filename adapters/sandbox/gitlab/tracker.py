"""GitLab's REST and GraphQL interfaces over a :class:`GitLabState`."""

import hashlib
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Request

from adapters.sandbox.core.access import Access
from adapters.sandbox.core.answer import Answer
from adapters.sandbox.core.limits import Limits, Meter, Standing
from adapters.sandbox.core.tracker import LimitKind, Refused, Tracker
from adapters.sandbox.gitlab import graphql, handlers, people
from adapters.sandbox.gitlab.call import Call, match, raw_path, routes
from adapters.sandbox.gitlab.inventory import inventory
from adapters.sandbox.gitlab.page import GitLabPages
from adapters.sandbox.gitlab.people import Person
from adapters.sandbox.gitlab.state import GitLabState

GRAPHQL: Final = "/api/graphql"
_PLAIN: Final = {"Content-Type": "text/plain"}
_TOO_OFTEN: Final = "This endpoint has been requested too many times. Try again later."
_READS: Final = frozenset({"GET", "HEAD"})


class GitLabTracker(Tracker):
    """Answers requests; ``build`` makes the state anew for a reset."""

    kind = "gitlab"
    state: GitLabState

    def __init__(self, build: Callable[[], GitLabState], limits: Limits) -> None:
        handlers.load()
        self._build = build
        self._limits = limits
        self._routes = routes()
        self._pages = GitLabPages(lambda: self.state)
        self.reset()

    def reset(self) -> None:
        """A state as new, and nothing spent."""
        self.state = self._build()
        self.meter = Meter(self._limits, self.state.clock)
        self._served = 0

    def answer(self, request: Request) -> Answer:
        """One request, GitLab's headers included."""
        self._served += 1
        secret = _secret(request)
        token = self.state.token(secret) if secret else None
        who = token.login if token else ""
        refused = self._over(request, who)
        if refused is None and secret and token is None:
            refused = self._unknown(request, secret)
        if refused is not None:
            return self._finish(request, refused, who)
        call = Call(world=self.state, request=request, base=_base(request), token=token)
        answer = _conditional(request, self._handled(call), secret)
        self.meter.spend(who)
        return self._finish(request, answer, who)

    def _over(self, request: Request, who: str) -> Answer | None:
        if self.meter.standing(who).remaining == 0:
            return self.limited(request, "primary", headers=True)
        write = request.method not in _READS
        creation = request.method == "POST" and request.path != GRAPHQL
        wait = self.meter.too_fast(who, write=write, creation=creation)
        if wait is None:
            return None
        refused = self.limited(request, "secondary", headers=False)
        if self._limits.retry_after:
            refused.headers["Retry-After"] = str(wait)
        return refused

    def _unknown(self, request: Request, secret: str) -> Answer:
        """The refusal of a credential that is not, or no longer, good."""
        if self.state.known_token(secret) is None:
            return self._error(Refused(401, "401 Unauthorized"))
        words = "Token is expired. You can either do re-authorization or token refresh."
        reason = {"error": "invalid_token", "error_description": words}
        answer = Answer.json(reason, 401)
        answer.headers["WWW-Authenticate"] = 'Bearer realm="Protected by OAuth 2.0"'
        return answer

    def _handled(self, call: Call) -> Answer:
        request = call.request
        try:
            _in_scope(call)
            if request.path == GRAPHQL:
                return graphql.answer(call)
            method = "GET" if request.method == "HEAD" else request.method
            adapter = self._routes.bind(
                "sandbox", path_info=raw_path(request), default_method=method
            )
            handler, values = match(adapter)
            answer = handler(call, **self._placed(call, values))
        except Refused as refused:
            return self._error(refused)
        except _Renamed as renamed:
            return _redirect(request, renamed.location)
        except MethodNotAllowed:
            return self._error(Refused(405, "405 Method Not Allowed"))
        except HTTPException:
            return self._error(Refused(404, "", ({"error": "404 Not Found"},)))
        answer.headers.update(call.headers)
        return answer

    def _placed(self, call: Call, values: dict[str, Any]) -> dict[str, Any]:
        """The values in the path without the project, which the call is told."""
        key = values.pop("project", None)
        if key is None:
            return values
        found = self.state.project(key)
        barred = call.token is not None and call.token.barred
        if barred or call.access_to(found) is Access.NONE:
            raise Refused(404, "404 Project Not Found")
        if not key.isdigit() and key.lower() != found.path.lower():
            rest = raw_path(call.request).split("/projects/", 1)[1].partition("/")
            query = call.request.query_string.decode("latin-1")
            tail = f"?{query}" if query else ""
            raise _Renamed(f"{call.base}/api/v4/projects/{found.id}{rest[1]}{rest[2]}{tail}")
        call.found = found
        return values

    def _finish(self, request: Request, answer: Answer, who: str) -> Answer:
        standing = self.meter.standing(who)
        headers = {
            "X-Request-Id": f"01SANDBOX{self._served:017X}",
            "X-Runtime": "0.01",
            "X-Gitlab-Meta": '{"correlation_id":"sandbox","version":"1"}',
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "SAMEORIGIN",
        } | _standing(standing, who)
        if request.method in _READS:
            headers |= {"Cache-Control": "max-age=0, private, must-revalidate", "Vary": "Origin"}
        answer.headers = headers | answer.headers
        return answer

    def limited(self, request: Request, kind: LimitKind, *, headers: bool) -> Answer:
        """429: a line of text for the whole site's limit, JSON for that of one kind of request."""
        if kind == "secondary":
            answer = Answer.json({"message": {"error": _TOO_OFTEN}}, 429)
            if headers:
                answer.headers["Retry-After"] = "60"
            return answer
        answer = Answer(429, b"Retry later\n", dict(_PLAIN))
        if headers:
            who = self.caller(request)
            standing = self.meter.standing(who)
            spent = Standing(standing.limit, max(standing.used, standing.limit), standing.reset)
            wait = (standing.reset - self.state.clock.now()).total_seconds()
            answer.headers |= _standing(spent, who) | {"Retry-After": str(max(1, int(wait)))}
        return answer

    def refusal(self, request: Request, status: int, message: str) -> Answer:
        """An error in GitLab's shape."""
        return self._error(Refused(status, message))

    def _error(self, refused: Refused) -> Answer:
        """Reasons by field, a sentence under "error", or a sentence under "message"."""
        body: object = {"message": refused.message}
        if refused.details:
            first = dict(refused.details[0])
            body = first if "error" in first else {"message": first}
        answer = Answer.json(body, refused.status)
        answer.headers.update(refused.headers)
        return answer

    def caller(self, request: Request) -> str:
        """Username of the credential, used or not, alive or not."""
        known = self.state.known_token(_secret(request))
        return known.login if known else ""

    def dump(self) -> dict[str, object]:
        """Everything but credentials."""
        return inventory(self.state)

    def person(self, login: str, project: str | None) -> Person:
        """Somebody at a browser."""
        homes = self.state.projects
        return Person(self.state.project(project) if project else homes[min(homes)], login)

    def act(self, person: str, action: str, values: Mapping[str, object]) -> object:
        """Play a person; see :mod:`~adapters.sandbox.gitlab.people`."""
        return people.act(self.state, person, action, values)

    def page(self, request: Request) -> Answer:
        """A page for people."""
        return self._pages.answer(request)


class _Renamed(Exception):  # noqa: N818  named by what happens
    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.location = location


def _in_scope(call: Call) -> None:
    """Whether the token's scope is wide enough. Raises Refused (403)."""
    token, request = call.token, call.request
    if token is None or token.may_write or request.method in _READS or request.path == GRAPHQL:
        return
    words = "The request requires higher privileges than provided by the access token."
    reason = {"error": "insufficient_scope", "error_description": words, "scope": "api"}
    raise Refused(403, "", (reason,))


def _standing(standing: Standing, who: str) -> dict[str, str]:
    return {
        "RateLimit-Limit": str(standing.limit),
        "RateLimit-Name": f"throttle_{'' if who else 'un'}authenticated_api",
        "RateLimit-Observed": str(standing.used),
        "RateLimit-Remaining": str(standing.remaining),
        "RateLimit-Reset": str(standing.epoch),
    }


def _conditional(request: Request, answer: Answer, secret: str) -> Answer:
    """The answer with its ETag, or 304 when the client has it already; both count."""
    if request.method not in _READS or answer.status != HTTPStatus.OK:
        return answer
    digest = hashlib.sha256(secret.encode() + b"\n" + answer.body).hexdigest()[:32]
    answer.headers["ETag"] = f'W/"{digest}"'
    if digest in request.headers.get("If-None-Match", ""):
        kept = {name: text for name, text in answer.headers.items() if name != "Content-Type"}
        return Answer(304, b"", kept)
    return answer


def _redirect(request: Request, location: str) -> Answer:
    """Reading follows a renamed project; writing must not."""
    if request.method not in _READS:
        return Answer.json({"message": "Non GET methods are not allowed for moved projects"}, 405)
    return Answer.json({"message": "301 Moved Permanently"}, 301, Location=location)


def _secret(request: Request) -> str:
    given = request.headers.get("Private-Token", "")
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    return given or (secret.strip() if kind.lower() == "bearer" else "")


def _base(request: Request) -> str:
    return f"http://{request.host}"
