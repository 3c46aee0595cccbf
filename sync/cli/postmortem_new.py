"""``followthrough postmortem new``: a document to write on, filled with what is known."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer
from sqlalchemy import Connection

from adapters.base import Comment
from adapters.errors import AdapterError
from mappings.problem import Problem, ProblemError
from mappings.vocabulary import Side
from sync.cli.items import ids_of
from sync.cli.screen import printable
from sync.cli.session import ConfigOption, PairOption, Session, connected, remembered
from sync.effect import facts
from sync.report import postmortem
from sync.rules.model import IncidentFacts
from sync.settings import DEFAULT_FILE
from sync.settings.actions import main_of

#: What is ours in a comment.
OUR_MARK: Final = "<!-- followthrough:"


class Template(StrEnum):
    """The shipped templates; each name says how action items are laid out."""

    NUMBERED = "numbered"
    HORIZONS = "horizons"
    TABLE = "table"
    CHECKLIST = "checklist"
    TIMELINE = "timeline"


def new(
    ctx: typer.Context,
    *,
    incident: Annotated[str, typer.Argument(help="Its key, short code, number or address.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="Write to this file, which must not be there yet; or into this folder, under a "
            "name of day, incident and title.",
        ),
    ] = None,
    template: Annotated[
        Template, typer.Option("--template", "-t", help="How action items are laid out.")
    ] = Template.CHECKLIST,
    offline: Annotated[
        bool, typer.Option("--offline", help="Only what is remembered; make no request.")
    ] = False,
    config: ConfigOption = DEFAULT_FILE,
    pair: PairOption = None,
) -> None:
    """Write a postmortem's first page from a template.

    Filled in is what is known of the incident: title, severity, who leads, when it was opened,
    worked on and closed, how long that took, and what people wrote on it (read from the tracker
    now, but for --offline). The rest are questions; as long as they stand there the document counts
    as not written. No file is ever overwritten.

    Example: followthrough postmortem new acme/payments#12 -o docs/postmortems/
    """
    if output is not None and not output.suffix and not output.is_dir():
        text = f"no folder {output} is there; make it first, or name a file, such as {output}.md"
        raise typer.BadParameter(text, param_hint="--output")
    opening = (
        remembered(ctx, config, pair) if offline else connected(ctx, config, pair, writing=False)
    )
    with opening as session:
        found = _incident(session, incident)
        filled = postmortem.known(found, _notes(session, found))
        written = postmortem.write(template, filled)
        for one in found.postmortems:
            session.screen.note(f"It has one already: {one.place or one.url or one.name}")
        if output is None:
            session.screen.out.file.write(printable(written))
            return
        file = output / filled.file_name if output.is_dir() else output
        _create(file, printable(written))
        session.screen.line(f"wrote {file}")


def _notes(session: Session, incident: IncidentFacts) -> list[Comment]:
    """What people said on it; nothing where the tracker is not asked, or does not answer."""
    opened = next((one for one in session.pairs if one.name == incident.pair), None)
    if opened is None or incident.side is not Side.RIGHT:
        return []
    project = opened.projects[Side.RIGHT]
    if not project.capabilities.notes:
        return []
    try:
        said = list(project.comments(incident.item.ref))
    except AdapterError as error:
        session.screen.problem(error.problem)
        session.screen.note("So what people wrote on the incident is not in the timeline.")
        return []
    return [one for one in said if OUR_MARK not in one.text]


def _incident(session: Session, name: str) -> IncidentFacts:
    """The incident that people call ``name``. Raises ProblemError (E406)."""
    known = False
    with session.store.reading() as tx:
        for pair in session.names:
            ends = ids_of(tx, pair, name)
            known = known or bool(ends)
            found = None if main_of(pair) else _among(session, tx, pair, ends)
            if found is not None:
                return found
    text = f'"{name}" is no incident.' if known else f'no item "{name}" was ever read.'
    raise ProblemError(Problem("E406", text, remedy="Is it in the pair's projects? See `check`."))


def _among(
    session: Session, tx: Connection, pair: str, ends: list[tuple[Side, str]]
) -> IncidentFacts | None:
    if not ends:
        return None
    now = session.seams.clock.now()
    state = facts.state_of(tx, pair, facts.remembered(tx, pair), now)
    told = (one for one in state.incidents if (one.side, one.item.ref.id) in ends)
    return next(told, None)


def _create(file: Path, written: str) -> None:
    """Write a new file. Raises BadParameter for one that is there, ProblemError (E304)."""
    try:
        with file.open("x", encoding="utf-8", newline="") as stream:
            stream.write(written)
    except FileExistsError:
        text = f"{file} is already there, and nothing is overwritten"
        raise typer.BadParameter(text, param_hint="--output") from None
    except OSError as error:
        problem = Problem("E304", f"cannot be written: {error.strerror}.", str(file))
        raise ProblemError(problem) from None
