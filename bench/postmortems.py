"""1,000 postmortems of five shapes: read whole, and looked at again when nothing changed."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from adapters.postmortems import ADAPTER, PostmortemsSettings
from adapters.sandbox.core.clock import SandboxClock
from adapters.seams import Seams
from bench.figures import Figure, processor_time
from bench.rules import TOPIC
from mappings.profile import Profile

COUNT = 1_000
#: Action items of each; all five shapes say the same.
ACTIONS = 5

_PAGE = """# Postmortem: checkout was down ({number})

**Date:** 2026-03-{day:02}
**Severity:** SEV2
**Duration:** 47 minutes
**Incident:** PAY-T-{number:04}

## Summary

Customers could not pay. {text}

## Impact

One order in three failed. {text}

## Timeline

| Time (UTC) | Event |
|---|---|
| 10:02 | The alarm went off |
| 10:09 | Payments were sent to the second site |
| 10:49 | All orders went through |

## Root cause

The disk of the primary was full, and nothing had told anybody. {text}

## Contributing factors

- The alarm looked at another disk
- The runbook named a host that is gone

## What went well

{text}

{actions}

## Prevention

{text}
"""
_TEXT = "What happened then is told here in words that people would use, at some length. " * 4


def _numbered(each: int) -> str:
    return f"{each + 1}. [P{each % 4}] Add alarm number {each} — ann"


def _boxes(each: int) -> str:
    return f"- [{'x' if each == 0 else ' '}] Add alarm number {each} — @ann"


def _rows(each: int) -> str:
    return f"| Add alarm number {each} | ann | 2026-04-{each + 1:02} | open |"


_SHAPES = (
    ("## Action items\n\n", _numbered),
    ("## Action items\n\n### Quick wins\n\n", _boxes),
    ("## Action items\n\n| Action | Owner | Due | Status |\n|---|---|---|---|\n", _rows),
    ("## Action items\n\n", lambda each: f"- [ ] Add alarm number {each}"),
    (
        "## Action items\n\n",
        lambda each: f"* **Add alarm number {each}** (ann, 2026-04-0{each + 1})",
    ),
)


def write_folder(folder: Path, count: int) -> None:
    for number in range(count):
        head, line = _SHAPES[number % len(_SHAPES)]
        actions = head + "\n".join(line(each) for each in range(ACTIONS))
        page = _PAGE.format(number=number, day=number % 28 + 1, text=_TEXT, actions=actions)
        (folder / f"2026-03-{number % 28 + 1:02}-checkout-{number}.md").write_text(page)


def measure(count: int = COUNT) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as name:
        write_folder(Path(name), count)
        clock = SandboxClock()
        clock.advance(10)  # past the time within which a time stamp is not trusted
        settings = PostmortemsSettings(path=Path(name))
        project = ADAPTER.connect("reviews", settings, Seams(clock)).open("", Profile())
        with processor_time() as spent:
            *_, page = project.changed(None)
        if len(page.items) != count * ACTIONS:
            msg = f"{len(page.items)} action items read instead of {count * ACTIONS}"
            raise RuntimeError(msg)
        what = f"{count:,} postmortems read, {len(page.items):,} action items"
        yield Figure(TOPIC, what, spent.seconds, 10.0, "s of CPU")
        with processor_time() as spent:
            *_, again = project.changed(page.cursor)
        if again.items:
            msg = "items were told of although nothing changed"
            raise RuntimeError(msg)
        yield Figure(TOPIC, f"{count:,} unchanged postmortems", spent.seconds, 1.0, "s of CPU")
