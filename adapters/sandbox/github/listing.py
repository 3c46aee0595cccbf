"""Which issues a list shows, and in what order. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from adapters.sandbox.github.model import Issue


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One list request. ``since`` (UTC) is inclusive; ``labels`` are lower-case, all required.

    ``assignee`` and ``milestone`` take ``*`` (any) and ``none``; empty is "whatever".
    """

    state: Literal["open", "closed", "all"] = "open"
    sort: Literal["created", "updated", "comments"] = "created"
    direction: Literal["asc", "desc"] = "desc"
    since: datetime | None = None
    creator: str = ""
    assignee: str = ""
    milestone: str = ""
    labels: tuple[str, ...] = ()


_KEYS: Final[dict[str, Callable[[Issue], tuple[object, int]]]] = {
    "created": lambda issue: (issue.created_at, issue.number),
    "updated": lambda issue: (issue.updated_at, issue.number),
    "comments": lambda issue: (issue.comments, issue.number),
}


def chosen(
    issues: Iterable[Issue], query: Query, label_id: Callable[[str], int | None]
) -> tuple[Issue, ...]:
    """The issues the query asks for, in its order. ``label_id`` knows labels by name."""
    wanted = [label_id(name) for name in query.labels]
    found = [issue for issue in issues if _fits(issue, query, wanted)]
    found.sort(key=_KEYS[query.sort], reverse=query.direction == "desc")
    return tuple(found)


def _fits(issue: Issue, query: Query, labels: list[int | None]) -> bool:
    return (
        query.state in {"all", issue.state}
        and (query.since is None or issue.updated_at >= query.since)
        and (not query.creator or issue.author.lower() == query.creator.lower())
        and _matches(query.assignee, [login.lower() for login in issue.assignees])
        and _matches(query.milestone, [str(issue.milestone)] if issue.milestone else [])
        and all(label in issue.labels for label in labels)
    )


def _matches(wanted: str, present: list[str]) -> bool:
    if wanted in {"", "*", "none"}:
        return wanted == "" or bool(present) == (wanted == "*")
    return wanted.lower() in present
