"""The truth table of sync/decide/diff.py, row by row, and what a baseline means."""

from datetime import date

import pytest

from adapters.base import Capabilities
from mappings.item import UNSET, Item, Ref
from mappings.vocabulary import Field, Phase, Priority, Resolution, Side
from sync.decide.diff import TRUTH_TABLE, Verdict, differences
from sync.decide.policy import FieldPolicy, Policy
from sync.decide.resolve import resolve
from sync.decide.tokens import moved, tokens
from sync.decide.world import LinkView, Seen


class Home:
    """A home that stores everything as it is, or lower-cases titles."""

    def __init__(self, writes=frozenset(Field), spell=lambda title: title):
        self.capabilities = Capabilities(writes=writes)
        self.spell = spell

    def canonical(self, item):
        values = {f: v for f, v in item.values().items() if f in self.capabilities.writes}
        if Field.TITLE in values:
            values[Field.TITLE] = self.spell(values[Field.TITLE])
        return Item(ref=item.ref, **{f.value: v for f, v in values.items()})

    def route(self, item, phase):
        return (phase,)


HOMES = {Side.LEFT: Home(), Side.RIGHT: Home()}


def link(left, right, base_left, base_right, decisions=None):
    left, right = Item(ref=Ref("L"), **left), Item(ref=Ref("R"), **right)
    return LinkView(
        id=1,
        ends={Side.LEFT: Seen(left), Side.RIGHT: Seen(right)},
        base={
            Side.LEFT: tokens(Item(ref=Ref("L"), **base_left)),
            Side.RIGHT: tokens(Item(ref=Ref("R"), **base_right)),
        },
        decisions=decisions or {},
    )


def judged(view, homes=HOMES):
    return {one.field: one for one in differences(view, homes, {side: {} for side in Side})}


@pytest.mark.parametrize(("row", "verdict"), TRUTH_TABLE.items())
def test_every_row_of_the_truth_table(row, verdict):
    left_moved, right_moved, agree = row
    now_left = "new" if left_moved else "old left"
    if agree:
        now_right = now_left if right_moved or not left_moved else "new"
        base_right = now_right if not right_moved else "other"
    else:
        now_right = "newer" if right_moved else "old right"
        base_right = "old right"
    base_left = now_left if not left_moved else "old"
    if agree and right_moved and not left_moved:
        now_right = now_left
    view = link(
        {"title": now_left}, {"title": now_right}, {"title": base_left}, {"title": base_right}
    )
    assert judged(view)[Field.TITLE].verdict is verdict


def test_a_lasting_difference_that_nobody_made_is_left_alone():
    view = link(
        {"title": 'Fix "x"'}, {"title": "Fix 'x'"}, {"title": 'Fix "x"'}, {"title": "Fix 'x'"}
    )
    assert judged(view)[Field.TITLE].verdict is Verdict.SETTLED


def test_a_title_that_the_other_home_must_spell_differently_agrees_with_its_original():
    homes = {Side.LEFT: Home(), Side.RIGHT: Home(spell=str.lower)}
    view = link({"title": "New"}, {"title": "new"}, {"title": "old"}, {"title": "old"})
    assert judged(view, homes)[Field.TITLE].verdict is Verdict.AGREED


def test_no_opinion_never_moves():
    assert not moved({Field.DUE: "2026-01-01"}, Field.DUE, UNSET)


def test_saying_none_for_the_first_time_is_not_clearing():
    assert not moved({}, Field.PRIORITY, None)
    assert not moved({}, Field.OWNERS, ())
    assert moved({Field.PRIORITY: "P0"}, Field.PRIORITY, None)


def test_the_body_is_compared_by_its_canonical_text():
    base = tokens(Item(ref=Ref("L"), body="one\ntwo\n"))
    assert not moved(base, Field.BODY, "one\r\ntwo\r\n\r\n")


def test_a_parent_is_compared_by_its_counterpart_and_one_without_is_no_opinion():
    view = link({"parent": Ref("I1")}, {"parent": Ref("3")}, {}, {})
    known = {Side.LEFT: {"I1": Ref("3")}, Side.RIGHT: {"3": Ref("I1")}}

    def parent(counterparts):
        (found,) = [one for one in differences(view, HOMES, counterparts) if one.field == "parent"]
        return found

    assert parent(known).verdict is Verdict.AGREED
    assert parent(known).wanted == {Side.LEFT: Ref("I1"), Side.RIGHT: Ref("3")}
    assert set(parent({side: {} for side in Side}).wanted.values()) == {UNSET}


def merge(view, policy=None, homes=HOMES):
    found = differences(view, homes, {side: {} for side in Side})
    return resolve(view, found, policy or Policy(), homes)


