"""Action items, in whichever shape they are written, each with how sure it is that it is one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from mappings.postmortem import dates, labels, people, records
from mappings.postmortem.blocks import Block, Entry, Sort
from mappings.postmortem.fields import (
    Said,
    Setting,
    box_of,
    heading_line,
    is_order,
    read_line,
    same,
)
from mappings.postmortem.inline import addresses, bold, label, plain
from mappings.postmortem.model import THRESHOLD, ActionItem, SectionKind, Shape
from mappings.postmortem.outline import Part
from mappings.postmortem.prompts import blank, nothing, partial, unfilled
from mappings.postmortem.references import is_issue
from mappings.postmortem.tables import columns_of, rows_of
from mappings.postmortem.words import ASIDE, PROCEDURE, heading_words, kinds_of

_K = SectionKind
_DOUBTFUL: Final = 0.3
#: A section of more paragraphs than this tells a story.
_FEW: Final = 6
_ITEM_LABEL: Final = re.compile(
    r"\s*(?:\*\*|__)?\s*(?:action items?|follow-?up(?: actions?| items?)?|アクションアイテム|massnahme|maßnahme"
    r"|action à mener|acción)\s*(?:#?\d+)?\s*(?:[:\uff1a]\s*(?:\*\*|__)?|(?:\*\*|__)\s*[:\uff1a])\s*(?=\S)",
    re.IGNORECASE,
)
_GONE: Final = re.compile(
    r"\b(?:supersed\w+|obsolete|outdated|replaced by|no longer (?:current|valid|applies|used|maintained)"
    r"|(?:see|use) .{1,60} instead|kept for (?:the )?(?:record|history)|moved to|überholt|veraltet|ersetzt durch"
    r"|remplacée? par|obsolètes?|廃止|旧版)\b",
    re.IGNORECASE,
)
_AT_TIME: Final = re.compile(r"[`*_\[(]*(?:\d{1,2}:\d{2}|\d{4}-\d\d-\d\d[T ]\d\d)")


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
        for root in [
            at for at, part in enumerate(self.parts) if part.root == at and _K.ACTIONS in part.kinds
        ]:
            self._prose(root)
        sure = any(one.certain for one in self.found)
        for part in self.parts:
            if _K.ACTIONS not in part.within and not self._by_horizon(part):
                self._elsewhere(part, sure=sure)
        return _told_twice(sorted(self.found, key=lambda one: (one.line, -one.confidence)))

    def _by_horizon(self, part: Part) -> bool:
        """Whether it stands under "Quick wins" or the like, which no action section holds."""
        if part.within or part.aside:
            return False
        return part.horizon or (part.parent > 0 and self._by_horizon(self.parts[part.parent]))

    # ------------------------------------------------------------------ within action sections

    def _acting(self, at: int, part: Part) -> None:
        weight = 0.2 if part.aside or _superseded(part) else 1.0
        group = _Group.of(part, self.setting) if part.root != at else _Group()
        if part.root != at and self._heading_item(part, weight):
            return
        had = len(self.found)
        for block in part.blocks:
            if block.sort is Sort.TABLE:
                self._table(block, group, weight, acting=True)
        tabled = any(one.certain for one in self.found[had:])
        for before, block in zip([None, *part.blocks], part.blocks, strict=False):
            if _continues(before, block):
                continue
            if block.sort is Sort.LIST:
                self._list(block, group, weight * (0.55 if tabled else 1.0))
            elif block.sort is Sort.PARAGRAPH:
                self._paragraph(block, group, weight)

    def _heading_item(self, part: Part, weight: float) -> bool:
        """A heading that is the item, its fields or its description below it."""
        if blank(part.title, part.title) or part.level == 0:
            return False
        told = records.record(part.blocks, self.setting)
        listed = any(block.sort in {Sort.LIST, Sort.TABLE} for block in part.blocks)
        holds = any(one.parent >= 0 and self.parts[one.parent] is part for one in self.parts)
        if (listed and not (told.fields >= 2 or (told.fields and not told.others))) or holds:  # noqa: PLR2004
            return False
        if not told.fields and part.group and heading_line(part.title) == part.title:
            return False
        title = heading_line(part.title)
        said = read_line(title, self.setting).over(replace(told.said, title=""))
        said = said.over(Said(references=_linked_below(part.blocks, self.setting)))
        numbered = title != part.title
        evident = (
            numbered or told.fields or said.owner or said.done is not None or is_order(said.title)
        )
        sure = 0.8 if evident else 0.6 if len(said.title.split()) >= 3 else _DOUBTFUL  # noqa: PLR2004
        if partial(part.title):
            sure = _DOUBTFUL
        self._add(said, part.line, part.line, Shape.HEADING, sure * weight, _Group())
        return True

    def _table(self, block: Block, group: "_Group", weight: float, *, acting: bool) -> None:
        columns = columns_of(block, acting=acting, named=dict(self.setting.named))
        if not columns.sure:
            return
        for row in rows_of(block, columns, self.setting):
            sure = columns.sure * (0.3 if row.sample or row.said.struck else 1.0)
            inner = replace(group, title=row.group) if row.group else group
            self._add(row.said, row.line, row.line, Shape.TABLE_ROW, sure * weight, inner)

    def _list(self, block: Block, group: "_Group", weight: float) -> None:
        alone = records.single(block, self.setting)
        if alone and len(block.entries) > 1:
            self._add(alone.said, alone.line, alone.end, Shape.BULLET, 0.85 * weight, group)
            return
        setting = replace(self.setting, trust=_trusted(block.entries))
        for entry in block.entries:
            self._entry(entry, setting, group, weight, ordered=block.ordered)

    def _entry(
        self, entry: Entry, setting: Setting, group: "_Group", weight: float, *, ordered: bool
    ) -> None:
        lists = [block for block in entry.blocks if block.sort is Sort.LIST]
        words = plain(entry.text, setting.named)
        if _heads_group(entry.text, words, lists):
            inner = _Group(words.strip(" :"), people.handles_only(words) or group.owner)
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
            said = said.over(Said(references=_linked_below(entry.blocks, setting)))
            boxed = []
        shape = Shape.CHECK_BOX if said.boxed else Shape.NUMBERED if ordered else Shape.BULLET
        sure = _entry_sure(entry, said, words) * weight
        self._add(said, entry.line, entry.end, shape, sure, group)
        for one in boxed:
            self._entry(one, setting, replace(group, title=said.title), weight, ordered=False)

    def _no_item(self, raw: str, words: str) -> bool:
        """Nothing, a placeholder, a person alone, or a field of what stands above."""
        if blank(raw, words) or nothing(words) or people.handles_only(words):
            return True
        named = label(raw)
        return bool(named and labels.field_of(named[0]) in records.FIELDS)

    def _paragraph(self, block: Block, group: "_Group", weight: float) -> None:
        """A paragraph that says it is an item, or tells one field by field."""
        alone = records.single(block, self.setting)
        if alone:
            self._add(alone.said, alone.line, alone.end, Shape.PARAGRAPH, 0.85 * weight, group)
            return
        match = _ITEM_LABEL.match(block.text)
        if match and not unfilled(block.text[match.end() :], plain(block.text[match.end() :])):
            said = read_line(block.text[match.end() :], self.setting)
            self._add(said, block.line, block.end, Shape.PARAGRAPH, 0.85 * weight, group)

    def _prose(self, root: int) -> None:
        """Paragraphs of an action section that has no item in any other shape."""
        inside = [part for part in self.parts if part.root == root and not part.aside]
        lines = {line for part in inside for line in range(part.line, part.end + 1)}
        if any(one.line in lines for one in self.found):
            return
        told = [one for part in inside for one in part.blocks if one.sort is Sort.PARAGRAPH]
        few = len(told) <= _FEW
        for part in inside:
            for block in part.blocks:
                words = (
                    plain(block.text, self.setting.named) if block.sort is Sort.PARAGRAPH else ""
                )
                if (
                    not words
                    or words.endswith(":")
                    or nothing(words)
                    or unfilled(block.text, words)
                ):
                    continue
                said = read_line(block.text, self.setting)
                sure = 0.55 if few and (is_order(words) or said.owner) else 0.35
                self._add(said, block.line, block.end, Shape.PARAGRAPH, sure, _Group())

    # ------------------------------------------------------------------ anywhere else

    def _elsewhere(self, part: Part, *, sure: bool) -> None:
        """Check boxes, tables and labelled paragraphs outside action sections."""
        logged = bool({_K.TIMELINE, _K.IMPACT, _K.SUMMARY} & set(part.within))
        procedure = PROCEDURE.fullmatch(heading_words(part.title)) is not None
        aside = part.aside or procedure or ASIDE.fullmatch(heading_words(part.title)) is not None
        weight = 0.2 if aside or _superseded(part) else 0.4 if logged else 1.0
        preventing = _K.PREVENTION in part.within
        for block in part.blocks:
            if block.sort is Sort.TABLE:
                self._table(block, _Group(), weight, acting=preventing)
            elif block.sort is Sort.LIST:
                self._stray(block, weight, sure=sure, preventing=preventing)
            elif block.sort is Sort.PARAGRAPH and not logged:
                self._paragraph(block, _Group(), weight)

    def _stray(self, block: Block, weight: float, *, sure: bool, preventing: bool) -> None:
        """Boxes count where they look like work; plain entries only where prevention is told."""
        for entry in block.entries:
            if _ITEM_LABEL.match(entry.text):
                self._labelled_entry(entry, weight)
                continue
            if not preventing and box_of(entry.text)[0] is None:
                continue
            words = plain(entry.text, self.setting.named)
            said = read_line(entry.text, self.setting)
            if self._no_item(entry.text, words) or labels.is_level(said.title):
                continue
            tells = bool(said.owner or said.due_text or said.references or said.priority)
            if said.boxed:
                base = 0.85 if preventing else 0.6 if tells else 0.35 if sure else 0.45
            elif preventing:
                base = 0.6 if not sure and (tells or is_order(said.title)) else _DOUBTFUL
            else:
                continue
            shape = Shape.CHECK_BOX if said.boxed else Shape.BULLET
            self._add(said, entry.line, entry.end, shape, base * weight, _Group())

    def _labelled_entry(self, entry: Entry, weight: float) -> None:
        match = _ITEM_LABEL.match(entry.text)
        rest = entry.text[match.end() :] if match else ""
        if rest and not unfilled(rest, plain(rest)):
            said = read_line(rest, self.setting)
            self._add(said, entry.line, entry.end, Shape.BULLET, 0.7 * weight, _Group())

    def _add(
        self, said: Said, line: int, end: int, shape: Shape, sure: float, group: "_Group"
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


@dataclass(frozen=True, slots=True)
class _Group:
    """What a heading or label says of all items below it."""

    title: str = ""
    owner: str = ""
    said: Said = field(default_factory=Said)

    @classmethod
    def of(cls, part: Part, setting: Setting) -> "_Group":
        """From a heading ("Long-term (Q3)", "P1", "Completed") and fields told for the whole part."""
        title = part.title
        aside = re.search(r"[(\uff08\[]([^()\[\]\uff08\uff09]{2,50})[)\uff09\]]", title)
        when = re.sub(
            r"^(?:by|due|until|target)[:\s]+", "", aside[1] if aside else title, flags=re.IGNORECASE
        )
        found = (
            next(dates.days_in(when, setting.order, setting.near), None)
            if aside or when != title
            else None
        )
        said = Said(
            due=found.day if found else None,
            due_text=when if found or (aside and dates.loosely_due(when)) else "",
            priority=labels.priority_of(re.sub(r"[(\[].*", "", title)),
            category=labels.category_of(title),
            done=True
            if any(labels.is_state(one) and labels.done_of(one) for one in (title, when))
            else None,
        )
        told = [
            block for block in part.blocks if block.sort is Sort.PARAGRAPH and label(block.text)
        ]
        whole = records.record(told, setting)
        if whole.fields and not whole.said.title:
            said = said.over(whole.said)
        return cls(title, people.handles_only(title), said)

    def onto(self, said: Said) -> Said:
        """The item with what its group says where it says nothing itself."""
        return said.over(replace(self.said, references=(), owner=self.said.owner or self.owner))


def _heads_group(raw: str, words: str, lists: Sequence[Block]) -> bool:
    """Whether an entry is only a heading for the entries below it."""
    inner = [entry for block in lists for entry in block.entries]
    if not inner or raw.lstrip().startswith("["):
        return False
    if all((named := label(one.text)) and labels.field_of(named[0]) for one in inner):
        return False
    bare = words.rstrip(" :\uff1a")
    if people.handles_only(bare) or kinds_of(bare, exact=True):
        return True
    short = len(bare.split()) <= 3  # noqa: PLR2004  words; a task is longer
    acts = any(is_order(plain(one.text)) or one.text.startswith("[") for one in inner)
    headed = bool(bold(raw)) or (words.endswith((":", "\uff1a")) and short)
    return acts and headed and not (is_order(bare) and not short)


def _entry_sure(entry: Entry, said: Said, words: str) -> float:
    """How sure it is that an entry in an action section is an item."""
    if partial(entry.text):
        return _DOUBTFUL
    if said.boxed:
        return 0.97
    if _AT_TIME.match(entry.text) or (words.endswith((":", "\uff1a")) and not entry.blocks):
        return _DOUBTFUL
    linked = list(addresses(entry.text))
    if (
        linked
        and not said.references
        and re.fullmatch(r"\s*<?\[?[^\]\n]*[\])>]?\S*\s*", entry.text)
        and (entry.text.strip().startswith(("[", "<", "http")))
    ):
        return 0.4
    if words.rstrip().endswith(("?", "\uff1f")):
        return 0.45
    told = said.owner or said.due_text or said.references or said.priority or is_order(said.title)
    return 0.9 if told else 0.75


def _linked_below(blocks: Sequence[Block], setting: Setting) -> tuple[str, ...]:
    """Issues linked from what stands below an item."""
    texts: list[str] = []
    for block in blocks:
        texts += [block.text] if block.sort is Sort.PARAGRAPH else []
        for entry in block.entries:
            texts.append(entry.text)
            texts += [one.text for inner in entry.blocks for one in inner.entries]
    found = [one for text in texts for one in addresses(text, setting.named) if is_issue(one)]
    return tuple(dict.fromkeys(found))


def _continues(before: Block | None, block: Block) -> bool:
    """Whether a list's entries are the details of the entry before it, which ends with a colon."""
    return (
        before is not None
        and before.sort is Sort.LIST
        and block.sort is Sort.LIST
        and before.ordered
        and not block.ordered
        and before.entries[-1].text.rstrip(" *").endswith((":", "\uff1a"))
        and not any(one.text.startswith("[") for one in block.entries)
    )


