"""Rare ends of commands: fenced runs, bugs where nothing can be kept, states that are held."""

import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from adapters.base import Check
from adapters.errors import Transient
from mappings.item import Ref
from mappings.problem import Problem
from mappings.vocabulary import Field, Phase
from sync import wiring
from sync.cli import crash
from sync.cli.values import as_json, shown
from sync.settings import load
from sync.store import Store, schedule
from sync.store.store import raise_fence


def test_a_run_that_was_overtaken_stops_writing_and_says_so(cli):
    cli.docs.put(title="A")
    cli.docs.put(title="B")

    def overtake():
        url = f"sqlite:///{cli.folder / 'followthrough.db'}"
        with Store.open(url, cli.clock, lock=False) as other, other.writing() as tx:
            raise_fence(tx, "payments")

    cli.board.on_write = [overtake]
    result = cli("sync")
    assert result.exit_code == 1
    assert "E308" in result.stderr
    assert len(cli.board.items) == 1


def test_a_fenced_run_is_not_closed_by_the_one_that_lost(cli):
    cli.docs.put(title="A")

    def overtake():
        url = f"sqlite:///{cli.folder / 'followthrough.db'}"
        with Store.open(url, cli.clock, lock=False) as other, other.writing() as tx:
            fence = raise_fence(tx, "payments")
            schedule.start(tx, "payments", fence, cli.clock.now())

    cli.board.on_write = [overtake]
    cli("sync")
    newest, older = cli.json("log", "--runs")["runs"]
    assert (newest["outcome"], older["outcome"]) == ("unfinished", "unfinished")


def test_a_traceback_goes_elsewhere_when_its_folder_cannot_be_written(cli, tmp_path):
    problem = crash.keep(cli.world, tmp_path / "nowhere", ValueError("x"))
    kept = Path(problem.message.rpartition(" is in ")[2].rstrip("."))
    assert kept.exists()
    assert kept.parent != tmp_path / "nowhere"
    kept.unlink()


def test_a_bug_before_anything_is_open_is_one_line_too(cli):
    def broken(name):
        raise RuntimeError("a bug in an adapter")

    cli.world = replace(cli.world, adapter=broken)
    result = cli("plan")
    assert result.exit_code == 1
    assert result.stderr.startswith("E900 unexpected RuntimeError; a bug.")
    Path(result.stderr.partition(" is in ")[2].partition(". Please")[0]).unlink()


def test_a_database_that_cannot_be_opened_is_named(cli):
    (cli.folder / "f.db").mkdir()
    cli.add('[state]\nurl = "sqlite:///f.db"\nkey = { file = "token" }\n')
    result = cli("status")
    assert result.exit_code == 1
    assert "E304" in result.stderr


def test_a_key_without_a_file_serves_one_process(cli):
    cli.add('[state]\nurl = "sqlite://"\n')
    loaded = load(cli.folder / "followthrough.toml", {}, adapter=cli.world.adapter)
    assert len(wiring.marker_key(loaded, create=True)) == wiring.KEY_BYTES
    assert cli("sync").exit_code == 0


def test_a_key_that_cannot_be_read_is_named(cli):
    (cli.folder / "followthrough.db.key").mkdir()
    result = cli("plan")
    assert result.exit_code == 2
    assert "E203" in result.stderr


def test_conflicts_and_what_waits_are_part_of_the_plan(cli):
    cli.add('fields = { title = { authority = "ask" } }\n')
    cli.docs.put(title="A")
    cli.docs.put(title="B")
    cli("sync")
    cli.docs.edit("D1", title="from the document")
    cli.board.edit("T1", title="from the tracker")
    del cli.docs.items["D2"]
    text = cli("plan").stdout
    assert "! conflict  link 1, title: documents say 'from the document'" in text
    assert "; 1 conflict; 1 waiting" in text
    assert ". waits     documents  D#2: E113" in text
    (pair,) = cli.json("plan")["pairs"]
    assert pair["conflicts"][0]["tracker"] == "from the tracker"
    assert pair["held"][0]["problem"]["code"] == "E113"
    marked = cli("plan", "--markdown").stdout
    assert "- conflict about title of link 1" in marked
    assert "- waits: D" in marked
    explained = cli.json("explain", "D1")["why"]
    assert "title comes into conflict; a person will decide it" in explained
    assert any("E113" in why for why in cli.json("explain", "D2")["why"])


