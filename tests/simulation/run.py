"""One seed: a world, some cycles of trouble, then calm; and the checks of failures.md §5.1."""

import sqlite3
import tempfile
from contextlib import contextmanager
from pathlib import Path
from random import Random

from sqlalchemy.exc import OperationalError

from adapters.base import Budget, Connection, Description
from adapters.github.project import GitHubProject
from adapters.metis.connection import MetisConnection
from adapters.seams import Seams
from bench.profiles import labels
from mappings.vocabulary import Side
from sync.decide.policy import Policy
from sync.effect.cycle import sync_pair
from sync.effect.pair import Pair
from sync.rules.settings import RuleSettings
from sync.rules.terms import RuleName, RuleTable
from sync.store import Store, disputes, journal, observations
from sync.store.store import FencedError
from tests.simulation.check import check_calm, check_cycle, pairs_of
from tests.simulation.files import SimFiles
from tests.simulation.people import People
from tests.simulation.server import BOT, SimClient, SimGitHub
from tests.simulation.world import KEY, OVERLAP, Crash, Rates, World

PROFILE = labels()
#: One rule that does not change with time alone: then calm is calm.
RULES = RuleSettings.of(
    {
        RuleName.ALL: RuleTable(enabled=False),
        RuleName.POSTMORTEM_MISSING: RuleTable(enabled=True, due="at once", overdue="never"),
    }
)


#: Engines given back by stores that were closed, and an empty database to begin with again: what
#: SQLAlchemy compiled stays compiled from seed to seed.
_ENGINES = []
_EMPTY = []


class SimStore(Store):
    """The real store; a commit is a point where the process may die, before or after."""

    world: World

    @classmethod
    def fresh(cls, world):
        """An empty store in memory."""
        store = cls(_ENGINES.pop(), world, own=True) if _ENGINES else cls.memory(world)
        with store.engine.connect() as connection:
            driver = connection.connection.driver_connection
            if _EMPTY:
                driver.deserialize(_EMPTY[0])
            else:
                _EMPTY.append(driver.serialize())
        store.world = world
        return store

    def close(self):
        """The engine is used again."""
        _ENGINES.append(self.engine)

    @property
    def alone(self):
        return self.world.rates.second_daemon == 0

    @contextmanager
    def writing(self, pair="", fence=None):
        if self.world.chance("database_busy"):
            self.world.say("the database is busy")
            raise OperationalError("BEGIN IMMEDIATE", {}, sqlite3.OperationalError("locked"))
        with super().writing(pair, fence) as tx:
            yield tx
            self.world.point("before a commit")
        self.world.point("after a commit")


class SimConnection(Connection):
    """Who we are, without a request."""

    def __init__(self, user="", limits=None):
        self.user, self.limits = user, limits

    def budget(self):
        return self.limits.budget() if self.limits else Budget()

    def describe(self):
        return Description(adapter="sim", user=self.user)

    def open(self, project, profile):
        raise NotImplementedError


