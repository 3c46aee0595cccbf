"""Pairs that share a connection are read in one go, and no worse than alone."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from random import Random
from types import SimpleNamespace

import pytest

from adapters.gitlab import ADAPTER, GitLabSettings
from adapters.memory import MemoryConnection, MemoryHome, MemoryProject
from adapters.memory.home import Record
from adapters.sandbox import Sandbox, StillClock
from adapters.seams import Seams
from mappings.profile import Profile
from mappings.vocabulary import Phase, Side
from sync.decide.policy import Policy
from sync.effect.cycle import sync_pair
from sync.effect.observe import FRESH
from sync.effect.pair import Pair
from sync.effect.together import Ahead, read_together
from sync.store import Store, schedule

NAMES = ("one", "two", "three")
PROFILE = Profile()


class CountingHome(MemoryHome):
    """Counts how often it is listed."""

    lists = 0

    def listed(self, after):
        self.lists += 1
        return super().listed(after)


class OneByOne(MemoryConnection):
    """Many homes behind one connection, each a project."""

    def __init__(self, clock):
        super().__init__(MemoryHome(clock))
        self.clock, self.homes = clock, {}

    def open(self, project, profile):
        home = self.homes.setdefault(project, CountingHome(self.clock))
        return MemoryProject(home, project, profile)


class Together(OneByOne):
    """Likewise, reading many at once. ``fault`` is raised after as many pages as ``served``."""

    fault, served = None, 10**6

    def __init__(self, clock):
        super().__init__(clock)
        self.polls = []

    def poll(self, wanted):
        self.polls.append([one.name for one in wanted])
        for number, told in enumerate(super().poll(wanted)):
            if number >= self.served:
                if self.fault:
                    raise self.fault
                return
            yield told


def pair_of(name, connection, docs, key="acme", **policy):
    left = MemoryConnection(docs)
    return Pair(
        name=name,
        projects={
            Side.LEFT: left.open("", PROFILE),
            Side.RIGHT: connection.open(name, PROFILE),
        },
        connections={Side.LEFT: left, Side.RIGHT: connection},
        names={Side.LEFT: f"docs-{name}", Side.RIGHT: key},
        policy=Policy(**policy),
        key=b"k" * 32,
    )


@pytest.fixture
def team():
    """Makes pairs over one connection; each has been synced once."""
    clock = StillClock()
    store = Store.memory(clock)
    seams = Seams(clock, Random(1))

    def make(kind=Together, names=NAMES, **policy):
        connection = kind(clock)
        docs = {name: MemoryHome(clock, documents=True) for name in names}
        pairs = [pair_of(name, connection, docs[name], **policy) for name in names]

        def put(name, title):
            return connection.homes[name].keep(
                Record(id=connection.homes[name].next_id(), title=title, author="maria")
            )

        def sync(ready):
            return {
                one.name: sync_pair(one, store, seams, ready=ready.get(one.name)) for one in pairs
            }

        def read(some=pairs, **options):
            return read_together(some, store, clock.now(), **options)

        def titles(name):
            return sorted(one.title for one in docs[name].everything().values())

        for name in names:
            put(name, f"An issue of {name}")
        sync({})
        clock.sleep(300)
        sync({})
        clock.sleep(300)
        for home in connection.homes.values():
            home.lists = 0
        return SimpleNamespace(
            pairs=pairs,
            connection=connection,
            store=store,
            clock=clock,
            seams=seams,
            put=put,
            sync=sync,
            read=read,
            titles=titles,
        )

    yield make
    store.close()


def test_pairs_that_share_a_connection_are_read_in_one_go(team):
    made = team()
    made.put("two", "A new issue")
    ready = made.read()
    assert {name: set(sides) for name, sides in ready.items()} == {
        name: {Side.RIGHT} for name in NAMES
    }
    reports = made.sync(ready)
    assert all(report.complete for report in reports.values())
    assert made.connection.polls == [list(NAMES)]
    assert [home.lists for home in made.connection.homes.values()] == [1, 1, 1]
    assert made.titles("two") == ["A new issue", "An issue of two"]
    assert made.titles("one") == ["An issue of one"]


def test_what_was_read_together_moves_the_cursors(team):
    made = team()
    before = cursors(made)
    for name in NAMES:
        made.put(name, "Another")
    made.sync(made.read())
    assert all(cursors(made)[name] > before[name] for name in NAMES)


def cursors(made):
    with made.store.reading() as tx:
        return {name: schedule.position(tx, name, Side.RIGHT).cursor for name in NAMES}


def test_a_single_pair_is_read_as_ever(team):
    made = team()
    assert made.read(made.pairs[:1]) == {}
    assert made.connection.polls == []


def test_a_connection_that_reads_one_by_one_is_left_alone(team):
    made = team(OneByOne)
    assert made.read() == {}
    assert [home.lists for home in made.connection.homes.values()] == [0, 0, 0]


def test_a_project_never_read_and_one_to_be_read_whole_are_left_out(team):
    made = team()
    new = pair_of("new", made.connection, MemoryHome(made.clock, documents=True))
    made.clock.sleep(3600)
    due = replace(made.pairs[0], policy=Policy(sweep_hours=1))
    assert set(made.read([new, due, *made.pairs[1:]])) == {"two", "three"}
    assert made.connection.polls == [["two", "three"]]


def test_a_blocked_connection_is_asked_nothing(team):
    made = team()
    with made.store.writing() as tx:
        until = made.clock.now() + timedelta(seconds=30)
        schedule.block(tx, "acme", until, made.clock.now())
    assert made.read() == {}
    assert made.connection.polls == []


def test_one_project_that_fails_does_not_stop_the_others(team):
    made = team()
    made.connection.homes["two"].trouble.everything = "down"
    for name in ("one", "three"):
        made.put(name, "A new issue")
    ready = made.read()
    assert set(ready) == {"one"}
    reports = made.sync(ready)
    assert [name for name, report in reports.items() if report.problems] == ["two"]
    assert len(made.titles("one")) == len(made.titles("three")) == 2


@pytest.mark.parametrize("fault", [RuntimeError("a bug"), None])
def test_a_reading_that_breaks_off_leaves_the_unfinished_to_be_read_alone(team, fault):
    made = team()
    made.connection.fault, made.connection.served = fault, 1
    for name in NAMES:
        made.put(name, "A new issue")
    ready = made.read()
    assert set(ready) == {"one"}
    assert all(report.complete for report in made.sync(ready).values())
    assert [len(made.titles(name)) for name in NAMES] == [2, 2, 2]


def test_some_pages_are_not_a_reading(team):
    made = team()
    made.connection.homes["one"].page_size = 5
    for number in range(8):
        made.put("one", f"Issue {number}")
    made.connection.served = 1
    assert made.read() == {}
    made.sync({})
    assert len(made.titles("one")) == 9


def test_a_tracker_that_asks_to_wait_is_asked_by_none(team):
    made = team()
    made.connection.homes["two"].trouble.everything = "limited"
    reports = made.sync(made.read())
    assert [home.lists for home in made.connection.homes.values()] == [1, 1, 0]
    codes = {report.problems[0].code for report in reports.values()}
    assert codes == {"E207"}


@pytest.mark.parametrize("late", [0, FRESH.total_seconds(), FRESH.total_seconds() + 1])
def test_a_reading_is_used_for_a_minute(team, late):
    made = team()
    ready = made.read()
    made.clock.sleep(late)
    made.put("one", "Opened meanwhile")
    made.sync(ready)
    used = late <= FRESH.total_seconds()
    assert (made.titles("one") == ["An issue of one"]) == used
    assert made.connection.homes["one"].lists == (1 if used else 2)
    made.clock.sleep(300)
    made.sync(made.read())
    assert made.titles("one") == ["An issue of one", "Opened meanwhile"]


def test_what_another_run_did_meanwhile_is_not_undone(team):
    made = team()
    ready = made.read()
    document = next(iter(made.pairs[0].projects[Side.LEFT].home.everything().values()))
    made.pairs[0].projects[Side.LEFT].home.keep(replace(document, status=str(Phase.BLOCKED)))
    before = cursors(made)
    made.sync({})
    assert cursors(made) == before
    lists = made.connection.homes["one"].lists
    made.sync(ready)
    assert made.connection.homes["one"].lists == lists + 1
    assert made.connection.homes["one"].everything()["1"].status == str(Phase.BLOCKED)


def test_a_sweep_that_falls_due_is_made(team):
    made = team()
    made.clock.sleep(3600)
    ready = made.read()
    swept = replace(made.pairs[0], policy=Policy(sweep_hours=1))
    sync_pair(swept, made.store, made.seams, ready=ready["one"])
    with made.store.reading() as tx:
        position = schedule.position(tx, "one", Side.RIGHT)
    assert position.swept_at == made.clock.now()


def test_one_project_object_of_two_pairs_is_read_for_the_first(team):
    made = team()
    one, two, three = made.pairs
    same = replace(two, projects={**two.projects, Side.RIGHT: one.projects[Side.RIGHT]})
    assert set(made.read([one, same, three])) == {"one", "three"}


def test_only_connections_of_the_pair_whose_turn_it_is_are_used(team):
    made = team()
    elsewhere = Together(made.clock)
    docs = MemoryHome(made.clock, documents=True)
    alone = pair_of("alone", elsewhere, docs, key="other")
    assert made.read([alone, *made.pairs], within=alone) == {}
    assert made.connection.polls == []


# --- turns in one process -----------------------------------------------------------------


def take(made, ahead, number):
    others = made.pairs[number + 1 :]
    return ahead.take(made.pairs[number], others, made.store, made.clock.now)


def test_the_first_reads_for_those_that_wait(team):
    made, ahead = team(), Ahead()
    taken = [take(made, ahead, number) for number in range(3)]
    assert made.connection.polls == [list(NAMES)]
    assert all(set(readings) == {Side.RIGHT} for readings in taken)


def test_what_waited_too_long_is_read_again_for_all_that_still_wait(team):
    made, ahead = team(), Ahead()
    take(made, ahead, 0)
    made.clock.sleep(FRESH.total_seconds() + 1)
    take(made, ahead, 1)
    take(made, ahead, 2)
    assert made.connection.polls == [list(NAMES), ["two", "three"]]


def test_what_could_not_be_read_together_is_not_tried_for_each(team):
    made, ahead = team(), Ahead()
    made.connection.homes["one"].trouble.everything = "down"
    assert [take(made, ahead, number) for number in range(3)] == [{}, {}, {}]
    assert len(made.connection.polls) == 1


def test_new_settings_forget_what_was_read_with_the_old_ones(team):
    made, ahead = team(), Ahead()
    take(made, ahead, 0)
    ahead.forget()
    take(made, ahead, 1)
    assert made.connection.polls == [list(NAMES), ["two", "three"]]


# --- GitLab -------------------------------------------------------------------------------


@pytest.fixture
def group(tmp_path):
    """Twenty projects of one group, each in step with its documents; opened afresh each time."""
    clock = StillClock()
    names = [f"acme/team-{number % 4}/service-{number}" for number in range(20)]
    (tmp_path / "token").write_text("glpat-abcdefghijklmnopqrst")
    docs = {name: MemoryHome(clock, documents=True) for name in names}
    store = Store.memory(clock)
    seams = Seams(clock, Random(1))
    with Sandbox(
        "gitlab", projects=names, token="glpat-abcdefghijklmnopqrst", clock=clock
    ) as sandbox:
        settings = GitLabSettings.model_validate(
            {"token": {"file": str(tmp_path / "token")}, "base_url": sandbox.url}
        )

        def sync():
            connection = ADAPTER.connect("acme", settings, seams)
            pairs = [pair_of(name, connection, docs[name]) for name in names]
            ready = read_together(pairs, store, clock.now())
            reports = [sync_pair(one, store, seams, ready=ready.get(one.name)) for one in pairs]
            connection.close()
            return dict(zip(names, reports, strict=True))

        for name in names:
            sandbox.state.project(name).seed_issues(2)
        for _ in range(3):
            sync()
            clock.sleep(600)
        sandbox.requests.clear()
        yield SimpleNamespace(sandbox=sandbox, sync=sync, names=names, docs=docs, clock=clock)
    store.close()


def test_an_idle_cycle_over_twenty_gitlab_projects_is_one_request(group):
    reports = group.sync()
    assert [one.path for one in group.sandbox.requests] == ["/api/v4/groups/acme/issues"]
    assert all(report.complete for report in reports.values())
    assert not any(report.plan.operations for report in reports.values())


def test_a_change_in_one_of_twenty_gitlab_projects_arrives(group):
    group.sandbox.state.project(group.names[7]).seed_issues(1)
    group.sync()
    counted = Counter(len(home.everything()) for home in group.docs.values())
    assert counted == {2: 19, 3: 1}


def test_a_gitlab_project_that_fails_does_not_stop_the_others(group):
    broken = group.names[3]
    number = group.sandbox.state.project(broken).id
    group.sandbox.faults.add("status", r"GET /groups/", status=404)
    group.sandbox.faults.add("status", rf"GET /projects/{number}/issues", status=403)
    reports = group.sync()
    assert [name for name, one in reports.items() if one.problems] == [broken]
