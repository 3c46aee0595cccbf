"""PyGithub used for transport, authentication and GraphQL; raw JSON in and out (clients.md §3).

One ``Github`` per thread, retries and pacing off, redirects refused (a redirected write would
change another issue), exact success codes, errors named by what happens next.
"""

import hashlib
import json
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import github
import requests
from pydantic import SecretStr

from adapters.errors import (
    AdapterError,
    AuthFailed,
    Missing,
    Moved,
    RateLimited,
    Rejected,
    Transient,
    UnknownOutcome,
)
from adapters.seams import Clock
from adapters.transport import (
    DEFAULT_WAIT,
    Answer,
    Limits,
    Pace,
    broken_connection,
    retrying,
    wait_named,
)
from mappings.item import Ref
from mappings.problem import Problem, ProblemError

#: docs.github.com/rest/about-the-rest-api/api-versions
API_VERSION: Final = "2022-11-28"
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
#: docs.github.com: at most 80 content-creating requests a minute and 500 an hour.
CREATES_PER_MINUTE: Final = 80
CREATES_PER_HOUR: Final = 500


class AppKeys(Protocol):
    """A GitHub App's identity; see AppSettings."""

    app_id: int
    installation_id: int
    private_key: Any


@dataclass(frozen=True, slots=True)
class Options:
    """A connection's settings, checked. ``token`` reads the secret anew each time."""

    base_url: str
    token: Callable[[], SecretStr] | None = None
    app: AppKeys | None = None
    reserve: float = 0.1
    write_interval: float = 1.0
    timeout: int = 20
    ca: str | None = None
    overlap: float = 600.0
    in_flight: float = 60.0
    paced: bool = True


class _RedirectedError(Exception):
    def __init__(self, status: int, location: str) -> None:
        super().__init__(location)
        self.status, self.location = status, location


