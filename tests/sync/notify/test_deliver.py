"""Each finding is told once, few messages at a time, and no channel is in anybody's way."""

from dataclasses import replace
from datetime import date

import pytest

from sync.notify.messages import Message
from sync.rules.model import Level, Waiver
from sync.store import told


def test_a_finding_is_told_once_and_once_more_when_it_is_overdue(office, finding):
    office.channel()
    one = finding()
    office.open["payments"] = [one]
    assert office.tell() == office.tell() == []
    assert office.titles == ["due: postmortem-missing (payments)"]
    office.open["payments"] = [replace(one, level=Level.OVERDUE)]
    office.tell()
    office.tell()
    assert office.titles[1:] == ["overdue: postmortem-missing (payments)"]
    office.open["payments"] = [one]
    office.tell()
    assert len(office.titles) == 2


def test_every_channel_is_told_what_it_asked_for(office, finding):
    office.channel("all")
    office.channel("late", level="overdue")
    office.channel("orders", pairs=["orders"])
    office.channel("actions", rules=["action-overdue"])
    office.channel("every", rules=["all"])
    office.open["payments"] = [
        finding(),
        finding(rule="action-overdue", level=Level.OVERDUE),
        finding(level=Level.INFO),
    ]
    office.tell()
    got = [url.rpartition("/")[2].removesuffix("-s3cret") for url, _ in office.post.taken]
    assert got == ["all", "all", "late", "actions", "every", "every"]


def test_what_is_waived_or_asks_for_no_notice_is_not_told(office, finding):
    office.channel()
    waiver = Waiver(rule="postmortem-missing", reason="x", until=date(2026, 4, 1))
    office.open["payments"] = [finding(flags=frozenset()), finding(waiver=waiver)]
    office.tell()
    assert office.titles == []


def test_many_at_once_are_one_message(office, finding):
    office.channel(together=3)
    office.open["payments"] = [finding() for _ in range(30)]
    office.tell()
    office.tell()
    assert office.titles == ["30 new findings (payments)"]
    assert "and 10 more" in office.post.taken[0][1].body


def test_no_more_than_so_many_messages_go_out_in_an_hour_and_the_rest_waits(office, finding):
    office.channel(per_hour=2)
    for _ in range(4):
        office.open["payments"].append(finding())
        office.tell()
    assert len(office.titles) == 2
    office.clock.advance(minutes=61)
    office.tell()
    assert len(office.titles) == 4
    office.tell()
    assert len(office.titles) == 4


def test_near_the_limit_what_is_left_over_goes_together(office, finding):
    office.channel(per_hour=2)
    office.open["payments"] = [finding()]
    office.tell()
    office.open["payments"] += [finding(), finding()]
    office.tell()
    assert office.titles[1:] == ["2 new findings (payments)"]


def test_a_failing_channel_is_a_problem_that_names_no_address_and_stops_no_other(office, finding):
    office.channel("broken")
    office.channel("sound")
    office.open["payments"] = [finding()]
    office.post.refuses = "broken"
    (problem,) = office.tell()
    assert problem.code == "E504"
    assert problem.place == "notify.broken"
    assert "s3cret" not in str(problem)
    assert len(office.titles) == 1


def test_what_was_not_sent_is_sent_later_and_each_failure_waits_longer(office, finding):
    office.channel()
    office.open["payments"] = [finding()]
    office.post.broken = "its service did not take the message"
    assert len(office.tell()) == 1
    assert office.tell() == []  # left alone for a minute
    office.clock.advance(minutes=1)
    assert len(office.tell()) == 1
    office.clock.advance(minutes=1)
    assert office.tell() == []
    office.post.broken = ""
    office.clock.advance(minutes=1)
    assert office.tell() == []
    assert len(office.post.taken) == 1
    office.post.broken = "again"
    office.open["payments"].append(finding())
    office.clock.advance(minutes=1)
    assert len(office.tell()) == 1
    office.post.broken = ""
    office.clock.advance(minutes=1)
    office.tell()
    assert len(office.post.taken) == 2


def test_a_rise_that_was_not_sent_leaves_the_former_level_told(office, finding):
    office.channel()
    one = finding()
    office.open["payments"] = [one]
    office.tell()
    office.post.broken = "no"
    office.open["payments"] = [replace(one, level=Level.OVERDUE)]
    office.tell()
    office.post.broken = ""
    office.open["payments"] = [one]
    office.clock.advance(hours=1)
    office.tell()
    assert len(office.post.taken) == 1


def test_a_crash_while_sending_never_tells_twice(office, finding):
    office.channel()
    office.open["payments"] = [finding()]
    office.post.crash = True
    with pytest.raises(KeyboardInterrupt):
        office.tell()
    office.post.crash = False
    office.tell()
    assert office.post.taken == []


def test_an_address_that_cannot_be_read_is_a_problem_and_nothing_more(office, finding):
    office.channel()
    office.open["payments"] = [finding()]
    (office.folder / "ops").unlink()
    (problem,) = office.tell()
    assert problem.code == "E203"
    office.channel()
    office.clock.advance(minutes=2)
    assert office.tell() == []
    assert len(office.post.taken) == 1


def test_a_finding_that_comes_and_goes_within_a_day_is_told_once(office, finding):
    office.channel()
    one = finding()
    for hours in (1, 20, 20):
        office.open["payments"] = [one]
        office.tell()
        office.open["payments"] = []
        office.tell()
        office.clock.advance(hours=hours)
    assert len(office.post.taken) == 1
    office.clock.advance(hours=30)
    office.tell()
    office.open["payments"] = [one]
    office.tell()
    assert len(office.post.taken) == 2


def test_a_channel_for_digests_alone_is_told_nothing_between(office, finding):
    office.channel(each=False, digest="daily", at="08:00")
    office.open["payments"] = [finding()]
    office.tell()
    assert office.post.taken == []
    office.clock.advance(hours=20)
    office.tell()
    office.tell()
    assert office.post.titles == ["What is open on 2026-03-05: 1 due"]


def test_a_digest_tells_of_every_pair_and_counts_what_is_waived(office, finding):
    office.channel(each=False, digest="weekly", at="08:00")
    waiver = Waiver(rule="postmortem-missing", reason="x", until=date(2026, 4, 1))
    office.open["payments"] = [finding(level=Level.OVERDUE), finding(waiver=waiver)]
    office.open["orders"] = [finding(pair="orders")]
    office.tell()
    office.clock.advance(days=4, hours=19, minutes=59)
    office.tell()
    assert office.post.taken == []
    office.clock.advance(minutes=1)
    office.tell()
    office.tell("orders")
    assert office.post.titles == ["What is open on 2026-03-09: 1 overdue, 1 due, 1 waived"]
    body = office.post.taken[0][1].body.splitlines()
    assert [line[:9] for line in body] == ["- overdue", '- due: "I']


def test_a_digest_of_nothing_is_not_sent(office):
    office.channel(digest="daily")
    office.tell()
    office.clock.advance(days=3)
    office.tell()
    assert office.post.taken == []


def test_without_channels_no_finding_is_even_looked_at(office):
    office.open.clear()
    assert office.tell() == []


def test_what_is_remembered_of_a_channel_is_bounded(office, finding):
    office.channel(per_hour=5)
    for _ in range(12):
        office.open["payments"] = [finding()]
        office.tell()
        office.clock.advance(minutes=30)
    with office.store.writing() as tx:
        at = told.channel(tx, "ops", office.clock.now())
    assert len(at.sent) <= 5
    assert all(isinstance(message, Message) for _, message in office.post.taken)
