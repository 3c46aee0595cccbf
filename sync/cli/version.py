"""``followthrough version``: what to name in a report."""

import platform
import sqlite3
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version

import typer

from sync.cli.session import JsonOption, world_of

#: Libraries whose version matters when something goes wrong.
_LIBRARIES = ("PyGithub", "SQLAlchemy", "pydantic", "typer")


def version(ctx: typer.Context, *, as_json: JsonOption = False) -> None:
    """Show the versions of the program and of what it stands on.

    Example: followthrough version --json
    """
    world = world_of(ctx)
    found = {"followthrough": _of("followthrough"), "python": platform.python_version()}
    found["sqlite"] = sqlite3.sqlite_version
    found |= {name: _of(name) for name in _LIBRARIES}
    if as_json:
        world.screen.data(found)
        return
    for name, number in found.items():
        world.screen.line(f"{name} {number}")


def _of(name: str) -> str:
    try:
        return installed_version(name)
    except PackageNotFoundError:
        return "not installed"
