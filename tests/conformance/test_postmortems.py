"""The postmortems adapter keeps the contract, on real files."""

import re
from datetime import timedelta
from typing import ClassVar

import pytest

from adapters.conformance import AdapterConformance
from adapters.postmortems import ADAPTER
from adapters.postmortems.connection import PostmortemsConnection
from adapters.postmortems.folder import Folder
from mappings.item import Ref
from mappings.vocabulary import Phase
from tests.conformance.folders import CANNOT, ClockAhead, FolderBench

HEAD = """# Postmortem: checkout was down

**Incident:** PAY-T-0001

## Summary

The connection pool was exhausted and card payments failed for an hour.

## Action items

"""


LINE = r"(.*)- \[(.)\] (.*) (\(\[#.*\))\n"
NO_TEXT = "an action item is its title; text of its own it has none"


class PostmortemsBench(FolderBench):
    """Each item has a document of its own, so that one can be hidden or spoilt by itself."""

    never = Ref("2026-03-01-checkout~0123456789")
    cannot: ClassVar = CANNOT | {"label_outside": "an action item has no labels"}

    def __init__(self, folder):
        self.root = folder / "postmortems"
        self.root.mkdir()
        self.begin(folder, ClockAhead(timedelta(hours=1)))
        self.number = 0

    def connect(self):
        return PostmortemsConnection(Folder(self.root, self.files), self.clock)

    def file(self, ref):
        return self.root / f"{ref.id.partition('~')[0]}.md"

    def make_outside(self, title, text=""):
        self.number += 1
        path = self.root / f"incident-{self.number}.md"
        link = f"https://github.com/acme/payments/issues/{self.number}"
        self.save(path, f"{HEAD}- [ ] {title} ([#{self.number}]({link}))\n")
        found = (item for page in self.project.changed(None) for item in page.items)
        return next(item.ref for item in found if item.ref.key.startswith(path.name))

    def edit_outside(self, ref, *, title="", text="", phase=None):
        path = self.file(ref)
        whole = path.read_bytes().decode()
        before, mark, said, link = re.fullmatch(LINE, whole, re.DOTALL).groups()
        mark = {Phase.COMPLETED: "x", Phase.TODO: " "}.get(phase, mark)
        self.save(path, f"{before}- [{mark}] {' '.join([text, title or said]).strip()} {link}\n")

    def delete_outside(self, ref):
        path = self.file(ref)
        self.save(path, path.read_bytes().decode().rpartition("- [ ]")[0])

    def text_of(self, ref):
        return self.file(ref).read_bytes().decode()

    def everything(self):
        return {path.name: path.read_bytes() for path in self.root.iterdir()}

    def spoil_outside(self, ref):
        path = self.file(ref)
        self.save(path, path.read_bytes() + b"\xff")


class TestPostmortems(AdapterConformance):
    capabilities = PostmortemsConnection.capabilities

    @pytest.fixture
    def bench(self, tmp_path):
        return PostmortemsBench(tmp_path)

    @pytest.mark.xfail(reason=NO_TEXT, strict=True)
    def test_an_item_made_by_hand_is_read_as_it_was_written(self, bench):
        super().test_an_item_made_by_hand_is_read_as_it_was_written(bench)

    @pytest.mark.xfail(reason=NO_TEXT, strict=True)
    def test_text_that_people_add_to_ours_stays_byte_for_byte(self, bench):
        super().test_text_that_people_add_to_ours_stays_byte_for_byte(bench)

    @pytest.mark.xfail(reason=NO_TEXT, strict=True)
    def test_peoples_own_text_stays_byte_for_byte(self, bench):
        super().test_peoples_own_text_stays_byte_for_byte(bench)


def test_the_adapter_says_before_it_connects_what_its_connections_can_hold():
    assert ADAPTER.capabilities == PostmortemsConnection.capabilities
