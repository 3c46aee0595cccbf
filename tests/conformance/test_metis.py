"""The Metis adapter keeps the contract, on real files."""

import re
from typing import ClassVar

import pytest

from adapters.conformance import AdapterConformance
from adapters.metis import ADAPTER
from adapters.metis.connection import MetisConnection
from mappings.item import Ref
from mappings.vocabulary import Phase
from tests.conformance.folders import CANNOT, ClockAhead, FolderBench

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


class MetisBench(FolderBench):
    never = Ref("PAY-T-4711")
    cannot: ClassVar = CANNOT

    def __init__(self, folder):
        self.root = folder / "payments" / ".metis"
        (self.root / "backlog").mkdir(parents=True)
        (self.root / "config.toml").write_text('[project]\nprefix = "PAY"\n')
        self.begin(folder, ClockAhead())

    def connect(self):
        return MetisConnection(self.root.parent, self.clock, self.files)

    def file(self, ref):
        (found,) = self.root.rglob(f"{ref.id}.md")
        return found

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

    def spoil_outside(self, ref):
        self.change(ref, lambda old: old.replace("level: task", "level: task\nlevel: task"))


class TestMetis(AdapterConformance):
    capabilities = MetisConnection.capabilities

    @pytest.fixture
    def bench(self, tmp_path):
        return MetisBench(tmp_path)


def test_the_adapter_says_before_it_connects_what_its_connections_can_hold():
    assert ADAPTER.capabilities in {None, MetisConnection.capabilities}
