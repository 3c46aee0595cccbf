"""What was asked, in order: for tests, benches and whoever looks at a rehearsal."""

import json
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

#: Requests kept in full; the counts go on for ever.
KEPT: Final = 20_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One request and what became of it. ``who`` is a login, never a credential."""

    at: datetime
    who: str
    method: str
    path: str
    query: str
    status: int
    fault: str = ""
    body: bytes = field(default=b"", repr=False)
    headers: dict[str, str] = field(default_factory=dict, repr=False)

    def json(self) -> object:
        """The request's body, read as JSON."""
        return json.loads(self.body)


class RequestLog:
    """The requests served so far; the oldest are dropped beyond :data:`KEPT`."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self.total = 0
        self.by_status: Counter[int] = Counter()
        self.by_method: Counter[str] = Counter()

    def add(self, entry: Entry) -> None:
        """Record one request."""
        self._entries.append(entry)
        self.total += 1
        self.by_status[entry.status] += 1
        self.by_method[entry.method] += 1

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self.total = 0
        self.by_status.clear()
        self.by_method.clear()

    def __iter__(self) -> Iterator[Entry]:
        return iter(tuple(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, index: int) -> Entry:
        return self._entries[index]

    def writes(self) -> list[Entry]:
        """Requests that were meant to change something."""
        return [entry for entry in self if entry.method not in {"GET", "HEAD"}]
