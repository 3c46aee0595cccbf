"""Changing one document: every legal step a write of its own, each verified."""

from dataclasses import dataclass
from typing import Final

from adapters.errors import Rejected
from adapters.metis.reading import Held, Reader
from adapters.metis.workspace import Workspace
from adapters.seams import Clock
from mappings import metis, metis_edit, phases
from mappings.frontmatter import Document
from mappings.item import UNSET, Item, Patch, Ref, Unset
from mappings.problem import Problem, ProblemError
from mappings.vocabulary import Category, Field, Kind, Phase, Resolution

TASKS: Final = "tasks"


@dataclass(frozen=True, slots=True)
class Rules:
    """The connection's settings on what Metis itself has no step for."""

    reopen: str = "edit"
    not_planned: str = "archive"

    def route(self, item: Item, phase: Phase) -> tuple[Phase, ...]:
        """The legal steps to ``phase``, or the one jump that is allowed. Raises Rejected E122.

        Dropped work walks no steps: it is archived in the phase it is in.
        """
        if phase is Phase.COMPLETED and self.archives(item.resolution):
            return (phase,)
        level = "initiative" if item.kind is Kind.INITIATIVE else "task"
        if not isinstance(item.phase, Phase):
            return (phase,)
        start = phases.first(level, item.phase)
        steps = phases.path(level, start, phase) if start else None
        if steps is None:
            self.jump(item, level, phase)
            return (phase,)
        means = dict.fromkeys(phases.MEANS[level][word] for word in steps)
        return tuple(step for step in means if step is not item.phase) or (phase,)

    def archives(self, resolution: Resolution | Unset | None) -> bool:
        """Whether an item that ends with this resolution goes into the archive."""
        return resolution in metis.DROPPED and self.not_planned == "archive"

    def jump(self, item: Item, level: str, phase: Phase) -> str:
        """Metis' word for a phase no step leads to. Raises Rejected E122 unless that is allowed."""
        word = phases.first(level, phase)
        if self.reopen == "edit" and word is not None:
            return word
        text = f'{item.ref.key}: "{phase}" is not reachable from "{item.phase}".'
        remedy = f'No {level} can be "{phase}".'
        if word is not None:
            remedy = f'The setting reopen = "{self.reopen}" leaves it to you.'
        raise Rejected(Problem("E122", text, remedy=remedy), Field.PHASE)


