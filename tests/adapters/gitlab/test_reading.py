"""Reading a project, and many projects in one listing."""

from datetime import timedelta

import pytest

from adapters.errors import Missing, Rejected, Transient
from adapters.gitlab.place import BEGINNING, Place, moment_of, written
from mappings.vocabulary import Phase

OVERLAP = 300


@pytest.fixture
def open_project(server, listing, connect, profile):
    """The project, of one connection for all of a test."""
    connection = connect(server.url)

    def opened(name="acme/payments", words=profile):
        return connection.open(name, words)

    opened.connection = connection
    return opened


@pytest.fixture
def put(listing, issue, clock):
    """Make or change an issue now; a test may say when instead."""

    def change(iid=1, project=77, **changes):
        at = changes.pop("at", clock.now())
        before = [r for r in listing.rows if (r["project_id"], r["iid"]) == (project, iid)]
        row = (before[0] if before else issue(iid, project=project)) | changes
        listing.rows[:] = [one for one in listing.rows if one not in before]
        listing.rows.append(row | {"updated_at": at if isinstance(at, str) else written(at)})

    return change


def titles(pages):
    return [item.title for page in pages for item in page.items]


def last_cursor(pages):
    return pages[-1].cursor


# --- one project --------------------------------------------------------------------------


def test_a_sweep_reads_every_page_and_goes_on_where_it_ended(open_project, put, server, clock):
    for number in range(1, 251):
        clock.sleep(1)
        put(number, title=f"Issue {number}")
    clock.sleep(3600)
    project = open_project()
    pages = list(project.changed(None))
    assert len(set(titles(pages))) == 250
    assert [page.last for page in pages] == [False, False, True]
    assert all(page.sweep for page in pages)
    assert project.hint() == "250"
    server.asked.clear()
    (page,) = project.changed(last_cursor(pages))
    assert (page.items, page.sweep, page.last) == ((), False, True)
    (asked,) = server.asked
    assert asked.path == "/projects/77/issues"
    assert asked.query["updated_after"] == written(clock.now() - timedelta(seconds=OVERLAP))


def test_an_edit_between_two_pages_pushes_nothing_out(open_project, put, clock):
    for number in range(1, 251):
        clock.sleep(1)
        put(number, title=f"Issue {number}")
    reading = open_project().changed(None)
    told = titles([next(reading)])
    put(5, title="Issue 5 again")
    put(7, title="Issue 7 again")
    told += titles(reading)
    assert {f"Issue {number}" for number in range(1, 251)} <= set(told)
    assert {"Issue 5 again", "Issue 7 again"} <= set(told)


def test_more_changes_of_one_moment_than_a_page_holds_are_all_read(open_project, put, clock):
    for number in range(1, 251):
        put(number, title=f"Issue {number}", at="2026-03-01T10:00:00.000Z")
    assert len(set(titles(open_project().changed(None)))) == 250


def test_a_reading_goes_on_from_any_page(open_project, put, clock):
    for number in range(1, 251):
        clock.sleep(1)
        put(number, title=f"Issue {number}")
    first = next(iter(open_project().changed(None)))
    rest = list(open_project().changed(first.cursor))
    assert len(set(titles([first, *rest]))) == 250


def test_what_is_shown_again_unchanged_is_not_told_again(open_project, put, clock):
    put(1)
    project = open_project()
    pages = list(project.changed(None))
    again = list(project.changed(last_cursor(pages)))
    assert (titles(pages), titles(again)) == (["Checkout is down"], [])


def test_a_label_set_within_a_minute_of_the_last_touch_is_seen(open_project, put, clock):
    """GitLab then keeps the time of that touch, so that a bound at the last reading misses it."""
    touched = clock.now()
    put(1)
    project = open_project()
    clock.sleep(50)
    cursor = last_cursor(list(project.changed(None)))
    put(1, labels=["phase::doing"], at=touched)
    clock.sleep(3600)
    (page,) = project.changed(cursor)
    assert [item.phase for item in page.items] == [Phase.DOING]


