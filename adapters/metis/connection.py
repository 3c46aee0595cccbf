"""A Metis workspace as a connection with one project."""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from adapters.base import (
    Broken,
    Capabilities,
    Check,
    Connection,
    Cursor,
    Description,
    Found,
    Page,
    Project,
    ProjectInfo,
)
from adapters.errors import Missing, PreconditionFailed, Rejected, Transient
from adapters.files import FileSystem
from adapters.metis import codes
from adapters.metis.gitmode import Git, Mode
from adapters.metis.workspace import Source, Workspace, code_in
from adapters.seams import Clock
from mappings import metis, phases
from mappings.frontmatter import Document, decode, parse
from mappings.item import UNSET, Draft, Item, Patch, Ref
from mappings.problem import Problem, ProblemError
from mappings.profile import Profile
from mappings.vocabulary import Category, Field, Kind, Phase, Resolution

#: Metis writes by truncate-then-write: an empty or cut file is looked at again (metis.md §0.8).
LOOKS: Final = 4
PAUSE: Final = 0.05
#: A file written within this time before a scan may be written again within its time stamp.
RACY_NS: Final = 2_000_000_000

WRITES: Final = frozenset(
    {
        Field.TITLE,
        Field.PHASE,
        Field.RESOLUTION,
        Field.PRIORITY,
        Field.SEVERITY,
        Field.CATEGORY,
        Field.PARENT,
    }
)


class MetisConnection(Connection):
    """One workspace. Needs no credential and no network."""

    capabilities = Capabilities(writes=WRITES, absence_visible=True)

    def __init__(
        self,
        path: Path,
        clock: Clock,
        files: FileSystem,
        git: Git | None = None,
        *,
        reopen: str = "edit",
        not_planned: str = "archive",
        public: bool | None = None,
    ) -> None:
        self.workspace = Workspace(path, files, git)
        self.clock = clock
        self.reopen = reopen
        self.not_planned = not_planned
        self.public = public

    def describe(self) -> Description:
        return Description(adapter="metis", url=str(self.workspace.root))

    def open(self, project: str, profile: Profile) -> Project:
        if project:
            text = f'a Metis workspace has no project "{project}". Leave `project` out.'
            raise ProblemError(Problem("E201", text))
        return MetisProject(self, profile)

    def check(self) -> Iterator[Check]:
        root = self.workspace.root
        if not root.is_dir():
            yield Check("folder", False, str(root), 'Give the folder that holds ".metis".')
            return
        yield Check("folder", True, str(root))
        try:
            yield Check("prefix", True, codes.prefix(root))
        except ProblemError as error:
            yield Check("prefix", False, str(error), "Run `metis init`, or repair config.toml.")
        writable = os.access(root, os.W_OK) and os.access(root.parent, os.W_OK)
        yield Check("writable", writable, "" if writable else str(root), "Give the right to write.")
        try:
            mode = self.workspace.require()
            where = mode.branch or "no branch"
            detail = where if mode.plain else f"{where}: changes go to .pending, as Metis does"
            yield Check("branch", True, detail)
        except Transient as error:
            yield Check("branch", False, str(error), error.problem.remedy)


@dataclass(frozen=True, slots=True)
class _Held:
    """One document as it was read."""

    source: Source
    data: bytes
    document: Document
    item: Item


