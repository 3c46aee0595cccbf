"""A plan to read: on a terminal, as Markdown for a review, as JSON for a program.

The JSON is stable: keys are only ever added.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any, Final

from mappings.item import UNSET
from mappings.problem import Problem
from mappings.text import neutralise
from mappings.vocabulary import Field
from sync.cli import findingview
from sync.cli.screen import Screen, problem_json
from sync.cli.values import PLACE, as_json, changed_lines, is_text, shown
from sync.decide.guard import approvable
from sync.decide.plan import Mark, Operation, OpKind, Plan
from sync.decide.resolve import OpenConflict
from sync.effect.cycle import Report
from sync.effect.outcome import Outcome, Result
from sync.rules.model import Flag

_SIGN: Final = {OpKind.PREPARE: "*", OpKind.CREATE: "+", OpKind.UPDATE: "~", OpKind.FLAG: "^",
                OpKind.REFER: "&"}  # fmt: skip
_STYLE: Final = {OpKind.PREPARE: "cyan", OpKind.CREATE: "green", OpKind.UPDATE: "yellow",
                 OpKind.FLAG: "magenta", OpKind.REFER: "yellow"}  # fmt: skip
#: So many notes are shown.
NOTICES: Final = 10
_NOT_TRIED: Final = {"outcome": Result.SKIPPED.value, "result_item": None, "problem": None}
_ENDED: Final = {
    Result.DONE: "",
    Result.FAILED: "FAILED",
    Result.UNKNOWN: "IN DOUBT",
    Result.SKIPPED: "left for the next run",
}


def report_json(reports: Sequence[Report], *, carried_out: bool) -> dict[str, Any]:
    """All reports. ``digest`` is the one to approve: of the one plan that the guard refused, else
    of the only plan; null where several pairs leave a choice, or where no approval would help.
    """
    pairs = [_pair_json(report, carried_out=carried_out) for report in reports]
    candidates = [one.plan for one in reports if one.refused] or [one.plan for one in reports]
    only = candidates[0] if len(candidates) == 1 else None
    digest = only.digest if only and approvable(only.refusals) else None
    return {"digest": digest, "pairs": pairs}


def _pair_json(report: Report, *, carried_out: bool) -> dict[str, Any]:
    plan = report.plan
    operations = [operation_json(one) for one in plan.operations]
    if carried_out:
        # A plan that the guard refused has no outcomes: nothing of it was tried.
        ended = zip_longest(operations, map(_outcome_json, report.outcomes), fillvalue=_NOT_TRIED)
        operations = [operation | outcome for operation, outcome in ended]
    return {
        "name": report.pair,
        "digest": plan.digest,
        "operations": operations,
        "conflicts": [_conflict_json(one) for one in plan.conflicts],
        "refusals": [problem_json(one) for one in plan.refusals],
        "held": [
            {"side": one.side.value, "item": one.item, "problem": problem_json(one.problem)}
            for one in plan.held
        ],
        "problems": [problem_json(one) for one in (*report.problems, *report.doubts)],
        "notices": [problem_json(one) for one in report.notices],
        "counts": report.counts,
        "flags_later": plan.later,
        "findings": [findingview.finding_json(one) for one in report.findings],
    }


def operation_json(one: Operation) -> dict[str, Any]:
    """One operation as JSON."""
    return {
        "kind": one.kind.value,
        "side": one.side.value,
        "item": one.item,
        "fields": {
            name.value: {"from": as_json(one.before.get(name, UNSET)), "to": as_json(value)}
            for name, value in one.values.items()
        },
        "steps": [step.value for step in one.steps],
        "why": list(one.why),
    } | ({"flag": _mark_json(one.mark)} if one.mark else {})


def _mark_json(mark: Mark) -> dict[str, Any]:
    return {"rule": mark.rule, "kind": mark.kind.value, "text": mark.text, "on": mark.on}


def _outcome_json(done: Outcome) -> dict[str, Any]:
    return {
        "outcome": done.result.value,
        "result_item": (done.ref.key or done.ref.id) if done.ref else None,
        "problem": problem_json(done.problem) if done.problem else None,
    }


def _conflict_json(one: OpenConflict) -> dict[str, Any]:
    return {
        "link": one.link,
        "field": one.field.value,
        "documents": as_json(one.left),
        "tracker": as_json(one.right),
    }


def show(screen: Screen, report: Report, where: str) -> None:
    """One report for a person. ``where`` says which two projects it is about."""
    plan = report.plan
    said: set[Problem | None] = set()
    screen.line(f"{report.pair}  {where}", "bold")
    for number, one in enumerate(plan.operations):
        done = report.outcomes[number] if number < len(report.outcomes) else None
        if done and done.problem in said:
            done = replace(done, problem=None)  # a whole side stopped: one line says why
        show_operation(screen, one, done)
        said |= {done.problem} if done else set()
    for conflict in plan.conflicts:
        screen.line(
            f"  ! conflict  link {conflict.link}, {conflict.field}: documents say "
            f"{shown(conflict.left)!r}, tracker says {shown(conflict.right)!r}",
            "magenta",
        )
        screen.line("      decide it: followthrough conflicts NUMBER --take documents|tracker")
    for held in plan.held:
        screen.line(f"  . waits     {PLACE[held.side]:<10} {held.item}: {held.problem}", "dim")
    findingview.show(screen, report.findings)
    found = findingview.counted(report.findings)
    screen.line(f"  {summary(plan)}" + (f"; findings: {found}" if found else ""))
    if plan.operations:
        screen.line(f"  digest {plan.digest}", "dim")
    show_notices(screen, report.notices)
    for problem in (*report.problems, *report.doubts):
        screen.problem(problem)


def show_notices(screen: Screen, notices: Iterable[Problem]) -> None:
    """What is worth knowing and no failure."""
    for line in _noted(notices):
        screen.line(f"  . note      {line}", "dim")


def _noted(notices: Iterable[Problem]) -> Iterator[str]:
    """One line for each thing, however many items show it."""
    places: dict[Problem, list[str]] = {}
    for one in notices:
        places.setdefault(replace(one, place=""), []).append(one.place)
    for one, named in list(places.items())[:NOTICES]:
        more = f" and {len(named) - 1} more" if len(named) > 1 else ""
        yield str(replace(one, place=named[0] + more))
    if len(places) > NOTICES:
        yield f"and {len(places) - NOTICES} more; see `--json`"


def show_operation(screen: Screen, one: Operation, done: Outcome | None) -> None:
    """One operation for a person, with its end where it has been carried out."""
    ended = _ENDED[done.result] if done else ""
    made = f" -> {done.ref.key or done.ref.id}" if done and done.ref and _makes(one) else ""
    head = f"  {_SIGN[one.kind]} {one.kind.value:<9} {PLACE[one.side]:<10} {one.item}{made}"
    if one.mark is not None:
        head += f"  {_mark(one.mark)}"
    screen.line(f"{head}  {ended}".rstrip(), "red" if ended else _STYLE[one.kind])
    for name, value in one.values.items():
        before = one.before.get(name, UNSET)
        if is_text(value) or is_text(before):
            screen.line(f"      {name}: {shown(value)}")
            if one.kind is OpKind.UPDATE:
                for line in changed_lines(before, value):
                    screen.line(f"        {line}", "dim")
        else:
            old = f"{shown(before)} -> " if one.kind is OpKind.UPDATE else ""
            screen.line(f"      {name}: {old}{shown(value)}")
    if len(one.steps) > 1:
        screen.line(f"      steps: {' -> '.join(one.steps)}")
    for why in one.why if one.kind is not OpKind.PREPARE else ():
        screen.line(f"      because {why}", "dim")
    if done and done.problem:
        screen.problem(done.problem)


def _mark(mark: Mark) -> str:
    """What a flag does, in a few words."""
    if mark.kind is Flag.LABEL:
        return f"label {mark.text}" if mark.on else f"label {mark.text} off"
    if mark.kind is Flag.NOTE:
        return f"note of {mark.rule}" if mark.on else f"note of {mark.rule}: met"
    return f"{mark.kind} for {mark.rule}"


def _makes(one: Operation) -> bool:
    return one.kind is OpKind.CREATE


def summary(plan: Plan) -> str:
    """What a plan would do, counted: "2 to create, 1 to change; 1 conflict"."""
    counts = Counter(one.kind for one in plan.operations)
    words = {OpKind.CREATE: "to create", OpKind.UPDATE: "to change", OpKind.PREPARE: "to prepare",
             OpKind.FLAG: "to flag", OpKind.REFER: "to refer to"}  # fmt: skip
    parts = [f"{counts[kind]} {text}" for kind, text in words.items() if counts[kind]]
    text = ", ".join(parts) or "nothing to do"
    for number, word in ((len(plan.conflicts), "conflict"), (len(plan.held), "waiting")):
        if number:
            plural = "s" if number > 1 and word == "conflict" else ""
            text += f"; {number} {word}{plural}"
    if plan.later:
        text += f"; {plan.later} more labels and notes of rules in the next runs"
    return text


def markdown(reports: Sequence[Report], where: Sequence[str]) -> Iterator[str]:
    """All reports as Markdown lines that mention nobody and close nothing where they are pasted."""
    for report, place in zip(reports, where, strict=True):
        plan = report.plan
        yield f"## {_inert(report.pair)}: {_inert(place)}"
        yield ""
        yield f"{summary(plan)} (digest `{plan.digest}`)"
        yield ""
        if plan.operations:
            yield "| what | where | item | fields | why |"
            yield "|---|---|---|---|---|"
            yield from (_row(one) for one in plan.operations)
            yield ""
        for conflict in plan.conflicts:
            values = f"documents {shown(conflict.left)!r}, tracker {shown(conflict.right)!r}"
            yield f"- conflict about {conflict.field} of link {conflict.link}: {_inert(values)}"
        for held in plan.held:
            yield f"- waits: {_inert(held.item)}: {_inert(str(held.problem))}"
        for note in _noted(report.notices):
            yield f"- note: {_inert(note)}"
        for problem in (*plan.refusals, *report.problems):
            yield f"- **{_inert(str(problem))}**"
        yield ""


def _row(one: Operation) -> str:
    cells = [
        one.kind.value,
        PLACE[one.side],
        one.item if one.mark is None else f"{one.item} {_mark(one.mark)}",
        "; ".join(_change(one, name) for name in one.values),
        "; ".join(one.why),
    ]
    return "| " + " | ".join(_inert(cell) for cell in cells) + " |"


def _change(one: Operation, name: Field) -> str:
    before = f"{shown(one.before.get(name, UNSET))} -> " if one.kind is OpKind.UPDATE else ""
    return f"{name}: {before}{shown(one.values[name])}"


def _inert(text: str) -> str:
    """Text in a Markdown table: one line, no markup of its own, nobody mentioned."""
    escaped = "".join(f"\\{letter}" if letter in "\\`*_|<>[]" else letter for letter in text)
    return neutralise(" ".join(escaped.split()), "github")
