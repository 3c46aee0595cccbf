"""The times a process is measured by come from events, and are unknown rather than wrong."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from mappings.vocabulary import Phase
from sync.rules.history import life, measured
from sync.rules.model import EventKind


def h(hours):
    return timedelta(hours=hours)


def usual(make):
    return (
        make.event("opened", -2),
        make.event("phase", -1.5, Phase.TODO),
        make.event("phase", -1, Phase.DOING),
        make.event("noted", -0.5),
        make.event("closed", 0),
    )


def test_the_times_of_a_usual_incident(make):
    postmortem = make.postmortem(written_at=make.noon + h(30))
    times = measured(make.incident(events=usual(make), postmortems=(postmortem,)))
    assert (times.respond, times.resolve, times.open) == (h(1), h(2), h(2))
    assert times.postmortem == h(30)
    assert not times.after_the_fact


def test_a_postmortem_begun_before_the_end_took_no_time(make):
    postmortem = make.postmortem(written_at=make.noon - h(1))
    facts = make.incident(events=usual(make), postmortems=(postmortem,))
    assert measured(facts).postmortem == h(0)


def test_an_extended_incident_lasts_until_its_last_closing(make):
    again = (
        make.event("reopened", 3),
        make.event("phase", 4, Phase.DOING),
        make.event("closed", 6),
    )
    facts = make.incident(make.item(closed_at=make.noon + h(6)), events=(*usual(make), *again))
    times = measured(facts)
    assert (times.respond, times.resolve, times.open) == (h(1), h(8), h(5))
    told = life(facts.item, facts.events)
    assert (told.reopened, told.waiting_since) == (make.noon + h(3), make.noon + h(3))
    assert told.answered


def test_opened_again_it_waits_anew_for_somebody_to_begin(make):
    facts = make.running(Phase.TODO, events=(*usual(make), make.event("reopened", 3)))
    told = life(facts.item, facts.events)
    assert not told.answered
    assert told.closed is None
    assert measured(facts).resolve is None


def test_an_open_incident_has_no_end_yet(make):
    times = measured(make.running(events=usual(make)[:3]))
    assert (times.respond, times.resolve, times.open) == (h(1), None, None)


def test_a_record_made_after_the_fact_has_the_document_s_times(make):
    written = make.noon + h(20)
    walked = (
        make.event("opened", 19),
        make.event("phase", 19, Phase.TODO),
        make.event("phase", 19.01, Phase.DOING),
        make.event("closed", 19.02),
    )
    reading = make.reading(started=make.noon, resolved=make.noon + h(3))
    facts = make.incident(
        make.item(created_at=make.noon + h(19), closed_at=make.noon + h(19.02)),
        events=walked,
        postmortems=(make.postmortem(reading=reading, written_at=written),),
    )
    times = measured(facts)
    assert times.after_the_fact
    assert times.respond is None
    assert (times.resolve, times.postmortem) == (h(3), h(17))


def test_a_record_made_after_the_fact_of_which_no_document_tells_has_no_times(make):
    walked = (make.event("opened", 0), make.event("closed", 0.01))
    item = make.item(created_at=make.noon, closed_at=make.noon + h(0.01))
    times = measured(make.incident(item, events=walked, postmortems=()))
    assert (times.respond, times.resolve, times.open, times.postmortem) == (None,) * 4
    assert times.after_the_fact


def test_a_document_s_time_without_a_zone_is_utc(make):
    reading = make.reading(
        started=(make.noon - h(9)).replace(tzinfo=None),
        resolved=(make.noon - h(8)).replace(tzinfo=None),
    )
    facts = make.incident(events=usual(make), postmortems=(make.postmortem(reading=reading),))
    assert measured(facts).resolve == h(1)


def test_without_events_the_item_s_own_times_count(make):
    facts = make.incident()
    times = measured(facts)
    assert (times.respond, times.resolve) == (None, h(2))
    assert life(facts.item, ()).moved == make.noon - h(2)


def test_things_of_the_same_second_are_told_in_their_natural_order(make):
    events = (
        make.event("closed", 0),
        make.event("phase", 0, Phase.DOING),
        make.event("opened", 0),
    )
    told = life(make.item(created_at=make.noon), events)
    assert (told.opened, told.responded, told.closed) == (make.noon,) * 3


@given(st.data())
def test_whatever_happened_no_time_runs_backwards(make, data):
    kinds = st.sampled_from(list(EventKind))
    hours = st.integers(-50, 50)
    phases = st.sampled_from([None, *Phase])
    said = data.draw(st.lists(st.tuples(kinds, hours, phases), max_size=12))
    events = tuple(make.event(kind, hour, phase) for kind, hour, phase in said)
    phase = data.draw(st.sampled_from(list(Phase)))
    times = measured(make.incident(make.item(phase=phase), events=events))
    for span in (times.respond, times.resolve, times.open, times.postmortem):
        assert span is None or span >= h(0)
    if times.open is not None and times.resolve is not None:
        assert times.open <= times.resolve
    shuffled = data.draw(st.permutations(events))
    assert measured(make.incident(make.item(phase=phase), events=tuple(shuffled))) == times
