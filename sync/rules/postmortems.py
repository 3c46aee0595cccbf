"""Rules about postmortems: that there is one, that it is whole, that something follows from it."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from mappings.postmortem.model import Postmortem, SectionKind
from mappings.vocabulary import Priority
from sync.rules.case import Breach, Case, Docket, Rule, Target, on, quoted
from sync.rules.history import utc
from sync.rules.model import Flag, FollowUp, Level, PostmortemFacts
from sync.rules.terms import RuleName, Terms, times

#: How soon a follow-up investigation is to be done (common incident processes: 48 h).
INVESTIGATION: Final = timedelta(hours=48)

_QUIET: Final = frozenset({Flag.NOTE, Flag.NOTIFY})
_LOUD: Final = frozenset({Flag.LABEL, Flag.NOTE, Flag.NOTIFY})
_UNKNOWN: Final = re.compile(
    r"\W*(?:(?:it is |is )?(?:still |currently |as yet )?"
    r"(?:unknown|undetermined|unclear|unidentified"
    r"|not (?:yet )?(?:known|identified|determined|found)"
    r"|tb[cd]|n/?a|none|to be determined|(?:under|being) investigat(?:ion|ed)"
    r"|unbekannt|inconnue?|desconocid[ao])"
    r"(?: (?:yet|so far|for now|at (?:this|the) (?:time|point|moment)))?)(?:\s*[^\w\s].{0,80})?\s*",
    re.IGNORECASE | re.DOTALL,
)


def missing(docket: Docket, _terms: Terms) -> Iterator[Breach]:
    """Closed incidents to which no postmortem belongs; a template nobody filled in is none."""
    for case in docket.over:
        found = case.facts.postmortems
        if any(one.reading is None or _begun(one.reading) for one in found):
            continue
        closed = case.life.closed
        text = (
            f"{quoted(case.target.title)} was closed{on(closed)} and no postmortem belongs to it."
        )
        blank = tuple(f"{one.place or one.name} is still a template" for one in found)
        yield Breach(case.target, closed, text, (*_life(case), *blank))


def _begun(reading: Postmortem) -> bool:
    """Whether somebody has written on it: a form of which a machine may have filled in the timeline
    is a form still.
    """
    if reading.template:
        return False
    others = [one for one in reading.sections if one.kind != SectionKind.TIMELINE]
    return bool(reading.actions) or not others or not all(one.template for one in others)


def _life(case: Case) -> tuple[str, ...]:
    life = case.life
    said = {"opened": life.opened, "work began": life.responded, "closed": life.closed}
    return tuple(f"{word} {at:%Y-%m-%d %H:%M} UTC" for word, at in said.items() if at)


def incomplete(docket: Docket, terms: Terms) -> Iterator[Breach]:
    """Postmortems that lack a section, or in which one still is the template's text."""
    for one, reading, target, since in _finished(docket):
        filled = {str(part.kind) for part in reading.sections if not part.template}
        blank = {
            str(part.kind): part.line
            for part in reading.sections
            if part.template and str(part.kind) not in filled
        }
        if reading.actions:
            filled.add(SectionKind.ACTIONS)
        lacking = [section for section in terms.sections if section not in filled]
        if lacking:
            yield Breach(
                target,
                since,
                f"The postmortem {quoted(one.name)} is not finished: {_and(lacking)}.",
                tuple(_lack(one, section, blank.get(section)) for section in lacking),
                detail=_name(one),
                place=one.place,
            )


def _lack(one: PostmortemFacts, section: SectionKind, line: int | None) -> str:
    """Where the section that is not filled in stands, if it does."""
    where = one.place or one.name
    if line is None:
        return f"{where} has no section: {_words(section)}"
    return f"{where}:{line} {_words(section)} is still the template"


def _and(sections: list[SectionKind]) -> str:
    *first, last = map(_words, sections)
    listed = f"{', '.join(first)} and {last}" if first else last
    return f"{listed} {'are' if first else 'is'} missing"


def _words(section: SectionKind) -> str:
    return section.replace("-", " ")