class Client:
    """Sends one request at a time and says truthfully what became of it."""

    def __init__(self, options: Options, clock: Clock) -> None:
        self.options = options
        self.clock = clock
        self.limits = Limits(clock, options.reserve)
        self.host = urlsplit(options.base_url).netloc
        most = (CREATES_PER_MINUTE, CREATES_PER_HOUR) if options.paced else (None, None)
        self._pace = Pace(clock, options.write_interval, *most)
        self._local = threading.local()

    @property
    def token_print(self) -> str:
        """A fingerprint of the credential: entity tags are valid for one token only."""
        secret = self._secret()
        return hashlib.sha256(secret.encode()).hexdigest()[:12] if secret else "app"

    def get(self, path: str, parameters: Mapping[str, Any] | None = None, etag: str = "") -> Answer:
        """Read; retried on passing faults. 304 is an answer when ``etag`` is given."""
        headers = {"If-None-Match": etag} if etag else {}
        good = (200, 304) if etag else (200,)
        return retrying(
            self.clock, lambda: self._send("GET", path, parameters, headers, None, good)
        )

    def write(
        self,
        verb: str,
        path: str,
        body: Any,  # noqa: ANN401  JSON
        good: Collection[int],
        *,
        creates: bool = False,
    ) -> Answer:
        """Send once. A refused one (429, or never sent) may be tried again; a lost one never."""

        def once() -> Answer:
            self._pace.before_write(creates=creates)
            return self._send(verb, path, None, {}, body, good)

        return retrying(self.clock, once)

    def graphql(self, query: str, variables: Mapping[str, Any], *, write: bool = False) -> Any:  # noqa: ANN401
        """The ``data`` of a GraphQL answer. Any error makes the answer incomplete: it is raised."""
        path = _graphql_path(self.options.base_url)

        def once() -> Answer:
            if write:
                self._pace.before_write(creates=False)
            body = {"query": query, "variables": dict(variables)}
            return self._send("POST", path, None, {}, body, (200,), write=write)

        answer = retrying(self.clock, once)
        data = answer.data if isinstance(answer.data, dict) else {}
        if data.get("errors"):
            raise self._graphql_error(data["errors"], answer)
        return data.get("data")

    def close(self) -> None:
        """Give back this thread's sockets."""
        held = getattr(self._local, "held", None)
        if held:
            held[1].close()

    # --- one request -------------------------------------------------------------------------

    def _send(
        self,
        verb: str,
        path: str,
        parameters: Mapping[str, Any] | None,
        headers: Mapping[str, str],
        body: Any,  # noqa: ANN401  JSON
        good: Collection[int],
        *,
        write: bool | None = None,
    ) -> Answer:
        self.limits.require()
        writes = verb != "GET" if write is None else write
        try:
            status, said, text = self._requester().requestJson(
                verb, path, dict(parameters or {}), dict(headers), body
            )
        except _RedirectedError as error:
            raise _moved(error) from None
        except requests.RequestException as error:
            raise broken_connection(error, self.host, write=writes) from None
        except github.GithubException as error:
            raise self._library_error(error) from None
        answer = _answer(status, {k.lower(): str(v) for k, v in said.items()}, text)
        self.limits.heard(answer.headers)
        if status in good and (answer.json or status in {204, 304}):
            return answer
        raise self._error(answer, write=writes)

    def _requester(self) -> Any:  # noqa: ANN401  PyGithub's own class
        secret = self._secret()
        held = getattr(self._local, "held", None)
        if held is None or held[0] != secret:
            if held:
                held[1].close()
            held = (secret, self._open(secret))
            self._local.held = held
        return held[1].requester

    def _secret(self) -> str:
        if self.options.token is None:
            return ""
        try:
            return self.options.token().get_secret_value()
        except ProblemError as error:
            raise AuthFailed(error.problem) from None

    def _open(self, secret: str) -> github.Github:
        client = github.Github(
            auth=self._auth(secret),
            base_url=self.options.base_url,
            timeout=self.options.timeout,
            user_agent="followthrough",
            per_page=100,
            retry=None,
            seconds_between_requests=None,
            seconds_between_writes=None,
            verify=self.options.ca or True,
        )
        connection = client.requester._Requester__createConnection()  # type: ignore[attr-defined]  # noqa: SLF001
        session: requests.Session = connection.session
        session.auth = _keep_headers  # else a .netrc would replace our token (vdirsyncer #1138)
        session.headers["X-GitHub-Api-Version"] = API_VERSION
        session.hooks["response"].append(_refuse_redirect)
        return client

    def _auth(self, secret: str) -> github.Auth.Auth:
        app = self.options.app
        if app is None:
            return github.Auth.Token(secret)
        key = app.private_key.read().get_secret_value()
        return github.Auth.AppAuth(app.app_id, key).get_installation_auth(app.installation_id)

    # --- what an answer means ------------------------------------------------------------------

    def _library_error(self, error: github.GithubException) -> AdapterError:
        """PyGithub itself refused, mostly while fetching an App's token."""
        if error.status in {401, 403, 404}:
            text = f"GitHub refused the App's credentials ({error.status})."
            return AuthFailed(Problem("E203", text, self.host))
        return Transient(Problem("E206", f"GitHub said {error.status}.", self.host))

    def _error(self, answer: Answer, *, write: bool) -> AdapterError:
        said = _message(answer)
        limited = self._limited(answer, said)
        if limited:
            return limited
        status = answer.status
        if status in {403, 451}:
            return self._forbidden(answer, said)
        named: dict[int, AdapterError] = {
            401: AuthFailed(
                Problem("E205", "token rejected.", self.host, "Renew it; nothing is lost.")
            ),
            404: Missing(Problem("E210", "not found, or this token may not see it.", self.host)),
            410: _Gone(Problem("E211", f"gone: {said}", self.host)),
        }
        if status in named:
            return named[status]
        if 400 <= status < 500 and status not in {408, 425}:  # noqa: PLR2004  HTTP
            return Rejected(Problem("E120", f"GitHub refuses it: {_details(answer, said)}"))
        kind = answer.headers.get("content-type", "").split(";")[0] or "no content"
        text = f"got {kind} ({status}) from {self.host}"
        if write:
            return UnknownOutcome(Problem("E213", f"{text}; the change may have been made."))
        wait = wait_named(answer.headers, self.clock.now())
        return Transient(Problem("E206", f"{text}."), wait)

    def _limited(self, answer: Answer, said: str) -> RateLimited | None:
        """429, or a 403 that speaks of limits (clients.md §5.2)."""
        headers = answer.headers
        used_up = headers.get("x-ratelimit-remaining") == "0"
        spoken = "rate limit" in said.lower() or "abuse" in said.lower()
        forbidden = answer.status == 403 and (used_up or spoken or "retry-after" in headers)  # noqa: PLR2004
        if answer.status != 429 and not forbidden:  # noqa: PLR2004  HTTP
            return None
        named = (
            wait_named(headers, self.clock.now()) if used_up or "retry-after" in headers else None
        )
        until = self.limits.block(DEFAULT_WAIT if named is None else named)
        text = f"{self.host} asked to wait until {until:%H:%M:%S} UTC."
        return RateLimited(Problem("E207", text), until)

    def _forbidden(self, answer: Answer, said: str) -> AdapterError:
        if "x-github-sso" in answer.headers:
            remedy = "Open the token's settings on GitHub and configure SSO."
            return AuthFailed(
                Problem(
                    "E204",
                    "authorise the token for this organisation: SSO is required.",
                    self.host,
                    remedy,
                )
            )
        if "archived" in said.lower() or "read-only" in said.lower():
            return Rejected(
                Problem(
                    "E127",
                    "the repository is archived.",
                    self.host,
                    "Unarchive it, or take the pair out.",
                )
            )
        if "locked" in said.lower():
            return Rejected(Problem("E127", "the issue is locked.", self.host, "Unlock it."))
        needs = answer.headers.get("x-accepted-github-permissions", "")
        text = f"GitHub said 403{f', needs {chr(34)}{needs}{chr(34)}' if needs else ''}: {said}"
        return Rejected(Problem("E203", text, self.host, "Give the token this permission."))

    def _graphql_error(self, errors: list[dict[str, Any]], answer: Answer) -> AdapterError:
        kinds = {str(error.get("type")) for error in errors}
        said = "; ".join(str(error.get("message", "")) for error in errors)[:300]
        if "RATE_LIMITED" in kinds:
            named = wait_named(answer.headers, self.clock.now())
            until = self.limits.block(DEFAULT_WAIT if named is None else named)
            return RateLimited(Problem("E207", said), until)
        if "NOT_FOUND" in kinds:
            return Missing(Problem("E210", said, self.host))
        if kinds & {"FORBIDDEN", "INSUFFICIENT_SCOPES"}:
            return Rejected(Problem("E203", said, self.host, "Give the token this scope."))
        return Transient(Problem("E206", said, self.host))


