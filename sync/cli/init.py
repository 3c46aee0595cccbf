"""``followthrough init``: a settings file to begin with, from what can be found and asked."""

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from sync.cli.session import ConfigOption, world_of
from sync.cli.surroundings import Remote, find_remote, find_workspace, parse_remote
from sync.settings import DEFAULT_FILE, shipped_profiles

_GITHUB: Final = "github.com"

_TEMPLATE: Final = """\
# followthrough: what is kept in step, and with what.
#
# Secrets never stand here. Any key can be overridden by the environment:
# FOLLOWTHROUGH_STATE__URL is `url` of [state]. Relative paths start at this file.
# `followthrough check` proves all of it, `followthrough plan` shows what would happen.
# Every key there is: config.example.toml, and `followthrough adapters`.

# Where links, baselines and the journal are remembered. Keep it on a local disk; the key that signs
# our marks in issues is made beside it.
[state]
url = "sqlite:///followthrough.db"

# The documents: the folder that holds .metis.
[connections.docs]
adapter = "metis"
path = {path}

# The tracker. The token is read anew for every cycle and needs, for this repository alone:
# Issues (read and write) and Metadata (read).
[connections.tracker]
adapter = "github"
token = {{ env = {token} }}
{base_url}
# What is kept in step. By default new items of either side appear on the other, except those that
# were completed in the tracker before the first run.
[pairs.{name}]
left = {{ connection = "docs" }}
right = {{ connection = "tracker", project = {project} }}
profile = {profile}

# Who is who: our name = the tracker's. Nobody who is not listed is ever assigned or removed.
[pairs.{name}.people]
# ann = "ann-w"
"""


def init(
    ctx: typer.Context,
    *,
    config: ConfigOption = DEFAULT_FILE,
    workspace: Annotated[
        Path | None, typer.Option(help="The folder that holds .metis.", file_okay=False)
    ] = None,
    repository: Annotated[
        str, typer.Option(metavar="OWNER/NAME", help="The GitHub repository of the issues.")
    ] = "",
    host: Annotated[str, typer.Option(help="The GitHub host, if it is not github.com.")] = "",
    token_env: Annotated[
        str, typer.Option(metavar="NAME", help="The variable that holds the token.")
    ] = "GITHUB_TOKEN",  # noqa: S107  a name, not a secret
    profile: Annotated[str, typer.Option(help="How the tracker spells phases and levels.")] = (
        "github-labels"
    ),
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing; take what is found.")] = (
        False
    ),
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file if it is there.")] = (
        False
    ),
) -> None:
    """Write a commented settings file.

    The workspace is looked for from here upward, the repository is read from the git remote
    `origin`; what is not found is asked for. Nothing else is written and nothing is contacted.

    Example: followthrough init --repository acme/payments --yes
    """
    screen = world_of(ctx).screen
    if config.exists() and not force:
        text = f"{config} is already there; --force overwrites it"
        raise typer.BadParameter(text, param_hint="--config")
    if profile not in shipped_profiles() and not (config.parent / profile).is_file():
        known = ", ".join(shipped_profiles())
        raise typer.BadParameter(f"no such profile; shipped: {known}", param_hint="--profile")
    asking = not yes and sys.stdin.isatty()
    found = find_workspace(Path.cwd())
    folder = workspace or Path(_ask(asking, "Folder that holds .metis", found, "--workspace"))
    remote = _repository(folder, repository, host, asking=asking)
    config.write_text(settings_text(folder, config, remote, token_env, profile), "utf-8")
    screen.line(f"wrote {config}")
    screen.note(f"Next: put a token into {token_env}, then `followthrough check`.")


def settings_text(
    workspace: Path, config: Path, remote: Remote, token_env: str, profile: str
) -> str:
    """The settings file for one workspace and one repository."""
    base = config.resolve().parent
    base_url = ""
    if remote.host != _GITHUB:
        base_url = f"base_url = {json.dumps(f'https://{remote.host}/api/v3')}\n"
    return _TEMPLATE.format(
        path=json.dumps(os.path.relpath(workspace.resolve(), base)),
        token=json.dumps(token_env),
        base_url=base_url,
        name=_bare(remote.name),
        project=json.dumps(f"{remote.owner}/{remote.name}"),
        profile=json.dumps(profile),
    )


def _repository(folder: Path, said: str, host: str, *, asking: bool) -> Remote:
    """What was said, else the folder's origin as the proposal of a question."""
    seen = find_remote(folder)
    if not said:
        default = f"{seen.owner}/{seen.name}" if seen else None
        said = _ask(asking, "GitHub repository (owner/name)", default, "--repository")
        host = host or (seen.host if seen else "")
    remote = parse_remote(said, host or _GITHUB)
    if remote is None:
        text = f'"{said}" is not of the form owner/name'
        raise typer.BadParameter(text, param_hint="--repository")
    return remote


def _ask(asking: bool, question: str, default: object, flag: str) -> str:  # noqa: FBT001  private
    """The answer of a person, else what was found. Wrong usage when there is neither."""
    if asking:
        answer = typer.prompt(question, default=None if default is None else str(default))
        return str(answer)
    if default is None:
        raise typer.BadParameter("not found from here; say it", param_hint=flag)
    return str(default)


def _bare(name: str) -> str:
    """A repository's name as a bare key of TOML."""
    kept = "".join(letter if letter.isalnum() and letter.isascii() else "-" for letter in name)
    return kept.strip("-") or "pair"
