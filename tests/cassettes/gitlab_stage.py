"""The GitLab that the scenarios are recorded against, and the people in it."""

from contextlib import contextmanager

from adapters.sandbox.core.clock import StillClock
from tests.adapters.gitlab.fake import FakeGitLab
from tests.adapters.gitlab.scripted import Reply, Scripted
from tests.cassettes.gitlab_scenarios import TOKEN, Stage
from tests.cassettes.tape import PORT


class People:
    """Somebody at a browser, and somebody who pulls a plug."""

    def __init__(self, fake):
        self._fake = fake

    def open(self, title):
        self._fake.open(title)

    def move(self, iid, _path):
        self._fake.move(iid, 88)

    def archive(self):
        self._fake.projects[77]["home"]["archived"] = True

    def spoil_next_create(self):
        def spoilt(asked):
            if asked.method != "POST":
                return None
            self._fake.accident = None
            self._fake(asked)
            return Reply(502, b"<html>bad gateway</html>", {"Content-Type": "text/html"})

        self._fake.accident = spoilt


@contextmanager
def recording_stage(env):
    """A fresh GitLab with two projects."""
    clock = StillClock()
    fake = FakeGitLab(clock, TOKEN)
    fake.add_project(88, "acme/other")
    server = Scripted(clock, port=PORT)
    server.answer = fake
    try:
        yield Stage(server.url, clock, env, People(fake))
    finally:
        server.close()
