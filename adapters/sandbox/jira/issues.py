"""The issues of a site: as people and tokens change them, and as searches show them."""

from collections import deque
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.jira.fields import Changes, applied, missing, refused
from adapters.sandbox.jira.history import changed_items
from adapters.sandbox.jira.model import (
    PROPERTY_KEY_LIMIT,
    PROPERTY_LIMIT,
    Change,
    Issue,
    millisecond,
)
from adapters.sandbox.jira.project import Project
from adapters.sandbox.jira.relations import Relations
from adapters.sandbox.jira.workflows import Transition

if TYPE_CHECKING:
    from adapters.sandbox.jira.state import JiraState

#: How Jira says that an issue is not there, or not for you.
NO_ISSUE: Final = "Issue does not exist or you do not have permission to see it."

#: Searches remembered; enough for a client paging through a few of them at once.
_SEARCHES: Final = 16


class Issues:
    """Issues by id, with their keys, properties, comments, links and history.

    ``revision`` grows with everything that a search could show. ``veiled`` are ids of issues
    whose security level shows them to nobody.
    """

    def __init__(self, world: "JiraState") -> None:
        self.world = world
        self.all: dict[int, Issue] = {}
        self.properties: dict[int, dict[str, object]] = {}
        self.changes: dict[int, list[Change]] = {}
        self.veiled: set[int] = set()
        self.revision = 0
        self.relations = Relations(self)
        self.searches: dict[object, tuple[int, list[Issue]]] = {}
        self._keys: dict[str, int] = {}
        self._older: dict[int, list[Issue]] = {}
        self._children: dict[int, set[int]] = {}
        self._writes: dict[int, deque[datetime]] = {}

    # Reading

    def find(self, wanted: str) -> Issue | None:
        """The issue of that key (present or former) or id."""
        number = self._keys.get(wanted.upper())
        if number is None and wanted.isascii() and wanted.isdigit():
            number = int(wanted)
        return self.all.get(number) if number is not None else None

    def get(self, wanted: str) -> Issue:
        """The same. Raises Refused (404), also while it or its project is hidden."""
        found = self.find(wanted)
        if found is None or found.id in self.veiled or self.world.projects[found.project].hidden:
            raise Refused(404, NO_ISSUE)
        return found

    def changes_of(self, issue: int) -> list[Change]:
        """What was changed about an issue, oldest first."""
        return self.changes.get(issue, [])

    def steps(self, issue: Issue) -> tuple[Transition, ...]:
        """The ways out of an issue's status, whoever asks."""
        project = self.world.projects[issue.project]
        flow = project.flow(project.type_by_id(issue.type))
        return flow.from_status(self.world.statuses[issue.status].name)

    def remember(self, key: object, found: list[Issue]) -> None:
        """Keep what a search found until something changes."""
        while len(self.searches) >= _SEARCHES:
            del self.searches[next(iter(self.searches))]
        self.searches[key] = (self.revision, found)

    def children(self, issue: int) -> list[Issue]:
        """The issues whose parent this is."""
        return [self.all[one] for one in sorted(self._children.get(issue, ())) if one in self.all]

    @property
    def settled(self) -> bool:
        """Whether searches show everything as it is."""
        return not self._older

    def shown(self, fresh: frozenset[int] = frozenset()) -> list[Issue]:
        """What searches see: each issue as it was a lag ago, those in ``fresh`` as they are."""
        if not self._older:
            return [one for one in self.all.values() if self._open(one)]
        now = self.world.clock.now()
        found = []
        for number, issue in self.all.items():
            versions = [*self._older.get(number, ()), issue]
            ripe = [one for one in versions if one.shown_from <= now or number in fresh]
            found += [one for one in ripe[-1:] if self._open(one)]
            if issue.shown_from <= now:
                self._older.pop(number, None)
        return found

    def _open(self, issue: Issue) -> bool:
        asleep = issue.archived or self.world.projects[issue.project].archived
        return not asleep and issue.id not in self.veiled

    # Writing

    def count_write(self, issue: Issue) -> float | None:
        """Seconds to wait before this issue takes another write; None if it takes this one."""
        habits = self.world.habits
        if habits.issue_writes is None:
            return None
        now = self.world.clock.now()
        recent = self._writes.setdefault(issue.id, deque())
        while recent and now - recent[0] >= habits.issue_window:
            recent.popleft()
        if len(recent) >= habits.issue_writes:
            return (habits.issue_window - (now - recent[0])).total_seconds()
        recent.append(now)
        return None

    def create(self, project: Project, actor: str, changes: Changes) -> Issue:
        """A new issue out of settled changes. Raises Refused (400)."""
        if project.archived:
            raise refused({"project": "The project is archived and takes no issues."})
        kind = project.type_by_id(str(changes.get("issuetype", "")))
        errors = {}
        if kind is None:
            errors["issuetype"] = "Specify an issue type"
        if not changes.get("summary"):
            errors["summary"] = "You must specify a summary of the issue."
        if kind is None or errors:
            raise refused(errors)
        now = self.world.clock.now()
        number = project.last_number + 1
        flow = project.flow(kind)
        blank = Issue(
            id=self.world.next_id("issue"),
            key=f"{project.key}-{number}",
            project=project.id,
            number=number,
            summary="",
            type=kind.id,
            status=project.statuses[flow.start].id,
            reporter=actor,
            creator=actor,
            created_at=millisecond(now),
            updated_at=millisecond(now),
            shown_from=now + self.world.habits.lag,
            moved_at=millisecond(now),
            priority=project.default_priority,
            version=0,
        )
        issue = applied(blank, changes)
        lacking = missing(project, kind, issue)
        if kind.level < 0 and issue.parent is None:
            lacking["parent"] = "Issue type is a sub-task but parent issue key or id not specified."
        if lacking:
            raise refused(lacking)
        project.last_number = number
        self._keys[issue.key] = issue.id
        self._keep(issue)
        return self.all[issue.id]

    def edit(self, issue: Issue, actor: str, changes: Changes) -> Issue:
        """Make the changes that differ; nothing is stored if none does. Raises Refused."""
        self.writable(issue)
        after = applied(issue, changes)
        if after == issue:
            return issue
        return self._change(issue, after, actor)

    def transition(self, issue: Issue, actor: str, step: Transition, changes: Changes) -> Issue:
        """Take a step that may be taken. Raises Refused for a field it lacks."""
        self.writable(issue)
        project = self.world.projects[issue.project]
        absent = [name for name in (*step.required, *step.demanded) if not changes.get(name)]
        if absent:
            told = {name: f"{name.capitalize()} is required." for name in absent}
            unsaid = [name for name in absent if name in step.demanded]
            message = " ".join(f"Field {name.capitalize()} is required" for name in unsaid)
            raise refused({k: v for k, v in told.items() if k not in unsaid}, message)
        now = millisecond(self.world.clock.now())
        follow = {name: self._set(name, value) for name, value in step.sets}
        after = applied(issue, follow | changes)
        after = replace(after, status=project.statuses[step.to].id, moved_at=now)
        if after.resolution != issue.resolution:
            after = replace(after, resolved_at=now if after.resolution else None)
        return self._change(issue, after, actor)

    def _set(self, name: str, value: str | None) -> str | None:
        if value is None:
            return None
        among = self.world.resolutions if name == "resolution" else self.world.priorities
        return next(one.id for one in among if one.name == value)

    def touch(self, issue: Issue) -> Issue:
        """The issue counts as changed (a comment, a link) although none of its fields is."""
        return self._store(issue)

    def delete(self, issue: Issue) -> None:
        """Delete for good; its key is never given again."""
        for child in self.children(issue.id):
            self._keep(replace(child, parent=None))
        self.relations.forget(issue.id)
        self.properties.pop(issue.id, None)
        self.changes.pop(issue.id, None)
        self._older.pop(issue.id, None)
        del self.all[issue.id]
        self._keys = {key: number for key, number in self._keys.items() if number != issue.id}
        self.revision += 1

    def move(self, issue: Issue, project: Project, actor: str) -> Issue:
        """Move to another project: a new key, the same id; the old key leads to it."""
        self.writable(issue)
        home = self.world.projects[issue.project]
        kind = home.type_by_id(issue.type)
        target = project.type_named(kind.name if kind else "") or project.types[0]
        name = self.world.statuses[issue.status].name
        flow = project.flow(target)
        known = name in {status for status, _ in flow.statuses}
        project.last_number += 1
        after = replace(
            issue,
            project=project.id,
            number=project.last_number,
            key=f"{project.key}-{project.last_number}",
            type=target.id,
            status=project.statuses[name if known else flow.start].id,
            components=(),
        )
        self._keys[after.key] = issue.id
        return self._change(issue, after, actor)

    def archive(self, issue: Issue, *, archived: bool) -> Issue:
        """Take an issue out of every search and make it read-only, or bring it back."""
        return self._store(replace(issue, archived=archived))

    def rekey(self, project: Project) -> None:
        """The project's key is another now, and so are those of its issues."""
        for issue in tuple(self.all.values()):
            if issue.project == project.id:
                key = f"{project.key}-{issue.number}"
                self._keys[key] = issue.id
                self._keep(replace(issue, key=key))

    # Entity properties: no change of the issue, and not delayed

    def set_property(self, issue: int, name: str, value: object, size: int) -> bool:
        """Store a property; whether it is new. Raises Refused (400) for one that is too large."""
        if not name or len(name) > PROPERTY_KEY_LIMIT:
            raise Refused(400, "The property key must be between 1 and 255 characters long.")
        if size > PROPERTY_LIMIT:
            raise Refused(400, f"The property value exceeds {PROPERTY_LIMIT} characters.")
        held = self.properties.setdefault(issue, {})
        new = name not in held
        held[name] = value
        self.revision += 1
        return new

    def drop_property(self, issue: int, name: str) -> None:
        """Delete a property. Raises Refused (404)."""
        if name not in self.properties.get(issue, {}):
            raise Refused(404, f"The property '{name}' does not exist.")
        del self.properties[issue][name]
        self.revision += 1

    # Seeding

    def seed(self, project: Project, count: int, body: str = "Seeded.") -> None:
        """Make ``count`` plain issues at once, one second apart, the last one now."""
        now = millisecond(self.world.clock.now())
        kind = next(one.id for one in project.types if one.level == 0)
        for left in range(count - 1, -1, -1):
            changes = {"summary": "Seeded issue", "issuetype": kind}
            issue = self.create(project, "maria", changes)
            at = now - timedelta(seconds=left)
            self.all[issue.id] = replace(
                issue,
                summary=f"Seeded issue {issue.number}",
                created_at=at,
                updated_at=at,
                shown_from=at,
                moved_at=at,
            )
            self._older.pop(issue.id, None)

    # Bookkeeping

    def writable(self, issue: Issue) -> None:
        """Raises Refused (400) for an archived issue, or one of an archived project."""
        if issue.archived or self.world.projects[issue.project].archived:
            raise Refused(400, "Issue is archived. You cannot edit an archived issue.")

    def _change(self, before: Issue, after: Issue, actor: str) -> Issue:
        stored = self._store(after)
        items = changed_items(self.world, before, stored)
        if items:
            self.changes.setdefault(before.id, []).append(
                Change(
                    id=self.world.next_id("change"),
                    issue=before.id,
                    author=actor,
                    at=stored.updated_at,
                    items=items,
                )
            )
        return stored

    def _store(self, issue: Issue) -> Issue:
        now = self.world.clock.now()
        self._keep(
            replace(issue, updated_at=millisecond(now), shown_from=now + self.world.habits.lag)
        )
        return self.all[issue.id]

    def _keep(self, issue: Issue) -> None:
        before = self.all.get(issue.id)
        if self.world.habits.lag > timedelta(0):
            self._older.setdefault(issue.id, []).extend([before] if before else [])
        if before is not None and before.parent is not None and before.parent != issue.parent:
            self._children[before.parent].discard(issue.id)
        if issue.parent is not None:
            self._children.setdefault(issue.parent, set()).add(issue.id)
        self.all[issue.id] = replace(issue, version=issue.version + 1)
        self.revision += 1
