"""The labels of one repository."""

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.github import checks
from adapters.sandbox.github.model import GREY, LABEL_LIMIT, Label

if TYPE_CHECKING:
    from adapters.sandbox.github.repository import Repository

#: The labels every new repository starts with, and their colours.
FIRST_LABELS: Final = {
    "bug": "d73a4a",
    "documentation": "0075ca",
    "duplicate": "cfd3d7",
    "enhancement": "a2eeef",
    "good first issue": "7057ff",
    "help wanted": "008672",
    "invalid": "e4e669",
    "question": "d876e3",
    "wontfix": "ffffff",
}


class Labels:
    """Labels by name (whatever its case) and by id, in the order they were made."""

    def __init__(self, repository: "Repository") -> None:
        self._repository = repository
        self._by_name: dict[str, Label] = {}
        self._by_id: dict[int, Label] = {}
        for name, color in FIRST_LABELS.items():
            self._put(Label(self._next(), name, color, default=True))

    def all(self) -> list[Label]:
        """Every label, oldest first."""
        return list(self._by_id.values())

    def id_of(self, name: str) -> int | None:
        """The id behind a name."""
        label = self._by_name.get(name.lower())
        return label.id if label else None

    def by_id(self, label: int) -> Label:
        """The label of that id."""
        return self._by_id[label]

    def get(self, name: str) -> Label:
        """The label of that name. Raises Refused (404)."""
        if name.lower() not in self._by_name:
            raise Refused(404, "Not Found")
        return self._by_name[name.lower()]

    def add(self, name: str, color: str = GREY, description: str | None = None) -> Label:
        """A new label. Raises Refused (422), also when there is one of that name."""
        _check(name, color)
        if name.lower() in self._by_name:
            raise checks.failed({"resource": "Label", "code": "already_exists", "field": "name"})
        return self._put(Label(self._next(), name, color.lower(), description))

    def change(
        self,
        name: str,
        *,
        new_name: str | None = None,
        color: str | None = None,
        description: str | None = None,
    ) -> Label:
        """Rename or recolour; the issues that carry it are not touched. Raises Refused."""
        label = self.get(name)
        wanted = new_name or label.name
        _check(wanted, color or label.color)
        if wanted.lower() != label.name.lower() and wanted.lower() in self._by_name:
            raise checks.failed({"resource": "Label", "code": "already_exists", "field": "name"})
        del self._by_name[label.name.lower()]
        return self._put(
            replace(
                label,
                name=wanted,
                color=(color or label.color).lower(),
                description=label.description if description is None else description,
            )
        )

    def remove(self, name: str) -> None:
        """Delete the label, here and on every issue. Raises Refused (404)."""
        label = self.get(name)
        del self._by_name[label.name.lower()], self._by_id[label.id]
        self._repository.drop_label(label.id)
        self._repository.changed()

    def settle(self, names: tuple[str, ...]) -> tuple[int, ...]:
        """Ids for names; an unknown one as the habits say. Raises Refused (403, 422)."""
        found: dict[int, None] = {}
        for name in names:
            label = self._by_name.get(name.lower())
            if label is None:
                label = self._unknown(name)
            if label is not None:
                found[label.id] = None
        return tuple(found)

    def _unknown(self, name: str) -> Label | None:
        habit = self._repository.world.habits.unknown_labels
        if habit == "refuse":
            raise Refused(403, f'You do not have permission to create the label "{name}".')
        return self.add(name) if habit == "create" else None

    def _put(self, label: Label) -> Label:
        self._by_name[label.name.lower()] = label
        self._by_id[label.id] = label
        self._repository.changed()
        return label

    def _next(self) -> int:
        return self._repository.world.next_id("label", 800_001)


def _check(name: str, color: str) -> None:
    if not name.strip():
        raise checks.missing("Label", "name")
    if len(name) > LABEL_LIMIT:
        raise checks.too_long("Label", "name", LABEL_LIMIT)
    if not re.fullmatch(r"[0-9a-fA-F]{6}", color):
        raise checks.failed({"resource": "Label", "code": "invalid", "field": "color"})
