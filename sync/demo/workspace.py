"""A small workspace as Metis would have written it, and a person's edits to it.

Front matter and folders follow Metis v2.0.8: all keys it writes, the phase as a tag, backlog items
in the folder of their category.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from mappings.vocabulary import Category

_FRONT: Final = """\
---
id: {slug}
level: task
title: "{title}"
short_code: "{code}"
created_at: {at}
updated_at: {at}
parent:{blank}
blocked_by: []
archived: false

tags:
  - "#task"
  - "#phase/{phase}"
  - "#{category}"


exit_criteria_met: false
initiative_id: NULL
---

# {title}

{body}
"""
_FOLDER: Final = {
    Category.BUG: "bugs",
    Category.FEATURE: "features",
    Category.TECH_DEBT: "tech-debt",
}
_VISION: Final = """\
---
id: payments
level: vision
title: "Payments"
short_code: "PAY-V-0001"
created_at: {at}
updated_at: {at}
archived: false

tags:
  - "#vision"
  - "#phase/published"


exit_criteria_met: false
initiative_id: NULL
---

# Payments

Every customer pays in two seconds, and is charged once.
"""


@dataclass(frozen=True, slots=True)
class Document:
    """One backlog document; ``age`` in days."""

    number: int
    title: str
    category: Category
    phase: str
    age: int
    body: str

    @property
    def code(self) -> str:
        """Its short code."""
        return f"PAY-T-{self.number:04}"

    @property
    def path(self) -> str:
        """Where it lies below ``.metis``."""
        return f"backlog/{_FOLDER[self.category]}/{self.code}.md"


OPEN_P0: Final = Document(
    1,
    "[P0] Card payments time out at checkout",
    Category.BUG,
    "todo",
    0,
    """## Objective

Since 09:40 UTC two in ten card payments end in a time-out. Customers retry and some are charged
twice. The connection pool to the acquirer is exhausted within minutes of a restart.

## Status Updates

- 09:52 acknowledged, traffic moved to the second acquirer for cards of one brand
- 10:05 pool size doubled; the rate of time-outs halved""",
)
RUNNING_P1: Final = Document(
    2,
    "[P1] Refunds are booked a day late",
    Category.BUG,
    "active",
    2,
    """## Objective

The nightly job reads the refund queue before the acquirer has closed its day. Refunds of the last
two hours wait for the next night.

## Implementation Notes

Read the acquirer's closing time from its calendar instead of assuming midnight.""",
)
BACKLOG_BUG: Final = Document(
    3,
    "Receipt shows the wrong currency for gift cards",
    Category.BUG,
    "backlog",
    9,
    """## Objective

Receipts of gift cards print the shop's currency, not the card's. The amount charged is right.""",
)
BACKLOG_FEATURE: Final = Document(
    4,
    "Alert when an acquirer's error rate doubles",
    Category.FEATURE,
    "backlog",
    9,
    """## Objective

Customers told us of the last outage before our dashboards did. Page the person on call when the
error rate of any acquirer doubles within five minutes.""",
)
BACKLOG_DEBT: Final = Document(
    5,
    "Replace the hand-made retry loop in the acquirer client",
    Category.TECH_DEBT,
    "backlog",
    30,
    """## Objective

The loop repeats a charge after any error, also after one whose outcome is not known. It was the
reason for the double charges in March.""",
)
RECORD: Final = Document(
    6,
    "[P0] Double charges after the acquirer's failover",
    Category.BUG,
    "completed",
    40,
    """## Objective

For 48 minutes 312 customers were charged twice. All were refunded within a day.

## Root Cause

The client repeated charges whose answer had been lost.

## Follow-up

- Replace the retry loop (PAY-T-0005)
- Alert on error rates (PAY-T-0004)""",
)
DOCUMENTS: Final = (OPEN_P0, RUNNING_P1, BACKLOG_BUG, BACKLOG_FEATURE, BACKLOG_DEBT, RECORD)


def write_workspace(folder: Path, now: datetime) -> Path:
    """Write the workspace below ``folder``; returns its ``.metis``."""
    root = folder / ".metis"
    root.mkdir(parents=True)
    config = '[project]\nprefix = "PAY"\n[flight_levels]\ninitiatives_enabled = true\n'
    (root / "config.toml").write_text(config, "utf-8")
    (root / "vision.md").write_text(_VISION.format(at=_stamp(now - timedelta(days=90))), "utf-8")
    for one in DOCUMENTS:
        file = root / one.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(_text(one, now - timedelta(days=one.age, minutes=one.number)), "utf-8")
    return root


def start_work(root: Path, document: Document, now: datetime) -> None:
    """A person sets a document's phase to active, as an editor or Metis itself does."""
    file = root / document.path
    text = re.sub(r"#phase/\w+", "#phase/active", file.read_text("utf-8"))
    text = re.sub(r"updated_at: .*", f"updated_at: {_stamp(now)}", text)
    file.write_text(
        text + "- 10:20 cause found: connections leak when the acquirer resets them\n", "utf-8"
    )


def heads(root: Path) -> Iterator[tuple[str, str, str]]:
    """Code, phase and title of every task in the workspace, by code."""
    found = []
    for file in root.rglob("PAY-T-*.md"):
        text = file.read_text("utf-8")
        phase = re.search(r"#phase/(\w+)", text)
        title = re.search(r'^title: "(.*)"$', text, re.MULTILINE)
        archived = ", archived" if re.search(r"^archived: true$", text, re.MULTILINE) else ""
        if phase and title:
            found.append((file.stem, f"{phase[1]}{archived}", title[1]))
    yield from sorted(found)


def _text(one: Document, at: datetime) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", one.title.lower()).strip("-")[:35].strip("-")
    return _FRONT.format(
        slug=slug,
        blank=" ",  # as Metis leaves it
        title=one.title,
        code=one.code,
        at=_stamp(at),
        phase=one.phase,
        category=one.category.value,
        body=one.body,
    )


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")
