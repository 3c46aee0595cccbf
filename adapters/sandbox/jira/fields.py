"""Values of a request's fields, checked and read as the state keeps them. Pure.

A field's JSON becomes a change (field id and inner value); what is wrong with any of them is
said of all of them at once, as Jira does.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from adapters.sandbox.core.access import Access
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.jira import adf
from adapters.sandbox.jira.model import (
    LABEL_LIMIT,
    SUMMARY_LIMIT,
    TEXT_LIMIT,
    FieldKind,
    Issue,
    IssueType,
    Named,
    Rich,
)
from adapters.sandbox.jira.project import Project

if TYPE_CHECKING:
    from adapters.sandbox.jira.state import JiraState

#: Field ids and the inner values they get.
Changes: TypeAlias = dict[str, Any]

#: Every field of the system that a request may set, and what it holds.
SYSTEM: Final[Mapping[str, tuple[str, str]]] = {
    "project": ("Project", "project"),
    "issuetype": ("Issue Type", "issuetype"),
    "summary": ("Summary", "string"),
    "description": ("Description", "string"),
    "environment": ("Environment", "string"),
    "priority": ("Priority", "priority"),
    "labels": ("Labels", "array"),
    "assignee": ("Assignee", "user"),
    "reporter": ("Reporter", "user"),
    "duedate": ("Due date", "date"),
    "parent": ("Parent", "issuelink"),
    "components": ("Components", "array"),
    "resolution": ("Resolution", "resolution"),
}

#: Where an issue keeps a field whose id is another word.
_KEPT: Final = {"issuetype": "type", "duedate": "due"}


class Wrong(Exception):  # noqa: N818  named by what it is
    """What is wrong with one field, as Jira says it."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Where values are set: the site, the project, and the interface's version ("2" or "3")."""

    world: "JiraState"
    project: Project
    version: str = "2"


def refused(errors: Mapping[str, str], messages: str = "") -> Refused:
    """A 400 that lists what is wrong with which field."""
    return Refused(400, messages, (dict(errors),))


def read(setting: Setting, raw: Mapping[str, Any], screen: Iterable[str]) -> Changes:
    """The changes a request asks for; only fields on the screen. Raises Refused (400)."""
    custom = {one.id: one for one in setting.project.custom}
    allowed = set(screen)
    changes: Changes = {}
    errors = {
        name: f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."
        for name in raw
        if name not in allowed
    }
    for name in [one for one in raw if one in allowed]:
        value = raw[name]
        try:
            if name in custom:
                changes[name] = _custom(custom[name], value)
            else:
                changes[name] = _READERS[name](setting, value)
        except Wrong as wrong:
            errors[name] = str(wrong)
    if errors:
        raise refused(errors)
    return changes


def applied(issue: Issue, changes: Changes) -> Issue:
    """The issue with the changes made."""
    plain = {_KEPT.get(name, name): value for name, value in changes.items() if name in SYSTEM}
    custom = dict(issue.custom) | {
        name: value for name, value in changes.items() if name not in SYSTEM
    }
    kept = tuple(sorted(pair for pair in custom.items() if pair[1] is not None))
    return replace(issue, **plain, custom=kept)


def missing(project: Project, kind: IssueType, issue: Issue) -> dict[str, str]:
    """What a new issue still lacks."""
    have = dict(issue.custom)
    return {
        one.id: f"{one.name} is required."
        for one in project.fields_of(kind)
        if project.requires(one, kind) and have.get(one.id) is None
    }


def screen(project: Project, kind: IssueType) -> tuple[str, ...]:
    """The fields that may be set when an issue is made or edited."""
    plain = [name for name in SYSTEM if name not in {"project", "resolution"} | project.absent]
    return (*plain, *(one.id for one in project.fields_of(kind)))


# Single fields


def _summary(_setting: Setting, value: object) -> str:
    if not isinstance(value, str):
        raise Wrong("Operation value must be a string")
    if not value.strip():
        raise Wrong("You must specify a summary of the issue.")
    if "\n" in value or "\r" in value:
        raise Wrong("The summary is invalid because it contains newline characters.")
    if len(value) > SUMMARY_LIMIT:
        raise Wrong(f"Summary can't exceed {SUMMARY_LIMIT} characters.")
    return value.strip()


def rich(setting: Setting, value: object) -> Rich | None:
    """A long text in the version's spelling. Raises Wrong."""
    if value is None or value == "":
        return None
    if setting.version == "3":
        if not isinstance(value, dict) or value.get("type") != "doc":
            raise Wrong(
                "Operation value must be an Atlassian Document (see the Atlassian Document Format)"
            )
        found = Rich(adf.to_wiki(value), value)
    elif isinstance(value, str):
        found = adf.reflowed(value) if setting.world.habits.reflow else Rich(value)
    else:
        raise Wrong("Operation value must be a string")
    if len(found.wiki) > TEXT_LIMIT:
        raise Wrong(
            "The entered text is too long. It exceeds the allowed limit of "
            f"{TEXT_LIMIT:,} characters."
        )
    return found


