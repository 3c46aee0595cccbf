"""A simulated folder of postmortems, whose times are whole seconds."""

import errno
import os
import re

from adapters.files import Entry
from tests.simulation.files import SimFiles
from tests.simulation.world import World

#: What the machine may change in a line: a box, a state, a link, and the width of cells.
_OURS = re.compile(
    r"\[[ xX]\](?!\()|\b(?:Open|Done)\b| ?\(?\[#\d+\]\([^)]*\)\)?,?|(?<=\|)[ ]+|[ ]+(?=\|)"
)


class Papers(SimFiles):
    """As some file systems keep time: two versions written within a second look alike."""

    def __init__(self, world: World, root):
        super().__init__(world, root)
        self.place = root
        self.times: dict[str, int] = {}

    def put(self, path, data, *, by):
        if self.files.get(path) != data:
            self._touch(path)
        super().put(path, data, by=by)

    def _touch(self, path):
        self.times[path] = int(self.world.at.timestamp()) * 1_000_000_000

    def rename(self, old, new):
        """Somebody gives a document another name."""
        self.files[new] = self.files.pop(old)
        self.stamps[new], self.times[new] = self.stamps.pop(old), self.times.pop(old)

    def walk(self, root, skip):
        for entry in super().walk(root, skip):
            time = self.times[entry.path]
            yield Entry(entry.path, (time, entry.size, 1, time))

    def read(self, path):
        name = self._name(path)
        if name not in self.files:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
        if self.world.chance("half_file"):
            self.world.say(f"{name} is found empty: somebody is saving it")
            self._touch(name)
            return b""
        return self.files[name]


def bare(line):
    """A line without what is ours in it."""
    return _OURS.sub("", line)
