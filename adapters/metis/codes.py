"""Allocating a short code from outside, so that Metis does not hand it out too (metis.md §4)."""

import re
import sqlite3
import tomllib
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Final

from adapters.errors import Transient
from mappings.problem import Problem, ProblemError

#: Letter in the code -> name of Metis' own counter.
COUNTERS: Final = {"T": "short_code_counter_task", "I": "short_code_counter_initiative"}
_PREFIX: Final = re.compile(r"[A-Z]{2,8}")
#: Seconds to wait for Metis' database.
_TIMEOUT: Final = 5


def prefix(root: Path) -> str:
    """The project's prefix from ``config.toml``. Raises ProblemError."""
    path = root / "config.toml"
    try:
        with path.open("rb") as file:
            found = str(tomllib.load(file)["project"]["prefix"])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        text = f"has no [project] prefix ({type(error).__name__})."
        raise ProblemError(Problem("E115", text, str(path))) from None
    if not _PREFIX.fullmatch(found):
        text = f'has the prefix "{found}", which is not 2 to 8 capital letters.'
        raise ProblemError(Problem("E115", text, str(path)))
    return found


def next_code(root: Path, letter: str, codes: Iterable[str], now: datetime) -> str:
    """The next free code; Metis' own counter is raised to it where there is a database.

    ``letter`` is ``T`` or ``I``; ``codes`` are all that are or were in use. Raises ProblemError
    without a prefix, Transient while Metis holds its database.
    """
    stem = f"{prefix(root)}-{letter}-"
    numbers = (code.removeprefix(stem) for code in codes if code.startswith(stem))
    highest = max((int(number) for number in numbers if number.isdecimal()), default=0)
    database = root / "metis.db"
    counter = COUNTERS[letter]
    number = highest + 1
    if database.exists():
        number = _count_up(database, counter, highest, now.timestamp())
    return f"{stem}{number:04}"


def _count_up(database: Path, name: str, highest: int, now: float) -> int:
    try:
        opened = sqlite3.connect(
            f"{database.resolve().as_uri()}?mode=rw",
            timeout=_TIMEOUT,
            isolation_level=None,
            uri=True,
        )
        with closing(opened) as db:
            db.execute("BEGIN IMMEDIATE")
            query = "SELECT value FROM configuration WHERE key = ?"
            row = db.execute(query, (name,)).fetchone()
            number = max(highest, int(row[0]) if row else 0) + 1
            db.execute(
                "INSERT INTO configuration (key, value, updated_at) "
                "VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                (name, str(number), now),
            )
            db.execute("COMMIT")
    except (sqlite3.Error, ValueError) as error:
        text = f"Metis' counter cannot be raised ({error}); trying again later."
        raise Transient(Problem("E116", text, str(database))) from None
    return number