def test_a_server_clock_that_is_ahead_hides_nothing(open_project, server, put, clock, listing):
    put(1)
    ahead = (clock.now() + timedelta(hours=1)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    server.answer = lambda asked: _with(listing(asked), {"Date": ahead})
    project = open_project()
    cursor = last_cursor(list(project.changed(None)))
    clock.sleep(60)
    put(2, title="Later")
    assert titles(project.changed(cursor)) == ["Later"]


def test_without_the_servers_clock_only_what_was_seen_counts(
    open_project, server, put, clock, listing
):
    put(1)
    server.answer = lambda asked: _with(listing(asked), {"Date": ""})
    project = open_project()
    clock.sleep(3600)
    cursor = last_cursor(list(project.changed(None)))
    assert Place.read(cursor).since == moment_of(listing.rows[0]["updated_at"])


def test_a_change_that_lists_show_late_is_seen_after_a_pass_that_took_long(
    open_project, put, listing, clock
):
    """The next pass begins before this one did, not before it ended."""
    for number in range(1, 251):
        clock.sleep(1)
        put(number, title=f"Issue {number}")
    project = open_project()
    reading = project.changed(None)
    pages = [next(reading)]
    clock.sleep(10)
    late = written(clock.now())
    clock.sleep(OVERLAP)
    for number in range(101, 251):
        put(number, title=f"Issue {number} again")
    pages.append(next(reading))
    clock.sleep(OVERLAP)
    put(1, title="Shown late", at=late)
    pages += reading
    assert "Shown late" not in titles(pages)
    assert titles(project.changed(last_cursor(pages))).count("Shown late") == 1


def _with(answer, headers):
    answer.headers = answer.headers | headers
    return answer


def test_times_of_a_site_in_another_zone_are_compared_as_moments(open_project, put, clock):
    put(1, title="First", at="2026-03-01T12:00:00.000+02:00")
    put(2, title="Second", at="2026-03-01T10:00:00.500Z")
    (page,) = open_project().changed(None)
    assert titles([page]) == ["First", "Second"]
    assert moment_of("2026-03-01T12:00:00.000+02:00") == "2026-03-01T10:00:00.000Z"
    assert moment_of("2026-03-01T10:00:00") == "2026-03-01T10:00:00.000Z"


def test_a_moved_issue_is_not_read_as_closed(open_project, put, clock):
    put(1)
    project = open_project()
    pages = list(project.changed(None))
    put(1, state="closed", moved_to_id=9)
    assert titles(project.changed(last_cursor(pages))) == []


def test_tasks_and_test_cases_are_passed_over(open_project, put, load):
    put(1, issue_type="task")
    put(2, issue_type="incident", title="An incident")
    assert titles(open_project().changed(None)) == ["An incident"]
    wide = load("gitlab-incidents", options={"types": "task"})
    assert len(titles(open_project(words=wide).changed(None))) == 2


def test_one_issue_that_cannot_be_read_stops_nothing(open_project, put):
    put(1, title=None)
    put(2, title="Good")
    (page,) = open_project().changed(None)
    assert titles([page]) == ["Good"]
    assert [one.id for one in page.broken] == ["1"]
    assert page.broken[0].problem.code == "E109"
    assert page.broken[0].problem.place == "acme/payments#1"


@pytest.mark.parametrize("cursor", ["", "{}x", "[]", '{"new": 1}', '{"home": "elsewhere"}'])
def test_a_cursor_that_is_not_ours_is_none(open_project, put, cursor):
    put(1)
    pages = list(open_project().changed(cursor))
    assert (titles(pages), pages[-1].sweep) == (["Checkout is down"], True)


def test_a_list_that_is_none_ends_no_reading(open_project, server, reply, home_json):
    project = open_project()
    server.will(reply(body=home_json()), reply(body={"message": "maintenance"}))
    with pytest.raises(Transient):
        list(project.changed(None))


def test_statuses_are_asked_for_once_a_page_and_only_where_they_count(
    open_project, put, listing, load, server
):
    words = load(
        "gitlab-incidents", phase={"statuses": {"doing": ["In progress"], "completed": ["Done"]}}
    )
    project = open_project(words=words)
    put(1)
    put(2)
    listing.statuses = {"2": "In progress"}
    (page,) = project.changed(None)
    assert {item.ref.id: item.phase for item in page.items} == {
        "1": Phase.BACKLOG,
        "2": Phase.DOING,
    }
    assert [one.path for one in server.asked][-2:] == ["/projects/77/issues", "/api/graphql"]
    listing.statuses["1"] = "In progress"
    (later,) = project.changed(page.cursor)
    assert [(item.ref.id, item.phase) for item in later.items] == [("1", Phase.DOING)]


# --- a renamed project --------------------------------------------------------------------


def test_a_renamed_project_is_followed_by_its_number(
    server, reply, home_json, issue, connect, profile
):
    project = connect(server.url).open("acme/old", profile)
    moved = {"Location": f"{server.url}/api/v4/projects/77"}
    server.will(reply(301, {}, moved), reply(body=home_json()), reply(body=[issue()]))
    (page,) = project.changed(None)
    assert page.items[0].ref.key == "acme/payments#1"
    assert [one.path for one in server.asked] == [
        "/projects/acme%2Fold",
        "/projects/77",
        "/projects/77/issues",
    ]
    server.will(reply(body=home_json()), reply(body=[]))
    found = {check.name: check for check in project.check()}
    assert not found["name"].ok
    assert "acme/payments" in found["name"].detail
    assert found["name"].remedy


def test_a_project_that_cannot_be_seen_is_named(server, reply, connect, profile):
    server.will(reply(404, {"message": "404 Project Not Found"}))
    with pytest.raises(Missing) as caught:
        list(connect(server.url).open("acme/nothing", profile).changed(None))
    assert "acme/nothing" in caught.value.problem.message
    assert caught.value.problem.remedy


@pytest.mark.parametrize(
    ("changes", "code"), [({"issues_access_level": "disabled"}, "E127"), ({}, "E210")]
)
def test_issues_that_cannot_be_listed_say_why(
    server, reply, home_json, connect, profile, changes, code
):
    gone = reply(404, {"message": "404 Not found"})
    server.will(reply(body=home_json()), gone, reply(body=home_json(**changes)))
    with pytest.raises((Missing, Rejected)) as caught:
        list(connect(server.url).open("acme/payments", profile).changed(None))
    assert caught.value.problem.code == code
    assert "acme/payments" in caught.value.problem.message
    assert caught.value.problem.remedy


def test_a_project_moved_to_another_group_is_listed_there_after_its_next_sweep(
    open_project, listing, home_json, server
):
    listing.homes = [home_json(100, "acme/one"), home_json(101, "acme/two")]
    one, two = open_project("acme/one"), open_project("acme/two")
    wanted = {project: last_cursor(list(project.changed(None))) for project in (one, two)}
    listing.homes[1] = home_json(101, "other/two")
    wanted[two] = last_cursor(list(two.changed(None)))
    server.asked.clear()
    polled(open_project.connection, wanted)
    assert {asked.path for asked in server.asked} == {
        "/projects/100/issues",
        "/projects/101/issues",
    }


# --- many projects ------------------------------------------------------------------------


@pytest.fixture
def many(open_project, listing, home_json):
    """Projects by name, each swept once; and their cursors."""

    def make(*names):
        listing.homes = [home_json(number, name) for number, name in enumerate(names, 100)]
        projects = [open_project(name) for name in names]
        return {one: last_cursor(list(one.changed(None))) for one in projects}

    return make


def polled(connection, wanted):
    """What a poll tells, by project's name; moves the cursors."""
    told = {}
    for project, page in connection.poll(dict(wanted)):
        told.setdefault(project.home.name, []).append(page)
        wanted[project] = page.cursor
    for pages in told.values():
        assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
    return {name: titles(pages) for name, pages in told.items()}


def test_an_idle_cycle_over_a_hundred_projects_of_a_group_is_one_request(
    open_project, many, server
):
    wanted = many(*[f"acme/team-{number % 7}/service-{number}" for number in range(100)])
    for _ in range(2):
        server.asked.clear()
        told = polled(open_project.connection, wanted)
        assert set(told) == {project.home.name for project in wanted}
        assert not any(told.values())
        (asked,) = server.asked
        assert asked.path == "/groups/acme/issues"
        assert asked.query["non_archived"] == "false"


def test_changes_of_a_group_are_dealt_out_to_their_projects(
    open_project, many, listing, issue, clock, server
):
    wanted = many("acme/a/one", "acme/a/two", "acme/b/three")
    clock.sleep(600)
    for number in range(1, 151):
        clock.sleep(0.1)
        for project, path in ((100, "acme/a/one"), (102, "acme/b/three"), (999, "acme/b/other")):
            row = issue(number, project=project, path=path, title=f"{path} {number}")
            listing.rows.append(row | {"updated_at": written(clock.now())})
    server.asked.clear()
    told = polled(open_project.connection, wanted)
    assert len(set(told["acme/a/one"])) == len(set(told["acme/b/three"])) == 150
    assert told["acme/a/two"] == []
    assert len(server.asked) == 5
    assert not any(polled(open_project.connection, wanted).values())
    assert {project.hint() for project in wanted} == {"150", "0"}


def test_a_sweep_and_one_far_behind_are_read_by_themselves(open_project, many, server, clock):
    wanted = many("acme/one", "acme/two", "acme/three", "acme/new")
    clock.sleep(7200)
    late, *rest, new = wanted
    for project in rest:
        wanted[project] = last_cursor(list(project.changed(wanted[project])))
    wanted[new] = None
    server.asked.clear()
    polled(open_project.connection, wanted)
    paths = [one.path for one in server.asked]
    assert sorted(paths) == [
        "/groups/acme/issues",
        f"/projects/{late.home.id}",
        f"/projects/{late.home.id}/issues",
        f"/projects/{new.home.id}",
        f"/projects/{new.home.id}/issues",
    ]
    server.asked.clear()
    polled(open_project.connection, wanted)
    assert [one.path for one in server.asked] == ["/groups/acme/issues"]


def test_a_group_is_asked_once_an_hour_which_projects_are_still_there(
    open_project, many, server, clock
):
    wanted = many(*[f"acme/service-{number}" for number in range(150)])
    told = []
    for _ in range(13):
        clock.sleep(600)
        server.asked.clear()
        polled(open_project.connection, wanted)
        told.append([one.path for one in server.asked])
    quiet, looking = (
        ["/groups/acme/issues"],
        ["/groups/acme/issues", *["/groups/acme/projects"] * 2],
    )
    assert told == [*[quiet] * 5, looking, *[quiet] * 5, looking, quiet]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"issues_access_level": "disabled"}, "E127 acme/two has no issues. Enable them"),
        ({"issues_enabled": False}, "E127 acme/two has no issues. Enable them"),
        (None, "E210 cannot see acme/two: .* Check its name, and that the token's account is a"),
    ],
)
def test_a_project_that_a_group_shows_nothing_of_says_why_within_an_hour(
    open_project, many, listing, clock, change, said
):
    wanted = many("acme/one", "acme/two")
    lost = next(one for one in wanted if one.home.name == "acme/two")
    home = listing.homes.pop()
    listing.homes += [home | change] if change else []
    clock.sleep(3600)
    assert set(polled(open_project.connection, dict(wanted))) == {"acme/one"}
    with pytest.raises((Missing, Rejected), match=said):
        list(lost.changed(wanted[lost]))
    listing.homes = [home, *listing.homes[:1]]
    assert set(polled(open_project.connection, wanted)) == {"acme/one", "acme/two"}


