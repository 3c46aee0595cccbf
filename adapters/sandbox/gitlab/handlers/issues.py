"""Issues: list, open, read, edit, move, delete."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, cast

from adapters.sandbox.core.access import Access
from adapters.sandbox.core.answer import Answer
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.gitlab import payloads, values
from adapters.sandbox.gitlab.call import Call, route
from adapters.sandbox.gitlab.handlers.projects import seen
from adapters.sandbox.gitlab.listing import KEYS, Query, Row, chosen
from adapters.sandbox.gitlab.model import TYPES, Actor, Edit, Issue
from adapters.sandbox.gitlab.project import Project, visible
from mappings.item import UNSET, Unset


@route("GET", "PROJECT/issues")
def of_project(call: Call) -> Answer:
    """A page of a project's issues; also by keyset."""
    return _listed(call, [call.project], "all", keyset=True)


@route("GET", "/groups/<group>/issues")
def of_group(call: Call, group: str) -> Answer:
    """A page of the issues of all projects in a group."""
    _, projects = seen(call, group)
    if call.query.get("non_archived", "true") != "false":
        projects = [one for one in projects if not one.archived]
    return _listed(call, projects, "all")


@route("GET", "/issues")
def everywhere(call: Call) -> Answer:
    """A page of issues anywhere; the caller's own unless ``scope`` says otherwise."""
    call.signed_in()
    known = [one for one in call.world.projects.values() if call.access_to(one) > Access.NONE]
    return _listed(call, known, "created_by_me")


@route("GET", "/issues/<int:number>")
def by_id(_: Call, **__: int) -> Answer:
    """One issue by its global number; for administrators only."""
    raise Refused(403, "403 Forbidden")


@route("POST", "PROJECT/issues")
def create(call: Call) -> Answer:
    """A new issue."""
    actor = call.writer()
    made = call.project.open(actor, edit_of(call, call.values, new=True))
    return shown(call, call.project, made, 201)


@route("GET", "PROJECT/issues/<int:iid>")
def read(call: Call, iid: int) -> Answer:
    """One issue."""
    return shown(call, call.project, call.project.get(iid, call.viewer))


@route("PUT", "PROJECT/issues/<int:iid>")
def change(call: Call, iid: int) -> Answer:
    """Change an issue; what is not given stays."""
    actor = call.writer()
    given = call.values
    if not given:
        call.project.get(iid, actor)
        reason = "title, description, state_event are missing, at least one must be provided"
        raise Refused(400, "", ({"error": reason},))
    return shown(call, call.project, call.project.edit(iid, edit_of(call, given), actor))


@route("DELETE", "PROJECT/issues/<int:iid>")
def delete(call: Call, iid: int) -> Answer:
    """Delete an issue for good."""
    call.project.delete(iid, call.writer())
    return Answer(204)


@route("POST", "PROJECT/issues/<int:iid>/move")
def move(call: Call, iid: int) -> Answer:
    """Move an issue to another project; shows the new one."""
    actor = call.writer()
    call.project.get(iid, actor)
    target = call.world.find(str(values.whole(call.values, "to_project_id")))
    if target is None or call.access_to(target) < Access.TRIAGE:
        raise Refused(404, "404 Project Not Found")
    return shown(call, target, call.project.move(iid, target, actor), 201)


def shown(call: Call, project: Project, issue: Issue, status: int = 200) -> Answer:
    """An issue as an answer."""
    return Answer.json(payloads.issue(call.base, project, issue), status)


def edit_of(call: Call, given: Mapping[str, Any], *, new: bool = False) -> Edit:
    """What the request wants to be different. Raises Refused (400)."""
    events = ("close", "reopen")
    return Edit(
        title=values.text(given, "title"),
        description=values.text_or_null(given, "description"),
        event=UNSET if new else cast("Any", values.one_of(given, "state_event", events)),
        labels=values.names(given, "labels"),
        add_labels=_or_none(values.names(given, "add_labels")),
        remove_labels=_or_none(values.names(given, "remove_labels")),
        assignees=_assignees(call, given),
        due_date=values.day(given, "due_date"),
        issue_type=values.one_of(given, "issue_type", TYPES),
        confidential=values.flag(given, "confidential"),
        locked=values.flag(given, "discussion_locked"),
    )


def _or_none(names: tuple[str, ...] | Unset) -> tuple[str, ...]:
    return () if names is UNSET else names


def _assignees(call: Call, given: Mapping[str, Any]) -> tuple[str, ...] | Unset:
    numbers = values.numbers(given, "assignee_ids")
    if numbers is UNSET:
        numbers = values.numbers(given, "assignee_id")
    if numbers is UNSET:
        return UNSET
    found = [call.world.user_by_id(one) for one in numbers]
    return tuple(one.username for one in found if one is not None)


def _listed(call: Call, projects: Iterable[Project], scope: str, *, keyset: bool = False) -> Answer:
    query = query_of(call, scope)
    further = call.world.habits.search_lag if query.search else timedelta(0)
    rows: list[Row] = []
    for one in projects:
        access = call.access_to(one)
        viewer = Actor(call.token.login if call.token else "", access)
        rows += [(one, issue) for issue in one.shown(further) if visible(issue, viewer)]
    found = chosen(rows, query)
    if keyset and call.query.get("pagination") == "keyset":
        part = call.keyset(found, lambda row: row[1].id)
    else:
        part = call.page(found)
    details = call.query.get("with_labels_details") == "true"
    return Answer.json([payloads.issue(call.base, *row, details=details) for row in part])


def query_of(call: Call, scope: str) -> Query:
    """What a list request asks for. Raises Refused (400)."""
    given = call.query
    scopes = ("all", "created_by_me", "assigned_to_me", "created-by-me", "assigned-to-me")
    wanted = values.one_of(given, "scope", scopes)
    scope = (scope if wanted is UNSET else wanted).replace("-", "_")
    me = call.token.login if call.token else ""
    state = values.one_of(given, "state", ("opened", "closed", "all"))
    order = values.one_of(given, "order_by", tuple(KEYS))
    sort = values.one_of(given, "sort", ("asc", "desc"))
    types = values.names(given, "issue_type")
    confidential = values.flag(given, "confidential")
    return Query(
        state="all" if state is UNSET else state,
        labels=_or_none(values.names(given, "labels")),
        iids=_iids(values.numbers(given, "iids")),
        author=me if scope == "created_by_me" else _person(call, given, "author"),
        assignee=me if scope == "assigned_to_me" else _person(call, given, "assignee"),
        types=_or_none(types),
        search=str(given.get("search", "")),
        confidential=None if confidential is UNSET else confidential,
        due=str(given.get("due_date", "")),
        updated_after=values.moment(given, "updated_after"),
        updated_before=values.moment(given, "updated_before"),
        created_after=values.moment(given, "created_after"),
        created_before=values.moment(given, "created_before"),
        order_by="created_at" if order is UNSET else order,
        sort="desc" if sort is UNSET else sort,
    )


def _iids(numbers: tuple[int, ...] | Unset) -> tuple[int, ...]:
    return () if numbers is UNSET else numbers


def _person(call: Call, given: Mapping[str, Any], role: str) -> str:
    """A username, or "any" or "none"; one nobody has for a number nobody has."""
    if name := given.get(f"{role}_username"):
        return str(name[0] if isinstance(name, list) else name)
    number = str(given.get(f"{role}_id", ""))
    if not number.isdigit():
        return number
    user = call.world.user_by_id(int(number))
    return user.username if user else "\0"
