"""``followthrough check``: prove before anything runs that everything it needs is there."""

import os
import sqlite3
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from adapters.base import Check
from adapters.credentials import SecretSource
from adapters.errors import AdapterError
from mappings.problem import Problem, ProblemError
from mappings.vocabulary import Side
from sync import wiring
from sync.cli.exits import Exit
from sync.cli.screen import Screen
from sync.cli.session import (
    ConfigOption,
    JsonOption,
    LogFormatOption,
    LogLevelOption,
    PairOption,
    World,
    log_to_stderr,
    settings,
    world_of,
)
from sync.notify.messages import Message
from sync.notify.sender import NotSentError, understood
from sync.notify.settings import ChannelSettings
from sync.settings import DEFAULT_FILE, Loaded
from sync.settings.actions import main_of
from sync.settings.secrets import secrets_in
from sync.store import guardfile

#: What cannot be proved before a secret can be read, which is told once.
_NOT_ASKED: Final = Check("not asked", ok=False, detail="its secret cannot be read, see above")


def check(
    ctx: typer.Context,
    *,
    config: ConfigOption = DEFAULT_FILE,
    pair: PairOption = None,
    notify: Annotated[
        bool, typer.Option("--notify", help="Also send one message to each channel.")
    ] = False,
    as_json: JsonOption = False,
    log_format: LogFormatOption = "auto",
    log_level: LogLevelOption = "warning",
) -> None:
    """Prove that settings, state, folders, tokens, projects and vocabularies are right.

    One line for each thing, with its remedy where it is wrong. Writes nothing; `--notify` sends one
    message to each channel of [notify]. Exit 2 when the settings are wrong, 1 when anything else
    is.

    Example: followthrough check && followthrough plan
    """
    log_to_stderr(ctx, log_format, log_level)
    world = world_of(ctx)
    loaded = settings(ctx, config, secrets=False)
    found: list[tuple[str, Check]] = []
    for about, told in _everything(world, loaded, pair or [], notify=notify):
        one = _said_once(told)
        found.append((about, one))
        if not as_json:
            _show(world.screen, about, one)
    wrong = sum(not one.ok for _, one in found)
    if as_json:
        world.screen.data({"ok": not wrong, "checks": [_json(about, one) for about, one in found]})
    else:
        world.screen.note(f"{wrong} of {len(found)} need attention." if wrong else "All is well.")
    raise typer.Exit(Exit.FAILED if wrong else Exit.DONE)


def _everything(
    world: World, loaded: Loaded, names: list[str], *, notify: bool
) -> Iterator[tuple[str, Check]]:
    yield "settings", Check(str(loaded.file), ok=True)
    pairs = wiring.chosen(loaded, names)
    missing = set()
    for source, place in loaded.secrets.items():
        told = _secret(source, place)
        missing |= set() if told.ok else {source}
        yield "secrets", told
    for one in _state(world, loaded, keyless=loaded.settings.state.key in missing):
        yield "state", one
    ends = {end.connection for pair in pairs.values() for end in pair.ends.values()}
    wanted = ends | {pair.postmortems for pair in pairs.values() if pair.postmortems}
    mute = {
        name
        for name, table in loaded.tables.items()
        if any(source in missing for _, source in secrets_in(table))
    }
    for name in sorted(wanted):
        yield from ((f"connection {name}", one) for one in _connection(world, loaded, name, mute))
    for name in pairs:
        profile = loaded.profiles[name]
        detail = f"{profile.name}, {len(profile.people)} people mapped"
        yield f"pair {name}", Check("profile", ok=True, detail=detail)
        yield from ((f"pair {name}", one) for one in _projects(world, loaded, name, mute))
    for name, channel in loaded.settings.notify.items():
        told = _NOT_ASKED if channel.url in missing else _channel(world, channel, notify=notify)
        yield f"channel {name}", told


def _connection(world: World, loaded: Loaded, name: str, mute: set[str]) -> Iterator[Check]:
    if name in mute:
        yield _NOT_ASKED
        return
    connection = wiring.connect(loaded, name, world.seams)
    try:
        yield from _guarded(connection.check())
    finally:
        connection.close()


def _channel(world: World, channel: ChannelSettings, *, notify: bool) -> Check:
    """Whether its address is one, and whether it takes a message."""
    try:
        url = channel.url.read()
    except ProblemError as error:
        return _failed("address", error.problem)
    if not understood(url):
        remedy = "Write it as apprise does: slack://…, msteams://…, mailto://…"
        return Check("address", ok=False, detail="no service has one like this.", remedy=remedy)
    if not notify:
        return Check("address", ok=True)
    hello = Message("followthrough", "This channel is told of findings.")
    try:
        world.send(url, hello)
    except NotSentError as error:
        return Check("message", ok=False, detail=f"E504 {error}.", remedy="Check the address.")
    return Check("message", ok=True, detail="sent")


