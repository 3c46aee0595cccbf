"""Sub-issues and parents, assignees, locks."""

from adapters.sandbox.core.access import Access
from adapters.sandbox.core.answer import Answer
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.github import family, payloads, reading
from adapters.sandbox.github.call import Call, route
from adapters.sandbox.github.handlers.issues import shown
from adapters.sandbox.github.model import Edit


@route("GET", "REPO/issues/<int:number>/sub_issues")
def children(call: Call, number: int) -> Answer:
    """A page of an issue's sub-issues, in their order."""
    ids = call.repository.get(number).children
    found = [call.world.issue_by_id(one) for one in ids[call.window(len(ids))]]
    return Answer.json([payloads.issue(call.base, *one) for one in found if one is not None])


@route("POST", "REPO/issues/<int:number>/sub_issues")
def add(call: Call, number: int) -> Answer:
    """Make another issue (by id) a sub-issue of this one; shows the parent."""
    actor = call.writer(Access.TRIAGE)
    parent = call.repository.get(number)
    elder = family.adopt(
        call.world,
        parent.id,
        _id(call),
        actor,
        replace_parent=call.values.get("replace_parent") is True,
    )
    return shown(call, elder, 201)


@route("DELETE", "REPO/issues/<int:number>/sub_issue")
def remove(call: Call, number: int) -> Answer:
    """Let a sub-issue (by id) go; shows the former parent."""
    actor = call.writer(Access.TRIAGE)
    parent = call.repository.get(number)
    return shown(call, family.disown(call.world, parent.id, _id(call), actor))


@route("PATCH", "REPO/issues/<int:number>/sub_issues/priority")
def reorder(call: Call, number: int) -> Answer:
    """Put a sub-issue (by id) behind or before another."""
    actor = call.writer(Access.TRIAGE)
    parent = call.repository.get(number)
    moved = _id(call)
    rest = [one for one in parent.children if one != moved]
    after = reading.whole(call.values.get("after_id"))
    place = reading.whole(call.values.get("before_id")) if after is None else after
    if place is None or place not in rest or len(rest) == len(parent.children):
        raise Refused(422, "Validation Failed", ({"field": "sub_issue_id", "code": "invalid"},))
    rest.insert(rest.index(place) + (after is not None), moved)
    event = "sub_issues_reordered"
    return shown(call, call.repository.link(number, actor, event, children=tuple(rest)))


@route("GET", "REPO/issues/<int:number>/parent")
def parent_of(call: Call, number: int) -> Answer:
    """The issue this one is a sub-issue of."""
    issue = call.repository.get(number)
    found = call.world.issue_by_id(issue.parent) if issue.parent is not None else None
    if found is None:
        raise Refused(404, "Not Found")
    return Answer.json(payloads.issue(call.base, *found))


@route("POST", "REPO/issues/<int:number>/assignees")
def assign(call: Call, number: int) -> Answer:
    """Add assignees; those who cannot be are passed over."""
    present = call.repository.get(number).assignees
    people = [one for one in _logins(call) if one in call.repository.people]
    return _assigned(call, number, (*present, *people))


@route("DELETE", "REPO/issues/<int:number>/assignees")
def unassign(call: Call, number: int) -> Answer:
    """Take assignees off."""
    gone = {one.lower() for one in _logins(call)}
    present = call.repository.get(number).assignees
    return _assigned(call, number, tuple(one for one in present if one.lower() not in gone), 200)


@route("GET", "REPO/assignees")
def people(call: Call) -> Answer:
    """A page of who may be assigned."""
    found = [call.world.user(login) for login in sorted(call.repository.people)]
    return Answer.json([payloads.user(call.base, one) for one in found[call.window(len(found))]])


@route("GET", "REPO/assignees/<login>")
def may_be_assigned(call: Call, login: str) -> Answer:
    """204 when the login may be assigned."""
    known = {one.lower() for one in call.repository.people}
    return Answer(204) if login.lower() in known else _no()


@route("PUT", "REPO/issues/<int:number>/lock")
def lock(call: Call, number: int) -> Answer:
    """Lock the conversation."""
    actor = call.writer(Access.TRIAGE)
    call.repository.get(number)
    call.repository.link(number, actor, "locked", locked=True)
    return Answer(204)


@route("DELETE", "REPO/issues/<int:number>/lock")
def unlock(call: Call, number: int) -> Answer:
    """Unlock the conversation."""
    actor = call.writer(Access.TRIAGE)
    call.repository.get(number)
    call.repository.link(number, actor, "unlocked", locked=False)
    return Answer(204)


def _no() -> Answer:
    raise Refused(404, "Not Found")


def _id(call: Call) -> int:
    return reading.number(call.values, "sub_issue_id")


def _logins(call: Call) -> tuple[str, ...]:
    given = call.values.get("assignees", [])
    one = [given] if isinstance(given, str) else given
    return reading.plain_names(one, "assignees", "login")


def _assigned(call: Call, number: int, logins: tuple[str, ...], status: int = 201) -> Answer:
    actor = call.writer()
    issue = call.repository.edit(number, Edit(assignees=logins), actor)
    return shown(call, issue, status)
