"""``[notify.NAME]``: one channel, and what it is told."""

from datetime import time
from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator
from pydantic import Field as Key

from adapters.credentials import SecretSource
from mappings.profile import Table
from sync.rules.model import Level
from sync.rules.terms import RuleName

Rhythm: TypeAlias = Literal["off", "daily", "weekly"]


def parse_hour(value: object) -> time:
    """``"08:00"``. Raises ValueError for anything else."""
    if isinstance(value, time):
        return value
    try:
        hour, minute = str(value).split(":")
        return time(int(hour), int(minute))
    except ValueError:
        message = 'a time of day is written like "08:00" (UTC)'
        raise ValueError(message) from None


class ChannelSettings(Table):
    """One channel. Its address holds credentials, so it never stands in the file."""

    url: SecretSource = Key(description="the channel's address, as apprise writes it")
    pairs: tuple[str, ...] = Key(default=(), description="only these pairs; all when empty")
    rules: tuple[RuleName, ...] = Key(default=(), description="only these rules; all when empty")
    level: Level = Key(default=Level.DUE, description='the least: "info", "due" or "overdue"')
    each: bool = Key(default=True, description="whether each finding is told when it is found")
    digest: Rhythm = Key(
        default="weekly", description='all that is open: "off", "daily" or "weekly" (Mondays)'
    )
    at: Annotated[time, BeforeValidator(parse_hour)] = Key(
        default=time(8), description="when the digest is sent (UTC)"
    )
    together: int = Key(
        default=3, ge=1, description="more findings than this at once are one message"
    )
    per_hour: int = Key(default=10, ge=1, description="messages in an hour, at most")
