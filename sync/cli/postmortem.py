"""The commands on postmortems: begin one, say what one says, and what it lacks."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from mappings.frontmatter import too_large
from mappings.postmortem.lint import Remark, Weight, lint
from mappings.postmortem.model import SECTION_NAMES, ActionItem, Postmortem
from mappings.postmortem.reading import LONGEST, read_postmortem
from mappings.problem import Problem, ProblemError
from sync.cli.exits import Exit
from sync.cli.postmortem_new import new
from sync.cli.screen import Screen, moment, problem_json
from sync.cli.session import JsonOption, world_of
from sync.rules.waivers import broken, ended, waivers_in

app: Final = typer.Typer(
    name="postmortem",
    no_args_is_help=True,
    help="Begin postmortems, read them as followthrough does, and say what they lack. Any Markdown "
    "file, in any of the usual shapes.",
)
app.command("new")(new)
#: A character of UTF-8 has at most so many bytes.
_WIDEST: Final = 4

#: The keys of a reading as JSON, and of an item in it, without ``--full``.
_KEYS: Final = ("severity", "date", "duration", "incident", "sections", "action_items")
_ITEM_KEYS: Final = (
    "title", "owner", "due", "priority", "category", "done", "references", "line", "confidence",
)  # fmt: skip

FilesArgument = Annotated[list[Path], typer.Argument(help="Markdown files.", show_default=False)]


class FailOn(StrEnum):
    """From which weight on a remark makes the exit code 4."""

    ERROR = "error"
    WARNING = "warning"
    NEVER = "never"


@app.command("read")
def read(
    ctx: typer.Context,
    files: FilesArgument,
    *,
    as_json: JsonOption = False,
    full: Annotated[
        bool,
        typer.Option("--full", help="With --json: all that is read, also what is not sure."),
    ] = False,
) -> None:
    """Show what is read from postmortems: the incident, the sections, every action item.

    Each item comes with its line, its shape and how sure the reading is. Items that are not sure
    are listed apart: nothing is made of them. As JSON, several files are a list, each with its
    name under `file`.

    Example: followthrough postmortem read docs/postmortems/2026-03-02-checkout.md
    """
    screen = world_of(ctx).screen
    found, failed = _all(screen, files)
    if as_json:
        alone = len(files) == 1
        told = [reading_json(path, reading) for path, _, reading in found]
        told = told if full else [_brief(one, named=not alone) for one in told]
        screen.data(told[0] if alone and told else told)
    else:
        for path, _, reading in found:
            _show(screen, path, reading)
    raise typer.Exit(Exit.FAILED if failed else Exit.DONE)


@app.command("lint")
def check(
    ctx: typer.Context,
    files: FilesArgument,
    *,
    fail_on: Annotated[
        FailOn, typer.Option("--fail-on", help="From which weight on to exit with 4.")
    ] = FailOn.ERROR,
    as_json: JsonOption = False,
) -> None:
    """Say what postmortems lack, with lines; for an editor, a pre-commit hook or CI.

    Judged are the rules that a document alone can break. A rule that the document waives
    (`waive: RULE until DATE because REASON`) is left out while the waiver holds.

    Example: followthrough postmortem lint --fail-on warning docs/postmortems/*.md
    """
    world = world_of(ctx)
    found, failed = _all(world.screen, files)
    now = world.seams.clock.now()
    remarks = [(path, one) for path, text, read in found for one in _unwaived(text, read, now)]
    if as_json:
        world.screen.data({"remarks": [_remark_json(path, one) for path, one in remarks]})
    else:
        for path, one in remarks:
            place = f"{path}:{one.line}" if one.line else str(path)
            world.screen.line(f"{place}: {one.weight}: {one.rule}: {one.text}")
        if not remarks and not failed:
            world.screen.line("nothing is lacking")
    if failed:
        raise typer.Exit(Exit.FAILED)
    raise typer.Exit(Exit.FINDINGS if _fails(remarks, fail_on) else Exit.DONE)


def _fails(remarks: list[tuple[Path, Remark]], fail_on: FailOn) -> bool:
    weights = {one.weight for _, one in remarks}
    if fail_on is FailOn.NEVER:
        return False
    return bool(weights) if fail_on is FailOn.WARNING else Weight.ERROR in weights


def _unwaived(text: str, reading: Postmortem, now: datetime) -> Iterator[Remark]:
    held = {one.rule for one in waivers_in(text) if not broken(one) and not ended(one, now)}
    return (one for one in lint(reading) if one.rule not in held)


def _all(screen: Screen, files: list[Path]) -> tuple[list[tuple[Path, str, Postmortem]], bool]:
    """Every file's text and reading; a file that cannot be read is named, and the rest goes on."""
    found: list[tuple[Path, str, Postmortem]] = []
    failed = False
    for path in files:
        try:
            text = text_of(path)
        except ProblemError as error:
            screen.problem(error.problem)
            failed = True
            continue
        reading = read_postmortem(text, name=path.as_posix())
        failed = failed or any(one.code == "E107" for one in reading.problems)
        for problem in reading.problems:
            screen.problem(problem)
        found.append((path, text, reading))
    return found, failed


def text_of(path: Path) -> str:
    """A file's text, line ends as they are. Raises ProblemError E106, E107 or E119."""
    try:
        size = path.stat().st_size
        if size > _WIDEST * LONGEST:
            raise ProblemError(too_large(size, str(path)))
        data = path.read_bytes()
    except OSError as error:
        text = f"cannot be read: {error.strerror or 'unknown reason'}."
        raise ProblemError(Problem("E119", text, str(path))) from None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        text = f"byte 0x{data[error.start]:02X} at offset {error.start} is not UTF-8."
        raise ProblemError(Problem("E106", text, str(path))) from None


def reading_json(path: Path, reading: Postmortem) -> dict[str, Any]:
    """A reading as JSON has it: dates as YYYY-MM-DD, times in UTC, a duration like "1h50m"."""
    return {
        "file": path.as_posix(),
        "title": reading.title,
        "template": reading.template,
        "severity": reading.severity.value if reading.severity else None,
        "date": _day(reading.day),
        "started": moment(reading.started),
        "resolved": moment(reading.resolved),
        "duration": span(reading.duration) or None,
        "services": list(reading.services),
        "incident": reading.incident or None,
        "incidents": list(reading.incidents),
        "root_cause": reading.root_cause or None,
        "sections": list(dict.fromkeys(SECTION_NAMES[_kind(one.kind)] for one in reading.sections)),
        "empty_sections": [
            {"section": SECTION_NAMES[_kind(one.kind)], "line": one.line}
            for one in reading.sections
            if one.template
        ],
        "action_items": [_action_json(one) for one in reading.actions],
        "uncertain_items": [_action_json(one) for one in reading.uncertain],
        "blames": [{"line": line, "sentence": sentence} for line, sentence in reading.blames],
        "problems": [problem_json(one) for one in reading.problems],
    }


def _brief(told: dict[str, Any], *, named: bool) -> dict[str, Any]:
    """What a script needs of a reading: the incident, the sections and the sure items."""
    items = [{key: one[key] for key in _ITEM_KEYS} for one in told["action_items"]]
    brief = {key: told[key] for key in _KEYS} | {"action_items": items}
    return {"file": told["file"], **brief} if named else brief


def _action_json(action: ActionItem) -> dict[str, Any]:
    return {
        "title": action.title,
        "owner": action.owner or None,
        "due": _day(action.due),
        "due_text": action.due_text or None,
        "priority": action.priority.value if action.priority else None,
        "category": action.category.value if action.category else None,
        "done": bool(action.done),
        "references": list(action.references),
        "group": action.group or None,
        "line": action.line,
        "end_line": action.end_line,
        "shape": action.shape,
        "confidence": action.confidence,
    }


def _remark_json(path: Path, remark: Remark) -> dict[str, Any]:
    return {
        "file": path.as_posix(),
        "line": remark.line or None,
        "weight": remark.weight.value,
        "rule": remark.rule,
        "text": remark.text,
    }


def span(length: timedelta | None) -> str:
    """A length of time in hours and minutes: "1h50m", "43m", "30s"; "" for None."""
    if length is None:
        return ""
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "m"), (seconds, "s"))
    return "".join(f"{value}{unit}" for value, unit in parts if value) or "0m"


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _show(screen: Screen, path: Path, reading: Postmortem) -> None:
    screen.line(f"{path}: {reading.title}", "bold")
    if reading.template:
        screen.line("  a template that nobody has filled in")
        return
    told = {
        "severity": reading.severity,
        "date": reading.day,
        "duration": span(reading.duration),
        "services": ", ".join(reading.services),
        "incident": ", ".join(reading.incidents),
        "sections": ", ".join(dict.fromkeys(_named(reading))),
    }
    for name, value in told.items():
        screen.line(f"  {name:<9} {value or 'not said'}")
    for line, sentence in reading.blames:
        screen.line(f"  line {line} names a person as the cause: {sentence}", "yellow")
    _table(screen, reading.actions)
    if reading.uncertain:
        screen.line("  not sure, so nothing is made of these:", "yellow")
        _table(screen, reading.uncertain)


def _named(reading: Postmortem) -> Iterator[str]:
    for one in reading.sections:
        name = SECTION_NAMES[_kind(one.kind)]
        yield f"{name} (empty)" if one.template else name


def _kind(kind: str) -> Any:  # noqa: ANN401  the enum's member compares equal to its text
    return kind


def _table(screen: Screen, actions: tuple[ActionItem, ...]) -> None:
    if not actions:
        return
    rows = [
        (
            f"  {one.line}",
            "x" if one.done else "",
            one.title,
            one.owner,
            _day(one.due) or one.due_text,
            one.priority or "",
            " ".join(one.references),
            f"{one.confidence:.2f}",
        )
        for one in actions
    ]
    heads = ("  line", "done", "action", "owner", "due", "priority", "issue", "sure")
    screen.table(heads, [tuple(re.sub(r"\s+$", "", cell) for cell in row) for row in rows])
