"""The sandbox as a command: one line when it is ready, ended by a signal."""

import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    ("tracker", "path"),
    [("github", "/repos/acme/shop"), ("gitlab", "/api/v4/projects/acme%2Fshop")],
)
def test_it_tells_its_address_serves_and_ends(tracker, path):
    command = [sys.executable, "-c", "from sync.cli import main; main()"]
    arguments = ["sandbox", tracker, "--project", "acme/shop", "--token", "sesame"]
    with subprocess.Popen(
        [*command, *arguments], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]
    ) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            request = urllib.request.Request(
                f"{url}{path}", headers={"Authorization": "Bearer sesame"}
            )
            with urllib.request.urlopen(request, timeout=10) as answer:
                assert answer.status == 200
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_a_tracker_it_cannot_play_is_named(cli):
    result = cli.plain("sandbox", "telex")
    assert result.exit_code == 2
    assert 'E201 no sandbox "telex"' in result.stderr
