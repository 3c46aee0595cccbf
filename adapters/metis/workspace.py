"""The files of one workspace, read and written where Metis itself would."""

import errno
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from adapters.errors import AdapterError, PreconditionFailed, Rejected, Transient, UnknownOutcome
from adapters.files import ChangedUnderUsError, Entry, FileSystem
from adapters.metis.gitmode import CommandLineGit, Git, Mode, mode_of
from mappings.problem import Problem, ProblemError

PENDING: Final = ".pending"
TOMBSTONE: Final = ".deleted"
#: Not documents (metis.md §1). ``.pending`` is read only off main.
SKIPPED: Final = frozenset({"code-index.md", "templates"})
#: One of these lies in every workspace; a folder without any is a mount that failed, not empty.
MARKS: Final = ("config.toml", "vision.md", "metis.db")
#: Committed documents read with one call of git.
_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Source:
    """One document file. ``stamp`` differs when its content does; ``path`` is below ``.metis``.

    ``size`` in bytes (0 for what git holds), ``changed_ns`` since the epoch, ``blob`` the id of
    a committed file, ``problem`` why it is not to be read.
    """

    path: str
    stamp: tuple[int | str, ...]
    size: int = 0
    changed_ns: int = 0
    blob: str = ""
    problem: Problem | None = None


class Workspace:
    """The ``.metis`` folder at ``root``."""

    def __init__(self, path: Path, files: FileSystem, git: Git | None = None) -> None:
        given = Path(path)
        self.root = given if given.name == ".metis" else given / ".metis"
        self.files = files
        self.git = git or CommandLineGit()
        self._tree: tuple[str, dict[str, str]] = ("", {})

    def require(self) -> Mode:
        """The mode, once the folder is a workspace in which nobody is at work.

        Raises ProblemError E115; Transient E116 or E117.
        """
        if not any((self.root / mark).exists() for mark in MARKS):
            remedy = 'Give the folder that holds ".metis" as `path`; is it mounted?'
            raise ProblemError(Problem("E115", "is no Metis workspace.", str(self.root), remedy))
        mode = mode_of(self.root, self.git)
        if mode.busy:
            text = f"git is at work here ({mode.busy}); waiting."
            raise Transient(Problem("E116", text, str(self.root)))
        if mode.plain and self._walked(PENDING):
            text = f"{PENDING} holds documents although the main branch is checked out."
            remedy = "Run `metis flush` first: Metis would renumber them otherwise."
            raise Transient(Problem("E117", text, str(self.root), remedy))
        return mode

    # --- reading ---------------------------------------------------------------------------

    def sources(self, mode: Mode) -> Iterator[Source]:
        """Every document Metis would see. Raises Transient when not all of them can be listed."""
        if mode.plain:
            for entry in self._walked(""):
                if entry.path.endswith(".md") or _may_be_folder(entry):
                    yield _source(entry)
            return
        over = {entry.path: entry for entry in self._walked(PENDING)}
        for path, blob in self._committed(mode).items():
            hidden = path in over or path + TOMBSTONE in over
            if path.endswith(".md") and not hidden and not _skipped(path):
                yield Source(path, (blob,), blob=blob)
        for path, entry in over.items():
            if path.endswith(".md") and path + TOMBSTONE not in over:
                yield _source(entry)

    def contents(self, sources: Iterable[Source], mode: Mode) -> Iterator[tuple[Source, bytes]]:
        """The bytes of sources; one that vanished meanwhile is left out.

        An unreadable one comes back with ``problem`` and no bytes. Committed ones last.
        """
        committed: list[Source] = []
        for source in sources:
            if source.blob:
                committed.append(source)
                continue
            try:
                yield source, self.files.read(self._physical(source.path, mode))
            except FileNotFoundError:
                continue
            except OSError as error:
                problem = _unreadable(error, source.path)
                yield Source(source.path, source.stamp, problem=problem), b""
        for start in range(0, len(committed), _BATCH):
            batch = committed[start : start + _BATCH]
            held = self.git.blobs(self.root, {source.blob: None for source in batch})
            for source in batch:
                yield source, held[source.blob]

    def read(self, path: str, mode: Mode) -> bytes:
        """One document's bytes. Raises FileNotFoundError."""
        physical = self._physical(path, mode)
        if mode.plain:
            return self.files.read(physical)
        if not self.files.exists(physical.with_name(physical.name + TOMBSTONE)):
            if self.files.exists(physical):
                return self.files.read(physical)
            blob = self._committed(mode).get(path)
            if blob:
                return self.git.blobs(self.root, [blob])[blob]
        raise FileNotFoundError(errno.ENOENT, "no such document", path)

    def stray(self, mode: Mode) -> Iterator[bytes]:
        """Off main: documents in the working tree, which Metis does not see."""
        if mode.plain:
            return
        for entry in self._walked(""):
            if entry.path.endswith(".md") and not entry.link:
                with _reading(self.root):
                    yield self.files.read(self.root / entry.path)

    def names(self, mode: Mode) -> Iterator[str]:
        """The path of every document there is or was: working tree, ``.pending``, main's tip."""
        for below in ("", PENDING):
            for entry in self._walked(below):
                yield entry.path
        if mode.commit:
            try:
                yield from self._committed(mode)
            except Transient:
                if not mode.plain:
                    raise

    def _walked(self, below: str) -> list[Entry]:
        """Every entry below ``.metis``, or below its folder ``below``."""
        folder = self.root / below if below else self.root
        if below and not folder.is_dir():
            return []
        skip = SKIPPED if below else SKIPPED | {PENDING}
        entries: list[Entry] = []
        with _reading(folder):
            entries += self.files.walk(folder, skip)
        return entries

    def _committed(self, mode: Mode) -> dict[str, str]:
        if self._tree[0] != mode.commit:
            self._tree = (mode.commit, self.git.tree(self.root, mode.commit))
        return self._tree[1]

    def _physical(self, path: str, mode: Mode) -> Path:
        return self.root / path if mode.plain else self.root / PENDING / path

    # --- writing ---------------------------------------------------------------------------

    def write(self, path: str, data: bytes, expect: bytes, mode: Mode) -> None:
        """Replace a document, and see that it is so.

        Raises PreconditionFailed when it is not ``expect`` any more; Rejected or Transient E119,
        E304 when it cannot be written.
        """
        target = self._inside(path, mode)
        with _writing(path):
            if mode.plain or self.files.exists(target):
                self.files.replace(target, data, expect, self._aside)
            elif self.read(path, mode) != expect:
                raise ChangedUnderUsError(path)
            else:
                self.files.create(target, data, self._aside)
            if self.files.read(target) != data:
                text = "changed right after it was written; read again."
                raise PreconditionFailed(Problem("E118", text, path))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """While it lasts no other process of ours makes a document. Raises Transient E116."""
        with ExitStack() as held:
            try:
                held.enter_context(self.files.alone(self.root))
            except BlockingIOError:
                text = "another process makes a document here; waiting."
                raise Transient(Problem("E116", text, str(self.root))) from None
            except OSError:
                pass  # a file system without locks: as it was before there was one
            yield

    def create(self, path: str, data: bytes, mode: Mode) -> None:
        """A new document. Raises Transient E118 when the name is taken.

        UnknownOutcome when it is there although the system reported a failure.
        """
        target = self._inside(path, mode)
        with _writing(path):
            try:
                self.files.create(target, data, self._aside)
            except FileExistsError:
                raise
            except OSError:
                if not self.files.exists(target):
                    raise
                text = "was written, but perhaps not durably."
                raise UnknownOutcome(Problem("E213", text, path)) from None

    def move(self, path: str, new: str, mode: Mode) -> bool:
        """Move a document within the workspace; whether it was.

        Off main it stays where main has it, and so it does where the name is taken.
        """
        if not mode.plain:
            return False
        source, target = self._inside(path, mode), self._inside(new, mode)
        if self.files.exists(target):
            return False
        with _writing(path):
            self.files.move(source, target)
        return True

    def writable(self) -> bool:
        """Whether documents can be replaced here."""
        return os.access(self.root, os.W_OK) and os.access(self._aside, os.W_OK)

    def _inside(self, path: str, mode: Mode) -> Path:
        """Where ``path`` is written. Raises Rejected E112 if a link leads it elsewhere."""
        target = self._physical(path, mode)
        real, root = os.path.realpath(target.parent), os.path.realpath(self.root)
        below = os.path.relpath(target.parent, self.root)
        if real != os.path.normpath(os.path.join(root, below)):  # noqa: PTH118  realpath's sort
            text = f"leads through a link to {real}; nothing is written there."
            raise Rejected(Problem("E112", text, path))
        return target

    @property
    def _aside(self) -> Path:
        """Outside ``.metis``, unless that is a file system of its own or its parent is closed."""
        above = self.root.resolve().parent
        same = above.stat().st_dev == self.root.stat().st_dev
        return above if same and os.access(above, os.W_OK) else self.root


