"""Text as version 3 gives it (a document of nodes) and as version 2 does (wiki markup). Pure.

Both ways keep the words; of the marks they keep what either can say. That is enough for a
client that reads with one version what was written with the other.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from adapters.sandbox.jira.model import Rich

Node: TypeAlias = Mapping[str, Any]

_HEADING: Final = re.compile(r"h([1-6])\. +(.*)")
_BULLET: Final = re.compile(r"[*-] +(.*)")
_NUMBER: Final = re.compile(r"# +(.*)")
_CODE: Final = re.compile(r"\{(?:code|noformat)(?::([^}]*))?\}")
_MARKS: Final = {"strong": "*", "em": "_", "strike": "-", "underline": "+"}


def document(text: Rich) -> Node:
    """The text as a document."""
    return text.document if text.document is not None else from_wiki(text.wiki)


def reflowed(text: str) -> Rich:
    """Wiki markup as it comes back after it was stored as a document."""
    made = from_wiki(text)
    return Rich(to_wiki(made), made)


def from_wiki(text: str) -> Node:
    """Wiki markup as a document: headings, lists, code and paragraphs."""
    lines = text.replace("\r\n", "\n").split("\n")
    blocks: list[Node] = []
    while lines:
        blocks += _block(lines)
    return {"type": "doc", "version": 1, "content": blocks}


def _block(lines: list[str]) -> list[Node]:
    first = lines.pop(0)
    if not first.strip():
        return []
    if found := _HEADING.fullmatch(first):
        return [_node("heading", [_text(found[2])], attrs={"level": int(found[1])})]
    if found := _CODE.fullmatch(first.strip()):
        return [_code(lines, found[1])]
    for shape, kind in ((_BULLET, "bulletList"), (_NUMBER, "orderedList")):
        if found := shape.fullmatch(first):
            entries = [found[1]]
            while lines and (found := shape.fullmatch(lines[0])):
                entries.append(found[1])
                lines.pop(0)
            return [_node(kind, [_entry(one) for one in entries])]
    content = [_text(first)]
    while lines and lines[0].strip() and not _starts(lines[0]):
        content += [{"type": "hardBreak"}, _text(lines.pop(0))]
    return [_node("paragraph", content)]


def _starts(line: str) -> bool:
    shapes = (_HEADING, _BULLET, _NUMBER, _CODE)
    return any(shape.fullmatch(line.strip()) for shape in shapes)


def _code(lines: list[str], language: str | None) -> Node:
    kept: list[str] = []
    while lines and not _CODE.fullmatch(lines[0].strip()):
        kept.append(lines.pop(0))
    if lines:
        lines.pop(0)
    attrs = {"language": language} if language else {}
    text = "\n".join(kept)
    return _node("codeBlock", [_text(text)] if text else [], attrs=attrs)


def _entry(text: str) -> Node:
    return _node("listItem", [_node("paragraph", [_text(text)])])


def _text(text: str) -> Node:
    return {"type": "text", "text": text or " "}


def _node(kind: str, content: Sequence[Node], attrs: Mapping[str, object] | None = None) -> Node:
    node: dict[str, Any] = {"type": kind, "content": list(content)}
    return node | {"attrs": attrs} if attrs else node


def to_wiki(node: Node) -> str:
    """A document as wiki markup."""
    return "\n\n".join(_wiki_block(one) for one in _children(node))


def _children(node: Node) -> list[Node]:
    found = node.get("content")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _inline(node: Node) -> str:
    return "".join(_span(one) for one in _children(node))


def _span(node: Node) -> str:
    attrs = node.get("attrs") or {}
    match node.get("type"):
        case "text":
            return _marked(str(node.get("text", "")), node.get("marks") or [])
        case "hardBreak":
            return "\n"
        case "mention":
            return f"[~accountid:{attrs.get('id', '')}]"
        case "inlineCard":
            return f"[{attrs.get('url', '')}]"
        case "emoji":
            return str(attrs.get("text") or attrs.get("shortName", ""))
        case _:
            return _inline(node)


def _marked(text: str, marks: Sequence[Node]) -> str:
    for mark in marks:
        kind = str(mark.get("type"))
        if kind == "code":
            text = f"{{{{{text}}}}}"
        elif kind == "link":
            text = f"[{text}|{mark['attrs']['href']}]"
        elif sign := _MARKS.get(kind):
            text = f"{sign}{text}{sign}"
    return text


def _list(sign: str) -> Callable[[Node], str]:
    def write(node: Node) -> str:
        lines = []
        for entry in _children(node):
            for part in _children(entry):
                nested = part.get("type") in {"bulletList", "orderedList"}
                text = _wiki_block(part)
                lines += [f"{sign}{line}" if nested else f"{sign} {line}" for line in [text]]
        return "\n".join(lines)

    return write


def _fenced(node: Node) -> str:
    language = (node.get("attrs") or {}).get("language")
    opening = f"{{code:{language}}}" if language else "{code}"
    return f"{opening}\n{_inline(node)}\n{{code}}"


_BLOCKS: Final[Mapping[str, Callable[[Node], str]]] = {
    "paragraph": _inline,
    "heading": lambda node: f"h{(node.get('attrs') or {}).get('level', 1)}. {_inline(node)}",
    "bulletList": _list("*"),
    "orderedList": _list("#"),
    "codeBlock": _fenced,
    "rule": lambda _node: "----",
    "blockquote": lambda node: f"{{quote}}\n{to_wiki(node)}\n{{quote}}",
    "panel": lambda node: f"{{panel}}\n{to_wiki(node)}\n{{panel}}",
}


def _wiki_block(node: Node) -> str:
    write = _BLOCKS.get(str(node.get("type")))
    return write(node) if write else _inline(node) or to_wiki(node)
