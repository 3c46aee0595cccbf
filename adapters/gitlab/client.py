"""python-gitlab used for transport and authentication; raw JSON in and out.

Its retries and its waiting are off on every call, redirects are refused, success codes exact. One
``Gitlab`` per thread: its exceptions drop the headers, so each answer is caught on its way in.
"""

import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import gitlab
import requests
from pydantic import SecretStr

from adapters.errors import AdapterError, AuthFailed, Moved
from adapters.gitlab.answers import common_names, failure, graphql_failure
from adapters.seams import Seams
from adapters.transport import Answer, Limits, Pace, broken_connection, read_json, retrying
from adapters.wire import Redirected, guard
from mappings.item import Ref
from mappings.problem import Problem, ProblemError

#: docs.gitlab.com, "GitLab.com-specific rate limits": 60 notes a minute; issues may be more.
CREATES_PER_MINUTE: Final = 60
_BARE: Final = frozenset({204})
_UNAUTHORIZED: Final = 401
_SIGN_IN: Final = "/users/sign_in"


@dataclass(frozen=True, slots=True)
class Options:
    """A connection's settings, checked. ``token`` reads the secret anew each time.

    ``base_url`` is the site's address, without ``/api/v4``. ``timeout``, ``write_interval``,
    ``overlap``, ``find_lag`` and ``in_flight`` are in seconds; ``reserve`` is a share of the rate
    limit. ``paced``: whether GitLab.com's limits on creations are kept.
    """

    base_url: str
    token: Callable[[], SecretStr] | None = None
    reserve: float = 0.1
    write_interval: float = 0.1
    timeout: float = 20
    ca: str | None = None
    overlap: float = 300.0
    in_flight: float = 120.0
    find_lag: float = 300.0
    paced: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """One request. ``writes``: whether sending it twice could do something twice."""

    verb: str
    path: str
    good: Collection[int]
    writes: bool
    parameters: Mapping[str, Any] = field(default_factory=dict)
    body: object = None


class _Line:
    """One thread's python-gitlab, for one secret. It keeps each answer with its headers."""

    def __init__(self, secret: str, options: Options, seams: Seams) -> None:
        self.secret = secret
        self._answers: list[requests.Response] = []
        # oauth_token, not private_token: requests takes the header off when the host changes, and
        # GitLab takes every kind of token that way.
        self.gitlab = gitlab.Gitlab(
            options.base_url,
            oauth_token=secret,
            ssl_verify=options.ca or True,
            timeout=options.timeout,
            user_agent="followthrough",
            retry_transient_errors=False,
            keep_base_url=True,
        )
        timeout = options.timeout
        guard(self.gitlab.session, options.base_url, seams.clock, timeout, seams.resolve)
        self.gitlab.session.hooks["response"].append(self._keep)

    def _keep(self, response: requests.Response, *_: object, **__: object) -> None:
        self._answers.append(response)

    def send(self, call: _Call) -> requests.Response:
        """The answer, whatever its status. Raises requests.RequestException for none."""
        self._answers.clear()
        body: Any = call.body
        try:
            return self.gitlab.http_request(
                call.verb.lower(),
                call.path,
                query_data=dict(call.parameters),
                post_data=body,
                obey_rate_limit=False,
                retry_transient_errors=False,
                max_retries=0,
            )
        except gitlab.exceptions.GitlabError:
            if not self._answers:
                raise
            return self._answers[-1]

    def close(self) -> None:
        self.gitlab.session.close()


