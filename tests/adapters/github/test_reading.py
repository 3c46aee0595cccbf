import json
from datetime import timedelta

import pytest

from adapters.errors import Missing, RateLimited, Transient
from adapters.sandbox.github.model import Actor, Edit
from adapters.sandbox.github.people import Person
from mappings.item import Patch, Ref
from mappings.vocabulary import Phase, Priority


@pytest.fixture
def maria(sandbox):
    return Person(sandbox.state.repository("acme/payments"), "maria")


@pytest.fixture
def sweep(project):
    """Read everything; gives the items by number and the cursor."""

    def read(cursor=None):
        pages = list(project.changed(cursor))
        assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
        assert {page.sweep for page in pages} == {cursor is None}
        items = [item for page in pages for item in page.items]
        return items, pages[-1].cursor

    return read


def seed(sandbox, count):
    sandbox.state.repository("acme/payments").seed_issues(count)


def counted(sandbox, call):
    before = sandbox.requests.total
    result = call()
    return result, [entry.status for entry in list(sandbox.requests)[before:]]


def test_an_idle_poll_is_one_request_that_costs_nothing(sandbox, maria, sweep):
    maria.open("Checkout is down")
    items, cursor = sweep()
    assert [item.title for item in items] == ["Checkout is down"]
    (items, again), statuses = counted(sandbox, lambda: sweep(cursor))
    assert (items, again, statuses) == ([], cursor, [304])


def test_an_idle_poll_by_a_new_process_is_one_request_too(sandbox, maria, sweep, connect, profile):
    maria.open("Checkout is down")
    _, cursor = sweep()
    fresh = connect(sandbox.url).open("acme/payments", profile)
    pages, statuses = counted(sandbox, lambda: list(fresh.changed(cursor)))
    assert statuses == [304]
    assert not pages[0].items
    assert fresh.hint() == "1"


def test_an_empty_repository_is_polled_for_nothing_as_well(sandbox, sweep, project):
    _, cursor = sweep()
    assert project.hint() == "0"
    assert counted(sandbox, lambda: sweep(cursor))[1] == [304]


def test_a_thousand_changed_issues_take_eleven_requests(sandbox, clock, sweep, maria):
    for _ in range(100):
        for _ in range(10):
            maria.open("Work")
        clock.sleep(1)
    _, cursor = sweep()
    (items, _), statuses = counted(sandbox, sweep)
    assert len({item.ref.id for item in items}) == len(items) == 1000
    assert len(statuses) <= 11
    for _ in range(100):
        maria.open("More")
        clock.sleep(60)
    _, cursor = sweep(cursor)
    for number in range(1, 1001):
        maria.edit(number, title="changed")
        clock.sleep(number % 2)
    (items, _), statuses = counted(sandbox, lambda: sweep(cursor))
    assert len(items) == 1000
    assert len(statuses) <= 11


def test_issues_that_share_one_second_are_all_read(sandbox, sweep):
    seed(sandbox, 1000)
    (items, cursor), statuses = counted(sandbox, sweep)
    assert len({item.ref.id for item in items}) == 1000
    assert len(statuses) <= 12
    items, _ = sweep(cursor)
    assert items == []


def test_a_change_is_read_once_and_its_neighbours_are_not_told_again(sandbox, clock, maria, sweep):
    for name in ("one", "two", "three"):
        maria.open(name)
    _, cursor = sweep()
    clock.sleep(5)
    maria.label(2, add=["bug"])
    items, cursor = sweep(cursor)
    assert [item.ref.id for item in items] == ["2"]
    assert counted(sandbox, lambda: sweep(cursor))[1] == [304]


def test_two_changes_within_one_second_are_both_seen(sandbox, maria, sweep):
    maria.open("one")
    _, cursor = sweep()
    maria.edit(1, title="two")
    items, cursor = sweep(cursor)
    assert [item.title for item in items] == ["two"]
    maria.edit(1, title="three")
    items, _ = sweep(cursor)
    assert [item.title for item in items] == ["three"]


def test_a_comment_alone_shows_that_somebody_was_there(sandbox, clock, maria, sweep):
    maria.open("one")
    before, cursor = sweep()
    clock.sleep(60)
    maria.comment(1, "on it")
    items, _ = sweep(cursor)
    assert items[0].updated_at > before[0].updated_at
    assert items[0].revision == before[0].revision


