"""Redmine's issues to items and back, both directions side by side. Pure."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from mappings.item import UNSET, Draft, Fields, Item, Patch, Ref, Unset
from mappings.markers import find_marker
from mappings.mirror import Mirror, read_mirror
from mappings.profile import Profile
from mappings.text import one_line, read_section
from mappings.titles import read_title, write_title
from mappings.vocabulary import Category, Kind, Phase, Priority, Resolution

#: Redmine's own limit on a subject.
TITLE_LIMIT: Final = 255
BODY_LIMIT: Final = 60_000
MIRROR: Final = Mirror("redmine", BODY_LIMIT)
Raw = dict[str, Any]


def read_issue(raw: Raw, profile: Profile, url: str) -> Item:
    """The item an issue is. Raises KeyError, TypeError or ValueError for one that is none."""
    title = read_title(raw["subject"])
    text = raw.get("description") or ""
    section, own = read_section(text)
    phase, resolution = _status(raw, profile)
    closed = raw.get("closed_on")
    return Item(
        ref=Ref(
            str(raw["id"]), f"#{raw['id']}", f"{url}/issues/{raw['id']}", birth=raw["created_on"]
        ),
        kind=profile.kind_of((), (raw["tracker"]["name"],), title),
        title=title.text,
        phase=phase,
        resolution=resolution,
        priority=_priority(raw["priority"]["name"], profile),
        category=profile.category_of_type(raw["tracker"]["name"]),
        owners=_owners(raw.get("assigned_to"), profile),
        due=date.fromisoformat(raw["due_date"]) if raw.get("due_date") else None,
        parent=Ref(str(raw["parent"]["id"])) if raw.get("parent") else None,
        body=read_mirror(section)[0],
        text=own,
        revision=revision(raw),
        marker=find_marker(text),
        author=raw["author"]["name"],
        created_at=datetime.fromisoformat(raw["created_on"]),
        updated_at=datetime.fromisoformat(raw["updated_on"]),
        closed_at=datetime.fromisoformat(closed) if closed else None,
    )


def revision(raw: Raw) -> str:
    """Differs whenever the issue says something else; its times are whole seconds."""
    kept = {key: value for key, value in raw.items() if not key.endswith("_hours")}
    text = json.dumps(kept | {"journals": None}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _status(raw: Raw, profile: Profile) -> tuple[Phase, Resolution | None]:
    name = raw["status"]["name"]
    for resolution, word in profile.resolution.values.items():
        if word.lower() == name.lower():
            return Phase.COMPLETED, resolution
    phase = profile.phase_of_status(name)
    if phase is None:
        phase = Phase.COMPLETED if raw.get("closed_on") else profile.phase.open
    return phase, Resolution.DONE if phase is Phase.COMPLETED else None


def _priority(name: str, profile: Profile) -> Priority | None:
    words = {word.lower(): level for level, word in profile.priority.values.items()}
    return words.get(name.lower())


def _owners(assigned: Mapping[str, Any] | None, profile: Profile) -> tuple[str, ...] | Unset:
    if not assigned:
        return ()
    name = profile.person(assigned["name"])
    return (name,) if name else UNSET


def _held_by_stranger(raw: Raw | None, profile: Profile) -> bool:
    """There is room for one person: one whom nobody mapped is not put out."""
    assigned = (raw or {}).get("assigned_to")
    return assigned is not None and profile.person(assigned["name"]) is None


def status_for(phase: Phase, resolution: Resolution | None | Unset, profile: Profile) -> str:
    """The status to set; "" where the profile names none."""
    if phase is Phase.COMPLETED and isinstance(resolution, Resolution):
        special = profile.resolution.values.get(resolution)
        if special:
            return special
    return next(iter(profile.phase.statuses.get(phase, [])), "")


def canonical(item: Item, profile: Profile) -> Item:
    """What Redmine would give back after taking the item over."""
    phase, resolution = item.phase, item.resolution
    if isinstance(phase, Phase) and not status_for(phase, resolution, profile):
        phase = UNSET
    if phase is Phase.COMPLETED:
        held = isinstance(resolution, Resolution) and resolution in profile.resolution.values
        resolution = resolution if held else Resolution.DONE
    elif isinstance(item.phase, Phase):
        resolution = None
    owners = item.owners
    if isinstance(owners, tuple):
        known = tuple(sorted(name for name in owners if name in profile.people))[:1]
        owners = known if known or not owners else UNSET
    category = item.category
    if isinstance(category, Category) and category not in profile.category.types:
        category = UNSET
    priority = item.priority
    if isinstance(priority, Priority) and priority not in profile.priority.values:
        priority = UNSET
    return replace(
        item,
        title=read_title(one_line(item.title)).text if isinstance(item.title, str) else UNSET,
        phase=phase,
        resolution=resolution,
        priority=priority,
        severity=UNSET,
        category=category,
        owners=owners,
        body=MIRROR.held(item.body) if isinstance(item.body, str) else item.body,
    )


def new_issue(draft: Draft, profile: Profile) -> Raw:
    """The fields of a create call, people and words still by name."""
    title = write_title("", text=one_line(draft.title)) if isinstance(draft.title, str) else ""
    if draft.kind is Kind.INCIDENT and read_title(title).incident is False:
        title = write_title(title, incident=True)
    # Redmine would let it start today, and refuse whatever is due before.
    text = MIRROR.new(replace(draft, due=UNSET))
    return {"subject": title, "description": text, "start_date": ""} | _fields(draft, None, profile)


def changed_issue(raw: Raw, patch: Patch, profile: Profile) -> Raw:
    """The fields of an update call that differ from what the issue says."""
    payload = _fields(patch, raw, profile)
    if isinstance(patch.title, str):
        subject = write_title(raw["subject"], text=one_line(patch.title))
        if subject != raw["subject"]:
            payload["subject"] = subject
    text = raw.get("description") or ""
    changed = MIRROR.changed(text, replace(patch, due=UNSET))
    return payload if changed == text else payload | {"description": changed}


def _fields(fields: Fields, raw: Raw | None, profile: Profile) -> Raw:
    """What create and update share; a word stands where Redmine wants a number."""
    payload: Raw = {}
    now = _status(raw, profile) if raw else (profile.phase.open, None)
    phase = fields.phase if isinstance(fields.phase, Phase) else now[0]
    resolution = now[1] if isinstance(fields.resolution, Unset) else fields.resolution
    if (phase, resolution if phase is Phase.COMPLETED else None) != now:
        payload["status"] = status_for(phase, resolution, profile)
    if not isinstance(fields.priority, Unset):
        words = profile.priority.values
        nothing = profile.options.get("no-priority", "")
        payload["priority"] = words[fields.priority] if fields.priority else nothing
    if not isinstance(fields.category, Unset):
        types = profile.category.types
        nothing = profile.options.get("no-category", "")
        payload["tracker"] = types[fields.category] if fields.category else nothing
    elif raw is None:
        payload["tracker"] = profile.options.get("no-category", "")
    if isinstance(fields.owners, tuple) and not _held_by_stranger(raw, profile):
        known = sorted(profile.people[name] for name in fields.owners if name in profile.people)
        if known or not fields.owners:
            payload["assigned_to"] = known[0] if known else ""
    if not isinstance(fields.due, Unset):
        payload["due_date"] = fields.due.isoformat() if fields.due else ""
        if fields.due and raw and (raw.get("start_date") or "") > payload["due_date"]:
            payload["start_date"] = payload["due_date"]  # nothing is due before it starts
    if not isinstance(fields.parent, Unset):
        payload["parent_issue_id"] = fields.parent.id if fields.parent else ""
    return payload