def no_action(docket: Docket, _terms: Terms) -> Iterator[Breach]:
    """Postmortems from which nothing follows, nor from another one of the same incident."""
    acted = {
        case.item.ref
        for case in docket.cases
        if any(not one.asked_for for one in case.facts.actions)
        or any(one.actions for one in _readings(case))
    }
    for one, reading, target, since in _finished(docket):
        if not (reading.actions or target.ref in acted):
            text = f"The postmortem {quoted(one.name)} has no action item."
            yield Breach(target, since, text, (one.place or one.url,), _name(one), one.place)


def unknown_cause(docket: Docket, _terms: Terms) -> Iterator[Breach]:
    """Postmortems of closed incidents that do not say why it happened, nor does another one."""
    explained = {
        case.item.ref
        for case in docket.cases
        if any(_known(one.root_cause) for one in _readings(case))
    }
    for one, reading, target, since in _finished(docket):
        cause = (reading.root_cause or "").strip()
        if _known(cause) or target.ref in explained:
            continue
        closed = target.closed or since
        follow_up = None
        if closed is not None:
            title = f"Find the root cause of {quoted(target.title)}"
            day = (closed + INVESTIGATION).date()
            # Nothing burns any more, and an issue of the highest level may pass for an incident.
            level = max(target.priority or Priority.P1, Priority.P1)
            follow_up = FollowUp(title=title, due=day, priority=level)
        text = f"{quoted(target.title)} is closed and its root cause is not known."
        if target.ref is None:
            text = f"The postmortem {quoted(one.name)} gives no root cause."
        said = f"it says {quoted(cause)}" if cause else "it says nothing"
        yield Breach(
            target,
            closed,
            text,
            (f"{one.place or one.name}: {said} of the root cause",),
            detail=_name(one),
            place=one.place,
            follow_up=follow_up,
        )


def _known(cause: str | None) -> bool:
    """Whether a cause is given; "unknown" is none."""
    said = (cause or "").strip()
    return bool(said) and not _UNKNOWN.fullmatch(said)


def _readings(case: Case) -> list[Postmortem]:
    return [one.reading for one in case.facts.postmortems if one.reading is not None]


def blame(docket: Docket, _terms: Terms) -> Iterator[Breach]:
    """Postmortems in which a person is named as the cause."""
    for _case, one, target in docket.documents:
        if one.reading is not None and one.reading.blames:
            yield Breach(
                target,
                one.written_at,
                f"The postmortem {quoted(one.name)} names a person as the cause.",
                tuple(f"{one.place or one.name}:{line}" for line, _sentence in one.reading.blames),
                detail=_name(one),
                place=one.place,
            )


def unreadable(docket: Docket, _terms: Terms) -> Iterator[Breach]:
    """Documents that could not be read, or only in part."""
    for _case, one, target in docket.documents:
        problems = one.reading.problems if one.reading is not None else ()
        problems = problems or ((one.problem,) if one.problem is not None else ())
        unread = one.reading is None and not one.linked_only
        if unread or problems:
            evidence = tuple(str(problem) for problem in problems) or (one.place or one.name,)
            text = f"The postmortem {quoted(one.name)} could not be read."
            if not unread:  # it was, and something in it means nothing
                more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
                text = f"In the postmortem {quoted(one.name)}: {problems[0].message}{more}"
            yield Breach(
                target,
                one.written_at,
                text,
                evidence,
                detail=_name(one),
                place=one.place,
            )


def unmatched(docket: Docket, _terms: Terms) -> Iterator[Breach]:
    """Postmortems of no incident or of several, and incidents with several."""
    for case, one, target in docket.documents:
        reading = one.reading
        if case is None and reading is not None and not reading.template:
            named = ", ".join(reading.incidents)
            why = f"no incident is called {named}" if named else "it names no incident"
            text = f"The postmortem {quoted(one.name)} belongs to no incident that is known: {why}."
            yield Breach(
                target, one.written_at, text, (one.place or one.url,), _name(one), one.place
            )
    yield from _shared(docket)
    for case in docket.cases:
        kept = [one for one in case.facts.postmortems if not one.linked_only]
        if len(kept) > 1:
            text = f"{len(kept)} postmortems belong to {quoted(case.target.title)}."
            evidence = tuple(sorted(one.place or one.name for one in kept))
            later = sorted(one.written_at for one in kept if one.written_at)
            since = later[1] if len(later) > 1 else None
            yield Breach(case.target, since, text, evidence, "several")


