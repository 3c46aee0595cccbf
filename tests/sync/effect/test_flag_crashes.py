"""The process is killed at every commit and at every effect of a flag; the next ones go on."""

from contextlib import contextmanager

import pytest

from mappings.vocabulary import Kind, Phase, Priority, Resolution
from sync.store import Store, journal
from tests.sync.effect.test_flags import MISSING, Scene, closed_incident, document, flags


class Killed(BaseException):
    """The process is gone."""


class Points:
    """Counts the points where a process may die, and dies at one of them."""

    def __init__(self, at=0):
        self.at, self.met = at, 0

    def __call__(self):
        self.met += 1
        if self.met == self.at:
            raise Killed


class DyingStore(Store):
    points = Points()

    @contextmanager
    def writing(self, pair="", fence=None):
        with super().writing(pair, fence) as tx:
            yield tx
            self.points()
        self.points()


def scene_with(points):
    """Everything is up to date but a P0 that was just closed."""
    made = Scene()
    made.kept = False
    made.store.close()
    made.store = DyingStore.memory(made.clock)
    made.sync()
    made.later(hours=1)
    made.item = closed_incident(made)
    made.store.points = points
    for name in ("note", "tag"):
        setattr(made.board, name, dying(points, getattr(made.board, name)))
    return made


def dying(points, act):
    def acted(*given, **more):
        points()
        done = act(*given, **more)
        points()
        return done

    return acted


def points_of_one_cycle():
    points = Points()
    made = scene_with(points)
    made.sync()
    made.store.close()
    return points.met


def go_on(scene):
    """Restarts until all is quiet: a note in doubt waits until lists must show it."""
    for _ in range(6):
        scene.later(minutes=20)
        scene.sync()


POINTS = points_of_one_cycle()


def test_there_are_points_to_die_at():
    assert POINTS > 12


@pytest.mark.parametrize("at", range(1, POINTS + 1))
def test_a_flag_is_put_up_once_wherever_the_process_dies(at):
    points = Points(at)
    made = scene_with(points)
    with pytest.raises(Killed):
        made.sync()
    points.at = 0
    go_on(made)
    assert made.labels(made.item) == {MISSING}
    assert list(made.board.said[made.item]) == [MISSING]
    written = list(made.board.writes)
    assert made.sync().plan.operations == ()
    assert made.board.writes == written
    with made.store.reading() as tx:
        assert journal.unsettled(tx, "payments") == []
    document(made)
    made.later(minutes=1)
    report = made.sync()
    assert (MISSING, "label", False) in flags(report)
    assert MISSING not in made.labels(made.item)
    assert "met on" in made.note(made.item)
    made.store.close()


def test_after_the_state_was_lost_the_same_note_is_edited_and_none_is_added():
    made = scene_with(Points())
    made.sync()
    made.store.close()
    made.store = Store.memory(made.clock)
    made.sync()
    made.later(minutes=5)
    made.sync()
    assert list(made.board.said[made.item]) == [MISSING]
    made.store.close()


def test_a_second_incident_is_flagged_by_itself():
    made = scene_with(Points())
    made.sync()
    other = made.board.put(
        kind=Kind.INCIDENT, title="Search down", phase=Phase.DOING, priority=Priority.P1
    ).ref.id
    made.sync()
    made.board.edit(other, phase=Phase.COMPLETED, resolution=Resolution.DONE)
    made.later(minutes=1)
    made.sync()
    assert made.labels(other) >= {MISSING}
    assert len(made.board.said) == 2
    made.store.close()
