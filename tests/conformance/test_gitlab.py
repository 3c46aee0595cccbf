"""The GitLab adapter keeps the contract, against the sandbox."""

import tomllib
from pathlib import Path
from random import Random
from typing import ClassVar

import pytest

from adapters.conformance import AdapterConformance, Workbench
from adapters.gitlab import ADAPTER, GitLabSettings
from adapters.sandbox import Sandbox, StillClock
from adapters.seams import Seams
from mappings.item import Ref
from mappings.profile import Profile
from mappings.vocabulary import Phase

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
    cannot: ClassVar = {"spoil_outside": "GitLab gives no issue that cannot be read"}

    def __init__(self, folder, profile, **changes):
        (folder / "token").write_text(self.secret)
        self.clock = StillClock()
        self.sandbox = Sandbox(
            "gitlab", projects=[HOME, "acme/other"], token=self.secret, clock=self.clock
        ).start()
        self.sandbox.state.add_status("Blocked", "IN_PROGRESS")
        words = tomllib.loads((PROFILES / f"{profile}.toml").read_text("utf-8")) | changes
        self.profile = Profile.model_validate(words | {"people": {"ann": "maria", "dev": "devon"}})
        token = {"file": str(folder / "token")}
        self.settings = GitLabSettings.model_validate(
            {"token": token, "base_url": self.sandbox.url}
        )
        self.opened = []
        self.project = self.reopen()
        self.connection = self.opened[0]
        self.home = self.sandbox.state.project(HOME)
        self.maria = self.sandbox.person("maria")

    def reopen(self):
        self.opened.append(ADAPTER.connect("acme", self.settings, Seams(self.clock, Random(1))))
        return self.opened[-1].open(HOME, self.profile)

    def close(self):
        for connection in self.opened:
            connection.close()
        self.sandbox.stop()
        assert self.sandbox.failures == []
        assert self.sandbox.state.executed == [], "a quick action was run"

    def make_outside(self, title, text=""):
        return Ref(str(self.maria.open(title, text).iid))

    def edit_outside(self, ref, *, title="", text="", phase=None):
        if title:
            self.maria.edit(int(ref.id), title=title)
        if text:
            self.maria.edit(int(ref.id), body=f"{text}\n\n{self.text_of(ref)}")
        if phase is Phase.COMPLETED:
            self.maria.close(int(ref.id))

    def delete_outside(self, ref):
        self.maria.delete(int(ref.id))

    def text_of(self, ref):
        return self.home.get(int(ref.id)).description or ""

    def everything(self):
        with self.sandbox.lock:
            return self.sandbox.tracker.dump()

    def slow_lists(self, seconds):
        self.sandbox.state.set_habits(lag=seconds)

    def label_outside(self, ref, name):
        self.maria.label(int(ref.id), add=[name])

    def assign_stranger(self, ref):
        self.maria.assign(int(ref.id), ["zoe"])

    def assigned(self, ref):
        return frozenset(self.home.get(int(ref.id)).assignees)

    def comment_outside(self, ref, text):
        self.maria.comment(int(ref.id), text)

    def comments_of(self, ref):
        return [one.body for one in self.home.notes_of(int(ref.id)) if not one.system]

    def hide_outside(self, ref):
        path = f"* /issues/{ref.id}$"
        self.sandbox.faults.add("status", path, status=404, message="404 Not found")

    def move_outside(self, ref):
        self.maria.transfer(int(ref.id), "acme/other")

    def lose_next_reply(self):
        for verb in ("POST", "PUT"):
            self.sandbox.faults.add("lose-reply", f"{verb} /issues", times=1)

    def refuse_next_write(self):
        for verb in ("POST", "PUT"):
            self.sandbox.faults.add("status", f"{verb} /issues", status=422, times=1)

    def break_reads(self, after=0):
        if after:
            self.sandbox.faults.add("delay", "GET /issues$", seconds=0, times=after)
        self.sandbox.faults.add("error", "GET /issues")

    def reach_limit(self):
        self.sandbox.faults.add("rate-limit")

    def refuse_credential(self):
        self.sandbox.state.revoke(self.secret)

    def mend(self):
        self.sandbox.faults.clear()


class TestGitLab(AdapterConformance):
    capabilities = ADAPTER.capabilities

    @pytest.fixture
    def bench(self, tmp_path):
        bench = GitLabBench(tmp_path, "gitlab-incidents")
        yield bench
        bench.close()


class TestGitLabFree(AdapterConformance):
    """The free tier: scoped labels are ordinary ones, an issue has one assignee, no status."""

    capabilities = ADAPTER.capabilities

    @pytest.fixture
    def bench(self, tmp_path):
        bench = GitLabBench(tmp_path, "gitlab-issues", options={"assignees": "1"})
        bench.sandbox.state.set_habits(premium=False)
        yield bench
        bench.close()


class TestGitLabStatuses(AdapterConformance):
    capabilities = ADAPTER.capabilities

    @pytest.fixture
    def bench(self, tmp_path):
        bench = GitLabBench(tmp_path, "gitlab-incidents", **STATUSES)
        yield bench
        bench.close()
