"""Bringing a database to this program's schema with Alembic; a newer one is refused."""

import threading
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, func, inspect, select, text

from mappings.problem import Problem, ProblemError
from sync.store.schema import HEAD

_SCRIPTS: Final = Path(__file__).parent / "migrations"
#: Alembic keeps the upgrade under way in module globals: one at a time in this process.
_ONE_AT_A_TIME: Final = threading.Lock()
#: The key of the advisory lock that programs on one database server take turns with: any number
#: that nobody else uses ("follow" in ASCII).
_TURN: Final = 0x666F6C6C6F77


def to_head(engine: Engine) -> None:
    """Upgrade to :data:`HEAD`. Raises ProblemError (E306) if a newer program wrote it."""
    if _is_head(revision(engine)):
        return
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    writing = engine.connect().execution_options(writing=True)
    with _ONE_AT_A_TIME, writing as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(_TURN)))
        # Whoever had the lock before may have done it.
        if not _is_head(_revision(connection)):
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def _is_head(now: str | None) -> bool:
    if now is not None and now > HEAD:
        text_ = f"the database has schema {now}, this program knows {HEAD}."
        raise ProblemError(Problem("E306", text_, remedy="Upgrade followthrough."))
    return now == HEAD


def revision(engine: Engine) -> str | None:
    """The schema revision of the database, None for an empty one."""
    with engine.connect() as connection:
        return _revision(connection)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
