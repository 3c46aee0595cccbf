"""Carry out a query over types whose fields are functions. Pure but for what those do.

A field that fails becomes null with an entry in ``errors``, and the status stays
200. A field that does not exist refuses the whole request.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from adapters.sandbox.core.graphql.language import (
    Document,
    Literal,
    Operation,
    Selection,
    Unreadable,
    Variable,
    read,
)

Arguments: TypeAlias = Mapping[str, Any]


class Fault(Exception):  # noqa: N818  becomes an entry of "errors"
    """A field cannot be given. ``kind`` is a word such as NOT_FOUND or FORBIDDEN."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a named type."""

    type: str
    value: Any


#: Type to field to the function that gives it: (context, value, arguments).
Schema: TypeAlias = Mapping[str, Mapping[str, Callable[[Any, Any, Arguments], Any]]]


def execute(
    text: str,
    variables: object,
    schema: Schema,
    context: object,
    interfaces: Mapping[str, frozenset[str]],
    operation_name: str | None = None,
) -> dict[str, Any]:
    """The response object: ``data`` and, where something failed, ``errors``."""
    try:
        document = read(text)
        operation = _chosen(document, operation_name)
        values = dict(operation.defaults)
        values |= variables if isinstance(variables, dict) else {}
        run = _Run(document, values, schema, context, interfaces)
        data = run.object(Node(operation.kind.capitalize(), None), operation.selections, ())
    except Unreadable as error:
        return {"errors": [{"message": f"Parse error: {error}"}]}
    except _Undefined as error:
        return {"errors": [{"message": str(error), "extensions": {"code": "undefinedField"}}]}
    return {"data": data} | ({"errors": run.errors} if run.errors else {})


class _Undefined(Exception):  # noqa: N818  a refusal of the whole request
    pass


def _chosen(document: Document, name: str | None) -> Operation:
    for operation in document.operations:
        if not name or operation.name == name:
            return operation
    raise Unreadable(f"there is no operation {name!r}")


@dataclass(slots=True)
class _Run:
    document: Document
    variables: Mapping[str, Any]
    schema: Schema
    context: object
    interfaces: Mapping[str, frozenset[str]]
    errors: list[dict[str, Any]] = field(default_factory=list)

    def object(
        self, node: Node, selections: list[Selection], path: tuple[str | int, ...]
    ) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for one in selections:
            if not self._wanted(one):
                continue
            if one.name:
                key = one.alias or one.name
                given = self._field(node, one, (*path, key))
                before = found.get(key)
                both = isinstance(given, dict) and isinstance(before, dict)
                found[key] = before | given if both else given
                continue
            fragment = self._fragment(one) if one.spread else one
            if not fragment.on or self._is(node.type, fragment.on):
                found |= self.object(node, fragment.selections, path)
        return found

    def _field(self, node: Node, one: Selection, path: tuple[str | int, ...]) -> Any:  # noqa: ANN401  any JSON value
        if one.name == "__typename":
            return node.type
        give = self.schema[node.type].get(one.name)
        if give is None:
            raise _Undefined(f"Field '{one.name}' doesn't exist on type '{node.type}'")
        arguments = {name: self._value(value) for name, value in one.arguments.items()}
        try:
            return self._complete(give(self.context, node.value, arguments), one, path)
        except Fault as fault:
            self.errors.append({"type": fault.kind, "path": list(path), "message": fault.message})
            return None
        except KeyError as missing:
            message = f"Field '{one.name}' is missing required arguments: {missing.args[0]}"
            raise _Undefined(message) from None
        except (TypeError, ValueError, AttributeError) as error:
            # A variable of the wrong type; trackers check them against their schema beforehand.
            message = f"Field '{one.name}' was provided an invalid value: {error}"
            raise _Undefined(message) from None

    def _complete(self, value: Any, one: Selection, path: tuple[str | int, ...]) -> Any:  # noqa: ANN401  any JSON value
        if isinstance(value, list):
            return [self._complete(each, one, (*path, at)) for at, each in enumerate(value)]
        if isinstance(value, Fault):
            self.errors.append({"type": value.kind, "path": list(path), "message": value.message})
            return None
        if isinstance(value, Node):
            if not one.selections:
                message = f"Field '{one.name}' must have a selection of subfields"
                raise _Undefined(message)
            return self.object(value, one.selections, path)
        return value

    def _wanted(self, one: Selection) -> bool:
        return all(
            bool(self._value(value)) == (name == "include") for name, value in one.conditions
        )

    def _fragment(self, one: Selection) -> Selection:
        if one.spread not in self.document.fragments:
            raise _Undefined(f"Fragment {one.spread} was used, but not defined")
        return self.document.fragments[one.spread]

    def _is(self, name: str, wanted: str) -> bool:
        return name == wanted or name in self.interfaces.get(wanted, frozenset())

    def _value(self, value: Literal) -> Any:  # noqa: ANN401  any JSON value
        if isinstance(value, Variable):
            return self.variables.get(value.name)
        if isinstance(value, list):
            return [self._value(each) for each in value]
        if isinstance(value, dict):
            return {name: self._value(each) for name, each in value.items()}
        return value
