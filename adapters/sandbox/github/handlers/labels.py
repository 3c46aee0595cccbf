"""Labels of a repository and of an issue."""

from adapters.sandbox.core.access import Access
from adapters.sandbox.core.answer import Answer
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.github import payloads, reading
from adapters.sandbox.github.call import Call, route
from adapters.sandbox.github.model import GREY, Edit, Label


@route("GET", "REPO/labels")
def every(call: Call) -> Answer:
    """A page of the repository's labels."""
    found = sorted(call.repository.labels.all(), key=lambda label: label.name.lower())
    return _shown(call, found[call.window(len(found))])


@route("POST", "REPO/labels")
def create(call: Call) -> Answer:
    """A new label."""
    call.writer(Access.WRITE)
    values = call.values
    made = call.repository.labels.add(
        reading.given(values, "name") or "",
        reading.given(values, "color") or GREY,
        reading.given(values, "description"),
    )
    return _one(call, made, 201)


@route("GET", "REPO/labels/<path:name>")
def read(call: Call, name: str) -> Answer:
    """One label."""
    return _one(call, call.repository.labels.get(name))


@route("PATCH", "REPO/labels/<path:name>")
def change(call: Call, name: str) -> Answer:
    """Rename or recolour a label."""
    call.writer(Access.WRITE)
    values = call.values
    return _one(
        call,
        call.repository.labels.change(
            name,
            new_name=reading.given(values, "new_name"),
            color=reading.given(values, "color"),
            description=reading.given(values, "description"),
        ),
    )


@route("DELETE", "REPO/labels/<path:name>")
def remove(call: Call, name: str) -> Answer:
    """Delete a label, here and on every issue."""
    call.writer(Access.WRITE)
    call.repository.labels.remove(name)
    return Answer(204)


@route("GET", "REPO/issues/<int:number>/labels")
def of_issue(call: Call, number: int) -> Answer:
    """An issue's labels."""
    found = _labels(call, number)
    return _shown(call, found[call.window(len(found))])


@route("POST", "REPO/issues/<int:number>/labels")
def add(call: Call, number: int) -> Answer:
    """Add labels to an issue."""
    present = [label.name for label in _labels(call, number)]
    return _set(call, number, (*present, *_names(call)))


@route("PUT", "REPO/issues/<int:number>/labels")
def replace(call: Call, number: int) -> Answer:
    """Put these labels in place of an issue's own."""
    return _set(call, number, _names(call))


@route("DELETE", "REPO/issues/<int:number>/labels")
def clear(call: Call, number: int) -> Answer:
    """Take every label off an issue."""
    _set(call, number, ())
    return Answer(204)


@route("DELETE", "REPO/issues/<int:number>/labels/<path:name>")
def take_off(call: Call, number: int, name: str) -> Answer:
    """Take one label off an issue."""
    present = [label.name for label in _labels(call, number)]
    left = [one for one in present if one.lower() != name.lower()]
    if len(left) == len(present):
        raise Refused(404, "Label does not exist")
    return _set(call, number, tuple(left))


def _labels(call: Call, number: int) -> list[Label]:
    issue = call.repository.get(number)
    return [call.repository.labels.by_id(label) for label in issue.labels]


def _set(call: Call, number: int, names: tuple[str, ...]) -> Answer:
    actor = call.writer(Access.TRIAGE)
    call.repository.edit(number, Edit(labels=names), actor)
    return _shown(call, _labels(call, number))


def _names(call: Call) -> tuple[str, ...]:
    body = call.json()
    return reading.plain_names(
        body.get("labels", []) if isinstance(body, dict) else body, "labels", "name"
    )


def _shown(call: Call, labels: list[Label]) -> Answer:
    return Answer.json([payloads.label(call.base, call.repository, one) for one in labels])


def _one(call: Call, label: Label, status: int = 200) -> Answer:
    return Answer.json(payloads.label(call.base, call.repository, label), status)
