"""Where a SQLite store may live, and the OS lock that gives it to one process."""

import fcntl
import os
import shutil
import stat
from pathlib import Path
from typing import Final, Self

from mappings.problem import Problem, ProblemError

#: File systems over a network: SQLite's locks do not hold there (sqlite.org/faq.html#q5).
NETWORK: Final = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "afs", "ncpfs"})
#: What one cycle may need at most for its journal and rollback file.
FREE_BYTES: Final = 50 * 1024 * 1024

_SUFFIXES: Final = ("", "-wal", "-shm", "-journal")
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class Lock:
    """An exclusive ``flock`` beside the database; the kernel drops it when the process ends."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, database: Path) -> Self:
        """Take it or raise ProblemError (E301) that names the holder."""
        path = database.with_name(database.name + ".lock")
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            problem = Problem("E304", f"cannot write here: {error.strerror}", str(path))
            raise ProblemError(problem) from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(descriptor)
            text = f"another instance (pid {holder}) holds the lock."
            remedy = "Stop it, or give this one a state file of its own."
            raise ProblemError(Problem("E301", text, str(path), remedy)) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        return cls(descriptor)

    def release(self) -> None:
        """Let the next one in. The file stays: removing it would race with a newcomer."""
        os.close(self._descriptor)


def make(database: Path) -> None:
    """Make an empty database file for its owner only, unless there is one.

    SQLite gives the journals beside it the same rights (sqlite.org/src, os_unix.c,
    findCreateFileMode). Raises ProblemError (E304).
    """
    try:
        os.close(os.open(database, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        problem = Problem("E304", f"cannot be written: {error.strerror}.", str(database))
        raise ProblemError(problem) from None


def open_to_others(database: Path) -> tuple[Path, ...]:
    """Those of a database's files that somebody besides their owner may read or change."""
    beside = (database.with_name(database.name + suffix) for suffix in _SUFFIXES)
    return tuple(one for one in beside if one.exists() and one.stat().st_mode & _OTHERS)


def refuse_bad_place(database: Path, mounts: str | None = None) -> None:
    """Raise ProblemError for a missing folder (E304) or a network file system (E303).

    ``mounts`` as in /proc/mounts, which is read when it is None.
    """
    folder = database.resolve().parent
    if not folder.is_dir():
        problem = Problem("E304", f"no folder {folder} for the state file.", str(database))
        raise ProblemError(problem)
    kind = file_system(folder, _mounts() if mounts is None else mounts)
    if kind in NETWORK:
        text, remedy = f"state on {kind} is unsafe.", "Put it on a local disk, or use PostgreSQL."
        raise ProblemError(Problem("E303", text, str(database), remedy))


def free_space(folder: Path, least: int = FREE_BYTES) -> Problem | None:
    """E304 when the disk is nearly full: what cannot be journalled must not be done."""
    free = shutil.disk_usage(folder).free
    if free >= least:
        return None
    need = least // 2**20
    return Problem("E304", f"{free // 2**20} MB free, need {need}; no changes will be sent.")


def file_system(folder: Path, mounts: str) -> str:
    """The type of the file system that holds ``folder``; ``mounts`` as in /proc/mounts."""
    best, kind = "", ""
    for line in mounts.splitlines():
        columns = line.split()
        if len(columns) > 2:  # noqa: PLR2004  device, mount point, type
            point = columns[1].replace("\\040", " ")
            inside = folder == Path(point) or Path(point) in folder.parents
            if inside and len(point) >= len(best):
                best, kind = point, columns[2]
    return kind


def _mounts() -> str:
    try:
        return Path("/proc/mounts").read_text("utf-8", "replace")
    except OSError:
        return ""
