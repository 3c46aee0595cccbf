"""The changes ever made to a postmortem: a tick, a state, a link. One line; all else as it was.

Both functions take the text an action was read from. They are idempotent, and where the line does
not hold what is needed they return the text as it is: nothing is guessed.
"""

import re
from collections.abc import Callable
from typing import Final

from mappings.postmortem.blocks import Block, Sort, below, parse
from mappings.postmortem.front import split_front
from mappings.postmortem.inline import definitions, plain
from mappings.postmortem.labels import Role, done_of
from mappings.postmortem.model import ActionItem, Shape
from mappings.postmortem.prompts import blank
from mappings.postmortem.tables import columns_of

_LINES: Final = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_BOX: Final = re.compile(
    r"^(\s*(?:>\s*)*(?:(?:[-*+]|\d{1,9}[.)]|#{1,6})\s+)*)\[([ xX~/-]?)\](?=\s|$)"
)
_ANY_BOX: Final = re.compile(r"\[([ xX])\](?![(\[])")
_BALLOT: Final = re.compile("[\u2610\u2611\u2b1c\u2705\U0001f532]")
_TICK: Final = {"\u2610": "\u2611", "\u2b1c": "\u2705", "\U0001f532": "\u2705"}
_UNTICK: Final = {"\u2611": "\u2610", "\u2705": "\u2b1c"}
_TRAILING: Final = re.compile(r"(?<!\s)(?:\s+#+)?\s*$")
_BLANK_END: Final = re.compile(r"(?<!\s)\s*$")
_ROOM: Final = re.compile(r"^(\s*)(.*?)(\s*)$", re.DOTALL)
_BOLD: Final = re.compile(r"(\*\*|__)(.*)\1")
_KEY: Final = re.compile(r"/(?:browse|issue)/([A-Z][A-Z0-9_]+-\d+)")
_NUMBER: Final = re.compile(r"/(?:issues|pull|merge_requests|work_items|pulls)/(\d+)(?:$|[/?#])")
#: A state of more characters than this says more than the state.
_LONGEST_STATE: Final = 20
#: (done, open) as tables say it, by the word that heads the column.
_STATES: Final = {
    "状態": ("完了", "未着手"), "ステータス": ("完了", "未着手"), "状况": ("已完成", "未开始"),
    "状态": ("已完成", "未开始"), "상태": ("완료", "예정"), "статус": ("Готово", "Открыто"),
    "statut": ("Fait", "À faire"), "état": ("Fait", "À faire"), "complet": ("Oui", "Non"),
    "estado": ("Hecho", "Pendiente"), "stato": ("Fatto", "Da fare"), "done": ("Yes", "No"),
    "done?": ("Yes", "No"), "erledigt": ("Ja", "Nein"), "completed": ("Yes", "No"),
    "completed?": ("Yes", "No"), "complete": ("Yes", "No"), "zustand": ("Erledigt", "Offen"),
}  # fmt: skip


def tick(text: str, action: ActionItem, done: bool) -> str:  # noqa: FBT001  the state to be shown
    """``text`` with the action's check box or status cell saying ``done``.

    A line without either, or that says so already, stays: then the text is returned unchanged.
    """
    return _change(text, action.line, lambda line: _ticked(text, line, action, done=done))


def tickable(text: str, action: ActionItem) -> bool:
    """Whether the action's line has a box or a status cell to be set."""
    return tick(text, action, done=True) != text or tick(text, action, done=False) != text


def reference(text: str, action: ActionItem, url: str) -> str:
    """``text`` with a link to ``url`` on the action's line; a line that has it stays.

    In a table it goes into the column of issues if there is one, else behind the action.
    """
    number = action.line if action.shape == Shape.TABLE_ROW else action.end_line
    lines = _LINES.findall(text)
    own = "".join(lines[action.line - 1 : action.end_line])
    if not url or re.search(rf"{re.escape(url)}(?![\w/-]|\.\w)", own):
        return text
    return _change(text, number, lambda line: _linked(text, line, action, url))


def _change(text: str, number: int, change: Callable[[str], str]) -> str:
    """``text`` with one line changed, its line end kept."""
    lines = _LINES.findall(text)
    if not 1 <= number <= len(lines):
        return text
    line = lines[number - 1]
    body = line.rstrip("\r\n")
    lines[number - 1] = change(body) + line[len(body) :]
    return "".join(lines)


