"""What a client may change through GraphQL: boards."""

from collections.abc import Mapping
from typing import Any, Final

from adapters.sandbox.core.answer import Answer
from adapters.sandbox.core.graphql.execute import Arguments, Fault, Node, Schema, execute
from adapters.sandbox.github.board import Board, BoardField, BoardItem
from adapters.sandbox.github.call import Call, route
from adapters.sandbox.github.graphql.connections import item
from adapters.sandbox.github.graphql.context import Context
from adapters.sandbox.github.graphql.schema import INTERFACES, TYPES, Field
from adapters.sandbox.github.model import read_node_id


@route("POST", "/graphql")
def graphql(call: Call) -> Answer:
    """One query or mutation; what goes wrong inside is told with status 200."""
    call.signed_in()
    values = call.values
    found = execute(
        str(values.get("query", "")),
        values.get("variables"),
        SCHEMA,
        Context(call),
        INTERFACES,
        values.get("operationName"),
    )
    return Answer.json(found)


def _add(context: Context, _value: object, arguments: Arguments) -> Node:
    context.need_scope("project")
    wanted = arguments["input"]
    board = _board(context, wanted["projectId"])
    content = context.node(wanted["contentId"])
    if isinstance(content, Fault):
        raise content
    repository, issue = content.value
    context.writer(repository)
    present = context.world.on_board(board, issue.id)
    return _payload("AddProjectV2ItemById", wanted, item=Node("ProjectV2Item", (board, present)))


def _update(context: Context, _value: object, arguments: Arguments) -> Node:
    context.need_scope("project")
    context.writer()
    wanted = arguments["input"]
    board, present, one = _target(context, wanted)
    present.values[one.id] = _read(one, wanted.get("value") or {})
    present.updated_at = context.world.clock.now()
    return _payload(
        "UpdateProjectV2ItemFieldValue",
        wanted,
        projectV2Item=Node("ProjectV2Item", (board, present)),
    )


def _clear(context: Context, _value: object, arguments: Arguments) -> Node:
    context.need_scope("project")
    context.writer()
    wanted = arguments["input"]
    board, present, one = _target(context, wanted)
    present.values.pop(one.id, None)
    present.updated_at = context.world.clock.now()
    return _payload(
        "ClearProjectV2ItemFieldValue",
        wanted,
        projectV2Item=Node("ProjectV2Item", (board, present)),
    )


def _target(context: Context, wanted: Mapping[str, Any]) -> tuple[Board, BoardItem, BoardField]:
    board = _board(context, wanted["projectId"])
    found = context.node(wanted["itemId"])
    if isinstance(found, Fault):
        raise found
    number = _number(wanted["fieldId"])
    one = next((each for each in board.fields if each.id == number), None)
    if one is None or found.type != "ProjectV2Item" or found.value[1].id not in board.items:
        raise Fault(
            "NOT_FOUND", f"Could not resolve to a node with the global id of '{wanted['fieldId']}'"
        )
    return board, found.value[1], one


def _read(one: BoardField, value: Mapping[str, Any]) -> object:
    if one.data_type == "SINGLE_SELECT":
        name = one.option(str(value.get("singleSelectOptionId")))
        if name is None:
            raise Fault("VALIDATION", "The single select option Id does not belong to the field")
        return name
    key = one.data_type.lower()
    if key not in value:
        raise Fault("VALIDATION", f"Did not receive a {key} value to update a field of type {key}")
    return value[key]


def _board(context: Context, wanted: str) -> Board:
    found = context.node(wanted)
    if isinstance(found, Fault):
        raise found
    if not isinstance(found.value, Board):
        raise Fault("NOT_FOUND", f"Could not resolve to ProjectV2 node with the id '{wanted}'.")
    return found.value


def _number(wanted: str) -> int:
    try:
        return read_node_id(wanted)[1]
    except ValueError:
        return 0


def _payload(name: str, wanted: Mapping[str, Any], **found: Node) -> Node:
    values = {"clientMutationId": wanted.get("clientMutationId"), **found}
    return Node(f"{name}Payload", values)


def _fields(name: str) -> dict[str, Field]:
    return {each: item(each) for each in ("clientMutationId", name)}


_MUTATIONS: Final[dict[str, Field]] = {
    "addProjectV2ItemById": _add,
    "updateProjectV2ItemFieldValue": _update,
    "clearProjectV2ItemFieldValue": _clear,
}

#: Everything a request may ask for.
SCHEMA: Final[Schema] = {
    **TYPES,
    "Mutation": _MUTATIONS,
    "AddProjectV2ItemByIdPayload": _fields("item"),
    "UpdateProjectV2ItemFieldValuePayload": _fields("projectV2Item"),
    "ClearProjectV2ItemFieldValuePayload": _fields("projectV2Item"),
}