class Client:
    """Sends one request at a time and says truthfully what became of it. Shared by threads."""

    def __init__(self, options: Options, seams: Seams) -> None:
        self.options = options
        self.clock = seams.clock
        self.limits = Limits(seams.clock, options.reserve)
        self.host = urlsplit(options.base_url).netloc
        self._random, self._seams = seams.random, seams
        self._pace = Pace(
            seams.clock, options.write_interval, CREATES_PER_MINUTE if options.paced else None
        )
        self._local = threading.local()
        self._lines: list[_Line] = []
        self._guard = threading.Lock()

    @property
    def overlap(self) -> timedelta:
        """How far lists may lag behind writes, and times behind changes."""
        return timedelta(seconds=self.options.overlap)

    def get(self, path: str, parameters: Mapping[str, Any] | None = None) -> Answer:
        """Read; retried on passing faults."""
        call = _Call(verb="GET", path=path, good=(200,), writes=False, parameters=parameters or {})
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
            path=f"{self.options.base_url}/api/graphql",
            good=(200,),
            writes=write,
            body={"query": query, "variables": dict(variables)},
        )

        def once() -> dict[str, Any]:
            if write:
                self._pace.before_write(creates=False)
            answer = self._send(call)
            said = answer.data if isinstance(answer.data, dict) else {}
            if said.get("errors") or not isinstance(said.get("data"), dict):
                raise graphql_failure(said.get("errors") or ["no data"], self.host)
            data: dict[str, Any] = said["data"]
            return data

        return retrying(self.clock, self._random, once)

    def close(self) -> None:
        """Give back all sockets of all threads."""
        with self._guard:
            lines, self._lines = self._lines, []
        for line in lines:
            line.close()
        self._local = threading.local()

    # --- one request -------------------------------------------------------------------------

    def _send(self, call: _Call) -> Answer:
        self.limits.require()
        secret = self._secret()
        answer = self._exchange(self._line(secret), call)
        if answer.status == _UNAUTHORIZED and (fresh := self._secret()) != secret:
            # Refused before anything was done; a token that was replaced meanwhile may do.
            answer = self._exchange(self._line(fresh), call)
        if answer.status in call.good and (answer.json or answer.status in _BARE):
            self.limits.well()
            return answer
        raise failure(
            answer, write=call.writes, host=self.host, limits=self.limits, clock=self.clock
        )

    def _exchange(self, line: _Line, call: _Call) -> Answer:
        try:
            response = line.send(call)
        except Redirected as error:
            raise _moved(error, self.host) from None
        except requests.RequestException as error:
            raise broken_connection(error, self.host, write=call.writes) from None
        answer = _answer(response)
        self.limits.heard(answer.headers)
        return answer

    def _secret(self) -> str:
        assert self.options.token is not None, "settings demand a token"
        try:
            value = self.options.token().get_secret_value()
        except ProblemError as error:
            raise AuthFailed(error.problem) from None
        if not value.isascii() or not value.isprintable() or " " in value:
            raise AuthFailed(Problem("E203", "the token holds characters that no token has."))
        return value

    def _line(self, secret: str) -> _Line:
        held: _Line | None = getattr(self._local, "line", None)
        if held is not None and held.secret == secret:
            return held
        line = _Line(secret, self.options, self._seams)
        with self._guard:
            if held in self._lines:
                self._lines.remove(held)
            self._lines.append(line)
        if held is not None:
            held.close()
        self._local.line = line
        return line


def _moved(error: Redirected, host: str) -> AdapterError:
    path = urlsplit(error.location).path
    if path.endswith(_SIGN_IN):
        remedy = "Check the token, and whether this GitLab takes tokens without signing in."
        return AuthFailed(Problem("E204", f"{host} wants us to sign in.", remedy=remedy))
    text, remedy = f"moved to {path or 'another place'}.", "Move it back, or `unlink` it."
    return Moved(Problem("E212", text, remedy=remedy), Ref(path.rsplit("/", 1)[-1], path))


def _answer(response: requests.Response) -> Answer:
    lower = {name.lower(): str(value) for name, value in response.headers.items()}
    headers = common_names(lower)
    if "json" in lower.get("content-type", ""):
        try:
            return Answer(response.status_code, headers, read_json(response.content))
        except ValueError:
            pass
    return Answer(response.status_code, headers, None, json=False)
