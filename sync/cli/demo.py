"""``followthrough demo``: all of it, on this machine, without any account."""

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from sync.cli import planview
from sync.cli.exits import Exit
from sync.cli.screen import Screen
from sync.cli.session import log_to_stderr, world_of
from sync.daemon.health import Health
from sync.daemon.loop import Daemon
from sync.daemon.metrics import Metrics
from sync.daemon.signals import Signals
from sync.daemon.workers import Threads
from sync.demo import TRACKERS, Demo, Kind, run_demo
from sync.effect.cycle import Report
from sync.wiring import House


@dataclass(frozen=True)
class _Telling:
    """The story on a screen."""

    screen: Screen

    def chapter(self, title: str) -> None:
        self.screen.line()
        self.screen.line(f"== {title}", "bold cyan")

    def says(self, text: str) -> None:
        self.screen.line(text)

    def report(self, report: Report) -> None:
        planview.show(self.screen, report, "documents <-> tracker")


def demo(
    ctx: typer.Context,
    *,
    tracker: Annotated[Kind, typer.Option(help="Which tracker the sandbox plays.")] = "github",
    serve: Annotated[
        bool, typer.Option("--serve", help="Stay up, so that you can click and edit yourself.")
    ] = False,
    keep: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Play in this folder and leave it there.")
    ] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The sandbox's port; 0 takes any free one.")
    ] = 0,
) -> None:
    """Show an incident followed through, with the real program and a sandbox as its tracker.

    A workspace is written, planned and synced; a team works on both sides; a second sync brings
    them in step again. Then a P0 is closed without a postmortem, which is told; the postmortem is
    written, its action items become issues, one is done and its box is ticked; the report shows
    it. Ends with 0 only if both sides agree and nothing is left to do.

    Example: followthrough demo --tracker gitlab --serve
    """
    world = world_of(ctx)
    log_to_stderr(ctx, "auto", "info" if serve else "warning")
    with ExitStack() as stack:
        if keep is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="followthrough-")))
        else:
            folder = _empty(keep)
        telling = _Telling(world.screen)
        stay = _stay if serve else None
        good = run_demo(folder.resolve(), telling, world.seams, port, stay, TRACKERS[tracker])
        if keep is not None:
            world.screen.note(f"Everything is in {folder}.")
    raise typer.Exit(Exit.DONE if good else Exit.FAILED)


def _empty(folder: Path) -> Path:
    if folder.exists() and any(folder.iterdir()):
        raise typer.BadParameter(f"{folder} is not empty", param_hint="--keep")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _stay(demo: Demo) -> None:
    """Run the daemon over the demo until Ctrl-C."""
    clock = demo.seams.clock
    daemon_settings = demo.loaded.settings.daemon
    signals = Signals()
    demo.stage.chapter("Now you: Ctrl-C ends it")
    demo.stage.says(f"click  {demo.sandbox.url}/{demo.tracker.page}")
    demo.stage.says(f"edit   {demo.root}")
    demo.stage.says("Whatever you change on one side is on the other about a second later.")
    house = House(loaded=demo.loaded, connections={}, pairs=(demo.pair, demo.actions))
    with signals.installed():
        Daemon(
            house=house,
            store=demo.store,
            seams=demo.seams,
            signals=signals,
            workers=Threads(1),
            health=Health(demo.store, clock, daemon_settings.healthy_within),
            metrics=Metrics(),
            reload=lambda: house,
            enough_space=lambda: None,
            before=lambda _: None,
        ).run()
