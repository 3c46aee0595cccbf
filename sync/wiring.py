"""The composition root: settings become connections, connections become pairs.

Nothing here asks the network; opening a connection makes no request (adapters.registry).
"""

import hashlib
import os
import secrets
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Self

import structlog
from sqlalchemy.exc import DBAPIError, OperationalError

from adapters.base import Connection
from adapters.nothing import Nowhere
from adapters.seams import Clock, Seams
from mappings.problem import Problem, ProblemError
from mappings.vocabulary import Side
from sync.effect.pair import Pair
from sync.settings.actions import actions_of, main_of
from sync.settings.load import Loaded
from sync.settings.model import PairSettings
from sync.store import Store, guardfile

_log: Final = structlog.stdlib.get_logger("followthrough.state")
#: Bytes of a marker key; as long as the hash it is used with (HMAC-SHA256, RFC 2104 §3).
KEY_BYTES: Final = 32
_RESTORE: Final = "Restore a backup, or move it aside and run `followthrough sync --relink`."
#: A shorter key in a file or variable is a mistake.
SHORTEST_KEY: Final = 16


def open_store(loaded: Loaded, clock: Clock, *, lock: bool) -> Store:
    """The store the settings name; ``lock`` as in :meth:`Store.open`. Whoever locks it is warned
    of files that others may read.

    Raises ProblemError with the E30x codes, also for a server that cannot be reached.
    """
    for file in open_to_others(loaded) if lock else ():
        _log.warning(f"the state: others may read it: chmod 600 {file}")
    try:
        return Store.open(loaded.settings.state.url, clock, lock=lock)
    except DBAPIError as error:
        problem = unusable(error)
        if problem is None:
            raise
        raise ProblemError(problem) from None


def unusable(error: DBAPIError) -> Problem | None:
    """E302 or E304 for what the database's own home is to blame for: a full disk, a lost server,
    a damaged file. None for a bug of ours.
    """
    code = getattr(error.orig, "sqlite_errorcode", None)
    primary = code & 0xFF if isinstance(code, int) else None  # sqlite.org/rescode.html
    if primary in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return Problem("E302", f"the database is damaged: {error.orig}.", remedy=_RESTORE)
    if not isinstance(error, OperationalError) or primary == sqlite3.SQLITE_ERROR:
        return None
    said = str(error.orig).strip().splitlines()
    text = f"the database cannot be used: {said[0] if said else 'no reason given'}."
    return Problem("E304", text, remedy="Make room or give the right there; see [state] url.")


def open_to_others(loaded: Loaded) -> tuple[Path, ...]:
    """The files of the state that somebody besides their owner may read or change."""
    file = loaded.state_file
    return guardfile.open_to_others(file) if file else ()


@dataclass(frozen=True, kw_only=True)
class House:
    """Everything that settings describe, opened. Give it back with :meth:`close`."""

    loaded: Loaded
    connections: dict[str, Connection]
    pairs: tuple[Pair, ...]

    def close(self) -> None:
        """Give back sockets and locks."""
        for connection in self.connections.values():
            connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def build(loaded: Loaded, seams: Seams, key: bytes, names: Iterable[str] = ()) -> House:
    """Open every connection that the pairs called ``names`` (all, when empty) need.

    Raises ProblemError (E201) for the name of a pair that there is not.
    """
    pairs = chosen(loaded, names)
    wanted = {end.connection for pair in pairs.values() for end in pair.ends.values()}
    wanted |= {pair.postmortems for pair in pairs.values() if pair.postmortems}
    connections = {name: connect(loaded, name, seams) for name in sorted(wanted)}
    opened = {name: _open(loaded, name, pair, connections, key) for name, pair in pairs.items()}
    for name, pair in opened.items():
        main = opened.get(main_of(name))
        if main is not None and main.postmortems is not None:
            # One folder, read once: both pairs then mean the same items by the same ids.
            projects = {**pair.projects, Side.LEFT: main.postmortems}
            opened[name] = replace(pair, projects=projects)
    return House(loaded=loaded, connections=connections, pairs=tuple(opened.values()))


