"""People at a browser: what they do to issues."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from adapters.sandbox.core.access import Access
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.gitlab.model import GREY, Actor, Edit, Issue
from adapters.sandbox.gitlab.project import Project
from adapters.sandbox.gitlab.state import GitLabState
from mappings.item import UNSET


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with every right in one project. Issues are named by their ``iid``."""

    project: Project
    username: str

    @property
    def actor(self) -> Actor:
        """The person as the state knows them."""
        return Actor(self.project.world.user(self.username).username, Access.ADMIN)

    def open(
        self,
        title: str,
        body: str = "",
        labels: Sequence[str] = (),
        assignees: Sequence[str] = (),
        kind: str = "issue",
    ) -> Issue:
        """Open an issue, or an incident."""
        edit = Edit(
            title=title,
            description=body or None,
            labels=tuple(labels),
            assignees=tuple(assignees),
            issue_type=kind,
        )
        return self.project.open(self.actor, edit)

    def edit(self, iid: int, title: str | None = None, body: str | None = None) -> Issue:
        """Save title, description or both."""
        text = UNSET if body is None else body
        wanted = Edit(title=UNSET if title is None else title, description=text)
        return self.project.edit(iid, wanted, self.actor)

    def label(self, iid: int, add: Sequence[str] = (), remove: Sequence[str] = ()) -> Issue:
        """Put labels on and take others off, in one step."""
        wanted = Edit(add_labels=tuple(add), remove_labels=tuple(remove))
        return self.project.edit(iid, wanted, self.actor)

    def relabel(self, iid: int, labels: Sequence[str]) -> Issue:
        """Let it have exactly these labels."""
        return self.project.edit(iid, Edit(labels=tuple(labels)), self.actor)

    def assign(self, iid: int, people: Sequence[str]) -> Issue:
        """Let exactly these people be responsible."""
        return self.project.edit(iid, Edit(assignees=tuple(people)), self.actor)

    def close(self, iid: int) -> Issue:
        """Close."""
        return self.project.edit(iid, Edit(event="close"), self.actor)

    def reopen(self, iid: int) -> Issue:
        """Open again."""
        return self.project.edit(iid, Edit(event="reopen"), self.actor)

    def due(self, iid: int, day: str = "") -> Issue:
        """Choose a due date (YYYY-MM-DD), or none."""
        wanted = Edit(due_date=date.fromisoformat(day) if day else None)
        return self.project.edit(iid, wanted, self.actor)

    def severity(self, iid: int, word: str) -> Issue:
        """Choose an incident's severity, in GitLab's words."""
        return self.project.edit(iid, Edit(severity=word.upper()), self.actor)

    def status(self, iid: int, name: str) -> Issue:
        """Choose a status by its name."""
        return self.project.edit(iid, Edit(status=name), self.actor)

    def kind(self, iid: int, kind: str) -> Issue:
        """Make it an incident, or an issue again."""
        return self.project.edit(iid, Edit(issue_type=kind), self.actor)

    def hide(self, iid: int, *, confidential: bool = True) -> Issue:
        """Make it confidential, or visible again."""
        return self.project.edit(iid, Edit(confidential=confidential), self.actor)

    def comment(self, iid: int, body: str) -> int:
        """Say something; the note's number, 0 when it was quick actions alone."""
        made = self.project.note(iid, self.actor, body)
        return made.id if made else 0

    def delete(self, iid: int) -> None:
        """Delete for good."""
        self.project.delete(iid, self.actor)

    def transfer(self, iid: int, to: str) -> Issue:
        """Move to another project; the issue there."""
        return self.project.move(iid, self.project.world.project(to), self.actor)

    def add_label(self, name: str, color: str = GREY) -> None:
        """Define a label."""
        self.project.labels.add(name, color)

    def rename_label(self, name: str, new_name: str) -> None:
        """Give a label another name."""
        self.project.labels.change(self.project.labels.get(name), name=new_name)

    def remove_label(self, name: str) -> None:
        """Delete a label everywhere."""
        self.project.labels.remove(self.project.labels.get(name))

    def rename(self, path: str) -> None:
        """Give the project another path."""
        self.project.world.rename(self.project, path)

    def archive(self, *, archived: bool = True) -> None:
        """Make the project read-only, or writable again."""
        self.project.archived = archived

    def use_issues(self, *, enabled: bool) -> None:
        """Let the project have issues, or none; those it had are kept."""
        self.project.has_issues = enabled


_ACTIONS: Final[dict[str, Callable[..., Any]]] = {
    name: getattr(Person, name)
    for name in (
        "open",
        "edit",
        "label",
        "relabel",
        "assign",
        "close",
        "reopen",
        "due",
        "severity",
        "status",
        "kind",
        "hide",
        "comment",
        "delete",
        "transfer",
        "add_label",
        "rename_label",
        "remove_label",
        "rename",
        "archive",
        "use_issues",
    )
}


def act(state: GitLabState, username: str, action: str, values: Mapping[str, object]) -> object:
    """Do one of the above by name: ``project`` and the action's own arguments.

    Gives what the control interface shows. Raises Refused; TypeError for a wrong argument.
    """
    if action not in _ACTIONS:
        raise Refused(404, f'there is no action "{action}"; known: {", ".join(sorted(_ACTIONS))}')
    rest = dict(values)
    found = state.project(str(rest.pop("project")))
    done = _ACTIONS[action](Person(found, username), **rest)
    if isinstance(done, Issue):
        return {"iid": done.iid, "id": done.id, "state": done.state}
    return {"ok": True} if done is None else {"id": done}
