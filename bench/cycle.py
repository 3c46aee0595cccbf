"""One pair of GitHub: the first sync of many documents, and an idle cycle over 10,000 links."""

import multiprocessing
import tempfile
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import TypeAlias

from adapters.github import ADAPTER as GITHUB
from adapters.metis import ADAPTER as METIS
from adapters.metis import MetisSettings
from adapters.sandbox import Sandbox
from adapters.sandbox.core.clock import SandboxClock
from adapters.sandbox.core.limits import Limits
from adapters.seams import Seams
from bench import github
from bench.documents import write_workspace
from bench.figures import Figure, processor_time, resident_mib
from bench.house import TOPIC
from bench.profiles import labels
from mappings.vocabulary import Side
from sync.decide.policy import Guard, Policy
from sync.effect.cycle import sync_pair
from sync.effect.pair import Pair
from sync.store import Store

LINKED = 10_000
#: Seconds of processor time, and MiB of memory.
_Spent: TypeAlias = tuple[float, float]
FIRST = 200


def measure(first: int = FIRST, linked: int = LINKED) -> Iterator[Figure]:
    yield from _first_sync(first)
    with (
        tempfile.TemporaryDirectory() as name,
        # Ten thousand creations are no hour's work on GitHub; what is measured comes after them.
        Sandbox(
            "github", projects=["acme/payments"], token=github.TOKEN, limits=Limits(primary=None)
        ) as sandbox,
    ):
        write_workspace(Path(name), linked, size=1000)
        _, mib = _in_its_own_process(_link, sandbox.url, name)
        what = f"GitHub: first sync of {linked:,} documents in one go"
        yield Figure("First sync", what, mib, 300.0, "MiB resident")
        seconds, mib = _in_its_own_process(_idle, sandbox.url, name)
    what = f"GitHub: idle cycle of one pair over {linked:,} linked items"
    yield Figure(TOPIC, what, seconds, 2.0, "s of CPU")
    yield Figure(TOPIC, what, mib, 200.0, "MiB resident")


def _in_its_own_process(task: Callable[[str, str], float], url: str, folder: str) -> _Spent:
    """What ``task`` returns, and the most memory of the process: memory is a whole process's."""
    context = multiprocessing.get_context("spawn")
    receiving, sending = context.Pipe(duplex=False)
    child = context.Process(target=_send, args=(task, url, folder, sending))
    child.start()
    sending.close()  # so that a child that dies ends the wait
    spent: _Spent = receiving.recv()
    child.join()
    return spent


def _send(task: Callable[[str, str], float], url: str, folder: str, sending: Connection) -> None:
    sending.send((task(url, folder), resident_mib()))


def _pair(root: Path, url: str, seams: Seams) -> Pair:
    words = labels()
    left = METIS.connect("docs", MetisSettings(path=root), seams)
    right = GITHUB.connect("acme", github.settings(url), seams)
    return Pair(
        name="bench",
        projects={Side.LEFT: left.open("", words), Side.RIGHT: right.open("acme/payments", words)},
        connections={Side.LEFT: left, Side.RIGHT: right},
        names={Side.LEFT: "docs", Side.RIGHT: "acme"},
        policy=Policy(guard=Guard(creates=1_000_000)),
        key=b"bench" * 8,
    )


def _first_sync(count: int) -> Iterator[Figure]:
    with (
        tempfile.TemporaryDirectory() as name,
        Sandbox("github", projects=["acme/payments"], token=github.TOKEN) as sandbox,
    ):
        root = Path(name)
        write_workspace(root, count)
        seams = Seams(random=Random(1))
        with Store.memory(seams.clock) as store:
            sync_pair(_pair(root, sandbox.url, seams), store, seams)
        creates = sum(
            entry.method == "POST" and entry.path.endswith("/issues") for entry in sandbox.requests
        )
        if creates != count:
            msg = f"{creates} creations instead of {count}"
            raise RuntimeError(msg)
        others = sandbox.requests.total - creates
        what = f"GitHub: first sync of {count:,} documents, besides a creation each"
        yield Figure("First sync", what, others, 15, "requests")


def _link(url: str, folder: str) -> float:
    """Every document gets its issue; again, until lists show all of them."""
    return sum(_cycle(url, folder) for _ in range(2))


def _idle(url: str, folder: str) -> float:
    """As a process that was just started; the second cycle counts."""
    _cycle(url, folder, idle=True)
    return _cycle(url, folder, idle=True)


def _cycle(url: str, folder: str, *, idle: bool = False) -> float:
    """One cycle: seconds of processor time."""
    clock = SandboxClock()
    clock.advance(10)  # past the time within which a time stamp is not trusted
    seams = Seams(clock=clock, random=Random(1))
    with Store.open(f"sqlite:///{folder}/state.db", seams.clock, lock=True) as store:
        pair = _pair(Path(folder), url, seams)
        with processor_time() as spent:
            report = sync_pair(pair, store, seams)
        for connection in pair.connections.values():
            connection.close()
    if not report.complete or (idle and report.plan.operations):
        msg = "the cycle was not what it was to be"
        raise RuntimeError(msg)
    return spent.seconds
