"""The Metis adapter keeps the contract, on real files."""

import errno
import os
import re
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest

from adapters.conformance import AdapterConformance, Workbench
from adapters.files import LocalFiles
from adapters.metis import ADAPTER
from adapters.metis.connection import MetisConnection
from mappings.item import Ref
from mappings.profile import Profile
from mappings.vocabulary import Phase

DOCUMENT = """---
id: by-hand
level: {level}
title: "{title}"
short_code: "{code}"
created_at: 2026-03-01T12:00:00.{number:06}+00:00
updated_at: 2026-03-01T12:00:00.123456+00:00
parent:{blank}
blocked_by: []
archived: false

tags:
  - "#{level}"
  - "#phase/{phase}"


exit_criteria_met: false
{size}initiative_id: NULL
---

# {title}

{text}
"""
WORDS = {Phase.COMPLETED: "completed", Phase.DOING: "active", Phase.TODO: "todo"}


class ClockAhead:
    """The machine's clock, so that files are as old as they seem; to sleep is to move it on."""

    ahead = timedelta(0)

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
        self._written()
        super().replace(path, data, expect, aside)

    def create(self, path, data, aside):
        self._written()
        super().create(path, data, aside)

    def _served(self):
        if self.broken:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    def _written(self):
        if self.full:
            self.full = False
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class MetisBench(Workbench):
    never = Ref("PAY-T-4711")
    profile = Profile()
    cannot: ClassVar = {
        "lose_next_reply": "a file is written or it is not; there is no reply to lose",
        "slow_lists": "a folder shows at once what is in it",
        "move_outside": "a document that leaves its folder is gone",
        "reach_limit": "a folder asks nobody to wait",
        "refuse_credential": "a folder needs no credential",
    }

    def __init__(self, folder):
        self.root = folder / "payments" / ".metis"
        (self.root / "backlog").mkdir(parents=True)
        (self.root / "config.toml").write_text('[project]\nprefix = "PAY"\n')
        self.away = folder / "away.md"
        self.clock = ClockAhead()
        self.files = FailingFiles()
        self.connection = self.connect()
        self.project = self.connection.open("", self.profile)

    def connect(self):
        return MetisConnection(self.root.parent, self.clock, self.files)

    def reopen(self):
        return self.connect().open("", self.profile)

    def file(self, ref):
        (found,) = self.root.rglob(f"{ref.id}.md")
        return found

    def save(self, path, text):
        """As editors do: a new file in the old one's place."""
        aside = path.with_suffix(".new")
        aside.write_bytes(text.encode())
        aside.replace(path)

    def change(self, ref, edit):
        path = self.file(ref)
        self.save(path, edit(path.read_bytes().decode()))

    def make_outside(self, title, text=""):
        return self.write("T", "backlog", title, text, "backlog/{code}.md")

    def make_parent(self):
        return self.write("I", "active", "A programme", "", "initiatives/{code}/initiative.md")

    def write(self, letter, phase, title, text, path):
        used = re.findall(rf"PAY-{letter}-(\d+)", " ".join(map(str, self.root.rglob("*"))))
        number = max(map(int, used), default=0) + 1
        code = f"PAY-{letter}-{number:04}"
        document = DOCUMENT.format(
            level="task" if letter == "T" else "initiative",
            size="" if letter == "T" else "estimated_complexity: M\n",
            title=title,
            code=code,
            number=number,
            phase=phase,
            text=text,
            blank=" ",
        )
        path = self.root / path.format(code=code)
        path.parent.mkdir(parents=True, exist_ok=True)
        self.save(path, document)
        return Ref(code)

    def edit_outside(self, ref, *, title="", text="", phase=None):
        if title:
            self.change(ref, lambda old: re.sub('title: ".*"', f'title: "{title}"', old))
        if text:
            self.change(ref, lambda old: re.sub("\n---\n", lambda end: f"{end[0]}\n{text}\n", old))
        if phase:
            tag = f"#phase/{WORDS[phase]}"
            self.change(ref, lambda old: re.sub(r"#phase/\w+", tag, old))

    def delete_outside(self, ref):
        self.file(ref).unlink()

    def text_of(self, ref):
        return self.file(ref).read_bytes().decode().partition("\n---\n")[2]

    def everything(self):
        return {
            path.relative_to(self.root).as_posix(): path.read_bytes()
            for path in self.root.rglob("*")
            if path.is_file()
        }

    def label_outside(self, ref, name):
        self.change(ref, lambda old: re.sub(r'(  - "#phase)', rf'  - "#{name}"\n\1', old))

    def hide_outside(self, ref):
        self.place = self.file(ref)
        self.place.replace(self.away)

    def spoil_outside(self, ref):
        self.change(ref, lambda old: old.replace("level: task", "level: task\nlevel: task"))

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


class TestMetis(AdapterConformance):
    capabilities = MetisConnection.capabilities

    @pytest.fixture
    def bench(self, tmp_path):
        return MetisBench(tmp_path)


def test_the_adapter_says_before_it_connects_what_its_connections_can_hold():
    assert ADAPTER.capabilities in {None, MetisConnection.capabilities}
