"""The milestones of one repository."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.github import checks
from adapters.sandbox.github.model import Milestone, State, second

if TYPE_CHECKING:
    from adapters.sandbox.github.repository import Repository


class Milestones:
    """Milestones by number."""

    def __init__(self, repository: "Repository") -> None:
        self._repository = repository
        self._by_number: dict[int, Milestone] = {}
        self._last = 0

    def all(self, state: str = "open") -> list[Milestone]:
        """Those in that state ("all" for both), by number."""
        return [one for one in self._by_number.values() if state in {"all", one.state}]

    def has(self, number: object) -> bool:
        """Whether there is one of that number."""
        return number in self._by_number

    def get(self, number: int) -> Milestone:
        """The milestone of that number. Raises Refused (404)."""
        if number not in self._by_number:
            raise Refused(404, "Not Found")
        return self._by_number[number]

    def add(
        self,
        creator: str,
        title: str,
        *,
        state: State = "open",
        description: str | None = None,
        due_on: str | None = None,
    ) -> Milestone:
        """A new milestone. Raises Refused (422), also for a title that is taken."""
        if not title.strip():
            raise checks.missing("Milestone", "title")
        if any(one.title == title for one in self._by_number.values()):
            raise checks.failed(
                {"resource": "Milestone", "code": "already_exists", "field": "title"}
            )
        self._last += 1
        now = second(self._repository.world.clock.now())
        return self._put(
            Milestone(
                id=self._repository.world.next_id("milestone", 600_001),
                number=self._last,
                title=title,
                creator=creator,
                created_at=now,
                updated_at=now,
                state=state,
                description=description,
                due_on=due_on,
            )
        )

    def change(self, number: int, values: Mapping[str, Any]) -> Milestone:
        """Change title, state, description or due_on. Raises Refused (404)."""
        before = self.get(number)
        now = second(self._repository.world.clock.now())
        after = replace(before, **values, updated_at=now)
        closed_at = None if after.state == "open" else before.closed_at or now
        return self._put(replace(after, closed_at=closed_at))

    def counts(self, number: int) -> tuple[int, int]:
        """Open and closed issues in it."""
        states = [one.state for one in self._repository.issues.values() if one.milestone == number]
        return states.count("open"), states.count("closed")

    def _put(self, milestone: Milestone) -> Milestone:
        self._by_number[milestone.number] = milestone
        self._repository.changed()
        return milestone
