"""The daemon as a process of its own: real signals, a tracker on loopback, a real workspace."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.sandbox import Sandbox
from sync.demo import workspace

SETTINGS = """\
[connections.docs]
adapter = "metis"
path = "."
[connections.hub]
adapter = "github"
base_url = "{url}"
token = {{ file = "token" }}
[pairs.payments]
left = {{ connection = "docs" }}
right = {{ connection = "hub", project = "acme/payments" }}
profile = "github-labels"
interval = "1s"
urgent_interval = "1s"
[daemon]
listen = "127.0.0.1:0"
"""
PATIENCE = 20


@dataclass
class Process:
    """One running daemon and what it has logged so far."""

    popen: subprocess.Popen
    log: Path

    def events(self):
        return [json.loads(line) for line in self.log.read_text().splitlines() if line[:1] == "{"]

    def until(self, *, event, **values):
        """Wait for an event that was logged with these values."""
        end = time.monotonic() + PATIENCE
        wanted = values | {"event": event}
        while time.monotonic() < end:
            for one in self.events():
                if wanted.items() <= one.items():
                    return one
            assert self.popen.poll() is None, self.log.read_text()
            time.sleep(0.05)
        raise AssertionError(self.log.read_text())


@pytest.fixture
def start(tmp_path):
    """Starts daemons in a folder with a workspace; ends those that are left."""
    root = workspace.write_workspace(tmp_path, datetime.now(UTC))
    (tmp_path / "token").write_text("sandbox-token")
    started = []

    def starting(url, name="log"):
        (tmp_path / "followthrough.toml").write_text(SETTINGS.format(url=url))
        log = tmp_path / name
        with log.open("wb") as stream:
            popen = subprocess.Popen(
                [sys.executable, "-c", "from sync.cli import main; main()", "run",
                 "--config", str(tmp_path / "followthrough.toml"),
                 "--log-format", "json", "--log-level", "debug"],
                stdout=subprocess.DEVNULL, stderr=stream,
                cwd=Path(__file__).parents[3],
                env={key: value for key, value in os.environ.items() if "FOLLOW" not in key},
            )  # fmt: skip
        started.append(popen)
        return Process(popen, log)

    starting.root = root
    yield starting
    for popen in started:
        if popen.poll() is None:
            popen.kill()
        popen.wait()


@pytest.fixture
def silent():
    """A server that takes connections and never answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def test_a_daemon_syncs_reloads_refuses_a_second_one_and_ends_cleanly(start, tmp_path):
    with Sandbox("github", projects=["acme/payments"]) as sandbox:
        daemon = start(sandbox.url)
        daemon.until(event="operation", kind="create", item="PAY-T-0006")
        daemon.until(event="cycle", outcome="good")

        second = start(sandbox.url, "second")
        assert second.popen.wait(PATIENCE) == 1
        assert f"(pid {daemon.popen.pid}) holds the lock." in second.log.read_text()

        workspace.start_work(start.root, workspace.OPEN_P0, datetime.now(UTC))
        daemon.until(event="operation", kind="update", side="right")

        settings = tmp_path / "followthrough.toml"
        good = settings.read_text()
        settings.write_text(good.replace("interval", "intreval"))
        daemon.popen.send_signal(signal.SIGHUP)
        daemon.until(event="settings not taken over; going on with the old ones")
        settings.write_text(good)
        daemon.popen.send_signal(signal.SIGHUP)
        daemon.until(event="settings taken over")

        daemon.popen.send_signal(signal.SIGTERM)
        assert daemon.popen.wait(10) == 0
        assert "sandbox-token" not in daemon.log.read_text()


def test_the_second_signal_ends_at_once(start, silent):
    daemon = start(silent)
    daemon.until(event="started")
    time.sleep(0.3)
    daemon.popen.send_signal(signal.SIGTERM)
    daemon.until(event="stopping", running=["payments"])
    daemon.popen.send_signal(signal.SIGTERM)
    assert daemon.popen.wait(3) == 128 + signal.SIGTERM


@pytest.mark.slow
def test_an_operation_that_hangs_is_left_after_the_grace(start, silent):
    daemon = start(silent)
    daemon.until(event="started")
    time.sleep(0.3)
    daemon.popen.send_signal(signal.SIGTERM)
    assert daemon.popen.wait(10) == 1
    assert any("E411" in event["event"] for event in daemon.events())
