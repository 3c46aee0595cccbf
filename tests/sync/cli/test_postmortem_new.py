"""``followthrough postmortem new``: a first page that never takes another's place."""

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.base import Comment
from adapters.errors import Missing
from mappings.postmortem.reading import read_postmortem
from mappings.problem import Problem
from mappings.vocabulary import Kind, Phase, Priority
from sync.cli.postmortem_new import Template
from sync.report.postmortem import TEMPLATES


@pytest.fixture
def closed(cli):
    """A P0 that was opened, worked on and closed, and a task; all of it read."""
    cli.board.put(
        title="Payments down",
        kind=Kind.INCIDENT,
        priority=Priority.P0,
        created_at=cli.clock.now(),
    )
    cli.board.put(title="Tidy up", kind=Kind.TASK)
    assert cli("sync").exit_code == 0
    cli.clock.advance(minutes=20)
    cli.board.edit("T1", phase=Phase.DOING)
    assert cli("sync").exit_code == 0
    cli.clock.advance(hours=1)
    cli.board.edit("T1", phase=Phase.COMPLETED, closed_at=cli.clock.now())
    assert cli("sync").exit_code == 0
    return cli


def new(cli, *arguments):
    config = str(cli.folder / "followthrough.toml")
    return cli.plain("postmortem", "new", "--config", config, *arguments)


@pytest.mark.parametrize("template", list(TEMPLATES))
def test_every_template_is_written_to_standard_output(closed, template):
    result = new(closed, "T#1", "--template", template)
    assert result.exit_code == 0
    assert "# Postmortem: Payments down\n" in result.stdout
    assert "duration: 1h 20m" in result.stdout
    assert "2026-03-01 12:20" in result.stdout
    assert "severity: SEV1" in result.stdout
    reading = read_postmortem(result.stdout, name="x.md")
    assert reading.template
    assert reading.actions == ()


@pytest.mark.parametrize("name", ["T#1", "T1", "https://t.example/1", "D#1", "D1"])
def test_an_incident_is_found_by_any_of_its_names_on_either_side(closed, name):
    result = new(closed, name)
    assert result.exit_code == 0
    assert 'incident: "https://t.example/1"' in result.stdout


def test_a_file_that_is_there_is_left_alone(closed, tmp_path):
    file = tmp_path / "pm.md"
    assert new(closed, "T#1", "-o", str(file)).exit_code == 0
    file.write_text("mine", "utf-8")
    result = new(closed, "T#1", "-o", str(file))
    assert result.exit_code == 2
    assert "already there" in result.stderr
    assert file.read_text("utf-8") == "mine"


def test_into_a_folder_it_is_named_by_day_incident_and_title(closed, tmp_path):
    folder = tmp_path / "reviews"
    folder.mkdir()
    result = new(closed, "T#1", "-o", str(folder))
    assert result.exit_code == 0
    assert [one.name for one in folder.iterdir()] == ["2026-03-01-issue-1-payments-down.md"]
    assert new(closed, "T#1", "-o", str(folder)).exit_code == 2


def test_a_folder_that_is_not_there_is_not_taken_for_a_file(closed, tmp_path):
    result = new(closed, "T#1", "-o", str(tmp_path / "reviews"))
    assert result.exit_code == 2
    assert "make it first" in result.stderr
    assert not (tmp_path / "reviews").exists()


def test_a_file_that_cannot_be_written_is_named(closed, tmp_path):
    result = new(closed, "T#1", "-o", str(tmp_path / "no" / "pm.md"))
    assert result.exit_code == 1
    assert "E304" in result.stderr


def test_what_was_never_read_and_what_is_no_incident_are_told_apart(closed):
    unknown, task = new(closed, "T#9"), new(closed, "T#2")
    assert (unknown.exit_code, task.exit_code) == (1, 1)
    assert 'no item "T#9" was ever read' in unknown.stderr
    assert '"T#2" is no incident' in task.stderr


def test_a_template_that_there_is_not_is_wrong_usage(closed):
    assert new(closed, "T#1", "--template", "novel").exit_code == 2


def test_offline_no_home_is_asked(closed):
    closed.board.unread.append(AssertionError("the tracker was asked"))
    closed.board.comments = None
    (closed.folder / "token").unlink()
    assert new(closed, "T#1", "--offline").exit_code == 0


def talking(cli, *said):
    """The board as one that tells its comments."""
    cli.board.capabilities = replace(cli.board.capabilities, notes=True)
    cli.board.comments = lambda ref: iter(said)


def test_what_people_wrote_stands_in_the_timeline(closed):
    start = closed.clock.now()
    talking(
        closed,
        Comment("bob", "Rolled back to 1.4\n\nand more", at=start - timedelta(minutes=5)),
        Comment("bot", "Write it soon <!-- followthrough:note:1 -->", at=start),
        Comment("eve", "nobody knows when"),
    )
    told = new(closed, "T#1").stdout
    assert "- 2026-03-01 13:15 UTC \N{EN DASH} bob: Rolled back to 1.4\n" in told
    assert "Write it soon" not in told
    assert "nobody knows when" not in told
    assert "bob" not in new(closed, "T#1", "--offline").stdout


def test_a_tracker_that_does_not_answer_leaves_the_rest(closed):
    def broken(ref):
        raise Missing(Problem("E210", "cannot see T1."))

    talking(closed)
    closed.board.comments = broken
    result = new(closed, "T#1")
    assert result.exit_code == 0
    assert "# Postmortem: Payments down" in result.stdout
    assert "E210" in result.stderr


def test_every_shipped_template_can_be_asked_for():
    assert tuple(Template) == TEMPLATES
