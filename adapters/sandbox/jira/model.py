"""The values a Jira state is made of. Frozen: every change makes a new one. Times are UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

from adapters.sandbox.core.access import Access

Flavour: TypeAlias = Literal["cloud", "datacenter"]

#: A status is of one of three categories (Jira's REST reference, StatusCategory).
Category: TypeAlias = Literal["new", "indeterminate", "done"]

#: Jira's limits in characters, as its refusals state them.
SUMMARY_LIMIT: Final = 255
TEXT_LIMIT: Final = 32_767
LABEL_LIMIT: Final = 255
PROPERTY_LIMIT: Final = 32_768
PROPERTY_KEY_LIMIT: Final = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How this Jira behaves where the real one varies.

    ``lag``: how long searches keep showing an issue as it was. ``issue_writes``: how many
    writes one issue takes in each ``issue_window`` (Cloud documents 20 in 2 s); None is no
    limit. ``strangers``: a bad credential is refused, or served as nobody in particular, who
    finds nothing. ``indexed``: entity properties that JQL may ask for. ``reflow``: wiki markup is
    stored as a document, so that it comes back in the words given but not in their layout.
    ``task``: how long it takes until many issues are moved by one request.
    """

    lag: timedelta = timedelta(0)
    issue_writes: int | None = None
    issue_window: timedelta = timedelta(seconds=2)
    strangers: Literal["refuse", "empty"] = "refuse"
    indexed: frozenset[str] = frozenset()
    reflow: bool = False
    task: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody. ``zone`` is an IANA time zone, as their profile has it."""

    id: int
    login: str
    account_id: str
    name: str
    email: str
    zone: str = "Etc/UTC"
    active: bool = True
    app: bool = False

    @property
    def key(self) -> str:
        """What Data Center calls them inside."""
        return f"JIRAUSER{self.id}"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, and what they may do."""

    login: str
    access: Access = Access.ADMIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A place in workflows. ``project`` (id) owns it in a team-managed project."""

    id: str
    name: str
    category: Category
    project: int | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """A priority, resolution, component or option: an id and a name."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class IssueType:
    """A kind of issue. ``level`` is 1 for an epic, -1 for a subtask."""

    id: str
    name: str
    level: int = 0
    project: int | None = None


@dataclass(frozen=True, slots=True)
class LinkType:
    """A kind of link and what it is called from either side."""

    id: str
    name: str
    inward: str
    outward: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldKind:
    """A field: what it holds, and for a custom one its ``options`` and where it is required.

    ``required`` are issue type names, ``("*",)`` for all.
    """

    id: str
    name: str
    holds: str
    options: tuple[Named, ...] = ()
    required: tuple[str, ...] = ()

    @property
    def custom(self) -> bool:
        """Whether an administrator made it."""
        return self.id.startswith("customfield_")


@dataclass(frozen=True, slots=True)
class Rich:
    """Text with its two spellings: wiki markup, and the document if it was given as one."""

    wiki: str
    document: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A comment on issue ``issue`` (id)."""

    id: int
    issue: int
    author: str
    body: Rich
    created_at: datetime
    updated_at: datetime
    properties: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """``source`` is what the type's outward name says to ``target`` (issue ids)."""

    id: int
    type: str
    source: int
    target: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteLink:
    """A link from an issue to a place elsewhere; ``told`` is what was given besides."""

    id: int
    issue: int
    global_id: str
    told: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What somebody changed about an issue at once."""

    id: int
    issue: int
    author: str
    at: datetime
    items: tuple[Mapping[str, object], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """An issue as it is at one moment.

    ``project``, ``parent`` are ids; ``type``, ``status``, ``priority`` and ``resolution`` ids
    as text. ``custom`` are pairs of a custom field's id and value. Searches show this state
    from ``shown_from`` on.
    """

    id: int
    key: str
    project: int
    number: int
    summary: str
    type: str
    status: str
    reporter: str | None
    creator: str
    created_at: datetime
    updated_at: datetime
    shown_from: datetime
    moved_at: datetime
    description: Rich | None = None
    environment: Rich | None = None
    priority: str | None = None
    resolution: str | None = None
    resolved_at: datetime | None = None
    labels: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    assignee: str | None = None
    due: str | None = None
    parent: int | None = None
    custom: tuple[tuple[str, object], ...] = ()
    archived: bool = False
    version: int = field(default=1)


def millisecond(moment: datetime) -> datetime:
    """The moment as Jira stores it: whole milliseconds."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def browser(text: str) -> str:
    """Text as a browser's form sends it: every line ends in CRLF."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
