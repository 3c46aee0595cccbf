"""From the command line to open pairs: what every command that works on settings begins with."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from os import environ
from pathlib import Path
from typing import Annotated, Final

import structlog
import typer

from adapters import registry
from adapters.registry import Adapter
from adapters.seams import Seams
from mappings.problem import Problem, ProblemError
from sync import logs, wiring
from sync.cli.screen import Screen
from sync.effect.pair import Pair
from sync.notify import sender
from sync.notify.deliver import Notifier
from sync.notify.sender import Sender
from sync.rules.model import Level
from sync.settings import DEFAULT_FILE, Loaded, load
from sync.store import Store, guardfile

_log: Final = structlog.stdlib.get_logger("followthrough.notify")
#: Where in a command's context the folder for tracebacks is kept.
FOLDER: Final = "followthrough.folder"

ConfigOption = Annotated[
    Path,
    typer.Option(
        "--config",
        "-c",
        envvar="FOLLOWTHROUGH_CONFIG",
        help="The settings file.",
        show_default=str(DEFAULT_FILE),
    ),
]
PairOption = Annotated[
    list[str] | None,
    typer.Option("--pair", "-p", help="Only this pair; may be given several times."),
]
FailOnOption = Annotated[
    Level | None,
    typer.Option(help="Exit with 4 if a finding of this level, or a worse one, is open."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="The answer as JSON.")]
LogFormatOption = Annotated[
    logs.Format,
    typer.Option(
        "--log-format", envvar="FOLLOWTHROUGH_LOG_FORMAT", help="How logs are written (to stderr)."
    ),
]
LogLevelOption = Annotated[
    logs.Level,
    typer.Option("--log-level", envvar="FOLLOWTHROUGH_LOG_LEVEL", help="The least that is logged."),
]


@dataclass(frozen=True, kw_only=True)
class World:
    """What commands are given of the world; tests pass another one as the context's object."""

    seams: Seams = field(default_factory=Seams)
    environ: Mapping[str, str] = field(default_factory=lambda: environ)
    adapter: Callable[[str], Adapter] = registry.adapter
    installed: Callable[[], dict[str, Adapter]] = registry.installed
    screen: Screen = field(default_factory=Screen)
    send: Sender = sender.send
    least_free: int = guardfile.FREE_BYTES

    @property
    def redactor(self) -> logs.Redactor:
        """Knows the secrets, for everything this process writes."""
        return self.screen.redactor


@dataclass(frozen=True, kw_only=True)
class Session:
    """Settings and the state they name; ``pairs`` are open where the command needs them."""

    world: World
    loaded: Loaded
    store: Store
    pairs: tuple[Pair, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def screen(self) -> Screen:
        """Where the answer goes."""
        return self.world.screen

    @property
    def seams(self) -> Seams:
        """Clock and chance."""
        return self.world.seams


def tell(loaded: Loaded, store: Store, world: World, pair: str) -> None:
    """Tell the channels what a cycle of one pair found; one that fails is logged, and no more."""
    notifier = Notifier.of(loaded.settings, store, world.seams.clock, world.send)
    for problem in notifier.tell(pair):
        _log.warning("not told", pair=pair, problem=str(problem))


def world_of(ctx: typer.Context) -> World:
    """The world this command runs in."""
    world: World = ctx.ensure_object(World)
    return world


def log_to_stderr(ctx: typer.Context, form: logs.Format, level: logs.Level) -> None:
    """Set logging up for this process."""
    logs.set_up(world_of(ctx).redactor, form=form, level=level)


def settings(ctx: typer.Context, config: Path, *, secrets: bool) -> Loaded:
    """Read the settings, and teach the redactor their secrets. Raises SettingsError."""
    world = world_of(ctx)
    loaded = load(config, world.environ, adapter=world.adapter, secrets=secrets)
    learn(world.redactor, loaded)
    if loaded.state_file is not None:
        ctx.meta[FOLDER] = loaded.state_file.parent
    return loaded


def learn(redactor: logs.Redactor, loaded: Loaded) -> None:
    """Remember every secret as it is now, so that none can be written."""
    for source in loaded.secrets:
        try:
            redactor.learn([source.read()])
        except ProblemError:
            continue


@contextmanager
def remembered(ctx: typer.Context, config: Path, names: list[str] | None) -> Iterator[Session]:
    """For commands that only read the state: no token, no lock, no request."""
    world = world_of(ctx)
    loaded = settings(ctx, config, secrets=False)
    chosen = tuple(wiring.chosen(loaded, names or ()))
    with wiring.open_store(loaded, world.seams.clock, lock=False) as store:
        yield Session(world=world, loaded=loaded, store=store, names=chosen)


@contextmanager
def connected(
    ctx: typer.Context, config: Path, names: list[str] | None, *, writing: bool
) -> Iterator[Session]:
    """For commands that read both sides; with ``writing`` the state is locked for us alone."""
    world = world_of(ctx)
    loaded = settings(ctx, config, secrets=True)
    chosen = tuple(wiring.chosen(loaded, names or ()))
    with ExitStack() as stack:
        if writing:
            _enough_space(world, loaded)
        key = wiring.marker_key(loaded, create=writing)
        store = stack.enter_context(wiring.open_store(loaded, world.seams.clock, lock=writing))
        house = stack.enter_context(wiring.build(loaded, world.seams, key, chosen))
        yield Session(world=world, loaded=loaded, store=store, pairs=house.pairs, names=chosen)


def space(world: World, loaded: Loaded) -> Callable[[], Problem | None]:
    """The test of free disk where the state is a file: what cannot be journalled is not done."""
    file = loaded.state_file
    return lambda: guardfile.free_space(file.parent, world.least_free) if file else None


def _enough_space(world: World, loaded: Loaded) -> None:
    full = None
    if loaded.state_file is not None and loaded.state_file.parent.is_dir():
        full = space(world, loaded)()
    if full is not None:
        raise ProblemError(full)