class _Gone(Missing):
    """410: the one proof of deletion."""


def is_gone(error: Missing) -> bool:
    """Whether a Missing is GitHub's proof that the issue was deleted."""
    return isinstance(error, _Gone)


def _keep_headers(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _refuse_redirect(response: requests.Response, *_: Any, **__: Any) -> None:  # noqa: ANN401
    if response.status_code in _REDIRECTS:
        raise _RedirectedError(response.status_code, response.headers.get("Location", ""))


def _moved(error: _RedirectedError) -> Moved:
    path = urlsplit(error.location).path
    text = f"moved to {path}; approve the new place."
    return Moved(Problem("E212", text), Ref(path.rsplit("/", 1)[-1], path))


def _answer(status: int, headers: dict[str, str], text: Any) -> Answer:  # noqa: ANN401
    if not text:
        return Answer(status, headers, None, json=False)
    if "json" not in headers.get("content-type", ""):
        return Answer(status, headers, str(text)[:2000], json=False)
    try:
        return Answer(status, headers, json.loads(text))
    except ValueError:
        return Answer(status, headers, str(text)[:2000], json=False)


def _message(answer: Answer) -> str:
    if isinstance(answer.data, dict):
        return str(answer.data.get("message", ""))[:300]
    return "no JSON"


def _details(answer: Answer, said: str) -> str:
    errors = answer.data.get("errors", []) if isinstance(answer.data, dict) else []
    parts = [
        f"{one.get('field', '')} {one.get('message') or one.get('code', '')}".strip()
        if isinstance(one, dict)
        else str(one)
        for one in errors
    ]
    return "; ".join([said, *parts])[:300]


def _graphql_path(base_url: str) -> str:
    """Enterprise Server has it beside v3: https://HOST/api/v3 -> https://HOST/api/graphql."""
    return base_url.removesuffix("/v3") + "/graphql"
