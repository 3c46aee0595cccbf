"""What the REST API cannot write, or not even say: severity and status, by GraphQL."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from adapters.base import Check
from adapters.errors import AdapterError, Missing, Rejected, Unsupported
from adapters.gitlab.answers import refused_by_mutation
from adapters.gitlab.client import Client
from mappings.item import Ref
from mappings.problem import Problem
from mappings.profile import Profile
from mappings.vocabulary import Field

#: As many work items as one page of GraphQL holds.
_AT_ONCE: Final = 100
_SEVERITY: Final = """
mutation($project: ID!, $iid: String!, $severity: IssuableSeverity!) {
  issueSetSeverity(input: {projectPath: $project, iid: $iid, severity: $severity}) {
    issue { severity }
    errors
  }
}"""
_STATUSES: Final = """
query($project: ID!, $iids: [String!]) {
  project(fullPath: $project) {
    workItems(iids: $iids, first: 100) {
      nodes { iid widgets { ... on WorkItemWidgetStatus { status { id name } } } }
    }
  }
}"""
_ALLOWED: Final = """
query($project: ID!) {
  namespace(fullPath: $project) {
    workItemTypes {
      nodes {
        name
        widgetDefinitions {
          ... on WorkItemWidgetDefinitionStatus { allowedStatuses { id name category } }
        }
      }
    }
  }
}"""
_SET_STATUS: Final = """
mutation($id: WorkItemID!, $status: WorkItemsStatusesStatusID!) {
  workItemUpdate(input: {id: $id, statusWidget: {status: $status}}) {
    workItem { id }
    errors
  }
}"""
_WHERE: Final = """
query($id: IssueID!) { issue(id: $id) { iid webUrl reference(full: true) } }"""


def set_severity(client: Client, project: str, iid: str, severity: str) -> str:
    """Set an incident's severity; returns the one that was stored. ``project`` is a full path."""
    asked = {"project": project, "iid": iid, "severity": severity}
    answer = client.graphql(_SEVERITY, asked, write=True)["issueSetSeverity"] or {}
    if answer.get("errors"):
        raise refused_by_mutation(answer["errors"], Field.SEVERITY, client.host)
    return str((answer.get("issue") or {}).get("severity") or "")


def place_of(client: Client, number: object) -> Ref | None:
    """Where the issue with a global number lives, if this token may know."""
    try:
        found = client.graphql(_WHERE, {"id": f"gid://gitlab/Issue/{number}"})["issue"]
    except (Missing, Rejected):
        return None
    return Ref(str(found["iid"]), str(found["reference"]), str(found["webUrl"])) if found else None


class Statuses:
    """Work items' statuses, for a profile that keeps the phase there."""

    def __init__(self, client: Client, profile: Profile) -> None:
        self._client = client
        self._words = profile.phase.statuses
        self._why = profile.resolution.values
        self._ids: dict[str, dict[str, str]] = {}

    def of(self, project: str, iids: Sequence[str]) -> dict[str, str]:
        """The statuses of some issues by their number; those that have none are left out."""
        found: dict[str, str] = {}
        for start in range(0, len(iids), _AT_ONCE):
            asked = {"project": project, "iids": list(iids[start : start + _AT_ONCE])}
            said = self._client.graphql(_STATUSES, asked)["project"]
            if said is None:
                raise Missing(Problem("E210", f"GraphQL does not show {project}."))
            for node in said["workItems"]["nodes"]:
                status = _widget(node["widgets"], "status")
                if status:
                    found[str(node["iid"])] = str(status["name"])
        return found

    def put(self, project: str, raw: dict[str, Any], name: str) -> None:
        """Give an issue a status. One of the closed kind closes it, any other opens it."""
        wanted = self._allowed(project, str(raw.get("issue_type") or "issue")).get(name.lower())
        if wanted is None:
            text = f'there is no status "{name}" for this type.'
            remedy = "Add it in the group's settings, or change [phase.statuses] of the profile."
            raise Rejected(Problem("E122", text, remedy=remedy), Field.PHASE)
        asked = {"id": f"gid://gitlab/WorkItem/{raw['id']}", "status": wanted}
        answer = self._client.graphql(_SET_STATUS, asked, write=True)["workItemUpdate"] or {}
        if answer.get("errors"):
            raise refused_by_mutation(answer["errors"], Field.PHASE, self._client.host)

    def check(self, project: str, kinds: Iterable[str]) -> Check:
        """Whether every status the profile writes is there for all these types."""
        named = [name for names in self._words.values() for name in names[:1]]
        named += self._why.values()
        try:
            absent = {
                name for kind in kinds for name in named
                if name.lower() not in self._allowed(project, kind)
            }  # fmt: skip
        except AdapterError as error:
            return Check("statuses", False, str(error), error.problem.remedy)
        detail = f"no status {', '.join(sorted(absent))}" if absent else ", ".join(named)
        remedy = "Add them in the group's settings (Premium), or keep the phase in labels."
        return Check("statuses", not absent, detail, remedy if absent else "")

    def _allowed(self, project: str, kind: str) -> dict[str, str]:
        """The statuses' ids by name in lower case, for one ``issue_type``; asked for once."""
        if not self._ids:
            self._ids = {
                one: {each["name"].lower(): each["id"] for each in allowed}
                for one, allowed in _allowed_by_type(self._client, project).items()
            }
        return self._ids.get(kind, {})


def statuses_in_use(client: Client, project: str) -> list[tuple[str, str]]:
    """Name and category of each status that an issue of a project may have; none on the free tier
    and before GitLab 18.2.
    """
    try:
        allowed = _allowed_by_type(client, project).get("issue", ())
    except (Missing, Unsupported):
        return []
    return [(str(one["name"]), str(one.get("category") or "")) for one in allowed]


def _allowed_by_type(client: Client, project: str) -> dict[str, list[dict[str, Any]]]:
    """The statuses that each ``issue_type`` of a project may have."""
    space = client.graphql(_ALLOWED, {"project": project})["namespace"] or {}
    return {
        one["name"].lower().replace(" ", "_"): _widget(one["widgetDefinitions"], "allowedStatuses")
        or []
        for one in (space.get("workItemTypes") or {}).get("nodes", ())
    }


def _widget(widgets: Iterable[dict[str, Any]], name: str) -> Any:  # noqa: ANN401  any widget's value
    return next((one[name] for one in widgets if one and one.get(name)), None)
