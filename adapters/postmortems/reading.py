"""From files to action items: what is read anew, what is known, and who is who."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Final

from adapters.base import Broken
from adapters.postmortems.folder import Folder, Source
from adapters.postmortems.following import Book, Leaf, Trace, follow, fresh_id, heirs
from adapters.seams import Clock
from mappings import postmortems
from mappings.frontmatter import decode
from mappings.item import Item
from mappings.postmortem.model import ActionItem, Postmortem
from mappings.postmortem.reading import read_postmortem
from mappings.postmortems import Whence
from mappings.problem import Problem, ProblemError
from mappings.profile import Profile

#: A file written within this time before a reading may be written again within its time stamp.
RACY_NS: Final = 2_000_000_000
_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One postmortem as it was read. ``text`` is the file, byte for byte."""

    path: str
    text: str
    reading: Postmortem
    whence: Whence

    @property
    def actions(self) -> tuple[ActionItem, ...]:
        """The action items that are certain enough to be items, in the order of their lines."""
        return tuple(one for one in self.reading.actions if one.certain)

    @property
    def doubtful(self) -> tuple[ActionItem, ...]:
        """Those that are only reported."""
        return tuple(one for one in self.reading.actions if not one.certain)

    def raw(self, action: ActionItem) -> str:
        """An action item's own lines."""
        return "".join(lines_of(self.text)[action.line - 1 : action.end_line])


@dataclass(slots=True)
class Survey:
    """What one walk found. ``items`` are those of documents that were read anew."""

    book: Book
    items: list[Item] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)
    sheets: dict[str, Sheet] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Walk:
    """Who was where before, and what lines were found now, while a survey is made."""

    before: Book
    now: dict[str, list[Trace]] = field(default_factory=dict)
    known: dict[str, dict[int, str]] = field(default_factory=dict)
    stamps: dict[str, tuple[int, ...]] = field(default_factory=dict)


class Reader:
    """Reads one folder. ``incidents``: path of a document -> its incident, by setting."""

    def __init__(
        self, folder: Folder, clock: Clock, profile: Profile, incidents: Mapping[str, str]
    ) -> None:
        self.folder = folder
        self.clock = clock
        self.profile = profile
        self._incidents = incidents
        self._sheets: dict[str, tuple[tuple[int, ...], Sheet]] = {}

    def survey(self, before: Book) -> Survey:
        """Everything there is; only what may have changed since ``before`` is read."""
        self.folder.require()
        walk = _Walk(before)
        survey = Survey(Book(removed=dict(before.removed)))
        for source in self.folder.sources():
            leaf = before.leaves.get(source.path, Leaf())
            if leaf.stamp and leaf.stamp == source.stamp:
                survey.book.leaves[source.path] = leaf
                survey.broken += leaf.broken
                continue
            try:
                document = self._read(source)
            except ProblemError as error:
                _freeze(survey, source.path, leaf, error.problem)
                continue
            if document is not None:
                survey.sheets[source.path] = document
                walk.now[source.path] = traces(document)
                walk.stamps[source.path] = self._stamp(source)
        _recognise(survey, walk)
        _name(survey, walk)
        for document in survey.sheets.values():
            survey.items += self.items(document, survey.book.leaves[document.path].traces)
            survey.broken += survey.book.leaves[document.path].broken
        _say_twins(survey)
        return survey

    def _stamp(self, source: Source) -> tuple[int, ...]:
        """Empty for a file so new that it may change within its time stamp."""
        now = int(self.clock.now().timestamp() * 1_000_000_000)
        return () if source.changed_ns > now - RACY_NS else source.stamp

    def _read(self, source: Source) -> Sheet | None:
        """None for one that vanished meanwhile. Raises ProblemError E106, E107, E112, E119."""
        if source.problem:
            raise ProblemError(source.problem)
        stamp = self._stamp(source)
        known = self._sheets.get(source.path)
        if known and stamp and known[0] == stamp:
            return known[1]
        try:
            data = self.folder.read(source.path)
        except FileNotFoundError:
            return None
        sheet = self.parsed(source.path, decode(data, source.path))
        self._sheets[source.path] = (stamp, sheet)
        return sheet

    def parsed(self, path: str, text: str) -> Sheet:
        """What a text says."""
        reading = read_postmortem(text, name=path)
        given = self._incidents.get(path) or self._incidents.get(PurePosixPath(path).name)
        incidents = dict.fromkeys([*([given] if given else []), *reading.incidents])
        whence = Whence(path, reading.title, tuple(incidents), self.clock.now().date())
        if given:  # settings know better than the document
            reading = replace(reading, incident=given, incidents=(given,))
        return Sheet(path, text, reading, whence)

    def items(self, document: Sheet, named: Sequence[Trace]) -> list[Item]:
        """The items of one document; ``named`` says who they are."""
        return [
            postmortems.to_item(
                action, trace.id, document.raw(action), document.whence, self.profile
            )
            for action, trace in zip(document.actions, named, strict=True)
        ]


