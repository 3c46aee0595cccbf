"""GitHub's REST and GraphQL interfaces over a :class:`GitHubState`."""

import hashlib
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Request

from adapters.sandbox.core.access import Access, Token
from adapters.sandbox.core.answer import Answer, dump
from adapters.sandbox.core.limits import Limits, Meter, Standing
from adapters.sandbox.core.tracker import LimitKind, Refused, Tracker
from adapters.sandbox.github import handlers, people
from adapters.sandbox.github.call import Call, match, routes
from adapters.sandbox.github.inventory import inventory
from adapters.sandbox.github.page import GitHubPages
from adapters.sandbox.github.people import Person
from adapters.sandbox.github.repository import Elsewhere, Repository
from adapters.sandbox.github.state import GitHubState

_DOCS: Final = "https://docs.github.com/rest"
_SECONDARY: Final = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
)
_BARRED: Final = {
    "sso": "Resource protected by organization SAML enforcement. "
    "You must grant your Personal Access token access to this organization.",
    "ip": "Although you appear to have the correct authorization credentials, the organization "
    "has an IP allow list enabled, and your IP address is not permitted to access this resource.",
}


class GitHubTracker(Tracker):
    """Answers requests; ``build`` makes the state anew for a reset."""

    kind = "github"
    state: GitHubState

    def __init__(self, build: Callable[[], GitHubState], limits: Limits) -> None:
        handlers.load()
        self._build = build
        self._limits = limits
        self._routes = routes()
        self._pages = GitHubPages(lambda: self.state)
        self.reset()

    def reset(self) -> None:
        """A state as new, and nothing spent."""
        self.state = self._build()
        self.meter = Meter(self._limits, self.state.clock)
        self._served = 0

    def answer(self, request: Request) -> Answer:
        """One request, GitHub's headers included."""
        self._served += 1
        secret = _secret(request)
        token = self.state.token(secret) if secret else None
        app_call = request.path.startswith("/app")
        if secret and token is None and not app_call:
            return self._error(request, Refused(401, "Bad credentials"))
        who = token.login if token else "app" if secret else ""
        resource = "graphql" if request.path.endswith("/graphql") else "core"
        standing = self.meter.standing(who, resource)
        if request.path != "/rate_limit":
            refused = self._over(request, who, standing)
            if refused is not None:
                return self._finish(request, refused, token, standing, resource)
        call = Call(
            world=self.state, request=request, base=_base(request), token=token, meter=self.meter
        )
        answer = _conditional(request, self._handled(call), secret)
        if answer.status != HTTPStatus.NOT_MODIFIED and request.path != "/rate_limit":
            self.meter.spend(who, resource)
        return self._finish(request, answer, token, self.meter.standing(who, resource), resource)

    def page(self, request: Request) -> Answer:
        """A page for people."""
        return self._pages.answer(request)

    def _over(self, request: Request, who: str, standing: Standing) -> Answer | None:
        write = request.method not in {"GET", "HEAD"}
        creation = request.method == "POST" and not request.path.endswith("/graphql")
        if standing.remaining == 0 and request.path.endswith("/graphql"):
            reason = {"type": "RATE_LIMITED", "message": f"API rate limit exceeded for {who}."}
            return Answer.json({"errors": [reason]})
        if standing.remaining == 0:
            return self.limited(request, "primary", headers=True)
        wait = self.meter.too_fast(who, write=write, creation=creation)
        if wait is None:
            return None
        refused = self.limited(request, "secondary", headers=False)
        if self._limits.retry_after:
            refused.headers["Retry-After"] = str(wait)
        return refused

    def _handled(self, call: Call) -> Answer:
        request = call.request
        try:
            path = request.path.removeprefix("/api/v3").replace("/api/graphql", "/graphql") or "/"
            method = "GET" if request.method == "HEAD" else request.method
            adapter = self._routes.bind("sandbox", path_info=path, default_method=method)
            handler, values = match(adapter)
            answer = handler(call, **self._placed(call, values))
        except Refused as refused:
            return self._error(request, refused)
        except Elsewhere as elsewhere:
            return self._moved(call, elsewhere)
        except _Renamed as renamed:
            return _redirect(request, renamed.location)
        except MethodNotAllowed:
            return self._error(request, Refused(405, "Method Not Allowed"))
        except HTTPException:
            return self._error(request, Refused(404, "Not Found"))
        answer.headers.update(call.headers)
        return answer

    def _placed(self, call: Call, values: dict[str, Any]) -> dict[str, Any]:
        owner, name = values.pop("owner", None), values.pop("repo", None)
        number = values.pop("repository_id", None)
        if owner is None and number is None:
            return values
        if number is not None:
            found = self.state.repositories.get(number)
        else:
            found = self.state.repository(f"{owner}/{name}")
        if found is None or call.access_to(found) is Access.NONE:
            raise Refused(404, "Not Found")
        if call.token is not None and call.token.barred:
            self._bar(call.token, found)
        if owner is not None and found.full_name.lower() != f"{owner}/{name}".lower():
            rest = call.request.path.partition(f"/repos/{owner}/{name}")[2]
            query = call.request.query_string.decode("latin-1")
            tail = f"?{query}" if query else ""
            raise _Renamed(f"{call.base}/repositories/{found.id}{rest}{tail}")
        call.found = found
        return values

    def _bar(self, token: Token, found: Repository) -> None:
        headers = {}
        if token.barred == "sso":
            url = f"https://github.com/orgs/{found.owner}/sso?authorization_request=opaque"
            headers["X-GitHub-SSO"] = f"required; url={url}"
        raise Refused(403, _BARRED[token.barred], headers=headers)

    def _moved(self, call: Call, elsewhere: Elsewhere) -> Answer:
        target = self.state.repositories[elsewhere.repository]
        if call.access_to(target) is Access.NONE:
            return self._error(call.request, Refused(404, "Not Found"))
        place = f"{call.base}/repositories/{target.id}/issues/{elsewhere.number}"
        tail = call.request.path.rpartition("/issues/")[2].partition("/")[2]
        return _redirect(call.request, place + (f"/{tail}" if tail else ""))

    def _finish(
        self,
        request: Request,
        answer: Answer,
        token: Token | None,
        standing: Standing,
        resource: str,
    ) -> Answer:
        headers = {
            "X-GitHub-Request-Id": f"5A4D:{self._served:08X}",
            "X-GitHub-Media-Type": "github.v3; format=json",
            "X-RateLimit-Limit": str(standing.limit),
            "X-RateLimit-Remaining": str(standing.remaining),
            "X-RateLimit-Used": str(standing.used),
            "X-RateLimit-Reset": str(standing.epoch),
            "X-RateLimit-Resource": resource,
            "X-Accepted-GitHub-Permissions": _permission(request),
            "X-Content-Type-Options": "nosniff",
        }
        version = request.headers.get("X-GitHub-Api-Version")
        if version:
            headers["X-GitHub-Api-Version-Selected"] = version
        if token is not None and not token.app:
            headers["X-OAuth-Scopes"] = ", ".join(token.scopes)
            headers["X-Accepted-OAuth-Scopes"] = "repo"
        if token is not None and token.expires_at is not None and not token.app:
            until = token.expires_at.strftime("%Y-%m-%d %H:%M:%S UTC")
            headers["GitHub-Authentication-Token-Expiration"] = until
        answer.headers = headers | answer.headers
        return answer

    def limited(self, request: Request, kind: LimitKind, *, headers: bool) -> Answer:
        """403 as GitHub says it; the primary one always shows that nothing remains."""
        who = self.caller(request)
        if kind == "secondary":
            answer = self._error(request, Refused(403, _SECONDARY))
            if headers:
                answer.headers["Retry-After"] = "60"
            return answer
        standing = self.meter.standing(who)
        refused = Refused(403, f"API rate limit exceeded for user {who or 'anonymous'}.")
        answer = self._error(request, refused)
        if headers:
            answer.headers |= {
                "X-RateLimit-Limit": str(standing.limit),
                "X-RateLimit-Remaining": "0",
                "X-RateLimit-Used": str(standing.limit),
                "X-RateLimit-Reset": str(standing.epoch),
                "X-RateLimit-Resource": "core",
            }
        return answer

    def refusal(self, request: Request, status: int, message: str) -> Answer:
        """An error in GitHub's shape."""
        return self._error(request, Refused(status, message))

    def _error(self, _request: Request, refused: Refused) -> Answer:
        body: dict[str, object] = {"message": refused.message}
        if refused.details:
            body["errors"] = list(refused.details)
        body |= {"documentation_url": _DOCS, "status": str(refused.status)}
        answer = Answer.json(body, refused.status)
        answer.headers.update(refused.headers)
        return answer

    def caller(self, request: Request) -> str:
        """Login of the credential, used or not, alive or not."""
        secret = _secret(request)
        return next((one.login for one in self.state.tokens() if one.secret == secret), "")

    def dump(self) -> dict[str, object]:
        """Everything but credentials."""
        return inventory(self.state)

    def person(self, login: str, project: str | None) -> Person:
        """Somebody at a browser."""
        homes = self.state.repositories
        return Person(self.state.repository(project) if project else homes[min(homes)], login)

    def act(self, person: str, action: str, values: Mapping[str, object]) -> object:
        """Play a person; see :mod:`~adapters.sandbox.github.people`."""
        return people.act(self.state, person, action, values)


