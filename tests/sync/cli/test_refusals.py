"""Bad settings and bad states on the command line: one line, a code, a remedy, an exit code."""

import os
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.errors import AuthFailed
from mappings.problem import Problem, ProblemError
from sync.store import Store
from sync.store.guardfile import NETWORK, file_system, refuse_bad_place

READERS = ["status", "conflicts", "log"]
WORKERS = ["plan", "sync", "run", "check"]


def change(cli, old, new):
    cli.settings((cli.folder / "followthrough.toml").read_text().replace(old, new))


@pytest.mark.parametrize("command", READERS + WORKERS)
def test_a_missing_settings_file_points_to_init(cli, command):
    (cli.folder / "followthrough.toml").unlink()
    result = cli(command)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("E201 ")
    assert "followthrough init" in result.stderr


@pytest.mark.parametrize("command", READERS + WORKERS)
def test_a_misspelt_key_is_named_with_its_line_and_nothing_starts(cli, command):
    cli.add('intervall = "30s"\n')
    result = cli(command)
    assert result.exit_code == 2
    assert (
        'followthrough.toml:12 unknown key "intervall". Did you mean "interval"?' in result.stderr
    )
    assert sorted(one.name for one in cli.folder.iterdir()) == [
        "followthrough.toml",
        "token",
        "words.toml",
    ]


@pytest.mark.parametrize("command", ["plan", "sync", "run", "check", "status"])
def test_a_bad_base_url_is_named_with_its_line(cli, command):
    change(cli, "token =", 'base_url = "http://10.0.0.1"\ntoken =')
    result = cli(command)
    assert result.exit_code == 2
    assert "E202" in result.stderr
    assert "followthrough.toml:6 base_url must be https." in result.stderr


def test_a_project_that_the_adapter_refuses_is_named_with_its_line(cli):
    change(cli, "acme/payments", "refused")
    result = cli("plan")
    assert result.exit_code == 2
    assert "followthrough.toml:10 project is refused. Take another." in result.stderr


@pytest.mark.parametrize("command", ["plan", "sync", "run"])
def test_a_missing_token_stops_before_anything_starts(cli, command):
    change(cli, '{ file = "token" }', '{ env = "NO_SUCH_TOKEN" }')
    result = cli(command)
    assert result.exit_code == 2
    said = "followthrough.toml:6 environment variable NO_SUCH_TOKEN holds no secret. Set it"
    assert f"E203 {cli.folder}/{said}" in result.stderr
    assert not (cli.folder / "followthrough.db").exists()


@pytest.mark.parametrize("command", READERS)
def test_looking_at_the_state_needs_no_token(cli, command):
    (cli.folder / "token").unlink()
    assert cli(command).exit_code == 0


def test_an_empty_token_file_is_no_token(cli):
    (cli.folder / "token").write_text("\n")
    assert "E203" in cli("plan").stderr


def test_a_token_that_the_tracker_refuses_is_a_failure_not_a_traceback(cli):
    cli.docs.put(title="A")
    cli.board.unread = [AuthFailed(Problem("E203", 'GitHub said 403, needs "issues=write".'))]
    result = cli("sync")
    assert result.exit_code == 1
    assert 'E203 GitHub said 403, needs "issues=write".' in result.stderr


@pytest.mark.parametrize("command", ["sync", "run"])
def test_two_writers_on_one_state_file_are_refused(cli, command):
    url = f"sqlite:///{cli.folder / 'followthrough.db'}"
    (cli.folder / "followthrough.db.key").write_text("k" * 32)
    with Store.open(url, cli.clock, lock=True):
        result = cli(command)
        assert result.exit_code == 1
        assert f"E301 {cli.folder / 'followthrough.db.lock'}" in result.stderr
        assert f"(pid {os.getpid()}) holds the lock." in result.stderr
        assert cli("status").exit_code == 0
        assert cli("plan").exit_code == 0


def test_a_damaged_state_file_is_refused(cli):
    cli("sync")
    file = cli.folder / "followthrough.db"
    with file.open("r+b") as stream:
        stream.write(b"this is no database of any kind")
    result = cli("sync")
    assert result.exit_code == 1
    assert "E302" in result.stderr


def test_a_state_file_of_a_newer_program_is_refused(cli):
    cli("sync")
    with sqlite3.connect(cli.folder / "followthrough.db") as db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
    db.close()
    result = cli("sync")
    assert result.exit_code == 1
    assert "E306" in result.stderr