def traces(document: Sheet) -> list[Trace]:
    """The lines of one document, nobody named yet."""
    return [Trace("", one.title, one.line, one.references) for one in document.actions]


def lines_of(text: str) -> list[str]:
    """Lines with their ends, broken as Markdown breaks them: at LF, CRLF and CR alone."""
    return _LINE.findall(text)


def _freeze(survey: Survey, path: str, leaf: Leaf, problem: Problem) -> None:
    """What cannot be read takes no part, and neither do its items; nothing is concluded."""
    survey.broken.append(Broken(path, problem))
    survey.broken += [Broken(one.id, problem) for one in leaf.traces]
    survey.book.leaves[path] = replace(leaf, stamp=(), broken=())


def _recognise(survey: Survey, walk: _Walk) -> None:
    """Who is who: within each document, then in renamed ones, then whatever carries a link."""
    old = {path: list(leaf.traces) for path, leaf in walk.before.leaves.items()}
    for path, now in walk.now.items():
        before = old.get(path, [])
        walk.known[path] = {new: before[was].id for new, was in follow(before, now).items()}
    lost = {
        path: before
        for path, before in old.items()
        if path not in walk.now and path not in survey.book.leaves
    }
    fresh = {path: now for path, now in walk.now.items() if path not in walk.before.leaves}
    for path, heir in heirs(lost, fresh):
        before = lost.pop(path)
        found = follow(before, walk.now[heir])
        walk.known[heir] = {new: before[was].id for new, was in found.items()}
    taken = {item_id for known in walk.known.values() for item_id in known.values()}
    taken |= survey.book.ids
    for path, before in old.items():
        for one in before:
            if one.id not in taken:
                survey.book.removed[one.id] = (path, one)
                if path not in lost:
                    survey.removed.add(one.id)
    _bring_back(survey, walk)


def _bring_back(survey: Survey, walk: _Walk) -> None:
    """What was removed and stands somewhere again: by its link, or by its words where it stood."""
    removed = list(survey.book.removed.values())
    for path, now in walk.now.items():
        known = walk.known[path]
        rest = [new for new in range(len(now)) if new not in known]
        here = [one for place, one in removed if place == path or not _apart(one.links, now, rest)]
        for new, was in follow(here, [now[one] for one in rest], whole=False).items():
            trace = here[was]
            if trace.id in survey.book.removed:
                known[rest[new]] = trace.id
                del survey.book.removed[trace.id]
                survey.removed.discard(trace.id)


def _apart(links: tuple[str, ...], now: Sequence[Trace], rest: Sequence[int]) -> bool:
    """Whether none of the lines left names one of these issues."""
    said = {link for one in rest for link in now[one].links}
    return said.isdisjoint(links)


def _name(survey: Survey, walk: _Walk) -> None:
    """New items get an id; the book is complete."""
    taken = set(survey.book.ids) | set(survey.book.removed)
    taken |= {item_id for known in walk.known.values() for item_id in known.values()}
    for path, now in walk.now.items():
        known, named = walk.known[path], []
        for new, trace in enumerate(now):
            item_id = known.get(new) or fresh_id(PurePosixPath(path).stem, path, trace.title, taken)
            taken.add(item_id)
            named.append(replace(trace, id=item_id))
        document = survey.sheets[path]
        incidents, broken = document.whence.incidents, tuple(_reports(document))
        survey.book.leaves[path] = Leaf(walk.stamps[path], tuple(named), incidents, broken)


def _reports(document: Sheet) -> list[Broken]:
    """What a document says that nothing is made of."""
    path = document.path
    found = [Broken(path, one) for one in postmortems.document_problems(document.reading, path)]
    for number, action in enumerate(document.doubtful):
        found.append(Broken(f"{path}?{number}", postmortems.uncertain(action, path)))
    return found


def _say_twins(survey: Survey) -> None:
    """Two documents that name one incident: said of the one that was read, and nothing stops."""
    told: dict[str, set[str]] = {}
    for path, leaf in survey.book.leaves.items():
        for reference in leaf.incidents:
            told.setdefault(reference.casefold(), set()).add(path)
    notices = {}
    for path, document in survey.sheets.items():
        for reference in document.whence.incidents:
            others = told[reference.casefold()] - {path}
            if others:
                text = f"{', '.join(sorted(others))} tells of the same incident ({reference})."
                remedy = "Keep one, or name another incident."
                notices[path] = Problem("E134", text, path, remedy)
    for number, item in enumerate(survey.items):
        notice = notices.get(item.ref.key.rpartition(":")[0])
        if notice:
            survey.items[number] = replace(item, notices=(*item.notices, notice))
