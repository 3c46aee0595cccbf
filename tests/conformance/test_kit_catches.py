"""The kit is shown to catch broken adapters, each by the test that is named for it.

A kit that never failed proves nothing. All named tests run once, in a process of their own.
"""

import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import defaultdict
from pathlib import Path

import pytest

from adapters.conformance import standard_tests
from tests.conformance.broken import CASES, FINE

ROOT = Path(__file__).parents[2]
BROKEN = Path(__file__).with_name("broken.py")
NAMED = [(case, name) for case, names in CASES.items() for name in names]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """How each named test ended, and why, by class and by the test's name without its case."""
    report = tmp_path_factory.mktemp("kit") / "report.xml"
    wanted = [*NAMED, *(one[:2] for one in FINE)]
    nodes = [f"{BROKEN}::{case}::{name}" for case, name in wanted]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *nodes]
    done = subprocess.run(
        [*command, f"--junitxml={report}"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert report.exists(), done.stdout + done.stderr
    found = defaultdict(set)
    for case in ET.parse(report).iter("testcase"):
        ended = {child.tag: child.get("message", "") for child in case}
        worst = next((tag for tag in ("error", "failure", "skipped") if tag in ended), "passed")
        key = case.get("classname").rpartition(".")[2], case.get("name").partition("[")[0]
        found[key].add(worst)
    return found


@pytest.mark.parametrize(("case", "name"), NAMED)
def test_a_broken_adapter_fails_the_test_that_is_named_for_it(outcomes, case, name):
    assert outcomes[case, name] & {"failure", "error"}, f"{name} does not catch {case}"


@pytest.mark.parametrize(("case", "name", "outcome"), FINE)
def test_what_is_allowed_does_not_fail(outcomes, case, name, outcome):
    assert outcomes[case, name] == {outcome}


def test_every_test_of_the_kit_is_shown_to_catch_something():
    assert {name for _, name in NAMED} == set(standard_tests())
