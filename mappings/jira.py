"""Jira issues to items and back, both directions side by side. Pure.

The JSON is that of REST version 2, where texts are wiki markup. Phase and resolution are changed
by transitions, which :mod:`mappings.jira_workflow` finds; everything else by one request.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final, TypeAlias

from mappings import jira_text
from mappings.github_words import Meaning, held, title_for
from mappings.item import UNSET, Draft, Item, Patch, Ref, Unset
from mappings.jira_words import (
    LABEL,
    PROPERTY,
    Site,
    Spoken,
    labels_after,
    nearest_phase,
    phase_said,
    priority_value,
    resolution_name,
    resolution_said,
    severity_value,
    special_types,
    type_after,
    type_of,
    unnamed_status,
    what_is_said,
)
from mappings.jira_workflow import Status
from mappings.problem import Problem
from mappings.profile import Profile
from mappings.text import one_line
from mappings.titles import Title, read_title
from mappings.vocabulary import Field, Kind, Phase, Resolution

#: support.atlassian.com: a summary has at most 255 characters, a label as many.
TITLE_LIMIT: Final = 255
LABEL_LIMIT: Final = 255
#: Combinations of carriers that are remembered.
_REMEMBERED: Final = 10_000

Raw: TypeAlias = Mapping[str, Any]

__all__ = [
    "IssueReader",
    "Site",
    "canonical",
    "changed_issue",
    "links_of",
    "moment_of",
    "nearest_phase",
    "new_issue",
    "ours",
    "parent_of",
    "property_of",
    "refused",
    "resolution_name",
    "revision",
    "status_of",
    "wanted_status",
]


class IssueReader:
    """Reads issues of one project into items. ``url`` is the site's address for people."""

    def __init__(self, site: Site, url: str) -> None:
        self.site = site
        self._url = url
        self._known: dict[tuple[object, ...], Meaning] = {}
        self._phases: dict[str, tuple[Status, Phase | None, bool]] = {}

    def __call__(self, raw: Raw) -> Item:
        """The item an issue's JSON is. Raises KeyError, TypeError or ValueError if it is none."""
        fields, place = raw["fields"], str(raw["key"])
        profile = self.site.profile
        title = read_title(fields["summary"])
        said = self._meaning(fields, title)
        status, phase, known = self._phase(fields["status"])
        ended = phase is Phase.COMPLETED
        body, text = jira_text.read_description(fields.get("description") or "")
        owners, stranger = _owner(fields, self.site)
        parent = parent_of(raw, self.site)
        notices = [replace(one, place=place) for one in said.notices]
        if not known:
            notices.append(unnamed_status(status, phase, place))
        if stranger and profile.people:
            notices.append(_unmapped(stranger, place))
        due, closed = fields.get("duedate"), fields.get("resolutiondate")
        return Item(
            ref=Ref(str(raw["id"]), place, f"{self._url}/browse/{place}" if self._url else ""),
            kind=said.kind,
            title=title.text,
            phase=phase or UNSET,
            resolution=resolution_said(_name(fields.get("resolution")), status, profile)
            if ended
            else None,
            priority=said.priority,
            severity=said.severity,
            category=said.category,
            owners=owners,
            due=date.fromisoformat(due) if due else None,
            parent=parent,
            body=body,
            text=text,
            revision=revision(raw, self.site, parent),
            marker=str(ours(raw).get("marker") or ""),
            author=self.site.person(fields.get("creator") or {}),
            labels=said.labels,
            archived=bool(fields.get("archiveddate")),
            created_at=moment_of(fields["created"]),
            updated_at=moment_of(fields["updated"]),
            closed_at=moment_of(closed) if closed and ended else None,
            notices=tuple(notices),
        )

    def _phase(self, raw: Raw) -> tuple[Status, Phase | None, bool]:
        """A status and what it says; there are few, and they are worked out once."""
        key = f"{raw['id']} {raw['name']}"
        found = self._phases.get(key)
        if found is None:
            status = status_of(raw)
            found = self._phases[key] = (status, *phase_said(status, self.site.profile))
        return found

    def _meaning(self, fields: Raw, title: Title) -> Meaning:
        level = fields.get(self.site.severity) if self.site.severity else None
        labels = tuple(fields.get("labels") or ())
        kind, priority = _name(fields.get("issuetype")), _name(fields.get("priority"))
        severity = _value(level)
        prefixes = (title.priority, title.severity, title.incident)
        key = (labels, kind, priority, severity, prefixes)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            spoken = Spoken(labels, title, kind, priority, severity)
            found = self._known[key] = what_is_said(spoken, self.site.profile)
        return found


