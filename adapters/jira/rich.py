"""What a description on Cloud holds that wiki markup would lose.

Cloud keeps documents and gives wiki markup on request. To write it back would drop what it cannot
say, so a description that holds such things is never rewritten.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from adapters.errors import Rejected
from adapters.jira.client import Client
from mappings.problem import Problem
from mappings.vocabulary import Field

#: developer.atlassian.com, "Atlassian Document Format": what wiki markup says as well.
_KEPT: Final = frozenset(
    {
        *("doc", "paragraph", "text", "hardBreak", "heading", "rule", "blockquote", "codeBlock"),
        *("bulletList", "orderedList", "listItem"),
        *("table", "tableRow", "tableHeader", "tableCell"),
        *("strong", "em", "code", "strike", "link", "underline", "subsup", "textColor"),
    }
)


def lost(document: object) -> dict[str, int]:
    """How many nodes and marks of each sort would be lost, in the order of their names."""
    found = Counter(name for name in _names(document) if name not in _KEPT)
    return dict(sorted(found.items()))


def _names(node: Any) -> Iterator[str]:  # noqa: ANN401  JSON
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if one.get("type"):
                yield str(one["type"])
            waiting += [*(one.get("content") or ()), *(one.get("marks") or ())]


def refuse_to_lose(client: Client, issue: str) -> None:
    """Raise Rejected (E123) if rewriting the issue's description would lose something of it."""
    data = client.get(f"/api/3/issue/{issue}", {"fields": "description"}).data
    fields = data.get("fields") if isinstance(data, dict) else None
    gone = lost((fields or {}).get("description"))
    if gone:
        what = ", ".join(f"{count} {name}" for name, count in gone.items())
        text = f"description holds what we cannot keep ({what}); body not written."
        remedy = 'Move it into a comment, or set the field body to "off".'
        raise Rejected(Problem("E123", text, remedy=remedy), Field.BODY)