class Simulation:
    """Everything of one seed. ``lasting`` survives a crash; projects do not."""

    crowd, profile = People, PROFILE
    pairs = ("sim",)

    def __init__(self, seed, rates=None, crash_at=frozenset(), policy=None, page=None):
        random = Random(seed)
        self.world = World(seed, rates or Rates.swarm(random))
        self.world.crash_at = crash_at
        # Drawn apart: the seeds saved before these were drawn stay what they were.
        apart = Random(-seed)
        self.world.page = apart.choice([4, 10, 100]) if page is None else page
        self.policy = policy or Policy(
            sweep_hours=random.choice([1.0, 6.0, 24.0]), writes_per_hour=60
        )
        # Our own defences, one at a time: sweeps must not hide a reading that misses something,
        # nor the overlap a sweep that does.
        defence = apart.choice(["", "", "sweep", "overlap"]) if policy is None else ""
        # A change that touches no time is seen by sweeps alone.
        if defence == "sweep" and not self.world.rates.throttled:
            self.policy = self.policy.model_copy(update={"sweep_hours": 100_000.0})
        self.world.overlap = 0.0 if defence == "overlap" else OVERLAP
        self.rules = apart.choice([RULES, None])
        if rates is None:
            self.world.rates.refused = apart.choice([0.0] * 7 + [0.05])
        self.server = SimGitHub(self.world)
        self.folder = _folder()
        self.files = SimFiles(self.world, self.folder / ".metis")
        self.people = self.crowd(self.world, self.server, self.files, self.profile)
        self.files.racing = self.people.race
        self.people.recorded = self._recorded
        self.untagged = set()
        self.server.watchers.append(self._watch_tags)
        self.store = self._open_store()
        self.kept_conflicts = []
        self.former_pairs = []
        self.reports = []
        self.violations = []
        self.nested = self.met_another = self.killed = False

    def _watch_tags(self, number, before, after, by):
        """Whose label a person took off: it stays off. So does one that a run took off by a write
        which was under way when another run put the label up (docs/reliability.md).
        """
        told = [{one["name"] for one in raw["labels"]} for raw in (before, after) if raw]
        overtaken = self.met_another and not self.nested
        if (by != BOT or overtaken) and "postmortem-missing" in told[0] - told[-1]:
            self.untagged.add(str(number))

    def _open_store(self):
        return SimStore.fresh(self.world)

    def pair(self):
        """Fresh projects, as after a start of the program."""
        client = SimClient(self.server)
        metis = MetisConnection(self.folder, self.world, self.files)
        return Pair(
            name="sim",
            projects={Side.LEFT: metis.open("", self.profile), Side.RIGHT: self.tracker(client)},
            connections={Side.LEFT: SimConnection(), Side.RIGHT: SimConnection(BOT, client.limits)},
            names={Side.LEFT: "docs", Side.RIGHT: "acme"},
            policy=self.policy,
            key=KEY,
            rules=self.rules,
        )

    def tracker(self, client):
        """The adapter's own project above the simulated client."""
        return GitHubProject(client, lambda: BOT, "acme/payments", self.profile)

    def cycle(self, pair=None):
        """One run; whatever happens to it."""
        return self.run_pair(pair or self.pair())

    def run_pair(self, pair, approve=""):
        """One run of one pair, approved where it is refused."""
        self.met_another, self.killed = self.nested, False
        writes = self._effects()
        try:
            report = sync_pair(
                pair, self.store, Seams(self.world, self.world.random), approve=approve
            )
        except Crash:
            self.killed = True
            return None
        except FencedError:
            self.world.say("another run took over; this one ends")
            return None
        except OperationalError:
            return None
        if report.refused and not approve:
            self.world.say(f"refused: {[one.code for one in report.plan.refusals]}; approved")
            return self.run_pair(pair, report.plan.digest)
        self.reports.append(report)
        self.violations += check_cycle(self, report, writes)
        return report

    def run(self, cycles=8):
        """Trouble, then calm. Returns the violations, empty when all is well."""
        world = self.world
        for _ in range(3):
            self.people.write_document()
        self.people.open_issue()
        world.at_point.append(self._meanwhile)
        pair = None
        for number in range(cycles):
            world.say(f"cycle {number + 1}")
            for _ in range(3):
                self.people.act()
            if self.cycle(pair) is None or world.random.random() < 0.2:
                pair = None
            else:
                pair = pair or self.pair()
            world.sleep(world.random.choice([20, 120, 900]))
            self._perhaps_lose_database()
        self._calm_down()
        return self.violations

    def _meanwhile(self, name):
        """Between any two steps people go on working, and a second daemon may start."""
        world = self.world
        if world.calm or self.nested or name == "before a commit":
            return
        # GitHub has no conditional write: an edit in the moment between the adapter's last look and
        # its write cannot be seen by anybody. That moment is not simulated (docs/reliability.md).
        if world.random.random() < 0.05 and not name.startswith("before PATCH"):
            self.people.act()
        if world.chance("second_daemon"):
            self.nested = self.met_another = True
            world.say("a second daemon runs the same pair")
            try:
                self.cycle()
            finally:
                self.nested = False

    def _perhaps_lose_database(self):
        if self.world.chance("database_lost"):
            self.world.say("the database is lost")
            self.world.sleep(3600)
            self.kept_conflicts += self._conflicts()
            self.former_pairs.append(pairs_of(self))
            self.store.close()
            self.store = self._open_store()

    def _conflicts(self):
        with self.store.reading() as tx:
            return [
                (pair, one)
                for pair in self.pairs
                for one in disputes.listed(tx, pair, closed=True, limit=10_000)
            ]

    def conflicts(self, *pairs):
        """Every conflict record there ever was, of these pairs or of all."""
        told = self.kept_conflicts + self._conflicts()
        return [one for pair, one in told if pair in (pairs or self.pairs)]

    def followed_beside(self):
        """What another pair answers for."""
        return frozenset()

    def _recorded(self):
        """Ids of documents that a reading has shown."""
        with self.store.reading() as tx:
            return set(observations.known_ids(tx, "sim", Side.LEFT))

    def _effects(self):
        return len(self.server.writes), len(self.files.writes)

    def _settled(self):
        with self.store.reading() as tx:
            return not journal.unsettled(tx, "sim")

    def _calm_down(self):
        """Faults and people stop; within a few cycles everything must agree."""
        world = self.world
        self.people.bring_back()
        world.calm = True
        world.crash_at = frozenset()
        world.say("calm")
        self.server.silent_until = None
        for _ in range(5):
            before = self._effects()
            world.sleep(25 * 3600)
            self.cycle()
            if self._effects() == before and self._settled():
                break
        quiet = self._effects()
        for hours in (25, 1):
            world.sleep(hours * 3600)
            self.cycle()
        if self._effects() != quiet:
            self.violations.append("5 no echo: something is written again after all was in step")
        self.violations += check_calm(self)


_FOLDERS = []


def _folder():
    """An empty workspace with its settings; documents live in memory."""
    if not _FOLDERS:
        root = Path(tempfile.mkdtemp(prefix="followthrough-sim-"))
        (root / ".metis").mkdir()
        (root / ".metis" / "config.toml").write_text('[project]\nprefix = "PROJ"\n')
        _FOLDERS.append(root)
    return _FOLDERS[0]


def simulate(seed, **options):
    """Run one seed to its end."""
    simulation = Simulation(seed, **options)
    simulation.run()
    simulation.store.close()
    return simulation
