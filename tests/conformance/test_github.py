"""The GitHub adapter keeps the contract, against the sandbox."""

from typing import ClassVar

import pytest

from adapters.conformance import AdapterConformance
from adapters.github import ADAPTER, GitHubSettings
from mappings.item import Ref
from mappings.profile import Profile
from tests.conformance.hosted import NumberedBench, words_of


class GitHubBench(NumberedBench):
    secret = "ghp_canary0canary0canary0canary0canary00"
    edits = "PATCH"
    not_found = "Not Found"
    cannot: ClassVar = {"spoil_outside": "GitHub gives no issue that cannot be read"}

    def __init__(self, folder, profile):
        self.start(folder, "github", [self.place, "acme/other"])
        words = words_of(profile)
        if "board" in words["phase"]:
            columns = tuple(words["phase"]["board"]["options"].values())
            board = self.sandbox.state.add_board("acme", "Incidents", columns)
            words["phase"]["board"] |= {"owner": "acme", "number": board.number}
        profile = Profile.model_validate(words | {"people": {"ann": "maria", "dev": "devon"}})
        settings = GitHubSettings.model_validate(
            {"token": self.token, "base_url": self.sandbox.url}
        )
        self.connect(ADAPTER, settings, profile)
        self.home = self.sandbox.state.repository(self.place)

    def make_outside(self, title, text=""):
        return Ref(str(self.maria.open(title, text).number))

    def text_of(self, ref):
        return self.home.get(int(ref.id)).body or ""

    def label_outside(self, ref, name):
        self.maria.add_label(name)
        super().label_outside(ref, name)

    def assigned(self, ref):
        (issue,) = (one for one in self.issues() if one["number"] == int(ref.id))
        return frozenset(issue["assignees"])

    def issues(self):
        return self.everything()["repositories"][0]["issues"]

    def comments_of(self, ref):
        return [one.body for one in self.home.comments_of(int(ref.id))]


class TestGitHub(AdapterConformance):
    capabilities = ADAPTER.capabilities

    @pytest.fixture
    def bench(self, tmp_path):
        bench = GitHubBench(tmp_path, "github-labels")
        yield bench
        bench.close()


class TestGitHubBoard(AdapterConformance):
    capabilities = ADAPTER.capabilities

    @pytest.fixture
    def bench(self, tmp_path):
        bench = GitHubBench(tmp_path, "github-projects")
        yield bench
        bench.close()
