"""Metis documents to items and back (reference: Metis v2.0.8's own files and behaviour).

Only tasks and initiatives are items. The front matter never gets a key of ours, because Metis
drops unknown keys at its next transition. Edits of a document are in :mod:`mappings.metis_edit`.
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from mappings import phases
from mappings.frontmatter import Document
from mappings.item import UNSET, Draft, Item, Ref
from mappings.markers import find_marker, strip_markers
from mappings.problem import Problem, ProblemError
from mappings.profile import Profile
from mappings.template import meaningful
from mappings.text import one_line
from mappings.titles import Title, read_title, write_title
from mappings.vocabulary import (
    Category,
    Kind,
    Phase,
    Priority,
    Resolution,
    parse_category,
)

CODE: Final = re.compile(r"[A-Z]{2,8}-[VITAS]-\d{4,}")
INITIATIVE: Final = re.compile(r"[A-Z]{2,8}-I-\d{4,}")
LEVELS: Final = frozenset({"task", "initiative"})
#: Document types that are no items; ``strategy`` is of Metis v1.
OTHERS: Final = frozenset({"vision", "adr", "specification", "strategy"})
#: Directory of each category below ``backlog/``.
FOLDERS: Final = {
    Category.BUG: "bugs",
    Category.FEATURE: "features",
    Category.TECH_DEBT: "tech-debt",
}
#: Resolutions that a document says by being archived unfinished.
DROPPED: Final = frozenset({Resolution.NOT_PLANNED, Resolution.DUPLICATE})
PHASE_TAG: Final = "#phase/"
CATEGORY_TAGS: Final = {category.value: category for category in Category}
_STAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)")
_TICK = re.compile(r"(\s*[-*] \[)([ xX])(\] P([0-3])\b.*)")
_PRIORITY_HEAD: Final = "### Priority"
_REQUIRED: Final = ("title", "short_code", "created_at", "updated_at", "tags")
_SIZES: Final = frozenset({"XS", "S", "M", "L", "XL"})
# What YAML takes for something else than text: a number, a truth value, nothing.
_NO_TEXT = re.compile(
    r"~|null|true|false|[-+]?(?:0x[0-9a-f]+|0o[0-7]+|[\d_]*\.?\d+(?:e[-+]?\d+)?|\.inf|\.nan)?|[\[{].*",
    re.IGNORECASE,
)
_SURROGATE = re.compile("[\ud800-\udfff]")
# Metis' next transition would repeat this heading, wherever in the text it stands.
_REPEATED: Final = ("## Acceptance Criteria", "## Acceptance criteria")


@dataclass(frozen=True, slots=True)
class Tags:
    """What the tag list says; ``phase`` is Metis' word. ``phases``: all that are named."""

    phase: str
    category: Category | None
    labels: frozenset[str]
    phases: tuple[str, ...]


def sanitise(title: str) -> str:
    """A title Metis survives: it writes titles between quotes without escaping them.

    On one line, without control characters; runs of blanks are one blank.
    """
    plain = _SURROGATE.sub("\ufffd", title.replace('"', "'").replace("\\", "/"))
    return " ".join(one_line(plain).split())


def read_document(document: Document, path: str, profile: Profile) -> Item:
    """The item a document is. ``path`` is relative to the ``.metis`` folder.

    Raises ProblemError E103 or E108 for a document that Metis itself could not use.
    """
    level = document.get("level")
    code = _checked(document, level)
    tags = read_tags(document)
    title = read_title(document.get("title"))
    archived = document.get("archived") == "true"
    phase, resolution = _status(level, tags.phase, archived=archived)
    stamp = document.get("created_at")
    boxes = ticked(document)
    folder = _folder_category(path) if level == "task" else None
    body = meaningful(strip_markers(document.body))
    return Item(
        ref=Ref(code, code, f".metis/{path}", birth(stamp)),
        kind=_kind(level, title, tags, profile),
        title=sanitise(title.text),
        phase=phase,
        resolution=resolution,
        priority=title.priority or (boxes[0] if boxes else None),
        severity=title.severity,
        category=tags.category or folder if level == "task" else UNSET,
        parent=_parent(document, path, code) if level == "task" else UNSET,
        body=body,
        text=body,
        marker=find_marker(document.body),
        labels=tags.labels,
        archived=archived,
        created_at=moment(stamp),
        # A transition is the one thing that sets it, and nothing comes after the last one.
        closed_at=moment(document.get("updated_at")) if resolution is Resolution.DONE else None,
        notices=_notices(document, title, tags, boxes, folder),
    )


