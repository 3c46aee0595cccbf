"""Where a reading of one repository stands: the cursor, written and read."""

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from adapters.base import Cursor

#: GitHub takes times from here on; a sweep begins here, so that it, too, has an address to
#: which an entity tag belongs.
BEGINNING: Final = "1970-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """``since`` is where the next request begins, ``etag`` what that same request said last
    (good for one token only). ``seen``: what was already told of the issues that it will show
    again. ``again`` is where one more look begins, at ``again_at`` (UTC) or later: lists lag, and
    more had changed than one page can show again. ``high``: the highest number known. ``board``:
    each card's column, by issue number. ``home`` and ``name`` say which host and repository this
    is about.
    """

    home: str = ""
    name: str = ""
    repository: int = 0
    full_name: str = ""
    since: str = BEGINNING
    etag: str = ""
    token: str = ""
    high: int = 0
    again: str = ""
    again_at: str = ""
    seen: dict[str, str] = field(default_factory=dict)
    board: dict[str, str] = field(default_factory=dict)

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


def earlier(moment: str, seconds: float) -> str:
    """A time as GitHub writes it, ``seconds`` before another (after it, if negative)."""
    return written(datetime.fromisoformat(moment) - timedelta(seconds=seconds))


def written(moment: datetime) -> str:
    """A time as GitHub writes it, and none before it takes them. Such texts sort by time."""
    start = datetime.fromisoformat(BEGINNING)
    return max(moment.astimezone(UTC), start).strftime("%Y-%m-%dT%H:%M:%SZ")
