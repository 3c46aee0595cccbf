"""The Jira that the scenarios are recorded against, and the people in it."""

from contextlib import contextmanager

from adapters.sandbox import Sandbox, StillClock
from tests.cassettes.common import People
from tests.cassettes.jira_scenarios import ANN, TOKEN, Stage
from tests.cassettes.tape import PORT


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
        yield Stage(
            sandbox.url, clock, env, People(sandbox, "/issue"), deployment, ann=ANN[deployment]
        )
