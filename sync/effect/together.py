"""Reading ahead for several pairs at once, where one request tells of many projects.

What is read here is what each pair would have read alone, and is used only while that is still so
(:func:`sync.effect.observe.read`). What cannot be read together is read alone, and told there.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import Connection as Transaction

from adapters.base import Connection, Project
from adapters.errors import AdapterError, RateLimited
from mappings.problem import ProblemError
from mappings.vocabulary import Side
from sync.effect import observe
from sync.effect.observe import FRESH, Begun, Reading, Readings
from sync.effect.pair import Pair, Progress, silent
from sync.store import Store, schedule

_log: Final = structlog.stdlib.get_logger("followthrough.together")


@dataclass(frozen=True, slots=True)
class _Place:
    """Which side of which pair a project is, and where its reading begins."""

    pair: Pair
    side: Side
    begun: Begun


def read_together(
    pairs: Iterable[Pair],
    store: Store,
    now: datetime,
    progress: Progress = silent,
    *,
    within: Pair | None = None,
) -> dict[str, Readings]:
    """Readings by pair and side for those of ``pairs`` that share a connection which reads many
    projects at once. Left out is each side that was never read, is to be read whole, is blocked,
    or could not be read to its end.

    ``within``: only over connections of this pair; those of others may be in use elsewhere.
    """
    found: dict[str, dict[Side, Reading]] = {}
    for connection, places in _shared(pairs, store, now).items():
        if within is not None and connection not in within.connections.values():
            continue
        for project, reading in _poll(connection, places, store, now, progress).items():
            found.setdefault(places[project].pair.name, {})[reading.side] = reading
    return dict(found)


def _shared(
    pairs: Iterable[Pair], store: Store, now: datetime
) -> dict[Connection, dict[Project, _Place]]:
    """Projects that can be read from where they were left, by the connection they share."""
    found: dict[Connection, dict[Project, _Place]] = {}
    many = [(pair, side) for pair in pairs for side in Side if reads_many(pair.connections[side])]
    if not many:
        return found
    with store.reading() as tx:
        for pair, side in many:
            begun = _begun(tx, pair, side, now)
            if begun is not None:
                places = found.setdefault(pair.connections[side], {})
                # One object that two pairs were given is read for the first of them.
                places.setdefault(pair.projects[side], _Place(pair, side, begun))
    return {
        connection: places
        for connection, places in found.items()
        if len({place.pair.name for place in places.values()}) > 1
    }


def reads_many(connection: Connection) -> bool:
    """Whether one request of it may cover several projects."""
    return type(connection).poll is not Connection.poll


def _begun(tx: Transaction, pair: Pair, side: Side, now: datetime) -> Begun | None:
    """Where one side's reading begins; None if it is to be read whole, or not at all."""
    row = schedule.get(tx, pair.name)
    until = schedule.blocked_until(tx, pair.names[side])
    position = schedule.position(tx, pair.name, side)
    blocked = until is not None and now < until
    if row is None or blocked or position.cursor is None:
        return None
    if observe.sweep_due(pair, position, now):
        return None
    return Begun(position.cursor, now, row.fence)


def _poll(
    connection: Connection,
    places: Mapping[Project, _Place],
    store: Store,
    now: datetime,
    progress: Progress,
) -> dict[Project, Reading]:
    """Those read to their own end."""
    readings = {
        project: Reading(place.side, cursor=place.begun.cursor, begun=place.begun)
        for project, place in places.items()
    }
    try:
        for project, page in connection.poll({p: one.begun.cursor for p, one in places.items()}):
            observe.take(readings[project], page)
            progress("read together", sum(len(one.items) for one in readings.values()), None, "")
    except RateLimited as error:
        # Nothing is sent before that time, for the other pairs neither.
        name = next(place.pair.names[place.side] for place in places.values())
        with store.writing() as tx:
            schedule.block(tx, name, error.until, now)
    except (AdapterError, ProblemError) as error:
        _log.debug("not read together", problem=str(error.problem))
    except Exception:  # noqa: BLE001  a bug stops no pair: each is then read alone
        _log.exception("not read together")
    return {project: reading for project, reading in readings.items() if reading.complete}


@dataclass
class Ahead:
    """Readings that wait for the turn of their pair, in one process; several threads may ask."""

    _kept: dict[str, tuple[datetime, Readings]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(
        self,
        pair: Pair,
        others: Iterable[Pair],
        store: Store,
        clock: Callable[[], datetime],
        progress: Progress = silent,
    ) -> Readings:
        """What is read ahead of ``pair``: with an earlier one, or now together with ``others``
        that are due too. Each is asked for once a minute, whether or not it could be read.
        """
        now = clock()
        with self._lock:
            kept = self._kept.pop(pair.name, None)
            fresh = {name for name, (at, _) in self._kept.items() if now - at <= FRESH}
        if kept is not None and now - kept[0] <= FRESH:
            return kept[1]
        asked = [one for one in others if one.name not in fresh and share(one, pair)]
        found = read_together([pair, *asked], store, now, progress, within=pair)
        with self._lock:
            self._kept |= {one.name: (now, found.get(one.name, {})) for one in asked}
        return found.get(pair.name, {})

    def forget(self) -> None:
        """Settings changed, and with them what items are read as."""
        with self._lock:
            self._kept.clear()


def share(one: Pair, other: Pair) -> bool:
    """Whether both use a connection that reads many projects at once."""
    mine = [connection for connection in one.connections.values() if reads_many(connection)]
    return any(connection in other.connections.values() for connection in mine)
