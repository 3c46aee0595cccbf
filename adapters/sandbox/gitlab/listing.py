"""Which issues a list shows, and in what order. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, TypeAlias

from adapters.sandbox.gitlab.model import Issue
from adapters.sandbox.gitlab.project import Project

Row: TypeAlias = tuple[Project, Issue]

#: Wildcards that GitLab takes for labels and assignees, in lower case.
_ANY: Final = "any"
_NONE: Final = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One list request. Times are UTC; ``..._after`` are inclusive, ``..._before`` too.

    Empty is "whatever"; ``assignee`` and one of ``labels`` may be "any" or "none".
    """

    state: str = "all"
    labels: tuple[str, ...] = ()
    iids: tuple[int, ...] = ()
    author: str = ""
    assignee: str = ""
    types: tuple[str, ...] = ()
    search: str = ""
    confidential: bool | None = None
    due: str = ""
    updated_after: datetime | None = None
    updated_before: datetime | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    order_by: str = "created_at"
    sort: str = "desc"


#: What lists can be sorted by.
KEYS: Final[dict[str, Callable[[Row], object]]] = {
    "created_at": lambda row: row[1].created_at,
    "updated_at": lambda row: row[1].updated_at,
    "title": lambda row: row[1].title,
    "due_date": lambda row: row[1].due_date or date.max,
    "relative_position": lambda row: row[1].id,
    "id": lambda row: row[1].id,
}


def key(row: Row, order_by: str) -> tuple[object, int]:
    """What a row is sorted by."""
    return KEYS[order_by](row), row[1].id


def chosen(rows: Iterable[Row], query: Query) -> list[Row]:
    """The rows the query asks for, in its order."""
    found = [row for row in rows if _fits(row[1], query) and _labelled(row, query.labels)]
    found.sort(key=lambda row: key(row, query.order_by), reverse=query.sort == "desc")
    return found


def _fits(issue: Issue, query: Query) -> bool:
    return (
        query.state in {"all", "", issue.state}
        and _between(issue.updated_at, query.updated_after, query.updated_before)
        and _between(issue.created_at, query.created_after, query.created_before)
        and (not query.iids or issue.iid in query.iids)
        and (not query.author or issue.author.lower() == query.author.lower())
        and _assigned(issue, query.assignee.lower())
        and (not query.types or issue.issue_type in query.types)
        and (query.confidential is None or issue.confidential == query.confidential)
        and (query.due != "0" or issue.due_date is None)
        and _mentions(issue, query.search.lower())
    )


def _between(at: datetime, after: datetime | None, before: datetime | None) -> bool:
    return (after is None or at >= after) and (before is None or at <= before)


def _assigned(issue: Issue, wanted: str) -> bool:
    if wanted in {_ANY, _NONE}:
        return bool(issue.assignees) == (wanted == _ANY)
    return not wanted or wanted in {one.lower() for one in issue.assignees}


def _mentions(issue: Issue, words: str) -> bool:
    return not words or words in issue.title.lower() or words in (issue.description or "").lower()


def _labelled(row: Row, wanted: tuple[str, ...]) -> bool:
    if not wanted:
        return True
    project, issue = row
    if wanted[0].lower() in {_ANY, _NONE}:
        return bool(issue.labels) == (wanted[0].lower() == _ANY)
    return set(wanted) <= set(project.labels.names(issue.labels))
