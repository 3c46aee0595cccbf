"""Whatever the state: judging is a function of facts, time and settings, and of nothing else."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.item import UNSET
from mappings.postmortem.model import SectionKind
from mappings.problem import Problem
from mappings.vocabulary import Phase, Priority, Resolution, Severity, Side
from sync.rules.judge import judge, unjudged
from sync.rules.model import EventKind, Level, Waiver, WorkFacts
from sync.rules.notes import note
from sync.rules.settings import RuleSettings
from sync.rules.terms import RuleName, RuleTable

DAYS = st.dates(date(2026, 1, 1), date(2026, 6, 1))


def moments(make):
    return st.integers(-24 * 60, 24 * 60).map(lambda hour: make.noon + timedelta(hours=hour))


@st.composite
def states(draw, make):
    moment = moments(make)
    numbers = draw(st.lists(st.integers(1, 99), max_size=4, unique=True))
    incidents = [draw(incident(make, number, moment)) for number in numbers]
    work = draw(
        st.lists(st.builds(WorkFacts, moment, st.booleans(), st.just(make.item().ref)), max_size=30)
    )
    return make.state(
        *incidents,
        orphans=tuple(draw(st.lists(postmortem(make), max_size=2))),
        work=tuple(work),
        complete=draw(st.booleans()),
        documents=draw(st.booleans()),
        bound_at=draw(st.none() | moment),
    )


@st.composite
def incident(draw, make, number, moment):
    phase = draw(st.sampled_from(list(Phase)))
    item = make.item(
        number,
        phase=phase,
        resolution=draw(st.sampled_from([UNSET, None, *Resolution])),
        priority=draw(st.sampled_from([UNSET, None, *Priority])),
        severity=draw(st.sampled_from([UNSET, None, *Severity])),
        owners=draw(st.sampled_from([UNSET, (), ("ann",)])),
        created_at=draw(st.none() | moment),
        closed_at=draw(st.none() | moment),
        notices=draw(st.sampled_from([(), (Problem("E130", "priority differs."),)])),
    )
    return make.incident(
        item,
        side=draw(st.sampled_from(list(Side))),
        recorded=draw(st.booleans()),
        events=tuple(draw(events(make))),
        postmortems=tuple(draw(st.lists(postmortem(make), max_size=2))),
        actions=tuple(draw(st.lists(action(make), max_size=3))),
        services=tuple(draw(st.lists(st.sampled_from(["api", "web"]), max_size=2))),
        waivers=tuple(draw(st.lists(waiver(), max_size=2))),
    )


def events(make):
    kinds, hours = st.sampled_from(list(EventKind)), st.integers(-900, 900)
    one = st.builds(make.event, kinds, hours, st.sampled_from([None, *Phase]))
    return st.lists(one, max_size=5)


@st.composite
def postmortem(draw, make):
    reading = make.reading(
        sections=tuple(make.part(one) for one in draw(st.sets(st.sampled_from(list(SectionKind))))),
        actions=draw(st.sampled_from([(), make.reading().actions])),
        root_cause=draw(st.sampled_from(["", "unknown", "A full disk."])),
        template=draw(st.booleans()),
    )
    return make.postmortem(
        draw(st.sampled_from(["pm-1", "pm-2", "pm-3"])),
        reading=draw(st.sampled_from([None, reading])),
        linked_only=draw(st.booleans()),
        written_at=draw(st.none() | moments(make)),
        waivers=tuple(draw(st.lists(waiver(), max_size=1))),
    )


@st.composite
def action(draw, make):
    issue = make.issue(
        draw(st.integers(100, 110)),
        owners=draw(st.sampled_from([UNSET, (), ("ann",)])),
        phase=draw(st.sampled_from(list(Phase))),
    )
    return make.action(
        draw(st.sampled_from(["Add an alarm", "Add an alarm!", "Write it down"])),
        owner=draw(st.sampled_from(["", "ann"])),
        due=draw(st.none() | DAYS),
        issue=draw(st.sampled_from([None, issue])),
        priority=draw(st.sampled_from([None, *Priority])),
        waivers=tuple(draw(st.lists(waiver(), max_size=1))),
    )


def waiver():
    return st.builds(
        Waiver,
        rule=st.sampled_from(["", "nonsense", *RuleName]),
        reason=st.sampled_from(["", "it is not ours"]),
        until=st.none() | DAYS,
        place=st.sampled_from(["pm-1.md:3", "pm-2.md:3"]),
    )


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_judging_twice_is_the_same_and_the_order_of_facts_is_irrelevant(make, data):
    state, now = data.draw(states(make)), data.draw(moments(make))
    found = judge(state, now)
    assert judge(state, now) == found
    assert len({one.key for one in found}) == len(found)
    shuffled = replace(
        state,
        incidents=tuple(data.draw(st.permutations(state.incidents))),
        work=tuple(data.draw(st.permutations(state.work))),
    )
    assert judge(shuffled, now) == found


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_rule_switched_off_never_fires_and_the_others_are_as_before(make, data):
    state, now = data.draw(states(make)), data.draw(moments(make))
    off = data.draw(st.sampled_from([one for one in RuleName if one is not RuleName.ALL]))
    given_settings = RuleSettings.of({off: RuleTable(enabled=False)})
    with_it, without = judge(state, now), judge(state, now, given_settings)
    assert [one for one in without if one.rule == off] == []
    told = {RuleName.WAIVER_INVALID, off}  # a waiver of a rule that is off is of no matter
    assert [one for one in with_it if one.rule not in told] == [
        one for one in without if one.rule not in told
    ]


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_an_incomplete_state_raises_no_more_than_a_complete_one(make, data):
    state, now = data.draw(states(make)), data.draw(moments(make))
    partly = replace(state, complete=False)
    whole = {one.key for one in judge(replace(state, complete=True), now)}
    found = judge(partly, now)
    assert {one.key for one in found} <= whole
    resting = unjudged(partly) - {RuleName.WAIVER_INVALID}
    assert not {one.rule for one in found} & resting


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_as_time_goes_on_a_finding_keeps_its_beginning_and_never_sinks(make, data):
    state, now = data.draw(states(make)), data.draw(moments(make))
    later = {one.key: one for one in judge(state, now + timedelta(hours=1))}
    for one in judge(state, now):
        after = later.get(one.key)
        if after is None:  # a week of the interrupt load, or a waiver, is over
            assert one.rule in {RuleName.INTERRUPT_LOAD, RuleName.WAIVER_INVALID}
            continue
        assert after.level.rank >= one.level.rank
        assert one.since in {after.since, now} or one.rule == RuleName.INTERRUPT_LOAD


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_what_is_waived_flags_nothing_and_every_finding_can_be_told(make, data):
    state, now = data.draw(states(make)), data.draw(moments(make))
    for one in judge(state, now):
        assert not (one.waived and one.flags)
        assert one.since <= now
        if one.until is not None:
            assert (one.until <= now) == (one.level is Level.OVERDUE)
        assert one.rule in note([one])