def test_the_tracker_wins_a_conflict_and_the_documents_words_are_kept():
    view = link({"title": "mine"}, {"title": "theirs"}, {"title": "old"}, {"title": "old"})
    (write,) = merge(view).writes
    assert (write.side, write.value, write.lost) == (Side.LEFT, "theirs", "mine")


def test_documents_win_a_conflict_about_the_due_date():
    old = {"due": date(2026, 1, 1)}
    view = link({"due": date(2026, 2, 2)}, {"due": date(2026, 3, 3)}, old, old)
    (write,) = merge(view).writes
    assert (write.side, write.value) == (Side.RIGHT, date(2026, 2, 2))


def test_a_winner_whose_word_cannot_be_written_there_gives_way_and_both_words_are_kept():
    homes = {Side.LEFT: Home(writes=frozenset(Field) - {Field.TITLE}), Side.RIGHT: Home()}
    view = link({"title": "mine"}, {"title": "theirs"}, {"title": "old"}, {"title": "old"})
    (write,) = merge(view, homes=homes).writes
    assert (write.side, write.value, write.lost) == (Side.RIGHT, "mine", "theirs")


def test_a_conflict_nobody_may_decide_stays_open_and_blocks_only_its_field():
    policy = Policy(fields={Field.TITLE: FieldPolicy(authority="ask")})
    view = link(
        {"title": "mine", "priority": Priority.P0},
        {"title": "theirs", "priority": Priority.P1},
        {"title": "old", "priority": Priority.P1},
        {"title": "old", "priority": Priority.P1},
    )
    result = merge(view, policy)
    assert [one.field for one in result.conflicts] == [Field.TITLE]
    assert [(one.field, one.side) for one in result.writes] == [(Field.PRIORITY, Side.RIGHT)]


def test_a_persons_decision_settles_an_open_conflict():
    policy = Policy(fields={Field.TITLE: FieldPolicy(authority="ask")})
    old = {"title": "old"}
    view = link({"title": "mine"}, {"title": "theirs"}, old, old, {Field.TITLE: Side.LEFT})
    (write,) = merge(view, policy).writes
    assert (write.side, write.value, write.lost) == (Side.RIGHT, "mine", "theirs")


def test_the_first_bind_overwrites_nothing():
    view = link({"title": "mine"}, {"title": "theirs"}, {}, {})
    result = merge(view)
    assert result.writes == ()
    assert [one.field for one in result.conflicts] == [Field.TITLE]


def test_the_first_bind_fills_what_only_one_side_says():
    view = link({"title": "x", "priority": Priority.P0}, {"title": "x", "priority": None}, {}, {})
    (write,) = merge(view).writes
    assert (write.field, write.side, write.value) == (Field.PRIORITY, Side.RIGHT, Priority.P0)


def test_the_resolution_never_comes_from_the_other_side_than_the_phase():
    old = {"phase": Phase.DOING, "resolution": None}
    view = link(
        {"phase": Phase.COMPLETED, "resolution": Resolution.DONE},
        {"phase": Phase.COMPLETED, "resolution": Resolution.NOT_PLANNED},
        old,
        old,
    )
    (write,) = merge(view).writes
    assert (write.field, write.side, write.value) == (
        Field.RESOLUTION,
        Side.LEFT,
        Resolution.NOT_PLANNED,
    )


def test_a_conflict_of_phases_carries_the_winners_resolution():
    old = {"phase": Phase.TODO, "resolution": None}
    view = link(
        {"phase": Phase.COMPLETED, "resolution": Resolution.DONE},
        {"phase": Phase.DOING, "resolution": None},
        old,
        old,
    )
    writes = {one.field: (one.side, one.value) for one in merge(view).writes}
    assert writes == {
        Field.PHASE: (Side.LEFT, Phase.DOING),
        Field.RESOLUTION: (Side.LEFT, None),
    }


def test_what_the_other_home_cannot_hold_is_trimmed_and_said_once():
    homes = {Side.LEFT: Home(), Side.RIGHT: Home(writes=frozenset(Field) - {Field.DUE})}
    view = link({"due": date(2026, 1, 1)}, {}, {}, {})
    result = merge(view, homes=homes)
    assert result.writes == ()
    assert result.trimmed == ((Field.DUE, Side.LEFT),)


def test_an_edit_of_what_is_only_mirrored_is_restored_and_kept_in_the_record():
    old = {"body": "text"}
    view = link({"body": "text"}, {"body": "scribble"}, old, old)
    (write,) = merge(view).writes
    assert (write.side, write.value, write.lost) == (Side.RIGHT, "text", "scribble")


def test_a_field_that_is_off_is_never_touched():
    policy = Policy(fields={Field.TITLE: FieldPolicy(direction="off")})
    view = link({"title": "mine"}, {"title": "old"}, {"title": "old"}, {"title": "old"})
    result = merge(view, policy)
    assert not result.writes
    assert not result.conflicts
