"""The simulation in the suite: a range of seeds, saved seeds, one trace a seed, planted bugs."""

import ast
import hashlib
import re
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from tests.simulation.__main__ import catch, violations
from tests.simulation.mutants import BUGS
from tests.simulation.world import Rates

HERE = Path(__file__).parent
SAVED = [
    int(line.split()[0])
    for line in (HERE / "saved_seeds.txt").read_text().splitlines()
    if line and not line.startswith("#")
]
SEEDS, BATCH = 1000, 25


def fresh():
    """Where this change's seeds begin: other ones whenever the engine changes, yet the same ones
    for everybody who has the same engine.
    """
    root, said = HERE.parents[1], hashlib.sha256()
    for folder in ("mappings", "adapters", "sync"):
        for path in sorted((root / folder).rglob("*.py")):
            said.update(path.read_bytes())
    return int.from_bytes(said.digest()[:4])


FRESH = fresh()


@pytest.mark.parametrize("start", range(FRESH, FRESH + SEEDS, BATCH))
def test_these_seeds_violate_nothing(start):
    for seed in range(start, start + BATCH):
        found = violations(seed).violations
        assert not found, f"python -m tests.simulation --seed {seed}: {found}"


@pytest.mark.parametrize("seed", SAVED)
def test_seeds_that_once_failed_violate_nothing(seed):
    assert violations(seed).violations == []


@pytest.mark.parametrize("seed", [3, 50, 700])
def test_one_seed_has_one_trace(seed):
    assert violations(seed).world.trace == violations(seed).world.trace


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_planted_bug_is_caught(bug):
    assert catch(bug, seeds=500) is not None


def test_every_promise_has_a_check_that_bears_its_number():
    """9 is seen by 1, as all others still agree; 14 is the test above."""
    told = "".join(path.read_text() for path in HERE.glob("*.py"))
    missing = [one for one in range(1, 14) if one != 9 and not re.search(rf'"{one} [a-z]', told)]
    assert missing == []


def test_nothing_in_the_engine_reads_the_machines_clock_or_chance():
    """Time and chance come through the seams alone; the daemon and the screen are not simulated."""
    root = HERE.parents[1]
    forbidden = {"time", "random", "secrets", "uuid"}
    for folder in ("mappings", "sync/decide", "sync/effect"):
        for path in (root / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                names = []
                if isinstance(node, ast.Import):
                    names = [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom):
                    names = [node.module or ""]
                assert not forbidden & set(names), path
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    assert node.func.attr not in {"utcnow", "today"}, path


@pytest.mark.parametrize("seed", [188, 999])
def test_a_document_that_broke_before_the_state_was_lost_is_not_made_a_second_time(seed):
    rates = replace(Rates.swarm(Random(seed)), database_lost=0.3)
    assert not violations(seed, rates=rates).violations


def test_a_write_of_a_run_that_was_overtaken_is_known_as_ours_when_it_lands_late():
    rates = replace(Rates.swarm(Random(920105)), list_lag=0.6)
    assert not violations(920105, rates=rates).violations
