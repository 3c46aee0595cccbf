"""The GitHub adapter keeps the contract, against the sandbox."""

import tomllib
from pathlib import Path
from random import Random
from typing import ClassVar

import pytest

from adapters.conformance import AdapterConformance, Workbench
from adapters.github import ADAPTER, GitHubSettings
from adapters.sandbox import Sandbox, StillClock
from adapters.seams import Seams
from mappings.item import Ref
from mappings.profile import Profile
from mappings.vocabulary import Phase

PROFILES = Path(__file__).parents[2] / "mappings" / "profiles"
HOME = "acme/payments"


class GitHubBench(Workbench):
    page_size = 100
    secret = "ghp_canary0canary0canary0canary0canary00"
    never = Ref("4711")
    cannot: ClassVar = {"spoil_outside": "GitHub gives no issue that cannot be read"}

    def __init__(self, folder, profile):
        (folder / "token").write_text(self.secret)
        self.clock = StillClock()
        self.sandbox = Sandbox(
            "github", projects=[HOME, "acme/other"], token=self.secret, clock=self.clock
        ).start()
        words = tomllib.loads((PROFILES / f"{profile}.toml").read_text("utf-8"))
        if "board" in words["phase"]:
            columns = tuple(words["phase"]["board"]["options"].values())
            board = self.sandbox.state.add_board("acme", "Incidents", columns)
            words["phase"]["board"] |= {"owner": "acme", "number": board.number}
        self.profile = Profile.model_validate(words | {"people": {"ann": "maria", "dev": "devon"}})
        token = {"file": str(folder / "token")}
        self.settings = GitHubSettings.model_validate(
            {"token": token, "base_url": self.sandbox.url}
        )
        self.opened = []
        self.project = self.reopen()
        self.connection = self.opened[0]
        self.home = self.sandbox.state.repository(HOME)
        self.maria = self.sandbox.person("maria")

    def reopen(self):
        self.opened.append(ADAPTER.connect("acme", self.settings, Seams(self.clock, Random(1))))
        return self.opened[-1].open(HOME, self.profile)

    def close(self):
        for connection in self.opened:
            connection.close()
        self.sandbox.stop()
        assert self.sandbox.failures == []

    def make_outside(self, title, text=""):
        return Ref(str(self.maria.open(title, text).number))

    def edit_outside(self, ref, *, title="", text="", phase=None):
        number = int(ref.id)
        if title:
            self.maria.edit(number, title=title)
        if text:
            self.maria.edit(number, body=f"{text}\n\n{self.text_of(ref)}")
        if phase is Phase.COMPLETED:
            self.maria.close(number)

    def delete_outside(self, ref):
        self.maria.delete(int(ref.id))

    def text_of(self, ref):
        return self.home.get(int(ref.id)).body or ""

    def everything(self):
        with self.sandbox.lock:
            return self.sandbox.tracker.dump()

    def slow_lists(self, seconds):
        self.sandbox.state.set_habits(lag=seconds)

    def label_outside(self, ref, name):
        self.maria.add_label(name)
        self.maria.label(int(ref.id), add=[name])

    def assign_stranger(self, ref):
        self.maria.assign(int(ref.id), ["zoe"])

    def assigned(self, ref):
        (issue,) = (one for one in self.issues() if one["number"] == int(ref.id))
        return frozenset(issue["assignees"])

    def issues(self):
        return self.everything()["repositories"][0]["issues"]

    def comment_outside(self, ref, text):
        self.maria.comment(int(ref.id), text)

    def comments_of(self, ref):
        return [one.body for one in self.home.comments_of(int(ref.id))]

    def hide_outside(self, ref):
        path = f"* /issues/{ref.id}$"
        self.sandbox.faults.add("status", path, status=404, message="Not Found")

    def move_outside(self, ref):
        self.maria.transfer(int(ref.id), "acme/other")

    def lose_next_reply(self):
        for verb in ("POST", "PATCH"):
            self.sandbox.faults.add("lose-reply", f"{verb} /issues", times=1)

    def refuse_next_write(self):
        for verb in ("POST", "PATCH"):
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
