"""From findings to operations that put something up, and to those that take it down."""

from datetime import UTC, date, datetime, timedelta

import pytest

from mappings.item import Item, Ref
from mappings.vocabulary import Field, Phase, Priority, Resolution, Severity, Side
from sync.decide.flags import Standing, Wall, flag_operations, paced, place_of
from sync.decide.plan import Operation, OpKind
from sync.rules.model import Finding, Flag, FollowUp, Level, Waiver

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
REF = Ref("7", "acme#7")
ITEM = Item(
    ref=REF, phase=Phase.COMPLETED, resolution=Resolution.DONE, priority=Priority.P2, title="Down"
)


def finding(*flags, **values):
    told = {
        "rule": "late",
        "pair": "p",
        "key": "late/7",
        "level": Level.DUE,
        "since": NOW,
        "title": "Late",
        "text": "acme#7 is late.",
        "remedy": "Close it.",
        "side": Side.RIGHT,
        "item": REF,
        "label": "overdue",
    }
    return Finding(**(told | {"flags": frozenset(flags)} | values))


def wall(standing=None, **values):
    kept = {(Side.RIGHT, "7", "late", kind): one for kind, one in (standing or {}).items()}
    return Wall(items={(Side.RIGHT, "7"): ITEM}, standing=kept, **values)


OPEN = Item(ref=REF, phase=Phase.DOING)


def planned(*found, standing=None, **values):
    return flag_operations(found, wall(standing, **values), NOW)


def test_a_note_stands_before_the_label_that_draws_people_to_it():
    note, label = planned(finding(Flag.LABEL, Flag.NOTE))
    assert (note.mark.kind, label.mark.kind) == (Flag.NOTE, Flag.LABEL)
    assert "acme#7 is late." in note.mark.text
    assert label.mark.text == "overdue"
    assert place_of(label) == (Side.RIGHT, "7", "late", Flag.LABEL)


def test_an_operation_that_flags_nothing_has_no_place():
    assert place_of(Operation(kind=OpKind.UPDATE, side=Side.RIGHT, item="acme#7")) is None


@pytest.mark.parametrize(
    "values", [{"item": None}, {"side": None}, {"item": Ref("8")}], ids=["item", "side", "unseen"]
)
def test_a_finding_that_no_item_shows_flags_nothing(values):
    assert planned(finding(Flag.LABEL, Flag.NOTE, **values)) == ()


def test_what_is_up_is_not_put_up_again():
    up = {Flag.LABEL: Standing(value="overdue", on=True)}
    assert planned(finding(Flag.LABEL), standing=up) == ()


def test_a_label_that_is_called_otherwise_now_is_taken_off_before_the_new_one_is_put_up():
    up = {Flag.LABEL: Standing(value="before", on=True)}
    (made,) = planned(finding(Flag.LABEL), standing=up)
    assert (made.mark.text, made.mark.on) == ("before", False)
    down = {Flag.LABEL: Standing(value="before", on=False)}
    (made,) = planned(finding(Flag.LABEL), standing=down)
    assert (made.mark.text, made.mark.on) == ("overdue", True)


def test_a_label_stays_while_its_rule_is_unmet_though_nothing_asks_for_it_any_more():
    up = {Flag.LABEL: Standing(value="overdue", on=True)}
    assert planned(finding(Flag.NOTIFY), standing=up) == ()


def test_a_rule_that_is_met_has_its_label_taken_off_and_its_note_say_so():
    up = {kind: Standing(value="overdue", on=True) for kind in (Flag.LABEL, Flag.NOTE)}
    note, label = planned(standing=up)
    assert (note.mark.on, label.mark.on) == (False, False)
    assert "met on 2026-03-01" in note.mark.text
    assert label.why == ("late is met",)


def test_a_label_that_another_rule_asks_for_stays_when_this_one_is_met():
    up = {Flag.LABEL: Standing(value="overdue", on=True)}
    other = finding(Flag.LABEL, rule="older")
    assert [one.mark.rule for one in planned(other, standing=up)] == ["older"]


@pytest.mark.parametrize(
    "values",
    [
        {"unjudged": frozenset({"late"})},
        {"busy": frozenset({(Side.RIGHT, "7", "late", Flag.LABEL)})},
        {"able": frozenset()},
    ],
    ids=["not judged", "in doubt", "the tracker has no labels"],
)
def test_a_label_stays_where_nothing_can_be_said_or_done(values):
    up = {Flag.LABEL: Standing(value="overdue", on=True)}
    assert planned(standing=up, **values) == ()


def test_what_was_taken_down_is_not_taken_down_again():
    assert planned(standing={Flag.LABEL: Standing(value="overdue")}) == ()


