"""A daemon whose time, waiting, signals and threads are in the tests' hands."""

from dataclasses import dataclass, field

import pytest

from sync import wiring
from sync.daemon.health import Health
from sync.daemon.loop import Daemon
from sync.daemon.metrics import Metrics
from sync.daemon.signals import Signals
from sync.settings import load
from sync.store import Store


class ByHand(Signals):
    """Waiting moves the clock; after each wait the next thing of ``script`` happens."""

    def __init__(self, clock):
        super().__init__()
        self.clock, self.script, self.waits = clock, [], []

    def pause(self, seconds):
        if seconds:
            self.waits.append(seconds)
            self.clock.advance(seconds=seconds)
            if self.script:
                happens = self.script.pop(0)
                if happens is not None:
                    happens()
            else:
                self.ask_to_stop()
        super().pause(0)


@dataclass
class InPlace:
    """Runs each task at once; or, when ``held``, when the test lets it."""

    limit: int = 4
    held: bool = False
    waiting: dict = field(default_factory=dict)
    started: list = field(default_factory=list)

    def free(self):
        return len(self.waiting) < self.limit

    def start(self, name, task, ended):
        self.started.append(name)
        if self.held:
            self.waiting[name] = (task, ended)
        else:
            task()
            ended()

    def finish(self, name):
        task, ended = self.waiting.pop(name)
        task()
        ended()

    def running(self):
        return frozenset(self.waiting)

    def wait(self, seconds):
        return not self.waiting


@dataclass
class Bench:
    """The daemon and everything around it."""

    cli: object
    daemon: Daemon
    signals: ByHand
    workers: InPlace
    store: Store
    loads: list

    def run(self, *script):
        """Run the loop: one thing of ``script`` after each wait, then stop."""
        self.signals.script = list(script)
        return self.daemon.run()

    def row(self, name="payments"):
        from sync.store import schedule

        with self.store.reading() as tx:
            return schedule.get(tx, name)


@pytest.fixture
def bench(cli):
    """A daemon over two shelves."""
    store = Store.memory(cli.clock)
    signals = ByHand(cli.clock)
    workers = InPlace()
    seams = cli.world.seams
    loads = []

    def house():
        loaded = load(cli.folder / "followthrough.toml", {}, adapter=cli.world.adapter)
        loads.append(loaded)
        return wiring.build(loaded, seams, b"k" * 32)

    made = []

    def opened(**changes):
        first = house()
        given = first.loaded.settings.daemon
        daemon = Daemon(
            house=first,
            store=store,
            seams=seams,
            signals=signals,
            workers=workers,
            health=Health(store, cli.clock, given.healthy_within),
            metrics=Metrics(),
            reload=house,
            enough_space=lambda: None,
            before=lambda house: None,
            **changes,
        )
        made.append(daemon)
        return Bench(cli, daemon, signals, workers, store, loads)

    yield opened
    for daemon in made:
        daemon.house.close()
    store.close()
