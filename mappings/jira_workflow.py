"""The way through a Jira workflow to a phase, and what each step of it demands. Pure.

Jira tells an issue's transitions only from where it stands. What was seen is remembered by status,
and the shortest way over what is known is taken; a status nobody has looked from yet is a place to
look from, never a place to stop at.
"""

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from mappings.vocabulary import Phase

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
#: No sensible workflow is longer; a ring of transitions is not walked for ever.
STEPS_AT_MOST: Final = 12


@dataclass(frozen=True, slots=True)
class Need:
    """One field of a screen. ``type`` as in its schema ("option", "user", "array"); ``allowed``
    are the values it takes, as Jira writes them; empty means any.
    """

    id: str
    name: str
    type: str = "string"
    items: str = ""
    required: bool = False
    default: bool = False
    allowed: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Transition:
    """One step: its id, its name for people, the id of the status it leads to, its screen."""

    id: str
    name: str
    to: str
    needs: tuple[Need, ...] = ()

    def takes(self, name: str) -> bool:
        """Whether the field ``name`` is on the screen."""
        return any(need.id == name for need in self.needs)


@dataclass(frozen=True, slots=True)
class Status:
    """One status. ``category`` is "new", "indeterminate", "done" or "" where it is unknown."""

    id: str
    name: str
    category: str = ""


@dataclass(slots=True)
class Workflow:
    """What is known of one workflow: the transitions out of each status that was looked from."""

    known: dict[str, tuple[Transition, ...]] = field(default_factory=dict)

    def learn(self, status: str, transitions: Sequence[Transition]) -> None:
        """From ``status`` there are exactly these."""
        self.known[status] = tuple(transitions)

    def forget(self, status: str) -> None:
        """What was known is not so any more."""
        self.known.pop(status, None)

    def way(
        self,
        start: str,
        goals: Collection[str],
        settled: Mapping[str, str] = _NOTHING,
        avoid: Collection[str] = (),
    ) -> tuple[Transition, ...] | None:
        """The shortest way to any of ``goals``; of several that are equally short the one with
        the least fields to fill. None when none is known.

        ``settled`` are fields that can be filled, by id and by name in lower case; a step that
        demands another one is taken only where there is no other way at all. Statuses to ``avoid``
        are not passed.
        """
        for strict in (True, False):
            found = self._search(start, goals, settled, {start, *avoid} - {*goals}, strict=strict)
            if found is not None:
                return found
        return None

    def _search(
        self,
        start: str,
        goals: Collection[str],
        settled: Mapping[str, str],
        closed: set[str],
        *,
        strict: bool,
    ) -> tuple[Transition, ...] | None:
        if start in goals:
            return ()
        seen = {*closed, start}
        queue: deque[tuple[str, tuple[Transition, ...]]] = deque([(start, ())])
        while queue:
            status, way = queue.popleft()
            if len(way) >= STEPS_AT_MOST:
                return None
            steps = sorted(self.known.get(status, ()), key=lambda one: len(lacking(one, settled)))
            for step in steps:
                if step.to in seen or (strict and lacking(step, settled)):
                    continue
                if step.to in goals:
                    return (*way, step)
                seen.add(step.to)
                queue.append((step.to, (*way, step)))
        return None

    def unseen(self, start: str) -> tuple[str, ...]:
        """Statuses that can be reached and that nobody looked from, nearest first."""
        seen, order = {start}, [start]
        for status in order:
            for step in self.known.get(status, ()):
                if step.to not in seen:
                    seen.add(step.to)
                    order.append(step.to)
        return tuple(status for status in order if status not in self.known)


def lacking(step: Transition, settled: Mapping[str, str]) -> tuple[Need, ...]:
    """Fields that a step demands, has no value for, and that nobody settled."""
    return tuple(
        need for need in step.needs if need.required and not need.default and not _is(need, settled)
    )


def _is(need: Need, settled: Mapping[str, str]) -> bool:
    return need.id.lower() in settled or need.name.lower() in settled


def filled(needs: Sequence[Need], settled: Mapping[str, str], *, all_of: bool) -> dict[str, Any]:
    """Values for the screen: of required fields alone, or (``all_of``) of all that are settled.

    Raises ValueError naming the field whose settled value is none that it takes.
    """
    values: dict[str, Any] = {}
    for need in needs:
        text = settled.get(need.id.lower(), settled.get(need.name.lower()))
        if text is not None and (all_of or (need.required and not need.default)):
            values[need.id] = value_of(need, text)
    return values


def value_of(need: Need, text: str) -> Any:  # noqa: ANN401  as the field's type demands
    """A settled text as the field takes it. Raises ValueError for one that it does not take."""
    if need.type == "array":
        parts = [part.strip() for part in text.split(",") if part.strip()]
        one = Need(need.id, need.name, need.items or "string", allowed=need.allowed)
        return [value_of(one, part) for part in parts]
    if need.allowed:
        return _allowed(need, text)
    if need.type == "number":
        return float(text)
    if need.type in {"option", "select"}:
        return {"value": text}
    if need.type in {"resolution", "priority", "version", "component", "issuetype", "group"}:
        return {"name": text}
    return text


def _allowed(need: Need, text: str) -> dict[str, str]:
    wanted = text.strip().lower()
    for value in need.allowed:
        names = {str(value.get(key, "")).lower() for key in ("id", "name", "value", "key")}
        if wanted in names - {""}:
            if value.get("id"):
                return {"id": str(value["id"])}
            key = "name" if "name" in value else "value"
            return {key: str(value[key])}
    taken = ", ".join(str(one.get("name") or one.get("value")) for one in need.allowed[:10])
    msg = f'"{need.name}" does not take "{text}"; it takes: {taken}'
    raise ValueError(msg)


#: What a status says where no profile names it (docs: "Status categories"). A category tells
#: started from not started, never a backlog from what is to be done next.
OF_CATEGORY: Final = {
    "indeterminate": Phase.DOING,
    "done": Phase.COMPLETED,
}


def phase_of(status: Status, named: Phase | None, first: Phase) -> Phase | None:
    """The phase of a status: as the profile names it, else by its category; ``first`` for what
    is not begun. None where nothing tells.
    """
    if named is not None:
        return named
    return first if status.category == "new" else OF_CATEGORY.get(status.category)
