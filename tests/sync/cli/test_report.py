"""``followthrough report``: from the state file to a page."""

import json
from dataclasses import replace
from datetime import date

import pytest

from adapters import registry
from mappings.vocabulary import Kind, Phase, Priority
from sync.rules.model import Finding, Level, Waiver
from sync.store import Store, findings


def test_a_report_before_the_first_sync_is_empty(cli):
    found = cli.json("report")
    assert found["pairs"] == ["payments"]
    assert found["open_follow_ups"] == []
    assert not found["complete"]


def test_nothing_is_asked_of_a_home(cli):
    cli.board.unread.append(AssertionError("the tracker was asked"))
    (cli.folder / "token").unlink()
    assert cli("report").exit_code == 0


def test_json_format_and_json_option_are_the_same(cli):
    assert json.loads(cli("report", "--format", "json").stdout) == cli.json("report")


def test_a_report_goes_into_a_file_over_the_former_one(cli, tmp_path):
    file = tmp_path / "report.txt"
    file.write_text("old")
    result = cli("report", "-o", str(file))
    assert (result.exit_code, result.stdout) == (0, "")
    assert "Incident follow-up: payments" in file.read_text("utf-8")
    assert [one.name for one in tmp_path.glob(".report*")] == []


def test_a_file_that_cannot_be_written_is_named(cli, tmp_path):
    result = cli("report", "-o", str(tmp_path / "no" / "report.txt"))
    assert result.exit_code == 1
    assert "E304" in result.stderr


@pytest.mark.parametrize("value", ["soon", "-1d", ""])
def test_a_window_that_is_no_length_of_time_is_wrong_usage(cli, value):
    assert cli("report", "--since", value).exit_code == 2


def test_the_window_is_what_since_says(cli):
    assert cli.json("report", "--since", "7d")["since"] == "2026-02-22T12:00:00Z"
    assert cli.json("report")["since"] == "2025-12-01T12:00:00Z"


def test_a_pair_that_there_is_not_is_named(cli):
    result = cli("report", "--pair", "payment")
    assert result.exit_code == 2
    assert 'no pair "payment"' in result.stderr


@pytest.mark.parametrize(
    ("form", "begins"),
    [
        ("text", "Incident follow-up: payments\n"),
        ("markdown", "# Incident follow-up: payments\n"),
        ("html", "<!doctype html>\n"),
        ("csv", "kind,pair,key,"),
        ("json", "{\n"),
    ],
)
def test_every_format_is_written(cli, form, begins):
    assert cli("report", "--format", form).stdout.startswith(begins)


@pytest.fixture
def unmet(cli):
    """Puts findings of these levels into the state file, as a run does."""

    def put(*levels, waiver=None):
        found = [
            Finding(
                rule="postmortem-missing",
                pair="payments",
                key=f"payments/postmortem-missing/right:{number}",
                level=level,
                since=cli.clock.now(),
                title="Payments down",
                text="There is none.",
                remedy="Write one.",
                waiver=waiver,
            )
            for number, level in enumerate(levels)
        ]
        assert cli("sync").exit_code == 0
        store = Store.open(f"sqlite:///{cli.folder / 'followthrough.db'}", cli.clock, lock=False)
        with store, store.writing() as tx:
            findings.settle(tx, "payments", found, (), cli.clock.now())

    return put


@pytest.mark.parametrize(
    ("level", "asked", "code"),
    [
        (Level.DUE, "due", 4),
        (Level.DUE, "info", 4),
        (Level.DUE, "overdue", 0),
        (Level.OVERDUE, "overdue", 4),
        (Level.INFO, "due", 0),
    ],
)
def test_fail_on_exits_with_4_from_its_level_on(cli, unmet, level, asked, code):
    unmet(level)
    result = cli("report", "--fail-on", asked)
    assert result.exit_code == code
    assert "Payments down" in result.stdout


def test_without_fail_on_findings_are_only_told(cli, unmet):
    unmet(Level.OVERDUE)
    assert cli("report").exit_code == 0


def test_a_waived_finding_fails_nothing(cli, unmet):
    unmet(Level.OVERDUE, waiver=Waiver(rule="postmortem-missing", reason="moved"))
    result = cli("report", "--fail-on", "info")
    assert result.exit_code == 0
    assert "1 waived" in result.stdout


