"""A whole Jira site in memory: people, projects, and what every project shares. Deterministic.

Nothing here knows HTTP. Time comes from the clock passed in, numbers from counters, so the
same calls give the same state. Refusals are :class:`~adapters.sandbox.core.tracker.Refused`
with the status and words Jira uses.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from adapters.sandbox.core.access import Access, Token
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.jira.issues import Issues
from adapters.sandbox.jira.model import (
    Category,
    FieldKind,
    Flavour,
    Habits,
    IssueType,
    LinkType,
    Named,
    Status,
    User,
)
from adapters.sandbox.jira.project import Project
from adapters.sandbox.jira.tasks import Task
from adapters.sandbox.jira.workflows import TEMPLATES, Workflow
from adapters.seams import Clock

#: A project's key (Jira's own rule for new ones).
KEY: Final = re.compile(r"[A-Z][A-Z0-9_]{1,9}")

PRIORITIES: Final = tuple(
    Named(str(rank), name)
    for rank, name in enumerate(("Highest", "High", "Medium", "Low", "Lowest"), start=1)
)
RESOLUTIONS: Final = tuple(
    Named(str(number), name)
    for number, name in enumerate(("Done", "Won't Do", "Duplicate", "Cannot Reproduce"), 10000)
)
LINK_TYPES: Final = (
    LinkType("10000", "Blocks", "is blocked by", "blocks"),
    LinkType("10001", "Cloners", "is cloned by", "clones"),
    LinkType("10002", "Duplicate", "is duplicated by", "duplicates"),
    LinkType("10003", "Relates", "relates to", "relates to"),
)


class JiraState:
    """Users, tokens, projects and the site's own lists; issues are in ``issues``.

    ``captcha`` are logins that must first solve a riddle in a browser, ``denied`` permissions of
    the whole site that nobody has, ``tasks`` what was asked for of many issues at once.
    """

    def __init__(
        self, clock: Clock, flavour: Flavour = "cloud", habits: Habits | None = None
    ) -> None:
        self.clock = clock
        self.flavour: Flavour = flavour
        self.habits = habits or Habits()
        self.cloud_id = "6b1f0c52-8f5e-4d6c-9d0e-3d2a1c4b5e6f"
        self.users: dict[str, User] = {}
        self.projects: dict[int, Project] = {}
        self.priorities = list(PRIORITIES)
        self.resolutions = list(RESOLUTIONS)
        self.link_types = list(LINK_TYPES)
        self.statuses: dict[str, Status] = {}
        self.captcha: set[str] = set()
        self.denied: set[str] = set()
        self.tasks: dict[str, Task] = {}
        self._keys: dict[str, int] = {}
        self._tokens: dict[str, Token] = {}
        self._counts: Counter[str] = Counter()
        self.issues = Issues(self)

    def next_id(self, kind: str, first: int = 10_000) -> int:
        """The next number of a kind; the first is ``first``."""
        self._counts[kind] += 1
        return first + self._counts[kind] - 1

    def set_habits(
        self,
        *,
        lag: float | None = None,
        issue_writes: int | None = None,
        issue_window: float | None = None,
        strangers: Literal["refuse", "empty"] | None = None,
        indexed: tuple[str, ...] | None = None,
        reflow: bool | None = None,
        task: float | None = None,
    ) -> None:
        """Behave otherwise from now on; times in seconds. None leaves a habit as it is."""
        if lag is not None:
            self.habits = replace(self.habits, lag=timedelta(seconds=lag))
        if issue_writes is not None:
            self.habits = replace(self.habits, issue_writes=issue_writes)
        if issue_window is not None:
            self.habits = replace(self.habits, issue_window=timedelta(seconds=issue_window))
        if strangers is not None:
            self.habits = replace(self.habits, strangers=strangers)
        if indexed is not None:
            self.habits = replace(self.habits, indexed=frozenset(indexed))
        if reflow is not None:
            self.habits = replace(self.habits, reflow=reflow)
        if task is not None:
            self.habits = replace(self.habits, task=timedelta(seconds=task))

    # Users and tokens

    def user(self, login: str, name: str = "", zone: str = "", *, app: bool = False) -> User:
        """The user of that login, made when there is none; a ``zone`` given is theirs now."""
        key = login.lower()
        if key not in self.users:
            number = self.next_id("user", 10_100)
            digest = hashlib.sha256(key.encode()).hexdigest()
            self.users[key] = User(
                id=number,
                login=login,
                account_id=f"5b10{digest[:20]}",
                name=name or login,
                email=f"{login}@example.com",
                app=app,
            )
        if zone:
            ZoneInfo(zone)
            self.users[key] = replace(self.users[key], zone=zone)
            self.issues.revision += 1
        return self.users[key]

    def user_by_account(self, account_id: str) -> User | None:
        """Whom an account id stands for."""
        return next((one for one in self.users.values() if one.account_id == account_id), None)

    def add_token(self, token: Token) -> Token:
        """Let a credential in; its user is made if need be."""
        self.user(token.login)
        self._tokens[token.secret] = token
        return token

    def token(self, secret: str) -> Token | None:
        """The live credential behind a secret, else None. Counts the use."""
        token = self._tokens.get(secret)
        if token is None or not token.alive(self.clock.now()):
            return None
        token.used += 1
        return token

    def revoke(self, secret: str) -> None:
        """End a credential at once."""
        self._tokens.pop(secret, None)

    def tokens(self) -> Iterator[Token]:
        """Every credential, dead or alive."""
        return iter(self._tokens.values())

    # Projects

    def add_project(self, key: str, template: str = "classic", name: str = "") -> Project:
        """A new project. Raises ValueError for a bad key, template, or one that is there."""
        if not KEY.fullmatch(key):
            raise ValueError(f'a project\'s key is like "PAY", not "{key}"')
        if template not in TEMPLATES:
            known = ", ".join(TEMPLATES)
            raise ValueError(f'no project template "{template}"; known: {known}')
        if key in self._keys:
            raise ValueError(f"{key} is there already")
        chosen = TEMPLATES[template]
        number = self.next_id("project")
        owner = number if chosen.free else None
        project = Project(
            id=number,
            key=key,
            name=name or key.capitalize(),
            kind=chosen.kind,
            free=chosen.free,
            lead="maria",
            workflow=chosen.workflow,
            types=[self._type(name, level, owner) for name, level in chosen.types],
            statuses={},
            priorities=tuple(one.id for one in self.priorities),
            default_priority="3",
        )
        self.user(project.lead)
        self.projects[number] = project
        self._keys[key] = number
        self.set_workflow(project, chosen.workflow)
        return project

    def _type(self, name: str, level: int, owner: int | None) -> IssueType:
        for project in self.projects.values():
            found = project.type_named(name)
            if owner is None and found is not None and found.project is None:
                return found
        return IssueType(str(self.next_id("type", 10_001)), name, level, owner)

    def set_workflow(self, project: Project, workflow: Workflow, kind: str = "") -> None:
        """Let a project's issues (those of one type, if named) go through a workflow."""
        if kind:
            project.flows[kind] = workflow
        else:
            project.workflow = workflow
        owner = project.id if project.free else None
        for name, category in workflow.statuses:
            if name not in project.statuses:
                project.statuses[name] = self.status(name, category, owner)

    def status(self, name: str, category: Category, owner: int | None = None) -> Status:
        """The status of that name, the site's or a project's own; made when there is none."""
        for one in self.statuses.values():
            if one.name == name and one.project == owner:
                return one
        made = Status(id=str(self.next_id("status")), name=name, category=category, project=owner)
        self.statuses[made.id] = made
        return made

    def project(self, wanted: str) -> Project:
        """The project of that key (present or former) or id. Raises Refused (404)."""
        number = self._keys.get(wanted.upper())
        if number is None and wanted.isascii() and wanted.isdigit():
            number = int(wanted)
        found = self.projects.get(number) if number is not None else None
        if found is None or found.hidden:
            raise Refused(404, f"No project could be found with key '{wanted}'.")
        return found

    def rename_project(self, project: Project, key: str) -> None:
        """Give a project another key; the old one leads to it from now on."""
        if not KEY.fullmatch(key) or self._keys.get(key, project.id) != project.id:
            raise Refused(400, "", ({"projectKey": "Project key is invalid or taken."},))
        self._keys[key] = project.id
        project.key = key
        self.issues.rekey(project)

    def add_field(
        self,
        project: Project,
        name: str,
        holds: Literal["string", "option", "number", "date"] = "string",
        options: tuple[str, ...] = (),
        required: tuple[str, ...] = (),
    ) -> FieldKind:
        """A custom field on a project's screens; ``required`` names issue types, "*" is all."""
        made = FieldKind(
            id=f"customfield_{self.next_id('field', 10_050)}",
            name=name,
            holds=holds,
            options=tuple(Named(str(self.next_id("option")), one) for one in options),
            required=required,
        )
        project.custom.append(made)
        return made

    def access(self, token: Token | None, project: Project) -> Access:
        """What a credential may do in a project."""
        if token is None or project.hidden:
            return Access.NONE
        return token.on(project.key)
