"""What differs between two states of an issue, as Jira's history says it. Pure."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from adapters.sandbox.jira.model import Issue, Rich

if TYPE_CHECKING:
    from adapters.sandbox.jira.state import JiraState

_FIELDS = {
    "summary": "summary",
    "description": "description",
    "environment": "environment",
    "type": "issuetype",
    "status": "status",
    "priority": "priority",
    "resolution": "resolution",
    "labels": "labels",
    "assignee": "assignee",
    "reporter": "reporter",
    "due": "duedate",
    "parent": "IssueParentAssociation",
    "key": "Key",
}


def changed_items(
    world: "JiraState", before: Issue, after: Issue
) -> tuple[Mapping[str, object], ...]:
    """One item for each field that differs."""
    items: list[Mapping[str, object]] = []
    for attribute, name in _FIELDS.items():
        old, new = getattr(before, attribute), getattr(after, attribute)
        if old != new:
            items.append(_item(name, _shown(world, attribute, old), _shown(world, attribute, new)))
    old_custom, new_custom = dict(before.custom), dict(after.custom)
    for name in sorted(old_custom.keys() | new_custom.keys()):
        if old_custom.get(name) != new_custom.get(name):
            old, new = old_custom.get(name), new_custom.get(name)
            items.append(_item(name, (None, _words(old)), (None, _words(new))))
    return tuple(items)


def _item(
    name: str, old: tuple[str | None, str | None], new: tuple[str | None, str | None]
) -> Mapping[str, object]:
    return {
        "field": name,
        "fieldtype": "custom" if name.startswith("customfield_") else "jira",
        "fieldId": name,
        "from": old[0],
        "fromString": old[1],
        "to": new[0],
        "toString": new[1],
    }


def _shown(world: "JiraState", attribute: str, value: object) -> tuple[str | None, str | None]:
    """A value's id, where it has one, and its words."""
    if value is None:
        return None, None
    word = str(value)
    match attribute:
        case "status":
            return word, world.statuses[word].name
        case "priority":
            return word, next((one.name for one in world.priorities if one.id == word), word)
        case "resolution":
            return word, next((one.name for one in world.resolutions if one.id == word), word)
        case "assignee" | "reporter":
            user = world.user(word)
            return user.account_id if world.flavour == "cloud" else user.key, user.name
        case _:
            return None, _words(value)


def _words(value: object) -> str | None:
    if isinstance(value, Rich):
        return value.wiki
    if isinstance(value, tuple):
        return " ".join(str(one) for one in value)
    return None if value is None else str(value)