def test_the_file_is_written_before_the_exit_tells_of_findings(cli, unmet, tmp_path):
    unmet(Level.OVERDUE)
    file = tmp_path / "report.json"
    assert cli("report", "--json", "-o", str(file), "--fail-on", "due").exit_code == 4
    assert json.loads(file.read_text("utf-8"))["levels"]["overdue"] == 1


def test_no_title_steers_the_terminal(cli):
    cli.board.put(title="Pay\x1b[31mments", kind=Kind.INCIDENT, phase=Phase.DOING)
    cli("sync")
    for form in ("text", "markdown", "html", "csv"):
        assert "\x1b" not in cli("report", "--format", form).stdout


POSTMORTEM = """\
# Payments down

**Severity:** SEV1

## Summary

Payments failed for an hour because the index was rebuilt at noon.

## Action items

- [ ] Alert on replica lag before customers notice (owner: ann, due: 2026-03-02)
- [x] Write down how to rebuild the index (owner: bob, due: 2026-03-03)
"""


@pytest.fixture
def reviewed(cli, tmp_path):
    """A pair with a folder of postmortems; a P0 that was opened, worked on, closed, and written up.

    Three days pass after that.
    """
    others = cli.world.adapter
    cli.world = replace(
        cli.world,
        adapter=lambda name: (registry.adapter if name == "postmortems" else others)(name),
    )
    folder = tmp_path / "reviews"
    folder.mkdir()
    cli.add('postmortems = "reviews"\n[connections.reviews]\nadapter = "postmortems"\n')
    cli.add(f"path = {json.dumps(str(folder))}\n")
    cli.board.put(
        title="Payments down",
        kind=Kind.INCIDENT,
        priority=Priority.P0,
        text="The postmortem will be 2026-03-01-payments.md .",
        created_at=cli.clock.now(),
    )
    assert cli("sync").exit_code == 0
    cli.clock.advance(minutes=30)
    cli.board.edit("T1", phase=Phase.DOING)
    assert cli("sync").exit_code == 0
    cli.clock.advance(hours=2)
    cli.board.edit("T1", phase=Phase.COMPLETED, closed_at=cli.clock.now())
    assert cli("sync").exit_code == 0
    cli.clock.advance(days=1)
    (folder / "2026-03-01-payments.md").write_text(POSTMORTEM, "utf-8")
    assert cli("sync").exit_code == 0
    cli.clock.advance(days=3)
    return cli


def test_what_a_team_did_is_what_the_report_tells(reviewed):
    found = reviewed.json("report")
    assert found["pairs"] == ["payments"]
    assert found["complete"]
    (incident,) = found["incidents"]
    assert (incident["key"], incident["respond"], incident["resolve"]) == ("T#1", 1800, 9000)
    assert incident["postmortem"] == 86400
    (open_one,) = found["open_follow_ups"]
    assert open_one["title"] == "Alert on replica lag before customers notice"
    assert (open_one["due"], open_one["incident_key"]) == ("2026-03-02", "T#1")
    assert open_one["late"] > 2 * 86400
    assert found["incidents_without_postmortem"] == []
    assert sum(week["incidents"] for week in found["weeks"]) == 1


def test_follow_ups_that_are_in_the_tracker_alone_are_told_under_their_incident(cli):
    incident = cli.board.put(
        title="Payments down", kind=Kind.INCIDENT, created_at=cli.clock.now(), text="see #2"
    )
    given = {"kind": Kind.ACTION, "created_at": cli.clock.now()}
    cli.board.put(
        title="Alert sooner",
        parent=incident.ref,
        due=date(2026, 3, 2),
        owners=("ann",),
        priority=Priority.P1,
        **given,
    )
    cli.board.put(title="Done already", parent=incident.ref, phase=Phase.COMPLETED, **given)
    cli.board.put(title="Of no incident", **given)
    cli("sync")
    cli.clock.advance(days=4)
    found = cli.json("report")["open_follow_ups"]
    assert [(one["title"], one["incident_key"]) for one in found] == [
        ("Alert sooner", "T#1"),
        ("Of no incident", None),
    ]
    assert (found[0]["owners"], found[0]["priority"], found[0]["due"]) == (
        ["ann"], "P1", "2026-03-02",
    )  # fmt: skip
    assert found[0]["late"] == 2.5 * 86400
