"""A service account's tokens of an hour, from a server of its own."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random

import pytest

from adapters.errors import AuthFailed, Transient
from adapters.jira import ADAPTER, JiraSettings
from adapters.sandbox.core.access import Access, Token
from adapters.seams import Seams


class TokenServer(ThreadingHTTPServer):
    """Gives out tokens, one after the other, to the one client it knows."""

    daemon_threads = True

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.given = 0
        self.answer = None
        super().__init__(("127.0.0.1", 0), _Handler)
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/oauth/token"

    def stop(self):
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server = self.server
        status, body = 401, {"error": "access_denied"}
        if server.answer is not None:
            status, body = server.answer
        elif (asked["client_id"], asked["client_secret"]) == ("the-client", "the-secret"):
            server.given += 1
            secret = f"token{server.given}"
            server.sandbox.state.add_token(Token(secret, "followthrough-bot", Access.ADMIN))
            status, body = 200, {"access_token": secret, "expires_in": 3600}
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


@pytest.fixture
def tokens(cloud):
    server = TokenServer(cloud)
    yield server
    server.stop()


@pytest.fixture
def opened(cloud, tokens, clock, monkeypatch):
    monkeypatch.setenv("FT_TEST_CLIENT_SECRET", "the-secret")
    account = {
        "client_id": "the-client",
        "client_secret": {"env": "FT_TEST_CLIENT_SECRET"},
        "token_url": tokens.url,
    }
    base = f"{cloud.url}/ex/jira/{cloud.state.cloud_id}"
    table = JiraSettings.model_validate(
        {"base_url": base, "deployment": "cloud", "service_account": account}
    )
    connection = ADAPTER.connect("acme", table, Seams(clock, Random(1)))
    yield connection
    connection.close()


def test_one_token_serves_until_it_ends(opened, tokens, clock):
    opened.describe()
    opened.describe()
    assert tokens.given == 1
    clock.sleep(3400)
    opened.describe()
    assert tokens.given == 2


def test_a_token_that_ended_early_is_replaced(opened, tokens, cloud):
    opened.describe()
    cloud.state.revoke("token1")
    assert opened.describe().user
    assert tokens.given == 2


def test_a_client_that_nobody_knows_is_named_without_its_secret(opened, tokens, monkeypatch):
    monkeypatch.setenv("FT_TEST_CLIENT_SECRET", "another-secret")
    with pytest.raises(AuthFailed) as caught:
        opened.describe()
    assert caught.value.problem.code == "E203"
    assert "another-secret" not in str(caught.value)


@pytest.mark.parametrize("answer", [(500, "down"), (200, "<html>"), (200, {"no": "token"})])
def test_a_token_server_that_is_out_of_order_is_waited_for(opened, tokens, answer):
    tokens.answer = answer
    with pytest.raises(Transient):
        opened.describe()
