"""People at a browser: what they do to issues, and how a browser does it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

from adapters.sandbox.core.access import Access
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.github.model import GREY, Actor, Edit, Issue, Reason, browser
from adapters.sandbox.github.repository import Repository
from adapters.sandbox.github.state import GitHubState
from mappings.item import UNSET


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with every right in one repository. Texts they send end their lines in CRLF."""

    repository: Repository
    login: str

    @property
    def actor(self) -> Actor:
        """The person as the state knows them."""
        return Actor(self.repository.world.user(self.login).login, Access.ADMIN)

    def open(
        self,
        title: str,
        body: str = "",
        labels: Sequence[str] = (),
        assignees: Sequence[str] = (),
    ) -> Issue:
        """Open an issue."""
        text = browser(body) or None
        edit = Edit(title=title, body=text, labels=tuple(labels), assignees=tuple(assignees))
        return self.repository.open(self.actor, edit)

    def edit(self, number: int, title: str | None = None, body: str | None = None) -> Issue:
        """Save title, body or both; a saved body is in CRLF from then on."""
        wanted = Edit(
            title=UNSET if title is None else title, body=UNSET if body is None else browser(body)
        )
        return self.repository.edit(number, wanted, self.actor)

    def label(self, number: int, add: Sequence[str] = (), remove: Sequence[str] = ()) -> Issue:
        """Put labels on and take others off, in one step."""
        gone = {name.lower() for name in remove}
        present = [self.repository.label_name(one) for one in self.repository.get(number).labels]
        kept = [name for name in present if name.lower() not in gone]
        return self.repository.edit(number, Edit(labels=(*kept, *add)), self.actor)

    def assign(self, number: int, people: Sequence[str]) -> Issue:
        """Let exactly these people be responsible."""
        return self.repository.edit(number, Edit(assignees=tuple(people)), self.actor)

    def close(self, number: int, reason: Reason = "completed") -> Issue:
        """Close, with a reason."""
        if reason not in get_args(Reason):
            raise Refused(422, f"{reason} is no reason to close")
        return self.repository.edit(number, Edit(state="closed", reason=reason), self.actor)

    def reopen(self, number: int) -> Issue:
        """Open again."""
        return self.repository.edit(number, Edit(state="open"), self.actor)

    def comment(self, number: int, body: str) -> int:
        """Say something; the comment's id."""
        return self.repository.comment(number, self.actor, browser(body) or "").id

    def delete(self, number: int) -> None:
        """Delete for good."""
        self.repository.delete(number)

    def transfer(self, number: int, to: str) -> Issue:
        """Move to another repository."""
        world = self.repository.world
        return world.transfer(self.repository, number, world.repository(to))

    def add_label(self, name: str, color: str = GREY) -> None:
        """Define a label."""
        self.repository.labels.add(name, color)

    def rename_label(self, name: str, new_name: str) -> None:
        """Give a label another name."""
        self.repository.labels.change(name, new_name=new_name)

    def remove_label(self, name: str) -> None:
        """Delete a label everywhere."""
        self.repository.labels.remove(name)

    def rename(self, full_name: str) -> None:
        """Give the repository another name."""
        self.repository.world.rename(self.repository, full_name)

    def archive(self, *, archived: bool = True) -> None:
        """Make the repository read-only, or writable again."""
        self.repository.archived = archived
        self.repository.changed()

    def pull(self, title: str, body: str = "") -> Issue:
        """Open a pull request, as far as issue lists show it."""
        return self.repository.open(self.actor, Edit(title=title, body=browser(body)), pull=True)

    def move(self, project: str, number: int, status: str) -> None:
        """Choose a status on a board, by the board's title; the item is added if need be."""
        world = self.repository.world
        boards = [one for one in world.boards.values() if one.title == project]
        if not boards or (field := boards[0].field_named("Status")) is None:
            raise Refused(404, f"there is no board {project}")
        if status not in field.options:
            raise Refused(422, f"{status} is not one of {', '.join(field.options)}")
        item = world.on_board(boards[0], self.repository.get(number).id)
        item.values[field.id] = status
        item.updated_at = world.clock.now()


_ACTIONS: Final[dict[str, Callable[..., Any]]] = {
    name: getattr(Person, name)
    for name in (
        "open",
        "edit",
        "label",
        "assign",
        "close",
        "reopen",
        "comment",
        "delete",
        "transfer",
        "add_label",
        "rename_label",
        "remove_label",
        "rename",
        "archive",
        "pull",
        "move",
    )
}


def act(state: GitHubState, login: str, action: str, values: Mapping[str, object]) -> object:
    """Do one of the above by name: ``repository`` and the action's own arguments.

    Gives what the control interface shows. Raises Refused; TypeError for a wrong argument.
    """
    if action not in _ACTIONS:
        raise Refused(404, f'there is no action "{action}"; known: {", ".join(sorted(_ACTIONS))}')
    rest = dict(values)
    found = state.repository(str(rest.pop("repository")))
    done = _ACTIONS[action](Person(found, login), **rest)
    if isinstance(done, Issue):
        return {"number": done.number, "id": done.id, "state": done.state}
    return {"ok": True} if done is None else {"id": done}
