"""Redmine's issues as a home for items: the settings, the connection, and the adapter's name."""

from urllib.parse import urlsplit

from pydantic import Field as Key

from adapters.base import Connection, Description
from adapters.credentials import SecretSource
from adapters.registry import Adapter
from adapters.seams import Seams
from adapters.wire import checked_base_url, is_loopback
from followthrough_redmine.client import Client
from followthrough_redmine.project import CAPABILITIES, RedmineProject
from mappings.profile import Profile, Table

__all__ = ["ADAPTER", "RedmineConnection", "RedmineSettings"]


class RedmineSettings(Table):
    """``[connections.NAME]`` of a Redmine."""

    base_url: str = Key(description="where Redmine is")
    token: SecretSource = Key(description="an API access key")
    timeout: float = Key(default=20, gt=0, description="seconds to wait for an answer")
    in_flight: float | None = Key(
        default=None,
        ge=0,
        description="seconds after which a lost request cannot be under way any more "
        "(60; this machine: 2)",
    )


class RedmineConnection(Connection):
    """One Redmine and one key."""

    capabilities = CAPABILITIES

    def __init__(self, client: Client, in_flight: float) -> None:
        self._client = client
        self._in_flight = in_flight

    def describe(self) -> Description:
        answer = self._client.get("/users/current.json")
        user = answer.data["user"]
        name = f"{user['firstname']} {user['lastname']}"
        return Description(adapter="redmine", user=name, server_time=answer.time)

    def open(self, project: str, profile: Profile) -> RedmineProject:
        return RedmineProject(
            self._client, project, profile, lambda: self.describe().user, self._in_flight
        )

    def close(self) -> None:
        self._client.close()


class RedmineAdapter(Adapter):
    """Issues of a Redmine."""

    name = "redmine"
    title = "Redmine issues"
    side = "right"
    Settings = RedmineSettings
    capabilities = CAPABILITIES

    def connect(self, name: str, settings: Table, seams: Seams) -> Connection:
        """Makes no request. Raises ProblemError for an unsafe ``base_url`` (E202)."""
        if not isinstance(settings, RedmineSettings):
            msg = "settings of another adapter"
            raise TypeError(msg)
        url = checked_base_url(settings.base_url, f"connections.{name}")
        local = is_loopback(urlsplit(url).hostname or "")
        flight = settings.in_flight
        client = Client(url, settings.token.read, settings.timeout, seams)
        return RedmineConnection(client, (2.0 if local else 60.0) if flight is None else flight)


ADAPTER = RedmineAdapter()
