"""Allocating a short code from outside, so that Metis does not hand it out too (metis.md §4)."""

import sqlite3
import tomllib
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from adapters.errors import Transient
from mappings.problem import Problem, ProblemError


def prefix(root: Path) -> str:
    """The project's prefix from ``config.toml``. Raises ProblemError."""
    path = root / "config.toml"
    try:
        with path.open("rb") as file:
            found = tomllib.load(file)["project"]["prefix"]
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        text = f"has no [project] prefix ({type(error).__name__})."
        raise ProblemError(Problem("E115", text, str(path))) from None
    return str(found)


def next_task(root: Path, codes: Iterable[str]) -> str:
    """The next free task code; Metis' own counter is raised to it where there is a database."""
    stem = f"{prefix(root)}-T-"
    used = [int(code.removeprefix(stem)) for code in codes if code.startswith(stem)]
    highest = max(used, default=0)
    database = root / "metis.db"
    number = _count_up(database, highest) if database.exists() else highest + 1
    return f"{stem}{number:04}"


def _count_up(database: Path, highest: int) -> int:
    name = "short_code_counter_task"
    try:
        with closing(sqlite3.connect(database, timeout=5, isolation_level=None)) as db:
            db.execute("BEGIN IMMEDIATE")
            query = "SELECT value FROM configuration WHERE key = ?"
            row = db.execute(query, (name,)).fetchone()
            number = max(highest, int(row[0]) if row else 0) + 1
            now = "CAST(strftime('%s', 'now') AS REAL)"
            db.execute(
                f"INSERT INTO configuration (key, value, updated_at) VALUES (?, ?, {now}) "  # noqa: S608  a constant
                "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                (name, str(number)),
            )
            db.execute("COMMIT")
    except (sqlite3.Error, ValueError) as error:
        text = f"Metis' counter cannot be raised ({error}); trying again later."
        raise Transient(Problem("E116", text, str(database))) from None
    return number
