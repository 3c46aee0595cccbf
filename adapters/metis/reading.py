"""What a walk over a workspace finds, and which files need not be read for it again."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from adapters.base import Broken, Cursor
from adapters.errors import Missing, Moved, PreconditionFailed
from adapters.metis.gitmode import Mode
from adapters.metis.workspace import Source, Workspace, code_in
from adapters.seams import Clock
from mappings import metis
from mappings.frontmatter import MAX_BYTES, Document, decode, parse, too_large
from mappings.item import Item, Ref
from mappings.markers import find_marker
from mappings.problem import Problem, ProblemError
from mappings.profile import Profile
from mappings.vocabulary import Kind

#: Metis writes by truncate-then-write: an empty or cut file is looked at again (metis.md §0.8).
#: So often, as a document that is taken for broken may be made twice when the state was lost.
LOOKS: Final = 7
#: Seconds between two looks.
PAUSE: Final = 0.05
#: A file written within this time before a scan may be written again within its time stamp.
RACY_NS: Final = 2_000_000_000
#: Raised whenever reading changes, so that everything is read anew.
_VERSION: Final = 1
_CODE_LINE: Final = re.compile(
    rb"^short_code:[ \t]*[\"']?([A-Z]{2,8}-[VITAS]-\d{4,})\b", re.MULTILINE
)
_LEVEL_LINE: Final = re.compile(rb"^level:[ \t]*[\"']?(\w+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Known:
    """What the last reading learned of a file that still has this stamp.

    ``code`` is "" for what is no item; ``slug`` an initiative's title slug, by which older
    documents name their parent.
    """

    code: str
    slug: str
    stamp: tuple[int | str, ...]


#: Path -> what is known of it: what a cursor holds.
Manifest: TypeAlias = Mapping[str, Known]


def read_cursor(cursor: Cursor | None) -> Manifest | None:
    """The manifest in a cursor; None when everything is to be read."""
    try:
        found = json.loads(cursor or "")
        if found["version"] != _VERSION:
            return None
        files: dict[str, list[Any]] = found["files"]
        return {
            path: Known(code, slug, tuple(stamp)) for path, (code, slug, *stamp) in files.items()
        }
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def write_cursor(manifest: Manifest) -> Cursor:
    """A manifest as text."""
    files = {path: [one.code, one.slug, *one.stamp] for path, one in manifest.items()}
    return json.dumps({"version": _VERSION, "files": files}, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Held:
    """One document as it was read."""

    path: str
    data: bytes
    document: Document
    item: Item

    @property
    def level(self) -> str:
        """``task`` or ``initiative``."""
        return self.document.get("level")

    @property
    def word(self) -> str:
        """The phase tag's word."""
        return metis.read_tags(self.document).phase


@dataclass(slots=True)
class Survey:
    """What one walk found. ``held``: items whose files were read; ``paths``: code -> its files."""

    held: dict[str, Held] = field(default_factory=dict)
    broken: list[Broken] = field(default_factory=list)
    manifest: dict[str, Known] = field(default_factory=dict)
    paths: dict[str, list[str]] = field(default_factory=dict)
    slugs: dict[str, set[str]] = field(default_factory=dict)

    def keep(self, path: str, known: Known, *, racy: bool = False) -> None:
        """Note a readable file, and its stamp unless that may still be written within."""
        if not racy:
            self.manifest[path] = known
        if known.code:
            self.paths.setdefault(known.code, []).append(path)
        if known.slug:
            self.slugs.setdefault(known.slug, set()).add(known.code)

    def fail(self, path: str, code: str, problem: Problem, marker: str = "") -> None:
        """Note a file that cannot be read; ``code`` and ``marker`` as far as they can be told."""
        self.broken.append(Broken(code or path, problem, marker))
        if code:
            self.paths.setdefault(code, []).append(path)

    def finish(self) -> None:
        """Freeze codes that stand in two files, and find parents named by their title."""
        for code, paths in self.paths.items():
            if len(paths) > 1:
                marks = [one.marker for one in self.broken if one.id == code]
                marks += [mark_in(self.held[path].data) for path in paths if path in self.held]
                self.broken = [one for one in self.broken if one.id != code]
                self.broken.append(Broken(code, twice(code, paths), next(filter(None, marks), "")))
                for path in paths:
                    self.held.pop(path, None)
                    self.manifest.pop(path, None)
        for path, held in self.held.items():
            self.held[path] = self._with_parent(held)

    def _with_parent(self, held: Held) -> Held:
        if held.item.parent is not None:
            return held
        found = self.slugs.get(metis.parent_slug(held.document), set())
        if len(found) != 1:
            return held
        (code,) = found
        return replace(held, item=replace(held.item, parent=Ref(code, code)))

    @property
    def present(self) -> frozenset[str]:
        """Every id that exists, readable or not."""
        return frozenset(self.paths) | {one.id for one in self.broken}


