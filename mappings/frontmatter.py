"""A document's front matter: read line by line, and changed one line at a time, nothing else.

No YAML is ever written. Reading is stricter than YAML where YAML guesses (duplicate keys, ``no``
as false) and every refusal names file, line and remedy (E101-E107 of docs/errors.md). What YAML
allows and nobody here needs (a table below a key, a text of several lines) is passed over.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from mappings.problem import Problem, ProblemError

#: Longest file read, in bytes.
MAX_BYTES: Final = 1024 * 1024
#: How far the closing ``---`` may be, in characters.
MAX_FRONT: Final = 64 * 1024

_KEY = re.compile(r"([A-Za-z_][\w-]*)[ \t]*:(?:[ \t]+|$)")
_ITEM = re.compile(r"[ ]*-(?:[ \t]+|$)")
_COMMENT = re.compile(r"(?:^|[ \t])#.*")
_DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*)"(?:[ \t]+#.*)?')
_SINGLE = re.compile(r"'((?:[^']|'')*)'(?:[ \t]+#.*)?")
_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", re.DOTALL)
_IN_FLOW = re.compile(r"""\s*("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^,\[\]]+?)\s*(?:,|\]|\Z)""")
# YAML 1.2 §5.7; a plain text may not begin with one of the reserved characters (§5.3, §7.3.3).
_ESCAPES: Final = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f",
    "r": "\r", "e": "\x1b", " ": " ", '"': '"', "/": "/", "\\": "\\", "N": "\x85",
    "_": "\xa0", "L": "\u2028", "P": "\u2029",
}  # fmt: skip
_RESERVED: Final = re.compile(r"[@`%,\]}|>]")
_INDICATOR: Final = re.compile(r"[-?:](?:[ \t]|$)")
_UNTOUCHED: Final = "File left untouched; not synced."


@dataclass(frozen=True, slots=True)
class Entry:
    """One key: its first and last line, its plain value, and its list items with their lines.

    ``opaque``: the value is a table or a text of several lines, which is not read.
    """

    line: int
    value: str = ""
    quoted: bool = False
    items: tuple[tuple[int, str], ...] = ()
    end: int = 0
    opaque: bool = False

    @property
    def flow(self) -> bool:
        """Whether the value is a list written in brackets."""
        return not self.quoted and self.value.startswith("[")

    @property
    def listed(self) -> tuple[str, ...]:
        """The list's values, whichever way it is written."""
        if self.flow:
            inside = self.value[1:].rstrip().removesuffix("]")
            return tuple(unquote(match[1])[0] for match in _IN_FLOW.finditer(inside))
        return tuple(value for _, value in self.items)


@dataclass(frozen=True, slots=True)
class Document:
    """A document: every line with its own line end, the front matter's entries, the body's start.

    ``"".join(lines)`` is the file, byte for byte; ``close`` is the index of the second ``---``.
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
        """A scalar value; "" for missing, empty, ``NULL``, ``~``, and what is no scalar."""
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
        return self.with_lines(index, index, (content,))

    def with_lines(self, first: int, last: int, contents: tuple[str, ...]) -> "Document":
        """The document with lines ``first`` to ``last`` replaced; line ends as the first's."""
        old = self.lines[first]
        end = old[len(old.rstrip("\r\n")) :]
        if not end and len(contents) > 1:
            end = "\n"
        fresh = (content + end for content in contents)
        lines = (*self.lines[:first], *fresh, *self.lines[last + 1 :])
        return parse("".join(lines), self.place)


def decode(data: bytes, place: str) -> str:
    """The text of a file. Raises ProblemError E106 or E107; never guesses an encoding."""
    if len(data) > MAX_BYTES:
        raise ProblemError(too_large(len(data), place))
    if data.startswith(b"\xef\xbb\xbf"):
        text, remedy = "begins with a byte order mark.", "Save it as UTF-8 without one."
        raise ProblemError(Problem("E106", text, place, remedy))
    if b"\0" in data:
        text = f"holds a NUL byte at offset {data.index(0)}."
        raise ProblemError(Problem("E106", text, place, "Take it out."))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        text = f"byte 0x{data[error.start]:02X} at offset {error.start} is not UTF-8."
        raise ProblemError(Problem("E106", text, place, "Save the file as UTF-8.")) from None


def too_large(size: int, place: str) -> Problem:
    """E107: a file of ``size`` bytes is not read."""
    text = f"{size / MAX_BYTES:.1f} MiB is over the 1 MiB limit."
    return Problem("E107", text, place, "Make it smaller: it is not read.")


def parse(text: str, place: str) -> Document:
    """The document. Raises ProblemError E101-E105 with ``place:line`` or ``place:line:column``."""
    lines = tuple(text.splitlines(keepends=True)) if _plain(text) else _split(text)
    if not lines or lines[0].rstrip("\r\n") != "---":
        text, remedy = "does not begin with '---'.", "Put the line before the first key."
        raise ProblemError(Problem("E104", text, f"{place}:1", remedy))
    close = _closing(lines, place)
    return Document(lines, _entries(lines[:close], place), close, place)


def _plain(text: str) -> bool:
    """Whether ``splitlines`` breaks lines at line feeds alone, as Metis does."""
    return not any(char in text for char in "\v\f\x1c\x1d\x1e\x85\u2028\u2029") and (
        "\r" not in text or text.count("\r") == text.count("\r\n")
    )


