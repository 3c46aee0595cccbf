"""The home itself: a class where other adapters have a server. Nothing here knows of items."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from adapters.seams import Clock
from mappings.vocabulary import Phase

#: Who our writes are by.
US: Final = "followthrough"
BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)


class HomeError(Exception):
    """The home says no; ``kind`` is what a status code is elsewhere."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One item as the home keeps it, in its own words. ``text`` holds our section and marker."""

    id: str
    title: str = ""
    text: str = ""
    status: str = "backlog"
    reason: str = ""
    priority: str = ""
    severity: str = ""
    category: str = ""
    people: tuple[str, ...] = ()
    parent: str = ""
    kind: str = "task"
    labels: frozenset[str] = frozenset()
    author: str = ""
    comments: tuple[tuple[str, str], ...] = ()
    created: datetime = BEGINNING
    updated: datetime = BEGINNING
    closed: datetime | None = None
    version: int = 0


@dataclass(slots=True)
class Trouble:
    """What goes wrong: the next write, every read after ``reads_left``, or everything."""

    lose_reply: bool = False
    refuse_write: bool = False
    reads_left: int | None = None
    everything: str = ""


@dataclass
class MemoryHome:
    """What a server is elsewhere. Times are whole seconds, as trackers keep them.

    ``documents``: it keeps documents, as the left end of a pair does: their text is theirs, and a
    reading tells what exists. ``hide`` is how long lists go without the changes made from now on.
    ``gone``: "deleted", "hidden" or "moved", by id.
    """

    clock: Clock
    documents: bool = False
    page_size: int = 50
    hide: timedelta = timedelta(0)
    trouble: Trouble = field(default_factory=Trouble)
    gone: dict[str, str] = field(default_factory=dict)
    _versions: dict[str, list[tuple[datetime, Record]]] = field(default_factory=dict)

    def listed(self, after: tuple[datetime, int]) -> tuple[list[Record], bool]:
        """The first page of what changed after a place, oldest first, and whether there is more."""
        self._served(reads=1)
        now = self.clock.now()
        shown = [
            [record for since, record in versions if since <= now][-1:]
            for name, versions in self._versions.items()
            if name not in self.gone
        ]
        rows = sorted((row for found in shown for row in found if place(row) > after), key=place)
        return rows[: self.page_size], len(rows) > self.page_size

    def get(self, name: str) -> Record:
        """One record as it is now, whatever lists show. Raises HomeError."""
        self._served(reads=1)
        return self._now(name)

    def names(self) -> frozenset[str]:
        """The ids of everything there is."""
        return frozenset(self._versions) - frozenset(self.gone)

    def next_id(self) -> str:
        """The id the next record gets; none is given twice."""
        return str(len(self._versions) + 1)

    def everything(self) -> dict[str, Record]:
        """Each record as it is now, the gone ones included."""
        return {name: versions[-1][1] for name, versions in self._versions.items()}

    def add(self, record: Record) -> Record:
        """Store a new record of ours under the next id."""
        with self._written():
            return self.keep(replace(record, id=self.next_id(), author=US))

    def put(self, record: Record, version: int | None) -> Record:
        """Replace a record if it still has this version (None: whatever it has)."""
        with self._written():
            if version not in {None, self._now(record.id).version}:
                raise HomeError("stale")
            return self.keep(record)

    def keep(self, record: Record) -> Record:
        """Store without further questions: what people at a browser do."""
        now = self._second()
        created = record.created if record.id in self._versions else now
        ended = record.status == Phase.COMPLETED
        closed = (record.closed or now) if ended else None
        version = record.version + 1
        record = replace(record, created=created, updated=now, closed=closed, version=version)
        shown_from = self.clock.now() + self.hide
        self._versions.setdefault(record.id, []).append((shown_from, record))
        return record

    def _now(self, name: str) -> Record:
        if name in self.gone or name not in self._versions:
            raise HomeError(self.gone.get(name, "hidden"))
        return self._versions[name][-1][1]

    def _second(self) -> datetime:
        return self.clock.now().replace(microsecond=0)

    def _served(self, reads: int = 0) -> None:
        trouble = self.trouble
        if trouble.everything:
            raise HomeError(trouble.everything)
        if reads and trouble.reads_left is not None:
            if trouble.reads_left < reads:
                raise HomeError("down")
            trouble.reads_left -= reads

    @contextmanager
    def _written(self) -> Iterator[None]:
        self._served()
        if self.trouble.refuse_write:
            self.trouble.refuse_write = False
            raise HomeError("refused")
        yield
        if self.trouble.lose_reply:
            self.trouble.lose_reply = False
            raise HomeError("lost")


def place(record: Record) -> tuple[datetime, int]:
    """Where a record stands in the list: by its last change, then by its number."""
    return record.updated, int(record.id)