class MetisProject(Project):
    """The documents of one workspace."""

    capabilities = MetisConnection.capabilities

    def __init__(self, connection: MetisConnection, profile: Profile) -> None:
        self._connection = connection
        self._workspace = connection.workspace
        self._clock = connection.clock
        self._profile = profile
        self.reopen = connection.reopen

    def describe(self) -> ProjectInfo:
        self._workspace.require()
        name = codes.prefix(self._workspace.root)
        return ProjectInfo(
            id=name, key=name, url=str(self._workspace.root), public=self._connection.public
        )

    def check(self) -> Iterator[Check]:
        page = next(iter(self.changed(None)))
        yield Check("documents", True, f"{len(page.items)} tasks and initiatives")
        for broken in page.broken:
            yield Check("document", False, str(broken.problem), "It is left untouched until then.")

    # --- reading ---------------------------------------------------------------------------

    def changed(self, cursor: Cursor | None) -> Iterator[Page]:
        mode = self._workspace.require()
        known = _manifest(cursor)
        started = int(self._clock.now().timestamp() * 1e9)
        scan = _Scan()
        for source in self._workspace.sources(mode):
            old = known.get(source.path)
            if source.link:
                problem = Problem("E112", "is a link; documents are not read through links.")
                scan.broken.append(Broken(source.path, replace(problem, place=source.path)))
            elif old is not None and old[1:] == list(source.stamp):
                scan.keep(source, str(old[0]))
            else:
                self._scan_one(source, mode, scan, racy=source.changed_ns > started - RACY_NS)
        yield scan.page(sweep=cursor is None, now=self._clock.now())

    def _scan_one(self, source: Source, mode: Mode, scan: "_Scan", *, racy: bool) -> None:
        try:
            held = self._read(source.path, mode)
        except FileNotFoundError:
            return  # moved while we looked; the next scan finds it
        except ProblemError as error:
            scan.broken.append(Broken(code_in(source.path), error.problem))
            return
        code = held.item.ref.id if held else ""
        scan.keep(source, code, racy=racy)
        if held:
            scan.items[source.path] = held.item

    def _read(self, path: str, mode: Mode) -> _Held | None:
        """A document, or None for what is no item. A file that seems half written is reread."""
        for look in range(LOOKS):
            data = self._workspace.read(path, mode)
            try:
                return self._parsed(path, data)
            except ProblemError as error:
                if look == LOOKS - 1 or error.problem.code != "E104":
                    raise
                self._clock.sleep(PAUSE)
        return None

    def _parsed(self, path: str, data: bytes) -> _Held | None:
        """What these bytes say. Raises ProblemError."""
        text = decode(data, path)
        if not text.startswith("---") and text:
            return None  # not a document of Metis
        document = parse(text, path)
        if document.get("level") not in metis.LEVELS:
            return None
        item = metis.read_document(document, path, self._profile)
        return _Held(Source(path, ()), data, document, replace(item, revision=_revision(data)))

    def _written(self, path: str, data: bytes) -> _Held:
        """What was just written, by its own bytes: an edit made since is not our doing."""
        held = self._parsed(path, data)
        if held is None:
            raise Rejected(Problem("E119", "was written and cannot be read.", path))
        return held

    def _locate(self, code: str) -> _Held:
        """The one document with this code. Raises Missing or PreconditionFailed."""
        mode = self._workspace.require()
        found = []
        for source in self._workspace.sources(mode):
            if source.link:
                continue
            try:
                held = self._read(source.path, mode) if self._likely(source, code, mode) else None
            except (ProblemError, FileNotFoundError):
                continue
            if held and held.item.ref.id == code:
                found.append(replace(held, source=source))
        if len(found) > 1:
            raise PreconditionFailed(_twice(code, [held.source.path for held in found]))
        if not found:
            raise Missing(Problem("E113", f"{code} is gone."))
        return found[0]

    def _likely(self, source: Source, code: str, mode: Mode) -> bool:
        """Whether a file may hold this code, judged by its bytes before parsing."""
        return code in source.path or code.encode() in self._workspace.read(source.path, mode)

    def fetch(self, ref: Ref) -> Item | None:
        return self._locate(ref.id).item

    def find(self, marker: str, since: datetime, hint: str) -> Found:
        """Looked for in every file's bytes; a file that cannot be read may be the one."""
        mode = self._workspace.require()
        found, sure = [], True
        for source in self._workspace.sources(mode):
            if source.link:
                continue
            try:
                data = self._workspace.read(source.path, mode)
                if marker.encode() not in data:
                    sure = sure and bool(data)
                elif held := self._parsed(source.path, data):
                    found.append(held.item)
            except (ProblemError, FileNotFoundError):
                sure = False
        return Found(tuple(found), conclusive=sure)

    # --- writing ---------------------------------------------------------------------------

    def create(self, draft: Draft) -> Item:
        mode = self._workspace.require()
        page = next(iter(self.changed(None)))
        used = [item.ref.id for item in page.items] + [broken.id for broken in page.broken]
        used += [code_in(source.path) for source in self._workspace.sources(mode)]
        used += draft.avoid
        now = self._clock.now()
        code = codes.next_task(self._workspace.root, used)
        path = _place(draft, code)
        text = metis.new_task(draft, code, now, self._profile)
        try:
            self._workspace.create(path, text.encode(), mode)
        except FileExistsError:
            text = f"{code} was taken meanwhile."
            raise Transient(Problem("E118", text, path)) from None
        return self._written(path, text.encode()).item

    def update(self, ref: Ref, patch: Patch, expect: str | None) -> Item:
        held = self._locate(ref.id)
        if expect is not None and held.item.revision != expect:
            text = f"{ref.id} changed since it was read."
            raise PreconditionFailed(Problem("E118", text, held.source.path))
        held = self._edit(held, patch)
        if patch.phase is not UNSET or patch.resolution is not UNSET:
            held = self._walk(held, patch)
        return held.item

    def _edit(self, held: _Held, patch: Patch) -> _Held:
        document = metis.with_title(
            held.document, text=patch.title, priority=patch.priority, severity=patch.severity
        )
        if isinstance(patch.category, Category) or patch.category is None:
            document = metis.with_category(document, patch.category)
        return self._write(held, document) if document != held.document else held

    def _walk(self, held: _Held, patch: Patch) -> _Held:
        """Every legal step is written by itself; archiving is the one way to say "not planned"."""
        wanted = patch.phase if isinstance(patch.phase, Phase) else held.item.phase
        resolution = patch.resolution
        drops = resolution in {Resolution.NOT_PLANNED, Resolution.DUPLICATE}
        if wanted is Phase.COMPLETED and drops and self._connection.not_planned == "archive":
            return self._archive(held)
        if held.item.archived:
            if wanted is Phase.COMPLETED and resolution is UNSET:
                return held  # nothing was asked that it does not say already
            held = self._unarchive(held)
        for word in self._words(held, wanted):
            now = self._clock.now()
            held = self._write(held, metis.with_phase(held.document, word, now))
        return held

    def _words(self, held: _Held, wanted: object) -> tuple[str, ...]:
        """Metis' own words for the steps, or the one jump that policy allows."""
        if not isinstance(wanted, Phase):
            return ()
        level = held.document.get("level")
        start = metis.read_tags(held.document).phase
        steps = phases.path(level, start, wanted)
        if steps is not None:
            return steps
        word = phases.first(level, wanted)
        if self.reopen != "edit" or word is None:
            raise Rejected(_no_way(held.item, wanted, self.reopen), Field.PHASE)
        return (word,)

    def _archive(self, held: _Held) -> _Held:
        if not held.item.archived:
            held = self._write(held, metis.with_archived(held.document, archived=True))
        return self._move(held, f"archived/{held.source.path}")

    def _unarchive(self, held: _Held) -> _Held:
        held = self._write(held, metis.with_archived(held.document, archived=False))
        return self._move(held, held.source.path.removeprefix("archived/"))

    def _move(self, held: _Held, path: str) -> _Held:
        mode = self._workspace.require()
        if path == held.source.path or path.startswith("archived/archived/") or not mode.plain:
            return held
        self._workspace.move(held.source.path, path, mode)
        return self._written(path, held.data)

    def _write(self, held: _Held, document: Document) -> _Held:
        mode = self._workspace.require()
        path, data = held.source.path, document.text.encode()
        self._workspace.write(path, data, held.data, mode)
        return self._written(path, data)

    # --- pure ------------------------------------------------------------------------------

    def route(self, item: Item, phase: Phase) -> tuple[Phase, ...]:
        level = "initiative" if item.kind is Kind.INITIATIVE else "task"
        if not isinstance(item.phase, Phase):
            return (phase,)
        start = phases.first(level, item.phase)
        steps = phases.path(level, start, phase) if start else None
        if steps is not None:
            means = dict.fromkeys(phases.MEANS[level][word] for word in steps)
            return tuple(step for step in means if step is not item.phase) or (phase,)
        if self.reopen != "edit" or phases.first(level, phase) is None:
            raise Rejected(_no_way(item, phase, self.reopen), Field.PHASE)
        return (phase,)

    def canonical(self, item: Item) -> Item:
        return metis.canonical(item, not_planned=self._connection.not_planned)


