"""What people do in the tracker: at a browser, each tracker in its own way."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from adapters.sandbox import Sandbox
from mappings.profile import Profile
from mappings.titles import read_title
from mappings.vocabulary import Phase, Resolution

_LOGIN: Final = "maria"


@dataclass(frozen=True, slots=True)
class Seen:
    """An issue as a person sees it in a list. ``name`` is how people call it: #3, PAY-3."""

    number: int
    name: str
    state: str
    title: str
    words: tuple[str, ...]


class Person(ABC):
    """One member of the team in one project. Speaks the words of ``profile``.

    Issues are named by their number in the project.
    """

    def __init__(self, sandbox: Sandbox, project: str, profile: Profile) -> None:
        self._sandbox = sandbox
        self._project = project
        self._profile = profile

    def issues(self) -> list[Seen]:
        """Every issue, oldest first."""
        with self._sandbox.lock:
            return sorted(self._seen(), key=lambda one: one.number)

    def open(self, title: str, body: str) -> Seen:
        """Write an issue by hand, and how urgent it is where the form asks for that."""
        with self._sandbox.lock:
            number = self._open(title, body)
            return next(one for one in self._seen() if one.number == number)

    def move(self, number: int, phase: Phase) -> None:
        """Give an open issue another phase."""
        with self._sandbox.lock:
            self._move(number, phase)

    def finish(self, number: int, why: Resolution) -> None:
        """Close an issue, with a reason."""
        with self._sandbox.lock:
            self._finish(number, why)

    def rename(self, number: int, title: str) -> None:
        """Give an issue another title."""
        with self._sandbox.lock:
            self._rename(number, title)

    @property
    def _me(self) -> Any:  # noqa: ANN401  each sandbox has people of its own
        return self._sandbox.person(_LOGIN, self._project)

    def _relabel(self, number: int, has: tuple[str, ...], phase: Phase) -> None:
        """Put a phase's label in the place of the one that is there."""
        labels = self._profile.phase.labels
        old = [name for name in has if name in labels.values()]
        self._me.label(number, add=[labels[phase]], remove=old)

    @abstractmethod
    def _seen(self) -> Iterator[Seen]: ...

    @abstractmethod
    def _open(self, title: str, body: str) -> int: ...

    @abstractmethod
    def _move(self, number: int, phase: Phase) -> None: ...

    @abstractmethod
    def _finish(self, number: int, why: Resolution) -> None: ...

    @abstractmethod
    def _rename(self, number: int, title: str) -> None: ...


class GitHubPerson(Person):
    """Labels say the phase; an issue is closed with a reason."""

    def _seen(self) -> Iterator[Seen]:
        home = self._me.repository
        for number, one in home.issues.items():
            state = (one.reason or one.state) if one.state == "closed" else one.state
            yield Seen(number, f"#{number}", state, one.title, self._labels(number))

    def _labels(self, number: int) -> tuple[str, ...]:
        home = self._me.repository
        return tuple(sorted(home.label_name(one) for one in home.get(number).labels))

    def _open(self, title: str, body: str) -> int:
        return int(self._me.open(title, body).number)

    def _move(self, number: int, phase: Phase) -> None:
        self._relabel(number, self._labels(number), phase)

    def _finish(self, number: int, why: Resolution) -> None:
        self._me.close(number, "completed" if why is Resolution.DONE else why.value)

    def _rename(self, number: int, title: str) -> None:
        self._me.edit(number, title=title)


class GitLabPerson(Person):
    """Labels say the phase, and why an issue was closed unless it was simply done."""

    def _seen(self) -> Iterator[Seen]:
        for number, one in self._me.project.issues.items():
            words = self._labels(number)
            if one.issue_type != "issue":
                words = (one.issue_type, *words)
            yield Seen(number, f"#{number}", one.state, one.title, words)

    def _labels(self, number: int) -> tuple[str, ...]:
        home = self._me.project
        return tuple(sorted(home.labels.names(home.get(number).labels)))

    def _open(self, title: str, body: str) -> int:
        return int(self._me.open(title, body).iid)

    def _move(self, number: int, phase: Phase) -> None:
        self._relabel(number, self._labels(number), phase)

    def _finish(self, number: int, why: Resolution) -> None:
        reason = self._profile.resolution.labels.get(why)
        if reason is not None:
            self._me.label(number, add=[reason])
        self._me.close(number)

    def _rename(self, number: int, title: str) -> None:
        self._me.edit(number, title=title)


class JiraPerson(Person):
    """The workflow says the phase; closing asks for a resolution, creating for a priority."""

    def _seen(self) -> Iterator[Seen]:
        me = self._me
        world = me.world
        names = {one.id: one.name for one in (*world.priorities, *world.resolutions)}
        for one in world.issues.all.values():
            if one.project == me.project.id:
                said = (names.get(one.priority), names.get(one.resolution))
                words = (*(word for word in said if word), *sorted(one.labels))
                state = world.statuses[one.status].name
                yield Seen(one.number, one.key, state, one.summary, words)

    def _key(self, number: int) -> str:
        return f"{self._project}-{number}"

    def _open(self, title: str, body: str) -> int:
        made = self._me.open(title, body)
        priority = read_title(title).priority
        if priority is not None:
            self._me.prioritise(made.key, self._profile.priority.values[priority])
        return int(made.number)

    def _move(self, number: int, phase: Phase) -> None:
        self._me.walk(self._key(number), self._profile.phase.statuses[phase][0])

    def _finish(self, number: int, why: Resolution) -> None:
        done = self._profile.phase.statuses[Phase.COMPLETED][0]
        self._me.walk(self._key(number), done, self._profile.resolution.values[why])

    def _rename(self, number: int, title: str) -> None:
        self._me.edit(self._key(number), summary=title)
