"""Action items, in whichever shape they are written, each with how sure it is that it is one."""

import re
from dataclasses import dataclass, field, replace
from typing import Final

from mappings.postmortem import labels, people, records
from mappings.postmortem.blocks import Block, Entry, Sort
from mappings.postmortem.fields import box_of, heading_line, read_line
from mappings.postmortem.inline import label, plain
from mappings.postmortem.judging import (
    DOUBTFUL,
    Group,
    continues,
    entry_sure,
    heads_group,
    linked_below,
    superseded,
    told_twice,
    trusted,
)
from mappings.postmortem.model import ActionItem, SectionKind, Shape
from mappings.postmortem.orders import is_order
from mappings.postmortem.outline import Part, below
from mappings.postmortem.prompts import blank, nothing, partial, unfilled
from mappings.postmortem.said import Said, Setting
from mappings.postmortem.tables import columns_of, rows_of
from mappings.postmortem.words import PROCEDURE, REPORTED, groups, heading_words, is_aside

_K = SectionKind

#: A section of more paragraphs than this tells a story.
_FEW: Final = 6

_ITEM_LABEL: Final = re.compile(
    r"\s*(?:\*\*|__)?\s*(?:action items?|follow-?up(?: actions?| items?)?|アクションアイテム"
    r"|massnahme"
    r"|maßnahme"
    r"|action à mener|acción)\s*(?:#?\d+)?\s*(?:[:\uff1a]\s*(?:\*\*|__)?|(?:\*\*"
    r"|__)\s*[:\uff1a])\s*(?=\S)",
    re.IGNORECASE,
)