@pytest.mark.parametrize("count", [98, 99, 100, 101, 199, 200, 201, 250])
def test_a_change_is_never_hidden_behind_a_full_page(sandbox, clock, maria, sweep, count):
    """A full first page would look the same for ever: its tag must not be trusted."""
    for _ in range(count):
        maria.open("Work")
        clock.sleep(1)
    items, cursor = sweep()
    assert len(items) == count
    for turn in range(4):
        clock.sleep(1)
        changed = maria.edit(1 + turn * 7, title=f"changed {turn}").number
        items, cursor = sweep(cursor)
        assert [item.ref.id for item in items] == [str(changed)]
        _, cursor = sweep(cursor)
        assert counted(sandbox, lambda cursor=cursor: sweep(cursor))[1] == [304]


def test_a_burst_of_changes_between_two_polls_is_read_whole(sandbox, clock, maria, sweep):
    for _ in range(300):
        maria.open("Work")
    _, cursor = sweep()
    clock.sleep(30)
    for number in range(1, 251):
        maria.label(number, add=["bug"])
    items, cursor = sweep(cursor)
    assert {int(item.ref.id) for item in items} == set(range(1, 251))
    assert sweep(cursor)[0] == []


def test_edits_between_two_pages_lose_nothing(sandbox, clock, maria, project):
    for _ in range(250):
        maria.open("Work")
        clock.sleep(1)
    seen = {}
    for turn, page in enumerate(project.changed(None)):
        seen |= {item.ref.id: item.title for item in page.items}
        if turn == 0:
            maria.edit(3, title="edited")
            maria.edit(50, title="edited")
    assert len(seen) == 250
    assert (seen["3"], seen["50"]) == ("edited", "edited")


def test_a_list_that_lags_is_caught_up_with(clock, connect, profile):
    from adapters.sandbox import Sandbox

    with Sandbox(
        "github", token="ghp_abcdefghijklmnopqrstuvwxyz0123456789", clock=clock, lag=240
    ) as sandbox:
        home = sandbox.state.repository("acme/payments")
        maria = Person(home, "maria")
        project = connect(sandbox.url).open("acme/payments", profile)
        maria.open("early")
        clock.sleep(100)
        maria.open("late")
        clock.sleep(200)
        first = list(project.changed(None))
        assert [item.title for item in first[-1].items] == ["early"]
        clock.sleep(100)
        second = list(project.changed(first[-1].cursor))
        assert [item.title for item in second[-1].items] == ["late"]


def test_what_lagged_behind_a_burst_is_looked_for_once_more(sandbox, clock, maria, sweep):
    """A hundred quick changes must not hide the slow one for ever."""
    for _ in range(150):
        maria.open("Work")
        clock.sleep(1)
    _, cursor = sweep()
    sandbox.state.set_habits(lag=300)
    maria.open("late")
    sandbox.state.set_habits(lag=0)
    for number in range(1, 121):
        clock.sleep(1)
        maria.edit(number, title="quick")
    items, cursor = sweep(cursor)
    assert {item.title for item in items} == {"quick"}
    for _ in range(3):
        clock.sleep(60)
        (items, cursor), statuses = counted(sandbox, lambda cursor=cursor: sweep(cursor))
        assert (items, len(statuses)) == ([], 1)
    clock.sleep(600)
    (items, cursor), statuses = counted(sandbox, lambda: sweep(cursor))
    assert "late" in {item.title for item in items}
    assert len(statuses) <= 3
    _, cursor = sweep(cursor)
    for _ in range(3):
        clock.sleep(600)
        (items, cursor), statuses = counted(sandbox, lambda cursor=cursor: sweep(cursor))
        assert (items, statuses) == ([], [304])


def test_the_tag_of_a_full_page_is_not_kept(maria, sweep):
    for _ in range(100):
        maria.open("Work")
    _, cursor = sweep()
    for _ in range(3):
        items, cursor = sweep(cursor)
        assert items == []
        assert json.loads(cursor)["etag"] == ""


def test_pull_requests_are_no_issues_but_their_numbers_count(sandbox, maria, sweep, project):
    maria.open("issue")
    maria.pull("pull request")
    items, _ = sweep()
    assert [item.title for item in items] == ["issue"]
    assert project.hint() == "2"
    with pytest.raises(Missing):
        project.fetch(Ref("2"))


def test_a_tag_is_used_with_its_own_token_only(sandbox, maria, sweep, connect, profile, clock):
    from adapters.sandbox.core.access import Token

    maria.open("one")
    _, cursor = sweep()
    sandbox.state.add_token(Token("ghp_another0123456789another0123456789", "zoe"))
    place = json.loads(cursor)
    assert place["token"]
    place["token"] = "other"
    items, statuses = counted(sandbox, lambda: sweep(json.dumps(place)))
    assert statuses == [200]
    assert items[0] == []


