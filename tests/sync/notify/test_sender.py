"""Through apprise itself, against a server on this machine."""

import json
import logging
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from pydantic import SecretStr

from sync.notify.messages import Message
from sync.notify.sender import NotSentError, send

HELLO = Message("due: unrecorded (payments)", "First line.\nSecond line.")


@pytest.fixture
def server():
    """Keeps what it is sent; answers with ``status``."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers["Content-Length"])
            self.server.got.append((self.path, json.loads(self.rfile.read(length))))
            self.send_response(self.server.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as made:
        made.got, made.status = [], 200
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def address(server, path="T0KEN-s3cret"):
    return SecretStr(f"json://127.0.0.1:{server.server_port}/{path}")


def test_a_message_arrives(server):
    send(address(server), HELLO)
    ((path, got),) = server.got
    assert path == "/T0KEN-s3cret"
    assert (got["title"], got["message"]) == (HELLO.title, HELLO.body)


def test_a_refusal_is_told_without_the_address(server, caplog):
    server.status = 500
    with caplog.at_level(logging.DEBUG), pytest.raises(NotSentError) as raised:
        send(address(server), HELLO)
    assert "did not take" in str(raised.value)
    assert "s3cret" not in str(raised.value)
    assert [one for one in caplog.records if one.name.startswith("apprise")] == []


def test_an_address_no_service_has_is_told_without_it():
    with pytest.raises(NotSentError) as raised:
        send(SecretStr("nonsense-s3cret"), HELLO)
    assert "s3cret" not in str(raised.value)


def test_apprise_may_log_again_afterwards(server):
    send(address(server), HELLO)
    assert not logging.getLogger("apprise").disabled
