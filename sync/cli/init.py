"""``followthrough init``: a settings file to begin with, from what can be found and asked."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, cast
from urllib.parse import urlsplit

import typer
from pydantic import SecretStr

from adapters.credentials import SecretSource
from adapters.errors import AdapterError
from mappings.problem import ProblemError
from sync.cli.session import ConfigOption, World, world_of
from sync.cli.starter import KINDS, Start, TrackerName, in_own_words, settings_text
from sync.cli.surroundings import (
    Remote,
    find_remote,
    find_workspace,
    is_jira_cloud,
    is_this_machine,
    parse_jira,
    parse_remote,
    tracker_at,
)
from sync.settings import DEFAULT_FILE, shipped_profiles

_NAMES: Final = ", ".join(KINDS)


_WorkspaceOption = Annotated[
    Path | None, typer.Option(help="The folder that holds .metis.", file_okay=False)
]
_TrackerOption = Annotated[
    TrackerName | None, typer.Option(help="Where the issues are, if its address does not say.")
]
_ProjectOption = Annotated[
    str,
    typer.Option(
        "--project",
        "--repository",
        metavar="NAME",
        help="OWNER/NAME on GitHub, GROUP/SUB/PROJECT on GitLab, a key in Jira; or its address.",
    ),
]
_UrlOption = Annotated[
    str,
    typer.Option(
        "--url",
        "--host",
        metavar="ADDRESS",
        help="The tracker's address, if it is not github.com or gitlab.com.",
    ),
]
_EmailOption = Annotated[
    str, typer.Option(help="Jira Cloud: the e-mail address of the token's account.")
]
_TokenOption = Annotated[
    str, typer.Option(metavar="NAME", help="The variable that holds the token (GITHUB_TOKEN …).")
]
_ProfileOption = Annotated[
    str, typer.Option(help="How the tracker spells phases and levels: a shipped name, or a file.")
]
_OfflineOption = Annotated[
    bool, typer.Option("--offline", help="Do not ask the tracker for its own words.")
]
_YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing; take what is found.")]
_ForceOption = Annotated[bool, typer.Option("--force", help="Overwrite files that are there.")]


def init(
    ctx: typer.Context,
    *,
    config: ConfigOption = DEFAULT_FILE,
    workspace: _WorkspaceOption = None,
    tracker: _TrackerOption = None,
    project: _ProjectOption = "",
    url: _UrlOption = "",
    email: _EmailOption = "",
    token_env: _TokenOption = "",
    profile: _ProfileOption = "",
    offline: _OfflineOption = False,
    yes: _YesOption = False,
    force: _ForceOption = False,
) -> None:
    """Write a commented settings file.

    The workspace is looked for from here upward; tracker and project are read from the git remote
    `origin`. What is not found is asked for. Where the token is there already, GitLab and Jira are
    asked which labels, statuses and priorities the project has, and a profile in those words is
    written beside the settings. Nothing is ever written to the tracker.

    Example: followthrough init --project acme/platform/payments --yes

    Example: followthrough init --url https://acme.atlassian.net --project PAY --email ann@acme.com
    """
    world = world_of(ctx)
    _free(config, force=force)
    asking = _Asking(on=not yes and sys.stdin.isatty())
    found = find_workspace(Path.cwd())
    folder = workspace or Path(asking("Folder that holds .metis", found, "--workspace"))
    seen = find_remote(folder)
    name = _tracker(tracker, url, project, seen, asking)
    kind = KINDS[name]
    site, path = _place(name, url, project, seen, asking)
    start = Start(
        tracker=name,
        workspace=folder,
        site=site,
        project=path,
        profile=_profile(profile or kind.profile, name, config),
        token_env=token_env or kind.token_env,
        email=_email(name, email, site, asking),
    )
    if tracker is None and tracker_at(urlsplit(site).hostname or "") is None:
        world.screen.note(f"{site} is taken for a {kind.title}; --tracker says otherwise.")
    if kind.asked and start.profile in shipped_profiles() and not offline:
        start = _asked(world, start, config, force=force)
    config.write_text(settings_text(start, config.parent), "utf-8")
    world.screen.line(f"wrote {config}")
    token = "" if _token(world, start) else f"put a token into {start.token_env}, then "
    world.screen.note(f"Next: {token}`followthrough check`.")


@dataclass(frozen=True)
class _Asking:
    """Questions to a person, if there is one."""

    on: bool

    def __call__(self, question: str, default: object, flag: str) -> str:
        """The answer, else what was found. Wrong usage when there is neither."""
        if self.on:
            answer = typer.prompt(question, default=None if default is None else str(default))
            return str(answer)
        if default is None:
            raise typer.BadParameter("not found from here; say it", param_hint=flag)
        return str(default)


def _free(file: Path, *, force: bool) -> None:
    if file.exists() and not force:
        text = f"{file} is already there; --force overwrites it"
        raise typer.BadParameter(text, param_hint="--config")


def _tracker(
    said: TrackerName | None, url: str, project: str, seen: Remote | None, asking: _Asking
) -> TrackerName:
    """Which tracker it is: as said, as an address says, or as a person does."""
    if said is not None:
        return said
    jira = parse_jira(project)
    remote = parse_remote(project, "") if project else None
    hosts = [_host(url), _host(jira[0]) if jira else "", remote.host if remote else ""]
    given = next((host for host in hosts if host), "")
    host = given or (seen.host if seen else "")
    told = tracker_at(host) if host else None
    if told is None and jira and jira[0]:
        told = "jira"
    if told is None and not host:
        told = asking(f"Tracker ({_NAMES})", "github", "--tracker").strip().lower()
        if told not in KINDS:
            text = f'no tracker "{told}"; known: {_NAMES}'
            raise typer.BadParameter(text, param_hint="--tracker")
    return cast("TrackerName", told or "github")


def _place(
    name: TrackerName, url: str, said: str, seen: Remote | None, asking: _Asking
) -> tuple[str, str]:
    """The tracker's address, without a slash at its end, and the project's name there."""
    if name == "jira":
        site, path = _in_jira(url, said, asking)
    else:
        fits = seen if seen and tracker_at(seen.host) in {None, name} else None
        site, path = _hosted(name, url, said, fits, asking)
    parts = urlsplit(_address(site))
    safe = parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(_host(site)))
    if not safe or not parts.hostname or parts.username is not None:
        text = f"{parts.hostname or site}: give the site's own address, https and without a login"
        raise typer.BadParameter(text, param_hint="--url")
    return _address(site).rstrip("/"), path


def _hosted(
    name: TrackerName, url: str, said: str, seen: Remote | None, asking: _Asking
) -> tuple[str, str]:
    """A project where code and issues are together: what was said, else what a remote says."""
    form = "owner/name" if name == "github" else "group/project"
    question = f"{KINDS[name].title} project ({form})"
    said = said or asking(question, seen.path if seen else None, "--project")
    remote = parse_remote(said, "")
    if remote is None or (name == "github" and "/" in remote.owner):
        text = f'"{said}" is not of the form {form}'
        if remote is not None:
            text += "; groups within groups are GitLab's (--tracker gitlab)"
        elif parse_jira(said):
            text += "; a Jira project is told by --tracker jira"
        raise typer.BadParameter(text, param_hint="--project")
    host = remote.host or (seen.host if seen else "")
    return url or host or KINDS[name].site, remote.path


def _in_jira(url: str, said: str, asking: _Asking) -> tuple[str, str]:
    """No git remote leads to a Jira: its address and the project's key have to be said."""
    said = said or asking("Jira project (its key, or a page of it)", None, "--project")
    found = parse_jira(said)
    if found is None:
        text = f'"{said}" is no project\'s key: what stands before the number of its issues (PAY)'
        raise typer.BadParameter(text, param_hint="--project")
    site = url or found[0]
    return site or asking("Jira's address (https://NAME.atlassian.net)", None, "--url"), found[1]


