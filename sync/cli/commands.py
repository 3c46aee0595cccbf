"""The group every command runs in: an error is one line and an exit code, never a traceback."""

from typing import Any

import typer
from sqlalchemy.exc import DBAPIError
from typer.core import TyperGroup

from adapters.errors import AdapterError
from mappings.problem import ProblemError
from sync import wiring
from sync.cli import crash
from sync.cli.exits import Exit
from sync.cli.session import FOLDER, World, world_of
from sync.settings import SettingsError


class Commands(TyperGroup):
    """A group whose commands may raise what the floors below raise."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401  typer's context class has moved about
        """Run the command; whatever goes wrong is said on one line of standard error."""
        world = world_of(ctx)
        try:
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort, BrokenPipeError):
            raise
        except KeyboardInterrupt:
            world.screen.note("stopped")
            raise typer.Exit(Exit.FAILED) from None
        except Exception as error:
            if hasattr(error, "exit_code"):  # wrong usage: typer shows it and exits with 2
                raise
            raise typer.Exit(_say(world, ctx, error)) from None


def _say(world: World, ctx: typer.Context, error: Exception) -> Exit:
    """Show what went wrong; the exit code for it."""
    if isinstance(error, SettingsError):
        for problem in error.problems:
            world.screen.problem(problem)
        return Exit.USAGE
    if isinstance(error, ProblemError | AdapterError):
        world.screen.problem(error.problem)
        in_settings = isinstance(error, ProblemError) and error.problem.code < "E204"
        return Exit.USAGE if in_settings and error.problem.code >= "E200" else Exit.FAILED
    unusable = wiring.unusable(error) if isinstance(error, DBAPIError) else None
    world.screen.problem(unusable or crash.keep(world, ctx.meta.get(FOLDER), error))
    return Exit.FAILED
