"""The files of one workspace, read and written where Metis itself would."""

import errno
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from adapters.errors import AdapterError, PreconditionFailed, Rejected, Transient
from adapters.files import ChangedUnderUsError, Entry, FileSystem
from adapters.metis.gitmode import CommandLineGit, Git, Mode, mode_of
from mappings.problem import Problem, ProblemError

PENDING: Final = ".pending"
#: Not documents (metis.md §1). ``.pending`` is read only off main.
SKIPPED: Final = frozenset({"code-index.md", "templates"})


@dataclass(frozen=True, slots=True)
class Source:
    """One document file. ``stamp`` changes when it does; ``place`` is where its bytes are."""

    path: str
    stamp: tuple[int | str, ...]
    changed_ns: int = 0
    link: bool = False


class Workspace:
    """The ``.metis`` folder at ``root``."""

    def __init__(self, path: Path, files: FileSystem, git: Git | None = None) -> None:
        given = Path(path)
        self.root = given if given.name == ".metis" else given / ".metis"
        self.files = files
        self.git = git or CommandLineGit()

    def require(self) -> Mode:
        """The mode, once the folder is a workspace. Raises ProblemError or Transient."""
        if not self.root.is_dir():
            remedy = 'Give the folder that holds ".metis" as `path`.'
            raise ProblemError(Problem("E115", "is no Metis workspace.", str(self.root), remedy))
        mode = mode_of(self.root)
        if mode.busy:
            text = f"git is at work here ({mode.busy}); waiting."
            raise Transient(Problem("E116", text, str(self.root)))
        if mode.plain and self._pending():
            text = f"{PENDING} holds documents although the main branch is checked out."
            remedy = "Run `metis flush` first: Metis would renumber them otherwise."
            raise Transient(Problem("E117", text, str(self.root), remedy))
        return mode

    def _pending(self) -> bool:
        folder = self.root / PENDING
        return folder.is_dir() and any(self.files.walk(folder, frozenset()))

    def sources(self, mode: Mode) -> Iterator[Source]:
        """Every document Metis would see."""
        if mode.plain:
            for entry in self.files.walk(self.root, SKIPPED | {PENDING}):
                if entry.path.endswith(".md"):
                    yield _source(entry)
            return
        over = self._over()
        for path, blob in self.git.tree(self.root, mode.trunk).items():
            hidden = path in over or f"{path}.deleted" in over or path.split("/")[0] in SKIPPED
            if path.endswith(".md") and not hidden:
                yield Source(path, (blob,))
        for path, entry in over.items():
            if path.endswith(".md"):
                yield Source(path, entry.stamp, entry.changed_ns, entry.link)

    def _over(self) -> dict[str, Entry]:
        folder = self.root / PENDING
        if not folder.is_dir():
            return {}
        return {entry.path: entry for entry in self.files.walk(folder, SKIPPED)}

    def read(self, path: str, mode: Mode) -> bytes:
        """A document's bytes. Raises FileNotFoundError."""
        if mode.plain:
            return self.files.read(self.root / path)
        pending = self.root / PENDING / path
        if self.files.exists(pending):
            return self.files.read(pending)
        blob = self.git.tree(self.root, mode.trunk).get(path)
        if blob is None or self.files.exists(pending.with_name(pending.name + ".deleted")):
            raise FileNotFoundError(errno.ENOENT, "no such document", path)
        return self.git.blob(self.root, blob)

    def write(self, path: str, data: bytes, expect: bytes, mode: Mode) -> None:
        """Replace a document. Raises PreconditionFailed when it is not ``expect`` any more."""
        target = self.root / path if mode.plain else self.root / PENDING / path
        with _translated(path):
            if mode.plain or self.files.exists(target):
                self.files.replace(target, data, expect, self._aside)
            else:
                self.files.create(target, data, self._aside)
            if self.files.read(target) != data:
                text = "changed right after it was written; read again."
                raise PreconditionFailed(Problem("E118", text, path))

    def create(self, path: str, data: bytes, mode: Mode) -> None:
        """A new document. Raises FileExistsError when the name is taken."""
        target = self.root / path if mode.plain else self.root / PENDING / path
        with _translated(path):
            self.files.create(target, data, self._aside)

    def move(self, path: str, new: str, mode: Mode) -> None:
        """Move a document within the workspace (off main: it stays where main has it)."""
        if mode.plain:
            with _translated(path):
                self.files.move(self.root / path, self.root / new)

    @property
    def _aside(self) -> Path:
        return self.root.parent


class _translated:  # noqa: N801  reads as a clause where it is used
    """Errors of the file system, named by what happens next."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, ChangedUnderUsError | FileNotFoundError):
            text = "changed while it was to be written; read again."
            raise PreconditionFailed(Problem("E118", text, self.path)) from None
        if isinstance(error, FileExistsError) or not isinstance(error, OSError):
            return
        raise _os_error(error, self.path) from None


def _os_error(error: OSError, path: str) -> AdapterError:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return Transient(Problem("E304", "the disk is full; nothing was changed.", path))
    if error.errno in {errno.EROFS, errno.EACCES, errno.EPERM}:
        remedy = "Give this program the right to write here."
        return Rejected(Problem("E119", f"cannot be written ({error.strerror}).", path, remedy))
    return Transient(Problem("E119", f"cannot be written ({error.strerror}).", path))


def _source(entry: Entry) -> Source:
    return Source(entry.path, entry.stamp, entry.changed_ns, entry.link)


def code_in(path: str) -> str:
    """The short code in a file's name or folder, for a document that cannot be read."""
    found = re.findall(r"[A-Z]{2,8}-[VITAS]-\d{4,}", path)
    return found[-1] if found else path
