"""Who we are at a site, and what kind of site it is."""

from dataclasses import dataclass
from datetime import datetime

from adapters.base import Description
from adapters.errors import AuthFailed
from adapters.jira.client import Client
from mappings.problem import Problem


@dataclass(frozen=True, slots=True)
class Me:
    """Our account: ``login`` is its account id on Cloud, its name on Data Center."""

    login: str
    name: str = ""
    zone: str = ""


class Accounts:
    """What is known of our account; asked for once."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._me: Me | None = None

    def me(self) -> Me:
        """Who we are; asked for once."""
        if self._me is None:
            self._me = self._ask()[1]
        return self._me

    def _ask(self) -> tuple[datetime | None, Me]:
        answer = self._client.get("/api/2/myself")
        data = answer.data if isinstance(answer.data, dict) else {}
        login = str(data.get("accountId" if self._client.options.cloud else "name") or "")
        if not login:
            there = "datacenter" if data.get("name") else "cloud"
            text = f"{self._client.host} names people in another way than was expected."
            remedy = f'Set deployment = "{there}".'
            raise AuthFailed(Problem("E203", text, remedy=remedy))
        zone = str(data.get("timeZone") or "")
        return answer.date(), Me(login, str(data.get("displayName") or ""), zone)

    def describe(self) -> Description:
        """Who we are, and what the site tells of itself. Raises AuthFailed."""
        server_time, self._me = self._ask()
        data = self._client.get("/api/2/serverInfo").data
        info = data if isinstance(data, dict) else {}
        kind = str(info.get("deploymentType") or "")
        return Description(
            adapter="jira",
            user=self._me.login,
            url=str(info.get("baseUrl") or self._client.options.base_url),
            version=" ".join(one for one in (kind, str(info.get("version") or "")) if one),
            server_time=server_time,
        )