def _email(name: TrackerName, said: str, site: str, asking: _Asking) -> str:
    """Whose token it is: Jira Cloud takes a token together with its account's address."""
    if name != "jira" or said or not is_jira_cloud(_host(site)):
        return said if name == "jira" else ""
    return asking("E-mail address of the token's account", None, "--email")


def _profile(given: str, tracker: TrackerName, config: Path) -> str:
    """A shipped profile of that tracker, or a file beside the settings."""
    fitting = [one for one in shipped_profiles() if one.startswith(f"{tracker}-")]
    if given in fitting or (config.parent / given).is_file():
        return given
    text = f"no such profile for {KINDS[tracker].title}; shipped: {', '.join(fitting)}"
    raise typer.BadParameter(text, param_hint="--profile")


def _asked(world: World, start: Start, config: Path, *, force: bool) -> Start:
    """With a profile in the project's own words, written beside the settings, if it can be had."""
    title, note = start.kind.title, world.screen.note
    if _token(world, start) is None:
        note(
            f"{start.token_env} is not set, so {title} was not asked for its own words. "
            f"With it, `followthrough init --force` does that; until then {start.profile} is used."
        )
        return start
    try:
        better, text = in_own_words(start, config.parent, world.adapter, world.seams)
    except (AdapterError, ProblemError) as error:
        note(f"{title} could not be asked for its own words: {error}")
        note(f"{start.profile} is used; `followthrough check` says what differs.")
        return start
    if text:
        file = config.parent / better.words
        _free(file, force=force)
        file.write_text(text, "utf-8")
        world.screen.line(f"wrote {file}: {start.profile} in the words of {start.project}")
    return better


def _token(world: World, start: Start) -> SecretStr | None:
    """The token, if it is there already. Nothing will ever show it."""
    try:
        token = SecretSource(env=start.token_env).read()
    except ProblemError:
        return None
    world.redactor.learn([token])
    return token


def _address(text: str) -> str:
    """A host's name as an address."""
    return text if "://" in text or not text else f"https://{text}"


def _host(text: str) -> str:
    return (urlsplit(_address(text)).hostname or "").lower()
