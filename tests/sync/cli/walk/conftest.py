"""A user's bench: a Metis workspace, a sandboxed tracker, and the command line over both.

Only the clock, chance and the network's far end are ours; settings, adapters, state and commands
are the program's own.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from typer.testing import CliRunner

from adapters import registry
from adapters.sandbox import Sandbox, StillClock
from adapters.seams import Seams
from sync import logs
from sync.cli import app
from sync.cli.session import World

#: Looking for installed adapters reads every package there is; once is enough here.
adapter, installed = cache(registry.adapter), cache(registry.installed)
SECRET = "glpat-canary0canary0canary0"
#: Longer than an item that was set aside for the first time waits.
LATER = 400.0

_DOCUMENT = """\
---
id: x
level: task
title: "{title}"
short_code: "{code}"
created_at: 2026-01-01T12:00:00.000000+00:00
updated_at: 2026-01-01T12:00:00.000000+00:00
parent:\x20
blocked_by: []
archived: false

tags:
  - "#task"
  - "#phase/{phase}"


exit_criteria_met: false
initiative_id: NULL
---

# {title}

{body}
"""


@dataclass
class Told:
    """What one command said: its exit code and both streams."""

    exit: int
    out: str
    err: str

    def __contains__(self, words: str) -> bool:
        return words in self.out + self.err


def _parts(problem: dict[str, str]) -> list[str]:
    return [problem[name] for name in ("code", "place", "message", "remedy")]


class Walk:
    """One pair, ``payments``, and a person who does things on both sides of it."""

    def __init__(self, folder: Path, sandbox: Sandbox, clock: StillClock) -> None:
        self.folder, self.sandbox, self.clock = folder, sandbox, clock
        self.docs = folder / "work" / ".metis"
        (self.docs / "backlog" / "bugs").mkdir(parents=True)
        (self.docs / "config.toml").write_text('[project]\nprefix = "PAY"\n')
        (folder / "token").write_text(SECRET)
        self.world = World(
            seams=Seams(clock, Random(1)), environ={}, adapter=adapter, installed=installed
        )

    @property
    def state(self) -> Any:
        return self.sandbox.state

    # The command line

    def run(self, *arguments: str) -> Told:
        """One command, as typed."""
        given = [arguments[0], "--config", str(self.folder / "followthrough.toml"), *arguments[1:]]
        result = CliRunner().invoke(app, given, obj=self.world)
        text = result.stdout + result.stderr
        assert "Traceback" not in text, text
        assert "E900" not in text, text
        assert "E412" not in text, text
        assert SECRET not in text
        return Told(result.exit_code, result.stdout, result.stderr)

    def sync(self, later: float = LATER) -> Told:
        """`followthrough sync`, a while after the last."""
        self.clock.sleep(later)
        return self.run("sync")

    def settle(self) -> None:
        """Sync until a sync does nothing; it must then also fail at nothing."""
        for _ in range(6):
            told = self.sync()
            if told.exit == 0 and not re.search(r" to (create|change|flag)", told.out):
                return
        raise AssertionError(told)

    def read_whole(self) -> Told:
        """A sync after so long that it reads everything anew."""
        return self.sync(25 * 3600.0)

    def begin(self, *titles: str) -> None:
        """Documents with these titles, and their issues; all in step."""
        for number, title in enumerate(titles or ("A task", "Another"), 1):
            self.write(number, title)
        self.settle()

    def tells(self, said: str, *, exit: int, later: float = LATER) -> None:  # noqa: A002  an exit code
        """`sync` says this, word for word, and so does `status`, in words and as JSON."""
        told = self.sync(later)
        assert told.exit == exit, told
        assert said in told, told
        status = self.run("status")
        assert said in status, status
        (pair,) = json.loads(self.run("status", "--json").out)["pairs"]
        aside = [one["problem"] for one in pair["items_set_aside"]]
        problems = [*pair["problems"], *pair["notices"], *aside]
        words = {" ".join(filter(None, _parts(one))) for one in problems}
        assert said in words, words

    def quiet(self) -> None:
        """`status` has nothing to tell."""
        status = self.run("status")
        assert not re.search(r"\bE\d{3}\b", status.out + status.err), status

    def waits(self, said: str) -> None:
        """`plan` says what waits, and why."""
        told = self.run("plan")
        assert told.exit == 0, told
        assert f": {said}" in told.out, told

    @property
    def host(self) -> str:
        """The tracker's host and port."""
        return self.sandbox.url.removeprefix("http://")

    def reword(self, old: str, new: str) -> None:
        """A person changes the profile."""
        text = self.words.read_text()
        assert old in text, old
        self.words.write_text(text.replace(old, new))

    def second_pair(self, project: str) -> None:
        """A person adds a pair, of another workspace and a project of the same tracker."""
        root = self.folder / "more" / ".metis"
        (root / "backlog").mkdir(parents=True)
        (root / "config.toml").write_text('[project]\nprefix = "REF"\n')
        file = self.folder / "followthrough.toml"
        file.write_text(
            f"""{file.read_text()}
[connections.more]
adapter = "metis"
path = "more"

[pairs.more]
left = {{ connection = "more" }}
right = {{ connection = "tracker", project = "{project}" }}
profile = "words.toml"
"""
        )

    def revoke(self) -> Any:
        """Somebody ends the token; returns it, so that it can be given back."""
        token = self.state.token(SECRET)
        self.state.revoke(SECRET)
        return token

    # The documents

    def write(self, number: int, title: str, phase: str = "todo", body: str = "Why.") -> str:
        """A document as Metis writes it; returns its code."""
        code = f"PAY-T-{number:04}"
        text = _DOCUMENT.format(title=title, code=code, phase=phase, body=body)
        self.file(code).write_text(text)
        return code

    def file(self, code: str) -> Path:
        """Where a document lies."""
        return next(self.docs.rglob(f"{code}.md"), self.docs / "backlog" / "bugs" / f"{code}.md")

    def change(self, code: str, *, title: str = "", phase: str = "", body: str = "") -> None:
        """A person edits a document."""
        file = self.file(code)
        text = file.read_text()
        if title:
            text = re.sub(r'^title: ".*"$', f'title: "{title}"', text, flags=re.MULTILINE)
            text = re.sub(r"^# .*$", f"# {title}", text, count=1, flags=re.MULTILINE)
        if phase:
            text = re.sub(r"#phase/\w+", f"#phase/{phase}", text)
        if body:
            text = f"{text.rstrip()}\n{body}\n"
        file.write_text(text)

    def documents(self) -> dict[str, str]:
        """Phase and title by code."""
        found = {}
        for file in self.docs.rglob("PAY-T-*.md"):
            text = file.read_text()
            phase = re.search(r"#phase/(\w+)", text)
            title = re.search(r'^title: "(.*)"$', text, re.MULTILINE)
            assert phase
            assert title
            found[file.stem] = f"{phase[1]} {title[1]}"
        return dict(sorted(found.items()))


