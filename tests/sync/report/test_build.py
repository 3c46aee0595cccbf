"""What a report says follows from the facts and the time alone."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from mappings.item import UNSET
from mappings.vocabulary import Phase, Priority, Resolution
from sync.report.words import span


def h(number):
    return timedelta(hours=number)


def d(number):
    return timedelta(days=number)


def names(groups):
    return [(one.name, one.open, one.late) for one in groups]


def test_open_follow_ups_stand_with_the_latest_first(build):
    late = build.action(51, due=date(2026, 2, 25))
    later = build.action(52, due=date(2026, 2, 20))
    due = build.action(53, due=date(2026, 3, 1))
    state = build.state(build.incident(actions=(due, late, later)))
    found = build.report(state).follow_ups
    assert [one.key[-2:] for one in found] == ["52", "51", "53"]
    assert [one.late for one in found] == [d(8.5), d(3.5), None]
    assert {one.age for one in found} == {d(9)}


def test_a_follow_up_that_is_done_is_not_open(build):
    done = build.action(51, closed=build.noon - d(1))
    ticked = build.bare(done=True)
    assert not build.report(build.state(build.incident(actions=(done, ticked)))).follow_ups


def test_follow_ups_are_told_by_incident_owner_priority_and_age(build):
    two = build.action(51, owners=("ann", "bob"), priority=Priority.P1, due=date(2026, 2, 1))
    old = build.action(52, opened=build.noon - d(100), owners=())
    nobodys = build.bare(owner="")
    state = build.state(
        build.incident(1, actions=(two,)), build.incident(2), actions=(old, nobodys)
    )
    found = build.report(state)
    assert names(found.by_incident) == [
        ("no incident", 2, 0),
        ("acme/payments#1 Payments down 1", 1, 1),
    ]
    assert names(found.by_owner) == [("ann", 2, 1), ("bob", 1, 1), ("nobody", 1, 0)]
    assert names(found.by_priority) == [("P1", 1, 1), ("none", 2, 0)]
    assert names(found.by_age) == [
        ("under 30 days", 1, 1),
        ("90 days and more", 1, 0),
        ("unknown", 1, 0),
    ]


def test_a_follow_up_of_two_incidents_is_told_once_and_names_both(build):
    shared = build.action(51, due=date(2026, 2, 25))
    state = build.state(*(build.incident(number, actions=(shared,)) for number in (1, 2)))
    found = build.report(state)
    assert [one.incident_key for one in found.follow_ups] == ["acme/payments#1, acme/payments#2"]
    assert names(found.by_owner) == [("ann", 1, 1)]
    assert len(found.by_incident) == 2
    assert found.punctuality.open == 1


def test_who_led_is_the_commander_that_is_named_else_the_assignee(build):
    named = build.incident(1, commander="bob")
    state = build.state(named, build.incident(2))
    assert sorted(one.lead for one in build.report(state).incidents) == ["ann", "bob"]


def test_an_issue_of_somebody_who_is_not_mapped_is_not_nobodys(build):
    told = build.action(51, owners=UNSET, due=date(2026, 2, 25))
    state = build.state(build.incident(1, actions=(replace(told, owner=""),)))
    assert names(build.report(state).by_owner) == [("not mapped", 1, 1)]


def test_a_median_is_never_longer_than_the_worst(build):
    opened = build.noon - d(1)
    soon = build.postmortem(written=opened + h(2) + timedelta(seconds=0.9))
    state = build.state(build.incident(1, opened=opened, postmortems=(soon,)))
    found = build.report(state).measures["postmortem"]
    assert found.count == 1
    assert span(found.median) == span(found.worst) == "0 s"


def test_two_incidents_of_one_title_are_two(build):
    actions = {number: (build.action(50 + number),) for number in (1, 2)}
    alike = {"title": "Payments down"}
    state = build.state(
        *(build.incident(number, item=alike, actions=one) for number, one in actions.items())
    )
    assert len(build.report(state).by_incident) == 2


def test_an_incident_without_a_postmortem_is_told_with_its_level(build):
    state = build.state(build.incident(1), build.incident(2, postmortems=(build.postmortem(),)))
    found = build.report(state).missing
    assert [(one.key, str(one.finding.level)) for one in found] == [("acme/payments#1", "overdue")]
    assert found[0].closed == build.noon - d(10) + h(2)


def test_a_repeat_while_a_follow_up_is_open_is_told_with_its_evidence(build):
    earlier = build.incident(
        1, opened=build.noon - d(20), services=("api",), actions=(build.action(51),)
    )
    state = build.state(earlier, build.incident(2, services=("API",)))
    (found,) = build.report(state).repeats
    assert found.key == "acme/payments#2"
    assert "Add alarm 51" in found.finding.evidence[0]
    assert found.services == ("API",)


DUE = date(2026, 2, 20)


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ({"closed": d(9)}, "on_time"),  # on its very day
        ({"closed": d(8)}, "late"),
        ({"closed": d(11)}, "on_time"),
        ({}, "open"),
        ({"closed": d(8), "resolution": Resolution.NOT_PLANNED}, None),
        ({"closed": d(8), "resolution": Resolution.DUPLICATE}, None),
        ({"closed": d(8), "due": date(2026, 3, 1)}, None),  # its day is not over
        ({"closed": d(80), "due": date(2025, 11, 1)}, None),  # before the window
    ],
)
def test_completion_on_time_counts_what_fell_due_in_the_window(build, action, expected):
    given = {"due": DUE} | action
    if "closed" in given:
        given["closed"] = build.noon - given["closed"]
    one = build.action(51, opened=build.noon - d(85), **given)
    found = build.report(build.state(build.incident(actions=(one,)))).punctuality
    counts = {name: getattr(found, name) for name in ("on_time", "late", "open", "unknown")}
    assert counts == dict.fromkeys(counts, 0) | ({expected: 1} if expected else {})


def test_a_ticked_box_without_a_time_is_done_at_an_unknown_time(build):
    found = build.report(build.state(actions=(build.bare(done=True, due=DUE),))).punctuality
    assert (found.unknown, found.share) == (1, None)


def test_the_share_on_time_is_of_those_that_are_known(build):
    actions = (
        build.action(51, closed=build.noon - d(12), due=DUE),
        build.action(52, due=DUE),
        build.bare(done=True, due=DUE),
    )
    assert build.report(build.state(actions=actions)).punctuality.share == 0.5


def test_times_have_a_median_and_a_worst_with_its_incident(build):
    state = build.state(
        build.incident(1, took=h(1)),
        build.incident(2, took=h(2)),
        build.incident(3, took=h(9), postmortems=(build.postmortem(written=build.noon),)),
    )
    found = build.report(state).measures
    resolve = found["resolve"]
    assert (resolve.count, resolve.median, resolve.worst) == (3, h(2), h(9))
    assert resolve.worst_incident == "acme/payments#3"
    assert found["respond"].median == timedelta(minutes=10)
    assert (found["postmortem"].count, found["postmortem"].worst) == (1, d(10) - h(9))


def test_times_are_those_of_the_incidents_opened_in_the_window(build):
    state = build.state(build.incident(1, opened=build.noon - d(91), took=d(10)))
    found = build.report(state)
    assert found.measures["resolve"].count == 0
    assert [one.key for one in found.incidents] == ["acme/payments#1"]


def test_an_incident_closed_before_the_window_is_not_listed(build):
    state = build.state(build.incident(1, opened=build.noon - d(120)))
    assert build.report(state).incidents == ()
    assert build.report(state, window=d(150)).incidents


def test_an_open_incident_and_a_false_alarm_have_no_time_to_resolve(build):
    opened = build.noon - d(2)
    running = build.incident(
        1, item={"phase": Phase.DOING, "resolution": None}, events=build.life(opened)
    )
    alarm = build.incident(2, item={"resolution": Resolution.NOT_PLANNED})
    assert build.report(build.state(running, alarm)).measures["resolve"].count == 0


def test_every_month_of_the_window_is_there(build):
    state = build.state(
        build.incident(1, opened=build.noon - d(45)), build.incident(2, opened=build.noon - d(2))
    )
    found = build.report(state).months
    assert [(f"{one.start:%Y-%m}", one.incidents) for one in found] == [
        ("2025-12", 0),
        ("2026-01", 1),
        ("2026-02", 1),
        ("2026-03", 0),
    ]
    assert found[1].measures["resolve"].median == h(2)


def test_interrupt_load_is_told_by_week(build):
    work = (
        build.work(build.noon, 1, incident=True),
        build.work(build.noon - d(6), 2),  # the Monday of the same week
        build.work(build.noon - d(7), 3),  # the Sunday before
        build.work(build.noon - d(15), 4),  # before the window
    )
    found = build.report(build.state(work=work), window=d(14)).weeks
    assert [(one.start, one.incidents, one.planned, one.share) for one in found] == [
        (date(2026, 2, 9), 0, 0, None),
        (date(2026, 2, 16), 0, 1, 0.0),
        (date(2026, 2, 23), 1, 1, 0.5),
    ]


def test_several_pairs_make_one_report(build):
    other = build.state(build.incident(7), pair="search")
    found = build.report(build.state(build.incident(1)), other)
    assert found.pairs == ("payments", "search")
    assert len(found.incidents) == 2


def test_a_report_on_an_incomplete_state_says_so(build):
    assert not build.report(build.state(complete=False)).complete
    assert build.report(build.state()).complete


def test_waived_findings_are_counted_apart(build):
    from dataclasses import replace

    from sync.report.build import report
    from sync.rules.judge import judge
    from sync.rules.model import Level, Waiver

    state = build.state(build.incident(1))
    found = list(judge(state, build.noon))
    waived = [replace(one, waiver=Waiver(rule=one.rule)) for one in found]
    assert report([state], found, build.noon, d(90)).worst is Level.OVERDUE
    told = report([state], waived, build.noon, d(90))
    assert (told.worst, told.levels["waived"]) == (None, len(found))
    assert told.incidents[0].unmet == ()


def test_a_window_as_long_as_time_is_held_to_what_a_page_can_show(build):
    found = build.report(build.state(), window=d(5000))
    assert (len(found.months), len(found.weeks)) == (24, 104)
