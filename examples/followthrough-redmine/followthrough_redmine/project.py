"""One project of a Redmine: it reads, writes one thing, and says truthfully what happened."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Final

from adapters.base import (
    Broken,
    Capabilities,
    Check,
    Cursor,
    Found,
    Page,
    Project,
    ProjectInfo,
    as_made,
)
from adapters.errors import (
    AdapterError,
    Missing,
    Moved,
    PreconditionFailed,
    Rejected,
    UnknownOutcome,
)
from adapters.transport import insist
from followthrough_redmine.client import Client
from followthrough_redmine.issues import (
    BODY_LIMIT,
    TITLE_LIMIT,
    Raw,
    canonical,
    changed_issue,
    new_issue,
    read_issue,
    revision,
    status_for,
)
from mappings.item import Draft, Item, Patch, Ref
from mappings.problem import Problem
from mappings.profile import Profile
from mappings.vocabulary import Field, Phase

#: Redmine gives 100 issues at most.
PAGE: Final = 100
#: Its lists come from the database itself; two seconds are for clocks that tick between them.
OVERLAP: Final = timedelta(seconds=2)
CAPABILITIES: Final = Capabilities(
    writes=frozenset(Field) - {Field.SEVERITY},
    overlap=OVERLAP,
    find_lag=timedelta(minutes=2),
    title_limit=TITLE_LIMIT,
    body_limit=BODY_LIMIT,
)
_BEGINNING: Final = "1970-01-01T00:00:00Z"
#: What a second request may have to say of a new issue.
_LATER: Final = frozenset({Field.PHASE, Field.RESOLUTION})


class RedmineProject(Project):
    """Issues in the pair's words."""

    capabilities = CAPABILITIES

    def __init__(
        self,
        client: Client,
        name: str,
        profile: Profile,
        me: Callable[[], str],
        in_flight: float,
        page: int = PAGE,
    ) -> None:
        self._client = client
        self._name = name
        self.profile = profile
        self._me = me
        self._page = page
        self._flight = timedelta(seconds=in_flight)

    def describe(self) -> ProjectInfo:
        raw = self._project
        return ProjectInfo(
            id=str(raw["id"]),
            key=raw["identifier"],
            url=f"{self._client.url}/projects/{raw['identifier']}",
            public=raw.get("is_public"),
            archived=raw.get("status") == 5,  # noqa: PLR2004  Redmine: 1 active, 5 closed
            statuses=tuple(self._statuses),
            priorities=tuple(self._priorities),
            people=tuple(self._people),
        )

    def check(self) -> Iterator[Check]:
        yield from super().check()
        try:
            for phase in Phase:
                word = status_for(phase, None, self.profile)
                known = word in self._statuses
                remedy = f'Name a status for it in the profile: phase.statuses.{phase} = ["…"].'
                detail = f"{phase}: {word}" if word else f"{phase} has no status"
                yield Check("status", known, detail, "" if known else remedy)
        except AdapterError as error:
            yield Check("status", ok=False, detail=str(error), remedy=error.problem.remedy)

    # --- reading -----------------------------------------------------------------------------

    def changed(self, cursor: Cursor | None) -> Iterator[Page]:
        """Seek paging: each request begins at the last change seen, so that an edit between two
        pages pushes nothing out of sight. What is seen again unchanged is left out.
        """
        place = _place(cursor)
        since, high, offset = place.since, place.high, 0
        seen = dict(place.seen)
        for _ in range(10_000):
            answer = self._client.get("/issues.json", self._query(since, offset))
            rows: list[Raw] = answer.data["issues"]
            marks = {str(row["id"]): (row["updated_on"], revision(row)) for row in rows}
            fresh = [row for row in rows if seen.get(str(row["id"])) != marks[str(row["id"])]]
            seen |= marks
            items, broken = self._read_all(fresh)
            last = answer.data["total_count"] <= offset + len(rows)
            end = rows[-1]["updated_on"] if rows else since
            high = max(high, end)
            yield Page(
                items=items,
                broken=broken,
                cursor=_Place(high, seen).written(),
                last=last,
                sweep=place.fresh,
                server_time=answer.time,
            )
            if last:
                return
            # Redmine keeps parts of a second and shows none: the last row may seem older.
            since, offset = (since, offset + len(rows)) if end <= since else (end, 0)

    def _query(self, since: str, offset: int) -> Raw:
        return {
            "project_id": self._project["id"],
            "subproject_id": "!*",
            "status_id": "*",
            "sort": "updated_on,id",
            "limit": self._page,
            "offset": offset,
            "updated_on": f">={since}",
        }

    def fetch(self, ref: Ref) -> Item | None:
        return self._item(self._raw(ref))

    def find(self, marker: str, since: datetime, hint: str) -> Found:
        """Our newest issues. Redmine lists from its database: what is not there was not made, once
        no request can be under way any more.
        """
        began = (since - timedelta(minutes=2)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        found, offset = [], 0
        while True:
            answer = self._client.get(
                "/issues.json",
                {
                    "project_id": self._project["id"],
                    "status_id": "*",
                    "author_id": "me",
                    "sort": "id:desc",
                    "created_on": f">={began}",
                    "limit": PAGE,
                    "offset": offset,
                },
            )
            rows = answer.data["issues"]
            found += [row for row in rows if marker in (row.get("description") or "")]
            offset += len(rows)
            if not rows or answer.data["total_count"] <= offset:
                break
        now = min(answer.time or self._client.clock.now(), self._client.clock.now())
        items = tuple(self._item(row) for row in found)
        return Found(items, conclusive=now - since >= self._flight)

    # --- writing -----------------------------------------------------------------------------

    def create(self, draft: Draft) -> Item:
        self.capabilities.require(draft)
        payload = new_issue(draft, self.profile)
        self._refuse(payload)
        if isinstance(draft.parent, Ref):
            self._need(draft.parent)
        numbered = self._numbered(payload)
        body = {"issue": {"project_id": self._project["id"], **numbered}}
        raw = self._client.write("post", "/issues.json", body).data["issue"]
        made = self._item(raw)
        wanted = numbered.get("status_id", raw["status"]["id"])
        if raw["status"]["id"] == wanted:
            return made
        # Not every status may be the first one; the second request may be sent twice.
        path, later = f"/issues/{raw['id']}.json", {"issue": {"status_id": wanted}}
        try:
            insist(self._client.clock, lambda: self._client.write("put", path, later))
            return as_made(made, self._item(self._raw(made.ref)), _LATER)
        except UnknownOutcome:
            raise
        except AdapterError:
            return made

    def update(self, ref: Ref, patch: Patch, expect: str | None) -> Item:
        self.capabilities.require(patch)
        raw = self._raw(ref)
        if expect is not None and self._item(raw).revision != expect:
            raise PreconditionFailed(Problem("E118", f"#{ref.id} changed since it was read."))
        payload = changed_issue(raw, patch, self.profile)
        self._refuse(payload)
        if isinstance(patch.parent, Ref):
            self._need(patch.parent)
        if payload:
            body = {"issue": self._numbered(payload)}
            self._client.write("put", f"/issues/{ref.id}.json", body)
        return self._item(self._raw(ref))

    def canonical(self, item: Item) -> Item:
        return canonical(item, self.profile)

    # --- parts -------------------------------------------------------------------------------

    def _read_all(self, rows: list[Raw]) -> tuple[tuple[Item, ...], tuple[Broken, ...]]:
        items, broken = [], []
        for row in rows:
            try:
                items.append(self._item(row))
            except (KeyError, TypeError, ValueError) as error:
                text = f"cannot be read ({type(error).__name__}: {error})."
                broken.append(Broken(str(row.get("id")), Problem("E109", text)))
        return tuple(items), tuple(broken)

    def _item(self, raw: Raw) -> Item:
        return read_issue(raw, self.profile, self._client.url)

    def _raw(self, ref: Ref) -> Raw:
        raw: Raw = self._client.get(f"/issues/{ref.id}.json").data["issue"]
        if raw["project"]["id"] != self._project["id"]:
            text = f"#{ref.id} is in {raw['project']['name']} now."
            raise Moved(Problem("E212", text), Ref(ref.id, f"#{ref.id}"))
        return raw

    def _need(self, parent: Ref) -> None:
        try:
            self._raw(parent)
        except (Missing, Moved) as error:
            raise Rejected(error.problem, Field.PARENT) from None

    def _refuse(self, payload: Raw) -> None:
        """What would be refused or cut is refused here, before anything is sent."""
        if len(payload.get("subject", "x")) > TITLE_LIMIT:
            text = f"the title is longer than Redmine's {TITLE_LIMIT} characters."
            raise Rejected(Problem("E120", text, remedy="Shorten it."), Field.TITLE)
        if not payload.get("subject", "x").strip():
            raise Rejected(Problem("E120", "an issue needs a title."), Field.TITLE)

    def _numbered(self, payload: Raw) -> Raw:
        """Names replaced by the numbers that Redmine wants. Raises Rejected for an unknown one."""
        fields = (
            ("status", "status_id", self._statuses, Field.PHASE),
            ("priority", "priority_id", self._priorities, Field.PRIORITY),
            ("tracker", "tracker_id", self._trackers, Field.CATEGORY),
            ("assigned_to", "assigned_to_id", self._people, Field.OWNERS),
        )
        payload = dict(payload)
        for name, key, known, whose in fields:
            if name not in payload:
                continue
            word = payload.pop(name)
            if word in known:
                payload[key] = known[word]
            elif word or name != "assigned_to":
                text = f'this Redmine has no {name} "{word}" in {self._name}.'
                remedy = f"Known: {', '.join(known) or 'none'}. Change the profile."
                raise Rejected(Problem("E120", text, remedy=remedy), whose)
            else:
                payload[key] = ""
        return payload

    @cached_property
    def _project(self) -> Raw:
        path = f"/projects/{self._name}.json"
        found: Raw = self._client.get(path, {"include": "trackers"}).data["project"]
        return found

    @cached_property
    def _statuses(self) -> dict[str, int]:
        return _ids(self._client.get("/issue_statuses.json").data["issue_statuses"])

    @cached_property
    def _priorities(self) -> dict[str, int]:
        path = "/enumerations/issue_priorities.json"
        return _ids(self._client.get(path).data["issue_priorities"])

    @cached_property
    def _trackers(self) -> dict[str, int]:
        return _ids(self._project["trackers"])

    @cached_property
    def _people(self) -> dict[str, int]:
        path = f"/projects/{self._project['id']}/memberships.json"
        rows = self._client.get(path, {"limit": PAGE}).data["memberships"]
        return _ids([row["user"] for row in rows if "user" in row])


@dataclass(frozen=True, slots=True)
class _Place:
    """How far a reading came: the last change seen, and the ids of what changed shortly before."""

    high: str = _BEGINNING
    seen: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    fresh: bool = False

    @property
    def since(self) -> str:
        """Where the next reading begins: transactions may end in another order than they began."""
        if self.high == _BEGINNING:
            return self.high
        begins = datetime.fromisoformat(self.high) - OVERLAP
        return begins.strftime("%Y-%m-%dT%H:%M:%SZ")

    def written(self) -> Cursor:
        """As a cursor, with only what the next reading will be shown again."""
        seen = {number: mark for number, mark in self.seen.items() if mark[0] >= self.since}
        return json.dumps({"high": self.high, "seen": seen})


def _place(cursor: Cursor | None) -> _Place:
    """A cursor that means nothing here is none."""
    try:
        said = json.loads(cursor or "")
        datetime.fromisoformat(said["high"])
        seen = {str(number): (mark[0], mark[1]) for number, mark in said["seen"].items()}
        return _Place(said["high"], seen)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError):
        return _Place(fresh=True)


def _ids(rows: list[dict[str, Any]]) -> dict[str, int]:
    return {row["name"]: row["id"] for row in rows}