def ours(raw: Raw) -> Raw:
    """Our entity property; an empty one where there is none."""
    value = (raw.get("properties") or {}).get(PROPERTY)
    return value if isinstance(value, dict) else {}


def status_of(raw: Raw) -> Status:
    """A status out of its JSON."""
    category = (raw.get("statusCategory") or {}).get("key") or ""
    return Status(str(raw["id"]), str(raw["name"]), str(category))


def moment_of(text: str) -> datetime:
    """A time, UTC; Jira writes the offset without a colon."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def parent_of(raw: Raw, site: Site) -> Ref | None:
    """The epic or parent an issue is under, else the issue that our property names, if the two
    are linked still: links between issues have no up and down of their own.
    """
    fields = raw["fields"]
    above = fields.get("parent")
    if above:
        return Ref(str(above["id"]), str(above.get("key") or ""))
    wanted = str(ours(raw).get("parent") or "")
    epic = str(fields.get(site.epic) or "") if site.epic else ""
    if wanted and epic and str(ours(raw).get("epic") or "") == epic:
        return Ref(wanted, epic)
    linked = [other for _, other in links_of(raw) if str(other["id"]) == wanted]
    return Ref(wanted, str(linked[0].get("key") or "")) if wanted and linked else None


def links_of(raw: Raw) -> list[tuple[Raw, Raw]]:
    """An issue's links, each with the issue at the other end."""
    found = []
    for link in raw["fields"].get("issuelinks") or ():
        other = link.get("outwardIssue") or link.get("inwardIssue")
        if other:
            found.append((link, other))
    return found


def revision(raw: Raw, site: Site, parent: Ref | None) -> str:
    """Differs whenever something we could overwrite differs; comments alone do not count."""
    fields = raw["fields"]
    parts = [
        fields["summary"],
        fields.get("description") or "",
        str(fields["status"]["id"]),
        _name(fields.get("resolution")),
        _name(fields.get("priority")),
        _name(fields.get("issuetype")),
        "\1".join(sorted(fields.get("labels") or ())),
        site.person(fields.get("assignee") or {}),
        fields.get("duedate") or "",
        parent.id if parent else "",
        _value(fields.get(site.severity)) if site.severity else "",
        str(bool(fields.get("archiveddate"))),
    ]
    text = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=12).hexdigest()


def _name(value: Raw | None) -> str:
    return str(value.get("name") or "") if value else ""


def _value(value: Any) -> str:  # noqa: ANN401  a text, an option, or nothing
    if isinstance(value, dict):
        return str(value.get("value") or value.get("name") or "")
    return str(value) if value else ""


def _owner(fields: Raw, site: Site) -> tuple[tuple[str, ...] | Unset, str]:
    """The assignee if mapped, and the name of one who is not: that is no opinion."""
    user = fields.get("assignee")
    if not user:
        return (), ""
    name = site.profile.person(site.person(user))
    if name is None:
        return UNSET, str(user.get("displayName") or site.person(user))
    return (name,), ""


def _unmapped(stranger: str, place: str) -> Problem:
    remedy = "Add them to [people] of the profile."
    return Problem("E121", f"no person is mapped to {stranger}; left as assigned.", place, remedy)


# --- writing ------------------------------------------------------------------------------


