"""Follow-ups that are in the tracker alone, flags whose state was lost, and flags by the dozen."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from adapters.base import Comment, Document
from mappings.item import Ref
from mappings.markers import note_marker
from mappings.postmortem.model import ActionItem
from mappings.problem import Problem
from mappings.vocabulary import Kind, Phase, Priority, Resolution
from sync.decide.plan import OpKind
from sync.decide.policy import Guard
from sync.effect.children import whole_state
from sync.effect.facts import Library
from sync.rules.model import Flag
from sync.rules.terms import RuleName, RuleTable
from sync.store import Store
from tests.sync.effect.test_flags import MISSING, Scene, closed_incident, document, flags


@pytest.fixture
def alone():
    """A team that has only a tracker, followed for an hour."""
    made = Scene()
    made.kept = False
    made.sync()
    made.later(hours=1)
    yield made
    made.store.close()


def follow_up(scene, incident, **values):
    given = {"kind": Kind.TASK, "phase": Phase.TODO, "title": "Add an alarm", "owners": ("ada",)}
    given |= {"parent": Ref(incident) if incident else None, "due": date(2026, 3, 1)}
    return scene.board.put(**(given | values)).ref.id


def lose_the_state(scene):
    scene.store.close()
    scene.store = Store.memory(scene.clock)


# --- follow-ups in the tracker alone ----------------------------------------------------------


@pytest.mark.parametrize("kind", [Kind.TASK, Kind.ACTION])
def test_an_overdue_child_of_an_incident_is_found_where_there_is_no_document(alone, kind):
    incident = closed_incident(alone)
    child = follow_up(alone, incident, kind=kind)
    alone.later(days=3)
    report = alone.sync()
    found = {one.rule: one for one in report.findings}
    assert found["action-overdue"].item.id == child
    assert found["closed-with-open-actions"].item.id == incident
    assert "was due on 2026-03-01" in alone.note(child, "action-overdue")
    alone.close(child)
    alone.later(minutes=1)
    alone.sync()
    assert "met on" in alone.note(child, "action-overdue")
    assert {"action-overdue", "closed-with-open-actions"}.isdisjoint(alone.open_rules())


def test_children_are_seen_without_a_request_of_their_own(alone):
    incident = closed_incident(alone)
    alone.sync()
    alone.later(minutes=1)
    alone.sync()
    before = list(alone.board.calls)
    for number in range(5):
        follow_up(alone, incident, title=f"Repair {number}", due=date(2026, 9, 1))
    alone.sync()
    after = alone.board.calls[len(before) :]
    assert [call for call in after if call[0] in {"fetch", "comments"}] == []


def test_an_action_that_is_linked_with_one_incident_alone_is_its_follow_up(alone):
    incident, other = closed_incident(alone), closed_incident(alone)
    given = {"kind": Kind.ACTION, "due": date(2026, 9, 1)}
    follow_up(alone, "", related=(Ref(incident), Ref("T999")), **given)
    follow_up(alone, "", related=(Ref(incident), Ref(other)), **given)
    alone.sync()
    with alone.store.reading() as tx:
        state = whole_state(tx, "payments", Library(), alone.clock.now())
    counted = {one.item.ref.id: len(one.actions) for one in state.incidents}
    assert counted == {incident: 1, other: 0}
    assert len(state.actions) == 1


def test_a_task_under_no_incident_is_no_follow_up(alone):
    follow_up(alone, "")
    alone.later(days=30)
    assert [one.rule for one in alone.sync().findings] == []


def test_an_action_of_no_incident_that_is_older_than_the_pair_is_shown_and_left_alone():
    scene = Scene()
    scene.kept = False
    scene.clock.at -= timedelta(days=60)
    old = follow_up(scene, "", kind=Kind.ACTION, due=None, owners=())
    scene.clock.at += timedelta(days=60)
    report = scene.sync()
    assert {one.rule for one in report.findings} >= {"action-unowned", "action-undated"}
    assert flags(report) == []
    assert old
    scene.store.close()


def test_a_child_is_an_action_that_follows_from_the_postmortem(alone):
    incident = closed_incident(alone)
    document(alone)
    alone.later(days=1)
    assert "no-preventive-action" in {one.rule for one in alone.sync().findings}
    follow_up(alone, incident, due=date(2026, 9, 1))
    alone.later(minutes=1)
    assert "no-preventive-action" not in {one.rule for one in alone.sync().findings}


def test_the_investigation_that_a_rule_asked_for_prevents_nothing(alone):
    alone.tables = {RuleName.ROOT_CAUSE_UNKNOWN: RuleTable(flags=frozenset({Flag.FOLLOW_UP}))}
    closed_incident(alone)
    made = document(alone)
    alone.shelf.held = [replace(made, reading=replace(made.reading, root_cause=""))]
    for _ in range(3):
        alone.later(minutes=10)
        alone.sync()
    (task,) = [one for one in alone.board.items.values() if one.kind is Kind.TASK]
    assert task.parent
    assert "no-preventive-action" in alone.open_rules()


def test_a_waiver_on_the_issue_of_a_follow_up_is_heard(alone):
    incident = closed_incident(alone)
    child = follow_up(alone, incident)
    alone.later(days=3)
    alone.sync()
    said = "waive: action-overdue until 2026-12-31 because the hardware is late"
    alone.board.edit(child, labels=alone.labels(child) | {"waived"})
    alone.board.comment(child, said)
    alone.later(minutes=1)
    alone.sync()
    assert alone.open_rules()["action-overdue"].waived
    assert "waived by ada" in alone.note(child, "action-overdue")


def test_a_follow_up_is_not_sent_back_to_the_beginning_by_reopening(alone):
    alone.tables = {RuleName.ACTION_OVERDUE: RuleTable(flags=frozenset({Flag.REOPEN}))}
    child = follow_up(alone, closed_incident(alone), phase=Phase.DOING)
    alone.later(days=3)
    alone.sync()
    assert alone.board.items[child].phase is Phase.DOING


def test_a_commander_named_in_the_issue_leads_where_nobody_is_assigned(alone):
    item_id = alone.open_incident(owners=(), text="**Incident commander:** @bo")
    alone.sync()
    with alone.store.reading() as tx:
        state = whole_state(tx, "payments", Library(), alone.clock.now())
    assert [one.commander for one in state.incidents] == ["bo"]
    assert "commander-missing" not in alone.open_rules()
    alone.board.edit(item_id, text="")
    alone.later(minutes=1)
    alone.sync()
    assert "commander-missing" in alone.open_rules()


def test_a_commander_named_in_the_postmortem_leads(alone):
    closed_incident(alone)
    alone.sync()
    library = Library(documents=(document(alone, commander="bo"),))
    with alone.store.writing() as tx:
        state = whole_state(tx, "payments", library, alone.clock.now())
    assert [one.commander for one in state.incidents] == ["bo"]


def test_an_action_whose_line_names_an_issue_elsewhere_is_tracked(alone):
    closed_incident(alone)
    given = {"line": 9, "end_line": 9, "shape": "bullet", "confidence": 1}
    actions = (
        ActionItem(
            title="Add an alarm", references=("https://jira.example/browse/OPS-7",), **given
        ),
        ActionItem(title="Page on it", references=("T#1",), **given),
    )
    document(alone, actions=actions)
    alone.sync()
    alone.later(days=2)
    found = [one for one in alone.sync().findings if one.rule == "action-untracked"]
    assert [one.title for one in found] == ["Page on it"]


def test_the_reason_why_a_document_cannot_be_read_is_told(alone):
    closed_incident(alone)
    why = Problem("E106", "byte 0xFF at offset 0 is not UTF-8.", "odd.md")
    alone.shelf.held = [Document(place="odd.md", name="odd", problem=why)]
    (found,) = [one for one in alone.sync().findings if one.rule == "postmortem-unreadable"]
    assert found.evidence == (str(why),)


# --- flags whose state was lost ---------------------------------------------------------------


def spoken(scene, item_id, by="bot"):
    """What our notes are in the tracker's list of comments."""
    scene.board.talk[item_id] = [
        Comment(by, f"{text}\n\n{note_marker(rule, b'followthrough')}")
        for rule, text in scene.board.said[item_id].items()
    ]