def _shared(docket: Docket) -> Iterator[Breach]:
    """Documents that belong to more than one incident."""
    owners: dict[str, list[Case]] = {}
    for case in docket.cases:
        for one in case.facts.postmortems:
            if not one.linked_only:
                owners.setdefault(_name(one), []).append(case)
    for name, cases in owners.items():
        if len(cases) > 1:
            titles = tuple(quoted(case.target.title) for case in cases)
            text = f"The postmortem {quoted(name)} belongs to {len(cases)} incidents."
            since = max((case.life.opened for case in cases if case.life.opened), default=None)
            yield Breach(cases[0].target, since, text, titles, f"shared:{name}", name)


def _finished(
    docket: Docket,
) -> Iterator[tuple[PostmortemFacts, Postmortem, Target, datetime | None]]:
    """Postmortems that ought to be whole: the incident is over, and it is more than a template.

    With since when: the later of the incident's end and the document's beginning.
    """
    for case, one, target in docket.documents:
        reading = one.reading
        if reading is None or not _begun(reading) or (case is not None and not case.over):
            continue
        ended = case.life.closed if case is not None else utc(reading.resolved)
        known = [moment for moment in (ended, one.written_at) if moment is not None]
        yield one, reading, target, max(known, default=None)


def _name(one: PostmortemFacts) -> str:
    return one.place or one.url or one.name


#: For these an incident needs a postmortem (design §9); P2, P3, SEV3 and SEV4 do not by default.
_SERIOUS: Final = times("never", P0="at once", P1="at once", SEV1="at once", SEV2="at once")
_TWO_DAYS: Final = times("48h")
_WEEK: Final = times("7d")

POSTMORTEMS: Final = (
    Rule(
        name=RuleName.POSTMORTEM_MISSING,
        says="An incident that needs a postmortem was closed and none belongs to it.",
        remedy="Write it (`followthrough postmortem new`), or link it in the incident.",
        judge=missing,
        terms=Terms(due=_SERIOUS, overdue=_TWO_DAYS, flags=_LOUD),
        absence=True,
    ),
    Rule(
        name=RuleName.POSTMORTEM_INCOMPLETE,
        says="A section that a postmortem needs is absent or still the template's text.",
        remedy="Write the sections that are named.",
        judge=incomplete,
        terms=Terms(
            overdue=_WEEK,
            flags=_QUIET,
            sections=(
                SectionKind.SUMMARY,
                SectionKind.IMPACT,
                SectionKind.TIMELINE,
                SectionKind.ROOT_CAUSE,
                SectionKind.CONTRIBUTING_FACTORS,
                SectionKind.ACTIONS,
                SectionKind.PREVENTION,
            ),
        ),
    ),
    Rule(
        name=RuleName.NO_PREVENTIVE_ACTION,
        says="A postmortem has no action item.",
        remedy="Add at least one action that would have prevented it or made it smaller.",
        judge=no_action,
        terms=Terms(overdue=_WEEK, flags=_QUIET),
    ),
    Rule(
        name=RuleName.ROOT_CAUSE_UNKNOWN,
        says="An incident was closed and its postmortem gives no root cause.",
        remedy="Find it out, and write it under the heading of the root cause.",
        judge=unknown_cause,
        terms=Terms(overdue=_TWO_DAYS, flags=_QUIET | {Flag.FOLLOW_UP}),
    ),
    Rule(
        name=RuleName.BLAME_LANGUAGE,
        says="A postmortem names a person as the cause.",
        remedy="Say what allowed it to happen, not who did it.",
        judge=blame,
        terms=Terms(level=Level.INFO),
    ),
    Rule(
        name=RuleName.POSTMORTEM_UNREADABLE,
        says="A postmortem could not be read, or only in part.",
        remedy="Mend what is named; the file was left as it is.",
        judge=unreadable,
        terms=Terms(overdue=_WEEK, flags=frozenset({Flag.NOTIFY})),
    ),
    Rule(
        name=RuleName.POSTMORTEM_UNMATCHED,
        says="A postmortem belongs to no incident or to several, or an incident has several.",
        remedy="Name the one incident in its front matter: `incident: KEY`.",
        judge=unmatched,
        terms=Terms(level=Level.INFO),
        absence=True,
    ),
)
