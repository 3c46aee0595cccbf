"""What can be told from where a person stands: the workspace, and the project it belongs to."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

#: scp-like, ssh and https addresses of a remote; credentials in them are passed over. A GitLab
#: project may lie in groups of any depth: group/sub/project.
_REMOTE: Final = re.compile(
    r"(?:(?:https?|ssh|git)://(?:[^@/\s]+@)?(?P<host>[^/:\s]+)(?::\d+)?/"
    r"|(?:[^@/\s]+@)?(?P<scp>[^/:\s]+):(?!/))"
    r"(?P<owner>[\w.-]+(?:/[\w.-]+)*)/(?P<name>[\w.-]+?)(?:\.git)?/?"
)
_PLAIN: Final = re.compile(r"(?P<owner>[\w.-]+(?:/[\w.-]+)*)/(?P<name>[\w.-]+)")
#: What GitLab puts between a project's path and its pages.
_PAGES: Final = "/-/"
_SECTION: Final = re.compile(r'\[remote\s+"origin"\]([^\[]*)')
_URL: Final = re.compile(r"^\s*url\s*=\s*(\S+)", re.MULTILINE)
#: Addresses of a Jira project's or issue's page on Cloud and Data Center.
_JIRA_PAGE: Final = re.compile(
    r"(?P<site>https?://\S+?)(?:/jira/\w+(?:/c)?)?/(?:browse|projects)/(?P<key>[A-Za-z]\w+)(?:\W\S*)?"
)
#: What a Jira project's key is made of (Atlassian, "Changing the project key format").
_JIRA_KEY: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]+")
_ATLASSIAN: Final = (".atlassian.net", ".jira.com")
_GATEWAY: Final = "api.atlassian.com"


@dataclass(frozen=True, slots=True)
class Remote:
    """A repository on a host. ``owner`` has slashes where a GitLab group has subgroups."""

    host: str
    owner: str
    name: str

    @property
    def path(self) -> str:
        """The whole path: owner/name, group/sub/project."""
        return f"{self.owner}/{self.name}"


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
    """``owner/name`` or ``group/sub/project`` on ``host``, any address git takes, or a project's
    page on GitLab; None for anything else.
    """
    asked = text.strip().partition(_PAGES)[0]
    plain = _PLAIN.fullmatch(asked)
    if plain:
        return Remote(host, plain["owner"], plain["name"])
    match = _REMOTE.fullmatch(asked)
    if match is None:
        return None
    return Remote((match["host"] or match["scp"]).lower(), match["owner"], match["name"])


def parse_jira(text: str) -> tuple[str, str] | None:
    """A Jira site's address ("" if it is not said) and a project's key, from the key alone or the
    address of any page of the project or its issues; None for anything else.
    """
    page = _JIRA_PAGE.fullmatch(text.strip())
    if page:
        return page["site"], page["key"].upper()
    return ("", text.strip().upper()) if _JIRA_KEY.fullmatch(text.strip()) else None


def tracker_at(host: str) -> str | None:
    """Which tracker a host's name plainly says: "github", "gitlab", "jira", or None."""
    words = host.lower().split(".")
    if is_jira_cloud(host) or "jira" in words:
        return "jira"
    if any(word.startswith("gitlab") for word in words):
        return "gitlab"
    return "github" if any(word.startswith("github") for word in words) else None


def is_jira_cloud(host: str) -> bool:
    """Whether Atlassian serves the Jira of that host."""
    return host.lower() == _GATEWAY or host.lower().endswith(_ATLASSIAN)


def is_this_machine(host: str) -> bool:
    """Whether a host's name plainly is this machine's own: where a sandbox is."""
    return host in {"localhost", "127.0.0.1", "::1"}


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
