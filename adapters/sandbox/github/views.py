"""What the pages show of a repository, as plain values for the templates. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from adapters.sandbox.github.listing import Query, chosen
from adapters.sandbox.github.model import Event, Issue, Label
from adapters.sandbox.github.repository import Repository

#: Cards in one column, rows on one page of the list.
MOST_CARDS: Final = 40
MOST_ROWS: Final = 50

_PHASE: Final = re.compile(r"(?:phase|status)\s*[:/]+\s*(\S.*)", re.IGNORECASE)

#: The order columns stand in; other words follow by name.
_ORDER: Final = ("backlog", "todo", "ready", "doing", "active", "in progress", "blocked", "review")

#: Half of white's weight (299 + 587 + 114 parts of 255).
_MIDDLE: Final = 128_000

_WORDS: Final = {
    None: "Closed",
    "completed": "Completed",
    "not_planned": "Not planned",
    "duplicate": "Duplicate",
}


@dataclass(frozen=True, slots=True)
class PhaseLabel:
    """A label that says where an issue stands; ``word`` is what follows its prefix."""

    name: str
    word: str


def phases(repository: Repository) -> list[PhaseLabel]:
    """The repository's phase labels in the order of its columns."""
    found = [
        PhaseLabel(label.name, match[1])
        for label in repository.labels.all()
        if (match := _PHASE.fullmatch(label.name))
    ]
    rank = {word: place for place, word in enumerate(_ORDER)}
    return sorted(found, key=lambda one: (rank.get(one.word.lower(), len(rank)), one.word))


def card(repository: Repository, issue: Issue) -> dict[str, Any]:
    """One issue for a card, a row or its own page."""
    labels = [repository.labels.by_id(one) for one in issue.labels]
    phase = next((label.name for label in labels if _PHASE.fullmatch(label.name)), "")
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


def board(repository: Repository) -> list[dict[str, Any]]:
    """The columns: no phase (where there is such an issue), each phase, closed."""
    known = phases(repository)
    names = [one.name for one in known]
    columns: dict[str, list[dict[str, Any]]] = {name: [] for name in ("", *names)}
    closed: list[dict[str, Any]] = []
    for issue in _newest_first(repository):
        if issue.pull:
            continue
        shown = card(repository, issue)
        (closed if issue.state == "closed" else columns[shown["phase"]]).append(shown)
    words = {one.name: one.word.capitalize() for one in known}
    words[""] = "No phase" if known else "Open"
    listed = [
        _column(words[name], found) for name, found in columns.items() if found or name or not known
    ]
    return [*listed, _column("Closed", closed)]


def rows(repository: Repository, page: int) -> tuple[list[dict[str, Any]], int]:
    """A page of the list, newest change first, and the next page's number (0 for none)."""
    found = _newest_first(repository)
    shown = found[(page - 1) * MOST_ROWS : page * MOST_ROWS]
    more = page + 1 if len(found) > page * MOST_ROWS else 0
    return [card(repository, issue) for issue in shown], more


def _newest_first(repository: Repository) -> tuple[Issue, ...]:
    """Every issue as it is now: people see no lag."""
    query = Query(state="all", sort="updated")
    return chosen(repository.issues.values(), query, repository.labels.id_of)


def history(repository: Repository, issue: Issue) -> list[dict[str, Any]]:
    """Comments and events of an issue, oldest first."""
    said: list[dict[str, Any]] = [
        {"at": one.created_at, "id": one.id, "who": one.author, "body": one.body, "what": ""}
        for one in repository.comments_of(issue.number)
    ]
    happened: list[dict[str, Any]] = [
        {"at": one.created_at, "id": one.id, "who": one.actor, "body": None, "what": _sentence(one)}
        for one in repository.events
        if one.number == issue.number
    ]
    found = sorted([*said, *happened], key=lambda one: (one["at"], one["id"]))
    return [one | {"at": stamp(one["at"])} for one in found]


def relations(repository: Repository, issue: Issue) -> dict[str, Any]:
    """The issue's parent and children, with links."""
    world = repository.world
    parent = world.issue_by_id(issue.parent) if issue.parent is not None else None
    children = [world.issue_by_id(one) for one in issue.children]
    return {
        "parent": _linked(*parent) if parent else None,
        "children": [_linked(*one) for one in children if one is not None],
    }


def colours(repository: Repository) -> str:
    """Style rules for the labels: their own colour, and black or white on it."""
    return "\n".join(
        f".label-{label.id} {{ background: #{label.color}; color: {_readable(label)}; }}"
        for label in repository.labels.all()
    )


def stamp(at: datetime) -> str:
    """A time for people, in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _column(name: str, found: list[dict[str, Any]]) -> dict[str, Any]:
    return {"name": name, "total": len(found), "issues": found[:MOST_CARDS]}


def _linked(repository: Repository, issue: Issue) -> dict[str, Any]:
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


def _readable(label: Label) -> str:
    """Black or white, whichever contrasts more by the eye's weights of the three colours."""
    red, green, blue = (int(label.color[at : at + 2], 16) for at in (0, 2, 4))
    return "#000000" if red * 299 + green * 587 + blue * 114 > _MIDDLE else "#ffffff"
