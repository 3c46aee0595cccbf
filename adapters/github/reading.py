"""Reading a repository's issues page by page (clients.md §1.1, §1.5).

Seek paging: oldest change first, the next request begins at the last change seen (inclusive,
duplicates dropped), so that an edit between two pages cannot push an unseen issue out. While
nothing changes, ``since`` stays frozen: the same URL with its entity tag costs one 304.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from adapters.base import Broken, Cursor, Page
from adapters.errors import Transient
from adapters.github.client import Client
from adapters.transport import Answer
from mappings import github
from mappings.item import Item
from mappings.problem import Problem
from mappings.profile import Profile

PAGE: Final = 100
#: A guard against a server that never ends: 100,000 issues.
PAGES_AT_MOST: Final = 1000


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a reading stands. ``high``: the highest issue number seen."""

    since: str = ""
    etag: str = ""
    token: str = ""
    high: int = 0
    repository: int = 0

    @classmethod
    def read(cls, cursor: Cursor) -> "_Place":
        return cls(**json.loads(cursor))

    def write(self) -> Cursor:
        return json.dumps(
            {
                "since": self.since,
                "etag": self.etag,
                "token": self.token,
                "high": self.high,
                "repository": self.repository,
            }
        )


class Reader:
    """Reads one repository. ``high`` and ``repository`` are kept between calls."""

    def __init__(self, client: Client, profile: Profile, name: str) -> None:
        self._client = client
        self._name = name
        #: One issue's JSON as an item.
        self.read = github.IssueReader(profile, name)
        self.high = 0
        self.repository = 0

    def pages(self, cursor: Cursor | None, base: Callable[[], str]) -> Iterator[Page]:
        """All changes since ``cursor``; everything when it is None."""
        start = _Place.read(cursor) if cursor else _Place()
        self.high = max(self.high, start.high)
        self.repository = start.repository or self.repository
        path = base()
        number = int(path.rsplit("/", 1)[-1])
        token = self._client.token_print
        etag = start.etag if start.token == token and start.repository == number else ""
        answer = self._client.get(f"{path}/issues", _query(start.since), etag)
        if answer.status == 304:  # noqa: PLR2004  HTTP
            yield Page(cursor=cursor, last=True, server_time=answer.date())
            return
        self.repository = number
        first = answer.headers.get("etag", "")
        latest = start.since
        seen: set[tuple[int, str]] = set()
        since, page = start.since, 1
        for _ in range(PAGES_AT_MOST):
            rows = _rows(answer)
            items, broken = self._mapped(rows, seen)
            latest = max([latest, *(str(row["updated_at"]) for row in rows)])
            if len(rows) < PAGE:
                unmoved = _since(latest, self._client.options.overlap) == start.since
                place = _Place(
                    start.since if unmoved else _since(latest, self._client.options.overlap),
                    first if unmoved else "",
                    token,
                    self.high,
                    number,
                )
                yield Page(
                    items=items,
                    broken=broken,
                    cursor=place.write(),
                    last=True,
                    sweep=cursor is None,
                    server_time=answer.date(),
                )
                return
            yield Page(items=items, broken=broken, server_time=answer.date())
            end = str(rows[-1]["updated_at"])
            since, page = (since, page + 1) if end == since else (end, 1)
            answer = self._client.get(f"{path}/issues", _query(since, page))
        raise Transient(Problem("E206", f"{self._name} lists more pages than there can be."))

    def _mapped(
        self, rows: list[dict[str, Any]], seen: set[tuple[int, str]]
    ) -> tuple[tuple[Item, ...], tuple[Broken, ...]]:
        items, broken = [], []
        for row in rows:
            number = int(row["number"])
            self.high = max(self.high, number)
            mark = (number, str(row["updated_at"]))
            if mark in seen or "pull_request" in row:
                continue
            seen.add(mark)
            try:
                items.append(self.read(row))
            except (KeyError, TypeError, ValueError) as error:
                text = f"{self._name}#{number} cannot be read ({type(error).__name__}: {error})."
                broken.append(Broken(str(number), Problem("E121", text)))
        return tuple(items), tuple(broken)

    def newest(self, base: str, login: str, since: datetime) -> Iterator[Item]:
        """Issues made by ``login`` at or after ``since``, newest first."""
        query: dict[str, Any] = {
            "state": "all",
            "sort": "created",
            "direction": "desc",
            "since": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        if login:
            query["creator"] = login
        for row in self.all_of(f"{base}/issues", query):
            if datetime.fromisoformat(row["created_at"]) < since:
                return
            if "pull_request" not in row:
                yield self.read(row)

    def all_of(self, path: str, query: dict[str, Any] | None = None) -> Iterator[dict[str, Any]]:
        """Every row of a listing, page after page."""
        for page in range(1, PAGES_AT_MOST):
            rows = _rows(self._client.get(path, {**(query or {}), "per_page": PAGE, "page": page}))
            yield from rows
            if len(rows) < PAGE:
                return


def _rows(answer: Answer) -> list[dict[str, Any]]:
    if not isinstance(answer.data, list):
        raise Transient(Problem("E206", "GitHub answered without a list."))
    return answer.data


def _query(since: str, page: int = 1) -> dict[str, Any]:
    query: dict[str, Any] = {
        "state": "all",
        "sort": "updated",
        "direction": "asc",
        "per_page": PAGE,
    }
    if since:
        query["since"] = since
    if page > 1:
        query["page"] = page
    return query


def _since(latest: str, overlap: float) -> str:
    """The watermark: what the server last said, less the overlap (lists lag behind writes)."""
    if not latest:
        return ""
    moment = datetime.fromisoformat(latest) - timedelta(seconds=overlap)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
