"""What a document says of the incident: how bad, when, how long, which services, which issue."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Final

from mappings.postmortem import dates
from mappings.postmortem.blocks import Block, Sort
from mappings.postmortem.inline import addresses, label, norm, plain
from mappings.postmortem.labels import severity_of
from mappings.postmortem.model import SectionKind
from mappings.postmortem.naming import FACT_OF, folder_and_stem
from mappings.postmortem.outline import Part, texts
from mappings.postmortem.prompts import blank, partial
from mappings.postmortem.references import is_issue, keys_in, numbers_in, references_in
from mappings.titles import read_title
from mappings.vocabulary import SEVERITY_OF, Severity

_OTHER_DATES: Final = re.compile(r"modified|updated|review|published|created|written|draft|due")
_KEY_IN_NAME: Final = re.compile(
    r"(?<![A-Za-z0-9])([A-Za-z][A-Za-z0-9]{1,9}-(?:[A-Za-z]-)?\d{1,7})"
    r"(?!-?\d{1,2}-|[A-Za-z\d])"
)
_NUMBER_IN_NAME: Final = re.compile(
    r"(?<![A-Za-z0-9])(?:inc|incident|ir)-(?:19|20)\d\d-\d{3,5}(?!\d)", re.IGNORECASE
)
_NUMBERED: Final = re.compile(
    r"\b(?:incident|issue|inc|ticket)\s*#?\s*(\d{1,7})(?![-/.:]?\d)\b|(?<!\w)#(\d{1,7})\b",
    re.IGNORECASE,
)
_ZONE_LINE: Final = re.compile(
    r"(?:all )?(?:times?|timestamps?|zeiten|heures?|horas|horarios|時刻)\b.{0,40}", re.IGNORECASE
)
_LASTED: Final = re.compile(
    r"\b(?:for|lasted|lasting|duration of|total of|took|about|approximately|approx\.?|around"
    r"|roughly|at least|nearly"
    r"|almost)\s+(?:about |around |approximately |roughly |a total of |~)?$|[~\u2248(\u7d04]\s*$",
    re.IGNORECASE,
)
_ARTICLE: Final = re.compile(r"\ban?\s$|\bof\s$", re.IGNORECASE)
_OUTAGE: Final = re.compile(
    r"\b(?:outage|down(?:time)?|unavailab\w+|unusable|incident|degrad\w+|interrupt\w+|disrupt\w+"
    r"|fail\w*|broken"
    r"|offline|unreachable|errors?|affect\w+|impact\w*|disk was full|ausfall|störung|panne|caída"
    r"|障害"
    r"|停止)\b",
    re.IGNORECASE,
)
_UNSURE: Final = re.compile(
    r"\b(?:unknown|unclear|maximum|at most|up to|bounded|between|ticket|within|every)\b",
    re.IGNORECASE,
)
#: A label's text of so many characters is nothing but the reference.
_SHORT: Final = 60
_HEADER_LINES: Final = 40


@dataclass(slots=True)
class Facts:
    """Labels and their texts in the order in which they stand, and what is read from them."""

    said: dict[str, list[str]] = field(default_factory=dict)
    order: dates.Order = ""
    zone: timezone | None = None

    def of(self, what: str) -> list[str]:
        """The texts behind a label, as written, those that say something."""
        return [
            one
            for one in self.said.get(what, [])
            if not blank(one, plain(one)) and not partial(one)
        ]

    def add(self, word: str, text: str) -> None:
        """One label and its text, if the label tells of the incident."""
        words = norm(re.sub(r"[(\uff08].*", "", word) or word)
        what = FACT_OF.get(words)
        if what and text.strip():
            self.said.setdefault(what, []).append(
                text if len(word) <= len(words) + 2 else f"{text} {_aside(word)}"
            )


def _aside(word: str) -> str:
    match = re.search(r"[(\uff08]([^()\uff08\uff09]*)", word)
    return match[1] if match else ""


def gather(front: Mapping[str, Sequence[str]], parts: list[Part], text: str) -> Facts:
    """All labels: front matter, lines, entries, tables of two columns, short sections."""
    facts = Facts(order=dates.order_of(text), zone=_zone(parts))
    for key, values in front.items():
        for value in values:
            facts.add(key.replace("_", " "), value)
    for part in parts:
        if SectionKind.ACTIONS in part.within or SectionKind.LESSONS in part.within:
            continue
        logged = SectionKind.TIMELINE in part.within and not part.kinds
        if part.level and part.blocks and not logged and not part.kinds:
            facts.add(part.title, _first_text(part.blocks[0]))
        if part.level and not part.kinds and (named := label(part.title)):
            facts.add(named[0], named[1])  # "### Severity: high"
        for block in part.blocks:
            for word, rest in _labels(block) if not logged else ():
                facts.add(word, rest)
    return facts


def _first_text(block: Block) -> str:
    """A short section's content: its first paragraph, its first entry, or all its boxes."""
    if block.sort is Sort.PARAGRAPH:
        short = len(block.text) <= 200  # noqa: PLR2004  characters
        first = re.match(r"\*\*[^*]{1,30}\*\*", block.text)  # "**Critical**, as …", told at length
        return block.text if short else first[0] if first else ""
    if block.sort is Sort.LIST:
        return ", ".join(entry.text for entry in block.entries)[:300]
    return ""