def _split(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[^\n]*\n|[^\n]+", text))


def _closing(lines: tuple[str, ...], place: str) -> int:
    size = 0
    for index, line in enumerate(lines[1:], 1):
        if line.startswith("---") and line.rstrip() == "---":
            return index
        size += len(line)
        if size > MAX_FRONT:
            break
    remedy = "Put the line after the last key."
    raise ProblemError(Problem("E104", "no closing '---' within 64 KiB.", place, remedy))


def _entries(lines: tuple[str, ...], place: str) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    key = ""
    for index in range(1, len(lines)):
        line = lines[index].rstrip()
        if not line or line.lstrip().startswith("#"):
            continue
        where = f"{place}:{index + 1}"
        match = _KEY.match(line)
        if match:
            key = match[1]
            if key in entries:
                first = entries[key].line + 1
                text = f'key "{key}" also on line {first}. Keep one.'
                raise ProblemError(Problem("E102", text, where))
            entries[key] = _entry(line, index, match.end(), where)
        elif key and (line[0] in " \t" or _ITEM.match(line)):
            entries[key] = _continued(entries[key], line, index, where)
        else:
            text = "front matter is not valid YAML (neither `key: value` nor a list item)."
            raise ProblemError(Problem("E101", text, where, _UNTOUCHED))
    for name, entry in entries.items():
        if entry.flow and not entry.opaque and not entry.value.endswith("]"):
            text = f"the list of {name} has no closing bracket."
            raise ProblemError(Problem("E101", text, f"{place}:{entry.line + 1}", _UNTOUCHED))
    return entries


def _entry(line: str, index: int, start: int, where: str) -> Entry:
    """What stands on a key's own line."""
    raw = line[start:]
    if raw[:1] in {"|", ">"}:
        return Entry(index, end=index, opaque=True)
    value, quoted = _scalar(raw, f"{where}:{start + 1}")
    return Entry(index, value, quoted, end=index)


def _continued(entry: Entry, line: str, index: int, where: str) -> Entry:
    """The entry with one more line: a list item, or what is passed over."""
    if entry.opaque:
        return replace(entry, end=index)
    item = _ITEM.match(line)
    if item and not entry.value and not entry.quoted:
        value, _ = _scalar(line[item.end() :], f"{where}:{item.end() + 1}", mapping=True)
        return replace(entry, items=(*entry.items, (index, value)), end=index)
    if line[0] == "\t":
        text = "front matter is not valid YAML (a tab cannot indent)."
        raise ProblemError(Problem("E101", text, f"{where}:1", _UNTOUCHED))
    if entry.flow:
        more = _COMMENT.sub("", line).strip()
        return replace(entry, value=f"{entry.value} {more}", end=index)
    if entry.quoted or item:
        text = "front matter is not valid YAML (the value ended on the line before)."
        raise ProblemError(Problem("E101", text, where, _UNTOUCHED))
    return replace(entry, value="", items=(), end=index, opaque=True)


def _scalar(raw: str, where: str, *, mapping: bool = False) -> tuple[str, bool]:
    """A plain or quoted value and whether it was quoted.

    ``mapping``: ``key: value`` is allowed here and not read. Raises ProblemError E101 or E105.
    """
    value = raw.strip()
    if not value:
        return "", False
    first = value[0]
    if first in "&*!":
        text = "YAML anchors and tags are not accepted here."
        raise ProblemError(Problem("E105", text, where, "Write the value out, or quote it."))
    if first in "\"'":
        if not _well_quoted(value):
            raise ProblemError(_badly_quoted(value, where))
        return unquote(value)
    if "#" in value:
        value = _COMMENT.sub("", value).rstrip()
    if first in "[{":
        return value, False
    if _RESERVED.match(value) or (not mapping and _INDICATOR.match(value)):
        text = f'front matter is not valid YAML (a text cannot begin with "{first}" here).'
        raise ProblemError(Problem("E101", text, where, "Put the value in quotes."))
    if not mapping and (": " in value or value.endswith(":")):
        text = "front matter is not valid YAML (mapping values not allowed here)."
        raise ProblemError(Problem("E101", text, where, "Put the value in quotes."))
    return value, False


def _well_quoted(value: str) -> bool:
    if value[0] == "'":
        return _SINGLE.fullmatch(value) is not None
    match = _DOUBLE.fullmatch(value)
    if match is None:
        return False
    return all(code[0] in _ESCAPES or len(code) > 1 for code in _ESCAPE.findall(match[1]))


def _badly_quoted(value: str, where: str) -> Problem:
    """E101; for a title that Metis wrote without escaping it, how it was meant."""
    text = "quotes or backslashes inside a quoted value are not closed or not known to YAML."
    if len(value) == 1 or not value.endswith(value[0]):
        return Problem("E101", text, where, _UNTOUCHED)
    meant = value[1:-1].replace('"', "'").replace("\\", "/")
    return Problem("E101", text, where, f'Write "{meant}" if that is meant. {_UNTOUCHED}')


def unquote(value: str) -> tuple[str, bool]:
    """A scalar without its quotes, and whether it had any."""
    if value[:1] == "'" and (match := _SINGLE.fullmatch(value)):
        return match[1].replace("''", "'"), True
    if value[:1] == '"' and (match := _DOUBLE.fullmatch(value)):
        inside = match[1]
        return (_ESCAPE.sub(_unescaped, inside) if "\\" in inside else inside), True
    return value, False


def _unescaped(match: re.Match[str]) -> str:
    code = match[1]
    if len(code) > 1:
        number = int(code[1:], 16)
        return chr(number) if number <= 0x10FFFF else "\ufffd"  # noqa: PLR2004  Unicode's last
    return _ESCAPES.get(code, code)
