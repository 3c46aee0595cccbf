"""Quick actions: lines of a text that GitLab runs instead of keeping. Pure.

docs.gitlab.com, "GitLab quick actions". Every command of the list is taken out of a text; those
that change what followthrough follows are carried out, too.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any, Final

from adapters.sandbox.gitlab.model import Edit
from mappings.item import UNSET, Unset

#: Commands on issues and incidents.
COMMANDS: Final = frozenset(
    [
        "add_child",
        "add_contacts",
        "add_email",
        "assign",
        "award",
        "blocked_by",
        "blocks",
        "board_move",
        "cc",
        "clear_health_status",
        "clear_weight",
        "clone",
        "close",
        "confidential",
        "convert_to_ticket",
        "copy_metadata",
        "create_merge_request",
        "done",
        "due",
        "duplicate",
        "epic",
        "estimate",
        "health_status",
        "iteration",
        "label",
        "labels",
        "link",
        "linked_items",
        "lock",
        "milestone",
        "move",
        "page",
        "promote_to",
        "promote_to_incident",
        "publish",
        "react",
        "reassign",
        "relabel",
        "relate",
        "remove_contacts",
        "remove_due_date",
        "remove_email",
        "remove_epic",
        "remove_estimate",
        "remove_iteration",
        "remove_milestone",
        "remove_parent",
        "remove_time_spent",
        "remove_zoom",
        "reopen",
        "reset_weight",
        "restore",
        "set_parent",
        "severity",
        "shrug",
        "spend",
        "spend_time",
        "spent",
        "status",
        "subscribe",
        "tableflip",
        "target_branch",
        "time_estimate",
        "timeline",
        "title",
        "todo",
        "type",
        "unassign",
        "unlabel",
        "unlink",
        "unlock",
        "unsubscribe",
        "weight",
        "zoom",
    ]
)

_LINE: Final = re.compile(r" {0,3}/([A-Za-z_]+)(?:[ \t]+(.*?))?[ \t]*\n?", re.DOTALL)
_FENCE: Final = re.compile(r" {0,3}(```|~~~|>>>)")
_NAMES: Final = re.compile(r'~"([^"]+)"|~([^\s~]+)')
_PEOPLE: Final = re.compile(r"@([\w.-]+)")
_SEVERITY: Final = {
    "critical": "CRITICAL",
    "s1": "CRITICAL",
    "high": "HIGH",
    "s2": "HIGH",
    "medium": "MEDIUM",
    "s3": "MEDIUM",
    "low": "LOW",
    "s4": "LOW",
    "unknown": "UNKNOWN",
}


def split(text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The text as GitLab keeps it, and the quick actions it took out: (command, argument).

    Looking for them drops carriage returns and blanks at the end (``extractor.rb``). Code and
    quoted blocks are left alone.
    """
    kept: list[str] = []
    orders: list[tuple[str, str]] = []
    fence = ""
    for line in text.replace("\r", "").splitlines(keepends=True):
        mark = _FENCE.match(line)
        if mark and fence in {"", mark[1]}:
            fence = "" if fence else mark[1]
        found = None if fence or mark else _LINE.fullmatch(line)
        if found and found[1].lower() in COMMANDS:
            orders.append((found[1].lower(), found[2] or ""))
        else:
            kept.append(line)
    return "".join(kept).rstrip(), tuple(orders)


def edit_for(orders: tuple[tuple[str, str], ...]) -> Edit:
    """What the commands change in an issue; the others are handed on as ``orders``."""
    edit = Edit(orders=orders)
    for name, argument in orders:
        change = _CHANGES.get(name)
        if change is not None:
            edit = replace(edit, **change(edit, argument))
    return edit


def _labels(argument: str) -> tuple[str, ...]:
    return tuple(quoted or plain for quoted, plain in _NAMES.findall(argument))


def _people(argument: str) -> tuple[str, ...]:
    return tuple(_PEOPLE.findall(argument))


def _day(argument: str) -> date | Unset:
    try:
        return date.fromisoformat(argument.strip())
    except ValueError:
        return UNSET


_CHANGES: Final[dict[str, Callable[[Edit, str], dict[str, Any]]]] = {
    "close": lambda _, __: {"event": "close"},
    "reopen": lambda _, __: {"event": "reopen"},
    "duplicate": lambda _, __: {"event": "close"},
    "title": lambda _, text: {"title": text or UNSET},
    "label": lambda edit, text: {"add_labels": (*edit.add_labels, *_labels(text))},
    "labels": lambda edit, text: {"add_labels": (*edit.add_labels, *_labels(text))},
    "unlabel": lambda edit, text: {"remove_labels": (*edit.remove_labels, *_labels(text))},
    "relabel": lambda _, text: {"labels": _labels(text)},
    "assign": lambda _, text: {"assignees": _people(text)},
    "reassign": lambda _, text: {"assignees": _people(text)},
    "unassign": lambda _, __: {"assignees": ()},
    "due": lambda _, text: {"due_date": _day(text)},
    "remove_due_date": lambda _, __: {"due_date": None},
    "confidential": lambda _, __: {"confidential": True},
    "lock": lambda _, __: {"locked": True},
    "unlock": lambda _, __: {"locked": False},
    "severity": lambda _, text: {"severity": _SEVERITY.get(text.strip().lower(), UNSET)},
    "status": lambda _, text: {"status": text.strip().strip('"') or UNSET},
    "promote_to_incident": lambda _, __: {"issue_type": "incident"},
    "type": lambda _, text: {"issue_type": text.strip().lower().replace(" ", "_") or UNSET},
}
