"""The program as people run it: real adapters, a folder of documents, a sandbox as the tracker."""

from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest
from typer.testing import CliRunner

from adapters.sandbox import Sandbox
from adapters.sandbox.core.access import Token
from adapters.sandbox.core.clock import START, StillClock
from adapters.seams import Resolve, Seams, addresses_of
from sync import logs
from sync.cli import app
from sync.cli.session import World
from sync.demo import TRACKERS

TOKEN = "ghp_ground0123456789012345678901234567890"
SETTINGS = """\
[connections.docs]
adapter = "metis"
path = "team"

[connections.acme]
adapter = "{kind}"
base_url = "{url}"
token = {{ file = "token" }}
{more}
[pairs.payments]
left = {{ connection = "docs" }}
right = {{ connection = "acme", project = "{project}" }}
profile = "{profile}"
"""
DOCUMENT = """\
---
id: {code}
level: task
title: "{title}"
short_code: "{code}"
created_at: 2026-03-01T12:00:00.000000+00:00
updated_at: 2026-03-01T12:00:00.000000+00:00
parent:
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
class Ground:
    """A folder with settings, documents and a state, and the tracker that they speak of."""

    folder: Path
    sandbox: Sandbox
    clock: StillClock
    environ: dict[str, str] = field(default_factory=dict)
    random: Random = field(default_factory=lambda: Random(1))
    resolve: Resolve = addresses_of

    def __call__(self, *arguments):
        """Run one command of the program with the settings of this folder."""
        command, *others = arguments
        given = [command, "-c", str(self.folder / "followthrough.toml"), *others]
        seams = Seams(self.clock, self.random, self.resolve)
        result = CliRunner().invoke(app, given, obj=World(seams=seams, environ=self.environ))
        assert "Traceback" not in result.output
        assert TOKEN not in result.output
        assert self.sandbox.failures == []
        return result

    # --- settings --------------------------------------------------------------------------

    def change(self, old, new):
        """Other words in the settings file."""
        file = self.folder / "followthrough.toml"
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), "utf-8")

    # --- documents -------------------------------------------------------------------------

    @property
    def backlog(self):
        """Where tasks lie."""
        return self.folder / "team" / ".metis" / "backlog"

    def write(self, number, title="A task", *, phase="todo", body="Some text.", name=None):
        """One task, as Metis would have written it; the file."""
        code = f"PAY-T-{number:04}"
        file = self.backlog / (name or f"{code}.md")
        text = DOCUMENT.format(code=code, title=title, phase=phase, body=body)
        file.write_text(text, "utf-8")
        return file

    def edit(self, file, old, new):
        """Other words in a document."""
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), "utf-8")

    def files(self):
        """Every file of the workspace with its bytes."""
        root = self.folder / "team"
        return {
            str(one.relative_to(root)): one.read_bytes() for one in root.rglob("*") if one.is_file()
        }

    # --- the tracker -----------------------------------------------------------------------

    @property
    def issues(self):
        """The issues there are, by number."""
        with self.sandbox.lock:
            return dict(self.sandbox.state.repository("acme/payments").issues)

    @property
    def maria(self):
        """Somebody at a browser."""
        return self.sandbox.person("maria")

    @property
    def titles(self):
        """The titles of all issues."""
        return [one.title for one in self.issues.values()]

    def written(self):
        """How many requests changed something so far."""
        asked = self.sandbox.requests.by_method
        return sum(count for method, count in asked.items() if method not in {"GET", "HEAD"})

    def misbehave(self, effect, match, **how):
        """The tracker does this to requests that match, from now on."""
        self.sandbox.faults.add(effect, match, **how)

    def behave(self):
        """The tracker is itself again."""
        self.sandbox.faults.clear()

    def token(self, secret, **how):
        """Another token is put in place of the one there was."""
        with self.sandbox.lock:
            self.sandbox.state.add_token(Token(secret, "octo-bot", **how))
        (self.folder / "token").write_text(secret + "\n")


@contextmanager
def laid(folder, kind):
    """Settings, an empty workspace, and a tracker of this kind in a thread."""
    clock, tracker = StillClock(START), TRACKERS[kind]
    root = folder / "team" / ".metis"
    (root / "backlog").mkdir(parents=True)
    (root / "config.toml").write_text('[project]\nprefix = "PAY"\n')
    (folder / "token").write_text(TOKEN + "\n")
    with Sandbox(kind, token=TOKEN, clock=clock, projects=[tracker.project]) as sandbox:
        words = {"kind": kind, "url": sandbox.url, "more": tracker.settings}
        words |= {"project": tracker.project, "profile": tracker.profile}
        (folder / "followthrough.toml").write_text(SETTINGS.format(**words))
        yield Ground(folder, sandbox, clock)
    logs.tear_down()


@pytest.fixture
def ground(tmp_path):
    """Documents, and a GitHub."""
    with laid(tmp_path, "github") as made:
        yield made


@pytest.fixture
def jira(tmp_path):
    """Documents, and a Jira Cloud."""
    with laid(tmp_path, "jira") as made:
        yield made
