"""Who we are at a Jira: an e-mail address with a token, a token alone, or a service account.

Cloud:        e-mail and API token (also a token with scopes, at the API gateway), or a service
              account's client, which is given tokens of an hour
Data Center:  a personal access token
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import requests
from pydantic import SecretStr

from adapters.errors import AuthFailed, Transient
from adapters.seams import Seams
from adapters.transport import broken_connection
from adapters.wire import guard
from mappings.problem import Problem, ProblemError

#: A service account's token is replaced this long before it ends.
EARLY: Final = timedelta(minutes=5)
_REFUSED: Final = frozenset({400, 401, 403})


class ClientKeys(Protocol):
    """A service account's client; see ServiceAccount in the settings."""

    client_id: str
    client_secret: Any
    token_url: str


@dataclass(frozen=True, slots=True)
class Login:
    """What a request shows: ``user`` is "" where the secret goes alone."""

    user: str
    secret: str


class Credential:
    """A token that may be replaced at any time where it is kept."""

    def __init__(self, read: Callable[[], SecretStr], user: str = "") -> None:
        self._read = read
        self._user = user

    def login(self) -> Login:
        """What to show now. Raises AuthFailed (E203) when there is none."""
        return Login(self._user, checked(self._read))

    def renew(self, refused: Login) -> bool:
        """Whether there is another one now that ``refused`` was refused."""
        return self.login() != refused


def checked(read: Callable[[], SecretStr]) -> str:
    """The secret. Raises AuthFailed (E203) for none, and for what cannot be one."""
    try:
        value = read().get_secret_value()
    except ProblemError as error:
        raise AuthFailed(error.problem) from None
    if not value.isascii() or not value.isprintable() or " " in value:
        raise AuthFailed(Problem("E203", "the token holds characters that no token has."))
    return value


class ServiceAccount(Credential):
    """An OAuth 2.0 client of its own (client credentials, RFC 6749 §4.4)."""

    def __init__(self, keys: ClientKeys, seams: Seams, timeout: float) -> None:
        super().__init__(keys.client_secret.read)
        self._keys = keys
        self._clock, self._resolve = seams.clock, seams.resolve
        self._timeout = timeout
        self._token = ""
        self._until = datetime.min.replace(tzinfo=UTC)
        self._lock = threading.Lock()

    def login(self) -> Login:
        with self._lock:
            if not self._token or self._clock.now() >= self._until - EARLY:
                self._fetch()
            return Login("", self._token)

    def renew(self, refused: Login) -> bool:
        with self._lock:
            if self._token == refused.secret:
                self._token = ""
        return True

    def _fetch(self) -> None:
        url, host = self._keys.token_url, urlsplit(self._keys.token_url).netloc
        asked = {
            "grant_type": "client_credentials",
            "client_id": self._keys.client_id,
            "client_secret": checked(self._read),
        }
        with requests.Session() as session:
            guard(session, url, self._clock, self._timeout, self._resolve)
            try:
                answer = session.post(url, json=asked, headers={"Accept": "application/json"})
                said = answer.json()
            except requests.JSONDecodeError:
                said = {}
            except requests.RequestException as error:
                raise broken_connection(error, host, write=False) from None
        if answer.status_code in _REFUSED:
            remedy = "Check client_id and client_secret of the service account."
            raise AuthFailed(Problem("E203", f"{host} does not know this client.", remedy=remedy))
        token = said.get("access_token") if isinstance(said, dict) else None
        if not token:
            raise Transient(Problem("E206", f"got no token ({answer.status_code}) from {host}."))
        self._token = str(token)
        lasts = timedelta(seconds=float(said.get("expires_in") or 3600))
        self._until = self._clock.now() + lasts
