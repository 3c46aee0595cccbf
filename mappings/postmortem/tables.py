"""Tables of action items: what each column holds, and the rows."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from mappings.postmortem.blocks import Block, Row
from mappings.postmortem.fields import read_line
from mappings.postmortem.inline import bold, norm, plain, struck
from mappings.postmortem.labels import Role, role_of
from mappings.postmortem.prompts import blank, nothing, partial
from mappings.postmortem.references import references_in
from mappings.postmortem.said import Said, Setting, of_field

#: What a table's first column must be about for it to be of actions wherever it stands.
_ACTING: Final = re.compile(
    r"\b(?:actions?|tasks?|follow ?ups?|to ?dos?|remediations?|improvements?|massnahmen?|aufgaben?"
    r"|mesures?"
    r"|tache|accion|tarea|acao|tarefa|azione|actie\w*|action items?)\b|アクション|対策|タスク|行动"
    r"|措施|조치|задач"
    r"|действи"
)
_OF_ITEMS: Final = frozenset({Role.OWNER, Role.DUE, Role.STATUS, Role.PRIORITY, Role.REFERENCE})
_TOLD: Final = (Role.OWNER, Role.DUE, Role.STATUS, Role.PRIORITY, Role.CATEGORY, Role.REFERENCE)
_BOX: Final = re.compile(r"\\?\[[ xX]?\\?\]|[\u2610\u2611\u2705\u2714\u274c\u2b1c]\ufe0f?")
_UNFILLED_DATE: Final = re.compile(r"\W*(?:Y{2,4}|J{4}|A{4}|X{2,4}|DD|MM)\b.*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column holds what; ``sure`` is how sure it is a table of action items, 0 to 1."""

    at: dict[Role, int]
    sure: float


@dataclass(frozen=True, slots=True)
class RowSaid:
    """One row read: what it says, its line, the group row above it, how far it is a sample."""

    said: Said
    line: int
    group: str = ""
    sample: bool = False


def columns_of(block: Block, *, acting: bool, named: dict[str, str] | None = None) -> Columns:
    """What a table's columns hold. ``acting``: it stands in a section of action items."""
    heads = [plain(cell, named) for cell in block.rows[0].cells] if block.rows else []
    roles = [
        Role.STATUS if not head.strip() and _boxes(block.rows[1:], index) else role_of(head)
        for index, head in enumerate(heads)
    ]
    at: dict[Role, int] = {}
    for index, role in enumerate(roles):
        if role is None or role is Role.TITLE:
            continue
        if role not in at or (role is Role.DUE and norm(heads[at[role]]) in {"date", "when"}):
            at[role] = index
    titles = [index for index, role in enumerate(roles) if role is Role.TITLE]
    spare = [index for index, role in enumerate(roles) if role in {None, Role.NOTES}]
    chosen = _longest(block.rows[1:], titles) if titles else None
    named_title = chosen is not None
    if chosen is None and _OF_ITEMS & at.keys():
        chosen = _longest(block.rows[1:], spare)
    if chosen is not None:
        at[Role.TITLE] = chosen
    acts = named_title and any(_ACTING.search(norm(heads[index])) for index in titles)
    return Columns(at, _sure(at, acting=acting, named_title=named_title, acts=acts))


def _boxes(rows: Sequence[Row], index: int) -> bool:
    """Whether every cell of a column without a name is a check box or a sign for done or not."""
    cells = [row.cells[index].strip() for row in rows if index < len(row.cells)]
    return bool(cells) and all(_BOX.fullmatch(one) for one in cells)


def _longest(rows: Sequence[Row], among: list[int]) -> int | None:
    """The column with most text."""

    def size(index: int) -> int:
        return sum(len(row.cells[index]) for row in rows if index < len(row.cells))

    return max(among, key=size, default=None)


def _sure(at: dict[Role, int], *, acting: bool, named_title: bool, acts: bool) -> float:
    tells = len(_OF_ITEMS & at.keys())
    if Role.TITLE not in at:
        return 0.0
    if Role.TIME in at and (not acting or tells < 2):  # noqa: PLR2004  a log names who, too
        return 0.2
    if acting:
        return 0.95 if named_title and tells else 0.85 if acts or tells else 0.3
    if acts and tells >= 2:  # noqa: PLR2004  an owner alone does not make a list of tasks
        return 0.8
    return 0.4 if acts and tells else 0.2


def rows_of(block: Block, columns: Columns, setting: Setting) -> Iterator[RowSaid]:
    """The rows that say something, each with the group row above it."""
    group = ""
    for row in block.rows[1:]:
        told = [cell for cell in row.cells if cell.strip()]
        if len(told) == 1 and len(row.cells) > 2 and bold(told[0]):  # noqa: PLR2004  columns
            group = plain(told[0], setting.named)
            continue
        raw = _cell(row, columns.at[Role.TITLE])
        words = plain(raw, setting.named)
        if blank(raw, words) or nothing(words):
            continue
        yield RowSaid(
            _said(row, raw, columns, setting), row.line, group, _sample(row, raw, columns)
        )


def _said(row: Row, raw: str, columns: Columns, setting: Setting) -> Said:
    placed = Role.OWNER in columns.at or Role.DUE in columns.at
    said = read_line(raw, setting, bare=placed)
    told = Said()
    for role in _TOLD:
        if role in columns.at:
            told = told.over(of_field(role, _cell(row, columns.at[role]), setting))
    said = Said(title=said.title, boxed=said.boxed, struck=said.struck).over(told).over(said)
    if Role.NOTES in columns.at:
        noted = references_in(_cell(row, columns.at[Role.NOTES]), setting.named)
        said = said.over(Said(references=noted))
    return said


def _sample(row: Row, raw: str, columns: Columns) -> bool:
    """Whether a row is a template's: its text, owner or date is still to be filled in."""
    if partial(raw) or struck(raw):
        return partial(raw)
    for role in (Role.OWNER, Role.DUE):
        cell = _cell(row, columns.at[role]) if role in columns.at else ""
        if (
            partial(cell)
            or re.fullmatch(r"\s*[<\[{][^<>\[\]]*[>\]}]\s*", cell)
            or _UNFILLED_DATE.fullmatch(cell)
        ):
            return True
    return False


def _cell(row: Row, index: int) -> str:
    return row.cells[index] if index < len(row.cells) else ""
