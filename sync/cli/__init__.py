"""The command line: one file per command, put together here (design §10)."""

from typing import Final

import typer

from sync.cli.adapters import adapters
from sync.cli.check import check
from sync.cli.commands import Commands
from sync.cli.conflicts import conflicts
from sync.cli.demo import demo
from sync.cli.doubts import doubts
from sync.cli.explain import explain
from sync.cli.init import init
from sync.cli.log import log
from sync.cli.plan import plan
from sync.cli.postmortem import app as postmortem
from sync.cli.report import report
from sync.cli.rules import rules
from sync.cli.run import run
from sync.cli.sandbox import sandbox
from sync.cli.status import status
from sync.cli.sync import sync
from sync.cli.unlink import unlink
from sync.cli.version import version

#: In the order in which a person meets them.
COMMANDS: Final = (
    init,
    check,
    plan,
    sync,
    run,
    status,
    conflicts,
    doubts,
    unlink,
    explain,
    log,
    report,
    rules,
    adapters,
    sandbox,
    demo,
    version,
)

#: Commands that have commands of their own.
GROUPS: Final = (postmortem,)

app: Final = typer.Typer(
    name="followthrough",
    cls=Commands,
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    help="Keep incidents, postmortems and their action items in step with the issue tracker.\n\n"
    "Start with `followthrough init`, then `check`, `plan` and `sync`; `run` stays and polls. "
    "`demo` shows all of it without any account.\n\n"
    "Exit codes: 0 done, 1 something failed, 2 usage or settings, 3 plan refused by the guard, "
    "4 findings.",
)
for _command in COMMANDS:
    app.command(_command.__name__)(_command)
for _group in GROUPS:
    app.add_typer(_group)


@app.callback()
def _everything() -> None:
    """Keep incidents, postmortems and their action items in step with the issue tracker."""


def main() -> None:
    """The program ``followthrough``."""
    app()
