"""GitLab issues to items and back, both directions side by side. Pure.

What labels, severity, status and parent say is in :mod:`mappings.gitlab_words`, the managed
section in :mod:`mappings.mirror`. Text outside our managed section is never changed.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final, TypeAlias

from mappings.github_words import Meaning, held, title_for
from mappings.gitlab_words import (
    INCIDENT,
    by_field,
    duplicated,
    labels_after,
    native_fields,
    nearest,
    open_phase,
    read_parent,
    resolution_of,
    type_for,
    what_it_means,
    write_parent,
    writes_incidents,
)
from mappings.item import UNSET, Draft, Fields, Item, Patch, Ref, Unset
from mappings.markers import find_marker
from mappings.mirror import Mirror, read_mirror
from mappings.problem import Problem
from mappings.profile import Profile
from mappings.text import one_line, read_section
from mappings.titles import Title, read_title
from mappings.vocabulary import Field, Kind, Phase, Resolution, Severity

#: gitlab-org/gitlab, app/models/concerns/issuable.rb: TITLE_LENGTH_MAX, DESCRIPTION_LENGTH_MAX.
TITLE_LIMIT: Final = 255
BODY_LIMIT: Final = 1_048_576
#: The section leaves room for people's own text and the marker.
MIRROR: Final = Mirror("gitlab", 900_000)
#: An option of a profile: how many people an issue takes. The free tier takes one.
ASSIGNEES: Final = "assignees"
#: What unassigns everybody (docs.gitlab.com, Issues API, ``assignee_ids``).
NOBODY: Final = (0,)
#: How everything begins that we leave in a description.
_OURS: Final = "<!-- followthrough:"
#: Combinations of labels that are remembered; a project has some hundreds.
_REMEMBERED: Final = 10_000

Raw: TypeAlias = Mapping[str, Any]
#: Users' numbers by their name in lower case: what assigns them.
Numbers: TypeAlias = Mapping[str, int]


class IssueReader:
    """Reads a project's issues into items. ``key`` is its full path ("acme/payments").

    Reading ten thousand issues must not cost more than parsing their JSON, so what a combination
    of labels means is worked out once.
    """

    def __init__(self, profile: Profile, key: str) -> None:
        self.key = key
        self._profile = profile
        self._fields = native_fields(profile)
        self._known: dict[tuple[object, ...], Meaning] = {}

    def __call__(self, raw: Raw) -> Item:
        """The item an issue's JSON is. Raises KeyError, TypeError or ValueError if it is none."""
        title = read_title(raw["title"])
        said = self._meaning(raw, title)
        iid = str(int(raw["iid"]))
        body = raw["description"] or ""
        parent, mirrored, text, marker = _apart(body) if _OURS in body else (None, UNSET, body, "")
        author, closed_at, due = raw["author"], raw.get("closed_at"), raw.get("due_date")
        owners, strangers = _owners(raw, self._profile)
        place = f"{self.key}#{iid}"
        closed = raw["state"] == "closed"
        notices = self._notices(said, strangers, place) if said.notices or strangers else ()
        return Item(
            ref=Ref(iid, place, raw["web_url"], str(raw["id"])),
            kind=said.kind,
            title=title.text,
            phase=Phase.COMPLETED if closed else open_phase(raw, said, self._profile),
            resolution=resolution_of(raw, said, self._profile) if closed else None,
            priority=said.priority,
            severity=said.severity,
            category=said.category,
            owners=owners,
            due=date.fromisoformat(due) if due else None,
            parent=parent,
            body=mirrored,
            text=text,
            revision=revision(raw),
            marker=marker,
            author=author["username"] if author else "",
            labels=said.labels,
            created_at=_moment(raw["created_at"]),
            updated_at=_moment(raw["updated_at"]),
            closed_at=_moment(closed_at) if closed_at else None,
            notices=notices,
        )

    def _meaning(self, raw: Raw, title: Title) -> Meaning:
        key = (
            tuple(raw["labels"]),
            raw.get("issue_type"),
            raw.get("severity"),
            title.priority,
            title.severity,
            title.incident,
        )
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            found = self._known[key] = what_it_means(raw, title, self._profile, self._fields)
        return found

    def _notices(self, said: Meaning, strangers: list[str], place: str) -> tuple[Problem, ...]:
        notices = said.notices
        if self._profile.phase.statuses:
            # Where the status says the phase, labels that say several do not matter.
            notices = tuple(one for one in notices if not one.message.startswith(Field.PHASE))
        found = [replace(one, place=place) for one in notices]
        if strangers and self._profile.people:
            text = f"no person is mapped to {', '.join(strangers)}; left as assigned."
            remedy = "Add them to [people] of the profile."
            found.append(Problem("E121", text, place, remedy))
        return tuple(found)


