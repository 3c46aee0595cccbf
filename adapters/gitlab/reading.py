"""Reading the issues of one project, or of all projects of a group, page by page.

Seek paging: oldest change first; the next request begins at the last change seen (inclusive), so
that an edit between two pages cannot push an unseen issue out. A full page of one and the same
millisecond is followed by its second page.

GitLab touches ``updated_at`` at most once a minute for labels and comments, and replicas lag. So
the next reading begins well before this one was made; what it shows again unchanged is left out.
"""

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from adapters.base import Broken
from adapters.errors import Transient
from adapters.gitlab.client import Client
from adapters.gitlab.place import Place, moment_of, written
from adapters.transport import Answer
from mappings.gitlab import moved
from mappings.item import Item
from mappings.problem import Problem

PAGE: Final = 100
#: A guard against a server that never ends: 100,000 rows.
PAGES_AT_MOST: Final = 1000

Raw = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One page of a listing. ``since`` is where its request began. ``visible``: whatever changed
    before this moment was to be seen from the first page on, with its final time. ``dated``:
    whether the server's clock says so, too.
    """

    rows: list[Raw]
    since: str
    last: bool
    server_time: datetime | None
    visible: str
    dated: bool


def changes_of(client: Client, path: str, begun: str, query: Raw | None = None) -> Iterator[Listed]:
    """All issues below ``path`` that changed at or after ``begun``, oldest change first."""
    since, page = begun, 1
    visible, dated = begun, False
    for count in range(PAGES_AT_MOST):
        asked = {**(query or {}), "scope": "all", "state": "all", "order_by": "updated_at"}
        asked |= {"sort": "asc", "updated_after": since, "per_page": PAGE}
        answer = client.get(path, asked | ({"page": page} if page > 1 else {}))
        rows, told = rows_of(answer), answer.date()
        more = 'rel="next"' in answer.headers.get("link", "")
        if count == 0:
            # By the server's clock and by ours: either may be wrong.
            ours = client.clock.now()
            visible, dated = written(min(told or ours, ours) - client.overlap), told is not None
        yield Listed(
            rows=rows, since=since, last=not more, server_time=told, visible=visible, dated=dated
        )
        if not more:
            return
        end = moment_of(str(rows[-1]["updated_at"])) if rows else since
        since, page = (since, page + 1) if end <= since else (end, 1)
    raise Transient(Problem("E206", "GitLab lists more pages than there can be."))


class Pass:
    """One pass over the changes of one project: what it met, and where the next one begins."""

    def __init__(self, start: Place, accept: Callable[[Raw], bool], key: str) -> None:
        self.start = start
        self.high = start.high
        self._accept = accept
        self._key = key
        self._marks = dict(start.seen)
        self._moments: dict[str, str] = {}

    def take(
        self, rows: Sequence[Raw], read: Callable[[Raw], Item]
    ) -> tuple[tuple[Item, ...], tuple[Broken, ...], frozenset[str]]:
        """What a page tells that was not told before. One unreadable issue stops nothing.

        A moved issue is only named, last: what it left behind looks closed, and nobody closed it.
        """
        gone: set[str] = set()
        items: list[Item] = []
        broken: list[Broken] = []
        for row in rows:
            iid = str(row["iid"])
            self.high = max(self.high, int(iid))
            self._moments[iid] = moment_of(str(row["updated_at"]))
            try:
                if moved(row):
                    gone.add(iid)
                    continue
                if not self._accept(row):
                    continue
                item = read(row)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                text = f"cannot be read ({type(error).__name__}: {error})."
                broken.append(Broken(iid, Problem("E109", text, f"{self._key}#{iid}")))
                continue
            mark = _mark(str(row["updated_at"]), item.revision)
            if self._marks.get(iid) != mark:
                self._marks[iid] = mark
                items.append(item)
        return tuple(items), tuple(broken), frozenset(gone)

    def called(self, rows: Sequence[Raw]) -> str:
        """The project's full path, as its issues name it: it may have been renamed."""
        for row in rows[-1:]:
            said = row.get("references")
            path = str(said.get("full") or "").rpartition("#")[0] if isinstance(said, dict) else ""
            self.start = replace(self.start, path=path or self.start.path)
        return self.start.path

    def place(self, listed: Listed) -> Place:
        """Where a reading goes on that is broken off after this page; or begins, after the last."""
        safe = self._safe(listed)
        since = max(self.start.since, safe if listed.last else min(safe, listed.since))
        seen = self.start.seen
        if listed.last:
            told = self._moments
            seen = {iid: mark for iid, mark in self._marks.items() if told.get(iid, "") >= since}
        return replace(self.start, since=since, high=self.high, seen=seen)

    def _safe(self, listed: Listed) -> str:
        """The moment up to which this pass cannot have missed anything.

        Counted from the first page: a pass may take longer than lists lag. Without the server's
        clock only what was seen counts.
        """
        newest = max(self._moments.values(), default=self.start.since)
        return listed.visible if listed.dated else min(listed.visible, newest)


def _mark(updated_at: str, revision: str) -> str:
    """Differs when an issue says something new, also within one moment."""
    return f"{zlib.crc32((updated_at + revision).encode()):08x}"


def all_of(client: Client, path: str, query: Raw | None = None) -> Iterator[Raw]:
    """Every row of a listing, page after page."""
    for page in range(1, PAGES_AT_MOST):
        answer = client.get(path, {**(query or {}), "per_page": PAGE, "page": page})
        yield from rows_of(answer)
        if 'rel="next"' not in answer.headers.get("link", ""):
            return


def newest(client: Client, path: str, author: int, since: datetime) -> Iterator[Raw]:
    """Issues made by the user ``author`` at or after ``since`` (UTC), newest first."""
    query = {
        "scope": "all",
        "state": "all",
        "order_by": "created_at",
        "sort": "desc",
        "created_after": written(since),
        "author_id": author,
    }
    return all_of(client, path, query)


def rows_of(answer: Answer) -> list[Raw]:
    """The rows of a list. Raises Transient for anything else."""
    if not isinstance(answer.data, list) or not all(isinstance(one, dict) for one in answer.data):
        raise Transient(Problem("E206", "GitLab answered without a list."))
    return answer.data