def test_what_was_refused_waits_for_its_time():
    later = {Flag.LABEL: Standing(attempts=1, retry_at=NOW + timedelta(minutes=1))}
    assert planned(finding(Flag.LABEL), standing=later) == ()
    over = {Flag.LABEL: Standing(attempts=1, retry_at=NOW)}
    assert len(planned(finding(Flag.LABEL), standing=over)) == 1


def test_a_note_is_left_as_it_is_while_the_rule_is_unmet_and_no_note_is_asked_for():
    up = {Flag.NOTE: Standing(value="what was said", on=True)}
    assert planned(finding(Flag.LABEL), standing=up)[0].mark.kind is Flag.LABEL
    assert planned(finding(), standing=up) == ()


def test_a_waived_finding_says_so_where_something_was_said_and_flags_nothing_else():
    waiver = Waiver(rule="late", reason="holidays", until=date(2026, 3, 9), by="maria")
    found = finding(Flag.LABEL, Flag.NOTE, Flag.RAISE, waiver=waiver)
    assert planned(found) == ()
    (note,) = planned(found, standing={Flag.NOTE: Standing(value="late", on=True)})
    assert "waived by maria until 2026-03-09" in note.mark.text
    said = {Flag.NOTE: Standing(value=note.mark.text, on=True)}
    assert planned(found, standing=said) == ()


def test_rules_write_to_an_item_no_oftener_than_they_may():
    asked = finding(Flag.LABEL, Flag.NOTE)
    assert len(planned(asked, most=1)) == 1
    assert planned(asked, most=2, written={(Side.RIGHT, "7"): 2}) == ()


# --- what is asked for once ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("raised", "values"),
    [
        ({"priority_raised": Priority.P1}, {Field.PRIORITY: Priority.P1}),
        ({"severity_raised": Severity.SEV1}, {Field.SEVERITY: Severity.SEV1}),
    ],
)
def test_a_finding_raises_the_levels_it_names_and_no_other(raised, values):
    (made,) = planned(finding(Flag.RAISE, **raised))
    assert made.values == values
    assert made.before == {name: ITEM.get(name) for name in values}


def test_a_finding_that_reopens_takes_the_resolution_off():
    (made,) = planned(finding(Flag.REOPEN))
    assert made.values == {Field.PHASE: Phase.TODO, Field.RESOLUTION: None}
    assert made.before == {Field.PHASE: Phase.COMPLETED, Field.RESOLUTION: Resolution.DONE}


def test_what_is_open_is_not_reopened():
    opened = Wall(items={(Side.RIGHT, "7"): OPEN})
    assert flag_operations([finding(Flag.REOPEN)], opened, NOW) == ()


@pytest.mark.parametrize("priority", [None, Priority.P0])
def test_a_task_is_made_with_what_the_finding_says_of_it(priority):
    task = FollowUp(title="Write the postmortem", due=date(2026, 3, 5), priority=priority)
    (made,) = planned(finding(Flag.FOLLOW_UP, follow_up=task))
    told = {Field.TITLE: "Write the postmortem", Field.DUE: date(2026, 3, 5)}
    assert made.values == (told | ({Field.PRIORITY: priority} if priority else {}))
    assert made.before == {}


def test_a_task_that_nobody_named_is_not_made():
    assert planned(finding(Flag.FOLLOW_UP)) == ()


def test_what_is_asked_for_once_is_done_once_for_each_beginning():
    (made,) = planned(finding(Flag.REOPEN))
    done = {Flag.REOPEN: Standing(value=made.mark.text, on=True)}
    assert planned(finding(Flag.REOPEN), standing=done) == ()
    again = finding(Flag.REOPEN, since=NOW + timedelta(days=1))
    assert len(planned(again, standing=done)) == 1


# --- a few at a time -------------------------------------------------------------------------


def test_labels_and_notes_go_up_a_few_at_a_time_and_nothing_else_waits_for_them():
    found = [finding(Flag.LABEL, Flag.NOTE, Flag.REOPEN, rule=name) for name in ("a", "b")]
    down = {(Side.RIGHT, "7", "c", Flag.LABEL): Standing(value="old", on=True)}
    every = flag_operations(found, Wall(items={(Side.RIGHT, "7"): ITEM}, standing=down), NOW)
    kept, later = paced(every, 1)
    shown = [one for one in kept if one.mark.on and one.mark.kind in {Flag.LABEL, Flag.NOTE}]
    assert (len(shown), later) == (1, 3)
    assert [one.mark.kind for one in kept if one not in shown] == [
        one.mark.kind for one in every if not one.mark.on or one.mark.kind is Flag.REOPEN
    ]
    assert paced(every, 9) == (every, 0)