def _superseded(part: Part) -> bool:
    """Whether a line before the first list or table says that another list holds now."""
    for block in part.blocks:
        if block.sort in {Sort.LIST, Sort.TABLE}:
            return False
        text = " ".join(one.text for one in (block, *block.blocks))
        if _GONE.search(text[:400]):
            return True
    return False


def _trusted(entries: Sequence[Entry]) -> bool:
    """Whether most of a list's lines end with what can be a name."""
    ends = 0
    for entry in entries:
        words = plain(entry.text)
        match = re.search(r"(?:\s[\u2014\u2013-]\s+|\s\()([^()\u2014\u2013]{2,40}?)\)?\s*\Z", words)
        pieces = re.split(r"\s*[,;]\s*", match[1]) if match else []
        ends += any(people.like_name(one) for one in pieces[:1])
    return ends * 10 >= len(entries) * 6 and (ends > 1 or len(entries) == 1)


def _told_twice(found: list[ActionItem]) -> list[ActionItem]:
    """Of items with the same words only one is certain: the one that says most."""
    kept: list[ActionItem] = []
    for one in found:
        at = next(
            (i for i, had in enumerate(kept) if had.certain and same(had.title, one.title)), None
        )
        if at is None or not one.certain:
            kept.append(one)
        elif _says(one) > _says(kept[at]):
            kept[at] = replace(kept[at], confidence=min(_DOUBTFUL, THRESHOLD))
            kept.append(one)
        else:
            kept.append(replace(one, confidence=_DOUBTFUL))
    return kept


def _says(one: ActionItem) -> int:
    return sum(bool(value) for value in (one.owner, one.due_text, one.priority, one.references)) + (
        one.done is not None
    )
