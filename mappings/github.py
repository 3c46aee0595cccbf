"""GitHub issues to items and back, both directions side by side. Pure.

What labels, titles and types say is in :mod:`mappings.github_words`, the managed section in
:mod:`mappings.mirror`. Text outside our managed section is never changed.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final, TypeAlias

from mappings.github_words import (
    NO_FIELDS,
    Carried,
    Meaning,
    NativeFields,
    held,
    labels_for,
    meaning,
    native_for,
    nearest_phase,
    title_for,
    type_for,
)
from mappings.item import UNSET, Draft, Fields, Item, Patch, Ref, Unset
from mappings.markers import find_marker
from mappings.mirror import Mirror, read_mirror
from mappings.problem import Problem
from mappings.profile import Profile
from mappings.text import one_line, read_section
from mappings.titles import Title, read_title
from mappings.vocabulary import Field, Phase, Resolution

#: Issues API: a title has at most 256 characters. A body was measured to take 65,536 characters
#: at least; more may be answered with 200 and not be stored.
TITLE_LIMIT: Final = 256
BODY_LIMIT: Final = 65_536
#: docs.github.com, "Assigning issues": up to ten people.
ASSIGNEES_LIMIT: Final = 10
#: The section leaves room for people's own text, the marker and the due line.
MIRROR: Final = Mirror("github", 60_000)
#: Combinations of labels that are remembered; a repository has some hundreds.
_REMEMBERED: Final = 10_000
#: How everything begins that we leave in a body.
_OURS: Final = "<!-- followthrough:"
#: Hex digits of a revision: 96 bits, so that no two states of an issue ever share one.
_REVISION: Final = 24

Raw: TypeAlias = Mapping[str, Any]

_REASONS: Final = {
    "completed": Resolution.DONE,
    "not_planned": Resolution.NOT_PLANNED,
    "duplicate": Resolution.DUPLICATE,
}
_REASON_OF: Final = {resolution: reason for reason, resolution in _REASONS.items()}
_NUMBER: Final = re.compile(r"/issues/([0-9]+)\Z")


class IssueReader:
    """Reads a repository's issues into items. ``key`` is what people call it ("acme/payments").

    Reading ten thousand issues must not cost more than parsing their JSON, so what a combination
    of labels means is worked out once. ``fields``: names of the organisation's issue fields.
    """

    def __init__(self, profile: Profile, key: str, fields: NativeFields = NO_FIELDS) -> None:
        self.key = key
        self._profile = profile
        self._fields = fields
        self._known: dict[tuple[object, ...], Meaning] = {}

    def __call__(self, raw: Raw) -> Item:
        """The item an issue's JSON is. Raises KeyError, TypeError or ValueError if it is none."""
        title = read_title(raw["title"])
        said = self._meaning(raw, title)
        number, body = str(raw["number"]), raw["body"] or ""
        place = f"{self.key}#{number}"
        mirrored, due, text, marker = _apart(body) if _OURS in body else (UNSET, UNSET, body, "")
        user, closed_at = raw["user"], raw.get("closed_at")
        owners, strangers = _owners(raw, self._profile)
        notices = self._notices(said, strangers, place) if said.notices or strangers else ()
        closed = raw["state"] == "closed"
        return Item(
            ref=Ref(number, place, raw["html_url"], str(raw["id"])),
            kind=said.kind,
            title=title.text,
            phase=Phase.COMPLETED if closed else said.phase,
            resolution=_resolution(raw, said.resolution) if closed else None,
            priority=said.priority,
            severity=said.severity,
            category=said.category,
            owners=owners,
            due=due,
            parent=_parent(raw),
            body=mirrored,
            text=text,
            revision=revision(raw),
            marker=marker,
            author=user["login"] if user else "",
            labels=said.labels,
            created_at=_moment(raw["created_at"]),
            updated_at=_moment(raw["updated_at"]),
            closed_at=_moment(closed_at) if closed_at else None,
            notices=notices,
        )

    def _meaning(self, raw: Raw, title: Title) -> Meaning:
        names = tuple([label["name"] for label in raw["labels"]])
        kind, native = raw.get("type"), raw.get("issue_field_values")
        type_name = kind["name"] if kind else ""
        values = tuple(_native_values(raw).items()) if native else ()
        prefixes = (title.priority, title.severity, title.incident)
        key = (names, type_name, prefixes, values)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            carried = Carried(names, title, type_name, values)
            found = self._known[key] = meaning(carried, self._profile, self._fields)
        return found

    def _notices(self, said: Meaning, strangers: list[str], place: str) -> tuple[Problem, ...]:
        found = [replace(one, place=place) for one in said.notices]
        if strangers and self._profile.people:
            text = f"no person is mapped to {', '.join(strangers)}; left as assigned."
            remedy = "Add them to [people] of the profile."
            found.append(Problem("E121", text, place, remedy))
        return tuple(found)


