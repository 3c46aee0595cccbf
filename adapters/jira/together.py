"""Many issues moved through their workflow by few requests (Cloud).

One request lets up to a thousand issues of one workflow take the same step; Jira does it in the
background and is asked when it is through. Steps that ask for a field cannot be taken that way:
those issues are moved one by one, and so is what such a request was refused for. What is returned
was read again afterwards.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from adapters.base import Change
from adapters.errors import (
    AdapterError,
    Missing,
    PreconditionFailed,
    Rejected,
    UnknownOutcome,
    Unsupported,
)
from adapters.jira.finding import fetched
from adapters.jira.home import Home
from adapters.jira.reading import Raw
from adapters.transport import LONGEST_WAIT, wait
from mappings.item import Item
from mappings.jira import status_of
from mappings.jira_edit import wanted_status
from mappings.jira_words import nearest_phase
from mappings.jira_workflow import STEPS_AT_MOST, Status, Transition
from mappings.problem import Problem
from mappings.vocabulary import Field, Phase, Resolution

if TYPE_CHECKING:
    from adapters.jira.project import JiraProject

#: The fields that are changed by steps of a workflow.
MOVED: Final = frozenset({Field.PHASE, Field.RESOLUTION})
#: developer.atlassian.com, "Bulk transition issue statuses": at most a thousand.
AT_ONCE: Final = 1000
#: Fewer are moved one by one: a task is two requests and a second's wait at least.
WORTH_IT: Final = 4
_MOVE: Final = "/api/3/bulk/issues/transition"
_QUEUE: Final = "/api/3/bulk/queue"
_OVER: Final = frozenset({"COMPLETE", "FAILED", "CANCELLED", "DEAD"})
#: Seconds before a task is first asked after, and between two times at most.
_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 15.0


@dataclass(slots=True)
class _Journey:
    """One issue on its way: ``raw`` as it was last read, ``status`` where it stands by now."""

    place: int
    change: Change
    raw: Raw
    item: Item
    phase: Phase
    why: Resolution | None
    kind: str
    status: Status

    @property
    def id(self) -> str:
        return str(self.raw["id"])


@dataclass(slots=True)
class _Wave:
    """What became of the steps that many took: ``moved`` and ``missed`` are ids; ``failed`` says
    why by id, where nothing was done or nobody knows.
    """

    moved: set[str] = field(default_factory=set)
    missed: set[str] = field(default_factory=set)
    failed: dict[str, AdapterError] = field(default_factory=dict)


def change(project: "JiraProject", changes: Sequence[Change]) -> list[Item | AdapterError]:
    """Carry out several changes; what each came to, in their order."""
    try:
        raws = _by_id(project, [one.ref.id for one in changes])
    except AdapterError as error:
        return [error] * len(changes)
    results: dict[int, Item | AdapterError] = {}
    journeys: list[_Journey] = []
    for place, one in enumerate(changes):
        begun = _begun(project, place, one, raws.get(one.ref.id))
        if isinstance(begun, _Journey):
            journeys.append(begun)
        else:
            results[place] = begun
    wave = _by_many(project, journeys)
    _read_again(project, [one for one in journeys if one.id in wave.moved | wave.missed], wave)
    walked = [one for one in journeys if _walked(project, one, wave)]
    _read_again(project, walked, wave)
    results |= {one.place: _end(project, one, wave) for one in journeys}
    return [results[place] for place in range(len(changes))]


def _begun(
    project: "JiraProject", place: int, one: Change, raw: Raw | None
) -> _Journey | Item | AdapterError:
    """The way an issue has to go, or what became of one that is changed by itself."""
    item = project.read(raw) if raw is not None and project.home.has(raw) else None
    if raw is None or item is None or item.archived or set(one.patch.values()) - MOVED:
        return _alone(project, one)
    if one.expect is not None and item.revision != one.expect:
        return PreconditionFailed(Problem("E118", f"{item.ref.key} changed since it was read."))
    wanted = wanted_status(one.patch, item)
    if wanted is None:
        return item
    phase = nearest_phase(wanted[0], project.home.profile)
    if phase is item.phase:  # only another resolution
        return _alone(project, one)
    fields = raw["fields"]
    kind = str((fields.get("issuetype") or {}).get("id"))
    return _Journey(place, one, raw, item, phase, wanted[1], kind, status_of(fields["status"]))


def _by_id(project: "JiraProject", ids: list[str]) -> dict[str, Raw]:
    return {str(raw["id"]): raw for raw in fetched(project.home, ids)}


def _alone(project: "JiraProject", one: Change) -> Item | AdapterError:
    try:
        return project.update(one.ref, one.patch, one.expect)
    except AdapterError as error:
        return error


# --- by many ------------------------------------------------------------------------------


def _by_many(project: "JiraProject", journeys: Sequence[_Journey]) -> _Wave:
    """Every step that enough issues have to take; what is left is for each by itself."""
    wave = _Wave()
    if len(journeys) < WORTH_IT:
        return wave
    learn_families(project.home, journeys)
    for _ in range(STEPS_AT_MOST):
        under_way = [one for one in journeys if one.id not in wave.missed | {*wave.failed}]
        groups = [
            (step, group) for step, group in _groups(project, under_way) if len(group) >= WORTH_IT
        ]
        if not groups:
            break
        for step, group in groups:
            for start in range(0, len(group), AT_ONCE):
                _take(project, step, group[start : start + AT_ONCE], wave)
    return wave


def _groups(
    project: "JiraProject", journeys: Iterable[_Journey]
) -> list[tuple[Transition, list[_Journey]]]:
    """The issues by the next step they have to take, where it asks for no field."""
    known: dict[tuple[object, ...], Transition | None] = {}
    found: dict[tuple[str, str, str], tuple[Transition, list[_Journey]]] = {}
    for one in journeys:
        family = project.home.family(one.kind)
        key = (family, one.status.id, one.phase, one.why)
        if key not in known:
            known[key] = _next(project, one)
        step = known[key]
        if step is not None:
            found.setdefault((family, step.id, step.to), (step, []))[1].append(one)
    return list(found.values())


def _next(project: "JiraProject", one: _Journey) -> Transition | None:
    try:
        kind = project.home.family(one.kind)
        return project.mover.bare_step(one.id, kind, one.status, one.phase, one.why)
    except AdapterError:
        return None  # by itself it will be said what is wrong


def _take(project: "JiraProject", step: Transition, group: Sequence[_Journey], wave: _Wave) -> None:
    """One step for all of a group, and what became of each."""
    ids = [one.id for one in group]
    moves = [{"selectedIssueIdsOrKeys": ids, "transitionId": step.id}]
    client = project.home.client
    try:
        data = client.write("POST", _MOVE, {"bulkTransitionInputs": moves}, {200, 201}).data
    except (Rejected, Missing, Unsupported):
        wave.missed.update(ids)  # not this way
        return
    except UnknownOutcome as error:
        _look_for(project, step, group, wave, error)
        return
    except AdapterError as error:
        wave.failed |= dict.fromkeys(ids, error)
        return
    task = str(data.get("taskId") or "") if isinstance(data, dict) else ""
    done = _awaited(project, task)
    if done is None:
        text = f"Jira is not through with moving {len(ids)} issues, or does not say so."
        _look_for(project, step, group, wave, UnknownOutcome(Problem("E213", text)))
        return
    wave.missed.update({*ids} - done)
    _arrived(project, step, [one for one in group if one.id in done], wave)


def _arrived(
    project: "JiraProject", step: Transition, group: Sequence[_Journey], wave: _Wave
) -> None:
    wave.moved.update(one.id for one in group)
    for one in group:
        one.status = project.home.statuses[step.to]


def _look_for(
    project: "JiraProject",
    step: Transition,
    group: Sequence[_Journey],
    wave: _Wave,
    error: UnknownOutcome,
) -> None:
    """Who took a step of which no answer tells. The others may take it yet."""
    try:
        raws = _by_id(project, [one.id for one in group])
    except AdapterError:
        raws = {}
    stand = {number: status_of(raw["fields"]["status"]).id for number, raw in raws.items()}
    _arrived(project, step, [one for one in group if stand.get(one.id) == step.to], wave)
    wave.failed |= {one.id: error for one in group if stand.get(one.id) != step.to}


def _awaited(project: "JiraProject", task: str) -> set[str] | None:
    """The issues that a task moved, once it is over; None where nobody can say."""
    client, pause, waited = project.home.client, _FIRST_PAUSE, 0.0
    while waited < LONGEST_WAIT:
        try:
            wait(client.clock, pause)
            data = client.get(f"{_QUEUE}/{task}").data
        except AdapterError:
            return None
        said = data if isinstance(data, dict) else {}
        if said.get("status") in _OVER:
            return {str(one) for one in said.get("processedAccessibleIssues") or ()}
        waited, pause = waited + pause, min(2 * pause, _LONGEST_PAUSE)
    return None


def learn_families(home: Home, journeys: Sequence[_Journey]) -> None:
    """Ask which issue types share a workflow: they are moved, and learned about, together."""
    first = {one.kind: one for one in reversed(journeys)}
    if len(first) == 1 or all(kind in home.families for kind in first):
        return
    names = {one.id: kind for kind, one in first.items()}
    names |= {str(one.raw.get("key")): kind for kind, one in first.items()}
    asked = {"issueIdsOrKeys": ",".join(one.id for one in first.values())}
    try:
        data = home.client.get(_MOVE, asked).data
    except AdapterError:
        return
    flows = data.get("availableTransitions") if isinstance(data, dict) else None
    for flow in flows or ():
        kinds = {names[str(one)] for one in flow.get("issues") or () if str(one) in names}
        home.make_family(sorted(kinds))


# --- each by itself -----------------------------------------------------------------------


def _walked(project: "JiraProject", one: _Journey, wave: _Wave) -> bool:
    """Go the rest of the way alone; whether anything was written."""
    if one.id in wave.failed or project.read(one.raw).phase is one.phase is not one.item.phase:
        return False
    if one.id not in wave.moved and project.read(one.raw).revision != one.item.revision:
        text = f"{one.item.ref.key} changed since it was read."
        wave.failed[one.id] = PreconditionFailed(Problem("E118", text))
        return False
    try:
        return project.mover.move(one.raw, one.phase, one.why)
    except AdapterError as error:
        wave.failed[one.id] = error
        return False


def _read_again(project: "JiraProject", journeys: Sequence[_Journey], wave: _Wave) -> None:
    """The issues as they are stored by now. One that cannot be read is in doubt."""
    try:
        raws = _by_id(project, [one.id for one in journeys])
    except AdapterError:
        raws = {}
    for one in journeys:
        if one.id in raws:
            one.raw = raws[one.id]
        else:
            text = f"{one.item.ref.key} cannot be read after it was moved."
            wave.failed.setdefault(one.id, UnknownOutcome(Problem("E213", text)))


def _end(project: "JiraProject", one: _Journey, wave: _Wave) -> Item | AdapterError:
    project.wrote(one.item.ref)
    item = project.read(one.raw)
    if item.phase is not one.phase or one.id in wave.failed:
        return item if item.phase is one.phase else wave.failed.get(one.id, item)
    if one.why is None or item.resolution is one.why:
        return item
    return _resolved(project, one.raw, one.why)


def _resolved(project: "JiraProject", raw: Raw, why: Resolution) -> Item | AdapterError:
    """Closed by a step that did not ask why: said afterwards, where that can be said."""
    item = project.read(raw)
    try:
        if project.resolve(raw, why, tolerant=True):
            return project.fetch(item.ref) or item
    except UnknownOutcome as error:
        return error
    except AdapterError:
        pass  # it is closed; what it lacks shows in what is returned
    return item
