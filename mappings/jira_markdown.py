"""Jira's wiki markup as Markdown. Pure, and in one pass over the lines.

The library there is for this (jira2markdown) needs 90 to 230 milliseconds for half a page; ten
thousand descriptions are read in one go here. What Markdown has no word for (colours, panels,
inserted text) keeps its text.
"""

import re
from html import unescape
from typing import Final

_CODE: Final = re.compile(
    r"(?<![{\\])\{(?P<macro>code|noformat)(?::(?P<args>[^}\n]*))?\}(?!\})(?P<text>.*?)\{(?P=macro)\}",
    re.DOTALL,
)
_PLAIN_MACRO: Final = re.compile(r"\{(?:color|panel|info|note|tip|warning|anchor)(?::[^}\n]*)?\}")
_LANGUAGE: Final = re.compile(r"[A-Za-z0-9+#]{1,20}")
_KEPT: Final = re.compile(r"\x00(\d+)\x00")
_HEADING: Final = re.compile(r"h([1-6])\.(?:[ \t]+|\Z)(.*)")
_QUOTED: Final = re.compile(r"bq\.(?:[ \t]+|\Z)(.*)")
_RULE: Final = re.compile(r"-{4,}")
_ITEM: Final = re.compile(r"([*#]+|-)(?:[ \t]+|\Z)(.*)")
_TASK: Final = re.compile(r"\\?\[([ xX])\\?\](?=\s)")

_PUNCTUATION: Final = r"!-/:-@\[-`{-~"
_INNER: Final = r"(?:\\[^\n]|[^\\\n])"
_MARKUP: Final = re.compile(
    "|".join(
        (
            r"(?P<line>(?:(?<![ \t])[ \t]+)?\\\\(?![\\*_\[\]{}|!^~+-])[ \t]*)",
            rf"\\(?P<literal>[{_PUNCTUATION}])",
            rf"\{{\{{(?P<mono>{_INNER}{{0,500}}?)\}}\}}(?!\}})",
            r"\[(?P<link>(?:\\[^\n]|[^\\\]\n]){1,1000})\]",
            r"(?<!\w)!(?P<image>[^\s!|\\][^!|\n\\]*)(?:\|[^!\n]*)?!",
            rf"\{{(?P<brace>[*_-])\}}(?=\S)(?P<braced>{_INNER}{{1,500}}?)\{{(?P=brace)\}}",
            (
                rf"(?<![^\W_])(?P<mark>[*_-])(?=[^\s*_-])(?P<marked>{_INNER}{{0,500}}?[^\s\\])"
                r"(?:(?P=mark)|\{(?P=mark)\})(?!\w)"
            ),
            (
                rf"(?<![^\W_])(?P<dropped>[+^~]|\?\?)(?=\S)(?P<bare>{_INNER}{{0,500}}?[^\s\\])"
                r"(?P=dropped)(?!\w)"
            ),
            r"(?P<entity>&\#?\w{1,8};)",
        )
    )
)
_WORD_MARKS: Final = {"*": "**", "_": "*", "-": "~~"}

_SPECIAL: Final = re.compile(
    r"\\(?=[!-/:-@\[-`{-~]|\Z)|`|(?<![ \t])\*|\*(?![ \t]|\Z)|(?<![^\W_])_|_(?![^\W_])|~(?=~)"
    r"|<(?=[A-Za-z/!?])|&(?=\#?\w{1,32};)|\[(?=[^\]\n]{0,1000}\][ \t]*[(\[:])|!(?=\[)"
)
_LINE_START: Final = re.compile(r"(?:#{1,6}|[-+*])(?=\s|\Z)|>|[-=_*+:| \t]{2,}\Z|~~~|\|")
_NUMBERED: Final = re.compile(r"([0-9]{1,9})([.)])(?=\s|\Z)")
_WIDTH: Final = {"*": 2, "-": 2, "#": 3}


