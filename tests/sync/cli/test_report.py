"""``followthrough report``: from the state file to a page."""

import json
from datetime import date

import pytest

from mappings.vocabulary import Kind, Phase, Priority, Resolution


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
