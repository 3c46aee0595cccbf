"""A report as JSON: times ISO 8601 in UTC, lengths of time in whole seconds, unknown is null."""

from dataclasses import fields
from datetime import date, datetime, timedelta
from typing import Any

from sync.report.data import FollowUpRow, Group, IncidentRow, Measure, Report, UnmetRow
from sync.rules.model import Finding


def as_json(report: Report) -> dict[str, Any]:
    """All of a report, in the order of its text."""
    return {
        "made_at": _value(report.made_at),
        "since": _value(report.since),
        "pairs": list(report.pairs),
        "complete": report.complete,
        "levels": report.levels,
        "incidents_without_postmortem": [_unmet(one) for one in report.missing],
        "open_follow_ups": [_row(one) for one in report.follow_ups],
        "open_follow_ups_by": {
            "incident": _groups(report.by_incident),
            "owner": _groups(report.by_owner),
            "priority": _groups(report.by_priority),
            "age": _groups(report.by_age),
        },
        "completion": {**_plain(report.punctuality), "share": report.punctuality.share},
        "times": {name: _row(one) for name, one in report.measures.items()},
        "months": [
            {
                "month": f"{month.start:%Y-%m}",
                "incidents": month.incidents,
                **{name: _row(one) for name, one in month.measures.items()},
            }
            for month in report.months
        ],
        "weeks": [{**_plain(week), "share": week.share} for week in report.weeks],
        "repeats": [_unmet(one) for one in report.repeats],
        "incidents": [_row(one) for one in report.incidents],
        "findings": [finding_json(one) for one in report.findings],
    }


def finding_json(one: Finding) -> dict[str, Any]:
    """One finding."""
    waiver = one.waiver
    return {
        "rule": one.rule,
        "pair": one.pair,
        "level": one.level.value,
        "since": _value(one.since),
        "overdue_from": _value(one.until),
        "title": one.title,
        "text": one.text,
        "remedy": one.remedy,
        "evidence": list(one.evidence),
        "item": (one.item.key or one.item.id) if one.item else None,
        "url": (one.item.url or None) if one.item else None,
        "place": one.place or None,
        "priority": one.priority,
        "severity": one.severity,
        "owners": list(one.owners),
        "waived": (
            {"reason": waiver.reason, "until": _value(waiver.until), "by": waiver.by or None}
            if waiver is not None
            else None
        ),
    }


def _unmet(one: UnmetRow) -> dict[str, Any]:
    return {
        **finding_json(one.finding),
        "closed": _value(one.closed),
        "services": list(one.services),
    }


def _groups(groups: tuple[Group, ...]) -> list[dict[str, Any]]:
    return [_row(one) for one in groups]


def _row(one: FollowUpRow | Group | IncidentRow | Measure) -> dict[str, Any]:
    """A row; a text that is not known is null too."""
    return {name: None if value == "" else value for name, value in _plain(one).items()}


def _plain(one: Any) -> dict[str, Any]:  # noqa: ANN401  any of the report's dataclasses
    return {each.name: _value(getattr(one, each.name)) for each in fields(one)}


def _value(value: object) -> object:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return round(value.total_seconds())
    return list(value) if isinstance(value, tuple) else value
