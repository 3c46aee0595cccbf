"""The contract between followthrough and a home for items.

Blocking functions only; values in, values out. An adapter never decides what to do: it
reads, writes one thing, and says truthfully what happened. ``adapters/conformance`` holds
these sentences as tests.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeAlias

from adapters.errors import AdapterError, Unsupported
from mappings.item import Draft, Fields, Item, Patch, Ref
from mappings.postmortem.model import Postmortem
from mappings.problem import Problem
from mappings.profile import Profile
from mappings.vocabulary import Field, Phase

#: Where the next reading begins: opaque text that only its adapter understands.
Cursor: TypeAlias = str


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a home can hold and how it behaves. Claims are tested both ways.

    ``writes``: fields that ``create`` and ``update`` can store. ``notes``: has comments.
    ``labels``: takes labels of any name. ``conditional_writes``: the home itself refuses a stale
    write. ``absence_visible``: every complete reading tells which items exist (folders).
    ``overlap``: how far a reading reaches behind its cursor, longer than the home's listing lag.
    ``find_lag``: how long after a create ``find`` may still miss it. Limits are in characters;
    None is "none".
    ``creates``: items can be made there by us. ``refers``: what an item is tracked by stands in its
    text (Item.references), and an update writes it there. ``bulk``: so many drafts are worth one
    call of ``create_many``. ``together``: fields that ``update_many`` changes for many items by few
    requests; they are left out of the drafts for ``create_many`` and set that way afterwards.
    ``follows``: items have no id of their own; a sweep too is given the last cursor, which holds
    what they are followed by.
    """

    writes: frozenset[Field]
    notes: bool = False
    labels: bool = False
    conditional_writes: bool = False
    absence_visible: bool = False
    creates: bool = True
    refers: bool = False
    bulk: int = 1
    together: frozenset[Field] = frozenset()
    follows: bool = False
    cursor_grain: timedelta = timedelta(seconds=1)
    overlap: timedelta = timedelta(0)
    find_lag: timedelta = timedelta(0)
    title_limit: int | None = None
    body_limit: int | None = None

    def require(self, fields: Fields) -> None:
        """Raise Unsupported (E128) for a set field that is not in ``writes``: said, not ignored."""
        lacking = [name.value for name in fields.values() if name not in self.writes]
        if lacking:
            raise Unsupported(Problem("E128", f"{', '.join(lacking)} cannot be kept here."))


@dataclass(frozen=True, slots=True)
class Check:
    """One line of ``followthrough check``: what was looked at, whether it is right, the remedy."""

    name: str
    ok: bool
    detail: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """Who we are at this connection. ``user`` is the name our writes carry as author."""

    adapter: str
    user: str = ""
    version: str = ""
    url: str = ""
    server_time: datetime | None = None
    expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a rate-limited home last said of itself; None where it has said nothing."""

    limit: int | None = None
    remaining: int | None = None
    reset: datetime | None = None
    blocked_until: datetime | None = None
    requests: int = field(default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectInfo:
    """What a project is. ``public`` is None when the home cannot say."""

    id: str
    key: str
    url: str = ""
    public: bool | None = None
    archived: bool = False
    statuses: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Broken:
    """One item that could not be read. ``id`` is its identity as far as it could be told,
    ``marker`` the mark that its text still bears.
    """

    id: str
    problem: Problem
    marker: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One step of a reading.

    ``cursor`` may be stored once every page up to this one was recorded. ``last`` is set on
    the final page and nowhere else: a reading that ends without it was cut short and proves no
    absence. ``sweep``: the reading covers every item there is. ``present``: ids that exist,
    whether or not they changed (only homes with ``absence_visible``, on the last page; such a home
    also names everything that is broken in each reading). ``removed``: of those that do not, the
    ones that somebody took out of a document which is still there. ``moved``: ids of what is shown
    here and lives elsewhere now. ``notices``: what a person should know of the project and nothing
    fails for, on the last page of each reading. ``server_time``: the home's clock when the page was
    served.
    """

    items: tuple[Item, ...] = ()
    broken: tuple[Broken, ...] = ()
    cursor: Cursor | None = None
    last: bool = False
    sweep: bool = False
    present: frozenset[str] | None = None
    removed: frozenset[str] = frozenset()
    moved: frozenset[str] = frozenset()
    notices: tuple[Problem, ...] = ()
    server_time: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What ``find`` saw. ``conclusive``: absence is proved (every item made since was looked
    at by direct reading), not merely presumed from a listing. Where one answer may be wrong, the
    proof has to be given twice, ``again`` apart.
    """

    items: tuple[Item, ...] = ()
    conclusive: bool = False
    again: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment on an item: who wrote it, its text, its address, and when it was written (UTC;
    None where its home does not tell).
    """

    by: str
    text: str
    url: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One postmortem of a folder of them. ``place`` is its path there, its name for good.

    ``reading`` is None for one that could not be read; ``problem`` then says why. ``written_at``
    is when it first appeared, where its home knows (UTC). ``actions`` are the refs of its action
    items, in the order of the reading's; empty where its home gives them none.
    """

    place: str
    name: str
    url: str = ""
    reading: Postmortem | None = None
    problem: Problem | None = None
    written_at: datetime | None = None
    actions: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One update of several; its parts are what :meth:`Project.update` takes."""

    ref: Ref
    patch: Patch
    expect: str | None = None


