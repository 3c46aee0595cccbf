"""A project's labels. Names differ by case; a scoped one (``key::value``) may exclude others."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.gitlab.model import GREY, Label
from mappings.item import UNSET, Unset

if TYPE_CHECKING:
    from adapters.sandbox.gitlab.project import Project


class Labels:
    """Labels by id; issues hold ids, so that a new name shows everywhere and touches nothing."""

    def __init__(self, project: "Project") -> None:
        self._project = project
        self._labels: dict[int, Label] = {}

    def all(self) -> list[Label]:
        """In the order of their names."""
        return sorted(self._labels.values(), key=lambda one: one.name)

    def by_id(self, number: int) -> Label:
        """The label of that id."""
        return self._labels[number]

    def get(self, key: str) -> Label:
        """By id or name. Raises Refused (404)."""
        for label in self._labels.values():
            if key in {label.name, str(label.id)}:
                return label
        raise Refused(404, "404 Label Not Found")

    def add(self, name: str, color: str = GREY, description: str | None = None) -> Label:
        """A new one. Raises Refused (400, 409)."""
        if not name or "," in name:
            raise Refused(400, "", ({"title": ["is invalid"]},))
        if any(label.name == name for label in self._labels.values()):
            raise Refused(409, "Label already exists")
        made = Label(self._project.world.next_id("label", 301), name, color, description)
        self._labels[made.id] = made
        return made

    def change(
        self,
        label: Label,
        *,
        name: str | Unset = UNSET,
        color: str | Unset = UNSET,
        description: str | None | Unset = UNSET,
    ) -> Label:
        """With another name, colour or description; its issues are not touched."""
        if (
            name is not UNSET
            and name != label.name
            and any(one.name == name for one in self._labels.values())
        ):
            raise Refused(400, "", ({"title": ["has already been taken"]},))
        changed = replace(
            label,
            name=label.name if name is UNSET else name,
            color=label.color if color is UNSET else color,
            description=label.description if description is UNSET else description,
        )
        self._labels[label.id] = changed
        self._project.revision += 1
        return changed

    def remove(self, label: Label) -> None:
        """Delete everywhere; its issues are not touched."""
        del self._labels[label.id]
        self._project.drop_label(label.id)

    def names(self, numbers: Iterable[int]) -> list[str]:
        """The names behind ids, sorted as GitLab shows them."""
        return sorted(self._labels[one].name for one in numbers)

    def after(
        self,
        before: tuple[int, ...],
        *,
        exact: Sequence[str] | Unset,
        add: Sequence[str],
        remove: Sequence[str],
    ) -> tuple[int, ...]:
        """The labels an issue has after an edit; those that do not exist are made."""
        kept = list(before) if exact is UNSET else []
        for name in [*(() if exact is UNSET else exact), *add]:
            label = self._known(name)
            scope = name.rpartition("::")[0]
            if scope and self._project.world.habits.premium:
                kept = [one for one in kept if not self._in(one, scope)]
            if label.id not in kept:
                kept.append(label.id)
        gone = set(remove)
        return tuple(one for one in kept if self._labels[one].name not in gone)

    def _in(self, number: int, scope: str) -> bool:
        return self._labels[number].name.rpartition("::")[0] == scope

    def _known(self, name: str) -> Label:
        found = next((one for one in self._labels.values() if one.name == name), None)
        return found or self.add(name)
