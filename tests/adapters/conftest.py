"""What the tests of several adapters share."""

import socket

import pytest


@pytest.fixture
def no_network(monkeypatch):
    """A tape that lacks an answer must fail here, not ask the world."""

    def refuse(*_):
        raise AssertionError("a replay reached for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