def as_made(first: Item, last: Item, later: Collection[Field]) -> Item:
    """A new item that took several requests. ``later`` are the fields that only those after the
    first can set; all others are as the first answer had them: whoever changed one of them
    meanwhile was a person, and that must show as a change.
    """
    values = {name.value: first.get(name) for name in Field if name not in later}
    return replace(last, **values)  # type: ignore[arg-type]


class Project(ABC):
    """One container of items. Opened with the pair's profile, so that items speak its words."""

    capabilities: Capabilities

    @abstractmethod
    def describe(self) -> ProjectInfo:
        """What this project is; may read. Raises any :class:`AdapterError`."""

    @abstractmethod
    def changed(self, cursor: Cursor | None) -> Iterator[Page]:
        """Items changed since ``cursor``; everything when it is None (a sweep).

        A cursor it cannot read (another version wrote it) is none. An item may appear that did
        not change; none that changed may be left out. One unreadable item goes into ``broken``
        and stops nothing.
        """

    @abstractmethod
    def fetch(self, ref: Ref) -> Item | None:
        """The item as it is now. None only on proof that it was deleted.

        Raises Missing when it cannot be seen, Moved when it lives elsewhere.
        """

    @abstractmethod
    def create(self, draft: Draft) -> Item:
        """Make one item carrying ``draft.marker`` and return what the home stored.

        At most one effect per call. Raises UnknownOutcome when the answer was lost.
        """

    def create_many(self, drafts: Sequence[Draft]) -> list[Item | AdapterError]:
        """Make several items; for each draft, in their order, what :meth:`create` would have
        returned or raised. One that is refused stops no other.
        """
        made: list[Item | AdapterError] = []
        for draft in drafts:
            try:
                made.append(self.create(draft))
            except AdapterError as error:
                made.append(error)
        return made

    @abstractmethod
    def update(self, ref: Ref, patch: Patch, expect: str | None) -> Item:
        """Change only the fields in ``patch``; return what the home stored.

        ``expect`` is the revision the change was planned against; a different one raises
        PreconditionFailed and changes nothing. None skips the test.
        """

    def update_many(self, changes: Sequence[Change]) -> list[Item | AdapterError]:
        """Change several items; for each, in their order, what :meth:`update` would have returned
        or raised. One that is refused stops no other.
        """
        stored: list[Item | AdapterError] = []
        for one in changes:
            try:
                stored.append(self.update(one.ref, one.patch, one.expect))
            except AdapterError as error:
                stored.append(error)
        return stored

    @abstractmethod
    def find(self, marker: str, since: datetime, hint: str) -> Found:
        """Items that carry ``marker``, made at or after ``since``; by listing or direct
        reading, never by search alone. ``hint`` is what :meth:`hint` said before the create.
        """

    def hint(self) -> str:
        """Where the next created item will appear, as far as known without a request."""
        return ""

    def note(self, ref: Ref, key: str, text: str) -> None:
        """One comment per ``key``, edited in place, carrying the key's marker."""
        raise Unsupported(Problem("E128", "comments cannot be kept here."))

    def tag(self, ref: Ref, name: str, *, on: bool) -> Item:
        """Put one label on an item, made first where there is none, or take it off.

        Nothing else changes; what is so already is success. Returns what the home stored.
        """
        raise Unsupported(Problem("E128", "labels cannot be kept here."))

    def comments(self, ref: Ref) -> Iterator[Comment]:
        """An item's comments, oldest first; may read. Nothing where there are none."""
        return iter(())

    def documents(self) -> Iterator[Document]:
        """Every postmortem, for a folder of them. Ends by itself only when all were listed.

        One that cannot be read is told with its problem and stops nothing.
        """
        return iter(())

    def lacks(self, changes: Iterable[Draft | Patch]) -> tuple[str, ...]:
        """Names of things (labels) that must be prepared before ``changes`` can be stored."""
        return ()

    def prepare(self, name: str) -> None:
        """Make one thing named by :meth:`lacks`; already existing is success."""

    def route(self, item: Item, phase: Phase) -> tuple[Phase, ...]:
        """The legal steps from the item's phase to ``phase``, the last one included; pure.

        ``item`` has the resolution that it is to have then: dropped work may take another way.
        Raises Rejected when there is no way.
        """
        return (phase,)

    def passes(self, item: Item, phase: Phase) -> tuple[Phase, ...]:
        """Phases besides those of its route in which this home may leave an item whose way to
        ``phase`` is cut short, because the way takes several requests; pure.
        """
        return ()

    def propose(self, profile: Profile) -> Profile:
        """``profile`` in the words that are in use here, for whoever begins; writes nothing."""
        return profile

    @abstractmethod
    def canonical(self, item: Item) -> Item:
        """The item in the form this home would give back after storing it; pure.

        Fields it cannot hold become UNSET.
        """

    def check(self) -> Iterator[Check]:
        """Everything ``followthrough check`` should prove about this project; writes nothing."""
        try:
            info = self.describe()
        except AdapterError as error:
            yield Check("project", ok=False, detail=str(error), remedy=error.problem.remedy)
            return
        yield Check("project", ok=True, detail=info.key)


class Connection(ABC):
    """One host and credential, or one folder."""

    capabilities: Capabilities

    @abstractmethod
    def describe(self) -> Description:
        """Who we are here and what we may do. Raises AuthFailed."""

    @abstractmethod
    def open(self, project: str, profile: Profile) -> Project:
        """One project by the name settings give it ("" where there is only one)."""

    def poll(self, wanted: Mapping[Project, Cursor | None]) -> Iterator[tuple[Project, Page]]:
        """Read several projects; override where one request covers many."""
        for project, cursor in wanted.items():
            for page in project.changed(cursor):
                yield project, page

    def check(self) -> Iterator[Check]:
        """Everything ``followthrough check`` should prove about this connection."""
        try:
            me = self.describe()
        except AdapterError as error:
            yield Check("connection", ok=False, detail=str(error), remedy=error.problem.remedy)
            return
        yield Check("connection", ok=True, detail=f"{me.adapter} as {me.user or 'local files'}")

    def budget(self) -> Budget:
        """What the home last said of its limits; makes no request."""
        return Budget()

    def close(self) -> None:
        """Give back sockets and locks."""
