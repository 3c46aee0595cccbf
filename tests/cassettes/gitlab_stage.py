"""The GitLab that the scenarios are recorded against, and the people in it."""

from contextlib import contextmanager

from adapters.sandbox import Sandbox, StillClock
from tests.cassettes.common import People
from tests.cassettes.gitlab_scenarios import TOKEN, Stage
from tests.cassettes.tape import PORT


@contextmanager
def recording_stage(env):
    """A fresh sandbox with two projects."""
    clock = StillClock()
    with Sandbox(
        "gitlab", projects=["acme/payments", "acme/other"], token=TOKEN, clock=clock, port=PORT
    ) as sandbox:
        yield Stage(sandbox.url, clock, env, People(sandbox, "/issues"))
