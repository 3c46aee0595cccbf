"""Which issues a JQL query finds, and in what order. Pure."""

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.jira.jql import Both, Call, Clause, Either, Jql, Not, Nothing, Tree, Value
from adapters.sandbox.jira.model import Issue, Status, User
from adapters.sandbox.jira.moments import moment
from adapters.sandbox.jira.project import Project
from adapters.sandbox.jira.state import JiraState

#: Says of an issue whether it is found.
Test: TypeAlias = Callable[[Issue], bool]


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, what they may see (project ids), and when."""

    world: JiraState
    user: User | None
    projects: frozenset[int]
    now: datetime

    @property
    def zone(self) -> ZoneInfo:
        """The time zone bare times are read in."""
        return ZoneInfo(self.user.zone if self.user else "Etc/UTC")


_COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ALIASES: Final = {
    "issue": "key",
    "issuekey": "key",
    "id": "key",
    "createddate": "created",
    "updateddate": "updated",
    "resolutiondate": "resolved",
    "due": "duedate",
    "type": "issuetype",
    "label": "labels",
    "component": "components",
}
_DATES: Final[Mapping[str, Callable[[Issue], datetime | None]]] = {
    "created": lambda issue: issue.created_at,
    "updated": lambda issue: issue.updated_at,
    "resolved": lambda issue: issue.resolved_at,
    "duedate": lambda issue: (
        datetime.fromisoformat(issue.due).replace(tzinfo=UTC) if issue.due else None
    ),
}
_TEXTS: Final[Mapping[str, Callable[[Issue], str]]] = {
    "summary": lambda issue: issue.summary,
    "description": lambda issue: issue.description.wiki if issue.description else "",
    "text": lambda issue: f"{issue.summary}\n{issue.description.wiki if issue.description else ''}",
}


def field_name(name: str) -> str:
    """A field's name as the tables here have it."""
    plain = name.lower().replace(" ", "")
    return _ALIASES.get(plain, plain)


def no_field(name: str) -> Refused:
    """A 400 for a field that is not there."""
    return Refused(400, f"Field '{name}' does not exist or you do not have permission to view it.")


def test(tree: Tree | None, asker: Asker) -> Test:
    """The query's condition. Raises Refused (400) in Jira's words."""
    match tree:
        case None:
            return lambda _issue: True
        case Both(parts):
            every = [test(one, asker) for one in parts]
            return lambda issue: all(one(issue) for one in every)
        case Either(parts):
            some = [test(one, asker) for one in parts]
            return lambda issue: any(one(issue) for one in some)
        case Not(part):
            inner = test(part, asker)
            return lambda issue: not inner(issue)
        case Clause() as clause:
            return _clause(clause, asker)


def _clause(clause: Clause, asker: Asker) -> Test:
    name = field_name(clause.field)
    if name in _DATES:
        return _date(clause, _DATES[name], asker)
    if name in _TEXTS:
        return _text(clause, _TEXTS[name])
    if name.startswith("issue.property"):
        return _property(clause, asker)
    if name in _SETS:
        return _among(clause, _SETS[name], asker)
    raise no_field(clause.field)


def _date(clause: Clause, get: Callable[[Issue], datetime | None], asker: Asker) -> Test:
    (operand,) = clause.operands[:1]
    if clause.operator in {"is", "is not"}:
        wanted = clause.operator == "is"
        return lambda issue: (get(issue) is None) == wanted
    if clause.operator not in _COMPARE or isinstance(operand, Nothing):
        raise _no_operator(clause)
    bound = moment(clause, operand, asker.now, asker.zone)
    compare = _COMPARE[clause.operator]

    def holds(issue: Issue) -> bool:
        at = get(issue)
        return at is not None and compare(at, bound)

    return holds


def _text(clause: Clause, get: Callable[[Issue], str]) -> Test:
    if clause.operator in {"is", "is not"}:
        empty = clause.operator == "is"
        return lambda issue: (not get(issue)) == empty
    if clause.operator not in {"~", "!~"}:
        raise _no_operator(clause)
    words = _word(clause.operands[0]).lower().strip('"').split()
    found = clause.operator == "~"
    return lambda issue: all(word in get(issue).lower() for word in words) == found


