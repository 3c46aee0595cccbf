"""Reading Jira: one search for a site, in every time zone, however far searches lag."""

from contextlib import suppress
from datetime import timedelta

import pytest

from adapters.errors import Missing, Unsupported
from adapters.jira.place import Place
from mappings.item import Draft, Patch, Ref


def read(project, cursor=None):
    items, pages = [], list(project.changed(cursor))
    for page in pages:
        items += page.items
    assert pages[-1].last
    return items, pages[-1].cursor


def test_a_hundred_idle_projects_are_one_request(sandbox, connection, load, asked):
    profile = load()
    with sandbox.lock:
        for number in range(100):
            made = sandbox.state.add_project(f"P{number}")
            made.people |= sandbox.state.project("PAY").people
    projects = [connection.open(f"P{number}", profile) for number in range(100)]
    cursors = {project: read(project)[1] for project in projects}
    asked()
    told = list(connection.poll(cursors))
    assert len(asked()) == 1
    assert len(told) == 100
    assert all(page.last and not page.items for _, page in told)


def test_what_changed_in_many_projects_is_dealt_out(sandbox, connection, load, clock, asked):
    profile = load()
    projects = {key: connection.open(key, profile) for key in ("PAY", "OTH")}
    cursors = {project: read(project)[1] for project in projects.values()}
    clock.sleep(600)
    for key in projects:
        sandbox.person("maria", key).open(f"In {key}")
    asked()
    told = list(connection.poll(cursors))
    assert len(asked()) == 1
    seen = {
        project.home.key: [item.title for item in page.items] for project, page in told if page.last
    }
    assert seen == {"PAY": ["In PAY"], "OTH": ["In OTH"]}
    after = {project: page.cursor for project, page in told if page.last}
    assert not any(page.items for _, page in connection.poll(after))


@pytest.mark.parametrize("order", [1, -1])
def test_a_project_that_nobody_sees_does_not_stop_the_others(
    sandbox, connection, load, maria, order
):
    profile = load()
    ours, other = connection.open("PAY", profile), connection.open("OTH", profile)
    cursors = {project: read(project)[1] for project in (ours, other)[::order]}
    maria.open("Still read")
    sandbox.person("maria", "OTH").hide()
    told = []

    def poll():
        for project, page in connection.poll(cursors):
            told.extend((project, item.title) for item in page.items)

    with suppress(Missing):
        poll()
    assert told == [(ours, "Still read")]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu"])
def test_nothing_is_missed_in_any_time_zone(sandbox, connection, load, clock, maria, zone):
    sandbox.state.user("followthrough-bot", zone=zone)
    project = connection.open("PAY", load())
    _, cursor = read(project)
    for number in range(8):
        clock.sleep(1237)
        maria.open(f"Issue {number}")
        items, cursor = read(project, cursor)
        assert [item.title for item in items] == [f"Issue {number}"]


@pytest.mark.parametrize("skew", [-7200, 7200])
def test_a_wrong_clock_of_ours_misses_nothing(sandbox, connect, load, clock, maria, flavour, skew):
    opened = connect(sandbox.url, flavour)
    _, cursor = read(opened.open("PAY", load()))
    clock.sleep(6 * 3600)
    maria.open("Long after")
    clock.sleep(5 * 3600)
    another = connect(sandbox.url, flavour)
    another.client.clock = _Shifted(clock, skew)
    assert [item.title for item in read(another.open("PAY", load()), cursor)[0]] == ["Long after"]


class _Shifted:
    """A clock that is wrong."""

    def __init__(self, clock, seconds):
        self._clock = clock
        self._skew = timedelta(seconds=seconds)

    def now(self):
        return self._clock.now() + self._skew

    def __getattr__(self, name):
        return getattr(self._clock, name)


def test_what_we_just_wrote_is_named_to_clouds_search(cloud, connect, load, flavour):
    if flavour != "cloud":
        pytest.skip("Data Center has no such parameter")
    project = connect(cloud.url, "cloud").open("PAY", load())
    _, cursor = read(project)
    cloud.state.set_habits(lag=300)
    item = project.create(Draft(title="Just made", marker="m"))
    project.update(item.ref, Patch(title="Just changed"), None)
    items, _ = read(project, cursor)
    assert [one.title for one in items] == ["Just changed"]
    assert f"reconcileIssues={item.ref.id}" in cloud.requests[-1].query


def test_the_lower_bound_is_the_only_one(project, maria, clock, sandbox):
    maria.open("One")
    _, cursor = read(project)
    clock.sleep(3600)
    read(project, cursor)
    query = sandbox.requests[-1].query
    assert "updated" in query
    assert "%3C" not in query.replace("%3E%3D", "")


def test_the_search_that_cloud_took_away_names_the_setting(cloud, connect, load):
    opened = connect(cloud.url, "datacenter", email="followthrough-bot@example.com")
    with pytest.raises(Unsupported) as caught:
        list(opened.open("PAY", load()).changed(None))
    assert caught.value.problem.code == "E128"
    assert caught.value.problem.remedy == 'Set deployment = "cloud".'


def test_a_cursor_of_another_project_or_version_is_none(project, maria):
    maria.open("One")
    for cursor in ("", "{}", '{"home":"x"}', Place(home="elsewhere").write(), "[1]"):
        assert [item.title for item in read(project, cursor)[0]] == ["One"]


def test_a_lost_creation_is_found_by_its_key_before_searches_show_it(
    project, sandbox, marker, clock
):
    read(project)
    sandbox.state.set_habits(lag=600)
    hint, since = project.hint(), clock.now()
    item = project.create(Draft(title="Made", marker=marker))
    found = project.find(marker, since, hint or "0")
    assert [one.ref for one in found.items] == [item.ref]
    clock.sleep(300)
    absent = project.find(marker.replace("a" * 32, "c" * 32), since, hint or "0")
    assert absent.items == ()
    assert absent.conclusive


def test_a_deleted_issue_between_two_pages_hides_no_other(sandbox, connect, load, flavour):
    connection = connect(sandbox.url, flavour)
    project = connection.open("PAY", load())
    with sandbox.lock:
        sandbox.state.issues.seed(sandbox.state.project("PAY"), 250)
    pages = project.changed(None)
    first = next(pages)
    told = {item.ref.id for item in first.items}
    with sandbox.lock:
        for number in sorted(told)[:3]:
            sandbox.person("maria").delete(number)
    for page in pages:
        told |= {item.ref.id for item in page.items}
    assert {str(number) for number in sandbox.state.issues.all} <= told


def test_a_priority_that_is_only_read_means_the_same(project, maria):
    issue = maria.open("By hand")
    maria.prioritise(issue.id, "Lowest")
    item = project.fetch(Ref(str(issue.id)))
    assert item.priority == "P3"
