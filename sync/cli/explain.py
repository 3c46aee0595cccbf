"""``followthrough explain ITEM``: one item on both sides, its history, what comes next and why."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Annotated, Any

import typer
from sqlalchemy import Connection

from mappings.item import UNSET, Item
from mappings.problem import Problem, ProblemError
from mappings.vocabulary import Field, Phase, Side
from sync.cli import findingview, planview
from sync.cli.items import ids_of
from sync.cli.log import intent_json
from sync.cli.screen import Screen, moment, problem_json
from sync.cli.session import (
    ConfigOption,
    JsonOption,
    PairOption,
    Session,
    connected,
    remembered,
)
from sync.cli.survive import report_of
from sync.cli.values import PLACE, as_json, shown
from sync.decide.plan import Operation, wanted
from sync.decide.policy import Filter, Policy
from sync.decide.tokens import token
from sync.decide.world import LinkView
from sync.effect.cycle import Report, plan_pair
from sync.rules import notes
from sync.rules.model import Event, Finding
from sync.settings import DEFAULT_FILE
from sync.store import (
    disputes,
    findings,
    history,
    journal,
    linkage,
    observations,
    schedule,
    setaside,
)
from sync.store.disputes import Conflict
from sync.store.journal import Intent
from sync.store.setaside import Aside

#: Writes of one item that are shown.
_HISTORY = 20


@dataclass(frozen=True, kw_only=True)
class Known:
    """All that the store knows of one item and its counterpart."""

    pair: str
    name: str
    items: dict[Side, Item]
    link: LinkView | None
    history: list[Intent]
    aside: list[Aside]
    conflicts: list[Conflict]
    bound_at: datetime | None
    findings: list[Finding] = field(default_factory=list)
    events: tuple[Event, ...] = ()


def explain(
    ctx: typer.Context,
    *,
    item: Annotated[str, typer.Argument(help="Its key, short code, number or address.")],
    offline: Annotated[
        bool, typer.Option("--offline", help="Only what is remembered; make no request.")
    ] = False,
    config: ConfigOption = DEFAULT_FILE,
    pair: PairOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one item on both sides and what comes next.

    When both sides last agreed, what was done to it, and what the next run would do and why; or
    why it would do nothing.

    Example: followthrough explain acme/payments#12
    """
    opening = (
        remembered(ctx, config, pair) if offline else connected(ctx, config, pair, writing=False)
    )
    with opening as session:
        for name in session.names:
            report = None if offline else _plan(session, name)
            known = _known(session, name, item, report)
            if known is None:
                continue
            policy = session.loaded.settings.pairs[name].policy
            reasons = list(why(known, report, policy))
            if as_json:
                session.screen.data(_json(known, report, reasons))
            else:
                _show(session.screen, known, report, reasons)
            return
    text = f'no item "{item}" was ever read.'
    raise ProblemError(Problem("E406", text, remedy="Is it in the pair's projects? See `check`."))


def _plan(session: Session, name: str) -> Report:
    (pair,) = (one for one in session.pairs if one.name == name)
    with session.screen.progress(name) as progress:
        make = partial(plan_pair, pair, session.store, session.seams, progress)
        return report_of(session, pair, make, writing=False)


def _known(session: Session, pair: str, name: str, report: Report | None) -> Known | None:
    with session.store.reading() as tx:
        ids = ids_of(tx, pair, name)
        if ids:
            return _remembered(tx, pair, name, ids)
    new = _planned_for(name, report)
    if new is None:
        return None
    return Known(
        pair=pair,
        name=name,
        items=new,
        link=None,
        history=[],
        aside=[],
        conflicts=[],
        bound_at=None,
    )


