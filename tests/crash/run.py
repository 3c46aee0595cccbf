"""Kill the program again and again while people work, then count what is wrong. Nothing may be.

    python tests/crash/run.py --kills 1000

The program is real, its database, its files and the tracker's HTTP interface too. One seed has
one sequence of decisions; where exactly a kill strikes is up to the machine.
"""

import argparse
import multiprocessing
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.crash.process import Child, Forge, HangError, program
from tests.crash.verdict import age_litter, struck, unsettled, wrong
from tests.crash.world import World

PLACES = (
    "before intent",
    "between intent and request",
    "between request and outcome",
    "after",
)
#: Kills in one world before it is left to settle and judged.
KILLS_A_WORLD = 25
#: Syncs that a world may take to come to rest, and seconds between two.
SYNCS_TO_REST, PAUSE = 60, 0.3


@dataclass
class Result:
    """What became of one world."""

    seed: int
    kills: int = 0
    runs: int = 0
    edits: int = 0
    items: int = 0
    places: Counter = field(default_factory=Counter)
    unseen: int = 0
    wrong: list[str] = field(default_factory=list)
    history: list[str] = field(default_factory=list)


@dataclass
class Attempt:
    """One run that is to be killed, and how."""

    world: World
    random: Random
    child: Child | None = None
    way: str = ""
    countdown: int = 0
    served: set[str] = field(default_factory=set)
    struck_at: str = ""

    def arrived(self, method: str, path: str) -> bool:
        """Kills when its request arrives; true if that is not to be served."""
        if self.way == "arrival" and self._due(method):
            self._kill(f"as {method} {path} arrived")
            return True
        return False

    def was_served(self, method: str, path: str) -> None:
        """Kills when its request was served and the answer has not left."""
        if method != "GET":
            log = self.world.sandbox.requests
            self.served.add(f"{path} {log[len(log) - 1].body.decode()}")
        if self.way == "served" and self._due(method):
            self._kill(f"when {method} {path} was done")
        elif self.way == "answered" and self._due(method):
            pause = self.random.uniform(0, 0.01)
            where = f"{pause * 1000:.1f} ms after {method} {path}"
            threading.Timer(pause, self._kill, (where,)).start()
        elif self.way == "reading" and method == "GET":
            self.countdown -= 1
            if self.countdown == 0:
                self._kill(f"when GET {path} was done")

    def _due(self, method: str) -> bool:
        if method == "GET":
            return False
        self.countdown -= 1
        return self.countdown == 0

    def _kill(self, where: str) -> None:
        for _ in range(200):
            if self.child is not None:
                break
            time.sleep(0.001)  # the first request came before the start was noted
        if self.child is not None and self.child.kill():
            self.struck_at = where