def to_markdown(wiki: str) -> str:
    """The text as Markdown, LF line ends, blocks set off by one blank line."""
    text = wiki.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(_fence(match))
        return f"\n\0{len(kept) - 1}\0\n"

    if "{" in text:
        text = _PLAIN_MACRO.sub("", _CODE.sub(keep, text))
    blocks = _Blocks(kept)
    for line in text.split("\n"):
        blocks.read(line.strip())
    return blocks.text()


def _fence(match: re.Match[str]) -> str:
    """A block of code as a fence that is longer than any within."""
    arguments = (match["args"] or "").split("|")
    named = [one for one in arguments if _LANGUAGE.fullmatch(one)]
    inner = match["text"].strip("\n")
    longest = max((len(run) for run in re.findall(r"`{3,}", inner)), default=2)
    ticks = "`" * (longest + 1)
    return f"{ticks}{named[0] if match['macro'] == 'code' and named else ''}\n{inner}\n{ticks}"


class _Blocks:
    """Lines come in, blocks go out. A quotation is gathered and then set in."""

    def __init__(self, kept: list[str]) -> None:
        self._kept = kept
        self._out: list[str] = []
        self._kind = ""
        self._lines: list[str] = []
        self._quote: list[str] | None = None

    def read(self, line: str) -> None:
        """One line, without blanks at its ends."""
        if "{quote}" in line:
            self._quoted(line)
        elif found := _KEPT.fullmatch(line):
            self._add(self._kept[int(found[1])])
        elif not line:
            self._end()
        elif found := _HEADING.fullmatch(line):
            self._add(f"{'#' * int(found[1])} {_inline(found[2])}".rstrip())
        elif found := _QUOTED.fullmatch(line):
            self._add(f"> {_line(found[1])}".rstrip())
        elif _RULE.fullmatch(line):
            self._add("---")
        elif found := _ITEM.fullmatch(line):
            self._item(found[1], found[2])
        elif line.startswith("|") and len(line) > 1:
            self._row(line)
        elif self._kind == "list":
            self._lines.append(f"{self._indent}{_line(line)}")
        else:
            self._open("paragraph")
            self._lines.append(_line(line))

    def text(self) -> str:
        """Everything that was read."""
        self._end()
        if self._quote is not None:
            self._unquote()
        return "\n\n".join(self._out)

    def _open(self, kind: str) -> None:
        if self._kind != kind:
            self._end()
            self._kind = kind

    def _end(self) -> None:
        if self._lines:
            lines = _table(self._lines) if self._kind == "table" else self._lines
            self._out.append("\n".join(lines))
        self._lines, self._kind = [], ""

    def _add(self, block: str) -> None:
        self._end()
        self._out.append(block)

    def _quoted(self, line: str) -> None:
        parts = line.split("{quote}")
        for place, part in enumerate(parts):
            if part.strip():
                self.read(part.strip())
            if place + 1 < len(parts):
                self._end()
                if self._quote is None:
                    self._quote, self._out = self._out, []
                else:
                    self._unquote()

    def _unquote(self) -> None:
        inner = "\n\n".join(self._out).split("\n")
        assert self._quote is not None, "asked only within one"
        self._out, self._quote = self._quote, None
        if inner != [""]:
            self._out.append("\n".join(f"> {line}".rstrip() for line in inner))

    def _item(self, marks: str, text: str) -> None:
        self._open("list")
        before = "".join(" " * _WIDTH[mark] for mark in marks[:-1])
        self._indent = " " * (len(before) + _WIDTH[marks[-1]])
        task = _TASK.match(text)
        head = f"[{task[1]}]" if task else ""
        words = _line(text[task.end() :].strip()) if task else _line(text)
        bullet = "1." if marks[-1] == "#" else "-"
        self._lines.append(" ".join(part for part in (before + bullet, head, words) if part))

    def _row(self, line: str) -> None:
        self._open("table")
        self._lines.append(line)


def _table(rows: list[str]) -> list[str]:
    """A table needs a line of heads; one without gets an empty one."""
    cells = [_cells(row) for row in rows]
    width = max(len(row) for row in cells)
    if not rows[0].startswith("||"):
        cells.insert(0, [""] * width)
    lines = [_row_of(row, width) for row in cells]
    return [lines[0], "|" + " --- |" * width, *lines[1:]]


