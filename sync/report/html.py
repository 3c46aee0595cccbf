"""A report as one HTML page that needs nothing else: no script, no file, no network."""

from functools import cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from sync.report import words
from sync.report.charts import by_month, by_week
from sync.report.data import Report
from sync.report.links import web

_TEMPLATE: Final = "report.html"
#: Rows of a list that stand on the page; the others are one click away, and only counted on paper.
SHOWN: Final = 12
#: The same of what takes several lines.
FEW: Final = 5


@cache
def _environment() -> Environment:
    """Escapes every text; an unknown name is a mistake."""
    made = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=PackageLoader("sync.report"),
    )
    made.filters |= {"span": words.span, "day": words.day, "share": words.share, "web": web}
    made.globals |= {"many": words.many, "nothing": words.NOTHING}
    return made


def write(report: Report) -> str:
    """The whole page."""
    groups = {
        "incident": report.by_incident,
        "owner": report.by_owner,
        "priority": report.by_priority,
        "age": report.by_age,
    }
    return (
        _environment()
        .get_template(_TEMPLATE)
        .render(
            report=report,
            groups=groups,
            late=sum(one.late is not None for one in report.follow_ups),
            opened=sum(month.incidents for month in report.months),
            weeks=by_week(report.weeks),
            load=_load(report),
            shown=SHOWN,
            few=FEW,
            rules=_by_rule(report),
            months={name: by_month(report.months, name) for name in report.measures},
        )
    )


def _by_rule(report: Report) -> list[tuple[str, dict[str, int]]]:
    """How many findings of each level every rule has, those with the most pressing ones first."""
    found: dict[str, dict[str, int]] = {}
    for one in report.findings:
        counts = found.setdefault(one.rule, dict.fromkeys(report.levels, 0))
        counts["waived" if one.waived else one.level.value] += 1
    return sorted(found.items(), key=lambda one: ([-number for number in one[1].values()], one[0]))


def _load(report: Report) -> float | None:
    """The incidents' part of all that was completed."""
    incidents = sum(week.incidents for week in report.weeks)
    done = incidents + sum(week.planned for week in report.weeks)
    return incidents / done if done else None
