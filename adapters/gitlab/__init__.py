"""GitLab.com, GitLab Dedicated and self-managed GitLab as a home for items."""

from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pydantic import Field as Key

from adapters.base import Connection
from adapters.credentials import SecretSource
from adapters.gitlab.connection import GitLabConnection, Options
from adapters.gitlab.project import capabilities
from adapters.registry import Adapter
from adapters.seams import Seams
from adapters.wire import checked_base_url, is_loopback
from mappings.profile import Table

_API: Final = "/api/v4"


class GitLabSettings(Table):
    """``[connections.NAME]`` of a GitLab site."""

    token: SecretSource = Key(description="a project, group or personal access token")
    base_url: str = Key(default="https://gitlab.com", description="the site's address")
    reserve: float = Key(
        default=0.1, ge=0, lt=1, description="share of the rate limit that is left for people"
    )
    write_interval: float | None = Key(
        default=None, ge=0, description="seconds between two writes (0.1; this machine: 0)"
    )
    timeout: int = Key(default=20, gt=0, description="seconds to wait for an answer")
    ca: Path | None = Key(default=None, description="a file of certificates to trust")
    overlap: float = Key(
        default=300,
        ge=60,
        description="seconds a reading reaches back (GitLab dates changes up to a minute early)",
    )
    find_lag: float = Key(
        default=300, ge=0, description="seconds after which a lost issue is asked about"
    )
    in_flight: float | None = Key(
        default=None,
        ge=0,
        description="seconds after which a lost request cannot be under way any more "
        "(120; this machine: 2)",
    )


class GitLabAdapter(Adapter):
    """Issues and incidents of GitLab projects."""

    name = "gitlab"
    title = "GitLab issues and incidents"
    side = "right"
    Settings = GitLabSettings
    capabilities = capabilities(Options(base_url=""))

    def connect(self, name: str, settings: Table, seams: Seams) -> Connection:
        """Makes no request. Raises ProblemError for an unsafe ``base_url`` (E202)."""
        if not isinstance(settings, GitLabSettings):
            msg = "settings of another adapter"
            raise TypeError(msg)
        url = checked_base_url(settings.base_url, f"connections.{name}").removesuffix(_API)
        local = is_loopback(urlsplit(url).hostname or "")
        interval = settings.write_interval
        flight = settings.in_flight
        options = Options(
            base_url=url,
            token=settings.token.read,
            reserve=settings.reserve,
            write_interval=(0.0 if local else 0.1) if interval is None else interval,
            timeout=settings.timeout,
            ca=str(settings.ca) if settings.ca else None,
            overlap=settings.overlap,
            find_lag=settings.find_lag,
            in_flight=(2.0 if local else 120.0) if flight is None else flight,
            paced=not local,
        )
        return GitLabConnection(options, seams)


ADAPTER = GitLabAdapter()
