"""The Jira adapter keeps the contract, on Cloud and on Data Center."""

from typing import ClassVar

import pytest

from adapters.conformance import AdapterConformance
from adapters.jira import ADAPTER, JiraSettings
from mappings.item import Ref
from mappings.jira import status_of
from mappings.profile import Profile
from mappings.vocabulary import Phase
from tests.conformance.hosted import HostedBench, words_of

TEMPLATES = {
    "jira-software": "classic",
    "jira-team-managed": "team",
    "jira-service-management": "service",
}
EMAIL = "followthrough-bot@example.com"


class JiraBench(HostedBench):
    place = "PAY"
    secret = "ATATT3xFfGF0canary0canary0canary0"
    cannot: ClassVar = {
        "label_outside": "Jira takes no label with a blank in it",
        "spoil_outside": "Jira gives no issue that cannot be read",
    }

    def __init__(self, folder, profile, flavour):
        template = TEMPLATES[profile]
        self.start(folder, "jira", [f"PAY:{template}", f"OTH:{template}"], flavour=flavour)
        self.cloud = flavour == "cloud"
        self.state = self.sandbox.state
        people = {"ann": self.login("maria"), "dev": self.login("devon")}
        settings = {"token": self.token, "base_url": self.sandbox.url, "deployment": flavour}
        table = JiraSettings.model_validate(settings | ({"email": EMAIL} if self.cloud else {}))
        words = Profile.model_validate(words_of(profile) | {"people": people})
        self.connect(ADAPTER, table, words)
        if template == "service":
            self.learn()

    def learn(self):
        """Somebody went through the workflow before, so that it is known what leads nowhere."""
        issue = self.maria.open("Gone through the workflow", kind="Task")
        for name in ("Work in progress", "Pending", "Completed", "Canceled", "Open"):
            self.maria.walk(issue.id, name)
            fields = self.project.raw(Ref(str(issue.id)))["fields"]
            status = status_of(fields["status"])
            self.project.mover.ways(str(issue.id), fields["issuetype"]["id"], status)
        self.maria.delete(issue.id)

    def login(self, name):
        user = self.state.user(name)
        return user.account_id if self.cloud else user.login

    def issue(self, ref):
        return self.state.issues.get(ref.id)

    def make_outside(self, title, text=""):
        with self.sandbox.lock:
            return Ref(str(self.maria.open(title, text, kind="Task").id))

    def edit_outside(self, ref, *, title="", text="", phase=None):
        with self.sandbox.lock:
            if title:
                self.maria.edit(ref.id, summary=title)
            if text:
                self.maria.edit(ref.id, description=f"{text}\n\n{self.text_of(ref)}")
            if phase is Phase.COMPLETED:
                flow = self.maria.project.flow(None)
                names = [name for name, _ in flow.statuses]
                self.maria.walk(ref.id, "Done" if "Done" in names else "Completed")

    def delete_outside(self, ref):
        with self.sandbox.lock:
            self.maria.delete(ref.id)

    def text_of(self, ref):
        found = self.issue(ref).description
        return found.wiki if found else ""

    def assign_stranger(self, ref):
        with self.sandbox.lock:
            self.maria.assign(ref.id, "zoe")

    def assigned(self, ref):
        login = self.issue(ref).assignee
        return frozenset({login} if login else ())

    def comment_outside(self, ref, text):
        with self.sandbox.lock:
            self.maria.comment(ref.id, text)

    def comments_of(self, ref):
        relations = self.state.issues.relations
        return [one.body.wiki for one in relations.comments_of(int(ref.id))]

    def hide_outside(self, ref):
        path = f"* /issue/{ref.id}$"
        self.sandbox.faults.add("status", path, status=404, message="Issue does not exist")

    def move_outside(self, ref):
        with self.sandbox.lock:
            self.maria.move(ref.id, "OTH")

    def lose_next_reply(self):
        for verb in ("POST", "PUT"):
            self.sandbox.faults.add("lose-reply", f"{verb} /issue", times=1)

    def refuse_next_write(self):
        for verb in ("POST", "PUT"):
            self.sandbox.faults.add("status", f"{verb} /issue", status=400, times=1)

    def break_reads(self, after=0):
        if after:
            self.sandbox.faults.add("delay", "GET /search", seconds=0, times=after)
        self.sandbox.faults.add("error", "GET /search")
        self.sandbox.faults.add("error", "GET /issue/")


def bench_of(folder, profile, flavour):
    bench = JiraBench(folder, profile, flavour)
    yield bench
    bench.close()


class TestJiraCloud(AdapterConformance):
    capabilities = ADAPTER.capabilities

    @pytest.fixture
    def bench(self, tmp_path):
        yield from bench_of(tmp_path, "jira-software", "cloud")


class TestJiraDataCenter(AdapterConformance):
    capabilities = ADAPTER.capabilities

    @pytest.fixture
    def bench(self, tmp_path):
        yield from bench_of(tmp_path, "jira-software", "datacenter")


class TestJiraTeamManaged(AdapterConformance):
    capabilities = ADAPTER.capabilities

    @pytest.fixture
    def bench(self, tmp_path):
        yield from bench_of(tmp_path, "jira-team-managed", "cloud")


class TestJiraServiceManagement(AdapterConformance):
    capabilities = ADAPTER.capabilities

    @pytest.fixture
    def bench(self, tmp_path):
        yield from bench_of(tmp_path, "jira-service-management", "cloud")
