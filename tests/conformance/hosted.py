"""What the benches of sandboxed trackers share: a hand on its issues, and its accidents."""

import tomllib
from pathlib import Path
from random import Random

from adapters.conformance import Workbench
from adapters.sandbox import Sandbox, StillClock
from adapters.seams import Seams
from mappings.item import Ref
from mappings.vocabulary import Phase

PROFILES = Path(__file__).parents[2] / "mappings" / "profiles"


def words_of(profile):
    """A shipped profile, as it is written."""
    return tomllib.loads((PROFILES / f"{profile}.toml").read_text("utf-8"))


class HostedBench(Workbench):
    """A sandbox and the adapter's connections to it; ``place`` is the project they open."""

    page_size = 100
    never = Ref("4711")
    place = "acme/payments"

    def start(self, folder, tracker, projects, **more):
        (folder / "token").write_text(self.secret)
        self.token = {"file": str(folder / "token")}
        self.clock = StillClock()
        self.sandbox = Sandbox(
            tracker, projects=projects, token=self.secret, clock=self.clock, **more
        ).start()

    def connect(self, adapter, settings, profile):
        self.adapter, self.settings, self.profile = adapter, settings, profile
        self.opened = []
        self.project = self.reopen()
        self.connection = self.opened[0]
        self.maria = self.sandbox.person("maria")

    def reopen(self):
        seams = Seams(self.clock, Random(1))
        self.opened.append(self.adapter.connect("acme", self.settings, seams))
        return self.opened[-1].open(self.place, self.profile)

    def close(self):
        for connection in self.opened:
            connection.close()
        self.sandbox.stop()
        assert self.sandbox.failures == []

    def everything(self):
        with self.sandbox.lock:
            return self.sandbox.tracker.dump()

    def slow_lists(self, seconds):
        self.sandbox.state.set_habits(lag=seconds)

    def reach_limit(self):
        self.sandbox.faults.add("rate-limit")

    def refuse_credential(self):
        self.sandbox.state.revoke(self.secret)

    def mend(self):
        self.sandbox.faults.clear()


class NumberedBench(HostedBench):
    """GitHub and GitLab: issues go by a number within their project, under ``/issues``.

    ``edits`` is the verb that changes an issue, ``not_found`` what is said of one out of sight.
    """

    def edit_outside(self, ref, *, title="", text="", phase=None):
        number = int(ref.id)
        if title:
            self.maria.edit(number, title=title)
        if text:
            self.maria.edit(number, body=f"{text}\n\n{self.text_of(ref)}")
        if phase is Phase.COMPLETED:
            self.maria.close(number)

    def delete_outside(self, ref):
        self.maria.delete(int(ref.id))

    def label_outside(self, ref, name):
        self.maria.label(int(ref.id), add=[name])

    def assign_stranger(self, ref):
        self.maria.assign(int(ref.id), ["zoe"])

    def comment_outside(self, ref, text):
        self.maria.comment(int(ref.id), text)

    def hide_outside(self, ref):
        path = f"* /issues/{ref.id}$"
        self.sandbox.faults.add("status", path, status=404, message=self.not_found)

    def move_outside(self, ref):
        self.maria.transfer(int(ref.id), "acme/other")

    def lose_next_reply(self):
        for verb in ("POST", self.edits):
            self.sandbox.faults.add("lose-reply", f"{verb} /issues", times=1)

    def refuse_next_write(self):
        for verb in ("POST", self.edits):
            self.sandbox.faults.add("status", f"{verb} /issues", status=422, times=1)

    def break_reads(self, after=0):
        if after:
            self.sandbox.faults.add("delay", "GET /issues$", seconds=0, times=after)
        self.sandbox.faults.add("error", "GET /issues")
