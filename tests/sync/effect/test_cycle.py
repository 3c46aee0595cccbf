"""One cycle, seen from outside: what follows what, and what never happens."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.errors import AuthFailed, RateLimited, Rejected, Transient, UnknownOutcome
from mappings.markers import Marker, write_marker
from mappings.problem import Problem
from mappings.vocabulary import Field, Kind, Phase, Priority, Resolution, Side
from sync.decide.plan import OpKind
from sync.effect.outcome import Result
from sync.store import disputes, journal, linkage, schedule, setaside
from sync.store.journal import State

LOST = UnknownOutcome(Problem("E213", "the answer was lost"))


def effects(home):
    return [call for call in home.calls if call[0] != "changed"]


def only(home):
    (item,) = home.items.values()
    return item


def test_a_document_becomes_an_issue_and_a_second_cycle_does_nothing(world):
    world.docs.put(title="Payments fail", priority=Priority.P0, phase=Phase.DOING)
    report = world.sync()
    issue = only(world.tracker)
    assert (issue.title, issue.priority, issue.phase) == ("Payments fail", Priority.P0, Phase.DOING)
    assert report.complete
    again = world.sync()
    assert again.plan.operations == ()
    assert effects(world.tracker) == [("create", "T1")]
    assert effects(world.docs) == []


def test_an_issue_becomes_a_document(world):
    world.tracker.put(title="Payments fail", priority=Priority.P0)
    world.sync()
    assert only(world.docs).title == "Payments fail"
    assert world.sync().plan.operations == ()


def test_an_issue_that_is_moved_moves_its_document(world):
    world.docs.put(title="A", phase=Phase.BACKLOG)
    world.sync()
    world.tracker.edit("T1", phase=Phase.DOING)
    world.sync()
    assert only(world.docs).phase is Phase.DOING
    assert world.sync().plan.operations == ()


def test_both_sides_edit_different_fields_and_both_edits_live(world):
    world.docs.put(title="A", priority=Priority.P2)
    world.sync()
    world.docs.edit("D1", title="B")
    world.tracker.edit("T1", priority=Priority.P0)
    world.sync()
    for item in (only(world.docs), only(world.tracker)):
        assert (item.title, item.priority) == ("B", Priority.P0)
    assert world.sync().plan.operations == ()


def test_both_sides_make_the_same_edit_and_nothing_is_written(world):
    world.docs.put(title="A")
    world.sync()
    before = len(effects(world.tracker))
    world.docs.edit("D1", title="B")
    world.tracker.edit("T1", title="B")
    report = world.sync()
    assert report.plan.operations == ()
    assert len(effects(world.tracker)) == before
    assert effects(world.docs) == []


def test_the_losing_value_of_a_conflict_is_kept_word_for_word(world):
    world.docs.put(title="A")
    world.sync()
    world.docs.edit("D1", title="mine")
    world.tracker.edit("T1", title="theirs")
    world.sync()
    assert only(world.docs).title == "theirs"
    with world.store.reading() as tx:
        (kept,) = disputes.listed(tx, "payments", closed=True)
    assert (kept.left, kept.right) == ("mine", "theirs")
    assert "tracker wins" in kept.how


def test_a_conflict_left_to_people_waits_for_them_and_their_word_is_written(world):
    ask = {"fields": {"title": {"authority": "ask"}}}
    world.docs.put(title="A")
    world.sync(ask)
    world.docs.edit("D1", title="mine")
    world.tracker.edit("T1", title="theirs")
    report = world.sync(ask)
    assert [one.field for one in report.plan.conflicts] == [Field.TITLE]
    assert only(world.docs).title == "mine"
    with world.store.writing() as tx:
        (conflict,) = disputes.listed(tx, "payments")
        assert disputes.decide(tx, conflict.id, Side.LEFT)
    world.sync(ask)
    assert only(world.tracker).title == "mine"
    with world.store.reading() as tx:
        assert disputes.listed(tx, "payments") == []


def test_an_issue_closed_as_not_planned_says_so_in_the_document(world):
    world.docs.put(title="A", phase=Phase.TODO)
    world.sync()
    world.tracker.edit("T1", phase=Phase.COMPLETED, resolution=Resolution.NOT_PLANNED)
    world.sync()
    item = only(world.docs)
    assert (item.phase, item.resolution) == (Phase.COMPLETED, Resolution.NOT_PLANNED)


# --- exactly-once creation ---------------------------------------------------------------


def test_a_create_whose_answer_was_lost_is_found_and_not_repeated(world):
    world.docs.put(title="A")
    world.tracker.after.append(LOST)
    report = world.sync()
    assert [one.result for one in report.outcomes] == [Result.UNKNOWN]
    world.sync()
    assert len(world.tracker.items) == 1
    assert world.sync().plan.operations == ()
    world.docs.edit("D1", title="B")
    world.sync()
    assert only(world.tracker).title == "B"


def test_a_create_in_doubt_is_not_repeated_while_absence_is_only_presumed(world):
    world.docs.put(title="A")
    world.tracker.before.append(LOST)
    world.tracker.conclusive = False
    world.sync()
    for _ in range(5):
        world.clock.sleep(3600)
        report = world.sync()
        assert [problem.code for problem in report.doubts] == ["E213"]
    assert world.tracker.items == {}


def test_a_create_that_is_proved_absent_is_made_again(world):
    world.docs.put(title="A")
    world.tracker.before.append(LOST)
    world.sync()
    world.sync()
    assert len(world.tracker.items) == 1
    with world.store.reading() as tx:
        states = [one.state for one in journal.history(tx, "payments", 10)]
    assert states == [State.DONE, State.ABSENT]


def test_an_edit_made_on_an_issue_before_it_was_found_again_is_not_lost(world):
    world.docs.put(title="A")
    world.tracker.after.append(LOST)
    world.sync()
    world.tracker.edit("T1", title="edited by maria")
    world.sync()
    world.sync()
    assert only(world.docs).title == "edited by maria"
    assert only(world.tracker).title == "edited by maria"


def test_an_edit_of_the_document_before_the_issue_was_found_again_is_not_lost(world):
    world.docs.put(title="A")
    world.tracker.after.append(LOST)
    world.sync()
    world.docs.edit("D1", title="B")
    world.sync()
    world.sync()
    assert only(world.tracker).title == "B"


def test_links_return_by_their_markers_after_the_state_was_lost(world):
    world.docs.put(title="A")
    world.tracker.put(
        title="A",
        marker=write_marker(Marker(op="0" * 32, instance="0" * 8, origin="D1"), b"k" * 32),
    )
    report = world.sync()
    assert effects(world.tracker) == []
    assert effects(world.docs) == []
    assert report.plan.operations == ()
    with world.store.reading() as tx:
        assert linkage.count(tx, "payments") == 1


def test_a_forged_marker_makes_just_an_item(world):
    world.docs.put(title="A")
    forged = write_marker(Marker(op="0" * 32, instance="0" * 8, origin="D1"), b"x" * 32)
    world.tracker.put(title="B", marker=forged, author="mallory")
    world.sync()
    assert len(world.tracker.items) == 2
    assert len(world.docs.items) == 2


def test_the_mark_of_another_instance_stops_the_plan(world):
    foreign = write_marker(Marker(op="0" * 32, instance="0" * 8, origin="D1"), b"x" * 32)
    world.docs.put(title="A")
    world.tracker.put(title="B", marker=foreign, author="bot")
    report = world.sync()
    assert [problem.code for problem in report.plan.refusals] == ["E305"]
    assert effects(world.tracker) == []
    assert effects(world.docs) == []


def test_an_issue_copied_with_its_marker_is_not_linked_twice(world):
    world.docs.put(title="A")
    world.sync()
    world.tracker.put(title="A copy", marker=only(world.tracker).marker)
    report = world.sync()
    assert [held.problem.code for held in report.plan.held] == ["E214"]
    assert len(world.docs.items) == 1


# --- absence ------------------------------------------------------------------------------


def test_a_vanished_document_closes_nothing_and_is_named(world):
    for name in "ABCD":
        world.docs.put(title=name)
    world.sync()
    del world.docs.items["D1"]
    report = world.sync()
    assert [(held.item, held.problem.code) for held in report.plan.held] == [("D#1", "E113")]
    assert report.plan.operations == ()
    assert world.tracker.items["T1"].phase is Phase.TODO


def test_a_document_that_comes_back_is_followed_again(world):
    for name in "ABCD":
        world.docs.put(title=name)
    world.sync()
    gone = world.docs.items.pop("D1")
    world.sync()
    world.docs.items["D1"] = gone
    world.docs.edit("D1", title="back")
    world.sync()
    assert world.tracker.items["T1"].title == "back"


def test_mass_disappearance_halts_the_pair(world):
    for number in range(10):
        world.docs.put(title=f"doc {number}")
    world.sync()
    keep = world.docs.items["D1"]
    world.docs.items.clear()
    world.docs.items["D1"] = keep
    world.docs.edit("D1", title="still here")
    report = world.sync()
    assert [problem.code for problem in report.plan.refusals] == ["E114"]
    assert world.tracker.items["T1"].title == "doc 0"


def test_a_document_that_got_another_code_is_followed_by_its_birth(world):
    world.docs.put(title="A")
    world.sync()
    old = world.docs.items.pop("D1")
    from dataclasses import replace

    from mappings.item import Ref

    world.docs._store(replace(old, ref=Ref("D9", "D#9", birth=old.ref.birth)))
    world.sync()
    world.docs.edit("D9", title="renumbered")
    world.sync()
    assert only(world.tracker).title == "renumbered"


def test_an_issue_a_sweep_does_not_show_is_asked_for_and_frozen(world):
    for name in "ABCD":
        world.docs.put(title=name)
    world.sync()
    del world.tracker.items["T1"]
    world.clock.sleep(25 * 3600)
    report = world.sync()
    assert [held.problem.code for held in report.plan.held] == ["E210"]
    assert world.docs.items["D1"].phase is Phase.TODO


# --- guard --------------------------------------------------------------------------------


def test_more_than_twenty_creations_need_an_approval_of_exactly_this_plan(world):
    for number in range(21):
        world.docs.put(title=f"doc {number}")
    refused = world.sync()
    assert [problem.code for problem in refused.plan.refusals] == ["E401"]
    assert world.tracker.items == {}
    assert world.plan().plan.digest == refused.plan.digest
    wrong = world.sync(approve="0" * 16)
    assert wrong.refused
    assert world.sync(approve=refused.plan.digest).complete
    assert len(world.tracker.items) == 21


def test_an_approved_plan_cut_short_is_finished_without_asking_again(world):
    for number in range(60):
        world.docs.put(title=f"doc {number}")
    digest = world.plan().plan.digest
    done = []

    def stop():
        done.append(1)
        return len(done) > 30

    world.sync(approve=digest, stop=stop)
    assert len(world.tracker.items) == 30
    assert world.sync().complete
    assert len(world.tracker.items) == 60


def test_closing_many_items_at_once_needs_an_approval(world):
    for number in range(10):
        world.docs.put(title=f"doc {number}")
    world.sync()
    for number in range(1, 5):
        world.tracker.edit(f"T{number}", phase=Phase.COMPLETED, resolution=Resolution.DONE)
    report = world.sync()
    assert [problem.code for problem in report.plan.refusals] == ["E402"]
    assert world.docs.items["D1"].phase is Phase.TODO


def test_private_text_does_not_leave_for_a_public_project(world):
    world.docs.public, world.tracker.public = False, True
    world.docs.put(title="secret")
    report = world.sync()
    assert [problem.code for problem in report.plan.refusals] == ["E403"]
    assert world.tracker.items == {}


def test_a_plan_writes_nothing_anywhere(world):
    world.docs.put(title="A")
    report = world.plan()
    assert [one.kind for one in report.plan.operations] == [OpKind.CREATE]
    assert effects(world.tracker) == []
    with world.store.reading() as tx:
        assert schedule.get(tx, "payments") is None


# --- isolation ----------------------------------------------------------------------------


def test_a_refused_item_stops_nothing_else_and_is_shown(world):
    world.docs.put(title="A")
    world.docs.put(title="B")
    world.tracker.before.append(Rejected(Problem("E120", "title is too long")))
    report = world.sync()
    assert [one.result for one in report.outcomes] == [Result.FAILED, Result.DONE]
    with world.store.reading() as tx:
        (put,) = setaside.listed(tx, "payments")
    assert (put.id, put.problem.code) == ("D1", "E120")
    assert world.sync().plan.operations == ()


def test_a_refused_item_is_tried_again_at_once_when_it_changes(world):
    world.docs.put(title="A")
    world.tracker.before.append(Rejected(Problem("E120", "title is too long")))
    world.sync()
    world.docs.edit("D1", title="shorter")
    world.sync()
    assert only(world.tracker).title == "shorter"
    with world.store.reading() as tx:
        assert setaside.listed(tx, "payments") == []


def test_a_bug_in_an_adapter_is_one_items_trouble_with_its_traceback_kept(world):
    world.docs.put(title="A")
    world.sync()
    world.docs.edit("D1", title="B")
    world.tracker.before.append(KeyError("oops"))
    world.sync()
    with world.store.reading() as tx:
        (put,) = setaside.listed(tx, "payments")
    assert put.problem.code == "E412"
    assert "conftest.py" in put.trace


@pytest.mark.parametrize(
    "error",
    [
        AuthFailed(Problem("E205", "token rejected")),
        RateLimited(Problem("E207", "limit"), datetime(2026, 3, 1, tzinfo=UTC)),
    ],
)
def test_a_refused_credential_or_a_limit_stops_that_side_and_loses_nothing(world, error):
    for name in "ABC":
        world.docs.put(title=name)
    world.tracker.before.append(error)
    report = world.sync()
    assert [one.result for one in report.outcomes] == [
        Result.FAILED,
        Result.SKIPPED,
        Result.SKIPPED,
    ]
    assert world.sync().complete
    assert len(world.tracker.items) == 3


def test_a_side_that_could_not_be_read_to_the_end_lets_nothing_be_written(world):
    world.docs.put(title="A")
    world.tracker.changed = lambda cursor: (_ for _ in ()).throw(
        Transient(Problem("E206", "got text/html (502)"))
    )
    report = world.sync()
    assert [problem.code for problem in report.problems] == ["E206"]
    assert world.tracker.items == {}
    assert world.docs.items["D1"].title == "A"


def test_an_item_that_moved_under_us_is_read_again_and_nothing_is_overwritten(world):
    world.docs.put(title="A", priority=Priority.P2)
    world.sync()
    world.docs.edit("D1", title="B")
    original = world.tracker.update

    def raced(ref, patch, expect):
        world.tracker.edit("T1", title="raced")
        world.tracker.update = original
        return original(ref, patch, expect)

    world.tracker.update = raced
    report = world.sync()
    assert [one.result for one in report.outcomes] == [Result.SKIPPED]
    world.sync()
    assert only(world.docs).title == "raced"
    assert only(world.tracker).title == "raced"
    with world.store.reading() as tx:
        (kept,) = disputes.listed(tx, "payments", closed=True)
    assert kept.left == "B"


def test_a_value_the_tracker_silently_drops_is_said_and_never_comes_back_as_an_edit(world):
    original = world.tracker.edit
    world.docs.put(title="A", priority=Priority.P3)
    world.sync()
    world.docs.edit("D1", priority=Priority.P0, title="B")
    world.tracker.edit = lambda item_id, **v: original(item_id, title=v["title"])
    report = world.sync()
    assert report.outcomes[0].problem.code == "E125"
    assert world.sync().plan.operations == ()
    assert world.docs.items["D1"].priority is Priority.P0


def test_a_row_older_than_our_own_write_is_a_stale_replica_not_an_undo(world):
    world.docs.put(title="A")
    world.sync()
    stale = only(world.tracker)
    world.clock.sleep(60)
    world.docs.edit("D1", title="B")
    world.sync()
    fresh = world.tracker.items["T1"]
    from dataclasses import replace

    world.tracker.items["T1"] = replace(stale, revision="999")
    world.sync()
    world.tracker.items["T1"] = fresh
    assert world.docs.items["D1"].title == "B"


def test_nothing_is_written_to_one_item_again_and_again(world):
    world.docs.put(title="A")
    world.sync()
    for number in range(12):
        world.docs.edit("D1", title=f"B{number}")
        world.sync()
        world.clock.sleep(60)
    writes = [call for call in effects(world.tracker) if call[0] == "update"]
    assert len(writes) < 12


# --- parents, labels, filters -----------------------------------------------------------


def test_a_child_is_created_under_its_parents_counterpart_in_the_same_cycle(world):
    parent = world.docs.put(title="Programme", kind=Kind.INITIATIVE)
    world.docs.put(title="Task", parent=parent.ref)
    world.sync()
    issues = {item.title: item for item in world.tracker.items.values()}
    assert issues["Task"].parent == issues["Programme"].ref
    assert world.sync().plan.operations == ()


def test_a_parent_that_waits_for_its_counterpart_is_not_forgotten_meanwhile(world):
    parent = world.docs.put(title="Programme", kind=Kind.INITIATIVE, archived=True)
    child = world.docs.put(title="Task", parent=parent.ref)
    world.sync()
    world.docs.edit(child.ref.id, title="Task, reworded")
    world.sync()
    world.docs.edit(parent.ref.id, archived=False)
    world.sync()
    world.sync()
    issues = {one.title: one for one in world.tracker.items.values()}
    assert issues["Task, reworded"].parent == issues["Programme"].ref


def test_of_two_edits_the_one_that_its_home_cannot_take_back_stands_and_the_other_is_kept(world):
    world.docs.capabilities = replace(
        world.docs.capabilities, writes=world.docs.capabilities.writes - {Field.TITLE}
    )
    left = world.docs.put(title="As written")
    world.sync()
    issue = only(world.tracker)
    world.docs.edit(left.ref.id, title="As the document says")
    world.clock.sleep(60)
    world.tracker.edit(issue.ref.id, title="As the issue says")
    world.sync()
    assert only(world.tracker).title == "As the document says"
    with world.store.reading() as tx:
        kept = disputes.listed(tx, "payments", closed=True)
    assert "As the issue says" in str(kept)
    assert world.sync().plan.operations == ()


def test_a_child_is_put_under_its_parent_once_the_parent_is_linked(world):
    parent = world.docs.put(title="Programme", kind=Kind.INITIATIVE, archived=True)
    world.docs.put(title="Task", parent=parent.ref)
    world.sync()
    assert only(world.tracker).parent is not parent.ref
    world.docs.edit(parent.ref.id, archived=False)
    world.sync()
    world.sync()
    issues = {item.title: item for item in world.tracker.items.values()}
    assert issues["Task"].parent == issues["Programme"].ref
    assert world.sync().plan.operations == ()


def test_missing_labels_are_made_first_and_stand_in_the_plan(world):
    world.docs.put(title="A")
    world.tracker.lacking = ("P0", "bug")
    report = world.sync()
    assert [one.kind for one in report.plan.operations] == ["prepare", "prepare", "create"]
    assert effects(world.tracker)[:2] == [("prepare", "P0"), ("prepare", "bug")]


def test_only_what_the_filter_wants_is_mirrored_and_a_new_filter_looks_again(world):
    world.docs.put(title="A", priority=Priority.P0)
    world.docs.put(title="B", priority=Priority.P3)
    world.sync({"filter": {"priorities": ["P0"]}})
    assert [item.title for item in world.tracker.items.values()] == ["A"]
    world.sync({"filter": {"priorities": ["P0", "P3"]}})
    assert len(world.tracker.items) == 2


def test_issues_closed_before_the_pair_was_bound_are_history(world):
    world.tracker.put(title="old", phase=Phase.COMPLETED, resolution=Resolution.DONE)
    world.clock.sleep(10)
    world.sync()
    assert world.docs.items == {}
    world.clock.sleep(10)
    world.tracker.put(title="quick", phase=Phase.COMPLETED, resolution=Resolution.DONE)
    world.sync()
    assert [item.title for item in world.docs.items.values()] == ["quick"]


def test_a_one_off_sync_waits_for_a_create_in_doubt_as_long_as_it_was_told(world):
    world.docs.put(title="A")
    world.tracker.after.append(LOST)
    world.tracker.lag = timedelta(seconds=30)
    original = world.tracker.find
    world.tracker.find = lambda m, s, h: type(original(m, s, h))(
        tuple(i for i in original(m, s, h).items if world.tracker._visible(i)), False
    )
    world.sync()
    report = world.sync(patience=timedelta(seconds=90))
    assert report.doubts == ()
    assert len(world.tracker.items) == 1


def test_an_unlinked_pair_of_items_is_left_alone_for_ever(world):
    from sync.effect.people import say_unlinked

    for name in "ABCD":
        world.docs.put(title=name)
    world.sync()
    del world.docs.items["D1"]
    world.sync()
    assert say_unlinked(world.store, "payments", Side.LEFT, "D1") == ("D#1", "T#1")
    world.tracker.edit("T1", title="still somebody's")
    world.clock.sleep(25 * 3600)
    report = world.sync()
    assert report.plan.operations == ()
    assert report.plan.held == ()
    assert len(world.docs.items) == 3


def test_two_documents_with_one_mark_are_never_bound_to_one_issue(world):
    world.tracker.put(title="A")
    world.docs.after.append(LOST)
    world.sync()
    twin = world.docs.put(title="A", marker=only(world.docs).marker)
    world.sync()
    with world.store.reading() as tx:
        assert linkage.count(tx, "payments") == 1
    assert len(world.tracker.items) == 1
    assert twin.ref.id in world.docs.items


def test_the_number_of_a_lost_document_names_another_and_the_old_link_is_frozen(world):
    from dataclasses import replace

    from mappings.item import Ref

    for name in "ABCD":
        world.docs.put(title=name)
    world.sync()
    old = world.docs.items.pop("D1")
    world.docs._store(replace(old, ref=Ref("D1", "D#1", birth="another"), title="new"))
    report = world.sync()
    assert [held.problem.code for held in report.plan.held] == ["E111"]
    assert world.tracker.items["T1"].title == "A"


def test_a_value_replaced_is_on_record_before_it_is_replaced(world):
    world.docs.put(title="A")
    world.sync()
    world.docs.edit("D1", title="mine")
    world.tracker.edit("T1", title="theirs")
    world.docs.after.append(LOST)
    world.sync()
    with world.store.reading() as tx:
        (kept,) = disputes.listed(tx, "payments", closed=True)
    assert kept.left == "mine"


def test_the_silence_a_tracker_asked_for_holds_in_the_next_run(world):
    world.docs.put(title="A")
    until = world.clock.now() + timedelta(minutes=10)
    world.tracker.before.append(RateLimited(Problem("E207", "limit"), until))
    world.sync()
    before = len(world.tracker.calls)
    report = world.sync()
    assert [problem.code for problem in report.problems] == ["E207"]
    assert len(world.tracker.calls) == before
    world.clock.sleep(601)
    assert world.sync().complete
