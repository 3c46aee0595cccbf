"""Two homes on shelves in memory, adapters for them, and the command line over both.

What is put on a shelf stays there between two commands, as in a real tracker.
"""

import json
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from pydantic import Field as Key
from typer.testing import CliRunner

from adapters.base import (
    Budget,
    Capabilities,
    Check,
    Connection,
    Description,
    Found,
    Page,
    Project,
    ProjectInfo,
)
from adapters.credentials import SecretSource
from adapters.errors import Missing, PreconditionFailed
from adapters.registry import Adapter
from adapters.seams import Seams
from mappings.item import Item, Ref
from mappings.problem import Problem, ProblemError
from mappings.profile import Table
from mappings.vocabulary import Field, Kind, Phase
from sync import logs
from sync.cli import app
from sync.cli.session import World

SETTINGS = """\
[connections.docs]
adapter = "papers"

[connections.acme]
adapter = "board"
token = { file = "token" }

[pairs.payments]
left = { connection = "docs" }
right = { connection = "acme", project = "acme/payments" }
profile = "words.toml"
"""
TOKEN = "ghp_canary0123456789"


class StillClock:
    """Stands still until somebody sleeps or moves it."""

    def __init__(self):
        self.at = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def now(self):
        return self.at

    def monotonic(self):
        return self.at.timestamp()

    def sleep(self, seconds):
        self.at += timedelta(seconds=seconds)

    def advance(self, **parts):
        self.at += timedelta(**parts)


@dataclass
class Shelf(Project):
    """Items by id. ``faults`` are raised one by one before writes, ``unread`` before readings."""

    clock: StillClock
    prefix: str
    items: dict = field(default_factory=dict)
    faults: list = field(default_factory=list)
    unread: list = field(default_factory=list)
    on_write: list = field(default_factory=list)
    on_read: list = field(default_factory=list)
    public: bool | None = None
    conclusive: bool = True
    writes: int = 0
    lacking: tuple = ()
    checks: list = field(default_factory=list)
    capabilities: Capabilities = field(
        default_factory=lambda: Capabilities(writes=frozenset(Field), absence_visible=True)
    )

    __hash__ = object.__hash__

    def describe(self):
        return ProjectInfo(id=self.prefix, key=self.prefix, public=self.public)

    def changed(self, cursor):
        if self.unread:
            raise self.unread.pop(0)
        for told in self.on_read:
            told()
        items = tuple(self.items.values())
        yield Page(
            items=items,
            cursor="x",
            last=True,
            sweep=True,
            present=frozenset(self.items),
            server_time=self.clock.now(),
        )

    def fetch(self, ref):
        if ref.id not in self.items:
            raise Missing(Problem("E210", f"cannot see {ref.id}."))
        return self.items[ref.id]

    def create(self, draft):
        self._write()
        values = {name.value: value for name, value in draft.values().items()}
        return self.put(kind=draft.kind, marker=draft.marker, text=draft.text, **values)

    def update(self, ref, patch, expect):
        self._write()
        if expect is not None and self.items[ref.id].revision != expect:
            raise PreconditionFailed(Problem("E126", f"{ref.id} changed meanwhile."))
        return self.edit(ref.id, **{name.value: value for name, value in patch.values().items()})

    def find(self, marker, since, hint):
        return Found(
            tuple(one for one in self.items.values() if one.marker == marker), self.conclusive
        )

    def lacks(self, changes):
        return self.lacking

    def prepare(self, name):
        self.lacking = tuple(one for one in self.lacking if one != name)

    def check(self):
        for one in self.checks:
            if isinstance(one, Exception):
                raise one
            yield one

    def canonical(self, item):
        values = {name.value: value for name, value in item.values().items()}
        return Item(ref=item.ref, kind=item.kind, **values)

    def put(self, **values):
        number = len(self.items) + 1
        ref = Ref(
            f"{self.prefix}{number}",
            f"{self.prefix}#{number}",
            f"https://{self.prefix.lower()}.example/{number}",
            str(number),
        )
        values = {"phase": Phase.TODO, "title": "", "kind": Kind.TASK} | values
        self.items[ref.id] = Item(ref=ref, **values)
        return self.edit(ref.id)

    def edit(self, item_id, **values):
        item = replace(self.items[item_id], **values)
        item = replace(item, revision=f"{item.revision}+", updated_at=self.clock.now())
        self.items[item_id] = item
        return item

    def _write(self):
        for told in self.on_write:
            told()
        if self.faults:
            fault = self.faults.pop(0)
            if fault is not None:
                raise fault
        self.writes += 1


