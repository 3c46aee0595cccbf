"""The issues of one repository."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from adapters.base import (
    Broken,
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
from adapters.github.answers import Gone
from adapters.github.board import Board
from adapters.github.client import Client, Options
from adapters.github.finding import given_since
from adapters.github.place import Place
from adapters.github.reading import all_of, comment_of, newest, steps
from adapters.github.repository import Repository
from adapters.transport import insist
from mappings import github
from mappings.inert import neutralise
from mappings.item import Draft, Item, Patch, Ref, Unset
from mappings.markers import note_marker
from mappings.problem import Problem
from mappings.profile import Profile
from mappings.text import fit
from mappings.vocabulary import Field, Phase

#: What a create call cannot say; see :meth:`GitHubProject.create`.
_LATER: Final = frozenset({Field.PHASE, Field.RESOLUTION, Field.PARENT})
#: How far before the create its issue may be dated: clocks differ, and requests take time.
EARLIER: Final = timedelta(seconds=120)
#: Between two proofs that an issue is not there, as a share of the time a request may be under way:
#: 15 s. A replica that lags answers 404 for an issue that was just made.
APART: Final = 0.25
#: A comment takes as much as a body.
_NOTE_MORE: Final = "*(cut)*"
#: Whose comment it is tells its author; the mark only tells our own comments apart.
_NOTE_SECRET: Final = b"followthrough"

Raw = dict[str, Any]


def capabilities(options: Options) -> Capabilities:
    """What GitHub holds, and how far behind its lists may be."""
    return Capabilities(
        writes=frozenset(Field),
        notes=True,
        labels=True,
        overlap=timedelta(seconds=options.overlap),
        find_lag=timedelta(seconds=options.find_lag),
        title_limit=github.TITLE_LIMIT,
        body_limit=github.MIRROR.limit,
    )


class GitHubProject(Project):
    """One repository, addressed by its number so that a rename changes nothing."""

    def __init__(
        self, client: Client, login: Callable[[], str], name: str, profile: Profile
    ) -> None:
        self.capabilities = capabilities(client.options)
        self.profile = profile
        self._client = client
        self._login = login
        self._repository = Repository(client, name, profile)
        self._board = Board(client, profile.phase.board) if profile.phase.board else None
        self._reader: github.IssueReader | None = None
        self._high: int | None = None

    def describe(self) -> ProjectInfo:
        return self._repository.describe()

    def check(self) -> Iterator[Check]:
        yield from self._repository.check()
        if self._board:
            yield self._board.check()

    # --- reading -----------------------------------------------------------------------------

    def changed(self, cursor: Cursor | None) -> Iterator[Page]:
        self._repository.forget_labels()
        place = Place.read(cursor)
        start = self._repository.start(place)
        sweep = start is not place
        if self._board:
            self._board.read(start.repository)
        told: set[str] = set()
        for step in steps(self._client, self._issues, start, self._read):
            items, broken, place = step.items, step.broken, step.place
            self._known(place.high)
            if self._board:
                told |= {item.ref.id for item in items}
            if step.last and self._board:
                moved, lost = self._moved_cards(start.board, told)
                items, broken = items + moved, broken + lost
                place = replace(place, board=self._board.columns())
            yield Page(
                items=items,
                broken=broken,
                cursor=place.write(),
                last=step.last,
                sweep=sweep,
                server_time=step.server_time,
            )

    @property
    def _issues(self) -> str:
        return f"{self._repository.path}/issues"

    def _known(self, number: int) -> None:
        self._high = max(self._high or 0, number)

    def _read(self, raw: Raw) -> Item:
        key = self._repository.full_name
        if self._reader is None or self._reader.key != key:
            self._reader = github.IssueReader(self.profile, key, self._repository.fields())
        item = self._reader(raw)
        return self._board.seen(item) if self._board else item

    def _moved_cards(
        self, before: dict[str, str], told: set[str]
    ) -> tuple[tuple[Item, ...], tuple[Broken, ...]]:
        """Issues whose card alone was moved: no list of issues shows them."""
        assert self._board is not None, "asked only where there is one"
        now = self._board.columns()
        items: list[Item] = []
        broken: list[Broken] = []
        for number in sorted({*before, *now} - told, key=int):
            if before.get(number) == now.get(number):
                continue
            try:
                items.append(self._read(self._raw(Ref(number))))
            except (Missing, Moved) as error:
                broken.append(Broken(number, error.problem))
        return tuple(items), tuple(broken)

    def fetch(self, ref: Ref) -> Item | None:
        try:
            raw = self._raw(ref)
        except Gone:
            return None
        if self._board:
            self._board.look(raw["node_id"], ref.id)
        return self._read(raw)

    def _raw(self, ref: Ref) -> Raw:
        """The issue's JSON. Raises Missing (E210), Gone, or Moved (E212)."""
        key = f"{self._repository.name}#{ref.id}"
        try:
            raw = self._client.get(f"{self._issues}/{ref.id}").data
        except Gone:
            raise
        except Missing:
            raise Missing(_unseen(key)) from None
        except Moved as error:
            raise self._followed(key, error) from None
        if not isinstance(raw, dict) or "pull_request" in raw:
            raise Missing(_unseen(key))
        if ref.birth and str(raw["id"]) != ref.birth:
            to = Ref(str(raw["number"]), raw["html_url"])
            raise Moved(Problem("E212", f"{key} is another issue now."), to)
        return raw

    def _followed(self, key: str, error: Moved) -> Moved:
        """Where a transferred issue lives now, in words people know."""
        home, _, number = (error.to.key if error.to else "").rpartition("/issues/")
        try:
            found = self._client.get(f"/repositories/{home.rpartition('/')[2]}").data
        except AdapterError:
            found = None
        if not isinstance(found, dict) or "full_name" not in found:
            return error
        place = f"{found['full_name']}#{number}"
        remedy = "Move it back, or `unlink` it."
        problem = Problem("E212", f"{key} moved to {place}.", remedy=remedy)
        return Moved(problem, Ref(number, place))

    # --- after a lost answer -----------------------------------------------------------------

    def hint(self) -> str:
        return "" if self._high is None else str(self._high)

    def find(self, marker: str, since: datetime, hint: str) -> Found:
        """The newest issues of our account, then every number given out since, one by one.

        Numbers are given out in order, so an issue made since then has one of those that follow
        ``hint``; when they have all been looked at and no request can be under way any more, its
        absence is proved.
        """
        discussions = self._repository.discussed()
        listed = newest(self._client, self._issues, self._login(), since - EARLIER)
        found = [raw for raw in listed if marker in (raw["body"] or "")]
        if found or not hint:
            return Found(tuple(map(self._read, found)))
        given, ended = given_since(
            int(hint), self._high or 0, self._numbered, discussions=discussions
        )
        found = [raw for raw in given if marker in (raw.get("body") or "")]
        flight = timedelta(seconds=self._client.options.in_flight)
        # Both clocks must say so: either may be wrong.
        ours = self._client.clock.now()
        over = min(self._repository.looked_at or ours, ours) - since >= flight
        return Found(tuple(map(self._read, found)), conclusive=ended and over, again=flight * APART)

    def _numbered(self, number: int) -> Raw | None:
        """One number's issue; empty for one that is deleted, lives elsewhere or is none."""
        try:
            raw = self._client.get(f"{self._issues}/{number}").data
        except (Gone, Moved):
            return {}
        except Missing:
            return None
        return raw if isinstance(raw, dict) and "pull_request" not in raw else {}

    # --- writing -----------------------------------------------------------------------------

    def create(self, draft: Draft) -> Item:
        if isinstance(draft.parent, Ref) and not draft.parent.birth:
            with _about(Field.PARENT):
                birth = str(self._raw(draft.parent)["id"])
            draft = replace(draft, parent=replace(draft.parent, birth=birth))
        payload = github.new_issue(draft, self.profile, self._repository.fields())
        _refuse(payload)
        with _about(None):
            answer = self._client.write("POST", self._issues, payload, {201}, creates=True)
        raw = _issue(answer.data)
        self._known(int(raw["number"]))
        made = self._read(raw)
        try:
            return as_made(made, self._read(self._complete(raw, draft)), _LATER)
        except UnknownOutcome:
            raise  # open or closed: it must be read again before anybody judges it
        except AdapterError:
            # The issue is there, and what it lacks shows in what is returned. An error now would
            # say that it may not be there at all.
            return made

    def _complete(self, raw: Raw, draft: Draft) -> Raw:
        """What a create call cannot say: that it is closed already, and its card's column; and a
        parent, on servers that pass over it there.
        """
        number = str(raw["number"])
        if isinstance(draft.parent, Ref) and self._read(raw).parent != draft.parent:
            raw = self._insist(lambda: self._put_under(raw, draft.parent))
        closing = github.state_change(raw, draft)
        if closing:
            raw = self._insist(lambda: self._close(raw, closing))
        if self._board and isinstance(draft.phase, Phase):
            self._board.put(raw["node_id"], number, draft.phase)
        return raw

    def _close(self, new: Raw, closing: Raw) -> Raw:
        """Close a new issue, unless somebody moved it since it was made: that is judged later."""
        now = self._raw(Ref(str(new["number"])))
        if now["state"] == "closed":
            return now
        if self._read(now).phase is not self._read(new).phase:
            raise PreconditionFailed(Problem("E118", f"#{now['number']} was moved meanwhile."))
        path = f"{self._issues}/{new['number']}"
        return _issue(self._client.write("PATCH", path, closing, {200}).data)

    def _insist(self, call: Callable[[], Raw]) -> Raw:
        """Send again what may be sent twice: it sets a value, whatever that was before."""
        return insist(self._client.clock, call)

    def update(self, ref: Ref, patch: Patch, expect: str | None) -> Item:
        fields = self._repository.fields()
        self._client.turn()
        raw = self._raw(ref)
        if self._board:
            # The card is part of what the item says, whichever field is changed.
            self._board.look(raw["node_id"], ref.id)
        now = self._read(raw)
        if expect is not None and now.revision != expect:
            raise PreconditionFailed(Problem("E118", f"{now.ref.key} changed since it was read."))
        payload = github.changed_issue(raw, patch, self.profile, fields)
        _refuse(payload)
        if payload:
            path = f"{self._issues}/{ref.id}"
            raw = _issue(self._client.write("PATCH", path, payload, {200}).data)
        if not isinstance(patch.parent, Unset):
            raw = self._put_under(raw, patch.parent)
        if self._board and isinstance(patch.phase, Phase):
            self._board.put(raw["node_id"], ref.id, patch.phase)
        return self._read(raw)

    def _put_under(self, raw: Raw, parent: Ref | None | Unset) -> Raw:
        """The issue under another parent, or under none."""
        before = self._read(raw).parent
        if before == parent or isinstance(parent, Unset) or (parent is None and not before):
            return raw
        if isinstance(parent, Ref):
            path = f"{self._issues}/{parent.id}/sub_issues"
            body = {"sub_issue_id": raw["id"], "replace_parent": True}
            with _about(Field.PARENT):
                self._client.write("POST", path, body, {201})
            home = raw.get("repository_url") or str(raw["url"]).rpartition("/issues/")[0]
            return raw | {"parent_issue_url": f"{home}/issues/{parent.id}"}
        assert isinstance(before, Ref), "there was one, see above"
        path = f"{self._issues}/{before.id}/sub_issue"
        with _about(Field.PARENT):
            self._client.write("DELETE", path, {"sub_issue_id": raw["id"]}, {200})
        return raw | {"parent_issue_url": None}

    def note(self, ref: Ref, key: str, text: str) -> None:
        """``key`` is the signed mark of a note, or any name, which is then made into one.

        Looked for in all comments, and only in our own: others may quote ours.
        """
        mark = key if key.startswith("<!--") else note_marker(key, _NOTE_SECRET)
        room = github.BODY_LIMIT - len(mark) - len("\n\n")
        body = f"{fit(neutralise(text, 'github'), room, _NOTE_MORE)[0]}\n\n{mark}"
        path = f"{self._issues}/{ref.id}/comments"
        us = self._login().lower()
        for comment in all_of(self._client, path):
            said, author = comment.get("body") or "", (comment.get("user") or {}).get("login", "")
            if mark in said and author.lower() == us:
                if said.replace("\r\n", "\n").strip() != body.strip():
                    where = f"{self._issues}/comments/{comment['id']}"
                    self._client.write("PATCH", where, {"body": body}, {200})
                return
        self._client.write("POST", path, {"body": body}, {201}, creates=True)

    def tag(self, ref: Ref, name: str, *, on: bool) -> Item:
        if on and name.lower() not in self._repository.labels():
            self._repository.add_label(name)
        self._client.turn()
        raw = self._raw(ref)  # last: all of its labels are written anew
        kept = [one["name"] for one in raw["labels"] if one["name"].lower() != name.lower()]
        if (len(kept) < len(raw["labels"])) != on:
            payload, path = {"labels": [*kept, name] if on else kept}, f"{self._issues}/{ref.id}"
            raw = _issue(self._client.write("PATCH", path, payload, {200}).data)
        if self._board:
            self._board.look(raw["node_id"], ref.id)
        return self._read(raw)

    def comments(self, ref: Ref) -> Iterator[Comment]:
        yield from map(comment_of, all_of(self._client, f"{self._issues}/{ref.id}/comments"))

    def lacks(self, changes: Iterable[Draft | Patch]) -> tuple[str, ...]:
        wanted: dict[str, None] = {}
        for change in changes:
            wanted |= dict.fromkeys(github.wanted_labels(change, self.profile))
        if not wanted:
            return ()
        known = self._repository.labels()
        return tuple(name for name in wanted if name.lower() not in known)

    def prepare(self, name: str) -> None:
        self._repository.add_label(name)

    def canonical(self, item: Item) -> Item:
        return github.canonical(item, self.profile)


def _issue(data: object) -> Raw:
    """The issue that a write answered with. Without it nobody knows what was stored."""
    if not isinstance(data, dict) or "number" not in data or "labels" not in data:
        raise UnknownOutcome(Problem("E213", "GitHub answered without the issue."))
    return data


@contextmanager
def _about(field: Field | None) -> Iterator[None]:
    """What cannot be seen here is not the item itself: that one is not lost from sight."""
    try:
        yield
    except (Missing, Moved) as error:
        raise Rejected(error.problem, field) from None


def _refuse(payload: Raw) -> None:
    wrong = github.too_long(payload)
    if wrong:
        raise Rejected(*wrong)


def _unseen(key: str) -> Problem:
    return Problem("E210", f"cannot see {key} (deleted, moved or no access). Frozen.")
