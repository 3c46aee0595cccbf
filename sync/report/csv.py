"""A report as CSV (RFC 4180): one row for each incident, open follow-up and week, told by ``kind``.

Lengths of time are in whole seconds, days and times in ISO 8601 (UTC), unknown is empty.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from sync.report.data import FollowUpRow, IncidentRow, Report, Week

COLUMNS: Final = (
    "kind", "pair", "key", "title", "incident", "owners", "priority", "severity", "opened", "due",
    "closed", "age_seconds", "late_seconds", "respond_seconds", "resolve_seconds",
    "postmortem_seconds", "open_follow_ups", "unmet_rules", "incidents", "planned", "url",
)  # fmt: skip
#: A cell that begins so is a formula to a spreadsheet.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def write(report: Report) -> str:
    """All rows under one line of names."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for row in _rows(report):
        writer.writerow({name: _cell(value) for name, value in row.items()})
    return stream.getvalue()


def _rows(report: Report) -> Iterator[Mapping[str, object]]:
    yield from map(_incident, report.incidents)
    yield from map(_follow_up, report.follow_ups)
    yield from map(_week, report.weeks)


def _incident(one: IncidentRow) -> Mapping[str, object]:
    return {
        "kind": "incident",
        "pair": one.pair,
        "key": one.key,
        "title": one.title,
        "owners": one.lead,
        "priority": one.priority,
        "severity": one.severity,
        "opened": one.opened,
        "closed": one.closed,
        "respond_seconds": one.respond,
        "resolve_seconds": one.resolve,
        "postmortem_seconds": one.postmortem,
        "open_follow_ups": one.open_follow_ups,
        "unmet_rules": " ".join(one.unmet),
        "url": one.url,
    }


def _follow_up(one: FollowUpRow) -> Mapping[str, object]:
    return {
        "kind": "follow-up",
        "pair": one.pair,
        "key": one.key or one.place,
        "title": one.title,
        "incident": one.incident_key or one.incident,
        "owners": ", ".join(one.owners),
        "priority": one.priority,
        "opened": one.opened,
        "due": one.due,
        "age_seconds": one.age,
        "late_seconds": one.late,
        "url": one.url,
    }


def _week(one: Week) -> Mapping[str, object]:
    return {
        "kind": "week",
        "opened": one.start,
        "incidents": one.incidents,
        "planned": one.planned,
    }


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, timedelta):
        return round(value.total_seconds())
    if isinstance(value, str):
        flat = " ".join(value.split())
        return f"'{flat}" if value.startswith(_FORMULA) else flat
    return value
