"""Sub-issues: whose child an issue is, across repositories of one state."""

from typing import TYPE_CHECKING, Final

from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.github.model import Actor

if TYPE_CHECKING:
    from adapters.sandbox.github.model import Issue
    from adapters.sandbox.github.repository import Repository
    from adapters.sandbox.github.state import GitHubState

#: GitHub takes this many children, and this many generations (its sub-issues documentation).
MOST_CHILDREN: Final = 100
MOST_DEPTH: Final = 8


def adopt(
    world: "GitHubState", parent: int, child: int, actor: Actor, *, replace_parent: bool = False
) -> "Issue":
    """Make ``child`` a sub-issue of ``parent`` (ids). Gives the parent. Raises Refused."""
    home, elder = _find(world, parent)
    other, younger = _find(world, child)
    if home.owner.lower() != other.owner.lower():
        raise Refused(422, "Sub issue must belong to the same repository owner as its parent")
    if younger.parent == parent:
        raise Refused(422, "Issue may not contain duplicate sub-issues")
    if younger.parent is not None and not replace_parent:
        raise Refused(422, "Sub issue may only have one parent")
    if child in _line(world, parent):
        raise Refused(422, "Sub issue may not be its own ancestor")
    if len(elder.children) >= MOST_CHILDREN or len(_line(world, parent)) >= MOST_DEPTH:
        raise Refused(422, "Parent cannot have more sub-issues")
    if younger.parent is not None:
        disown(world, younger.parent, child, actor)
    other.link(younger.number, actor, "parent_issue_added", parent=parent)
    children = (*elder.children, child)
    return home.link(elder.number, actor, "sub_issue_added", children=children)


def disown(world: "GitHubState", parent: int, child: int, actor: Actor) -> "Issue":
    """End it. Gives the former parent. Raises Refused (404) when it was no child."""
    home, elder = _find(world, parent)
    if child not in elder.children:
        raise Refused(404, "Not Found")
    found = world.issue_by_id(child)
    if found is not None:
        found[0].link(found[1].number, actor, "parent_issue_removed", parent=None)
    left = tuple(one for one in elder.children if one != child)
    return home.link(elder.number, actor, "sub_issue_removed", children=left)


def rewrite(world: "GitHubState", before: "Issue", after: int | None) -> None:
    """An issue got another id (or is gone): its parent and children follow."""
    if before.parent is not None and (found := world.issue_by_id(before.parent)):
        home, elder = found
        line = [after if one == before.id else one for one in elder.children]
        home.amend(elder.number, children=tuple(one for one in line if one is not None))
    for child in before.children:
        if found := world.issue_by_id(child):
            found[0].amend(found[1].number, parent=after)


def _find(world: "GitHubState", issue: int) -> tuple["Repository", "Issue"]:
    found = world.issue_by_id(issue)
    if found is None:
        raise Refused(404, "Not Found")
    return found


def _line(world: "GitHubState", issue: int | None) -> list[int]:
    """The issue and its ancestors."""
    line: list[int] = []
    while issue is not None and issue not in line:
        line.append(issue)
        found = world.issue_by_id(issue)
        issue = found[1].parent if found else None
    return line
