"""Who is who among action items: a line has no name of its own, so it is followed.

An item keeps its id while its text is edited, its line moves, or its document is renamed. In this
order, and never against what the lines themselves say (two lines that link to different issues
are two items):

    1  both lines link to the same issue
    2  both say the same, the nearer line first
    3  both say much the same
    4  it stands alone between two neighbours that were recognised, and still says a little of it

Whatever finds no partner is new on the one side and removed on the other.
"""

import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from difflib import SequenceMatcher
from typing import Any, Final, TypeAlias

from adapters.base import Broken
from mappings.problem import Problem

#: How alike two texts must be to be one item reworded; and for one that stands alone in its gap.
ALIKE: Final = 0.6
ALIKE_IN_PLACE: Final = 0.34
#: A text whose every word stands in another is part of it: what is left of a line that was split.
_PART: Final = 0.8
#: Removed items that are remembered, in case they come back.
REMEMBERED: Final = 500
#: Raised whenever reading changes, so that every document is read anew.
_VERSION: Final = 1
_NO_WORD: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Trace:
    """What one action item is followed by. ``links`` are the issues its line names, as written."""

    id: str
    title: str
    line: int
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Leaf:
    """One document as it was last read. ``stamp`` is empty where it must be read again; ``broken``
    is what was to be said of it.
    """

    stamp: tuple[int, ...] = ()
    traces: tuple[Trace, ...] = ()
    incidents: tuple[str, ...] = ()
    broken: tuple[Broken, ...] = ()