def _remembered(tx: Connection, pair: str, name: str, ids: list[tuple[Side, str]]) -> Known:
    seen = {side: observations.get(tx, pair, side, item_id) for side, item_id in ids}
    link = linkage.find(tx, pair, *ids[0])
    row = schedule.get(tx, pair)
    return Known(
        pair=pair,
        name=name,
        items={side: item for side, item in seen.items() if item is not None},
        link=linkage.view(tx, pair, link.id) if link else None,
        history=journal.history(tx, pair, _HISTORY, ids),
        aside=[one for one in setaside.listed(tx, pair) if (one.side, one.id) in ids],
        conflicts=[one for one in disputes.listed(tx, pair) if link and one.link == link.id],
        bound_at=row.bound_at if row else None,
        findings=[
            one for side, item_id in ids for one in findings.of_item(tx, pair, side, item_id)
        ],
        events=_life(tx, pair, ids),
    )


def _life(tx: Connection, pair: str, ids: list[tuple[Side, str]]) -> tuple[Event, ...]:
    """What happened to it, by the tracker's clock where it is there."""
    side, item_id = max(ids, key=lambda one: one[0] is Side.RIGHT)
    return history.of(tx, pair, side, item_id)


def _planned_for(name: str, report: Report | None) -> dict[Side, Item] | None:
    """An item that only the plan knows: it appeared since the last run."""
    for one in report.plan.operations if report else ():
        source = one.source
        if source and name.lower() in {source.ref.id.lower(), source.ref.key.lower()}:
            return {one.side.other: source}
    return None


def why(known: Known, report: Report | None, policy: Policy) -> Iterator[str]:
    """Why the next run does what it does, or nothing, with this item; one sentence each."""
    for one in known.aside:
        until = f"{one.retry_at:%Y-%m-%d %H:%M} UTC"
        yield f"set aside until {until} or until it changes: {one.problem}"
    for conflict in known.conflicts:
        yield f"{conflict.field} is in conflict: see `followthrough conflicts {conflict.id}`"
    if report is not None:
        yield from _from_the_plan(known, report)
    if known.link is not None:
        yield from _lasting_differences(known.link, policy)
    elif known.bound_at is not None:
        for side, item in known.items.items():
            if not wanted(item, side, policy.filter, known.bound_at):
                yield from unwanted(item, side, policy.filter, known.bound_at)


def _from_the_plan(known: Known, report: Report) -> Iterator[str]:
    """What stands in the item's way in the plan of the next run."""
    names = {item.ref.key or item.ref.id for item in known.items.values()}
    told = {one.problem for one in known.aside}
    for held in report.plan.held:
        if held.item in names and held.problem not in told:
            yield f"waits: {held.problem}"
    listed = {one.field for one in known.conflicts}
    for conflict in report.plan.conflicts:
        new = conflict.field not in listed
        if new and known.link is not None and conflict.link == known.link.id:
            yield f"{conflict.field} comes into conflict; a person will decide it"
    for problem in report.problems:
        yield f"a side could not be read to its end: {problem}"


def unwanted(item: Item, side: Side, rules: Filter, bound_at: datetime) -> Iterator[str]:
    """Which parts of the filter leave an unlinked item alone."""
    if item.archived:
        yield "not mirrored: it is archived"
    parts = {
        "kinds": (item.kind, rules.kinds),
        "categories": (item.category, rules.categories),
        "priorities": (item.priority, rules.priorities),
    }
    for name, (value, allowed) in parts.items():
        if allowed and value not in allowed:
            said = shown(value)
            yield f"not mirrored: filter.{name} does not hold {said!r}"
    if side is Side.RIGHT and rules.labels and not item.labels & set(rules.labels):
        yield f"not mirrored: it has none of filter.labels ({', '.join(rules.labels)})"
    if item.phase is Phase.COMPLETED:
        yield (
            f"not mirrored: it was completed before this pair first ran ({bound_at:%Y-%m-%d}) "
            f'and filter.history is "{rules.history}"'
        )


def _lasting_differences(link: LinkView, policy: Policy) -> Iterator[str]:
    """Fields that differ and stay so, and the reason."""
    left, right = link.ends[Side.LEFT].item, link.ends[Side.RIGHT].item
    for name in Field:
        values = left.get(name), right.get(name)
        if name in {Field.BODY, Field.PARENT} or UNSET in values:
            continue
        tokens = [token(name, value) for value in values if value is not UNSET]
        if tokens[0] != tokens[1] and policy.of(name).direction == "off":
            yield f"{name} differs and is off"


