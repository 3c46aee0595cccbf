"""Named situations of many creations and moves by one request."""

from tests.simulation.bulk import BulkSimulation, MovingSimulation
from tests.simulation.scenarios import Scenario, change, document, edit, labels, nothing, start

SITUATIONS: list[Scenario] = []


def situation(name, before=nothing, fault=""):
    """Register a situation, of both trackers."""

    def register(then):
        for world, what in ((BulkSimulation, "made"), (MovingSimulation, "made, then moved")):
            SITUATIONS.append(Scenario(f"{name} ({what})", before, then, fault, world))
        return then

    return register


def points_of(one):
    """Where the process is to be killed: at every effect and commit, before and after. Nothing
    happens between the end of one and the beginning of the next: the latter stands for both.
    """
    sim, told = start(one), []
    first = sim.world.points
    sim.world.at_point.append(lambda name: told.append((sim.world.points, name)))
    sim.cycle()
    sim.store.close()
    last = sim.world.points
    return [at - first for at, name in told if name.startswith("before") or at == last]


def five(sim):
    """Five documents in several phases."""
    for phase in ("todo", "active", "completed", "backlog", "todo"):
        document(sim, phase=phase)


def open_ones(sim):
    """Three documents that are to be done."""
    document(sim, 3)


def completed(sim):
    """Three documents are completed at once."""
    for code in (1, 2, 3):
        change(sim, r"#phase/\w+", "#phase/completed", code)


@situation("five documents are new")
def _new(sim):
    five(sim)


@situation("one of many is refused", fault="one refused")
def _refused(sim):
    five(sim)


@situation("the answer to the whole request is lost", fault="lost_reply")
def _lost_reply(sim):
    five(sim)


@situation("the whole request is lost on its way", fault="lost_request")
def _lost_request(sim):
    five(sim)


@situation("the tracker stops in the middle of a request", fault="cut short")
def _cut_short(sim):
    five(sim)


@situation("the tracker asks for silence")
def _limited(sim):
    five(sim)
    asked = []

    def ask(name):
        if name.startswith("before POST") and name.endswith("/many") and not asked:
            asked.append(name)
            sim.world.once = "limited"

    sim.world.at_point.append(ask)


@situation("three documents are completed at once", open_ones)
def _completed(sim):
    completed(sim)


@situation("three are completed, and the answer is lost", open_ones, fault="lost_reply")
def _completed_lost(sim):
    completed(sim)


@situation("three are completed, and the tracker stops in the middle", open_ones, fault="cut short")
def _completed_cut(sim):
    completed(sim)


@situation("three are completed, and one is refused", open_ones, fault="one refused")
def _completed_refused(sim):
    completed(sim)


@situation("three are completed, one of them is at work in the tracker", open_ones)
def _completed_both(sim):
    completed(sim)
    edit(sim, 2, labels=labels("phase: doing"))
