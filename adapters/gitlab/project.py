"""The issues of one GitLab project."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from adapters.base import (
    Capabilities,
    Check,
    Comment,
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
from adapters.gitlab.account import Accounts
from adapters.gitlab.client import Client, Options
from adapters.gitlab.finding import listed, numbered, over
from adapters.gitlab.home import Home
from adapters.gitlab.links import Links
from adapters.gitlab.native import Statuses, place_of, set_severity, statuses_in_use
from adapters.gitlab.notes import read_comments, write_note
from adapters.gitlab.place import Place
from adapters.gitlab.reading import Listed, Pass, changes_of
from adapters.transport import insist
from mappings import gitlab, gitlab_words
from mappings.item import Draft, Fields, Item, Patch, Ref, Unset
from mappings.problem import Problem
from mappings.profile import Profile
from mappings.proposal import with_labels, with_statuses
from mappings.vocabulary import Field

#: Between two proofs that an issue is not there, as a share of the time a request may be under way:
#: 30 s. A replica that lags answers 404 for an issue that was just made.
APART: Final = 0.25

#: What a create call cannot say, and requests after it do.
_LATER: Final = frozenset({Field.PHASE, Field.RESOLUTION, Field.SEVERITY})

Raw = dict[str, Any]
_T = TypeVar("_T")


def capabilities(options: Options) -> Capabilities:
    """What GitLab holds, and how far behind its lists may be."""
    return Capabilities(
        writes=frozenset(Field),
        notes=True,
        labels=True,
        cursor_grain=timedelta(milliseconds=1),
        overlap=timedelta(seconds=options.overlap),
        find_lag=timedelta(seconds=options.find_lag),
        title_limit=gitlab.TITLE_LIMIT,
        body_limit=gitlab.MIRROR.limit,
    )


class GitLabProject(Project):
    """One project, addressed by its number so that a rename changes nothing."""

    def __init__(self, client: Client, accounts: Accounts, name: str, profile: Profile) -> None:
        self.capabilities = capabilities(client.options)
        self.profile = profile
        self.home = Home(client, name, profile)
        self._client = client
        self._accounts = accounts
        self._links = Links(client, profile)
        self._statuses = Statuses(client, profile) if profile.phase.statuses else None
        self._reader: gitlab.IssueReader | None = None
        self._high: int | None = None

    def describe(self) -> ProjectInfo:
        return self.home.describe()

    def check(self) -> Iterator[Check]:
        yield from self.home.check()
        if self._statuses:
            kinds = [
                "issue",
                *(["incident"] if gitlab_words.writes_incidents(self.profile) else []),
            ]
            yield self._statuses.check(self.home.full_path, kinds)

    # --- reading -----------------------------------------------------------------------------

    def changed(self, cursor: Cursor | None) -> Iterator[Page]:
        place = Place.read(cursor)
        sweep = not self.home.here(place)
        reading = self.begin(self.home.look_again(self.home.start(place)))
        rows = changes_of(self._client, self._issues, reading.start.since)
        try:
            for part in rows:
                yield self.page(reading, part, part.rows, sweep=sweep)
        except Missing:
            raise self.home.unlisted() from None

    def begin(self, place: Place | None) -> Pass:
        """One pass over the changes since ``place``; all of them where that is not one of ours."""
        self.home.forget_labels()
        start = self.home.start(place)
        return Pass(start, self._followed, self.home.full_path)

    def page(self, reading: Pass, part: Listed, rows: Sequence[Raw], *, sweep: bool) -> Page:
        """What ``rows`` of a page tell of this project."""
        items, broken, gone = reading.take(self._complete_rows(rows), self._read)
        self._known(reading.high)
        self.home.full_path = reading.called(rows)
        return Page(
            items=items,
            broken=broken,
            moved=gone,
            notices=self.home.notices() if part.last else (),
            cursor=reading.place(part).write(),
            last=part.last,
            sweep=sweep,
            server_time=part.server_time,
        )

    @property
    def _issues(self) -> str:
        return f"{self.home.path}/issues"

    def _known(self, number: int) -> None:
        self._high = max(self._high or 0, number)

    def _followed(self, raw: Raw) -> bool:
        return gitlab_words.followed(raw, self.profile)

    def _read(self, raw: Raw) -> Item:
        key = self.home.full_path
        if self._reader is None or self._reader.key != key:
            self._reader = gitlab.IssueReader(self.profile, key)
        return self._reader(raw)

    def _complete_rows(self, rows: Sequence[Raw]) -> Sequence[Raw]:
        """The rows with their statuses, which the REST API does not tell."""
        if not self._statuses or not rows:
            return rows
        said = self._statuses.of(_path_of(rows[0]), [str(row["iid"]) for row in rows])
        return [row | {"status": said.get(str(row["iid"]))} for row in rows]

    def fetch(self, ref: Ref) -> Item | None:
        return self._read(self._raw(ref))

    def _raw(self, ref: Ref) -> Raw:
        """The issue's JSON. Raises Missing (E210) or Moved (E212)."""
        key = f"{self.home.full_path}#{ref.id}"
        try:
            raw = self._client.get(f"{self._issues}/{ref.id}").data
        except Missing:
            raise self.home.unseen(key) from None
        if not isinstance(raw, dict) or "iid" not in raw:
            raise self.home.unseen(key)
        if ref.birth and str(raw["id"]) != ref.birth:
            to = Ref(str(raw["iid"]), raw["web_url"])
            raise Moved(Problem("E212", f"{key} is another issue now."), to)
        if gitlab.moved(raw):
            raise self._moved(key, raw)
        return dict(self._complete_rows([raw])[0])

    def _moved(self, key: str, raw: Raw) -> Moved:
        """Where a moved issue lives now, in words people know."""
        to = place_of(self._client, raw["moved_to_id"])
        where = to.key if to else "a project that this token cannot see"
        remedy = "Move it back, or `unlink` it."
        return Moved(Problem("E212", f"{key} moved to {where}.", remedy=remedy), to)

    # --- after a lost answer -----------------------------------------------------------------

    def hint(self) -> str:
        return "" if self._high is None else str(self._high)

    def find(self, marker: str, since: datetime, hint: str) -> Found:
        """First in the list of our own issues, then number by number; see ``finding.py``."""
        self.home.look()
        found = listed(self._client, self._issues, self._accounts.me().id, marker, since)
        if found or not hint:
            return Found(self._all_read(found))
        found, ended = numbered(self._client, self._issues, marker, int(hint))
        proved = ended and over(self._client, self.home.looked_at, since)
        again = timedelta(seconds=self._client.options.in_flight * APART)
        return Found(self._all_read(found), conclusive=proved, again=again)

    def _all_read(self, rows: list[Raw]) -> tuple[Item, ...]:
        """Items of what was found. Raises Moved for one that was made and then moved away."""
        for row in rows:
            if gitlab.moved(row):
                raise self._moved(f"{self.home.full_path}#{row['iid']}", row)
        return tuple(self._read(row) for row in self._complete_rows(rows))

    # --- writing -----------------------------------------------------------------------------

    def create(self, draft: Draft) -> Item:
        if isinstance(draft.parent, Ref):
            self._need_parent(draft.parent)
        payload = gitlab.new_issue(draft, self.profile, self._numbers(draft))
        self._refuse(payload, (), payload.get("labels", ""))
        answer = self._written("POST", self._issues, payload, {201}, creates=True)
        raw = _issue(answer, draft.marker)
        self._known(int(raw["iid"]))
        made = self._read(raw)
        try:
            return as_made(made, self._read(self._finish(raw, draft)), _LATER)
        except UnknownOutcome:
            raise  # open or closed: it must be read again before anybody judges it
        except AdapterError:
            # The issue is there, and what it lacks shows in what is returned. An error now would
            # say that it may not be there at all.
            return as_made(made, self._read(self._as_it_is(raw)), _LATER)

    def _as_it_is(self, raw: Raw) -> Raw:
        """The issue as it is now; as it was last seen, where even that cannot be told."""
        try:
            return self._raw(Ref(str(raw["iid"])))
        except AdapterError:
            return raw

    def _need_parent(self, parent: Ref) -> None:
        try:
            self._raw(parent)
        except (Missing, Moved) as error:
            raise Rejected(error.problem, Field.PARENT) from None

    def _finish(self, raw: Raw, draft: Draft) -> Raw:
        """What a create call cannot say: that it is closed already, its severity and status, and
        its link. Each of them may be said twice.
        """
        iid = str(raw["iid"])
        closing = gitlab.state_change(raw, draft, self.profile)
        if closing:
            raw = self._insist(lambda: self._put(iid, closing))
        raw = self._insist(lambda: self._severity(raw, draft))
        raw = self._insist(lambda: self._status(raw, draft))
        if isinstance(draft.parent, Ref):
            self._insist(lambda: self._link(iid, draft.parent))
        return raw

    def _insist(self, call: Callable[[], _T]) -> _T:
        """Send again what may be sent twice: it sets a value, whatever that was before."""
        return insist(self._client.clock, call)

    def update(self, ref: Ref, patch: Patch, expect: str | None) -> Item:
        numbers = self._numbers(patch)
        self._client.turn()
        raw = self._raw(ref)
        now = self._read(raw)
        if expect is not None and now.revision != expect:
            raise PreconditionFailed(Problem("E118", f"{now.ref.key} changed since it was read."))
        payload = gitlab.changed_issue(raw, patch, self.profile, numbers)
        self._refuse(payload, raw["labels"], payload.get("add_labels", ""))
        adopted = not isinstance(patch.parent, Unset) and patch.parent != now.parent
        if adopted:
            self._link(ref.id, patch.parent)
        if payload:
            raw = self._put(ref.id, payload) | {"status": raw.get("status")}
        raw = self._severity(raw, patch)
        raw = self._status(raw, patch)
        if adopted and isinstance(now.parent, Ref):
            self._links.drop(self._issues, self.home.id, ref.id, now.parent.id)
        return self._read(raw)

    def _put(self, iid: str, payload: Raw) -> Raw:
        return _issue(self._written("PUT", f"{self._issues}/{iid}", payload, {200}))

    def _link(self, iid: str, parent: Ref | None | Unset) -> None:
        if isinstance(parent, Ref):
            self._links.put(self._issues, self.home.id, iid, parent.id)

    def _severity(self, raw: Raw, fields: Fields) -> Raw:
        """The issue with the native severity that ``fields`` wants."""
        incident = raw.get("issue_type") == gitlab_words.INCIDENT
        wanted = gitlab_words.written_severity(fields, self.profile, incident=incident)
        if not wanted or wanted == (raw.get("severity") or gitlab_words.UNKNOWN):
            return raw
        stored = set_severity(self._client, _path_of(raw), str(raw["iid"]), wanted)
        return raw | {"severity": stored}

    def _status(self, raw: Raw, fields: Fields) -> Raw:
        """The issue with the status that ``fields`` wants; read anew, as that may close it."""
        if self._statuses is None:
            return raw
        wanted = gitlab_words.status_for(fields, self.profile)
        if wanted and wanted.lower() != (raw.get("status") or "").lower():
            self._statuses.put(_path_of(raw), raw, wanted)
            return self._raw(Ref(str(raw["iid"])))
        return raw if "status" in raw else dict(self._complete_rows([raw])[0])

    def _written(
        self, verb: str, path: str, payload: object, good: set[int], *, creates: bool = False
    ) -> object:
        """What a write of an issue answered. Where one was to be made, none is lost from sight."""
        try:
            return self._client.write(verb, path, payload, good, creates=creates).data
        except Rejected as error:
            raise self.home.why(error) from None
        except (Missing, Moved) as error:
            if not creates:
                raise
            raise Rejected(error.problem) from None

    def _numbers(self, fields: Fields) -> dict[str, int]:
        return self._accounts.numbers(gitlab.people_in(fields, self.profile))

    def _refuse(self, payload: Raw, before: Iterable[str], added: str) -> None:
        """Say before it is sent what GitLab would refuse, or would do besides what is wanted."""
        stand = list(before)
        removed = set(str(payload.get("remove_labels", "")).split(","))
        after = [one for one in stand if one not in removed] + [
            one for one in added.split(",") if one
        ]
        wrong = gitlab.too_long(payload) or gitlab_words.clash(stand, after, self.profile)
        if wrong:
            raise Rejected(*wrong)

    def note(self, ref: Ref, key: str, text: str) -> None:
        path = f"{self._issues}/{ref.id}/notes"
        try:
            write_note(self._client, self._accounts, path, key, text)
        except Rejected as error:
            raise self.home.why(error) from None

    def tag(self, ref: Ref, name: str, *, on: bool) -> Item:
        raw = self._raw(ref)
        same = [one for one in raw["labels"] if one.lower() == name.lower()]
        if bool(same) == on:
            return self._read(raw)
        if on and (
            wrong := gitlab_words.clash(raw["labels"], [*raw["labels"], name], self.profile)
        ):
            raise Rejected(*wrong)
        payload = {"add_labels": name} if on else {"remove_labels": ",".join(same)}
        return self._read(self._put(ref.id, payload) | {"status": raw.get("status")})

    def comments(self, ref: Ref) -> Iterator[Comment]:
        yield from read_comments(self._client, f"{self._issues}/{ref.id}/notes")

    def lacks(self, changes: Iterable[Draft | Patch]) -> tuple[str, ...]:
        wanted: dict[str, None] = {}
        for change in changes:
            wanted |= dict.fromkeys(gitlab.wanted_labels(change, self.profile))
        if not wanted:
            return ()
        known = set(self.home.labels())
        return tuple(name for name in wanted if name not in known)

    def prepare(self, name: str) -> None:
        self.home.add_label(name)

    def propose(self, profile: Profile) -> Profile:
        """With the project's own labels and, where its tier has them, statuses."""
        self.home.look()
        respelled = with_labels(profile, self.home.labels())
        return with_statuses(respelled, statuses_in_use(self._client, self.home.full_path))

    def canonical(self, item: Item) -> Item:
        return gitlab.canonical(item, self.profile)


def _issue(data: object, marker: str = "") -> Raw:
    """The issue that a write answered with. Without it nobody knows what was stored; another one
    is what a redirected write would show.
    """
    if not isinstance(data, dict) or "iid" not in data or "labels" not in data:
        raise UnknownOutcome(Problem("E213", "GitLab answered without the issue."))
    if marker and marker not in (data.get("description") or ""):
        raise UnknownOutcome(Problem("E213", "GitLab answered with another issue."))
    return data


def _path_of(raw: Raw) -> str:
    """The full path of an issue's project as it is now: what GraphQL asks for."""
    return str(raw["references"]["full"]).rpartition("#")[0]