class _Renamed(Exception):  # noqa: N818  named by what happens
    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.location = location


def _conditional(request: Request, answer: Answer, secret: str) -> Answer:
    """The answer with its ETag, or 304 when the client has it already.

    The same answer has another tag for another token, as on GitHub.
    """
    if request.method not in {"GET", "HEAD"} or answer.status != HTTPStatus.OK:
        return answer
    seed = f"{secret}\n{answer.headers.get('Link', '')}\n".encode()
    digest = hashlib.sha256(seed + answer.body).hexdigest()
    answer.headers |= {
        "ETag": f'W/"{digest}"',
        "Cache-Control": "private, max-age=60, s-maxage=60",
    }
    asked = request.headers.get("If-None-Match", "")
    if digest in asked or asked.strip() == "*":
        kept = {name: text for name, text in answer.headers.items() if name != "Content-Type"}
        return Answer(304, b"", kept)
    return answer


def _redirect(request: Request, location: str) -> Answer:
    kept = request.method in {"GET", "HEAD"}
    body = {
        "message": "Moved Permanently" if kept else "Temporary Redirect",
        "url": location,
        "documentation_url": _DOCS,
    }
    return Answer.raw(dump(body), 301 if kept else 307, Location=location)


def _secret(request: Request) -> str:
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if kind.lower() in {"token", "bearer"} else ""


def _base(request: Request) -> str:
    prefix = "/api/v3" if request.path.startswith("/api/v3") else ""
    return f"http://{request.host}{prefix}"


def _permission(request: Request) -> str:
    if "/issues" not in request.path and "/labels" not in request.path:
        return "metadata=read"
    return "issues=read" if request.method in {"GET", "HEAD"} else "issues=write"
