"""What is recorded of GitLab: each scenario makes some of the adapter's calls and checks them.

A scenario is given a :class:`Stage`. While recording, ``stage.people`` acts on the server between
calls; while replaying nobody acts, because the answers are on the tape. Those marked ``live`` need
nobody and can be recorded against GitLab itself.
"""

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import pytest

from adapters.errors import Missing, Moved, Rejected
from adapters.gitlab import ADAPTER, GitLabSettings
from adapters.sandbox.core.clock import StillClock
from mappings.item import Draft, Patch, Ref
from mappings.profile import Profile
from mappings.vocabulary import Category, Kind, Phase, Priority, Resolution, Severity
from tests.cassettes.common import MARKER, Nobody, links, looked_for, opened, refused, words_of

NAME = "gitlab"
TOKEN = "glpat-cassettecassettecass"
STATUSES = {
    "phase": {
        "open": "todo",
        "statuses": {"todo": ["To do"], "doing": ["In progress"], "completed": ["Done"]},
    },
    "resolution": {"values": {"not_planned": "Won't do", "duplicate": "Duplicate"}},
}


@dataclass
class Stage:
    """A connection, and who acts beside it. ``env`` names the variable that holds the token."""

    url: str
    clock: object
    env: str
    people: object
    project_path: str = "acme/payments"

    @contextmanager
    def connection(self, **settings):
        """Open a connection for a while."""
        settings = {"token": {"env": self.env}, "base_url": self.url} | settings
        table = GitLabSettings.model_validate(settings)
        with opened(ADAPTER, table, self.clock) as connection:
            yield connection

    def profile(self, name="gitlab-incidents", **changes):
        words = words_of(name)
        return Profile.model_validate(words | {"people": {"ann": "maria"}} | changes)

    @contextmanager
    def project(self, name="gitlab-incidents", **changes):
        """Open the project for a while."""
        with self.connection() as connection:
            yield connection.open(self.project_path, self.profile(name, **changes))


def checks(stage):
    with stage.project() as project:
        assert all(check.ok for check in project.check())
        assert project.describe().public is not None
    with stage.connection() as connection:
        assert connection.describe().user
        assert all(check.ok for check in connection.check())


def life_of_an_incident(stage):
    """Labels, create, severity, read, change, close, note, idle poll."""
    with stage.project() as project:
        draft = Draft(
            title="Checkout is down",
            kind=Kind.INCIDENT,
            phase=Phase.DOING,
            priority=Priority.P0,
            severity=Severity.SEV1,
            category=Category.BUG,
            due=date(2026, 4, 1),
            body="What happened\n/close",
            marker=MARKER,
        )
        for name in project.lacks([draft]):
            project.prepare(name)
        item = project.create(draft)
        assert (item.priority, item.severity, item.phase) == (
            Priority.P0,
            Severity.SEV1,
            Phase.DOING,
        )
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


def people(stage):
    """An assignee, by number."""
    with stage.project() as project:
        item = project.create(Draft(title="Down", owners=("ann",)))
        assert item.owners == ("ann",)
        assert project.update(item.ref, Patch(owners=()), None).owners == ()


def several_pages(stage):
    """120 issues in two requests; then a group in one."""
    for number in range(120):
        stage.people.open(f"Work {number}")
        stage.clock.sleep(1)
    with stage.connection() as connection:
        project = connection.open(stage.project_path, stage.profile())
        other = connection.open("acme/other", stage.profile())
        pages = list(project.changed(None))
        assert len({item.ref.id for page in pages for item in page.items}) == 120
        wanted = {project: pages[-1].cursor, other: list(other.changed(None))[-1].cursor}
        assert {one for one, _ in connection.poll(wanted)} == {project, other}


def moved(stage):
    """What a moved issue leaves behind is not a closed one."""
    stage.people.open("moved")
    stage.people.transfer(1, "acme/other")
    with stage.project() as project:
        with pytest.raises(Moved) as caught:
            project.fetch(Ref("1"))
        assert "acme/other#1" in caught.value.problem.message
        with pytest.raises(Moved):
            project.update(Ref("1"), Patch(title="x"), None)
        with pytest.raises(Missing):
            project.fetch(Ref("9"))
        (page,) = project.changed(None)
        assert page.items == ()


def archived(stage):
    stage.people.archive()
    with stage.project() as project, pytest.raises(Rejected) as caught:
        project.create(Draft(title="x"))
    assert caught.value.problem.code == "E127"


def statuses(stage):
    """A phase kept in the work item's status."""
    with stage.project(**STATUSES) as project:
        assert all(check.ok for check in project.check())
        item = project.create(Draft(title="Down", phase=Phase.DOING))
        assert item.phase is Phase.DOING
        closing = Patch(phase=Phase.COMPLETED, resolution=Resolution.DUPLICATE)
        item = project.update(item.ref, closing, item.revision)
        assert (item.phase, item.resolution) == (Phase.COMPLETED, Resolution.DUPLICATE)
        *_, last = project.changed(None)
        assert last.items == (item,)


SCENARIOS = (
    checks,
    life_of_an_incident,
    people,
    links,
    several_pages,
    moved,
    archived,
    looked_for,
    statuses,
    refused,
)
#: Those that need nobody beside them, and leave nothing open.
LIVE = (checks, life_of_an_incident)


def replay_stage(url, env):
    """Nobody but the tape."""
    return Stage(url, StillClock(), env, Nobody())
