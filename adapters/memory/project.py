"""One home as a project: it reads, writes one thing, and says truthfully what happened."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from adapters.base import Broken, Capabilities, Comment, Cursor, Found, Page, Project, ProjectInfo
from adapters.errors import (
    AdapterError,
    AuthFailed,
    Missing,
    Moved,
    PreconditionFailed,
    RateLimited,
    Rejected,
    Transient,
    UnknownOutcome,
)
from adapters.memory.home import BEGINNING, US, HomeError, MemoryHome, Record, place
from adapters.memory.records import MIRROR, canonical, changed_record, new_record, read_record
from mappings.inert import neutralise
from mappings.item import Draft, Item, Patch, Ref
from mappings.markers import NOTE_SECRET, note_marker
from mappings.problem import Problem
from mappings.profile import Profile
from mappings.vocabulary import Field

#: What this home takes; others have limits of their own.
TITLE_LIMIT: Final = 200
#: How long its lists may hide a change, and how long it asks to wait.
LAG: Final = timedelta(seconds=60)
WAIT: Final = timedelta(seconds=30)

#: What becomes of the home's own refusals: errors named by what happens next.
MEANINGS: Final[Mapping[str, tuple[type[AdapterError], str, str]]] = {
    "down": (Transient, "E206", "the home does not answer."),
    "lost": (UnknownOutcome, "E213", "no answer came; the change may have been made."),
    "refused": (Rejected, "E120", "the home refuses it."),
    "stale": (PreconditionFailed, "E118", "it changed since it was read."),
    "hidden": (Missing, "E210", "it cannot be seen."),
    "deleted": (Missing, "E211", "it was deleted."),
    "moved": (Moved, "E212", "it lives elsewhere now."),
    "locked": (AuthFailed, "E205", "the credential is refused."),
}


class MemoryProject(Project):
    """One home, in a pair's vocabulary."""

    def __init__(self, home: MemoryHome, name: str, profile: Profile) -> None:
        self.capabilities = capabilities(documents=home.documents)
        self.home = home
        self.name = name
        self.profile = profile

    def describe(self) -> ProjectInfo:
        return ProjectInfo(id=self.name, key=self.name, people=tuple(self.profile.people))

    def changed(self, cursor: Cursor | None) -> Iterator[Page]:
        start = _moment(cursor)
        reached = start or BEGINNING
        # Lists may still have hidden what changed shortly before the last change they showed.
        after = (reached - LAG, 0)
        while True:
            with self._named():
                rows, more = self.home.listed(after)
            items, broken = self._read(rows)
            if rows:
                after = place(rows[-1])
                reached = max(reached, rows[-1].updated)
            yield Page(
                items=items,
                broken=broken,
                cursor=reached.isoformat(),
                last=not more,
                sweep=start is None,
                present=self.home.names() if self.home.documents and not more else None,
                server_time=self.home.clock.now(),
            )
            if not more:
                return

    def _read(self, rows: list[Record]) -> tuple[tuple[Item, ...], tuple[Broken, ...]]:
        items, broken = [], []
        for row in rows:
            try:
                items.append(self._item(row))
            except ValueError as error:
                broken.append(Broken(row.id, Problem("E109", f"cannot be read ({error}).", row.id)))
        return tuple(items), tuple(broken)

    def _item(self, record: Record) -> Item:
        return read_record(record, self.profile, documents=self.home.documents)

    def fetch(self, ref: Ref) -> Item | None:
        with self._named():
            try:
                return self._item(self.home.get(ref.id))
            except HomeError as error:
                if error.kind != "deleted":
                    raise
                return None

    def create(self, draft: Draft) -> Item:
        self.capabilities.require(draft)
        record = new_record(draft, self.profile, documents=self.home.documents)
        _refuse(record)
        with self._named():
            return self._item(self.home.add(record))

    def update(self, ref: Ref, patch: Patch, expect: str | None) -> Item:
        self.capabilities.require(patch)
        with self._named():
            before = self.home.get(ref.id)
            if expect is not None and expect != str(before.version):
                raise HomeError("stale")
            after = changed_record(before, patch, self.profile)
            _refuse(after)
            if after == before:
                return self._item(before)
            # Somebody may have come in between: the home itself compares once more.
            return self._item(self.home.put(after, None if expect is None else before.version))

    def find(self, marker: str, since: datetime, hint: str) -> Found:
        found = [one for page in self.changed(None) for one in page.items if one.marker == marker]
        # Only when every list has caught up is its absence proved.
        return Found(tuple(found), conclusive=self.home.clock.now() - since > LAG)

    def note(self, ref: Ref, key: str, text: str) -> None:
        mark = note_marker(key, NOTE_SECRET)
        said = (US, f"{neutralise(text, 'memory')}\n\n{mark}")
        with self._named():
            record = self.home.get(ref.id)
            comments = list(record.comments)
            # Only our own: people may quote a note with its mark.
            ours = [n for n, (who, text) in enumerate(comments) if who == US and mark in text]
            at = ours[0] if ours else len(comments)
            comments[at : at + 1] = [said]
            if tuple(comments) != record.comments:
                self.home.put(replace(record, comments=tuple(comments)), record.version)

    def tag(self, ref: Ref, name: str, *, on: bool) -> Item:
        with self._named():
            record = self.home.get(ref.id)
            labels = record.labels | {name} if on else record.labels - {name}
            if labels != record.labels:
                record = self.home.put(replace(record, labels=labels), record.version)
            return self._item(record)

    def comments(self, ref: Ref) -> Iterator[Comment]:
        with self._named():
            for by, text in self.home.get(ref.id).comments:
                yield Comment(by, text)

    def canonical(self, item: Item) -> Item:
        return canonical(item, self.profile, documents=self.home.documents)

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except HomeError as error:
            raise meaning(error.kind, self.home.clock.now()) from None


def capabilities(*, documents: bool) -> Capabilities:
    """What it holds: documents keep their own text, and have no field for a day."""
    lacking = {Field.BODY, Field.DUE} if documents else set()
    return Capabilities(
        writes=frozenset(set(Field) - lacking),
        notes=True,
        labels=True,
        conditional_writes=True,
        absence_visible=documents,
        overlap=LAG,
        find_lag=LAG,
        title_limit=TITLE_LIMIT,
        body_limit=MIRROR.limit,
    )


def meaning(kind: str, now: datetime) -> AdapterError:
    """The error that one of the home's refusals is. ``now`` is UTC."""
    if kind == "limited":
        return RateLimited(Problem("E207", "the home asked to wait."), now + WAIT)
    error, code, text = MEANINGS[kind]
    return error(Problem(code, text))


def _moment(cursor: Cursor | None) -> datetime | None:
    """Where to go on; None for the beginning, and for a cursor that is not ours."""
    try:
        return datetime.fromisoformat(cursor or "").astimezone(UTC)
    except ValueError:
        return None


def _refuse(record: Record) -> None:
    size = len(record.title)
    if not 0 < size <= TITLE_LIMIT:
        text = f"title is {size} characters; 1 to {TITLE_LIMIT} are taken."
        raise Rejected(Problem("E120", text, remedy="Shorten it."), Field.TITLE)