def _apart(body: str) -> tuple[str | None | Unset, date | None | Unset, str, str]:
    """What the section mirrors, its due date, the text outside, and the marker."""
    section, text = read_section(body)
    return *read_mirror(section), text, find_marker(body)


def revision(raw: Raw) -> str:
    """Differs whenever something we could overwrite differs; comments alone do not count."""
    people, kind, native = raw.get("assignees"), raw.get("type"), raw.get("issue_field_values")
    names = [label["name"] for label in raw["labels"]]
    names.sort()
    parts = (
        raw["title"],
        raw["state"],
        raw.get("state_reason") or "",
        kind["name"] if kind else "",
        raw.get("parent_issue_url") or "",
        "\1".join(names),
        "\1".join(sorted([user["login"] for user in people])) if people else "",
        repr(sorted(_native_values(raw).items())) if native else "",
        raw["body"] or "",
    )
    text = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(text).hexdigest()[:_REVISION]


def _moment(text: str) -> datetime:
    """A time, UTC; one that names no zone is taken for UTC."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is UTC:
        return moment
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _resolution(raw: Raw, labelled: Resolution | None) -> Resolution:
    """Why an issue was closed. "Completed" is what the button says by itself, so a label that
    says otherwise was chosen and counts.
    """
    reason = _REASONS.get(raw.get("state_reason") or "", Resolution.DONE)
    return labelled if labelled is not None and reason is Resolution.DONE else reason


def _native_values(raw: Raw) -> dict[int, str]:
    return {
        int(one["issue_field_id"]): str(one["value"])
        for one in raw.get("issue_field_values") or ()
        if one.get("value") is not None
    }


def _owners(raw: Raw, profile: Profile) -> tuple[tuple[str, ...] | Unset, list[str]]:
    """Mapped people, and the logins of others; others alone are no opinion, nobody is "nobody"."""
    names: list[str] = []
    strangers: list[str] = []
    for user in raw.get("assignees") or ():
        name = profile.person(user["login"])
        if name is None:
            strangers.append(user["login"])
        else:
            names.append(name)
    return (tuple(sorted(names)) if names or not strangers else UNSET), strangers


def _parent(raw: Raw) -> Ref | None | Unset:
    """The issue this one is a sub-issue of, if it is in the same repository.

    Servers that know sub-issues say nothing of a parent where there is none; from others the
    silence tells nothing, and a parent elsewhere cannot be spoken of here.
    """
    url = raw.get("parent_issue_url")
    if not url:
        return None if "parent_issue_url" in raw or "sub_issues_summary" in raw else UNSET
    number = _NUMBER.search(url)
    home = raw.get("repository_url") or raw["url"].rpartition("/issues/")[0]
    if number is None or url[: number.start()].lower() != home.lower():
        return UNSET
    return Ref(number[1], url=url)


# --- writing ------------------------------------------------------------------------------


def new_issue(draft: Draft, profile: Profile, fields: NativeFields = NO_FIELDS) -> dict[str, Any]:
    """The JSON of a create call. The marker stands in the body; an issue is born open."""
    payload: dict[str, Any] = {
        "title": title_for("", draft, profile),
        "body": MIRROR.new(draft),
        "labels": labels_for((), draft, profile),
    }
    if isinstance(draft.owners, tuple) and draft.owners:
        payload["assignees"] = _logins(draft.owners, profile)
    kind = type_for(draft, profile)
    if kind:
        payload["type"] = kind
    if isinstance(draft.parent, Ref) and draft.parent.birth:
        payload["parent_issue_id"] = int(draft.parent.birth)
    native = native_for(draft, profile, fields)
    if native:
        payload["issue_field_values"] = native
    return payload


def changed_issue(
    raw: Raw, patch: Patch, profile: Profile, fields: NativeFields = NO_FIELDS
) -> dict[str, Any]:
    """The JSON of an update call: only what differs from ``raw``, as it is right now."""
    payload: dict[str, Any] = {}
    title = title_for(raw["title"], patch, profile)
    if title != raw["title"]:
        payload["title"] = title
    before = [label["name"] for label in raw["labels"]]
    labels = labels_for(before, patch, profile)
    if set(labels) != set(before):
        payload["labels"] = labels
    payload |= state_change(raw, patch)
    people = _assignees(raw, patch.owners, profile)
    if people is not None:
        payload["assignees"] = people
    kind = type_for(patch, profile)
    if kind and kind.lower() != ((raw.get("type") or {}).get("name") or "").lower():
        payload["type"] = kind
    native, values = native_for(patch, profile, fields), _native_values(raw)
    if any(values.get(one["field_id"]) != one["value"] for one in native):
        payload["issue_field_values"] = native
    body = raw["body"] or ""
    fresh = MIRROR.changed(body, patch)
    if fresh != body:
        payload["body"] = fresh
    return payload


def state_change(raw: Raw, fields: Fields) -> dict[str, Any]:
    """What closes an issue with the reason, or opens it again; nothing where it is so already."""
    closed = raw["state"] == "closed"
    resolution = fields.resolution if isinstance(fields.resolution, Resolution) else None
    if isinstance(fields.phase, Phase) and fields.phase is not Phase.COMPLETED:
        return {"state": "open"} if closed else {}
    if not closed and fields.phase is not Phase.COMPLETED:
        return {}
    if closed and (resolution is None or _resolution(raw, None) is resolution):
        return {}
    return {"state": "closed", "state_reason": _REASON_OF[resolution or Resolution.DONE]}


def _logins(owners: tuple[str, ...], profile: Profile) -> list[str]:
    logins = sorted({profile.people[name] for name in owners if name in profile.people})
    return logins[:ASSIGNEES_LIMIT]


def _assignees(raw: Raw, owners: tuple[str, ...] | Unset, profile: Profile) -> list[str] | None:
    """The new assignees: unmapped people stay. None when nothing changes."""
    if isinstance(owners, Unset):
        return None
    before = [user["login"] for user in raw.get("assignees") or ()]
    strangers = [login for login in before if profile.person(login) is None]
    after = sorted({*strangers, *_logins(owners, profile)})
    return None if {one.lower() for one in after} == {one.lower() for one in before} else after


def wanted_labels(fields: Fields, profile: Profile) -> list[str]:
    """The labels of the vocabulary that a change would put on an issue."""
    return labels_for((), fields, profile)


def canonical(item: Item, profile: Profile) -> Item:
    """What GitHub would give back after taking the item over."""
    phase, resolution, owners = item.phase, item.resolution, item.owners
    if isinstance(phase, Phase):
        phase = nearest_phase(phase, profile)
        if phase is not Phase.COMPLETED:
            resolution = None
        elif not isinstance(resolution, Resolution):
            resolution = Resolution.DONE
    if isinstance(owners, tuple):
        known = sorted({name for name in owners if name in profile.people})
        owners = tuple(known[:ASSIGNEES_LIMIT]) if known or not owners else UNSET
    return replace(
        item,
        title=read_title(one_line(item.title)).text if isinstance(item.title, str) else UNSET,
        phase=phase,
        resolution=resolution,
        priority=held(item.priority, profile.priority),
        severity=held(item.severity, profile.severity),
        category=held(item.category, profile.category),
        owners=owners,
        body=MIRROR.held(item.body) if isinstance(item.body, str) else item.body,
    )


def too_long(payload: Raw) -> tuple[Problem, Field] | None:
    """What GitHub would refuse or silently not store, said before it is sent."""
    title = payload.get("title")
    if title is not None and len(title) > TITLE_LIMIT:
        text = f"title is {len(title)} characters; GitHub takes {TITLE_LIMIT}."
        return Problem("E120", text, remedy="Shorten it."), Field.TITLE
    if title is not None and not title.strip():
        return Problem("E120", "title is empty; GitHub wants one."), Field.TITLE
    body = payload.get("body")
    if body is not None and len(body) > BODY_LIMIT:
        text = f"body is {len(body)} characters; GitHub takes {BODY_LIMIT}."
        return Problem("E120", text, remedy="Shorten the issue's own text."), Field.BODY
    return None
