"""Labels of a project."""

from adapters.sandbox.core.access import Access
from adapters.sandbox.core.answer import Answer
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.gitlab import payloads, values
from adapters.sandbox.gitlab.call import Call, route
from adapters.sandbox.gitlab.model import Label
from mappings.item import UNSET


@route("GET", "PROJECT/labels")
def every(call: Call) -> Answer:
    """A page of labels; ``search`` finds by name."""
    words = str(call.query.get("search", "")).lower()
    found = [one for one in call.project.labels.all() if words in one.name.lower()]
    counts = call.query.get("with_counts") == "true"
    rows = [payloads.label(call.project, one, counts=counts) for one in call.page(found)]
    return Answer.json(rows)


@route("POST", "PROJECT/labels")
def create(call: Call) -> Answer:
    """A new label."""
    call.writer(Access.TRIAGE)
    _writable(call)
    given = call.values
    for name in ("name", "color"):
        if not given.get(name):
            raise values.invalid(name, "is missing")
    description = values.text_or_null(given, "description")
    made = call.project.labels.add(
        str(given["name"]), _colour(given["color"]), None if description is UNSET else description
    )
    return Answer.json(payloads.label(call.project, made), 201)


@route("GET", "PROJECT/labels/<label>")
def read(call: Call, label: str) -> Answer:
    """One label, by number or name."""
    return Answer.json(payloads.label(call.project, call.project.labels.get(label)))


@route("PUT", "PROJECT/labels")
@route("PUT", "PROJECT/labels/<label>")
def change(call: Call, label: str = "") -> Answer:
    """Another name, colour or description; the older address names the label in its body."""
    call.writer(Access.TRIAGE)
    _writable(call)
    given = call.values
    if not {"new_name", "color", "description", "priority"} & given.keys():
        reason = "new_name, color, description, priority are missing, at least one"
        raise Refused(400, "", ({"error": f"{reason} parameter must be provided"},))
    changed = call.project.labels.change(
        _named(call, label),
        name=values.text(given, "new_name"),
        color=_colour(given["color"]) if "color" in given else UNSET,
        description=values.text_or_null(given, "description"),
    )
    return Answer.json(payloads.label(call.project, changed))


@route("DELETE", "PROJECT/labels")
@route("DELETE", "PROJECT/labels/<label>")
def delete(call: Call, label: str = "") -> Answer:
    """Delete a label everywhere; by the older address, too."""
    call.writer(Access.TRIAGE)
    _writable(call)
    call.project.labels.remove(_named(call, label))
    return Answer(204)


def _named(call: Call, label: str) -> Label:
    """The label in the address, else in the body."""
    given = call.values
    return call.project.labels.get(label or str(given.get("label_id") or given.get("name", "")))


def _writable(call: Call) -> None:
    if call.project.archived:
        raise Refused(403, "403 Forbidden")


def _colour(value: object) -> str:
    digits = str(value).removeprefix("#")
    if str(value).startswith("#") and len(digits) in {3, 6} and digits.isalnum():
        return str(value)
    raise Refused(400, "", ({"color": ["must be a valid color code"]},))
