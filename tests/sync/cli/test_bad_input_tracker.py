"""A tracker that refuses, breaks, loses and moves things: what is said, and what is left alone."""

import pytest

DAY = 26 * 3600.0


@pytest.fixture
def synced(ground):
    """One document with its issue, and another one that is new."""
    ground.file = ground.write(1, "A task")
    assert ground("sync").exit_code == 0
    ground.write(2, "New")
    return ground


def still_one(ground):
    """Nothing was made and nothing closed."""
    return [(one.title, one.closed_at) for one in ground.issues.values()] == [("A task", None)]


UNREADABLE = {
    "HTML with an error": (
        {"effect": "error", "status": 502},
        "E206 got text/html (502) from 127.0.0.1",
        "the next run tries again; if it stays, check base_url and any proxy.",
    ),
    "HTML with a good status": (
        {"effect": "error", "status": 200},
        "E206 got text/html (200) from 127.0.0.1",
        "the next run tries again; if it stays, check base_url and any proxy.",
    ),
    "HTML with a refusal": (
        {"effect": "error", "status": 403},
        "E206 got text/html (403) from 127.0.0.1",
        "Check base_url and any proxy in between.",
    ),
    "an error of its own": (
        {"effect": "status", "status": 503},
        "E206 got application/json (503) from 127.0.0.1",
        "the next run tries again",
    ),
    "half an answer": (
        {"effect": "truncate"},
        "E206 cannot reach 127.0.0.1",
        "The next run tries again; if it stays, check base_url, the network and any proxy.",
    ),
    "half an answer that looks whole": (
        {"effect": "truncate", "framed": True},
        "E206 got application/json (200) from 127.0.0.1",
        "the next run tries again",
    ),
    "a reset connection": (
        {"effect": "reset"},
        "E206 cannot reach 127.0.0.1",
        "The next run tries again; if it stays, check base_url, the network and any proxy.",
    ),
    "a limit": (
        {"effect": "rate-limit"},
        "E207 127.0.0.1",
        "asked to wait until ",
    ),
}


@pytest.mark.parametrize("row", sorted(UNREADABLE))
def test_a_list_that_cannot_be_read_changes_nothing_and_the_next_run_goes_on(synced, row):
    how, said, remedy = UNREADABLE[row]
    written, files = synced.written(), synced.files()
    synced.misbehave(match="GET /issues$", **how)
    for command in ("plan", "sync"):
        result = synced(command)
        assert result.exit_code == 1
        (line,) = [one for one in result.stderr.splitlines() if said in one]
        assert remedy in line
    assert synced.written() == written
    assert synced.files() == files
    synced.behave()
    synced.clock.sleep(3700)
    assert synced("sync").exit_code == 0
    assert synced.titles == ["A task", "New"]


def test_a_host_that_does_not_answer_is_named(ground):
    ground.write(1)
    ground.sandbox.stop()
    for command in ("plan", "sync", "check"):
        result = ground(command)
        assert result.exit_code == 1
        assert "E206 cannot reach 127.0.0.1" in result.output
        assert "check base_url, the network and any proxy." in result.output


@pytest.mark.parametrize("effect", ["lose-reply", "reset"])
def test_a_creation_whose_answer_is_lost_is_named_looked_for_and_never_repeated(synced, effect):
    synced.misbehave(effect, "POST /issues$", times=1, after=True)
    first = synced("sync", "--wait", "1s")
    assert first.exit_code == 1
    assert "PAY-T-0002  IN DOUBT" in first.stdout
    said = "E213 PAY-T-0002 no answer from 127.0.0.1"
    assert said in first.stderr
    assert "the change may have been made." in first.stderr
    assert "counterpart of PAY-T-0002 in the tracker" in synced("doubts").stdout
    assert "creations in doubt 1  see `followthrough doubts`" in synced("status").stdout
    assert synced("sync").exit_code == 0
    assert synced.titles == ["A task", "New"]
    assert "nothing is in doubt" in synced("doubts").stdout


def test_a_copied_mark_is_named_and_both_items_are_left_alone(synced):
    synced("sync")
    copy = synced.maria.open("A copy", synced.issues[1].body)
    written, files = synced.written(), synced.files()
    for command in ("plan", "sync"):
        result = synced(command)
        assert result.exit_code == 0
        said = f"E214 acme/payments#{copy.number} claims PAY-T-0001, which another item is bound to"
        assert said in result.stdout
        assert "Remove its marker comment to make it an item anew." in result.stdout
    assert synced.written() == written
    assert synced.files() == files


def deleted(ground):
    ground.maria.delete(1)


def moved(ground):
    with ground.sandbox.lock:
        ground.sandbox.state.add_repository("acme/other")
    ground.maria.transfer(1, "acme/other")


LOST = {
    "deleted": (deleted, "E211 acme/payments#1 was deleted; its counterpart is left as it is."),
    "moved": (moved, "E212 acme/payments#1 moved to acme/other#1. Move it back, or `unlink` it."),
}


@pytest.mark.parametrize("row", sorted(LOST))
def test_an_issue_that_is_lost_from_sight_leaves_its_document_alone(ground, row):
    lose, said = LOST[row]
    ground.write(1, "A task")
    ground.write(2, "Another")
    ground("sync")
    lose(ground)
    ground.clock.sleep(DAY)
    files, written = ground.files(), ground.written()
    for command in ("plan", "sync", "sync"):
        result = ground(command)
        assert result.exit_code == 0
        assert said in result.stdout
    assert ground.files() == files
    assert ground.written() == written
    assert ground.titles == ["Another"]


def test_a_project_that_cannot_be_seen_any_more_closes_nothing(synced):
    files = synced.files()
    with synced.sandbox.lock:
        synced.sandbox.state.repository("acme/payments").private = True
    synced.token("ghp_stranger", everywhere=0)
    synced.clock.sleep(DAY)
    for command in ("plan", "sync"):
        result = synced(command)
        assert result.exit_code == 1
        said = "E210 cannot see acme/payments: not found, or this token may not see it."
        assert f"{said} Check its name, and that the token reaches it." in result.stderr
    assert synced.files() == files
    assert still_one(synced)


def test_an_archived_project_takes_nothing_and_says_so(synced):
    synced.maria.archive()
    for command, code in (("check", 1), ("sync", 1)):
        result = synced(command)
        assert result.exit_code == code
        assert "archived" in result.output
        assert "Unarchive it" in result.output
    assert still_one(synced)
    synced.maria.archive(archived=False)
    synced.clock.sleep(120)
    assert synced("sync").exit_code == 0
    assert synced.titles == ["A task", "New"]