#: "Action: …", "AI(ana): …", "[ACTION] …": words for other things too, so that the rest must be an
#: order or say who and when.
_SHORT_LABEL: Final = re.compile(
    r"\s*(?:\*\*|__)?\s*(?:\[(?:action|todo|ai)\]\s*(?:\*\*|__)?"
    r"|(?:action|todo|to-do|ai)(?:\s?\(@?[\w.-]+\))?\s*"
    r"(?:[:\uff1a]\s*(?:\*\*|__)?|(?:\*\*|__)\s*[:\uff1a]))\s*(?=\S)",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Finder:
    """Goes through a document's parts and gathers its items."""

    parts: list[Part]
    setting: Setting
    found: list[ActionItem] = field(default_factory=list)

    def run(self) -> list[ActionItem]:
        """All items, doubtful ones too, in the order of their lines."""
        for at, part in enumerate(self.parts):
            if _K.ACTIONS in part.within or self._by_horizon(part):
                self._acting(at, part)
        lines = frozenset(one.line for one in self.found)
        for at, part in enumerate(self.parts):
            if part.root == at and _K.ACTIONS in part.kinds:
                self._prose(at, lines)
        sure = any(one.certain for one in self.found)
        for part in self.parts:
            if _K.ACTIONS not in part.within and not self._by_horizon(part):
                self._elsewhere(part, sure=sure)
        return told_twice(sorted(self.found, key=lambda one: (one.line, -one.confidence)))

    def _by_horizon(self, part: Part) -> bool:
        """Whether it stands under "Quick wins" or the like, which no action section holds."""
        if part.within or part.aside or REPORTED.search(heading_words(part.title)):
            return False
        above = self.parts[part.parent] if part.parent > 0 else None
        if above is not None and REPORTED.search(heading_words(above.title)):
            return False
        return part.horizon or (above is not None and self._by_horizon(above))

    # ------------------------------------------------------------------ within action sections

    def _acting(self, at: int, part: Part) -> None:
        weight = 0.2 if part.aside or superseded(part) else 1.0
        group = Group.of(part, self.setting) if part.root != at else Group()
        if part.root != at and self._heading_item(at, part, weight):
            return
        had = len(self.found)
        for block in part.blocks:
            if block.sort is Sort.TABLE:
                self._table(block, group, weight, acting=True)
        tabled = any(one.certain for one in self.found[had:])
        for before, block in zip([None, *part.blocks], part.blocks, strict=False):
            if continues(before, block):
                continue
            if block.sort is Sort.LIST:
                self._list(block, group, weight * (0.55 if tabled else 1.0))
            elif block.sort is Sort.PARAGRAPH:
                self._paragraph(block, group, weight)

    def _heading_item(self, at: int, part: Part, weight: float) -> bool:
        """A heading that is the item, its fields or its description below it."""
        if blank(part.title, part.title) or part.level == 0:
            return False
        told = records.record(part.blocks, self.setting)
        listed = any(block.sort in {Sort.LIST, Sort.TABLE} for block in part.blocks)
        holds = next(below(self.parts, at), None) is not None
        if (listed and not (told.fields >= 2 or (told.fields and not told.others))) or holds:  # noqa: PLR2004  one label may be chance
            return False
        if not told.fields and part.group and heading_line(part.title) == part.title:
            return False
        title = heading_line(part.raw)
        said = read_line(title, self.setting).over(replace(told.said, title=""))
        said = said.over(Said(references=linked_below(part.blocks, self.setting)))
        numbered = title != part.raw.strip()
        evident = (
            numbered or told.fields or said.owner or said.done is not None or is_order(said.title)
        )
        sure = 0.8 if evident else 0.6 if len(said.title.split()) >= 3 else DOUBTFUL  # noqa: PLR2004  words
        if partial(part.title):
            sure = DOUBTFUL
        self._add(said, part.line, part.line, Shape.HEADING, sure * weight, Group())
        return True

    def _table(self, block: Block, group: "Group", weight: float, *, acting: bool) -> None:
        columns = columns_of(block, acting=acting, named=dict(self.setting.named))
        if not columns.sure:
            return
        for row in rows_of(block, columns, self.setting):
            sure = columns.sure * (0.3 if row.sample or row.said.struck else 1.0)
            inner = replace(group, title=row.group) if row.group else group
            self._add(row.said, row.line, row.line, Shape.TABLE_ROW, sure * weight, inner)

    def _list(self, block: Block, group: "Group", weight: float) -> None:
        alone = records.single(block, self.setting)
        if alone and len(block.entries) > 1:
            self._add(alone.said, alone.line, alone.end, Shape.BULLET, 0.85 * weight, group)
            return
        setting = replace(self.setting, trust=trusted(block.entries))
        boxes = any(entry.text.startswith("[") for entry in block.entries)
        for entry in block.entries:
            remark = boxes and not entry.text.startswith("[")  # beside boxes, plain entries explain
            factor = weight * (0.6 if remark else 1.0)
            self._entry(entry, setting, group, factor, ordered=block.ordered)

    def _entry(
        self, entry: Entry, setting: Setting, group: "Group", weight: float, *, ordered: bool
    ) -> None:
        lists = [block for block in entry.blocks if block.sort is Sort.LIST]
        if not entry.text.strip():  # "- 1. Renew …" is a list within an entry
            for block in lists:
                self._list(block, group, weight)
            return
        words = plain(entry.text, setting.named)
        if heads_group(entry.text, words, lists):
            inner = Group(words.strip(" :"), people.handles_only(words) or group.owner)
            for block in lists:
                self._list(block, inner, weight)
            return
        if self._no_item(entry.text, words):
            return
        said = read_line(entry.text, setting)
        below = records.record(entry.blocks, setting)
        said = said.over(replace(below.said, title=""))
        boxed = [
            one for block in lists for one in block.entries if read_line(one.text, setting).boxed
        ]
        if not boxed or words.endswith((":", "\uff1a")):
            said = said.over(Said(references=linked_below(entry.blocks, setting)))
            boxed = []
        shape = Shape.CHECK_BOX if said.boxed else Shape.NUMBERED if ordered else Shape.BULLET
        sure = entry_sure(entry, said, words) * weight
        self._add(said, entry.line, entry.end, shape, sure, group)
        for one in boxed:
            self._entry(one, setting, replace(group, title=said.title), weight, ordered=False)

    def _no_item(self, raw: str, words: str) -> bool:
        """Nothing, a placeholder, a person alone, or a field of what stands above."""
        if blank(raw, words) or nothing(words) or people.handles_only(words):
            return True
        named = label(raw)
        if named and labels.is_state(named[0]):  # "Done: renew …" is an item, "Status: done" is not
            return False
        return bool(named and labels.field_of(named[0]) in records.FIELDS)

    def _paragraph(self, block: Block, group: "Group", weight: float) -> None:
        """A paragraph that says it is an item, or tells one field by field."""
        alone = records.single(block, self.setting)
        if alone:
            self._add(alone.said, alone.line, alone.end, Shape.PARAGRAPH, 0.85 * weight, group)
            return
        said = self._labelled(block.text)
        if said:
            self._add(said, block.line, block.end, Shape.PARAGRAPH, 0.85 * weight, group)

    def _labelled(self, raw: str) -> Said | None:
        """What follows "Action item:" or the like; None where that says nothing to be done."""
        match, short = _ITEM_LABEL.match(raw), _SHORT_LABEL.match(raw)
        if match is None and short is None:
            return None
        rest = raw[match.end() :] if match else raw
        if unfilled(raw[(match or short).end() :], plain(rest)):  # type: ignore[union-attr]
            return None
        said = read_line(rest, self.setting)  # takes off the short labels itself, with a name
        tells = said.owner or said.due_text or said.references or is_order(said.title)
        return said if match or tells else None

    def _prose(self, root: int, lines: frozenset[int]) -> None:
        """Paragraphs of an action section that has no item in any other shape.

        ``lines`` are those of the items found so far.
        """
        whole = (self.parts[root], *below(self.parts, root))
        inside = [part for part in whole if part.root == root and not part.aside]
        if any(line in lines for one in inside for line in range(one.line, one.end + 1)):
            return
        told = [one for part in inside for one in part.blocks if one.sort is Sort.PARAGRAPH]
        few = len(told) <= _FEW
        for block in told:
            words = plain(block.text, self.setting.named)
            if words.endswith((":", "\uff1a")) or nothing(words) or unfilled(block.text, words):
                continue
            said = read_line(block.text, self.setting)
            sure = 0.55 if few and (is_order(words) or said.owner) else 0.35
            self._add(said, block.line, block.end, Shape.PARAGRAPH, sure, Group())

    # ------------------------------------------------------------------ anywhere else

    def _elsewhere(self, part: Part, *, sure: bool) -> None:
        """Check boxes, tables and labelled paragraphs outside action sections."""
        logged = bool({_K.TIMELINE, _K.IMPACT, _K.SUMMARY} & set(part.within))
        procedure = PROCEDURE.fullmatch(heading_words(part.title)) is not None
        aside = part.aside or procedure or is_aside(part.title)
        weight = 0.2 if aside or superseded(part) else 0.4 if logged else 1.0
        preventing = _K.PREVENTION in part.within
        grouped = groups(part.title)  # "Monitoring", "Mitigations": boxes there are work
        plainly = 1.0 if not logged and not superseded(part) else weight  # what is labelled
        for block in part.blocks:
            if block.sort is Sort.TABLE:
                self._table(block, Group(), weight, acting=preventing)
            elif block.sort is Sort.LIST:
                self._labelled_entries(block, plainly)
                self._stray(block, weight, sure=sure, preventing=preventing, grouped=grouped)
            elif block.sort is Sort.PARAGRAPH and not logged:
                self._paragraph(block, Group(), plainly if self._labelled(block.text) else weight)

    def _stray(
        self, block: Block, weight: float, *, sure: bool, preventing: bool, grouped: bool
    ) -> None:
        """Boxes count where they look like work; plain entries only where prevention is told."""
        for entry in block.entries:
            if self._labelled(entry.text):
                continue
            checked = entry.text[:1] in "\u2705\u2714"  # praise, more often than a box
            if not preventing and (checked or box_of(entry.text)[0] is None):
                continue
            words = plain(entry.text, self.setting.named)
            said = read_line(entry.text, self.setting)
            if self._no_item(entry.text, words) or labels.is_level(said.title):
                continue
            tells = bool(said.owner or said.due_text or said.references or said.priority)
            if said.boxed:
                alone = grouped and not sure
                base = 0.85 if preventing else 0.6 if tells or alone else 0.35 if sure else 0.45
            elif preventing and not unfilled(entry.text, words):
                base = 0.6 if not sure and (tells or is_order(said.title)) else DOUBTFUL
            else:
                continue
            shape = Shape.CHECK_BOX if said.boxed else Shape.BULLET
            self._add(said, entry.line, entry.end, shape, base * weight, Group())

    def _labelled_entries(self, block: Block, weight: float) -> None:
        for entry in block.entries:
            if said := self._labelled(entry.text):
                self._add(said, entry.line, entry.end, Shape.BULLET, 0.7 * weight, Group())

    def _add(
        self, said: Said, line: int, end: int, shape: Shape, sure: float, group: "Group"
    ) -> None:
        if not said.title or not re.search(r"\w", said.title):
            return
        said = group.onto(said)
        self.found.append(
            ActionItem(
                title=said.title,
                owner=said.owner,
                due=said.due,
                due_text=said.due_text,
                priority=said.priority,
                category=said.category,
                done=said.done,
                references=said.references,
                group=group.title,
                line=line,
                end_line=max(line, end),
                shape=shape,
                confidence=round(min(1.0, sure * (0.3 if said.struck else 1.0)), 2),
            )
        )