class Reader:
    """Reads one workspace; remembers stamps, so that one item is found without reading all."""

    def __init__(self, workspace: Workspace, clock: Clock, profile: Profile) -> None:
        self._workspace = workspace
        self._clock = clock
        self._profile = profile
        self._known: Manifest = {}

    def survey(self, mode: Mode, known: Manifest | None = None) -> Survey:
        """Walk once; read what is not ``known`` (what this reader knows, if that is None)."""
        known = self._known if known is None else known
        racy_from = int(self._clock.now().timestamp() * 1e9) - RACY_NS
        survey = Survey()
        fresh: list[Source] = []
        for source in self._workspace.sources(mode):
            old = known.get(source.path)
            if source.problem:
                # A link's own name is its identity: an editor's lock must not freeze a document.
                survey.fail(source.path, "", source.problem)
            elif old is not None and old.stamp == source.stamp:
                survey.keep(source.path, old)
            elif source.size > MAX_BYTES:
                problem = too_large(source.size, source.path)
                survey.fail(source.path, code_in(source.path), problem)
            else:
                fresh.append(source)
        self._read_all(fresh, mode, survey, racy_from)
        survey.finish()
        self._known = survey.manifest
        return survey

    def _read_all(
        self, fresh: Iterable[Source], mode: Mode, survey: Survey, racy_from: int
    ) -> None:
        """Read every source; those that seem half written are looked at again, all at once."""
        for look in range(LOOKS):
            torn = []
            for source, data in self._workspace.contents(fresh, mode):
                if source.problem:
                    survey.fail(source.path, code_in(source.path), source.problem)
                    continue
                try:
                    held = self.parsed(source.path, data)
                except ProblemError as error:
                    if look < LOOKS - 1 and error.problem.code == "E104":
                        torn.append(source)
                    elif not _of_other_level(data):
                        code = _code(source.path, data)
                        survey.fail(source.path, code, error.problem, mark_in(data))
                    continue
                racy = source.changed_ns > racy_from
                survey.keep(source.path, _known(held, source), racy=racy)
                if held:
                    survey.held[source.path] = held
            if not torn:
                return
            fresh = torn
            self._clock.sleep(PAUSE)

    def parsed(self, path: str, data: bytes) -> Held | None:
        """What these bytes say; None for what is no item. Raises ProblemError."""
        text = decode(data, path)
        if text and not text.startswith("---") and not code_in(path):
            return None  # no document; one that is named by a code has lost its front matter
        document = parse(text, path)
        level = document.get("level")
        if level in metis.OTHERS or (not level and "short_code" not in document.entries):
            return None
        if level not in metis.LEVELS:
            text = f'level "{level}" is no document type of Metis.'
            raise ProblemError(Problem("E103", text, document.at("level")))
        item = metis.read_document(document, path, self._profile)
        return Held(path, data, document, replace(item, revision=_revision(data)))

    def locate(self, ref: Ref, mode: Mode) -> Held:
        """The one document a Ref names.

        Raises PreconditionFailed when it is broken or frozen now, Missing when it is gone or its
        code names another document, Moved when it goes by another code (Metis renumbers).
        """
        survey = self.survey(mode)
        for broken in survey.broken:
            if broken.id == ref.id:
                raise PreconditionFailed(broken.problem)
        (path,) = survey.paths.get(ref.id, ("",))
        held = survey.held.get(path) or (self._one(path, mode, survey) if path else None)
        if held and _same(held.item.ref, ref):
            return held
        for other in self.survey(mode, {}).held.values():
            if ref.birth and other.item.ref.birth == ref.birth:
                text = f"{ref.id} is called {other.item.ref.id} now."
                raise Moved(Problem("E111", text, other.path), other.item.ref)
        if held:
            text = f"{ref.id} names another document now than the one it was bound to."
            raise Missing(Problem("E111", text, held.path))
        raise Missing(Problem("E113", f"{ref.id} is gone."))

    def _one(self, path: str, mode: Mode, survey: Survey) -> Held | None:
        """One document that the survey did not have to read."""
        known = survey.manifest[path]
        alone = Survey(slugs=survey.slugs)
        self._read_all([_again(path, known)], mode, alone, 0)
        for broken in alone.broken:
            raise PreconditionFailed(broken.problem)
        alone.finish()
        return alone.held.get(path)


def _again(path: str, known: Known) -> Source:
    blob = known.stamp[0] if len(known.stamp) == 1 else ""
    return Source(path, known.stamp, blob=str(blob))


def _same(found: Ref, wanted: Ref) -> bool:
    """Whether a code still names the same document."""
    return not wanted.birth or found.birth == metis.birth(wanted.birth)


def _known(held: Held | None, source: Source) -> Known:
    if held is None:
        return Known("", "", source.stamp)
    initiative = held.item.kind is Kind.INITIATIVE
    slug = held.document.get("id") if initiative else ""
    return Known(held.item.ref.id, slug, source.stamp)


def _code(path: str, data: bytes) -> str:
    """The short code of a document that cannot be read, as far as it can be told."""
    match = _CODE_LINE.search(data)
    return match[1].decode() if match else code_in(path)


def mark_in(data: bytes) -> str:
    """The mark that a file bears, readable or not; "" for none."""
    return find_marker(data.decode("utf-8", "replace"))


def _of_other_level(data: bytes) -> bool:
    """Whether a broken document would be no item if it were whole."""
    match = _LEVEL_LINE.search(data)
    return match is not None and match[1].decode() in metis.OTHERS


def twice(code: str, paths: Iterable[str]) -> Problem:
    """E110: one code in several files."""
    text = f"{code} is in {' and '.join(sorted(paths))}. Both frozen until one is changed."
    return Problem("E110", text)


def _revision(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]