def _labels(block: Block) -> Iterator[tuple[str, str]]:
    if block.sort is Sort.PARAGRAPH:
        for line in block.text.split("\n"):
            yield from _line_labels(line)
    elif block.sort is Sort.LIST:
        for entry in block.entries:
            yield from _line_labels(entry.text.replace("\n", " "))
            for inner in entry.blocks:
                if inner.sort is Sort.LIST and (named := label(entry.text)) and not named[1]:
                    yield named[0], ", ".join(one.text for one in inner.entries)
                yield from _labels(inner)
    elif block.sort is Sort.TABLE and block.rows:
        yield from _table_labels(block)


def _line_labels(line: str) -> Iterator[tuple[str, str]]:
    """``Date: …``, and several in one line: ``**Date:** … | **Severity:** …``."""
    pieces = re.split(r"\s+[|\u00b7\u2022]\s+", line) if line.count(":") > 1 else [line]
    for piece in pieces:
        named = label(piece)
        if named:
            yield named[0], named[1]


def _table_labels(block: Block) -> Iterator[tuple[str, str]]:
    """A table of names and values, or one of a single row under names."""
    head = block.rows[0].cells
    if len(head) == 2:  # noqa: PLR2004  a name and its value
        for row in block.rows:
            if len(row.cells) == 2:  # noqa: PLR2004  a name and its value
                yield plain(row.cells[0]).strip(" :"), row.cells[1]
    if len(block.rows) == 2 and len(head) > 1:  # noqa: PLR2004  the names, and the values
        for name, value in zip(head, block.rows[1].cells, strict=False):
            yield plain(name), value


def _zone(parts: list[Part]) -> timezone | None:
    """The zone in which the document says its times are."""
    for part in parts:
        if SectionKind.TIMELINE in part.within:
            if part.kinds and (zone := dates.zone_in(part.title)):
                return zone
            for block in part.blocks[:2]:
                stated = block.text if block.sort is Sort.PARAGRAPH else ""
                stated = stated or (" ".join(block.rows[0].cells) if block.rows else "")
                if (_ZONE_LINE.search(stated) or block.rows) and (zone := dates.zone_in(stated)):
                    return zone
    return None


