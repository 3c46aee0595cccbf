"""Planning and syncing from the command line: what is shown, what is written, how it ends."""

import io
import signal

import pytest
from rich.console import Console

from adapters.errors import Rejected, Transient, UnknownOutcome
from mappings.markers import Marker, write_marker
from mappings.problem import Problem
from mappings.vocabulary import Field, Phase, Priority
from sync.cli.screen import Screen
from sync.store import Store, schedule


def test_a_plan_shows_where_what_and_why_and_writes_nothing(cli):
    cli.docs.put(title="Payments fail", priority=Priority.P0)
    before = sorted(one.name for one in cli.folder.iterdir())
    result = cli("plan")
    assert result.exit_code == 0
    assert "+ create    tracker    D#1" in result.stdout
    assert "title: Payments fail" in result.stdout
    assert "because new in the documents" in result.stdout
    assert "1 to create" in result.stdout
    assert cli.board.items == {}
    assert sorted(one.name for one in cli.folder.iterdir()) == before


def test_a_plan_as_json_has_the_promised_keys(cli):
    cli.docs.put(title="Payments fail", phase=Phase.DOING)
    answer = cli.json("plan")
    (pair,) = answer["pairs"]
    (operation,) = pair["operations"]
    assert answer["digest"] == pair["digest"]
    assert (pair["name"], pair["conflicts"], pair["refusals"]) == ("payments", [], [])
    assert (operation["kind"], operation["side"], operation["item"]) == ("create", "right", "D#1")
    assert operation["fields"]["title"] == {"from": None, "to": "Payments fail"}
    assert operation["why"] == ["new in the documents"]
    assert "outcome" not in operation


def test_sync_carries_out_what_the_plan_said_and_then_nothing_more(cli):
    cli.docs.put(title="Payments fail")
    planned = cli.json("plan")["pairs"][0]
    done = cli.json("sync")["pairs"][0]
    assert done["digest"] == planned["digest"]
    assert done["operations"][0]["outcome"] == "done"
    assert done["operations"][0]["result_item"] == "T#1"
    again = cli("sync")
    assert again.exit_code == 0
    assert "nothing to do" in again.stdout
    assert cli.board.writes == 1


def test_a_changed_field_is_shown_with_both_values(cli):
    item = cli.docs.put(title="Old")
    cli("sync")
    cli.board.edit("T1", title="New")
    result = cli("plan")
    assert f"~ update    documents  {item.ref.key}" in result.stdout
    assert "title: Old -> New" in result.stdout
    assert "because title: changed in the tracker" in result.stdout


def test_a_changed_text_is_shown_line_by_line(cli):
    cli.docs.put(title="A", body="one\ntwo\nthree\n")
    cli("sync")
    cli.docs.edit("D1", body="one\n2\nthree\n")
    lines = cli("plan").stdout.splitlines()
    assert "        -two" in lines
    assert "        +2" in lines
    assert not any("three" in line for line in lines)


def test_a_refused_plan_is_shown_exits_with_3_and_passes_by_its_digest(cli):
    cli.add("guard = { creates = 1 }\n")
    for title in ("A", "B"):
        cli.docs.put(title=title)
    plan = cli("plan")
    assert plan.exit_code == 3
    assert "E401" in plan.stderr
    refused = cli("sync")
    assert refused.exit_code == 3
    assert cli.board.items == {}
    digest = cli.json("plan")["digest"]
    assert f"--approve {digest}" in refused.stderr
    wrong = cli("sync", "--approve", "0" * 16)
    assert wrong.exit_code == 3
    assert "E404" in wrong.stderr
    assert cli("sync", "--approve", digest).exit_code == 0
    assert len(cli.board.items) == 2


def many_vanish(cli):
    for title in "ABCDE":
        cli.docs.put(title=title)
    cli("sync")
    for title in "1234":
        del cli.docs.items[f"D{title}"]


def somebody_elses(cli):
    marker = write_marker(Marker(op="0" * 32, instance="0" * 8, origin="D1"), b"x" * 32)
    cli.board.put(title="B", marker=marker, author="bot")


@pytest.mark.parametrize(
    ("happens", "code", "remedy"),
    [
        (many_vanish, "E114", "Restore the folder or the access."),
        (somebody_elses, "E305", "Run one instance only; or use that instance's state and key."),
    ],
)
def test_what_no_approval_can_settle_does_not_suggest_one(cli, happens, code, remedy):
    happens(cli)
    for command in ("plan", "sync"):
        refused = cli(command)
        assert refused.exit_code == 3
        assert code in refused.stderr
        assert remedy in refused.stderr
        assert "Refused; nothing was written." in refused.stderr
        assert "--approve" not in refused.output
    assert cli.json("plan")["digest"] is None


