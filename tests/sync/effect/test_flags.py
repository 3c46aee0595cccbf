"""Rules judged in every cycle; their labels and notes put up once, and taken down when met."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from adapters.base import Capabilities, Comment, Document, Project
from adapters.errors import RateLimited, Rejected, Transient, UnknownOutcome
from adapters.nothing import Nothing, Nowhere
from adapters.seams import Seams
from mappings.item import Item, Ref
from mappings.postmortem.model import ActionItem, Postmortem
from mappings.problem import Problem
from mappings.vocabulary import Field, Kind, Phase, Priority, Resolution, Side
from sync.decide.plan import OpKind
from sync.decide.policy import Policy
from sync.effect.cycle import plan_pair, sync_pair
from sync.effect.outcome import Result
from sync.effect.pair import Pair
from sync.rules.model import Flag, Level
from sync.rules.settings import RuleSettings
from sync.rules.terms import RuleName, RuleTable
from sync.store import Store, findings, journal
from tests.sync.effect.conftest import KEY, FakeClock, FakeConnection, FakeHome

MISSING = "postmortem-missing"
FAULT = Problem("E206", "does not answer.")


class Board(FakeHome):
    """A tracker with labels, comments and times, as people see it."""

    def __init__(self, clock):
        super().__init__(clock, "T")
        self.capabilities = replace(self.capabilities, notes=True, labels=True)
        self.said = {}
        self.faults = []
        self.writes = []

    def _store(self, item):
        before = self.items.get(item.ref.id)
        now = self.clock.now()
        was = before.phase if before else None
        closed = before.closed_at if before else None
        if item.phase is not Phase.COMPLETED:
            closed = None
        elif was is not Phase.COMPLETED:
            closed = now
        made = before.created_at if before else now
        return super()._store(replace(item, created_at=made, closed_at=closed))

    def changed(self, cursor):
        (page,) = super().changed(None)
        yield replace(page, sweep=cursor is None)

    def tag(self, ref, name, *, on):
        self._written("tag", ref.id, name, on)
        item = self.items[ref.id]
        labels = item.labels | {name} if on else item.labels - {name}
        return item if labels == item.labels else self.edit(ref.id, labels=labels)

    def note(self, ref, key, text):
        self._written("note", ref.id, key, text)
        notes = self.said.setdefault(ref.id, {})
        if notes.get(key) != text:
            notes[key] = text
            self.touch(ref.id)

    def comments(self, ref):
        self.calls.append(("comments", ref.id))
        yield from self.talk.get(ref.id, ())

    @property
    def talk(self):
        return self.__dict__.setdefault("_talk", {})

    def touch(self, item_id):
        """A comment: the time moves on and nothing else does."""
        item = self.items[item_id]
        self.items[item_id] = replace(item, updated_at=self.clock.now())

    def comment(self, item_id, text, by="ada"):
        self.talk.setdefault(item_id, []).append(Comment(by, text, f"{item_id}#c"))
        self.touch(item_id)

    def _written(self, *what):
        if self.faults:
            fault, effect = self.faults.pop(0)
            if not effect:
                raise fault
            self.writes.append(what)
            if what[0] == "tag":
                labels = self.items[what[1]].labels
                self.edit(what[1], labels=labels | {what[2]} if what[3] else labels - {what[2]})
            else:
                self.said.setdefault(what[1], {})[what[2]] = what[3]
            raise fault
        self.writes.append(what)


class Shelf(Project):
    """A folder of postmortems."""

    capabilities = Capabilities(writes=frozenset())

    def __init__(self):
        self.held, self.error = [], None

    def documents(self):
        yield from self.held
        if self.error:
            raise self.error

    def _no(self, *_):
        raise NotImplementedError

    describe = changed = fetch = create = update = find = canonical = _no


class Scene:
    """A pair that has only a tracker, and one that has documents too."""

    def __init__(self):
        self.clock = FakeClock()
        self.seams = Seams(self.clock, Random(1))
        self.store = Store.memory(self.clock)
        self.board = Board(self.clock)
        self.docs = FakeHome(self.clock, "D", folder=True)
        self.shelf = Shelf()
        self.tables = {}
        self.policy = {}
        self.kept = True

    def pair(self):
        left = self.docs if self.kept else Nothing()
        return Pair(
            name="payments",
            projects={Side.LEFT: left, Side.RIGHT: self.board},
            connections={
                Side.LEFT: FakeConnection(left) if self.kept else Nowhere(),
                Side.RIGHT: FakeConnection(self.board, "bot"),
            },
            names={Side.LEFT: "docs", Side.RIGHT: "acme"},
            policy=Policy(documents=self.kept, **self.policy),
            key=KEY,
            rules=RuleSettings.of(self.tables),
            postmortems=self.shelf,
        )

    def sync(self, **options):
        return sync_pair(self.pair(), self.store, self.seams, **options)

    def plan(self):
        return plan_pair(self.pair(), self.store, self.seams)

    def later(self, **parts):
        self.clock.at += timedelta(**parts)

    def open_incident(self, **values):
        given = {"kind": Kind.INCIDENT, "phase": Phase.DOING, "title": "Payments down"}
        given |= {"priority": Priority.P0, "owners": ("ada",)}
        return self.board.put(**(given | values)).ref.id

    def close(self, item_id):
        self.board.edit(item_id, phase=Phase.COMPLETED, resolution=Resolution.DONE)

    def open_rules(self):
        with self.store.reading() as tx:
            return {one.rule: one for one in findings.open_now(tx, "payments")}

    def labels(self, item_id):
        return self.board.items[item_id].labels

    def note(self, item_id, rule=MISSING):
        return self.board.said.get(item_id, {}).get(rule, "")


@pytest.fixture
def scene():
    made = Scene()
    yield made
    made.store.close()


@pytest.fixture
def tracker_only(scene):
    """A team that has only a tracker, followed for an hour."""
    scene.kept = False
    scene.sync()
    scene.later(hours=1)
    return scene


def closed_incident(scene):
    item_id = scene.open_incident()
    scene.sync()
    scene.later(minutes=10)
    scene.close(item_id)
    scene.later(minutes=1)
    return item_id


def document(scene, **reading):
    facts = Postmortem(title="Payments down", incidents=("T#1",), root_cause="A lock.", **reading)
    made = Document(place="2026-03-01.md", name="2026-03-01", reading=facts)
    scene.shelf.held = [made]
    return made


def flags(report):
    return [
        (one.mark.rule, one.mark.kind.value, one.mark.on)
        for one in report.plan.operations
        if one.kind is OpKind.FLAG
    ]


def test_an_incident_that_lives_only_in_the_tracker_is_flagged_when_closed(tracker_only):
    item_id = closed_incident(tracker_only)
    report = tracker_only.sync()
    assert flags(report) == [(MISSING, "note", True), (MISSING, "label", True)]
    assert {one.result for one in report.outcomes} == {Result.DONE}
    assert tracker_only.labels(item_id) == {MISSING}
    assert "no postmortem belongs to it" in tracker_only.note(item_id)
    assert [one.rule for one in report.findings] == [MISSING]
    assert tracker_only.open_rules()[MISSING].level is Level.DUE


def test_an_immediate_second_cycle_plans_and_writes_nothing(tracker_only):
    closed_incident(tracker_only)
    tracker_only.sync()
    before = list(tracker_only.board.writes)
    for _ in range(3):
        report = tracker_only.sync()
        assert report.plan.operations == ()
        tracker_only.later(minutes=1)
    assert tracker_only.board.writes == before


def test_the_plan_shows_the_flags_and_writes_none(tracker_only):
    closed_incident(tracker_only)
    planned = tracker_only.plan()
    assert flags(planned) == [(MISSING, "note", True), (MISSING, "label", True)]
    assert [one.rule for one in planned.findings] == [MISSING]
    assert tracker_only.board.writes == []
    assert tracker_only.sync().plan.digest == planned.plan.digest


def test_a_level_that_rises_edits_the_note_in_place(tracker_only):
    item_id = closed_incident(tracker_only)
    tracker_only.sync()
    tracker_only.later(hours=49)
    assert flags(tracker_only.sync()) == [(MISSING, "note", True)]
    assert "overdue" in tracker_only.note(item_id)
    assert len(tracker_only.board.said[item_id]) == 1
    assert tracker_only.open_rules()[MISSING].level is Level.OVERDUE


def test_a_postmortem_in_the_folder_meets_the_rule_and_takes_its_flags_down(tracker_only):
    item_id = closed_incident(tracker_only)
    tracker_only.sync()
    document(tracker_only)
    tracker_only.tables = {RuleName.POSTMORTEM_INCOMPLETE: RuleTable(enabled=False)}
    tracker_only.tables |= {RuleName.NO_PREVENTIVE_ACTION: RuleTable(enabled=False)}
    tracker_only.later(minutes=1)
    report = tracker_only.sync()
    assert (MISSING, "label", False) in flags(report)
    assert tracker_only.labels(item_id) == frozenset()
    assert "met on" in tracker_only.note(item_id)
    assert MISSING not in tracker_only.open_rules()
    assert tracker_only.sync().plan.operations == ()


def test_a_postmortem_linked_from_the_issue_meets_the_rule(tracker_only):
    text = "Postmortem: https://docs.example/d/1"
    item_id = tracker_only.open_incident(text=text)
    tracker_only.sync()
    tracker_only.close(item_id)
    report = tracker_only.sync()
    assert MISSING not in {one.rule for one in report.findings}
    assert flags(report) == []


def test_a_postmortem_linked_in_a_comment_meets_the_rule(tracker_only):
    item_id = closed_incident(tracker_only)
    tracker_only.sync()
    assert tracker_only.labels(item_id) == {MISSING}
    tracker_only.later(minutes=5)
    tracker_only.board.comment(item_id, "[the postmortem](https://docs.example/d/1)")
    report = tracker_only.sync()
    assert MISSING not in tracker_only.open_rules()
    assert (MISSING, "label", False) in flags(report)


def test_comments_are_read_again_only_when_the_issue_moved(tracker_only):
    item_id = closed_incident(tracker_only)
    for _ in range(3):
        tracker_only.sync()
        tracker_only.later(minutes=1)
    asked = [one for one in tracker_only.board.calls if one[0] == "comments"]
    # Once when it was closed, once more as our own label and note moved it.
    assert len(asked) <= 2
    assert asked[0] == ("comments", item_id)


def test_a_waiver_in_the_tracker_says_so_once_and_takes_the_label_down(tracker_only):
    item_id = closed_incident(tracker_only)
    tracker_only.sync()
    tracker_only.later(minutes=5)
    said = f"waive: {MISSING} until 2026-12-31 because the provider wrote one"
    tracker_only.board.edit(item_id, labels=tracker_only.labels(item_id) | {"waived"})
    tracker_only.board.comment(item_id, said)
    tracker_only.sync()
    assert tracker_only.labels(item_id) == {"waived"}
    assert "waived by ada until 2026-12-31" in tracker_only.note(item_id)
    assert tracker_only.open_rules()[MISSING].waived
    assert tracker_only.sync().plan.operations == ()


def test_a_label_that_a_person_took_off_stays_off(tracker_only):
    item_id = closed_incident(tracker_only)
    tracker_only.sync()
    tracker_only.later(minutes=5)
    tracker_only.board.edit(item_id, labels=frozenset())
    assert flags(tracker_only.sync()) == []
    assert tracker_only.labels(item_id) == frozenset()


def test_what_was_closed_before_the_pair_first_ran_is_left_alone(scene):
    scene.kept = False
    item_id = scene.open_incident()
    scene.close(item_id)
    scene.later(days=30)
    report = scene.sync()
    assert [one.rule for one in report.findings] == [MISSING]
    assert flags(report) == []


def test_what_was_closed_in_the_second_of_the_first_run_is_flagged(scene):
    """A tracker tells of whole seconds, our clock of parts of them."""
    scene.kept = False
    item_id = scene.open_incident()
    scene.later(milliseconds=400)
    scene.sync()
    scene.close(item_id)
    whole = scene.clock.now().replace(microsecond=0)
    scene.board.items[item_id] = replace(scene.board.items[item_id], closed_at=whole)
    assert flags(scene.sync()) == [(MISSING, "note", True), (MISSING, "label", True)]


def test_nothing_is_concluded_from_a_folder_that_was_not_read_whole(tracker_only):
    item_id = closed_incident(tracker_only)
    tracker_only.shelf.error = Transient(Problem("E119", "cannot be read."))
    report = tracker_only.sync()
    assert flags(report) == []
    assert report.problems[-1].code == "E119"
    tracker_only.shelf.error = None
    assert flags(tracker_only.sync())
    tracker_only.shelf.error = Transient(Problem("E119", "cannot be read."))
    assert flags(tracker_only.sync()) == []
    assert MISSING in tracker_only.open_rules()
    assert tracker_only.labels(item_id) == {MISSING}


def test_a_tracker_that_is_not_read_whole_is_not_judged(tracker_only):
    closed_incident(tracker_only)

    def broken(_cursor):
        raise Transient(FAULT)
        yield

    tracker_only.board.changed = broken
    report = tracker_only.sync()
    assert report.findings == ()
    assert flags(report) == []
    assert tracker_only.open_rules() == {}


def test_a_document_completed_is_closed_and_flagged_in_one_cycle(scene):
    scene.sync()
    item = scene.docs.put(
        kind=Kind.INCIDENT, phase=Phase.DOING, title="Payments down", priority=Priority.P0
    )
    scene.sync()
    scene.later(hours=1)
    scene.docs.edit(item.ref.id, phase=Phase.COMPLETED, resolution=Resolution.DONE)
    report = scene.sync()
    assert (MISSING, "label", True) in flags(report)
    assert scene.labels("T1") >= {MISSING}
    before = list(scene.board.writes)
    assert scene.sync().plan.operations == ()
    assert scene.board.writes == before


def test_an_incident_that_is_created_closed_is_flagged_in_the_same_cycle(scene):
    scene.sync()
    scene.later(hours=1)
    scene.docs.put(
        kind=Kind.INCIDENT,
        phase=Phase.COMPLETED,
        resolution=Resolution.DONE,
        title="Payments down",
        priority=Priority.P0,
        closed_at=scene.clock.now(),
    )
    planned = scene.plan()
    report = scene.sync()
    assert report.plan.digest == planned.plan.digest
    assert scene.labels("T1") >= {MISSING}
    assert scene.sync().plan.operations == ()


def test_an_incident_that_is_about_to_get_its_counterpart_is_one_incident(scene):
    scene.sync()
    scene.later(hours=1)
    closed = {"phase": Phase.COMPLETED, "resolution": Resolution.DONE, "title": "Payments down"}
    scene.docs.put(kind=Kind.INCIDENT, priority=Priority.P0, closed_at=scene.clock.now(), **closed)
    planned = scene.plan().findings
    assert [one.rule for one in planned] == [MISSING]
    done = scene.sync().findings
    assert [(one.rule, one.level) for one in done] == [(one.rule, one.level) for one in planned]


def test_an_incident_that_is_about_to_be_recorded_is_not_said_to_have_no_record(scene):
    scene.sync()
    item_id = scene.open_incident()
    scene.later(hours=2)
    planned = [one.rule for one in scene.plan().findings]
    assert "unrecorded" not in planned
    assert [one.rule for one in scene.sync().findings] == planned
    assert scene.board.items[item_id].phase is Phase.DOING


def test_a_flag_of_a_change_that_failed_is_not_put_up(scene):
    scene.sync()
    item = scene.docs.put(
        kind=Kind.INCIDENT, phase=Phase.DOING, title="Payments down", priority=Priority.P0
    )
    scene.sync()
    scene.later(hours=1)
    scene.docs.edit(item.ref.id, phase=Phase.COMPLETED, resolution=Resolution.DONE)
    scene.board.before = [Rejected(FAULT, Field.PHASE)]
    report = scene.sync()
    assert (MISSING, "label", True) in flags(report)
    assert MISSING not in scene.labels("T1")


@pytest.mark.parametrize("effect", [True, False])
def test_a_note_whose_answer_is_lost_is_looked_at_again_only_when_lists_must_show_it(
    tracker_only, effect
):
    item_id = closed_incident(tracker_only)
    tracker_only.board.faults = [(UnknownOutcome(FAULT), effect)]
    report = tracker_only.sync()
    assert [one.result for one in report.outcomes] == [Result.UNKNOWN, Result.DONE]
    assert (MISSING, "note", True) not in flags(tracker_only.sync())
    tracker_only.later(minutes=16)
    tracker_only.sync()
    tracker_only.sync()
    assert "no postmortem" in tracker_only.note(item_id)
    assert len(tracker_only.board.said[item_id]) == 1
    with tracker_only.store.reading() as tx:
        assert journal.unsettled(tx, "payments") == []


def test_a_label_whose_answer_is_lost_is_set_again_at_once(tracker_only):
    item_id = closed_incident(tracker_only)
    tracker_only.board.faults = [(UnknownOutcome(FAULT), False)] * 2
    tracker_only.sync()
    tracker_only.sync()
    assert tracker_only.labels(item_id) == {MISSING}


def test_a_flag_that_is_refused_is_left_alone_for_a_while_and_stops_nothing(tracker_only):
    item_id = closed_incident(tracker_only)
    tracker_only.board.faults = [(Rejected(FAULT), False)]
    report = tracker_only.sync()
    assert [one.result for one in report.outcomes] == [Result.FAILED, Result.DONE]
    assert flags(tracker_only.sync()) == []
    tracker_only.later(minutes=61)
    assert flags(tracker_only.sync()) == [(MISSING, "note", True)]
    assert "no postmortem" in tracker_only.note(item_id)


def test_a_limit_of_the_tracker_ends_the_flags_of_this_cycle(tracker_only):
    closed_incident(tracker_only)
    until = tracker_only.clock.now() + timedelta(minutes=5)
    tracker_only.board.faults = [(RateLimited(FAULT, until), False)]
    report = tracker_only.sync()
    assert [one.result for one in report.outcomes] == [Result.FAILED, Result.SKIPPED]
    assert tracker_only.board.writes == []


def test_an_incident_may_be_reopened_once_where_settings_ask_for_it(tracker_only):
    asked = frozenset({Flag.REOPEN})
    tracker_only.tables = {RuleName.POSTMORTEM_MISSING: RuleTable(flags=asked)}
    item_id = closed_incident(tracker_only)
    tracker_only.sync()
    assert tracker_only.board.items[item_id].phase is Phase.TODO
    tracker_only.later(minutes=5)
    tracker_only.sync()
    assert MISSING not in tracker_only.open_rules()


def test_our_own_note_is_no_sign_of_life(tracker_only):
    item_id = tracker_only.open_incident()
    tracker_only.sync()
    tracker_only.later(minutes=31)
    report = tracker_only.sync()
    assert ("update-stale", "note", True) in flags(report)
    tracker_only.later(minutes=5)
    assert "update-stale" in {one.rule for one in tracker_only.sync().findings}
    tracker_only.board.comment(item_id, "Still looking.")
    tracker_only.later(minutes=1)
    assert "update-stale" not in {one.rule for one in tracker_only.sync().findings}


def test_rules_write_no_more_to_one_issue_than_settings_say(tracker_only):
    tracker_only.policy = {"writes_per_hour": 1}
    item_id = closed_incident(tracker_only)
    assert len(flags(tracker_only.sync())) == 1
    assert tracker_only.sync().plan.operations == ()
    tracker_only.later(minutes=61)
    tracker_only.sync()
    assert tracker_only.labels(item_id) == {MISSING}


def test_what_follows_from_a_postmortem_is_judged_by_its_incident(tracker_only):
    closed_incident(tracker_only)
    action = ActionItem(
        title="Add an alarm", due=date(2026, 2, 1), line=9, end_line=9, shape="bullet", confidence=1
    )
    document(tracker_only, actions=(action,))
    found = {one.rule for one in tracker_only.sync().findings}
    assert {"action-overdue", "closed-with-open-actions"} <= found
    assert "postmortem-unmatched" not in found


def test_a_pair_without_rules_judges_nothing(tracker_only):
    closed_incident(tracker_only)
    pair = replace(tracker_only.pair(), rules=None)
    report = sync_pair(pair, tracker_only.store, tracker_only.seams)
    assert report.findings == ()
    assert report.plan.operations == ()


def test_items_that_live_in_the_tracker_alone_are_not_copied_where_no_documents_are_kept(
    tracker_only,
):
    tracker_only.open_incident()
    report = tracker_only.sync()
    assert [one for one in report.plan.operations if one.kind is OpKind.CREATE] == []
    assert report.complete


def test_times_are_those_of_the_tracker(tracker_only):
    item_id = closed_incident(tracker_only)
    closed = tracker_only.board.items[item_id].closed_at
    tracker_only.later(hours=3)
    tracker_only.sync()
    assert tracker_only.open_rules()[MISSING].since == closed
    assert closed < datetime.now(UTC).replace(year=9999)


def test_another_item_with_the_same_label_name_keeps_it(tracker_only):
    same = RuleTable(label="follow-up")
    tracker_only.tables = {RuleName.POSTMORTEM_MISSING: same}
    item_id = closed_incident(tracker_only)
    tracker_only.sync()
    assert tracker_only.labels(item_id) == {"follow-up"}
    assert Item(ref=Ref("x")).labels == frozenset()


def investigation(scene):
    """A P0 that is closed, with a postmortem that knows no cause."""
    scene.tables = {
        RuleName.ALL: RuleTable(enabled=False),
        RuleName.ROOT_CAUSE_UNKNOWN: RuleTable(enabled=True, flags=frozenset({Flag.FOLLOW_UP})),
    }
    item_id = closed_incident(scene)
    made = document(scene)
    scene.shelf.held = [replace(made, reading=replace(made.reading, root_cause=""))]
    return item_id


def tasks(scene):
    return [one for one in scene.board.items.values() if one.kind is Kind.TASK]


def test_a_task_that_a_rule_asks_for_is_made_once_under_its_incident(tracker_only):
    item_id = investigation(tracker_only)
    assert flags(tracker_only.plan()) == [("root-cause-unknown", "follow-up", True)]
    tracker_only.sync()
    (task,) = tasks(tracker_only)
    assert task.title == 'Find the root cause of "Payments down"'
    assert task.parent.id == item_id
    assert task.due == date(2026, 3, 3)
    for _ in range(3):
        tracker_only.later(hours=1)
        assert tracker_only.sync().plan.operations == ()
    assert len(tasks(tracker_only)) == 1


@pytest.mark.parametrize("effect", [True, False])
def test_a_task_whose_answer_is_lost_is_looked_for_and_there_once(tracker_only, effect):
    investigation(tracker_only)
    faults = tracker_only.board.after if effect else tracker_only.board.before
    faults.append(UnknownOutcome(FAULT))
    tracker_only.sync()
    for _ in range(3):
        tracker_only.later(minutes=20)
        tracker_only.sync()
    assert len(tasks(tracker_only)) == 1
    with tracker_only.store.reading() as tx:
        assert journal.unsettled(tx, "payments") == []


def test_a_task_in_doubt_is_not_made_again_on_a_guess(tracker_only):
    investigation(tracker_only)
    tracker_only.board.conclusive = False
    tracker_only.board.before.append(UnknownOutcome(FAULT))
    for _ in range(3):
        tracker_only.sync()
        tracker_only.later(hours=1)
    assert tasks(tracker_only) == []


def test_a_task_that_a_rule_asked_for_gets_its_document_as_any_other(scene):
    scene.sync()
    scene.later(hours=1)
    investigation(scene)
    for _ in range(3):
        scene.later(minutes=1)
        scene.sync()
    assert len(tasks(scene)) == 1
    titles = [one.title for one in scene.docs.items.values()]
    assert 'Find the root cause of "Payments down"' in titles
