"""Searching: all pages of one JQL query, and what each project learns from them.

JQL compares whole minutes in the account's own time zone, so the lower bound is relative to Jira's
own now ("-15m"), rounded outwards; there is never an upper one. Cloud pages by token. Data Center
pages by offset, the latest change first: an edit between two pages shows an issue twice and loses
none. A row that went away is made up for by stepping back.

Searches lag behind writes. The next reading begins where nothing can be missing any more, and what
it shows again unchanged is left out. Issues that were just written are named to Cloud's search,
which then shows them as they are.
"""

import math
import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from adapters.base import Broken
from adapters.errors import Transient
from adapters.jira.client import Client
from adapters.jira.place import Place, written
from mappings.item import Item
from mappings.jira_words import PROPERTY
from mappings.problem import Problem

#: A guard against a server that never ends: 500,000 issues.
PAGES_AT_MOST: Final = 5000
#: Cloud takes this many in ``reconcileIssues``.
RECONCILED_AT_MOST: Final = 50
#: A query's bound is whole minutes and one more; so much may be shown again besides the overlap.
WIDER: Final = timedelta(minutes=3)
_CLOUD: Final = "/api/2/search/jql"
_DATA_CENTER: Final = "/api/2/search"
#: What is asked of an issue; without it Jira sends everything there is.
FIELDS: Final = (
    *("summary", "description", "status", "resolution", "priority", "issuetype", "labels"),
    *("assignee", "creator", "duedate", "parent", "issuelinks", "project", "created", "updated"),
    *("resolutiondate", "archiveddate"),
)

Raw = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of a search. ``server_time`` is Jira's clock, UTC."""

    rows: tuple[Raw, ...]
    last: bool
    server_time: datetime | None


@dataclass(slots=True)
class Question:
    """What is searched for. ``projects`` are numbers; ``since`` None asks for everything.

    ``fresh`` are ids of issues that were just written.
    """

    projects: Sequence[str]
    since: datetime | None
    fields: Sequence[str] = FIELDS
    fresh: Sequence[str] = ()
    also: str = ""

    def jql(self, now: datetime) -> str:
        """The query, its bound in minutes before ``now`` (Jira's clock)."""
        parts = [f"project in ({','.join(self.projects)})"]
        if self.since is not None:
            parts.append(f'updated >= "-{minutes(self.since, now)}m"')
        return " AND ".join([*parts, *([self.also] if self.also else [])])


def minutes(since: datetime, now: datetime) -> int:
    """Whole minutes from ``since`` to ``now``, and one more: Jira cuts seconds off."""
    return max(0, math.ceil((now - since).total_seconds() / 60)) + 1


def pages(client: Client, asked: Question) -> Iterator[Listed]:
    """Every page. A first page that was asked for by a wrong clock is asked for again."""
    search = _by_token if client.options.cloud else _by_offset
    guessed = client.now()
    listing = search(client, asked, guessed)
    first = next(listing)
    real = first.server_time or guessed
    if asked.since is not None and minutes(asked.since, real) > minutes(asked.since, guessed):
        yield from search(client, asked, real)
        return
    yield first
    yield from listing


def _by_token(client: Client, asked: Question, now: datetime) -> Iterator[Listed]:
    query = _query(asked, f"{asked.jql(now)} ORDER BY updated ASC", client.options.page)
    if asked.fresh:
        query["reconcileIssues"] = list(asked.fresh)[-RECONCILED_AT_MOST:]
    used: set[str] = set()
    for _ in range(PAGES_AT_MOST):
        answer = client.get(_CLOUD, query)
        data = _page(answer.data)
        token = str(data.get("nextPageToken") or "")
        last = bool(data.get("isLast")) or not token
        yield Listed(tuple(data["issues"]), last, answer.date())
        if last:
            return
        if token in used:
            break
        used.add(token)
        query["nextPageToken"] = token
    raise Transient(Problem("E206", "the search has more pages than there can be.", client.host))


