"""A report as plain text for a terminal or a mail."""

from collections.abc import Iterator, Sequence

from sync.report.data import FollowUpRow, Group, Report, UnmetRow
from sync.report.words import NOTHING, day, many, share, span


def write(report: Report) -> str:
    """All of it, but the list of incidents and the findings that have a part of their own."""
    return "\n".join(line.rstrip() for line in _lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield f"Incident follow-up: {', '.join(report.pairs)}"
    yield f"{report.made_at:%Y-%m-%d %H:%M} UTC, since {day(report.since)}"
    if not report.complete:
        yield "Not everything could be read: something may be lacking here."
    yield "Findings: " + ", ".join(f"{number} {name}" for name, number in report.levels.items())
    yield from _missing(report.missing)
    yield from _follow_ups(report)
    yield from _completion(report)
    yield from _times(report)
    yield from _weeks(report)
    yield from _repeats(report.repeats)


def _missing(rows: Sequence[UnmetRow]) -> Iterator[str]:
    yield from _head("Incidents without a postmortem", len(rows))
    yield from _table(
        [
            (
                one.key,
                _level(one),
                f"closed {day(one.closed)}",
                one.finding.title,
                _pressing(one),
            )
            for one in rows
        ]
    )


def _level(one: UnmetRow) -> str:
    found = one.finding
    return " ".join(str(level) for level in (found.priority, found.severity) if level)


def _pressing(one: UnmetRow) -> str:
    """How pressing it is; a waived one with who waived it and why."""
    waiver = one.finding.waiver
    if waiver is None:
        return str(one.finding.level)
    return f"waived until {day(waiver.until)}: {waiver.reason}"


def _follow_ups(report: Report) -> Iterator[str]:
    rows = report.follow_ups
    late = sum(one.late is not None for one in rows)
    yield from _head("Open follow-ups", len(rows), f", {late} late" if late else "")
    yield from _table([_follow_up(one) for one in rows])
    for name, groups in (
        ("incident", report.by_incident),
        ("owner", report.by_owner),
        ("priority", report.by_priority),
        ("age", report.by_age),
    ):
        if groups:
            yield ""
            yield f"By {name}"
            yield from _table([_group(one) for one in groups])


def _follow_up(one: FollowUpRow) -> tuple[str, ...]:
    late = f"late {span(one.late)}" if one.late is not None else ""
    return (
        one.priority or NOTHING,
        f"due {day(one.due)}" if one.due else "no date",
        late,
        ", ".join(one.owners) or "nobody",
        f"{span(one.age)} old",
        one.key or one.place or "no issue",
        one.title,
    )


def _group(one: Group) -> tuple[str, ...]:
    return one.name, f"{one.open} open", f"{one.late} late", f"oldest {span(one.oldest)}"


def _completion(report: Report) -> Iterator[str]:
    found = report.punctuality
    yield from _head("Follow-ups that fell due")
    if found.share is None and not found.unknown:
        yield "  none"
        return
    unknown = f", {found.unknown} done at an unknown time" if found.unknown else ""
    yield (
        f"  {share(found.share)} on time: {found.on_time} on time, {found.late} late, "
        f"{found.open} still open{unknown}"
    )


def _times(report: Report) -> Iterator[str]:
    opened = sum(month.incidents for month in report.months)
    yield from _head("Times of the incidents opened", opened)
    rows = [
        (f"to {name}", f"median {span(one.median)}", f"worst {span(one.worst)}",
         one.worst_incident, f"of {one.count}")
        for name, one in report.measures.items()
    ]  # fmt: skip
    yield from _table(rows)
    if opened:
        yield ""
        yield from _table(
            [
                ("month", "incidents", *(f"to {name}" for name in report.measures)),
                *(
                    (
                        f"{month.start:%Y-%m}",
                        str(month.incidents),
                        *(span(one.median) for one in month.measures.values()),
                    )
                    for month in report.months
                ),
            ]
        )


def _weeks(report: Report) -> Iterator[str]:
    incidents = sum(week.incidents for week in report.weeks)
    planned = sum(week.planned for week in report.weeks)
    yield from _head("Completed work by week")
    done = incidents + planned
    part = share(incidents / done if done else None)
    yield f"  {many(incidents, 'incident')}, {planned} planned; interrupts took {part}"
    rows = [
        (f"week of {week.start}", many(week.incidents, "incident"), f"{week.planned} planned",
         share(week.share))
        for week in report.weeks
        if week.share is not None
    ]  # fmt: skip
    yield from _table(rows)


def _repeats(rows: Sequence[UnmetRow]) -> Iterator[str]:
    yield from _head("Repeats while a follow-up was open", len(rows))
    for one in rows:
        yield f"  {one.key}  {one.finding.title}".rstrip()
        yield from (f"    {line}" for line in one.finding.evidence)


def _head(words: str, number: int | None = None, more: str = "") -> Iterator[str]:
    yield ""
    yield words if number is None else f"{words}: {number or 'none'}{more}"


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows under each other, each column as wide as its widest text; newlines become blanks."""
    flat = [[" ".join(cell.split()) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*flat, strict=True)]
    for row in flat:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True) if width)
        yield "  " + "  ".join(cells).rstrip()
