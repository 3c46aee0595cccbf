"""Postmortems beside documents: the derived pair of action items in the simulated world.

Two pairs run one after the other over one tracker project: documents ("sim") and the action items
of a folder of postmortems ("sim/actions"), as settings with ``postmortems`` make them.
"""

from dataclasses import replace

from sqlalchemy import select

from adapters.postmortems.connection import PostmortemsConnection
from adapters.postmortems.folder import Folder
from mappings.vocabulary import Side
from sync.decide.policy import Filter
from sync.effect.pair import Pair
from sync.store import journal, linkage
from tests.simulation.actions_check import check_actions
from tests.simulation.check import check_calm
from tests.simulation.papers import Papers
from tests.simulation.run import PROFILE, SimConnection, Simulation
from tests.simulation.server import BOT, SimClient
from tests.simulation.team import Team
from tests.simulation.world import KEY

#: Everybody who is named in a postmortem has an account.
WHO = PROFILE.model_copy(update={"people": {"maria": "maria", "devon": "devon"}})


class ActionsSimulation(Simulation):
    """Everything of one seed; ``papers`` are the postmortems."""

    crowd, profile = Team, WHO
    pairs = ("sim", "sim/actions")

    def __init__(self, seed, rates=None, **options):
        super().__init__(seed, rates, **options)
        self.server.nests = True
        self.server.nests_at_once = seed % 2 == 0
        place = self.folder / "postmortems"
        place.mkdir(exist_ok=True)
        self.papers = Papers(self.world, place)
        self.people.joined(self.papers)
        self.turns = []

    def both(self):
        """Fresh projects, as after a start of the program: both pairs, one folder."""
        main = self.pair()
        clients = SimClient(self.server), SimConnection()
        papers = PostmortemsConnection(Folder(self.papers.place, self.papers), self.world)
        folder = papers.open("", self.profile)
        limits = SimConnection(BOT, clients[0].limits)
        actions = Pair(
            name="sim/actions",
            projects={Side.LEFT: folder, Side.RIGHT: self.tracker(clients[0])},
            connections={Side.LEFT: clients[1], Side.RIGHT: limits},
            names={Side.LEFT: "reviews", Side.RIGHT: "acme"},
            policy=self.policy.model_copy(update={"filter": Filter(history="none")}),
            key=KEY,
            beside="sim",
        )
        return replace(main, postmortems=folder, beside="sim/actions"), actions

    def cycle(self, pair=None):
        """One run of each; a process that is killed in the first does not come to the second."""
        reports = []
        self.turns = []
        for one in pair or self.both():
            effects = self._effects()
            reports.append(self.run_pair(one))
            self.turns.append((self.world.points, self._effects() != effects))
            if self.killed:
                return None
        return None if None in reports else reports

    def run(self, cycles=8):
        """Trouble, then calm. Returns the violations, empty when all is well."""
        world, people = self.world, self.people
        people.write_document()
        people.write_document()
        people.write_paper()
        world.at_point.append(self._meanwhile)
        both = None
        for number in range(cycles):
            world.say(f"cycle {number + 1}")
            for _ in range(3):
                people.act()
            if self.cycle(both) is None or world.random.random() < 0.2:
                both = None
            else:
                both = both or self.both()
            world.sleep(world.random.choice([20, 120, 900]))
            self._perhaps_lose_database()
        self._calm_down()
        return self.violations

    def followed_beside(self):
        """Issues of action items, by both sides' names."""
        with self.store.reading() as tx:
            made = select(linkage.links.c.right_id).where(linkage.links.c.pair == "sim/actions")
            found = {(Side.RIGHT, one) for one in tx.execute(made).scalars()}
        return found | {(Side.RIGHT, str(number)) for number in self.people.tag_of}

    def action_links(self):
        """Links of the derived pair by their number."""
        with self.store.reading() as tx:
            rows = tx.execute(linkage.links.select())
            return {row.id: row for row in rows if row.pair == "sim/actions"}

    def _effects(self):
        return (*super()._effects(), len(self.papers.writes))

    def _settled(self):
        with self.store.reading() as tx:
            mine = journal.unsettled(tx, "sim/actions")
        return super()._settled() and not mine

    def everything(self):
        """Every byte outside."""
        issues = {number: one.now for number, one in self.server.issues.items()}
        return dict(self.files.files), dict(self.papers.files), issues, repr(self.server.comments)

    def _calm_down(self):
        """Faults and people stop; within a few cycles everything must agree, and stay."""
        world = self.world
        self.people.bring_back()
        world.calm = True
        world.crash_at = frozenset()
        world.say("calm")
        self.server.silent_until = None
        both = self.both()
        for _ in range(6):
            before = self._effects()
            world.sleep(25 * 3600)
            self.cycle(both)
            if self._effects() == before and self._settled():
                break
        effects, bytes_ = self._effects(), self.everything()
        for hours in (25, 1, 0.1):
            world.sleep(hours * 3600)
            self.cycle(both)
        if self._effects() != effects:
            self.violations.append("echo: something is written again after all was in step")
        elif self.everything() != bytes_:
            self.violations.append("echo: bytes moved after all was in step")
        self.violations += check_calm(self)
        self.violations += check_actions(self)