def _labels(_setting: Setting, value: object) -> tuple[str, ...]:
    found = value if isinstance(value, list) else [] if value is None else None
    if found is None or not all(isinstance(one, str) for one in found):
        raise Wrong("Operation value must be an array of strings")
    for label in found:
        if any(letter.isspace() for letter in label):
            raise Wrong(f"The label '{label}' contains spaces which is invalid.")
        if len(label) > LABEL_LIMIT:
            raise Wrong(
                f"The label '{label}' exceeds the maximum length for single label value of "
                f"{LABEL_LIMIT} characters."
            )
    return tuple(sorted(dict.fromkeys(one for one in found if one)))


def _issuetype(setting: Setting, value: object) -> str:
    among = [Named(one.id, one.name) for one in setting.project.types]
    found = chosen(value, among)
    if found is None:
        raise Wrong("Specify a valid issue type")
    return found.id


def _priority(setting: Setting, value: object) -> str | None:
    if value is None:
        return None
    among = [one for one in setting.world.priorities if one.id in setting.project.priorities]
    found = chosen(value, among)
    if found is None:
        raise Wrong("The priority selected is invalid.")
    return found.id


def _resolution(setting: Setting, value: object) -> str | None:
    found = chosen(value, setting.world.resolutions)
    if found is None and value is not None:
        raise Wrong("Specify a valid 'id' or 'name' for Resolution")
    return found.id if found else None


def person(setting: Setting, value: object) -> str | None:
    """The login somebody is meant by; None for nobody. Raises Wrong."""
    world = setting.world
    if value is None:
        return None
    if not isinstance(value, dict):
        raise Wrong("data was not an object")
    cloud = world.flavour == "cloud"
    if cloud and not {"accountId", "id"} & set(value) and {"name", "key"} & set(value):
        raise Wrong(
            "'accountId' must be the only user identifying query parameter in GDPR strict mode."
        )
    wanted = value.get("accountId", value.get("id")) if cloud else value.get("name")
    if wanted in {None, "-1"}:
        return None
    found = world.user_by_account(str(wanted)) if cloud else world.users.get(str(wanted).lower())
    if found is None:
        raise Wrong("Specify a valid value for assignee" if cloud else "User does not exist.")
    return found.login


def _assignee(setting: Setting, value: object) -> str | None:
    login = person(setting, value)
    if login is not None and setting.project.people.get(login, Access.NONE) < Access.WRITE:
        shown = setting.world.user(login).name if setting.world.flavour == "cloud" else login
        raise Wrong(f"User '{shown}' cannot be assigned issues.")
    return login


def _due(_setting: Setting, value: object) -> str | None:
    return _date(value)


def _date(value: object) -> str | None:
    if value is None or value == "":
        return None
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise Wrong("Error parsing date string: " + str(value)) from None


def _parent(setting: Setting, value: object) -> int | None:
    if value is None:
        return None
    given = value if isinstance(value, dict) else {}
    found = setting.world.issues.find(str(given.get("key") or given.get("id") or ""))
    if found is None:
        raise Wrong("Could not find issue by id or key.")
    return found.id


def _components(setting: Setting, value: object) -> tuple[str, ...]:
    given = value if isinstance(value, list) else []
    found = [chosen(one, setting.project.components) for one in given]
    if None in found:
        raise Wrong("Component name is not valid")
    return tuple(one.id for one in found if one)


def _never(_setting: Setting, _value: object) -> None:
    raise Wrong("Field 'project' cannot be set. It is not on the appropriate screen, or unknown.")


def chosen(value: object, among: Iterable[Named]) -> Named | None:
    """The one meant by ``{"id": …}`` or ``{"name": …}`` (an option: ``{"value": …}``)."""
    if not isinstance(value, dict):
        return None
    if value.get("id") is not None:
        return next((one for one in among if one.id == str(value["id"])), None)
    name = value.get("name", value.get("value"))
    return next((one for one in among if one.name == name), None)


def _custom(kind: FieldKind, value: object) -> object:
    """A custom field's value; an option is kept by its id."""
    if value is None or value == "":
        return None
    match kind.holds:
        case "option":
            found = chosen(value, kind.options)
            if found is None:
                raise Wrong(f"Specify a valid 'id' or 'name' for {kind.name}")
            return found.id
        case "number":
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise Wrong("Operation value must be a number")
            return value
        case "date":
            return _date(value)
        case _:
            if not isinstance(value, str):
                raise Wrong("Operation value must be a string")
            return value


_READERS: Final[Mapping[str, Callable[[Setting, object], Any]]] = {
    "project": _never,
    "issuetype": _issuetype,
    "summary": _summary,
    "description": rich,
    "environment": rich,
    "priority": _priority,
    "labels": _labels,
    "assignee": _assignee,
    "reporter": person,
    "duedate": _due,
    "parent": _parent,
    "components": _components,
    "resolution": _resolution,
}
