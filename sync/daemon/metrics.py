"""What Prometheus is told. A registry of our own: nothing of the process leaks in by import."""

from datetime import datetime
from importlib.metadata import version
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from sync.daemon.once import Ran

#: A cycle takes some seconds; one with many paced creations some minutes.
_BUCKETS: Final = (0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 900)


class Metrics:
    """All our measures. ``last_cycle`` and ``last_good_cycle`` are kept apart on purpose."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        pair = ["pair"]
        self._info = Gauge(
            "followthrough_info", "The running version.", ["version"], registry=self.registry
        )
        self._info.labels(version("followthrough")).set(1)
        self._cycles = Counter(
            "followthrough_cycles", "Cycles by how they ended.", [*pair, "outcome"],
            registry=self.registry,
        )  # fmt: skip
        self._operations = Counter(
            "followthrough_operations", "Writes by how they ended.",
            [*pair, "side", "kind", "result"], registry=self.registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "followthrough_cycle_seconds", "How long cycles take.", pair, buckets=_BUCKETS,
            registry=self.registry,
        )  # fmt: skip
        self._reloads = Counter(
            "followthrough_reloads", "Readings of the settings, by outcome.", ["outcome"],
            registry=self.registry,
        )  # fmt: skip
        self._last = self._gauge("last_cycle_timestamp_seconds", "End of the last cycle.")
        self._good = self._gauge("last_good_cycle_timestamp_seconds", "End of the last good cycle.")
        self._next = self._gauge("next_cycle_timestamp_seconds", "When the pair is due again.")
        self._failures = self._gauge("failures_in_a_row", "Cycles that failed since a good one.")
        self._linked = self._gauge("linked_items", "Items kept in step.")
        self._conflicts = self._gauge("open_conflicts", "Conflicts that wait for a person.")
        self._aside = self._gauge("items_set_aside", "Items that take no part for now.")
        self._missing = self._gauge("items_missing", "Linked items that cannot be seen.")
        self._doubts = self._gauge("intents_in_doubt", "Creations whose outcome is not known.")
        self._budget = Gauge(
            "followthrough_budget_remaining", "Requests the tracker still allows.",
            ["connection"], registry=self.registry,
        )  # fmt: skip

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(f"followthrough_{name}", text, ["pair"], registry=self.registry)

    def ran(self, ran: Ran, now: datetime) -> None:
        """Count one cycle."""
        name, status = ran.pair, ran.status
        self._cycles.labels(name, ran.outcome).inc()
        self._seconds.labels(name).observe(ran.seconds)
        for one in ran.report.outcomes if ran.report else ():
            operation = one.operation
            labels = (name, operation.side.value, operation.kind.value, one.result.value)
            self._operations.labels(*labels).inc()
        self._last.labels(name).set(now.timestamp())
        if status.last_good_at is not None:
            self._good.labels(name).set(status.last_good_at.timestamp())
        self._next.labels(name).set(ran.next.at.timestamp())
        self._failures.labels(name).set(ran.next.failures)
        self._linked.labels(name).set(status.linked)
        self._conflicts.labels(name).set(status.conflicts)
        self._aside.labels(name).set(status.aside)
        self._missing.labels(name).set(status.absent)
        self._doubts.labels(name).set(status.doubts)
        for connection, budget in status.budgets.items():
            if budget.remaining is not None:
                self._budget.labels(connection).set(budget.remaining)

    def reloaded(self, *, good: bool) -> None:
        """Count one reading of the settings."""
        self._reloads.labels("good" if good else "bad").inc()

    def text(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self.registry)
