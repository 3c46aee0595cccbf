"""What the scenarios of several trackers share, and those that read the same for each of them."""

import tomllib
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest

from adapters.errors import AuthFailed, UnknownOutcome
from adapters.seams import Seams
from mappings.item import Draft, Patch
from mappings.markers import Marker, write_marker
from mappings.vocabulary import Kind

MARKER = write_marker(Marker("c" * 32, "d" * 8, "PAY-T-0001"), b"k" * 32)
_PROFILES = Path(__file__).parents[2] / "mappings" / "profiles"


class Nobody:
    """People while a tape is replayed: they have acted already."""

    def __getattr__(self, _name):
        return lambda *_args, **_named: None


class People:
    """Somebody at a browser, and somebody who pulls a plug when an issue is sent to ``path``."""

    def __init__(self, sandbox, path):
        self._sandbox, self._path = sandbox, path
        self._maria = sandbox.person("maria")

    def __getattr__(self, name):
        return getattr(self._maria, name)

    def spoil_next_create(self):
        self._sandbox.faults.add("error", f"POST {self._path}$", after=True, times=1)


def words_of(profile):
    """A shipped profile, as it is written."""
    return tomllib.loads((_PROFILES / f"{profile}.toml").read_text("utf-8"))


@contextmanager
def opened(adapter, table, clock):
    """A connection, open for a while."""
    connection = adapter.connect("acme", table, Seams(clock, Random(1)))
    try:
        yield connection
    finally:
        connection.close()


def links(stage):
    """An action linked with its incident; with another, and with none."""
    with stage.project() as project:
        first = project.create(Draft(title="Incident", kind=Kind.INCIDENT))
        second = project.create(Draft(title="Another incident", kind=Kind.INCIDENT))
        child = project.create(Draft(title="Action", kind=Kind.ACTION, parent=first.ref))
        assert child.parent == first.ref
        assert project.update(child.ref, Patch(parent=second.ref), None).parent == second.ref
        assert project.update(child.ref, Patch(parent=None), None).parent is None


def looked_for(stage):
    """After a lost answer (which no tape can hold): found by list, or proved absent."""
    with stage.project() as project:
        sought(stage, project)


def sought(stage, project):
    """Proved absent before it is made, found by its mark after."""
    *_, last = project.changed(None)
    assert last.last
    since, hint = stage.clock.now(), project.hint()
    stage.clock.sleep(90)
    assert project.find(MARKER, since, hint).conclusive
    project.create(Draft(title="Down", marker=MARKER))
    assert len(project.find(MARKER, since, hint).items) == 1


def refused(stage):
    """A token that is none, and an answer from something in between."""
    bad = {"env": f"{stage.env}_BAD"}
    with stage.connection(token=bad) as connection, pytest.raises(AuthFailed):
        connection.describe()
    stage.people.spoil_next_create()
    with stage.project() as project, pytest.raises(UnknownOutcome):
        project.create(Draft(title="x"))
