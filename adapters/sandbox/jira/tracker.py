"""Jira's REST interface over a :class:`JiraState`."""

import base64
import binascii
import math
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Request

from adapters.sandbox.core.access import Token
from adapters.sandbox.core.answer import Answer
from adapters.sandbox.core.limits import Limits, Meter
from adapters.sandbox.core.tracker import LimitKind, Refused, Tracker
from adapters.sandbox.jira import handlers, people
from adapters.sandbox.jira.call import Call, TooFast, match, routes
from adapters.sandbox.jira.inventory import inventory
from adapters.sandbox.jira.page import JiraPages
from adapters.sandbox.jira.people import Person
from adapters.sandbox.jira.state import JiraState

#: The interface's address, with the gateway's part in front of it for some credentials.
_PLACE: Final = re.compile(
    r"(?P<gate>/ex/jira/(?P<cloud>[^/]+))?/rest/api/(?P<version>2|3|latest)(?P<path>/.*)"
)
_LOGIN_PAGE: Final = (
    "<!DOCTYPE html>\n<html><head><title>Log in - Jira</title></head>"
    "<body><form action='/login.jsp' method='post'></form></body></html>\n"
)


class JiraTracker(Tracker):
    """Answers requests; ``build`` makes the state anew for a reset."""

    kind = "jira"
    state: JiraState

    def __init__(self, build: Callable[[], JiraState], limits: Limits) -> None:
        handlers.load()
        self._build = build
        # API tokens have no hourly quota on Jira (its page on rate limiting): pace alone counts.
        self._limits = limits
        self._pages = JiraPages(lambda: self.state)
        self.reset()

    def reset(self) -> None:
        """A state as new, and nothing spent."""
        self.state = self._build()
        self._routes = routes(self.state.flavour)
        self.meter = Meter(self._limits, self.state.clock)
        self._served = 0

    def answer(self, request: Request) -> Answer:
        """One request, Jira's headers included."""
        self._served += 1
        place = _PLACE.fullmatch(request.path)
        if request.path == "/_edge/tenant_info" and self.state.flavour == "cloud":
            return Answer.json({"cloudId": self.state.cloud_id})
        if place is None or not self._serves(place):
            return self._nowhere(request)
        token = self._token(request, gate=bool(place["gate"]))
        barred = self._barred(request, token)
        if barred is not None:
            return self._finish(barred, token)
        who = token.login if token else ""
        write = request.method not in {"GET", "HEAD"}
        wait = self.meter.too_fast(who, write=write, creation=request.path.endswith("/issue"))
        if wait is not None:
            return self._finish(self._limited("jira-burst-based", wait, told=True), token)
        version = "2" if place["version"] == "latest" else place["version"]
        base = f"http://{request.host}{place['gate'] or ''}"
        call = Call(world=self.state, request=request, base=base, version=version, token=token)
        return self._finish(self._handled(call, place["path"]), token)

    def _serves(self, place: re.Match[str]) -> bool:
        if self.state.flavour == "cloud":
            return place["cloud"] in {None, self.state.cloud_id}
        return place["gate"] is None and place["version"] != "3"

    def page(self, request: Request) -> Answer:
        """A page for people."""
        return self._pages.answer(request)

    # Credentials

    def _token(self, request: Request, *, gate: bool) -> Token | None:
        """The live credential in the form its flavour and address take."""
        kind, login, secret = _credential(request)
        cloud = self.state.flavour == "cloud"
        if not secret or (cloud and kind == "bearer" and not gate):
            return None
        token = self.state.token(secret)
        if token is None or (token.app and not gate and cloud):
            return None
        user = self.state.user(token.login)
        names = {user.email.lower()} if cloud else {user.login.lower()}
        return None if kind == "basic" and login.lower() not in names else token

    def _barred(self, request: Request, token: Token | None) -> Answer | None:
        kind, login, secret = _credential(request)
        named = token.login if token else login.partition("@")[0]
        if named in self.state.captcha:
            answer = Answer.html(_LOGIN_PAGE, 403)
            answer.headers["X-Authentication-Denied-Reason"] = (
                f"CAPTCHA_CHALLENGE; login-url=http://{request.host}/login.jsp"
            )
            answer.headers["X-Seraph-LoginReason"] = "AUTHENTICATION_DENIED"
            return answer
        if token is not None and token.barred:
            message = "Access to this site is restricted by an IP allowlist."
            return self._error(Refused(403, message))
        if token is not None or not secret or self.state.habits.strangers == "empty":
            return None
        return self._unknown(kind)

    def _unknown(self, kind: str) -> Answer:
        if self.state.flavour == "datacenter" and kind == "basic":
            title = "Unauthorized (401)"
            page = f"<html><head><title>{title}</title></head><body>{title}</body></html>\n"
            answer = Answer.html(page, 401)
        else:
            answer = self._error(
                Refused(401, "Client must be authenticated to access this resource.")
            )
        answer.headers["WWW-Authenticate"] = 'OAuth realm="http%3A%2F%2F127.0.0.1"'
        return answer

    # Answers

    def _handled(self, call: Call, path: str) -> Answer:
        request = call.request
        try:
            method = "GET" if request.method == "HEAD" else request.method
            adapter = self._routes.bind("sandbox", path_info=path, default_method=method)
            handler, values = match(adapter)
            answer = handler(call, **values)
        except Refused as refused:
            return self._error(refused)
        except TooFast as fast:
            return self._limited("jira-per-issue-on-write", math.ceil(fast.wait), told=True)
        except MethodNotAllowed:
            return Answer.json({"message": "Method Not Allowed", "status-code": 405}, 405)
        except HTTPException:
            return self._nowhere(request)
        answer.headers.update(call.headers)
        return answer

    def _nowhere(self, request: Request) -> Answer:
        message = f"null for uri: http://{request.host}{request.path}"
        return Answer.json({"message": message, "status-code": 404}, 404)

    def _finish(self, answer: Answer, token: Token | None) -> Answer:
        headers = {"X-AREQUESTID": f"{self._served:x}", "X-Content-Type-Options": "nosniff"}
        if token is None:
            headers["X-Seraph-LoginReason"] = "AUTHENTICATED_FAILED"
        elif self.state.flavour == "cloud":
            headers["X-AACCOUNTID"] = self.state.user(token.login).account_id
        else:
            headers |= {"X-AUSERNAME": token.login, "X-Seraph-LoginReason": "OK"}
        answer.headers = headers | answer.headers
        return answer

    def limited(self, request: Request, kind: LimitKind, *, headers: bool) -> Answer:
        """429 as the flavour says it; the primary limit is a quota, the secondary a burst."""
        reason = "jira-quota-global-based" if kind == "primary" else "jira-burst-based"
        return self._limited(reason, 60, told=headers)

    def _limited(self, reason: str, wait: int, *, told: bool) -> Answer:
        answer = self._error(Refused(429, "Rate limit exceeded."))
        if not told:
            return answer
        answer.headers["Retry-After"] = str(max(wait, 1))
        if self.state.flavour == "datacenter":
            answer.headers |= {
                "X-RateLimit-Limit": "50",
                "X-RateLimit-Remaining": "0",
                "X-RateLimit-FillRate": "10",
                "X-RateLimit-Interval-Seconds": "10",
            }
            return answer
        until = self.state.clock.now() + timedelta(seconds=max(wait, 1))
        answer.headers |= {
            "X-RateLimit-Limit": "100",
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": until.strftime("%Y-%m-%dT%H:%MZ"),
            "RateLimit-Reason": reason,
        }
        return answer

    def refusal(self, request: Request, status: int, message: str) -> Answer:
        """An error in Jira's shape."""
        return self._error(Refused(status, message))

    def _error(self, refused: Refused) -> Answer:
        body: dict[str, object]
        if refused.status == 401:  # noqa: PLR2004  the status Jira says in another shape
            body = {"message": refused.message, "status-code": 401}
        else:
            body = handlers.error_body(refused)
        answer = Answer.json(body, refused.status)
        answer.headers.update(refused.headers)
        return answer

    def caller(self, request: Request) -> str:
        """Login of the credential, used or not, alive or not."""
        secret = _credential(request)[2]
        return next((one.login for one in self.state.tokens() if one.secret == secret), "")

    def dump(self) -> dict[str, object]:
        """Everything but credentials."""
        return inventory(self.state)

    def person(self, login: str, project: str | None) -> Person:
        """Somebody at a browser."""
        homes = self.state.projects
        found = self.state.project(project) if project else homes[min(homes)]
        return Person(self.state, found, login)

    def act(self, person: str, action: str, values: Mapping[str, object]) -> object:
        """Play a person; see :mod:`~adapters.sandbox.jira.people`."""
        return people.act(self.state, person, action, values)


def _credential(request: Request) -> tuple[str, str, str]:
    """Kind ("basic" or "bearer"), login and secret of the Authorization header."""
    kind, _, rest = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return "bearer", "", rest.strip()
    if kind.lower() != "basic":
        return "", "", ""
    try:
        plain = base64.b64decode(rest.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return "basic", "", ""
    login, _, secret = plain.partition(":")
    return "basic", login, secret
