"""People at a browser: what they do to issues, and how a browser does it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.jira import adf, fields
from adapters.sandbox.jira.model import Issue, Rich, browser
from adapters.sandbox.jira.project import Project
from adapters.sandbox.jira.state import JiraState
from adapters.sandbox.jira.workflows import Transition


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with every right. Issues are addressed by key or id.

    On Data Center texts come out of a form, with CRLF.
    """

    world: JiraState
    project: Project
    login: str

    def open(
        self,
        summary: str,
        description: str = "",
        labels: Sequence[str] = (),
        assignee: str | None = None,
        kind: str = "",
    ) -> Issue:
        """Open an issue; of the project's first usual type unless ``kind`` names one."""
        usual = next(one.name for one in self.project.types if one.level == 0)
        found = self.project.type_named(kind or usual)
        if found is None:
            raise Refused(400, f"There is no issue type {kind}.")
        raw: dict[str, Any] = {"summary": summary, "labels": list(labels)}
        changes = self._read(raw) | {"issuetype": found.id, "description": self._rich(description)}
        if assignee:
            changes["assignee"] = self.world.user(assignee).login
        return self.world.issues.create(self.project, self._me(), changes)

    def edit(
        self, issue: str | int, summary: str | None = None, description: str | None = None
    ) -> Issue:
        """Save summary, description or both."""
        changes = {} if summary is None else self._read({"summary": summary})
        if description is not None:
            changes["description"] = self._rich(description)
        return self._save(issue, changes)

    def write(self, issue: str | int, document: Mapping[str, Any]) -> Issue:
        """Save a description made in the editor, as a document of nodes."""
        setting = fields.Setting(self.world, self.project, "3")
        return self._save(issue, fields.read(setting, {"description": document}, ("description",)))

    def label(self, issue: str | int, add: Sequence[str] = (), remove: Sequence[str] = ()) -> Issue:
        """Put labels on and take others off, in one step."""
        kept = [one for one in self._get(issue).labels if one not in set(remove)]
        return self._save(issue, self._read({"labels": [*kept, *add]}))

    def assign(self, issue: str | int, person: str | None = None) -> Issue:
        """Let somebody be responsible, or nobody."""
        login = self.world.user(person).login if person else None
        return self._save(issue, {"assignee": login})

    def prioritise(self, issue: str | int, priority: str | None) -> Issue:
        """Choose a priority by name."""
        return self._save(issue, self._read({"priority": priority and {"name": priority}}))

    def due(self, issue: str | int, day: str | None) -> Issue:
        """Choose a due date (YYYY-MM-DD)."""
        return self._save(issue, self._read({"duedate": day}))

    def choose(self, issue: str | int, field: str, value: object) -> Issue:
        """Set any field, with a value as the REST interface takes it."""
        return self._save(issue, self._read({field: value}))

    def transition(self, issue: str | int, to: str, resolution: str = "Done") -> Issue:
        """Take a step by its name or the status it leads to. Raises Refused if there is none."""
        found = self._get(issue)
        for step in self.world.issues.steps(found):
            if to in {step.to, step.name}:
                return self._take(found, step, resolution)
        raise Refused(400, f"There is no way from here to {to}.")

    def walk(self, issue: str | int, to: str, resolution: str = "Done") -> Issue:
        """Take as many steps as it needs to reach a status. Raises Refused if none lead there."""
        found = self._get(issue)
        home = self.world.projects[found.project]
        flow = home.flow(home.type_by_id(found.type))
        path = flow.path(self.world.statuses[found.status].name, to)
        if path is None:
            raise Refused(400, f"There is no way from here to {to}.")
        for step in path:
            found = self._take(found, step, resolution)
        return found

    def _take(self, issue: Issue, step: Transition, resolution: str) -> Issue:
        raw: dict[str, Any] = {}
        if "resolution" in (*step.screen, *step.demanded):
            raw["resolution"] = {"name": resolution}
        return self.world.issues.transition(issue, self._me(), step, self._read(raw))

    def comment(self, issue: str | int, body: str) -> int:
        """Say something; the comment's id."""
        found = self._get(issue)
        return self.world.issues.relations.comment(found, self._me(), self._rich(body)).id

    def link(self, issue: str | int, other: str | int, kind: str = "Relates") -> None:
        """Link an issue to another."""
        relations = self.world.issues.relations
        relations.link(relations.link_type({"name": kind}), self._get(issue), self._get(other))

    def delete(self, issue: str | int) -> None:
        """Delete for good."""
        self.world.issues.delete(self._get(issue))

    def move(self, issue: str | int, to: str) -> Issue:
        """Move to another project, by its key."""
        return self.world.issues.move(self._get(issue), self.world.project(to), self._me())

    def archive(self, issue: str | int, *, archived: bool = True) -> Issue:
        """Archive an issue, or bring it back."""
        return self.world.issues.archive(self._get(issue), archived=archived)

    def hide(self, *, hidden: bool = True) -> None:
        """Take everybody's permission to see the project, or give it back."""
        self.project.hidden = hidden
        self.world.issues.revision += 1

    def veil(self, issue: str | int, *, veiled: bool = True) -> None:
        """Give an issue a security level that nobody has, or take it away."""
        held = self.world.issues
        found = held.find(str(issue))
        if found is None:
            raise Refused(404, f"There is no issue {issue}.")
        (held.veiled.add if veiled else held.veiled.discard)(found.id)
        held.revision += 1

    def archive_project(self, *, archived: bool = True) -> None:
        """Make the whole project read-only, or writable again."""
        self.project.archived = archived
        self.world.issues.revision += 1

    def rename_project(self, key: str) -> None:
        """Give the project another key."""
        self.world.rename_project(self.project, key)

    def _me(self) -> str:
        return self.world.user(self.login).login

    def _get(self, issue: str | int) -> Issue:
        return self.world.issues.get(str(issue))

    def _read(self, raw: Mapping[str, Any]) -> fields.Changes:
        return fields.read(fields.Setting(self.world, self.project), raw, raw)

    def _save(self, issue: str | int, changes: fields.Changes) -> Issue:
        return self.world.issues.edit(self._get(issue), self._me(), changes)

    def _rich(self, text: str) -> Rich | None:
        if not text:
            return None
        if self.world.flavour == "datacenter":
            return Rich(browser(text))
        return adf.reflowed(text) if self.world.habits.reflow else Rich(text)