def new_issue(draft: Draft, site: Site, project: str) -> dict[str, Any]:
    """The JSON of a create call. The marker is an entity property in the same call; ``project`` is
    the project's number.
    """
    profile = site.profile
    kind = type_of(draft, profile)
    fields: dict[str, Any] = {
        "project": {"id": project},
        "issuetype": {"name": kind},
        "summary": title_for("", draft, profile),
        "labels": sorted({*labels_after((), draft, kind, profile), LABEL}),
    }
    description = jira_text.new_description(draft)
    if description:
        fields["description"] = description
    if not isinstance(draft.priority, Unset) and profile.priority.field:
        # None is said, too: otherwise the scheme's default would be taken for somebody's choice.
        fields["priority"] = priority_value(draft.priority, profile)
    if draft.severity and site.severity:
        fields[site.severity] = severity_value(draft.severity, profile)
    owner = _assignee((), draft.owners, site)
    if owner:
        fields["assignee"] = owner
    if isinstance(draft.due, date):
        fields["duedate"] = draft.due.isoformat()
    value = property_of(draft.marker, draft.parent)
    return {"fields": fields, "properties": [{"key": PROPERTY, "value": value}]}


def property_of(marker: str, parent: Ref | None | Unset) -> dict[str, str]:
    """The value of our entity property: the marker, and the issue that this one is linked to as
    to its parent.
    """
    value = {"marker": marker} if marker else {}
    return value | ({"parent": parent.id} if isinstance(parent, Ref) else {})


def changed_issue(raw: Raw, patch: Patch, site: Site) -> dict[str, Any]:
    """The JSON of an edit call: only what differs from ``raw``, as it is right now. Labels are
    added and taken away one by one, so that others' stay.
    """
    before, profile = raw["fields"], site.profile
    fields: dict[str, Any] = {}
    title = title_for(before["summary"], patch, profile)
    if title != before["summary"]:
        fields["summary"] = title
    kind = type_after(_name(before.get("issuetype")), patch, profile)
    if kind != _name(before.get("issuetype")):
        fields["issuetype"] = {"name": kind}
    fields |= _levels(before, patch, site)
    owner = _assignee(before.get("assignee"), patch.owners, site)
    if not isinstance(owner, Unset):
        fields["assignee"] = owner
    if not isinstance(patch.due, Unset):
        due = patch.due.isoformat() if patch.due else None
        if due != (before.get("duedate") or None):
            fields["duedate"] = due
    wiki = before.get("description") or ""
    fresh = jira_text.changed_description(wiki, patch)
    if fresh != wiki:
        fields["description"] = fresh
    payload: dict[str, Any] = {"fields": fields} if fields else {}
    steps = _label_steps(tuple(before.get("labels") or ()), patch, kind, profile)
    return payload | ({"update": {"labels": steps}} if steps else {})


def _levels(before: Raw, patch: Patch, site: Site) -> dict[str, Any]:
    """Priority and severity where fields hold them."""
    profile, fields = site.profile, dict[str, Any]()
    if not isinstance(patch.priority, Unset) and profile.priority.field:
        wanted = priority_value(patch.priority, profile)
        now = before.get("priority") or {}
        if (wanted is None) != (not now) or (
            wanted and not any(str(now.get(key)) == text for key, text in wanted.items())
        ):
            fields["priority"] = wanted
    if not isinstance(patch.severity, Unset) and site.severity:
        value = severity_value(patch.severity, profile)
        if _value(value) != _value(before.get(site.severity)):
            fields[site.severity] = value
    return fields


def _label_steps(
    before: tuple[str, ...], patch: Patch, kind: str, profile: Profile
) -> list[dict[str, str]]:
    after = labels_after(before, patch, kind, profile)
    gone = [{"remove": one} for one in before if one not in after]
    return gone + [{"add": one} for one in after if one not in before]


