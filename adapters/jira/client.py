"""The jira library used for transport and authentication; raw JSON in and out.

Its retries are off (they repeat creations), nothing is asked when it is made, redirects are
refused, success codes exact. REST version 2 on both products: texts are wiki markup there. One
``JIRA`` per thread.
"""

import json
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import jira
import requests
from pydantic import SecretStr

from adapters.errors import AdapterError, AuthFailed, Moved
from adapters.jira.answers import failure, refused_login
from adapters.jira.credential import ClientKeys, Credential, Login, ServiceAccount
from adapters.seams import Seams
from adapters.transport import Answer, Limits, Pace, broken_connection, read_json, retrying
from adapters.wire import Redirected, guard
from mappings.item import Ref
from mappings.problem import Problem

_BARE: Final = frozenset({204})
_UNAUTHORIZED: Final = 401
#: How much of a page that is no JSON is looked at.
_PAGE: Final = 20_000


@dataclass(frozen=True, slots=True)
class Options:
    """A connection's settings, checked. ``token`` reads the secret anew each time.

    ``cloud``: Jira Cloud, else Data Center. ``site`` is the address people see. ``timeout``,
    ``write_interval``, ``overlap``, ``find_lag`` and ``in_flight`` are in seconds; ``reserve`` is
    a share of the rate limit. ``page``: issues in one answer.
    """

    base_url: str
    cloud: bool = True
    site: str = ""
    email: str = ""
    token: Callable[[], SecretStr] | None = None
    client: ClientKeys | None = None
    reserve: float = 0.1
    write_interval: float = 0.1
    timeout: float = 20
    ca: str | None = None
    overlap: float = 600.0
    find_lag: float = 900.0
    in_flight: float = 120.0
    page: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """One request. ``writes``: whether sending it twice could do something twice; ``bare``: whether
    its success has no content.
    """

    verb: str
    path: str
    good: Collection[int]
    writes: bool
    parameters: Mapping[str, Any] = field(default_factory=dict)
    body: object = None
    bare: bool = False


class _Line:
    """One thread's jira library, for one login."""

    def __init__(self, login: Login, options: Options, seams: Seams) -> None:
        self.login = login
        settled: dict[str, Any] = {
            "server": options.base_url,
            "verify": options.ca or True,
            "rest_api_version": "2",
            "headers": {"User-Agent": "followthrough"},
        }
        self._jira = jira.JIRA(
            options=settled,
            basic_auth=(login.user, login.secret) if login.user else None,
            token_auth=None if login.user else login.secret,
            get_server_info=False,
            max_retries=0,
            timeout=options.timeout,
            logging=False,
        )
        self._session = self._jira._session  # noqa: SLF001  the library's own transport
        guard(self._session, options.base_url, seams.clock, options.timeout, seams.resolve)

    def send(self, call: _Call, base_url: str) -> requests.Response:
        """The answer, whatever its status. Raises requests.RequestException for none."""
        body = None if call.body is None else json.dumps(call.body)
        try:
            return self._session.request(
                call.verb,
                f"{base_url}/rest{call.path}",
                params=dict(call.parameters),
                data=body,
                headers={"Content-Type": "application/json"} if body is not None else {},
            )
        except jira.JIRAError as error:
            if error.response is None:
                raise requests.RequestException from None
            found: requests.Response = error.response
            return found

    def close(self) -> None:
        self._session.close()


