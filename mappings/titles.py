"""Titles: ``[P0]``, ``[SEV1]`` and ``[INCIDENT]`` prefixes read and written.

Prefixes stand at the very beginning, in any order and number; the first of each sort counts.
Any other bracketed text is part of the title, and so is whatever comes after it. A colon or
dash that stands alone before the text (``[P0]: …``, ``[P0] - …``) belongs to neither. Nothing that
was not asked for is respelled.
"""

import re
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from mappings.item import UNSET, Unset
from mappings.vocabulary import Priority, Severity, parse_priority, parse_severity

# A group is never possessive here: Python before 3.11.5 would take a separator that no blank
# follows (`--verbose`) for a part of the gap (python/cpython#106052).
_GAP: Final = r"\s*+(?:[:\u2013\u2014-]++\s++)*"
_LEADING: Final = re.compile(_GAP)
_BRACKET: Final = re.compile(_GAP + r"\[([^\[\]]{1,20})\]")
_DIGIT: Final = re.compile(r"[0-9](?=\s*\]\Z)")
# What a prefix means; None stands for the incident mark.
_Meaning: TypeAlias = Priority | Severity | None


@dataclass(frozen=True, slots=True)
class Title:
    """What a raw title says."""

    text: str
    priority: Priority | None = None
    severity: Severity | None = None
    incident: bool = False


@dataclass(frozen=True, slots=True)
class _Prefix:
    """One bracket with the gap before it, as written, and what it means."""

    raw: str
    meaning: _Meaning

    @property
    def sort(self) -> type:
        """Priority, Severity, or bool for the incident mark."""
        return type(self.meaning) if self.meaning is not None else bool

    def saying(self, meaning: _Meaning) -> "_Prefix":
        """The same place with another meaning; in the same style where that has a digit."""
        if meaning is None or meaning is self.meaning:
            return self
        raw, respelled = _DIGIT.subn(str(meaning)[-1], self.raw)
        if not respelled:
            raw = f"{self.raw[: self.raw.index('[')]}[{meaning}]"
        return replace(self, raw=raw, meaning=meaning)


def read_title(raw: str) -> Title:
    """What ``raw`` says; ``text`` is what is left, blanks at both ends removed.

    A title of prefixes alone has an empty text.
    """
    if raw[:1].isalnum():
        return Title(raw.rstrip())
    if "[" not in raw:
        return Title(_text(raw))
    prefixes, rest = _split(raw)
    priority = next((one.meaning for one in prefixes if isinstance(one.meaning, Priority)), None)
    severity = next((one.meaning for one in prefixes if isinstance(one.meaning, Severity)), None)
    return Title(_text(rest), priority, severity, any(one.sort is bool for one in prefixes))


def write_title(
    raw: str,
    *,
    text: str | Unset = UNSET,
    priority: Priority | None | Unset = UNSET,
    severity: Severity | None | Unset = UNSET,
    incident: bool | Unset = UNSET,
) -> str:
    """``raw`` with only the given parts changed; nothing given, nothing changed.

    A prefix that stays keeps its place and spelling, and one whose value changes keeps its
    place and style (``[sev-2]`` becomes ``[sev-1]``); a new one goes first, in the order incident,
    priority, severity. None or False removes all of its sort, and doubles of what is given go.
    Prefixes within ``text`` are left out: what is written reads back.
    """
    before, rest = _split(raw)
    prefixes, added = before, list[str]()
    if incident is not UNSET:
        prefixes = _only(prefixes, bool, None, keep=incident)
        added += ["[INCIDENT]"] * (incident and not _has(prefixes, bool))
    for sort, value in ((Priority, priority), (Severity, severity)):
        if value is not UNSET:
            prefixes = _only(prefixes, sort, value, keep=value is not None)
            added += [f"[{value}]"] * (value is not None and not _has(prefixes, sort))
    if text is not UNSET:
        # The gap between the prefixes and the text belongs to neither and stays.
        gap = _leading(rest) if _text(rest) else " " * bool(prefixes)
        wanted = read_title(text).text
        rest = gap + wanted if wanted else ""
    if not added and prefixes == before:
        return "".join(one.raw for one in prefixes) + rest
    written = "".join(one.raw for one in prefixes) + (rest if _text(rest) else "")
    if added or prefixes[:1] != before[:1]:
        written = written[len(_leading(written)) :]
    return " ".join([*added, written] if written else added)


def _has(prefixes: list[_Prefix], sort: type) -> bool:
    return any(one.sort is sort for one in prefixes)


def _only(prefixes: list[_Prefix], sort: type, meaning: _Meaning, *, keep: bool) -> list[_Prefix]:
    """The prefixes with the first of ``sort`` saying ``meaning``, or none, and no other of it."""
    kept: list[_Prefix] = []
    for one in prefixes:
        if one.sort is not sort:
            kept.append(one)
        elif keep and not _has(kept, sort):
            kept.append(one.saying(meaning))
    return kept


def _leading(text: str) -> str:
    """The blanks and lone separators a text begins with."""
    match = _LEADING.match(text)
    return match[0] if match else ""


def _text(rest: str) -> str:
    return rest[len(_leading(rest)) :].rstrip()


def _split(raw: str) -> tuple[list[_Prefix], str]:
    """The recognised prefixes at the beginning, and the rest, byte for byte."""
    prefixes: list[_Prefix] = []
    at = 0
    while match := _BRACKET.match(raw, at):
        word = match[1].strip()
        meaning = parse_priority(word) or _bracket_severity(word)
        if meaning is None and word.lower() != "incident":
            break
        prefixes.append(_Prefix(match[0], meaning))
        at = match.end()
    return prefixes, raw[at:]


def _bracket_severity(word: str) -> Severity | None:
    """A severity in brackets. ``[S1]`` is left alone: teams use it for many other things."""
    return None if re.fullmatch(r"[sS]\s?[-_]?\s?\d", word) else parse_severity(word)