_ACTIONS: Final[dict[str, Callable[..., Any]]] = {
    name: getattr(Person, name)
    for name in (
        "open",
        "edit",
        "write",
        "label",
        "assign",
        "prioritise",
        "due",
        "choose",
        "transition",
        "walk",
        "comment",
        "link",
        "delete",
        "move",
        "archive",
        "hide",
        "veil",
        "archive_project",
        "rename_project",
    )
}


def act(state: JiraState, login: str, action: str, values: Mapping[str, object]) -> object:
    """Do one of the above by name: ``project`` (the first unless named) and its arguments.

    Gives what the control interface shows. Raises Refused; TypeError for a wrong argument.
    """
    if action not in _ACTIONS:
        raise Refused(404, f'there is no action "{action}"; known: {", ".join(sorted(_ACTIONS))}')
    rest = dict(values)
    named = rest.pop("project", None)
    project = (
        next((one for one in state.projects.values() if one.key == named), None)
        if named
        else state.projects[min(state.projects)]
    )
    if project is None:
        raise Refused(404, f"there is no project {named}")
    done = _ACTIONS[action](Person(state, project, login), **rest)
    if isinstance(done, Issue):
        return {"key": done.key, "id": done.id, "status": state.statuses[done.status].name}
    return {"ok": True} if done is None else {"id": done}
