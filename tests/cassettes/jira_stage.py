"""The Jira that the scenarios are recorded against, and the people in it."""

from contextlib import contextmanager

from adapters.sandbox import Sandbox, StillClock
from tests.cassettes.jira_scenarios import ANN, TOKEN, Stage
from tests.cassettes.tape import PORT


class People:
    """Somebody at a browser, and somebody who pulls a plug."""

    def __init__(self, sandbox):
        self._sandbox = sandbox
        self._maria = sandbox.person("maria")

    def __getattr__(self, name):
        return getattr(self._maria, name)

    def spoil_next_create(self):
        self._sandbox.faults.add("error", "POST /issue$", after=True, times=1)


@contextmanager
def recording_stage(env, deployment):
    """A fresh sandbox with two projects."""
    clock = StillClock()
    with Sandbox(
        "jira",
        projects=["PAY", "OTH"],
        token=TOKEN,
        clock=clock,
        port=PORT,
        flavour=deployment,
    ) as sandbox:
        yield Stage(sandbox.url, clock, env, People(sandbox), deployment, ann=ANN[deployment])
