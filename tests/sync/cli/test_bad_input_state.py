"""A state that cannot be used: nothing is sent, nothing is forgotten, and the way out is named."""

import subprocess
import sys
from pathlib import Path

import pytest

from mappings.markers import Marker, write_marker
from sync.store import Store

ROOT = Path(__file__).parents[3]
#: The program in a process whose files may only grow to so many bytes: a disk that fills up.
FULL = """\
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)),) * 2)
from sync.cli import main
main()
"""


def database(ground):
    return ground.folder / "followthrough.db"


@pytest.mark.parametrize("command", ["sync", "run"])
def test_a_second_program_on_one_state_is_told_who_holds_it(ground, command):
    ground.write(1)
    ground("sync")
    ground.write(2)
    with Store.open(f"sqlite:///{database(ground)}", ground.clock, lock=True):
        result = ground(command)
        assert result.exit_code == 1
        assert f"E301 {database(ground)}.lock another instance (pid " in result.stderr
        assert "Stop it, or give this one a state file of its own." in result.stderr
        assert len(ground.issues) == 1
        assert ground("plan").exit_code == 0
    assert ground("sync").exit_code == 0
    assert len(ground.issues) == 2


def in_the_head(data):
    return b"this is no database" + data[19:]


def in_the_middle(data):
    half = len(data) // 2
    return data[:half] + b"\xff" * 8192 + data[half + 8192 :]


def cut_off(data):
    return data[: len(data) // 2]


@pytest.mark.parametrize("spoil", [in_the_head, in_the_middle, cut_off])
def test_a_damaged_state_sends_nothing_and_links_come_back_by_marks(ground, spoil):
    for number in range(1, 4):
        ground.write(number, f"Task {number}")
    ground("sync")
    written = ground.written()
    whole = database(ground).read_bytes()
    database(ground).write_bytes(spoil(whole))
    spoilt = database(ground).read_bytes()
    result = ground("sync")
    assert result.exit_code == 1
    assert f"E302 {database(ground)} integrity check failed." in result.stderr
    assert "Move it aside and run `followthrough sync --relink`" in result.stderr
    assert ground.written() == written
    assert database(ground).read_bytes() == spoilt
    for left_over in ground.folder.glob("followthrough.db*"):
        if left_over.suffix != ".key":
            left_over.unlink()
    ground("sync", "--relink")
    assert ground("sync").exit_code == 0
    assert sorted(ground.titles) == ["Task 1", "Task 2", "Task 3"]


def test_a_state_folder_that_is_not_there_is_named(ground):
    ground.write(1)
    ground.change(
        "[connections.docs]", '[state]\nurl = "sqlite:///away/f.db"\n\n[connections.docs]'
    )
    for command in ("sync", "check"):
        result = ground(command)
        assert result.exit_code == 1
        assert "E304" in result.output
        assert f"no folder {ground.folder / 'away'} for the state" in result.output
    assert ground.issues == {}


def full(ground, size):
    """Sync in a process that cannot make files larger than ``size`` bytes."""
    return subprocess.run(
        [sys.executable, "-c", FULL, str(size), "sync", "-c", ground.folder / "followthrough.toml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_disk_that_fills_up_in_the_middle_stops_in_time_and_doubles_nothing(ground):
    assert ground("sync").exit_code == 0
    size = database(ground).stat().st_size
    for number in range(1, 15):
        ground.write(number, f"Task {number}", body="x" * 3000)
    result = full(ground, size + 2**15)
    assert result.returncode == 1
    said = "E304 the database cannot be used: "
    (line,) = [one for one in result.stderr.splitlines() if one.startswith("E")]
    assert line.startswith(said)
    assert "Make room or give the right there" in line
    assert list(ground.folder.glob("followthrough-error-*")) == []
    assert len(ground.issues) < 14
    assert ground("sync").exit_code == 0
    assert sorted(ground.titles) == sorted(f"Task {number}" for number in range(1, 15))


def test_a_key_that_is_lost_sends_nothing_and_is_not_replaced(ground):
    ground.write(1)
    ground("sync")
    written = ground.written()
    key = ground.folder / "followthrough.db.key"
    kept = key.read_bytes()
    key.unlink()
    for command in ("plan", "sync"):
        result = ground(command)
        assert result.exit_code == 1
        assert f"E307 {key} the key of this state file is gone." in result.stderr
        assert "Restore it from a backup" in result.stderr
    assert not key.exists()
    assert ground.written() == written
    key.write_bytes(kept)
    assert ground("sync").exit_code == 0


def test_a_second_instance_elsewhere_halts_the_pair(ground):
    ground.write(1, "A task")
    ground("sync")
    written = ground.written()
    mark = write_marker(Marker(op="0" * 32, instance="0" * 8, origin="PAY-T-0009"), b"another key")
    ground.sandbox.person("octo-bot").open("From elsewhere", f"Text.\n\n{mark}")
    ground.write(2)
    before = ground.files()
    for command in ("plan", "sync"):
        result = ground(command)
        assert result.exit_code == 3
        said = "E305 acme/payments#2 was made by another instance of followthrough."
        remedy = "Run one instance only; or use that instance's state and key."
        assert f"{said} {remedy}" in result.stderr
        assert "--approve" not in result.output
    assert ground.written() == written
    assert ground.files() == before
