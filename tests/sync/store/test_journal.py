"""The journal: what it keeps of an intent, and how it is asked."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mappings.vocabulary import Side
from sync.store import journal, schedule
from sync.store.journal import Intent, State
from tests.sync.store.conftest import NOW


def intent(number=1, **values):
    made = Intent(
        op=f"{number:032x}",
        pair="p",
        run=1,
        kind="update",
        side=Side.RIGHT,
        item=f"acme#{number}",
        payload={"values": {"title": "new"}},
        intended_at=NOW,
        target_id=str(number),
        source_id=f"L{number}",
    )
    return replace(made, **values)


def test_an_intent_comes_back_as_it_was_written(tx):
    written = intent(server_time=NOW, hint="41", link=3)
    journal.intend(tx, written)
    assert journal.get(tx, written.op) == written
    assert journal.get(tx, "f" * 32) is None


@pytest.mark.parametrize("state", list(State))
def test_only_an_open_intent_is_unsettled_and_has_no_end(tx, state):
    one = intent()
    journal.intend(tx, one)
    later = NOW + timedelta(minutes=1)
    journal.end(tx, one.op, state, later, "said so", "77" if state is State.DONE else None)
    kept = journal.get(tx, one.op)
    assert (kept.state, kept.outcome) == (state, "said so")
    assert kept.target_id == ("77" if state is State.DONE else "1")
    assert (kept.ended_at is None) == (state in journal.OPEN)
    assert bool(journal.unsettled(tx, "p")) == (state in journal.OPEN)


def test_absence_is_dated_by_its_first_proof(tx):
    one = intent(kind="create")
    journal.intend(tx, one)
    assert journal.not_seen(tx, one, NOW) == NOW
    again = journal.get(tx, one.op)
    assert journal.not_seen(tx, again, NOW + timedelta(hours=1)) == NOW
    assert again.payload["values"] == {"title": "new"}


def test_writes_are_counted_by_item_and_time_whatever_became_of_them(tx):
    for number, state in enumerate(State):
        one = intent(number + 1, target_id="5", intended_at=NOW + timedelta(minutes=number))
        journal.intend(tx, one)
        journal.end(tx, one.op, state, NOW, "")
    # Done, pending and unknown ones may have changed the item; failed and absent ones did not.
    assert journal.writes_since(tx, "p", Side.RIGHT, "5", NOW) == 3
    assert journal.writes_since(tx, "p", Side.RIGHT, "5", NOW + timedelta(minutes=1)) == 2
    assert journal.writes_since(tx, "p", Side.LEFT, "5", NOW) == 0


def test_what_rules_wrote_is_counted_apart_from_what_keeps_in_step(tx):
    for number, kind in enumerate(("flag", "flag", "update")):
        journal.intend(tx, intent(number + 1, kind=kind, target_id="5"))
    schedule.bind(tx, "other", NOW)
    journal.intend(tx, intent(4, kind="flag", target_id="6", pair="other"))
    assert journal.flags_since(tx, "p", NOW) == {(Side.RIGHT, "5"): 2}
    assert journal.flags_since(tx, "p", NOW + timedelta(minutes=1)) == {}
    assert journal.writes_since(tx, "p", Side.RIGHT, "5", NOW) == 1


def test_history_is_the_newest_first_and_may_be_of_some_items(tx):
    for number in range(1, 4):
        journal.intend(tx, intent(number))
    journal.intend(tx, intent(4, side=Side.LEFT, target_id="L1", source_id="1"))
    assert [one.item for one in journal.history(tx, "p", 2)] == ["acme#4", "acme#3"]
    mine = journal.history(tx, "p", 9, [(Side.LEFT, "L1"), (Side.RIGHT, "1")])
    assert [one.item for one in mine] == ["acme#4", "acme#1"]
    assert journal.history(tx, "other", 9) == []
