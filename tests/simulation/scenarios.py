"""Named situations, each small, for killing the process at every single point of them.

A scenario is three steps: what is there and in step (``before``), what people or the tracker do
then (``then``), and the cycle that deals with it, which is where the process is killed.
"""

import re
from dataclasses import dataclass
from typing import Any

from tests.simulation.run import Simulation
from tests.simulation.world import Rates

SCENARIOS: list["Scenario"] = []


@dataclass(frozen=True)
class Scenario:
    """``before`` and ``then`` get the simulation; ``fault`` strikes once in the killed cycle.
    ``world`` makes the simulation.
    """

    name: str
    before: Any
    then: Any
    fault: str = ""
    world: Any = Simulation


def nothing(sim):
    """There is nothing before."""


def scenario(name, before=None, fault=""):
    """Register a situation."""

    def register(then):
        SCENARIOS.append(Scenario(name, before or nothing, then, fault))
        return then

    return register


def start(one, seed=1):
    """The world in which this scenario's next cycle is to be killed; ``world.points`` counts."""
    sim = one.world(seed, Rates(people=0.0))
    one.before(sim)
    sim.cycle()
    sim.cycle()
    sim.world.sleep(60)
    one.then(sim)
    if one.fault:
        sim.world.once = one.fault
    return sim


def points_of(one):
    """How many points the cycle has in which the process may die."""
    sim = start(one)
    first = sim.world.points
    sim.cycle()
    sim.store.close()
    return sim.world.points - first


def killed(one, at):
    """The scenario with the process killed at its ``at``-th point, and all that follows."""
    sim = start(one)
    sim.world.crash_at = frozenset({sim.world.points + at})
    sim.cycle()
    sim._calm_down()
    sim.store.close()
    return sim


# --- what the situations are made of ---------------------------------------------------------


def document(sim, number=1, phase="todo"):
    """One more document, PROJ-T-000<number>."""
    for _ in range(number):
        sim.people.write_document(phase)


def issue(sim, number=1):
    """One more issue."""
    for _ in range(number):
        sim.people.open_issue()


def both(sim):
    """Two documents and an issue."""
    document(sim, 2)
    issue(sim)


def closed(sim):
    """A document whose issue is closed on both sides."""
    document(sim, phase="completed")


def change(sim, old, new, code=1):
    """Somebody edits a document."""
    (path,) = [name for name in sim.files.files if f"{code:04}" in name]
    text = sim.files.files[path].decode()
    fresh = re.sub(old, new, text, count=1, flags=re.MULTILINE)
    assert fresh != text
    sim.files.put(path, fresh.encode(), by="maria")


def edit(sim, number=1, **changes):
    """Somebody edits an issue."""
    sim.server.edit(number, by="maria", **changes)


def labels(*names):
    """As the tracker gives them."""
    return [{"name": name} for name in names]


# --- the situations ----------------------------------------------------------------------------


@scenario("a document is new")
def _new_document(sim):
    document(sim)


@scenario("an issue is new")
def _new_issue(sim):
    issue(sim)


@scenario("three documents and two issues are new at once")
def _first_sync(sim):
    document(sim, 3)
    issue(sim, 2)


@scenario("a document is born completed: its issue is made and closed")
def _born_closed(sim):
    document(sim, phase="completed")


@scenario("a document gets another title", both)
def _title_left(sim):
    change(sim, r'^title: ".*"$', 'title: "Another title"')


@scenario("an issue gets another title", both)
def _title_right(sim):
    edit(sim, title="[P1] Another title")


@scenario("a document is moved to doing", both)
def _doing(sim):
    change(sim, r"#phase/\w+", "#phase/active")


@scenario("an issue is closed: its document walks to completed", both)
def _closed(sim):
    edit(sim, 2, state="closed", state_reason="completed")


@scenario("an issue is closed as not planned: its document is archived", both)
def _not_planned(sim):
    edit(sim, 2, state="closed", state_reason="not_planned")


@scenario("a document is completed: its issue is closed", both)
def _completed(sim):
    change(sim, r"#phase/\w+", "#phase/completed")


@scenario("an issue is opened again", closed)
def _reopened(sim):
    edit(sim, state="open", state_reason=None)


@scenario("a document is taken back from completed", closed)
def _taken_back(sim):
    change(sim, r"#phase/\w+", "#phase/todo")


@scenario("both sides change the title", both)
def _title_conflict(sim):
    change(sim, r'^title: ".*"$', 'title: "Ours"')
    edit(sim, 2, title="Theirs")
    edit(sim, 3, title="Theirs too")


@scenario("both sides move: completed here, doing there", both)
def _phase_conflict(sim):
    change(sim, r"#phase/\w+", "#phase/completed", 1)
    change(sim, r"#phase/\w+", "#phase/completed", 2)
    edit(sim, 2, labels=labels("phase: doing"))


@scenario("both sides come to the same by themselves", both)
def _agreement(sim):
    change(sim, r"#phase/\w+", "#phase/active", 1)
    for number in (2, 3):
        edit(sim, number, labels=labels("phase: doing"))


@scenario("an issue gets a priority", both)
def _priority(sim):
    edit(sim, 2, labels=labels("P0"))


@scenario("a document's text grows", both)
def _body(sim):
    change(sim, r"\Z", "\nOne more paragraph.\n")


@scenario("people write around our section of an issue", both)
def _around(sim):
    body = sim.server.issues[2].now["body"]
    edit(sim, 2, body=f"Before.\r\n{body}\r\nAfter.")
    change(sim, r"\Z", "\nOne more paragraph.\n")


@scenario("a document is out of sight", both)
def _vanished(sim):
    path = next(iter(sim.files.files))
    sim.people.away.append((path, sim.files.take(path)))
    document(sim)


@scenario("an issue is deleted", both)
def _deleted(sim):
    sim.server.issues[2].fate = "deleted"
    change(sim, r"#phase/\w+", "#phase/active")


@scenario("an issue is moved to another repository", both)
def _moved(sim):
    sim.server.issues[2].fate = "moved"
    change(sim, r"#phase/\w+", "#phase/active")


@scenario("the answer to a creation is lost", fault="lost_reply")
def _lost_creation(sim):
    document(sim)


@scenario("a creation is lost on its way", fault="lost_request")
def _lost_request(sim):
    document(sim)


@scenario("the answer to an update is lost", both, fault="lost_reply")
def _lost_update(sim):
    change(sim, r"#phase/\w+", "#phase/completed")


@scenario("the disk is full in the middle of a walk", both, fault="disk_full")
def _full(sim):
    edit(sim, 2, state="closed", state_reason="completed")


@scenario("the tracker asks for silence in the middle", both, fault="limited")
def _silence(sim):
    document(sim, 2)
    change(sim, r"#phase/\w+", "#phase/active")


@scenario("the database is lost: links return by their marks", both)
def _relinked(sim):
    sim.store.close()
    sim.store = sim._open_store()
    document(sim)
