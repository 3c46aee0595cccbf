"""Who may open a database, which databases are refused, and what transactions promise."""

import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, insert, inspect, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from mappings.problem import ProblemError
from sync.store import Store, guardfile, migrate, schedule
from sync.store.schema import HEAD, journal, meta, metadata
from sync.store.store import FencedError, _check, raise_fence
from tests.sync.store.conftest import NOW, StillClock

ROOT = Path(__file__).parents[3]
HOLDER = """
import sys
from sync.store import Store
from adapters.seams import SystemClock
with Store.open(sys.argv[1], SystemClock(), lock=True):
    print("open", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def file(tmp_path):
    return tmp_path / "state.db"


def open_file(file, *, lock=True):
    return Store.open(f"sqlite:///{file}", StillClock(), lock=lock)


def refused(code, file, *, lock=True):
    """The problem that opening ends with."""
    with pytest.raises(ProblemError) as raised:
        open_file(file, lock=lock)
    assert raised.value.problem.code == code
    return str(raised.value)


def test_a_second_process_is_refused_and_told_who_holds_the_lock(file):
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, f"sqlite:///{file}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    ) as holder:
        assert holder.stdout.readline() == b"open\n"
        assert f"pid {holder.pid}" in refused("E301", file)
        with open_file(file, lock=False) as reader, reader.reading() as tx:
            assert schedule.all_pairs(tx) == []
        holder.kill()
        holder.wait()
        with open_file(file) as store:
            assert store.alone


@pytest.mark.parametrize("journal_mode", ["DELETE", "WAL"])
def test_everything_of_a_state_is_for_its_owner_only(file, journal_mode):
    mask = os.umask(0o022)
    try:
        with open_file(file):
            writer = sqlite3.connect(file, isolation_level=None)
            writer.execute(f"PRAGMA journal_mode={journal_mode}")
            writer.execute("BEGIN IMMEDIATE")
            writer.execute("INSERT INTO meta (name, value) VALUES ('a', 'b')")
            made = {one.name: one.stat().st_mode & 0o777 for one in file.parent.iterdir()}
            writer.execute("ROLLBACK")
            writer.execute("PRAGMA journal_mode=DELETE")
            writer.close()
    finally:
        os.umask(mask)
    assert set(made) > {"state.db", "state.db.lock"}
    assert set(made.values()) == {0o600}


def test_a_state_that_others_may_read_is_opened_and_told(file):
    with open_file(file):
        pass
    assert guardfile.open_to_others(file) == ()
    file.chmod(0o640)
    left_over = file.with_name("state.db-wal")
    left_over.touch(0o644)
    assert guardfile.open_to_others(file) == (file, left_over)
    with open_file(file):
        assert file.stat().st_mode & 0o777 == 0o640


def test_a_lock_is_given_back_when_opening_fails(file):
    with open_file(file):
        pass
    file.write_bytes(b"rubbish" * 1000)
    for _ in range(2):
        assert "integrity check failed" in refused("E302", file)


def test_a_damaged_page_is_found_before_anything_is_done(file):
    with open_file(file) as store, store.writing() as tx:
        for number in range(300):
            tx.execute(insert(meta).values(name=f"note {number}", value="x" * 500))
    data = bytearray(file.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 8192] = b"\xff" * 8192
    file.write_bytes(data)
    assert "sync --relink" in refused("E302", file)


def test_a_file_that_is_no_database_is_refused_by_a_reader_too(file):
    file.write_bytes(b"no database at all, but long enough to be looked at" * 100)
    refused("E302", file, lock=False)


def test_a_database_of_a_newer_program_is_refused_and_left_alone(file):
    with open_file(file) as store, store.writing() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    before = file.read_bytes()
    assert "Upgrade followthrough" in refused("E306", file)
    assert file.read_bytes() == before


def test_a_folder_that_is_not_there_is_named(tmp_path):
    assert "no folder" in refused("E304", tmp_path / "missing" / "state.db")


def test_a_place_that_cannot_be_written_is_named(file):
    os.mkfifo(file.with_name("state.db.lock"), 0o600)
    file.with_name("state.db.lock").unlink()
    file.with_name("state.db.lock").mkdir()
    assert "cannot write here" in refused("E304", file)


def test_a_read_only_folder_is_refused_with_a_reason(tmp_path):
    folder = tmp_path / "frozen"
    folder.mkdir()
    folder.chmod(0o500)
    try:
        if os.access(folder, os.W_OK):
            pytest.skip("this user may write into read-only folders")
        refused("E304", folder / "state.db")
    finally:
        folder.chmod(0o700)


def test_a_database_that_cannot_be_opened_is_named(file):
    file.mkdir()
    assert "cannot be opened" in refused("E304", file)


def test_another_programs_transaction_that_does_not_end_is_no_damage(file):
    with open_file(file):
        pass
    other = sqlite3.connect(file, isolation_level=None)
    try:
        other.execute("BEGIN EXCLUSIVE")
        engine = create_engine(f"sqlite:///{file}", connect_args={"timeout": 0.01})
        with pytest.raises(ProblemError) as raised:
            _check(engine, file, thorough=True)
        assert raised.value.problem.code == "E301"
        engine.dispose()
    finally:
        other.close()


@pytest.mark.parametrize("address", ["sqlite://", "sqlite:///:memory:"])
def test_a_store_in_memory_is_its_own(address):
    with Store.open(address, StillClock(), lock=True) as store:
        assert store.alone
        with store.writing() as tx:
            schedule.bind(tx, "p", NOW)
        with store.reading() as tx:
            assert schedule.get(tx, "p").bound_at == NOW


def test_looking_at_a_state_that_is_not_there_makes_no_file(file):
    with open_file(file, lock=False) as store, store.reading() as tx:
        assert schedule.all_pairs(tx) == []
    assert not file.exists()


MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
server:/x /shared nfs4 rw 0 0
/dev/sdb1 /shared/ann/local xfs rw 0 0
host:/x /mnt/two\\040words fuse.sshfs rw 0 0
odd
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/var/lib", "ext4"),
        ("/shared/bob/state", "nfs4"),
        ("/shared", "nfs4"),
        ("/sharedly", "ext4"),
        ("/shared/ann/local/x", "xfs"),
        ("/mnt/two words/x", "fuse.sshfs"),
    ],
)
def test_the_file_system_of_a_folder_is_that_of_the_nearest_mount(folder, kind):
    assert guardfile.file_system(Path(folder), MOUNTS) == kind


def test_without_a_list_of_mounts_nothing_is_known():
    assert guardfile.file_system(Path("/var"), "") == ""


def test_a_state_on_a_network_file_system_is_refused(tmp_path):
    mounts = f"server:/x {tmp_path.resolve()} nfs4 rw 0 0\n"
    with pytest.raises(ProblemError) as raised:
        guardfile.refuse_bad_place(tmp_path / "state.db", mounts)
    assert raised.value.problem.code == "E303"
    guardfile.refuse_bad_place(tmp_path / "state.db", mounts.replace("nfs4", "ext4"))


def test_a_full_disk_is_told_before_it_is_full(tmp_path):
    assert guardfile.free_space(tmp_path, 0) is None
    assert guardfile.free_space(tmp_path, 2**62).code == "E304"


# --- both databases ---------------------------------------------------------------------------


def test_a_migrated_database_is_exactly_the_schema(store):
    with store.engine.connect() as connection:
        # SQLite tells an empty text as a default in other words than those it was given.
        defaults = store.engine.dialect.name != "sqlite"
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": defaults}
        )
        assert compare_metadata(context, metadata) == []
        assert set(inspect(connection).get_table_names()) == {*metadata.tables, "alembic_version"}


def test_the_schema_and_the_migration_are_the_same_on_every_table(store):
    """What a memory store has, made from the tables, is what a migrated database has."""
    with Store.memory(StillClock()) as made:
        for name in metadata.tables:
            mine, theirs = inspect(store.engine), inspect(made.engine)
            columns = [
                [(one["name"], one["nullable"]) for one in look.get_columns(name)]
                for look in (mine, theirs)
            ]
            assert sorted(columns[0]) == sorted(columns[1])
            indexes = [
                sorted((one["name"], tuple(one["column_names"]), bool(one["unique"]))
                       for one in look.get_indexes(name) if not one.get("duplicates_constraint"))
                for look in (mine, theirs)
            ]  # fmt: skip
            assert indexes[0] == indexes[1]


def test_opening_again_changes_nothing(opened):
    with opened(lock=True).writing() as tx:
        schedule.bind(tx, "p", NOW)
    again = opened()
    with again.reading() as tx:
        assert schedule.get(tx, "p").name == "p"


def test_two_that_open_an_empty_database_at_once_both_get_it(server):
    url, errors = server.database(), []

    def opening():
        try:
            Store.open(url, StillClock(), lock=True).close()
        except Exception as error:  # noqa: BLE001  whatever it is, the test fails by it
            errors.append(error)

    threads = [threading.Thread(target=opening) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with Store.open(url, StillClock(), lock=True) as store:
        assert migrate.revision(store.engine) == HEAD
        assert not store.alone


def test_a_database_server_is_not_anybodys_alone(server):
    with (
        Store.open(server.database(), StillClock(), lock=True) as store,
        store.writing() as tx,
    ):
        assert not store.alone
        assert schedule.all_pairs(tx) == []


def test_a_newer_schema_on_a_server_is_refused_too(server):
    url = server.database()
    with Store.open(url, StillClock(), lock=True) as store, store.writing() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ProblemError) as raised:
        Store.open(url, StillClock(), lock=True)
    assert raised.value.problem.code == "E306"


def test_a_run_that_was_overtaken_cannot_write_any_more(store):
    with store.writing() as tx:
        first = raise_fence(tx, "p")
    with store.writing("p", first) as tx:
        schedule.start(tx, "p", first, NOW)
    with store.writing() as tx:
        second = raise_fence(tx, "p")
    assert second == first + 1
    with pytest.raises(FencedError), store.writing("p", first):
        raise AssertionError
    with store.writing("p", second) as tx:
        schedule.start(tx, "p", second, NOW)


def test_the_fence_of_a_pair_that_nobody_knows_stands(store):
    with pytest.raises(FencedError), store.writing("unknown", 1):
        raise AssertionError


def test_what_is_tried_is_not_kept(store):
    with store.trying() as tx:
        schedule.bind(tx, "tried", NOW)
        assert schedule.get(tx, "tried") is not None
    with store.reading() as tx:
        assert schedule.get(tx, "tried") is None


def test_a_transaction_that_breaks_off_leaves_nothing(store):
    def half():
        with store.writing() as tx:
            schedule.bind(tx, "half", NOW)
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        half()
    with store.reading() as tx:
        assert schedule.get(tx, "half") is None


def test_rows_of_a_pair_that_does_not_exist_are_refused(store):
    with pytest.raises(IntegrityError), store.writing() as tx:
        schedule.start(tx, "nobody", 1, NOW)


def test_writers_in_two_threads_take_turns(store):
    errors = []

    def writing(name):
        try:
            for number in range(500):
                with store.writing() as tx:
                    held = tx.execute(select(meta.c.value).where(meta.c.name == "count")).scalar()
                    if held is None:
                        tx.execute(insert(meta).values(name="count", value="1"))
                    else:
                        schedule.replace_note(tx, "count", str(int(held) + 1))
                    schedule.replace_note(tx, name, str(number))
        except OperationalError as error:
            errors.append(error)

    threads = [threading.Thread(target=writing, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with store.reading() as tx:
        assert tx.execute(select(meta.c.value).where(meta.c.name == "count")).scalar() == "1000"


def test_a_reader_sees_one_moment(opened, store):
    other = opened()
    with store.reading() as tx:
        assert schedule.get(tx, "p").failures == 0
        if store.engine.dialect.name == "postgresql":
            with other.writing() as theirs:
                schedule.reschedule(theirs, "p", NOW, 60.0, 5)
        assert schedule.get(tx, "p").failures == 0


def test_the_address_of_an_intent_is_its_alone(store):
    values = {
        "op": "0" * 32, "pair": "p", "run": 1, "kind": "create", "side": "left", "item": "x",
        "payload": "{}", "state": "pending", "intended_at": "2026",
    }  # fmt: skip
    with store.writing() as tx:
        tx.execute(insert(journal).values(values))
    with pytest.raises(IntegrityError), store.writing() as tx:
        tx.execute(insert(journal).values(values))
