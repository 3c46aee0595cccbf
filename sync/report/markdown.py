"""A report as Markdown, for an issue, a wiki or a merge request: tables, nobody mentioned."""

import re
from collections.abc import Iterator, Sequence

from mappings.inert import neutralise
from sync.report.data import FollowUpRow, Group, IncidentRow, Report, UnmetRow
from sync.report.escape import at_start, escaped
from sync.report.links import web
from sync.report.words import NOTHING, day, share, span


def write(report: Report) -> str:
    """All of it; the findings by their numbers."""
    text = "\n".join(_lines(report))
    return re.sub(r"\n{3,}", "\n\n", text).rstrip() + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield f"# Incident follow-up: {_text(', '.join(report.pairs))}"
    yield ""
    yield f"{report.made_at:%Y-%m-%d %H:%M} UTC, since {day(report.since)}."
    yield ""
    if not report.complete:
        yield "**Not everything could be read: something may be lacking here.**"
        yield ""
    levels = report.levels
    yield from _table(tuple(levels), [tuple(map(str, levels.values()))])
    yield from _missing(report.missing)
    yield from _follow_ups(report)
    yield from _completion(report)
    yield from _times(report)
    yield from _weeks(report)
    yield from _repeats(report.repeats)
    yield from _incidents(report.incidents)


def _missing(rows: Sequence[UnmetRow]) -> Iterator[str]:
    yield from _head("Incidents without a postmortem", len(rows))
    heads = ("incident", "title", "level", "closed", "state")
    yield from _table(heads, [_missing_row(one) for one in rows])


def _missing_row(one: UnmetRow) -> tuple[str, ...]:
    found = one.finding
    level = " ".join(str(each) for each in (found.priority, found.severity) if each)
    state = str(found.level)
    if found.waiver is not None:
        state = _text(f"waived until {day(found.waiver.until)}: {found.waiver.reason}")
    url = found.item.url if found.item is not None else ""
    return _link(one.key, url), _text(found.title), level, day(one.closed), state


def _follow_ups(report: Report) -> Iterator[str]:
    yield from _head("Open follow-ups", len(report.follow_ups))
    heads = ("priority", "follow-up", "incident", "owner", "due", "late", "age")
    yield from _table(heads, [_follow_up(one) for one in report.follow_ups])
    for name, groups in (
        ("incident", report.by_incident),
        ("owner", report.by_owner),
        ("priority", report.by_priority),
        ("age", report.by_age),
    ):
        yield from _table((f"by {name}", "open", "late", "oldest"), [_group(one) for one in groups])


def _follow_up(one: FollowUpRow) -> tuple[str, ...]:
    where = _link(one.key, one.url) if one.key else _text(one.place)
    return (
        one.priority or NOTHING,
        f"{_text(one.title)} {where}".rstrip(),
        _text(one.incident_key or one.incident),
        _text(", ".join(one.owners)) or "nobody",
        day(one.due),
        span(one.late),
        span(one.age),
    )


def _group(one: Group) -> tuple[str, ...]:
    return _text(one.name), str(one.open), str(one.late), span(one.oldest)


def _completion(report: Report) -> Iterator[str]:
    found = report.punctuality
    fell = found.on_time + found.late + found.open + found.unknown
    yield from _head("Follow-ups that fell due", fell)
    if not fell:
        return
    yield from _table(
        ("on time", "done on time", "done late", "still open", "done at an unknown time"),
        [
            (share(found.share),
             *map(str, (found.on_time, found.late, found.open, found.unknown)))
        ],
    )  # fmt: skip


def _times(report: Report) -> Iterator[str]:
    yield from _head("Times", len(report.incidents) or None)
    rows = [
        (f"to {name}", str(one.count), span(one.median), span(one.worst), _text(one.worst_incident))
        for name, one in report.measures.items()
    ]
    yield from _table(("time", "incidents", "median", "worst", "worst incident"), rows)
    months = [
        (f"{month.start:%Y-%m}", str(month.incidents),
         *(span(one.median) for one in month.measures.values()))
        for month in report.months
    ]  # fmt: skip
    heads = ("month", "incidents", *(f"median to {name}" for name in report.measures))
    yield from _table(heads, months)


def _weeks(report: Report) -> Iterator[str]:
    yield from _head("Completed work by week")
    rows = [
        (f"{week.start}", str(week.incidents), str(week.planned), share(week.share))
        for week in report.weeks
    ]
    yield from _table(("week of", "incidents", "planned", "interrupts took"), rows)


def _repeats(rows: Sequence[UnmetRow]) -> Iterator[str]:
    yield from _head("Repeats while a follow-up was open", len(rows))
    for one in rows:
        url = one.finding.item.url if one.finding.item is not None else ""
        yield f"- {_link(one.key, url)} {_text(one.finding.title)}"
        yield from (f"  - {_text(line)}" for line in one.finding.evidence)


def _incidents(rows: Sequence[IncidentRow]) -> Iterator[str]:
    yield from _head("Incidents", len(rows))
    heads = ("incident", "title", "level", "led by", "opened", "closed", "to resolve",
             "open follow-ups", "rules not met")  # fmt: skip
    yield from _table(heads, [_incident(one) for one in rows])


def _incident(one: IncidentRow) -> tuple[str, ...]:
    return (
        _link(one.key, one.url),
        _text(one.title),
        " ".join(str(each) for each in (one.priority, one.severity) if each) or NOTHING,
        _text(one.lead) or NOTHING,
        day(one.opened),
        day(one.closed),
        span(one.resolve),
        str(one.open_follow_ups),
        ", ".join(one.unmet),
    )


def _head(words: str, number: int | None = None) -> Iterator[str]:
    yield ""
    yield f"## {words}"
    yield ""
    if number == 0:
        yield "None."


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A table with an empty line behind it; nothing without rows."""
    if rows:
        yield f"| {' | '.join(heads)} |"
        yield f"|{'---|' * len(heads)}"
        yield from (f"| {' | '.join(row)} |" for row in rows)
        yield ""


def _link(words: str, url: str) -> str:
    address = web(url)
    return f"[{escaped(words)}]({address})" if address else _text(words)


def _text(words: str) -> str:
    """Text from elsewhere: on one line, without markup, mentions and references."""
    return neutralise(at_start(words), "github")
