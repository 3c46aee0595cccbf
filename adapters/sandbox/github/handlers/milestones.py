"""Milestones."""

from typing import Any

from adapters.sandbox.core.access import Access
from adapters.sandbox.core.answer import Answer
from adapters.sandbox.github import payloads, reading
from adapters.sandbox.github.call import Call, route
from adapters.sandbox.github.model import Milestone
from mappings.item import UNSET


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
    given = call.values
    found: dict[str, object] = {
        "title": reading.text(given, "title"),
        "state": reading.one_of(given, "state", ("open", "closed")),
        "description": reading.text_or_null(given, "description"),
        "due_on": reading.text_or_null(given, "due_on"),
    }
    return {name: value for name, value in found.items() if value is not UNSET}


def _one(call: Call, milestone: Milestone, status: int = 200) -> Answer:
    return Answer.json(payloads.milestone(call.base, call.repository, milestone), status)
