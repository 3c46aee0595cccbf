"""Opening the store: engine, durability, lock, schema, and transactions with a fence.

SQLite: ``BEGIN IMMEDIATE`` for every writing transaction, ``synchronous=FULL``, foreign keys on,
a busy timeout, an OS lock on a side file, no network file systems; WAL only from SQLite 3.51.3
on, older ones have the WAL-reset bug (design §12). PostgreSQL: the same tables and functions.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final, Self, cast

from sqlalchemy import (
    Connection,
    Engine,
    bindparam,
    create_engine,
    event,
    func,
    select,
    text,
    update,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import StaticPool

from adapters.seams import Clock
from mappings.problem import Problem, ProblemError
from sync.store import guardfile, migrate
from sync.store.schema import metadata, pairs

BUSY_TIMEOUT_MS: Final = 30_000
WAL_SINCE: Final = (3, 51, 3)


class FencedError(Exception):
    """Another run of this pair has started; this one must not write any more."""


class Store:
    """One database. Give it back with :meth:`close`."""

    def __init__(
        self, engine: Engine, clock: Clock, lock: guardfile.Lock | None = None, *, own: bool = False
    ) -> None:
        self.engine = engine
        self.clock = clock
        self._lock = lock
        self._own = own or lock is not None

    @property
    def alone(self) -> bool:
        """Whether no other process can be writing: by the OS lock, or as it is in memory.

        A database server's clients are told apart by fences only, and a fenced one may still
        have a request under way.
        """
        return self._own

    @classmethod
    def open(cls, url: str, clock: Clock, *, lock: bool) -> Self:
        """Open and, where needed, create or upgrade the database.

        ``lock``: this process will write; another one that does is refused (E301). Raises
        ProblemError with the E30x codes; nothing is left half-made.
        """
        address = make_url(url)
        if address.get_backend_name() != "sqlite":
            engine = create_engine(url, pool_pre_ping=True)
            _ready(engine)
            return cls(engine, clock)
        path = address.database
        if not path or path == ":memory:":
            return cls.memory(clock)
        file = Path(path)
        if not lock and not file.exists():
            return cls.memory(clock)
        guardfile.refuse_bad_place(file)
        held = guardfile.Lock.take(file) if lock else None
        try:
            if lock:
                guardfile.make(file)
            engine = _sqlite(f"sqlite:///{file}")
            _ready(engine, lambda: _check(engine, file, thorough=lock))
        except BaseException:
            if held:
                held.release()
            raise
        return cls(engine, clock, held)

    @classmethod
    def memory(cls, clock: Clock) -> Self:
        """A store that is gone when closed: for tests, and for a plan before the first sync."""
        engine = _sqlite("sqlite://")
        with engine.connect() as connection:
            _driver(connection).deserialize(_empty())
        return cls(engine, clock, own=True)

    def close(self) -> None:
        """Give back connections and the lock."""
        self.engine.dispose()
        if self._lock:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view; never blocks on the network."""
        with self.engine.connect() as connection:
            if self.engine.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self, pair: str = "", fence: int | None = None) -> Iterator[Connection]:
        """One durable transaction. With ``fence``: raises FencedError if a later run began."""
        connecting = self.engine.connect().execution_options(writing=True)
        with connecting as connection, connection.begin():
            if fence is not None:
                _stand_behind(connection, pair, fence)
            elif connection.dialect.name == "postgresql":
                connection.execute(_TURN)  # as SQLite's BEGIN IMMEDIATE: one after the other
            yield connection

    @contextmanager
    def trying(self) -> Iterator[Connection]:
        """A transaction that is always rolled back: what would be, without it happening."""
        with self.engine.connect().execution_options(writing=True) as connection:
            attempt = connection.begin()
            try:
                yield connection
            finally:
                attempt.rollback()


def _driver(connection: Connection) -> sqlite3.Connection:
    return cast("sqlite3.Connection", connection.connection.driver_connection)


@cache
def _empty() -> bytes:
    """An empty database with today's tables: copying it costs less than making them."""
    engine = _sqlite("sqlite://")
    metadata.create_all(engine)
    with engine.connect() as connection:
        data = _driver(connection).serialize()
    engine.dispose()
    return data


def _ready(engine: Engine, check: Callable[[], None] = lambda: None) -> None:
    """Check and upgrade; whatever stops it, no connection is left open."""
    try:
        check()
        migrate.to_head(engine)
    except BaseException:
        engine.dispose()
        raise


#: Any number but the one of migrate.py.
_TURN: Final = select(func.pg_advisory_xact_lock(0x666F6C6C6F78))
_FENCE: Final = select(pairs.c.fence).where(pairs.c.name == bindparam("pair")).with_for_update()


_RAISE: Final = (
    update(pairs)
    .where(pairs.c.name == bindparam("pair"))
    .values(fence=pairs.c.fence + 1)
    .returning(pairs.c.fence)
)


def _stand_behind(connection: Connection, pair: str, fence: int) -> None:
    if connection.execute(_FENCE, {"pair": pair}).scalar() != fence:
        raise FencedError(pair)


def raise_fence(connection: Connection, pair: str) -> int:
    """Start of a run: whoever held the former fence can no longer write."""
    return int(connection.execute(_RAISE, {"pair": pair}).scalar_one())


def _sqlite(url: str) -> Engine:
    in_memory = url == "sqlite://"
    engine = create_engine(
        url,
        connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT_MS / 1000},
        **({"poolclass": StaticPool} if in_memory else {}),
    )
    wal = sqlite3.sqlite_version_info >= WAL_SINCE and not in_memory

    @event.listens_for(engine, "connect")
    def _settings(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # transactions are ours to begin
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        connection.execute(f"PRAGMA journal_mode={'WAL' if wal else 'DELETE'}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def _check(engine: Engine, file: Path, *, thorough: bool) -> None:
    """Refuse a damaged database: acting on it could repeat what it forgot."""
    try:
        with engine.connect() as connection:
            pragma = "integrity_check" if thorough else "schema_version"
            answer = connection.execute(text(f"PRAGMA {pragma}")).scalar()
        damaged = thorough and answer != "ok"
    except OperationalError as error:
        if "locked" in str(error.orig):
            raise ProblemError(Problem("E301", "the database is locked", str(file))) from None
        problem = Problem("E304", f"cannot be opened: {error.orig}", str(file))
        raise ProblemError(problem) from None
    except DatabaseError:
        damaged = True
    if damaged:
        remedy = "Move it aside and run `followthrough sync --relink`: links return by markers."
        raise ProblemError(Problem("E302", "integrity check failed.", str(file), remedy))