def _property(clause: Clause, asker: Asker) -> Test:
    name, _, path = clause.field.partition("[")[2].partition("]")
    world = asker.world
    if name not in world.habits.indexed:
        raise no_field(clause.field)
    steps = [step for step in path.split(".") if step]
    wanted = {_word(one) for one in clause.operands}

    def holds(issue: Issue) -> bool:
        value: Any = world.issues.properties.get(issue.id, {}).get(name)
        for step in steps:
            value = value.get(step) if isinstance(value, dict) else None
        return str(value) in wanted if value is not None else False

    return _signed(clause, holds)


def _among(clause: Clause, field: "_Set", asker: Asker) -> Test:
    if clause.operator in {"is", "is not"}:
        empty = clause.operator == "is"
        return lambda issue: (not field.have(asker, issue)) == empty
    if clause.operator not in {"=", "!=", "in", "not in"}:
        raise _no_operator(clause)
    wanted: set[object] = set()
    for one in clause.operands:
        wanted |= {None} if isinstance(one, Nothing) else field.mean(asker, clause, one)

    def holds(issue: Issue) -> bool:
        have = field.have(asker, issue)
        return bool(wanted & have) or (None in wanted and not have)

    return _signed(clause, holds)


def _signed(clause: Clause, holds: Test) -> Test:
    if clause.operator in {"!=", "not in"}:
        return lambda issue: not holds(issue)
    return holds


def _no_operator(clause: Clause) -> Refused:
    return Refused(
        400, f"The operator '{clause.operator}' is not supported by the '{clause.field}' field."
    )


def _word(operand: Value | Call | Nothing) -> str:
    return operand.text if isinstance(operand, Value) else ""


@dataclass(frozen=True, slots=True)
class _Set:
    """A field that holds any number of things, and how a query means them."""

    have: Callable[[Asker, Issue], set[object]]
    mean: Callable[[Asker, Clause, Value | Call], set[object]]


def _unknown(clause: Clause, word: str) -> Refused:
    return Refused(400, f"The value '{word}' does not exist for the field '{clause.field}'.")


def _projects(asker: Asker, clause: Clause, operand: Value | Call) -> set[object]:
    word = _word(operand)
    found: list[Project] = [
        one
        for one in asker.world.projects.values()
        if one.id in asker.projects
        and (word.lower() in {one.key.lower(), one.name.lower()} or word == str(one.id))
    ]
    if not found:
        try:
            former = asker.world.project(word)
        except Refused:
            raise _unknown(clause, word) from None
        if former.id not in asker.projects:
            raise _unknown(clause, word)
        found = [former]
    return {one.id for one in found}


def _keys(asker: Asker, clause: Clause, operand: Value | Call) -> set[object]:
    word = _word(operand)
    found = asker.world.issues.find(word)
    if found is None or found.project not in asker.projects:
        if word.isdigit():
            raise Refused(
                400, f"A value with ID '{word}' does not exist for the field '{clause.field}'."
            )
        raise Refused(400, f"An issue with key '{word}' does not exist for field '{clause.field}'.")
    return {found.id}


def _statuses(
    by: Callable[[Status], set[str]],
) -> Callable[[Asker, Clause, Value | Call], set[object]]:
    def mean(asker: Asker, clause: Clause, operand: Value | Call) -> set[object]:
        word = _word(operand).lower()
        found: set[object] = {one.id for one in asker.world.statuses.values() if word in by(one)}
        if not found and word not in _CATEGORIES:
            raise _unknown(clause, _word(operand))
        return found

    return mean


_CATEGORIES: Final = {
    "to do": "new",
    "new": "new",
    "2": "new",
    "in progress": "indeterminate",
    "indeterminate": "indeterminate",
    "4": "indeterminate",
    "done": "done",
    "complete": "done",
    "3": "done",
}


def _category_words(status: Status) -> set[str]:
    return {word for word, category in _CATEGORIES.items() if category == status.category}


def _named(
    list_of: Callable[[JiraState], Iterable[tuple[str, str]]],
) -> Callable[[Asker, Clause, Value | Call], set[object]]:
    def mean(asker: Asker, clause: Clause, operand: Value | Call) -> set[object]:
        word = _word(operand)
        found: set[object] = {
            number
            for number, name in list_of(asker.world)
            if word == number or word.lower() == name.lower()
        }
        if word.lower() == "unresolved":
            return {None}
        if not found:
            raise _unknown(clause, word)
        return found

    return mean


