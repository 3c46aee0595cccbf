"""Projects, their members, and groups."""

from adapters.sandbox.core.access import Access
from adapters.sandbox.core.answer import Answer
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.gitlab import payloads
from adapters.sandbox.gitlab.call import Call, route
from adapters.sandbox.gitlab.project import Project
from mappings.item import UNSET


@route("GET", "PROJECT")
def project(call: Call) -> Answer:
    """One project."""
    return Answer.json(payloads.project(call.base, call.project, payloads.role_of(call.actor)))


@route("GET", "PROJECT/members")
@route("GET", "PROJECT/members/all")
def members(call: Call) -> Answer:
    """A page of members; ``query`` finds by name."""
    wanted = str(call.query.get("query", "")).lower()
    names = sorted(name for name in call.project.people if wanted in name.lower())
    shown = call.page(names)
    world, roles = call.world, call.project.people
    return Answer.json([payloads.member(call.base, world.user(one), roles[one]) for one in shown])


@route("GET", "PROJECT/members/<int:number>")
@route("GET", "PROJECT/members/all/<int:number>")
def one_member(call: Call, number: int) -> Answer:
    """One member."""
    user = call.world.user_by_id(number)
    if user is None or user.username not in call.project.people:
        raise Refused(404, "404 Not found")
    role = call.project.people[user.username]
    return Answer.json(payloads.member(call.base, user, role))


@route("GET", "/groups/<group>")
def group(call: Call, group: str) -> Answer:
    """One group."""
    path, _ = seen(call, group)
    return Answer.json(payloads.group(call.base, call.world, path))


@route("GET", "/groups/<group>/projects")
def projects(call: Call, group: str) -> Answer:
    """A page of a group's projects."""
    path, found = seen(call, group)
    deep = call.query.get("include_subgroups") == "true"
    shown = [one for one in found if deep or one.path.rpartition("/")[0].lower() == path]
    if (archived := call.query.get("archived", UNSET)) is not UNSET:
        shown = [one for one in shown if one.archived == (archived == "true")]
    rows = [payloads.project(call.base, one, call.access_to(one)) for one in call.page(shown)]
    return Answer.json(rows)


def seen(call: Call, key: str) -> tuple[str, list[Project]]:
    """A group and those of its projects that the caller may see. Raises Refused (404)."""
    path = call.world.group(key)
    found = [one for one in call.world.within(path) if call.access_to(one) > Access.NONE]
    if not found:
        raise Refused(404, "404 Group Not Found")
    return path, found
