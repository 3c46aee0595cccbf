"""Templates: filled with what is known, and counted as unwritten until somebody writes."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.base import Comment
from mappings.item import Ref
from mappings.postmortem.lint import MANDATORY, lint
from mappings.postmortem.reading import read_postmortem
from mappings.vocabulary import Phase, Priority, Resolution, Severity
from sync.report import postmortem
from sync.rules.judge import judge
from sync.rules.model import Event, EventKind, PostmortemFacts

ONE = timedelta(minutes=1)
TEMPLATES = pytest.mark.parametrize("template", list(postmortem.TEMPLATES))


def at(url, facts):
    """The same incident, at this address."""
    ref = Ref(facts.item.ref.id, facts.item.ref.key, url)
    return replace(facts, item=replace(facts.item, ref=ref))


@pytest.fixture
def incident(build):
    return at("https://github.com/acme/payments/issues/12", build.incident(12))


def fresh(template, facts):
    known = postmortem.known(facts)
    text = postmortem.write(template, known)
    return text, read_postmortem(text, name=known.file_name)


@TEMPLATES
def test_a_fresh_one_counts_as_not_written(template, incident):
    _text, reading = fresh(template, incident)
    assert reading.template
    assert reading.actions == reading.uncertain == ()
    assert {one.kind for one in reading.sections if one.template} >= set(MANDATORY)
    assert [one.rule for one in lint(reading)] == ["postmortem-incomplete"]


@TEMPLATES
def test_one_of_an_incident_of_which_nothing_is_known_is_as_empty(template, build):
    told = build.incident(events=())
    nothing = {"priority": None, "created_at": None, "closed_at": None, "owners": ()}
    bare = replace(told, item=replace(told.item, **nothing))
    _text, reading = fresh(template, bare)
    assert reading.template
    assert {one.kind for one in reading.sections if one.template} >= set(MANDATORY)


@TEMPLATES
def test_a_long_life_makes_no_postmortem(template, build):
    moves = tuple(
        Event(build.noon - timedelta(hours=number), kind, phase)
        for number in range(1, 5)
        for kind, phase in ((EventKind.PHASE, Phase.DOING), (EventKind.REOPENED, None))
    )
    _text, reading = fresh(template, build.incident(events=moves))
    assert reading.template


@TEMPLATES
def test_once_it_is_written_everything_that_was_known_is_read(template, incident):
    text, _reading = fresh(template, incident)
    written = re.sub(r"_[A-Z][^\n]*_", "The cache was cold after the restart.", text)
    number = count(1)
    written = re.sub(r"\[action\]", lambda _: f"Warm cache {next(number)} before traffic", written)
    written = written.replace("@owner", "@ann").replace("[owner]", "ann")
    written = written.replace("YYYY-MM-DD", "2026-04-01").replace("HH:MM", "12:05")
    reading = read_postmortem(written, name="x.md")
    assert not reading.template
    assert reading.title == "Postmortem: Payments down 12"
    assert reading.severity is Severity.SEV1
    assert reading.day == date(2026, 2, 19)
    assert reading.started == datetime(2026, 2, 19, 12, tzinfo=UTC)
    assert reading.resolved == datetime(2026, 2, 19, 14, tzinfo=UTC)
    assert reading.duration == timedelta(hours=2)
    assert reading.incident == "https://github.com/acme/payments/issues/12"
    assert [one.title for one in reading.actions] == [
        f"Warm cache {one} before traffic" for one in range(1, next(number))
    ]
    filled = {one.kind for one in reading.sections if not one.template}
    assert filled >= set(MANDATORY)


def test_the_timeline_is_what_was_recorded_in_the_order_of_time(build):
    noon = build.noon
    events = (
        Event(noon + timedelta(hours=1), EventKind.CLOSED, Phase.COMPLETED, Resolution.DONE),
        Event(noon, EventKind.OPENED),
        Event(noon + timedelta(minutes=9), EventKind.CHANGED),
        Event(noon + timedelta(minutes=10), EventKind.PHASE, Phase.DOING),
        Event(noon + timedelta(hours=2), EventKind.REOPENED),
        Event(noon + timedelta(hours=3), EventKind.PHASE, Phase.BLOCKED),
        Event(noon + timedelta(hours=5), EventKind.CLOSED, Phase.COMPLETED, Resolution.DONE),
    )
    known = postmortem.known(build.incident(opened=noon, took=timedelta(hours=5), events=events))
    assert [f"{when[11:16]} {what}" for when, what in known.timeline] == [
        "12:00 the incident was opened",
        "12:10 work on it began",
        "13:00 the incident was closed as done",
        "14:00 it was opened again",
        "15:00 work on it was blocked",
        "17:00 the incident was closed as done",
    ]
    assert known.duration == "5h"


def test_an_incident_recorded_after_the_fact_has_no_times(build):
    known = postmortem.known(build.incident(took=timedelta(seconds=30)))
    assert (known.day, known.started, known.duration, known.timeline) == ("", "", "", ())


def test_an_open_incident_has_no_end(build):
    opened = build.noon - timedelta(hours=1)
    running = build.incident(
        item={"phase": Phase.DOING, "resolution": None}, events=build.life(opened, opened)
    )
    known = postmortem.known(running)
    assert (known.resolved, known.duration) == ("", "")
    assert "resolved: TBD" in postmortem.write("table", known)


def test_the_severity_is_the_prioritys_where_there_is_none(build):
    facts = build.incident(item={"priority": Priority.P1})
    assert postmortem.known(facts).severity is Severity.SEV2
    both = build.incident(item={"priority": Priority.P1, "severity": Severity.SEV3})
    assert postmortem.known(both).severity is Severity.SEV3


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("acme/payments#12", "2026-02-19-issue-12-payments-down-12.md"),
        ("OPS-12", "2026-02-19-ops-12-payments-down-12.md"),
        ("PAY-T-0012", "2026-02-19-pay-t-0012-payments-down-12.md"),
    ],
)
def test_the_files_name_tells_the_day_the_incident_and_the_title(build, key, name):
    facts = build.incident(12)
    facts = replace(facts, item=replace(facts.item, ref=Ref("12", key)))
    assert postmortem.known(facts).file_name == name


def test_a_title_without_letters_and_one_without_end_make_a_name(build):
    for title, most in (("!!!", 30), ("a/../b " * 90, 100)):
        name = postmortem.known(build.incident(item={"title": title})).file_name
        assert len(name) <= most
        assert re.fullmatch(r"[a-z0-9-]+\.md", name)


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=60))
def test_no_title_breaks_out_of_its_line(build, title):
    known = postmortem.known(build.incident(item={"title": title}))
    text = postmortem.write("checklist", known)
    plain = postmortem.write("checklist", replace(known, title="Payments down"))
    assert len(text.split("\n")) == len(plain.split("\n"))
    assert text.startswith("---\ntitle: ")
    assert text.count("\n---\n") == 1


def test_a_template_that_there_is_not_is_refused(build):
    with pytest.raises(KeyError):
        postmortem.write("../report", postmortem.known(build.incident()))


def test_what_people_said_stands_between_what_happened(build):
    opened = build.noon - timedelta(days=10)
    said = [
        Comment("bob", "<!-- hidden -->\n\n> \n**Rolled back** to 1.4\nmore", at=opened + ONE),
        Comment("", "x" * 300, at=opened + 2 * ONE),
        Comment("eve", "---", at=opened + 3 * ONE),
        Comment("kim", "no time"),
    ]
    known = postmortem.known(build.incident(), said)
    assert [what for _when, what in known.timeline] == [
        "the incident was opened",
        "bob: **Rolled back** to 1.4",
        "x" * 159 + "\N{HORIZONTAL ELLIPSIS}",
        "work on it began",
        "the incident was closed as done",
    ]


@TEMPLATES
def test_however_much_was_said_it_makes_no_postmortem(template, build):
    """The rule that asks for one is not met by a timeline that was filled in by itself."""
    opened = build.noon - timedelta(days=10)
    said = [Comment("bob", f"Tried number {one}", at=opened + one * ONE) for one in range(60)]
    facts = build.incident()
    text = postmortem.write(template, postmortem.known(facts, said))
    reading = read_postmortem(text, name="pm.md")
    assert reading.actions == ()
    document = PostmortemFacts(name="pm.md", reading=reading, written_at=build.noon)
    state = build.state(replace(facts, postmortems=(document,)))
    rules = [one.rule for one in judge(state, build.noon)]
    assert "postmortem-missing" in rules
    assert "postmortem-incomplete" not in rules
