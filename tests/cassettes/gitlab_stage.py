"""The GitLab that the scenarios are recorded against, and the people in it."""

from contextlib import contextmanager

from adapters.sandbox import Sandbox, StillClock
from tests.cassettes.gitlab_scenarios import TOKEN, Stage
from tests.cassettes.tape import PORT


class People:
    """Somebody at a browser, and somebody who pulls a plug."""

    def __init__(self, sandbox):
        self._sandbox = sandbox
        self._maria = sandbox.person("maria")

    def __getattr__(self, name):
        return getattr(self._maria, name)

    def spoil_next_create(self):
        self._sandbox.faults.add("error", "POST /issues$", after=True, times=1)


@contextmanager
def recording_stage(env):
    """A fresh sandbox with two projects."""
    clock = StillClock()
    with Sandbox(
        "gitlab", projects=["acme/payments", "acme/other"], token=TOKEN, clock=clock, port=PORT
    ) as sandbox:
        yield Stage(sandbox.url, clock, env, People(sandbox))
