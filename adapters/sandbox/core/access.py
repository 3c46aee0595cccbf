"""Who knocks: tokens, what they may do, and when they stop being valid."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Literal


class Access(IntEnum):
    """What somebody may do in one project, from nothing to everything."""

    NONE = 0
    READ = 1
    TRIAGE = 2
    WRITE = 3
    ADMIN = 4


@dataclass(slots=True)
class Token:
    """One credential. Its secret shows in no text made of it.

    ``access`` names projects that differ from ``everywhere``. ``may_write`` is False for a
    token whose grant is "read" although its user might write. ``expires_at`` (UTC) and
    ``dies_after`` (requests) end it; ``barred`` refuses it as an organisation does.
    """

    secret: str = field(repr=False)
    login: str
    everywhere: Access = Access.ADMIN
    access: Mapping[str, Access] = field(default_factory=dict)
    scopes: tuple[str, ...] = ("project", "repo")
    may_write: bool = True
    app: bool = False
    expires_at: datetime | None = None
    dies_after: int | None = None
    barred: Literal["", "sso", "ip"] = ""
    used: int = 0

    def alive(self, now: datetime) -> bool:
        """Whether it is still accepted at ``now``."""
        in_time = self.expires_at is None or now < self.expires_at
        return in_time and (self.dies_after is None or self.used < self.dies_after)

    def on(self, project: str) -> Access:
        """What it may do in ``project``."""
        return self.access.get(project.lower(), self.everywhere)
