"""Workflow graphs as Jira ships and teams bend them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from adapters.sandbox.jira.model import Category


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One way through a workflow, by status names.

    ``sources`` empty: from everywhere. ``screen``: fields that may be sent along;
    ``required``: those of them that must be. ``demanded``: fields a validator wants although
    the transition does not say so. ``sets``: what happens to fields by itself (None clears).
    """

    id: str
    name: str
    to: str
    sources: tuple[str, ...] = ()
    screen: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    demanded: tuple[str, ...] = ()
    sets: tuple[tuple[str, str | None], ...] = ()
    conditional: bool = False

    def leaves(self, status: str) -> bool:
        """Whether it can be taken from a status."""
        return not self.sources or status in self.sources


@dataclass(frozen=True, slots=True)
class Workflow:
    """Statuses in board order, the first is where issues begin, and the ways between them."""

    name: str
    statuses: tuple[tuple[str, Category], ...]
    transitions: tuple[Transition, ...]

    @property
    def start(self) -> str:
        """Where a new issue stands."""
        return self.statuses[0][0]

    def from_status(self, status: str) -> tuple[Transition, ...]:
        """The ways out of a status."""
        return tuple(one for one in self.transitions if one.leaves(status))

    def path(self, start: str, goal: str) -> tuple[Transition, ...] | None:
        """The fewest steps from one status to another, None if there are none."""
        ways: dict[str, tuple[Transition, ...]] = {start: ()}
        edge = [start]
        while edge and goal not in ways:
            here = edge.pop(0)
            for step in self.from_status(here):
                if step.to not in ways:
                    ways[step.to] = (*ways[here], step)
                    edge.append(step.to)
        return ways.get(goal)


_ASKED: Final = ("resolution", "comment")
_MUST: Final = ("resolution",)

#: A company-managed software project: one way at a time, and a screen before Done.
CLASSIC: Final = Workflow(
    "Software workflow with review",
    (
        ("Backlog", "new"),
        ("Selected for Development", "new"),
        ("In Progress", "indeterminate"),
        ("Blocked", "indeterminate"),
        ("In Review", "indeterminate"),
        ("Done", "done"),
    ),
    (
        Transition(id="11", name="Select", to="Selected for Development", sources=("Backlog",)),
        Transition(id="21", name="Put back", to="Backlog", sources=("Selected for Development",)),
        Transition(
            id="31", name="Start progress", to="In Progress", sources=("Selected for Development",)
        ),
        Transition(
            id="41", name="Stop progress", to="Selected for Development", sources=("In Progress",)
        ),
        Transition(id="51", name="Block", to="Blocked", sources=("In Progress",)),
        Transition(id="61", name="Unblock", to="In Progress", sources=("Blocked",)),
        Transition(id="71", name="Ask for review", to="In Review", sources=("In Progress",)),
        Transition(id="81", name="Rework", to="In Progress", sources=("In Review",)),
        Transition(
            id="91",
            name="Resolve",
            to="Done",
            sources=("In Review",),
            screen=_ASKED,
            required=_MUST,
        ),
        Transition(
            id="101",
            name="Close",
            to="Done",
            sources=("Backlog", "Selected for Development", "In Progress", "Blocked"),
            screen=_ASKED,
            required=_MUST,
        ),
        Transition(
            id="111",
            name="Reopen",
            to="Selected for Development",
            sources=("Done",),
            sets=(("resolution", None),),
        ),
    ),
)

#: A team-managed software project: every status from every other, nothing asked.
TEAM: Final = Workflow(
    "Team workflow",
    (
        ("To Do", "new"),
        ("In Progress", "indeterminate"),
        ("Blocked", "indeterminate"),
        ("Done", "done"),
    ),
    (
        Transition(id="11", name="To Do", to="To Do", sets=(("resolution", None),)),
        Transition(id="21", name="In Progress", to="In Progress", sets=(("resolution", None),)),
        Transition(id="31", name="Done", to="Done", sets=(("resolution", "Done"),)),
        Transition(id="41", name="Blocked", to="Blocked", sets=(("resolution", None),)),
    ),
)


#: A service project's incidents.
SERVICE: Final = Workflow(
    "Incident management workflow",
    (
        ("Open", "new"),
        ("Work in progress", "indeterminate"),
        ("Pending", "indeterminate"),
        ("Completed", "done"),
        ("Canceled", "done"),
        ("Closed", "done"),
    ),
    (
        Transition(id="11", name="Investigate", to="Work in progress", sources=("Open", "Pending")),
        Transition(id="21", name="Pending", to="Pending", sources=("Open", "Work in progress")),
        Transition(
            id="31",
            name="Resolve",
            to="Completed",
            sources=("Work in progress",),
            screen=_ASKED,
            required=_MUST,
        ),
        Transition(
            id="41",
            name="Cancel",
            to="Canceled",
            sources=("Open", "Work in progress", "Pending"),
            screen=_ASKED,
            required=_MUST,
        ),
        Transition(id="51", name="Close", to="Closed", sources=("Completed",)),
        Transition(
            id="61",
            name="Back to work",
            to="Work in progress",
            sources=("Completed", "Canceled"),
            sets=(("resolution", None),),
        ),
        Transition(
            id="71",
            name="Reopen",
            to="Open",
            sources=("Completed", "Canceled", "Closed"),
            sets=(("resolution", None),),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Template:
    """What a new project starts with. ``types`` are names and levels; ``free`` is team-managed."""

    workflow: Workflow
    types: tuple[tuple[str, int], ...]
    kind: str = "software"
    free: bool = False


#: The kinds of project that can be asked for, by name.
TEMPLATES: Final[Mapping[str, Template]] = {
    "classic": Template(
        CLASSIC, (("Epic", 1), ("Story", 0), ("Task", 0), ("Bug", 0), ("Sub-task", -1))
    ),
    "team": Template(
        TEAM, (("Epic", 1), ("Task", 0), ("Bug", 0), ("Subtask", -1)), "software", free=True
    ),
    "service": Template(
        SERVICE, (("[System] Incident", 0), ("Task", 0), ("Sub-task", -1)), "service_desk"
    ),
}
