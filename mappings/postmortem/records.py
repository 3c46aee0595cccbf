"""Action items told field by field: a line or entry each for what, who and when."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from mappings.postmortem.blocks import Block, Sort
from mappings.postmortem.inline import label, plain
from mappings.postmortem.labels import Role, field_of
from mappings.postmortem.said import Said, Setting, of_field

#: The roles that make a label one of an item's fields.
FIELDS: Final = frozenset(
    {Role.OWNER, Role.DUE, Role.STATUS, Role.PRIORITY, Role.CATEGORY, Role.REFERENCE}
)
_HEADS: Final = frozenset({"action", "action item", "task", "what", "title", "item", "follow up"})


@dataclass(frozen=True, slots=True)
class Record:
    """Fields read from labels; ``title`` with its lines where a label gives one."""

    said: Said
    fields: int
    others: int
    line: int = 0
    end: int = 0


def labelled_lines(block: Block) -> Iterator[tuple[int, int, str]]:
    """A paragraph's lines or a list's entries: first and last line, and the text."""
    if block.sort is Sort.PARAGRAPH:
        for at, text in enumerate(block.text.split("\n")):
            yield block.line + at, block.line + at, text
    elif block.sort is Sort.LIST:
        for entry in block.entries:
            yield entry.line, entry.end, entry.text


def record(blocks: Sequence[Block], setting: Setting) -> Record:
    """What the labels in these blocks say together."""
    said, title = Said(), ""
    fields = others = line = end = 0
    for block in blocks:
        for first, last, text in labelled_lines(block):
            named = label(text)
            role = field_of(named[0]) if named else None
            if named and role in FIELDS and named[1]:
                fields += 1
                said = said.over(of_field(role, named[1], setting))
            elif named and role is Role.TITLE and named[1] and not title:
                title, line, end = plain(named[1], setting.named), first, last
            elif named is None or role is None:
                others += 1
    return Record(replace(said, title=title), fields, others, line, end)


def single(block: Block, setting: Setting) -> Record | None:
    """A list or paragraph that is one item told field by field; None for any other."""
    found = record((block,), setting)
    titled = bool(found.said.title)
    return found if titled and found.fields >= 1 and found.others <= 1 else None
