"""Metis documents to items and back (reference: Metis v2.0.8's own files and behaviour).

Only tasks and initiatives are items. An edit changes the lines it must and no other; the front
matter gets no key of ours, because Metis drops unknown keys at its next transition.
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from mappings import phases
from mappings.frontmatter import Document
from mappings.item import UNSET, Draft, Item, Ref, Unset
from mappings.markers import find_marker, strip_markers
from mappings.problem import Problem, ProblemError
from mappings.profile import Profile
from mappings.template import meaningful
from mappings.titles import Title, read_title, write_title
from mappings.vocabulary import Category, Kind, Phase, Priority, Resolution, Severity

CODE: Final = re.compile(r"[A-Z]{2,8}-[VITAS]-\d{4,}")
LEVELS: Final = frozenset({"task", "initiative"})
#: Directory of each category below ``backlog/``.
FOLDERS: Final = {
    Category.BUG: "bugs",
    Category.FEATURE: "features",
    Category.TECH_DEBT: "tech-debt",
}
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
_TICK = re.compile(r"^(\s*[-*] \[)([ xX])(\] P([0-3])\b.*)$")
_PRIORITY_HEAD = re.compile(r"^###\s+Priority\b")
_REQUIRED = ("title", "short_code", "created_at", "updated_at", "tags")


@dataclass(frozen=True, slots=True)
class Tags:
    """What the tag list says. ``lines``: where the phase tags stand."""

    phase: str
    category: Category | None
    labels: frozenset[str]
    phase_lines: tuple[int, ...]


def sanitise(title: str) -> str:
    """A title Metis survives: it writes titles between quotes without escaping them."""
    return " ".join(title.replace('"', "'").replace("\\", "/").split())


def read_document(document: Document, path: str, profile: Profile) -> Item:
    """The item a document is. ``path`` is relative to the ``.metis`` folder.

    Raises ProblemError for a document that Metis itself could not use.
    """
    level = document.get("level")
    code = _checked(document)
    tags = read_tags(document)
    title = read_title(document.get("title"))
    archived = document.get("archived") == "true"
    phase = phases.MEANS[level][tags.phase]
    resolution: Resolution | None = None
    if archived and phase is not Phase.COMPLETED:
        phase, resolution = Phase.COMPLETED, Resolution.NOT_PLANNED
    elif phase is Phase.COMPLETED:
        resolution = Resolution.DONE
    body = meaningful(strip_markers(document.body))
    box = _ticked(document)
    notices = []
    if title.priority and box and title.priority is not box:
        text = f"the title says {title.priority}, the check box {box}; the title counts."
        notices.append(Problem("E130", text, document.at("title")))
    return Item(
        ref=Ref(code, code, f".metis/{path}", document.get("created_at")),
        kind=_kind(level, title, tags, profile),
        title=sanitise(title.text),
        phase=phase,
        resolution=resolution,
        priority=title.priority or box,
        severity=title.severity,
        category=tags.category if level == "task" else UNSET,
        parent=_parent(document, path) if level == "task" else UNSET,
        body=body,
        text=body,
        marker=find_marker(document.body),
        labels=tags.labels,
        archived=archived,
        created_at=_moment(document.get("created_at")),
        notices=tuple(notices),
    )


def _checked(document: Document) -> str:
    """The short code, once everything Metis needs is there."""
    for key in _REQUIRED:
        if key not in document.entries:
            text = f'has no "{key}": Metis cannot read it.'
            raise ProblemError(Problem("E103", text, document.place))
    code = document.get("short_code")
    if not CODE.fullmatch(code):
        text = f'short_code "{code}" is not like PROJ-T-0001.'
        raise ProblemError(Problem("E103", text, document.at("short_code")))
    if not document.entries["title"].quoted:
        raise ProblemError(Problem("E103", "title must be text. Quote it.", document.at("title")))
    for key in ("created_at", "updated_at"):
        if not _STAMP.fullmatch(document.get(key)):
            text = f"{key} must be a full time with offset, like 2026-03-01T12:00:00+00:00."
            raise ProblemError(Problem("E103", text, document.at(key)))
    return code


def read_tags(document: Document) -> Tags:
    """The tag list. Raises ProblemError when it names no phase that Metis knows."""
    entry = document.entries["tags"]
    words = phases.LEGAL[document.get("level")]
    phase, lines, labels, category = "", [], set(), None
    places = entry.items or tuple((entry.line, value) for value in entry.listed)
    for line, value in places:
        name = value.lstrip("#")
        if name.startswith("phase/"):
            lines.append(line)
            if not phase and name.removeprefix("phase/") in words:
                phase = name.removeprefix("phase/")
        elif name in {one.value for one in Category}:
            category = category or Category(name)
        elif name not in LEVELS:
            labels.add(name)
    if not phase:
        said = next((v for _, v in places if v.lstrip("#").startswith("phase/")), "no phase")
        hint = 'Write "#phase/active".' if said.endswith("/doing") else "Repair the tag."
        text = f"{said} is no phase of Metis: it cannot see this document."
        raise ProblemError(Problem("E108", text, document.at("tags"), hint))
    return Tags(phase, category, frozenset(labels), tuple(dict.fromkeys(lines)))


def _kind(level: str, title: Title, tags: Tags, profile: Profile) -> Kind:
    return Kind.INITIATIVE if level == "initiative" else profile.kind_of(tags.labels, (), title)


def _parent(document: Document, path: str) -> Ref | None:
    """The initiative: by directory, then ``initiative_id``, then ``parent`` (metis.md §4)."""
    parts = path.split("/")
    if "initiatives" in parts[:-1]:
        below = parts[parts.index("initiatives") + 1]
        if CODE.fullmatch(below):
            return Ref(below, below)
    for key in ("initiative_id", "parent"):
        code = document.get(key).strip("[]")
        if CODE.fullmatch(code) and "-I-" in code:
            return Ref(code, code)
    return None


def _ticked(document: Document) -> Priority | None:
    """The priority ticked under ``### Priority``."""
    if "### Priority" not in document.body:
        return None
    ticked = [match[4] for _, match in _boxes(document) if match[2] in "xX"]
    return Priority(f"P{ticked[0]}") if len(ticked) == 1 else None