def link_the_postmortem(scene, item_id):
    scene.board.edit(item_id, text="Postmortem: https://docs.example/d/1")
    scene.later(minutes=1)


def test_flags_are_known_again_after_the_state_was_lost_and_taken_down_when_met(alone):
    item_id = closed_incident(alone)
    alone.sync()
    assert alone.labels(item_id) == {MISSING}
    spoken(alone, item_id)
    lose_the_state(alone)
    link_the_postmortem(alone, item_id)
    report = alone.sync()
    assert (MISSING, "label", False) in flags(report)
    assert alone.labels(item_id) == frozenset()
    assert "met on" in alone.note(item_id)
    assert alone.sync().plan.operations == ()


def test_flags_of_a_rule_that_is_still_unmet_stay_when_the_state_was_lost(alone):
    item_id = closed_incident(alone)
    alone.sync()
    spoken(alone, item_id)
    lose_the_state(alone)
    alone.later(minutes=1)
    for _ in range(3):
        alone.sync()
        alone.later(minutes=1)
    assert alone.labels(item_id) == {MISSING}
    assert "no postmortem belongs to it" in alone.note(item_id)


@pytest.mark.parametrize("by", ["ada", ""])
def test_a_label_without_a_note_of_ours_is_a_persons_and_stays(alone, by):
    item_id = closed_incident(alone)
    alone.sync()
    if by:
        spoken(alone, item_id, by)
    else:
        alone.board.talk.clear()
    lose_the_state(alone)
    link_the_postmortem(alone, item_id)
    assert flags(alone.sync()) == []
    assert alone.labels(item_id) == {MISSING}


