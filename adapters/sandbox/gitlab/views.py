"""What the pages show of a project, as plain values for the templates. Pure."""

from typing import Any, Final

from adapters.sandbox.core import board
from adapters.sandbox.core.board import MOST_ROWS, Card, PhaseLabel, stamp
from adapters.sandbox.gitlab import links
from adapters.sandbox.gitlab.listing import Query, chosen
from adapters.sandbox.gitlab.model import SEVERITIES, TYPES, Issue
from adapters.sandbox.gitlab.project import Project

_KINDS: Final = {"relates_to": "Related to", "blocks": "Blocks", "is_blocked_by": "Blocked by"}


def phases(project: Project) -> list[PhaseLabel]:
    """The project's phase labels in the order of its columns."""
    return board.phases(label.name for label in project.labels.all())


def card(project: Project, issue: Issue) -> Card:
    """One issue for a card, a row or its own page."""
    labels = [project.labels.by_id(one) for one in issue.labels]
    phase = next((label.name for label in labels if board.is_phase(label.name)), "")
    word = "Open" if issue.state == "opened" else "Moved" if issue.moved_to else "Closed"
    notes = [one for one in project.notes_of(issue.iid) if not one.system]
    return {
        "number": issue.iid,
        "title": issue.title,
        "body": issue.description or "",
        "author": issue.author,
        "state": "open" if issue.state == "opened" else "closed",
        "reason": None,
        "word": f"{word}, confidential" if issue.confidential else word,
        "phase": phase,
        "labels": [label for label in labels if label.name != phase],
        "all_labels": labels,
        "label_ids": set(issue.labels),
        "assignees": issue.assignees,
        "comments": len(notes),
        "pull": False,
        "created": stamp(issue.created_at),
        "updated": stamp(issue.updated_at),
    }


def columns(project: Project) -> list[Card]:
    """The columns: no phase (where there is such an issue), each phase, closed."""
    return board.columns((card(project, one) for one in _newest_first(project)), phases(project))


def rows(project: Project, page: int) -> tuple[list[Card], int]:
    """A page of the list, newest change first, and the next page's number (0 for none)."""
    found = _newest_first(project)
    shown = found[(page - 1) * MOST_ROWS : page * MOST_ROWS]
    more = page + 1 if len(found) > page * MOST_ROWS else 0
    return [card(project, issue) for issue in shown], more


def _newest_first(project: Project) -> list[Issue]:
    """Every issue as it is now: people see no lag."""
    query = Query(order_by="updated_at")
    return [row[1] for row in chosen(((project, one) for one in project.issues.values()), query)]


def history(project: Project, issue: Issue) -> list[dict[str, Any]]:
    """Notes of an issue, GitLab's own among them, oldest first."""
    return [
        {
            "at": stamp(one.created_at),
            "who": one.author,
            "body": None if one.system else one.body,
            "what": one.body.replace("**", ""),
        }
        for one in project.notes_of(issue.iid)
    ]


def linked(project: Project, issue: Issue) -> list[Card]:
    """What an issue is linked with."""
    return [
        {
            "word": _KINDS[kind],
            "url": f"/{home.path}/-/issues/{other.iid}",
            "title": other.title,
        }
        for home, other, kind, _ in links.ends(project.world, issue.id)
    ]


def choices(project: Project, issue: Issue) -> list[Card]:
    """What can be chosen on an issue's page besides labels and people."""
    day = issue.due_date.isoformat() if issue.due_date else ""
    found = [
        {"name": "kind", "word": "Type", "options": TYPES, "value": issue.issue_type},
        {"name": "due", "word": "Due date", "options": (), "value": day},
    ]
    if issue.issue_type == "incident":
        severity = {"name": "severity", "word": "Severity", "options": SEVERITIES}
        found.append(severity | {"value": issue.severity})
    if project.world.habits.premium:
        names = tuple(one.name for one in project.world.statuses)
        value = project.world.status_of(issue).name
        found.append({"name": "status", "word": "Status", "options": names, "value": value})
    return found