def _apart(body: str) -> tuple[Ref | None, str | None | Unset, str, str]:
    """Parent, mirrored text, people's own text and marker of a description."""
    parent, rest = read_parent(body)
    section, text = read_section(rest)
    return parent, read_mirror(section)[0], text, find_marker(body)


def revision(raw: Raw) -> str:
    """Differs whenever something we could overwrite differs; comments alone do not count."""
    people = raw.get("assignees")
    parts = [
        raw["title"],
        raw["state"],
        raw.get("issue_type") or "",
        raw.get("severity") or "",
        raw.get("status") or "",
        raw.get("due_date") or "",
        "duplicate" if duplicated(raw) else "",
        "\1".join(sorted(raw["labels"])),
        "\1".join(sorted([user["username"] for user in people])) if people else "",
        raw["description"] or "",
    ]
    text = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=12).hexdigest()


def moved(raw: Raw) -> bool:
    """Whether this is what a moved issue leaves behind: it is closed, but nobody closed it."""
    return raw["state"] == "closed" and raw.get("moved_to_id") is not None


def _moment(text: str) -> datetime:
    """A time, UTC; one that names no zone is taken for UTC."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is UTC:
        return moment
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _owners(raw: Raw, profile: Profile) -> tuple[tuple[str, ...] | Unset, list[str]]:
    """Mapped people, and the logins of others; others alone are no opinion, nobody is "nobody"."""
    names: list[str] = []
    strangers: list[str] = []
    for user in raw.get("assignees") or ():
        name = profile.person(user["username"])
        if name is None:
            strangers.append(user["username"])
        else:
            names.append(name)
    return (tuple(sorted(names)) if names or not strangers else UNSET), strangers


# --- writing ------------------------------------------------------------------------------


def new_issue(draft: Draft, profile: Profile, numbers: Numbers) -> dict[str, Any]:
    """The JSON of a create call. The marker stands in the body; an issue is born open."""
    kind = type_for(draft, profile)
    body = MIRROR.new(replace(draft, due=UNSET))
    if isinstance(draft.parent, Ref):
        body = write_parent(body, draft.parent)
    payload: dict[str, Any] = {"title": title_for("", draft, profile), "description": body}
    labels = labels_after((), draft, profile, incident=kind == INCIDENT)
    if labels:
        payload["labels"] = ",".join(labels)
    if kind:
        payload["issue_type"] = kind
    if isinstance(draft.due, date):
        payload["due_date"] = draft.due.isoformat()
    people = sorted(_numbers(draft.owners, profile, numbers))
    if people:
        payload["assignee_ids"] = people
    return payload


def changed_issue(raw: Raw, patch: Patch, profile: Profile, numbers: Numbers) -> dict[str, Any]:
    """The JSON of an update call: only what differs from ``raw``, as it is right now.

    Labels are added and taken off one by one: a list of all of them would undo what somebody
    else did meanwhile.
    """
    payload: dict[str, Any] = {}
    title = title_for(raw["title"], patch, profile)
    if title != raw["title"]:
        payload["title"] = title
    before = list(raw["labels"])
    after = labels_after(before, patch, profile, incident=raw.get("issue_type") == INCIDENT)
    added, removed = sorted({*after} - {*before}), sorted({*before} - {*after})
    if added:
        payload["add_labels"] = ",".join(added)
    if removed:
        payload["remove_labels"] = ",".join(removed)
    payload |= state_change(raw, patch, profile)
    people = _assignees(raw, patch.owners, profile, numbers)
    if people is not None:
        payload["assignee_ids"] = people
    if not isinstance(patch.due, Unset):
        due = patch.due.isoformat() if patch.due else ""
        if due != (raw.get("due_date") or ""):
            payload["due_date"] = due
    body = raw["description"] or ""
    fresh = MIRROR.changed(body, replace(patch, due=UNSET))
    if not isinstance(patch.parent, Unset):
        fresh = write_parent(fresh, patch.parent)
    if fresh != body:
        payload["description"] = fresh
    return payload


def state_change(raw: Raw, fields: Fields, profile: Profile) -> dict[str, Any]:
    """What closes an issue or opens it again; nothing where it is so, or its status does it."""
    closed = raw["state"] == "closed"
    if profile.phase.statuses or not isinstance(fields.phase, Phase):
        return {}
    if fields.phase is Phase.COMPLETED:
        return {} if closed else {"state_event": "close"}
    return {"state_event": "reopen"} if closed else {}


def people_in(fields: Fields, profile: Profile) -> list[str]:
    """The logins, in lower case, whose numbers are needed to store the owners."""
    owners = fields.owners if isinstance(fields.owners, tuple) else ()
    return sorted({profile.people[name].lower() for name in owners if name in profile.people})


def _numbers(owners: tuple[str, ...] | Unset, profile: Profile, numbers: Numbers) -> set[int]:
    """The users to assign; whom GitLab does not know is left out, and the answer shows it."""
    wanted = owners[: _most(profile)] if isinstance(owners, tuple) else ()
    logins = [profile.people[name].lower() for name in wanted if name in profile.people]
    return {numbers[login] for login in logins if login in numbers}


def _most(profile: Profile) -> int | None:
    said = profile.options.get(ASSIGNEES, "")
    return int(said) if said.isdecimal() else None


def _assignees(
    raw: Raw, owners: tuple[str, ...] | Unset, profile: Profile, numbers: Numbers
) -> list[int] | None:
    """The new assignees: unmapped people stay. None when nothing changes."""
    if isinstance(owners, Unset):
        return None
    users = raw.get("assignees") or ()
    before = {int(user["id"]) for user in users}
    # First in the list: where an issue takes one person, GitLab keeps the first.
    strangers = [int(user["id"]) for user in users if profile.person(user["username"]) is None]
    most = _most(profile)
    room = None if most is None else max(0, most - len(strangers))
    ours = sorted(_numbers(owners[:room], profile, numbers))
    after = list(dict.fromkeys([*strangers, *ours]))
    return None if {*after} == before else after or list(NOBODY)


def wanted_labels(fields: Fields, profile: Profile) -> list[str]:
    """The labels of the vocabulary that a change would put on an issue."""
    incident = isinstance(fields, Draft) and type_for(fields, profile) == INCIDENT
    return labels_after((), fields, profile, incident=incident)


def canonical(item: Item, profile: Profile) -> Item:
    """What GitLab would give back after taking the item over."""
    phase, resolution, owners = item.phase, item.resolution, item.owners
    if isinstance(phase, Phase):
        phase = nearest(phase, profile)
        resolution = _held_resolution(resolution, profile) if phase is Phase.COMPLETED else None
    if isinstance(owners, tuple):
        known = sorted({name for name in owners if name in profile.people})
        owners = tuple(known[: _most(profile)]) if known or not owners else UNSET
    return replace(
        item,
        title=read_title(one_line(item.title)).text if isinstance(item.title, str) else UNSET,
        phase=phase,
        resolution=resolution,
        priority=held(item.priority, profile.priority),
        severity=_held_severity(item, profile),
        category=held(item.category, profile.category),
        owners=owners,
        body=MIRROR.held(item.body) if isinstance(item.body, str) else item.body,
    )


def _held_resolution(said: Resolution | None | Unset, profile: Profile) -> Resolution:
    spelled = {*profile.resolution.labels}
    if profile.phase.statuses:
        spelled |= {*profile.resolution.values}
    return said if isinstance(said, Resolution) and said in spelled else Resolution.DONE


def _held_severity(item: Item, profile: Profile) -> Severity | None | Unset:
    value, words = item.severity, profile.severity
    if value is None or isinstance(value, Unset):
        return value
    incident = item.kind is Kind.INCIDENT and writes_incidents(profile)
    kept = value in words.labels or words.title or by_field(value, profile, incident=incident)
    return value if kept else UNSET


def too_long(payload: Raw) -> tuple[Problem, Field] | None:
    """What GitLab would refuse, said before it is sent."""
    title = payload.get("title")
    if title is not None and len(title) > TITLE_LIMIT:
        text = f"title is {len(title)} characters; GitLab takes {TITLE_LIMIT}."
        return Problem("E120", text, remedy="Shorten it."), Field.TITLE
    if title is not None and not title.strip():
        return Problem("E120", "title is empty; GitLab wants one."), Field.TITLE
    body = payload.get("description")
    if body is not None and len(body) > BODY_LIMIT:
        text = f"description is {len(body)} characters; GitLab takes {BODY_LIMIT}."
        return Problem("E120", text, remedy="Shorten the issue's own text."), Field.BODY
    return None
