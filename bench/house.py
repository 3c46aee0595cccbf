"""A settings file with many pairs of one tracker, run by the real daemon on a clock of our own."""

import logging
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import structlog

from adapters import registry
from adapters.sandbox import Sandbox
from adapters.sandbox.core.clock import StillClock
from adapters.sandbox.core.limits import Limits
from adapters.sandbox.core.log import Entry
from adapters.seams import Seams
from bench.documents import write_workspace
from sync import wiring
from sync.daemon.health import Health
from sync.daemon.loop import Daemon
from sync.daemon.metrics import Metrics
from sync.daemon.signals import Signals
from sync.settings import load
from sync.store import Store

TOPIC = "An idle cycle"
TOKEN = "bench-token"
#: Documents of each workspace, all mirrored by issues.
DOCUMENTS = 3
#: Within which every pair comes to rest: its cycles are as rare as they become.
SETTLED = timedelta(minutes=45)
#: Between two things that people do; long enough for what follows from one to be over.
APART = timedelta(minutes=15)


@dataclass(frozen=True)
class Tracker:
    """One kind of tracker: how its projects are called, and what connects to it."""

    name: str
    kind: str
    project: Callable[[int], str]
    profile: str
    connection: str
    flavour: str = ""


TRACKERS = (
    Tracker("GitHub", "github", "acme/service-{}".format, "github-labels", 'adapter = "github"'),
    Tracker(
        "GitLab",
        "gitlab",
        lambda number: f"acme/team-{number % 10}/service-{number}",
        "gitlab-issues",
        'adapter = "gitlab"',
    ),
    Tracker(
        "Jira",
        "jira",
        "P{}".format,
        "jira-software",
        'adapter = "jira"\ndeployment = "cloud"\nemail = "followthrough-bot@example.com"',
        "cloud",
    ),
)

_HEAD = """
[state]
url = "sqlite:///{folder}/state.db"

[connections.tracker]
{connection}
base_url = "{url}"
token = {{ env = "BENCH_TOKEN" }}
"""
_PAIR = """
[connections.docs-{number}]
adapter = "metis"
path = "{folder}/{number}"

[pairs.service-{number}]
left = {{ connection = "docs-{number}" }}
right = {{ connection = "tracker", project = "{project}" }}
profile = "{profile}"
"""


class _InPlace:
    """Runs each task at once, in the daemon's own thread."""

    def free(self) -> bool:
        return True

    def start(self, _name: str, task: Callable[[], None], ended: Callable[[], None]) -> None:
        task()
        ended()

    def running(self) -> frozenset[str]:
        return frozenset()

    def wait(self, _seconds: float) -> bool:
        return True


class _Until(Signals):
    """Waiting moves the clock. Each of ``acts`` is done when its time has come; at ``end`` the
    daemon is asked to stop.
    """

    def __init__(
        self, sandbox: Sandbox, end: datetime, acts: Sequence[tuple[datetime, Callable[[], None]]]
    ) -> None:
        super().__init__()
        self._sandbox, self._end, self._acts = sandbox, end, list(acts)

    def pause(self, seconds: float) -> None:
        self._sandbox.clock.advance(seconds)
        now = self._sandbox.clock.now()
        while seconds and self._acts and now >= self._acts[0][0]:
            self._acts.pop(0)[1]()
        if seconds and now >= self._end:
            self.ask_to_stop()
        super().pause(0)


@dataclass
class House:
    """Pairs, their documents below ``folder``, and the tracker they share. The state is kept in
    memory: what is counted here are requests, and a disk would only make it slow.
    """

    tracker: Tracker
    folder: Path
    sandbox: Sandbox
    store: Store
    cycles: int = 0
    _random: Random = field(default_factory=lambda: Random(1))

    def run(
        self,
        span: timedelta = timedelta(0),
        acts: Sequence[tuple[datetime, Callable[[], None]]] = (),
    ) -> list[Entry]:
        """Start the daemon, let it work for ``span`` on its clock and stop it; what was asked.

        It begins with a cycle of every pair, all due at once: without a span that is all it does.
        """
        clock = self.sandbox.clock
        seams = Seams(clock=clock, random=self._random)
        os.environ["BENCH_TOKEN"] = TOKEN
        loaded = load(self.folder / "followthrough.toml", os.environ, adapter=registry.adapter)
        key = wiring.marker_key(loaded, create=True)
        metrics = Metrics()
        self.sandbox.requests.clear()
        daemon = Daemon(
            house=wiring.build(loaded, seams, key),
            store=self.store,
            seams=seams,
            signals=_Until(self.sandbox, clock.now() + span, acts),
            workers=_InPlace(),
            health=Health(self.store, clock, SETTLED),
            metrics=metrics,
            reload=lambda: wiring.build(loaded, seams, key),
            enough_space=lambda: None,
            before=lambda _house: None,
        )
        daemon.run()
        self.cycles = _good_cycles(metrics)
        return list(self.sandbox.requests)

    def document(self, pair: int, number: int = 1) -> Path:
        return self.folder / str(pair) / f".metis/backlog/tech-debt/BENCH-T-{number:04}.md"


def _good_cycles(metrics: Metrics) -> int:
    """How many cycles there were. Raises RuntimeError if one of them was not good."""
    counted = [
        sample
        for metric in metrics.registry.collect()
        for sample in metric.samples
        if sample.name == "followthrough_cycles_total"
    ]
    bad = [sample.labels for sample in counted if sample.labels["outcome"] != "good"]
    if bad:
        msg = f"cycles that were not good: {bad[:3]}"
        raise RuntimeError(msg)
    return int(sum(sample.value for sample in counted))


@contextmanager
def house(tracker: Tracker, count: int) -> Iterator[House]:
    """``count`` pairs in step, at rest, and the daemon not running."""
    names = [tracker.project(number) for number in range(count)]
    with (
        tempfile.TemporaryDirectory() as name,
        Sandbox(
            tracker.kind,
            flavour=tracker.flavour,
            projects=names,
            token=TOKEN,
            limits=Limits(primary=None),
            clock=StillClock(datetime.now(UTC) + timedelta(minutes=1)),
        ) as sandbox,
        Store.memory(sandbox.clock) as store,
        _quiet(),
    ):
        folder = Path(name)
        text = _HEAD.format(folder=folder, connection=tracker.connection, url=sandbox.url)
        for number, project in enumerate(names):
            write_workspace(folder / str(number), DOCUMENTS, size=200)
            text += _PAIR.format(
                number=number, folder=folder, project=project, profile=tracker.profile
            )
        (folder / "followthrough.toml").write_text(text)
        ready = House(tracker, folder, sandbox, store)
        ready.run(SETTLED)
        yield ready


@contextmanager
def _quiet() -> Iterator[None]:
    """Only what goes wrong is logged."""
    before = structlog.get_config()
    level = structlog.make_filtering_bound_logger(logging.WARNING)
    structlog.configure(wrapper_class=level)
    try:
        yield
    finally:
        structlog.configure(**before)
