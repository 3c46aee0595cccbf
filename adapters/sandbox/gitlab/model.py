"""The values a GitLab state is made of. Frozen: every change makes a new one. Times are UTC."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, Literal, TypeAlias

from adapters.sandbox.core.access import Access
from mappings.item import UNSET, Unset

State: TypeAlias = Literal["opened", "closed"]
LinkType: TypeAlias = Literal["relates_to", "blocks", "is_blocked_by"]

#: What a new label looks like when nobody chose a colour.
GREY: Final = "#6699cc"

#: GitLab's limits in characters (its Issues API and ``issuable.rb``).
TITLE_LIMIT: Final = 255
BODY_LIMIT: Final = 1_048_576

TYPES: Final = ("issue", "incident", "test_case", "task")

#: What an incident's severity may be, in the spelling of GraphQL and of REST answers.
SEVERITIES: Final = ("UNKNOWN", "LOW", "MEDIUM", "HIGH", "CRITICAL")

#: docs.gitlab.com, "Permissions and roles": access levels of the members API.
LEVELS: Final = {
    Access.NONE: 0,
    Access.READ: 10,
    Access.TRIAGE: 20,
    Access.WRITE: 30,
    Access.ADMIN: 50,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How this GitLab behaves where tiers and installations differ.

    ``lag``: how long lists keep showing an issue as it was; ``search_lag``: how much longer
    those with ``search``. ``touch_every``: labels and notes move ``updated_at`` no more often.
    ``premium``: scoped labels exclude each other, several assignees, blocking links, statuses.
    """

    lag: timedelta = timedelta(0)
    search_lag: timedelta = timedelta(0)
    touch_every: timedelta = timedelta(minutes=1)
    premium: bool = True


@dataclass(frozen=True, slots=True)
class User:
    """Somebody, or the account of a project's or group's token."""

    id: int
    username: str
    name: str = ""
    bot: bool = False


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, and what they may do in the project at hand."""

    username: str
    access: Access = Access.WRITE

    @property
    def may_plan(self) -> bool:
        """Whether labels, assignees and dates are theirs to set: Reporter and above."""
        return self.access >= Access.TRIAGE


@dataclass(frozen=True, slots=True)
class Label:
    """A label of one project. Names differ by case."""

    id: int
    name: str
    color: str = GREY
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """A work item's status. One of the categories DONE and CANCELED closes."""

    id: str
    name: str
    category: Literal["TRIAGE", "TO_DO", "IN_PROGRESS", "DONE", "CANCELED"]

    @property
    def closes(self) -> bool:
        """Whether an item in it is closed."""
        return self.category in {"DONE", "CANCELED"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What somebody (or, ``system``, GitLab itself) said of issue ``iid``."""

    id: int
    iid: int
    author: str
    body: str
    created_at: datetime
    updated_at: datetime
    system: bool = False
    internal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """``source`` relates to or blocks ``target``; both are global ids."""

    id: int
    source: int
    target: int
    kind: Literal["relates_to", "blocks"]
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """An issue as it is at one moment.

    ``labels`` are label ids, ``assignees`` usernames. ``status`` is a status's id, "" for the
    usual one of its state. Lists show this state from ``shown_from`` on.
    """

    id: int
    iid: int
    title: str
    author: str
    created_at: datetime
    updated_at: datetime
    shown_from: datetime
    description: str | None = None
    state: State = "opened"
    labels: tuple[int, ...] = ()
    assignees: tuple[str, ...] = ()
    due_date: date | None = None
    issue_type: str = "issue"
    severity: str = "UNKNOWN"
    status: str = ""
    confidential: bool = False
    locked: bool = False
    closed_at: datetime | None = None
    closed_by: str | None = None
    moved_to: int | None = None
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What a request wants to be different. ``labels`` replaces, the other two add and remove."""

    title: str | Unset = UNSET
    description: str | None | Unset = UNSET
    event: Literal["close", "reopen"] | Unset = UNSET
    labels: tuple[str, ...] | Unset = UNSET
    add_labels: tuple[str, ...] = ()
    remove_labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] | Unset = UNSET
    due_date: date | None | Unset = UNSET
    issue_type: str | Unset = UNSET
    severity: str | Unset = UNSET
    status: str | Unset = UNSET
    confidential: bool | Unset = UNSET
    locked: bool | Unset = UNSET
    #: What quick actions in a text asked for besides: (command, argument).
    orders: tuple[tuple[str, str], ...] = field(default=())


def milli(moment: datetime) -> datetime:
    """The moment as GitLab shows it: whole milliseconds."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def written(moment: datetime) -> str:
    """A moment in GitLab's spelling."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"
