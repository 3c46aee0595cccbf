"""Fields an organisation defined for its issues, and an issue's values of them."""

from adapters.sandbox.core.access import Access
from adapters.sandbox.core.answer import Answer
from adapters.sandbox.github import payloads
from adapters.sandbox.github.call import Call, route
from adapters.sandbox.github.handlers.issues import edit_of
from adapters.sandbox.github.model import Edit, IssueField, node_id
from adapters.sandbox.github.payloads import Payload
from mappings.item import UNSET


@route("GET", "/orgs/<org>/issue-fields")
def every(call: Call, org: str) -> Answer:
    """An organisation's fields; here they belong to every organisation."""
    call.signed_in()
    return Answer.json([_field(call.base, org, one) for one in call.world.issue_fields.values()])


@route("GET", "REPO/issues/<int:number>/issue-field-values")
def of_issue(call: Call, number: int) -> Answer:
    """An issue's values."""
    return _values(call, number)


@route("POST", "REPO/issues/<int:number>/issue-field-values")
def add(call: Call, number: int) -> Answer:
    """Set some values; the others stay."""
    return _set(call, number, {})


@route("PUT", "REPO/issues/<int:number>/issue-field-values")
def put(call: Call, number: int) -> Answer:
    """Set these values and take the others away."""
    issue = call.repository.get(number)
    return _set(call, number, {field: "" for field, _ in issue.fields})


def _set(call: Call, number: int, others: dict[int, str]) -> Answer:
    actor = call.writer(Access.TRIAGE)
    given = edit_of(call).fields
    fields = others | dict(given if given is not UNSET else ())
    call.repository.edit(number, Edit(fields=tuple(fields.items())), actor)
    return _values(call, number)


def _values(call: Call, number: int) -> Answer:
    issue = call.repository.get(number)
    return Answer.json(payloads.field_values(call.repository, issue))


def _field(base: str, org: str, one: IssueField) -> Payload:
    return {
        "id": one.id,
        "node_id": node_id("IssueFieldSingleSelect", one.id),
        "name": one.name,
        "description": None,
        "data_type": "single_select",
        "visibility": "all",
        "options": [
            {
                "id": payloads.option_id(one, name),
                "name": name,
                "description": None,
                "color": "gray",
                "priority": place,
            }
            for place, name in enumerate(one.options, 1)
        ],
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
        "url": f"{base}/orgs/{org}/issue-fields/{one.id}",
    }