@dataclass(slots=True)
class Book:
    """All that is remembered from one reading to the next: what a cursor holds."""

    leaves: dict[str, Leaf] = field(default_factory=dict)
    removed: dict[str, tuple[str, Trace]] = field(default_factory=dict)

    @property
    def ids(self) -> frozenset[str]:
        """Every item there is."""
        return frozenset(one.id for leaf in self.leaves.values() for one in leaf.traces)

    def unread(self) -> "Book":
        """The same, with every document to be read again."""
        leaves = {path: replace(leaf, stamp=()) for path, leaf in self.leaves.items()}
        return Book(leaves, dict(self.removed))

    def path_of(self, item_id: str) -> str:
        """The document that held an item; "" for one that is not here."""
        for path, leaf in self.leaves.items():
            if any(one.id == item_id for one in leaf.traces):
                return path
        return ""

    def write(self) -> str:
        """As text."""
        leaves = {path: asdict(leaf) for path, leaf in self.leaves.items()}
        removed = [[path, asdict(one)] for path, one in self.removed.values()]
        data = {"version": _VERSION, "leaves": leaves, "removed": removed[-REMEMBERED:]}
        return json.dumps(data, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def read(cls, text: str | None) -> "Book | None":
        """The other way; None for a text that means nothing here."""
        try:
            data = json.loads(text or "")
            fresh = data["version"] == _VERSION
            leaves = {path: _leaf(raw, fresh=fresh) for path, raw in data["leaves"].items()}
            traces = [(path, _trace(raw)) for path, raw in data["removed"]]
            return cls(leaves, {one.id: (path, one) for path, one in traces})
        except (ValueError, TypeError, KeyError, AttributeError):
            return None


def _trace(raw: dict[str, Any]) -> Trace:
    return Trace(str(raw["id"]), str(raw["title"]), int(raw["line"]), tuple(raw["links"]))


def _leaf(raw: dict[str, Any], *, fresh: bool) -> Leaf:
    traces = tuple(map(_trace, raw["traces"]))
    broken = tuple(Broken(one["id"], Problem(**one["problem"])) for one in raw["broken"])
    stamp = tuple(raw["stamp"]) if fresh else ()
    return Leaf(stamp, traces, tuple(raw["incidents"]), broken)


#: Position among the lines now -> position among those before.
Partners: TypeAlias = dict[int, int]


def follow(before: Sequence[Trace], now: Sequence[Trace], *, whole: bool = True) -> Partners:
    """Which of ``now`` is which of ``before``; both in the order of their lines. ``whole``: these
    are all lines of a document, so that neighbours tell something.
    """
    found: Partners = {}
    likeness = _Likeness(before, now)
    _pair_off(found, likeness, _linked)
    _pair_off(found, likeness, _same)
    _pair_off(found, likeness, _alike)
    if whole:
        _fill_gaps(found, likeness)
    return found


class _Likeness:
    """How much lines of two readings have in common."""

    def __init__(self, before: Sequence[Trace], now: Sequence[Trace]) -> None:
        self.before, self.now = before, now
        self._old = [fold(one.title) for one in before]
        self._new = [fold(one.title) for one in now]

    def same(self, new: int, old: int) -> bool:
        """Whether both say the same, but for marks and capitals."""
        return self._new[new] == self._old[old]

    def share_link(self, new: int, old: int) -> bool:
        """Whether both name one issue."""
        return not set(self.now[new].links).isdisjoint(self.before[old].links)

    def contradict(self, new: int, old: int) -> bool:
        """Whether both name issues, and not one in common."""
        links = self.now[new].links, self.before[old].links
        return all(links) and not self.share_link(new, old)

    def likeness(self, new: int, old: int) -> float:
        """From 0 (nothing in common) to 1 (the same)."""
        mine, theirs = self._new[new], self._old[old]
        words = set(mine.split()), set(theirs.split())
        if words[0].isdisjoint(words[1]):
            return 0.0
        shared = len(words[0] & words[1]) / min(map(len, words))
        part = _PART if shared == 1 and min(map(len, words)) > 1 else 0.0
        return max(part, SequenceMatcher(None, theirs, mine, autojunk=False).ratio())

    def distance(self, new: int, old: int) -> int:
        """In positions, not in lines."""
        return abs(new - old)


def _linked(like: _Likeness, new: int, old: int) -> float:
    return 1 + like.likeness(new, old) if like.share_link(new, old) else 0.0


def _same(like: _Likeness, new: int, old: int) -> float:
    return 1.0 if like.same(new, old) and not like.contradict(new, old) else 0.0


def _alike(like: _Likeness, new: int, old: int) -> float:
    if like.contradict(new, old):
        return 0.0
    score = like.likeness(new, old)
    return score if score >= ALIKE else 0.0


def _pair_off(
    found: Partners, like: _Likeness, judge: Callable[[_Likeness, int, int], float]
) -> None:
    """Join what ``judge`` gives a score, the best first, then the nearest."""
    taken = set(found.values())
    scores = [
        (-score, like.distance(new, old), new, old)
        for new in range(len(like.now))
        if new not in found
        for old in range(len(like.before))
        if old not in taken and (score := judge(like, new, old))
    ]
    for _score, _distance, new, old in sorted(scores):
        if new not in found and old not in taken:
            found[new] = old
            taken.add(old)


def _fill_gaps(found: Partners, like: _Likeness) -> None:
    """One line between two known neighbours, then and now: it was reworded on the spot."""
    taken = set(found.values())
    for new in range(len(like.now)):
        if new in found:
            continue
        above, below = found.get(new - 1, -1), found.get(new + 1, len(like.before))
        alone = (new == 0 or new - 1 in found) and (new == len(like.now) - 1 or new + 1 in found)
        old = above + 1
        if not alone or below - above != len("||") or old in taken or like.contradict(new, old):
            continue
        if like.likeness(new, old) >= ALIKE_IN_PLACE:
            found[new] = old
            taken.add(old)


def heirs(
    lost: Mapping[str, Sequence[Trace]], fresh: Mapping[str, Sequence[Trace]]
) -> Iterator[tuple[str, str]]:
    """(old path, new path) of documents that were renamed: most of their items are the same, or
    much the same.
    """
    free = dict(fresh)
    for path, before in sorted(lost.items()):
        counts = {
            other: sum(1 for one in _sure(before, now)) for other, now in free.items() if before
        }
        best = max(counts, key=lambda other: counts[other], default="")
        if best and counts[best] * 2 >= len(before) and counts[best]:
            del free[best]
            yield path, best


def _sure(before: Sequence[Trace], now: Sequence[Trace]) -> Iterable[int]:
    like = _Likeness(before, now)
    found: Partners = {}
    _pair_off(found, like, _linked)
    _pair_off(found, like, _same)
    _pair_off(found, like, _alike)
    return found


def fresh_id(stem: str, path: str, title: str, taken: Collection[str]) -> str:
    """An id for a new item. The same text in the same document gets the same id again, if the
    state should ever be lost.
    """
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", stem)[:60].strip("-") or "postmortem"
    for number in range(len(taken) + 1):
        seed = f"{path}\n{fold(title)}\n{number}".encode()
        made = f"{name}~{hashlib.sha256(seed).hexdigest()[:10]}"
        if made not in taken:
            return made
    msg = "every id is taken, and one more is"  # pragma: no cover  more ids than are taken
    raise AssertionError(msg)


def fold(title: str) -> str:
    """A title without marks and capitals."""
    return _NO_WORD.sub(" ", title).strip().casefold()
