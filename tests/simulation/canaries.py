"""11: secrets in the world, what may show them to us, and all places where none may ever stand.

A proxy's error page repeats the request it was sent, a refusal quotes what it disliked, and a bug
in an adapter raises whatever it held. Trackers know nothing of what we must not keep.
"""

import pickle

from adapters.github import answers
from adapters.transport import Answer

#: Our own token, as the connection sends it.
TOKEN = "ghp_canary0canary0canary0canary0canary00"
#: Somebody else's, which the tracker quotes in an error.
QUOTED = "glpat-canary1canary1canary1"
CANARIES = {"the connection's token": TOKEN, "a quoted token": QUOTED}
_PROXY = f"<html>502 nginx: upstream said nothing to Authorization: token {TOKEN}</html>"
_REFUSALS = (
    (422, {"message": "Validation Failed", "errors": [f"body is refused near {QUOTED}"]}),
    (403, {"message": f"Forbidden by a rule of this organisation for Bearer {TOKEN}"}),
    (0, {}),
)


def page_of_a_proxy():
    """A 502 that no tracker wrote."""
    return Answer(502, {"content-type": "text/html"}, _PROXY, json=False)


def bad_credentials():
    """A 401."""
    return Answer(401, {}, {"message": f"Bad credentials: {TOKEN}"})


def not_taken(client):
    """A write that comes to nothing: refused, or never sent for a bug of the adapter."""
    world = client.world
    status, said = world.random.choice(_REFUSALS)
    if status:
        world.say(f"the tracker refuses with {status}")
        return failed(client, Answer(status, {}, said), write=True)
    world.say("the adapter fails before it sends")
    return RuntimeError(f"no header for {TOKEN}")


def failed(client, answer, *, write):
    """The error that the adapter itself makes of an answer."""
    server = client.server
    error = answers.failure(
        answer, write=write, host="api.github.com", limits=client.limits, clock=client.clock
    )
    server.errors.append(f"{error!r} {error}")
    return error


def leaks(sim):
    """11 redaction: where a canary stands although it must not."""
    for place, text in _sinks(sim):
        for name, canary in CANARIES.items():
            if canary.encode() in text:
                yield f"11 redaction: {name} stands in {place}"


def _sinks(sim):
    """Every place that keeps or shows text, as bytes. The database with what was deleted in it."""
    with sim.store.engine.connect() as connection:
        yield "the database", connection.connection.driver_connection.serialize()
    yield "a plan, an outcome or a finding", pickle.dumps(sim.reports)
    yield "an exception", "\n".join(sim.server.errors).encode()
    yield "a document", b"\n".join(sim.files.files.values())
    written = [stored.now["body"] or "" for stored in sim.server.issues.values()]
    written += [one["body"] for told in sim.server.comments.values() for one in told.values()]
    yield "an issue", "\n".join(written).encode("utf-8", "replace")
