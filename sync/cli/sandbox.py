"""``followthrough sandbox``: a tracker on this machine that remembers, to try things on."""

from pathlib import Path
from typing import Annotated, Final

import typer

from adapters.sandbox import KINDS, serve

_KNOWN: Final = ", ".join(sorted(KINDS))


def sandbox(
    *,
    tracker: Annotated[str, typer.Argument(help=f"Which tracker to play: {_KNOWN}.")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any free port.")] = 0,
    project: Annotated[
        list[str] | None, typer.Option(help="A project that exists; may be given several times.")
    ] = None,
    token: Annotated[
        str, typer.Option(envvar="SANDBOX_TOKEN", help="The token that opens it.")
    ] = "sandbox-token",  # noqa: S107  opens nothing but this sandbox
    faults: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A script of faults.")
    ] = None,
    lag: Annotated[float, typer.Option(min=0, help="Seconds until lists show a change.")] = 0.0,
    flavour: Annotated[
        str, typer.Option(help="Which product, for jira: cloud (usual) or datacenter.")
    ] = "",
) -> None:
    """Serve a stateful tracker on loopback until it is ended (Ctrl-C or SIGTERM).

    Prints its address when it is ready. Use that as `base_url` of a connection; open it in a
    browser to click. Nothing leaves this machine, nothing is kept.

    A project is "owner/name" on github, a path on gitlab, a key on jira, which takes a workflow
    with it: PAY, WEB:team, OPS:service.

    Example: followthrough sandbox github --port 4701 --project acme/payments
    """
    serve(
        tracker,
        port=port,
        projects=project or None,
        token=token,
        flavour=flavour,
        faults=faults,
        lag=lag,
    )
