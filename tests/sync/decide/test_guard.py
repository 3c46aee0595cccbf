"""What stops a whole plan before its first write, and what a person may let pass."""

from datetime import UTC, datetime

import pytest

from mappings.item import Item, Ref
from mappings.problem import Problem
from mappings.vocabulary import Field, Phase, Side
from sync.decide.guard import approvable, carries_text, refusals
from sync.decide.plan import Mark, Operation, OpKind, Plan
from sync.decide.policy import Guard
from sync.decide.waits import Held
from sync.decide.world import World
from sync.rules.model import Flag

NOW = datetime(2026, 3, 1, tzinfo=UTC)
GUARD = Guard()


def operations(kind, count, **more):
    return tuple(
        Operation(kind=kind, side=Side.RIGHT, item=f"acme#{number}", **more)
        for number in range(count)
    )


def closing(count):
    end = {Field.PHASE: Phase.COMPLETED}
    return operations(OpKind.UPDATE, count, values=end, before={Field.PHASE: Phase.DOING})


def deeds(kind, count):
    target = Item(ref=Ref("7", "acme#7"))
    mark = Mark(rule="late", kind=kind, text="since")
    return operations(OpKind.FLAG, count, target=target, mark=mark)


def codes(made=(), *, approved=frozenset(), held=(), **world):
    plan = Plan(pair="p", operations=made, held=held)
    known = World(pair="p", bound_at=NOW, **world)
    return [one.code for one in refusals(plan, known, GUARD, approved)]


@pytest.mark.parametrize(
    ("make", "most", "code"),
    [
        (lambda count: operations(OpKind.CREATE, count), GUARD.creates, "E401"),
        (closing, GUARD.closes, "E402"),
        (lambda count: deeds(Flag.REOPEN, count), GUARD.flags, "E409"),
        (lambda count: deeds(Flag.RAISE, count), GUARD.flags, "E409"),
        (lambda count: deeds(Flag.FOLLOW_UP, count), GUARD.flags, "E409"),
    ],
    ids=["creations", "closes", "reopened", "raised", "made"],
)
def test_what_is_more_than_a_plan_may_hold_is_refused_until_it_is_approved(make, most, code):
    assert codes(make(most)) == []
    assert codes(make(most + 1)) == [code]
    prints = {one.fingerprint for one in make(most + 1)}
    assert codes(make(most + 1), approved=prints) == []


def test_labels_and_notes_are_not_the_guards_to_weigh():
    assert codes(deeds(Flag.LABEL, GUARD.flags + 1)) == []


def test_of_many_links_a_share_may_close_or_vanish():
    assert codes(closing(10), linked=100) == []
    assert codes(closing(11), linked=100) == ["E402"]
    assert codes(vanished=3, linked=3) == []
    assert codes(vanished=4, linked=3) == ["E114"]
    assert codes(vanished=10, linked=100) == []


def test_what_another_instance_made_stops_everything():
    foreign = Held(Side.RIGHT, "acme#9", Problem("E305", "made elsewhere."))
    other = Held(Side.RIGHT, "acme#8", Problem("E120", "refused."))
    assert codes(held=(other, foreign)) == ["E305"]
    assert codes(held=(other,)) == []


@pytest.mark.parametrize(
    ("found", "answer"),
    [(["E401", "E402"], True), (["E404"], True), (["E401", "E114"], False), (["E305"], False)],
)
def test_an_approval_settles_what_is_counted_and_nothing_that_is_unsafe(found, answer):
    assert approvable(Problem(code, "said.") for code in found) is answer


def test_a_plan_carries_text_if_one_operation_writes_a_title_or_a_body():
    silent = operations(OpKind.UPDATE, 1, values={Field.PHASE: Phase.DOING})
    told = operations(OpKind.UPDATE, 1, values={Field.BODY: "Words"})
    assert not carries_text(Plan(pair="p", operations=silent))
    assert carries_text(Plan(pair="p", operations=silent + told))
