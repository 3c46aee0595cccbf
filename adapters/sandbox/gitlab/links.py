"""Links between issues: one kept once, and told from either end."""

from typing import TYPE_CHECKING, Final

from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.gitlab.model import Issue, Link, LinkType, milli

if TYPE_CHECKING:
    from adapters.sandbox.gitlab.project import Project
    from adapters.sandbox.gitlab.state import GitLabState

#: What GitLab says when there is nothing to link with.
UNLINKABLE: Final = "No matching issue found. Make sure that you are adding a valid issue URL."

#: Another end, the way from here to there, and the link.
End = tuple["Project", Issue, LinkType, Link]


def ends(world: "GitLabState", issue: int) -> list[End]:
    """Everything an issue (by id) is linked with, oldest link first."""
    found: list[End] = []
    for link in world.links.values():
        if issue not in {link.source, link.target}:
            continue
        other = world.issue_by_id(link.target if link.source == issue else link.source)
        if other is not None:
            found.append((*other, _kind(link, issue), link))
    return found


def connect(world: "GitLabState", source: Issue, target: Issue, kind: LinkType) -> Link:
    """A new link. Raises Refused (403, 404, 409)."""
    if kind != "relates_to" and not world.habits.premium:
        raise Refused(403, "Blocked issues not available for current license")
    if source.id == target.id:
        raise Refused(404, UNLINKABLE)
    pair = {source.id, target.id}
    if any({one.source, one.target} == pair for one in world.links.values()):
        raise Refused(409, "Issue(s) already assigned")
    if kind == "is_blocked_by":
        source, target = target, source
    made = Link(
        id=world.next_id("link"),
        source=source.id,
        target=target.id,
        kind="relates_to" if kind == "relates_to" else "blocks",
        created_at=milli(world.clock.now()),
    )
    world.links[made.id] = made
    return made


def find(world: "GitLabState", issue: int, link: int) -> End:
    """One link of an issue. Raises Refused (404)."""
    for end in ends(world, issue):
        if end[3].id == link:
            return end
    raise Refused(404, "404 Not found")


def _kind(link: Link, seen_from: int) -> LinkType:
    if link.kind == "relates_to":
        return "relates_to"
    return "blocks" if link.source == seen_from else "is_blocked_by"