def _row_of(cells: list[str], width: int) -> str:
    filled = [*cells, *[""] * (width - len(cells))]
    return "|" + "".join(f" {cell} |" if cell else " |" for cell in filled)


def _cells(row: str) -> list[str]:
    """Cells of one row; a bar within a link or after a backslash divides nothing."""
    bare = re.sub(r"\|+\Z", "", row) if not row.endswith("\\|") else row
    parts = re.split(r"\|{1,2}(?![^\[\]|]*\])", bare.replace("\\|", "\1"))
    return [_inline(part.replace("\1", "\\|").strip()).replace("|", "\\|") for part in parts[1:]]


# --- within a line ------------------------------------------------------------------------


def _line(text: str) -> str:
    """A line of a paragraph, which must not begin like a block."""
    line = _inline(text)
    if found := _NUMBERED.match(line):
        return f"{found[1]}\\{found[2]}{line[found.end() :]}"
    return f"\\{line}" if _LINE_START.match(line) else line


def _inline(text: str) -> str:
    pieces: list[str] = []
    at = 0
    for match in _MARKUP.finditer(text):
        pieces.append(text[at : match.start()])
        pieces.append(_replaced(match))
        at = match.end()
    pieces.append(text[at:])
    return _assembled(pieces)


def _assembled(pieces: list[str]) -> str:
    """Plain text and what was markup, in turn. Plain neighbours are escaped as one."""
    out: list[str] = []
    plain = ""
    for piece in pieces:
        if piece.startswith("\2"):
            out += [_plain(plain), piece[1:]]
            plain = ""
        else:
            plain += piece
    return "".join([*out, _plain(plain)]).strip()


def _plain(text: str) -> str:
    return _SPECIAL.sub(_hidden, text)


def _hidden(match: re.Match[str]) -> str:
    return "&amp;" if match[0] == "&" else f"\\{match[0]}"


def _replaced(match: re.Match[str]) -> str:  # noqa: PLR0911  one for each kind of markup
    """What one piece of markup is in Markdown, after a mark; or text, without it."""
    if match["line"]:
        return "\2\\\n" if match.end() < len(match.string) else ""
    if match["literal"]:
        return match["literal"]
    if match["entity"]:
        return unescape(match["entity"])
    if match["mono"] is not None:
        return f"\2{_code_span(match['mono'])}"
    if match["link"]:
        return _link(match["link"])
    if match["image"]:
        return _image(match["image"])
    if match["dropped"]:
        return f"\2{_inline(match['bare'])}"
    mark = _WORD_MARKS[match["brace"] or match["mark"]]
    inner = _inline(match["braced"] or match["marked"])
    return f"\2{mark}{inner}{mark}"


def _code_span(text: str) -> str:
    inner = unescape(re.sub(rf"\\([{_PUNCTUATION}])", r"\1", text))
    longest = max((len(run) for run in re.findall(r"`+", inner)), default=0)
    ticks = "`" * (longest + 1)
    pad = " " if inner.startswith("`") or inner.endswith("`") else ""
    return f"{ticks}{pad}{inner}{pad}{ticks}" if inner.strip() else ""


def _link(inside: str) -> str:
    text, bar, address = inside.rpartition("|")
    if not bar:
        if re.match(r"(?:https?://|mailto:)\S+\Z", inside):
            return f"\2<{inside}>"
        return f"\2{_plain(inside[1:])}" if inside.startswith("~") else f"[{inside}]"
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:\S+\Z", address):
        return f"\2[{_inline(text)}]({_address(address)})"
    return f"\2{_inline(text)} ({_code_span(address)})"


def _image(name: str) -> str:
    if re.match(r"https?://\S+\Z", name):
        return f"\2![]({_address(name)})"
    return f"!{name}!"


def _address(text: str) -> str:
    plain = text.count("(") == text.count(")") and "\\" not in text
    return text if plain else f"<{text}>".replace("\\", "%5C")
