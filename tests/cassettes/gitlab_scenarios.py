"""What is recorded of GitLab: each scenario makes some of the adapter's calls and checks them.

A scenario is given a :class:`Stage`. While recording, ``stage.people`` acts on the server between
calls; while replaying nobody acts, because the answers are on the tape. Those marked ``live`` need
nobody and can be recorded against GitLab itself.
"""

import tomllib
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

import pytest

from adapters.errors import AuthFailed, Missing, Moved, Rejected, UnknownOutcome
from adapters.gitlab import ADAPTER, GitLabSettings
from adapters.sandbox.core.clock import StillClock
from adapters.seams import Seams
from mappings.item import Draft, Patch, Ref
from mappings.markers import Marker, write_marker
from mappings.profile import Profile
from mappings.vocabulary import Category, Kind, Phase, Priority, Resolution, Severity

NAME = "gitlab"
TOKEN = "glpat-cassettecassettecass"
MARKER = write_marker(Marker("c" * 32, "d" * 8, "PAY-T-0001"), b"k" * 32)
STATUSES = {
    "phase": {
        "open": "todo",
        "statuses": {"todo": ["To do"], "doing": ["In progress"], "completed": ["Done"]},
    },
    "resolution": {"values": {"not_planned": "Won't do", "duplicate": "Duplicate"}},
}
_PROFILES = Path(__file__).parents[2] / "mappings" / "profiles"


class _Nobody:
    """People while a tape is replayed: they have acted already."""

    def __getattr__(self, _name):
        return lambda *_args, **_named: None


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
        opened = ADAPTER.connect("acme", table, Seams(self.clock, Random(1)))
        try:
            yield opened
        finally:
            opened.close()

    def profile(self, name="gitlab-incidents", **changes):
        words = tomllib.loads((_PROFILES / f"{name}.toml").read_text("utf-8"))
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


def links(stage):
    """An action linked with its incident; with another, and with none."""
    with stage.project() as project:
        first = project.create(Draft(title="Incident", kind=Kind.INCIDENT))
        second = project.create(Draft(title="Another incident", kind=Kind.INCIDENT))
        child = project.create(Draft(title="Action", kind=Kind.ACTION, parent=first.ref))
        assert child.parent == first.ref
        assert project.update(child.ref, Patch(parent=second.ref), None).parent == second.ref
        assert project.update(child.ref, Patch(parent=None), None).parent is None


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


def looked_for(stage):
    """After a lost answer (which no tape can hold): found by list, or proved absent."""
    with stage.project() as project:
        *_, last = project.changed(None)
        assert last.last
        since, hint = stage.clock.now(), project.hint()
        stage.clock.sleep(90)
        assert project.find(MARKER, since, hint).conclusive
        project.create(Draft(title="Down", marker=MARKER))
        assert len(project.find(MARKER, since, hint).items) == 1


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


def refused(stage):
    """A token that is none, and an answer from something in between."""
    bad = {"env": f"{stage.env}_BAD"}
    with stage.connection(token=bad) as connection, pytest.raises(AuthFailed):
        connection.describe()
    stage.people.spoil_next_create()
    with stage.project() as project, pytest.raises(UnknownOutcome):
        project.create(Draft(title="x"))


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
    return Stage(url, StillClock(), env, _Nobody())
