"""A simulated folder of Metis documents: the FileSystem seam, with people editing at any moment."""

import errno
import os
from contextlib import contextmanager

from adapters.files import ChangedUnderUsError, Entry
from tests.simulation.world import World


class SimFiles:
    """Files by path relative to ``root``. ``writes`` are the machine's effects."""

    def __init__(self, world: World, root):
        self.world = world
        self.root = str(root) + "/"
        self.files: dict[str, bytes] = {}
        self.stamps: dict[str, int] = {}
        self.tick = 0
        self.writes: list = []
        self.watchers: list = []
        self.racing = None
        self.taken = False

    def put(self, path, data, *, by):
        before = self.files.get(path)
        if before == data:
            return
        self.tick += 1
        self.files[path] = data
        self.stamps[path] = self.tick
        for watcher in self.watchers:
            watcher(path, before, data, by)

    def take(self, path):
        self.stamps.pop(path)
        return self.files.pop(path)

    # --- the seam ----------------------------------------------------------------------------

    def walk(self, root, skip):
        prefix = str(root) + "/"
        inside = prefix[len(self.root) :] if prefix != self.root else ""
        for path in sorted(self.files):
            below = path[len(inside) :]
            if path.startswith(inside) and below.split("/")[0] not in skip:
                yield Entry(below, (self.stamps[path], len(self.files[path]), 1, 1))

    def _name(self, path):
        return str(path)[len(self.root) :]

    def read(self, path):
        name = self._name(path)
        if name not in self.files:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
        if self.world.chance("half_file"):
            self.world.say(f"{name} is found half written")
            return b""
        return self.files[name]

    def exists(self, path):
        return self._name(path) in self.files

    def replace(self, path, data, expect, aside):
        name = self._name(path)
        self.world.point(f"before replacing {name}")
        if self.world.chance("disk_full"):
            self.world.say("the disk is full")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if self.racing and self.world.chance("raced_file"):
            self.racing(name)
        if self.files.get(name) != expect:
            self.world.say(f"{name} is not what it was; nothing is written")
            raise ChangedUnderUsError(name)
        self.writes.append(("replace", name))
        self.world.say(f"{name} is replaced")
        self.put(name, data, by="machine")
        self.world.point(f"after replacing {name}")

    def create(self, path, data, aside):
        name = self._name(path)
        self.world.point(f"before creating {name}")
        if self.world.chance("disk_full"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if name in self.files:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), name)
        self.writes.append(("create", name))
        self.world.say(f"{name} is created")
        self.put(name, data, by="machine")
        self.world.point(f"after creating {name}")

    @contextmanager
    def alone(self, folder):
        if self.taken:
            raise BlockingIOError(errno.EWOULDBLOCK, os.strerror(errno.EWOULDBLOCK), str(folder))
        self.taken = True
        try:
            yield
        finally:
            self.taken = False

    def move(self, source, target):
        old, new = self._name(source), self._name(target)
        self.world.point(f"before moving {old}")
        if new in self.files:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), new)
        self.writes.append(("move", old))
        self.world.say(f"{old} is moved to {new}")
        data = self.take(old)
        self.tick += 1
        self.files[new], self.stamps[new] = data, self.tick
        self.world.point(f"after moving {old}")
