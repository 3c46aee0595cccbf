"""The main job against a GitHub that nobody here wrote: npm's `emulate`, by the real program."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from sync.demo.workspace import heads, write_workspace
from tests.crash.process import program
from tests.real.emulate import REPOSITORY, TOKEN, Emulated, missing

SETTINGS = """\
[state]
url = "sqlite:///{folder}/state.db"

[connections.docs]
adapter = "metis"
path = "{folder}/team"

[connections.hub]
adapter = "github"
base_url = "{url}"
token = {{ file = "{folder}/token" }}
overlap = 2

[pairs.payments]
left = {{ connection = "docs" }}
right = {{ connection = "hub", project = "{repository}" }}
profile = "github-labels"
"""


@pytest.fixture
def tracker(tmp_path):
    reason = missing()
    if reason:
        pytest.skip(reason)
    with Emulated(tmp_path) as emulated:
        yield emulated


@pytest.fixture
def team(tmp_path, tracker):
    """A workspace, and a function that runs the program over both."""
    root = write_workspace(tmp_path / "team", datetime.now(UTC) - timedelta(hours=1))
    (tmp_path / "token").write_text(TOKEN)
    (tmp_path / "token").chmod(0o600)
    file = tmp_path / "settings.toml"
    file.write_text(
        SETTINGS.format(folder=tmp_path, url=tracker.url, repository=REPOSITORY), "utf-8"
    )

    def run(*argv):
        done = program(argv[0], "-c", str(file), *argv[1:])
        return done.returncode, done.stdout + done.stderr

    return root, run


def phases(root):
    return {code: phase for code, phase, _ in heads(root)}


def numbers(tracker):
    """Issue numbers by the words of their titles."""
    return {re.sub(r"^(\[\w+\] )+", "", one["title"]): n for n, one in tracker.issues().items()}


def test_documents_and_issues_are_brought_in_step_and_stay_there(tracker, team):
    root, run = team
    tracker.call("POST", f"/repos/{REPOSITORY}/issues", {"title": "[P1] Reported by a customer"})
    code, said = run("sync")
    assert code == 0, said
    issues = tracker.issues()
    assert len(issues) == 7
    assert [phase for code, phase in phases(root).items() if code == "PAY-T-0007"] == ["backlog"]
    assert {"P0", "bug"} <= {
        label["name"]
        for one in issues.values()
        if one["title"].startswith("[P0] Card payments")
        for label in one["labels"]
    }
    code, said = run("sync")
    assert code == 0
    assert "nothing to do" in said


def test_people_move_issues_and_documents_follow(tracker, team):
    root, run = team
    run("sync")
    number = numbers(tracker)["Card payments time out at checkout"]
    path = f"/repos/{REPOSITORY}/issues/{number}"
    labels = [one["name"] for one in tracker.issues()[number]["labels"]]
    moved = [name for name in labels if not name.startswith("phase: ")] + ["phase: doing"]
    tracker.call("PATCH", path, {"labels": moved})
    code, said = run("sync")
    assert code == 0, said
    assert phases(root)["PAY-T-0001"] == "active"
    tracker.call("PATCH", path, {"state": "closed", "state_reason": "completed"})
    assert run("sync")[0] == 0
    assert phases(root)["PAY-T-0001"] == "completed"
    assert "nothing to do" in run("sync")[1]


def test_documents_move_and_issues_follow(tracker, team):
    root, run = team
    run("sync")
    (file,) = root.rglob("PAY-T-0003.md")
    file.write_text(file.read_text().replace("#phase/backlog", "#phase/completed"))
    code, said = run("sync")
    assert code == 0, said
    number = numbers(tracker)["Receipt shows the wrong currency for gift cards"]
    closed = tracker.issues()[number]
    assert (closed["state"], closed["state_reason"]) == ("closed", "completed")
    assert "nothing to do" in run("sync")[1]


def test_both_sides_of_one_title_the_tracker_wins_and_the_other_word_is_kept(tracker, team):
    root, run = team
    run("sync")
    number = numbers(tracker)["Alert when an acquirer's error rate doubles"]
    tracker.call("PATCH", f"/repos/{REPOSITORY}/issues/{number}", {"title": "Theirs"})
    (file,) = root.rglob("PAY-T-0004.md")
    file.write_text(re.sub(r'^title: ".*"$', 'title: "Ours"', file.read_text(), flags=re.MULTILINE))
    code, said = run("sync")
    assert code == 0, said
    assert 'title: "Theirs"' in file.read_text()
    assert "Ours" in run("conflicts", "--closed")[1]
