"""Labels of a repository and of an issue."""

from typing import Any

from adapters.sandbox.core.access import Access
from adapters.sandbox.core.answer import Answer
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.github import payloads
from adapters.sandbox.github.call import Call, route
from adapters.sandbox.github.handlers.issues import unreadable
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
        _text(values.get("name", "")),
        _text(values.get("color") or GREY),
        values.get("description"),
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
            new_name=values.get("new_name"),
            color=values.get("color"),
            description=values.get("description"),
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
    return _set(call, number, [*present, *_names(call)])


@route("PUT", "REPO/issues/<int:number>/labels")
def replace(call: Call, number: int) -> Answer:
    """Put these labels in place of an issue's own."""
    return _set(call, number, _names(call))


@route("DELETE", "REPO/issues/<int:number>/labels")
def clear(call: Call, number: int) -> Answer:
    """Take every label off an issue."""
    _set(call, number, [])
    return Answer(204)


@route("DELETE", "REPO/issues/<int:number>/labels/<path:name>")
def take_off(call: Call, number: int, name: str) -> Answer:
    """Take one label off an issue."""
    present = [label.name for label in _labels(call, number)]
    left = [one for one in present if one.lower() != name.lower()]
    if len(left) == len(present):
        raise Refused(404, "Label does not exist")
    return _set(call, number, left)


def _labels(call: Call, number: int) -> list[Label]:
    issue = call.repository.get(number)
    return [call.repository.labels.by_id(label) for label in issue.labels]


def _set(call: Call, number: int, names: list[str]) -> Answer:
    actor = call.writer(Access.TRIAGE)
    call.repository.edit(number, Edit(labels=tuple(names)), actor)
    return _shown(call, _labels(call, number))


def _names(call: Call) -> list[str]:
    body: Any = call.json()
    values = body if isinstance(body, list) else body.get("labels", [])
    plain = [one.get("name") if isinstance(one, dict) else one for one in values]
    return [_text(one) for one in plain]


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise unreadable("name", value)
    return value


def _shown(call: Call, labels: list[Label]) -> Answer:
    return Answer.json([payloads.label(call.base, call.repository, one) for one in labels])


def _one(call: Call, label: Label, status: int = 200) -> Answer:
    return Answer.json(payloads.label(call.base, call.repository, label), status)