def test_a_conflict_about_a_text_is_shown_by_its_lines(cli):
    cli.add('fields = { body = { direction = "two-way", authority = "ask" } }\n')
    cli.docs.put(title="A", body="one\ntwo\n")
    cli("sync")
    cli.docs.edit("D1", body="one\n2\n")
    cli.board.edit("T1", body="one\nzwei\n")
    cli("sync")
    text = cli("conflicts").stdout
    assert "-2" in text
    assert "+zwei" in text


def test_explain_names_a_field_that_is_off_and_a_side_that_cannot_be_read(cli):
    cli.add('fields = { due = { direction = "off" } }\n')
    cli.docs.put(title="A", due=date(2026, 4, 1))
    cli("sync")
    cli.board.edit("T1", due=date(2026, 5, 1))
    cli("sync")
    cli.board.unread = [Transient(Problem("E206", "502"))]
    reasons = cli.json("explain", "D1")["why"]
    assert "due differs and is off" in reasons
    assert any("could not be read to its end: E206 502" in why for why in reasons)


def test_notices_of_an_item_are_shown(cli):
    cli.docs.put(title="A", notices=(Problem("E130", "title and box disagree."),))
    cli("sync")
    assert "E130 title and box disagree." in cli("explain", "D1").stderr


def test_a_refused_plan_in_markdown_says_why(cli):
    cli.add("guard = { creates = 0 }\n")
    cli.docs.put(title="A")
    result = cli("plan", "--markdown")
    assert result.exit_code == 3
    assert "- **E401 payments 1 creations" in result.stdout


def test_a_plan_that_prepares_first_says_what(cli):
    cli.docs.put(title="A", phase=Phase.DOING)
    cli.board.lacking = ("phase: doing",)
    text = cli("plan").stdout
    assert "* prepare   tracker    phase: doing" in text
    assert "1 to create, 1 to prepare" in text


def test_check_shows_what_an_adapter_says_and_goes_on(cli):
    cli.board.checks = [Check("labels", ok=False, detail="2 missing", remedy="Create them.")]
    cli.docs.checks = [Transient(Problem("E206", "502", remedy="Wait."))]
    result = cli("check")
    assert result.exit_code == 1
    assert "FAIL pair payments: labels  2 missing  Create them." in result.stdout
    assert "FAIL pair payments: reachable  E206 502  Wait." in result.stdout


def test_check_tells_of_a_running_instance_without_calling_it_wrong(cli):
    cli("sync")
    url = f"sqlite:///{cli.folder / 'followthrough.db'}"
    with Store.open(url, cli.clock, lock=True):
        result = cli("check")
    assert result.exit_code == 0
    assert "ok   state: lock  another instance" in result.stdout


def test_check_names_a_folder_that_is_not_there_and_a_full_disk(cli):
    cli.world = replace(cli.world, least_free=2**62)
    assert "FAIL state: free disk  E304" in cli("check").stdout
    cli.add('[state]\nurl = "sqlite:///nowhere/f.db"\n')
    assert "FAIL state: state folder  E304" in cli("check").stdout


def test_no_adapter_at_all_is_said(cli):
    cli.world = replace(cli.world, installed=dict)
    assert "No adapter is installed." in cli.plain("adapters").stderr


def test_a_log_of_what_is_open_in_one_item(cli):
    cli.docs.put(title="A")
    cli("sync")
    assert cli.json("log", "D1", "--open")["log"] == []


@pytest.mark.parametrize(
    ("value", "json_value", "text"),
    [
        (Ref("5", "acme#5"), {"id": "5", "key": "acme#5"}, "acme#5"),
        (("ann",), ["ann"], "ann"),
        (date(2026, 3, 1), "2026-03-01", "2026-03-01"),
        (Phase.DOING, "doing", "doing"),
        (Field.BODY, "body", "body"),
    ],
)
def test_every_sort_of_value_is_shown_and_written(value, json_value, text):
    assert (as_json(value), shown(value)) == (json_value, text)


def test_the_program_starts_as_a_module_and_names_wrong_usage():
    command = [sys.executable, "-c", "from sync.cli import main; main()", "--nonsense"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[3]
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
