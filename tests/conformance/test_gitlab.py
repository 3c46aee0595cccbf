"""The GitLab adapter keeps the contract."""

import copy
import tomllib
from pathlib import Path
from random import Random

import pytest

from adapters.conformance import AdapterConformance, Workbench
from adapters.gitlab import ADAPTER, GitLabSettings
from adapters.sandbox import StillClock
from adapters.seams import Seams
from mappings.item import Ref
from mappings.profile import Profile
from mappings.vocabulary import Phase
from tests.adapters.gitlab.fake import FakeGitLab
from tests.adapters.gitlab.scripted import Reply, Scripted

PROFILES = Path(__file__).parents[2] / "mappings" / "profiles"
HOME = "acme/payments"
STATUSES = {
    "phase": {
        "open": "todo",
        "statuses": {
            "todo": ["To do"],
            "doing": ["In progress"],
            "blocked": ["Blocked"],
            "completed": ["Done"],
        },
    },
    "resolution": {"values": {"not_planned": "Won't do", "duplicate": "Duplicate"}},
}


class GitLabBench(Workbench):
    page_size = 100
    secret = "glpat-canary0canary0canary"
    never = Ref("4711")

    def __init__(self, folder, profile, **changes):
        (folder / "token").write_text(self.secret)
        self.clock = StillClock()
        self.fake = FakeGitLab(self.clock, self.secret)
        self.fake.add_project(88, "acme/other")
        self.server = Scripted(self.clock)
        self.server.answer = self.fake
        words = tomllib.loads((PROFILES / f"{profile}.toml").read_text("utf-8")) | changes
        self.profile = Profile.model_validate(words | {"people": {"ann": "maria", "dev": "devon"}})
        token = {"file": str(folder / "token")}
        self.settings = GitLabSettings.model_validate({"token": token, "base_url": self.server.url})
        self.opened = []
        self.project = self.reopen()
        self.connection = self.opened[0]

    def reopen(self):
        self.opened.append(ADAPTER.connect("acme", self.settings, Seams(self.clock, Random(1))))
        return self.opened[-1].open(HOME, self.profile)

    def close(self):
        for connection in self.opened:
            connection.close()
        self.server.close()
        assert self.fake.ran == [], "a quick action was run"

    def make_outside(self, title, text=""):
        return Ref(str(self.fake.open(title, text)["iid"]))

    def edit_outside(self, ref, *, title="", text="", phase=None):
        if title:
            self.fake.edit(ref.id, title=title)
        if text:
            self.fake.edit(ref.id, description=f"{text}\n\n{self.text_of(ref)}")
        if phase is Phase.COMPLETED:
            self.fake.close(ref.id)

    def delete_outside(self, ref):
        del self.fake.projects[77]["issues"][int(ref.id)]

    def text_of(self, ref):
        return self.fake.issue(ref.id)["description"] or ""

    def everything(self):
        return copy.deepcopy(self.fake.projects)

    def slow_lists(self, seconds):
        self.fake.lag = seconds

    def label_outside(self, ref, name):
        self.fake.edit(ref.id, labels=[*self.fake.issue(ref.id)["labels"], name])

    def assign_stranger(self, ref):
        self.fake.edit(ref.id, assignees=[{"id": 13, "username": "zoe"}])

    def assigned(self, ref):
        return frozenset(one["username"] for one in self.fake.issue(ref.id)["assignees"])

    def comment_outside(self, ref, text):
        self.fake.comment(ref.id, text)

    def comments_of(self, ref):
        return [one["body"] for one in self.fake.issue(ref.id)["notes"]]

    def hide_outside(self, ref):
        self.fake.hidden.add(self.fake.issue(ref.id)["id"])

    def move_outside(self, ref):
        self.fake.move(ref.id, 88)

    def spoil_outside(self, ref):
        self.fake.edit(ref.id, title=None)

    def lose_next_reply(self):
        def lose(asked):
            if asked.method == "GET":
                return None
            self.fake.accident = None
            self.fake(asked)
            return Reply(lose=True)

        self.fake.accident = lose

    def refuse_next_write(self):
        self.fake.accident = lambda asked: (
            None if asked.method == "GET" else (422, {"message": "no"})
        )

    def break_reads(self, after=0):
        left = iter(range(after))

        def broken(asked):
            listing = asked.path.endswith("/issues")
            if listing and next(left, None) is not None:
                return None
            return Reply(502, b"<html>") if "/issues" in asked.path else None

        self.fake.accident = broken

    def reach_limit(self):
        self.fake.accident = lambda _: Reply(429, b"Retry later\n", {"Retry-After": "600"})

    def refuse_credential(self):
        self.fake.token = "another"

    def mend(self):
        self.fake.accident = None
        self.fake.token = self.secret
        self.fake.hidden.clear()


class TestGitLab(AdapterConformance):
    capabilities = ADAPTER.capabilities

    @pytest.fixture
    def bench(self, tmp_path):
        bench = GitLabBench(tmp_path, "gitlab-incidents")
        yield bench
        bench.close()


class TestGitLabIssues(AdapterConformance):
    capabilities = ADAPTER.capabilities

    @pytest.fixture
    def bench(self, tmp_path):
        bench = GitLabBench(tmp_path, "gitlab-issues")
        yield bench
        bench.close()


class TestGitLabStatuses(AdapterConformance):
    capabilities = ADAPTER.capabilities

    @pytest.fixture
    def bench(self, tmp_path):
        bench = GitLabBench(tmp_path, "gitlab-incidents", **STATUSES)
        yield bench
        bench.close()
