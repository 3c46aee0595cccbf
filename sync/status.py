"""How every pair stands, read from the store alone: for the command line, the daemon, the pages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from adapters.base import Budget
from mappings.vocabulary import Side
from sync.decide.plan import OpKind
from sync.rules.model import Finding
from sync.store import disputes, findings, journal, linkage, lost, observations, schedule, setaside
from sync.store.schedule import PairRow, Position, Run


@dataclass(frozen=True, slots=True, kw_only=True)
class PairStatus:
    """One pair. ``row`` is None while it was never run. ``budgets`` are by connection."""

    name: str
    row: PairRow | None = None
    last: Run | None = None
    positions: Mapping[Side, Position] = field(default_factory=dict)
    linked: int = 0
    conflicts: int = 0
    aside: int = 0
    doubts: int = 0
    absent: int = 0
    urgent: bool = False
    budgets: Mapping[str, Budget] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @property
    def last_good_at(self) -> datetime | None:
        """When the last cycle ended in which nothing failed (UTC)."""
        return self.row.last_good_at if self.row else None

    @property
    def read_at(self) -> datetime | None:
        """Since when changes may have been missed: the older of the two sides' last readings."""
        moved = [self.positions[side].moved_at for side in Side if side in self.positions]
        known = [moment for moment in moved if moment is not None]
        return min(known) if len(known) == len(Side) else None


def pair_status(tx: Connection, name: str, connections: Mapping[Side, str]) -> PairStatus:
    """How one pair stands; ``connections`` are the names of its ends' connections."""
    row = schedule.get(tx, name)
    budgets = {one: schedule.budget(tx, one) for one in dict.fromkeys(connections.values())}
    if row is None:
        return PairStatus(name=name, budgets=budgets)
    runs = schedule.history(tx, name, 1)
    return PairStatus(
        name=name,
        row=row,
        last=runs[0] if runs else None,
        positions={side: schedule.position(tx, name, side) for side in Side},
        linked=linkage.count(tx, name),
        conflicts=len(disputes.listed(tx, name)),
        aside=len(setaside.listed(tx, name)),
        doubts=sum(one.kind == OpKind.CREATE for one in journal.unsettled(tx, name)),
        absent=lost.count_absent(tx, name),
        urgent=observations.any_urgent(tx, name),
        budgets=budgets,
        findings=tuple(findings.open_now(tx, name)),
    )
