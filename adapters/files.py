"""The file system as a seam: few operations, each all or nothing.

A file is changed only if it still holds what the change was planned on, and a crash at any point
leaves either the old or the new content (write aside, fsync, exchange, fsync the folder).
"""

import ctypes
import errno
import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

_AT_FDCWD: Final = -100
_NOREPLACE: Final = 1
_EXCHANGE: Final = 2
# What a file system says that does not know an operation.
_UNKNOWN: Final = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP})
_NO_LINKS: Final = frozenset({*_UNKNOWN, errno.EPERM, errno.EMLINK})
#: How often a file is read that changes while it is read.
_READS: Final = 3
#: Temporary files older than this were left by a crash.
_LITTER_NS: Final = 3600 * 1_000_000_000


class ChangedUnderUsError(Exception):
    """The file is not what the change was planned on; nothing was written."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file found by a walk. ``path`` is relative to the walked folder, with ``/``.

    ``stamp`` differs whenever the file was written or replaced (modified, size, inode, changed;
    times in nanoseconds since the epoch); ``link`` marks a symbolic link, which is never followed.
    """

    path: str
    stamp: tuple[int, int, int, int]
    link: bool = False

    @property
    def size(self) -> int:
        """In bytes."""
        return self.stamp[1]

    @property
    def changed_ns(self) -> int:
        """When content or metadata last changed, in nanoseconds since the epoch."""
        return max(self.stamp[0], self.stamp[3])


class FileSystem(Protocol):
    """What the document adapters may do to files. Everything else an OSError says is raised."""

    def walk(self, root: Path, skip: frozenset[str]) -> Iterator[Entry]:
        """All documents below ``root``: files that end in ``.md`` or ``.deleted``, and links that
        do or that lead to a folder. What is named in ``skip`` (relative) is left out.
        """
        ...

    def read(self, path: Path) -> bytes:
        """The whole file, as it was at one moment. Raises FileNotFoundError."""
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
        """A new file, complete at once; folders are made. Raises FileExistsError."""
        ...

    def move(self, source: Path, target: Path) -> None:
        """Rename; folders are made. Raises FileExistsError."""
        ...

    def alone(self, folder: Path) -> AbstractContextManager[None]:
        """While it lasts no other process that asks gets the same folder; ends with the process.

        Raises BlockingIOError at once if another one has it.
        """
        ...


class LocalFiles:
    """The machine's own files."""

    def __init__(self) -> None:
        self._swept: set[Path] = set()

    def walk(self, root: Path, skip: frozenset[str]) -> Iterator[Entry]:
        stack = [("", os.fspath(root))]
        while stack:
            prefix, folder = stack.pop()
            with os.scandir(folder) as found:
                for one in found:
                    path = prefix + one.name
                    if path in skip:
                        continue
                    document = one.name.endswith((".md", ".deleted"))
                    if one.is_symlink():
                        if document or one.is_dir():
                            yield Entry(path, (0, 0, 0, 0), link=True)
                    elif one.is_dir(follow_symlinks=False):
                        stack.append((path + "/", one.path))
                    elif document:
                        yield from _entry(one, path)

    def read(self, path: Path) -> bytes:
        # Without O_NONBLOCK a pipe put in the file's place would never be opened.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            for _ in range(_READS):
                before = os.fstat(descriptor)
                if not stat.S_ISREG(before.st_mode):
                    raise OSError(errno.EINVAL, "no plain file", str(path))
                file.seek(0)
                data = file.read()
                after = os.fstat(descriptor)
                if len(data) == after.st_size and before.st_mtime_ns == after.st_mtime_ns:
                    break
        return data

    def exists(self, path: Path) -> bool:
        return os.path.lexists(path)

    def replace(self, path: Path, data: bytes, expect: bytes, aside: Path) -> None:
        fresh = self._write_aside(aside, data, path.stat(follow_symlinks=False))
        try:
            if self.read(path) != expect:
                raise ChangedUnderUsError(path)
            if _rename(fresh, path, _EXCHANGE):
                # ``fresh`` now holds what was there: a writer may have come in between.
                if fresh.read_bytes() != expect:
                    _rename(fresh, path, _EXCHANGE)
                    raise ChangedUnderUsError(path)
            else:
                fresh.replace(path)
            _sync_folder(path.parent)
        finally:
            with suppress(FileNotFoundError):
                fresh.unlink()

    def create(self, path: Path, data: bytes, aside: Path) -> None:
        _make_folders(path.parent)
        fresh = self._write_aside(aside, data, None)
        try:
            _put(fresh, path)
            _sync_folder(path.parent)
        finally:
            with suppress(FileNotFoundError):
                fresh.unlink()

    def move(self, source: Path, target: Path) -> None:
        _make_folders(target.parent)
        _put(source, target)
        _sync_folder(target.parent)
        _sync_folder(source.parent)

    def _write_aside(self, folder: Path, data: bytes, like: os.stat_result | None) -> Path:
        """The first file put into a folder also takes away what killed processes left there."""
        path = _write_aside(folder, data, like)
        if folder not in self._swept:
            self._swept.add(folder)
            _clear_litter(folder, path)
        return path

    @contextmanager
    def alone(self, folder: Path) -> Iterator[None]:
        # On the folder itself: nothing is left in it, and a killed process leaves no lock.
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        finally:
            os.close(descriptor)


