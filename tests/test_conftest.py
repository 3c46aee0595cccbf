"""The list of skipped tests is printed, last, with and without xdist."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = """
import pytest

def test_runs():
    pass

@pytest.mark.skip(reason="no browser on this machine")
def test_waits_for_a_browser():
    pass

def test_waits_for_a_database():
    pytest.skip("no PostgreSQL on this machine")
"""


@pytest.mark.parametrize("arguments", [["-p", "no:xdist"], ["-n", "2"]])
def test_the_last_lines_say_what_was_skipped_and_why(tmp_path, arguments):
    shutil.copy(Path(__file__).with_name("conftest.py"), tmp_path)
    (tmp_path / "test_some.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert "1 passed, 2 skipped" in lines[-6]
    assert lines[-5:] == [
        "2 skipped:",
        "  no PostgreSQL on this machine",
        "    test_some.py::test_waits_for_a_database",
        "  no browser on this machine",
        "    test_some.py::test_waits_for_a_browser",
    ]


def test_nothing_is_listed_when_nothing_was_skipped(tmp_path):
    shutil.copy(Path(__file__).with_name("conftest.py"), tmp_path)
    (tmp_path / "test_some.py").write_text("def test_runs():\n    pass\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "1 passed" in done.stdout.splitlines()[-1]
