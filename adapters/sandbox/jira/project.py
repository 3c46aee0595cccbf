"""One project: its issue types, workflow, priorities, fields and people."""

from dataclasses import dataclass, field

from adapters.sandbox.core.access import Access
from adapters.sandbox.jira.model import FieldKind, IssueType, Named, Status
from adapters.sandbox.jira.workflows import Workflow


@dataclass(slots=True, kw_only=True)
class Project:
    """A project. Issues and former keys are the state's business.

    ``statuses`` are by name, ``flows`` are workflows of single issue types (by name), all
    others have ``workflow``. ``denied`` are permissions nobody has here, ``absent`` are fields
    on no screen; a ``hidden`` project does not exist for anybody.
    """

    id: int
    key: str
    name: str
    kind: str
    free: bool
    lead: str
    workflow: Workflow
    types: list[IssueType]
    statuses: dict[str, Status]
    priorities: tuple[str, ...]
    default_priority: str | None
    flows: dict[str, Workflow] = field(default_factory=dict)
    custom: list[FieldKind] = field(default_factory=list)
    components: list[Named] = field(default_factory=list)
    people: dict[str, Access] = field(default_factory=dict)
    denied: set[str] = field(default_factory=set)
    absent: set[str] = field(default_factory=set)
    hidden: bool = False
    archived: bool = False
    last_number: int = 0

    def type_by_id(self, wanted: str) -> IssueType | None:
        """The issue type of that id."""
        return next((one for one in self.types if one.id == wanted), None)

    def type_named(self, name: str) -> IssueType | None:
        """The issue type of that name, whatever its case."""
        return next((one for one in self.types if one.name.lower() == name.lower()), None)

    def flow(self, kind: IssueType | None) -> Workflow:
        """The workflow of an issue type."""
        return self.flows.get(kind.name, self.workflow) if kind else self.workflow

    def fields_of(self, kind: IssueType) -> list[FieldKind]:
        """The custom fields on an issue type's screens."""
        return [*self.custom] if kind.level >= 0 else []

    def requires(self, one: FieldKind, kind: IssueType) -> bool:
        """Whether a custom field must have a value."""
        return bool({"*", kind.name} & set(one.required))