class JiraWalk(Walk):
    """Against a Jira; ``flavour`` is "cloud" or "datacenter"."""

    def __init__(self, folder: Path, flavour: str, template: str = "classic") -> None:
        clock = StillClock()
        sandbox = Sandbox(
            "jira",
            projects=[f"PAY:{template}", f"OTH:{template}"],
            token=SECRET,
            clock=clock,
            flavour=flavour,
        ).start()
        super().__init__(folder, sandbox, clock)
        self.flavour = flavour
        self.maria = sandbox.person("maria")
        words = Path(__file__).parents[4] / "mappings" / "profiles" / "jira-software.toml"
        self.words = folder / "words.toml"
        self.words.write_text(words.read_text())
        email = 'email = "followthrough-bot@example.com"\n' if flavour == "cloud" else ""
        (folder / "followthrough.toml").write_text(
            f"""\
[connections.docs]
adapter = "metis"
path = "work"

[connections.tracker]
adapter = "jira"
base_url = "{sandbox.url}"
deployment = "{flavour}"
{email}token = {{ file = "token" }}

[pairs.payments]
left = {{ connection = "docs" }}
right = {{ connection = "tracker", project = "PAY" }}
profile = "words.toml"
"""
        )

    @property
    def home(self) -> Any:
        """The project's own settings in the sandbox."""
        return self.state.project("PAY")

    def issues(self) -> dict[str, str]:
        """Status and summary by key, whoever may see them."""
        world = self.state
        return {
            one.key: f"{world.statuses[one.status].name}: {one.summary}"
            for one in sorted(world.issues.all.values(), key=lambda one: one.id)
        }

    def settle_option(self, line: str) -> None:
        """A person adds a line under [options] of the profile."""
        self.reword("[options]\n", f"[options]\n{line}\n")

    def close_off(self, status: str) -> None:
        """An administrator takes every way to a status out of the workflow."""
        flow = self.home.workflow
        kept = tuple(one for one in flow.transitions if one.to != status)
        self.state.set_workflow(self.home, replace(flow, transitions=kept))

    def demand(self, field: str, steps: list[str]) -> None:
        """An administrator puts a required field on the screens of these transitions."""
        flow = self.home.workflow
        changed = tuple(
            replace(one, screen=(*one.screen, field), required=(*one.required, field))
            if one.id in steps
            else one
            for one in flow.transitions
        )
        self.state.set_workflow(self.home, replace(flow, transitions=changed))