def _checked(document: Document, level: str) -> str:
    """The short code, once everything Metis needs is there."""
    required = (*_REQUIRED, "estimated_complexity") if level == "initiative" else _REQUIRED
    for key in required:
        if key not in document.entries:
            text = f'has no "{key}": Metis cannot read it.'
            raise ProblemError(Problem("E103", text, document.place, "Add the line."))
    code = document.get("short_code")
    if not CODE.fullmatch(code):
        raise _wrong(document, "short_code", f'short_code "{code}" is not like PROJ-T-0001.')
    title = document.entries["title"]
    if not title.quoted and (title.opaque or title.items or _NO_TEXT.fullmatch(title.value)):
        raise _wrong(document, "title", f'title must be text. Quote it: "{title.value}".')
    for key in ("created_at", "updated_at"):
        try:
            moment(document.get(key))
        except ValueError:
            text = f"{key} must be a full time with offset, like 2026-03-01T12:00:00+00:00."
            raise _wrong(document, key, text) from None
    if level == "initiative" and document.get("estimated_complexity").upper() not in _SIZES:
        text = "estimated_complexity must be XS, S, M, L or XL."
        raise _wrong(document, "estimated_complexity", text)
    return code


def _wrong(document: Document, key: str, text: str) -> ProblemError:
    return ProblemError(Problem("E103", text, document.at(key)))


def read_tags(document: Document) -> Tags:
    """The tag list. Raises ProblemError E108 when it names no phase of this type.

    Of several phases the first that is known counts, as for Metis; letter case matters.
    """
    level = document.get("level")
    named, labels, category = [], set(), None
    for value in document.listed("tags"):
        name = value.removeprefix("#")
        if value.startswith(PHASE_TAG):
            named.append(value.removeprefix(PHASE_TAG))
        elif name in CATEGORY_TAGS:
            category = category or CATEGORY_TAGS[name]
        elif name and name not in LEVELS:
            labels.add(name)
    phase = next((word for word in named if word in phases.LEGAL[level]), "")
    if not phase:
        said = f'"{PHASE_TAG}{named[0]}" is no phase of Metis' if named else "has no phase tag"
        word = "active" if named[:1] == ["doing"] else next(iter(phases.LEGAL[level]))
        text, hint = f"{said}: it cannot see this {level}.", f'Write "{PHASE_TAG}{word}".'
        raise ProblemError(Problem("E108", text, document.at("tags"), hint))
    return Tags(phase, category, frozenset(labels), tuple(dict.fromkeys(named)))


def _status(level: str, word: str, *, archived: bool) -> tuple[Phase, Resolution | None]:
    """Phase and resolution. What was archived before it was finished was not planned."""
    phase = phases.MEANS[level][word]
    if phase is Phase.COMPLETED:
        return phase, Resolution.DONE
    return (Phase.COMPLETED, Resolution.NOT_PLANNED) if archived else (phase, None)


def _kind(level: str, title: Title, tags: Tags, profile: Profile) -> Kind:
    if level == "initiative":
        return Kind.INITIATIVE
    kind = profile.kind_of(tags.labels, (), title)
    return Kind.TASK if kind is Kind.INITIATIVE else kind


