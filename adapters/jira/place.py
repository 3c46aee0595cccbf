"""Where a reading of one project stands: the cursor, written and read."""

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Final

from adapters.base import Cursor

#: Before anything was ever changed in a Jira.
BEGINNING: Final = "1970-01-01T00:00:00.000Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """``since`` is when, by Jira's clock, the last complete reading began; the next one reaches
    further back by the search's lag. ``seen``: what was already told of the issues that it will
    show again. ``high``: the highest number in a key. ``home`` and ``name`` say which site and
    project this is about, ``project`` the project's number.
    """

    home: str = ""
    name: str = ""
    project: str = ""
    since: str = BEGINNING
    high: int = 0
    seen: dict[str, str] = field(default_factory=dict)

    def write(self) -> Cursor:
        """As text to be kept."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def read(cls, cursor: Cursor | None) -> "Place | None":
        """None for no cursor and for one that is not ours: everything is read then."""
        try:
            values = json.loads(cursor or "")
            place = cls(**values)
            datetime.fromisoformat(place.since)
        except (ValueError, TypeError):
            return None
        return place


def written(moment: datetime) -> str:
    """A time in UTC and milliseconds. Such texts sort by time."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"
