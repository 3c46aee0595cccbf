"""Markdown as blocks with their lines: headings, paragraphs, lists, tables; code stays apart.

A thin layer over markdown-it-py's block parser; what stands within a line is left as written.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

#: Ends of lines as CommonMark has them; nothing else ends a line here.
LINE_END: Final = re.compile(r"\r\n|\r|\n")

# Marks that people use for lists where Markdown knows none, and boxes without a list's mark.
_LOOSE: Final = re.compile(
    r"\s*(?:[\u2022\u2023\u25e6\u25aa\u25cf\u00b7]\s*|(?=[\u2610\u2611\u2612\u2705\u2b1c\U0001f532]"
    r"|\[[ xX]\]\s))(?=\S)"
)
_SUMMARY: Final = re.compile(r"<summary[^>]*>(.*?)</summary>", re.IGNORECASE | re.DOTALL)
_TAG: Final = re.compile(r"<[^<>]*>")


class Sort(StrEnum):
    """What a block is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST = "list"
    TABLE = "table"
    CODE = "code"
    QUOTE = "quote"
    HTML = "html"


@dataclass(frozen=True, slots=True)
class Row:
    """A table's row: its line and the text of its cells."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a list: its own text with that text's lines, and the blocks below it."""

    line: int
    end: int
    text: str
    blocks: tuple["Block", ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """A block and its lines, counted from 1, both included.

    ``text`` is a heading's or paragraph's, line ends kept; ``level`` a heading's; ``rows`` of a
    table begin with its header; ``blocks`` are what a quotation holds.
    """

    sort: Sort
    line: int
    end: int
    text: str = ""
    level: int = 0
    ordered: bool = False
    entries: tuple[Entry, ...] = ()
    rows: tuple[Row, ...] = ()
    blocks: tuple["Block", ...] = ()


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable("table")
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser


_PARSER: Final = _parser()


def parse(text: str) -> tuple[Block, ...]:
    """The document's blocks. Deeper than twenty levels nothing is seen."""
    tokens = _PARSER.parse(text)
    return tuple(_blocks(_Reader(tokens), 0))


def below(blocks: Sequence[Block]) -> Iterator[Block]:
    """Every block, and those below list items; quotations are not entered."""
    for block in blocks:
        yield block
        for entry in block.entries:
            yield from below(entry.blocks)


@dataclass(slots=True)
class _Reader:
    """The tokens and how far they are read."""

    tokens: list[Token]
    at: int = 0

    def take(self) -> Token:
        self.at += 1
        return self.tokens[self.at - 1]


def _lines(token: Token) -> tuple[int, int]:
    first, last = token.map or (0, 1)
    return first + 1, max(last, first + 1)


def _blocks(reader: _Reader, level: int, *, entry: bool = False) -> Iterator[Block]:
    """Blocks until the one that holds them closes; the first of a list's ``entry`` is its text."""
    while reader.at < len(reader.tokens):
        token = reader.take()
        if token.nesting < 0 and token.level < level:
            return
        line, end = _lines(token)
        if token.type == "paragraph_open":
            text = reader.take().content
            if entry:
                yield Block(Sort.PARAGRAPH, line, end, text)
            else:
                yield from _paragraph(text, line, end)
        elif token.type in {"bullet_list_open", "ordered_list_open"}:
            entries = tuple(_entries(reader, token.level + 1))
            ordered = token.type.startswith("ordered")
            yield Block(Sort.LIST, line, end, ordered=ordered, entries=entries)
        elif token.type == "blockquote_open":
            inner = tuple(_blocks(reader, token.level + 1))
            yield Block(Sort.QUOTE, line, end, blocks=inner)
        else:
            yield from _single(reader, token, line, end)
        entry = False


def _single(reader: _Reader, token: Token, line: int, end: int) -> Iterator[Block]:
    """A block that holds no others."""
    if token.type == "heading_open":
        yield Block(Sort.HEADING, line, end, reader.take().content, level=int(token.tag[1]))
    elif token.type == "table_open":
        yield Block(Sort.TABLE, line, end, rows=tuple(_rows(reader)))
    elif token.type in {"fence", "code_block"}:
        yield Block(Sort.CODE, line, end, token.content)
    elif token.type == "html_block":
        yield _html(token.content, line, end)


def _entries(reader: _Reader, level: int) -> Iterator[Entry]:
    while reader.at < len(reader.tokens):
        token = reader.take()
        if token.nesting < 0 and token.level < level:
            return
        if token.type == "list_item_open":
            line, _ = _lines(token)
            blocks = tuple(_blocks(reader, token.level + 1, entry=True))
            if blocks and blocks[0].sort in {Sort.PARAGRAPH, Sort.HEADING}:
                first = blocks[0]
                yield Entry(line, max(line, first.end), first.text, blocks[1:])
            else:
                yield Entry(line, line, "", blocks)


def _rows(reader: _Reader) -> Iterator[Row]:
    cells: list[str] = []
    line = 1
    while (token := reader.take()).type != "table_close":
        if token.type == "tr_open":
            cells, (line, _) = [], _lines(token)
        elif token.type == "inline":
            cells.append(token.content)
        elif token.type == "tr_close":
            yield Row(line, tuple(cells))


def _html(content: str, line: int, end: int) -> Block:
    """A folded part's title is a heading below all others; other HTML is passed over."""
    summary = _SUMMARY.search(content)
    text = _TAG.sub(" ", summary[1]).strip() if summary else ""
    if text:
        return Block(Sort.HEADING, line, end, text, level=7)
    return Block(Sort.HTML, line, end, content)


def _paragraph(text: str, line: int, end: int) -> Iterator[Block]:
    """A paragraph; lines with a mark that is not Markdown's are a list."""
    lines = text.split("\n")
    first = next((at for at, one in enumerate(lines) if _LOOSE.match(one)), None)
    if first is None:
        yield Block(Sort.PARAGRAPH, line, end, text)
        return
    if first:
        yield Block(Sort.PARAGRAPH, line, line + first - 1, "\n".join(lines[:first]))
    entries: list[Entry] = []
    for at, one in enumerate(lines[first:], line + first):
        mark = _LOOSE.match(one)
        if mark:
            entries.append(Entry(at, at, one[mark.end() :]))
        else:
            last = entries[-1]
            entries[-1] = replace(last, end=at, text=f"{last.text}\n{one}")
    yield Block(Sort.LIST, line + first, end, entries=tuple(entries))
