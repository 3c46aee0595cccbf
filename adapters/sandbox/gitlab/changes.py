"""What an edit makes of an issue, and what GitLab notes of it. Pure but for new labels."""

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.gitlab.model import BODY_LIMIT, TITLE_LIMIT, TYPES, Actor, Edit, Issue
from mappings.item import UNSET

if TYPE_CHECKING:
    from adapters.sandbox.gitlab.project import Project

_WORDS: Final = {
    "CRITICAL": "Critical - S1",
    "HIGH": "High - S2",
    "MEDIUM": "Medium - S3",
    "LOW": "Low - S4",
    "UNKNOWN": "Unknown",
}


def check(edit: Edit, *, new: bool) -> None:
    """Whether GitLab would store it. Raises Refused (400)."""
    wrong: dict[str, list[str]] = {}
    if new and edit.title is UNSET:
        raise Refused(400, "", ({"error": "title is missing"},))
    if edit.title is not UNSET and not edit.title.strip():
        wrong["title"] = ["can't be blank"]
    elif edit.title is not UNSET and len(edit.title) > TITLE_LIMIT:
        wrong["title"] = [f"is too long (maximum is {TITLE_LIMIT} characters)"]
    if edit.description and len(edit.description) > BODY_LIMIT:
        wrong["description"] = [f"is too long (maximum is {BODY_LIMIT} characters)"]
    if wrong:
        raise Refused(400, "", (wrong,))
    if edit.issue_type is not UNSET and edit.issue_type not in TYPES:
        raise Refused(400, "", ({"error": "issue_type does not have a valid value"},))


def permitted(edit: Edit, issue: Issue | None, actor: Actor) -> Edit:
    """The part of an edit that its author may make; the rest is left out. Raises Refused (403)."""
    if actor.may_plan:
        return edit
    if issue is not None and actor.username not in {issue.author, *issue.assignees}:
        raise Refused(403, "403 Forbidden")
    return Edit(
        title=edit.title,
        description=edit.description,
        event=edit.event,
        confidential=edit.confidential,
        orders=edit.orders,
    )


def applied(project: "Project", issue: Issue, edit: Edit, actor: Actor, now: datetime) -> Issue:
    """The issue after the edit, still with its old times."""
    people = UNSET if edit.assignees is UNSET else project.assignable(edit.assignees)
    changed = replace(
        issue,
        title=issue.title if edit.title is UNSET else edit.title.strip(),
        description=issue.description if edit.description is UNSET else edit.description,
        labels=project.labels.after(
            issue.labels, exact=edit.labels, add=edit.add_labels, remove=edit.remove_labels
        ),
        assignees=issue.assignees if people is UNSET else people,
        due_date=issue.due_date if edit.due_date is UNSET else edit.due_date,
        issue_type=issue.issue_type if edit.issue_type is UNSET else edit.issue_type,
        confidential=issue.confidential if edit.confidential is UNSET else edit.confidential,
        locked=issue.locked if edit.locked is UNSET else edit.locked,
    )
    if edit.severity is not UNSET and changed.issue_type == "incident":
        changed = replace(changed, severity=edit.severity)
    return _moved(project, changed, edit, actor, now)


def _moved(project: "Project", issue: Issue, edit: Edit, actor: Actor, now: datetime) -> Issue:
    """Closed or reopened, by event or by a status that means it."""
    event, status = edit.event, issue.status
    if edit.status is not UNSET:
        chosen = project.world.status(edit.status)
        event, status = "close" if chosen.closes else "reopen", chosen.id
    elif event is not UNSET and (event == "close") != (issue.state == "closed"):
        status = ""
    issue = replace(issue, status=status)
    if event == "close" and issue.state == "opened":
        return replace(issue, state="closed", closed_at=now, closed_by=actor.username)
    if event == "reopen" and issue.state == "closed":
        return replace(issue, state="opened", closed_at=None, closed_by=None)
    return issue


def sentences(before: Issue, after: Issue) -> list[str]:
    """GitLab's own notes of what changed. Labels and states are events, which are no notes."""
    said = []
    if after.title != before.title:
        said.append(f"changed title from **{before.title}** to **{after.title}**")
    if (after.description or "") != (before.description or ""):
        said.append("changed the description")
    came = [f"@{one}" for one in after.assignees if one not in before.assignees]
    gone = [f"@{one}" for one in before.assignees if one not in after.assignees]
    if came or gone:
        parts = ["assigned to " + ", ".join(came)] if came else []
        parts += ["unassigned " + ", ".join(gone)] if gone else []
        said.append(" and ".join(parts))
    if after.due_date != before.due_date:
        day = after.due_date
        words = f"changed due date to {day:%B} {day.day}, {day.year}" if day else ""
        said.append(words or "removed due date")
    if after.confidential != before.confidential:
        whom = "confidential" if after.confidential else "visible to everyone"
        said.append(f"made the issue {whom}")
    if after.issue_type != before.issue_type:
        said.append(f"changed type from {before.issue_type} to {after.issue_type}")
    if after.severity != before.severity:
        said.append(f"changed the severity to **{_WORDS[after.severity]}**")
    return said


def slight(before: Issue, after: Issue) -> bool:
    """Whether labels are all that changed: GitLab touches such an issue once a minute only."""
    return replace(after, labels=before.labels) == before