class Client:
    """Sends one request at a time and says truthfully what became of it. Shared by threads.

    ``ahead``: how far Jira's clock is ahead of ours, as its last answer said.
    """

    def __init__(self, options: Options, seams: Seams) -> None:
        self.options = options
        self.clock = seams.clock
        self.limits = Limits(seams.clock, options.reserve)
        self.host = urlsplit(options.base_url).netloc
        self.ahead = timedelta(0)
        self._random, self._seams = seams.random, seams
        self._pace = Pace(seams.clock, options.write_interval)
        self._local = threading.local()
        self._lines: list[_Line] = []
        self._guard = threading.Lock()
        self._credential = self._choose()

    def _choose(self) -> Credential:
        options = self.options
        if options.client is not None:
            return ServiceAccount(options.client, self._seams, options.timeout)
        assert options.token is not None, "settings demand a token or a service account"
        return Credential(options.token, options.email)

    @property
    def overlap(self) -> timedelta:
        """How far searches may lag behind writes."""
        return timedelta(seconds=self.options.overlap)

    def now(self) -> datetime:
        """Jira's clock as far as it is known, UTC."""
        return self.clock.now() + self.ahead

    def get(self, path: str, parameters: Mapping[str, Any] | None = None) -> Answer:
        """Read; retried on passing faults. ``path`` begins with ``/api/2`` or the like."""
        call = _Call(verb="GET", path=path, good=(200,), writes=False, parameters=parameters or {})
        return retrying(self.clock, self._random, lambda: self._send(call))

    def ask(self, path: str, body: object) -> Answer:
        """Read by POST, where a question is too long for an address."""
        call = _Call(verb="POST", path=path, good=(200,), writes=False, body=body)
        return retrying(self.clock, self._random, lambda: self._send(call))

    def turn(self) -> None:
        """Wait until a write may be sent: before the look that a write rests on."""
        self._pace.turn()

    def write(
        self,
        verb: str,
        path: str,
        body: object,
        good: Collection[int],
        parameters: Mapping[str, Any] | None = None,
        *,
        bare: bool = False,
    ) -> Answer:
        """Send once. A refused one (429, or never sent) may be tried again; a lost one never.

        ``bare``: its success has no content.
        """
        call = _Call(
            verb=verb,
            path=path,
            good=good,
            writes=True,
            body=body,
            parameters=parameters or {},
            bare=bare,
        )

        def once() -> Answer:
            self._pace.before_write(creates=False)
            return self._send(call)

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
        login = self._credential.login()
        answer = self._exchange(self._line(login), call)
        if answer.status == _UNAUTHORIZED and self._credential.renew(login):
            # Refused before anything was done; a token that was replaced meanwhile may do.
            answer = self._exchange(self._line(self._credential.login()), call)
        well = answer.status in call.good and (answer.json or call.bare or answer.status in _BARE)
        if well:
            nobody = refused_login(answer, self.host)
            if nobody is not None:
                raise nobody
            self.limits.well()
            return answer
        raise failure(
            answer,
            write=call.writes,
            host=self.host,
            limits=self.limits,
            clock=self.clock,
            path=call.path,
        )

    def _exchange(self, line: _Line, call: _Call) -> Answer:
        try:
            response = line.send(call, self.options.base_url)
        except Redirected as error:
            raise _moved(error, self.host) from None
        except requests.RequestException as error:
            raise broken_connection(error, self.host, write=call.writes) from None
        answer = _answer(response)
        self.limits.heard(answer.headers)
        server = answer.date()
        if server is not None:
            self.ahead = server - self.clock.now()
        return answer

    def _line(self, login: Login) -> _Line:
        held: _Line | None = getattr(self._local, "line", None)
        if held is not None and held.login == login:
            return held
        line = _Line(login, self.options, self._seams)
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
    if "login" in path or urlsplit(error.location).netloc not in {"", host}:
        remedy = "Check base_url, the token, and whether a single sign-on stands before the API."
        return AuthFailed(Problem("E204", f"{host} wants us to sign in.", remedy=remedy))
    text = f"{host} sends us on to {path or 'another place'}."
    return Moved(Problem("E212", text, remedy="Check base_url."), Ref(path.rsplit("/", 1)[-1]))


def _answer(response: requests.Response) -> Answer:
    headers = {name.lower(): str(value) for name, value in response.headers.items()}
    if "json" in headers.get("content-type", ""):
        try:
            return Answer(response.status_code, headers, read_json(response.content))
        except ValueError:
            pass
    return Answer(response.status_code, headers, response.text[:_PAGE], json=False)
