"""Which files Metis itself would read: the working tree, or main's tree with ``.pending`` over it.

Since v2.0.6, off the main branch (a detached HEAD counts), Metis ignores the working tree's
``.metis`` (reference: metis.md §5.4). A daemon that edited the working tree there would be
invisible to it. The mode is read from git's own files; git itself is started only to read what
is committed, and where refs are kept in its newer table format.
"""

import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from adapters.errors import Transient
from mappings.problem import Problem

TRUNKS: Final = ("main", "master")
#: Git is at work on the tree: what is read is half old, and what is written may be overwritten.
BUSY: Final = (
    "index.lock",
    "MERGE_HEAD",
    "CHERRY_PICK_HEAD",
    "REVERT_HEAD",
    "rebase-merge",
    "rebase-apply",
)
#: Seconds one call of git may take.
_TIMEOUT: Final = 60


class Git(Protocol):
    """What is asked of git. Every call raises Transient when git cannot answer."""

    def head(self, root: Path) -> str:
        """The branch that is checked out; "" for a detached HEAD."""
        ...

    def resolve(self, root: Path, ref: str) -> str:
        """The commit a ref stands for; "" when there is no such ref."""
        ...

    def tree(self, root: Path, commit: str) -> dict[str, str]:
        """Path below ``root`` -> blob id, of every plain file there is in ``commit``."""
        ...

    def blobs(self, root: Path, names: Iterable[str]) -> dict[str, bytes]:
        """The bytes of blobs, by their ids."""
        ...


class CommandLineGit:
    """The installed git."""

    def head(self, root: Path) -> str:
        return (
            self._run(root, "symbolic-ref", "-q", "--short", "HEAD", may_fail=True).strip().decode()
        )

    def resolve(self, root: Path, ref: str) -> str:
        return self._run(root, "rev-parse", "-q", "--verify", ref, may_fail=True).strip().decode()

    def tree(self, root: Path, commit: str) -> dict[str, str]:
        found = {}
        for line in self._run(root, "ls-tree", "-r", "-z", commit, "--", ".").split(b"\0"):
            about, _, path = line.partition(b"\t")
            # Links (120000) and submodules (160000) are no documents.
            if path and about.startswith(b"100"):
                found[path.decode("utf-8", "replace")] = about.split()[2].decode()
        return found

    def blobs(self, root: Path, names: Iterable[str]) -> dict[str, bytes]:
        wanted = list(names)
        asked = "".join(f"{name}\n" for name in wanted).encode()
        out = self._run(root, "cat-file", "--batch", sent=asked)
        found, at = {}, 0
        for name in wanted:
            line = out.index(b"\n", at)
            words = out[at:line].split()
            if len(words) != 3:  # noqa: PLR2004  "<id> blob <size>", or "<id> missing"
                raise _failed(root, f"has no object {name}")
            start = line + 1
            found[name] = out[start : start + int(words[2])]
            at = start + int(words[2]) + 1
        return found

    @staticmethod
    def _run(root: Path, *arguments: str, sent: bytes = b"", may_fail: bool = False) -> bytes:
        command = ["git", "-C", str(root), *arguments]
        # A git hook that starts us leaves its own repository in the environment.
        plain = {name: text for name, text in os.environ.items() if not name.startswith("GIT_")}
        try:
            done = subprocess.run(
                command,
                input=sent,
                capture_output=True,
                timeout=_TIMEOUT,
                check=False,
                env={**plain, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"},
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            remedy = "Install git, or check the main branch out."
            text = f"git is needed to read committed documents ({type(error).__name__})."
            raise Transient(Problem("E116", text, str(root), remedy)) from None
        if done.returncode and not (may_fail and done.returncode == 1):
            raise _failed(root, done.stderr.decode("utf-8", "replace").strip())
        return done.stdout


def _failed(root: Path, said: str) -> Transient:
    return Transient(Problem("E116", f"git failed: {said}", str(root)))


@dataclass(frozen=True, slots=True)
class Mode:
    """How the workspace is to be read now.

    ``trunk`` and ``commit`` are the main branch's ref and its tip, "" where there is none;
    ``plain``: Metis reads the working tree.
    """

    branch: str = ""
    trunk: str = ""
    commit: str = ""
    plain: bool = True
    busy: str = ""


def mode_of(root: Path, git: Git) -> Mode:
    """The mode of the workspace whose ``.metis`` folder is ``root``. Raises Transient."""
    folder = _git_folder(root.resolve().parent)
    if folder is None:
        return Mode()
    busy = next((name for name in BUSY if (folder / name).exists()), "")
    common = folder / _text(folder / "commondir") if (folder / "commondir").exists() else folder
    tabled = (common / "reftable").is_dir()
    if tabled:
        branch = git.head(root)
    else:
        head = _text(folder / "HEAD")
        branch = head.removeprefix("ref: refs/heads/") if head.startswith("ref: ") else ""
    for trunk in TRUNKS:
        for ref in (f"refs/heads/{trunk}", f"refs/remotes/origin/{trunk}"):
            commit = git.resolve(root, ref) if tabled else _commit(common, ref)
            if commit:
                return Mode(branch, ref, commit, branch == trunk, busy)
    return Mode(branch, busy=busy)


def _git_folder(start: Path) -> Path | None:
    for folder in (start, *start.parents):
        git = folder / ".git"
        if git.is_dir():
            return git
        if git.is_file():  # a worktree or submodule
            return (folder / _text(git).removeprefix("gitdir: ")).resolve()
    return None


def _commit(folder: Path, ref: str) -> str:
    """What a ref stands for, loose or packed; "" when there is no such ref."""
    if (folder / ref).is_file():
        return _text(folder / ref)
    lines = _text(folder / "packed-refs").splitlines()
    return next((line.split()[0] for line in lines if line.endswith(f" {ref}")), "")


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""
