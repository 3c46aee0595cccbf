"""What is worth knowing and no failure, as `plan`, `sync` and `status` show it."""

import pytest

from mappings.problem import Problem


def unnamed(status, item):
    return Problem("E129", f'status "{status}" is not named.', item, "Name it.")


@pytest.fixture
def noted(cli):
    """Issues with statuses that the profile does not name: one with its own, three with another."""
    cli.board.put(title="A", notices=(unnamed("Odd", "T#1"),))
    for number in (2, 3, 4):
        cli.board.put(title=f"B{number}", notices=(unnamed("Queer", f"T#{number}"),))
    return cli


LINES = [
    'E129 T#1 status "Odd" is not named. Name it.',
    'E129 T#2 and 2 more status "Queer" is not named. Name it.',
]


def test_each_thing_is_told_once_however_many_items_show_it(noted):
    for command in ("plan", "sync", "status"):
        result = noted(command)
        assert result.exit_code == 0
        shown = [line for line in result.stdout.splitlines() if "note " in line]
        assert [line.removeprefix("  . note      ") for line in shown] == LINES


def test_a_review_has_the_notes_too(noted):
    text = noted("plan", "--markdown").stdout.replace("\N{WORD JOINER}", "")
    assert [line for line in text.splitlines() if line.startswith("- note: ")] == [
        f"- note: {line}" for line in LINES
    ]


def test_programs_are_given_every_one(noted):
    for arguments in (["plan"], ["sync"], ["status"]):
        (pair,) = noted.json(*arguments)["pairs"]
        assert [one["place"] for one in pair["notices"]] == ["T#1", "T#2", "T#3", "T#4"]
        assert {one["code"] for one in pair["notices"]} == {"E129"}


def test_only_so_many_things_are_shown(cli):
    for number in range(14):
        cli.board.put(title=f"A{number}", notices=(unnamed(f"S{number}", f"T#{number + 1}"),))
    shown = [line for line in cli("plan").stdout.splitlines() if "note " in line]
    assert len(shown) == 11
    assert shown[-1].endswith("and 4 more; see `--json`")
