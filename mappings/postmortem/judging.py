"""How sure it is that something is an action item, and what its group says of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from mappings.postmortem import dates, labels, people, records
from mappings.postmortem.blocks import Block, Entry, Sort
from mappings.postmortem.inline import addresses, bold, label, norm, plain
from mappings.postmortem.model import ActionItem
from mappings.postmortem.orders import is_order
from mappings.postmortem.outline import Part
from mappings.postmortem.prompts import partial
from mappings.postmortem.references import is_issue
from mappings.postmortem.said import Said, Setting
from mappings.postmortem.words import groups, heading_words, kinds_of
from mappings.vocabulary import Priority

#: How sure it is of what has something about it that no item has.
DOUBTFUL: Final = 0.3

_GONE: Final = re.compile(
    r"\b(?:supersed\w+|obsolete|outdated|replaced by|no longer (?:current|valid|applies|used"
    r"|maintained)"
    r"|(?:see|use) .{1,60} instead|kept for (?:the )?(?:record|history)|moved to|überholt|veraltet"
    r"|ersetzt durch"
    r"|remplacée? par|obsolètes?|廃止|旧版)\b",
    re.IGNORECASE,
)

_WHEN: Final = re.compile(r"^(?:by|due|until|target)[:\s]+", re.IGNORECASE)
_AT_TIME: Final = re.compile(r"[`*_\[(]*(?:\d{1,2}:\d{2}|\d{4}-\d\d-\d\d[T ]\d\d)")


@dataclass(frozen=True, slots=True)
class Group:
    """What a heading or label says of all items below it."""

    title: str = ""
    owner: str = ""
    said: Said = field(default_factory=Said)

    @classmethod
    def of(cls, part: Part, setting: Setting) -> "Group":
        """From a heading ("Long-term (Q3)", "P1") and fields told for the whole part."""
        title = part.title
        aside = re.search(r"[(\uff08\[]([^()\[\]\uff08\uff09]{2,50})[)\uff09\]]", title)
        states = [one for one in (title, aside[1] if aside else "") if labels.is_state(one)]
        when = "" if states else _WHEN.sub("", aside[1] if aside else title)
        found = next(dates.days_in(when, setting.order, setting.near), None)
        dated = found is not None and (aside is not None or when != title)
        said = Said(
            due=found.day if found and dated else None,
            due_text=when if dated or dates.loosely_due(when) else "",
            priority=_level_of(title) or (labels.plain_priority(aside[1]) if aside else None),
            category=labels.category_of(title),
            done=True if any(labels.done_of(one) for one in states) else None,
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


def _level_of(title: str) -> Priority | None:
    """A heading's priority: "P1", "High priority"; "Immediate" and "Important" say when and why."""
    bare = re.sub(r"[(\[].*", "", title)
    level = labels.is_level(bare.strip()) or re.match(r"\W*[pP]-?[0-3]\b", bare)
    return labels.priority_of(bare) if level else labels.plain_priority(bare)


def heads_group(raw: str, words: str, lists: Sequence[Block]) -> bool:
    """Whether an entry is only a heading for the entries below it."""
    inner = [entry for block in lists for entry in block.entries]
    if not inner or raw.lstrip().startswith("["):
        return False
    if all((named := label(one.text)) and labels.field_of(named[0]) for one in inner):
        return False
    bare = words.rstrip(" :\uff1a")
    if people.handles_only(bare) or kinds_of(bare, exact=True):
        return True
    one_word = len(bare.split()) == 1  # "Improve alerting" is work, "Improve" heads some
    few = len(heading_words(bare).split()) <= 3  # noqa: PLR2004  words
    if groups(bare) and (one_word or not is_order(bare)) and few:
        return True
    short = len(bare.split()) <= 3  # noqa: PLR2004  words; a task is longer
    acts = any(is_order(plain(one.text)) or one.text.startswith("[") for one in inner)
    headed = bool(bold(raw)) or (words.endswith((":", "\uff1a")) and short)
    return acts and headed and not (is_order(bare) and not short)


def entry_sure(entry: Entry, said: Said, words: str) -> float:
    """How sure it is that an entry in an action section is an item."""
    if partial(entry.text):
        return DOUBTFUL
    if said.boxed:
        return 0.97
    if _AT_TIME.match(entry.text) or (words.endswith((":", "\uff1a")) and not entry.blocks):
        return DOUBTFUL
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


def linked_below(blocks: Sequence[Block], setting: Setting) -> tuple[str, ...]:
    """Issues linked from what stands below an item."""
    texts: list[str] = []
    for block in blocks:
        texts += [block.text] if block.sort is Sort.PARAGRAPH else []
        for entry in block.entries:
            texts.append(entry.text)
            texts += [one.text for inner in entry.blocks for one in inner.entries]
    found = [one for text in texts for one in addresses(text, setting.named) if is_issue(one)]
    return tuple(dict.fromkeys(found))


def continues(before: Block | None, block: Block) -> bool:
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


def superseded(part: Part) -> bool:
    """Whether a line before the first list or table says that another list holds now."""
    for block in part.blocks:
        if block.sort in {Sort.LIST, Sort.TABLE}:
            return False
        text = " ".join(one.text for one in (block, *block.blocks))
        if _GONE.search(text[:400]):
            return True
    return False


def trusted(entries: Sequence[Entry]) -> bool:
    """Whether most of a list's lines end with what can be a name."""
    ends = 0
    for entry in entries:
        words = plain(entry.text)
        match = re.search(r"(?:\s[\u2014\u2013-]\s+|\s\()([^()\u2014\u2013]{2,40}?)\)?\s*\Z", words)
        pieces = re.split(r"\s*[,;]\s*", match[1]) if match else []
        ends += any(people.like_name(one) for one in pieces[:1])
    return ends * 10 >= len(entries) * 6 and (ends > 1 or len(entries) == 1)


def told_twice(found: list[ActionItem]) -> list[ActionItem]:
    """Of items with the same words only one is certain: the one that says most."""
    kept: list[ActionItem] = []
    at: dict[str, int] = {}
    for one in found:
        words = norm(one.title)
        had = at.get(words)
        if not one.certain or had is None:
            if one.certain:
                at[words] = len(kept)
            kept.append(one)
        elif _says(one) > _says(kept[had]):
            kept[had] = replace(kept[had], confidence=DOUBTFUL)
            at[words] = len(kept)
            kept.append(one)
        else:
            kept.append(replace(one, confidence=DOUBTFUL))
    return kept


def _says(one: ActionItem) -> int:
    return sum(bool(value) for value in (one.owner, one.due_text, one.priority, one.references)) + (
        one.done is not None
    )
