"""Items to Jira issues: what a creation and a change send. Pure.

Phase and resolution are changed by transitions, which :mod:`mappings.jira_workflow` finds;
everything else by one request.
"""

from datetime import date
from typing import Any, Final

from mappings import jira_text
from mappings.github_words import title_for
from mappings.item import UNSET, Draft, Item, Patch, Ref, Unset
from mappings.jira import Raw, name_in, value_in
from mappings.jira_words import (
    LABEL,
    PROPERTY,
    Site,
    labels_after,
    priority_value,
    severity_value,
    type_after,
    type_of,
)
from mappings.problem import Problem
from mappings.profile import Profile
from mappings.vocabulary import Field, Phase, Resolution

#: support.atlassian.com: a summary has at most 255 characters, a label as many.
TITLE_LIMIT: Final = 255
LABEL_LIMIT: Final = 255


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
    kind = type_after(name_in(before.get("issuetype")), patch, profile)
    if kind != name_in(before.get("issuetype")):
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
        if value_in(value) != value_in(before.get(site.severity)):
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
