"""A whole GitHub in memory: users, tokens, repositories. Pure and deterministic.

Nothing here knows HTTP. Time comes from the clock passed in, numbers from counters, so the
same calls give the same state. Refusals are :class:`~adapters.sandbox.core.tracker.Refused`
with the status and words GitHub uses.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Literal

from adapters.sandbox.core.access import Access, Token
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.github.board import Board, BoardField, BoardItem
from adapters.sandbox.github.family import rewrite
from adapters.sandbox.github.model import Habits, Issue, IssueField, User
from adapters.sandbox.github.repository import Repository
from adapters.seams import Clock

#: An installation's token lives this long (GitHub Apps documentation).
INSTALLATION_LIFE = timedelta(hours=1)


class GitHubState:
    """Users, tokens, repositories and boards; everything else hangs on a repository."""

    def __init__(self, clock: Clock, habits: Habits | None = None) -> None:
        self.clock = clock
        self.habits = habits or Habits()
        self.users: dict[str, User] = {}
        self.repositories: dict[int, Repository] = {}
        self.boards: dict[int, Board] = {}
        self.issue_fields: dict[int, IssueField] = {}
        self.family_epoch = 0
        self.app_slug = "followthrough"
        self._names: dict[str, int] = {}
        self._tokens: dict[str, Token] = {}
        self._counts: Counter[str] = Counter()

    def next_id(self, kind: str, first: int = 1) -> int:
        """The next number of a kind; the first is ``first``."""
        self._counts[kind] += 1
        return first + self._counts[kind] - 1

    def set_habits(
        self,
        *,
        lag: float | None = None,
        unknown_labels: Literal["drop", "create", "refuse"] | None = None,
    ) -> None:
        """Behave otherwise from now on; ``lag`` in seconds. None leaves a habit as it is."""
        if lag is not None:
            self.habits = replace(self.habits, lag=timedelta(seconds=lag))
        if unknown_labels is not None:
            self.habits = replace(self.habits, unknown_labels=unknown_labels)

    # Users and tokens

    def user(
        self, login: str, name: str = "", kind: Literal["User", "Bot", "Organization"] = "User"
    ) -> User:
        """The user of that login, made when there is none."""
        key = login.lower()
        if key not in self.users:
            self.users[key] = User(self.next_id("user", 5001), login, name or login, kind)
        return self.users[key]

    def add_token(self, token: Token) -> Token:
        """Let a credential in; its user is made if need be."""
        self.user(token.login, kind="Bot" if token.app else "User")
        self._tokens[token.secret] = token
        return token

    def token(self, secret: str) -> Token | None:
        """The live credential behind a secret, else None. Counts the use."""
        token = self._tokens.get(secret)
        if token is None or not token.alive(self.clock.now()):
            return None
        token.used += 1
        return token

    def revoke(self, secret: str) -> None:
        """End a credential at once."""
        self._tokens.pop(secret, None)

    def tokens(self) -> Iterator[Token]:
        """Every credential, dead or alive."""
        return iter(self._tokens.values())

    def installation_token(self, app: str, installation: int) -> Token:
        """A new hour-long token of an app's installation."""
        number = self.next_id("installation token")
        digest = hashlib.sha256(f"{app}:{installation}:{number}".encode()).hexdigest()
        return self.add_token(
            Token(
                secret=f"ghs_{digest[:36]}",
                login=f"{app}[bot]",
                everywhere=Access.WRITE,
                scopes=(),
                app=True,
                expires_at=self.clock.now() + INSTALLATION_LIFE,
            )
        )

    # Repositories

    def add_repository(
        self,
        full_name: str,
        *,
        private: bool = False,
        owner_kind: Literal["User", "Organization"] = "Organization",
    ) -> Repository:
        """A new repository "owner/name" with GitHub's first labels. Raises ValueError."""
        owner, slash, name = full_name.partition("/")
        if not (owner and slash and name) or "/" in name:
            raise ValueError(f'a repository is named "owner/name", not "{full_name}"')
        if full_name.lower() in self._names:
            raise ValueError(f"{full_name} is there already")
        self.user(owner, kind=owner_kind)
        repository = Repository(
            self, self.next_id("repository", 1001), owner, name, private=private
        )
        self.repositories[repository.id] = repository
        self._names[full_name.lower()] = repository.id
        return repository

    def repository(self, full_name: str) -> Repository:
        """The repository of that name, present or former. Raises Refused (404)."""
        number = self._names.get(full_name.lower())
        if number is None:
            raise Refused(404, "Not Found")
        return self.repositories[number]

    def rename(self, repository: Repository, full_name: str) -> None:
        """Give it another name, and owner perhaps; the old name leads to it from now on."""
        owner, _, name = full_name.partition("/")
        self.user(owner, kind="Organization")
        repository.owner, repository.name = owner, name
        repository.changed()
        self._names[full_name.lower()] = repository.id

    def issue_by_id(self, number: int) -> tuple[Repository, Issue] | None:
        """An issue by its global id, wherever it is."""
        for repository in self.repositories.values():
            issue = repository.by_id(number)
            if issue is not None:
                return repository, issue
        return None

    def transfer(self, source: Repository, number: int, target: Repository) -> Issue:
        """Move an issue to another repository; the old number redirects."""
        issue = source.get(number)
        moved = target.take_in(issue, [source.label_name(label) for label in issue.labels])
        for comment in source.comments_of(number):
            target.comments[comment.id] = replace(comment, number=moved.number)
        rewrite(self, issue, moved.id)
        source.send_away(number, target.id, moved.number)
        return moved

    # Boards (Projects v2) and organisation fields

    def add_board(self, owner: str, title: str, options: tuple[str, ...]) -> Board:
        """A board with one single-select field "Status" of these options."""
        number = 1 + sum(board.owner.lower() == owner.lower() for board in self.boards.values())
        self.user(owner, kind="Organization")
        status = BoardField(self.next_id("board field"), "Status", "SINGLE_SELECT", options)
        board = Board(self.next_id("board"), owner, number, title, fields=[status])
        self.boards[board.id] = board
        return board

    def add_board_field(self, board: Board, name: str, data_type: str) -> BoardField:
        """A further field of a board: TEXT, NUMBER, DATE or SINGLE_SELECT (without options)."""
        made = BoardField(self.next_id("board field"), name, data_type)
        board.fields.append(made)
        return made

    def on_board(self, board: Board, issue: int) -> BoardItem:
        """The item that stands for an issue (by id), added when there is none."""
        found = board.item_of(issue)
        if found is None:
            now = self.clock.now()
            found = BoardItem(self.next_id("board item"), issue, now, now)
            board.items[found.id] = found
        return found

    def add_issue_field(self, name: str, options: tuple[str, ...]) -> IssueField:
        """An organisation's own issue field, a single select of these options."""
        made = IssueField(self.next_id("issue field", 51), name, options)
        self.issue_fields[made.id] = made
        return made