def test_a_project_alone_is_looked_at_once_an_hour(project, listing, clock, server):
    cursor = last_cursor(list(project.changed(None)))
    for minutes, asked in ((59, 1), (1, 2), (59, 1)):
        clock.sleep(60 * minutes)
        server.asked.clear()
        cursor = last_cursor(list(project.changed(cursor)))
        assert len(server.asked) == asked


def test_a_project_without_issues_is_no_empty_one(project, listing, clock, home_json):
    listing.homes = [home_json(issues_access_level="disabled")]
    with pytest.raises(Rejected, match=r"E127 acme/payments has no issues\."):
        list(project.changed(None))


def test_a_renamed_project_of_a_group_is_called_by_its_new_name_within_an_hour(
    open_project, many, listing, clock, issue
):
    wanted = many("acme/one", "acme/two")
    listing.homes[1] |= {"path_with_namespace": "acme/zwei"}
    clock.sleep(3600)
    listing.rows.append(
        issue(1, project=101, path="acme/zwei") | {"updated_at": written(clock.now())}
    )
    told = {item.ref.key for _, page in open_project.connection.poll(wanted) for item in page.items}
    assert told == {"acme/zwei#1"}


def test_an_issue_that_is_shown_as_moved_is_named_and_told_nothing_else_of(
    project, listing, issue, clock
):
    left = issue(3, state="closed", moved_to_id=88001)
    listing.rows = [left, issue(4)]
    (page,) = project.changed(None)
    assert page.moved == {"3"}
    assert [item.ref.id for item in page.items] == ["4"]