def _by_offset(client: Client, asked: Question, now: datetime) -> Iterator[Listed]:
    query = _query(asked, f"{asked.jql(now)} ORDER BY updated DESC, key DESC", client.options.page)
    start, total = 0, 0
    for _ in range(PAGES_AT_MOST):
        answer = client.get(_DATA_CENTER, query | {"startAt": start})
        data = _page(answer.data)
        count = int(data.get("total") or 0)
        if count < total:
            # Something went away while we read: what followed it moved up.
            start, total = max(0, start - (total - count)), count
            continue
        total = count
        start += len(data["issues"])
        last = start >= total or not data["issues"]
        yield Listed(tuple(data["issues"]), last, answer.date())
        if last:
            return
    raise Transient(Problem("E206", "the search has more pages than there can be.", client.host))


def _query(asked: Question, jql: str, size: int) -> Raw:
    return {
        "jql": jql,
        "maxResults": size,
        "fields": ",".join(asked.fields),
        "properties": PROPERTY,
    }


def _page(data: object) -> Raw:
    issues = data.get("issues") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(issues, list):
        raise Transient(Problem("E206", "Jira answered a search without issues."))
    if not all(isinstance(one, dict) and "id" in one for one in issues):
        raise Transient(Problem("E206", "Jira answered a search with what is no issue."))
    return data


@dataclass(slots=True)
class Pass:
    """What one reading of one project has met so far. ``began`` is Jira's clock at its start."""

    start: Place
    read: Callable[[Raw], Item]
    began: datetime | None = None
    marks: dict[str, str] = field(default_factory=dict)
    moments: dict[str, datetime] = field(default_factory=dict)
    high: int = 0

    def __post_init__(self) -> None:
        self.marks = dict(self.start.seen)
        self.high = self.start.high

    def take(self, page: Listed) -> tuple[tuple[Item, ...], tuple[Broken, ...]]:
        """What is new on a page of the project's own rows."""
        self.began = self.began or page.server_time
        items: list[Item] = []
        broken: list[Broken] = []
        for row in page.rows:
            number = str(row["id"])
            key = str(row.get("key") or number)
            self.high = max(self.high, number_of(key))
            try:
                item = self.read(row)
                moment = str(row["fields"]["updated"])
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                text = f"cannot be read ({type(error).__name__}: {error})."
                broken.append(Broken(number, Problem("E109", text, key)))
                continue
            mark = f"{zlib.crc32((moment + item.revision).encode()):08x}"
            if item.updated_at is not None:
                self.moments[number] = item.updated_at
            if self.marks.get(number) != mark:
                self.marks[number] = mark
                items.append(item)
        return tuple(items), tuple(broken)

    def end(self, client: Client) -> Place:
        """Where the next reading begins, once this one was complete."""
        since = max(self.start.since, written(self.began or client.now()))
        shown = datetime.fromisoformat(since) - client.overlap - WIDER
        kept = {
            number: self.marks[number] for number, moment in self.moments.items() if moment >= shown
        }
        return replace(self.start, since=since, high=self.high, seen=kept)


class Fresh:
    """Issues that were written lately, which searches may show as they were before. Shared."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._ids: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def add(self, number: str) -> None:
        """The issue was just written."""
        with self._lock:
            self._ids.pop(number, None)
            self._ids[number] = self._client.clock.now()

    def ids(self) -> list[str]:
        """Those that a search may not show yet, the latest last."""
        since = self._client.clock.now() - self._client.overlap
        with self._lock:
            self._ids = {number: at for number, at in self._ids.items() if at >= since}
            return list(self._ids)


def bound_of(place: Place, client: Client) -> datetime:
    """From when on the next search must show changes (Jira's clock)."""
    return datetime.fromisoformat(place.since) - client.overlap


def number_of(key: str) -> int:
    """The number in an issue's key: 12 for PAY-12; 0 where there is none."""
    tail = key.rpartition("-")[2]
    return int(tail) if tail.isdecimal() else 0
