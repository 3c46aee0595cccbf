"""The address of the database: which there are, what is wrong with one, where a file lies."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from sync.settings.model import StateSettings


class Wrong(NamedTuple):
    """One thing that is wrong with ``[state]``."""

    text: str
    remedy: str
    code: str = "E201"


def wrong_with(state: StateSettings, *, from_file: bool) -> Iterator[Wrong]:
    """All that is wrong. ``from_file``: the address stands in the settings file, where a
    password has no place.
    """
    try:
        url = make_url(state.url)
    except ArgumentError:
        url = None
    if url is None or url.get_backend_name() not in {"sqlite", "postgresql"}:
        remedy = 'Write "sqlite:///FILE" or "postgresql+psycopg://HOST/NAME".'
        yield Wrong("not an address of a database.", remedy)
        return
    if url.get_backend_name() == "sqlite":
        return
    if url.password and from_file:
        remedy = "Give the whole address in FOLLOWTHROUGH_STATE__URL, or use a .pgpass file."
        yield Wrong("a password does not belong in the settings.", remedy, "E203")
    if state.key is None:
        text = "state.key is missing: with PostgreSQL there is no file beside the database."
        yield Wrong(text, 'Write [state] key = { env = "NAME" } or { file = "PATH" }.', "E203")
    if not _has_driver(url):
        remedy = 'Write "postgresql+psycopg://…" and install followthrough[postgresql].'
        yield Wrong(f"no driver for {url.drivername} is installed.", remedy)


def beside(url: str, base: Path) -> str:
    """The address with a SQLite file's path made absolute from ``base``; others as they are."""
    path = sqlite_file(url)
    return f"sqlite:///{(base / path).resolve()}" if path else url


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite address, if it has one."""
    parts = make_url(url)
    if parts.get_backend_name() != "sqlite" or not parts.database:
        return None
    return None if parts.database == ":memory:" else Path(parts.database)


def _has_driver(url: URL) -> bool:
    try:
        url.get_dialect().import_dbapi()
    except (ImportError, NoSuchModuleError):
        return False
    return True
