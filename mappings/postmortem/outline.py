"""The document as parts under headings, real ones and those written as bold lines or labels."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from mappings.postmortem.blocks import Block, Entry, Sort
from mappings.postmortem.inline import bold, label, norm, plain
from mappings.postmortem.model import Section, SectionKind
from mappings.postmortem.prompts import unfilled
from mappings.postmortem.words import HORIZON, groups, heading_words, is_aside, kinds_of

#: Levels of headings that are none to Markdown: a bold line, a label before a text or in a list.
_BOLD_LINE: Final = 8
_LABEL: Final = 9
_INHERITED: Final = frozenset({SectionKind.ACTIONS, SectionKind.PREVENTION})


#: Action lists that do not hold any more.
_GONE: Final = re.compile(
    r"\b(?:supersed\w*|obsolete|outdated|old|original|previous|former|replaced|archived?"
    r"|deprecated|rejected|not doing|no longer|uberholt|veraltet|obsolet\w*)\b"
)


@dataclass(slots=True)
class Part:
    """A heading with the blocks until the next one.

    ``raw`` is the heading as written. ``kinds`` are what it says, ``within`` also what the part
    lies in: a group of action items is within the actions. ``parent`` is the index of the part it
    lies in, -1 for none. ``root`` is the part whose heading said what it is within, -1 for none.
    ``aside``: lists in it are no action items.
    """

    title: str
    level: int
    line: int
    end: int
    raw: str = ""
    kinds: tuple[SectionKind, ...] = ()
    within: tuple[SectionKind, ...] = ()
    parent: int = -1
    root: int = -1
    aside: bool = False
    blocks: list[Block] = field(default_factory=list)

    @property
    def group(self) -> bool:
        """Whether its heading is one that groups action items."""
        return groups(self.title)

    @property
    def horizon(self) -> bool:
        """Whether its heading groups them by when: "Quick wins"."""
        return HORIZON.fullmatch(heading_words(self.title)) is not None


def outline(blocks: tuple[Block, ...], last: int) -> list[Part]:
    """All parts in their order; the first one has no heading. ``last`` is the last line."""
    parts = [Part("", 0, 1, 1)]
    for block in _exploded(blocks, parts):
        if block.sort is Sort.HEADING:
            parts.append(_part(block, parts))
        else:
            parts[-1].blocks.append(block)
    for at, part in enumerate(parts):
        part.end = max(part.line, parts[at + 1].line - 1 if at + 1 < len(parts) else last)
    _nest(parts)
    return parts


def _part(block: Block, parts: list[Part]) -> Part:
    title = plain(block.text)
    first = len(parts) == 1 and block.level == 1
    kinds = kinds_of(title, exact=first)
    return Part(title, block.level, block.line, block.end, block.text, kinds)


def _exploded(blocks: tuple[Block, ...], parts: list[Part]) -> Iterator[Block]:
    """The blocks, with headings made of lines and labels that serve as such."""
    for block in blocks:
        if block.sort is Sort.PARAGRAPH:
            yield from _paragraph(block)
        elif block.sort is Sort.LIST and _labelled(block, parts[-1]):
            yield from _list(block)
        else:
            yield block


def _paragraph(block: Block) -> Iterator[Block]:
    """A paragraph; its bold lines and known labels as headings."""
    lines = block.text.split("\n")
    start = 0
    for at, line in enumerate(lines):
        heading = _heading_of(line, len(lines) == 1)
        if heading is None:
            continue
        if at > start:
            yield _piece(block, lines, start, at)
        title, rest, level = heading
        number = block.line + at
        yield Block(Sort.HEADING, number, number, title, level=level)
        lines[at] = rest
        start = at if rest else at + 1
    if start < len(lines):
        yield _piece(block, lines, start, len(lines))


def _piece(block: Block, lines: list[str], start: int, stop: int) -> Block:
    first = block.line + start
    text = "\n".join(lines[start:stop])
    return Block(Sort.PARAGRAPH, first, max(first, block.line + stop - 1), text)


def _heading_of(line: str, alone: bool) -> tuple[str, str, int] | None:  # noqa: FBT001  a lone line
    whole = bold(line)
    if whole:
        return (whole, "", _BOLD_LINE) if alone or kinds_of(whole, exact=True) else None
    named = label(line)
    if named is None:
        return _unmarked(line) if alone else None
    word, rest, is_bold = named
    kinds = kinds_of(word, exact=True)
    if not kinds or norm(word) in _SINGLE:
        return None
    if not rest and (alone or is_bold):
        return word, "", _BOLD_LINE
    return (word, rest, _LABEL) if rest and is_bold else None


def _unmarked(line: str) -> tuple[str, str, int] | None:
    """A section's name that stands alone on a line, as text pasted from elsewhere has it."""
    words = line.strip()
    named = (
        bool(words) and words[0].isupper() and words[-1].isalnum() and norm(words) not in _SINGLE
    )
    return (words, "", _BOLD_LINE) if named and kinds_of(words, exact=True) else None


