"""The phase kept in a GitHub Projects (v2) field, by GraphQL (clients.md §3.10).

Changes of a board do not touch an issue's ``updated_at``, so the board is read in every cycle.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from adapters.base import Check, Page
from adapters.errors import AdapterError, Rejected
from adapters.github.client import Client
from mappings.item import Item
from mappings.problem import Problem
from mappings.profile import BoardField
from mappings.vocabulary import Phase

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
_ITEMS: Final = """
query($project: ID!, $field: String!, $after: String) {
  node(id: $project) {
    ... on ProjectV2 {
      items(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes {
          id
          content { ... on Issue { id databaseId } }
          fieldValueByName(name: $field) { ... on ProjectV2ItemFieldSingleSelectValue { name } }
        }
      }
    }
  }
}"""
_ADD: Final = """
mutation($project: ID!, $issue: ID!) {
  addProjectV2ItemById(input: {projectId: $project, contentId: $issue}) { item { id } }
}"""
_SET: Final = """
mutation($project: ID!, $item: ID!, $field: ID!, $option: String!) {
  updateProjectV2ItemFieldValue(
    input: {projectId: $project, itemId: $item, fieldId: $field,
            value: {singleSelectOptionId: $option}}
  ) { projectV2Item { id } }
}"""


class Board:
    """One single-select field of one board."""

    def __init__(self, client: Client, words: BoardField) -> None:
        self._client = client
        self._words = words
        self._phases = {name.lower(): phase for phase, name in words.options.items()}
        self._project = ""
        self._field = ""
        self._options: dict[str, str] = {}
        self._items: dict[str, str] = {}
        self._values: dict[str, Phase] = {}

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

    def overlay(self, page: Page, read: Callable[[dict[str, Any]], Item]) -> Page:
        """A page with the board's phases."""
        del read
        self._read_all()
        return replace(page, items=tuple(self.seen(item) for item in page.items))

    def seen(self, item: Item) -> Item:
        """The item with the phase its card is in; an open issue without a card keeps its own."""
        phase = self._values.get(item.ref.birth)
        if phase is None or item.phase is Phase.COMPLETED or phase is Phase.COMPLETED:
            return item
        return replace(item, phase=phase)

    def put(self, issue: str, phase: Phase) -> None:
        """Move an issue's card, making it where there is none. ``issue`` is a node id."""
        self._resolve()
        name = self._words.options.get(phase)
        option = self._options.get(name.lower()) if name else None
        if option is None:
            return
        card = self._items.get(issue)
        if card is None:
            made = self._client.graphql(
                _ADD, {"project": self._project, "issue": issue}, write=True
            )
            card = self._items[issue] = made["addProjectV2ItemById"]["item"]["id"]
        values = {
            "project": self._project,
            "item": card,
            "field": self._field,
            "option": option,
        }
        self._client.graphql(_SET, values, write=True)

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

    def _read_all(self) -> None:
        self._resolve()
        after = None
        while True:
            asked = {"project": self._project, "field": self._words.field, "after": after}
            items = self._client.graphql(_ITEMS, asked)["node"]["items"]
            for node in items["nodes"]:
                self._keep(node)
            if not items["pageInfo"]["hasNextPage"]:
                return
            after = items["pageInfo"]["endCursor"]

    def _keep(self, node: dict[str, Any]) -> None:
        issue = node.get("content") or {}
        if "databaseId" not in issue:
            return
        self._items[issue["id"]] = node["id"]
        value = (node.get("fieldValueByName") or {}).get("name", "")
        phase = self._phases.get(value.lower())
        if phase is not None:
            self._values[str(issue["databaseId"])] = phase