def _entry(one: "os.DirEntry[str]", path: str) -> Iterator[Entry]:
    """A plain file, unless it vanished since its folder was read."""
    with suppress(FileNotFoundError):
        info = one.stat(follow_symlinks=False)
        if stat.S_ISREG(info.st_mode):
            stamp = (info.st_mtime_ns, info.st_size, info.st_ino, info.st_ctime_ns)
            yield Entry(path, stamp)


def _write_aside(folder: Path, data: bytes, like: os.stat_result | None) -> Path:
    """A durable file with a name no document scanner reads; mode and owner as ``like``."""
    for number in range(1000):
        path = folder / f".followthrough-{os.getpid()}-{number}.tmp"
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666)
        except FileExistsError:
            continue
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                if like is not None:
                    with suppress(PermissionError):
                        os.fchown(descriptor, like.st_uid, like.st_gid)
                    os.fchmod(descriptor, stat.S_IMODE(like.st_mode))
                os.fsync(descriptor)
        except BaseException:
            path.unlink()
            raise
        return path
    raise FileExistsError(errno.EEXIST, "too many temporary files", str(folder))


def _clear_litter(folder: Path, fresh: Path) -> None:
    """Take away what a crash left long ago, judged by the file system's own clock."""
    now = fresh.stat().st_mtime_ns
    for path in folder.glob(".followthrough-*.tmp"):
        with suppress(OSError):
            if path.lstat().st_mtime_ns < now - _LITTER_NS:
                path.unlink()


def _make_folders(folder: Path) -> None:
    """The folder, durably, with all above it."""
    if folder.is_dir():
        return
    _make_folders(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _UNKNOWN:
            raise
    finally:
        os.close(descriptor)


def _put(source: Path, target: Path) -> None:
    """Rename to a name that is free. Raises FileExistsError.

    In one step where the system can; else by a second name for the file; else, on file systems
    that know neither, after a look whether the name is free.
    """
    if _rename(source, target, _NOREPLACE):
        return
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
    else:
        source.unlink()
        return
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    source.rename(target)


def _rename(source: Path, target: Path, flag: int) -> bool:
    """Linux' ``renameat2`` with a flag; False where system or file system do not know it."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    if rename(_AT_FDCWD, os.fsencode(source), _AT_FDCWD, os.fsencode(target), flag) == 0:
        return True
    code = ctypes.get_errno()
    if code in _UNKNOWN:
        return False
    raise OSError(code, os.strerror(code), str(target))