#: "**Action item:** …" heads one item, not a section; "Issue: …" and "Problem: …" name something.
_SINGLE: Final = frozenset(
    [
        "affected services",
        "affected service",
        "services affected",
        "affected systems",
        "affected users",
        "users affected",
        "affected customers",
        "impacted services",
        "services impacted",
        "impacted users",
        "users impacted",
        "impacted customers",
        "customers affected",
        "action item",
        "action",
        "todo",
        "to do",
        "follow up",
        "followup",
        "task",
        "ai",
        "issue",
        "problem",
        "next step",
        "log",
        "plan",
        "cause",
        "recommendation",
        "description",
        "good",
        "bad",
        "why",
        "scope",
        "history",
    ]
)


def _labelled(block: Block, part: Part) -> bool:
    """Whether a list's entries are sections: ``- **Timeline**:`` with what belongs to it below."""
    if part.kinds or is_aside(part.title):
        return False
    return any(_entry_kinds(entry) for entry in block.entries)


def _entry_kinds(entry: Entry) -> tuple[SectionKind, ...]:
    named = label(entry.text)
    word = named[0] if named and (named[2] or entry.blocks) else bold(entry.text)
    if not word or norm(word) in _SINGLE or len(word.split()) > 4:  # noqa: PLR2004  words
        return ()
    return kinds_of(word)


def _list(block: Block) -> Iterator[Block]:
    for entry in block.entries:
        if not _entry_kinds(entry):
            if label(entry.text):  # another label: what went before ends here
                yield Block(Sort.HEADING, entry.line, entry.line, "", level=_LABEL)
            yield replace(block, line=entry.line, end=entry.end, entries=(entry,))
            continue
        named = label(entry.text)
        word, rest = (named[0], named[1]) if named else (bold(entry.text), "")
        yield Block(Sort.HEADING, entry.line, entry.line, word, level=_LABEL)
        if rest:
            yield Block(Sort.PARAGRAPH, entry.line, entry.end, rest)
        yield from entry.blocks


def _nest(parts: list[Part]) -> None:
    """Find for each part what it lies in."""
    stack = [0]
    for at, part in enumerate(parts[1:], 1):
        while len(stack) > 1 and parts[stack[-1]].level >= part.level:
            if _joins(part, parts[stack[-1]]):
                break
            stack.pop()
        part.parent = stack[-1]
        _settle(parts, at)
        if parts[stack[-1]].level < part.level:
            stack.append(at)


def _joins(part: Part, above: Part) -> bool:
    """Whether it is a group of the action section before it although its level is the same."""
    groups = part.group if part.level >= _BOLD_LINE else part.horizon
    return (
        SectionKind.ACTIONS in above.kinds
        and part.level == above.level
        and groups
        and not part.kinds
    )


def _settle(parts: list[Part], at: int) -> None:
    part, above = parts[at], parts[parts[at].parent]
    acting = SectionKind.ACTIONS in above.within
    if SectionKind.TIMELINE in above.within and part.kinds:
        part.kinds = kinds_of(part.title, exact=True)
    kinds = part.kinds
    if acting and kinds and set(kinds) <= _INHERITED:
        kinds = ()  # "Prevention" among the actions is a group of them
    if acting and kinds and part.group and SectionKind.LESSONS not in kinds:
        kinds = ()
    part.kinds = kinds
    superseded = SectionKind.ACTIONS in kinds and _GONE.search(norm(part.title))
    part.aside = bool((acting and not kinds and is_aside(part.title)) or above.aside or superseded)
    part.within = kinds or (() if part.aside and not superseded else above.within)
    part.root = at if kinds else above.root


def sections(parts: list[Part], named: dict[str, str]) -> tuple[Section, ...]:
    """The sections the document has, each with its lines and whether it is filled in."""
    found = []
    for at, part in enumerate(parts):
        if not part.kinds:
            continue
        inside = [part, *below(parts, at)]
        empty = not any(filled(block, named) for one in inside for block in one.blocks)
        end = max(one.end for one in inside)
        found += [
            Section(kind=kind, title=part.title, line=part.line, end_line=end, template=empty)
            for kind in part.kinds
        ]
    return tuple(found)


def below(parts: list[Part], at: int) -> Iterator[Part]:
    """The parts that lie in a part, directly or not; they follow it without a gap."""
    inside = {at}
    for index in range(at + 1, len(parts)):
        if parts[index].parent not in inside:
            return
        inside.add(index)
        yield parts[index]


def filled(block: Block, named: dict[str, str]) -> bool:
    """Whether a block says something that a template does not."""
    return any(not unfilled(raw, plain(raw, named)) for raw in texts(block))


def texts(block: Block) -> Iterator[str]:
    """A block's texts one by one: paragraphs, entries, a table's rows without its header."""
    if block.sort is Sort.PARAGRAPH or (block.sort is Sort.CODE and block.text.strip()):
        yield block.text
    elif block.sort is Sort.LIST:
        for entry in block.entries:
            if entry.text.strip():
                yield entry.text
            for one in entry.blocks:
                yield from texts(one)
    elif block.sort is Sort.TABLE:
        for row in block.rows[1:]:
            yield " ".join(cell for cell in row.cells if cell.strip())
