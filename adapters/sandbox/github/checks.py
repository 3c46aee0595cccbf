"""What GitHub refuses, in its own words. Pure."""

from collections.abc import Mapping, Sequence

from adapters.sandbox.core.access import Access
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.github.model import BODY_LIMIT, TITLE_LIMIT, Edit, IssueField
from mappings.item import UNSET


def failed(*details: Mapping[str, object]) -> Refused:
    """A 422 that lists what is wrong."""
    return Refused(422, "Validation Failed", details)


def invalid(resource: str, field: str, value: object) -> Refused:
    """A 422 for a value that does not exist or is not allowed."""
    return failed({"value": value, "resource": resource, "field": field, "code": "invalid"})


def missing(resource: str, field: str) -> Refused:
    """A 422 for a value that must be given."""
    return failed({"resource": resource, "field": field, "code": "missing_field"})


def too_long(resource: str, field: str, limit: int) -> Refused:
    """A 422 for a text over its limit in characters."""
    message = f"{field} is too long (maximum is {limit} characters)"
    return failed({"resource": resource, "code": "custom", "field": field, "message": message})


def new_issue(edit: Edit) -> None:
    """Title and body of a new issue. Raises Refused."""
    if edit.title is UNSET or not edit.title.strip():
        raise missing("Issue", "title")
    edited_issue(edit)
    if edit.body is not UNSET and len(edit.body or "") > BODY_LIMIT:
        raise too_long("Issue", "body", BODY_LIMIT)


def edited_issue(edit: Edit) -> None:
    """The title of an edit; a body too long for an edit is not refused but not stored."""
    if edit.title is not UNSET:
        if not edit.title.strip():
            raise missing("Issue", "title")
        if len(edit.title) > TITLE_LIMIT:
            raise too_long("Issue", "title", TITLE_LIMIT)


def comment(body: str) -> None:
    """A comment's text. Raises Refused."""
    if not body.strip():
        raise missing("IssueComment", "body")
    if len(body) > BODY_LIMIT:
        raise too_long("IssueComment", "body", BODY_LIMIT)


def fields(
    wanted: Sequence[tuple[int, str]], known: Mapping[int, IssueField]
) -> tuple[tuple[int, str], ...]:
    """The values of fields that exist; others are left out. Raises Refused for a bad option."""
    kept = tuple(one for one in wanted if one[0] in known)
    for number, value in kept:
        if value and value not in known[number].options:
            raise invalid("Issue", "issue_field_values", value)
    return kept


def assignable(logins: Sequence[str], people: Mapping[str, Access]) -> tuple[str, ...]:
    """The logins as the repository spells them. Raises Refused for a stranger."""
    spelled = {name.lower(): name for name in people}
    for login in logins:
        if login.lower() not in spelled:
            raise invalid("Issue", "assignees", login)
    return tuple(dict.fromkeys(spelled[login.lower()] for login in logins))
