"""Who tells: after a cycle, what is open in the store goes to the channels that settings name."""

from types import SimpleNamespace

import pytest

from sync.cli.session import tell
from sync.store import findings, schedule
from tests.sync.notify.conftest import NOON


@pytest.fixture
def cycle_ended(office, finding):
    """A cycle found something; telling of it, as `sync` and `run` do."""
    office.channel("ops")
    with office.store.writing() as tx:
        schedule.bind(tx, "payments", NOON)
        findings.settle(tx, "payments", [finding()], frozenset(), NOON)
    settings = SimpleNamespace(notify=office.channels, pairs={"payments": None})
    world = SimpleNamespace(seams=SimpleNamespace(clock=office.clock), send=office.post)
    return lambda: tell(SimpleNamespace(settings=settings), office.store, world, "payments")


def test_what_is_open_in_the_store_is_told_once(office, cycle_ended):
    cycle_ended()
    assert len(office.post.taken) == 1
    office.clock.advance(minutes=5)
    cycle_ended()
    assert len(office.post.taken) == 1


def test_a_channel_that_fails_stops_nothing_and_is_tried_again(office, cycle_ended):
    office.post.broken = "no such host"
    cycle_ended()
    assert office.post.taken == []
    office.post.broken = ""
    office.clock.advance(hours=6)
    cycle_ended()
    assert len(office.post.taken) == 1
