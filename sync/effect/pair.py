"""A pair ready to be run, and what one run of it is given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from adapters.base import Connection, Project
from adapters.seams import Seams
from mappings.vocabulary import Side
from sync.decide.policy import Policy
from sync.rules.settings import RuleSettings
from sync.store import Store


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two open projects kept in step. ``key`` signs the markers; ``names`` are the connections'.

    ``rules`` is what the incident process demands here; None judges nothing. ``postmortems`` is the
    folder that holds this pair's, if there is one. ``beside`` is the name of the pair that follows
    other documents in the same tracker project: a pair's postmortems, or their pair's incidents.
    ``words`` differs whenever the profile does: what was read with other words is read again.
    """

    name: str
    projects: Mapping[Side, Project]
    connections: Mapping[Side, Connection]
    names: Mapping[Side, str]
    policy: Policy
    key: bytes
    rules: RuleSettings | None = None
    postmortems: Project | None = None
    beside: str = ""
    words: str = ""


#: Told what is being done: stage, how many are done, of how many (None: not known), and on what.
Progress = Callable[[str, int, int | None, str], None]


def silent(_stage: str, _done: int, _total: int | None, _what: str) -> None:
    """Progress nobody watches."""


def never() -> bool:
    """Nobody asked to stop."""
    return False


@dataclass(frozen=True, kw_only=True)
class Run:
    """One cycle under way: who may write (``fence``), and when to stop between operations.

    ``unread`` are the links with a write whose outcome could not be looked at: what their items say
    may be our own doing, so nobody judges them in this cycle.
    """

    pair: Pair
    store: Store
    seams: Seams
    fence: int
    number: int
    progress: Progress = silent
    stop: Callable[[], bool] = never
    unread: set[int] = field(default_factory=set)
