"""Many issues moved at once: few requests, each told truthfully, one by one where it must be."""

import pytest

from adapters.base import Change
from adapters.errors import Missing, Moved, PreconditionFailed, Rejected, UnknownOutcome
from adapters.sandbox.jira.workflows import TEAM, Transition, Workflow
from mappings.item import Draft, Item, Patch, Ref
from mappings.vocabulary import Category, Field, Phase, Resolution

BULK = "POST /rest/api/3/bulk/issues/transition"


@pytest.fixture
def site(cloud, connect, load):
    """A Cloud project and what it asked since the last call."""
    project = connect(cloud.url, "cloud").open("PAY", load())
    seen = [0]

    def asked():
        lines = [f"{one.method} {one.path}" for one in cloud.requests]
        fresh, seen[0] = lines[seen[0] :], len(lines)
        return fresh

    return project, asked


def made(project, count, **changes):
    drafts = [Draft(title=f"Item {n}", marker=f"{n}", **changes) for n in range(count)]
    return [project.create(one) for one in drafts]


def changes(items, phase, why=None, *, expect=True):
    patch = Patch(phase=phase) if why is None else Patch(phase=phase, resolution=why)
    return [Change(item.ref, patch, item.revision if expect else None) for item in items]


def test_a_walk_of_two_steps_is_two_tasks_however_many_take_it(site):
    project, asked = site
    items = made(project, 30)
    asked()
    after = project.update_many(changes(items, Phase.DOING))
    assert [one.phase for one in after] == [Phase.DOING] * 30
    assert [one.ref for one in after] == [one.ref for one in items]
    lines = asked()
    assert lines.count(BULK) == 2
    # Two readings, two tasks asked after, two looks from where they stand, one for others there.
    assert len(lines) == 9


def test_those_on_the_way_to_other_phases_take_the_first_step_with_them(site):
    project, asked = site
    items = made(project, 12)
    asked()
    wanted = [Phase.TODO] * 4 + [Phase.DOING] * 4 + [Phase.BLOCKED] * 4
    asked_for = [
        Change(item.ref, Patch(phase=phase), item.revision)
        for item, phase in zip(items, wanted, strict=True)
    ]
    assert [one.phase for one in project.update_many(asked_for)] == wanted
    assert asked().count(BULK) == 3


def test_few_are_moved_one_by_one(site):
    project, asked = site
    items = made(project, 3)
    asked()
    assert [one.phase for one in project.update_many(changes(items, Phase.TODO))] == [
        Phase.TODO
    ] * 3
    assert BULK not in asked()


def test_types_that_share_a_workflow_are_moved_together(site):
    project, asked = site
    items = made(project, 3, category=Category.BUG) + made(project, 3, category=Category.FEATURE)
    asked()
    after = project.update_many(changes(items, Phase.TODO))
    assert {one.phase for one in after} == {Phase.TODO}
    lines = asked()
    assert lines.count(BULK) == 1
    assert lines.count("GET /rest/api/3/bulk/issues/transition") == 1


def test_types_with_workflows_of_their_own_are_moved_apart(site, cloud):
    project, asked = site
    cloud.state.set_workflow(cloud.state.project("PAY"), TEAM, "Bug")
    items = made(project, 4, category=Category.BUG) + made(project, 4)
    after = project.update_many(changes(items, Phase.DOING))
    assert [one.phase for one in after] == [Phase.DOING] * 8
    assert asked().count(BULK) == 3


def test_what_asks_for_a_field_is_done_one_by_one_and_with_it(site):
    project, asked = site
    items = made(project, 5)
    after = project.update_many(changes(items, Phase.COMPLETED, Resolution.DUPLICATE))
    assert [(one.phase, one.resolution) for one in after] == [
        (Phase.COMPLETED, Resolution.DUPLICATE)
    ] * 5
    assert BULK not in asked()


def test_a_resolution_that_no_step_asked_for_is_set_afterwards(site, cloud):
    project, _ = site
    cloud.state.set_workflow(cloud.state.project("PAY"), TEAM)
    items = made(project, 5)
    alone = Patch(phase=Phase.COMPLETED, resolution=Resolution.NOT_PLANNED)
    single = project.update(items[4].ref, alone, None)
    after = project.update_many(changes(items[:4], Phase.COMPLETED, Resolution.NOT_PLANNED))
    assert [(one.phase, one.resolution) for one in after] == [
        (Phase.COMPLETED, single.resolution)
    ] * 4


def test_without_the_permission_each_is_moved_by_itself(site, cloud):
    project, asked = site
    cloud.state.denied.add("BULK_CHANGE")
    items = made(project, 5)
    asked()
    after = project.update_many(changes(items, Phase.TODO))
    assert [one.phase for one in after] == [Phase.TODO] * 5
    assert asked().count(BULK) == 1


