import pytest

from adapters.errors import PreconditionFailed
from adapters.sandbox.github.people import Person
from mappings.item import UNSET, Draft, Patch, Ref
from mappings.vocabulary import Phase, Resolution

COLUMNS = ("Backlog", "Todo", "In Progress", "Blocked", "In Review", "Done")


@pytest.fixture
def maria(sandbox):
    sandbox.state.add_board("acme", "Roadmap", COLUMNS)
    return Person(sandbox.state.repository("acme/payments"), "maria")


@pytest.fixture
def board(sandbox, maria):
    return next(iter(sandbox.state.boards.values()))


@pytest.fixture
def project(sandbox, connect, load, maria):
    return connect(sandbox.url).open("acme/payments", load("github-projects"))


def read(project, cursor=None):
    pages = list(project.changed(cursor))
    items = {item.ref.id: item for page in pages for item in page.items}
    return items, pages[-1].cursor


def column(board, issue):
    item = board.item_of(issue)
    return item.values.get(board.fields[0].id) if item else None


def test_the_phase_is_the_column_the_card_is_in(project, maria):
    for name in ("todo", "doing", "no card"):
        maria.open(name)
    maria.move("Roadmap", 1, "Todo")
    maria.move("Roadmap", 2, "In Progress")
    items, _ = read(project)
    assert [items[n].phase for n in "123"] == [Phase.TODO, Phase.DOING, Phase.BACKLOG]


def test_every_page_of_issues_has_its_cards(project, maria, clock):
    for number in range(1, 151):
        maria.open("Work")
        maria.move("Roadmap", number, "Todo")
        clock.sleep(1)
    items, _ = read(project)
    assert {item.phase for item in items.values()} == {Phase.TODO}
    assert len(items) == 150


def test_a_card_that_was_moved_is_noticed_although_no_list_shows_it(sandbox, project, maria):
    for name in ("one", "two"):
        maria.open(name)
        maria.move("Roadmap", 1, "Todo")
    _, cursor = read(project)
    maria.move("Roadmap", 1, "In Progress")
    before = sandbox.requests.total
    items, cursor = read(project, cursor)
    assert {number: item.phase for number, item in items.items()} == {"1": Phase.DOING}
    assert sandbox.requests.total - before == 3
    before = sandbox.requests.total
    assert read(project, cursor) == ({}, cursor)
    assert sandbox.requests.total - before == 2, "one look at the board, one 304"


def test_a_card_taken_off_the_board_is_noticed(project, maria, board):
    maria.open("one")
    maria.move("Roadmap", 1, "Todo")
    _, cursor = read(project)
    board.items.clear()
    items, _ = read(project, cursor)
    assert items["1"].phase is Phase.BACKLOG


def test_a_card_among_the_done_ones_is_completed_and_a_closed_issue_is_anyway(project, maria):
    maria.open("card is done")
    maria.move("Roadmap", 1, "Done")
    maria.open("closed")
    maria.move("Roadmap", 2, "Todo")
    maria.close(2, "not_planned")
    items, _ = read(project)
    assert (items["1"].phase, items["1"].resolution) == (Phase.COMPLETED, Resolution.DONE)
    assert (items["2"].phase, items["2"].resolution) == (Phase.COMPLETED, Resolution.NOT_PLANNED)


def test_a_column_the_profile_does_not_name_is_no_opinion(project, maria):
    maria.open("one")
    maria.move("Roadmap", 1, "In Review")
    assert read(project)[0]["1"].phase is UNSET


def test_a_new_issue_gets_its_card(project, board, sandbox):
    item = project.create(Draft(title="Down", phase=Phase.DOING))
    assert item.phase is Phase.DOING
    assert column(board, int(item.ref.birth)) == "In Progress"
    assert project.fetch(item.ref).phase is Phase.DOING


def test_a_phase_is_written_by_moving_the_card(project, maria, board):
    maria.open("one")
    items, cursor = read(project)
    item = project.update(Ref("1"), Patch(phase=Phase.BLOCKED), items["1"].revision)
    assert item.phase is Phase.BLOCKED
    assert column(board, int(item.ref.birth)) == "Blocked"
    again, _ = read(project, cursor)
    assert again["1"] == item


def test_completing_closes_the_issue_and_moves_the_card_along(project, maria, board):
    maria.open("one")
    maria.move("Roadmap", 1, "Todo")
    patch = Patch(phase=Phase.COMPLETED, resolution=Resolution.DUPLICATE)
    item = project.update(Ref("1"), patch, None)
    assert (item.phase, item.resolution) == (Phase.COMPLETED, Resolution.DUPLICATE)
    assert column(board, int(item.ref.birth)) == "Done"
    back = project.update(Ref("1"), Patch(phase=Phase.TODO, resolution=None), item.revision)
    assert (back.phase, back.resolution) == (Phase.TODO, None)
    assert column(board, int(item.ref.birth)) == "Todo"


def test_a_card_moved_by_somebody_meanwhile_is_not_moved_back(project, maria):
    maria.open("one")
    maria.move("Roadmap", 1, "Todo")
    item = project.fetch(Ref("1"))
    maria.move("Roadmap", 1, "Blocked")
    with pytest.raises(PreconditionFailed):
        project.update(Ref("1"), Patch(phase=Phase.DOING), item.revision)


def test_cards_of_other_repositories_are_not_taken_for_ours(sandbox, project, maria, board):
    maria.open("ours")
    shop = Person(sandbox.state.add_repository("acme/shop"), "maria")
    shop.open("theirs")
    shop.move("Roadmap", 1, "Blocked")
    assert read(project)[0]["1"].phase is Phase.BACKLOG


def test_an_archived_card_says_nothing(project, maria, board):
    maria.open("one")
    maria.move("Roadmap", 1, "Blocked")
    next(iter(board.items.values())).archived = True
    assert read(project)[0]["1"].phase is Phase.BACKLOG
    assert project.fetch(Ref("1")).phase is Phase.BACKLOG


def test_moving_a_card_where_it_is_already_sends_nothing(sandbox, project, maria):
    maria.open("one")
    maria.move("Roadmap", 1, "Todo")
    read(project)
    sandbox.requests.clear()
    project.update(Ref("1"), Patch(phase=Phase.TODO), None)
    assert not [one for one in sandbox.requests if b"mutation" in one.body]


def test_a_board_is_checked_for_its_field_and_columns(sandbox, connect, load, project):
    def board_check(**changes):
        board = {
            "owner": "acme",
            "number": 1,
            "field": "Status",
            "options": {"todo": "Todo", "doing": "Doing"},
        } | changes
        words = load("github-projects", phase={"open": "backlog", "board": board})
        opened = connect(sandbox.url).open("acme/payments", words)
        return {check.name: check for check in opened.check()}["board"]

    assert {check.name: check for check in project.check()}["board"].ok
    assert "Doing" in board_check().remedy
    assert not board_check(number=9).ok
    assert not board_check(field="Nothing").ok
    assert not board_check(owner="nobody").ok
