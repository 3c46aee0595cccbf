"""A new GitLab as a sandbox wants it: people, tokens and projects from the start."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from adapters.sandbox.core.access import Access, Token
from adapters.sandbox.core.tracker import Wanted
from adapters.sandbox.gitlab.model import Habits
from adapters.sandbox.gitlab.state import GitLabState
from adapters.sandbox.gitlab.tracker import GitLabTracker

#: The username behind the token a sandbox is given; a project token's account is named so.
BOT: Final = "project_77_bot"

#: People who exist from the start and may be assigned.
PEOPLE: Final = ("maria", "devon", "zoe", BOT)


def build(wanted: Wanted) -> GitLabTracker:
    """The tracker; a reset makes its state anew in the same way. Raises ValueError."""

    def state() -> GitLabState:
        made = GitLabState(wanted.clock, Habits(lag=timedelta(seconds=wanted.lag)))
        for name in PEOPLE:
            made.user(name, bot=name == BOT)
        for token in (Token(wanted.token, BOT), *wanted.tokens):
            # Each state counts its own uses, so that a reset revives what ended by count.
            made.add_token(replace(token, used=0))
        for path in wanted.projects:
            made.add_project(path).people |= dict.fromkeys(PEOPLE, Access.WRITE)
        if wanted.setup is not None:
            wanted.setup(made)
        return made

    return GitLabTracker(state, wanted.limits)
