"""Jira Cloud and Jira Data Center as a home for items."""

from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from pydantic import Field as Key
from pydantic import model_validator

from adapters.base import Connection
from adapters.credentials import SecretSource
from adapters.jira.connection import JiraConnection, Options
from adapters.jira.project import capabilities
from adapters.registry import Adapter
from adapters.seams import Seams
from adapters.wire import checked_base_url, is_loopback
from mappings.profile import Table

_GATEWAY: Final = "api.atlassian.com"
_CLOUD: Final = (".atlassian.net", ".jira.com")


class ServiceAccount(Table):
    """A service account's OAuth 2.0 client (Cloud)."""

    client_id: str = Key(description="the client's id")
    client_secret: SecretSource = Key(description="the client's secret")
    token_url: str = Key(
        default="https://auth.atlassian.com/oauth/token",
        description="where the client is given its tokens",
    )


class JiraSettings(Table):
    """``[connections.NAME]`` of a Jira site."""

    base_url: str = Key(
        description="the site's address, or https://api.atlassian.com/ex/jira/CLOUD-ID for a "
        "token with scopes and for service accounts"
    )
    deployment: Literal["cloud", "datacenter"] | None = Key(
        default=None, description="which Jira it is (told by the address, where that is plain)"
    )
    site: str = Key(default="", description="the address people see, where base_url is another")
    email: str = Key(default="", description="the account's e-mail address (Cloud, with a token)")
    token: SecretSource | None = Key(
        default=None, description="an API token (Cloud) or a personal access token (Data Center)"
    )
    service_account: ServiceAccount | None = Key(
        default=None, description="or a service account's client (Cloud)"
    )
    reserve: float = Key(
        default=0.1, ge=0, lt=1, description="share of the rate limit that is left for people"
    )
    write_interval: float | None = Key(
        default=None, ge=0, description="seconds between two writes (0.1; this machine: 0)"
    )
    timeout: int = Key(default=20, gt=0, description="seconds to wait for an answer")
    ca: Path | None = Key(default=None, description="a file of certificates to trust")
    overlap: float = Key(
        default=600, ge=60, description="seconds a reading reaches back (longest lag of searches)"
    )
    find_lag: float = Key(
        default=900, ge=0, description="seconds after which a lost issue is asked about"
    )
    in_flight: float | None = Key(
        default=None,
        ge=0,
        description="seconds after which a lost request cannot be under way any more "
        "(120; this machine: 2)",
    )

    @model_validator(mode="after")
    def _one_credential(self) -> "JiraSettings":
        if (self.token is None) == (self.service_account is None):
            msg = "give either `token` or `service_account`"
            raise ValueError(msg)
        return self


class JiraAdapter(Adapter):
    """Issues of Jira projects, on Cloud and Data Center."""

    name = "jira"
    title = "Jira issues"
    side = "right"
    Settings = JiraSettings
    capabilities = capabilities(Options(base_url=""))

    def connect(self, name: str, settings: Table, seams: Seams) -> Connection:
        """Makes no request. Raises ProblemError for an unsafe address (E202)."""
        if not isinstance(settings, JiraSettings):
            msg = "settings of another adapter"
            raise TypeError(msg)
        place = f"connections.{name}"
        url = checked_base_url(settings.base_url, place)
        account = settings.service_account
        if account is not None:
            checked_base_url(account.token_url, f"{place}.service_account")
        host = (urlsplit(url).hostname or "").lower()
        local = is_loopback(host)
        interval, flight = settings.write_interval, settings.in_flight
        site = checked_base_url(settings.site, place) if settings.site else url
        options = Options(
            base_url=url,
            cloud=settings.deployment == "cloud" if settings.deployment else _is_cloud(host),
            site="" if site == url and host == _GATEWAY else site,
            email=settings.email,
            token=settings.token.read if settings.token else None,
            client=account,
            reserve=settings.reserve,
            write_interval=(0.0 if local else 0.1) if interval is None else interval,
            timeout=settings.timeout,
            ca=str(settings.ca) if settings.ca else None,
            overlap=settings.overlap,
            find_lag=settings.find_lag,
            in_flight=(2.0 if local else 120.0) if flight is None else flight,
        )
        return JiraConnection(options, seams)


def _is_cloud(host: str) -> bool:
    return host == _GATEWAY or host.endswith(_CLOUD)


ADAPTER = JiraAdapter()