def test_comments_of_a_labelled_issue_are_read_once_after_the_state_was_lost(alone):
    item_id = closed_incident(alone)
    alone.sync()
    lose_the_state(alone)
    link_the_postmortem(alone, item_id)
    asked = len(alone.board.calls)
    for _ in range(5):
        alone.sync()
        alone.later(minutes=1)
    assert alone.board.calls[asked:].count(("comments", item_id)) == 1


def test_a_label_that_settings_call_otherwise_now_is_exchanged(alone):
    item_id = closed_incident(alone)
    alone.sync()
    alone.tables = {RuleName.POSTMORTEM_MISSING: RuleTable(label="needs-postmortem")}
    for _ in range(2):
        alone.later(minutes=1)
        alone.sync()
    assert alone.labels(item_id) == {"needs-postmortem"}


# --- flags by the dozen -----------------------------------------------------------------------


def many(scene, count):
    ids = [scene.open_incident(title=f"Outage {number}") for number in range(count)]
    scene.sync()
    scene.later(minutes=10)
    for item_id in ids:
        scene.close(item_id)
    scene.later(minutes=1)
    return ids


def test_more_flags_than_one_cycle_puts_up_are_put_up_by_the_next_ones(alone):
    alone.policy = {"guard": Guard(flags=4)}
    ids = many(alone, 5)
    planned = alone.plan()
    assert planned.plan.refusals == ()
    assert planned.plan.later == 6
    done = [len(flags(alone.sync())) for _ in range(4)]
    assert done == [4, 4, 2, 0]
    assert all(alone.labels(item_id) == {MISSING} for item_id in ids)


def test_a_note_and_its_label_go_up_in_the_same_cycle_where_they_fit(alone):
    alone.policy = {"guard": Guard(flags=4)}
    ids = many(alone, 5)
    alone.sync()
    assert [bool(alone.note(one)) for one in ids] == [bool(alone.labels(one)) for one in ids]


def test_flags_that_come_down_are_not_counted(alone):
    ids = many(alone, 3)
    alone.sync()
    alone.policy = {"guard": Guard(flags=0)}
    for item_id in ids:
        alone.board.edit(item_id, text="Postmortem: https://docs.example/d/1")
    alone.later(minutes=1)
    report = alone.sync()
    assert len(flags(report)) == 6
    assert report.plan.later == 0
    assert all(alone.labels(item_id) == frozenset() for item_id in ids)


def test_what_rules_change_beyond_labels_and_notes_is_guarded_as_before(alone):
    asked = frozenset({Flag.REOPEN})
    alone.tables = {RuleName.POSTMORTEM_MISSING: RuleTable(flags=asked)}
    alone.policy = {"guard": Guard(flags=4)}
    ids = many(alone, 5)
    report = alone.sync()
    assert [one.code for one in report.plan.refusals] == ["E409"]
    assert {alone.board.items[one].phase for one in ids} == {Phase.COMPLETED}
    alone.sync(approve=report.plan.digest)
    assert {alone.board.items[one].phase for one in ids} == {Phase.TODO}


def test_other_work_goes_on_while_flags_wait():
    scene = Scene()
    scene.sync()
    scene.later(hours=1)
    scene.policy = {"guard": Guard(flags=1)}
    for number in range(3):
        scene.docs.put(kind=Kind.INCIDENT, phase=Phase.COMPLETED, resolution=Resolution.DONE,
                       title=f"Outage {number}", priority=Priority.P0,
                       closed_at=scene.clock.now())  # fmt: skip
    report = scene.sync()
    made = [one for one in report.plan.operations if one.kind is OpKind.CREATE]
    assert len(made) == 3
    assert len(scene.board.items) == 3
    assert len(flags(report)) == 1
    scene.store.close()
