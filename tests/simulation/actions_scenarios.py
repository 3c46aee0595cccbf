"""Named situations of action items, for killing the process at every single point of them."""

from tests.simulation.actions import ActionsSimulation
from tests.simulation.scenarios import Scenario, nothing, start

SITUATIONS: list[Scenario] = []
K1 = "- [ ] [P1] Alert K1 when connections run dry soon - @maria, due 2030-11-12"
K2 = "- [ ] Write K2 a runbook for failing over the acquirer soon - @devon, due 2030-11-15"
K3 = "- [ ] Remove K3 that retry loop from checkout soon - @devon, due 2030-11-20"


def situation(name, before=nothing, fault=""):
    """Register a situation of the derived pair."""

    def register(then):
        SITUATIONS.append(Scenario(name, before, then, fault, ActionsSimulation))
        return then

    return register


def points_of(one):
    """Where the process is to be killed: at every effect and commit, before and after. Where the
    pair of documents has nothing to do, only in what follows it. Nothing happens between the end of
    one and the beginning of the next, so the latter stands for both.
    """
    sim, told = start(one), []
    first = sim.world.points
    sim.world.at_point.append(lambda name: told.append((sim.world.points, name)))
    sim.cycle()
    sim.store.close()
    begin = first if sim.turns[0][1] else sim.turns[0][0]
    last = sim.world.points
    return [at - first for at, name in told
            if at > begin and (name.startswith("before") or at == last)]  # fmt: skip


# --- what the situations are made of ---------------------------------------------------------


def incident(sim):
    """The record of an incident."""
    sim.people.write_document("todo")


def paper(sim, *lines):
    """A postmortem with these lines."""
    return sim.people.write_paper(list(lines))


def followed(sim):
    """An incident, and a postmortem of it with three lines that are followed."""
    incident(sim)
    paper(sim, K1, K2, K3)


def one_followed(sim):
    """The same with one line."""
    incident(sim)
    paper(sim, K1)


def edit(sim, *changes):
    """Somebody edits the one postmortem."""
    (path,) = sim.papers.files
    text = sim.papers.files[path].decode()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    sim.papers.put(path, text.encode(), by="maria")


def lines(sim):
    """The lines of action items as they stand now, by their tags."""
    (data,) = sim.papers.files.values()
    return {one.partition(" K")[2][0]: one for one in data.decode().splitlines() if " K" in one}


def take_out(sim, tag):
    """Somebody deletes a line."""
    edit(sim, (lines(sim)[tag] + "\n", ""))


def issue(sim, tag="K1", **changes):
    """Somebody edits the issue of a line."""
    sim.server.edit(sim.people.made[tag][0], by="maria", **changes)


def close(sim, tag="K1"):
    """Somebody closes the issue of a line."""
    issue(sim, tag, state="closed", state_reason="completed")


def finished(sim):
    """A line that was followed and then ticked."""
    one_followed(sim)
    sim.cycle()
    edit(sim, ("- [ ] [P1] Alert", "- [x] [P1] Alert"))


# --- the situations ----------------------------------------------------------------------------


@situation("three action items are new", incident)
def _first_sync(sim):
    paper(sim, K1, K2, K3)


@situation("an incident and its postmortem are new at once")
def _both_new(sim):
    incident(sim)
    paper(sim, K1, K2)


@situation("a postmortem is there before its incident's record", lambda sim: paper(sim, K1))
def _record_late(sim):
    incident(sim)


@situation("a table of action items is new", incident)
def _table(sim):
    sim.people.tags = 0
    rows = [sim.people.line("table") for _ in range(2)]
    path = paper(sim, "| Action | Owner | Due | Status | Issue |", "|---|---|---|---|---|", *rows)
    assert len(sim.people.sheet(sim.papers.files[path], path)) == 2


@situation("a box is ticked in the document", followed)
def _ticked(sim):
    edit(sim, ("- [ ] [P1] Alert", "- [x] [P1] Alert"))


@situation("an issue is closed: its box is ticked", followed)
def _closed(sim):
    close(sim)


@situation("an issue is closed as not planned", followed)
def _not_planned(sim):
    issue(sim, state="closed", state_reason="not_planned")


@situation("an item is opened again in the tracker", finished)
def _reopened(sim):
    issue(sim, state="open", state_reason=None)


@situation("a tick is taken back in the document", finished)
def _unticked(sim):
    edit(sim, ("- [x]", "- [ ]"))


@situation("a line is reworded", followed)
def _reworded(sim):
    edit(sim, ("dry soon", "dry at night"))


@situation("a line is reworded, another closed, a third gets another owner", followed)
def _several(sim):
    edit(sim, ("dry soon", "dry at night"), ("loop from checkout soon - @devon", "loop - @maria"))
    close(sim, "K2")


@situation("a line is deleted", followed)
def _deleted(sim):
    take_out(sim, "2")


