"""What every GraphQL field may use: the state, the caller, and the ways to make nodes."""

from dataclasses import dataclass

from adapters.sandbox.core.access import Access
from adapters.sandbox.core.graphql.execute import Fault, Node
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.github.board import Board, BoardField, BoardItem
from adapters.sandbox.github.call import Call
from adapters.sandbox.github.model import Actor, Issue, read_node_id
from adapters.sandbox.github.repository import Repository
from adapters.sandbox.github.state import GitHubState


@dataclass(frozen=True, slots=True)
class Context:
    """One request."""

    call: Call

    @property
    def world(self) -> GitHubState:
        """The whole state."""
        return self.call.world

    def repository(self, full_name: str) -> Node:
        """A repository by name. Raises Fault."""
        try:
            found = self.world.repository(full_name)
        except Refused:
            found = None
        if found is None or not self.may_see(found):
            message = f"Could not resolve to a Repository with the name '{full_name}'."
            raise Fault("NOT_FOUND", message)
        return Node("Repository", found)

    def may_see(self, repository: Repository) -> bool:
        """Whether the caller knows the repository at all."""
        return self.call.access_to(repository) > Access.NONE

    def person(self, login: str) -> Node:
        """A user, bot or organisation."""
        user = self.world.user(login)
        return Node(user.kind, user)

    def issue(self, number: int) -> Node | None:
        """An issue by its global id; None when it is gone or hidden."""
        found = self.world.issue_by_id(number)
        if found is None or not self.may_see(found[0]):
            return None
        return node_of(*found)

    def board(self, found: Board | None, wanted: str) -> Node:
        """A board, if there is one and the token may read boards. Raises Fault."""
        self.need_scope("read:project", "project")
        if found is None:
            raise Fault("NOT_FOUND", f"Could not resolve to a ProjectV2 with the {wanted}.")
        return Node("ProjectV2", found)

    def need_scope(self, *scopes: str) -> None:
        """Raises Fault unless the token was granted one of the scopes."""
        token = self.call.signed_in()
        if token.app or set(scopes) & set(token.scopes):
            return
        raise Fault(
            "INSUFFICIENT_SCOPES",
            "Your token has not been granted the required scopes to execute this query. This "
            f"field requires one of the following scopes: {sorted(scopes)}, but your token has "
            f"only been granted the: {sorted(token.scopes)} scopes.",
        )

    def writer(self, repository: Repository | None = None) -> Actor:
        """Who changes something. Raises Fault."""
        token = self.call.signed_in()
        access = self.call.access_to(repository) if repository else Access.WRITE
        if not token.may_write or access < Access.TRIAGE:
            raise Fault("FORBIDDEN", "Resource not accessible by personal access token")
        return Actor(token.login, access)

    def node(self, wanted: str) -> Node | Fault:
        """Whatever a node id names."""
        try:
            kind, number = read_node_id(wanted)
        except ValueError:
            kind, number = "", 0
        found = self._by_kind(kind, number)
        if found is None:
            message = f"Could not resolve to a node with the global id of '{wanted}'"
            return Fault("NOT_FOUND", message)
        return found

    def _by_kind(self, kind: str, number: int) -> Node | None:
        match kind:
            case "Issue" | "PullRequest":
                return self.issue(number)
            case "Repository":
                home = self.world.repositories.get(number)
                return Node(kind, home) if home and self.may_see(home) else None
            case "ProjectV2":
                board = self.world.boards.get(number)
                return Node(kind, board) if board else None
            case "ProjectV2Item":
                return self.item(number)
            case "User" | "Bot" | "Organization":
                people = self.world.users.values()
                return next((Node(one.kind, one) for one in people if one.id == number), None)
            case _:
                return None

    def item(self, number: int) -> Node | None:
        """A board's item by its id."""
        for board in self.world.boards.values():
            if number in board.items:
                return Node("ProjectV2Item", (board, board.items[number]))
        return None


def node_of(repository: Repository, issue: Issue) -> Node:
    """An issue or pull request."""
    return Node("PullRequest" if issue.pull else "Issue", (repository, issue))


def field_node(board: Board, one: BoardField) -> Node:
    """A field of a board."""
    kind = "ProjectV2SingleSelectField" if one.data_type == "SINGLE_SELECT" else "ProjectV2Field"
    return Node(kind, (board, one))


def value_node(board: Board, item: BoardItem, one: BoardField) -> Node | None:
    """An item's value of a field, None where it has none."""
    if one.id not in item.values:
        return None
    kinds = {"SINGLE_SELECT": "SingleSelect", "TEXT": "Text", "NUMBER": "Number", "DATE": "Date"}
    return Node(f"ProjectV2ItemField{kinds[one.data_type]}Value", (board, item, one))
