"""Projects: what they are, their statuses and people."""

from adapters.sandbox.core.answer import Answer
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.jira.call import Call, route


@route("GET", "/project")
def every(call: Call) -> Answer:
    """Every project the caller sees."""
    return Answer.json(
        [call.view.project(one) for one in call.world.projects.values() if call.sees(one)]
    )


@route("GET", "/project/search", only="cloud")
def search(call: Call) -> Answer:
    """The same, in pages, by key or a part of the name."""
    keys = [one.upper() for one in call.names("keys")]
    text = call.text("query").lower()
    found = [
        call.view.project(one)
        for one in call.world.projects.values()
        if call.sees(one)
        and (not keys or one.key in keys)
        and (text in one.key.lower() or text in one.name.lower())
    ]
    return Answer.json(call.page("values", found))


@route("GET", "/project/<key>")
def one(call: Call, key: str) -> Answer:
    """A project by key, former key or id."""
    return Answer.json(call.view.whole_project(call.project(key)))


@route("GET", "/project/<key>/statuses")
def statuses(call: Call, key: str) -> Answer:
    """The statuses of each issue type."""
    project = call.project(key)
    shown = []
    for kind in project.types:
        names = [name for name, _ in project.flow(kind).statuses]
        listed = [call.view.status(project.statuses[name]) for name in names]
        brief = {"self", "id", "name", "subtask"}
        payload = {k: v for k, v in call.view.issue_type(kind).items() if k in brief}
        shown.append(payload | {"statuses": listed})
    return Answer.json(shown)


@route("GET", "/project/<key>/components")
def components(call: Call, key: str) -> Answer:
    """A project's components."""
    found = call.project(key).components
    return Answer.json([call.view.named("component", one) for one in found])


@route("GET", "/project/<key>/properties")
def properties(call: Call, key: str) -> Answer:
    """A project's properties: none."""
    call.project(key)
    return Answer.json({"keys": []})


@route("GET", "/project/<key>/properties/<name>")
def property_of(call: Call, key: str, name: str) -> Answer:
    """A property of a project: there is none."""
    call.project(key)
    raise Refused(404, f"The property with key '{name}' does not exist.")
