"""What an item's line, cell or label can say, and how one that has a label is read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from mappings.postmortem import dates, labels, people
from mappings.postmortem.inline import plain
from mappings.postmortem.labels import Role
from mappings.postmortem.prompts import blank
from mappings.postmortem.references import references_in, tidy
from mappings.vocabulary import Category, Priority


@dataclass(frozen=True, slots=True)
class Setting:
    """What a document knows that an item's line is read with."""

    named: Mapping[str, str] = field(default_factory=dict)
    order: dates.Order = ""
    near: date | None = None
    known: frozenset[str] = frozenset()
    text: str = ""
    trust: bool = False  # the list's lines end with names, line after line


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one line, cell or label says. Empty values: it does not say."""

    title: str = ""
    owner: str = ""
    due: date | None = None
    due_text: str = ""
    priority: Priority | None = None
    category: Category | None = None
    done: bool | None = None
    references: tuple[str, ...] = ()
    boxed: bool = False
    struck: bool = False

    def over(self, other: "Said") -> "Said":
        """The same with what only the other says; references of both. The title stays."""
        return replace(
            self,
            owner=self.owner or other.owner,
            due=self.due if self.due_text else other.due,
            due_text=self.due_text or other.due_text,
            priority=self.priority or other.priority,
            category=self.category or other.category,
            done=other.done if self.done is None else self.done,
            boxed=self.boxed or other.boxed,
            struck=self.struck or other.struck,
            references=tidy((*self.references, *other.references)),
        )


def due_from(raw: str, setting: Setting) -> Said:
    """A due date's cell or the text behind "Due:"."""
    text = plain(raw, setting.named).strip(" .,;*_")
    if blank(raw, text) or re.fullmatch(r"\W*(?:YYYY|XX).*", text, re.IGNORECASE):
        return Said()
    found = list(dates.days_in(text, setting.order, setting.near))
    several = len(found) > 1 and re.search(
        r"->|\u2192|\bto\b|\bnow\b", text
    )  # moved: the last holds
    day = found[-1].day if several else found[0].day if found else None
    return Said(due=day, due_text=text)


def of_field(role: Role, raw: str, setting: Setting) -> Said:
    """What the text behind a label, or in a column of that role, says."""
    words = plain(raw, setting.named)
    said = Said()
    if role is Role.OWNER:
        said = Said(owner=people.owner_of(raw))
    elif role is Role.DUE:
        said = due_from(raw, setting)
    elif role is Role.PRIORITY:
        said = Said(priority=labels.priority_of(words))
    elif role is Role.CATEGORY:
        said = Said(category=labels.category_of(words))
    elif role is Role.STATUS:
        linked = references_in(raw, setting.named)
        said = Said(done=labels.done_of(words) or False, references=linked)
    elif role is Role.REFERENCE:
        linked = references_in(raw, setting.named, column=True)
        # "#12 DONE", "#12 — complete in the hotfix": the state in the same cell
        state = re.sub(r"https?://\S+|[\w./-]*[#!]\d+|[A-Z]{2,9}-\d+|[()\[\]]", " ", words)
        said = Said(references=linked, done=labels.done_of(state.strip(" \u2014\u2013-:;,.")))
    return said
