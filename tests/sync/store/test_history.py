"""An item's life, by the clock of its home: nothing guessed, nothing told twice."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mappings.item import Item, Ref
from mappings.vocabulary import Phase, Resolution, Side
from sync.decide.plan import OpKind
from sync.rules.history import life, measured
from sync.rules.model import Event, EventKind, IncidentFacts
from sync.store import history, journal, observations, schedule
from sync.store.journal import Intent, State

START = datetime(2026, 2, 1, 8, tzinfo=UTC)
LATER = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(**parts):
    return START + timedelta(**parts)


def issue(phase=Phase.TODO, moved=START, revision="1", **values):
    return Item(
        ref=Ref("7", "acme/payments#7"),
        phase=phase,
        created_at=START,
        updated_at=moved,
        revision=revision,
        **values,
    )


@pytest.fixture
def read(tx):
    """Records one reading after the other and returns what is known then."""

    def reading(*items, seen=LATER):
        for item in items:
            observations.record(tx, "p", Side.RIGHT, [item], seen, direct=False)
            schedule.move(tx, "p", Side.RIGHT, "x", item.updated_at, swept=False)
        return history.of(tx, "p", Side.RIGHT, "7")

    return reading


def kinds(events):
    return [(event.kind, event.at) for event in events]


def test_phases_closing_and_reopening_bear_the_times_of_the_tracker(read):
    done = {"resolution": Resolution.DONE, "closed_at": at(hours=3)}
    events = read(
        issue(),
        issue(Phase.DOING, at(minutes=10), "2"),
        issue(Phase.COMPLETED, at(hours=4), "3", **done),
        issue(Phase.DOING, at(hours=5), "4"),
    )
    assert events == (
        Event(START, EventKind.OPENED),
        Event(START, EventKind.PHASE, Phase.TODO),
        Event(at(minutes=10), EventKind.PHASE, Phase.DOING),
        Event(at(hours=3), EventKind.CLOSED, Phase.COMPLETED, Resolution.DONE),
        Event(at(hours=5), EventKind.REOPENED, Phase.DOING),
    )


def test_a_reading_that_overlaps_tells_nothing_twice(read):
    moved = issue(Phase.DOING, at(minutes=10), "2")
    assert read(issue(), moved, moved, moved) == read(moved)


def test_a_comment_is_a_change_at_its_time(read):
    events = read(issue(), issue(moved=at(hours=2)))
    assert kinds(events)[-1] == (EventKind.CHANGED, at(hours=2))


def test_our_own_writing_is_nobodys_change(tx, read):
    read(issue())
    ours = Intent(
        op="0" * 32, pair="p", run=1, kind=OpKind.UPDATE, side=Side.RIGHT, item="7",
        payload={"values": {}, "source": {}, "why": []}, intended_at=at(hours=2), target_id="7",
    )  # fmt: skip
    journal.intend(tx, ours)
    journal.end(tx, ours.op, State.DONE, at(hours=2, seconds=1), "", "7")
    assert EventKind.CHANGED not in {kind for kind, _ in kinds(read(issue(moved=at(hours=2))))}
    assert kinds(read(issue(moved=at(hours=3))))[-1] == (EventKind.CHANGED, at(hours=3))


def test_a_phase_that_our_own_write_brought_about_is_a_phase_all_the_same(tx, read):
    read(issue())
    moved = issue(Phase.DOING, at(minutes=10), "2")
    observations.put(tx, "p", Side.RIGHT, moved, LATER, None)
    assert kinds(read(moved))[-1] == (EventKind.PHASE, at(minutes=10))


def test_an_old_issue_met_for_the_first_time_does_not_say_when_work_began(read):
    assert kinds(read(issue(Phase.DOING, at(days=9)))) == [(EventKind.OPENED, START)]


def test_an_issue_born_at_work_says_so(read):
    events = read(issue(Phase.DOING))
    assert kinds(events)[-1] == (EventKind.PHASE, START)
    assert events[-1].phase is Phase.DOING


def test_an_issue_made_between_two_readings_came_into_its_phase_by_then(tx, read):
    schedule.move(tx, "p", Side.RIGHT, "x", START - timedelta(minutes=1), swept=True)
    events = read(issue(Phase.DOING, at(seconds=40)))
    assert kinds(events)[-1] == (EventKind.PHASE, at(seconds=40))


def test_an_incident_closed_reopened_and_closed_between_two_readings_is_extended(read):
    first = issue(Phase.COMPLETED, at(hours=1), "2", closed_at=at(hours=1))
    last = issue(Phase.COMPLETED, at(days=1), "3", closed_at=at(days=1))
    events = read(issue(Phase.DOING), first, last)
    assert set(kinds(events)[-2:]) == {
        (EventKind.REOPENED, at(days=1)),
        (EventKind.CLOSED, at(days=1)),
    }
    told = life(last, events)
    assert told.opened == START
    assert told.closed == at(days=1)
    assert told.reopened == at(days=1)
    assert measured(_facts(last, events)).resolve == timedelta(days=1)


def test_an_incident_recorded_after_the_fact_measures_nothing_of_its_own(read):
    closed = issue(
        Phase.COMPLETED, at(seconds=30), "2", closed_at=at(seconds=30), resolution=Resolution.DONE
    )
    events = read(issue(Phase.DOING, at(seconds=10)), closed)
    times = measured(_facts(closed, events))
    assert times.after_the_fact
    assert times.respond is None
    assert times.resolve is None


def test_a_home_without_times_has_no_history(tx):
    item = Item(ref=Ref("7"), phase=Phase.TODO, revision="1")
    for phase in (Phase.TODO, Phase.DOING, Phase.COMPLETED, Phase.TODO):
        item = replace(item, phase=phase, revision=item.revision + "+")
        observations.record(tx, "p", Side.LEFT, [item], LATER, direct=True)
    assert history.of(tx, "p", Side.LEFT, "7") == ()


def test_what_was_closed_lately_is_told_with_its_last_closing(tx, read):
    read(
        issue(),
        issue(Phase.COMPLETED, at(hours=1), "2", closed_at=at(hours=1)),
        issue(Phase.TODO, at(hours=2), "3"),
        issue(Phase.COMPLETED, at(hours=3), "4", closed_at=at(hours=3)),
    )
    assert history.ended(tx, "p", Side.RIGHT, START) == {"7": at(hours=3)}
    assert history.ended(tx, "p", Side.RIGHT, at(hours=4)) == {}


def test_lives_are_told_item_by_item_in_the_order_of_time(tx, read):
    events = read(issue(), issue(Phase.DOING, at(minutes=10), "2"))
    assert history.lives(tx, "p", Side.RIGHT, ["7", "8"]) == {"7": events}


def _facts(item, events):
    return IncidentFacts(pair="p", side=Side.RIGHT, item=item, events=events)
