"""The kit runs from the command line, as it does from an installed package."""

import subprocess
import sys
from pathlib import Path

import pytest

from adapters.conformance import standard_tests
from adapters.conformance.__main__ import main, registered, target

ROOT = Path(__file__).parents[2]
BROKEN = "tests/conformance/broken.py::TestSwallowsALabel"


def call(*arguments):
    command = [sys.executable, "-m", "adapters.conformance", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_its_tests_can_be_listed():
    done = call("--list")
    assert done.returncode == 0
    assert done.stdout.split() == sorted(standard_tests())


def test_a_failing_adapter_fails_and_shows_what_was_compared():
    chosen = "test_labels_of_others_stay or test_times_are_utc"
    done = call(BROKEN, "-q", "-p", "no:cacheprovider", "-k", chosen)
    assert done.returncode == 1
    assert "1 failed, 1 passed" in done.stdout
    assert "assert 'team: payments' in frozenset()" in done.stdout
    assert "lost when title was written" in done.stdout


def test_a_class_without_capabilities_is_told_what_it_lacks(tmp_path):
    file = tmp_path / "test_bare.py"
    file.write_text(
        "from adapters.conformance import AdapterConformance\n"
        "class TestBare(AdapterConformance):\n    pass\n"
    )
    done = call(str(file), "-q", "-p", "no:cacheprovider", f"--rootdir={tmp_path}")
    assert done.returncode != 0
    assert "give TestBare the `capabilities` its adapter claims" in done.stdout


def test_an_adapter_is_named_by_its_package_a_file_or_a_module():
    assert target("redmine", {"redmine": "ours.tests"}) == ["--pyargs", "ours.tests"]
    assert target(f"{ROOT}/tests/conformance/broken.py", {}) == [
        f"{ROOT}/tests/conformance/broken.py"
    ]
    assert target("ours.tests", {}) == ["--pyargs", "ours.tests"]
    assert all(isinstance(module, str) for module in registered().values())


def test_to_name_nothing_is_wrong_usage(capsys):
    with pytest.raises(SystemExit) as left:
        main([])
    assert left.value.code == 2
    assert "name an adapter" in capsys.readouterr().err
