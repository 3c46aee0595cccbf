"""From an issue and an edit to the next issue and what happened. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime

from adapters.sandbox.github.model import Edit, Issue, Reason
from mappings.item import UNSET

#: A name and what GitHub tells besides.
Happening = tuple[str, dict[str, object]]


@dataclass(frozen=True, slots=True)
class Settled:
    """An edit whose label names have become ids and whose doubtful values are gone."""

    edit: Edit
    labels: tuple[int, ...] | None = None


def applied(
    issue: Issue, settled: Settled, actor: str, now: datetime
) -> tuple[Issue, list[Happening]]:
    """The issue after the edit, and the events it causes; the same issue if nothing differs."""
    happened: list[Happening] = []
    after = _texts(issue, settled.edit, happened)
    after = _state(after, settled.edit, actor, now, happened)
    after = _sets(after, settled, happened)
    after = _plain(after, settled.edit, happened)
    return after, happened


def _texts(issue: Issue, edit: Edit, happened: list[Happening]) -> Issue:
    after = issue
    if edit.title is not UNSET and edit.title != issue.title:
        happened.append(("renamed", {"rename": {"from": issue.title, "to": edit.title}}))
        after = replace(after, title=edit.title)
    if edit.body is not UNSET and edit.body != issue.body:
        after = replace(after, body=edit.body)
    return after


def _state(issue: Issue, edit: Edit, actor: str, now: datetime, happened: list[Happening]) -> Issue:
    if edit.state is UNSET or edit.state == issue.state:
        return issue
    if edit.state == "closed":
        wanted = edit.reason if edit.reason is not UNSET else None
        reason: Reason = wanted if wanted and wanted != "reopened" else "completed"
        happened.append(("closed", {"state_reason": reason}))
        return replace(issue, state="closed", reason=reason, closed_at=now, closed_by=actor)
    happened.append(("reopened", {"state_reason": None}))
    return replace(issue, state="open", reason="reopened", closed_at=None, closed_by=None)


def _sets(issue: Issue, settled: Settled, happened: list[Happening]) -> Issue:
    after = issue
    if settled.labels is not None and set(settled.labels) != set(issue.labels):
        new, old = settled.labels, issue.labels
        happened += [("labeled", {"label": label}) for label in new if label not in old]
        happened += [("unlabeled", {"label": label}) for label in old if label not in new]
        after = replace(after, labels=settled.labels)
    people = settled.edit.assignees
    if people is not UNSET and set(people) != set(issue.assignees):
        happened += [
            ("assigned", {"assignee": one}) for one in people if one not in issue.assignees
        ]
        happened += [
            ("unassigned", {"assignee": one}) for one in issue.assignees if one not in people
        ]
        after = replace(after, assignees=people)
    return after


def _plain(issue: Issue, edit: Edit, happened: list[Happening]) -> Issue:
    after = issue
    if edit.milestone is not UNSET and edit.milestone != issue.milestone:
        if issue.milestone is not None:
            happened.append(("demilestoned", {"milestone": issue.milestone}))
        if edit.milestone is not None:
            happened.append(("milestoned", {"milestone": edit.milestone}))
        after = replace(after, milestone=edit.milestone)
    if edit.type is not UNSET and edit.type != issue.type:
        after = replace(after, type=edit.type)
    if edit.fields is not UNSET:
        wanted = dict(issue.fields) | dict(edit.fields)
        fields = tuple(sorted(pair for pair in wanted.items() if pair[1]))
        after = after if fields == issue.fields else replace(after, fields=fields)
    return after
