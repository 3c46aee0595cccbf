"""A new GitHub as a sandbox wants it: people, tokens and repositories from the start."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from adapters.sandbox.core.access import Access, Token
from adapters.sandbox.core.tracker import Wanted
from adapters.sandbox.github.model import Habits
from adapters.sandbox.github.state import GitHubState
from adapters.sandbox.github.tracker import GitHubTracker

#: The login behind the token a sandbox is given.
BOT: Final = "octo-bot"

#: People who exist from the start and may be assigned.
PEOPLE: Final = ("maria", "devon", "zoe", BOT)


def build(wanted: Wanted) -> GitHubTracker:
    """The tracker; a reset makes its state anew in the same way. Raises ValueError."""

    def state() -> GitHubState:
        made = GitHubState(wanted.clock, Habits(lag=timedelta(seconds=wanted.lag)))
        for name in PEOPLE:
            made.user(name, name.capitalize() if name != BOT else "")
        for token in (Token(wanted.token, BOT), *wanted.tokens):
            # Each state counts its own uses, so that a reset revives what ended by count.
            made.add_token(replace(token, used=0))
        for project in wanted.projects:
            repository = made.add_repository(project)
            repository.people |= dict.fromkeys(PEOPLE, Access.WRITE)
        if wanted.setup is not None:
            wanted.setup(made)
        return made

    return GitHubTracker(state, wanted.limits)
