"""A whole document, read: pure, never raises, whatever the text."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from mappings.postmortem import facts as told
from mappings.postmortem.actions import Finder
from mappings.postmortem.blame import blames
from mappings.postmortem.blocks import LINE_END, Sort, parse
from mappings.postmortem.forms import is_form
from mappings.postmortem.front import split_front
from mappings.postmortem.inline import definitions, plain
from mappings.postmortem.lead import commander_in
from mappings.postmortem.model import ActionItem, Postmortem, Section, SectionKind
from mappings.postmortem.naming import folder_and_stem
from mappings.postmortem.outline import Part, outline, sections, texts
from mappings.postmortem.prompts import unfilled
from mappings.postmortem.said import Setting
from mappings.problem import Problem
from mappings.waivers import waiver_lines

#: Longest document read, in characters; the limit for documents everywhere (E107).
LONGEST: Final = 1024 * 1024
#: Most characters of the root cause that are kept.
_CAUSE: Final = 2000
#: Headings of these levels can be titles.
_TOP: Final = 2


def read_postmortem(text: str, *, name: str = "") -> Postmortem:
    """What a document says. ``name`` is its path or file name, for its date, key and messages.

    A document over 1 MiB is not read (E107); an empty one says nothing (E132).
    """
    if len(text) > LONGEST:
        size = f"{len(text) / LONGEST:.1f} MiB is over the 1 MiB limit."
        return Postmortem(
            title=_stem(name), problems=(Problem("E107", size, name, "Make it smaller."),)
        )
    if not text.strip():
        empty = Problem("E132", "the document is empty.", name, "Write the postmortem.")
        return Postmortem(title=_stem(name), problems=(empty,), template=True)
    front, body = split_front(text)
    named = definitions(body)
    blocks = parse(body)
    parts = outline(blocks, len(LINE_END.split(body)))
    title = _title(front, parts) or _stem(name)
    known = told.gather(front, parts, body)
    dated = told.names_a_day(front, parts, known)
    if is_form(front, blocks, known, title, name, named, dated=dated):
        blank = Problem(
            "E132", "nobody has filled in this template yet.", name, "Write the postmortem."
        )
        return Postmortem(
            title=title,
            sections=tuple(_emptied(sections(parts, named))),
            problems=(blank,),
            template=True,
        )
    return _read(text, known, front, parts, named, title, name)


def _read(
    text: str,
    known: told.Facts,
    front: Mapping[str, Sequence[str]],
    parts: list[Part],
    named: dict[str, str],
    title: str,
    name: str,
) -> Postmortem:
    day = told.day(known, title, name, parts, front)
    began, over = told.times(known, day)
    people = told.people(known)
    setting = Setting(named=named, order=known.order, near=day, known=people, text=text)
    items = Finder(parts, setting).run()
    actions = tuple(one for one in items if one.certain)
    references = told.incidents(known, title, name, named, parts)
    return Postmortem(
        title=title,
        severity=told.severity(known, title),
        day=day,
        started=began,
        resolved=over,
        duration=told.duration(known, began, over, title, parts),
        services=told.services(known),
        incident=references[0] if references else "",
        incidents=references,
        root_cause=_cause(parts, known, named),
        blames=tuple(blames(parts, people)),
        waivers=tuple(waiver_lines(text)),
        sections=sections(parts, named),
        actions=actions,
        uncertain=tuple(one for one in items if not one.certain),
        problems=tuple(_problems(actions, name, day)),
        commander=commander_in(text),
    )


def _stem(name: str) -> str:
    return folder_and_stem(name)[1]


def _title(front: Mapping[str, Sequence[str]], parts: list[Part]) -> str:
    """The first heading where it is of the first level or heads no section; else front matter."""
    first = parts[1] if len(parts) > 1 else None
    if first is not None and not first.kinds and first.title and first.level <= _TOP:
        return first.title
    given = [value for key in ("title", "name") for value in front.get(key, ())]
    top = next((part for part in parts if part.level == 1 and part.title), None)
    return given[0] if given else top.title if top and not top.kinds else ""


def _emptied(found: Sequence[Section]) -> Iterator[Section]:
    for one in found:
        yield Section(
            kind=one.kind, title=one.title, line=one.line, end_line=one.end_line, template=True
        )


def _cause(parts: list[Part], known: told.Facts, named: dict[str, str]) -> str:
    """The root cause's text, markup off, prompts left out."""
    kept: list[str] = []
    for part in parts:
        if SectionKind.ROOT_CAUSE in part.within:
            for block in part.blocks:
                for raw in texts(block) if block.sort is not Sort.CODE else ():
                    words = plain(raw, named)
                    if not unfilled(raw, words):
                        kept.append(words)
    if not kept:
        kept = [plain(one, named) for one in known.of("cause")]
    return "\n".join(kept)[:_CAUSE]


def _problems(actions: Sequence[ActionItem], name: str, day: date | None) -> Iterator[Problem]:
    for one in actions:
        if one.due_text and one.due is None:
            text = f'the due date "{one.due_text}" names no day.'
            yield Problem("E131", text, f"{name}:{one.line}", "Write it as YYYY-MM-DD.")
        elif one.due and day and one.due < day:
            text = f"the due date {one.due} is before the incident of {day}."
            yield Problem("E131", text, f"{name}:{one.line}", "Check the year.")