def _types(world: JiraState) -> set[tuple[str, str]]:
    return {(kind.id, kind.name) for one in world.projects.values() for kind in one.types}


def _people(asker: Asker, clause: Clause, operand: Value | Call) -> set[object]:
    if isinstance(operand, Call):
        if operand.name.lower() != "currentuser":
            raise Refused(400, f"Unable to find JQL function '{operand.name}()'.")
        return {asker.user.login} if asker.user else set()
    word = operand.text
    for one in asker.world.users.values():
        if word in {one.account_id, one.login, one.name, one.email}:
            return {one.login}
    raise _unknown(clause, word)


def _labels(_asker: Asker, _clause: Clause, operand: Value | Call) -> set[object]:
    return {_word(operand).lower()}


def _one(value: object) -> set[object]:
    return set() if value is None else {value}


_SETS: Final[Mapping[str, _Set]] = {
    "project": _Set(lambda _asker, issue: {issue.project}, _projects),
    "key": _Set(lambda _asker, issue: {issue.id}, _keys),
    "parent": _Set(lambda _asker, issue: _one(issue.parent), _keys),
    "status": _Set(
        lambda _asker, issue: {issue.status},
        _statuses(lambda status: {status.id, status.name.lower()}),
    ),
    "statuscategory": _Set(lambda _asker, issue: {issue.status}, _statuses(_category_words)),
    "issuetype": _Set(lambda _asker, issue: {issue.type}, _named(_types)),
    "priority": _Set(
        lambda _asker, issue: _one(issue.priority),
        _named(lambda world: [(one.id, one.name) for one in world.priorities]),
    ),
    "resolution": _Set(
        lambda _asker, issue: _one(issue.resolution),
        _named(lambda world: [(one.id, one.name) for one in world.resolutions]),
    ),
    "assignee": _Set(lambda _asker, issue: _one(issue.assignee), _people),
    "reporter": _Set(lambda _asker, issue: _one(issue.reporter), _people),
    "creator": _Set(lambda _asker, issue: {issue.creator}, _people),
    "labels": _Set(lambda _asker, issue: {one.lower() for one in issue.labels}, _labels),
}


# Order

_ORDERS: Final[Mapping[str, Callable[[JiraState, Issue], str]]] = {
    "key": lambda world, issue: f"{world.projects[issue.project].key} {issue.number:09}",
    "created": lambda _world, issue: issue.created_at.isoformat(timespec="milliseconds"),
    "updated": lambda _world, issue: issue.updated_at.isoformat(timespec="milliseconds"),
    "resolved": lambda _world, issue: str(issue.resolved_at or ""),
    "duedate": lambda _world, issue: issue.due or "",
    "priority": lambda _world, issue: issue.priority or "9",
    "status": lambda world, issue: world.statuses[issue.status].name,
    "summary": lambda _world, issue: issue.summary.lower(),
    "project": lambda world, issue: world.projects[issue.project].key,
    "issuetype": lambda _world, issue: issue.type,
    "assignee": lambda _world, issue: issue.assignee or "",
}


def ordered(found: list[Issue], query: Jql, world: JiraState) -> list[Issue]:
    """The issues in the query's order; newest first where it names none. Raises Refused."""
    for name, _ in query.order:
        if field_name(name) not in _ORDERS:
            raise no_field(name)
    found.sort(key=lambda issue: issue.id, reverse=not query.order)
    for name, down in reversed(query.order):
        found.sort(key=partial(_ORDERS[field_name(name)], world), reverse=down)
    return found


def place(issue: Issue, query: Jql, world: JiraState) -> list[str]:
    """Where an issue stands in the query's order: what a page's token remembers of its last."""
    return [_ORDERS[field_name(name)](world, issue) for name, _ in query.order] + [str(issue.id)]


def follows(issue: Issue, last: list[str], query: Jql, world: JiraState) -> bool:
    """Whether an issue comes after a place that :func:`place` gave."""
    downs = [down for _, down in query.order]
    for have, had, down in zip(place(issue, query, world)[:-1], last[:-1], downs, strict=True):
        if have != had:
            return (have < had) == down
    return (issue.id > int(last[-1])) == bool(query.order)
