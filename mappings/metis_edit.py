"""Edits of a Metis document: each gives the document with the lines changed that must be.

Nothing is re-serialised and nothing else is touched; a document that already says what is wanted
comes back equal. Legality of a phase is the caller's duty: see :mod:`mappings.phases`.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final, TypeAlias

from mappings import metis
from mappings.frontmatter import Document
from mappings.item import UNSET, Unset
from mappings.metis import CATEGORY_TAGS, FOLDERS, PHASE_TAG, boxes_of, stamped, ticked
from mappings.titles import read_title, write_title
from mappings.vocabulary import Category, Priority, Severity

#: What becomes of one tag: another, the same, or None to take it out.
_Change: TypeAlias = Callable[[str], str | None]
_ITEM: Final = re.compile(
    r"""([ ]*-[ \t]+)("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^"'].*?)([ \t]+#.*|[ \t]*)"""
)
ARCHIVE: Final = "archived/"


def with_phase(document: Document, word: str, now: datetime) -> Document:
    """The phase tag's line and ``updated_at``; further phase tags go. ``word`` is Metis' word."""
    said = 0

    def change(tag: str) -> str | None:
        nonlocal said
        if not tag.startswith(PHASE_TAG):
            return tag
        said += 1
        return PHASE_TAG + word if said == 1 else None

    return _with_value(_retagged(document, change), "updated_at", stamped(now))


def with_category(document: Document, category: Category | None) -> Document:
    """The category's tag: changed, added behind the last one, or taken out."""
    said = 0

    def change(tag: str) -> str | None:
        nonlocal said
        if tag.removeprefix("#") not in CATEGORY_TAGS:
            return tag
        said += 1
        return f"#{category}" if category and said == 1 else None

    changed = _retagged(document, change)
    return changed if said or category is None else _with_tag(changed, f"#{category}")


def with_archived(document: Document, *, archived: bool) -> Document:
    """The ``archived`` flag; put before ``tags`` where it is missing."""
    flag = str(archived).lower()
    if "archived" in document.entries:
        return _with_value(document, "archived", flag, bare=True)
    line = document.entries["tags"].line
    old = document.lines[line].rstrip("\r\n")
    return document.with_lines(line, line, (f"archived: {flag}", old))


def with_parent(document: Document, code: str) -> Document:
    """``parent`` and ``initiative_id`` name the initiative ``code``; "" for none."""
    for key, value in (("parent", code), ("initiative_id", code or "NULL")):
        if key in document.entries and document.get(key) != code:
            document = _with_value(document, key, value, bare=True)
    return document


def with_title(
    document: Document,
    *,
    text: str | Unset = UNSET,
    priority: Priority | None | Unset = UNSET,
    severity: Severity | None | Unset = UNSET,
) -> Document:
    """The title line, and the priority's check boxes where one is ticked.

    A priority goes where the document says it: into the title's prefix, or only into the check
    box if the title has none. Where it is said nowhere yet, it becomes a prefix.
    """
    raw = document.get("title")
    boxed = ticked(document)
    in_title = priority
    if boxed and read_title(raw).priority is None and _has_box(document, priority):
        in_title = UNSET
    wanted: str | Unset = UNSET
    if isinstance(text, str) and metis.sanitise(text) != metis.sanitise(read_title(raw).text):
        wanted = metis.sanitise(text)
    title = write_title(raw, text=wanted, priority=in_title, severity=severity)
    if title != raw:
        line = document.entries["title"].line
        document = document.with_line(line, f'title: "{metis.sanitise(title)}"')
    if isinstance(priority, Unset) or not boxed:
        return document
    return _with_boxes(document, priority)


def moved_category(path: str, category: Category | None) -> str:
    """Where a document of ``category`` belongs that lies in a category's directory.

    Everything else stays: an initiative's task has its category as a tag alone.
    """
    parts = path.split("/")
    if "backlog" not in parts[:-2]:
        return path
    at = parts.index("backlog") + 1
    folder = [FOLDERS[category]] if category else []
    return "/".join([*parts[:at], *folder, *parts[at + 1 :]])


def _has_box(document: Document, priority: Priority | None | Unset) -> bool:
    """Whether the check boxes can say this; "none" they say by being empty."""
    if not isinstance(priority, Priority):
        return True
    return any(box[4] == priority[1] for _, box in boxes_of(document))


def _with_boxes(document: Document, priority: Priority | None) -> Document:
    for index, match in boxes_of(document):
        wanted = priority is not None and match[4] == priority[1]
        if (match[2] in "xX") != wanted:
            mark = "x" if wanted else " "
            document = document.with_line(index, f"{match[1]}{mark}{match[3]}")
    return document


def _retagged(document: Document, change: _Change) -> Document:
    """The tag list with ``change`` applied to every tag, in the style it is written in."""
    entry = document.entries["tags"]
    if not entry.flow:
        # From the end: a line taken out moves only those behind it.
        for line, tag in reversed(_changes(entry.items, change)):
            fresh = () if tag is None else (_respelled(document.lines[line], tag),)
            document = document.with_lines(line, line, fresh)
        return document
    tags = [change(tag) for tag in entry.listed]
    if tags == list(entry.listed):
        return document
    return _with_flow(document, [tag for tag in tags if tag is not None])


def _changes(items: tuple[tuple[int, str], ...], change: _Change) -> list[tuple[int, str | None]]:
    """Line and new tag of every tag that does not stay as it is."""
    judged = [(line, tag, change(tag)) for line, tag in items]
    return [(line, wanted) for line, tag, wanted in judged if wanted != tag]


def _respelled(line: str, tag: str) -> str:
    """A list item's line with another value; its indentation, quotes and comment stay."""
    match = _ITEM.fullmatch(line.rstrip("\r\n"))
    if match is None:
        return f'  - "{tag}"'
    quote = match[2][0] if match[2][0] in "'\"" else '"'
    return f"{match[1]}{quote}{tag}{quote}{match[3]}"


def _with_tag(document: Document, tag: str) -> Document:
    """The tag list with one more at its end."""
    entry = document.entries["tags"]
    if entry.flow or not entry.items:
        return _with_flow(document, [*entry.listed, tag])
    last = entry.items[-1][0]
    old = document.lines[last].rstrip("\r\n")
    head = old[: len(old) - len(old.lstrip())]
    return document.with_lines(last, last, (old, f'{head}- "{tag}"'))


def _with_flow(document: Document, tags: list[str]) -> Document:
    entry = document.entries["tags"]
    listed = ", ".join(f'"{tag}"' for tag in tags)
    return document.with_lines(entry.line, entry.end, (f"tags: [{listed}]",))


def _with_value(document: Document, key: str, value: str, *, bare: bool = False) -> Document:
    """One key's line with another value, in quotes if it had any (and ``bare`` is not asked)."""
    entry = document.entries[key]
    raw = document.lines[entry.line].rstrip("\r\n")
    shown = f'"{value}"' if entry.quoted and not bare else value
    return document.with_lines(entry.line, entry.end, (f"{raw[: raw.index(':')]}: {shown}",))
