"""Whether the daemon does its work: judged by what it achieved, not by whether it runs."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from adapters.seams import Clock
from sync.store import Store, schedule


@dataclass
class Health:
    """Asked by other threads than the loop's. Times are UTC."""

    store: Store
    clock: Clock
    within: timedelta
    names: frozenset[str] = frozenset()
    started_at: datetime = field(init=False)
    _ran: set[str] = field(default_factory=set)
    _stopping: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.started_at = self.clock.now()

    def watch(self, names: Iterable[str], within: timedelta) -> None:
        """The pairs that count from now on (after a reload)."""
        with self._lock:
            self.names, self.within = frozenset(names), within

    def ran(self, name: str) -> None:
        """A pair had a cycle, good or not."""
        with self._lock:
            self._ran.add(name)

    def stopping(self) -> None:
        """No longer ready for anything."""
        with self._lock:
            self._stopping = True

    def healthy(self) -> tuple[bool, dict[str, Any]]:
        """True while starting, then as long as every pair's last good cycle is young enough."""
        now = self.clock.now()
        with self._lock:
            names, within = sorted(self.names), self.within
        starting = now - self.started_at <= within
        with self.store.reading() as tx:
            rows = {name: schedule.get(tx, name) for name in names}
        ages = {
            name: (now - row.last_good_at).total_seconds() if row and row.last_good_at else None
            for name, row in rows.items()
        }
        old = [name for name, age in ages.items() if age is None or age > within.total_seconds()]
        body = {"starting": starting, "last_good_cycle_age_seconds": ages, "too_old": old}
        return starting or not old, body

    def ready(self) -> tuple[bool, dict[str, Any]]:
        """True once every pair had a cycle in this process, until it is asked to stop."""
        with self._lock:
            waiting = sorted(self.names - self._ran)
            stopping = self._stopping
        return not (waiting or stopping), {"waiting_for": waiting, "stopping": stopping}