def test_an_approval_is_not_suggested_while_something_else_must_be_mended_first(cli):
    cli.add("guard = { creates = 0 }\n")
    cli.docs.put(title="A")
    somebody_elses(cli)
    refused = cli("sync")
    assert "E401" in refused.stderr
    assert "E305" in refused.stderr
    assert "--approve" not in refused.stderr


def test_a_refused_sync_as_json_says_that_nothing_was_tried(cli):
    cli.add("guard = { creates = 0 }\n")
    cli.docs.put(title="A")
    (pair,) = cli.json("sync")["pairs"]
    assert pair["operations"][0]["outcome"] == "skipped"
    assert pair["refusals"][0]["code"] == "E401"


def test_a_failed_operation_is_named_and_exits_with_1(cli):
    cli.docs.put(title="A")
    cli.docs.put(title="B")
    cli.board.faults = [Rejected(Problem("E120", "title is too long."), Field.TITLE)]
    result = cli("sync")
    assert result.exit_code == 1
    assert "FAILED" in result.stdout
    assert "E120 D#1 title is too long." in result.stderr
    assert [one.title for one in cli.board.items.values()] == ["B"]


def test_a_side_that_cannot_be_read_exits_with_1_and_is_named(cli):
    cli.docs.put(title="A")
    for command in ("plan", "sync"):
        cli.board.unread = [Transient(Problem("E206", "got text/html (502)."))]
        result = cli(command)
        assert result.exit_code == 1
        assert "E206 got text/html (502)." in result.stderr
    assert cli.board.items == {}


def test_a_create_in_doubt_is_shown_and_settled_by_the_next_run(cli):
    cli.docs.put(title="A")
    cli.board.faults = [UnknownOutcome(Problem("E213", "the answer was lost."))]
    first = cli("sync")
    assert first.exit_code == 1
    assert "IN DOUBT" in first.stdout
    assert cli.json("status")["pairs"][0]["intents_in_doubt"] == 1
    assert cli("sync").exit_code == 0
    assert len(cli.board.items) == 1


def test_a_plan_as_markdown_mentions_nobody(cli):
    cli.docs.put(title="Ask @maria | about #12 <b>")
    result = cli("plan", "--markdown")
    assert result.exit_code == 0
    assert "| create | tracker |" in result.stdout
    assert "@maria" not in result.stdout
    assert "#12" not in result.stdout
    assert "<b>" not in result.stdout.replace("\\<b", "")


def test_escape_sequences_in_a_title_never_reach_the_terminal(cli):
    cli.docs.put(title="red \x1b[31m bell \x07 turn \u202e")
    for command in (("plan",), ("plan", "--markdown"), ("sync",), ("explain", "D1")):
        result = cli(*command)
        assert not {"\x1b", "\x07", "\u202e"} & set(result.stdout + result.stderr)


def test_only_the_pair_that_is_asked_for_is_run(cli):
    cli.add(
        '[pairs.other]\nleft = { connection = "docs" }\n'
        'right = { connection = "acme", project = "acme/other" }\nprofile = "words.toml"\n'
    )
    (pair,) = cli.json("plan", "--pair", "other")["pairs"]
    assert pair["name"] == "other"
    unknown = cli("plan", "--pair", "payment")
    assert unknown.exit_code == 2
    assert "E201" in unknown.stderr
    assert 'no pair "payment". There are: payments, other.' in unknown.stderr


def test_several_refused_plans_leave_no_single_digest(cli):
    cli.add(
        'guard = { creates = 0 }\n[pairs.other]\nleft = { connection = "docs" }\n'
        'right = { connection = "acme", project = "x" }\nprofile = "words.toml"\n'
        "guard = { creates = 0 }\n"
    )
    cli.docs.put(title="A")
    answer = cli.json("plan")
    assert answer["digest"] is None
    assert len({pair["digest"] for pair in answer["pairs"]}) == 2


@pytest.mark.parametrize("command", ["plan", "sync"])
def test_progress_goes_to_standard_error(cli, command):
    cli.docs.put(title="A")
    result = cli(command, "--json")
    assert "read left 1" in result.stderr
    assert result.stdout.startswith("{")


def test_a_wait_that_is_no_time_is_wrong_usage(cli):
    result = cli("sync", "--wait", "soon")
    assert result.exit_code == 2
    assert "a length of time" in result.stderr