def _ticked(text: str, line: str, action: ActionItem, *, done: bool) -> str:
    if action.shape == Shape.TABLE_ROW:
        return _status_cell(text, line, action.line, done=done)
    mark = "x" if done else " "
    match = _BOX.match(line)
    if match:
        if (match[2] in {"x", "X"}) == done:
            return line
        return f"{match[1]}[{mark}]{line[match.end() :]}"
    ballot = _BALLOT.search(line[:40])
    if ballot:
        other = (_TICK if done else _UNTICK).get(ballot[0], ballot[0])
        return line[: ballot.start()] + other + line[ballot.end() :]
    return line


def _table_at(text: str, number: int) -> Block | None:
    _, body = split_front(text)
    inside = (one for one in below(parse(body)) if one.sort is Sort.TABLE)
    return next((one for one in inside if one.line < number <= one.end), None)


def _status_cell(text: str, line: str, number: int, *, done: bool) -> str:
    """The row with its status cell, or the box in any of its cells, saying so."""
    table = _table_at(text, number)
    if table is None:
        return line
    columns = columns_of(table, acting=True)
    cells = _cells(line)
    at = columns.at.get(Role.STATUS)
    box = _ANY_BOX.search(line)
    if at is None or at >= len(cells):
        if box is None or (box[1] != " ") == done:
            return line
        return f"{line[: box.start()]}[{'x' if done else ' '}]{line[box.end() :]}"
    start, end = cells[at]
    cell = line[start:end]
    if (done_of(plain(cell)) or False) == done and cell.strip():
        return line
    return line[:start] + _fitted(cell, _state(table, at, cell, done=done)) + line[end:]


def _state(table: Block, at: int, cell: str, *, done: bool) -> str:
    """The word to write: as other rows say it, else in the language of the heading."""
    box = _ANY_BOX.search(cell)
    if box:
        return cell.strip().replace(box[0], "[x]" if done else "[ ]")
    for row in table.rows[1:]:
        other = row.cells[at].strip() if at < len(row.cells) else ""
        says = done_of(plain(other)) if other and len(other) <= _LONGEST_STATE else None
        if says is done and "#" not in other:
            return other.replace("|", "\\|")
    head = plain(table.rows[0].cells[at]).casefold()
    words = _STATES.get(head, ("Done", "Open"))
    bold = _BOLD.fullmatch(cell.strip())
    word = words[0] if done else words[1]
    return f"{bold[1]}{word}{bold[1]}" if bold else word


def _fitted(cell: str, word: str) -> str:
    """A cell with other content; its width stays where the content fits."""
    room = _ROOM.match(cell)
    before = room[1] if room else ""
    if not cell.strip():
        before = " "
    after = " " * max(len(cell) - len(before) - len(word), 1)
    return f"{before}{word}{after}"


def _cells(line: str) -> list[tuple[int, int]]:
    """Where each cell of a row begins and ends, bars left out; an escaped bar is text."""
    bars = [one.start() for one in re.finditer(r"(?<!\\)\|", line)]
    first = line[: bars[0]] if bars else line
    starts = [] if bars and not first.strip() else [0]
    begins = [*starts, *(at + 1 for at in bars)]
    ends = [*(bars if starts else bars[1:]), len(line)]
    cells = list(zip(begins, ends, strict=False))
    if len(cells) > 1 and not line[cells[-1][0] :].strip():
        cells.pop()
    return cells


def _linked(text: str, line: str, action: ActionItem, url: str) -> str:
    if action.shape != Shape.TABLE_ROW:
        tail = _TRAILING if action.shape == Shape.HEADING else _BLANK_END
        behind = tail.search(line)
        at = behind.start() if behind else len(line)
        return f"{line[:at]} ({_link(url)}){line[at:]}"
    table = _table_at(text, action.line)
    cells = _cells(line)
    if table is None or not cells:
        return line
    columns = columns_of(table, acting=True, named=definitions(text))
    issues = columns.at.get(Role.REFERENCE)
    link = _link(url.replace("|", "%7C"))
    if issues is not None and issues < len(cells):
        start, end = cells[issues]
        cell = line[start:end]
        told = cell.strip()
        empty = blank(told, plain(told))
        return line[:start] + _fitted(cell, link if empty else f"{told}, {link}") + line[end:]
    title = columns.at.get(Role.TITLE, 0)
    start, end = cells[min(title, len(cells) - 1)]
    cell = line[start:end]
    return line[:start] + _fitted(cell, f"{cell.strip()} ({link})") + line[end:]


def _link(url: str) -> str:
    """A link by the issue's number or key; the bare address where neither is in it."""
    key, number = _KEY.search(url), _NUMBER.search(url)
    name = key[1] if key else f"#{number[1]}" if number else ""
    if not name or re.search(r"[()\s<>]", url):
        return f"<{url}>"
    return f"[{name}]({url})"
