"""Two homes in memory, a clock that stands still until told, and a pair over them."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from types import SimpleNamespace

import pytest

from adapters.base import (
    Capabilities,
    Connection,
    Description,
    Found,
    Page,
    Project,
    ProjectInfo,
)
from adapters.errors import Missing, PreconditionFailed
from adapters.seams import Seams
from mappings.item import Item, Ref
from mappings.problem import Problem
from mappings.vocabulary import Field, Kind, Phase, Side
from sync.decide.policy import Policy
from sync.effect.pair import Pair
from sync.store import Store

KEY = b"k" * 32


class FakeClock:
    def __init__(self):
        self.at = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def now(self):
        return self.at

    def monotonic(self):
        return self.at.timestamp()

    def sleep(self, seconds):
        self.at += timedelta(seconds=seconds)


@dataclass
class FakeHome(Project):
    """A tracker (or, with ``folder``, documents) that does what it is told, and can fail."""

    clock: FakeClock
    prefix: str
    folder: bool = False
    items: dict = field(default_factory=dict)
    before: list = field(default_factory=list)
    after: list = field(default_factory=list)
    calls: list = field(default_factory=list)
    lacking: tuple = ()
    conclusive: bool = True
    public: bool | None = None
    lag: timedelta = timedelta(0)

    def __post_init__(self):
        self.capabilities = Capabilities(
            writes=frozenset(Field) - ({Field.OWNERS, Field.DUE} if self.folder else set()),
            absence_visible=self.folder,
            find_lag=timedelta(minutes=15),
        )
        self.number = 0

    __hash__ = object.__hash__

    def describe(self):
        return ProjectInfo(id=self.prefix, key=self.prefix, public=self.public)

    def changed(self, cursor):
        self.calls.append(("changed", cursor))
        seen = int(cursor or 0)
        shown = [i for i in self.items.values() if self._visible(i)]
        page = [i for i in shown if cursor is None or int(i.revision) > seen]
        top = max([seen, *(int(i.revision) for i in shown)])
        yield Page(
            items=tuple(page),
            cursor=str(top),
            last=True,
            sweep=cursor is None or self.folder,
            present=frozenset(self.items) if self.folder else None,
            server_time=self.clock.now(),
        )

    def _visible(self, item):
        return item.updated_at is None or item.updated_at + self.lag <= self.clock.now()

    def fetch(self, ref):
        if ref.id not in self.items:
            raise Missing(Problem("E210", f"cannot see {ref.id}"))
        return self.items[ref.id]

    def create(self, draft):
        self._act(self.before)
        values = {n.value: v for n, v in draft.values().items()}
        item = self.put(kind=draft.kind, marker=draft.marker, text=draft.text, **values)
        self._act(self.after)
        self.calls.append(("create", item.ref.id))
        return item

    def update(self, ref, patch, expect):
        self._act(self.before)
        now = self.items[ref.id]
        if expect is not None and now.revision != expect:
            raise PreconditionFailed(Problem("E126", f"{ref.id} changed meanwhile"))
        item = self.edit(ref.id, **{n.value: v for n, v in patch.values().items()})
        self._act(self.after)
        self.calls.append(("update", ref.id, sorted(patch.values())))
        return item

    def find(self, marker, since, hint):
        found = [i for i in self.items.values() if i.marker == marker]
        return Found(tuple(found), self.conclusive)

    def lacks(self, changes):
        return self.lacking

    def prepare(self, name):
        self.calls.append(("prepare", name))
        self.lacking = tuple(one for one in self.lacking if one != name)

    def canonical(self, item):
        values = {f.value: v for f, v in item.values().items() if f in self.capabilities.writes}
        return Item(ref=item.ref, kind=item.kind, **values)

    def put(self, **values):
        """An item that a person (or create) makes."""
        self.number += 1
        ref = Ref(
            f"{self.prefix}{self.number}", f"{self.prefix}#{self.number}", birth=str(self.number)
        )
        values = {"phase": Phase.TODO, "title": "", "kind": Kind.TASK} | values
        item = Item(ref=ref, **values)
        return self._store(item)

    def edit(self, item_id, **values):
        """A change that a person (or update) makes."""
        return self._store(replace(self.items[item_id], **values))

    def _store(self, item):
        self.tick = getattr(self, "tick", 0) + 1
        stamp = None if self.folder else self.clock.now()
        item = replace(item, revision=str(self.tick), updated_at=stamp)
        self.items[item.ref.id] = item
        return item

    def _act(self, faults):
        if faults:
            fault = faults.pop(0)
            if fault is not None:
                raise fault


class FakeConnection(Connection):
    def __init__(self, project, user=""):
        self.project, self.user = project, user

    def describe(self):
        return Description(adapter="fake", user=self.user)

    def open(self, project, profile):
        return self.project


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def docs(clock):
    return FakeHome(clock, "D", folder=True)


@pytest.fixture
def tracker(clock):
    return FakeHome(clock, "T")


@pytest.fixture
def world(clock, docs, tracker):
    """Everything a test of the engine needs, with the two calls it makes all the time."""
    from sync.effect.cycle import plan_pair, sync_pair

    seams = Seams(clock, Random(1))
    store = Store.memory(clock)
    homes = {Side.LEFT: docs, Side.RIGHT: tracker}

    def pair(**policy):
        return Pair(
            name="payments",
            projects=homes,
            connections={s: FakeConnection(h, "bot") for s, h in homes.items()},
            names={Side.LEFT: "docs", Side.RIGHT: "acme"},
            policy=Policy(**policy),
            key=KEY,
        )

    def sync(policy=None, **options):
        return sync_pair(pair(**(policy or {})), store, seams, **options)

    def plan(**policy):
        return plan_pair(pair(**policy), store, seams)

    yield SimpleNamespace(
        docs=docs,
        tracker=tracker,
        clock=clock,
        store=store,
        sync=sync,
        plan=plan,
        pair=pair,
        seams=seams,
    )
    store.close()
