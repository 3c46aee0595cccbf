"""The types a client may ask about, field by field; names as in GitHub's public schema."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, TypeAlias

from adapters.sandbox.core.access import Access
from adapters.sandbox.core.graphql.execute import Arguments, Fault, Node, Schema
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.github.board import Board, BoardField, BoardItem
from adapters.sandbox.github.graphql import connections
from adapters.sandbox.github.graphql.connections import connection
from adapters.sandbox.github.graphql.context import Context, field_node, node_of, value_node
from adapters.sandbox.github.listing import Query
from adapters.sandbox.github.model import Issue, User, node_id
from adapters.sandbox.github.payloads import association, moment
from adapters.sandbox.github.repository import Elsewhere, Repository

Field: TypeAlias = Callable[[Context, Any, Arguments], Any]

#: An issue and where it lives.
Pair: TypeAlias = tuple[Repository, Issue]


def plain(give: Callable[[Any], Any]) -> Field:
    """A field that follows from the value alone."""
    return lambda _context, value, _arguments: give(value)


def _board_of(context: Context, owner: User, arguments: Arguments) -> Node:
    number = arguments.get("number")
    boards = [one for one in context.world.boards.values() if one.owner == owner.login]
    found = next((one for one in boards if one.number == number), None)
    return context.board(found, f"number {number}")


def _boards_of(context: Context, owner: User, arguments: Arguments) -> Node:
    context.need_scope("read:project", "project")
    boards = [one for one in context.world.boards.values() if one.owner == owner.login]
    return connection([Node("ProjectV2", one) for one in boards], arguments, "projectsV2")


def _owner(kind: str) -> Field:
    def give(context: Context, _value: object, arguments: Arguments) -> Node:
        login = str(arguments.get("login"))
        user = context.world.users.get(login.lower())
        if user is None or (kind and user.kind != kind):
            word = kind or "RepositoryOwner"
            message = f"Could not resolve to a {word} with the login of '{login}'."
            raise Fault("NOT_FOUND", message)
        return Node(user.kind, user)

    return give


def _issue_by_number(context: Context, repository: Repository, arguments: Arguments) -> Node:
    number = arguments.get("number")
    try:
        return node_of(repository, repository.get(int(str(number))))
    except Elsewhere as elsewhere:
        home = context.world.repositories[elsewhere.repository]
        return node_of(home, home.get(elsewhere.number))
    except Refused:
        message = f"Could not resolve to an Issue with the number of {number}."
        raise Fault("NOT_FOUND", message) from None


def _issues(_context: Context, repository: Repository, arguments: Arguments) -> Node:
    order = arguments.get("orderBy") or {"field": "CREATED_AT", "direction": "ASC"}
    wanted = arguments.get("filterBy") or {}
    since = wanted.get("since")
    names = [*(arguments.get("labels") or ()), *(wanted.get("labels") or ())]
    query = Query(
        state="all",
        sort="updated" if order["field"] == "UPDATED_AT" else "created",
        direction="asc" if order["direction"] == "ASC" else "desc",
        since=datetime.fromisoformat(since) if since else None,
        labels=tuple(name.lower() for name in names),
    )
    states = arguments.get("states") or wanted.get("states") or ["OPEN", "CLOSED"]
    kept = [states] if isinstance(states, str) else states
    nodes = [
        node_of(repository, one)
        for one in repository.listed(query)
        if not one.pull and one.state.upper() in kept
    ]
    return connection(nodes, arguments, "issues")


def _labels(_context: Context, pair: Pair, arguments: Arguments) -> Node:
    repository, issue = pair
    labels = [repository.labels.by_id(one) for one in issue.labels]
    return connection([Node("Label", one) for one in labels], arguments, "labels")


def _assignees(context: Context, pair: Pair, arguments: Arguments) -> Node:
    people = [context.person(login) for login in pair[1].assignees]
    return connection(people, arguments, "assignees")


def _comments(_context: Context, pair: Pair, arguments: Arguments) -> Node:
    found = [Node("IssueComment", one) for one in pair[0].comments_of(pair[1].number)]
    return connection(found, arguments, "comments")


def _children(context: Context, pair: Pair, arguments: Arguments) -> Node:
    found = [context.issue(one) for one in pair[1].children]
    return connection([one for one in found if one is not None], arguments, "subIssues")


def _items_of_issue(context: Context, pair: Pair, arguments: Arguments) -> Node:
    context.need_scope("read:project", "project")
    found = [
        Node("ProjectV2Item", (board, item))
        for board in context.world.boards.values()
        if (item := board.item_of(pair[1].id)) is not None
        and (not item.archived or arguments.get("includeArchived", True))
    ]
    return connection(found, arguments, "projectItems")


def _content(context: Context, pair: tuple[Board, BoardItem], _arguments: Arguments) -> Node | None:
    return context.issue(pair[1].issue)


def _item_type(context: Context, pair: tuple[Board, BoardItem], _arguments: Arguments) -> str:
    found = context.issue(pair[1].issue)
    if found is None:
        return "REDACTED"
    return "PULL_REQUEST" if found.type == "PullRequest" else "ISSUE"


def _value_by_name(
    _context: Context, pair: tuple[Board, BoardItem], arguments: Arguments
) -> Node | None:
    board, item = pair
    one = board.field_named(str(arguments.get("name")))
    return value_node(board, item, one) if one else None


def _values(_context: Context, pair: tuple[Board, BoardItem], arguments: Arguments) -> Node:
    board, item = pair
    found = [value_node(board, item, one) for one in board.fields]
    return connection([one for one in found if one is not None], arguments, "fieldValues")


def _fields(_context: Context, board: Board, arguments: Arguments) -> Node:
    return connection([field_node(board, one) for one in board.fields], arguments, "fields")


def _field(_context: Context, board: Board, arguments: Arguments) -> Node | None:
    one = board.field_named(str(arguments.get("name")))
    return field_node(board, one) if one else None


def _items(_context: Context, board: Board, arguments: Arguments) -> Node:
    found = [Node("ProjectV2Item", (board, one)) for one in board.items.values()]
    return connection(found, arguments, "items")


def _options(pair: tuple[Board, BoardField], names: list[str] | None) -> list[Node]:
    one = pair[1]
    return [
        Node(
            "Option",
            {
                "id": one.option_id(name),
                "name": name,
                "nameHTML": name,
                "color": "GRAY",
                "description": "",
            },
        )
        for name in one.options
        if not names or name in names
    ]


def _permission(context: Context, repository: Repository, _arguments: Arguments) -> str:
    access = context.call.access_to(repository)
    return "ADMIN" if access is Access.ADMIN else access.name


def _rate(context: Context, _value: object, _arguments: Arguments) -> Node:
    left = context.call.meter.standing(context.call.who, "graphql")
    return Node(
        "RateLimit",
        {
            "limit": left.limit,
            "cost": 1,
            "remaining": left.remaining,
            "used": left.used,
            "nodeCount": 0,
            "resetAt": moment(left.reset),
        },
    )


def _person_url(context: Context, user: User, _arguments: Arguments) -> str:
    return f"{context.call.base}/{user.login}"


_PERSON: Final[dict[str, Field]] = {
    "id": plain(lambda user: node_id("User", user.id)),
    "databaseId": plain(lambda user: user.id),
    "login": plain(lambda user: user.login),
    "name": plain(lambda user: user.name),
    "url": _person_url,
    "projectV2": _board_of,
    "projectsV2": _boards_of,
}

_ISSUE: Final[dict[str, Field]] = {
    "id": plain(lambda pair: node_id("PullRequest" if pair[1].pull else "Issue", pair[1].id)),
    "databaseId": plain(lambda pair: pair[1].id),
    "fullDatabaseId": plain(lambda pair: str(pair[1].id)),
    "number": plain(lambda pair: pair[1].number),
    "title": plain(lambda pair: pair[1].title),
    "body": plain(lambda pair: pair[1].body or ""),
    "state": plain(lambda pair: pair[1].state.upper()),
    "stateReason": plain(lambda pair: pair[1].reason.upper() if pair[1].reason else None),
    "closed": plain(lambda pair: pair[1].state == "closed"),
    "locked": plain(lambda pair: pair[1].locked),
    "createdAt": plain(lambda pair: moment(pair[1].created_at)),
    "updatedAt": plain(lambda pair: moment(pair[1].updated_at)),
    "closedAt": plain(lambda pair: moment(pair[1].closed_at)),
    "author": lambda context, pair, _arguments: context.person(pair[1].author),
    "authorAssociation": plain(lambda pair: association(pair[0], pair[1].author)),
    "url": lambda context, pair, _arguments: (
        f"{context.call.base}/{pair[0].full_name}/issues/{pair[1].number}"
    ),
    "repository": plain(lambda pair: Node("Repository", pair[0])),
    "labels": _labels,
    "assignees": _assignees,
    "comments": _comments,
    "subIssues": _children,
    "parent": lambda context, pair, _arguments: (
        context.issue(pair[1].parent) if pair[1].parent else None
    ),
    "issueType": plain(lambda pair: Node("IssueType", pair[1].type) if pair[1].type else None),
    "projectItems": _items_of_issue,
}

_COMMENT: Final[dict[str, Field]] = {
    "id": plain(lambda one: node_id("IssueComment", one.id)),
    "databaseId": plain(lambda one: one.id),
    "body": plain(lambda one: one.body),
    "author": lambda context, one, _arguments: context.person(one.author),
    "createdAt": plain(lambda one: moment(one.created_at)),
    "updatedAt": plain(lambda one: moment(one.updated_at)),
}

_REPOSITORY: Final[dict[str, Field]] = {
    "id": plain(lambda one: node_id("Repository", one.id)),
    "databaseId": plain(lambda one: one.id),
    "name": plain(lambda one: one.name),
    "nameWithOwner": plain(lambda one: one.full_name),
    "url": lambda context, one, _arguments: f"{context.call.base}/{one.full_name}",
    "owner": lambda context, one, _arguments: context.person(one.owner),
    "isPrivate": plain(lambda one: one.private),
    "isArchived": plain(lambda one: one.archived),
    "hasIssuesEnabled": plain(lambda one: one.has_issues),
    "viewerPermission": _permission,
    "issue": _issue_by_number,
    "issues": _issues,
    "labels": lambda _context, one, arguments: connection(
        [Node("Label", label) for label in one.labels.all()], arguments, "labels"
    ),
}

_BOARD: Final[dict[str, Field]] = {
    "id": plain(lambda board: node_id("ProjectV2", board.id)),
    "number": plain(lambda board: board.number),
    "title": plain(lambda board: board.title),
    "closed": plain(lambda _board: False),
    "url": lambda context, board, _arguments: (
        f"{context.call.base}/orgs/{board.owner}/projects/{board.number}"
    ),
    "owner": lambda context, board, _arguments: context.person(board.owner),
    "fields": _fields,
    "field": _field,
    "items": _items,
}

_ITEM: Final[dict[str, Field]] = {
    "id": plain(lambda pair: node_id("ProjectV2Item", pair[1].id)),
    "databaseId": plain(lambda pair: pair[1].id),
    "type": _item_type,
    "isArchived": plain(lambda pair: pair[1].archived),
    "createdAt": plain(lambda pair: moment(pair[1].created_at)),
    "updatedAt": plain(lambda pair: moment(pair[1].updated_at)),
    "project": plain(lambda pair: Node("ProjectV2", pair[0])),
    "content": _content,
    "fieldValueByName": _value_by_name,
    "fieldValues": _values,
}

_BOARD_FIELD: Final[dict[str, Field]] = {
    "id": plain(lambda pair: node_id("ProjectV2Field", pair[1].id)),
    "databaseId": plain(lambda pair: pair[1].id),
    "name": plain(lambda pair: pair[1].name),
    "dataType": plain(lambda pair: pair[1].data_type),
    "project": plain(lambda pair: Node("ProjectV2", pair[0])),
}


def _value_type(name: str) -> dict[str, Field]:
    """A typed value: its own field (``name``, ``text``, …) and what all of them have."""
    return {
        name: plain(lambda one: one[1].values[one[2].id]),
        "id": plain(lambda one: node_id("ProjectV2FieldValue", one[1].id * 1000 + one[2].id)),
        "field": plain(lambda one: field_node(one[0], one[2])),
        "item": plain(lambda one: Node("ProjectV2Item", one[:2])),
        "createdAt": plain(lambda one: moment(one[1].created_at)),
        "updatedAt": plain(lambda one: moment(one[1].updated_at)),
    }


#: Every type but ``Mutation``.
TYPES: Final[Schema] = {
    **connections.TYPES,
    "Query": {
        "viewer": lambda context, _value, _arguments: context.person(
            context.call.signed_in().login
        ),
        "rateLimit": _rate,
        "node": lambda context, _value, arguments: context.node(arguments["id"]),
        "nodes": lambda context, _value, arguments: [context.node(one) for one in arguments["ids"]],
        "repository": lambda context, _value, arguments: context.repository(
            f"{arguments['owner']}/{arguments['name']}"
        ),
        "organization": _owner("Organization"),
        "user": _owner("User"),
        "repositoryOwner": _owner(""),
    },
    "User": _PERSON,
    "Bot": _PERSON,
    "Organization": _PERSON,
    "Repository": _REPOSITORY,
    "Issue": _ISSUE,
    "PullRequest": _ISSUE,
    "IssueComment": _COMMENT,
    "IssueType": {"id": plain(str), "name": plain(str)},
    "Label": {
        "id": plain(lambda label: node_id("Label", label.id)),
        "name": plain(lambda label: label.name),
        "color": plain(lambda label: label.color),
        "description": plain(lambda label: label.description),
    },
    "RateLimit": {
        name: connections.item(name)
        for name in ("limit", "cost", "remaining", "used", "nodeCount", "resetAt")
    },
    "ProjectV2": _BOARD,
    "ProjectV2Item": _ITEM,
    "ProjectV2Field": _BOARD_FIELD,
    "ProjectV2SingleSelectField": _BOARD_FIELD
    | {"options": lambda _context, pair, arguments: _options(pair, arguments.get("names"))},
    "Option": {
        name: connections.item(name) for name in ("id", "name", "nameHTML", "color", "description")
    },
    "ProjectV2ItemFieldSingleSelectValue": _value_type("name")
    | {"optionId": plain(lambda one: one[2].option_id(one[1].values[one[2].id]))},
    "ProjectV2ItemFieldTextValue": _value_type("text"),
    "ProjectV2ItemFieldNumberValue": _value_type("number"),
    "ProjectV2ItemFieldDateValue": _value_type("date"),
}

_VALUES: Final = frozenset(name for name in TYPES if name.startswith("ProjectV2ItemField"))
_FIELDS: Final = frozenset({"ProjectV2Field", "ProjectV2SingleSelectField"})

#: Interfaces and unions, and the types that belong to each.
INTERFACES: Final = {
    "Node": frozenset(TYPES) - {"Query", "Connection", "Edge", "PageInfo", "RateLimit", "Option"},
    "Actor": frozenset({"User", "Bot", "Organization"}),
    "RepositoryOwner": frozenset({"User", "Organization"}),
    "ProjectV2Owner": frozenset({"User", "Organization"}),
    "ProjectV2FieldCommon": _FIELDS,
    "ProjectV2FieldConfiguration": _FIELDS,
    "ProjectV2ItemFieldValue": _VALUES,
    "ProjectV2ItemFieldValueCommon": _VALUES,
    "ProjectV2ItemContent": frozenset({"Issue", "PullRequest"}),
}
