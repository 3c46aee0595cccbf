"""Many issues by few requests, for a first sync. Each carries its own marker, so that after a lost
answer every one of them can be looked for by itself.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from adapters.base import as_made
from adapters.errors import AdapterError, Rejected, UnknownOutcome
from adapters.jira.answers import refusal
from adapters.jira.finding import fetched
from adapters.jira.making import LATER, complete, dispensed, payload
from adapters.jira.reading import Question, Raw, pages
from mappings.item import Draft, Item, Ref
from mappings.jira import ours
from mappings.jira_words import nearest_phase
from mappings.problem import Problem
from mappings.vocabulary import Phase

if TYPE_CHECKING:
    from adapters.jira.project import JiraProject

#: developer.atlassian.com, "Bulk create issue": at most fifty.
AT_ONCE: Final = 50
#: What two of these made is read back by one request.
WORTH_A_CALL: Final = 2 * AT_ONCE
_BULK: Final = "/api/2/issue/bulk"

_Results = dict[int, Item | AdapterError]


def make(project: "JiraProject", drafts: Sequence[Draft]) -> list[Item | AdapterError]:
    """Make issues, fifty by a request; what each became, in the order of ``drafts``."""
    results: _Results = {}
    payloads: dict[int, Raw] = {}
    for place, draft in enumerate(drafts):
        try:
            payloads[place] = payload(project, draft)
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
    for place, sent in payloads.items():
        result = results.get(place)
        if isinstance(result, Rejected) and dispensed(sent, result.field):
            results[place] = _alone(project, drafts[place])
    unfinished = {place: drafts[place] for place in places if place not in results}
    results |= _finished(project, unfinished, raws)
    return [results[place] for place in range(len(drafts))]


def _sent(project: "JiraProject", payloads: dict[int, Raw]) -> tuple[_Results, list[Raw]]:
    """What was refused, and what was made."""
    places = list(payloads)
    body = {"issueUpdates": list(payloads.values())}
    try:
        # All of them refused is 400, with the same list of reasons.
        data = project.home.client.write("POST", _BULK, body, {201, 400}).data
    except AdapterError as error:
        return dict.fromkeys(places, error), []
    said = data if isinstance(data, dict) else {}
    results: _Results = {}
    for one in said.get("errors") or ():
        if isinstance(one, dict) and "failedElementNumber" in one:
            results[places[int(one["failedElementNumber"])]] = _refused(one)
    made = [one for one in said.get("issues") or () if isinstance(one, dict)]
    if not made and not results:
        return dict.fromkeys(places, refusal(said)), []
    return results, made


def _refused(one: dict[str, Any]) -> Rejected:
    reasons = one.get("elementErrors")
    return refusal(reasons if isinstance(reasons, dict) else {})


def _alone(project: "JiraProject", draft: Draft) -> Item | AdapterError:
    """By itself, where it can do without what was refused."""
    try:
        return project.create(draft)
    except AdapterError as error:
        return error


def _read_back(project: "JiraProject", made: list[Raw]) -> dict[str, Raw]:
    """The issues as they are stored, by their marker."""
    numbers = [str(one["id"]) for one in made]
    for one in made:
        project.wrote(Ref(str(one["id"]), str(one.get("key") or "")))
    return {str(ours(row).get("marker") or ""): row for row in _shown(project, numbers)}


def _shown(project: "JiraProject", numbers: list[str]) -> list[Raw]:
    """Issues by their ids; Data Center has only its search for that, which may lag."""
    home = project.home
    try:
        if home.client.options.cloud:
            return fetched(home, numbers)
        asked = Question([home.id], None, home.fields, also=f"id in ({','.join(numbers)})")
        return [row for page in pages(home.client, asked) for row in page.rows] if numbers else []
    except AdapterError:
        return []


# --- what their creation could not say ----------------------------------------------------


def _finished(project: "JiraProject", drafts: dict[int, Draft], raws: dict[str, Raw]) -> _Results:
    """The new issues with links, phase and resolution; those that changed are read again."""
    results: _Results = {}
    changed: dict[int, Raw] = {}
    for place, draft in drafts.items():
        raw = raws.get(draft.marker)
        try:
            if raw is None:
                text = "made, it seems, and not to be seen yet."
                results[place] = UnknownOutcome(Problem("E213", text))
            elif complete(project, raw, draft):
                changed[place] = raw
            else:
                results[place] = project.read(raw)
        except AdapterError as error:
            results[place] = error
    rows = _shown(project, [str(raw["id"]) for raw in changed.values()])
    now = {str(row["id"]): row for row in rows}
    for place, raw in changed.items():
        later = now.get(str(raw["id"]))
        results[place] = _again(project, raw, drafts[place], later)
    return results


def _shows(project: "JiraProject", seen: Item, draft: Draft) -> bool:
    phase = draft.phase if isinstance(draft.phase, Phase) else None
    moved = phase is None or seen.phase is nearest_phase(phase, project.home.profile)
    above = seen.parent.id if isinstance(seen.parent, Ref) else ""
    return moved and (not isinstance(draft.parent, Ref) or above == draft.parent.id)


def _again(project: "JiraProject", raw: Raw, draft: Draft, later: Raw | None) -> Item:
    """The new item as it was made, with what was changed since. A row that does not show that is
    as old as the search, or says what is missing: the issue itself tells.
    """
    made = project.read(raw)
    seen = project.read(later) if later is not None else None
    if seen is None or not _shows(project, seen, draft):
        try:
            seen = project.read(project.raw(made.ref))
        except AdapterError:
            return made
    return as_made(made, seen, LATER)
