"""Titles: ``[P0]``, ``[SEV1]`` and ``[INCIDENT]`` prefixes read and written.

Prefixes stand at the very beginning, in any order and number; the first of each sort counts.
Any other bracketed text is part of the title. Nothing that was not asked for is respelled.
"""

import re
from dataclasses import dataclass

from mappings.item import UNSET, Unset
from mappings.vocabulary import Priority, Severity, parse_priority, parse_severity

_BRACKET = re.compile(r"\s*\[([^\[\]]{1,20})\]")


@dataclass(frozen=True, slots=True)
class Title:
    """What a raw title says."""

    text: str
    priority: Priority | None = None
    severity: Severity | None = None
    incident: bool = False


@dataclass(frozen=True, slots=True)
class _Prefix:
    """One bracket with the blanks before it, as written, and what it means."""

    raw: str
    meaning: Priority | Severity | None

    @property
    def sort(self) -> type:
        """Priority, Severity, or bool for the incident mark."""
        return type(self.meaning) if self.meaning is not None else bool


def read_title(raw: str) -> Title:
    """What ``raw`` says; ``text`` is what is left, blanks at both ends removed."""
    if "[" not in raw:
        return Title(raw.strip())
    prefixes, rest = _split(raw)
    priority = next((one.meaning for one in prefixes if isinstance(one.meaning, Priority)), None)
    severity = next((one.meaning for one in prefixes if isinstance(one.meaning, Severity)), None)
    return Title(rest.strip(), priority, severity, any(one.sort is bool for one in prefixes))


def write_title(
    raw: str,
    *,
    text: str | Unset = UNSET,
    priority: Priority | None | Unset = UNSET,
    severity: Severity | None | Unset = UNSET,
    incident: bool | Unset = UNSET,
) -> str:
    """``raw`` with only the given parts changed.

    A prefix that already says the right thing keeps its place and spelling; a new one goes
    first, in the order incident, priority, severity; None or False removes all of its sort.
    """
    prefixes, rest = _split(raw)
    if text is not UNSET:
        # Blanks between the prefixes and the text belong to neither and stay.
        gap = rest[: len(rest) - len(rest.lstrip())] if prefixes and rest.strip() else " "
        rest = (gap if prefixes else "") + text
    added: list[str] = []
    wanted: list[tuple[type, Priority | Severity | bool | None | Unset]] = [
        (bool, incident),
        (Priority, priority),
        (Severity, severity),
    ]
    for sort, value in wanted:
        if value is UNSET:
            continue
        same = [one for one in prefixes if one.sort is sort]
        keep = same[:1] if value and same and (sort is bool or same[0].meaning == value) else []
        prefixes = [one for one in prefixes if one.sort is not sort or one in keep]
        if value and not keep:
            added.append("[INCIDENT]" if sort is bool else f"[{value}]")
    kept = "".join(one.raw for one in prefixes)
    if added:
        body = (kept + rest).lstrip()
        return f"{' '.join(added)} {body}".rstrip() if body else " ".join(added)
    return kept + rest if kept else rest.lstrip()


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
