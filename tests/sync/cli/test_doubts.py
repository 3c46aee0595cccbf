"""Creations nobody can tell the outcome of, and links that return from the marks in items."""

import pytest

from adapters.errors import UnknownOutcome
from mappings.problem import Problem
from mappings.vocabulary import Phase


@pytest.fixture
def doubtful(cli):
    """A creation was sent, its answer lost, and looking for it proves nothing."""
    cli.docs.put(title="A")
    cli.board.faults = [UnknownOutcome(Problem("E213", "the answer was lost."))]
    cli.board.conclusive = False
    cli("sync")
    cli.clock.advance(hours=1)
    assert cli("sync").exit_code == 1
    return cli


def name(cli):
    (one,) = cli.json("doubts")["doubts"]
    return one["operation"]


def test_a_doubt_is_listed_with_what_it_would_have_made(doubtful):
    result = doubtful("doubts")
    assert "counterpart of D#1 in the tracker, 1 h ago" not in result.stdout
    assert "counterpart of D#1 in the tracker, 60 min ago" in result.stdout
    assert "title   A" in result.stdout
    assert "doubts" in doubtful("status").stdout


def test_nothing_is_created_again_until_a_person_has_spoken(doubtful):
    for _ in range(3):
        doubtful("sync")
    assert doubtful.board.items == {}


def test_a_person_says_that_it_is_not_there(doubtful):
    assert doubtful("doubts", name(doubtful)[:6], "--absent").exit_code == 0
    assert "nothing is in doubt" in doubtful("doubts").stdout
    assert doubtful("sync").exit_code == 0
    assert [one.title for one in doubtful.board.items.values()] == ["A"]


def test_a_person_says_which_item_it_is(doubtful):
    doubtful.board.put(title="A", phase=Phase.TODO)
    assert doubtful("doubts", name(doubtful), "--created", "T1").exit_code == 0
    assert doubtful("sync").exit_code == 0
    assert len(doubtful.board.items) == 1
    assert len(doubtful.docs.items) == 1
    assert doubtful.json("status")["pairs"][0]["linked_items"] == 1


def test_an_item_that_is_linked_already_cannot_be_it(doubtful):
    doubtful.docs.put(title="B")
    doubtful("sync")
    result = doubtful("doubts", name(doubtful), "--created", "T1")
    assert result.exit_code == 1
    assert "E407 T1 is linked with another item." in result.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--absent"], 2),
        (["abc"], 2),
        (["abc", "--absent", "--created", "1"], 2),
        (["zzz", "--absent"], 1),
    ],
)
def test_what_settles_nothing_is_refused(doubtful, arguments, code):
    assert doubtful("doubts", *arguments).exit_code == code


def test_links_return_from_the_marks_and_nothing_is_written(cli):
    for title in ("A", "B"):
        cli.docs.put(title=title)
    cli("sync")
    cli.docs.put(title="C")
    writes = cli.board.writes
    (cli.folder / "followthrough.db").rename(cli.folder / "broken.db")
    assert cli("sync", "--relink").exit_code == 0
    assert cli.board.writes == writes
    assert cli.json("status")["pairs"][0]["linked_items"] == 2
    cli("sync")
    assert sorted(one.title for one in cli.board.items.values()) == ["A", "B", "C"]
    assert len(cli.docs.items) == 3
