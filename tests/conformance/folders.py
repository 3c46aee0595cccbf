"""What the benches of adapters for plain files share: a folder, its disk and its clock."""

import errno
import os
from datetime import UTC, datetime, timedelta

import pytest

from adapters.conformance import Workbench
from adapters.files import LocalFiles
from mappings.profile import Profile

#: What does not befall a folder, and why.
CANNOT = {
    "lose_next_reply": "a file is written or it is not; there is no reply to lose",
    "slow_lists": "a folder shows at once what is in it",
    "move_outside": "a document that leaves its folder is gone",
    "reach_limit": "a folder asks nobody to wait",
    "refuse_credential": "a folder needs no credential",
}


class ClockAhead:
    """The machine's clock, ahead of the files' own by so much; to sleep is to move it on."""

    def __init__(self, ahead=timedelta(0)):
        self.ahead = ahead

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


class FolderBench(Workbench):
    """A bench says with ``connect`` how its folder is opened, with ``file`` where an item lies."""

    profile = Profile()

    def begin(self, folder, clock):
        self.away = folder / "away.md"
        self.clock = clock
        self.files = FailingFiles()
        self.connection = self.connect()
        self.project = self.connection.open("", self.profile)

    def reopen(self):
        return self.connect().open("", self.profile)

    def save(self, path, data):
        """As editors do: a new file in the old one's place."""
        aside = path.with_suffix(".new")
        aside.write_bytes(data if isinstance(data, bytes) else data.encode())
        aside.replace(path)

    def hide_outside(self, ref):
        self.place = self.file(ref)
        self.place.replace(self.away)

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
