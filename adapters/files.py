"""The file system as a seam: few operations, each all or nothing.

A file is changed only if it still holds what the change was planned on, and a crash at any point
leaves either the old or the new content (write aside, fsync, exchange, fsync the folder).
"""

import ctypes
import errno
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

_AT_FDCWD: Final = -100
_RENAME_EXCHANGE: Final = 2


class ChangedUnderUsError(Exception):
    """The file is not what the change was planned on; nothing was written."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file found by a walk. ``path`` is relative to the walked folder, with ``/``.

    ``stamp`` differs whenever the file was written or replaced (nanoseconds, size, inode);
    ``link`` marks a symbolic link, which is never followed.
    """

    path: str
    stamp: tuple[int, int, int, int]
    link: bool = False

    @property
    def changed_ns(self) -> int:
        """When content or metadata last changed, in nanoseconds since the epoch."""
        return max(self.stamp[0], self.stamp[3])


class FileSystem(Protocol):
    """What the document adapters may do to files."""

    def walk(self, root: Path, skip: frozenset[str]) -> Iterator[Entry]:
        """All files below ``root``; folders and files named in ``skip`` (relative) are left out."""
        ...

    def read(self, path: Path) -> bytes:
        """The whole file. Raises FileNotFoundError."""
        ...

    def exists(self, path: Path) -> bool:
        """Whether anything is there."""
        ...

    def replace(self, path: Path, data: bytes, expect: bytes, aside: Path) -> None:
        """Put ``data`` in place of ``expect``; raises ChangedUnderUsError if it is not that.

        ``aside`` is a folder on the same file system for the temporary file.
        """
        ...

    def create(self, path: Path, data: bytes, aside: Path) -> None:
        """A new file, complete at once. Raises FileExistsError."""
        ...

    def move(self, source: Path, target: Path) -> None:
        """Rename; folders are made. Raises FileExistsError."""
        ...


class LocalFiles:
    """The machine's own files."""

    def walk(self, root: Path, skip: frozenset[str]) -> Iterator[Entry]:
        stack = [("", os.fspath(root))]
        while stack:
            prefix, folder = stack.pop()
            with os.scandir(folder) as found:
                for one in found:
                    path = prefix + one.name
                    if path in skip:
                        continue
                    if one.is_symlink():
                        yield Entry(path, (0, 0, 0, 0), link=True)
                    elif one.is_dir(follow_symlinks=False):
                        stack.append((path + "/", one.path))
                    elif one.name.endswith((".md", ".deleted")):
                        info = one.stat(follow_symlinks=False)
                        stamp = (info.st_mtime_ns, info.st_size, info.st_ino, info.st_ctime_ns)
                        yield Entry(path, stamp)

    def read(self, path: Path) -> bytes:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb") as file:
            return file.read()

    def exists(self, path: Path) -> bool:
        return os.path.lexists(path)

    def replace(self, path: Path, data: bytes, expect: bytes, aside: Path) -> None:
        mode = stat.S_IMODE(path.stat().st_mode)
        fresh = _write_aside(aside, data, mode)
        try:
            if self.read(path) != expect:
                raise ChangedUnderUsError(path)
            if _exchange(fresh, path):
                # ``fresh`` now holds what was there: a writer may have come in between.
                if fresh.read_bytes() != expect:
                    _exchange(fresh, path)
                    raise ChangedUnderUsError(path)
            else:
                fresh.replace(path)
            _sync_folder(path.parent)
        finally:
            with suppress(FileNotFoundError):
                fresh.unlink()

    def create(self, path: Path, data: bytes, aside: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = _write_aside(aside, data, 0o644)
        try:
            # A hard link is made whole or not at all, and refuses a name that is taken.
            os.link(fresh, path)
            _sync_folder(path.parent)
        finally:
            fresh.unlink()

    def move(self, source: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
        source.rename(target)
        _sync_folder(target.parent)
        _sync_folder(source.parent)


def _write_aside(folder: Path, data: bytes, mode: int) -> Path:
    """A durable file with a name no document scanner reads."""
    for number in range(1000):
        path = folder / f".followthrough-{os.getpid()}-{number}.tmp"
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
        except FileExistsError:
            continue
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fchmod(file.fileno(), mode)
                os.fsync(file.fileno())
        except BaseException:
            path.unlink()
            raise
        return path
    raise FileExistsError(errno.EEXIST, "too many temporary files", str(folder))


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two files in one step where the system can (Linux ``renameat2``); False elsewhere."""
    swap = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if swap is None:
        return False
    ends = (_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other))
    if swap(*ends, _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in {errno.ENOSYS, errno.EINVAL}:
        return False
    raise OSError(code, os.strerror(code), str(other))
