"""Where a reading of one project stands: the cursor, written and read."""

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Final

from adapters.base import Cursor

#: Before anything can have changed: where a sweep begins.
BEGINNING: Final = "1970-01-01T00:00:00.000Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """``since`` is where the next request begins. ``seen``: what was already told of the issues
    that it will show again. ``high``: the highest number known. ``home`` and ``name`` say which
    host and project this is about, ``project`` and ``path`` what it was found to be when it was
    ``looked`` at (by our clock).
    """

    home: str = ""
    name: str = ""
    project: int = 0
    path: str = ""
    looked: str = BEGINNING
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
        except (ValueError, TypeError):
            return None
        return place


def written(moment: datetime) -> str:
    """A time in UTC and milliseconds, as GitLab compares it. Such texts sort by time."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def moment_of(text: str) -> str:
    """A time of GitLab's, in whatever zone its site is set to, in the same form."""
    if text.endswith("Z") and len(text) == len(BEGINNING):
        return text
    moment = datetime.fromisoformat(text)
    return written(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
