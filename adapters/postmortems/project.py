"""The action items of one folder: the contract of a project, carried out on its documents."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import PurePosixPath
from typing import Final

from adapters.base import (
    Capabilities,
    Check,
    Cursor,
    Document,
    Found,
    Page,
    Project,
    ProjectInfo,
)
from adapters.errors import Missing, PreconditionFailed, Rejected, Unsupported
from adapters.postmortems.following import Book
from adapters.postmortems.reading import Reader, Sheet, Survey, lines_of
from mappings import postmortems
from mappings.item import Draft, Item, Patch, Ref
from mappings.naming import names
from mappings.postmortem.edit import reference, tick
from mappings.postmortem.model import ActionItem
from mappings.problem import Problem, ProblemError
from mappings.vocabulary import Phase

CAPABILITIES: Final = Capabilities(
    writes=postmortems.WRITTEN,
    absence_visible=True,
    creates=False,
    refers=True,
    follows=True,
)


class PostmortemsProject(Project):
    """The action items of one folder of documents."""

    capabilities = CAPABILITIES

    def __init__(self, reader: Reader, *, public: bool | None = None) -> None:
        self._reader = reader
        self._public = public
        self._book = Book()

    def describe(self) -> ProjectInfo:
        folder = self._reader.folder
        folder.require()
        name = folder.root.resolve().name
        return ProjectInfo(id=name, key=name, url=str(folder.root), public=self._public)

    def check(self) -> Iterator[Check]:
        survey = self._reader.survey(Book())
        items, documents = len(survey.items), len(survey.sheets)
        yield Check("postmortems", True, f"{documents} documents, {items} action items")
        for broken in survey.broken:
            yield Check("document", False, str(broken.problem), "It is left untouched until then.")

    def documents(self) -> Iterator[Document]:
        survey = self._survey(self._book.unread())
        url = str(self._reader.folder.root)
        for path, sheet in sorted(survey.sheets.items()):
            named = {one.line: one.id for one in survey.book.leaves[path].traces}
            yield Document(
                place=path,
                name=PurePosixPath(path).name,
                url=f"{url}/{path}",
                reading=sheet.reading,
                actions=tuple(
                    Ref(named.get(one.line, ""), f"{path}:{one.line}")
                    for one in sheet.reading.actions
                ),
            )
        for broken in survey.broken:
            if broken.id not in survey.sheets and broken.id in survey.book.leaves:
                path = broken.id
                name = PurePosixPath(path).name
                yield Document(place=path, name=name, problem=broken.problem)

    # --- reading ---------------------------------------------------------------------------

    def changed(self, cursor: Cursor | None) -> Iterator[Page]:
        known = Book.read(cursor)
        survey = self._survey(known or self._book.unread())
        yield Page(
            items=tuple(survey.items),
            broken=tuple(survey.broken),
            cursor=survey.book.write(),
            last=True,
            sweep=known is None,
            present=survey.book.ids,
            removed=frozenset(survey.removed),
            server_time=self._reader.clock.now(),
        )

    def _survey(self, before: Book) -> Survey:
        survey = self._reader.survey(before)
        self._book = survey.book
        return survey

    def fetch(self, ref: Ref) -> Item | None:
        return self._locate(ref)[1]

    def find(self, marker: str, since: datetime, hint: str) -> Found:
        """Nothing is ever made here."""
        return Found(conclusive=True)

    def _locate(self, ref: Ref) -> tuple[Sheet, Item, ActionItem]:
        """One item as its document says it now. Raises Missing (E113), Rejected, Transient."""
        book = self._survey(self._book).book
        path = book.path_of(ref.id)
        if not path:
            text = f"{ref.key or ref.id} is gone. Its issue is left as it is."
            raise Missing(Problem("E113", text))
        # Whatever the stamps say, what is to be changed is read now.
        book.leaves[path] = replace(book.leaves[path], stamp=())
        survey = self._survey(book)
        sheet = survey.sheets.get(path)
        for item in survey.items:
            if item.ref.id == ref.id and sheet is not None:
                line = int(item.ref.key.rpartition(":")[2])
                return sheet, item, next(o for o in sheet.actions if o.line == line)
        problem = next((one.problem for one in survey.broken if one.id == path), None)
        raise Rejected(problem or Problem("E118", f"{ref.key or ref.id} changed meanwhile."))

    # --- writing ---------------------------------------------------------------------------

    def create(self, draft: Draft) -> Item:
        text = "action items are written by people; none is made here."
        raise Unsupported(Problem("E128", text))

    def update(self, ref: Ref, patch: Patch, expect: str | None) -> Item:
        self.capabilities.require(patch)
        sheet, item, action = self._locate(ref)
        if expect is not None and item.revision != expect:
            raise PreconditionFailed(Problem("E118", "changed since it was read.", item.ref.key))
        text = sheet.text
        if isinstance(patch.phase, Phase):
            done = patch.phase is Phase.COMPLETED
            text = tick(text, action, done) if done is not bool(action.done) else text
        origin = patch.origin
        if origin is not None and not any(names(one, origin) for one in action.references):
            ticked = self._again(sheet, action, text)[1]
            text = reference(text, ticked, origin.url or origin.key)
        if text == sheet.text:
            return item
        changed, now = self._again(sheet, action, text)
        raw = sheet.text.encode(), text.encode()
        self._reader.folder.write(sheet.path, raw[1], expect=raw[0])
        whence, profile = changed.whence, self._reader.profile
        stored = postmortems.to_item(now, item.ref.id, changed.raw(now), whence, profile)
        twins = tuple(one for one in item.notices if one.code == "E134")
        return replace(stored, notices=(*stored.notices, *twins))

    def _again(self, sheet: Sheet, action: ActionItem, text: str) -> tuple[Sheet, ActionItem]:
        """The document and the item as a changed text says them.

        Raises Rejected (E119) if more than the item's own lines changed, or if it could not be
        read back: then nothing is written.
        """
        before, after = lines_of(sheet.text), lines_of(text)
        own = range(action.line - 1, action.end_line)
        try:
            same = len(before) == len(after) and all(
                old == new or number in own
                for number, (old, new) in enumerate(zip(before, after, strict=True))
            )
            changed = self._reader.parsed(sheet.path, text)
        except ProblemError as error:
            raise Rejected(error.problem) from None
        found = [one for one in changed.actions if one.line == action.line]
        if not same or len(found) != 1 or len(changed.actions) != len(sheet.actions):
            message = "could not be read back after the change; nothing was written."
            raise Rejected(Problem("E119", message, f"{sheet.path}:{action.line}"))
        return changed, found[0]

    # --- pure ------------------------------------------------------------------------------

    def canonical(self, item: Item) -> Item:
        return postmortems.canonical(item)
