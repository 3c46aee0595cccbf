"""Markdown as Jira's wiki markup. Pure.

Made with a CommonMark parser, block by block. Of the libraries there are for this, mistletoe's
Jira renderer loses the end of quotations and block structure within lists, and reads its own
escapes as markup; both directions here are written to agree with each other
(:mod:`mappings.jira_markdown`), which is what keeps a text from changing a little each time.

What wiki markup cannot say is written as text: a path that leads nowhere in Jira stands in
parentheses after its name, raw HTML is shown, and HTML comments are left out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

from mappings.inert import INERT

_PARSER: Final = MarkdownIt("commonmark").enable(["table", "strikethrough"])
#: A forced line break; a bare line end would be one, too, but would end a list's item.
BREAK: Final = "\\\\ "
_LANGUAGE: Final = re.compile(r"[A-Za-z0-9+#]{1,20}")
_FOLLOWED: Final = re.compile(r"(?:https?|mailto):", re.IGNORECASE)
_HIDDEN: Final = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_LINE_BREAK: Final = re.compile(r"<br\s*/?>", re.IGNORECASE)

# Opening marks: after no letter and before no blank. A mark that cannot open needs no escape.
_OPENER: Final = r"(?<![^\W_])(?:[*_+^~!-]|\?\?)(?=[^\s\u2060])"
_BRACKETS: Final = r"[{}\[\]|]"
# A backslash before a mark would hide it, and two are a line break.
_BACKSLASH: Final = r"\\(?=[^\w\s]|_|\Z)"
_ENTITY: Final = r"&(?=#?\w+;)"
_ACTIVE: Final = re.compile(f"(?P<slash>{_BACKSLASH})|(?P<entity>{_ENTITY})|{_BRACKETS}|{_OPENER}")
_LINE_START: Final = re.compile(r"(?:[*#]+|-+)(?=\s|\Z)")
_BLOCK_WORD: Final = re.compile(r"h(?=[1-6]\.(?:\s|\Z))|b(?=q\.(?:\s|\Z))")

_MARKS: Final = {"strong": "*", "em": "_", "s": "-"}


def to_wiki(markdown: str) -> str:
    """The text as wiki markup; blocks are set off by one blank line."""
    tokens = _PARSER.parse(markdown.replace("\0", ""))
    return "\n\n".join(_blocks(tokens))


def verbatim(text: str) -> str:
    """The text in a block in which nothing is markup."""
    return _block("noformat", "", text)


@dataclass(slots=True)
class _List:
    """Marks of the lists we are in, outermost first, and the lines of the outermost one."""

    marks: str = ""
    lines: list[str] | None = None


def _blocks(tokens: list[Token]) -> Iterator[str]:  # noqa: C901  one branch for each block
    """One block of wiki markup after the other."""
    at = 0
    while at < len(tokens):
        token = tokens[at]
        end = _end(tokens, at)
        inner = tokens[at + 1 : end]
        if token.type == "heading_open":
            yield f"h{token.tag[1]}. {_inline(inner[0])}".rstrip()
        elif token.type == "paragraph_open":
            line = _guarded(_inline(inner[0]))
            if line:
                yield line
        elif token.type in {"bullet_list_open", "ordered_list_open"}:
            yield from _list(inner, "*" if token.type == "bullet_list_open" else "#")
        elif token.type == "blockquote_open":
            yield from _quote(inner)
        elif token.type == "table_open":
            yield "\n".join(_rows(inner))
        elif token.type in {"fence", "code_block"}:
            yield _code(token)
        elif token.type == "hr":
            yield "----"
        elif token.type == "html_block":
            yield from _raw(token.content)
        at = end + 1


def _end(tokens: list[Token], start: int) -> int:
    """Where the block that begins at ``start`` closes; itself, if it does not open."""
    depth = 0
    for at in range(start, len(tokens)):
        depth += tokens[at].nesting
        if depth <= 0:
            return at
    return len(tokens) - 1


def _list(items: list[Token], marks: str) -> Iterator[str]:
    """The lines of a list with the lists below it; a block that no item can hold ends it."""
    lines: list[str] = []
    at = 0
    while at < len(items):
        end = _end(items, at)
        words: list[str] = []
        for kind, block in _item(items[at + 1 : end], marks):
            if kind == "text":
                words.append(block)
                continue
            if words or kind == "other":
                lines.append(f"{marks} {BREAK.join(words)}".rstrip())
                words = []
            if kind == "list" and not lines:
                lines.append(marks)
            if kind == "list":
                lines.append(block)
            else:
                yield "\n".join(lines)
                yield block
                lines = []
        if words or end == at + 1:
            lines.append(f"{marks} {BREAK.join(words)}".rstrip())
        at = end + 1
    if lines:
        yield "\n".join(lines)


def _item(tokens: list[Token], marks: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(tokens):
        end = _end(tokens, at)
        kind = tokens[at].type
        if kind == "paragraph_open":
            yield "text", _inline(tokens[at + 1])
        elif kind in {"bullet_list_open", "ordered_list_open"}:
            more = "*" if kind == "bullet_list_open" else "#"
            for block in _list(tokens[at + 1 : end], marks + more):
                yield ("list" if block.startswith(marks) else "other"), block
        else:
            for block in _blocks(tokens[at : end + 1]):
                yield "other", block
        at = end + 1


def _quote(tokens: list[Token]) -> Iterator[str]:
    """Quotations cannot stand in one another: an inner one is part of the outer."""
    level = [one for one in tokens if one.type not in {"blockquote_open", "blockquote_close"}]
    inside = "\n\n".join(_blocks(level))
    if inside:
        yield f"{{quote}}\n{inside}\n{{quote}}"


def _rows(tokens: list[Token]) -> Iterator[str]:
    cells: list[str] = []
    bar = "|"
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        if token.type in {"th_open", "td_open"} and following is not None:
            bar = "||" if token.type == "th_open" else "|"
            cells.append(_inline(following) or " ")
        elif token.type == "tr_close":
            yield bar + bar.join(cells) + bar
            cells = []


def _code(token: Token) -> str:
    language = _LANGUAGE.match(token.info.strip())
    return _block(
        "code" if language else "noformat", language[0] if language else "", token.content
    )


def _block(macro: str, argument: str, text: str) -> str:
    inner = text.rstrip("\n").replace(f"{{{macro}", f"{{{INERT}{macro}")
    head = f"{{{macro}:{argument}}}" if argument else f"{{{macro}}}"
    return f"{head}\n{inner}\n{{{macro}}}"


def _raw(html: str) -> Iterator[str]:
    """Raw HTML as text, without comments."""
    shown = " ".join(_HIDDEN.sub("", html).split())
    if shown:
        yield _guarded(_escaped(shown, "", ""))


# --- within a line ------------------------------------------------------------------------


def _inline(token: Token) -> str:
    pieces: list[str] = []
    children = _joined(token.children or [])
    hrefs: list[tuple[str, int]] = []
    for place, child in enumerate(children):
        if child.type == "text":
            before = pieces[-1][-1:] if pieces else ""
            pieces.append(_escaped(child.content, before, "x" if place + 1 < len(children) else ""))
        elif child.type == "code_inline":
            pieces.append("{{" + _escaped(child.content, "{", "}") + "}}")
        elif child.type == "softbreak":
            pieces.append(" ")
        elif child.type == "hardbreak":
            pieces.append(BREAK)
        elif child.type == "html_inline":
            shown = _HIDDEN.sub("", child.content)
            pieces.append(BREAK if _LINE_BREAK.fullmatch(shown) else _escaped(shown, "", ""))
        elif child.type == "image":
            alt = _escaped(child.content, "", "x")
            pieces.append(_linked(alt, str(child.attrs.get("src") or "")))
        elif child.type == "link_open":
            hrefs.append((str(child.attrs.get("href") or ""), len(pieces)))
        elif child.type == "link_close":
            href, start = hrefs.pop()
            text = "".join(pieces[start:])
            pieces[start:] = [_linked(text, href)]
        else:
            mark = _MARKS.get(child.type.rpartition("_")[0], "")
            pieces.append(_mark(mark, children, place) if mark else "")
    return " ".join("".join(pieces).split(" ")).strip()


def _joined(children: list[Token]) -> list[Token]:
    """Neighbouring pieces of text as one: whether a mark opens depends on what stands beside."""
    joined: list[Token] = []
    for child in children:
        if child.type == "text" and joined and joined[-1].type == "text":
            joined[-1] = Token("text", "", 0, content=joined[-1].content + child.content)
        elif child.type != "text" or child.content:
            joined.append(child)
    return joined


def _mark(mark: str, children: list[Token], place: int) -> str:
    """A mark within a word needs braces to be seen as one."""
    opening = children[place].nesting > 0
    side = children[place - 1] if opening and place else None
    if not opening and place + 1 < len(children):
        side = children[place + 1]
    letter = (side.content[-1:] if opening else side.content[:1]) if side else ""
    return f"{{{mark}}}" if letter.isalnum() else mark


def _linked(text: str, href: str) -> str:
    if not _FOLLOWED.match(href):
        return f"{text} ({{{{{_escaped(href, '{', '}')}}}}})" if href.strip("#") else text
    address = href.replace("|", "%7C").replace("]", "%5D").replace("[", "%5B").replace(" ", "%20")
    return f"[{text.replace(BREAK, ' ')}|{address}]" if text else f"[{address}]"


def _escaped(text: str, before: str, after: str) -> str:
    """Text in which nothing is markup; ``before`` and ``after`` are what stands beside it."""
    whole = before + text + after

    def hidden(match: re.Match[str]) -> str:
        if match.start() < len(before) or match.start() >= len(before) + len(text):
            return match[0]
        if match["slash"]:
            return "&#92;"
        return "&amp;" if match["entity"] else f"\\{match[0]}"

    escaped = _ACTIVE.sub(hidden, whole)
    return escaped[len(before) : len(escaped) - len(after)]


def _guarded(line: str) -> str:
    """A paragraph that does not begin like a list or heading."""
    if _LINE_START.match(line):
        return f"\\{line}"
    return _BLOCK_WORD.sub(lambda match: match[0] + INERT, line, count=1) if line else line
