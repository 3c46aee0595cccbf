"""What hangs on issues: comments, links between them, and links to places elsewhere."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.jira.model import (
    Comment,
    Issue,
    Link,
    LinkType,
    RemoteLink,
    Rich,
    millisecond,
)

if TYPE_CHECKING:
    from adapters.sandbox.jira.issues import Issues

#: The longest global id of a remote link, in characters (Jira's REST reference).
GLOBAL_ID_LIMIT: Final = 255


class Relations:
    """Comments, links and remote links by id."""

    def __init__(self, issues: "Issues") -> None:
        self._issues = issues
        self.comments: dict[int, Comment] = {}
        self.links: dict[int, Link] = {}
        self.remote: dict[int, RemoteLink] = {}
        self._said: dict[int, list[int]] = {}
        self._linked: dict[int, list[int]] = {}
        self._leads: dict[int, list[int]] = {}

    # Comments

    def comments_of(self, issue: int) -> list[Comment]:
        """An issue's comments, oldest first."""
        return [self.comments[one] for one in self._said.get(issue, ())]

    def comment(
        self,
        issue: Issue,
        author: str,
        body: Rich | None,
        properties: Mapping[str, object] | None = None,
    ) -> Comment:
        """A new comment; the issue counts as changed. Raises Refused (400)."""
        if body is None or not body.wiki.strip():
            raise Refused(400, "", ({"comment": "Comment body can not be empty!"},))
        world = self._issues.world
        now = millisecond(world.clock.now())
        made = Comment(
            id=world.next_id("comment"),
            issue=issue.id,
            author=author,
            body=body,
            created_at=now,
            updated_at=now,
            properties=tuple((properties or {}).items()),
        )
        self.comments[made.id] = made
        self._said.setdefault(issue.id, []).append(made.id)
        self._issues.touch(issue)
        return made

    def edit_comment(
        self, comment: Comment, body: Rich | None, properties: Mapping[str, object] | None = None
    ) -> Comment:
        """Change a comment's text; the issue counts as changed. Raises Refused (400)."""
        if body is None or not body.wiki.strip():
            raise Refused(400, "", ({"comment": "Comment body can not be empty!"},))
        now = millisecond(self._issues.world.clock.now())
        held = dict(comment.properties) | dict(properties or {})
        changed = replace(comment, body=body, updated_at=now, properties=tuple(held.items()))
        self.comments[comment.id] = changed
        self._issues.touch(self._issues.all[comment.issue])
        return changed

    def drop_comment(self, comment: Comment) -> None:
        """Delete a comment; the issue counts as changed."""
        del self.comments[comment.id]
        self._said[comment.issue].remove(comment.id)
        self._issues.touch(self._issues.all[comment.issue])

    # Links

    def link_type(self, given: Mapping[str, object]) -> LinkType:
        """The link type meant by id or name. Raises Refused (404)."""
        for one in self._issues.world.link_types:
            if one.id == str(given.get("id")) or one.name == given.get("name"):
                return one
        raise Refused(404, f"No issue link type with name '{given.get('name')}' found.")

    def links_of(self, issue: int) -> list[Link]:
        """The links an issue takes part in, on either side."""
        return [self.links[one] for one in self._linked.get(issue, ())]

    def link(self, kind: LinkType, source: Issue, target: Issue) -> Link:
        """Link two issues; both count as changed. The same link is not made twice."""
        if source.id == target.id:
            raise Refused(400, "You cannot link an issue to itself.")
        for one in self.links_of(source.id):
            if (one.type, one.source, one.target) == (kind.id, source.id, target.id):
                return one
        number = self._issues.world.next_id("link")
        self.links[number] = Link(number, kind.id, source.id, target.id)
        self._linked.setdefault(source.id, []).append(number)
        self._linked.setdefault(target.id, []).append(number)
        self._issues.touch(source)
        self._issues.touch(target)
        return self.links[number]

    def unlink(self, link: Link) -> None:
        """End a link; both issues count as changed."""
        self._cut(link)
        for number in (link.source, link.target):
            self._issues.touch(self._issues.all[number])

    def _cut(self, link: Link) -> None:
        del self.links[link.id]
        self._linked[link.source].remove(link.id)
        self._linked[link.target].remove(link.id)

    # Remote links: no change of the issue

    def remote_of(self, issue: int) -> list[RemoteLink]:
        """An issue's links to places elsewhere."""
        return [self.remote[one] for one in self._leads.get(issue, ())]

    def set_remote(
        self, issue: Issue, global_id: str, told: Mapping[str, object]
    ) -> tuple[RemoteLink, bool]:
        """Make a link, or renew the one with that global id; and whether it is new."""
        if len(global_id) > GLOBAL_ID_LIMIT:
            raise Refused(400, "", ({"globalId": "The global ID must not exceed 255 characters."},))
        held = next(
            (one for one in self.remote_of(issue.id) if global_id and one.global_id == global_id),
            None,
        )
        number = held.id if held else self._issues.world.next_id("remote link")
        made = RemoteLink(id=number, issue=issue.id, global_id=global_id, told=told)
        self.remote[number] = made
        if held is None:
            self._leads.setdefault(issue.id, []).append(number)
        return made, held is None

    def drop_remote(self, link: RemoteLink) -> None:
        """End a link to elsewhere."""
        del self.remote[link.id]
        self._leads[link.issue].remove(link.id)

    def forget(self, issue: int) -> None:
        """An issue is gone, and so is everything that hung on it."""
        for comment in self._said.pop(issue, ()):
            del self.comments[comment]
        for link in self._leads.pop(issue, ()):
            del self.remote[link]
        for one in self.links_of(issue):
            self._cut(one)
