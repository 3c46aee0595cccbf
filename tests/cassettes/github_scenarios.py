"""What is recorded of GitHub: each scenario makes some of the adapter's calls and checks them.

A scenario is given a :class:`Stage`. While recording, ``stage.people`` acts on the sandbox between
calls; while replaying nobody acts, because the answers are on the tape. Those marked ``live`` need
nobody and can be recorded against GitHub itself.
"""

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import pytest

from adapters.errors import AuthFailed, Missing, Moved, Rejected, UnknownOutcome
from adapters.github import ADAPTER, GitHubSettings
from adapters.sandbox import Sandbox
from adapters.sandbox.core.clock import StillClock
from adapters.sandbox.github.people import Person
from mappings.item import Draft, Patch, Ref
from mappings.profile import Profile
from mappings.vocabulary import Category, Phase, Priority, Resolution
from tests.cassettes.common import MARKER, Nobody, looked_for, opened, words_of
from tests.cassettes.tape import PORT

NAME = "github"
TOKEN = "ghp_cassettecassettecassettecassette0000"


@dataclass
class Stage:
    """A connection, and who acts beside it. ``env`` names the variable that holds the token."""

    url: str
    clock: object
    env: str
    people: object
    sandbox: object = None
    repository: str = "acme/payments"
    app_key_env: str = ""

    @contextmanager
    def connection(self, **settings):
        """Open a connection for a while."""
        settings = {"token": {"env": self.env}, "base_url": self.url} | settings
        table = GitHubSettings.model_validate(settings)
        with opened(ADAPTER, table, self.clock) as connection:
            yield connection

    @contextmanager
    def project(self, profile="github-labels", **settings):
        """Open the repository for a while."""
        words = words_of(profile)
        words["people"] = {"ann": "maria"}
        with self.connection(**settings) as connection:
            yield connection.open(self.repository, Profile.model_validate(words))


def checks(stage):
    with stage.project() as project:
        assert all(check.ok for check in project.check())
        assert project.describe().public is not None
    with stage.connection() as connection:
        assert connection.describe().user
        assert all(check.ok for check in connection.check())


def life_of_an_issue(stage):
    """Labels, create, read, change, close, note, idle poll."""
    with stage.project() as project:
        draft = Draft(
            title="Checkout is down",
            phase=Phase.DOING,
            priority=Priority.P0,
            category=Category.BUG,
            due=date(2026, 4, 1),
            body="What happened",
            marker=MARKER,
        )
        for name in project.lacks([draft]):
            project.prepare(name)
        project.prepare("bug")
        item = project.create(draft)
        assert (item.priority, item.phase) == (Priority.P0, Phase.DOING)
        assert project.fetch(item.ref) == item
        patch = Patch(title="Checkout was down", due=None, body="All of it")
        item = project.update(item.ref, patch, item.revision)
        assert (item.title, item.due, item.body) == ("Checkout was down", None, "All of it")
        project.note(item.ref, "rule", "First")
        project.note(item.ref, "rule", "Second")
        closing = Patch(phase=Phase.COMPLETED, resolution=Resolution.NOT_PLANNED)
        item = project.update(item.ref, closing, None)
        assert item.resolution is Resolution.NOT_PLANNED
        *_, last = project.changed(None)
        assert item.ref.id in {one.ref.id for one in last.items}
        *_, idle = project.changed(last.cursor)
        assert (idle.items, idle.cursor) == ((), last.cursor)


def families(stage):
    """An action below its incident; moved, and set free."""
    with stage.project() as project:
        first = project.create(Draft(title="Incident"))
        second = project.create(Draft(title="Another incident"))
        child = project.create(Draft(title="Action", parent=first.ref))
        assert child.parent == first.ref
        assert project.update(child.ref, Patch(parent=second.ref), None).parent == second.ref
        assert project.update(child.ref, Patch(parent=None), None).parent is None


def several_pages(stage):
    """120 issues in two requests."""
    for _ in range(120):
        stage.people.open("Work")
        stage.clock.sleep(1)
    with stage.project() as project:
        pages = list(project.changed(None))
        assert len({item.ref.id for page in pages for item in page.items}) == 120


def gone_and_moved(stage):
    for name in ("deleted", "moved"):
        stage.people.open(name)
    stage.people.delete(1)
    stage.people.transfer(2, "acme/shop")
    with stage.project() as project:
        assert project.fetch(Ref("1")) is None
        with pytest.raises(Moved):
            project.fetch(Ref("2"))
        with pytest.raises(Moved):
            project.update(Ref("2"), Patch(title="x"), None)
        with pytest.raises(Missing):
            project.fetch(Ref("3"))


def renamed(stage):
    stage.people.open("one")
    stage.people.rename("acme/checkout")
    with stage.project() as project:
        *_, last = project.changed(None)
        assert last.items[0].ref.key == "acme/checkout#1"


def archived(stage):
    stage.people.archive()
    with stage.project() as project, pytest.raises(Rejected):
        project.create(Draft(title="x"))


def board(stage):
    """A phase kept in a Projects board."""
    with stage.project("github-projects") as project:
        assert all(check.ok for check in project.check())
        item = project.create(Draft(title="Down", phase=Phase.DOING))
        assert item.phase is Phase.DOING
        *_, last = project.changed(None)
        assert last.items[0].phase is Phase.DOING
        stage.people.move("Roadmap", 1, "Todo")
        *_, later = project.changed(last.cursor)
        assert later.items[0].phase is Phase.TODO


def app(stage):
    """An App's installation asks for a token of its own."""
    keys = {"app_id": 1, "installation_id": 2, "private_key": {"env": stage.app_key_env}}
    with stage.project(token=None, app=keys) as project:
        assert project.create(Draft(title="Down")).author.endswith("[bot]")
    with stage.connection(token=None, app=keys) as connection:
        assert connection.describe().user.endswith("[bot]")


def refused(stage):
    """A token that is none, and an answer from something in between."""
    bad = {"env": f"{stage.env}_BAD"}
    with stage.connection(token=bad) as connection, pytest.raises(AuthFailed):
        connection.describe()
    if stage.sandbox:
        stage.sandbox.faults.add("error", "POST /issues$", after=True)
    with stage.project() as project, pytest.raises(UnknownOutcome):
        project.create(Draft(title="x"))


SCENARIOS = (
    checks,
    life_of_an_issue,
    families,
    several_pages,
    gone_and_moved,
    renamed,
    archived,
    looked_for,
    board,
    app,
    refused,
)
#: Those that need nobody beside them, and leave nothing open.
LIVE = (checks, life_of_an_issue)


@contextmanager
def sandbox_stage(env, app_key_env):
    """A fresh sandbox and the people in it."""
    clock = StillClock()
    with Sandbox("github", token=TOKEN, clock=clock, port=PORT) as sandbox:
        home = sandbox.state.repository("acme/payments")
        sandbox.state.add_repository("acme/shop")
        columns = ("Backlog", "Todo", "In Progress", "Blocked", "Done")
        sandbox.state.add_board("acme", "Roadmap", columns)
        maria = Person(home, "maria")
        yield Stage(sandbox.url, clock, env, maria, sandbox, app_key_env=app_key_env)


def replay_stage(url, env, app_key_env):
    """Nobody but the tape."""
    return Stage(url, StillClock(), env, Nobody(), app_key_env=app_key_env)
