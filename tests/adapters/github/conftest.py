"""A sandbox and a scripted server, each with a connection to it and a clock that stands still."""

import json
import socket
import threading
import tomllib
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random

import pytest

from adapters.github import ADAPTER, GitHubSettings
from adapters.sandbox import Sandbox
from adapters.sandbox.core.clock import StillClock
from adapters.seams import Seams
from mappings.profile import Profile

PROFILES = Path(__file__).parents[3] / "mappings" / "profiles"
TOKEN = "ghp_abcdefghijklmnopqrstuvwxyz0123456789"


def load_profile(name, **changes):
    words = tomllib.loads((PROFILES / f"{name}.toml").read_text("utf-8"))
    words["people"] = {"ann": "maria", "dev": "devon"}
    return Profile.model_validate(words | changes)


@pytest.fixture
def profile():
    return load_profile("github-labels")


@pytest.fixture
def load():
    return load_profile


@pytest.fixture
def clock():
    return StillClock()


@pytest.fixture
def sandbox(clock):
    with Sandbox("github", token=TOKEN, clock=clock) as running:
        yield running


@pytest.fixture
def connect(clock, monkeypatch):
    """Open connections; all are closed at the end."""
    monkeypatch.setenv("FT_TEST_TOKEN", TOKEN)
    opened = []

    def make(url, **settings):
        settings = {"token": {"env": "FT_TEST_TOKEN"}, "base_url": url} | settings
        table = GitHubSettings.model_validate(settings)
        opened.append(ADAPTER.connect("acme", table, Seams(clock, Random(1))))
        return opened[-1]

    yield make
    for connection in opened:
        connection.close()


@pytest.fixture
def project(sandbox, connect, profile):
    return connect(sandbox.url).open("acme/payments", profile)


@dataclass
class Reply:
    status: int = 200
    body: object = None
    headers: dict = field(default_factory=dict)
    lose: bool = False


@dataclass
class Asked:
    method: str
    path: str
    headers: dict
    body: bytes

    def json(self):
        return json.loads(self.body)


class Scripted:
    """Answers each request with the next reply, the last one again and again."""

    def __init__(self, clock):
        self.replies = deque()
        self.asked = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def _serve(self):
                size = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(size)
                headers = {k.lower(): v for k, v in self.headers.items()}
                outer.asked.append(Asked(self.command, self.path, headers, body))
                reply = outer.replies.popleft() if len(outer.replies) > 1 else outer.replies[0]
                if reply.lose:
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                raw = reply.body if isinstance(reply.body, bytes) else b""
                kind = "text/html"
                if not isinstance(reply.body, bytes) and reply.body is not None:
                    raw, kind = json.dumps(reply.body).encode(), "application/json; charset=utf-8"
                self.send_response_only(reply.status)
                date = clock.now().strftime("%a, %d %b %Y %H:%M:%S GMT")
                for name, value in ({"Date": date, "Content-Type": kind} | reply.headers).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve  # noqa: N815  http.server's names

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def will(self, *replies):
        self.replies.clear()
        self.replies.extend(replies)
        self.asked.clear()
        return self

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


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
    """An issue's JSON as GitHub gives it, with whatever a test changes."""

    def make(number=1, **changes):
        home = "https://api.github.com/repos/acme/payments"
        return {
            "id": 9000 + number,
            "node_id": f"I_{number}",
            "number": number,
            "url": f"{home}/issues/{number}",
            "repository_url": home,
            "html_url": f"https://github.com/acme/payments/issues/{number}",
            "title": "Checkout is down",
            "body": None,
            "state": "open",
            "state_reason": None,
            "labels": [],
            "assignees": [],
            "user": {"login": "octo-bot"},
            "type": None,
            "sub_issues_summary": {"total": 0},
            "created_at": "2026-03-01T10:00:00Z",
            "updated_at": "2026-03-01T10:00:00Z",
            "closed_at": None,
        } | changes

    return make


@pytest.fixture
def repository():
    def make(**changes):
        return {
            "id": 77,
            "full_name": "acme/payments",
            "html_url": "https://github.com/acme/payments",
            "private": True,
            "visibility": "private",
            "archived": False,
            "has_issues": True,
            "has_discussions": False,
            "permissions": {"push": True},
        } | changes

    return make
