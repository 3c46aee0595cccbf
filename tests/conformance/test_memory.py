"""The adapter in memory keeps the contract, as a tracker and as a folder of documents."""

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.conformance import AdapterConformance, Workbench
from adapters.errors import Missing
from adapters.memory import ADAPTER, MemoryAdapter, MemoryConnection, MemoryHome, MemoryProject
from adapters.memory.home import Record
from adapters.memory.project import capabilities
from adapters.registry import adapter
from adapters.sandbox import StillClock
from adapters.seams import Seams
from mappings.item import Draft, Ref
from mappings.profile import Profile, Table


class MemoryBench(Workbench):
    page_size = 3
    secret = "canary-5f1c"

    def __init__(self, documents=False):
        self.clock = StillClock()
        self.home = MemoryHome(self.clock, documents=documents, page_size=self.page_size)
        self.profile = Profile(people={"ann": "maria", "dev": "devon"})
        self.connection = MemoryConnection(self.home)
        self.project = self.reopen()

    def reopen(self):
        return MemoryProject(self.home, "payments", self.profile)

    def change(self, ref, **values):
        self.home.keep(replace(self.record(ref), **values))

    def record(self, ref):
        return self.home.everything()[ref.id]

    def make_outside(self, title, text=""):
        record = Record(id=self.home.next_id(), title=title, text=text, author="maria")
        return Ref(self.home.keep(record).id)

    def edit_outside(self, ref, *, title="", text="", phase=None):
        now = self.record(ref)
        text = f"{text}\n\n{now.text}" if text else now.text
        self.change(ref, title=title or now.title, text=text, status=str(phase or now.status))

    def delete_outside(self, ref):
        self.home.gone[ref.id] = "deleted"

    def text_of(self, ref):
        return self.record(ref).text

    def everything(self):
        return self.home.everything()

    def slow_lists(self, seconds):
        self.home.hide = timedelta(seconds=seconds)

    def label_outside(self, ref, name):
        self.change(ref, labels=self.record(ref).labels | {name})

    def assign_stranger(self, ref):
        self.change(ref, people=("stranger",))

    def assigned(self, ref):
        return frozenset(self.record(ref).people)

    def comment_outside(self, ref, text):
        self.change(ref, comments=(*self.record(ref).comments, ("maria", text)))

    def comments_of(self, ref):
        return [text for _, text in self.record(ref).comments]

    def hide_outside(self, ref):
        self.home.gone[ref.id] = "hidden"

    def move_outside(self, ref):
        self.home.gone[ref.id] = "moved"

    def spoil_outside(self, ref):
        self.change(ref, status="in limbo")

    def lose_next_reply(self):
        self.home.trouble.lose_reply = True

    def refuse_next_write(self):
        self.home.trouble.refuse_write = True

    def break_reads(self, after=0):
        self.home.trouble.reads_left = after

    def reach_limit(self):
        self.home.trouble.everything = "limited"

    def refuse_credential(self):
        self.home.trouble.everything = "locked"

    def mend(self):
        self.home.trouble = type(self.home.trouble)()
        self.home.gone = {k: v for k, v in self.home.gone.items() if v != "hidden"}


def test_connections_of_one_name_share_a_home_and_others_do_not():
    memory, seams = MemoryAdapter(), Seams(StillClock())
    one, same, other = (memory.connect(name, Table(), seams) for name in ("a", "a", "b"))
    made = one.open("", Profile()).create(Draft(title="Kept"))
    assert same.open("", Profile()).fetch(made.ref).title == "Kept"
    with pytest.raises(Missing):
        other.open("", Profile()).fetch(made.ref)


def test_it_is_installed_under_its_name():
    assert adapter("memory") is ADAPTER


class TestMemory(AdapterConformance):
    capabilities = capabilities(documents=False)

    @pytest.fixture
    def bench(self):
        return MemoryBench()


class TestMemoryDocuments(AdapterConformance):
    capabilities = capabilities(documents=True)

    @pytest.fixture
    def bench(self):
        return MemoryBench(documents=True)
