"""One project: its issues as people and tokens change them, and as lists show them."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal, cast

from adapters.sandbox.core.access import Access
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.gitlab import links, quick
from adapters.sandbox.gitlab.changes import applied, check, permitted, sentences, slight
from adapters.sandbox.gitlab.labels import Labels
from adapters.sandbox.gitlab.model import BODY_LIMIT, Actor, Edit, Issue, LinkType, Note, milli
from mappings.item import UNSET

if TYPE_CHECKING:
    from adapters.sandbox.gitlab.state import GitLabState

_REFERENCE: Final = re.compile(r"(?<![\w&/\\`])([\w.-]+(?:/[\w.-]+)+)?#(\d+)\b")
_LINKING: Final = {"relate": "relates_to", "link": "relates_to", "linked_items": "relates_to"}
_BLOCKING: Final = {"blocks": "blocks", "blocked_by": "is_blocked_by"}


class Project:
    """A project's labels, issues and notes. ``people`` are its members, who may be assigned.

    ``revision`` grows with every change.
    """

    def __init__(
        self,
        world: "GitLabState",
        number: int,
        path: str,
        visibility: Literal["private", "internal", "public"] = "private",
    ) -> None:
        self.world = world
        self.id = number
        self.path = path
        self.visibility = visibility
        self.archived = False
        self.has_issues = True
        self.created_at = milli(world.clock.now())
        self.people: dict[str, Access] = {}
        self.issues: dict[int, Issue] = {}
        self.notes: dict[int, Note] = {}
        self.revision = 0
        self.labels = Labels(self)
        self._last = 0
        self._older: dict[int, list[Issue]] = {}
        self._said: dict[int, list[int]] = {}

    # Reading

    def get(self, iid: int, actor: Actor | None = None) -> Issue:
        """The issue as it is now. Raises Refused (404) also when ``actor`` may not see it."""
        issue = self.issues.get(iid)
        if issue is None or not self.has_issues or not visible(issue, actor):
            raise Refused(404, "404 Not found")
        return issue

    def shown(self, further: timedelta = timedelta(0)) -> list[Issue]:
        """The issues as lists show them; ``further`` is what the index lags behind besides."""
        if not self.has_issues:
            return []
        if not self._older:
            return list(self.issues.values())
        now = self.world.clock.now() - further
        found = []
        for iid, issue in self.issues.items():
            known = [*self._older.get(iid, ()), issue]
            found += [one for one in known if one.shown_from <= now][-1:]
            if issue.shown_from <= self.world.clock.now() - self.world.habits.search_lag:
                self._older.pop(iid, None)
        return found

    def notes_of(self, iid: int) -> list[Note]:
        """An issue's notes, oldest first."""
        return [self.notes[number] for number in self._said.get(iid, ())]

    def assignable(self, usernames: Sequence[str]) -> tuple[str, ...]:
        """Those who are members; the free tier takes one."""
        known = {one.lower(): one for one in self.people}
        found = [known[one.lower()] for one in dict.fromkeys(usernames) if one.lower() in known]
        return tuple(found if self.world.habits.premium else found[:1])

    # Changing

    def open(self, actor: Actor, edit: Edit) -> Issue:
        """A new issue. What the actor may not set is left out. Raises Refused."""
        self._writable()
        check(edit, new=True)
        clean = permitted(self._ordered(edit, actor), None, actor)
        now = milli(self.world.clock.now())
        self._last += 1
        blank = Issue(
            id=self.world.next_id("issue", 900_001),
            iid=self._last,
            title=str(clean.title),
            author=actor.username,
            created_at=now,
            updated_at=now,
            shown_from=self.world.clock.now() + self.world.habits.lag,
        )
        made = applied(self, blank, clean, actor, now)
        self._keep(made)
        self._note_references(made.description, made, actor)
        return self._obey(clean, made, actor)

    def edit(self, iid: int, edit: Edit, actor: Actor) -> Issue:
        """Change an issue; what is not given stays. Raises Refused."""
        issue = self.get(iid, actor)
        self._writable()
        check(edit, new=False)
        clean = permitted(self._ordered(edit, actor), issue, actor)
        changed = applied(self, issue, clean, actor, milli(self.world.clock.now()))
        if changed != issue:
            self._touch(changed, gently=slight(issue, changed))
            for sentence in sentences(issue, changed):
                self._say(iid, actor, sentence)
            if changed.description != issue.description:
                self._note_references(changed.description, changed, actor)
        return self._obey(clean, self.issues[iid], actor)

    def delete(self, iid: int, actor: Actor) -> None:
        """Delete for good. Raises Refused (403, 404)."""
        issue = self.get(iid, actor)
        self._writable()
        if actor.access < Access.ADMIN:
            raise Refused(403, "403 Forbidden")
        del self.issues[iid]
        self._older.pop(iid, None)
        for note in self.notes_of(iid):
            del self.notes[note.id]
        self._said.pop(iid, None)
        for _, _, _, link in links.ends(self.world, issue.id):
            del self.world.links[link.id]
        self.revision += 1

    def move(self, iid: int, target: "Project", actor: Actor) -> Issue:
        """Make the issue anew in another project and close it here. Raises Refused."""
        issue = self.get(iid, actor)
        self._writable()
        if target is self or issue.moved_to is not None or not actor.may_plan:
            raise Refused(400, "Cannot move issue due to insufficient permissions!")
        known = {label.name for label in target.labels.all()}
        labels = [one for one in self.labels.names(issue.labels) if one in known]
        blank = Edit(title=issue.title, description=issue.description, labels=tuple(labels))
        made = target.open(Actor(issue.author, Access.ADMIN), blank)
        made = replace(
            made,
            state=issue.state,
            assignees=issue.assignees,
            due_date=issue.due_date,
            issue_type=issue.issue_type,
            severity=issue.severity,
            confidential=issue.confidential,
        )
        target.replace(made)
        for note in self.notes_of(iid):
            number = self.world.next_id("note", 700_001)
            target._add(replace(note, id=number, iid=made.iid))  # noqa: SLF001  of its own kind
        now = milli(self.world.clock.now())
        gone = replace(
            issue, state="closed", closed_at=now, closed_by=actor.username, moved_to=made.id
        )
        self._touch(gone)
        self._say(iid, actor, f"moved to {target.path}#{made.iid}")
        target._say(made.iid, actor, f"moved from {self.path}#{iid}")  # noqa: SLF001  of its own kind
        return target.issues[made.iid]

    def replace(self, issue: Issue) -> None:
        """Put an issue in place as it is given; nothing is noted."""
        self._keep(issue)

    def drop_label(self, label: int) -> None:
        """A label is gone from every issue; GitLab does not call that a change of them."""
        for issue in tuple(self.issues.values()):
            if label in issue.labels:
                left = tuple(one for one in issue.labels if one != label)
                self._keep(replace(issue, labels=left))

    # Notes and links

    def note(self, iid: int, actor: Actor, body: str, *, internal: bool = False) -> Note | None:
        """A new note; None where its text was quick actions alone. Raises Refused."""
        issue = self.get(iid, actor)
        self._writable()
        text, orders = quick.split(body)
        _check_note(body)
        if issue.locked and not actor.may_plan:
            raise Refused(403, "403 Forbidden")
        made = None
        if text.strip():
            made = self._say(iid, actor, text, system=False, internal=internal)
            self._touch(issue, gently=True)
            self._note_references(text, issue, actor)
        if orders:
            self.edit(iid, self._ordered(Edit(), actor, orders), actor)
        return made

    def edit_note(self, iid: int, note: int, actor: Actor, body: str | None) -> Note | None:
        """Change a note's text, or delete it with None. Raises Refused."""
        issue = self.get(iid, actor)
        self._writable()
        made = self.notes.get(note)
        if made is None or made.iid != iid:
            raise Refused(404, "404 Note Not Found")
        if made.system or (made.author != actor.username and actor.access < Access.ADMIN):
            raise Refused(403, "403 Forbidden")
        self._touch(issue, gently=True)
        if body is None:
            del self.notes[note]
            self._said[iid].remove(note)
            return None
        _check_note(body)
        text, orders = quick.split(body)
        if orders:
            self.edit(iid, self._ordered(Edit(), actor, orders), actor)
        self.notes[note] = replace(made, body=text, updated_at=milli(self.world.clock.now()))
        return self.notes[note]

    def connect(
        self, iid: int, actor: Actor, other: "Project", target: int, kind: LinkType
    ) -> tuple[Issue, Issue]:
        """Link two issues; both are noted and touched. Raises Refused."""
        source, end = self.get(iid, actor), other.get(target, actor)
        self._writable()
        if not actor.may_plan:
            raise Refused(403, "403 Forbidden")
        links.connect(self.world, source, end, kind)
        words = {"relates_to": "related to", "blocks": "blocking", "is_blocked_by": "blocked by"}
        name = f"#{target}" if other is self else f"{other.path}#{target}"
        self._say(iid, actor, f"marked this issue as {words[kind]} {name}")
        self._touch(source, gently=True)
        other._touch(end, gently=True)  # noqa: SLF001  of its own kind
        return self.issues[iid], other.issues[target]

    # Bookkeeping

    def _writable(self) -> None:
        if self.archived or not self.has_issues:
            raise Refused(403, "403 Forbidden")

    def _ordered(self, edit: Edit, actor: Actor, orders: tuple[tuple[str, str], ...] = ()) -> Edit:
        """The edit with the quick actions of its text carried out."""
        text = edit.description
        if isinstance(text, str):
            clean, orders = quick.split(text)
            edit = replace(edit, description=clean)
        if not orders:
            return edit
        for name, argument in orders:
            self.world.executed.append(f"{actor.username} /{name} {argument}".rstrip())
        more = quick.edit_for(orders)
        if all(more.status != one.name for one in self.world.statuses):
            more = replace(more, status=UNSET)
        blank = Edit()
        given = {
            name: value
            for name in Edit.__dataclass_fields__
            if (value := getattr(more, name)) != getattr(blank, name)
        }
        return replace(edit, **given)

    def _obey(self, edit: Edit, issue: Issue, actor: Actor) -> Issue:
        """Carry out what quick actions ask of other issues."""
        for name, argument in edit.orders:
            kind = (_LINKING | _BLOCKING).get(name)
            for path, number in _REFERENCE.findall(argument):
                other = self.world.find(path) if path else self
                if kind and other and int(number) in other.issues:
                    # One that cannot be done is passed over; the text is kept all the same.
                    with suppress(Refused):
                        self.connect(issue.iid, actor, other, int(number), cast("LinkType", kind))
            target = self.world.find(argument.strip()) if name == "move" else None
            if target is not None:
                with suppress(Refused):
                    self.move(issue.iid, target, actor)
        return self.issues[issue.iid]

    def _note_references(self, text: str | None, issue: Issue, actor: Actor) -> None:
        """An issue that is named somewhere is told so, for everybody to see and for good."""
        for path, number in dict.fromkeys(_REFERENCE.findall(text or "")):
            other = self.world.find(path) if path else self
            if other is None or int(number) not in other.issues:
                continue
            if other is self and int(number) == issue.iid:
                continue
            name = f"#{issue.iid}" if other is self else f"{self.path}#{issue.iid}"
            said = f"mentioned in issue {name}"
            if all(one.body != said for one in other.notes_of(int(number))):
                other._say(int(number), actor, said)  # noqa: SLF001  of its own kind

    def _say(
        self, iid: int, actor: Actor, body: str, *, system: bool = True, internal: bool = False
    ) -> Note:
        now = milli(self.world.clock.now())
        made = Note(
            id=self.world.next_id("note", 700_001),
            iid=iid,
            author=actor.username,
            body=body,
            created_at=now,
            updated_at=now,
            system=system,
            internal=internal,
        )
        self._add(made)
        return made

    def _add(self, note: Note) -> None:
        self.notes[note.id] = note
        self._said.setdefault(note.iid, []).append(note.id)
        self.revision += 1

    def _touch(self, issue: Issue, *, gently: bool = False) -> None:
        now = self.world.clock.now()
        late = now - issue.updated_at > self.world.habits.touch_every
        at = milli(now) if late or not gently else issue.updated_at
        self._keep(replace(issue, updated_at=at, shown_from=now + self.world.habits.lag))

    def _keep(self, issue: Issue) -> None:
        before = self.issues.get(issue.iid)
        habits = self.world.habits
        if habits.lag + habits.search_lag > timedelta(0):
            self._older.setdefault(issue.iid, []).extend([before] if before else [])
        self.issues[issue.iid] = replace(issue, version=issue.version + 1)
        self.world.places[issue.id] = (self.id, issue.iid)
        self.revision += 1

    def seed_issues(self, count: int, author: str = "maria", body: str = "Seeded.\n") -> None:
        """Make ``count`` plain issues at once, one second apart, the last one now. No notes."""
        self.world.user(author)
        now: datetime = milli(self.world.clock.now())
        for left in range(count - 1, -1, -1):
            self._last += 1
            at = now - timedelta(seconds=left)
            issue = Issue(
                id=self.world.next_id("issue", 900_001),
                iid=self._last,
                title=f"Seeded issue {self._last}",
                author=author,
                created_at=at,
                updated_at=at,
                shown_from=at,
                description=body,
            )
            self.issues[issue.iid] = issue
            self.world.places[issue.id] = (self.id, issue.iid)
        self.revision += 1


def visible(issue: Issue, actor: Actor | None) -> bool:
    """Whether ``actor`` may see it: a confidential one is for Reporters, its author, assignees."""
    if not issue.confidential or actor is None or actor.may_plan:
        return True
    return actor.username == issue.author or actor.username in issue.assignees


def _check_note(body: str) -> None:
    if not body.strip():
        raise Refused(400, "", ({"error": "body is empty"},))
    if len(body) > BODY_LIMIT:
        raise Refused(400, "", ({"note": [f"is too long (maximum is {BODY_LIMIT} characters)"]},))
