"""A Jira sandbox whose clock stands still, and plain clients for it."""

import pytest
import requests

from adapters.sandbox import Sandbox, StillClock
from adapters.sandbox.jira.build import BOT

EMAIL = f"{BOT}@example.com"


class Plain(requests.Session):
    """Speaks to one sandbox in one version of the interface; paths below ``/rest/api/N``."""

    def __init__(self, sandbox, token=None, login=None, version="2"):
        super().__init__()
        self.trust_env = False
        self.root = f"{sandbox.url}/rest/api/{version}"
        secret = token or sandbox.token
        if sandbox.state.flavour == "cloud":
            self.auth = (f"{login or BOT}@example.com", secret)
        else:
            self.headers["Authorization"] = f"Bearer {secret}"

    def request(self, method, path, **options):
        options.setdefault("timeout", 10)
        options.setdefault("allow_redirects", False)
        target = path if path.startswith("http") else self.root + path
        return super().request(method, target, **options)

    def make(self, summary="Something", project="PAY", kind="Task", **fields):
        """A new issue's key."""
        answer = self.post("/issue", json={"fields": FIELDS(project, kind, summary) | fields})
        assert answer.status_code == 201, answer.text
        return answer.json()["key"]

    def find(self, jql, *fields, **options):
        """Keys that a search finds, on either flavour."""
        path = "/search/jql" if self.auth else "/search"
        wanted = {"jql": jql, "fields": ",".join(fields or ("summary",))} | options
        answer = self.get(path, params=wanted)
        assert answer.status_code == 200, answer.text
        return [one["key"] for one in answer.json()["issues"]]


def FIELDS(project, kind, summary):  # noqa: N802  reads as a constant with holes
    return {"project": {"key": project}, "issuetype": {"name": kind}, "summary": summary}


@pytest.fixture
def start():
    """Start sandboxes with the clock at rest; none may have a bug of its own."""
    running = []

    def begin(*projects, **options):
        chosen = {"clock": StillClock(), "projects": projects or ("PAY", "WEB:team", "OPS:service")}
        running.append(Sandbox("jira", **(chosen | options)).start())
        return running[-1]

    yield begin
    for sandbox in running:
        sandbox.stop()
    assert [text for sandbox in running for text in sandbox.failures] == []


@pytest.fixture(params=["cloud", "datacenter"])
def flavour(request):
    return request.param


@pytest.fixture
def jira(start, flavour):
    """One sandbox of each flavour."""
    return start(flavour=flavour)


@pytest.fixture
def cloud(start):
    return start(flavour="cloud")


@pytest.fixture
def datacenter(start):
    return start(flavour="datacenter")


@pytest.fixture
def plain():
    """Clients by sandbox."""
    made = []

    def make(sandbox, **options):
        made.append(Plain(sandbox, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def api(jira, plain):
    return plain(jira)
