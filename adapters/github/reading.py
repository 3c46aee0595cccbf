"""Reading a repository's issues page by page.

Seek paging: oldest change first; the next request begins at the last change seen (inclusive), so
that an edit between two pages cannot push an unseen issue out. A full page of one and the same
second is followed by its second page.

While nothing changes, the same request with its entity tag costs one 304. A tag is kept only for
a page that is not full: a change appends to the list, and a full first page would never show it.

Lists lag behind writes, so the next request begins where nothing can be missing any more; what it
shows again unchanged is left out. Where more than a page would be shown again, a request of one
page serves meanwhile, and once everything must be visible the whole stretch is read again, once.
"""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

from adapters.base import Broken, Comment
from adapters.errors import Transient
from adapters.github.client import Client
from adapters.github.place import BEGINNING, Place, earlier, written
from adapters.transport import Answer
from mappings.item import Item
from mappings.problem import Problem

#: The share of a page that changes which are shown again may take, where there is a choice: the
#: rest is room for new ones.
KEPT: Final = 0.5
#: A guard against a server that never ends: 100,000 rows.
PAGES_AT_MOST: Final = 1000

Raw = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One page. ``place`` is where the next reading begins once this step was recorded."""

    items: tuple[Item, ...] = ()
    broken: tuple[Broken, ...] = ()
    place: Place
    last: bool = False
    server_time: datetime | None = None


@dataclass(slots=True)
class _Pass:
    """What one pass over the list has met so far."""

    marks: dict[str, str]
    moments: dict[str, str]
    high: int


def steps(client: Client, path: str, start: Place, read: Callable[[Raw], Item]) -> Iterator[Step]:
    """All changes since ``start``. ``path`` lists the repository's issues."""
    token = client.token_print
    etag = start.etag if start.token == token else ""
    met = _Pass(dict(start.seen), {}, start.high)
    begun, pending = start.since, start
    if start.again and written(client.clock.now()) >= start.again_at:
        begun, etag, pending = start.again, "", replace(start, again="", again_at="")
    since, page = begun, 1
    first: datetime | None = None
    for _ in range(PAGES_AT_MOST):
        answer = client.get(path, _query(since, page, client.options.page), etag)
        # A pass may take longer than lists lag: what its first page could not show yet counts.
        first = first or answer.date() or client.clock.now()
        if answer.status == HTTPStatus.NOT_MODIFIED:
            yield Step(place=start, last=True, server_time=answer.date())
            return
        etag = ""
        rows = rows_of(answer)
        items, broken = _mapped(rows, met, start.name, read)
        more = 'rel="next"' in answer.headers.get("link", "")
        place = replace(pending, since=since, etag="", token=token, high=met.high)
        if not more:
            place = _next(place, met, begun, written(first - client.overlap), client)
            if place.since == since and page == 1 and len(rows) < client.options.page:
                place = replace(place, etag=answer.headers.get("etag", ""))
        yield Step(
            items=items, broken=broken, place=place, last=not more, server_time=answer.date()
        )
        if not more:
            return
        end = str(rows[-1]["updated_at"]) if rows else since
        since, page = (since, page + 1) if end == since else (end, 1)
    raise Transient(Problem("E206", f"{start.name} lists more pages than there can be."))


def _next(place: Place, met: _Pass, begun: str, visible: str, client: Client) -> Place:
    """Where the next reading begins. ``place.since`` is where this one's last request did;
    whatever changed before ``visible`` shows in lists by now.
    """
    moments = sorted(met.moments.values(), reverse=True)
    if not moments:
        return place
    back = max(min(moments[0], visible), begun)
    since = min(place.since, back)
    shown = sum(moment >= since for moment in moments)
    kept = int(client.options.page * KEPT)
    if shown > kept:
        closer = min(max(since, earlier(moments[kept], -1)), moments[0])
        if closer <= back:
            since = closer
        elif shown >= client.options.page:
            later = earlier(moments[0], -client.overlap.total_seconds())
            again, at = place.again or back, place.again_at or later
            place, since = replace(place, again=again, again_at=at), closer
    seen = {
        number: mark
        for number, mark in met.marks.items()
        if met.moments.get(number, BEGINNING) >= since
    }
    return replace(place, since=since, seen=seen)


def _mapped(
    rows: list[Raw], met: _Pass, name: str, read: Callable[[Raw], Item]
) -> tuple[tuple[Item, ...], tuple[Broken, ...]]:
    items: list[Item] = []
    broken: list[Broken] = []
    for row in rows:
        number, moment = str(int(row["number"])), str(row["updated_at"])
        met.moments[number] = moment
        if "pull_request" in row:
            continue
        try:
            item = read(row)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            text = f"cannot be read ({type(error).__name__}: {error})."
            broken.append(Broken(number, Problem("E109", text, f"{name}#{number}")))
            continue
        mark = _mark(moment, item.revision)
        if met.marks.get(number) != mark:
            met.marks[number] = mark
            items.append(item)
    met.high = max([met.high, *[int(row["number"]) for row in rows]])
    return tuple(items), tuple(broken)


def _mark(updated_at: str, revision: str) -> str:
    """Differs when an issue says something new, also within one second."""
    return f"{zlib.crc32((updated_at + revision).encode()):08x}"


def all_of(client: Client, path: str, query: Raw | None = None) -> Iterator[Raw]:
    """Every row of a listing, page after page."""
    for page in range(1, PAGES_AT_MOST):
        answer = client.get(path, {**(query or {}), "per_page": client.options.page, "page": page})
        yield from rows_of(answer)
        if 'rel="next"' not in answer.headers.get("link", ""):
            return


def newest(client: Client, path: str, login: str, since: datetime) -> Iterator[Raw]:
    """Issues made by ``login`` at or after ``since`` (UTC), newest first."""
    query = {
        "state": "all",
        "sort": "created",
        "direction": "desc",
        "since": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "creator": login,
    }
    for row in all_of(client, path, query):
        if datetime.fromisoformat(row["created_at"]) < since:
            return
        if "pull_request" not in row:
            yield row


def rows_of(answer: Answer) -> list[Raw]:
    """The rows of a list. Raises Transient for anything else."""
    if not isinstance(answer.data, list) or not all(isinstance(one, dict) for one in answer.data):
        raise Transient(Problem("E206", "GitHub answered without a list."))
    return answer.data


def _query(since: str, page: int, size: int) -> Raw:
    query: Raw = {
        "state": "all",
        "sort": "updated",
        "direction": "asc",
        "per_page": size,
        "since": since,
    }
    return query | ({"page": page} if page > 1 else {})


def comment_of(raw: Raw) -> Comment:
    """One comment; its author may be gone."""
    by = (raw.get("user") or {}).get("login", "")
    said, at = raw.get("body") or "", raw.get("created_at")
    written_at = datetime.fromisoformat(at) if at else None
    return Comment(by, said, raw.get("html_url") or "", written_at)
