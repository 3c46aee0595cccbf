"""The GitLab adapter keeps the contract, against the sandbox."""

from typing import ClassVar

import pytest

from adapters.conformance import AdapterConformance
from adapters.gitlab import ADAPTER, GitLabSettings
from mappings.item import Ref
from mappings.profile import Profile
from tests.conformance.hosted import NumberedBench, words_of

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


class GitLabBench(NumberedBench):
    secret = "glpat-canary0canary0canary"
    edits = "PUT"
    not_found = "404 Not found"
    cannot: ClassVar = {"spoil_outside": "GitLab gives no issue that cannot be read"}

    def __init__(self, folder, profile, **changes):
        self.start(folder, "gitlab", [self.place, "acme/other"])
        self.sandbox.state.add_status("Blocked", "IN_PROGRESS")
        words = words_of(profile) | changes
        profile = Profile.model_validate(words | {"people": {"ann": "maria", "dev": "devon"}})
        settings = GitLabSettings.model_validate(
            {"token": self.token, "base_url": self.sandbox.url}
        )
        self.connect(ADAPTER, settings, profile)
        self.home = self.sandbox.state.project(self.place)

    def close(self):
        super().close()
        assert self.sandbox.state.executed == [], "a quick action was run"

    def make_outside(self, title, text=""):
        return Ref(str(self.maria.open(title, text).iid))

    def text_of(self, ref):
        return self.home.get(int(ref.id)).description or ""

    def assigned(self, ref):
        return frozenset(self.home.get(int(ref.id)).assignees)

    def comments_of(self, ref):
        return [one.body for one in self.home.notes_of(int(ref.id)) if not one.system]


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