def severity(facts: Facts, title: str) -> Severity | None:
    """From its label, else from the title's prefix, else from the priority's label."""
    for text in facts.of("severity"):
        found = severity_of(plain(text))
        if found:
            return found
    prefix = read_title(title)
    if prefix.severity or prefix.priority:
        return prefix.severity or SEVERITY_OF[prefix.priority]  # type: ignore[index]
    inline = re.search(r"\b(?:SEV|sev|Sev)[\s-]?([1-4])\b", title)
    if inline:
        return Severity(f"SEV{inline[1]}")
    for text in facts.of("priority"):
        found = severity_of(plain(text))
        if found:
            return found
    return None


def day(
    facts: Facts, title: str, name: str, parts: list[Part], front: Mapping[str, Sequence[str]]
) -> date | None:
    """From its labels, the title, the front matter, the file's name, else the first day told."""
    order = facts.order
    for what in ("day", "started", "period"):
        for text in facts.of(what):
            if found := dates.day_in(plain(text), order):
                return found
    places = (title, *(value for key in ("date", "title") for value in front.get(key, ())))
    for text in (*places, *reversed(folder_and_stem(name))):
        if found := dates.day_in(text.replace("_", "-"), order):
            return found
    return _first_told(parts, order)


def names_a_day(front: Mapping[str, Sequence[str]], parts: list[Part], facts: Facts) -> bool:
    """Whether a day is written anywhere in the document, as those filled in have it."""
    values = [value for listed in front.values() for value in listed]
    read = (dates.day_in(one, facts.order or "dmy") for one in (*values, *_written(parts)))
    return any(found is not None for found in read)


def _written(parts: list[Part]) -> Iterator[str]:
    for part in parts:
        yield part.title
        for block in part.blocks:
            for text in texts(block):
                yield text[:1000]


def _first_told(parts: list[Part], order: dates.Order) -> date | None:
    """The first day in the summary or the timeline, else anywhere before the actions."""
    told = [
        part for part in parts if {SectionKind.SUMMARY, SectionKind.TIMELINE} & set(part.within)
    ]
    rest = [part for part in parts if not part.kinds and SectionKind.ACTIONS not in part.within]
    for part in (*told, *rest):
        if found := dates.day_in(part.title, order):
            return found
        for block in part.blocks[:6]:
            text = block.text if block.sort is Sort.PARAGRAPH else ""
            rows = " ".join(cell for row in block.rows[:3] for cell in row.cells)
            entries = " ".join(entry.text for entry in block.entries[:3])
            for line in f"{text}\n{rows}\n{entries}".split("\n"):
                found = (
                    None
                    if _OTHER_DATES.search(line[:40].lower())
                    else dates.day_in(line[:500], order)
                )
                if found:
                    return found
    return None


def times(facts: Facts, on: date | None) -> tuple[datetime | None, datetime | None]:
    """When it began and when it was over, in UTC, as far as labels say so."""
    started = _moment(facts, "started", on)
    resolved = _moment(facts, "resolved", on)
    for what in ("period", "day"):
        for text in facts.of(what):
            found = dates.moments_in(plain(text), facts.zone, on, facts.order)
            if len(found) >= 2:  # noqa: PLR2004  from and to
                started, resolved = started or found[0], resolved or found[-1]
    if started and resolved and resolved < started:
        return started, None
    return started, resolved


def _moment(facts: Facts, what: str, on: date | None) -> datetime | None:
    for text in facts.of(what):
        found = dates.moments_in(plain(text), facts.zone, on, facts.order)
        if found:
            return found[0]
    return None


def duration(
    facts: Facts, began: datetime | None, over: datetime | None, title: str, parts: list[Part]
) -> timedelta | None:
    """From its label, the period, the two times; else from how the summary puts it."""
    for what in ("duration", "period"):
        for text in facts.of(what):
            found = dates.span_in(plain(text))
            if found:
                return found
    if began and over:
        return over - began
    lasted = [dates.span_in(one) for one in (title,) if _OUTAGE.search(one)]
    told = [part for part in parts if {SectionKind.SUMMARY, SectionKind.IMPACT} & set(part.within)]
    for part in told or parts[:2]:
        for block in part.blocks:
            text = plain(block.text) if block.sort is Sort.PARAGRAPH else ""
            lasted += [_lasted(one) for one in re.split(r"(?<=[.!?。])\s+", text)]
    found_spans = {one for one in lasted if one}
    return next(one for one in lasted if one) if len(found_spans) == 1 else None


