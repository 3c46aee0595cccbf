"""A sandbox whose clock stands still, and a plain client for it."""

import pytest
import requests

from adapters.sandbox import Sandbox
from adapters.sandbox.core.clock import StillClock


class Client(requests.Session):
    """Speaks to one sandbox with one token; paths below its address."""

    def __init__(self, url, token):
        super().__init__()
        self.url = url
        self.trust_env = False
        if token:
            self.headers["Authorization"] = f"token {token}"

    def request(self, method, path, **options):
        options.setdefault("timeout", 10)
        options["allow_redirects"] = False
        target = path if path.startswith("http") else self.url + path
        return super().request(method, target, **options)


@pytest.fixture
def start():
    """Start sandboxes with the clock at rest; none may have a bug of its own."""
    running = []

    def begin(**options):
        sandbox = Sandbox(**({"clock": StillClock()} | options)).start()
        running.append(sandbox)
        return sandbox

    yield begin
    for sandbox in running:
        sandbox.stop()
    assert [text for sandbox in running for text in sandbox.failures] == []


@pytest.fixture
def sandbox(start):
    return start()


@pytest.fixture
def client():
    """Clients by token; the sandbox's own full one unless another is given."""
    made = []

    def make(sandbox, token=None):
        made.append(Client(sandbox.url, sandbox.token if token is None else token))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def api(sandbox, client):
    return client(sandbox)


@pytest.fixture
def repository(sandbox):
    return sandbox.state.repository("acme/payments")
