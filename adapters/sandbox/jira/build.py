"""A new Jira as a sandbox wants it: people, tokens and projects from the start."""

from dataclasses import replace
from datetime import timedelta
from typing import Final, cast, get_args

from adapters.sandbox.core.access import Access, Token
from adapters.sandbox.core.tracker import Wanted
from adapters.sandbox.jira.model import Flavour, Habits
from adapters.sandbox.jira.state import JiraState
from adapters.sandbox.jira.tracker import JiraTracker

#: The login behind the token a sandbox is given; its address is login@example.com.
BOT: Final = "followthrough-bot"

#: People who exist from the start and may be assigned.
PEOPLE: Final = ("maria", "devon", "zoe", BOT)


def build(wanted: Wanted) -> JiraTracker:
    """The tracker; a reset makes its state anew in the same way. Raises ValueError.

    A project is a key, or a key, a colon and a template: ``PAY``, ``OPS:service``, ``WEB:team``.
    """
    flavour = wanted.flavour or "cloud"
    if flavour not in get_args(Flavour):
        raise ValueError(f'no flavour "{flavour}" of Jira; known: {", ".join(get_args(Flavour))}')

    def state() -> JiraState:
        habits = Habits(lag=timedelta(seconds=wanted.lag))
        made = JiraState(wanted.clock, cast("Flavour", flavour), habits)
        for name in PEOPLE:
            made.user(name, name.capitalize() if name != BOT else "")
        for token in (Token(wanted.token, BOT), *wanted.tokens):
            # Each state counts its own uses, so that a reset revives what ended by count.
            made.add_token(replace(token, used=0))
        for text in wanted.projects:
            key, _, template = text.partition(":")
            project = made.add_project(key, template or "classic")
            project.people |= dict.fromkeys(PEOPLE, Access.WRITE)
        if wanted.setup is not None:
            wanted.setup(made)
        return made

    return JiraTracker(state, wanted.limits)
