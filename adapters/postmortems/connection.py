"""A folder of postmortems as a connection with one project."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from adapters.base import Check, Connection, Description, Project
from adapters.postmortems.folder import Folder
from adapters.postmortems.project import CAPABILITIES, PostmortemsProject
from adapters.postmortems.reading import Reader
from adapters.seams import Clock
from mappings.problem import Problem, ProblemError
from mappings.profile import Profile

_NONE: Final[Mapping[str, str]] = MappingProxyType({})


class PostmortemsConnection(Connection):
    """One folder. Needs no credential and no network."""

    capabilities = CAPABILITIES

    def __init__(
        self,
        folder: Folder,
        clock: Clock,
        *,
        incidents: Mapping[str, str] = _NONE,
        public: bool | None = None,
    ) -> None:
        self.folder = folder
        self._clock = clock
        self._incidents = incidents
        self._public = public

    def describe(self) -> Description:
        return Description(adapter="postmortems", url=str(self.folder.root))

    def open(self, project: str, profile: Profile) -> Project:
        if project:
            text = f'a folder of postmortems has no project "{project}". Leave `project` out.'
            raise ProblemError(Problem("E201", text))
        reader = Reader(self.folder, self._clock, profile, self._incidents)
        return PostmortemsProject(reader, public=self._public)

    def check(self) -> Iterator[Check]:
        root = self.folder.root
        if not root.is_dir():
            yield Check("folder", False, str(root), "Give the folder of the postmortems as `path`.")
            return
        yield Check("folder", True, str(root))
        writable = self.folder.writable()
        yield Check("writable", writable, str(root), "" if writable else "Give the right to write.")
