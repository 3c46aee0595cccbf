"""Status, conflicts, explain, log, adapters, version, check: what people look at."""

from datetime import UTC, date, datetime, timedelta

import pytest

from adapters.base import Check
from adapters.errors import AuthFailed, Rejected
from mappings.item import UNSET, Item, Ref
from mappings.problem import Problem
from mappings.vocabulary import Category, Field, Kind, Phase, Priority, Side
from sync.cli import COMMANDS
from sync.cli.explain import unwanted
from sync.cli.screen import ago, printable
from sync.cli.values import shown
from sync.decide.policy import Filter


def test_status_before_the_first_run_says_so_and_makes_nothing(cli):
    result = cli("status")
    assert result.exit_code == 0
    assert "never run" in result.stdout
    assert not (cli.folder / "followthrough.db").exists()


def test_status_tells_how_a_pair_stands(cli):
    cli.docs.put(title="A", priority=Priority.P0)
    cli.docs.put(title="B")
    cli.board.faults = [Rejected(Problem("E120", "title is too long."), Field.TITLE)]
    cli("sync")
    cli.clock.advance(seconds=30)
    (pair,) = cli.json("status")["pairs"]
    assert pair["name"] == "payments"
    assert pair["last_run"] == "2026-03-01T12:00:00Z"
    assert pair["last_outcome"] == "partial"
    assert pair["last_good_run"] is None
    assert pair["cursor_age_seconds"] == 30
    assert pair["linked_items"] == 1
    assert pair["urgent"] is True
    assert pair["budgets"]["acme"]["remaining"] == 4321
    (aside,) = pair["items_set_aside"]
    assert (aside["item"], aside["attempts"]) == ("D1", 1)
    assert aside["problem"]["code"] == "E120"
    shown_to_people = cli("status")
    assert "set aside        E120 D#1 title is too long." in shown_to_people.stdout
    assert "requests left    4321 of 5000 at acme" in shown_to_people.stdout


def test_a_good_run_is_dated(cli):
    cli.docs.put(title="A")
    cli("sync")
    cli.clock.advance(minutes=10)
    assert "last good run    10 min ago" in cli("status").stdout


@pytest.fixture
def disputed(cli):
    """Both sides changed the title, and nobody may decide."""
    cli.add('fields = { title = { authority = "ask" } }\n')
    cli.docs.put(title="A")
    cli("sync")
    cli.docs.edit("D1", title="from the document")
    cli.board.edit("T1", title="from the tracker")
    cli("sync")
    return cli


def test_a_conflict_is_listed_with_both_values(disputed):
    result = disputed("conflicts")
    assert "documents  from the document" in result.stdout
    assert "tracker    from the tracker" in result.stdout
    (one,) = disputed.json("conflicts")["conflicts"]
    assert (one["documents"], one["tracker"]) == ("from the document", "from the tracker")
    assert (one["field"], one["item"], one["closed_at"]) == ("title", "T#1", None)


def test_a_conflict_is_decided_by_a_person_and_kept_afterwards(disputed):
    (one,) = disputed.json("conflicts")["conflicts"]
    assert disputed("conflicts", str(one["number"]), "--take", "documents").exit_code == 0
    assert "decided for the documents" in disputed("conflicts").stdout
    disputed("sync")
    assert disputed.board.items["T1"].title == "from the document"
    assert "no open conflicts" in disputed("conflicts").stdout
    closed = disputed.json("conflicts", "--closed")["conflicts"]
    assert {one["tracker"] for one in closed} == {"from the tracker"}


def test_deciding_needs_a_number_that_is_open(disputed):
    assert disputed("conflicts", "--take", "tracker").exit_code == 2
    result = disputed("conflicts", "99", "--take", "tracker")
    assert result.exit_code == 1
    assert "E405" in result.stderr


def test_explain_shows_both_sides_and_the_history(cli):
    cli.docs.put(title="A", phase=Phase.TODO, due=date(2026, 4, 1), owners=("ann", "bo"))
    cli("sync")
    cli.board.edit("T1", phase=Phase.DOING)
    result = cli("explain", "T#1")
    assert "D#1 <-> T#1  (payments)" in result.stdout
    assert "2026-04-01" in result.stdout
    assert "ann, bo" in result.stdout
    assert "~ update    documents  D#1" in result.stdout
    assert "phase: todo -> doing" in result.stdout
    assert "create in the tracker: title" in result.stdout


