"""``followthrough run``: the daemon."""

import logging
import os
from collections.abc import Callable
from contextlib import ExitStack

import structlog
import typer

from adapters.seams import Seams
from mappings.problem import Problem, ProblemError
from sync import wiring
from sync.cli.exits import Exit
from sync.cli.session import (
    ConfigOption,
    LogFormatOption,
    LogLevelOption,
    World,
    learn,
    log_to_stderr,
    settings,
    space,
    tell,
    world_of,
)
from sync.daemon.health import Health
from sync.daemon.loop import Daemon
from sync.daemon.metrics import Metrics
from sync.daemon.server import serving
from sync.daemon.signals import Signals, StoppableClock
from sync.daemon.workers import Threads
from sync.settings import DEFAULT_FILE, Loaded, load
from sync.wiring import House

_log = structlog.stdlib.get_logger("followthrough.daemon")


def run(
    ctx: typer.Context,
    *,
    config: ConfigOption = DEFAULT_FILE,
    log_format: LogFormatOption = "auto",
    log_level: LogLevelOption = "info",
) -> None:
    """Stay and keep every pair in step: poll, apply, wait.

    SIGTERM and Ctrl-C finish the current operation and end within ten seconds, a second one ends at
    once. SIGHUP reads the settings again; bad ones are logged and the old ones stay. /healthz,
    /readyz and /metrics are served on [daemon] listen.

    Example: FOLLOWTHROUGH_LOG_FORMAT=json followthrough run -c /etc/followthrough.toml
    """
    log_to_stderr(ctx, log_format, log_level)
    world = world_of(ctx)
    loaded = settings(ctx, config, secrets=True)
    signals = Signals()
    seams = Seams(StoppableClock(world.seams.clock, signals.stop), world.seams.random)
    with ExitStack() as stack:
        stack.enter_context(signals.installed())
        key = wiring.marker_key(loaded, create=True)
        store = stack.enter_context(wiring.open_store(loaded, world.seams.clock, lock=True))
        given = loaded.settings.daemon
        health = Health(store, world.seams.clock, given.healthy_within)
        metrics = Metrics()
        if given.address is not None:
            where = stack.enter_context(serving(given.address, health, metrics))
            _log.info("listening", url=where)
        daemon = Daemon(
            house=wiring.build(loaded, seams, key),
            store=store,
            seams=seams,
            signals=signals,
            workers=Threads(given.workers),
            health=health,
            metrics=metrics,
            reload=_reloader(world, loaded, seams, key),
            enough_space=space(world, loaded),
            before=lambda house: learn(world.redactor, house.loaded),
            tell=lambda house, pair: tell(house.loaded, store, world, pair),
            alone=loaded.state_file is not None,
        )
        if not daemon.run():
            # A request that takes longer than the grace is left to its fate: its intent is kept.
            logging.shutdown()
            os._exit(Exit.FAILED)


def _reloader(world: World, running: Loaded, seams: Seams, key: bytes) -> Callable[[], House]:
    """Reads the settings again, from the same file, for the same state."""

    def reload() -> House:
        loaded = load(running.file, world.environ, adapter=world.adapter)
        learn(world.redactor, loaded)
        if loaded.settings.state != running.settings.state:
            text = "[state] can only change with a restart."
            raise ProblemError(Problem("E201", text, str(loaded.file)))
        if loaded.settings.daemon.listen != running.settings.daemon.listen:
            _log.warning("[daemon] listen changes with the next restart")
        return wiring.build(loaded, seams, key)

    return reload
