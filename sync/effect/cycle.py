"""One cycle of one pair, from reading to cursors (docs/explanation/life-of-a-change.md).

"Run this pair once" is a function of the pair, the store and the seams: nothing is held in
memory between runs.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from adapters.errors import AdapterError
from adapters.seams import Seams
from mappings.item import Draft, Patch, Ref
from mappings.markers import read_marker
from mappings.problem import Problem
from mappings.vocabulary import Side
from sync.decide import guard
from sync.decide.plan import Operation, OpKind, Plan, make_plan
from sync.decide.world import LinkView, Presence, World
from sync.effect import (
    adopt,
    flagging,
    hearing,
    judge,
    noted,
    observe,
    quiet,
    recover,
    tracked,
    unreadable,
)
from sync.effect.bulk import carry_out
from sync.effect.facts import Library
from sync.effect.observe import Reading, Readings
from sync.effect.outcome import Outcome, Result, Sides
from sync.effect.pair import Pair, Progress, Run, never, silent
from sync.rules.model import Finding
from sync.store import (
    Store,
    disputes,
    journal,
    linkage,
    lost,
    observations,
    remarks,
    schedule,
    setaside,
)
from sync.store.store import raise_fence

#: Seconds between two looks for a create in doubt while a one-off sync waits for it.
LOOK_AGAIN: Final = 5.0
#: Of items that wait so many are kept with a run; all of them are planned for, and shown by `plan`.
KEPT_AT_MOST: Final = 100


@dataclass(frozen=True, kw_only=True)
class Report:
    """What one cycle saw, planned and did.

    ``problems`` are about the run as a whole; ``doubts`` are creates whose outcome is not known.
    ``complete``: both sides were read to the end, and nothing failed. ``notices`` are worth knowing
    and no failure. ``findings`` are the rules not met, as they are now; of a plan, as it would
    leave them.
    """

    pair: str
    plan: Plan
    outcomes: tuple[Outcome, ...] = ()
    problems: tuple[Problem, ...] = ()
    doubts: tuple[Problem, ...] = ()
    notices: tuple[Problem, ...] = ()
    read: Mapping[Side, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @property
    def refused(self) -> bool:
        """The guard stopped the plan."""
        return bool(self.plan.refusals)

    @property
    def complete(self) -> bool:
        """Nothing failed and nothing is in doubt."""
        failed = any(one.result in {Result.FAILED, Result.UNKNOWN} for one in self.outcomes)
        return not (self.problems or self.doubts or failed or self.refused)

    @property
    def counts(self) -> dict[str, int]:
        """Operations by how they ended, and what waits for a person."""
        found = {result.value: 0 for result in Result}
        for outcome in self.outcomes:
            found[outcome.result.value] += 1
        found["planned"] = len(self.plan.operations)
        found["conflicts"] = len(self.plan.conflicts)
        found["held"] = len(self.plan.held)
        found["findings"] = sum(not one.waived for one in self.findings)
        return found


def plan_pair(pair: Pair, store: Store, seams: Seams, progress: Progress = silent) -> Report:
    """What the next cycle would do. Writes nothing, neither outside nor in the store."""
    now = seams.clock.now()
    readings = observe.read(pair, store, now, progress)
    library = judge.read_library(pair, progress)
    us = _our_names(pair, readings)
    verdict = judge.Verdict()
    with store.trying() as tx:
        schedule.bind(tx, pair.name, now)
        problems = _record(tx, pair, readings, now)
        world = _world(tx, pair, us, now)
        approved = disputes.approved(tx, pair.name, now)
        wanted = [] if problems else hearing.listen(tx, pair, library, now)
    heard, unheard = hearing.read_comments(pair, wanted, now)
    if problems:
        plan, unread = make_plan(world, pair.policy, pair.projects), None
    else:
        plan, unread = _plan(pair, world, approved)
        with store.trying() as tx:
            schedule.bind(tx, pair.name, now)
            _record(tx, pair, readings, now)
            remarks.keep(tx, pair.name, Side.RIGHT, heard)
            verdict = judge.foresee(tx, pair, plan, library, now)
        plan = _with_flags(plan, verdict, world, pair, approved)
    read = {side: len(reading.items) for side, reading in readings.items()}
    if unread:
        problems.append(unread.error.problem)
    problems += [one for one in (library.problem, unheard) if one]
    return Report(
        pair=pair.name,
        plan=plan,
        problems=tuple(problems),
        notices=noted.in_cycle(readings, plan),
        read=read,
        findings=verdict.findings,
    )


def sync_pair(
    pair: Pair,
    store: Store,
    seams: Seams,
    *,
    progress: Progress = silent,
    approve: str = "",
    stop: Callable[[], bool] = never,
    patience: timedelta = timedelta(0),
    ready: Readings | None = None,
    retry: bool = False,
) -> Report:
    """Run the pair once. ``approve``: the digest of the plan a person has read and lets pass.

    ``patience``: how long to wait here for creates in doubt before going on without them.
    ``ready``: what was read ahead, together with other pairs (sync.effect.together).
    ``retry``: what was set aside waits no longer.
    Raises FencedError if another run of the pair began meanwhile.
    """
    now = seams.clock.now()
    with store.writing() as tx:
        schedule.bind(tx, pair.name, now)
        schedule.instance(tx)
        fence = raise_fence(tx, pair.name)
        number = schedule.start(tx, pair.name, fence, now)
        if retry:
            setaside.retry_now(tx, pair.name, now)
    run = Run(
        pair=pair,
        store=store,
        seams=seams,
        fence=fence,
        number=number,
        progress=progress,
        stop=stop,
    )
    readings = observe.read(pair, store, now, progress, ready)
    library = judge.read_library(pair, progress)
    us = _our_names(pair, readings)
    with store.writing(pair.name, fence) as tx:
        problems = _record(tx, pair, readings, now)
        adopt.newcomers(tx, pair, us, now)
        wanted = [] if problems else hearing.listen(tx, pair, library, now)
    unheard = _listen(run, wanted)
    doubts = () if problems else _settle(run, patience)
    report = _decide_and_do(run, us, approve, problems, library)
    said = [one for one in (library.problem, unheard) if one]
    report = replace(report, problems=(*report.problems, *said))
    read = {side: len(reading.items) for side, reading in readings.items()}
    notices = noted.in_cycle(readings, report.plan)
    report = replace(report, doubts=doubts, notices=notices, read=read)
    _close(run, report, noted.of_homes(readings))
    return report


def _listen(run: Run, wanted: list[tuple[Ref, datetime]]) -> Problem | None:
    """Read comments that may count, and keep those that do."""
    heard, problem = hearing.read_comments(run.pair, wanted, run.seams.clock.now())
    if heard:
        with run.store.writing(run.pair.name, run.fence) as tx:
            remarks.keep(tx, run.pair.name, Side.RIGHT, heard)
    return problem


def _decide_and_do(
    run: Run, us: Mapping[Side, str], approve: str, problems: list[Problem], library: Library
) -> Report:
    """Plan on what is recorded now, and carry the plan out unless the guard refuses it."""
    pair, now = run.pair, run.seams.clock.now()
    with run.store.writing(pair.name, run.fence) as tx:
        world = _world(tx, pair, us, now, run.unread)
        approved = disputes.approved(tx, pair.name, now)
    if problems:
        plan = make_plan(world, pair.policy, pair.projects)
        return Report(pair=pair.name, plan=plan, problems=tuple(problems))
    plan, unread = _plan(pair, world, approved)
    if unread:
        recover.keep_silence(run, unread.side, unread.error)
        return Report(pair=pair.name, plan=plan, problems=(unread.error.problem,))
    with run.store.writing(pair.name, run.fence) as tx:
        verdict = judge.foresee(tx, pair, plan, library, now)
    plan = _with_flags(plan, verdict, world, pair, approved)
    if plan.refusals and approve and approve == plan.digest:
        prints = [operation.fingerprint for operation in plan.operations]
        with run.store.writing(pair.name, run.fence) as tx:
            disputes.approve(tx, pair.name, plan.digest, prints, now)
        found = guard.refusals(plan, world, pair.policy.guard, frozenset(prints))
        plan = replace(plan, refusals=tuple(found))
    elif plan.refusals and approve:
        text = f"the plan is now {plan.digest}, not {approve}; read it again."
        plan = replace(plan, refusals=(*plan.refusals, Problem("E404", text, pair.name)))
    if plan.refusals:
        return Report(pair=pair.name, plan=plan, findings=verdict.findings)
    with run.store.writing(pair.name, run.fence) as tx:
        quiet.settle(tx, pair, world, plan, now)
    outcomes, findings = _do(run, plan, library, verdict)
    return Report(pair=pair.name, plan=plan, outcomes=tuple(outcomes), findings=findings)


def _do(
    run: Run, plan: Plan, library: Library, foreseen: judge.Verdict
) -> tuple[list[Outcome], tuple[Finding, ...]]:
    """Carry the plan out; then judge what there really is now, and put up its flags."""
    pair, sides = run.pair, Sides()
    flagged = [one for one in plan.operations if one.kind is OpKind.FLAG]
    others = [one for one in plan.operations if one.kind is not OpKind.FLAG]
    outcomes = carry_out(run, others, sides)
    with run.store.writing(pair.name, run.fence) as tx:
        state = foreseen.state if not others else None
        verdict = judge.settle(tx, pair, library, run.seams.clock.now(), state)
    made = judge.made_of(others, [one.ref for one in outcomes])
    due = judge.allowed(flagged, verdict.operations, made)
    return outcomes + flagging.put_up(run, flagged, due, sides), verdict.findings


def _with_flags(
    plan: Plan,
    verdict: judge.Verdict,
    world: World,
    pair: Pair,
    approved: frozenset[str],
) -> Plan:
    """The plan with what rules ask to be put up, which the guard weighs too."""
    before = {one.code for one in plan.refusals}
    operations = plan.operations + verdict.operations
    plan = replace(plan, operations=operations, later=verdict.later)
    found = guard.refusals(plan, world, pair.policy.guard, approved)
    more = [one for one in found if one.code not in before]
    return replace(plan, refusals=(*plan.refusals, *more))


def _record(
    tx: Connection, pair: Pair, readings: Mapping[Side, Reading], now: datetime
) -> list[Problem]:
    problems = []
    for side in Side:
        problems += observe.record(tx, pair, readings[side], now)
        unreadable.remember(tx, pair, readings[side])
    if not problems and schedule.replace_note(tx, f"words:{pair.name}", pair.words):
        setaside.retry_now(tx, pair.name, now)
    rules = hashlib.sha256(pair.policy.model_dump_json().encode()).hexdigest()
    if schedule.replace_note(tx, f"policy:{pair.name}", rules):
        observations.judge_all_again(tx, pair.name)
    return problems


def _world(
    tx: Connection, pair: Pair, us: Mapping[Side, str], now: datetime, unread: Collection[int] = ()
) -> World:
    """Everything the plan is made from, read in one transaction (adopting what is ours)."""
    row = schedule.bind(tx, pair.name, now)
    new = unreadable.claimed(tx, pair, adopt.newcomers(tx, pair, us, now))
    tracked.judge_unparented(tx, pair)
    dirty = [one for one in linkage.dirty(tx, pair.name) if one.id not in unread]
    links = tuple(tracked.apart(tx, pair, one) for one in dirty)
    return World(
        pair=pair.name,
        bound_at=row.bound_at,
        links=links,
        new=new,
        counterparts=tracked.counterparts(tx, pair, links, new),
        held=setaside.held(tx, pair.name, now),
        reasons=setaside.reasons(tx, pair.name) if _any_lost(links) else {},
        linked=linkage.count(tx, pair.name),
        vanished=lost.count_absent(tx, pair.name),
    )


def _any_lost(links: Iterable[LinkView]) -> bool:
    return any(end.presence is not Presence.PRESENT for one in links for end in one.ends.values())


@dataclass(frozen=True)
class _Unread:
    """What the plan needs could not be read; nothing may be done."""

    side: Side
    error: AdapterError


def _plan(pair: Pair, world: World, approved: frozenset[str]) -> tuple[Plan, _Unread | None]:
    """The plan with everything it needs and the guard's word on it."""
    plan = make_plan(world, pair.policy, pair.projects)
    found = guard.refusals(plan, world, pair.policy.guard, approved)
    infos = {}
    for side in Side:
        try:
            changes = [_change(one) for one in plan.operations if one.side is side]
            if changes:
                plan = plan.with_prepared(side, pair.projects[side].lacks(changes))
            if guard.carries_text(plan):
                infos[side] = pair.projects[side].describe()
        except AdapterError as error:
            return plan, _Unread(side, error)
    if infos:
        found += guard.leaks(plan, infos, approved)
    return replace(plan, refusals=tuple(found)), None