class ShelfConnection(Connection):
    def __init__(self, shelf, token=None):
        self.shelf, self.token, self.closed = shelf, token, False

    def describe(self):
        return Description(adapter="shelf", user="bot")

    def open(self, project, profile):
        if project == "refused":
            raise ProblemError(Problem("E201", "project is refused.", remedy="Take another."))
        return self.shelf

    def budget(self):
        if self.shelf.prefix == "T":
            return Budget(limit=5000, remaining=4321, reset=self.shelf.clock.now())
        return Budget()

    def check(self):
        yield Check("token", ok=True, detail="works")

    def close(self):
        self.closed = True


class ManyConnection(ShelfConnection):
    """Reads many projects in one go, and counts how often and how many; all lie on one shelf."""

    def __init__(self, shelf, polls):
        super().__init__(shelf)
        self.polls = polls

    def open(self, project, profile):
        return copy(self.shelf)

    def poll(self, wanted):
        self.polls.append(len(wanted))
        return super().poll(wanted)


class PapersSettings(Table):
    path: Path = Key(default=Path(), description="where they lie")


class BoardSettings(Table):
    token: SecretSource = Key(description="opens it")
    base_url: str = Key(default="https://board.example", description="where it is")


class ShelfAdapter(Adapter):
    def __init__(self, name, side, settings, shelf):
        self.name, self.title, self.side = name, name.title(), side
        self.Settings, self.shelf = settings, shelf
        self.connects = ShelfConnection
        self.capabilities = Capabilities(writes=frozenset({Field.TITLE, Field.PHASE}))

    def connect(self, name, settings, seams):
        if getattr(settings, "base_url", "https").startswith("http:"):
            raise ProblemError(Problem("E202", "base_url must be https.", f"connections.{name}"))
        return self.connects(self.shelf)


@dataclass
class CommandLine:
    """Runs commands in a folder with settings, two shelves and a clock."""

    folder: Path
    clock: StillClock
    docs: Shelf
    board: Shelf
    world: World

    def __call__(self, *arguments, **options):
        """Run one command with the settings of this folder."""
        given = ["--config", str(self.folder / "followthrough.toml")]
        return self.plain(arguments[0], *given, *arguments[1:], **options)

    def plain(self, *arguments, **options):
        """Run one command exactly as given."""
        result = CliRunner().invoke(app, list(arguments), obj=self.world, **options)
        assert "Traceback" not in result.output
        return result

    def json(self, *arguments):
        """The answer of a command that was asked for JSON; it stands alone on standard output."""
        return json.loads(self(*arguments, "--json").stdout)

    def settings(self, text):
        (self.folder / "followthrough.toml").write_text(text)

    def add(self, text):
        """More lines for the pair, or further tables."""
        self.settings((self.folder / "followthrough.toml").read_text() + text)


@pytest.fixture
def still():
    return StillClock()


@pytest.fixture
def shelves(still):
    return Shelf(still, "D"), Shelf(still, "T")


@pytest.fixture
def polls(cli):
    """How many projects each poll of the board covered; it reads many in one go from now on."""
    told = []
    cli.world.adapter("board").connects = lambda shelf: ManyConnection(shelf, told)
    return told


@pytest.fixture
def cli(tmp_path, still, shelves):
    """The command line over two shelves."""
    docs, board = shelves
    adapters = {
        "papers": ShelfAdapter("papers", "left", PapersSettings, docs),
        "board": ShelfAdapter("board", "right", BoardSettings, board),
    }

    def adapter(name):
        if name not in adapters:
            raise ProblemError(Problem("E201", f'no adapter "{name}"', remedy="Installed: papers."))
        return adapters[name]

    (tmp_path / "words.toml").write_text('description = "words"\n')
    (tmp_path / "followthrough.toml").write_text(SETTINGS)
    (tmp_path / "token").write_text(TOKEN + "\n")
    world = World(
        seams=Seams(still, Random(1)), environ={}, adapter=adapter, installed=lambda: adapters
    )
    yield CommandLine(tmp_path, still, docs, board, world)
    logs.tear_down()
