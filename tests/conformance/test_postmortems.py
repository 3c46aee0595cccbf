"""The postmortems adapter keeps the contract, on real files."""

import errno
import os
import re
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest

from adapters.conformance import AdapterConformance, Workbench
from adapters.files import LocalFiles
from adapters.postmortems import ADAPTER
from adapters.postmortems.connection import PostmortemsConnection
from adapters.postmortems.folder import Folder
from mappings.item import Ref
from mappings.profile import Profile
from mappings.vocabulary import Phase

HEAD = """# Postmortem: checkout was down

**Incident:** PAY-T-0001

## Summary

The connection pool was exhausted and card payments failed for an hour.

## Action items

"""


LINE = r"(.*)- \[(.)\] (.*) (\(\[#.*\))\n"
NO_TEXT = "an action item is its title; text of its own it has none"


class ClockAhead:
    """The machine's clock, an hour ahead of the files' own; to sleep is to move it on."""

    ahead = timedelta(hours=1)

    def now(self):
        return datetime.now(UTC) + self.ahead

    def monotonic(self):
        return self.now().timestamp()

    def sleep(self, seconds):
        self.ahead += timedelta(seconds=seconds)


class FailingFiles(LocalFiles):
    """A disk that cannot be read for a while, or is full once."""

    broken = full = False

    def walk(self, root, skip):
        self._served()
        yield from super().walk(root, skip)

    def read(self, path):
        self._served()
        return super().read(path)

    def replace(self, path, data, expect, aside):
        if self.full:
            self.full = False
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        super().replace(path, data, expect, aside)

    def _served(self):
        if self.broken:
            raise OSError(errno.EIO, os.strerror(errno.EIO))


class PostmortemsBench(Workbench):
    """Each item has a document of its own, so that one can be hidden or spoilt by itself."""

    never = Ref("2026-03-01-checkout~0123456789")
    profile = Profile()
    cannot: ClassVar = {
        "lose_next_reply": "a file is written or it is not; there is no reply to lose",
        "slow_lists": "a folder shows at once what is in it",
        "move_outside": "a document that leaves its folder is gone",
        "reach_limit": "a folder asks nobody to wait",
        "refuse_credential": "a folder needs no credential",
        "label_outside": "an action item has no labels",
    }

    def __init__(self, folder):
        self.root = folder / "postmortems"
        self.root.mkdir()
        self.away = folder / "away.md"
        self.clock = ClockAhead()
        self.files = FailingFiles()
        self.connection = self.connect()
        self.project = self.connection.open("", self.profile)
        self.number = 0

    def connect(self):
        return PostmortemsConnection(Folder(self.root, self.files), self.clock)

    def reopen(self):
        return self.connect().open("", self.profile)

    def file(self, ref):
        return self.root / f"{ref.id.partition('~')[0]}.md"

    def save(self, path, text):
        aside = path.with_suffix(".new")
        aside.write_bytes(text if isinstance(text, bytes) else text.encode())
        aside.replace(path)

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

    def hide_outside(self, ref):
        self.place = self.file(ref)
        self.place.replace(self.away)

    def spoil_outside(self, ref):
        path = self.file(ref)
        self.save(path, path.read_bytes() + b"\xff")

    def refuse_next_write(self):
        self.files.full = True

    def break_reads(self, after=0):
        if after:
            pytest.skip("one page shows everything")
        self.files.broken = True

    def mend(self):
        self.files.broken = self.files.full = False
        if self.away.exists():
            self.away.replace(self.place)


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
