"""One repository: its issues as people and tokens change them, and as lists show them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from adapters.sandbox.core.access import Access
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.github import checks
from adapters.sandbox.github.changes import Happening, Settled, applied
from adapters.sandbox.github.family import adopt, rewrite
from adapters.sandbox.github.labels import Labels
from adapters.sandbox.github.listing import Query, chosen
from adapters.sandbox.github.milestones import Milestones
from adapters.sandbox.github.model import (
    SILENT_BODY_BYTES,
    Actor,
    Comment,
    Edit,
    Event,
    Issue,
    second,
)
from mappings.item import UNSET

if TYPE_CHECKING:
    from adapters.sandbox.github.state import GitHubState

#: Lists remembered; enough for a client paging through a few of them at once.
_LISTS: Final = 16


class Elsewhere(Exception):  # noqa: N818  named by what happens
    """The issue was moved to ``number`` of the repository with id ``repository``."""

    def __init__(self, repository: int, number: int) -> None:
        super().__init__(f"moved to {repository}#{number}")
        self.repository = repository
        self.number = number


class Repository:
    """A repository's labels, milestones, issues, comments and events.

    ``revision`` grows with every change; ``epoch`` with changes that show in many issues at
    once (a label's name). ``people`` may be assigned. ``written`` keeps payloads that were
    written out, beside the versions they were written from.
    """

    def __init__(
        self, world: "GitHubState", number: int, owner: str, name: str, *, private: bool
    ) -> None:
        self.world = world
        self.id = number
        self.owner = owner
        self.name = name
        self.private = private
        self.archived = False
        self.has_issues = True
        self.created_at = second(world.clock.now())
        self.people: dict[str, Access] = {}
        self.issues: dict[int, Issue] = {}
        self.comments: dict[int, Comment] = {}
        self.events: list[Event] = []
        self.deleted: set[int] = set()
        self.sent_away: dict[int, tuple[int, int]] = {}
        self.revision = 0
        self.epoch = 0
        self.labels = Labels(self)
        self.milestones = Milestones(self)
        self._last_number = 0
        self._ids: dict[int, int] = {}
        self._older: dict[int, list[Issue]] = {}
        self._lists: dict[Query, tuple[int, tuple[Issue, ...]]] = {}
        self.written: dict[tuple[str, int], tuple[tuple[int, int, int], bytes]] = {}

    @property
    def full_name(self) -> str:
        """Owner and name as they are now, with a slash between."""
        return f"{self.owner}/{self.name}"

    def changed(self) -> None:
        """Something that many issues show is different now."""
        self.epoch += 1
        self.revision += 1

    def label_name(self, label: int) -> str:
        """The name behind a label's id."""
        return self.labels.by_id(label).name

    # Reading

    def get(self, number: int) -> Issue:
        """The issue as it is now. Raises Refused (404, 410) or :class:`Elsewhere`."""
        if not self.has_issues:
            raise Refused(410, "Issues are disabled for this repo")
        if number in self.sent_away:
            raise Elsewhere(*self.sent_away[number])
        if number in self.deleted:
            raise Refused(410, "This issue was deleted")
        if number not in self.issues:
            raise Refused(404, "Not Found")
        return self.issues[number]

    def by_id(self, issue: int) -> Issue | None:
        """The issue of that global id, if it lives here."""
        number = self._ids.get(issue)
        return self.issues.get(number) if number is not None else None

    def listed(self, query: Query) -> tuple[Issue, ...]:
        """What a list request is shown, pull requests and lag included."""
        if not self.has_issues:
            raise Refused(410, "Issues are disabled for this repo")
        held = self._lists.get(query)
        if held is not None and held[0] == self.revision and not self._older:
            return held[1]
        found = chosen(self._shown(), query, self.labels.id_of)
        if not self._older:
            while len(self._lists) >= _LISTS:
                del self._lists[next(iter(self._lists))]
            self._lists[query] = (self.revision, found)
        return found

    def _shown(self) -> list[Issue]:
        if not self._older:
            return list(self.issues.values())
        now = self.world.clock.now()
        found = []
        for number, issue in self.issues.items():
            versions = [*self._older.get(number, ()), issue]
            ripe = [version for version in versions if version.shown_from <= now]
            found += ripe[-1:]
            if issue.shown_from <= now:
                self._older.pop(number, None)
        return found

    # Changing issues

    def open(
        self, actor: Actor, edit: Edit, *, pull: bool = False, parent: int | None = None
    ) -> Issue:
        """A new issue. What the actor may not set is silently left out. Raises Refused."""
        self._writable()
        if not self.has_issues:
            raise Refused(410, "Issues are disabled for this repo")
        checks.new_issue(edit)
        settled = self._settled(edit, actor)
        clean = settled.edit
        now = self.world.clock.now()
        self._last_number += 1
        blank = Issue(
            id=self.world.next_id("issue", 900_001),
            number=self._last_number,
            title=str(clean.title),
            body=clean.body if clean.body is not UNSET else None,
            author=actor.login,
            created_at=second(now),
            updated_at=second(now),
            shown_from=now + self.world.habits.lag,
            pull=pull,
            version=0,
        )
        issue, happened = applied(blank, settled, actor.login, second(now))
        self._keep(issue)
        self._tell(issue.number, actor.login, happened)
        if parent is not None and actor.may_push:
            adopt(self.world, parent, issue.id, actor)
        return self.issues[issue.number]

    def edit(self, number: int, edit: Edit, actor: Actor) -> Issue:
        """Change what differs. Authors may edit; labels and such need more. Raises Refused."""
        issue = self.get(number)
        self._writable()
        if not actor.may_push and issue.author.lower() != actor.login.lower():
            raise Refused(403, "Must have admin rights to Repository.")
        checks.edited_issue(edit)
        if edit.body is not UNSET and len((edit.body or "").encode()) > SILENT_BODY_BYTES:
            edit = replace(edit, body=UNSET)
        settled = self._settled(edit, actor)
        now = second(self.world.clock.now())
        after, happened = applied(issue, settled, actor.login, now)
        if after is issue:
            return issue
        self._touch(after)
        self._tell(number, actor.login, happened)
        return self.issues[number]

    def link(self, number: int, actor: Actor, event: str, **values: object) -> Issue:
        """Store a change of sub-issues or lock, with its event."""
        self._touch(replace(self.issues[number], **values))  # type: ignore[arg-type]
        self._tell(number, actor.login, [(event, {})])
        return self.issues[number]

    def amend(self, number: int, **values: object) -> None:
        """Store what follows from a change elsewhere: no event, and not a change of the issue."""
        self._keep(replace(self.issues[number], **values))  # type: ignore[arg-type]

    def delete(self, number: int) -> None:
        """Delete an issue for good; its number answers 410 from now on."""
        issue = self.get(number)
        rewrite(self.world, issue, None)
        self.deleted.add(number)
        self._forget(issue)

    def send_away(self, number: int, repository: int, new_number: int) -> None:
        """The issue lives elsewhere now."""
        issue = self.issues[number]
        self.sent_away[number] = (repository, new_number)
        self._forget(issue)

    def take_in(self, issue: Issue, labels: Sequence[str]) -> Issue:
        """An issue that comes from elsewhere: new number and id, labels known here only."""
        self._last_number += 1
        known = [self.labels.id_of(name.lower()) for name in labels]
        moved = replace(
            issue,
            id=self.world.next_id("issue", 900_001),
            number=self._last_number,
            labels=tuple(label for label in known if label is not None),
            milestone=None,
        )
        self._touch(moved)
        return self.issues[moved.number]

    def drop_label(self, label: int) -> None:
        """A label is gone from every issue; GitHub does not call that a change of them."""
        for issue in tuple(self.issues.values()):
            if label in issue.labels:
                self.amend(issue.number, labels=tuple(one for one in issue.labels if one != label))

    # Comments

    def comment(self, number: int, actor: Actor, body: str) -> Comment:
        """A new comment; the issue counts as changed. Raises Refused."""
        issue = self.get(number)
        self._writable()
        checks.comment(body)
        if issue.locked and not actor.may_push:
            raise Refused(403, "Unable to create comment because issue is locked.")
        now = second(self.world.clock.now())
        made = Comment(
            id=self.world.next_id("activity", 700_001),
            number=number,
            author=actor.login,
            body=body,
            created_at=now,
            updated_at=now,
        )
        self.comments[made.id] = made
        self._touch(replace(issue, comments=issue.comments + 1))
        return made

    def edit_comment(self, comment: int, actor: Actor, body: str | None) -> Comment | None:
        """Change a comment's text, or delete it with None. Raises Refused."""
        made = self.comments.get(comment)
        if made is None:
            raise Refused(404, "Not Found")
        self._writable()
        if not actor.may_push and made.author.lower() != actor.login.lower():
            raise Refused(403, "Must have admin rights to Repository.")
        issue = self.get(made.number)
        if body is None:
            del self.comments[comment]
            self._touch(replace(issue, comments=issue.comments - 1))
            return None
        checks.comment(body)
        changed = replace(made, body=body, updated_at=second(self.world.clock.now()))
        self.comments[comment] = changed
        self._touch(issue)
        return changed

    def comments_of(self, number: int) -> list[Comment]:
        """An issue's comments, oldest first."""
        return [one for one in self.comments.values() if one.number == number]

    # Seeding

    def seed_issues(self, count: int, author: str = "maria", body: str = "Seeded.\n") -> None:
        """Make ``count`` plain issues at once, one second apart, the last one now. No events."""
        self.world.user(author)
        names = [label.id for label in self.labels.all()]
        now = second(self.world.clock.now())
        for left in range(count - 1, -1, -1):
            self._last_number += 1
            at = now - timedelta(seconds=left)
            number = self._last_number
            issue = Issue(
                id=self.world.next_id("issue", 900_001),
                number=number,
                title=f"Seeded issue {number}",
                author=author,
                created_at=at,
                updated_at=at,
                shown_from=at,
                body=body,
                labels=(names[number % len(names)],) if names else (),
            )
            self.issues[number] = issue
            self._ids[issue.id] = number
        self.revision += 1

    # Bookkeeping

    def _writable(self) -> None:
        if self.archived:
            raise Refused(403, "Repository was archived so is read-only.")

    def _settled(self, edit: Edit, actor: Actor) -> Settled:
        if not actor.may_push:
            kept = replace(
                edit, labels=UNSET, assignees=UNSET, milestone=UNSET, type=UNSET, fields=UNSET
            )
            return Settled(kept)
        labels = None if edit.labels is UNSET else self.labels.settle(edit.labels)
        if edit.assignees is not UNSET:
            edit = replace(edit, assignees=checks.assignable(edit.assignees, self.people))
        if edit.milestone not in {None, UNSET} and not self.milestones.has(edit.milestone):
            raise checks.invalid("Issue", "milestone", edit.milestone)
        if edit.fields is not UNSET:
            edit = replace(edit, fields=checks.fields(edit.fields, self.world.issue_fields))
        return Settled(edit, labels)

    def _touch(self, issue: Issue) -> None:
        now = self.world.clock.now()
        self._keep(replace(issue, updated_at=second(now), shown_from=now + self.world.habits.lag))

    def _keep(self, issue: Issue) -> None:
        before = self.issues.get(issue.number)
        if self.world.habits.lag > timedelta(0):
            self._older.setdefault(issue.number, []).extend([before] if before else [])
        self.issues[issue.number] = replace(issue, version=issue.version + 1)
        self._ids[issue.id] = issue.number
        self.revision += 1
        if issue.milestone is not None:
            self.epoch += 1
        if issue.parent is not None:
            self.world.family_epoch += 1

    def _forget(self, issue: Issue) -> None:
        del self.issues[issue.number]
        del self._ids[issue.id]
        self._older.pop(issue.number, None)
        for comment in self.comments_of(issue.number):
            del self.comments[comment.id]
        self.revision += 1

    def _tell(self, number: int, actor: str, happened: list[Happening]) -> None:
        now = second(self.world.clock.now())
        for name, detail in happened:
            if isinstance(label := detail.get("label"), int):
                one = self.labels.by_id(label)
                detail["label"] = {"name": one.name, "color": one.color}
            if isinstance(milestone := detail.get("milestone"), int):
                detail["milestone"] = {"title": self.milestones.get(milestone).title}
            self.events.append(
                Event(
                    id=self.world.next_id("activity", 700_001),
                    number=number,
                    event=name,
                    actor=actor,
                    created_at=now,
                    detail=detail,
                )
            )