@pytest.mark.parametrize("cursor", ["", "rubbish", "[]", '{"since": 1, "else": 2}', '"text"'])
def test_a_cursor_that_is_not_ours_reads_everything(maria, project, cursor):
    maria.open("one")
    pages = list(project.changed(cursor))
    assert [len(page.items) for page in pages] == [1]
    assert pages[-1].sweep


def test_a_cursor_of_another_repository_reads_everything(sandbox, maria, sweep, connect, profile):
    maria.open("one")
    _, cursor = sweep()
    sandbox.state.add_repository("acme/shop")
    shop = connect(sandbox.url).open("acme/shop", profile)
    pages = list(shop.changed(cursor))
    assert pages[-1].sweep
    assert pages[-1].items == ()


def test_a_rename_of_the_repository_changes_nothing(sandbox, clock, maria, sweep):
    maria.open("one")
    _, cursor = sweep()
    clock.sleep(5)
    maria.rename("acme/checkout")
    maria.edit(1, title="two")
    items, _ = sweep(cursor)
    assert [item.title for item in items] == ["two"]


def test_a_renamed_repository_is_found_by_its_old_name(sandbox, maria, connect, profile):
    maria.open("one")
    maria.rename("acme/checkout")
    project = connect(sandbox.url).open("acme/payments", profile)
    items = [item for page in project.changed(None) for item in page.items]
    assert [item.ref.key for item in items] == ["acme/checkout#1"]
    checks = {check.name: check for check in project.check()}
    assert not checks["name"].ok
    assert "acme/checkout" in checks["name"].detail


def test_one_unreadable_issue_stops_nothing(server, reply, issue, repository, connect, profile):
    good, bad = issue(1), issue(2)
    del bad["title"]
    server.will(reply(body=repository()), reply(body=[bad, good]))
    project = connect(server.url).open("acme/payments", profile)
    (page,) = project.changed(None)
    assert [item.ref.id for item in page.items] == ["1"]
    assert [(one.id, one.problem.code) for one in page.broken] == [("2", "E109")]
    assert page.broken[0].problem.place == "acme/payments#2"
    assert project.hint() == "2"


def test_an_unreadable_issue_is_told_again_at_each_reading(
    server, reply, issue, repository, connect, profile
):
    bad = issue(2)
    del bad["title"]
    server.will(reply(body=repository()), reply(body=[bad]))
    project = connect(server.url).open("acme/payments", profile)
    (page,) = project.changed(None)
    (page,) = project.changed(page.cursor)
    assert [one.id for one in page.broken] == ["2"]


def test_a_list_that_is_no_list_is_a_passing_fault(server, reply, repository, connect, profile):
    server.will(reply(body=repository()), reply(body={"message": "odd"}))
    project = connect(server.url).open("acme/payments", profile)
    with pytest.raises(Transient):
        list(project.changed(None))


def test_a_reading_that_breaks_off_has_no_last_page(sandbox, clock, maria, project):
    for _ in range(150):
        maria.open("Work")
        clock.sleep(1)
    sandbox.faults.add("error", "GET /issues$", after=False, every=1, status=500)
    sandbox.faults.clear()
    sandbox.faults.add("rate-limit", "GET /issues$", nth=2, limit="primary")
    pages = project.changed(None)
    first = next(pages)
    assert not first.last
    with pytest.raises(RateLimited):
        next(pages)
    clock.sleep(3700)
    rest = [item for page in project.changed(first.cursor) for item in page.items]
    seen = {item.ref.id for item in first.items} | {item.ref.id for item in rest}
    assert len(seen) == 150


def test_what_is_seen_again_after_our_own_write_is_what_was_stored(sandbox, maria, sweep, project):
    maria.open("one", labels=["bug"])
    (item,), cursor = sweep()
    stored = project.update(item.ref, Patch(phase=Phase.DOING, priority=Priority.P1), item.revision)
    (again,), _ = sweep(cursor)
    assert again == stored
    assert again.revision == stored.revision


def test_server_time_is_githubs(sandbox, maria, project, clock):
    (page,) = project.changed(None)
    assert page.server_time == clock.now().replace(microsecond=0)
    assert project.capabilities.overlap == timedelta(minutes=10)


def test_a_label_renamed_is_seen_in_a_sweep(sandbox, maria, sweep):
    maria.open("one", labels=["bug"])
    sweep()
    maria.rename_label("bug", "defect")
    items, _ = sweep()
    assert items[0].labels == {"defect"}


def test_seeded_issues_have_their_authors(sandbox, sweep):
    home = sandbox.state.repository("acme/payments")
    home.open(Actor("devon"), Edit(title="by devon"))
    items, _ = sweep()
    assert items[0].author == "devon"