class GitLabWalk(Walk):
    """Against a GitLab with two projects of one group."""

    def __init__(self, folder: Path) -> None:
        clock = StillClock()
        sandbox = Sandbox(
            "gitlab", projects=["acme/payments", "acme/other"], token=SECRET, clock=clock
        ).start()
        super().__init__(folder, sandbox, clock)
        self.maria = sandbox.person("maria", "acme/payments")
        self.home = self.state.project("acme/payments")
        words = Path(__file__).parents[4] / "mappings" / "profiles" / "gitlab-incidents.toml"
        self.words = folder / "words.toml"
        self.words.write_text(words.read_text())
        (folder / "followthrough.toml").write_text(
            f"""\
[connections.docs]
adapter = "metis"
path = "work"

[connections.tracker]
adapter = "gitlab"
base_url = "{sandbox.url}"
token = {{ file = "token" }}

[pairs.payments]
left = {{ connection = "docs" }}
right = {{ connection = "tracker", project = "acme/payments" }}
profile = "words.toml"
"""
        )

    @property
    def token(self) -> Any:
        """The credential in use: what it may do can be changed."""
        return self.state.known_token(SECRET)

    def labels(self, iid: int) -> list[str]:
        """The labels of one issue."""
        return self.home.labels.names(self.home.issues[iid].labels)

    def asked_in(self, command: Callable[[], Told]) -> list[str]:
        """The paths that a command asked for."""
        self.sandbox.requests.clear()
        command()
        return [one.path for one in self.sandbox.requests]

    def issues(self) -> dict[int, str]:
        """State and title by number, whoever may see them."""
        return {one.iid: f"{one.state} {one.title}" for one in self.home.issues.values()}


def _ended(walk: Walk) -> None:
    walk.sandbox.stop()
    logs.tear_down()
    assert walk.sandbox.failures == []


@pytest.fixture(params=["cloud", "datacenter"])
def jira(request, tmp_path):
    """A Jira of each kind, and documents."""
    walk = JiraWalk(tmp_path, request.param)
    yield walk
    _ended(walk)


@pytest.fixture
def cloud(tmp_path):
    """A Jira Cloud, and documents."""
    walk = JiraWalk(tmp_path, "cloud")
    yield walk
    _ended(walk)


@pytest.fixture
def group(gitlab):
    """Two pairs whose projects are in one group."""
    gitlab.state.add_project("acme/refunds")
    gitlab.second_pair("acme/refunds")
    return gitlab


@pytest.fixture
def gitlab(tmp_path):
    """A GitLab, and documents."""
    walk = GitLabWalk(tmp_path)
    yield walk
    _ended(walk)
