"""A whole GitLab in memory: users, tokens, projects and the groups they are in. Deterministic.

Nothing here knows HTTP. Time comes from the clock passed in, numbers from counters, so the same
calls give the same state. Refusals carry the status and words GitLab uses.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final, Literal

from adapters.sandbox.core.access import Token
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.gitlab.model import Habits, Issue, Link, Status, User
from adapters.sandbox.gitlab.project import Project
from adapters.seams import Clock

#: The version this GitLab says it is.
VERSION: Final = "18.5.0-ee"

#: GitLab's own statuses (docs.gitlab.com, "Status"), in their order.
_STATUSES: Final[tuple[tuple[str, Any], ...]] = (
    ("To do", "TO_DO"),
    ("In progress", "IN_PROGRESS"),
    ("Done", "DONE"),
    ("Won't do", "CANCELED"),
    ("Duplicate", "CANCELED"),
)


class GitLabState:
    """Everything; ``executed`` are the quick actions that were run, ``links`` join issues."""

    def __init__(self, clock: Clock, habits: Habits | None = None) -> None:
        self.clock = clock
        self.habits = habits or Habits()
        self.users: dict[str, User] = {}
        self.projects: dict[int, Project] = {}
        self.groups: dict[str, int] = {}
        self.links: dict[int, Link] = {}
        self.statuses: list[Status] = []
        self.executed: list[str] = []
        self.places: dict[int, tuple[int, int]] = {}
        self._names: dict[str, int] = {}
        self._tokens: dict[str, Token] = {}
        self._counts: Counter[str] = Counter()
        for name, category in _STATUSES:
            self.add_status(name, category)

    def next_id(self, kind: str, first: int = 1) -> int:
        """The next number of a kind; the first is ``first``."""
        self._counts[kind] += 1
        return first + self._counts[kind] - 1

    def set_habits(
        self,
        *,
        lag: float | None = None,
        search_lag: float | None = None,
        touch_every: float | None = None,
        premium: bool | None = None,
    ) -> None:
        """Behave otherwise from now on; times in seconds. None leaves a habit as it is."""
        given = {"lag": lag, "search_lag": search_lag, "touch_every": touch_every}
        changed: dict[str, Any] = {
            name: timedelta(seconds=value) for name, value in given.items() if value is not None
        }
        if premium is not None:
            changed["premium"] = premium
        self.habits = replace(self.habits, **changed)

    # Users and tokens

    def user(self, username: str, name: str = "", *, bot: bool = False) -> User:
        """The user of that name, made when there is none."""
        key = username.lower()
        if key not in self.users:
            number = self.next_id("user", 11)
            self.users[key] = User(number, username, name or username.capitalize(), bot)
        return self.users[key]

    def user_by_id(self, number: int) -> User | None:
        """The user of that number."""
        return next((one for one in self.users.values() if one.id == number), None)

    def add_token(self, token: Token) -> Token:
        """Let a credential in; its user is made if need be."""
        self.user(token.login, bot=token.app)
        self._tokens[token.secret] = token
        return token

    def token(self, secret: str) -> Token | None:
        """The live credential behind a secret, else None. Counts the use."""
        token = self._tokens.get(secret)
        if token is None or not token.alive(self.clock.now()):
            return None
        token.used += 1
        return token

    def known_token(self, secret: str) -> Token | None:
        """The credential behind a secret, dead or alive; counts nothing."""
        return self._tokens.get(secret)

    def revoke(self, secret: str) -> None:
        """End a credential at once."""
        self._tokens.pop(secret, None)

    def tokens(self) -> Iterator[Token]:
        """Every credential, dead or alive."""
        return iter(self._tokens.values())

    # Projects and groups

    def add_project(
        self, path: str, *, visibility: Literal["private", "internal", "public"] = "private"
    ) -> Project:
        """A new project "group/name", in as many groups as the path says. Raises ValueError."""
        parts = path.split("/")
        if len(parts) < 2 or not all(parts):  # noqa: PLR2004  a group and a name
            raise ValueError(f'a project is named "group/name", not "{path}"')
        if path.lower() in self._names:
            raise ValueError(f"{path} is there already")
        project = Project(self, self.next_id("project", 77), path, visibility)
        self.projects[project.id] = project
        self._place(project, path)
        return project

    def rename(self, project: Project, path: str) -> None:
        """Give it another path; the old one leads to it from now on."""
        project.revision += 1
        self._place(project, path)

    def _place(self, project: Project, path: str) -> None:
        project.path = path
        self._names[path.lower()] = project.id
        parts = path.split("/")[:-1]
        for depth in range(len(parts)):
            name = "/".join(parts[: depth + 1])
            if name.lower() not in self.groups:
                self.groups[name.lower()] = self.next_id("group", 501)

    def find(self, key: str) -> Project | None:
        """The project of that number or path, present or former."""
        number = int(key) if key.isascii() and key.isdigit() else self._names.get(key.lower())
        return self.projects.get(number) if number is not None else None

    def project(self, key: str) -> Project:
        """The same. Raises Refused (404)."""
        found = self.find(key)
        if found is None:
            raise Refused(404, "404 Project Not Found")
        return found

    def group(self, key: str) -> str:
        """The path of the group of that number or path. Raises Refused (404)."""
        for path, number in self.groups.items():
            if key.lower() in {path, str(number)}:
                return path
        raise Refused(404, "404 Group Not Found")

    def within(self, group: str) -> list[Project]:
        """The projects in a group and all groups below it."""
        below = group.lower() + "/"
        return [one for one in self.projects.values() if one.path.lower().startswith(below)]

    def issue_by_id(self, number: int) -> tuple[Project, Issue] | None:
        """An issue by its global id, wherever it is."""
        if number not in self.places:
            return None
        project, iid = self.places[number]
        issue = self.projects[project].issues.get(iid)
        return (self.projects[project], issue) if issue is not None else None

    # Statuses

    def add_status(
        self, name: str, category: Literal["TRIAGE", "TO_DO", "IN_PROGRESS", "DONE", "CANCELED"]
    ) -> Status:
        """A further status that work items may have."""
        number = self.next_id("status")
        made = Status(
            f"gid://gitlab/WorkItems::Statuses::SystemDefined::Status/{number}", name, category
        )
        self.statuses.append(made)
        return made

    def status(self, key: str) -> Status:
        """By id or name. Raises Refused (404)."""
        for one in self.statuses:
            if key in {one.id, one.name}:
                return one
        raise Refused(404, "404 Not found")

    def status_of(self, issue: Issue) -> Status:
        """The status an issue is in: its own, else the first that fits its state."""
        if issue.status:
            return self.status(issue.status)
        wanted = "DONE" if issue.state == "closed" else "TO_DO"
        return next(one for one in self.statuses if one.category == wanted)
