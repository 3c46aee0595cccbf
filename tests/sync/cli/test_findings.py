"""Rules not met, wherever they are shown, and the exit code that a pipeline asks for."""

from datetime import timedelta

import pytest

from mappings.vocabulary import Kind, Phase, Priority, Resolution
from sync.cli.exits import Exit

TRACKER_ONLY = """\
[connections.acme]
adapter = "board"
token = { file = "token" }

[pairs.payments]
right = { connection = "acme", project = "acme/payments" }
profile = "words.toml"
"""
MISSING = "postmortem-missing"


@pytest.fixture
def closed(cli):
    """A P0 that was closed ten minutes ago in a pair that has a tracker alone."""
    cli.settings(TRACKER_ONLY)
    assert cli("sync").exit_code == Exit.DONE
    item = cli.board.put(
        kind=Kind.INCIDENT, title="Payments down", phase=Phase.DOING, priority=Priority.P0
    )
    cli.clock.advance(minutes=10)
    ended = {"phase": Phase.COMPLETED, "resolution": Resolution.DONE}
    cli.board.edit(item.ref.id, closed_at=cli.clock.now(), **ended)
    cli.clock.advance(minutes=10)
    return item.ref.id


def rules(found):
    return [one["rule"] for one in found]


def test_plan_and_sync_say_which_rules_are_not_met(cli, closed):
    told = cli("plan").output
    assert "postmortem-missing" in told
    assert "no postmortem belongs to it" in told
    assert "findings: 1 due" in told
    assert rules(cli.json("plan")["pairs"][0]["findings"]) == [MISSING]
    assert rules(cli.json("sync")["pairs"][0]["findings"]) == [MISSING]


def test_status_and_explain_show_them_without_a_request(cli, closed):
    cli("sync")
    cli.board.unread.append(AssertionError("nobody may ask"))
    (pair,) = cli.json("status")["pairs"]
    assert rules(pair["findings"]) == [MISSING]
    assert "1 due" in cli("status").output
    told = cli("explain", closed, "--offline").output
    assert MISSING in told
    assert "closed" in told
    explained = cli.json("explain", closed, "--offline")
    assert rules(explained["findings"]) == [MISSING]
    assert [one["what"] for one in explained["life"]][-1] == "closed"


@pytest.mark.parametrize("command", ["plan", "sync"])
def test_a_pipeline_may_fail_on_findings_of_a_level(cli, closed, command):
    assert cli(command).exit_code == Exit.DONE
    assert cli(command, "--fail-on", "overdue").exit_code == Exit.DONE
    assert cli(command, "--fail-on", "due").exit_code == Exit.FINDINGS
    assert cli(command, "--fail-on", "info").exit_code == Exit.FINDINGS
    cli.clock.at += timedelta(hours=48)
    assert cli(command, "--fail-on", "overdue").exit_code == Exit.FINDINGS


def test_check_and_status_know_a_pair_that_has_a_tracker_alone(cli):
    cli.settings(TRACKER_ONLY)
    assert cli("check").exit_code == Exit.DONE
    assert cli("status").exit_code == Exit.DONE