def test_a_group_that_cannot_be_listed_is_asked_for_once(open_project, many, listing, server):
    listing.closed.add("maria")
    wanted = many("maria/one", "maria/two")
    server.asked.clear()
    polled(open_project.connection, wanted)
    assert server.asked[0].path == "/groups/maria/issues"
    server.asked.clear()
    polled(open_project.connection, wanted)
    assert sorted(one.path for one in server.asked) == [
        "/projects/100/issues",
        "/projects/101/issues",
    ]


def test_projects_of_several_groups_need_one_listing_each(open_project, many, server):
    wanted = many("acme/x/one", "acme/x/two", "other/one", "other/two", "third/alone")
    server.asked.clear()
    polled(open_project.connection, wanted)
    assert sorted(one.path for one in server.asked) == [
        "/groups/acme%2Fx/issues",
        "/groups/other/issues",
        "/projects/104/issues",
    ]


def test_a_project_opened_twice_is_told_to_both(open_project, many, listing, issue, clock):
    wanted = many("acme/one", "acme/two")
    again = open_project("acme/one")
    wanted[again] = last_cursor(list(again.changed(None)))
    clock.sleep(600)
    listing.rows.append(
        issue(1, project=100, path="acme/one") | {"updated_at": written(clock.now())}
    )
    told = list(open_project.connection.poll(dict(wanted)))
    assert {project for project, page in told if page.last} == set(wanted)
    assert {project for project, page in told if page.items} == set(wanted) - {list(wanted)[1]}


