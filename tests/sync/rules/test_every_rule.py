"""Every rule fires, is cleared by what its remedy says, and is waived."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest

from mappings.item import UNSET
from mappings.postmortem.model import SectionKind, WaiverLine
from mappings.problem import Problem
from mappings.vocabulary import Phase, Priority, Resolution, Severity, Side
from sync.rules.catalogue import RULES
from sync.rules.judge import judge, unjudged
from sync.rules.model import Flag, Level, State, Waiver, WorkFacts
from sync.rules.settings import RuleSettings
from sync.rules.terms import RuleName, RuleTable


@dataclass(frozen=True)
class Scene:
    """One way to break a rule. ``after`` noon it is a finding of ``level``."""

    rule: str
    about: str
    broken: object
    mended: object
    after: timedelta = timedelta(0)
    level: Level = Level.DUE
    evidence: str = ""


def h(hours):
    return timedelta(hours=hours)


def d(days):
    return timedelta(days=days)


def scenes():
    yield Scene(
        "postmortem-missing",
        "a P0 in the tracker alone",
        lambda m: m.state(m.incident(postmortems=(), recorded=False), documents=False),
        lambda m: m.state(
            m.incident(
                postmortems=(
                    m.postmortem(reading=None, linked_only=True, url="https://wiki.test/1"),
                ),
                recorded=False,
            ),
            documents=False,
        ),
    )
    yield Scene(
        "postmortem-missing",
        "two days later",
        lambda m: m.state(m.incident(postmortems=())),
        lambda m: m.state(m.incident()),
        h(48),
        Level.OVERDUE,
    )
    yield Scene(
        "postmortem-missing",
        "nobody filled the template in",
        lambda m: m.state(
            m.incident(postmortems=(m.postmortem(reading=m.reading(template=True)),))
        ),
        lambda m: m.state(m.incident()),
        evidence="pm-1.md is still a template",
    )
    yield Scene(
        "postmortem-incomplete",
        "a section is not there",
        lambda m: with_reading(
            m, sections=tuple(m.part(one) for one in SectionKind if one != "impact")
        ),
        with_reading,
        evidence="pm-1.md has no section: impact",
    )
    yield Scene(
        "postmortem-incomplete",
        "a section is the template's",
        lambda m: with_reading(
            m, sections=tuple(m.part(one, 7, template=one == "impact") for one in SectionKind)
        ),
        with_reading,
        d(7),
        Level.OVERDUE,
        evidence="pm-1.md:7 impact is still the template",
    )
    yield Scene(
        "postmortem-unreadable",
        "it is not UTF-8",
        lambda m: with_reading(m, problems=(Problem("E106", "byte 3 is not UTF-8."),)),
        with_reading,
        evidence="E106 byte 3 is not UTF-8.",
    )
    yield Scene(
        "postmortem-unreadable",
        "there is no reading",
        lambda m: m.state(m.incident(postmortems=(m.postmortem(reading=None),))),
        with_reading,
    )
    yield Scene(
        "postmortem-unmatched",
        "it names an incident that there is not",
        lambda m: m.state(orphans=(m.postmortem(reading=m.reading(incidents=("INC-9",))),)),
        with_reading,
        level=Level.INFO,
        evidence="pm-1.md",
    )
    yield Scene(
        "postmortem-unmatched",
        "an incident has two",
        lambda m: m.state(m.incident(postmortems=(m.postmortem(), m.postmortem("pm-2")))),
        lambda m: m.state(m.incident()),
        level=Level.INFO,
        evidence="pm-2.md",
    )
    yield Scene(
        "postmortem-unmatched",
        "two incidents have one",
        lambda m: m.state(m.incident(), m.incident(m.item(2))),
        lambda m: m.state(m.incident(), m.incident(m.item(2), postmortems=(m.postmortem("pm-2"),))),
        level=Level.INFO,
        evidence='"Payments down 2"',
    )
    yield Scene(
        "no-preventive-action",
        "nothing follows",
        lambda m: with_reading(m, actions=()),
        with_reading,
    )
    yield Scene(
        "root-cause-unknown",
        "nothing is said",
        lambda m: with_reading(m, root_cause=""),
        with_reading,
    )
    yield Scene(
        "root-cause-unknown",
        "it is said to be unknown",
        lambda m: with_reading(m, root_cause="Not yet known, under investigation."),
        lambda m: with_reading(m, root_cause="Unknown keys in the cache evicted the known ones."),
        h(48),
        Level.OVERDUE,
        evidence='pm-1.md: it says "Not yet known, under investigation." of the root cause',
    )
    yield Scene(
        "blame-language",
        "somebody is named",
        lambda m: with_reading(m, blames=((12, "It was his fault."),)),
        with_reading,
        level=Level.INFO,
        evidence="pm-1.md:12",
    )
    yield from action_scenes()
    yield from incident_scenes()
    yield from pattern_scenes()
    yield Scene(
        "waiver-invalid",
        "it has no reason",
        lambda m: m.state(m.incident(waivers=(waiver("unrecorded", reason=""),))),
        lambda m: m.state(m.incident(waivers=(waiver("unrecorded"),))),
    )
    yield Scene(
        "waiver-invalid",
        "it has no end",
        lambda m: m.state(m.incident(waivers=(waiver("unrecorded", until=None),))),
        lambda m: m.state(m.incident(waivers=(waiver("unrecorded"),))),
    )
    yield Scene(
        "waiver-invalid",
        "its rule there is not",
        lambda m: m.state(m.incident(waivers=(waiver("post-mortem"),))),
        lambda m: m.state(m.incident()),
    )
    yield Scene(
        "waiver-invalid",
        "it ended and the rule is unmet",
        lambda m: m.state(
            m.incident(
                postmortems=(), waivers=(waiver("postmortem-missing", until=date(2026, 2, 28)),)
            )
        ),
        lambda m: m.state(
            m.incident(waivers=(waiver("postmortem-missing", until=date(2026, 2, 28)),))
        ),
    )


def action_scenes():
    def acting(m, action, **values):
        return m.state(m.incident(actions=(action,), **values))

    yield Scene(
        "action-untracked",
        "no issue",
        lambda m: acting(m, m.action(issue=None, confidence=0.5)),
        lambda m: acting(m, m.action()),
        d(1),
        evidence="read with confidence 0.50",
    )
    yield Scene(
        "action-unowned",
        "nobody",
        lambda m: acting(m, m.action(owner="", issue=m.issue(owners=()))),
        lambda m: acting(m, m.action(owner="", issue=m.issue(owners=UNSET))),
        d(1),
    )
    yield Scene(
        "action-unowned",
        "nobody, a week long",
        lambda m: acting(m, m.action(owner="", issue=None)),
        lambda m: acting(m, m.action(owner="somebody not mapped", issue=None)),
        d(7),
        Level.OVERDUE,
    )
    yield Scene(
        "action-undated",
        "no day",
        lambda m: acting(m, m.action(due=None)),
        lambda m: acting(m, m.action(due=None, issue=m.issue(due=date(2026, 4, 1)))),
        d(1),
        evidence="pm-1.md:40",
    )
    yield Scene(
        "action-overdue",
        "its day is over",
        lambda m: acting(m, m.action(due=date(2026, 2, 28))),
        lambda m: acting(m, m.action(due=date(2026, 3, 1))),
    )
    yield Scene(
        "action-overdue",
        "a P0",
        lambda m: acting(m, m.action(due=date(2026, 2, 28), priority=Priority.P0)),
        lambda m: acting(m, m.action(due=date(2026, 2, 28), priority=Priority.P0, done=True)),
        level=Level.OVERDUE,
    )
    yield Scene(
        "action-stalled",
        "for a month",
        lambda m: acting(m, m.action(due=date(2026, 12, 1))),
        lambda m: acting(m, m.action(due=date(2026, 12, 1), events=(m.event("noted", 24 * 29),))),
        d(30),
    )


def incident_scenes():
    yield Scene(
        "severity-missing",
        "for five minutes",
        lambda m: m.state(m.running(priority=None, severity=UNSET, created_at=m.noon)),
        lambda m: m.state(m.running(priority=Priority.P1, severity=UNSET, created_at=m.noon)),
        timedelta(minutes=5),
    )
    yield Scene(
        "commander-missing",
        "work began",
        lambda m: m.state(m.running(owners=(), events=(m.event("phase", 0, Phase.DOING),))),
        lambda m: m.state(m.running(owners=(), commander="bob")),
    )
    yield Scene(
        "response-overdue",
        "a SEV2",
        lambda m: m.state(m.running(Phase.TODO, priority=None, severity=Severity.SEV2,
                                    created_at=m.noon)),
        lambda m: m.state(m.running(Phase.DOING, priority=None, severity=Severity.SEV2,
                                    created_at=m.noon)),
        timedelta(minutes=30),
        evidence="proposed: SEV1",
    )  # fmt: skip
    yield Scene(
        "response-overdue",
        "opened again",
        lambda m: m.state(m.running(Phase.TODO, events=reopened(m))),
        lambda m: m.state(
            m.running(Phase.TODO, events=(*reopened(m), m.event("phase", 0.05, Phase.DOING)))
        ),
        timedelta(minutes=15),
        Level.OVERDUE,
        evidence="reopened on 2026-03-01 12:00 UTC",
    )
    yield Scene(
        "update-stale",
        "a SEV1 for half an hour",
        lambda m: m.state(m.running(created_at=m.noon)),
        lambda m: m.state(m.running(created_at=m.noon, events=(m.event("noted", 0.1),))),
        timedelta(minutes=30),
    )
    yield Scene(
        "unrecorded",
        "in the tracker alone",
        lambda m: m.state(m.incident(recorded=False)),
        lambda m: m.state(m.incident(recorded=False), documents=False),
    )
    yield Scene(
        "unrecorded",
        "in the documents alone",
        lambda m: m.state(m.incident(recorded=False, side=Side.LEFT)),
        lambda m: m.state(m.incident(side=Side.LEFT)),
        d(1),
        Level.OVERDUE,
    )
    yield Scene(
        "priority-disagrees",
        "title and label",
        lambda m: m.state(
            m.running(notices=(Problem("E130", "priority differs: the label P1, the title P0."),))
        ),
        lambda m: m.state(
            m.running(notices=(Problem("E130", "the tags name phases todo and doing."),))
        ),
        level=Level.INFO,
        evidence="priority differs: the label P1, the title P0.",
    )
    yield Scene(
        "priority-disagrees",
        "priority and severity",
        lambda m: m.state(m.running(priority=Priority.P2)),
        lambda m: m.state(m.running(priority=Priority.P0)),
        level=Level.INFO,
        evidence="P2 corresponds to SEV3, not to SEV1.",
    )


def pattern_scenes():
    yield Scene(
        "closed-with-open-actions",
        "one is late",
        lambda m: m.state(m.incident(actions=(m.action(due=date(2026, 2, 20)),))),
        lambda m: m.state(
            m.incident(actions=(m.action(due=date(2026, 2, 20),
                                         issue=m.issue(phase=Phase.COMPLETED)),))
        ),
        evidence='"Add an alarm" was due 2026-02-20',
    )  # fmt: skip
    yield Scene(
        "repeat-with-open-action",
        "the same service",
        repeated,
        lambda m: repeated(m, done=True),
        evidence='"Add an alarm" of "Payments down 1" on 2026-03-01',
    )
    yield Scene(
        "interrupt-load",
        "every other thing is an incident",
        lambda m: m.state(work=worked(m, 5, 5)),
        lambda m: m.state(work=worked(m, 2, 8)),
        level=Level.INFO,
        evidence="5 of 10 completed items were incidents (50%), 2026-01-26 to 2026-02-22",
    )


def with_reading(m, **values):
    return m.state(m.incident(postmortems=(m.postmortem(reading=m.reading(**values)),)))


def reopened(m):
    return (
        m.event("opened", -5),
        m.event("phase", -4, Phase.DOING),
        m.event("closed", -3),
        m.event("reopened", 0),
    )


def repeated(m, *, done=False):
    first = m.incident(
        m.item(1, created_at=m.noon - h(9)), services=("Payments ",), actions=(m.action(done=done),)
    )
    second = m.running(number=2, created_at=m.noon - h(1), services=("payments",))
    return m.state(first, second)


def worked(m, incidents, others):
    """Completed things in the week before the last Monday."""
    day = m.noon - d(10)
    marks = [True] * incidents + [False] * others
    return tuple(WorkFacts(day, one, m.item(n).ref) for n, one in enumerate(marks))


def waiver(rule, **values):
    given = {"reason": "the provider writes it", "until": date(2027, 1, 1), "place": "pm-1.md:3"}
    return Waiver(rule=rule, **{**given, **values})


SCENES = [pytest.param(one, id=f"{one.rule}: {one.about}") for one in scenes()]


def of_rule(found, rule):
    return [one for one in found if one.rule == rule]


@pytest.mark.parametrize("scene", SCENES)
def test_the_rule_fires_with_its_evidence_and_says_since_when(scene, make):
    found = of_rule(judge(scene.broken(make), make.noon + scene.after), scene.rule)
    assert [one.level for one in found] == [scene.level]
    (one,) = found
    assert one.since <= make.noon + scene.after
    assert scene.evidence in "\n".join(one.evidence)
    assert one.text.endswith(".")
    assert one.remedy == RULES[RuleName(scene.rule)].remedy
    assert one.pair == "payments"


@pytest.mark.parametrize("scene", SCENES)
def test_the_rule_is_cleared_when_it_is_met(scene, make):
    assert of_rule(judge(scene.mended(make), make.noon + scene.after), scene.rule) == []


@pytest.mark.parametrize("scene", [one for one in SCENES if "waiver" not in one.id])
def test_a_waiver_covers_the_rule_and_is_shown_with_it(scene, make):
    state = waived(scene.broken(make), waiver(scene.rule))
    found = judge(state, make.noon + scene.after)
    settings = RuleSettings()
    if scene.rule == RuleName.INTERRUPT_LOAD:  # no item of it: it is waived in the settings
        table = RuleTable(waive="until 2027-01-01 because it is the month of the migration")
        settings = RuleSettings.of({RuleName.INTERRUPT_LOAD: table})
        found = judge(state, make.noon + scene.after, settings)
    (one,) = of_rule(found, scene.rule)
    assert one.waived
    assert one.waiver.reason
    assert one.flags == frozenset()
    assert one.level is scene.level
    assert of_rule(found, "waiver-invalid") == []


def waived(state: State, said: Waiver) -> State:
    return replace(
        state,
        incidents=tuple(replace(one, waivers=(said,)) for one in state.incidents),
        orphans=tuple(replace(one, waivers=(said,)) for one in state.orphans),
    )


@pytest.mark.parametrize("scene", SCENES)
def test_a_rule_that_is_switched_off_says_nothing(scene, make):
    settings = RuleSettings.of({RuleName(scene.rule): RuleTable(enabled=False)})
    assert of_rule(judge(scene.broken(make), make.noon + scene.after, settings), scene.rule) == []


@pytest.mark.parametrize("scene", SCENES)
def test_an_incomplete_state_raises_nothing_that_rests_on_absence(scene, make):
    state = replace(scene.broken(make), complete=False)
    found = of_rule(judge(state, make.noon + scene.after), scene.rule)
    if RULES[RuleName(scene.rule)].absence:
        assert found == []
        assert scene.rule in unjudged(state)
    elif scene.rule != RuleName.WAIVER_INVALID:  # which may rest on what others did not judge
        assert found
        assert scene.rule not in unjudged(state)
    assert unjudged(replace(state, complete=True)) == frozenset()


def test_every_rule_has_its_scene():
    assert {one.rule for one in scenes()} == set(RULES) == set(RuleName) - {RuleName.ALL}


def test_a_duplicate_or_a_false_alarm_needs_no_postmortem(make):
    for resolution in (Resolution.DUPLICATE, Resolution.NOT_PLANNED):
        state = make.state(make.incident(make.item(resolution=resolution), postmortems=()))
        assert judge(state, make.noon) == ()


def test_small_incidents_need_no_postmortem_unless_settings_say_so(make):
    item = make.item(priority=Priority.P2, severity=None)
    state = make.state(make.incident(item, postmortems=()))
    assert judge(state, make.noon + h(1)) == ()
    table = RuleTable.model_validate({"due": {"P2": "30m"}})
    settings = RuleSettings.of({RuleName.POSTMORTEM_MISSING: table})
    assert of_rule(judge(state, make.noon + h(0.4), settings), "postmortem-missing") == []
    (found,) = judge(state, make.noon + h(1), settings)
    assert found.since == make.noon + h(0.5)


def test_the_shorter_time_of_priority_and_severity_counts(make):
    item = make.item(priority=Priority.P3, severity=Severity.SEV2)
    (found,) = judge(make.state(make.incident(item, postmortems=())), make.noon)[:1]
    assert found.rule == "postmortem-missing"


def test_a_finding_keeps_its_key_and_its_beginning_and_rises_once(make):
    state = make.state(make.incident(postmortems=()))
    seen = [judge(state, make.noon + h(hours))[0] for hours in range(0, 100, 4)]
    assert {one.key for one in seen} == {"payments/postmortem-missing/right:1"}
    assert {one.since for one in seen} == {make.noon}
    assert {one.until for one in seen} == {make.noon + h(48)}
    assert len(set(seen)) == 2
    assert [one.level for one in seen] == sorted(one.level for one in seen)


def test_what_was_closed_before_the_pair_began_is_told_but_flags_nothing(make):
    state = make.state(make.incident(postmortems=()), bound_at=make.noon + h(1))
    (found,) = judge(state, make.noon + h(2))
    assert found.flags == frozenset()
    table = RuleTable(flag_since=date(2026, 1, 1))
    settings = RuleSettings.of({RuleName.ALL: table})
    (found,) = judge(state, make.noon + h(2), settings)
    assert found.flags == {Flag.LABEL, Flag.NOTE, Flag.NOTIFY}


def test_an_open_incident_flags_however_old_it_is(make):
    state = make.state(make.running(Phase.TODO, severity=None), bound_at=make.noon)
    found = of_rule(judge(state, make.noon), "response-overdue")
    assert Flag.NOTE in found[0].flags


def test_incidents_closed_before_a_day_are_not_judged_at_all(make):
    state = make.state(make.incident(postmortems=()))
    settings = RuleSettings.of({RuleName.ALL: RuleTable(since=date(2026, 3, 2))})
    assert judge(state, make.noon, settings) == ()


def test_reopening_is_asked_for_only_where_settings_say_so(make):
    state = make.state(make.incident(postmortems=()))
    table = RuleTable(overdue_flags=frozenset({Flag.REOPEN}), label="needs-postmortem")
    settings = RuleSettings.of({RuleName.POSTMORTEM_MISSING: table})
    (early,) = judge(state, make.noon, settings)
    (late,) = judge(state, make.noon + h(48), settings)
    assert (Flag.REOPEN in early.flags, Flag.REOPEN in late.flags) == (False, True)
    assert late.label == "needs-postmortem"


def test_raising_is_asked_for_only_where_there_is_a_level_above(make):
    table = RuleTable(flags=frozenset({Flag.RAISE}))
    settings = RuleSettings.of({RuleName.RESPONSE_OVERDUE: table})
    for priority, above in ((Priority.P1, Priority.P0), (Priority.P0, None)):
        state = make.state(make.running(Phase.TODO, priority=priority, severity=None))
        (found,) = of_rule(judge(state, make.noon + d(3), settings), "response-overdue")
        assert found.priority_raised is above
        assert found.flags == ({Flag.RAISE} if above else set())


def test_an_unknown_root_cause_plans_an_investigation_due_in_two_days(make):
    (found,) = judge(with_reading(make, root_cause=""), make.noon)
    assert Flag.FOLLOW_UP in found.flags
    assert found.follow_up.due == date(2026, 3, 3)
    # Of the highest level it would be read as an incident of its own: "[P0] Find the root cause".
    assert found.follow_up.priority is Priority.P1


def test_the_findings_of_an_action_without_an_issue_are_shown_by_its_incident(make):
    state = make.state(make.incident(actions=(make.action(issue=None, due=None),)))
    found = judge(state, make.noon + d(2))
    assert {one.rule for one in found} == {"action-untracked", "action-undated"}
    assert {one.item for one in found} == {make.item().ref}
    tracked = make.state(make.incident(actions=(make.action(due=None),)))
    (later,) = judge(tracked, make.noon + d(2))
    assert later.item == make.issue().ref
    assert later.key in {one.key for one in found}


def test_two_actions_with_one_title_are_two(make):
    action = make.action(due=None)
    found = judge(make.state(make.incident(actions=(action, action))), make.noon + d(2))
    assert len({one.key for one in found}) == 2


def test_a_waiver_in_an_action_s_issue_covers_that_action_alone(make):
    said = waiver("action-undated")
    one = make.action(due=None, waivers=(said,))
    other = make.action("Write it down", due=None)
    found = judge(make.state(make.incident(actions=(one, other))), make.noon + d(2))
    assert [(f.title, f.waived) for f in found] == [
        ("Write it down", False),
        ("Add an alarm", True),
    ]


def test_a_waiver_in_the_postmortem_covers_its_incident(make):
    postmortem = make.postmortem(
        reading=make.reading(actions=()), waivers=(waiver("no-preventive-action"),)
    )
    (found,) = judge(make.state(make.incident(postmortems=(postmortem,))), make.noon)
    assert found.waived


def test_a_waiver_that_was_read_with_the_postmortem_counts_once(make):
    line = WaiverLine(rule="no-preventive-action", reason="x", until=date(2026, 4, 1), line=3)
    postmortem = make.postmortem(
        reading=make.reading(actions=(), waivers=(line,)),
        waivers=(waiver("no-preventive-action", reason="as read by others"),),
    )
    (found,) = judge(make.state(make.incident(postmortems=(postmortem,))), make.noon)
    assert (found.waiver.reason, found.waiver.place) == ("x", "pm-1.md:3")
    broken = make.postmortem(reading=make.reading(waivers=(replace(line, reason=""),)))
    (found,) = judge(make.state(make.incident(postmortems=(broken,))), make.noon)
    assert (found.rule, found.place) == ("waiver-invalid", "pm-1.md:3")
    (found,) = judge(make.state(orphans=(broken,)), make.noon)[:1]
    assert (found.rule, found.place) == ("waiver-invalid", "pm-1.md:3")


def test_a_waiver_holds_through_its_last_day(make):
    said = waiver("postmortem-missing", until=date(2026, 3, 1))
    state = make.state(make.incident(postmortems=(), waivers=(said,)))
    (found,) = judge(state, make.noon)
    assert found.waived
    found = judge(state, make.noon + h(12))
    assert [one.rule for one in found] == ["postmortem-missing", "waiver-invalid"]
    assert not found[0].waived
    assert found[1].since == make.noon + h(12)


def test_a_waiver_written_again_mends_the_one_that_ended(make):
    said = (
        waiver("postmortem-missing", until=date(2026, 2, 1)),
        waiver("postmortem-missing", until=date(2026, 4, 1), place="pm-1.md:4"),
    )
    (found,) = judge(make.state(make.incident(postmortems=(), waivers=said)), make.noon)
    assert found.waiver.until == date(2026, 4, 1)


def test_a_waiver_in_settings_that_ended_is_a_finding(make):
    table = RuleTable(waive="until 2026-02-01 because we were away")
    settings = RuleSettings.of({RuleName.POSTMORTEM_MISSING: table})
    found = judge(make.state(make.incident(postmortems=())), make.noon, settings)
    assert [(one.rule, one.waived) for one in found] == [
        ("waiver-invalid", False),
        ("postmortem-missing", False),
    ]
    assert judge(make.state(make.incident()), make.noon, settings) == ()


def test_interrupt_load_is_looked_at_once_a_week_and_remembers_its_first_week(make):
    weeks = [
        replace(one, at=one.at - d(7 * back)) for back in range(3) for one in worked(make, 5, 5)
    ]
    state = make.state(work=tuple(weeks))
    monday = make.noon.replace(day=2, hour=0)
    before = judge(state, monday - h(1))
    after = judge(state, monday)
    assert {one.since for one in before + after} == {monday - d(21)}
    assert before[0].key == after[0].key == "payments/interrupt-load"


def test_the_most_pressing_comes_first_and_what_is_waived_last(make):
    state = make.state(
        make.incident(make.item(1), postmortems=(), waivers=(waiver("postmortem-missing"),)),
        make.incident(make.item(2, closed_at=make.noon + d(2)), postmortems=()),
        make.incident(make.item(3), postmortems=()),
    )
    found = of_rule(judge(state, make.noon + d(3)), "postmortem-missing")
    assert [(one.item.id, one.level) for one in found] == [
        ("3", Level.OVERDUE),
        ("2", Level.DUE),
        ("1", Level.OVERDUE),
    ]


def test_many_follow_ups_of_one_service_are_named_by_the_latest(make):
    first = [
        make.incident(
            make.item(n, created_at=make.noon - d(40 - n)), services=("api",),
            actions=(make.action(f"Action {n}", document=f"pm-{n}"),),
        )
        for n in range(1, 31)
    ]  # fmt: skip
    last = make.running(number=99, created_at=make.noon, services=("api",))
    found = of_rule(judge(make.state(*first, last), make.noon), "repeat-with-open-action")
    (one,) = [one for one in found if one.item.id == "99"]
    assert len(one.evidence) == 5
    assert "Action 30" in "\n".join(one.evidence)


def test_the_actions_of_a_postmortem_of_no_incident_are_judged_too(make):
    orphan = make.postmortem(reading=make.reading(incidents=("INC-9",)))
    actions = (make.action(due=date(2026, 2, 1)), make.action("Write it", issue=None, due=None))
    said = make.action("Waived", due=None, waivers=(waiver("action-undated"),))
    state = make.state(orphans=(orphan,), actions=(*actions, said))
    found = judge(state, make.noon + d(2))
    assert [(one.rule, one.title, one.item is None, one.waived) for one in found] == [
        ("action-overdue", "Add an alarm", False, False),
        ("action-undated", "Write it", True, False),
        ("action-untracked", "Write it", True, False),
        ("postmortem-unmatched", "pm-1", True, False),
        ("action-undated", "Waived", False, True),
    ]


def test_what_one_postmortem_of_an_incident_says_another_need_not(make):
    notes = make.postmortem("notes", reading=make.reading(actions=(), root_cause=""))
    found = judge(make.state(make.incident(postmortems=(notes, make.postmortem()))), make.noon)
    assert [one.rule for one in found] == ["postmortem-unmatched"]


def test_an_action_kept_in_the_tracker_alone_is_an_action(make):
    postmortem = make.postmortem(reading=make.reading(actions=()))
    action = make.action(document="", place="")
    state = make.state(make.incident(postmortems=(postmortem,), actions=(action,)))
    assert judge(state, make.noon) == ()


def test_history_need_not_be_recorded_on_both_sides(make):
    state = make.state(make.incident(recorded=False), bound_at=make.noon + h(1))
    assert judge(state, make.noon + d(9)) == ()


def test_an_action_whose_home_names_it_keeps_its_finding_when_it_is_reworded(make):
    keys = set()
    for title in ("Add an alarm", "Add a louder alarm"):
        state = make.state(make.incident(actions=(make.action(title, key="pm-1:7", due=None),)))
        (found,) = judge(state, make.noon + d(2))
        keys.add(found.key)
    assert keys == {"payments/action-undated/pm-1:7"}


def test_an_action_of_no_document_is_known_by_its_issue(make):
    action = make.action(document="", due=None)
    (found,) = judge(make.state(make.incident(actions=(action,))), make.noon + d(2))
    assert found.key == "payments/action-undated/right:50"