@pytest.mark.parametrize("name", ["D1", "d1", "D#1", "T1", "https://t.example/1"])
def test_an_item_is_found_by_whatever_people_call_it(cli, name):
    cli.docs.put(title="A")
    cli("sync")
    assert cli.json("explain", name)["sides"]["right"]["id"] == "T1"


def test_explain_says_that_nothing_is_to_do(cli):
    cli.docs.put(title="A")
    cli("sync")
    assert "nothing to do: both sides are as they last agreed" in cli("explain", "D1").stdout


def test_explain_knows_an_item_that_only_the_plan_knows(cli):
    cli.docs.put(title="A")
    answer = cli.json("explain", "D#1")
    assert answer["next"][0]["kind"] == "create"
    assert answer["link"] is None


def test_explain_says_why_an_item_is_not_mirrored(cli):
    cli.add('filter = { priorities = ["P0"] }\n')
    cli.docs.put(title="A", priority=Priority.P2)
    cli("sync")
    assert "not mirrored: filter.priorities does not hold 'P2'" in cli("explain", "D1").stdout


def test_explain_says_that_an_item_is_set_aside_and_until_when(cli):
    cli.docs.put(title="A")
    cli.board.faults = [Rejected(Problem("E120", "title is too long."), Field.TITLE)]
    cli("sync")
    (why,) = cli.json("explain", "D1")["why"]
    assert why.startswith("set aside until 2026-03-01 12:01 UTC")
    assert "E120 D#1 title is too long." in why


def test_explain_says_that_a_conflict_waits_for_a_person(disputed):
    assert any("title is in conflict" in why for why in disputed.json("explain", "D1")["why"])


def test_explain_offline_asks_nobody(cli):
    cli.docs.put(title="A")
    cli("sync")
    cli.board.unread = [RuntimeError("must not be read")]
    assert cli("explain", "D1", "--offline").exit_code == 0
    assert cli.board.unread


def test_an_item_nobody_ever_read_is_named(cli):
    result = cli("explain", "PAY-T-0001")
    assert result.exit_code == 1
    assert 'E406 no item "PAY-T-0001" was ever read.' in result.stderr


BOUND = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("values", "rules", "said"),
    [
        ({"archived": True}, {}, "it is archived"),
        ({"kind": Kind.TASK}, {"kinds": (Kind.INCIDENT,)}, "filter.kinds does not hold 'task'"),
        ({"category": Category.BUG}, {"categories": (Category.FEATURE,)}, "filter.categories"),
        ({"labels": frozenset({"x"})}, {"labels": ("sync",)}, "none of filter.labels (sync)"),
        ({"phase": Phase.COMPLETED}, {}, 'filter.history is "documents"'),
    ],
)
def test_every_part_of_the_filter_can_be_the_reason(values, rules, said):
    item = Item(ref=Ref("T1"), **values)
    (reason,) = unwanted(item, Side.RIGHT, Filter(**rules), BOUND)
    assert said in reason


def test_the_log_tells_what_was_done_newest_first(cli):
    cli.docs.put(title="A")
    cli("sync")
    cli.clock.advance(minutes=1)
    cli.docs.edit("D1", title="B")
    cli("sync")
    entries = cli.json("log")["log"]
    assert [one["kind"] for one in entries] == ["update", "create"]
    assert entries[0]["state"] == "done"
    assert entries[0]["why"] == ["title: changed in the document"]
    assert len(cli.json("log", "--limit", "1")["log"]) == 1
    assert "title: changed in the document" in cli("log").stdout


def test_the_log_of_one_item_and_of_what_is_open(cli):
    cli.docs.put(title="A")
    cli.docs.put(title="B")
    cli("sync")
    (one,) = cli.json("log", "T#2")["log"]
    assert one["item"] == "D#2"
    assert cli.json("log", "--open")["log"] == []
    assert cli.json("log", "nobody")["log"] == []


def test_the_log_of_runs(cli):
    cli("sync")
    cli("sync")
    runs = cli.json("log", "--runs")["runs"]
    assert [one["outcome"] for one in runs] == ["good", "good"]
    assert "good" in cli("log", "--runs").stdout


