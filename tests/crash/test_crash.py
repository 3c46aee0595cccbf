"""The program killed at random moments, small; `python tests/crash/run.py` does it at length."""

import os
import re
import signal
import subprocess
import time
from random import Random

import pytest

from tests.crash.process import PROGRAM, ROOT, Forge, environment, program
from tests.crash.run import Player
from tests.crash.verdict import wrong
from tests.crash.world import World

KILLS = 12
SYNCED, KILLED_AFTER = 64, 31


@pytest.mark.slow
def test_nothing_is_lost_doubled_or_left_behind_by_kills_while_people_work(tmp_path):
    seed = time.time_ns() % 10**9
    result = Player(seed, tmp_path / "world").play(KILLS, time.monotonic() + 60)
    told = "\n".join([f"seed {seed}", *result.history, *result.wrong])
    assert not result.wrong, told
    assert result.kills, told


@pytest.fixture
def many(tmp_path):
    """A workspace of many documents that no plan was made for yet; the guard asks a person."""
    world = World(tmp_path / "world", Random(1), guard="")
    while len(world.words) < SYNCED:
        world.new_document()
    yield world
    world.close()


@pytest.mark.slow
def test_a_first_sync_killed_in_the_middle_is_finished_without_asking_again(many):
    asked = ["-c", str(many.settings)]
    planned = program("plan", *asked)
    digest = re.search(r"digest (\w+)", planned.stdout)[1]
    refused = program("sync", *asked)
    assert refused.returncode == 3
    assert many.issues() == []

    running = []

    def kill(method, path):
        if len(many.issues()) == KILLED_AFTER and method == "POST" and path.endswith("/issues"):
            os.kill(running[0].pid, signal.SIGKILL)

    many.on_served = kill
    with subprocess.Popen(
        [str(PROGRAM), "sync", "--approve", digest, *asked],
        env=environment(),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        running.append(process)
        assert process.wait(60) == -signal.SIGKILL
    many.on_served = None
    assert len(many.issues()) == KILLED_AFTER

    again = program("sync", *asked)
    assert again.returncode == 0, again.stdout + again.stderr
    assert len(many.issues()) == SYNCED
    assert wrong(many) == []


@pytest.mark.slow
@pytest.mark.parametrize("seen", [False, True], ids=["between look and write", "after the write"])
def test_a_value_is_excused_only_where_nobody_could_see_it(tmp_path, seen):
    """An edit that falls between the look at an issue and our write to it is counted apart; one
    that is undone in any other way is lost.
    """
    world = World(tmp_path / "world", Random(1))
    asked = ["-c", str(world.settings)]
    assert program("sync", *asked).returncode == 0
    word = world.words[0]
    issue, (path, text) = world.issue(word), world.document(word)
    path.write_text(text.replace(f"Work {word}", f"Work {word} more"))

    def edit(method, path):
        if method == "PATCH" and path.endswith(f"/issues/{issue.number}"):
            world.on_arrival = None
            world.edit_issue(word, "title")

    if seen:
        assert program("sync", *asked).returncode == 0
        world.edit_issue(word, "title")
        world.sandbox.person("octo-bot").edit(issue.number, title=f"Work {word} more")
    else:
        world.on_arrival = edit
    assert program("sync", *asked).returncode == 0
    found = wrong(world)
    world.close()
    assert len(world.edits) == 4
    assert (len(found), len(world.unseen)) == ((1, 0) if seen else (0, 1)), found + world.unseen


def test_a_kill_is_a_kill_and_an_end_an_end(tmp_path):
    forge = Forge()
    try:
        assert forge.wait(forge.start(["version"], tmp_path / "out")) == 0
        assert "followthrough" in (tmp_path / "out").read_text()
        child = forge.start(["sandbox", "github", "--port", "0"], tmp_path / "second")
        child.ended.wait(0.3)
        assert child.kill()
        assert forge.wait(child) == -signal.SIGKILL
        assert not child.kill()
        assert forge.wait(forge.start(["no-such-command"], tmp_path / "third")) == 2
    finally:
        forge.close()
