"""Lists the way GraphQL pages through them: cursors and page info. Pure."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from adapters.sandbox.core.graphql.execute import Arguments, Fault, Node

#: The most one page may ask for (GitHub's node limit).
MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Slice:
    """One page of nodes out of ``total``, beginning at ``start``."""

    nodes: Sequence[Node]
    start: int
    total: int


def connection(nodes: Sequence[Node], arguments: Arguments, name: str) -> Node:
    """The page the arguments ask for. Raises Fault when they ask for none or too much."""
    first, last = arguments.get("first"), arguments.get("last")
    wanted = first if first is not None else last
    if wanted is None:
        raise Fault(
            "MISSING_PAGINATION_BOUNDARIES",
            f"You must provide a `first` or `last` value to properly paginate the `{name}` "
            "connection.",
        )
    if not 0 < wanted <= MOST:
        raise Fault(
            "EXCESSIVE_PAGINATION",
            f"Requesting {wanted} records on the `{name}` connection exceeds the `first` limit "
            f"of {MOST} records.",
        )
    start = _place(arguments["after"]) + 1 if arguments.get("after") else 0
    if first is None:
        end = _place(arguments["before"]) if arguments.get("before") else len(nodes)
        start = max(0, end - wanted)
        return Node("Connection", Slice(nodes[start:end], start, len(nodes)))
    return Node("Connection", Slice(nodes[start : start + wanted], start, len(nodes)))


def _cursor(place: int) -> str:
    return base64.b64encode(f"cursor:{place}".encode()).decode()


def _place(cursor: str) -> int:
    try:
        return int(base64.b64decode(cursor, validate=True).removeprefix(b"cursor:"))
    except (binascii.Error, ValueError):
        message = f"`{cursor}` does not appear to be a valid cursor."
        raise Fault("INVALID_CURSOR_ARGUMENTS", message) from None


def _page_info(page: Slice) -> Node:
    end = page.start + len(page.nodes)
    return Node(
        "PageInfo",
        {
            "hasNextPage": end < page.total,
            "hasPreviousPage": page.start > 0,
            "startCursor": _cursor(page.start) if page.nodes else None,
            "endCursor": _cursor(end - 1) if page.nodes else None,
        },
    )


def _edges(page: Slice) -> list[Node]:
    return [
        Node("Edge", {"node": node, "cursor": _cursor(page.start + at)})
        for at, node in enumerate(page.nodes)
    ]


def item(name: str) -> Callable[[Any, Any, Arguments], Any]:
    """A field that is an entry of a mapping."""
    return lambda _context, value, _arguments: value[name]


#: The types every connection is made of.
TYPES: Final[dict[str, dict[str, Callable[[Any, Any, Arguments], Any]]]] = {
    "Connection": {
        "nodes": lambda _context, page, _arguments: list(page.nodes),
        "edges": lambda _context, page, _arguments: _edges(page),
        "pageInfo": lambda _context, page, _arguments: _page_info(page),
        "totalCount": lambda _context, page, _arguments: page.total,
    },
    "Edge": {"node": item("node"), "cursor": item("cursor")},
    "PageInfo": {
        name: item(name) for name in ("hasNextPage", "hasPreviousPage", "startCursor", "endCursor")
    },
}