def _parent(document: Document, path: str, code: str) -> Ref | None:
    """The initiative: by directory, then ``initiative_id``, then ``parent`` (metis.md §4)."""
    parts = path.split("/")[:-1]
    if "initiatives" in parts[:-1]:
        below = parts[len(parts) - parts[::-1].index("initiatives")]
        if INITIATIVE.fullmatch(below):
            return Ref(below, below)
    for key in ("initiative_id", "parent"):
        named = document.get(key).strip("[]")
        if INITIATIVE.fullmatch(named) and named != code:
            return Ref(named, named)
    return None


def parent_slug(document: Document) -> str:
    """The title slug that names a task's parent where no short code does; "" for none."""
    slugs = (document.get(key).strip("[]") for key in ("initiative_id", "parent"))
    return next((one for one in slugs if one and not CODE.fullmatch(one)), "")


def _folder_category(path: str) -> Category | None:
    """The category that a directory below ``backlog`` stands for; ``backlog/feature`` occurs."""
    parts = path.split("/")
    if "backlog" not in parts[:-2]:
        return None
    return parse_category(parts[parts.index("backlog") + 1])


def ticked(document: Document) -> list[Priority]:
    """The priorities ticked under ``### Priority``, the most urgent first."""
    if _PRIORITY_HEAD not in document.body:
        return []
    return sorted({Priority(f"P{one[4]}") for _, one in boxes_of(document) if one[2] in "xX"})


def boxes_of(document: Document) -> list[tuple[int, re.Match[str]]]:
    """The priority check boxes: line index, and a match whose groups 2 and 4 are mark and digit."""
    found, inside = [], False
    for index in range(document.close + 1, len(document.lines)):
        line = document.lines[index].rstrip("\r\n")
        if line.startswith("#"):
            inside = line.split("**")[0].rstrip() == _PRIORITY_HEAD
        elif inside and (match := _TICK.fullmatch(line)):
            found.append((index, match))
    return found


def _notices(
    document: Document, title: Title, tags: Tags, boxes: list[Priority], folder: Category | None
) -> tuple[Problem, ...]:
    """Oddities worth showing that do not stop the item."""
    found = []
    if len(boxes) > 1:
        text = f"the check boxes say {' and '.join(boxes)}; {title.priority or boxes[0]} counts."
        found.append(Problem("E130", text, document.at("title")))
    elif boxes and title.priority and boxes[0] is not title.priority:
        text = f"the title says {title.priority}, the check box {boxes[0]}; the title counts."
        found.append(Problem("E130", text, document.at("title")))
    if tags.category and folder and tags.category is not folder:
        text = f"the tag says {tags.category}, the directory {folder}; the tag counts."
        found.append(Problem("E130", text, document.at("tags")))
    if len(tags.phases) > 1:
        text = f"the tags name phases {' and '.join(tags.phases)}; {tags.phase} counts."
        found.append(Problem("E130", text, document.at("tags")))
    archived = document.entries.get("archived")
    if archived and (archived.quoted or archived.value not in {"true", "false", ""}):
        text = "archived must be true or false, without quotes; read as Metis reads it."
        found.append(Problem("E103", text, document.at("archived")))
    return tuple(found)


def birth(stamp: str) -> str:
    """``created_at`` in one form, to tell two holders of a code apart.

    Metis reprints it at every transition: ``Z`` as an offset, zeros at the end cut off.
    """
    match = _STAMP.fullmatch(stamp)
    if match is None:
        return stamp
    whole = datetime.fromisoformat(match[1] + match[3]).astimezone(UTC)
    fraction = (match[2] or "").rstrip("0")
    return f"{whole:%Y-%m-%dT%H:%M:%S}{'.' * bool(fraction)}{fraction}+00:00"


def moment(stamp: str) -> datetime:
    """A Metis time in UTC; nanoseconds are cut. Raises ValueError for what Metis cannot read."""
    if not _STAMP.fullmatch(stamp):
        raise ValueError(stamp)
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", stamp)).astimezone(UTC)


# --- to a document ------------------------------------------------------------------------


