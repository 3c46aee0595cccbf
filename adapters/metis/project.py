"""The documents of one workspace: the contract of a project, carried out on files."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from adapters.base import (
    Capabilities,
    Check,
    Cursor,
    Found,
    Page,
    Project,
    ProjectInfo,
)
from adapters.errors import PreconditionFailed, Rejected
from adapters.metis import codes
from adapters.metis.editing import Editor, Rules, home_of, written
from adapters.metis.gitmode import Mode
from adapters.metis.reading import Reader, Survey, read_cursor, write_cursor
from adapters.metis.workspace import Workspace, code_in
from adapters.seams import Clock
from mappings import metis
from mappings.item import Draft, Item, Patch, Ref
from mappings.problem import Problem, ProblemError
from mappings.profile import Profile
from mappings.vocabulary import Category, Field, Kind, Phase

#: A document has no place for owners and a due day; its text is its own once it is made.
CAPABILITIES: Final = Capabilities(
    writes=frozenset(
        {
            Field.TITLE,
            Field.PHASE,
            Field.RESOLUTION,
            Field.PRIORITY,
            Field.SEVERITY,
            Field.CATEGORY,
            Field.PARENT,
        }
    ),
    absence_visible=True,
)


class MetisProject(Project):
    """The documents of one workspace."""

    capabilities = CAPABILITIES

    def __init__(
        self,
        workspace: Workspace,
        clock: Clock,
        profile: Profile,
        rules: Rules,
        *,
        public: bool | None = None,
    ) -> None:
        self._workspace = workspace
        self._clock = clock
        self._profile = profile
        self._rules = rules
        self._public = public
        self._reader = Reader(workspace, clock, profile)
        self._editor = Editor(workspace, self._reader, clock, rules)

    def describe(self) -> ProjectInfo:
        self._workspace.require()
        root = self._workspace.root
        name = codes.prefix(root)
        return ProjectInfo(id=name, key=name, url=str(root), public=self._public)

    def check(self) -> Iterator[Check]:
        survey = self._reader.survey(self._workspace.require(), {})
        items = len(survey.held)
        yield Check(
            "documents", True, f"{items} tasks and initiatives, {len(survey.broken)} broken"
        )
        for broken in survey.broken:
            yield Check("document", False, str(broken.problem), "It is left untouched until then.")

    # --- reading ---------------------------------------------------------------------------

    def changed(self, cursor: Cursor | None) -> Iterator[Page]:
        mode = self._workspace.require()
        known = read_cursor(cursor)
        survey = self._reader.survey(mode, known or {})
        if {one.code for one in (known or {}).values()} - {"", *survey.paths}:
            # A document that is moved while a walk is under way can escape it: look once more.
            survey = self._reader.survey(mode, known or {})
        yield Page(
            items=tuple(held.item for held in survey.held.values()),
            broken=tuple(survey.broken),
            cursor=write_cursor(survey.manifest),
            last=True,
            sweep=known is None,
            present=survey.present,
            server_time=self._clock.now(),
        )

    def fetch(self, ref: Ref) -> Item | None:
        return self._reader.locate(ref, self._workspace.require()).item

    def find(self, marker: str, since: datetime, hint: str) -> Found:
        """Looked for in every file's bytes; a file that cannot be read may be the one."""
        mode = self._workspace.require()
        sources = list(self._workspace.sources(mode))
        sure = not any(source.problem for source in sources)
        found, wanted = [], marker.encode()
        readable = (source for source in sources if not source.problem)
        for source, data in self._workspace.contents(readable, mode):
            sure = sure and bool(data)
            if wanted in data:
                try:
                    held = self._reader.parsed(source.path, data)
                except ProblemError:
                    sure = False
                else:
                    found += [held.item] if held else []
        if any(wanted in data for data in self._workspace.stray(mode)):
            sure = sure and bool(found)
        return Found(tuple(found), conclusive=sure)

    # --- writing ---------------------------------------------------------------------------

    def create(self, draft: Draft) -> Item:
        self.capabilities.require(draft)
        mode = self._workspace.require()
        with self._workspace.alone():  # two processes must not give out one code
            return self._create(draft, mode)

    def _create(self, draft: Draft, mode: Mode) -> Item:
        survey = self._reader.survey(mode)
        used = [*survey.paths, *draft.avoid, *map(code_in, self._workspace.names(mode))]
        letter = "I" if draft.kind is Kind.INITIATIVE else "T"
        now = self._clock.now()
        try:
            code = codes.next_code(self._workspace.root, letter, used, now)
        except ProblemError as error:
            raise Rejected(error.problem) from None
        home = self._home(draft, survey)
        dropped = draft.phase is Phase.COMPLETED and self._rules.archives(draft.resolution)
        made = metis.Birth(
            code=code,
            now=now,
            parent=draft.parent.id if home and isinstance(draft.parent, Ref) else "",
            archived=dropped,
        )
        data = metis.new_document(draft, made, self._profile).encode()
        path = _place(draft, made, home)
        held = written(self._reader, path, data)
        self._workspace.create(path, data, mode)
        return held.item

    def _home(self, draft: Draft, survey: Survey) -> str:
        """The initiative's directory; "" for a draft whose parent Metis cannot file it under."""
        if draft.kind is Kind.INITIATIVE or not isinstance(draft.parent, Ref):
            return ""
        return home_of(draft.parent.id, survey.paths)

    def update(self, ref: Ref, patch: Patch, expect: str | None) -> Item:
        self.capabilities.require(patch)
        held = self._reader.locate(ref, self._workspace.require())
        if expect is not None and held.item.revision != expect:
            text = f"{ref.id} changed since it was read."
            raise PreconditionFailed(Problem("E118", text, held.path))
        return self._editor.change(held, patch).item

    # --- pure ------------------------------------------------------------------------------

    def route(self, item: Item, phase: Phase) -> tuple[Phase, ...]:
        return self._rules.route(item, phase)

    def canonical(self, item: Item) -> Item:
        return metis.canonical(item, not_planned=self._rules.not_planned)


def _place(draft: Draft, made: metis.Birth, home: str) -> str:
    """Where Metis would file a new document."""
    if draft.kind is Kind.INITIATIVE:
        # Archived or not: tasks to come are to lie beside it.
        return f"initiatives/{made.code}/initiative.md"
    folder = metis.FOLDERS.get(draft.category) if isinstance(draft.category, Category) else None
    below = home or (f"backlog/{folder}" if folder else "backlog")
    return f"{'archived/' * made.archived}{below}/{made.code}.md"
