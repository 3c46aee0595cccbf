"""PyGithub used for transport, authentication and GraphQL; raw JSON in and out.

One ``Github`` per thread (it keeps a request's state in its connection), retries and pacing off,
redirects refused, exact success codes.
"""

import hashlib
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import github
import requests
from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass
from pydantic import SecretStr

from adapters.errors import AdapterError, Moved
from adapters.github.answers import failure, graphql_failure
from adapters.github.credential import (
    AppCredential,
    AppKeys,
    Credential,
    TokenCredential,
    app_auth,
)
from adapters.seams import Seams
from adapters.transport import Answer, Limits, Pace, broken_connection, read_json, retrying
from adapters.wire import Redirected, guard, is_loopback
from mappings.item import Ref
from mappings.problem import Problem

#: docs.github.com/rest/about-the-rest-api/api-versions. Enterprise Server knows only older ones.
API_VERSION: Final = "2026-03-10"
SERVER_API_VERSION: Final = "2022-11-28"
#: docs.github.com: at most 80 content-creating requests a minute and 500 an hour.
CREATES_PER_MINUTE: Final = 80
CREATES_PER_HOUR: Final = 500
_BARE: Final = frozenset({204, 304})
_UNAUTHORIZED: Final = 401


@dataclass(frozen=True, slots=True)
class Options:
    """A connection's settings, checked. ``token`` reads the secret anew each time.

    ``timeout``, ``write_interval``, ``overlap`` and ``in_flight`` are in seconds; ``reserve`` is
    a share of the rate limit. ``paced``: whether GitHub's limits on creations are kept. ``page``:
    rows in one answer of a list, at most 100.
    """

    base_url: str
    token: Callable[[], SecretStr] | None = None
    app: AppKeys | None = None
    reserve: float = 0.1
    write_interval: float = 1.0
    timeout: float = 20
    ca: str | None = None
    overlap: float = 600.0
    in_flight: float = 60.0
    find_lag: float = 900.0
    paced: bool = True
    page: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """One request. ``writes``: whether sending it twice could do something twice. ``resource``:
    the limit it counts against, "" for one that is not the installation's.
    """

    verb: str
    path: str
    good: Collection[int]
    writes: bool
    parameters: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: object = None
    resource: str = "core"


@dataclass(frozen=True, slots=True)
class _Line:
    """One thread's PyGithub with the connection it uses, for one secret."""

    secret: str
    github: github.Github
    connection: HTTPRequestsConnectionClass | HTTPSRequestsConnectionClass

    def close(self) -> None:
        self.github.close()
        self.connection.close()


