"""The phase kept in a single-select field of a Projects (v2) board, by GraphQL.

Changes of a board do not touch an issue's ``updated_at``, so its cards are read in every cycle.
A closed issue is completed whatever its card says. An open one whose card stands among the
completed ones is completed, too: whoever moved it there meant so. A column that the profile does
not name is no opinion.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from adapters.base import Check
from adapters.errors import AdapterError, Rejected
from adapters.github.client import Client
from mappings.item import UNSET, Item
from mappings.problem import Problem
from mappings.profile import BoardField
from mappings.vocabulary import Phase, Resolution

_FIELD: Final = """
query($owner: String!, $number: Int!, $field: String!) {
  repositoryOwner(login: $owner) {
    ... on ProjectV2Owner {
      projectV2(number: $number) {
        id
        field(name: $field) { ... on ProjectV2SingleSelectField { id options { id name } } }
      }
    }
  }
}"""
_VALUE: Final = (
    "fieldValueByName(name: $field) { ... on ProjectV2ItemFieldSingleSelectValue { name } }"
)
_CARDS: Final = f"""
query($project: ID!, $field: String!, $after: String) {{
  node(id: $project) {{
    ... on ProjectV2 {{
      items(first: 100, after: $after) {{
        pageInfo {{ hasNextPage endCursor }}
        nodes {{
          id
          isArchived
          content {{ ... on Issue {{ number repository {{ databaseId }} }} }}
          {_VALUE}
        }}
      }}
    }}
  }}
}}"""
_CARD: Final = f"""
query($issue: ID!, $field: String!) {{
  node(id: $issue) {{
    ... on Issue {{
      projectItems(first: 50) {{ nodes {{ id isArchived project {{ id }} {_VALUE} }} }}
    }}
  }}
}}"""
_ADD: Final = """
mutation($project: ID!, $issue: ID!) {
  addProjectV2ItemById(input: {projectId: $project, contentId: $issue}) { item { id } }
}"""
_SET: Final = f"""
mutation($project: ID!, $item: ID!, $field_id: ID!, $option: String!, $field: String!) {{
  updateProjectV2ItemFieldValue(
    input: {{projectId: $project, itemId: $item, fieldId: $field_id,
            value: {{singleSelectOptionId: $option}}}}
  ) {{ projectV2Item {{ id {_VALUE} }} }}
}}"""


@dataclass(frozen=True, slots=True)
class _Card:
    """An issue's card: its id and the name of its column ("" where it has none)."""

    id: str
    column: str


class Board:
    """One single-select field of one board, for the issues of one repository."""

    def __init__(self, client: Client, words: BoardField) -> None:
        self._client = client
        self._words = words
        self._phases = {name.lower(): phase for phase, name in words.options.items()}
        self._project = ""
        self._field = ""
        self._options: dict[str, str] = {}
        self._cards: dict[str, _Card] = {}

    def check(self) -> Check:
        """Whether board, field and every option exist."""
        try:
            self._resolve()
        except AdapterError as error:
            return Check("board", False, str(error), error.problem.remedy)
        absent = [n for n in self._words.options.values() if n.lower() not in self._options]
        detail = f"{self._words.owner}/{self._words.number}, field {self._words.field}"
        remedy = f"Add the options {', '.join(absent)} to the field." if absent else ""
        return Check("board", not absent, detail, remedy)

    def read(self, repository: int) -> None:
        """See where all cards of the repository's issues stand now."""
        self._resolve()
        self._cards = {
            str(node["content"]["number"]): _card(node)
            for node in self._all()
            if (node.get("content") or {}).get("repository", {}).get("databaseId") == repository
            and not node.get("isArchived")
        }

    def look(self, issue: str, number: str) -> None:
        """See where one issue's card stands now. ``issue`` is its node id."""
        self._resolve()
        asked = {"issue": issue, "field": self._words.field}
        found = (self._client.graphql(_CARD, asked)["node"] or {}).get("projectItems", {})
        self._cards.pop(number, None)
        for node in found.get("nodes", ()):
            if node["project"]["id"] == self._project and not node.get("isArchived"):
                self._cards[number] = _card(node)

    def columns(self) -> dict[str, str]:
        """The column of each card, by issue number: what a cursor keeps."""
        return {number: card.column for number, card in self._cards.items()}

    def seen(self, item: Item) -> Item:
        """The item with the phase its card is in."""
        card = self._cards.get(item.ref.id)
        if card is None or not card.column or item.phase is Phase.COMPLETED:
            return item
        phase = self._phases.get(card.column.lower(), UNSET)
        done = Resolution.DONE if phase is Phase.COMPLETED else item.resolution
        mark = f"{item.revision}:{card.column}"
        return replace(item, phase=phase, resolution=done, revision=mark)

    def put(self, issue: str, number: str, phase: Phase) -> None:
        """Move an issue's card, making it where there is none. ``issue`` is its node id."""
        self._resolve()
        name = self._words.options.get(phase)
        option = self._options.get(name.lower()) if name else None
        card = self._cards.get(number)
        if name is None or option is None or (card and card.column.lower() == name.lower()):
            return
        if card is None:
            asked = {"project": self._project, "issue": issue}
            made = self._client.graphql(_ADD, asked, write=True)
            card = _Card(made["addProjectV2ItemById"]["item"]["id"], "")
        values = {
            "project": self._project,
            "item": card.id,
            "field_id": self._field,
            "option": option,
            "field": self._words.field,
        }
        stored = self._client.graphql(_SET, values, write=True)
        self._cards[number] = _card(stored["updateProjectV2ItemFieldValue"]["projectV2Item"])

    def _resolve(self) -> None:
        if self._project:
            return
        words = self._words
        asked = {"owner": words.owner, "number": words.number, "field": words.field}
        owner = self._client.graphql(_FIELD, asked)["repositoryOwner"] or {}
        project = owner.get("projectV2")
        field = (project or {}).get("field")
        if not project or not field:
            text = f"{words.owner} has no board {words.number} with a field {words.field}."
            raise Rejected(Problem("E203", text, remedy="Check owner, number, field and scopes."))
        self._project, self._field = project["id"], field["id"]
        self._options = {one["name"].lower(): one["id"] for one in field["options"]}

    def _all(self) -> Iterator[dict[str, Any]]:
        after = None
        while True:
            asked = {"project": self._project, "field": self._words.field, "after": after}
            items = self._client.graphql(_CARDS, asked)["node"]["items"]
            yield from items["nodes"]
            if not items["pageInfo"]["hasNextPage"]:
                return
            after = items["pageInfo"]["endCursor"]


def _card(node: dict[str, Any]) -> _Card:
    return _Card(node["id"], (node.get("fieldValueByName") or {}).get("name") or "")
