"""5,000 Metis documents, scanned when nothing changed."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from adapters.metis import ADAPTER, MetisSettings
from adapters.sandbox.core.clock import SandboxClock
from adapters.seams import Seams
from bench.figures import Figure, processor_time
from bench.reading import TOPIC
from mappings.profile import Profile

COUNT = 5000
DOCUMENT = """---
id: x
level: task
title: "[P2] Document number {number}"
short_code: "BENCH-T-{number:04}"
created_at: 2026-03-01T12:00:00.{number:09}+00:00
updated_at: 2026-03-01T12:00:00.000000+00:00
parent: {space}
blocked_by: []
archived: false

tags:
  - "#task"
  - "#phase/todo"
  - "#tech-debt"


exit_criteria_met: false
initiative_id: NULL
---

# Document number {number}

## Objective

{text}
"""


def write_workspace(root: Path, count: int, size: int = 2000) -> None:
    """``count`` documents of about ``size`` characters."""
    folder = root / ".metis" / "backlog" / "tech-debt"
    folder.mkdir(parents=True)
    (root / ".metis" / "config.toml").write_text('[project]\nprefix = "BENCH"\n')
    text = "A sentence that stands for real work. " * (size // 38)
    for number in range(1, count + 1):
        page = DOCUMENT.format(number=number, text=text, space="")
        (folder / f"BENCH-T-{number:04}.md").write_text(page)


def measure(count: int = COUNT) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as name:
        write_workspace(Path(name), count)
        clock = SandboxClock()
        clock.advance(10)  # past the time within which a time stamp is not trusted
        connection = ADAPTER.connect("docs", MetisSettings(path=Path(name)), Seams(clock))
        project = connection.open("", Profile())
        (page,) = project.changed(None)
        with processor_time() as spent:
            (again,) = project.changed(page.cursor)
        if again.items or len(page.items) != count:
            msg = "the scan did not see what was written"
            raise RuntimeError(msg)
        what = f"Metis: {count:,} unchanged documents scanned"
        yield Figure(TOPIC, what, spent.seconds, 1.0, "s of CPU")