class Client:
    """Sends one request at a time and says truthfully what became of it. Shared by threads."""

    def __init__(self, options: Options, seams: Seams) -> None:
        self.options = options
        self.clock = seams.clock
        self.limits = Limits(seams.clock, options.reserve)
        self.host = urlsplit(options.base_url).netloc
        self._random, self._resolve = seams.random, seams.resolve
        most = (CREATES_PER_MINUTE, CREATES_PER_HOUR) if options.paced else (None, None)
        self._pace = Pace(seams.clock, options.write_interval, *most)
        self._local = threading.local()
        self._lines: list[_Line] = []
        self._guard = threading.Lock()
        self._credential = self._choose()

    def _choose(self) -> Credential:
        options = self.options
        if options.app is not None:
            return AppCredential(options.app, self.clock, self._token_for_app)
        assert options.token is not None, "settings demand a token or an App"
        return TokenCredential(options.token)

    @property
    def overlap(self) -> timedelta:
        """How far lists may lag behind writes."""
        return timedelta(seconds=self.options.overlap)

    @property
    def token_print(self) -> str:
        """A fingerprint of the credential: entity tags are valid for one token only."""
        return hashlib.sha256(self._credential.secret().encode()).hexdigest()[:12]

    def get(self, path: str, parameters: Mapping[str, Any] | None = None, etag: str = "") -> Answer:
        """Read; retried on passing faults. 304 is an answer when ``etag`` is given."""
        call = _Call(
            verb="GET",
            path=path,
            good=(200, 304) if etag else (200,),
            writes=False,
            parameters=parameters or {},
            headers={"If-None-Match": etag} if etag else {},
        )
        return retrying(self.clock, self._random, lambda: self._send(call))

    def turn(self) -> None:
        """Wait until a write may be sent: before the look that a write rests on."""
        self._pace.turn()

    def write(
        self, verb: str, path: str, body: object, good: Collection[int], *, creates: bool = False
    ) -> Answer:
        """Send once. A refused one (429, or never sent) may be tried again; a lost one never."""
        call = _Call(verb=verb, path=path, good=good, writes=True, body=body)

        def once() -> Answer:
            self._pace.before_write(creates=creates)
            return self._send(call)

        return retrying(self.clock, self._random, once)

    def graphql(
        self, query: str, variables: Mapping[str, Any], *, write: bool = False
    ) -> dict[str, Any]:
        """The ``data`` of a GraphQL answer. Any error makes the answer incomplete: it is raised."""
        call = _Call(
            verb="POST",
            path=_graphql_url(self.options.base_url),
            good=(200,),
            writes=write,
            body={"query": query, "variables": dict(variables)},
            resource="graphql",
        )

        def once() -> dict[str, Any]:
            if write:
                self._pace.before_write(creates=False)
            answer = self._send(call)
            said = answer.data if isinstance(answer.data, dict) else {}
            if said.get("errors") or not isinstance(said.get("data"), dict):
                errors = said.get("errors") or [{"message": "no data"}]
                raise graphql_failure(errors, answer, self.host, self.limits, self.clock)
            data: dict[str, Any] = said["data"]
            return data

        return retrying(self.clock, self._random, once)

    def as_app(self, path: str, verb: str = "GET", good: int = 200) -> Answer:
        """Ask as the App itself, not as its installation."""
        call = _Call(verb=verb, path=path, good=(good,), writes=False, resource="")

        def once() -> Answer:
            assert self.options.app is not None, "only an App asks as an App"
            line = self._open("", app_auth(self.options.app))
            try:
                return self._judged(self._exchange(line, call), call)
            finally:
                line.close()

        return retrying(self.clock, self._random, once)

    def close(self) -> None:
        """Give back all sockets of all threads."""
        with self._guard:
            lines, self._lines = self._lines, []
        for line in lines:
            line.close()
        self._local = threading.local()

    # --- one request -------------------------------------------------------------------------

    def _token_for_app(self, path: str) -> Answer:
        return self.as_app(path, "POST", 201)

    def _send(self, call: _Call) -> Answer:
        self.limits.require(call.resource)
        secret = self._credential.secret()
        answer = self._exchange(self._line(secret), call)
        if answer.status == _UNAUTHORIZED and self._credential.renew(secret):
            # Refused before anything was done; a token that was replaced meanwhile may do.
            answer = self._exchange(self._line(self._credential.secret()), call)
        return self._judged(answer, call)

    def _exchange(self, line: _Line, call: _Call) -> Answer:
        try:
            status, said, text = line.github.requester.requestJson(
                call.verb,
                call.path,
                dict(call.parameters),
                dict(call.headers),
                call.body,
                line.connection,
            )
        except Redirected as error:
            raise _moved(error) from None
        except requests.RequestException as error:
            raise broken_connection(error, self.host, write=call.writes) from None
        answer = _answer(status, said, text)
        if call.resource:
            self.limits.heard(answer.headers)
        return answer

    def _judged(self, answer: Answer, call: _Call) -> Answer:
        if answer.status in call.good and (answer.json or answer.status in _BARE):
            self.limits.well()
            return answer
        raise failure(
            answer, write=call.writes, host=self.host, limits=self.limits, clock=self.clock
        )

    def _line(self, secret: str) -> _Line:
        held: _Line | None = getattr(self._local, "line", None)
        if held is not None and held.secret == secret:
            return held
        line = self._open(secret, github.Auth.Token(secret))
        with self._guard:
            if held in self._lines:
                self._lines.remove(held)
            self._lines.append(line)
        if held is not None:
            held.close()
        self._local.line = line
        return line

    def _open(self, secret: str, auth: github.Auth.Auth) -> _Line:
        """A client with a connection of our own making, which PyGithub takes as an argument."""
        url = urlsplit(self.options.base_url)
        verify = self.options.ca or True
        client = github.Github(
            auth=auth,
            base_url=self.options.base_url,
            user_agent="followthrough",
            retry=None,
            seconds_between_requests=None,
            seconds_between_writes=None,
            verify=verify,
            api_version=_api_version(url.hostname or ""),
        )
        kind = (
            HTTPSRequestsConnectionClass if url.scheme == "https" else HTTPRequestsConnectionClass
        )
        host = url.hostname or ""
        connection = kind(f"[{host}]" if ":" in host else host, url.port, verify=verify)
        timeout = self.options.timeout
        guard(connection.session, self.options.base_url, self.clock, timeout, self._resolve)
        return _Line(secret, client, connection)


def _api_version(host: str) -> str:
    newest = host == "api.github.com" or host.endswith(".ghe.com") or is_loopback(host)
    return API_VERSION if newest else SERVER_API_VERSION


def _graphql_url(base_url: str) -> str:
    """Enterprise Server has it beside v3: https://HOST/api/v3 -> https://HOST/api/graphql."""
    return base_url.removesuffix("/v3") + "/graphql"


def _moved(error: Redirected) -> AdapterError:
    path = urlsplit(error.location).path
    text, remedy = f"moved to {path or 'another place'}.", "Move it back, or `unlink` it."
    return Moved(Problem("E212", text, remedy=remedy), Ref(path.rsplit("/", 1)[-1], path))


def _answer(status: int, headers: Mapping[str, Any], text: str) -> Answer:
    lower = {name.lower(): str(value) for name, value in headers.items()}
    if "json" in lower.get("content-type", ""):
        try:
            return Answer(status, lower, read_json(text))
        except ValueError:
            pass
    return Answer(status, lower, None, json=False)
