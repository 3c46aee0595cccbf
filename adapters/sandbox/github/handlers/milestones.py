"""Milestones."""

from typing import Any

from adapters.sandbox.core.access import Access
from adapters.sandbox.core.answer import Answer
from adapters.sandbox.github import payloads
from adapters.sandbox.github.call import Call, route
from adapters.sandbox.github.handlers.issues import unreadable
from adapters.sandbox.github.model import Milestone


@route("GET", "REPO/milestones")
def every(call: Call) -> Answer:
    """A page of milestones."""
    found = call.repository.milestones.all(call.choice("state", ("open", "closed", "all"), "open"))
    shown = found[call.window(len(found))]
    return Answer.json([payloads.milestone(call.base, call.repository, one) for one in shown])


@route("POST", "REPO/milestones")
def create(call: Call) -> Answer:
    """A new milestone."""
    actor = call.writer(Access.WRITE)
    values = _values(call)
    made = call.repository.milestones.add(actor.login, values.pop("title", ""), **values)
    return _one(call, made, 201)


@route("GET", "REPO/milestones/<int:number>")
def read(call: Call, number: int) -> Answer:
    """One milestone."""
    return _one(call, call.repository.milestones.get(number))


@route("PATCH", "REPO/milestones/<int:number>")
def change(call: Call, number: int) -> Answer:
    """Change a milestone."""
    call.writer(Access.WRITE)
    return _one(call, call.repository.milestones.change(number, _values(call)))


def _values(call: Call) -> dict[str, Any]:
    given = {
        name: call.values[name]
        for name in ("title", "state", "description", "due_on")
        if name in call.values
    }
    for name, value in given.items():
        if value is not None and not isinstance(value, str):
            raise unreadable(name, value)
    if given.get("state", "open") not in {"open", "closed"}:
        raise unreadable("state", given["state"])
    return given


def _one(call: Call, milestone: Milestone, status: int = 200) -> Answer:
    return Answer.json(payloads.milestone(call.base, call.repository, milestone), status)