def test_waiting_settles_a_doubt_in_the_same_run(cli):
    cli.docs.put(title="A")
    cli.board.faults = [UnknownOutcome(Problem("E213", "the answer was lost."))]
    cli("sync")
    assert cli("sync", "--wait", "30s").exit_code == 0


def test_a_pair_that_breaks_off_keeps_no_other_from_being_run(cli):
    cli.add(
        '[pairs.zeta]\nleft = { connection = "docs" }\n'
        'right = { connection = "acme", project = "acme/zeta" }\nprofile = "words.toml"\n'
    )
    cli.docs.put(title="A")
    cli.board.unread = [RuntimeError("a bug")]
    result = cli("sync")
    assert result.exit_code == 1
    assert "E900" in result.stderr
    assert len(cli.board.items) == 1
    runs = {one["pair"]: one for one in cli.json("log", "--runs")["runs"]}
    assert runs["payments"]["outcome"] == "failed"
    assert runs["payments"]["problems"][0]["code"] == "E900"
    assert runs["zeta"]["outcome"] == "good"


def test_a_plan_beside_a_run_under_way_leaves_that_run_alone(cli):
    cli("sync")
    with Store.open(f"sqlite:///{cli.folder / 'followthrough.db'}", cli.clock, lock=True) as store:
        with store.writing() as tx:
            schedule.start(tx, "payments", 9, cli.clock.now())
        cli.board.unread = [RuntimeError("a bug")]
        cli("plan")
        with store.reading() as tx:
            assert schedule.history(tx, "payments", 1)[0].ended_at is None


def test_a_secret_in_a_problem_is_not_shown(cli):
    token = (cli.folder / "token").read_text().strip()
    cli.board.unread = [
        Transient(Problem("E206", f"the server repeated {token} and glpat-abcdef1"))
    ]
    result = cli("sync")
    assert "the server repeated [secret] and [secret]" in result.stderr


def test_progress_on_a_terminal_is_a_bar():
    stream = io.StringIO()
    terminal = Console(file=stream, force_terminal=True, width=100)
    with Screen(err=terminal).progress("payments") as progress:
        progress("write", 0, 3, "D#1 [bold]")
        progress("write", 3, 3, "D#3 [bold]")
    assert "payments: write" in stream.getvalue()
    assert "D#3 [bold]" in stream.getvalue()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_finishes_the_current_write_and_begins_no_other(cli, number):
    for title in ("A", "B"):
        cli.docs.put(title=title)
    cli.board.on_write = [lambda: signal.raise_signal(number)]
    result = cli("sync")
    assert result.exit_code == 1
    assert "left for the next run" in result.stdout
    assert len(cli.board.items) == 1
    cli.board.on_write = []
    assert cli("sync").exit_code == 0
    assert sorted(one.title for one in cli.board.items.values()) == ["A", "B"]


def test_a_signal_while_reading_ends_before_anything_is_written(cli):
    cli.docs.put(title="A")
    cli.docs.on_read = [lambda: signal.raise_signal(signal.SIGTERM)]
    assert cli("sync").exit_code == 1
    assert cli.board.items == {}
    cli.docs.on_read = []
    assert cli("sync").exit_code == 0


OTHER = (
    '[pairs.other]\nleft = { connection = "docs" }\n'
    'right = { connection = "acme", project = "acme/other" }\nprofile = "words.toml"\n'
)


def test_several_pairs_are_read_in_one_go_and_one_as_ever(cli, polls):
    cli.add(OTHER)
    assert cli("sync").exit_code == 0
    assert polls == []
    read = []
    cli.board.on_read.append(lambda: read.append(1))
    assert cli("sync").exit_code == 0
    assert (polls, len(read)) == ([2], 2)
    assert cli("sync", "--pair", "other").exit_code == 0
    assert (polls, len(read)) == ([2], 3)


def test_pairs_that_cannot_be_read_in_one_go_are_read_one_by_one(cli, polls):
    cli.add(OTHER)
    cli("sync")
    cli.board.unread = [Transient(Problem("E206", "502"))]
    assert cli("sync").exit_code == 0
    assert polls == [2]


def test_ctrl_c_while_several_pairs_are_read_writes_nothing(cli, polls):
    cli.add(OTHER)
    cli("sync")
    cli.docs.put(title="A")
    cli.board.on_read.append(lambda: signal.raise_signal(signal.SIGINT))
    assert cli("sync").exit_code != 0
    assert cli.board.writes == 0