def test_a_group_listing_that_breaks_off_goes_on_from_its_last_page(
    open_project, many, listing, issue, clock
):
    wanted = many("acme/one", "acme/two")
    clock.sleep(600)
    for number in range(1, 151):
        clock.sleep(1)
        row = issue(number, project=100 + number % 2, path="acme/x", title=f"Issue {number}")
        listing.rows.append(row | {"updated_at": written(clock.now())})
    told = set()
    for project, page in open_project.connection.poll(dict(wanted)):
        if page.last:
            break
        told |= set(titles([page]))
        wanted[project] = page.cursor
    for project, page in open_project.connection.poll(dict(wanted)):
        told |= set(titles([page]))
        wanted[project] = page.cursor
    assert len(told) == 150


def test_a_sweep_begins_before_anything_was(open_project, server, put):
    put(1)
    list(open_project().changed(None))
    assert server.asked[-1].query["updated_after"] == BEGINNING


def test_a_renamed_project_is_followed_and_said_so_until_settings_name_it(
    project, put, listing, clock, issue, home_json
):
    cursor = last_cursor(list(project.changed(None)))
    listing.homes = [home_json(path="acme/pay")]
    clock.sleep(600)
    put(1, references={"full": "acme/pay#1"})
    for _ in range(2):
        (page,) = project.changed(cursor)
        cursor = page.cursor
        (notice,) = page.notices
        assert str(notice) == (
            "E212 acme/payments is called acme/pay now; it is followed. "
            "Write the new name in the settings."
        )
