"""Links between issues."""

from typing import cast

from adapters.sandbox.core.access import Access
from adapters.sandbox.core.answer import Answer
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.gitlab import links, payloads, values
from adapters.sandbox.gitlab.call import Call, route
from adapters.sandbox.gitlab.model import LinkType
from mappings.item import UNSET

_KINDS = ("relates_to", "blocks", "is_blocked_by")


@route("GET", "PROJECT/issues/<int:iid>/links")
def every(call: Call, iid: int) -> Answer:
    """Everything an issue is linked with, as far as the caller may see it."""
    issue = call.project.get(iid, call.viewer)
    found = [
        end for end in links.ends(call.world, issue.id) if call.access_to(end[0]) > Access.NONE
    ]
    return Answer.json([payloads.linked(call.base, end) for end in found])


@route("POST", "PROJECT/issues/<int:iid>/links")
def create(call: Call, iid: int) -> Answer:
    """Link an issue with another one."""
    actor = call.writer()
    given = call.values
    if not given.get("target_project_id"):
        raise values.invalid("target_project_id", "is missing")
    kind = values.one_of(given, "link_type", _KINDS)
    target = call.world.find(str(given["target_project_id"]))
    if target is None or call.access_to(target) is Access.NONE:
        raise Refused(404, links.UNLINKABLE)
    number = values.whole(given, "target_issue_iid")
    if number not in target.issues:
        raise Refused(404, links.UNLINKABLE)
    kind = "relates_to" if kind is UNSET else kind
    source, end = call.project.connect(iid, actor, target, number, cast("LinkType", kind))
    body = {
        "source_issue": payloads.issue(call.base, call.project, source),
        "target_issue": payloads.issue(call.base, target, end),
        "link_type": kind,
    }
    return Answer.json(body, 201)


@route("GET", "PROJECT/issues/<int:iid>/links/<int:link>")
def read(call: Call, iid: int, link: int) -> Answer:
    """One link."""
    return _both(call, iid, links.find(call.world, call.project.get(iid, call.viewer).id, link))


@route("DELETE", "PROJECT/issues/<int:iid>/links/<int:link>")
def delete(call: Call, iid: int, link: int) -> Answer:
    """Take a link away; shows what it was."""
    actor = call.writer(Access.TRIAGE)
    end = links.find(call.world, call.project.get(iid, actor).id, link)
    answer = _both(call, iid, end)
    del call.world.links[link]
    return answer


def _both(call: Call, iid: int, end: links.End) -> Answer:
    home, other, kind, link = end
    body = {
        "id": link.id,
        "source_issue": payloads.issue(call.base, call.project, call.project.issues[iid]),
        "target_issue": payloads.issue(call.base, home, other),
        "link_type": kind,
    }
    return Answer.json(body)
