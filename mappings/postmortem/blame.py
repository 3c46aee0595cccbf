"""Sentences that name a person as the cause."""

import re
from collections.abc import Iterator
from typing import Final

from mappings.postmortem.blocks import Block, Sort
from mappings.postmortem.inline import norm, plain
from mappings.postmortem.model import SectionKind
from mappings.postmortem.outline import Part

_WHO: Final = (
    r"(@[A-Za-z0-9][\w-]*|[A-Z\u00c0-\u00de][\w'\u2019-]+(?: [A-Z\u00c0-\u00de][\w'\u2019-]+)?)"
)
# Only people do these, whoever the name belongs to.
_HUMAN: Final = re.compile(
    rf"{_WHO}(?:['\u2019]s? (?:carelessness|negligence|incompetence|laziness|stupidity|sloppiness"
    rf"|inattention)"
    r"| (?:carelessly|negligently|recklessly|sloppily|stupidly|forgot|neglected to|was careless"
    r"|was negligent"
    r"|should have known|did(?:n['\u2019]t| not) bother|did(?:n['\u2019]t| not) pay attention"
    r"|made a (?:mistake|typo|blunder)"
    r"|screwed up|messed up|fat-fingered|is to blame|was to blame|is at fault|was at fault"
    r"|hat vergessen"
    r"|a oublié|olvidó|esqueceu|ha dimenticato)\b)"
)
# Machines do these too; they count where the name is one of the people of the document.
_ANYONE: Final = re.compile(
    rf"{_WHO}(?:['\u2019]s? (?:mistake|error|fault|oversight|failure|typo|blunder)"
    r"| (?:accidentally|mistakenly|wrongly|inadvertently|caused|broke|failed to|took down"
    r"|brought down|crashed|ignored"
    r"|did(?:n['\u2019]t| not)|should have|was responsible|is responsible|hat \w+ verursacht"
    r"|a causé|causó|causou)\b)"
)
_PASSIVE: Final = re.compile(
    r"(?:caused by|because of|due to|blame(?:d)? (?:on|lies with)|(?:mistake|error|fault|negligence"
    r"|oversight) (?:by|of)"
    rf"|the fault of|verursacht durch|à cause de|por culpa de|por causa de) {_WHO}"
)
_DENIED: Final = re.compile(
    r"\b(?:no one|nobody|not|isn['\u2019]t|wasn['\u2019]t|never|blameless|kein\w*|pas)\b",
    re.IGNORECASE,
)
_SENTENCE: Final = re.compile(r"(?<=[.!?\u3002])\s+")
#: Where causes are told; a timeline says what people did, and that is no blame.
_PLACES: Final = frozenset(
    {
        SectionKind.SUMMARY,
        SectionKind.ROOT_CAUSE,
        SectionKind.CONTRIBUTING_FACTORS,
        SectionKind.LESSONS,
        SectionKind.IMPACT,
    }
)
_NOBODY: Final = frozenset(
    [
        "we",
        "i",
        "he",
        "she",
        "they",
        "it",
        "this",
        "that",
        "the",
        "a",
        "an",
        "our",
        "nobody",
        "no",
        "someone",
        "somebody",
        "everyone",
        "one",
        "team",
        "engineer",
    ]
)


def blames(parts: list[Part], known: frozenset[str]) -> Iterator[tuple[int, str]]:
    """(line, sentence) for each sentence that names a person as the cause.

    ``known`` are the people of the document (norm form). Systems have faults too, so a name that
    is not among them counts only where the words can be said of people alone.
    """
    for part in parts:
        if not _PLACES & set(part.within) or SectionKind.ACTIONS in part.within:
            continue
        for block in part.blocks:
            for line, text in _texts(block):
                for sentence, at in _sentences(line, text):
                    if _blaming(sentence, known):
                        yield at, sentence


def _texts(block: Block) -> Iterator[tuple[int, str]]:
    if block.sort is Sort.PARAGRAPH:
        yield block.line, block.text
    for entry in block.entries:
        yield entry.line, entry.text
        for inner in entry.blocks:
            yield from _texts(inner)
    for row in block.rows[1:]:
        yield row.line, " ".join(row.cells)


def _sentences(line: int, text: str) -> Iterator[tuple[str, int]]:
    at = 0
    for sentence in _SENTENCE.split(text[:4000]):
        start = text.find(sentence, at)
        at = start + len(sentence)
        yield plain(sentence), line + text.count("\n", 0, max(start, 0))


def _blaming(sentence: str, known: frozenset[str]) -> bool:
    if _DENIED.search(sentence) and not re.search(r"did(?:n['\u2019]t| not)", sentence):
        return False
    for match in _HUMAN.finditer(sentence):
        if norm(match[1]) not in _NOBODY and norm(match[1].split()[-1]) not in _NOBODY:
            return True
    for pattern in (_ANYONE, _PASSIVE):
        if any(_person(match[1], known) for match in pattern.finditer(sentence)):
            return True
    return False


def _person(name: str, known: frozenset[str]) -> bool:
    words = norm(name)
    return (
        name.startswith("@")
        or words in known
        or (words.split()[0:1] != [] and words.split()[0] in known)
    )
