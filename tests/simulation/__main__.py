"""``make sim``: run seeds, shrink what fails, print its history.

python -m tests.simulation --seeds 20000 [--start N] [--jobs 2] [--minutes M]
python -m tests.simulation --seeds 2000 --world actions    action items beside the documents
python -m tests.simulation --seed 4711          one seed, with its whole history
python -m tests.simulation --mutants            the planted bugs, each must be caught
"""

import argparse
import gc
import multiprocessing
import sys
import time
import traceback
from dataclasses import fields, replace
from functools import partial

from sync.decide.policy import Policy
from tests.simulation.actions import ActionsSimulation
from tests.simulation.bulk import BulkSimulation, MovingSimulation
from tests.simulation.mutants import BUGS, planted, rates_of
from tests.simulation.run import Simulation
from tests.simulation.world import Rates

#: Documents and issues; with action items of postmortems beside them; over a tracker that makes
#: many issues by one request; over one that moves many, too.
WORLDS = {
    "documents": Simulation,
    "actions": ActionsSimulation,
    "bulk": BulkSimulation,
    "moving": MovingSimulation,
}
#: A bug that strikes in 1 of 20 seeds of its own world is caught with near certainty.
SEEDS_PER_BUG = 300


def violations(seed, world=Simulation, **options):
    """What one seed violates; an exception of the engine is a violation too."""
    simulation = world(seed, **options)
    try:
        simulation.run(**({"cycles": options["cycles"]} if "cycles" in options else {}))
    except Exception:  # noqa: BLE001  a seed must not stop the others
        simulation.violations.append(f"exception: {traceback.format_exc(limit=-3)}")
    simulation.store.close()
    return simulation


def one(world, seed):
    """For the pool: the seed and what it violates."""
    return seed, violations(seed, world).violations


def still():
    """What was imported stays: the collector need not walk over it again and again."""
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)


def shrink(seed, world=Simulation, **options):
    """The same seed with as few faults as still fail."""
    rates = world(seed).world.rates
    for name in [one.name for one in fields(Rates) if one.name != "people"]:
        if getattr(rates, name):
            tried = replace(rates, **{name: 0.0})
            if violations(seed, world, rates=tried, **options).violations:
                rates = tried
    return violations(seed, world, rates=rates, **options)


def tell(simulation):
    """A readable history."""
    rates = {
        one.name: getattr(simulation.world.rates, one.name)
        for one in fields(Rates)
        if getattr(simulation.world.rates, one.name)
    }
    print(f"seed {simulation.world.seed}, {rates}")
    for line in simulation.world.trace:
        print(f"  {line}")
    for line in simulation.violations:
        print(f"  VIOLATED {line}")


def catch(bug, seeds=SEEDS_PER_BUG):
    """The first seed that catches a planted bug, and how; None if none does."""
    policy = Policy(**{"sweep_hours": 6.0, "writes_per_hour": 60, **bug.policy})
    for seed in range(seeds):
        with planted(bug):
            found = violations(seed, rates=rates_of(bug), policy=policy, page=bug.page).violations
        if found:
            return seed, found[0].splitlines()[0]
    return None


def mutants():
    """Every planted bug; the exit code says whether all were caught."""
    missed = 0
    for bug in BUGS:
        caught = catch(bug)
        missed += caught is None
        print(f"{'caught' if caught else 'MISSED':7} {bug.name}: {caught}", flush=True)
    print(f"{len(BUGS) - missed} of {len(BUGS)} planted bugs caught")
    return 1 if missed else 0


def many(world, start, count, jobs, minutes):
    """Seeds in parallel; stops by itself after ``minutes``."""
    began, bad, done = time.monotonic(), [], 0
    seeds, each = range(start, start + count), partial(one, world)
    with multiprocessing.get_context("fork").Pool(jobs, still) as pool:
        for seed, found in pool.imap_unordered(each, seeds, chunksize=10):
            done += 1
            if found:
                bad.append(seed)
                print(f"seed {seed}: {found[0].splitlines()[0]}", flush=True)
            spent = time.monotonic() - began
            if done % 1000 == 0:
                print(f"{done} seeds, {done / spent * 60:.0f} a minute, {len(bad)} bad", flush=True)
            if spent > minutes * 60:
                pool.terminate()
                break
    spent = time.monotonic() - began
    print(f"{done} seeds in {spent:.0f} s ({done / spent * 60:.0f} a minute), {len(bad)} violated")
    for seed in bad[:3]:
        tell(shrink(seed, world))
    return 1 if bad else 0


def main():
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=multiprocessing.cpu_count())
    parser.add_argument("--minutes", type=float, default=600.0)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--world", choices=WORLDS, default="documents")
    parser.add_argument("--mutants", action="store_true")
    options = parser.parse_args()
    world = WORLDS[options.world]
    if options.mutants:
        return mutants()
    if options.seed is not None:
        simulation = violations(options.seed, world)
        tell(simulation)
        return 1 if simulation.violations else 0
    return many(world, options.start, options.seeds, options.jobs, options.minutes)


if __name__ == "__main__":
    sys.exit(main())
