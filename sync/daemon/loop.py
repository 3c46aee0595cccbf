"""The loop: start what is due, wait, obey signals. All that it remembers is in the store.

Pairs that share a connection take turns: trackers ask their clients to make requests one after
another (docs.github.com "Best practices for using the REST API"), and so one client object is
never in two threads. Whoever's turn comes first reads ahead for the others that are due, where one
request covers many projects.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final

import structlog

from adapters.seams import Seams
from mappings.problem import Problem, ProblemError
from sync.daemon import due
from sync.daemon.health import Health
from sync.daemon.metrics import Metrics
from sync.daemon.once import run_once
from sync.daemon.signals import Signals
from sync.daemon.workers import Workers
from sync.effect.pair import Pair
from sync.effect.together import Ahead, share
from sync.settings import SettingsError
from sync.store import Store, schedule
from sync.wiring import House

#: Seconds in which running operations may end after a stop; ten is what we promise (and what
#: container engines wait before they kill).
GRACE: Final = 9.0
#: Bounds of one wait, in seconds: a claim by another process frees a pair at any time.
_SHORTEST: Final = 0.2
_LONGEST: Final = 15.0

_log: Final = structlog.stdlib.get_logger("followthrough.daemon")


@dataclass(kw_only=True)
class Daemon:
    """Everything the loop works with. ``house`` is replaced by what ``reload`` returns.

    ``reload`` raises SettingsError or ProblemError; then the old house stays. ``before`` is called
    ahead of each cycle (secrets may have changed), ``tell`` with the pair after it. ``alone``: the
    store is locked for us.
    """

    house: House
    store: Store
    seams: Seams
    signals: Signals
    workers: Workers
    health: Health
    metrics: Metrics
    reload: Callable[[], House]
    enough_space: Callable[[], Problem | None]
    before: Callable[[House], None]
    tell: Callable[[House, str], None] = lambda _house, _pair: None
    alone: bool = True
    _ahead: Ahead = field(default_factory=Ahead)

    def run(self) -> bool:
        """Until asked to stop. False if something was still running when time was up."""
        self._begin()
        self.signals.pause(0)
        _log.info("started", pairs=[pair.name for pair in self.house.pairs])
        while not self.signals.stop.is_set():
            self.tick()
            self.signals.pause(self._wait())
        self.health.stopping()
        _log.info("stopping", running=sorted(self.workers.running()))
        ended = self.workers.wait(GRACE)
        if not ended:
            text = "E411 cut off in the middle of an operation; the next run settles it."
            _log.warning(text, pairs=sorted(self.workers.running()))
        else:
            self.house.close()
        _log.info("stopped")
        return ended

    def tick(self) -> None:
        """Start every pair that is due, or take over new settings once nothing runs."""
        if self.signals.reload.is_set():
            if not self.workers.running():
                self._reload()
            return
        now = self.seams.clock.now()
        pairs = {pair.name: pair for pair in self.house.pairs}
        with self.store.reading() as tx:
            names = due.due(tx, pairs, now)
        waiting = [pairs[name] for name in names]
        waiting += self._taken_along(waiting, now)
        for pair in tuple(waiting):
            if self.workers.free() and not self._in_use(pair):
                waiting.remove(pair)
                with self.store.writing() as tx:
                    mine = due.claim(tx, pair.name, now)
                if mine:
                    self._start(pair, tuple(waiting))

    def _taken_along(self, waiting: Sequence[Pair], now: datetime) -> list[Pair]:
        """Pairs that are nearly due, made due where one that is reads for them too: left to
        themselves they would drift apart, and each would make that request.
        """
        others = {
            pair.name: pair
            for pair in self.house.pairs
            if pair not in waiting and any(share(pair, one) for one in waiting)
        }
        if not others:
            return []
        with self.store.writing() as tx:
            names = due.near(tx, others, now)
            due.bring_forward(tx, names, now)
        return [others[name] for name in names]

    def _start(self, pair: Pair, waiting: Sequence[Pair]) -> None:
        """Run ``pair``; ``waiting`` are due too."""
        house = self.house

        def task() -> None:
            self.before(house)
            given = house.loaded.settings.pairs[pair.name]
            stop, space = self.signals.stop.is_set, self.enough_space
            ready = partial(self._ahead.take, pair, waiting, self.store, self.seams.clock.now)
            try:
                ran = run_once(pair, given, self.store, self.seams, stop, space, ready)
                self.tell(house, pair.name)
            except Exception:  # noqa: BLE001  one pair stops no other
                # Not even the schedule could be written; the claim keeps the pair waiting.
                _log.exception("the state cannot be written", pair=pair.name)
                return
            self.metrics.ran(ran, self.seams.clock.now())
            self.health.ran(pair.name)

        self.workers.start(pair.name, task, self.signals.ring)

    def _in_use(self, pair: Pair) -> bool:
        """Whether a running pair uses one of this pair's connections, or is this pair."""
        running = self.workers.running()
        used = {name for one in self.house.pairs if one.name in running for name in _ends(one)}
        return pair.name in running or bool(used & _ends(pair))

    def _wait(self) -> float:
        """Seconds until there may be something to do."""
        if self.signals.reload.is_set():
            return _SHORTEST
        names = [pair.name for pair in self.house.pairs]
        with self.store.reading() as tx:
            first = due.earliest(tx, names)
        if first is None:
            return _SHORTEST
        until = (first - self.seams.clock.now()).total_seconds()
        return min(max(until, _SHORTEST), _LONGEST)

    def _begin(self) -> None:
        now = self.seams.clock.now()
        names = [pair.name for pair in self.house.pairs]
        with self.store.writing() as tx:
            for name in names:
                schedule.bind(tx, name, now)
            if self.alone:
                due.bring_forward(tx, names, now)
        self.health.watch(names, self.house.loaded.settings.daemon.healthy_within)

    def _reload(self) -> None:
        self.signals.reload.clear()
        try:
            new = self.reload()
        except (SettingsError, ProblemError) as error:
            problems = error.problems if isinstance(error, SettingsError) else (error.problem,)
            for problem in problems:
                _log.error(str(problem))
            _log.error("settings not taken over; going on with the old ones")
            self.metrics.reloaded(good=False)
            return
        self.house.close()
        self.house = new
        self._ahead.forget()
        self._begin()
        self.metrics.reloaded(good=True)
        _log.info("settings taken over", pairs=[pair.name for pair in new.pairs])


def _ends(pair: Pair) -> set[str]:
    return set(pair.names.values())
