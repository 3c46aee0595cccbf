"""Items in memory: the smallest honest adapter, to read, to copy and to test with.

Four parts, as in every adapter: the home (a class here, a server elsewhere), pure functions
between what it keeps and items, the project that speaks to it, and what settings name. It
forgets everything when the process ends.
"""

from adapters.base import Connection, Description, Project
from adapters.memory.home import US, MemoryHome
from adapters.memory.project import MemoryProject, capabilities, meaning
from adapters.registry import Adapter
from adapters.seams import Seams
from mappings.profile import Profile, Table

__all__ = ["ADAPTER", "MemoryAdapter", "MemoryConnection", "MemoryHome", "MemoryProject"]


class MemoryConnection(Connection):
    """One home and who we are there."""

    def __init__(self, home: MemoryHome) -> None:
        self.home = home
        self.capabilities = capabilities(documents=home.documents)

    def describe(self) -> Description:
        if self.home.trouble.everything:
            raise meaning(self.home.trouble.everything, self.home.clock.now())
        return Description(adapter="memory", user=US, server_time=self.home.clock.now())

    def open(self, project: str, profile: Profile) -> Project:
        return MemoryProject(self.home, project or "memory", profile)


class MemorySettings(Table):
    """``[connections.NAME]`` of a home in memory: there is nothing to set."""


class MemoryAdapter(Adapter):
    """Homes by the name of their connection; a connection that has none gets an empty one."""

    name = "memory"
    title = "Items in memory, forgotten at the end"
    side = "right"
    Settings = MemorySettings
    capabilities = capabilities(documents=False)

    def __init__(self, homes: dict[str, MemoryHome] | None = None) -> None:
        self.homes = homes if homes is not None else {}

    def connect(self, name: str, settings: Table, seams: Seams) -> Connection:
        """Connections of one name share a home."""
        return MemoryConnection(self.homes.setdefault(name, MemoryHome(seams.clock)))


ADAPTER = MemoryAdapter()
