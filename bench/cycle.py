"""One pair of GitHub: the first sync of many documents, and an idle cycle over 10,000 links."""

import multiprocessing
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

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
FIRST = 200


def measure(first: int = FIRST, linked: int = LINKED) -> Iterator[Figure]:
    yield from _first_sync(first)
    # Memory is a whole process's: this one gets its own.
    context = multiprocessing.get_context("spawn")
    receiving, sending = context.Pipe(duplex=False)
    # Ten thousand creations are no hour's work on GitHub; what is measured comes after them.
    with Sandbox(
        "github", projects=["acme/payments"], token=github.TOKEN, limits=Limits(primary=None)
    ) as sandbox:
        child = context.Process(target=_idle, args=(sandbox.url, linked, sending))
        child.start()
        sending.close()  # so that a child that dies ends the wait
        seconds, mib = receiving.recv()
        child.join()
    what = f"GitHub: idle cycle of one pair over {linked:,} linked items"
    yield Figure(TOPIC, what, seconds, 2.0, "s of CPU")
    yield Figure(TOPIC, what, mib, 200.0, "MiB resident")


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


def _idle(url: str, linked: int, sending) -> None:  # noqa: ANN001
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        write_workspace(root, linked, size=1000)
        clock = SandboxClock()
        clock.advance(10)  # past the time within which a time stamp is not trusted
        seams = Seams(clock=clock, random=Random(1))
        with Store.open(f"sqlite:///{root}/state.db", seams.clock, lock=True) as store:
            pair = _pair(root, url, seams)
            sync_pair(pair, store, seams)
            sync_pair(pair, store, seams)
            with processor_time() as spent:
                report = sync_pair(pair, store, seams)
        if report.plan.operations or not report.complete:
            msg = "the idle cycle was not idle"
            raise RuntimeError(msg)
    sending.send((spent.seconds, resident_mib()))