def stamped(now: datetime) -> str:
    """A time as Metis writes it on macOS: microseconds and offset."""
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Birth:
    """What a new document gets besides what the draft says.

    ``parent`` is the initiative's short code or "". ``archived``: it begins archived.
    """

    code: str
    now: datetime
    parent: str = ""
    archived: bool = False


def new_document(draft: Draft, made: Birth, profile: Profile) -> str:
    """The text of a new document with the full key set that Metis writes.

    A task, or an initiative if the draft is one. What is archived begins in the first phase:
    that is how "not planned" reads.
    """
    level = "initiative" if draft.kind is Kind.INITIATIVE else "task"
    stamp, title = stamped(made.now), _raw_title(draft, profile)
    tags = [f"#{level}", PHASE_TAG + _first_word(level, draft, made)]
    last = [f"initiative_id: {made.parent or 'NULL'}"]
    if level == "initiative":
        last = ["estimated_complexity: M", f"initiative_id: {slug(title)}"]
    elif isinstance(draft.category, Category):
        tags.append(f"#{draft.category}")
    lines = [
        "---",
        f"id: {slug(title)}",
        f"level: {level}",
        f'title: "{title}"',
        f'short_code: "{made.code}"',
        f"created_at: {stamp}",
        f"updated_at: {stamp}",
        f"parent: {made.parent}",
        "blocked_by: []",
        f"archived: {str(made.archived).lower()}",
        "",
        "tags:",
        *(f'  - "{tag}"' for tag in tags),
        "",
        "",
        "exit_criteria_met: false",
        *last,
        "---",
        "",
        f"# {title}",
    ]
    blocks = ["\n".join(lines), _own_text(draft.text), draft.marker]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _first_word(level: str, draft: Draft, made: Birth) -> str:
    wanted = draft.phase if isinstance(draft.phase, Phase) and not made.archived else Phase.BACKLOG
    return phases.first(level, wanted) or next(iter(phases.MEANS[level]))


def _own_text(text: str) -> str:
    """A tracker's text as a document can hold it."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    return _SURROGATE.sub("\ufffd", text).replace(*_REPEATED).strip("\n")


def _raw_title(draft: Draft, profile: Profile) -> str:
    # Made plain before the prefixes: a lone separator is a title, the gap before one is not.
    text = sanitise(draft.title) if isinstance(draft.title, str) else ""
    raw = write_title(text, priority=draft.priority or UNSET, severity=draft.severity or UNSET)
    if draft.kind is Kind.INCIDENT and profile.kind_of((), (), read_title(raw)) is not draft.kind:
        raw = write_title(raw, incident=True)
    return raw


def slug(title: str) -> str:
    """Metis' own rule for ``id``: at most 35 characters, cut at a dash beyond the seventeenth."""
    text = re.sub(r"-+", "-", re.sub(r"[^a-z0-9]", "-", title.lower())).strip("-")
    if len(text) <= 35:  # noqa: PLR2004  metis.md §2.1
        return text
    cut = text[:35]
    dash = cut.rfind("-")
    return cut[:dash] if dash > 17 else cut  # noqa: PLR2004  metis.md §2.1


def canonical(item: Item, *, not_planned: str = "archive") -> Item:
    """What a document would say after taking the item over."""
    resolution, phase = item.resolution, item.phase
    if resolution is Resolution.DUPLICATE:
        resolution = Resolution.NOT_PLANNED
    if not_planned == "complete" and resolution is Resolution.NOT_PLANNED:
        resolution = Resolution.DONE
    if phase is Phase.COMPLETED:
        resolution = resolution or Resolution.DONE
    elif resolution is not UNSET:
        resolution = None
    initiative = item.kind is Kind.INITIATIVE
    if initiative and phase is Phase.BLOCKED:
        phase = UNSET
    return replace(
        item,
        title=read_title(sanitise(item.title)).text if isinstance(item.title, str) else UNSET,
        phase=phase,
        resolution=resolution,
        category=UNSET if initiative else item.category,
        parent=UNSET if initiative else item.parent,
        owners=UNSET,
        due=UNSET,
        body=UNSET,
    )
