"""The files of one folder of postmortems: found by a pattern, read whole, replaced at once."""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from adapters.errors import AdapterError, PreconditionFailed, Rejected, Transient
from adapters.files import ChangedUnderUsError, Entry, FileSystem
from mappings.problem import Problem, ProblemError

_SKIPPED: Final = frozenset({".git", ".metis", "node_modules"})
_UNTOUCHED: Final = "File left untouched; not synced."


@dataclass(frozen=True, slots=True)
class Source:
    """One document file; ``path`` is below the folder. ``problem``: why it is not to be read."""

    path: str
    stamp: tuple[int, ...]
    changed_ns: int = 0
    problem: Problem | None = None


class Folder:
    """The documents below ``root`` that ``pattern`` names and ``skip`` does not.

    ``limit`` is the longest file that is read, in bytes.
    """

    def __init__(
        self,
        root: Path,
        files: FileSystem,
        *,
        pattern: str = "**/*.md",
        skip: tuple[str, ...] = (),
        limit: int = 1024 * 1024,
    ) -> None:
        self.root = Path(root)
        self.files = files
        self._wanted = matcher(pattern)
        self._skip = tuple(map(matcher, skip))
        self._limit = limit

    def require(self) -> None:
        """Raises ProblemError (E115) where there is no such folder: that proves nothing."""
        if not self.root.is_dir():
            text, remedy = "is no folder of postmortems.", "Name one as `path`; is it mounted?"
            raise ProblemError(Problem("E115", text, str(self.root), remedy))

    def sources(self) -> Iterator[Source]:
        """Every document. Raises Transient (E119) when not all of them can be listed."""
        try:
            entries = sorted(self.files.walk(self.root, _SKIPPED), key=lambda one: one.path)
        except OSError as error:
            place = str(error.filename or self.root)
            text = f"cannot be read ({error.strerror}); no conclusion is drawn."
            remedy = "Give this program the right to read here."
            raise Transient(Problem("E119", text, place, remedy)) from None
        for entry in entries:
            if self._chosen(entry):
                yield Source(entry.path, entry.stamp, entry.changed_ns, self._problem(entry))

    def _chosen(self, entry: Entry) -> bool:
        hidden = any(part.startswith(".") for part in entry.path.split("/"))
        if hidden or any(one.fullmatch(entry.path) for one in self._skip):
            return False
        # A link to a folder may lead to documents that the pattern would name.
        folder = entry.link and "." not in entry.path.rpartition("/")[2]
        return folder or bool(self._wanted.fullmatch(entry.path))

    def _problem(self, entry: Entry) -> Problem | None:
        if entry.link:
            text = "is a link; documents are not read through links."
            remedy = "Put the file itself there, or take the link away."
            return Problem("E112", text, entry.path, remedy)
        if entry.size > self._limit:
            text = f"{_mib(entry.size)} is over the {_mib(self._limit)} limit. {_UNTOUCHED}"
            return Problem("E107", text, entry.path, "Make it smaller.")
        return None

    def read(self, path: str) -> bytes:
        """One document's bytes. Raises FileNotFoundError; ProblemError E107, E112, E119."""
        try:
            self._inside(path)
            data = self.files.read(self.root / path)
        except FileNotFoundError:
            raise
        except Rejected as error:
            raise ProblemError(error.problem) from None
        except OSError as error:
            if error.errno == errno.ELOOP:
                problem = Problem("E112", "is a link; it is not read through.", path)
            else:
                remedy = "Give this program the right to read it."
                problem = Problem("E119", f"cannot be read ({error.strerror}).", path, remedy)
            raise ProblemError(problem) from None
        if len(data) > self._limit:
            text = f"{_mib(len(data))} is over the {_mib(self._limit)} limit. {_UNTOUCHED}"
            raise ProblemError(Problem("E107", text, path, "Make it smaller."))
        return data

    def write(self, path: str, data: bytes, expect: bytes) -> None:
        """Replace a document. Raises PreconditionFailed when it is not ``expect`` any more;
        Rejected or Transient E112, E119, E304 when it cannot be written.
        """
        target = self._inside(path)
        with _writing(path):
            self.files.replace(target, data, expect, target.parent)
            if self.files.read(target) != data:
                text = "changed right after it was written; read again."
                raise PreconditionFailed(Problem("E118", text, path))

    def writable(self) -> bool:
        """Whether documents can be replaced here."""
        return os.access(self.root, os.W_OK)

    def _inside(self, path: str) -> Path:
        """Where ``path`` is. Raises Rejected (E112) if it, or a link on its way, leads outside."""
        target = self.root / path
        real, root = os.path.realpath(target.parent), os.path.realpath(self.root)
        below = os.path.relpath(target.parent, self.root)
        if real != os.path.normpath(os.path.join(root, below)) or below.startswith(".."):  # noqa: PTH118  realpath's sort
            text = f"leads through a link to {real}; nothing is read or written there."
            raise Rejected(Problem("E112", text, path))
        return target


@contextmanager
def _writing(path: str) -> Iterator[None]:
    """Errors of the file system, named by what happens next."""
    try:
        yield
    except (ChangedUnderUsError, FileNotFoundError):
        text = "changed while it was to be written; read again."
        raise PreconditionFailed(Problem("E118", text, path)) from None
    except OSError as error:
        raise _unwritable(error, path) from None


def _unwritable(error: OSError, path: str) -> AdapterError:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return Transient(Problem("E304", "the disk is full; nothing was changed.", path))
    if error.errno in {errno.EROFS, errno.EACCES, errno.EPERM}:
        remedy = "Give this program the right to write here."
        return Rejected(Problem("E119", f"cannot be written ({error.strerror}).", path, remedy))
    return Transient(Problem("E119", f"cannot be written ({error.strerror}).", path))


def matcher(pattern: str) -> re.Pattern[str]:
    """A pattern of paths: ``*`` within one name, ``**/`` through any folders, ``?`` one letter.

    A pattern without ``/`` names files in any folder.
    """
    whole = pattern if "/" in pattern else f"**/{pattern}"
    parts = []
    for token in re.split(r"(\*\*/|\*\*|\*|\?)", whole):
        signs = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
        parts.append(signs.get(token, re.escape(token)))
    return re.compile("".join(parts), re.IGNORECASE)


def _mib(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MiB".replace(".0 ", " ")
