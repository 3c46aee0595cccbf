"""What a sandbox says to one request, before any fault is done to it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

#: A JSON document as Python holds it.
Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

JSON: Final = "application/json; charset=utf-8"
HTML: Final = "text/html; charset=utf-8"


@dataclass(slots=True)
class Answer:
    """Status, headers and body of one response."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, value: object, status: int = 200, **headers: str) -> "Answer":
        """``value`` as compact JSON."""
        return cls.raw(dump(value), status, **headers)

    @classmethod
    def raw(cls, body: bytes, status: int = 200, **headers: str) -> "Answer":
        """JSON that is already written."""
        return cls(status, body, {"Content-Type": JSON} | _named(headers))

    @classmethod
    def html(cls, text: str, status: int = 200, **headers: str) -> "Answer":
        """A page."""
        return cls(status, text.encode(), {"Content-Type": HTML} | _named(headers))


@dataclass(frozen=True, slots=True)
class Delivery:
    """An answer and how it reaches the client: whole, cut, or not at all.

    ``keep`` is how many bytes of the body arrive; None is all of them.
    """

    answer: Answer
    way: Literal["whole", "lost", "reset"] = "whole"
    keep: int | None = None


def dump(value: object) -> bytes:
    """Compact UTF-8 JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
