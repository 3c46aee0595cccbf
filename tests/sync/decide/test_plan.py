"""From what is known to a plan: who takes part, what is refused, and what is merely noted."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from adapters.base import Capabilities, ProjectInfo
from adapters.errors import Rejected
from mappings.item import Item, Ref
from mappings.problem import Problem
from mappings.vocabulary import Field, Kind, Phase, Priority, Resolution, Side
from sync.decide import guard
from sync.decide.plan import OpKind, make_plan, wanted
from sync.decide.policy import FieldPolicy, Filter, Policy
from sync.decide.tokens import tokens
from sync.decide.world import Claim, LinkView, Newcomer, Presence, Seen, World

NOW = datetime(2026, 3, 1, tzinfo=UTC)


class Home:
    """A home that stores everything it may; ``routes`` is False where no step leads anywhere."""

    def __init__(self, writes=frozenset(Field), *, routes=True):
        self.capabilities = Capabilities(writes=writes)
        self.routes = routes

    def canonical(self, item):
        values = {f: v for f, v in item.values().items() if f in self.capabilities.writes}
        return Item(ref=item.ref, **{f.value: v for f, v in values.items()})

    def route(self, item, phase):
        if not self.routes:
            raise Rejected(Problem("E122", "not reachable"), Field.PHASE)
        return (phase,)


def homes(**right):
    return {Side.LEFT: Home(), Side.RIGHT: Home(**right)}


def link(left=None, right=None, base=None, *, presence=Presence.PRESENT, side=Side.RIGHT):
    items = {
        Side.LEFT: Item(ref=Ref("L1", "DOC-1"), **(left or {})),
        Side.RIGHT: Item(ref=Ref("7", "acme#7"), **(right or {})),
    }
    said = tokens(Item(ref=Ref("x"), **(base or {})))
    return LinkView(
        id=1,
        ends={one: Seen(items[one], presence if one is side else Presence.PRESENT) for one in Side},
        base={Side.LEFT: dict(said), Side.RIGHT: dict(said)},
    )


def planned(view=None, *, new=(), homes_=None, policy=None, **world):
    known = World(
        pair="p",
        bound_at=NOW,
        links=(view,) if view else (),
        new={Side.LEFT: tuple(new)},
        **world,
    )
    return make_plan(known, policy or Policy(), homes_ or homes())


@pytest.mark.parametrize(
    ("side", "presence", "code"),
    [
        (Side.RIGHT, Presence.GONE, "E211"),
        (Side.RIGHT, Presence.MOVED, "E212"),
        (Side.RIGHT, Presence.UNLINKED, "E408"),
        (Side.RIGHT, Presence.REPLACED, "E111"),
        (Side.RIGHT, Presence.ABSENT, "E210"),
        (Side.LEFT, Presence.ABSENT, "E113"),
    ],
)
def test_an_item_lost_from_sight_stops_its_link_and_says_why(side, presence, code):
    moved = {"title": "new"}
    plan = planned(link(moved, {"title": "old"}, {"title": "old"}, presence=presence, side=side))
    assert plan.operations == ()
    assert [(one.side, one.problem.code) for one in plan.held] == [(side, code)]


def test_an_item_set_aside_waits_until_its_time_comes():
    view = link({"title": "new"}, {"title": "old"}, {"title": "old"})
    problem = Problem("E120", "the tracker refused it")
    plan = planned(view, held={(Side.RIGHT, "7"): problem})
    assert plan.operations == ()
    assert [one.problem for one in plan.held] == [problem]


def test_a_phase_that_cannot_be_reached_is_refused_and_the_other_fields_go_on():
    view = link(
        {"title": "new", "phase": Phase.DOING},
        {"title": "old", "phase": Phase.TODO},
        {"title": "old", "phase": Phase.TODO},
    )
    plan = planned(view, homes_=homes(routes=False))
    (operation,) = plan.operations
    assert set(operation.values) == {Field.TITLE}
    assert [one.problem.code for one in plan.held] == ["E122"]


def test_what_agrees_again_moves_the_baselines_of_those_who_say_something():
    view = link({"title": "same", "due": None}, {"title": "same"}, {"title": "old"})
    (settled,) = planned(view).settled
    assert Field.TITLE in settled.agreed
    assert settled.baselines(view)[Side.LEFT][Field.TITLE] == "same"
    agreed = replace(settled, agreed=(Field.DUE,))
    assert agreed.baselines(view) == {Side.LEFT: {Field.DUE: None}, Side.RIGHT: {}}


def test_a_resolution_that_is_there_already_is_not_written_with_its_phase():
    old = {"phase": Phase.TODO, "resolution": None}
    view = link({"phase": Phase.DOING, "resolution": None}, old, old)
    plan = planned(view)
    (operation,) = plan.operations
    assert set(operation.values) == {Field.PHASE}
    assert Field.RESOLUTION in plan.settled[0].agreed


def test_a_parent_is_written_as_its_source_names_it():
    view = link({"parent": Ref("I1", "DOC-I1")}, {"parent": None}, {"parent": None})
    known = {Side.LEFT: {"I1": Ref("3")}, Side.RIGHT: {"3": Ref("I1")}}
    (operation,) = planned(view, counterparts=known).operations
    assert operation.values == {Field.PARENT: Ref("I1")}


def test_a_plan_is_told_by_its_effects_whatever_their_order():
    one, two = newcomer(), replace(newcomer(), item=Item(ref=Ref("L8", "DOC-8"), title="Old"))
    plan = planned(new=[one, two])
    assert len(plan.digest) == 16
    assert planned(new=[two, one]).digest == plan.digest
    assert planned(new=[one]).digest != plan.digest
    prepared = plan.with_prepared(Side.RIGHT, ["P0", "P1"])
    kinds = [(operation.kind, operation.item) for operation in prepared.operations[:2]]
    assert kinds == [(OpKind.PREPARE, "P0"), (OpKind.PREPARE, "P1")]
    assert prepared.operations[2:] == plan.operations
    assert prepared.digest != plan.digest


def test_a_field_of_which_the_other_side_says_nothing_any_more_moves_nothing():
    view = link({}, {"owners": ()}, {})
    base = {Side.LEFT: {Field.DUE: "2026-05-01"}, Side.RIGHT: {Field.DUE: "2026-05-01"}}
    plan = planned(replace(view, base=base), homes_=homes(writes=frozenset()))
    assert (plan.operations, plan.conflicts) == ((), ())


def test_a_trimmed_field_moves_the_sources_baseline_alone():
    view = link({"due": date(2026, 5, 1)})
    plan = planned(view, homes_=homes(writes=frozenset(Field) - {Field.DUE}))
    (settled,) = plan.settled
    assert plan.operations == ()
    assert settled.trimmed == ((Field.DUE, Side.LEFT),)
    assert settled.baselines(view) == {Side.LEFT: {Field.DUE: "2026-05-01"}, Side.RIGHT: {}}


def test_an_open_question_is_not_decided_by_the_next_run():
    view = link({"title": "mine"}, {"title": "theirs"}, {"priority": Priority.P1})
    asked = replace(view, asked=frozenset({Field.TITLE}))
    assert planned(view).operations != ()
    plan = planned(asked)
    assert plan.operations == ()
    assert [one.field for one in plan.conflicts] == [Field.TITLE]


@pytest.mark.parametrize(
    ("direction", "written", "value"),
    [
        ("documents-to-tracker", Side.RIGHT, "mine"),
        ("tracker-to-documents", Side.LEFT, "theirs"),
    ],
)
def test_a_field_that_flows_one_way_takes_its_sources_word(direction, written, value):
    policy = Policy(fields={Field.TITLE: FieldPolicy(direction=direction)})
    view = link({"title": "mine"}, {"title": "theirs"}, {"title": "old"})
    (operation,) = planned(view, policy=policy).operations
    assert (operation.side, operation.values[Field.TITLE]) == (written, value)


def test_a_home_is_asked_for_steps_with_the_resolution_that_the_item_is_to_have():
    asked = []

    class Asked(Home):
        def route(self, item, phase):
            asked.append((item.phase, item.resolution, phase))
            return super().route(item, phase)

    old = {"phase": Phase.BACKLOG, "resolution": None}
    dropped = {"phase": Phase.COMPLETED, "resolution": Resolution.NOT_PLANNED}
    planned(link(old, dropped, old), homes_={Side.LEFT: Asked(), Side.RIGHT: Home()})
    assert asked == [(Phase.BACKLOG, Resolution.NOT_PLANNED, Phase.COMPLETED)]


# --- newcomers -------------------------------------------------------------------------------


def newcomer(claim=Claim.NONE, **values):
    return Newcomer(Item(ref=Ref("L9", "DOC-9"), title="New", **values), claim, "7")


@pytest.mark.parametrize(
    ("claim", "code"),
    [
        (Claim.OURS, "E214"),
        (Claim.TRACKED, "E215"),
        (Claim.UNREAD, "E216"),
        (Claim.FOREIGN, "E305"),
    ],
)
def test_a_marked_newcomer_is_never_copied(claim, code):
    plan = planned(new=[newcomer(claim)])
    assert plan.operations == ()
    assert [one.problem.code for one in plan.held] == [code]


def test_what_the_pair_beside_follows_is_passed_over_in_silence():
    plan = planned(new=[newcomer(Claim.BESIDE)])
    assert (plan.operations, plan.held) == ((), ())


@pytest.mark.parametrize(
    ("rules", "chosen"),
    [
        ({}, True),
        ({"kinds": ["incident"]}, False),
        ({"categories": ["bug"]}, False),
        ({"priorities": ["P0"]}, False),
        ({"priorities": ["P1"]}, True),
    ],
)
def test_a_filter_says_which_newcomers_are_mirrored(rules, chosen):
    item = Item(ref=Ref("L9"), kind=Kind.TASK, priority=Priority.P1)
    assert wanted(item, Side.LEFT, Filter(**rules), NOW) is chosen


def test_a_newcomer_that_the_filter_leaves_out_is_neither_made_nor_held():
    plan = planned(new=[newcomer()], policy=Policy(filter=Filter(categories=["bug"])))
    assert (plan.operations, plan.held) == ((), ())


def test_labels_choose_among_the_trackers_items_alone():
    rules = Filter(labels=["ops"])
    item = Item(ref=Ref("9"), labels=frozenset({"ops"}))
    assert wanted(item, Side.RIGHT, rules, NOW)
    assert not wanted(replace(item, labels=frozenset()), Side.RIGHT, rules, NOW)
    assert wanted(replace(item, labels=frozenset()), Side.LEFT, rules, NOW)


@pytest.mark.parametrize(
    ("history", "side", "chosen"),
    [
        ("documents", Side.LEFT, True),
        ("documents", Side.RIGHT, False),
        ("tracker", Side.RIGHT, True),
        ("both", Side.RIGHT, True),
        ("none", Side.LEFT, False),
    ],
)
def test_what_was_completed_long_ago_is_mirrored_where_it_is_asked_for(history, side, chosen):
    old = datetime(2025, 1, 1, tzinfo=UTC)
    item = Item(ref=Ref("9"), phase=Phase.COMPLETED, closed_at=old)
    assert wanted(item, side, Filter(history=history), NOW) is chosen
    assert wanted(replace(item, closed_at=NOW), side, Filter(history=history), NOW)
    assert not wanted(replace(item, archived=True), side, Filter(history="both"), NOW)


# --- documents that say what tracks each item ----------------------------------------------------


class Paper(Home):
    """A home whose documents name the issue of each item."""

    def __init__(self):
        super().__init__()
        self.capabilities = Capabilities(writes=frozenset(Field), refers=True)


def referring():
    return {Side.LEFT: Paper(), Side.RIGHT: Home()}


def test_an_action_about_to_be_made_is_named_in_its_document_afterwards():
    made, named = planned(new=[newcomer()], homes_=referring()).operations
    assert (made.kind, made.side) == (OpKind.CREATE, Side.RIGHT)
    assert (named.kind, named.side, named.item) == (OpKind.REFER, Side.LEFT, "DOC-9")
    assert named.source is None


def test_a_link_is_named_in_its_document_once():
    same = {"title": "same"}
    view = link(same, same, same)
    (named,) = planned(view, homes_=referring()).operations
    assert (named.kind, named.link, named.source.ref.id) == (OpKind.REFER, 1, "7")
    seen = view.ends[Side.LEFT]
    told = replace(seen, item=replace(seen.item, references=("acme#7",)))
    view = replace(view, ends={**view.ends, Side.LEFT: told})
    assert planned(view, homes_=referring()).operations == ()


@pytest.mark.parametrize("side", [Side.LEFT, Side.RIGHT])
def test_nothing_is_written_about_a_link_that_is_stopped(side):
    view = link({}, {}, {}, presence=Presence.ABSENT, side=side)
    assert planned(view, homes_=referring()).operations == ()


def test_an_action_whose_incident_is_not_there_is_made_and_says_so():
    lone = newcomer(parent=Ref("INC-1"))
    created, _ = planned(new=[lone], homes_=referring()).operations
    assert any(line.startswith("E134") for line in created.why)
    known = {Side.LEFT: {"INC-1": Ref("3")}}
    created, _ = planned(new=[lone], homes_=referring(), counterparts=known).operations
    assert not any("E134" in line for line in created.why)


def test_nothing_is_made_of_the_trackers_own_where_documents_take_no_items():
    paper = referring()
    paper[Side.LEFT].capabilities = replace(paper[Side.LEFT].capabilities, creates=False)
    known = World(pair="p", bound_at=NOW, new={Side.RIGHT: (newcomer(),)})
    assert make_plan(known, Policy(), paper).operations == ()
    assert make_plan(known, Policy(), homes()).operations != ()


# --- the guard -------------------------------------------------------------------------------


def project(key, *, public):
    return ProjectInfo(id=key, key=key, public=public)


def test_text_that_would_become_public_is_refused_until_it_is_approved():
    plan = planned(new=[newcomer()])
    infos = {Side.LEFT: project("docs", public=False), Side.RIGHT: project("acme", public=True)}
    assert [one.code for one in guard.leaks(plan, infos, frozenset())] == ["E403"]
    prints = {one.fingerprint for one in plan.operations}
    assert guard.leaks(plan, infos, prints) == []
    private = infos | {Side.RIGHT: project("acme", public=False)}
    assert guard.leaks(plan, private, frozenset()) == []