def chosen(loaded: Loaded, names: Iterable[str]) -> dict[str, PairSettings]:
    """The pairs called ``names``, with those of their postmortems; all of them when empty.

    Raises ProblemError (E201).
    """
    pairs = loaded.settings.pairs
    wanted = list(names)
    for name in wanted:
        if name not in pairs:
            remedy = f"There are: {', '.join(pairs)}."
            raise ProblemError(Problem("E201", f'no pair "{name}".', str(loaded.file), remedy))
    return {
        name: pair
        for name, pair in pairs.items()
        if not wanted or name in wanted or main_of(name) in wanted
    }


def connect(loaded: Loaded, name: str, seams: Seams) -> Connection:
    """One connection by its name in the settings."""
    return loaded.adapters[name].connect(name, loaded.tables[name], seams)


def _open(
    loaded: Loaded, name: str, pair: PairSettings, connections: dict[str, Connection], key: bytes
) -> Pair:
    profile = loaded.profiles[name]
    nowhere = Nowhere()
    opened: dict[Side, Connection] = dict.fromkeys(Side, nowhere)
    opened |= {side: connections[end.connection] for side, end in pair.ends.items()}
    projects = {side: end.project for side, end in pair.ends.items()}
    folder = connections[pair.postmortems].open("", profile) if pair.postmortems else None
    return Pair(
        name=name,
        projects={side: opened[side].open(projects.get(side, ""), profile) for side in Side},
        connections=opened,
        names={side: pair.ends[side].connection if side in pair.ends else "" for side in Side},
        policy=pair.policy,
        key=key,
        # What follows from postmortems is judged with the pair that they belong to.
        rules=None if main_of(name) else loaded.settings.rules_of(name),
        postmortems=folder,
        beside=main_of(name) or (actions_of(name) if pair.postmortems else ""),
        words=hashlib.sha256(profile.model_dump_json().encode()).hexdigest(),
    )


def marker_key(loaded: Loaded, *, create: bool) -> bytes:
    """The key that signs our marks.

    From ``[state] key``, else from the file beside the database, which is made at the first sync
    (``create``). Without ``create`` and without a file a throw-away key serves: nothing signed
    by it leaves the process. Raises ProblemError: E203 (unusable), E304 (cannot be written),
    E307 (there is a state but its key is gone: signing with a new one would disown every item);
    E303 and E304 for a place where no state may lie.
    """
    source = loaded.settings.state.key
    if source is not None:
        return _long_enough(source.read().get_secret_value().encode(), str(source))
    file = key_file(loaded)
    if file is None:
        return secrets.token_bytes(KEY_BYTES)
    try:
        return _long_enough(file.read_bytes().strip(), str(file))
    except FileNotFoundError:
        pass
    except OSError as error:
        problem = Problem("E203", f"cannot be read: {error.strerror}.", str(file))
        raise ProblemError(problem) from None
    state = loaded.state_file
    if state is not None and state.exists() and state.stat().st_size > 0:
        text = "the key of this state file is gone."
        remedy = "Restore it from a backup, or name another with [state] key."
        raise ProblemError(Problem("E307", text, str(file), remedy))
    key = secrets.token_hex(KEY_BYTES).encode()
    if create:
        guardfile.refuse_bad_place(file)
        _keep(file, key)
    return key


def key_file(loaded: Loaded) -> Path | None:
    """Where the key lies when settings name no other place."""
    state = loaded.state_file
    return state.with_name(state.name + ".key") if state else None


def _keep(file: Path, key: bytes) -> None:
    """Write the key once, for its owner only."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        problem = Problem("E304", f"cannot be written: {error.strerror}.", str(file))
        raise ProblemError(problem) from None
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(key)
        stream.flush()
        os.fsync(stream.fileno())


def _long_enough(key: bytes, place: str) -> bytes:
    if len(key) < SHORTEST_KEY:
        text = f"a marker key has at least {SHORTEST_KEY} characters."
        raise ProblemError(Problem("E203", text, place))
    return key
