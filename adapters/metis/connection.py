"""A Metis workspace as a connection with one project."""

from collections.abc import Iterator
from pathlib import Path

from adapters.base import Check, Connection, Description, Project
from adapters.errors import AdapterError
from adapters.files import FileSystem
from adapters.metis import codes
from adapters.metis.editing import Rules
from adapters.metis.gitmode import Git
from adapters.metis.project import CAPABILITIES, MetisProject
from adapters.metis.workspace import Workspace
from adapters.seams import Clock
from mappings.problem import Problem, ProblemError
from mappings.profile import Profile


class MetisConnection(Connection):
    """One workspace. Needs no credential and no network."""

    capabilities = CAPABILITIES

    def __init__(
        self,
        path: Path,
        clock: Clock,
        files: FileSystem,
        git: Git | None = None,
        *,
        reopen: str = "edit",
        not_planned: str = "archive",
        public: bool | None = None,
    ) -> None:
        self.workspace = Workspace(path, files, git)
        self._clock = clock
        self._rules = Rules(reopen, not_planned)
        self._public = public

    def describe(self) -> Description:
        return Description(adapter="metis", url=str(self.workspace.root))

    def open(self, project: str, profile: Profile) -> Project:
        if project:
            text = f'a Metis workspace has no project "{project}". Leave `project` out.'
            raise ProblemError(Problem("E201", text))
        return MetisProject(self.workspace, self._clock, profile, self._rules, public=self._public)

    def check(self) -> Iterator[Check]:
        root = self.workspace.root
        if not root.is_dir():
            yield Check("folder", False, str(root), 'Give the folder that holds ".metis".')
            return
        yield Check("folder", True, str(root))
        try:
            yield Check("prefix", True, codes.prefix(root))
        except ProblemError as error:
            yield Check("prefix", False, str(error), "Run `metis init`, or repair config.toml.")
        writable = self.workspace.writable()
        yield Check("writable", writable, str(root), "" if writable else "Give the right to write.")
        yield self._branch()

    def _branch(self) -> Check:
        """Whether documents can be read and written where git stands now."""
        try:
            mode = self.workspace.require()
        except (AdapterError, ProblemError) as error:
            return Check("branch", False, str(error), error.problem.remedy)
        where = mode.branch or ("no branch" if mode.commit else "no git")
        text = where if mode.plain else f"{where}: changes go to .pending, as Metis does"
        return Check("branch", True, text)