def test_adapters_lists_names_keys_and_what_they_can_hold(cli):
    result = cli.plain("adapters")
    assert "papers" in result.stdout
    assert "writes     title, phase" in result.stdout
    assert "token      opens it (required)" in result.stdout
    assert cli.plain("adapters", "--json").exit_code == 0


def test_version_names_the_program(cli):
    assert "followthrough" in cli.plain("version").stdout
    assert '"sqlite"' in cli.plain("version", "--json").stdout


def test_check_proves_everything_and_writes_nothing(cli):
    before = sorted(one.name for one in cli.folder.iterdir())
    result = cli("check")
    assert result.exit_code == 0
    assert "ok   secrets: file" in result.stdout
    assert "ok   connection acme: token  works" in result.stdout
    assert "ok   pair payments: profile  words" in result.stdout
    assert "will be made by the first sync" in result.stdout
    assert sorted(one.name for one in cli.folder.iterdir()) == before


def test_check_goes_on_after_a_failure_and_exits_with_1(cli):
    (cli.folder / "token").unlink()
    cli("sync")
    result = cli("check", "--json")
    assert result.exit_code == 1
    assert '"ok": false' in result.stdout
    assert "pair payments" in result.stdout


def test_check_warns_of_a_key_that_others_may_read(cli):
    cli("sync")
    (cli.folder / "followthrough.db.key").chmod(0o644)
    result = cli("check")
    assert result.exit_code == 1
    assert "chmod 600" in result.stdout


def test_a_state_that_others_may_read_is_warned_of_and_fails_nothing(cli):
    assert "others may read" not in cli("sync").output
    file = cli.folder / "followthrough.db"
    file.chmod(0o644)
    for command in ("check", "sync"):
        result = cli(command)
        assert result.exit_code == 0
        assert f"others may read it: chmod 600 {file}" in result.output
    assert "others may read" not in cli("status").output


def test_every_command_has_help_with_an_example(cli):
    listed = cli.plain("--help").stdout
    for command in COMMANDS:
        assert command.__name__ in listed
        assert "Example:" in cli.plain(command.__name__, "--help").stdout


@pytest.mark.parametrize(
    ("past", "said"),
    [
        (timedelta(seconds=5), "5 s ago"),
        (timedelta(minutes=3), "3 min ago"),
        (timedelta(hours=5), "5 h ago"),
        (timedelta(days=4), "4 d ago"),
        (timedelta(minutes=-3), "in 3 min"),
    ],
)
def test_ages_are_said_in_one_unit(past, said):
    now = datetime(2026, 3, 1, tzinfo=UTC)
    assert ago(now - past, now) == said


def test_ages_of_what_never_was():
    assert ago(None, datetime(2026, 3, 1, tzinfo=UTC)) == "never"


@pytest.mark.parametrize(
    ("value", "said"),
    [(UNSET, "not said"), (None, "none"), ((), "nobody"), ("", "none"), ("a\nb", "2 lines")],
)
def test_values_are_said_in_words(value, said):
    assert shown(value) == said


def test_printable_keeps_what_people_read():
    assert printable("a\tb\nc é 漢") == "a\tb\nc é 漢"


@pytest.mark.parametrize("token", ['{ file = "no-such-file" }', '{ env = "NO_SUCH_VARIABLE" }'])
def test_check_tells_of_a_missing_token_once_with_its_line_and_remedy(cli, token):
    file = cli.folder / "followthrough.toml"
    file.write_text(file.read_text().replace('{ file = "token" }', token))
    result = cli("check")
    assert result.exit_code == 1
    (line,) = [one for one in result.stdout.splitlines() if "E203" in one]
    assert "followthrough.toml:6" in line
    assert result.stdout.count(line.rpartition("  ")[2]) == 1
    assert "FAIL connection acme: not asked" in result.stdout
    assert "FAIL pair payments: not asked" in result.stdout
    assert "ok   connection docs" in result.stdout


def test_check_says_a_remedy_once(cli):
    refused = AuthFailed(Problem("E205", "token rejected.", remedy="Renew it."))
    cli.board.checks = [Check("token", False, str(refused), "Renew it.")]
    result = cli("check")
    assert "FAIL pair payments: token  E205 token rejected.  Renew it.\n" in result.stdout
    (told,) = [one for one in cli.json("check")["checks"] if not one["ok"]]
    assert (told["detail"], told["remedy"]) == ("E205 token rejected.", "Renew it.")
