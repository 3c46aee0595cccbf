"""The machine's files: what a killed process leaves, and who may write."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.files import LocalFiles

HOUR_NS = 3600 * 1_000_000_000


def litter(folder, name=".followthrough-1-0.tmp", *, age=2 * HOUR_NS):
    path = folder / name
    path.write_text("half")
    stamp = path.stat().st_mtime_ns - age
    os.utime(path, ns=(stamp, stamp))
    return path


def test_the_first_write_takes_away_what_killed_processes_left(tmp_path):
    old, young = litter(tmp_path), litter(tmp_path, ".followthrough-2-0.tmp", age=0)
    other = tmp_path / "notes.tmp"
    other.write_text("a person's")
    files = LocalFiles()
    files.create(tmp_path / "docs" / "one.md", b"one", tmp_path)
    assert not old.exists()
    # Another process may be writing this one right now.
    assert young.exists()
    assert other.exists()
    later = litter(tmp_path)
    files.create(tmp_path / "docs" / "two.md", b"two", tmp_path)
    assert later.exists()


def test_a_folder_is_given_to_one_process_at_a_time(tmp_path):
    files = LocalFiles()
    with files.alone(tmp_path), pytest.raises(BlockingIOError), LocalFiles().alone(tmp_path):
        raise AssertionError
    with files.alone(tmp_path):
        assert list(tmp_path.iterdir()) == []


def test_a_killed_process_keeps_no_folder(tmp_path):
    program = (
        "import sys, time; from pathlib import Path; from adapters.files import LocalFiles\n"
        "with LocalFiles().alone(Path(sys.argv[1])):\n"
        "    print('mine', flush=True)\n"
        "    time.sleep(60)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=root) as process:
        assert process.stdout.readline() == b"mine\n"
        with pytest.raises(BlockingIOError), LocalFiles().alone(tmp_path):
            raise AssertionError
        process.kill()
        process.wait()
    with LocalFiles().alone(tmp_path):
        assert process.returncode
