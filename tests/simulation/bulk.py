"""A tracker that makes many issues by one request, and moves many by another.

The simulated GitHub with two calls more. Each issue of a request succeeds or fails by itself; the
answer may be lost as a whole, and the tracker may stop in the middle.
"""

from dataclasses import replace

from adapters.base import as_made
from adapters.errors import AdapterError, Missing, PreconditionFailed, Rejected, UnknownOutcome
from adapters.github.project import GitHubProject
from adapters.transport import Answer
from mappings import github
from mappings.problem import Problem
from mappings.vocabulary import Field
from tests.simulation.run import Simulation
from tests.simulation.server import BASE, BOT, SimClient

MANY = f"{BASE}/many"
STATUS = frozenset({Field.PHASE, Field.RESOLUTION})
_LATER = frozenset({*STATUS, Field.PARENT})


class BulkClient(SimClient):
    """The same client; what is sent to ``MANY`` holds a list."""

    def write(self, verb, path, body, good, *, creates=False):
        if path != MANY:
            return super().write(verb, path, body, good, creates=creates)
        world = self.world
        world.point(f"before {verb} {path}")
        self._mishap(write=True)
        if world.chance("lost_request"):
            world.say(f"{verb} {path} is lost on its way")
            raise UnknownOutcome(Problem("E213", "no answer"))
        if self._dark():
            self._raise(404, path)
        said = []
        for number, one in enumerate(body["issues"]):
            if number and (self._strikes("cut short") or world.chance("truncated")):
                world.say(f"the tracker stops after {number} of {len(body['issues'])}")
                raise UnknownOutcome(Problem("E213", "502"))
            said.append(self._one_of(verb, one))
        if world.chance("lost_reply"):
            world.say(f"the answer to {verb} {path} is lost")
            raise UnknownOutcome(Problem("E213", "no answer"))
        world.point(f"after {verb} {path}")
        return Answer(200, {}, said)

    def _one_of(self, verb, one):
        if self._strikes("one refused") or self.world.chance("refused"):
            self.world.say("the tracker refuses one of many")
            return 422, {}
        if verb == "POST":
            return self.server.create(one)
        return self.server.patch(one["number"], one["changes"])

    def _strikes(self, name):
        """A fault that only this tracker knows."""
        if self.world.once == name and not self.world.calm:
            self.world.once = ""
            return True
        return False


class BulkProject(GitHubProject):
    """The adapter's own project with the two calls."""

    def __init__(self, client, profile, together):
        super().__init__(client, lambda: BOT, "acme/payments", profile)
        self.capabilities = replace(self.capabilities, bulk=4, together=together)

    def create_many(self, drafts):
        fields = self._repository.fields()
        sent = [github.new_issue(draft, self.profile, fields) for draft in drafts]
        answer = self._client.write("POST", MANY, {"issues": sent}, {200}, creates=True)
        return [self._made(draft, *one) for draft, one in zip(drafts, answer.data, strict=True)]

    def _made(self, draft, status, raw):
        if status != 201:
            return Rejected(Problem("E120", "refused"))
        self._known(raw["number"])
        made = self._read(raw)
        try:
            return as_made(made, self._read(self._complete(raw, draft)), _LATER)
        except UnknownOutcome as error:
            return error
        except AdapterError:
            return made

    def update_many(self, changes):
        answers, sent = {}, {}
        for place, one in enumerate(changes):
            try:
                raw = self._raw(one.ref)
            except AdapterError as error:
                answers[place] = error
                continue
            if one.expect is not None and self._read(raw).revision != one.expect:
                answers[place] = PreconditionFailed(Problem("E118", "changed since it was read"))
                continue
            payload = github.changed_issue(raw, one.patch, self.profile, self._repository.fields())
            sent[place] = {"number": raw["number"], "changes": payload}
        if sent:
            body = {"issues": list(sent.values())}
            answer = self._client.write("PATCH", MANY, body, {200})
            for place, (status, raw) in zip(sent, answer.data, strict=True):
                answers[place] = self._moved(status, raw)
        return [answers[place] for place in range(len(changes))]

    def _moved(self, status, raw):
        if status == 200:
            return self._read(raw)
        return (Rejected if status == 422 else Missing)(Problem("E120", f"answered {status}"))


class BulkSimulation(Simulation):
    """Everything of one seed. Phases are set with the creation or, ``together``, after it."""

    together = frozenset()

    def tracker(self, client):
        many = BulkClient(self.server)
        many.limits = client.limits
        return BulkProject(many, self.profile, self.together)

    def run(self, cycles=8):
        for _ in range(4):
            self.people.write_document()
        return super().run(cycles)


class MovingSimulation(BulkSimulation):
    """One that moves many, too."""

    together = STATUS
