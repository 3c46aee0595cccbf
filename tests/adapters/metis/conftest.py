"""A small workspace on disk, and a connection to it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.files import LocalFiles
from adapters.metis.connection import MetisConnection
from mappings.profile import KindWords, Profile
from mappings.vocabulary import Kind

PROFILE = Profile(kinds={Kind.INCIDENT: KindWords(prefixes=["INCIDENT", "SEV1"])})

TEMPLATE = """---
id: x
level: {level}
title: "{title}"
short_code: "{code}"
created_at: 2026-03-01T12:00:00.123456789+00:00
updated_at: 2026-03-01T12:00:00Z
parent: {parent}
blocked_by: []
archived: {archived}

tags:
  - "#{level}"
  - "#phase/{phase}"{more}


exit_criteria_met: false
{extra}initiative_id: {initiative}
---

# {title}

{body}"""


class Clock:
    """Time that moves when somebody sleeps; far ahead of the files' own times."""

    def __init__(self):
        self.at = datetime.now(UTC) + timedelta(hours=1)

    def now(self):
        return self.at

    def monotonic(self):
        return self.at.timestamp()

    def sleep(self, seconds):
        self.at += timedelta(seconds=seconds)


class Documents:
    """Writes documents as Metis does."""

    def __init__(self, root: Path):
        self.root = root / ".metis"
        (self.root / "backlog").mkdir(parents=True)
        (self.root / "config.toml").write_text('[project]\nprefix = "PROJ"\n')

    def write(
        self,
        code="PROJ-T-0001",
        title="A task",
        phase="backlog",
        path=None,
        level="task",
        body="Some text.",
        tags=(),
        parent="",
        initiative="NULL",
        archived="false",
    ):
        file = self.root / (path or f"backlog/{code}.md")
        file.parent.mkdir(parents=True, exist_ok=True)
        text = TEMPLATE.format(
            level=level,
            title=title,
            code=code,
            phase=phase,
            more="".join(f'\n  - "#{tag}"' for tag in tags),
            parent=parent,
            archived=archived,
            initiative=initiative,
            extra="estimated_complexity: M\n" if level == "initiative" else "",
            body=body,
        )
        file.write_bytes(text.encode())
        return file


@pytest.fixture
def documents(tmp_path):
    return Documents(tmp_path)


@pytest.fixture
def connect(documents):
    def open_it(**options):
        files = options.pop("files", LocalFiles())
        connection = MetisConnection(documents.root.parent, Clock(), files, **options)
        return connection.open("", PROFILE)

    return open_it


@pytest.fixture
def project(connect):
    return connect()