@contextmanager
def _reading(folder: Path) -> Iterator[None]:
    """What cannot be listed or read whole proves nothing: the reading is made again."""
    try:
        yield
    except OSError as error:
        place = str(error.filename or folder)
        text = f"cannot be read ({error.strerror}); no conclusion is drawn."
        remedy = "Give this program the right to read here."
        raise Transient(Problem("E119", text, place, remedy)) from None


@contextmanager
def _writing(path: str) -> Iterator[None]:
    """Errors of the file system, named by what happens next."""
    try:
        yield
    except (ChangedUnderUsError, FileNotFoundError):
        text = "changed while it was to be written; read again."
        raise PreconditionFailed(Problem("E118", text, path)) from None
    except FileExistsError:
        raise Transient(Problem("E118", "its name was taken meanwhile.", path)) from None
    except OSError as error:
        raise _unwritable(error, path) from None


def _unwritable(error: OSError, path: str) -> AdapterError:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return Transient(Problem("E304", "the disk is full; nothing was changed.", path))
    if error.errno in {errno.EROFS, errno.EACCES, errno.EPERM}:
        remedy = "Give this program the right to write here."
        return Rejected(Problem("E119", f"cannot be written ({error.strerror}).", path, remedy))
    return Transient(Problem("E119", f"cannot be written ({error.strerror}).", path))


def _unreadable(error: OSError, path: str) -> Problem:
    if error.errno == errno.ELOOP:
        return _link(path)
    remedy = "Give this program the right to read it."
    return Problem("E119", f"cannot be read ({error.strerror}).", path, remedy)


def _link(path: str) -> Problem:
    text = "is a link; documents are not read through links."
    return Problem("E112", text, path, "Put the file itself there, or take the link away.")


def _source(entry: Entry) -> Source:
    problem = _link(entry.path) if entry.link else None
    return Source(entry.path, entry.stamp, entry.size, entry.changed_ns, problem=problem)


def _may_be_folder(entry: Entry) -> bool:
    """A link that may lead to documents: what lies behind it is not read, and that is said."""
    return entry.link and "." not in entry.path.rpartition("/")[2]


def _skipped(path: str) -> bool:
    return path.partition("/")[0] in SKIPPED


def code_in(path: str) -> str:
    """The short code in a file's name or folder, "" if there is none."""
    found = re.findall(r"[A-Z]{2,8}-[VITAS]-\d{4,}", path)
    return found[-1] if found else ""
