"""Entity properties of an issue: small JSON values that no person sees."""

from adapters.sandbox.core.answer import Answer
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.jira.call import Call, route


@route("GET", "/issue/<key>/properties")
def listed(call: Call, key: str) -> Answer:
    """The names of an issue's properties."""
    issue = call.issue(key)
    root = f"{call.view.root}/issue/{issue.id}/properties"
    held = call.world.issues.properties.get(issue.id, {})
    return Answer.json({"keys": [{"self": f"{root}/{name}", "key": name} for name in held]})


@route("GET", "/issue/<key>/properties/<name>")
def read(call: Call, key: str, name: str) -> Answer:
    """One property."""
    held = call.world.issues.properties.get(call.issue(key).id, {})
    if name not in held:
        raise Refused(404, f"The property '{name}' does not exist.")
    return Answer.json({"key": name, "value": held[name]})


@route("PUT", "/issue/<key>/properties/<name>")
def write(call: Call, key: str, name: str) -> Answer:
    """Store a property: 201 when it is new, else 200. The issue does not count as changed."""
    issue = call.issue(key)
    call.need(call.home(issue), "EDIT_ISSUES", "You do not have permission to edit this issue.")
    call.written(issue)
    size = len(call.request.get_data().decode("utf-8", "replace"))
    new = call.world.issues.set_property(issue.id, name, call.json(), size)
    return Answer(201 if new else 200)


@route("DELETE", "/issue/<key>/properties/<name>")
def remove(call: Call, key: str, name: str) -> Answer:
    """Delete a property."""
    issue = call.issue(key)
    call.need(call.home(issue), "EDIT_ISSUES", "You do not have permission to edit this issue.")
    call.world.issues.drop_property(issue.id, name)
    return Answer(204)