class Player:
    """Plays one world: people work, the program is run and killed, and at the end judged."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.random = Random(seed)
        self.world = World(folder, self.random)
        self.forge = Forge()
        self.result = Result(seed)
        self.out = folder / "out"
        self.usual = 0.5

    def play(self, kills: int, until: float) -> Result:
        """Everything, until so many kills or a time (of the monotonic clock)."""
        world, result = self.world, self.result
        try:
            for _ in range(self.random.randint(3, 8)):
                world.new_document()
                world.new_issue()
            while result.kills < kills and time.monotonic() < until:
                for _ in range(self.random.randint(1, 5)):
                    self._work()
                self._run()
            self._settle()
            result.wrong += wrong(world)
        except HangError:
            result.wrong.append("hang: a run did not end within a minute")
        finally:
            result.edits, result.items = len(world.edits), len(world.words)
            result.unseen = len(world.unseen)
            result.history = list(world.history)
            if result.wrong and self.out.exists():
                result.history += self.out.read_text("utf-8", "replace").splitlines()[-60:]
            self.forge.close()
            world.close()
        return result

    def _work(self) -> None:
        choice = self.random.random()
        if choice < 0.12:
            self.world.new_document()
        elif choice < 0.22:
            self.world.new_issue()
        else:
            self.world.edit()

    def _run(self) -> None:
        """One run, with people at work during it, and a kill at some moment."""
        world, random, attempt = self.world, self.random, Attempt(self.world, self.random)
        stays = random.random() < 0.15
        attempt.way = random.choice(("time", "time", "arrival", "served", "answered", "reading"))
        attempt.countdown = random.randint(1, 6)
        if attempt.way == "reading":
            attempt.countdown = random.randint(1, 12)
        world.on_arrival, world.on_served = attempt.arrived, attempt.was_served
        length = self.usual * random.uniform(0, 3 if stays else 1.1)
        before, files = len(world.edits), world.documents()
        begun = time.monotonic()
        command = ["run", "--log-level", "error"] if stays else ["sync"]
        child = attempt.child = self.forge.start([*command, "-c", str(world.settings)], self.out)
        for moment in sorted(random.uniform(0, length) for _ in range(random.randint(0, 2))):
            child.ended.wait(max(0, begun + moment - time.monotonic()))
            self._work()
        self._end(attempt, begun + length, stays=stays)
        world.on_arrival = world.on_served = None
        self.result.runs += 1
        name = "run" if stays else "sync"
        if child.killed.is_set():
            changed = {data.decode() for path, data in world.documents().items()
                       if files.get(path) != data}  # fmt: skip
            copy = world.desk / "copy.db"
            place = struck(world.database, copy, attempt.served, changed)
            self.result.kills += 1
            self.result.places[place] += 1
            world.say(f"{name} killed {attempt.struck_at}: {place}")
        else:
            self.usual = 0.7 * self.usual + 0.3 * (time.monotonic() - begun)
            world.settled(before)
            world.say(f"{name} ended with {child.code}")

    def _end(self, attempt: Attempt, when: float, *, stays: bool) -> None:
        """Wait for the kill that was planned, or kill when its time has come."""
        child = attempt.child
        by_time = attempt.way == "time"
        if by_time or stays:
            patience = when - time.monotonic() + (0 if by_time else 2 * self.usual)
            if not child.ended.wait(max(0, patience)) and child.kill():
                attempt.struck_at = "at a random moment"
        self.forge.wait(child)

    def _settle(self) -> None:
        """Sync until nothing is left to do, as a cron job would."""
        world, quiet = self.world, 0
        litter = age_litter(world)
        if litter:
            # The next write takes away what killed runs left behind.
            world.new_issue()
        for _ in range(SYNCS_TO_REST):
            asked, files = world.sandbox.requests.total, world.documents()
            writes = _writes(world)
            code = self.forge.wait(self.forge.start(["sync", "-c", str(world.settings)], self.out))
            still = _writes(world) == writes and world.documents() == files
            world.say(
                f"sync ended with {code} after {world.sandbox.requests.total - asked} requests"
            )
            # A note in doubt is looked for once its home must show it.
            settled = code == 0 and not unsettled(world.database)
            quiet = quiet + 1 if still and settled else 0
            if quiet == 2:
                break
            time.sleep(0 if settled else PAUSE)
        else:
            self.result.wrong.append(f"no rest after {SYNCS_TO_REST} syncs")
        writes = _writes(world)
        last = program("sync", "-c", str(world.settings))
        if last.returncode or _writes(world) != writes:
            self.result.wrong.append(f"the last sync: {last.returncode} {last.stdout}{last.stderr}")
        if "Traceback" in self.out.read_text("utf-8", "replace"):
            self.result.wrong.append("a traceback was shown")


def _writes(world: World) -> int:
    counts = world.sandbox.requests.by_method
    return sum(count for method, count in counts.items() if method not in {"GET", "HEAD"})


def play(seed: int, kills: int, until: float) -> Result:
    """One world in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="crash-") as folder:
        return Player(seed, Path(folder) / "world").play(kills, until)


def played(first: int, kills: int, minutes: float, jobs: int):
    """Worlds one after another, ``jobs`` at a time, until there were so many kills."""
    until = time.monotonic() + minutes * 60
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        seeds = iter(range(first, sys.maxsize))
        waiting, done = {}, 0
        while True:
            while len(waiting) < jobs and done + sum(waiting.values()) < kills:
                wanted = min(KILLS_A_WORLD, kills - done - sum(waiting.values()))
                waiting[pool.submit(play, next(seeds), wanted, until)] = wanted
            if not waiting:
                return
            for one in wait(waiting, return_when=FIRST_COMPLETED).done:
                del waiting[one]
                done = kills if time.monotonic() > until else done + one.result().kills
                yield one.result()


def main() -> int:
    """The exit code: 1 when anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=None, help="the first world's; else by chance")
    parser.add_argument("--minutes", type=float, default=60.0, help="at most")
    parser.add_argument("--jobs", type=int, default=2, help="worlds at the same time")
    options = parser.parse_args()
    first = options.seed if options.seed is not None else random.SystemRandom().randrange(10**9)
    begun, total, bad = time.monotonic(), Result(first), 0
    for one in played(first, options.kills, options.minutes, options.jobs):
        total.kills += one.kills
        total.runs += one.runs
        total.edits += one.edits
        total.items += one.items
        total.unseen += one.unseen
        total.places += one.places
        if one.wrong:
            bad += 1
            print(f"\nworld {one.seed}: what happened", *one.history, sep="\n  ")
            print(f"world {one.seed}: what is wrong", *one.wrong, sep="\n  ", flush=True)
        seconds = time.monotonic() - begun
        print(f"{total.kills} kills in {seconds:.0f} s; {bad} worlds wrong", flush=True)
    seconds = time.monotonic() - begun
    print(f"\nseed {first}: {total.kills} kills in {total.runs} runs, {seconds:.0f} s;")
    print(f"people wrote {total.edits} values of {total.items} items. Kills struck")
    for place in PLACES:
        print(f"  {total.places[place]:5} {place}")
    print(f"{total.unseen} values fell between the last look at an issue and the write to it;")
    print(f"{bad} worlds with anything lost, doubled, orphaned, left behind or broken")
    return 1 if bad or total.kills < options.kills else 0


if __name__ == "__main__":
    sys.exit(main())