class Editor:
    """Carries patches out, one document at a time."""

    def __init__(self, workspace: Workspace, reader: Reader, clock: Clock, rules: Rules) -> None:
        self._workspace = workspace
        self._reader = reader
        self._clock = clock
        self._rules = rules

    def change(self, held: Held, patch: Patch) -> Held:
        """The document with the patch carried out. Raises any :class:`AdapterError`.

        The fields go first, in one write; then the phase, step by step; then the place.
        """
        before = held.item
        home = self._home(held, patch)
        try:
            held = self._write(held, self._fields(held, patch))
            if patch.phase is not UNSET or patch.resolution is not UNSET:
                held = self._status(held, patch)
        except ProblemError as error:
            raise Rejected(error.problem) from None
        return self._move(held, _place(held, before, patch, home))

    def _fields(self, held: Held, patch: Patch) -> Document:
        document = metis_edit.with_title(
            held.document, text=patch.title, priority=patch.priority, severity=patch.severity
        )
        if held.level == "initiative":
            return document
        if patch.category is not UNSET and patch.category is not held.item.category:
            document = metis_edit.with_category(document, patch.category)
        if patch.parent is not UNSET and patch.parent != held.item.parent:
            code = patch.parent.id if isinstance(patch.parent, Ref) else ""
            document = metis_edit.with_parent(document, code)
        return document

    def _home(self, held: Held, patch: Patch) -> str:
        """The directory of the new parent's tasks; "" when the parent stays or goes.

        Raises Rejected E120 for a parent that Metis cannot file a task under.
        """
        if not isinstance(patch.parent, Ref) or patch.parent == held.item.parent:
            return ""
        mode = self._workspace.require()
        home = home_of(patch.parent.id, self._reader.survey(mode).paths)
        if not home or held.level == "initiative":
            text = (
                f"cannot be filed under {patch.parent.id}, which is no initiative of its own here."
            )
            raise Rejected(Problem("E120", text, held.path), Field.PARENT)
        return home

    # --- phase and resolution ----------------------------------------------------------------

    def _status(self, held: Held, patch: Patch) -> Held:
        item = held.item
        wanted = patch.phase if isinstance(patch.phase, Phase) else item.phase
        resolution = item.resolution if isinstance(patch.resolution, Unset) else patch.resolution
        if not isinstance(wanted, Phase) or (wanted, resolution) == (item.phase, item.resolution):
            return held
        if wanted is not Phase.COMPLETED:
            return self._steps(self._unarchived(held, wanted), wanted)
        if patch.resolution is UNSET and item.phase is Phase.COMPLETED:
            return held
        if self._rules.archives(resolution):
            return self._archived(held)
        return self._steps(held, wanted)

    def _steps(self, held: Held, wanted: Phase) -> Held:
        """Every legal step from the tag's own phase, or the one jump that policy allows."""
        words = phases.path(held.level, held.word, wanted)
        if words is None:
            words = (self._rules.jump(held.item, held.level, wanted),)
        for word in words:
            now = self._clock.now()
            held = self._write(held, metis_edit.with_phase(held.document, word, now))
        return held

    def _archived(self, held: Held) -> Held:
        """Archived in an unfinished phase: the one way to say "not planned"."""
        document = held.document
        if phases.MEANS[held.level][held.word] is Phase.COMPLETED:
            word = self._rules.jump(held.item, held.level, Phase.BACKLOG)
            document = metis_edit.with_phase(document, word, self._clock.now())
        if document.get("archived") != "true":
            document = metis_edit.with_archived(document, archived=True)
        held = self._write(held, document)
        # An initiative keeps its directory: its tasks lie there, and each has its own say.
        if held.level == "initiative" or held.path.startswith(metis_edit.ARCHIVE):
            return held
        return self._move(held, metis_edit.ARCHIVE + held.path)

    def _unarchived(self, held: Held, wanted: Phase) -> Held:
        if not held.item.archived:
            return held
        self._rules.jump(held.item, held.level, wanted)
        held = self._write(held, metis_edit.with_archived(held.document, archived=False))
        return self._move(held, held.path.removeprefix(metis_edit.ARCHIVE))

    def _move(self, held: Held, path: str) -> Held:
        if path == held.path:
            return held
        mode = self._workspace.require()
        if not self._workspace.move(held.path, path, mode):
            return held
        return written(self._reader, path, held.data)

    def _write(self, held: Held, document: Document) -> Held:
        if document == held.document:
            return held
        mode = self._workspace.require()
        data = document.text.encode()
        fresh = written(self._reader, held.path, data)
        self._workspace.write(held.path, data, held.data, mode)
        return fresh


def written(reader: Reader, path: str, data: bytes) -> Held:
    """What a document will say, told by the bytes to be written and not read back from the file:
    an edit made since is not our doing. Raises Rejected for what could not be read again.
    """
    try:
        held = reader.parsed(path, data)
    except ProblemError as error:
        raise Rejected(error.problem) from None
    if held is None:
        raise Rejected(Problem("E119", "would not be a document any more.", path))
    return held


def home_of(code: str, paths: dict[str, list[str]]) -> str:
    """The directory of an initiative's tasks; "" if the initiative is not here, or archived."""
    found = paths.get(code, [])
    if len(found) != 1 or not metis.INITIATIVE.fullmatch(code):
        return ""
    folder, _, _ = found[0].rpartition("/")
    inside = folder.endswith(f"initiatives/{code}") and not folder.startswith(metis_edit.ARCHIVE)
    return f"{folder}/{TASKS}" if inside else ""


def _place(held: Held, before: Item, patch: Patch, home: str) -> str:
    """Where the file belongs after a change of parent or category; else where it is."""
    path = held.path
    name = path.rpartition("/")[2]
    if home:
        path = f"{metis_edit.ARCHIVE * held.item.archived}{home}/{name}"
    elif patch.parent is None and before.parent is not None and f"/{TASKS}/" in path:
        category = held.item.category
        folder = f"{metis.FOLDERS[category]}/" if isinstance(category, Category) else ""
        path = f"{metis_edit.ARCHIVE * held.item.archived}backlog/{folder}{name}"
    if held.level == "task" and held.item.category is not before.category:
        category = held.item.category
        path = metis_edit.moved_category(path, category if isinstance(category, Category) else None)
    return path