def _boxes(document: Document) -> list[tuple[int, re.Match[str]]]:
    found, inside = [], False
    for index in range(document.close + 1, len(document.lines)):
        line = document.lines[index].rstrip("\r\n")
        if line.startswith("#"):
            inside = bool(_PRIORITY_HEAD.match(line))
        elif inside and (match := _TICK.match(line)):
            found.append((index, match))
    return found


# --- edits: each returns the document with the lines changed that must be ------------------


def with_phase(document: Document, word: str, now: datetime) -> Document:
    """The phase tag's line and ``updated_at``; further phase tags go."""
    tags = read_tags(document)
    first, *more = tags.phase_lines
    line = document.lines[first].rstrip("\r\n")
    changed = re.sub(r"#phase/[\w-]+", f"#phase/{word}", line, count=1)
    document = document.with_line(first, changed).without_lines(frozenset(more))
    return touched(document, now)


def touched(document: Document, now: datetime) -> Document:
    """Only ``updated_at``, in the form Metis writes on macOS: microseconds and offset."""
    stamp = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")
    return _with_value(document, "updated_at", stamp)


def with_archived(document: Document, *, archived: bool) -> Document:
    """The ``archived`` flag; added behind ``tags`` where it is missing."""
    if "archived" in document.entries:
        return _with_value(document, "archived", str(archived).lower())
    line = document.entries["tags"].line
    raw = document.lines[line]
    end = raw[len(raw.rstrip("\r\n")) :]
    return document.with_line(line, f"archived: {str(archived).lower()}{end}{raw.rstrip(end)}")


def with_title(
    document: Document,
    *,
    text: str | Unset = UNSET,
    priority: Priority | None | Unset = UNSET,
    severity: Severity | None | Unset = UNSET,
) -> Document:
    """The title line; a ticked priority box follows where there is one."""
    raw = document.get("title")
    box = _ticked(document)
    in_title: Priority | None | Unset = priority
    if priority is not UNSET and box and read_title(raw).priority is None:
        # The box is where this document says it: no prefix is added beside it.
        in_title = UNSET
    title = sanitise(
        write_title(
            raw,
            text=text if isinstance(text, Unset) else sanitise(text),
            priority=in_title,
            severity=severity,
        )
    )
    if title != raw:
        line = document.entries["title"].line
        document = document.with_line(line, f'title: "{title}"')
    if priority is not UNSET and box and box is not priority:
        document = _with_box(document, priority)
    return document