def _change(operation: Operation) -> Draft | Patch:
    """The operation as the adapter will get it, for asking what it lacks."""
    values = {name.value: value for name, value in operation.values.items()}
    if operation.kind is OpKind.CREATE:
        return Draft(kind=operation.item_kind, **values)  # type: ignore[arg-type]
    return Patch.of(operation.values)


def _settle(run: Run, patience: timedelta) -> tuple[Problem, ...]:
    """Settle creates in doubt; wait for those that time alone will settle.

    ``patience`` counts from the sending: an old doubt is not waited for again.
    """
    with run.store.reading() as tx:
        open_ones = journal.unsettled(tx, run.pair.name)
    for one in open_ones:
        if one.kind == OpKind.FLAG:
            flagging.settle_flag(run, one)
    sent = [one.intended_at for one in open_ones if one.kind != OpKind.FLAG]
    until = max(sent, default=run.seams.clock.now()) + patience
    doubts = recover.settle(run)
    while doubts and run.seams.clock.now() < until and not run.stop():
        run.progress("look for creates in doubt", 0, None, str(len(doubts)))
        run.seams.clock.sleep(LOOK_AGAIN)
        doubts = recover.settle(run)
    return tuple(doubts)


def _our_names(pair: Pair, readings: Mapping[Side, Reading]) -> dict[Side, str]:
    """Our own account on a side, asked for only where a marker needs to be told from a forgery."""
    names = {}
    for side in Side:
        unknown = any(
            item.marker and read_marker(item.marker, pair.key) is None
            for item in readings[side].items
        )
        if unknown:
            try:
                names[side] = pair.connections[side].describe().user
            except AdapterError:
                continue
    return names


def _close(run: Run, report: Report, notices: list[Problem]) -> None:
    """End the run with its counts, and what the trackers said of their budgets and themselves."""
    now = run.seams.clock.now()
    outcome = "refused" if report.refused else "good" if report.complete else "partial"
    problems = [*report.problems, *report.plan.refusals, *report.doubts]
    problems += [one.problem for one in report.outcomes if one.problem]
    waiting = [one.problem for one in report.plan.held if one.problem.code != "E408"]
    problems = list(dict.fromkeys([*problems, *notices, *waiting[:KEPT_AT_MOST]]))
    with run.store.writing(run.pair.name, run.fence) as tx:
        schedule.finish(tx, run.number, outcome, now, report.plan.digest, report.counts, problems)
        for side in Side:
            said = run.pair.connections[side].budget()
            if said.remaining is not None:
                schedule.said_budget(tx, run.pair.names[side], said, now)
            if said.blocked_until is not None:
                schedule.block(tx, run.pair.names[side], said.blocked_until, now)
