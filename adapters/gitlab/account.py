"""Accounts by number: who we are, and whom issues are assigned to."""

import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from adapters.base import Description
from adapters.errors import AuthFailed, Missing, Rejected
from adapters.gitlab.client import Client
from adapters.gitlab.reading import rows_of

_ASIDE: Final = (AuthFailed, Missing, Rejected)


@dataclass(frozen=True, slots=True)
class Me:
    """The account that a token acts as. Tokens of projects and groups have one of their own."""

    id: int
    username: str


class Accounts:
    """What is known of accounts; asked for once each. Shared by a connection's projects."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._me: Me | None = None
        self._numbers: dict[str, int] = {}
        self._lock = threading.Lock()

    def me(self) -> Me:
        """Who we are; asked for once."""
        if self._me is None:
            self._me = self._ask()[1]
        return self._me

    def _ask(self) -> tuple[datetime | None, Me]:
        answer = self._client.get("/user")
        data = answer.data if isinstance(answer.data, dict) else {}
        return answer.date(), Me(int(data.get("id") or 0), str(data.get("username") or ""))

    def numbers(self, logins: list[str]) -> dict[str, int]:
        """Users' numbers by login in lower case; whom GitLab does not know is left out."""
        for login in logins:
            with self._lock:
                known = login in self._numbers
            if not known:
                rows = rows_of(self._client.get("/users", {"username": login}))
                for row in rows:
                    with self._lock:
                        self._numbers[str(row["username"]).lower()] = int(row["id"])
        with self._lock:
            return {login: self._numbers[login] for login in logins if login in self._numbers}

    def describe(self) -> Description:
        """Who we are, and what GitLab tells of the token and of itself. Raises AuthFailed."""
        server_time, self._me = self._ask()
        token = self._optional("/personal_access_tokens/self")
        version = self._optional("/version")
        return Description(
            adapter="gitlab",
            user=self._me.username,
            url=self._client.options.base_url,
            version=str(version.get("version") or ""),
            server_time=server_time,
            expires_at=_end(token.get("expires_at")),
            scopes=tuple(sorted(map(str, token.get("scopes") or ()))),
        )

    def _optional(self, path: str) -> dict[str, Any]:
        """What an address says that not every token and not every version knows."""
        try:
            data = self._client.get(path).data
        except _ASIDE:
            return {}
        return data if isinstance(data, dict) else {}


def _end(day: object) -> datetime | None:
    """A token is refused from the beginning of this day on (UTC)."""
    try:
        return datetime.fromisoformat(str(day)).replace(tzinfo=UTC) if day else None
    except ValueError:
        return None
