"""GitHub.com, GitHub Enterprise Server and GHE.com as a home for items."""

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field as Key
from pydantic import model_validator

from adapters.base import Connection
from adapters.credentials import SecretSource
from adapters.github.connection import GitHubConnection, Options
from adapters.github.project import capabilities
from adapters.registry import Adapter
from adapters.seams import Seams
from adapters.wire import checked_base_url, is_loopback
from mappings.profile import Table


class AppSettings(Table):
    """A GitHub App's installation: better limits than a person's token, and its own name."""

    app_id: int = Key(description="the App's id")
    installation_id: int = Key(description="its installation in your organisation")
    private_key: SecretSource = Key(description="the App's private key in PEM form")


class GitHubSettings(Table):
    """``[connections.NAME]`` of a GitHub host."""

    token: SecretSource | None = Key(default=None, description="a personal access token")
    app: AppSettings | None = Key(default=None, description="or a GitHub App")
    base_url: str = Key(
        default="https://api.github.com",
        description="the API's address; Enterprise Server: https://HOST/api/v3",
    )
    reserve: float = Key(
        default=0.1, ge=0, lt=1, description="share of the rate limit that is left for people"
    )
    write_interval: float | None = Key(
        default=None, ge=0, description="seconds between two writes (1; this machine: 0)"
    )
    timeout: int = Key(default=20, gt=0, description="seconds to wait for an answer")
    ca: Path | None = Key(default=None, description="a file of certificates to trust")
    overlap: float = Key(
        default=600, ge=0, description="seconds a reading reaches back (longest lag of lists seen)"
    )
    find_lag: float = Key(
        default=900, ge=0, description="seconds after which a lost issue is asked about"
    )
    in_flight: float | None = Key(
        default=None,
        ge=0,
        description="seconds after which a lost request cannot be under way any more "
        "(60; this machine: 2)",
    )

    @model_validator(mode="after")
    def _one_credential(self) -> "GitHubSettings":
        if (self.token is None) == (self.app is None):
            msg = "give either `token` or `app`"
            raise ValueError(msg)
        return self


class GitHubAdapter(Adapter):
    """Issues of GitHub repositories."""

    name = "github"
    title = "GitHub issues"
    side = "right"
    Settings = GitHubSettings
    capabilities = capabilities(Options(base_url=""))

    def connect(self, name: str, settings: Table, seams: Seams) -> Connection:
        """Makes no request. Raises ProblemError for an unsafe ``base_url`` (E202)."""
        if not isinstance(settings, GitHubSettings):
            msg = "settings of another adapter"
            raise TypeError(msg)
        url = checked_base_url(settings.base_url, f"connections.{name}")
        local = is_loopback(urlsplit(url).hostname or "")
        interval = settings.write_interval
        flight = settings.in_flight
        options = Options(
            base_url=url,
            token=settings.token.read if settings.token else None,
            app=settings.app,
            reserve=settings.reserve,
            write_interval=(0.0 if local else 1.0) if interval is None else interval,
            timeout=settings.timeout,
            ca=str(settings.ca) if settings.ca else None,
            overlap=settings.overlap,
            find_lag=settings.find_lag,
            in_flight=(2.0 if local else 60.0) if flight is None else flight,
            paced=not local,
        )
        return GitHubConnection(options, seams)


ADAPTER = GitHubAdapter()
