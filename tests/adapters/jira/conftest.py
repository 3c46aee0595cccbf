"""A sandbox of either kind with connections to it; a clock that stands still."""

import tomllib
from pathlib import Path
from random import Random

import pytest

from adapters.jira import ADAPTER, JiraSettings
from adapters.jira.client import Client
from adapters.sandbox import Sandbox, StillClock
from adapters.seams import Seams
from mappings.markers import Marker, write_marker
from mappings.profile import Profile

PROFILES = Path(__file__).parents[3] / "mappings" / "profiles"
TOKEN = "ATATT3xFfGF0abcdefghijklmnop"
EMAIL = "followthrough-bot@example.com"


@pytest.fixture
def clock():
    return StillClock()


@pytest.fixture(params=["cloud", "datacenter"])
def flavour(request):
    return request.param


@pytest.fixture
def sandbox(clock, flavour):
    with Sandbox(
        "jira", projects=["PAY", "OTH"], token=TOKEN, clock=clock, flavour=flavour
    ) as running:
        yield running
        assert running.failures == []


@pytest.fixture
def cloud(clock):
    with Sandbox(
        "jira", projects=["PAY", "OTH"], token=TOKEN, clock=clock, flavour="cloud"
    ) as running:
        yield running
        assert running.failures == []


@pytest.fixture
def token():
    return TOKEN


@pytest.fixture
def load(flavour):
    """A shipped profile, with whatever a test changes."""

    def make(name="jira-software", **changes):
        words = tomllib.loads((PROFILES / f"{name}.toml").read_text("utf-8"))
        return Profile.model_validate(words | changes)

    return make


@pytest.fixture
def connect(clock, monkeypatch):
    """Open connections; all are closed at the end."""
    monkeypatch.setenv("FT_TEST_TOKEN", TOKEN)
    opened = []

    def make(url, deployment, **settings):
        plain = {"token": {"env": "FT_TEST_TOKEN"}, "base_url": url, "deployment": deployment}
        email = {"email": EMAIL} if deployment == "cloud" else {}
        table = JiraSettings.model_validate(plain | email | settings)
        opened.append(ADAPTER.connect("acme", table, Seams(clock, Random(1))))
        return opened[-1]

    yield make
    for connection in opened:
        connection.close()


@pytest.fixture
def connection(sandbox, flavour, connect):
    return connect(sandbox.url, flavour)


@pytest.fixture
def project(connection, load):
    return connection.open("PAY", load())


@pytest.fixture
def maria(sandbox):
    return sandbox.person("maria")


@pytest.fixture
def marker():
    return write_marker(Marker("a" * 32, "b" * 8, "PAY-T-0001"), b"k" * 32)


@pytest.fixture
def asked(sandbox):
    """The requests since the last call, as "GET /path"."""
    seen = [0]

    def make():
        lines = [f"{one.method} {one.path}" for one in sandbox.requests]
        fresh, seen[0] = lines[seen[0] :], len(lines)
        return fresh

    return make


@pytest.fixture
def client_type():
    return Client