def _assignee(now: Any, owners: tuple[str, ...] | Unset, site: Site) -> Any:  # noqa: ANN401  a user's JSON
    """Who is to be assigned; UNSET for no change. Somebody whom nobody mapped stays."""
    if isinstance(owners, Unset):
        return UNSET
    people = site.profile.people
    wanted = sorted({people[name] for name in owners if name in people})
    if now:
        login = site.person(now)
        if site.profile.person(login) is None or login.lower() in {one.lower() for one in wanted}:
            return UNSET
    elif not wanted:
        return UNSET
    if not wanted and owners:
        return UNSET
    return site.people(wanted[0]) if wanted else None


def canonical(item: Item, site: Site) -> Item:
    """What Jira would give back after taking the item over."""
    profile = site.profile
    phase, resolution, owners = item.phase, item.resolution, item.owners
    if isinstance(phase, Phase):
        phase = nearest_phase(phase, profile)
        if phase is not Phase.COMPLETED:
            resolution = None
        elif resolution not in profile.resolution.values:
            resolution = Resolution.DONE
    if isinstance(owners, tuple):
        # An issue has one assignee: the first in the order in which they are written.
        known = sorted(
            {name for name in owners if name in profile.people},
            key=lambda name: profile.people[name],
        )
        owners = tuple(known[:1]) if known or not owners else UNSET
    return replace(
        item,
        title=read_title(one_line(item.title)).text if isinstance(item.title, str) else UNSET,
        phase=phase,
        resolution=resolution,
        priority=held(item.priority, profile.priority),
        severity=held(item.severity, profile.severity),
        category=_category(item, profile),
        owners=owners,
        body=jira_text.held(item.body) if isinstance(item.body, str) else item.body,
    )


def _category(item: Item, profile: Profile) -> Any:  # noqa: ANN401  a category, None or UNSET
    """A category can be said by the type unless that says a kind already."""
    words = profile.kinds.get(item.kind)
    if item.kind is not Kind.TASK and words and words.types and special_types(profile):
        return held(item.category, profile.category.model_copy(update={"types": {}}))
    return held(item.category, profile.category)


def refused(payload: Raw) -> tuple[Problem, Field | None] | None:
    """What Jira would refuse, said before it is sent."""
    fields = payload.get("fields") or {}
    title = fields.get("summary")
    if title is not None and len(title) > TITLE_LIMIT:
        text = f"summary is {len(title)} characters; Jira takes {TITLE_LIMIT}."
        return Problem("E120", text, remedy="Shorten it."), Field.TITLE
    if title is not None and not title.strip():
        return Problem("E120", "summary is empty; Jira wants one."), Field.TITLE
    wiki = fields.get("description")
    if wiki is not None and jira_text.too_long(wiki):
        limit = jira_text.DESCRIPTION_LIMIT
        text = f"description would be {len(wiki)} characters; Jira takes {limit}."
        return Problem("E120", text, remedy="Shorten the issue's own text."), Field.BODY
    steps = (payload.get("update") or {}).get("labels") or ()
    for label in [*fields.get("labels", ()), *(step.get("add") or "" for step in steps)]:
        if any(one.isspace() for one in label) or len(label) > LABEL_LIMIT:
            text = (
                f'"{label}" cannot be a label in Jira: no blanks, at most {LABEL_LIMIT} characters.'
            )
            return Problem("E120", text, remedy="Write it otherwise in the profile."), None
    return None


def wanted_status(patch: Patch, item: Item) -> tuple[Phase, Resolution | None] | None:
    """The phase and resolution a change asks for, if it asks for another than the item has."""
    phase = item.phase if isinstance(patch.phase, Unset) else patch.phase
    if not isinstance(phase, Phase):
        return None
    why = item.resolution if isinstance(patch.resolution, Unset) else patch.resolution
    why = why if isinstance(why, Resolution) and phase is Phase.COMPLETED else None
    same = phase is item.phase and (phase is not Phase.COMPLETED or why in {None, item.resolution})
    return None if same else (phase, why)