@situation("a line is deleted while its issue is made", incident)
def _deleted_early(sim):
    paper(sim, K1, K2, K3)
    sim.papers.racing = lambda _: take_out(sim, "2")
    sim.world.once = "raced_file"


@situation("a line is deleted and comes back", followed)
def _came_back(sim):
    line = lines(sim)["2"]
    take_out(sim, "2")
    sim.cycle()
    edit(sim, ("## Action items\n\n", f"## Action items\n\n{line}\n"))


@situation("a line is deleted, and another is written in its place", one_followed)
def _another(sim):
    take_out(sim, "1")
    sim.cycle()
    edit(sim, ("## Action items\n\n", "## Action items\n\n- [ ] Rehearse K9 restoring soon\n"))


@situation("two lines say the same", incident)
def _identical(sim):
    paper(sim, K1, K1, K2)


def twins(sim):
    """Two lines that say the same are followed."""
    incident(sim)
    paper(sim, K1, K1)


@situation("one of two lines that say the same is done", twins)
def _one_of_two(sim):
    edit(sim, ("- [ ]", "- [x]"))


@situation("the document is edited between reading and replacing", incident, fault="raced_file")
def _raced(sim):
    paper(sim, K1, K2)
    sim.papers.racing = lambda _: edit(sim, ("## Summary", "## In short"))


@situation("a box is ticked between reading and ticking another", followed, fault="raced_file")
def _raced_tick(sim):
    close(sim, "K2")
    sim.papers.racing = lambda _: edit(sim, ("- [ ] [P1] Alert", "- [x] [P1] Alert"))


@situation("the answer to a creation is lost", incident, fault="lost_reply")
def _lost_reply(sim):
    paper(sim, K1, K2)


@situation("a creation is lost on its way", incident, fault="lost_request")
def _lost_request(sim):
    paper(sim, K1, K2)


@situation("the tracker fails in the middle of a first sync", incident, fault="server_error")
def _server_error(sim):
    paper(sim, K1, K2)


@situation("the disk is full when the issues are to be named", incident, fault="disk_full")
def _full(sim):
    paper(sim, K1, K2)


@situation("a document is found empty while it is saved", followed, fault="half_file")
def _half(sim):
    edit(sim, ("dry soon", "dry at night"))


@situation("a postmortem is renamed", followed)
def _renamed(sim):
    (path,) = sim.papers.files
    sim.papers.rename(path, "another-name.md")
    close(sim, "K3")


@situation("a postmortem is renamed and reworded before its links were read again", incident)
def _renamed_early(sim):
    path = paper(sim, K1)
    sim.cycle()
    sim.papers.rename(path, "another-name.md")
    edit(sim, ("dry soon", "out"), ("- [ ]", "- [x]"))


@situation("a postmortem is renamed and reworded before its issues were named in it", incident)
def _renamed_unnamed(sim):
    path = paper(sim, K1)
    sim.world.once = "disk_full"
    sim.cycle()
    assert "/issues/" not in lines(sim)["1"]
    sim.papers.rename(path, "another-name.md")
    edit(sim, ("dry soon", "dry at night"))


@situation("the tracker asks for silence when an issue is to be put under its incident", incident)
def _not_under(sim):
    paper(sim, K1)

    def ask(name):
        if name.startswith("before POST") and name.endswith("/sub_issues"):
            sim.world.once = "limited"

    sim.world.at_point.append(ask)


@situation("a line is reworded whose issue is still to be named in it", incident)
def _reworded_unnamed(sim):
    paper(sim, K1)
    sim.world.once = "disk_full"
    sim.cycle()
    assert "/issues/" not in lines(sim)["1"]
    edit(sim, ("dry soon", "dry at night"))


@situation("an issue is renamed, then its line is reworded", followed)
def _renamed_both(sim):
    issue(sim, title="[P1] Their K1 title")
    sim.cycle()
    edit(sim, ("dry soon", "dry at night"))


@situation("a line is ticked and its issue reopened by turns", finished)
def _by_turns(sim):
    issue(sim, state="open", state_reason=None)
    edit(sim, ("dry soon", "dry at night"))


@situation("an issue is deleted", followed)
def _issue_deleted(sim):
    sim.server.issues[sim.people.made["K1"][0]].fate = "deleted"
    edit(sim, ("- [ ] [P1] Alert", "- [x] [P1] Alert"))


@situation("a postmortem is out of sight", followed)
def _vanished(sim):
    path = next(iter(sim.papers.files))
    sim.people.away_papers().append((path, sim.papers.take(path)))
    close(sim)


@situation("the database is lost: lines find their issues by their links", followed)
def _relinked(sim):
    sim.store.close()
    sim.store = sim._open_store()
    edit(sim, ("- [ ] [P1] Alert", "- [x] [P1] Alert"))
