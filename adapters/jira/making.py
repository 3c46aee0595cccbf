"""One new issue: what is sent, and what a create call cannot say: links, phase and resolution."""

from typing import TYPE_CHECKING, Final

from adapters.base import as_made
from adapters.errors import AdapterError, Missing, Moved, Rejected, UnknownOutcome
from adapters.jira.parents import in_epic, put_under
from adapters.jira.reading import Raw
from adapters.transport import insist
from mappings import jira_edit
from mappings.item import Draft, Item, Patch, Ref
from mappings.jira_words import type_of
from mappings.jira_workflow import filled
from mappings.problem import Problem
from mappings.vocabulary import Field, Phase

if TYPE_CHECKING:
    from adapters.jira.project import JiraProject

#: Fields of an issue that are set by later requests than the creation.
LATER: Final = frozenset({Field.PHASE, Field.RESOLUTION, Field.PARENT})
#: Fields that a creation does without where Jira refuses them: a scheme that wants a priority
#: refuses none and takes its default, a parent of the wrong sort is linked to afterwards.
_DISPENSABLE: Final = {Field.PRIORITY: "priority", Field.PARENT: "parent"}


def create(project: "JiraProject", draft: Draft) -> Item:
    """Make one issue and return what Jira stored."""
    sent = payload(project, draft)
    try:
        data = _send(project, sent)
    except (Missing, Moved) as error:
        # What cannot be seen here is not the item itself: that one is not lost from sight.
        raise Rejected(error.problem) from None
    if not isinstance(data, dict) or "id" not in data:
        raise UnknownOutcome(Problem("E213", "Jira answered without the issue."))
    ref = Ref(str(data["id"]), str(data.get("key") or ""))
    project.wrote(ref)
    try:
        raw = project.raw(ref)
    except AdapterError as error:
        text = f"{ref.key or ref.id} was made and cannot be read: {error.problem.message}"
        raise UnknownOutcome(Problem("E213", text)) from None
    return completed(project, raw, draft)


def _send(project: "JiraProject", sent: Raw) -> object:
    client = project.home.client
    try:
        return client.write("POST", "/api/2/issue", sent, {201}).data
    except Rejected as error:
        without = dispensed(sent, error.field)
        if without is None:
            raise
        return client.write("POST", "/api/2/issue", without, {201}).data


def dispensed(sent: Raw, refused: Field | None) -> Raw | None:
    """The creation without the field that was refused; None where it cannot do without."""
    fields = dict(sent["fields"])
    name = _DISPENSABLE.get(refused) if refused else None
    if name is None or name not in fields or (name == "priority" and fields[name] is not None):
        return None
    del fields[name]
    return sent | {"fields": fields}


def payload(project: "JiraProject", draft: Draft) -> Raw:
    """The create call's JSON. Raises Rejected for what Jira would refuse."""
    project.capabilities.require(draft)
    home = project.home
    sent = jira_edit.new_issue(draft, home.site, home.id)
    kind = type_of(draft, home.profile)
    if home.site.settled:
        try:
            values = filled(home.screen(kind), home.site.settled, all_of=True)
        except ValueError as error:
            remedy = "Settle it otherwise under [options] of the profile."
            raise Rejected(Problem("E120", f"{error}.", remedy=remedy)) from None
        sent["fields"] = values | sent["fields"]
    if isinstance(draft.parent, Ref) and in_epic(home, kind, draft.parent):
        sent["fields"]["parent"] = {"id": draft.parent.id}
    refuse(sent)
    return sent


def refuse(sent: Raw) -> None:
    """Raise Rejected for what Jira would refuse."""
    wrong = jira_edit.refused(sent)
    if wrong:
        raise Rejected(*wrong)


def completed(project: "JiraProject", raw: Raw, draft: Draft) -> Item:
    """A new issue with all that its creation could not say, as it is stored."""
    made = project.read(raw)
    if not complete(project, raw, draft):
        return made
    try:
        now = project.raw(made.ref)
    except UnknownOutcome:
        raise
    except AdapterError:
        return made
    return as_made(made, project.read(now), LATER)


def complete(project: "JiraProject", raw: Raw, draft: Draft) -> bool:
    """Say what a create call cannot; whether it must be read again.

    Raises UnknownOutcome alone: the issue is there, and what it lacks shows in what is returned.
    Another error would say that it may not be there at all.
    """
    made = project.read(raw)
    wrote = False
    try:
        wrote = _put_under(project, raw, draft)
        phase = draft.phase if isinstance(draft.phase, Phase) else made.phase
        return _moved(project, raw, Patch(phase=phase, resolution=draft.resolution)) or wrote
    except UnknownOutcome:
        raise  # it must be read again before anybody judges it
    except AdapterError:
        return True


def _put_under(project: "JiraProject", raw: Raw, draft: Draft) -> bool:
    made = project.read(raw)
    if not isinstance(draft.parent, Ref) or made.parent == draft.parent:
        return False
    seen = [raw]

    def put() -> bool:
        now = seen.pop() if seen else project.raw(made.ref)
        return put_under(project.home, now, draft.parent)

    return insist(project.home.client.clock, put)


def _moved(project: "JiraProject", raw: Raw, asked: Patch) -> bool:
    """Move; after a lost answer look where it stands and go on from there."""
    try:
        now, changed = project.move(raw, asked)
    except UnknownOutcome:
        project.move(project.raw(Ref(str(raw["id"]))), asked)
        return True
    return changed or now is not raw
