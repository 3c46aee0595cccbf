"""What can be told from where a person stands: the workspace, and the repository it belongs to."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

#: scp-like, ssh and https addresses of a remote; credentials in them are passed over.
_REMOTE: Final = re.compile(
    r"(?:(?:https?|ssh|git)://(?:[^@/\s]+@)?(?P<host>[^/:\s]+)(?::\d+)?/"
    r"|(?:[^@/\s]+@)?(?P<scp>[^/:\s]+):(?!/))"
    r"(?P<owner>[\w.-]+)/(?P<name>[\w.-]+?)(?:\.git)?/?"
)
_PLAIN: Final = re.compile(r"(?P<owner>[\w.-]+)/(?P<name>[\w.-]+)")
_SECTION: Final = re.compile(r'\[remote\s+"origin"\]([^\[]*)')
_URL: Final = re.compile(r"^\s*url\s*=\s*(\S+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Remote:
    """A repository on a host."""

    host: str
    owner: str
    name: str


def find_workspace(start: Path) -> Path | None:
    """The nearest folder from ``start`` upward that holds ``.metis``."""
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / ".metis").is_dir():
            return folder
    return None


def find_remote(start: Path) -> Remote | None:
    """Where the git repository around ``start`` has its ``origin``."""
    for folder in (start.resolve(), *start.resolve().parents):
        git = folder / ".git"
        if git.exists():
            return _origin(git)
    return None


def parse_remote(text: str, host: str) -> Remote | None:
    """``owner/name`` on ``host``, or any address git takes; None for anything else."""
    plain = _PLAIN.fullmatch(text.strip())
    if plain:
        return Remote(host, plain["owner"], plain["name"])
    match = _REMOTE.fullmatch(text.strip())
    if match is None:
        return None
    return Remote((match["host"] or match["scp"]).lower(), match["owner"], match["name"])


def _origin(git: Path) -> Remote | None:
    try:
        if git.is_file():  # a work tree of another clone, or a submodule
            git = (git.parent / git.read_text("utf-8").removeprefix("gitdir:").strip()).resolve()
            common = git / "commondir"
            if common.is_file():
                git = (git / common.read_text("utf-8").strip()).resolve()
        text = (git / "config").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    section = _SECTION.search(text)
    url = _URL.search(section[1]) if section else None
    return parse_remote(url[1], "") if url else None