class _Scan:
    """What one walk over the workspace found."""

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}
        self.broken: list[Broken] = []
        self.manifest: dict[str, list[int | str]] = {}
        self.paths: dict[str, list[str]] = {}

    def keep(self, source: Source, code: str, *, racy: bool = False) -> None:
        """Remember a document's stamp, so that it need not be read again."""
        if not racy:
            self.manifest[source.path] = [code, *source.stamp]
        if code:
            self.paths.setdefault(code, []).append(source.path)

    def page(self, *, sweep: bool, now: datetime) -> Page:
        """One page; documents that share a code are frozen, both of them."""
        for code, paths in self.paths.items():
            if len(paths) > 1:
                self.broken.append(Broken(code, _twice(code, sorted(paths))))
                for path in paths:
                    self.items.pop(path, None)
                    self.manifest.pop(path, None)
        present = frozenset(self.paths) | {broken.id for broken in self.broken}
        return Page(
            items=tuple(self.items.values()),
            broken=tuple(self.broken),
            cursor=json.dumps(self.manifest, separators=(",", ":")),
            last=True,
            sweep=sweep,
            present=present,
            server_time=now,
        )


def _twice(code: str, paths: list[str]) -> Problem:
    text = f"{code} is in {' and '.join(paths)}. Both frozen until one is changed."
    return Problem("E110", text)


def _no_way(item: Item, phase: Phase, reopen: str) -> Problem:
    text = f'{item.ref.key}: "{phase}" is not reachable from "{item.phase}".'
    remedy = f'The setting reopen = "{reopen}" leaves it to you.'
    return Problem("E122", text, remedy=remedy)


def _place(draft: Draft, code: str) -> str:
    if isinstance(draft.parent, Ref):
        return f"initiatives/{draft.parent.id}/tasks/{code}.md"
    folder = metis.FOLDERS.get(draft.category) if isinstance(draft.category, Category) else None
    return f"backlog/{folder}/{code}.md" if folder else f"backlog/{code}.md"


def _manifest(cursor: Cursor | None) -> dict[str, list[int | str]]:
    found: dict[str, list[int | str]] = json.loads(cursor) if cursor else {}
    return found


def _revision(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]