def _with_box(document: Document, priority: Priority | None) -> Document:
    for index, match in _boxes(document):
        mark = "x" if priority and match[4] == priority[1] else " "
        if (match[2] in "xX") != (mark == "x"):
            document = document.with_line(index, f"{match[1]}{mark}{match[3]}")
    return document


def with_category(document: Document, category: Category | None) -> Document:
    """The category's tag line: changed, added behind the last tag, or taken out."""
    entry = document.entries["tags"]
    if not entry.items:
        problem = Problem("E103", "tags on one line cannot be edited.", document.at("tags"))
        raise ProblemError(problem)
    names = {one.value for one in Category}
    found = [line for line, value in entry.items if value.lstrip("#") in names]
    if found and category:
        line = document.lines[found[0]].rstrip("\r\n")
        changed = re.sub(r"#(?:bug|feature|tech-debt)\b", f"#{category}", line)
        return document.with_line(found[0], changed).without_lines(frozenset(found[1:]))
    if found:
        return document.without_lines(frozenset(found))
    if category is None:
        return document
    last = entry.items[-1][0]
    raw = document.lines[last]
    end = raw[len(raw.rstrip("\r\n")) :] or "\n"
    return document.with_line(last, f'{raw.rstrip()}{end}  - "#{category}"')


def _with_value(document: Document, key: str, value: str) -> Document:
    line = document.entries[key].line
    raw = document.lines[line].rstrip("\r\n")
    quoted = document.entries[key].quoted
    shown = f'"{value}"' if quoted else value
    return document.with_line(line, f"{raw[: raw.index(':')]}: {shown}")


# --- creation ----------------------------------------------------------------------------


def new_task(draft: Draft, code: str, now: datetime, profile: Profile) -> str:
    """The text of a new task document with the full key set Metis writes (metis.md §2.1)."""
    stamp = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")
    title = sanitise(_raw_title(draft, profile))
    phase = draft.phase if isinstance(draft.phase, Phase) else Phase.BACKLOG
    parent = draft.parent.id if isinstance(draft.parent, Ref) else ""
    tags = ["#task", f"#phase/{phases.first('task', phase)}"]
    if isinstance(draft.category, Category):
        tags.append(f"#{draft.category}")
    archived = draft.resolution in {Resolution.NOT_PLANNED, Resolution.DUPLICATE}
    lines = [
        "---",
        f"id: {slug(title)}",
        "level: task",
        f'title: "{title}"',
        f'short_code: "{code}"',
        f"created_at: {stamp}",
        f"updated_at: {stamp}",
        f"parent: {parent}",
        "blocked_by: []",
        f"archived: {str(archived).lower()}",
        "",
        "tags:",
        *(f'  - "{tag}"' for tag in tags),
        "",
        "",
        "exit_criteria_met: false",
        f"initiative_id: {parent or 'NULL'}",
        "---",
        "",
        f"# {title}",
    ]
    text = draft.text.replace("\r\n", "\n").strip("\n")
    blocks = ["\n".join(lines), text, draft.marker]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _raw_title(draft: Draft, profile: Profile) -> str:
    text = draft.title if isinstance(draft.title, str) else ""
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
    resolution = item.resolution
    if resolution is Resolution.DUPLICATE:
        resolution = Resolution.NOT_PLANNED
    if not_planned == "complete" and resolution is Resolution.NOT_PLANNED:
        resolution = Resolution.DONE
    if item.phase is not Phase.COMPLETED and resolution is not UNSET:
        resolution = None
    return replace(
        item,
        title=sanitise(item.title) if isinstance(item.title, str) else UNSET,
        resolution=resolution,
        owners=UNSET,
        due=UNSET,
        body=UNSET,
    )


def _moment(stamp: str) -> datetime | None:
    """Nanoseconds are cut: Python's times end at microseconds."""
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", stamp))
