"""What each REST address does; one file per kind of thing."""

from importlib import import_module
from typing import Final

_MODULES: Final = ("account", "issues", "labels", "links", "notes", "projects")


def load() -> None:
    """Register every route."""
    for name in _MODULES:
        import_module(f"{__name__}.{name}")