def test_what_changed_since_is_left_alone(site, cloud):
    project, _ = site
    items = made(project, 5)
    cloud.person("maria").edit(items[2].ref.key, summary="By hand")
    results = project.update_many(changes(items, Phase.TODO))
    assert [type(one) for one in results] == [Item, Item, PreconditionFailed, Item, Item]
    assert project.fetch(items[2].ref).phase is Phase.BACKLOG


def test_who_moves_one_while_the_task_runs_is_not_overruled(site, cloud, clock):
    project, _ = site
    items = made(project, 5)
    cloud.state.set_habits(task=3)
    maria, sleep = cloud.person("maria"), clock.sleep

    def meanwhile(seconds):
        if project.fetch(items[1].ref).phase is Phase.BACKLOG:
            maria.walk(items[1].ref.key, "Done")
        sleep(seconds)

    clock.sleep = meanwhile
    results = project.update_many(changes(items, Phase.TODO))
    assert [type(one) for one in results] == [Item, PreconditionFailed, Item, Item, Item]
    assert project.fetch(items[1].ref).phase is Phase.COMPLETED


def test_a_task_that_never_ends_leaves_its_issues_in_doubt(site, cloud):
    project, _ = site
    items = made(project, 4)
    cloud.state.set_habits(task=10_000)
    results = project.update_many(changes(items, Phase.DOING))
    assert {type(one) for one in results} == {UnknownOutcome}


def test_after_a_lost_answer_who_took_the_step_goes_on(site, cloud):
    project, _ = site
    items = made(project, 4)
    cloud.faults.add("lose-reply", "POST /bulk/issues/transition", times=1)
    results = project.update_many(changes(items, Phase.BLOCKED))
    assert [one.phase for one in results] == [Phase.BLOCKED] * 4


def test_after_a_lost_answer_who_did_not_take_the_step_may_take_it_yet(site, cloud):
    project, _ = site
    items = made(project, 4)
    cloud.faults.add("reset", "POST /bulk/issues/transition", times=1)
    results = project.update_many(changes(items, Phase.DOING))
    assert {type(one) for one in results} == {UnknownOutcome}
    assert project.fetch(items[0].ref).phase is Phase.BACKLOG


def test_one_that_is_gone_or_elsewhere_or_stuck_stops_no_other(site, cloud):
    project, _ = site
    items = made(project, 6)
    maria = cloud.person("maria")
    maria.move(items[0].ref.key, "OTH")
    unseen = Change(Ref("99999", "PAY-999"), Patch(phase=Phase.TODO))
    step = Transition(id="11", name="Select", to="Selected for Development", sources=("Backlog",))
    home = cloud.state.project("PAY")
    cloud.state.set_workflow(home, Workflow("short", home.workflow.statuses, (step,)))
    wanted = [unseen, *changes(items[:5], Phase.TODO), *changes(items[5:], Phase.BLOCKED)]
    results = project.update_many(wanted)
    kinds = [type(one) for one in results]
    assert kinds == [Missing, Moved, Item, Item, Item, Item, Rejected]
    assert results[-1].field is Field.PHASE


def test_more_than_a_phase_is_an_update_like_any_other(site):
    project, asked = site
    (item,) = made(project, 1)
    both = Patch(title="Changed", phase=Phase.TODO)
    (after,) = project.update_many([Change(item.ref, both, item.revision)])
    assert (after.title, after.phase) == ("Changed", Phase.TODO)
    (same,) = project.update_many(changes([after], Phase.TODO))
    assert same == after
    assert BULK not in asked()


def test_data_center_changes_one_after_another(start_datacenter):
    project, requests = start_datacenter
    assert project.capabilities.together == frozenset()
    items = made(project, 4)
    after = project.update_many(changes(items, Phase.TODO))
    assert [one.phase for one in after] == [Phase.TODO] * 4
    assert not [one for one in requests if "/bulk/" in one.path]


@pytest.fixture
def start_datacenter(clock, connect, load, token):
    from adapters.sandbox import Sandbox

    with Sandbox(
        "jira", projects=["PAY"], token=token, clock=clock, flavour="datacenter"
    ) as running:
        yield connect(running.url, "datacenter").open("PAY", load()), running.requests


def test_a_walk_cut_short_may_end_in_any_phase_on_the_way(site, cloud):
    project, _ = site
    (item,) = made(project, 1)
    assert project.passes(item, Phase.BLOCKED) == (Phase.TODO, Phase.DOING)
    assert project.passes(item, Phase.TODO) == ()
    cloud.person("maria").walk(item.ref.key, "Done")
    ended = project.fetch(item.ref)
    assert project.passes(ended, Phase.DOING) == (Phase.BACKLOG, Phase.TODO, Phase.BLOCKED)
