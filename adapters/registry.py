"""Adapters are found by entry point, so that one from another package needs nothing here.

An entry point in the group ``followthrough.adapters`` names an :class:`Adapter`: usually a
module-level instance in the adapter's own package.
"""

from abc import ABC, abstractmethod
from importlib.metadata import EntryPoint, entry_points
from typing import Final

from adapters.base import Capabilities, Connection
from adapters.seams import Seams
from mappings.problem import Problem, ProblemError
from mappings.profile import Table

GROUP: Final = "followthrough.adapters"


class Adapter(ABC):
    """What a package offers: a name, a settings table, and how to connect.

    ``Settings`` lists the keys of ``[connections.NAME]`` besides ``adapter``; an unknown key is an
    error the command line reports. ``side`` says which end of a pair it usually is.
    ``capabilities`` are those of its connections, for people who ask before they connect; None
    when they differ from one connection to the next.
    """

    name: str
    title: str
    side: str
    Settings: type[Table]
    capabilities: Capabilities | None = None

    @abstractmethod
    def connect(self, name: str, settings: Table, seams: Seams) -> Connection:
        """Open a connection; makes no request. ``name`` is the connection's name in settings."""


def installed() -> dict[str, Adapter]:
    """Every adapter that is installed, by name. Raises ProblemError (E201) for a broken one."""
    found: dict[str, Adapter] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        found[point.name] = _load(point)
    return found


def adapter(name: str) -> Adapter:
    """One adapter. Raises ProblemError (E201) that lists the installed ones."""
    names = {point.name: point for point in entry_points(group=GROUP)}
    if name not in names:
        known = ", ".join(sorted(names)) or "none"
        raise ProblemError(Problem("E201", f'no adapter "{name}"', remedy=f"Installed: {known}."))
    return _load(names[name])


def _load(point: EntryPoint) -> Adapter:
    """Import one adapter. Raises ProblemError (E201) for a package that is broken."""
    try:
        loaded: Adapter = point.load()
    except Exception as error:
        text = f'adapter "{point.name}" cannot be loaded ({type(error).__name__}: {error}).'
        raise ProblemError(
            Problem("E201", text, point.value, "Install its package anew.")
        ) from error
    return loaded
