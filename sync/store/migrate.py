"""Bringing a database to this program's schema with Alembic; a newer one is refused."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, inspect, text

from mappings.problem import Problem, ProblemError
from sync.store.schema import HEAD

_SCRIPTS = Path(__file__).parent / "migrations"


def to_head(engine: Engine) -> None:
    """Upgrade to :data:`HEAD`. Raises ProblemError (E306) if a newer program wrote it."""
    now = revision(engine)
    if now == HEAD:
        return
    if now is not None and now > HEAD:
        text_ = f"the database has schema {now}, this program knows {HEAD}."
        raise ProblemError(Problem("E306", text_, remedy="Upgrade followthrough."))
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    with engine.connect().execution_options(writing=True) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def revision(engine: Engine) -> str | None:
    """The schema revision of the database, None for an empty one."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
