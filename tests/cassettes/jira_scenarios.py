"""What is recorded of Jira: each scenario makes some of the adapter's calls and checks them.

A scenario is given a :class:`Stage`. While recording, ``stage.people`` acts on the server between
calls; while replaying nobody acts, because the answers are on the tape. Those marked ``live`` need
nobody and can be recorded against Jira itself.
"""

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import pytest

from adapters.base import Change
from adapters.errors import Missing, Moved, Rejected
from adapters.jira import ADAPTER, JiraSettings
from adapters.sandbox.core.clock import StillClock
from mappings.item import Draft, Item, Patch, Ref
from mappings.markers import Marker, write_marker
from mappings.profile import Profile
from mappings.vocabulary import Category, Kind, Phase, Priority, Resolution, Severity
from tests.cassettes.common import MARKER, Nobody, links, opened, refused, sought, words_of

NAME = "jira"
TOKEN = "ATATT3xFfGF0cassettecassette"
EMAIL = "followthrough-bot@example.com"


@dataclass
class Stage:
    """A connection, and who acts beside it. ``env`` names the variable that holds the token.

    ``ann`` is what maria goes by on this site.
    """

    url: str
    clock: object
    env: str
    people: object
    deployment: str = "cloud"
    email: str = EMAIL
    key: str = "PAY"
    ann: str = ""

    @contextmanager
    def connection(self, **settings):
        """Open a connection for a while."""
        plain = {
            "token": {"env": self.env},
            "base_url": self.url,
            "deployment": self.deployment,
            "email": self.email if self.deployment == "cloud" else "",
        }
        table = JiraSettings.model_validate(plain | settings)
        with opened(ADAPTER, table, self.clock) as connection:
            yield connection

    def profile(self, name="jira-software", **changes):
        words = words_of(name)
        people = {"ann": self.ann} if self.ann else {}
        return Profile.model_validate(words | {"people": people} | changes)

    @contextmanager
    def project(self, **changes):
        """Open the project for a while."""
        with self.connection() as connection:
            yield connection.open(self.key, self.profile(**changes))


def checks(stage):
    with stage.project() as project:
        assert all(check.ok for check in project.check())
        assert project.describe().statuses
        assert project.propose(stage.profile()).phase.statuses
    with stage.connection() as connection:
        assert connection.describe().user
        assert all(check.ok for check in connection.check())


def life_of_an_incident(stage):
    """Create, read, change, walk, close, note, label, read all."""
    with stage.project() as project:
        draft = Draft(
            title="Checkout is down",
            kind=Kind.INCIDENT,
            phase=Phase.DOING,
            priority=Priority.P0,
            severity=Severity.SEV1,
            category=Category.BUG,
            due=date(2026, 4, 1),
            body="What *happened*",
            origin=Ref("PAY-T-0001", "PAY-T-0001", "https://docs.example/PAY-T-0001"),
            marker=MARKER,
        )
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
        assert len(list(project.comments(item.ref))) == 1
        assert "overdue" in project.tag(item.ref, "overdue", on=True).labels
        closing = Patch(phase=Phase.COMPLETED, resolution=Resolution.NOT_PLANNED)
        item = project.update(item.ref, closing, None)
        assert item.resolution is Resolution.NOT_PLANNED
        *_, last = project.changed(None)
        assert item.ref.id in {one.ref.id for one in last.items}


def people(stage):
    """An assignee; and text that people wrote, around which ours is set."""
    stage.people.open("By hand", "People's own text")
    with stage.project() as project:
        item = project.create(Draft(title="Down", owners=("ann",)))
        assert item.owners == ("ann",)
        assert project.update(item.ref, Patch(owners=()), None).owners == ()
        *_, last = project.changed(None)
        by_hand = next(one for one in last.items if one.title == "By hand")
        after = project.update(by_hand.ref, Patch(body="Ours"), None)
        assert (after.body, after.text) == ("Ours", "People's own text")


def many(stage):
    """60 issues in two bulk creations, some moved together, read in one search."""
    drafts = [
        Draft(
            title=f"Work {number}",
            marker=write_marker(Marker(f"{number:032x}", "d" * 8, f"T-{number}"), b"k" * 32),
        )
        for number in range(60)
    ]
    with stage.connection() as connection:
        project = connection.open(stage.key, stage.profile())
        other = connection.open("OTH", stage.profile())
        made = [one for one in project.create_many(drafts) if isinstance(one, Item)]
        assert len(made) == len(drafts)
        todo = [Change(one.ref, Patch(phase=Phase.TODO), one.revision) for one in made[:6]]
        assert [one.phase for one in project.update_many(todo)] == [Phase.TODO] * len(todo)
        pages = list(project.changed(None))
        assert len({item.ref.id for page in pages for item in page.items}) == 60
        wanted = {project: pages[-1].cursor, other: list(other.changed(None))[-1].cursor}
        assert {one for one, _ in connection.poll(wanted)} == {project, other}


def moved(stage):
    """What lives elsewhere now, and what never was."""
    stage.people.open("moved")
    stage.people.move("PAY-1", "OTH")
    with stage.project() as project:
        with pytest.raises(Moved) as caught:
            project.fetch(Ref("10000", "PAY-1"))
        assert "OTH-1" in caught.value.problem.message
        with pytest.raises(Missing):
            project.fetch(Ref("9"))


def archived(stage):
    stage.people.open("archived")
    stage.people.archive("PAY-1")
    with stage.project() as project, pytest.raises(Rejected) as caught:
        project.update(Ref("10000", "PAY-1"), Patch(title="x"), None)
    assert caught.value.problem.code == "E127"


def looked_for(stage):
    """After a lost answer (which no tape can hold): found, or proved absent."""
    with stage.project() as project:
        project.create(Draft(title="First"))
        sought(stage, project)


SCENARIOS = (
    checks,
    life_of_an_incident,
    people,
    links,
    many,
    moved,
    archived,
    looked_for,
    refused,
)
#: Those that need nobody beside them, and leave nothing open.
LIVE = (checks, life_of_an_incident)
DEPLOYMENTS = ("cloud", "datacenter")
#: What maria goes by in a sandbox of either kind; accounts are numbered the same each time.
ANN = {"cloud": "5b1094aec9fbed989ece189a", "datacenter": "maria"}


def replay_stage(url, env, deployment):
    """Nobody but the tape."""
    return Stage(url, StillClock(), env, Nobody(), deployment, ann=ANN[deployment])
