"""What the pages show of a repository, as plain values for the templates. Pure."""

from typing import Any, Final

from adapters.sandbox.core import board
from adapters.sandbox.core.board import MOST_ROWS, Card, PhaseLabel, stamp
from adapters.sandbox.github.listing import Query, chosen
from adapters.sandbox.github.model import Event, Issue
from adapters.sandbox.github.repository import Repository

_WORDS: Final = {
    None: "Closed",
    "completed": "Completed",
    "not_planned": "Not planned",
    "duplicate": "Duplicate",
}


def phases(repository: Repository) -> list[PhaseLabel]:
    """The repository's phase labels in the order of its columns."""
    return board.phases(label.name for label in repository.labels.all())


def card(repository: Repository, issue: Issue) -> Card:
    """One issue for a card, a row or its own page."""
    labels = [repository.labels.by_id(one) for one in issue.labels]
    phase = next((label.name for label in labels if board.is_phase(label.name)), "")
    return {
        "number": issue.number,
        "title": issue.title,
        "body": issue.body or "",
        "author": issue.author,
        "state": issue.state,
        "reason": issue.reason if issue.state == "closed" else None,
        "word": "Open" if issue.state == "open" else _WORDS.get(issue.reason, "Closed"),
        "phase": phase,
        "labels": [label for label in labels if label.name != phase],
        "all_labels": labels,
        "label_ids": set(issue.labels),
        "assignees": issue.assignees,
        "comments": issue.comments,
        "pull": issue.pull,
        "created": stamp(issue.created_at),
        "updated": stamp(issue.updated_at),
    }


def columns(repository: Repository) -> list[Card]:
    """The columns: no phase (where there is such an issue), each phase, closed."""
    cards = (card(repository, issue) for issue in _newest_first(repository) if not issue.pull)
    return board.columns(cards, phases(repository))


def rows(repository: Repository, page: int) -> tuple[list[Card], int]:
    """A page of the list, newest change first, and the next page's number (0 for none)."""
    found = _newest_first(repository)
    shown = found[(page - 1) * MOST_ROWS : page * MOST_ROWS]
    more = page + 1 if len(found) > page * MOST_ROWS else 0
    return [card(repository, issue) for issue in shown], more


def _newest_first(repository: Repository) -> tuple[Issue, ...]:
    """Every issue as it is now: people see no lag."""
    query = Query(state="all", sort="updated")
    return chosen(repository.issues.values(), query, repository.labels.id_of)


def history(repository: Repository, issue: Issue) -> list[Card]:
    """Comments and events of an issue, oldest first."""
    said: list[Card] = [
        {"at": one.created_at, "id": one.id, "who": one.author, "body": one.body, "what": ""}
        for one in repository.comments_of(issue.number)
    ]
    happened: list[Card] = [
        {"at": one.created_at, "id": one.id, "who": one.actor, "body": None, "what": _sentence(one)}
        for one in repository.events
        if one.number == issue.number
    ]
    found = sorted([*said, *happened], key=lambda one: (one["at"], one["id"]))
    return [one | {"at": stamp(one["at"])} for one in found]


def relations(repository: Repository, issue: Issue) -> Card:
    """The issue's parent and children, with links."""
    world = repository.world
    parent = world.issue_by_id(issue.parent) if issue.parent is not None else None
    children = [world.issue_by_id(one) for one in issue.children]
    return {
        "parent": _linked(*parent) if parent else None,
        "children": [_linked(*one) for one in children if one is not None],
    }


def _linked(repository: Repository, issue: Issue) -> Card:
    url = f"/{repository.full_name}/issues/{issue.number}"
    return {"url": url, "title": issue.title, "state": issue.state}


def _sentence(event: Event) -> str:
    detail: Any = event.detail
    match event.event:
        case "labeled":
            return f"added the label {detail['label']['name']}"
        case "unlabeled":
            return f"removed the label {detail['label']['name']}"
        case "closed":
            return f"closed this as {_WORDS[detail['state_reason']].lower()}"
        case "renamed":
            return f"changed the title from “{detail['rename']['from']}”"
        case "assigned" | "unassigned":
            return f"{event.event} {detail['assignee']}"
        case _:
            return f"{event.event.replace('_', ' ')} this"
