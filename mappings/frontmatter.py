"""A document's front matter: read line by line, and changed one line at a time, nothing else.

No YAML is ever written. Reading is stricter than YAML where YAML guesses (duplicate keys, ``no``
as false) and every refusal names file, line and remedy (failures.md §5.5, E101-E107).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from mappings.problem import Problem, ProblemError

#: Longest file read (failures.md §2: cap before parsing).
MAX_BYTES: Final = 1024 * 1024
#: How far the closing ``---`` may be.
MAX_FRONT: Final = 64 * 1024

_KEY = re.compile(r"([A-Za-z_][\w-]*)[ \t]*:(?:[ \t]+|$)")
_ITEM = re.compile(r"[ \t]*-(?:[ \t]+|$)")


@dataclass(frozen=True, slots=True)
class Entry:
    """One key: the index of its line, its plain value, and the lines of its list items."""

    line: int
    value: str = ""
    quoted: bool = False
    items: tuple[tuple[int, str], ...] = ()

    @property
    def is_list(self) -> bool:
        """Whether the value is a list, written in either style."""
        return bool(self.items) or self.value.startswith("[")

    @property
    def listed(self) -> tuple[str, ...]:
        """The list's values, whichever way it is written."""
        if self.value.startswith("[") and self.value.endswith("]"):
            parts = (part.strip() for part in self.value[1:-1].split(","))
            return tuple(unquote(part)[0] for part in parts if part)
        return tuple(value for _, value in self.items)


@dataclass(frozen=True, slots=True)
class Document:
    """A document: every line with its own line end, the front matter's entries, the body's start.

    ``"".join(lines)`` is the file, byte for byte.
    """

    lines: tuple[str, ...]
    entries: Mapping[str, Entry]
    close: int
    place: str = ""

    @property
    def text(self) -> str:
        """The whole file."""
        return "".join(self.lines)

    @property
    def body(self) -> str:
        """What follows the front matter."""
        return "".join(self.lines[self.close + 1 :])

    def get(self, key: str) -> str:
        """A scalar value; "" for missing, empty, ``NULL`` and ``~``."""
        entry = self.entries.get(key)
        if entry is None or (not entry.quoted and entry.value in {"NULL", "null", "~"}):
            return ""
        return entry.value

    def listed(self, key: str) -> tuple[str, ...]:
        """A list's values; () when missing."""
        entry = self.entries.get(key)
        return entry.listed if entry else ()

    def at(self, key: str) -> str:
        """The place of a key, for messages."""
        entry = self.entries.get(key)
        return f"{self.place}:{entry.line + 1}" if entry else self.place

    def with_line(self, index: int, content: str) -> "Document":
        """The document with one line replaced; the line's own line end stays."""
        old = self.lines[index]
        end = old[len(old.rstrip("\r\n")) :]
        lines = (*self.lines[:index], content + end, *self.lines[index + 1 :])
        return parse("".join(lines), self.place)

    def without_lines(self, indexes: frozenset[int]) -> "Document":
        """The document without some lines."""
        if not indexes:
            return self
        kept = (line for index, line in enumerate(self.lines) if index not in indexes)
        return parse("".join(kept), self.place)

    def with_body(self, body: str) -> "Document":
        """The document with another body."""
        head = self.lines[: self.close + 1]
        return replace(self, lines=(*head, *body.splitlines(keepends=True)))


def decode(data: bytes, place: str) -> str:
    """The text of a file. Raises ProblemError E106 or E107; never guesses an encoding."""
    if len(data) > MAX_BYTES:
        size = f"{len(data) / MAX_BYTES:.1f} MiB is over the 1 MiB limit."
        raise ProblemError(Problem("E107", size, place))
    if data.startswith(b"\xef\xbb\xbf"):
        raise ProblemError(
            Problem("E106", "begins with a byte order mark. Save without it.", place)
        )
    if b"\0" in data:
        text = f"holds a NUL byte at offset {data.index(0)}."
        raise ProblemError(Problem("E106", text, place))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        text = f"byte 0x{data[error.start]:02X} at offset {error.start} is not UTF-8."
        raise ProblemError(Problem("E106", text, place)) from None


