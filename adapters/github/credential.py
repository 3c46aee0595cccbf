"""Who we are at GitHub: a token that is read anew each time, or an App's hour-long one."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

import github
from pydantic import SecretStr

from adapters.errors import AuthFailed, Missing, Rejected
from adapters.seams import Clock
from adapters.transport import Answer
from mappings.problem import Problem, ProblemError

#: An installation's token is replaced this long before it ends.
EARLY: Final = timedelta(minutes=5)


class AppKeys(Protocol):
    """A GitHub App's identity; see AppSettings."""

    app_id: int
    installation_id: int
    private_key: Any


class Credential(ABC):
    """Gives the secret to use now. Shared by threads."""

    @abstractmethod
    def secret(self) -> str:
        """The secret. Raises AuthFailed (E203) when there is none."""

    @abstractmethod
    def renew(self, refused: str) -> bool:
        """Whether there is another secret now that ``refused`` was refused."""


class TokenCredential(Credential):
    """A personal access token. It may be replaced at any time where it is kept."""

    def __init__(self, read: Callable[[], SecretStr]) -> None:
        self._read = read

    def secret(self) -> str:
        try:
            value = self._read().get_secret_value()
        except ProblemError as error:
            raise AuthFailed(error.problem) from None
        if not value.isascii() or not value.isprintable() or " " in value:
            raise AuthFailed(Problem("E203", "the token holds characters that no token has."))
        return value

    def renew(self, refused: str) -> bool:
        return self.secret() != refused


class AppCredential(Credential):
    """An App's installation. ``exchange`` asks GitHub for a token, showing the App's own key."""

    def __init__(self, app: AppKeys, clock: Clock, exchange: Callable[[str], Answer]) -> None:
        self._app = app
        self._clock = clock
        self._exchange = exchange
        self._token = ""
        self._until = datetime.min.replace(tzinfo=UTC)
        self._lock = threading.Lock()

    def secret(self) -> str:
        with self._lock:
            if not self._token or self._clock.now() >= self._until - EARLY:
                self._fetch()
            return self._token

    def renew(self, refused: str) -> bool:
        with self._lock:
            if self._token == refused:
                self._token = ""
        return True

    def _fetch(self) -> None:
        path = f"/app/installations/{self._app.installation_id}/access_tokens"
        try:
            answer = self._exchange(path)
        except (Missing, Rejected) as error:
            text = "GitHub does not know this App's installation."
            remedy = f"Check app_id and installation_id. ({error.problem.message})"
            raise AuthFailed(Problem("E203", text, remedy=remedy)) from None
        data = answer.data if isinstance(answer.data, dict) else {}
        self._token = str(data.get("token", ""))
        now = self._clock.now()
        server = answer.date() or now
        ends = datetime.fromisoformat(str(data.get("expires_at", server.isoformat())))
        self._until = now + (ends.astimezone(UTC) - server)


def app_auth(app: AppKeys) -> github.Auth.AppAuth:
    """What signs as the App itself. Raises AuthFailed (E203) for a key that cannot be used."""
    try:
        key = app.private_key.read().get_secret_value()
        auth = github.Auth.AppAuth(app.app_id, key)
        auth.create_jwt()
    except ProblemError as error:
        raise AuthFailed(error.problem) from None
    except Exception as error:  # noqa: BLE001  the signing library has a dozen kinds
        text = f"the App's private key cannot be used ({type(error).__name__})."
        remedy = "Give the whole PEM file that GitHub made for the App."
        raise AuthFailed(Problem("E203", text, remedy=remedy)) from None
    return auth
