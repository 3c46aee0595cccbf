"""The issues of one repository."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from adapters.base import Capabilities, Check, Cursor, Found, Page, Project, ProjectInfo
from adapters.errors import AdapterError, Missing, Moved, PreconditionFailed, Rejected
from adapters.github.board import Board
from adapters.github.client import Client, Options, is_gone
from adapters.github.reading import Reader
from mappings import github
from mappings.item import Draft, Item, Patch, Ref, Unset
from mappings.markers import strip_markers
from mappings.problem import Problem
from mappings.profile import Profile
from mappings.vocabulary import Field, Phase

#: How far before the create its issue may be dated (clients.md §6).
EARLIER: Final = timedelta(seconds=120)
#: So many numbers in a row that do not exist end the enumeration (one could be a stale replica).
ENDS_AFTER: Final = 2
NUMBERS_AT_MOST: Final = 200


def capabilities(options: Options) -> Capabilities:
    """What GitHub holds; ``find_lag``: design and failures.md §0.2, 15 minutes."""
    return Capabilities(
        writes=frozenset(Field),
        notes=True,
        overlap=timedelta(seconds=options.overlap),
        find_lag=timedelta(minutes=15),
        title_limit=github.TITLE_LIMIT,
        body_limit=github.BODY_LIMIT,
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
        self._name = name
        self._id: int | None = None
        self._labels: dict[str, str] | None = None
        self._board = Board(client, profile.phase.board) if profile.phase.board else None
        self._reader = Reader(client, profile, name)

    # --- what it is --------------------------------------------------------------------------

    def describe(self) -> ProjectInfo:
        raw = self._repository()
        visibility = raw.get("visibility") or ("private" if raw["private"] else "public")
        return ProjectInfo(
            id=str(raw["id"]),
            key=raw["full_name"],
            url=raw["html_url"],
            public=visibility == "public",
            archived=bool(raw.get("archived")),
        )

    def _repository(self) -> dict[str, Any]:
        raw = self._client.get(f"/repos/{self._name}").data
        if not isinstance(raw, dict):
            raise Missing(Problem("E210", f"{self._name} is no repository."))
        self._id = int(raw["id"])
        return raw

    def _base(self) -> str:
        """The path of the repository; asks for its number once (the cursor remembers it)."""
        if self._id is None:
            self._id = self._reader.repository or None
        if self._id is None:
            self._repository()
        return f"/repositories/{self._id}"

    def check(self) -> Iterator[Check]:
        try:
            raw = self._repository()
        except Moved as error:
            yield Check("repository", False, str(error), "Write the new name in the settings.")
            return
        except AdapterError as error:
            yield Check("repository", False, f"{self._name}: {error}", error.problem.remedy)
            return
        yield Check(
            "repository", True, f"{raw['full_name']} ({'private' if raw['private'] else 'public'})"
        )
        yield Check("issues", bool(raw.get("has_issues")), "", "Enable issues in its settings.")
        yield Check("not archived", not raw.get("archived"), "", "Unarchive it.")
        rights = raw.get("permissions") or {}
        may = bool(rights.get("push") or rights.get("triage") or self._client.options.app)
        remedy = 'Give the token "Issues: read and write" here.'
        yield Check("may write issues", may, "", "" if may else remedy)
        absent = sorted(set(self._vocabulary()) - {self._spelled(n) for n in self._known()})
        yield Check(
            "labels",
            True,
            f"{len(absent)} will be made when first needed" if absent else "all there",
        )
        if self._board:
            yield self._board.check()

    # --- reading -----------------------------------------------------------------------------

    def changed(self, cursor: Cursor | None) -> Iterator[Page]:
        self._labels = None
        for page in self._reader.pages(cursor, self._base):
            if self._board and page.last:
                yield self._board.overlay(page, self._reader.read)
            else:
                yield page

    def fetch(self, ref: Ref) -> Item | None:
        try:
            return self._read(self._raw(ref))
        except Missing as error:
            if is_gone(error):
                return None
            raise Missing(_unseen(self._name, ref)) from None

    def _raw(self, ref: Ref) -> dict[str, Any]:
        raw = self._client.get(f"{self._base()}/issues/{ref.id}").data
        if not isinstance(raw, dict) or "pull_request" in raw:
            raise Missing(_unseen(self._name, ref))
        if ref.birth and str(raw["id"]) != ref.birth:
            to = Ref(str(raw["number"]), raw["html_url"])
            raise Moved(Problem("E212", f"{self._name}#{ref.id} is another issue now."), to)
        return raw

    def _read(self, raw: dict[str, Any]) -> Item:
        item = self._reader.read(raw)
        return self._board.seen(item) if self._board else item

    def hint(self) -> str:
        return str(self._reader.high)

    def find(self, marker: str, since: datetime, hint: str) -> Found:
        """The newest issues of our account, then every number given out since, one by one.

        Numbers are given out in order, so an issue made since then has one of those that follow
        ``hint``; when they have all been looked at and no request can be under way any more, its
        absence is proved.
        """
        found = {
            item.ref.id: item
            for item in self._reader.newest(self._base(), self._login(), since - EARLIER)
            if item.marker == marker
        }
        start = int(hint or 0)
        ended, absent, server = False, 0, since
        for number in range(start + 1, start + 1 + NUMBERS_AT_MOST):
            raw, server = self._numbered(number, server)
            absent = 0 if raw is not None else absent + 1
            if raw and "pull_request" not in raw and marker in (raw.get("body") or ""):
                found[str(raw["number"])] = self._read(raw)
            if absent >= ENDS_AFTER:
                ended = True
                break
        flight = timedelta(seconds=self._client.options.in_flight)
        over = (server - since) >= flight or (self._client.clock.now() - since) >= flight
        return Found(tuple(found.values()), conclusive=bool(hint) and ended and over)

    def _numbered(self, number: int, server: datetime) -> tuple[dict[str, Any] | None, datetime]:
        """One number's issue; an empty dict for one that exists and is not ours to see."""
        try:
            answer = self._client.get(f"{self._base()}/issues/{number}")
        except Moved:
            return {}, server
        except Missing as error:
            return ({} if is_gone(error) else None), server
        raw = answer.data if isinstance(answer.data, dict) else {}
        return raw, answer.date() or server

    # --- writing -----------------------------------------------------------------------------

    def create(self, draft: Draft) -> Item:
        payload = github.new_issue(draft, self.profile)
        _refuse(payload)
        answer = self._client.write("POST", f"{self._base()}/issues", payload, {201}, creates=True)
        raw = _issue(answer.data)
        self._reader.high = max(self._reader.high, int(raw["number"]))
        item = self._reader.read(raw)
        try:
            item = self._complete(item, raw, draft)
        except AdapterError:
            # The issue is there; what is missing is seen by the engine and written as an update.
            return item
        return item

    def _complete(self, item: Item, raw: dict[str, Any], draft: Draft) -> Item:
        """What a create call cannot say: the board's column, and that it is closed already."""
        if self._board and isinstance(draft.phase, Phase):
            self._board.put(raw["node_id"], draft.phase)
            item = self._board.seen(item)
        if draft.phase is Phase.COMPLETED:
            path = f"{self._base()}/issues/{item.ref.id}"
            raw = _issue(self._client.write("PATCH", path, github.closing(draft), {200}).data)
            item = self._read(raw)
        return item

    def update(self, ref: Ref, patch: Patch, expect: str | None) -> Item:
        raw = self._raw(ref)
        now = self._read(raw)
        if expect is not None and now.revision != expect:
            raise PreconditionFailed(Problem("E118", f"{now.ref.key} changed since it was read."))
        payload = github.changed_issue(raw, patch, self.profile)
        _refuse(payload)
        if payload:
            path = f"{self._base()}/issues/{ref.id}"
            raw = _issue(self._client.write("PATCH", path, payload, {200}).data)
        if not isinstance(patch.parent, Unset):
            raw = self._put_under(raw, patch.parent)
        if self._board and isinstance(patch.phase, Phase):
            self._board.put(raw["node_id"], patch.phase)
        return self._read(raw)

    def _put_under(self, raw: dict[str, Any], parent: Ref | None) -> dict[str, Any]:
        before = (raw.get("parent_issue_url") or "").rsplit("/", 1)[-1]
        if parent is None:
            if before:
                path = f"{self._base()}/issues/{before}/sub_issue"
                self._client.write("DELETE", path, {"sub_issue_id": raw["id"]}, {200})
        elif parent.id != before:
            path = f"{self._base()}/issues/{parent.id}/sub_issues"
            body = {"sub_issue_id": raw["id"], "replace_parent": True}
            self._client.write("POST", path, body, {201})
        path = f"{self._base()}/issues/{raw['number']}"
        return _issue(self._client.get(path).data)

    def note(self, ref: Ref, key: str, text: str) -> None:
        """``key`` is the signed note marker: it is looked for in all comments, not in one page."""
        path = f"{self._base()}/issues/{ref.id}/comments"
        body = f"{text}\n\n{key}"
        for comment in self._reader.all_of(path):
            said = comment.get("body") or ""
            if key in said:
                if strip_markers(said).strip() != text.strip():
                    where = f"{self._base()}/issues/comments/{comment['id']}"
                    self._client.write("PATCH", where, {"body": body}, {200})
                return
        self._client.write("POST", path, {"body": body}, {201}, creates=True)

    # --- labels ------------------------------------------------------------------------------

    def lacks(self, changes: Iterable[Draft | Patch]) -> tuple[str, ...]:
        wanted: dict[str, None] = {}
        for change in changes:
            wanted |= dict.fromkeys(github.wanted_labels(change, self.profile))
        if not wanted:
            return ()
        known = {name.lower() for name in self._known()}
        return tuple(name for name in wanted if name.lower() not in known)

    def prepare(self, name: str) -> None:
        colour = self.profile.colours.get(name, "ededed")
        payload = {"name": name, "color": colour.lstrip("#").lower()}
        try:
            self._client.write("POST", f"{self._base()}/labels", payload, {201})
        except Rejected as error:
            if "already_exists" not in str(error):
                raise
        if self._labels is not None:
            self._labels[name.lower()] = name

    def _known(self) -> Iterable[str]:
        """The repository's labels, asked for once in a cycle and only when needed."""
        if self._labels is None:
            names = [one["name"] for one in self._reader.all_of(f"{self._base()}/labels")]
            self._labels = {name.lower(): name for name in names}
        return self._labels.values()

    def _spelled(self, name: str) -> str:
        return next((own for own in self._vocabulary() if own.lower() == name.lower()), name)

    def _vocabulary(self) -> list[str]:
        words = self.profile
        named = [
            *words.priority.labels.values(),
            *words.severity.labels.values(),
            *words.category.labels.values(),
            *words.phase.labels.values(),
        ]
        return named + [label for kind in words.kinds.values() for label in kind.labels[:1]]

    # --- pure --------------------------------------------------------------------------------

    def canonical(self, item: Item) -> Item:
        return github.canonical(item, self.profile)


def _issue(data: object) -> dict[str, Any]:
    if not isinstance(data, dict) or "number" not in data:
        raise Missing(Problem("E206", "GitHub answered without the issue."))
    return data


def _refuse(payload: dict[str, Any]) -> None:
    wrong = github.too_long(payload)
    if wrong:
        raise Rejected(*wrong)


def _unseen(name: str, ref: Ref) -> Problem:
    return Problem("E210", f"cannot see {name}#{ref.id} (deleted, moved or no access). Frozen.")
