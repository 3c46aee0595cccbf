"""The values a GitHub state is made of. Frozen: every change makes a new one. Times are UTC."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

from adapters.sandbox.core.access import Access
from mappings.item import UNSET, Unset

State: TypeAlias = Literal["open", "closed"]
Reason: TypeAlias = Literal["completed", "not_planned", "duplicate", "reopened"]

#: What a new label looks like when nobody chose a colour.
GREY: Final = "ededed"

#: GitHub's limits in characters, as its refusals state them.
TITLE_LIMIT: Final = 256
BODY_LIMIT: Final = 65_536
LABEL_LIMIT: Final = 50

#: An edit with a longer body (in bytes) is answered 200 and not stored; measured by users.
SILENT_BODY_BYTES: Final = 262_144


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How this GitHub behaves where the real one varies or does not say.

    ``lag``: how long lists keep showing an issue as it was. ``unknown_labels``: a label that
    does not exist is dropped, created, or the request refused with 403.
    """

    lag: timedelta = timedelta(0)
    unknown_labels: Literal["drop", "create", "refuse"] = "drop"


@dataclass(frozen=True, slots=True)
class User:
    """Somebody, or an organisation."""

    id: int
    login: str
    name: str = ""
    kind: Literal["User", "Bot", "Organization"] = "User"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, and what they may do here."""

    login: str
    access: Access = Access.WRITE

    @property
    def may_push(self) -> bool:
        """Whether labels, assignees, milestone and type are theirs to set."""
        return self.access >= Access.TRIAGE


@dataclass(frozen=True, slots=True)
class Label:
    """A label of one repository. Names are unique whatever their case."""

    id: int
    name: str
    color: str = GREY
    description: str | None = None
    default: bool = False


@dataclass(frozen=True, slots=True)
class IssueField:
    """A field an organisation defined for its issues: a single select of ``options``."""

    id: int
    name: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """A milestone; ``due_on`` is kept as the text GitHub was given."""

    id: int
    number: int
    title: str
    creator: str
    created_at: datetime
    updated_at: datetime
    state: State = "open"
    description: str | None = None
    due_on: str | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A comment on issue ``number``."""

    id: int
    number: int
    author: str
    body: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to issue ``number``; ``detail`` is what GitHub adds for its kind."""

    id: int
    number: int
    event: str
    actor: str
    created_at: datetime
    detail: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """An issue (or pull request) as it is at one moment.

    ``labels`` are label ids, ``children`` and ``parent`` issue ids, ``fields`` pairs of an
    organisation field's id and option. ``updated_at`` is the whole second GitHub shows;
    lists show this state from ``shown_from`` on.
    """

    id: int
    number: int
    title: str
    author: str
    created_at: datetime
    updated_at: datetime
    shown_from: datetime
    body: str | None = None
    state: State = "open"
    reason: Reason | None = None
    labels: tuple[int, ...] = ()
    assignees: tuple[str, ...] = ()
    milestone: int | None = None
    type: str | None = None
    fields: tuple[tuple[int, str], ...] = ()
    comments: int = 0
    closed_at: datetime | None = None
    closed_by: str | None = None
    parent: int | None = None
    children: tuple[int, ...] = ()
    locked: bool = False
    pull: bool = False
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What a request wants to be different. Labels by name, milestone by number.

    ``fields`` are added to those an issue has; an empty value takes one away.
    """

    title: str | Unset = UNSET
    body: str | None | Unset = UNSET
    state: State | Unset = UNSET
    reason: Reason | None | Unset = UNSET
    labels: tuple[str, ...] | Unset = UNSET
    assignees: tuple[str, ...] | Unset = UNSET
    milestone: int | None | Unset = UNSET
    type: str | None | Unset = UNSET
    fields: tuple[tuple[int, str], ...] | Unset = UNSET


def node_id(kind: str, number: int) -> str:
    """The opaque id GraphQL and REST share, in GitHub's older spelling."""
    return base64.b64encode(f"{len(kind):03}:{kind}{number}".encode()).decode()


def read_node_id(text: str) -> tuple[str, int]:
    """Kind and number behind a node id. Raises ValueError for anything else."""
    plain = base64.b64decode(text, validate=True).decode("ascii")
    size, _, rest = plain.partition(":")
    kind, number = rest[: int(size)], rest[int(size) :]
    return kind, int(number)


def second(moment: datetime) -> datetime:
    """The moment as GitHub stores it: whole seconds."""
    return moment.replace(microsecond=0)


def browser(text: str | None) -> str | None:
    """Text as a browser's form sends it: every line ends in CRLF."""
    if text is None:
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