def _lasted(sentence: str) -> timedelta | None:
    """How long it lasted, where a sentence says so plainly."""
    if not _OUTAGE.search(sentence) or _UNSURE.search(sentence):
        return None
    for match in re.finditer(
        r"(?<![\w.])\d|\b(?:an?|one|two|three|four|five|six|seven|eight|nine|ten)\b", sentence
    ):
        span = dates.span_in(sentence[match.start() : match.start() + 40])
        before, rest = sentence[: match.start()], sentence[match.start() :]
        long = _LASTED.search(before) or (_ARTICLE.search(before) and _OUTAGE.search(rest[:50]))
        if span and long and _begins(rest):
            return span
    return None


def _begins(text: str) -> bool:
    """Whether a length of time begins right here."""
    return dates.span_in(text[:24]) is not None and bool(re.match(r"[\w.,]+[\s-]?\w+", text))


def services(facts: Facts) -> tuple[str, ...]:
    """The services named, each once."""
    found: dict[str, None] = {}
    for text in facts.of("services"):
        for one in re.split(r"\s*(?:[,;\u3001\uff0c\n]|\band\b)\s*", plain(text.strip("[]"))):
            cleaned = one.strip(" .`'\"()*[]")
            if cleaned and len(cleaned) <= 60 and not blank(cleaned, cleaned):  # noqa: PLR2004  a name
                found[cleaned] = None
    return tuple(found)


def incidents(
    facts: Facts, title: str, name: str, named: Mapping[str, str], parts: list[Part]
) -> tuple[str, ...]:
    """The incidents it belongs to, as written: labels, the title, links at the top, the name."""
    found: list[str] = []
    for text in facts.of("incident"):
        alone = len(text) <= _SHORT
        bare = plain(text).upper()
        found += references_in(text, named, column=alone) or keys_in(bare) or numbers_in(bare)
    found += references_in(title, named)
    found += numbers_in(plain(title)) if not found else []
    found += [f"#{one[1] or one[2]}" for one in _NUMBERED.finditer(title)] if not found else []
    if not found:
        found += [one for one in _top_links(parts, named) if is_issue(one)][:1]
    _, stem = folder_and_stem(name)
    found += [one[0].upper() for one in _NUMBER_IN_NAME.finditer(stem)] if not found else []
    for one in _KEY_IN_NAME.finditer(stem) if not found else ():
        first = re.fullmatch(r"[\d_.-]*", stem[: one.start()])  # "services-returning-503": a word
        found += keys_in(one[1].upper()) if first or one[1].isupper() else []
    return tuple(dict.fromkeys(found))


def _top_links(parts: list[Part], named: Mapping[str, str]) -> Iterator[str]:
    """Links between the title and the first section."""
    for part in parts[:2]:
        if part.kinds or part.line > _HEADER_LINES:
            return
        for block in part.blocks:
            for text in (block.text, *(entry.text for entry in block.entries)):
                if re.search(
                    r"\b(?:incident|issue|ticket|tracking|jira|github|gitlab)\b",
                    text,
                    re.IGNORECASE,
                ):
                    yield from addresses(text, named)


def people(facts: Facts) -> frozenset[str]:
    """The names the document gives for those involved, in the form for comparing."""
    found: set[str] = set()
    for text in facts.of("people"):
        for one in re.split(r"[,;/&\n]|\band\b", plain(text)):
            cleaned = norm(re.sub(r"[(<].*", "", one))
            if cleaned and len(cleaned) <= 40:  # noqa: PLR2004  a name
                found |= {cleaned, cleaned.split()[0]}
    return frozenset(one for one in found if len(one) > 1)