def _show(screen: Screen, known: Known, report: Report | None, reasons: list[str]) -> None:
    names = [known.items[side].ref.key or known.items[side].ref.id for side in known.items]
    screen.line(f"{' <-> '.join(names)}  ({known.pair})", "bold")
    for item in known.items.values():
        if item.ref.url:
            screen.line(f"  {item.ref.url}", "dim")
    screen.table(("", *(PLACE[side] for side in known.items), "last agreed"), list(_rows(known)))
    for item in known.items.values():
        for notice in item.notices:
            screen.problem(notice)
    screen.line("next run", "bold")
    operations = _operations(known, report)
    for one in operations:
        planview.show_operation(screen, one, None)
    for reason in reasons:
        screen.line(f"  {reason}")
    if report is not None and not operations and not reasons:
        screen.line("  nothing to do: both sides are as they last agreed")
    _show_life(screen, known)
    if known.history:
        screen.line("history", "bold")
    for intent in known.history:
        said = intent.outcome or "; ".join(intent.payload.get("why", ()))
        screen.line(
            f"  {intent.intended_at:%Y-%m-%d %H:%M} {intent.kind} in the {PLACE[intent.side]}: "
            f"{', '.join(intent.payload.get('values', {})) or intent.item} ({intent.state}) {said}"
        )


def _show_life(screen: Screen, known: Known) -> None:
    """Which rules it does not meet, and what happened to it by its home's clock."""
    if known.findings:
        screen.line("rules", "bold")
        findingview.show(screen, known.findings)
    for found in known.findings:
        if found.waiver is not None:
            said = notes.waived(found.rule, found.waiver)
            screen.line(f"  {said}".replace("**", ""), "dim")
    if known.events:
        screen.line("life", "bold")
    for event in known.events[-_HISTORY:]:
        screen.line(f"  {event.at:%Y-%m-%d %H:%M} {event.kind} {event.phase or ''}".rstrip())


def _rows(known: Known) -> Iterator[tuple[str, ...]]:
    for name in Field:
        values = [item.get(name) for item in known.items.values()]
        if all(value is UNSET for value in values):
            continue
        yield name.value, *(shown(value) for value in values), _agreed(known.link, name)


def _agreed(link: LinkView | None, name: Field) -> str:
    """What the baselines say: one value, or both where the sides spell it differently."""
    if link is None:
        return ""
    said = [link.base[side].get(name, UNSET) for side in Side]
    if name is Field.BODY:
        return "a text" if any(one not in {None, UNSET} for one in said) else ""
    words = [
        ", ".join(one) if isinstance(one, list) else str(one or "none")
        for one in said
        if one is not UNSET
    ]
    return " | ".join(dict.fromkeys(words))


def _operations(known: Known, report: Report | None) -> list[Operation]:
    refs = {(side, item.ref) for side, item in known.items.items()}
    found = []
    for one in report.plan.operations if report else ():
        ends = {(one.side.other, one.source.ref)} if one.source else set()
        ends |= {(one.side, one.target.ref)} if one.target else set()
        if ends & refs:
            found.append(one)
    return found


def _json(known: Known, report: Report | None, reasons: list[str]) -> dict[str, Any]:
    return {
        "pair": known.pair,
        "link": known.link.id if known.link else None,
        "sides": {
            side.value: {
                "id": item.ref.id,
                "key": item.ref.key,
                "url": item.ref.url,
                "kind": item.kind.value,
                "updated_at": moment(item.updated_at),
                "fields": {name.value: as_json(value) for name, value in item.values().items()},
                "baseline": (
                    {name.value: raw for name, raw in known.link.base[side].items()}
                    if known.link
                    else {}
                ),
                "notices": [problem_json(notice) for notice in item.notices],
            }
            for side, item in known.items.items()
        },
        "next": [planview.operation_json(one) for one in _operations(known, report)],
        "why": reasons,
        "history": [intent_json(one) for one in known.history],
        "findings": [findingview.finding_json(one) for one in known.findings],
        "life": [
            {"at": moment(one.at), "what": one.kind.value, "phase": one.phase}
            for one in known.events
        ],
    }
