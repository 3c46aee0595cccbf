"""The first settings file: its text for each tracker, and a profile in that tracker's own words."""

import json
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal, TypeAlias
from urllib.parse import urlsplit

from adapters.registry import Adapter
from adapters.seams import Seams
from mappings.profile import PhaseWords, Profile
from mappings.proposal import as_toml
from mappings.vocabulary import Phase
from sync.cli.surroundings import is_jira_cloud, is_this_machine
from sync.settings import shipped_profiles

TrackerName: TypeAlias = Literal["github", "gitlab", "jira"]

_API: Final = "/api/v3"

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

# The tracker. The token is read anew for every cycle and needs, for {place} alone,
# {rights}
[connections.tracker]
adapter = "{tracker}"
{connection}
# What is kept in step. By default new items of either side appear on the other, except those that
# were completed in the tracker before the first run.
[pairs.{pair}]
left = {{ connection = "docs" }}
right = {{ connection = "tracker", project = {project} }}
profile = {profile}

# Who is who: our name = {theirs}.
# Nobody who is not listed is ever assigned or removed.
[pairs.{pair}.people]
# ann = {example}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What differs from one tracker to the next in a first settings file.

    ``asked``: whether its adapter can propose a project's own words.
    """

    title: str
    profile: str
    token_env: str
    site: str
    place: str
    rights: str
    theirs: str
    example: str
    asked: bool = True


KINDS: Final[Mapping[TrackerName, Kind]] = {
    "github": Kind(
        title="GitHub",
        profile="github-labels",
        token_env="GITHUB_TOKEN",  # noqa: S106  a name, not a secret
        site="https://github.com",
        place="this repository",
        rights="the permissions Issues (read and write) and Metadata (read).",
        theirs="the tracker's",
        example='"ann-w"',
        asked=False,
    ),
    "gitlab": Kind(
        title="GitLab",
        profile="gitlab-issues",
        token_env="GITLAB_TOKEN",  # noqa: S106  a name, not a secret
        site="https://gitlab.com",
        place="this project",
        rights="the role Planner and the scope `api` (Reporter where incidents are made).",
        theirs="the tracker's",
        example='"ann-w"',
    ),
    "jira": Kind(
        title="Jira",
        profile="jira-software",
        token_env="JIRA_TOKEN",  # noqa: S106  a name, not a secret
        site="",
        place="this project",
        rights="permissions to browse, create, edit, schedule, assign, transition, link and "
        "comment.",
        theirs="account id on Cloud, user name on Data Center",
        example='"712020:11111111-2222-3333-4444-555555555555"',
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What a first settings file says. ``site`` is the tracker's address, ``email`` is of the
    token's account on Jira Cloud, ``profile`` a shipped vocabulary or a file beside the settings.
    """

    tracker: TrackerName
    workspace: Path
    site: str
    project: str
    profile: str
    token_env: str
    email: str = ""

    @property
    def kind(self) -> Kind:
        """What is so for every project of that tracker."""
        return KINDS[self.tracker]

    @property
    def pair(self) -> str:
        """The project's last name as a bare key of TOML."""
        name = self.project.rpartition("/")[2]
        kept = "".join(letter if letter.isalnum() and letter.isascii() else "-" for letter in name)
        return kept.strip("-") or "pair"

    @property
    def words(self) -> str:
        """The name of the file for a profile in the project's own words."""
        return f"{self.pair}-words.toml"


def settings_text(start: Start, folder: Path) -> str:
    """The settings file, to lie in ``folder``."""
    kind = start.kind
    path = os.path.relpath(start.workspace.resolve(), folder.resolve())
    return _TEMPLATE.format(
        path=json.dumps(path),
        place=kind.place,
        rights=kind.rights,
        tracker=start.tracker,
        connection=_connection(start),
        pair=start.pair,
        project=json.dumps(start.project),
        profile=json.dumps(start.profile),
        theirs=kind.theirs,
        example=kind.example,
    )


def _connection(start: Start) -> str:
    """The keys of the tracker's connection, each with its end of line."""
    host = urlsplit(start.site).hostname or ""
    keys: list[tuple[str, str]] = []
    if start.site != start.kind.site:
        at_root = start.tracker != "github" or is_this_machine(host) or start.site.endswith(_API)
        keys.append(("base_url", start.site if at_root else f"{start.site}{_API}"))
    if start.email and not is_jira_cloud(host):
        keys.append(("deployment", "cloud"))
    if start.email:
        keys.append(("email", start.email))
    lines = [f"{key} = {json.dumps(value)}\n" for key, value in keys]
    return "".join([*lines, f"token = {{ env = {json.dumps(start.token_env)} }}\n"])


def in_own_words(
    start: Start, folder: Path, adapter: Callable[[str], Adapter], seams: Seams
) -> tuple[Start, str]:
    """The same beginning with the project's own words, and the text of their profile.

    Asks the tracker; writes nothing. The text is "" where the shipped profile has them already.
    Raises AdapterError, or ProblemError for what the settings say, when it cannot be asked.
    """
    table = tomllib.loads(settings_text(start, folder))["connections"]["tracker"]
    offered = adapter(table.pop("adapter"))
    profile = shipped_profile(start.profile)
    connection = offered.connect("tracker", offered.Settings.model_validate(table), seams)
    try:
        found = connection.open(start.project, profile).propose(profile)
    finally:
        connection.close()
    if found == profile:
        return start, ""
    named = found.model_copy(
        update={
            "name": start.pair,
            "description": f"The words of {start.project}.",
            "phase": _with_first(found.phase),
        }
    )
    return replace(start, profile=start.words), as_toml(named, start.project)


def _with_first(words: PhaseWords) -> PhaseWords:
    """Where statuses say the phase, an item is never in one that none of them says."""
    if not words.statuses or words.open in words.statuses:
        return words
    return words.model_copy(update={"open": next(one for one in Phase if one in words.statuses)})


def shipped_profile(name: str) -> Profile:
    """A vocabulary that comes with the program."""
    text: str = shipped_profiles()[name].read_text("utf-8")
    return Profile.model_validate(tomllib.loads(text))