def _secret(source: SecretSource, place: str) -> Check:
    try:
        source.read()
    except ProblemError as error:
        detail = f"{error.problem.code} {place} {error.problem.message}"
        return Check(str(source), ok=False, detail=detail, remedy=error.problem.remedy)
    return Check(str(source), ok=True)


def _projects(world: World, loaded: Loaded, name: str, mute: set[str]) -> Iterator[Check]:
    """Both projects of one pair, as their own adapters prove them."""
    try:
        with wiring.build(loaded, world.seams, b"", [name]) as house:
            pair = next(one for one in house.pairs if one.name == name)
            for side, project in pair.projects.items():
                if pair.names[side] in mute:
                    yield _NOT_ASKED
                elif side is Side.LEFT or not main_of(name):  # one tracker is looked at once
                    yield from _guarded(project.check())
    except ProblemError as error:
        yield _failed("project", error.problem)


def _guarded(checks: Iterator[Check]) -> Iterator[Check]:
    """The checks up to the first that could not even be made."""
    try:
        yield from checks
    except (AdapterError, ProblemError) as error:
        yield _failed("reachable", error.problem)


def _failed(name: str, problem: Problem) -> Check:
    said = " ".join(part for part in (problem.code, problem.place, problem.message) if part)
    return Check(name, ok=False, detail=said, remedy=problem.remedy)


def _state(world: World, loaded: Loaded, *, keyless: bool) -> Iterator[Check]:
    file = loaded.state_file
    if file is not None:
        yield from _place(world, file)
        if not file.exists():
            yield Check("database", ok=True, detail=f"{file} will be made by the first sync")
            return
        yield _lock(file)
    try:
        with wiring.open_store(loaded, world.seams.clock, lock=False):
            kind = f"SQLite {sqlite3.sqlite_version}" if file else "PostgreSQL"
            yield Check("database", ok=True, detail=kind)
        if not keyless:
            wiring.marker_key(loaded, create=False)
    except ProblemError as error:
        yield _failed("database", error.problem)


def _lock(file: Path) -> Check:
    """Whether another process works on this state; that is no fault, but good to know."""
    try:
        guardfile.Lock.take(file).release()
    except ProblemError as error:
        return Check("lock", ok=error.problem.code == "E301", detail=error.problem.message)
    return Check("lock", ok=True, detail="free")


def _place(world: World, file: Path) -> Iterator[Check]:
    """The folder of the SQLite file, its disk, and the key beside it."""
    try:
        guardfile.refuse_bad_place(file)
        writable = os.access(file.parent, os.W_OK | os.X_OK)
        remedy = "" if writable else "Give the right to write there, or move [state] url."
        detail = str(file.parent) if writable else f"E304 cannot write in {file.parent}"
        yield Check("state folder", ok=writable, detail=detail, remedy=remedy)
    except ProblemError as error:
        yield _failed("state folder", error.problem)
        return
    full = guardfile.free_space(file.parent, world.least_free)
    yield _failed("free disk", full) if full else Check("free disk", ok=True)
    for one in guardfile.open_to_others(file):
        yield Check("state", ok=True, detail=f"others may read it: chmod 600 {one}")
    key = file.with_name(file.name + ".key")
    if key.exists():
        open_to_others = bool(key.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))
        remedy = f"chmod 600 {key}" if open_to_others else ""
        detail = "others may read it" if open_to_others else ""
        yield Check(str(key), ok=not open_to_others, detail=detail, remedy=remedy)


def _said_once(one: Check) -> Check:
    """Without the remedy at the end of the detail, which is a whole problem in words."""
    if not one.remedy or not one.detail.endswith(one.remedy):
        return one
    return replace(one, detail=one.detail.removesuffix(one.remedy).rstrip())


def _json(about: str, one: Check) -> dict[str, Any]:
    return {
        "about": about,
        "name": one.name,
        "ok": one.ok,
        "detail": one.detail,
        "remedy": one.remedy,
    }


def _show(screen: Screen, about: str, one: Check) -> None:
    mark = "ok  " if one.ok else "FAIL"
    remedy = f"  {one.remedy}" if one.remedy and not one.ok else ""
    style = "" if one.ok else "red"
    screen.line(f"{mark} {about}: {one.name}  {one.detail}{remedy}".rstrip(), style)