def parse(text: str, place: str) -> Document:
    """The document. Raises ProblemError E101-E105 with ``place:line``."""
    lines = tuple(text.splitlines(keepends=True)) if _plain(text) else _split(text)
    if not lines or lines[0].rstrip("\r\n") != "---":
        raise ProblemError(Problem("E104", "does not begin with '---'.", f"{place}:1"))
    close = _closing(lines, place)
    return Document(lines, _entries(lines[:close], place), close, place)


def _plain(text: str) -> bool:
    """Whether ``splitlines`` and Metis agree on what a line is."""
    return not any(char in text for char in "\v\f\x1c\x1d\x1e\x85\u2028\u2029")


def _split(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[^\n]*\n|[^\n]+", text))


def _closing(lines: tuple[str, ...], place: str) -> int:
    size = 0
    for index, line in enumerate(lines[1:], 1):
        if line.rstrip() == "---":
            return index
        size += len(line)
        if size > MAX_FRONT:
            break
    raise ProblemError(Problem("E104", "no closing '---' within 64 KiB.", place))


def _entries(lines: tuple[str, ...], place: str) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    key = ""
    for index, raw in enumerate(lines[1:], 1):
        line = raw.rstrip()
        if not line or line.lstrip().startswith("#"):
            continue
        where = f"{place}:{index + 1}"
        item, match = _ITEM.match(line), _KEY.match(line)
        if item and key and not entries[key].value:
            value, _ = _scalar(line[item.end() :], where)
            old = entries[key]
            entries[key] = replace(old, items=(*old.items, (index, value)))
        elif match:
            key = match[1]
            if key in entries:
                first = entries[key].line + 1
                text = f'key "{key}" also on line {first}. Keep one.'
                raise ProblemError(Problem("E102", text, where))
            value, quoted = _scalar(line[match.end() :], where)
            entries[key] = Entry(index, value, quoted)
        else:
            text = "front matter is not valid YAML (neither `key: value` nor a list item)."
            raise ProblemError(Problem("E101", text, where, "File left untouched; not synced."))
    return entries


def _scalar(raw: str, where: str) -> tuple[str, bool]:
    """A plain or quoted value. Raises ProblemError E101 (broken quotes) or E105."""
    value = raw.strip()
    if value[:1] in {"&", "*", "!"}:
        raise ProblemError(Problem("E105", "YAML anchors and tags are not accepted here.", where))
    if value[:1] in {"|", ">"}:
        text = "YAML block texts are not accepted here."
        raise ProblemError(Problem("E105", text, where))
    if value[:1] in {'"', "'"}:
        if not _well_quoted(value):
            repair = value[0] + value[1:-1].replace('"', "'").replace("\\", "/") + value[0]
            hint = f"Write {repair} if that is meant." if value.endswith(value[0]) else ""
            problem = Problem("E101", "quotes inside a quoted value are not closed.", where, hint)
            raise ProblemError(problem)
        return unquote(value)
    return value.split(" #", 1)[0].rstrip(), False


def _well_quoted(value: str) -> bool:
    if value[0] == "'":
        return len(value) > 1 and bool(re.fullmatch(r"'(?:[^']|'')*'(?:[ \t]+#.*)?", value))
    return bool(re.fullmatch(r'"(?:[^"\\]|\\.)*"(?:[ \t]+#.*)?', value))


def unquote(value: str) -> tuple[str, bool]:
    """A scalar without its quotes, and whether it had any."""
    if value[:1] == "'" and (match := re.match(r"'((?:[^']|'')*)'", value)):
        return match[1].replace("''", "'"), True
    if value[:1] == '"' and (match := re.match(r'"((?:[^"\\]|\\.)*)"', value)):
        return re.sub(r"\\(.)", r"\1", match[1]), True
    return value, False
