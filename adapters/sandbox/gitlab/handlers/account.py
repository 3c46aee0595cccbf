"""Who calls, who else there is, and which GitLab this is."""

from adapters.sandbox.core.answer import Answer
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.gitlab import payloads
from adapters.sandbox.gitlab.call import Call, route
from adapters.sandbox.gitlab.model import written
from adapters.sandbox.gitlab.state import VERSION


@route("GET", "/version")
def version(call: Call) -> Answer:
    """The version."""
    call.signed_in()
    return Answer.json({"version": VERSION, "revision": "5a4d0b0"})


@route("GET", "/metadata")
def metadata(call: Call) -> Answer:
    """The version and more."""
    call.signed_in()
    kas = {"enabled": False, "externalUrl": None, "externalK8sProxyUrl": None, "version": None}
    body = {"version": VERSION, "revision": "5a4d0b0", "kas": kas, "enterprise": True}
    return Answer.json(body)


@route("GET", "/user")
def me(call: Call) -> Answer:
    """The caller."""
    return Answer.json(payloads.myself(call.base, call.world.user(call.signed_in().login)))


@route("GET", "/personal_access_tokens/self")
def token(call: Call) -> Answer:
    """The credential that calls."""
    used = call.signed_in()
    number = call.world.user(used.login).id
    return Answer.json(payloads.token(used, number, written(call.world.clock.now())))


@route("GET", "/users")
def users(call: Call) -> Answer:
    """A page of users, or the one of a name."""
    call.signed_in()
    wanted = call.request.args.get("username", "").lower()
    known = sorted(call.world.users.values(), key=lambda one: one.id, reverse=True)
    found = [one for one in known if not wanted or one.username.lower() == wanted]
    return Answer.json([payloads.user(call.base, one) for one in call.page(found)])


@route("GET", "/users/<int:number>")
def user(call: Call, number: int) -> Answer:
    """One user."""
    call.signed_in()
    found = call.world.user_by_id(number)
    if found is None:
        raise Refused(404, "404 User Not Found")
    return Answer.json(payloads.user(call.base, found))
