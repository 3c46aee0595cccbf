"""Many issues by few requests, for a first sync. Each carries its own marker, so that after a lost
answer every one of them can be looked for by itself.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from adapters.errors import AdapterError, Rejected, UnknownOutcome
from adapters.jira.answers import told
from adapters.jira.finding import fetched
from adapters.jira.reading import Question, Raw, pages
from mappings.item import Draft, Item, Ref
from mappings.jira import ours
from mappings.problem import Problem

if TYPE_CHECKING:
    from adapters.jira.project import JiraProject

#: developer.atlassian.com, "Bulk create issue": at most fifty.
AT_ONCE: Final = 50
#: What two of these made is read back by one request.
WORTH_A_CALL: Final = 2 * AT_ONCE
_BULK: Final = "/api/2/issue/bulk"


def make(project: "JiraProject", drafts: Sequence[Draft]) -> list[Item | AdapterError]:
    """Make issues, fifty by a request; what each became, in the order of ``drafts``."""
    results: dict[int, Item | AdapterError] = {}
    payloads: dict[int, Raw] = {}
    for place, draft in enumerate(drafts):
        try:
            payloads[place] = project.payload(draft)
        except AdapterError as error:
            results[place] = error
    made: list[Raw] = []
    places = list(payloads)
    for start in range(0, len(places), AT_ONCE):
        part = {place: payloads[place] for place in places[start : start + AT_ONCE]}
        refused, new = _sent(project, part)
        results |= refused
        made += new
    raws = _read_back(project, made)
    for place, payload in payloads.items():
        if place not in results:
            results[place] = _finished(project, drafts[place], raws)
        elif payload["fields"].get("priority", "") is None and "priority" in str(results[place]):
            results[place] = _alone(project, drafts[place], results[place])
    return [results[place] for place in range(len(drafts))]


def _sent(
    project: "JiraProject", payloads: dict[int, Raw]
) -> tuple[dict[int, Item | AdapterError], list[Raw]]:
    """What was refused, and what was made."""
    places = list(payloads)
    body = {"issueUpdates": list(payloads.values())}
    try:
        # All of them refused is 400, with the same list of reasons.
        data = project.home.client.write("POST", _BULK, body, {201, 400}).data
    except AdapterError as error:
        return dict.fromkeys(places, error), []
    said = data if isinstance(data, dict) else {}
    results: dict[int, Item | AdapterError] = {}
    for one in said.get("errors") or ():
        if isinstance(one, dict) and "failedElementNumber" in one:
            results[places[int(one["failedElementNumber"])]] = _refusal(one)
    made = [one for one in said.get("issues") or () if isinstance(one, dict)]
    if not made and not results:
        refusal = Rejected(Problem("E120", f"Jira refuses it: {told(said)}"))
        return dict.fromkeys(places, refusal), []
    return results, made


def _alone(
    project: "JiraProject", draft: Draft, refusal: Item | AdapterError
) -> Item | AdapterError:
    """By itself, where the scheme wants a priority and none was given."""
    if not isinstance(refusal, Rejected):
        return refusal
    try:
        return project.create(draft)
    except AdapterError as error:
        return error


def _refusal(one: dict[str, Any]) -> Rejected:
    reasons = one.get("elementErrors")
    words = told(reasons) if isinstance(reasons, dict) else "no reason given"
    remedy = "Change what is named, or settle the field under [options] of the profile."
    return Rejected(Problem("E120", f"Jira refuses it: {words}", remedy=remedy))


def _finished(project: "JiraProject", draft: Draft, raws: dict[str, Raw]) -> Item | AdapterError:
    raw = raws.get(draft.marker)
    if raw is None:
        return UnknownOutcome(Problem("E213", "made, it seems, and not to be seen yet."))
    try:
        return project.completed(raw, draft)
    except AdapterError as error:
        return error


def _read_back(project: "JiraProject", made: list[Raw]) -> dict[str, Raw]:
    """The issues as they are stored, by their marker."""
    numbers = [str(one["id"]) for one in made]
    for one in made:
        project.wrote(Ref(str(one["id"]), str(one.get("key") or "")))
    home = project.home
    try:
        if home.client.options.cloud:
            rows = fetched(home, numbers)
        else:
            asked = Question([home.id], None, home.fields, also=f"id in ({','.join(numbers)})")
            rows = [row for page in pages(home.client, asked) for row in page.rows] if made else []
    except AdapterError:
        return {}
    return {str(ours(row).get("marker") or ""): row for row in rows}
