"""Who calls, what they may do, and who else there is."""

from adapters.sandbox.core.access import Access
from adapters.sandbox.core.answer import Answer
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.jira.call import Call, route
from adapters.sandbox.jira.model import User
from adapters.sandbox.jira.permissions import LEAST, SITE, words


@route("GET", "/myself")
def myself(call: Call) -> Answer:
    """The caller, with their time zone."""
    user = call.world.user(call.who)
    extra = {"locale": "en_US", "groups": {"size": 1, "items": []}}
    return Answer.json(call.view.user(user) | extra)


@route("GET", "/mypermissions")
def permissions(call: Call) -> Answer:
    """What the caller may do, in one project if it is named."""
    asked = call.names("permissions")
    if call.world.flavour == "cloud" and not asked:
        raise Refused(400, "The 'permissions' query parameter is required.")
    unknown = [name for name in asked if name not in LEAST and name not in SITE]
    if unknown:
        raise Refused(400, f"Unrecognized permission: {', '.join(unknown)}")
    wanted = call.text("projectKey") or call.text("projectId")
    key = call.text("issueKey") or call.text("issueId")
    if key:
        have = call.permissions(call.home(call.issue(key)))
    elif wanted:
        have = call.permissions(call.project(wanted))
    else:
        every = [call.permissions(one) for one in call.world.projects.values()]
        have = frozenset().union(*every)
    shown = {}
    for number, name in enumerate([*LEAST, *SITE]):
        if not asked or name in asked:
            shown[name] = {
                "id": str(number),
                "key": name,
                "name": words(name),
                "type": "GLOBAL" if name in SITE else "PROJECT",
                "description": words(name),
                "havePermission": SITE.get(name, name in have) and name not in call.world.denied,
            }
    return Answer.json({"permissions": shown})


@route("GET", "/user")
def user(call: Call) -> Answer:
    """One user. Cloud knows account ids only."""
    call.signed_in()
    found = _one(call)
    if found is None:
        raise Refused(404, "Specified user does not exist or you do not have required permissions")
    return Answer.json(call.view.user(found))


def _one(call: Call) -> User | None:
    if call.world.flavour == "cloud":
        return call.world.user_by_account(call.text("accountId"))
    return call.world.users.get(call.text("username").lower())


@route("GET", "/user/search")
def find(call: Call) -> Answer:
    """Users whose name or address begins so."""
    call.signed_in()
    return _list(call, list(call.world.users.values()))


@route("GET", "/user/assignable/search")
def assignable(call: Call) -> Answer:
    """Users who may be given issues of a project, or an issue. Cloud: by query or account id."""
    key = call.text("issueKey")
    wanted = call.text("project")
    if not key and not wanted:
        raise Refused(400, "Either the 'project' or the 'issueKey' query parameter is required.")
    project = call.home(call.issue(key)) if key else call.project(wanted)
    able = [name for name, access in project.people.items() if access >= Access.WRITE]
    return _list(call, [call.world.user(name) for name in able])


def _list(call: Call, users: list[User]) -> Answer:
    cloud = call.world.flavour == "cloud"
    if cloud and "username" in call.request.args:
        raise Refused(
            400,
            "The query parameter 'username' is not supported in GDPR strict mode.",
        )
    account = call.text("accountId")
    text = (call.text("query") or call.text("username")).lower()
    found = [
        one
        for one in users
        if (not account or one.account_id == account)
        and (
            text in {"", "."}
            or any(
                text in part.lower() for part in (one.name, one.email, *([one.login] * (not cloud)))
            )
        )
    ]
    start = call.whole("startAt", 0)
    shown = found[start : start + call.whole("maxResults", 50)]
    return Answer.json([call.view.user(one) for one in shown])