def test_a_state_in_a_folder_that_is_not_there_is_refused(cli):
    cli.add('[state]\nurl = "sqlite:///nowhere/f.db"\n')
    result = cli("sync")
    assert result.exit_code == 1
    assert "E304" in result.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_refused(cli):
    (cli.folder / "closed").mkdir(mode=0o500)
    cli.add('[state]\nurl = "sqlite:///closed/f.db"\n')
    result = cli("sync")
    assert result.exit_code == 1
    assert "E304" in result.stderr


def test_a_folder_nobody_can_write_to_is_refused(cli):
    cli.add('[state]\nurl = "sqlite:////proc/f.db"\n')
    result = cli("sync")
    assert result.exit_code == 1
    assert "E304" in result.stderr


def test_network_file_systems_are_told_from_local_ones():
    mounts = "/dev/sda1 / ext4 rw 0 0\nserver:/x /srv/data nfs4 rw 0 0\n"
    assert file_system(Path("/srv/data/state"), mounts) in NETWORK
    assert file_system(Path("/srv/database"), mounts) not in NETWORK


def test_a_state_on_a_network_file_system_is_refused(tmp_path):
    mounts = f"/dev/sda1 / ext4 rw 0 0\nserver:/x {tmp_path.resolve()} nfs4 rw 0 0\n"
    with pytest.raises(ProblemError, match=r"E303 .*state on nfs4 is unsafe"):
        refuse_bad_place(tmp_path / "followthrough.db", mounts)


def test_nothing_is_sent_when_the_disk_is_nearly_full(cli):
    cli.docs.put(title="A")
    cli.world = replace(cli.world, least_free=2**62)
    result = cli("sync")
    assert result.exit_code == 1
    assert "E304" in result.stderr
    assert "no changes will be sent" in result.stderr
    assert cli.board.items == {}


def test_a_lost_marker_key_is_not_replaced_by_another(cli):
    cli.docs.put(title="A")
    cli("sync")
    (cli.folder / "followthrough.db.key").unlink()
    for command in ("plan", "sync", "check"):
        result = cli(command)
        assert result.exit_code == 1
        assert "E307" in result.stderr + result.stdout
    assert not (cli.folder / "followthrough.db.key").exists()


def test_a_marker_key_is_made_once_for_its_owner_alone(cli):
    cli("sync")
    key = cli.folder / "followthrough.db.key"
    made = key.read_bytes()
    assert key.stat().st_mode & 0o777 == 0o600
    cli("sync")
    assert key.read_bytes() == made


def test_a_marker_key_that_is_too_short_is_refused(cli):
    (cli.folder / "short").write_text("abc")
    cli.add('[state]\nkey = { file = "short" }\n')
    result = cli("plan")
    assert result.exit_code == 2
    assert "E203" in result.stderr


def test_wrong_usage_exits_with_2(cli):
    for arguments in (["sync", "--nonsense"], ["nonsense"], ["explain"], ["log", "-n", "0"]):
        assert cli.plain(*arguments).exit_code == 2


def test_a_bug_is_one_line_on_the_screen_and_a_traceback_in_a_file(cli):
    cli.docs.put(title="A")
    cli.board.unread = [RuntimeError(f"no such thing {(cli.folder / 'token').read_text()}")]
    result = cli("plan")
    assert result.exit_code == 1
    (line,) = result.stderr.strip().splitlines()[-1:]
    assert line.startswith("E900 unexpected RuntimeError; a bug.")
    (kept,) = cli.folder.glob("followthrough-error-*.txt")
    text = kept.read_text()
    assert "Traceback" in text
    assert "ghp_canary" not in text
    assert "[secret]" in text
    assert kept.stat().st_mode & 0o777 == 0o600


def test_settings_are_found_by_the_environment(cli):
    config = str(cli.folder / "followthrough.toml")
    assert cli.plain("status", env={"FOLLOWTHROUGH_CONFIG": config}).exit_code == 0


def test_no_secret_is_shown_by_any_command(cli):
    cli.docs.put(title="A")
    for arguments in (["check"], ["plan"], ["sync"], ["status"], ["log"], ["explain", "D1"]):
        result = cli(*arguments)
        assert "ghp_canary" not in result.output
        key = cli.folder / "followthrough.db.key"
        if key.exists():
            assert key.read_text() not in result.output
