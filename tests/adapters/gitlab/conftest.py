"""A sandbox and a scripted server, each with connections to it; a clock that stands still."""

import tomllib
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from urllib.parse import unquote

import pytest

from adapters.gitlab import ADAPTER, GitLabSettings
from adapters.sandbox import Sandbox, StillClock
from adapters.seams import Seams
from mappings.profile import Profile
from tests.adapters.gitlab.scripted import Reply, Scripted

PROFILES = Path(__file__).parents[3] / "mappings" / "profiles"
TOKEN = "glpat-abcdefghijklmnopqrst"


def load_profile(name, **changes):
    words = tomllib.loads((PROFILES / f"{name}.toml").read_text("utf-8"))
    words["people"] = {"ann": "maria", "dev": "devon"}
    return Profile.model_validate(words | changes)


@pytest.fixture
def profile():
    return load_profile("gitlab-incidents")


@pytest.fixture
def load():
    return load_profile


@pytest.fixture
def token():
    return TOKEN


@pytest.fixture
def clock():
    return StillClock()


@pytest.fixture
def sandbox(clock):
    with Sandbox("gitlab", token=TOKEN, clock=clock) as running:
        yield running
        assert running.failures == []


@pytest.fixture
def connect(clock, monkeypatch):
    """Open connections; all are closed at the end."""
    monkeypatch.setenv("FT_TEST_TOKEN", TOKEN)
    opened = []

    def make(url, **settings):
        settings = {"token": {"env": "FT_TEST_TOKEN"}, "base_url": url} | settings
        table = GitLabSettings.model_validate(settings)
        opened.append(ADAPTER.connect("acme", table, Seams(clock, Random(1))))
        return opened[-1]

    yield make
    for connection in opened:
        connection.close()


@pytest.fixture
def server(clock):
    running = Scripted(clock)
    yield running
    running.close()


@pytest.fixture
def reply():
    return Reply


@pytest.fixture
def issue():
    """An issue's JSON as GitLab gives it, with whatever a test changes."""

    def make(iid=1, *, project=77, path="acme/payments", **changes):
        return {
            "id": project * 1000 + iid,
            "iid": iid,
            "project_id": project,
            "title": "Checkout is down",
            "description": None,
            "state": "opened",
            "labels": [],
            "assignees": [],
            "author": {"id": 5, "username": "octo-bot"},
            "issue_type": "issue",
            "severity": "UNKNOWN",
            "due_date": None,
            "confidential": False,
            "moved_to_id": None,
            "web_url": f"https://gitlab.com/{path}/-/issues/{iid}",
            "references": {"short": f"#{iid}", "relative": f"#{iid}", "full": f"{path}#{iid}"},
            "created_at": "2026-03-01T10:00:00.000Z",
            "updated_at": "2026-03-01T10:00:00.000Z",
            "closed_at": None,
        } | changes

    return make


@pytest.fixture
def home_json():
    """A project's JSON."""

    def make(number=77, path="acme/payments", **changes):
        return {
            "id": number,
            "path_with_namespace": path,
            "web_url": f"https://gitlab.com/{path}",
            "visibility": "private",
            "archived": False,
            "issues_enabled": True,
            "issues_access_level": "enabled",
            "permissions": {"project_access": {"access_level": 30}, "group_access": None},
        } | changes

    return make


@pytest.fixture
def project(server, reply, home_json, connect, profile):
    """A project whose number is known; forgets how that was asked."""
    opened = connect(server.url).open("acme/payments", profile)
    server.will(reply(body=home_json()))
    opened.home.look()
    return opened


@dataclass
class Listing:
    """Issues of several projects, listed as GitLab does. ``closed``: groups not to be seen;
    ``most``: rows on a page, however many are asked for.
    """

    reply: type
    rows: list = field(default_factory=list)
    closed: set = field(default_factory=set)
    statuses: dict = field(default_factory=dict)
    homes: list = field(default_factory=list)
    most: int = 100

    def __call__(self, asked):
        parts = asked.path.strip("/").split("/")
        if asked.path == "/api/graphql":
            return self.reply(body={"data": self.work_items(asked.json()["variables"])})
        if parts[0] == "projects" and len(parts) == 2:
            wanted = unquote(parts[1])
            found = [h for h in self.homes if wanted in {str(h["id"]), h["path_with_namespace"]}]
            return self.reply(body=found[0]) if found else self.reply(404, {"message": "404"})
        if parts[0] == "groups" and parts[-1] == "projects" and asked.query["include_subgroups"]:
            below = unquote(parts[1]) + "/"
            found = [one for one in self.homes if one["path_with_namespace"].startswith(below)]
            size, number = int(asked.query["per_page"]), int(asked.query["page"])
            more = {"Link": '<x>; rel="next"'} if len(found) > size * number else {}
            return self.reply(body=found[size * (number - 1) : size * number], headers=more)
        if parts[-1] != "issues" or unquote(parts[1]) in self.closed:
            return self.reply(404, {"message": "404 Not found"})
        return self.page(asked.query, [row for row in self.rows if self.below(parts, row)])

    def below(self, parts, row):
        if parts[0] == "projects":
            return str(row["project_id"]) == parts[1]
        return row["references"]["full"].startswith(unquote(parts[1]) + "/")

    def page(self, query, rows):
        assert (query["scope"], query["state"], query["sort"]) == ("all", "all", "asc")
        since = datetime.fromisoformat(query["updated_after"])
        changed = [one for one in rows if datetime.fromisoformat(one["updated_at"]) >= since]
        changed.sort(key=lambda one: (datetime.fromisoformat(one["updated_at"]), one["id"]))
        size, number = min(self.most, int(query["per_page"])), int(query.get("page", 1))
        part = changed[size * (number - 1) : size * number]
        more = {"Link": '<x>; rel="next"'} if len(changed) > size * number else {}
        return self.reply(body=part, headers=more)

    def work_items(self, asked):
        nodes = [
            {"iid": iid, "widgets": [{}, {"status": {"id": "x", "name": self.statuses[iid]}}]}
            for iid in asked["iids"]
            if iid in self.statuses
        ]
        return {"project": {"workItems": {"nodes": nodes}}}


@pytest.fixture
def listing(server, reply, home_json):
    """A server that lists issues; one project, none in it yet."""
    server.answer = Listing(reply, homes=[home_json()])
    return server.answer
