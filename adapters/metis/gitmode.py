"""Which files Metis itself would read: the working tree, or main's tree with ``.pending`` over it.

Since v2.0.6, off the main branch (a detached HEAD counts), Metis ignores the working tree's
``.metis`` (metis.md §5.4). A daemon that edited the working tree there would be invisible to it.
"""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from adapters.errors import Transient
from mappings.problem import Problem

TRUNKS: Final = ("main", "master")
#: Git is at work on the tree: what is read is half old, and what is written may be overwritten.
BUSY: Final = ("index.lock", "MERGE_HEAD", "CHERRY_PICK_HEAD", "rebase-merge", "rebase-apply")
_TIMEOUT: Final = 60


class Git(Protocol):
    """The two things asked of git: a tree's files and a file's bytes."""

    def tree(self, root: Path, ref: str) -> dict[str, str]:
        """Path below ``root`` -> blob id, of everything under ``.metis`` in ``ref``."""
        ...

    def blob(self, root: Path, name: str) -> bytes:
        """A blob's bytes."""
        ...


class CommandLineGit:
    """The installed git."""

    def tree(self, root: Path, ref: str) -> dict[str, str]:
        out = self._run(root, "ls-tree", "-r", "-z", ref, "--", ".").decode("utf-8", "replace")
        found = {}
        for line in out.split("\0"):
            about, _, path = line.partition("\t")
            if path:
                found[path] = about.split()[2]
        return found

    def blob(self, root: Path, name: str) -> bytes:
        return self._run(root, "cat-file", "blob", name)

    @staticmethod
    def _run(root: Path, *arguments: str) -> bytes:
        command = ["git", "-C", str(root), *arguments]
        try:
            done = subprocess.run(command, capture_output=True, timeout=_TIMEOUT, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            text = f"git is needed to read documents off the main branch ({error})."
            raise Transient(Problem("E116", text, str(root))) from None
        if done.returncode:
            text = done.stderr.decode("utf-8", "replace").strip()
            raise Transient(Problem("E116", f"git failed: {text}", str(root)))
        return done.stdout


@dataclass(frozen=True, slots=True)
class Mode:
    """How the workspace is to be read now. ``trunk``: the ref whose tree Metis reads, off main."""

    branch: str = ""
    trunk: str = ""
    busy: str = ""

    @property
    def plain(self) -> bool:
        """Whether Metis reads the working tree."""
        return not self.trunk


def mode_of(root: Path) -> Mode:
    """The mode of the workspace whose ``.metis`` folder is ``root``."""
    folder = _git_folder(root.resolve().parent)
    if folder is None:
        return Mode()
    busy = next((name for name in BUSY if (folder / name).exists()), "")
    head = _text(folder / "HEAD")
    branch = head.removeprefix("ref: refs/heads/") if head.startswith("ref: ") else ""
    common = folder / _text(folder / "commondir") if (folder / "commondir").exists() else folder
    for trunk in TRUNKS:
        for ref in (f"refs/heads/{trunk}", f"refs/remotes/origin/{trunk}"):
            if _has_ref(common, ref):
                return Mode(branch, "" if branch == trunk else ref, busy)
    return Mode(branch, "", busy)


def _git_folder(start: Path) -> Path | None:
    for folder in (start, *start.parents):
        git = folder / ".git"
        if git.is_dir():
            return git
        if git.is_file():  # a worktree or submodule
            return (folder / _text(git).removeprefix("gitdir: ")).resolve()
    return None


def _has_ref(folder: Path, ref: str) -> bool:
    if (folder / ref).exists():
        return True
    return any(line.endswith(f" {ref}") for line in _text(folder / "packed-refs").splitlines())


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""
