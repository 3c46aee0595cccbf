"""GraphQL's query language: text to a tree. Pure.

Everything a client sends is read: operations, variables with defaults, aliases, arguments,
fragments, ``@skip`` and ``@include``. The schema language is not.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Final, TypeAlias


class Unreadable(ValueError):  # noqa: N818  named by what happens
    """The text is no query; the message says where it stopped making sense."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A value that comes with the request."""

    name: str


Literal: TypeAlias = (
    "str | int | float | bool | Variable | list[Literal] | dict[str, Literal] | None"
)


@dataclass(slots=True)
class Selection:
    """A field, a spread of a named fragment, or an inline fragment.

    Exactly one of ``name`` and ``spread`` is set, or neither (inline); ``on`` is the type an
    inline fragment asks for, "" for any.
    """

    name: str = ""
    alias: str = ""
    arguments: dict[str, Literal] = field(default_factory=dict)
    conditions: list[tuple[str, Literal]] = field(default_factory=list)
    selections: list["Selection"] = field(default_factory=list)
    spread: str = ""
    on: str = ""


@dataclass(slots=True)
class Operation:
    """A query or mutation with the defaults of its variables."""

    kind: str
    name: str
    defaults: dict[str, Literal]
    selections: list[Selection]


@dataclass(slots=True)
class Document:
    """What one request's text holds."""

    operations: list[Operation] = field(default_factory=list)
    fragments: dict[str, Selection] = field(default_factory=dict)


_TOKEN: Final = re.compile(
    r"[\s,\ufeff]+|\#[^\n]*"
    r'|(?P<string>"""(?:\\"""|(?!""")[\s\S])*"""|"(?:\\.|[^"\\\n])*")'
    r"|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<mark>\.\.\.|[!$():=@\[\]{}|&])"
)


def read(text: str) -> Document:
    """The tree of a request's text. Raises Unreadable."""
    return _Reader(text).document()


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        at = 0
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None:
                raise Unreadable(f"cannot read {text[at : at + 20]!r}")
            if found.lastgroup:
                self._tokens.append((found.lastgroup, found.group()))
            at = found.end()
        self._tokens.append(("end", ""))
        self._at = 0

    def document(self) -> Document:
        document = Document()
        while self._peek() != "":
            if self._peek() == "fragment":
                self._take()
                name = self._name()
                self._expect("on")
                on = self._name()
                self._conditions()
                document.fragments[name] = Selection(on=on, selections=self._selections())
            else:
                document.operations.append(self._operation())
        if not document.operations:
            raise Unreadable("there is no operation")
        return document

    def _operation(self) -> Operation:
        if self._peek() == "{":
            return Operation("query", "", {}, self._selections())
        kind = self._take()
        if kind not in {"query", "mutation"}:
            raise Unreadable(f"{kind!r} is neither query nor mutation")
        name = self._name() if self._kind() == "name" else ""
        defaults: dict[str, Literal] = {}
        if self._peek() == "(":
            self._take()
            while self._peek() != ")":
                self._variable(defaults)
            self._take()
        self._conditions()
        return Operation(kind, name, defaults, self._selections())

    def _variable(self, defaults: dict[str, Literal]) -> None:
        self._expect("$")
        name = self._name()
        self._expect(":")
        self._type()
        if self._peek() == "=":
            self._take()
            defaults[name] = self._value()

    def _type(self) -> None:
        if self._peek() == "[":
            self._take()
            self._type()
            self._expect("]")
        else:
            self._name()
        if self._peek() == "!":
            self._take()

    def _selections(self) -> list[Selection]:
        self._expect("{")
        found = []
        while self._peek() != "}":
            found.append(self._selection())
        self._take()
        if not found:
            raise Unreadable("an empty selection")
        return found

    def _selection(self) -> Selection:
        if self._peek() == "...":
            return self._fragment()
        one = Selection(name=self._name())
        if self._peek() == ":":
            self._take()
            one.alias, one.name = one.name, self._name()
        if self._peek() == "(":
            self._take()
            while self._peek() != ")":
                name = self._name()
                self._expect(":")
                one.arguments[name] = self._value()
            self._take()
        one.conditions = self._conditions()
        if self._peek() == "{":
            one.selections = self._selections()
        return one

    def _fragment(self) -> Selection:
        self._take()
        one = Selection()
        if self._peek() == "on":
            self._take()
            one.on = self._name()
        elif self._kind() == "name":
            one.spread = self._name()
        one.conditions = self._conditions()
        if not one.spread:
            one.selections = self._selections()
        return one

    def _conditions(self) -> list[tuple[str, Literal]]:
        found = []
        while self._peek() == "@":
            self._take()
            name = self._name()
            for mark in ("(", "if", ":"):
                self._expect(mark)
            found.append((name, self._value()))
            self._expect(")")
        return found

    def _value(self) -> Literal:
        kind, text = self._tokens[self._at]
        self._at += 1
        if kind == "string":
            return _string(text)
        if kind == "number":
            return float(text) if re.search(r"[.eE]", text) else int(text)
        if text == "$":
            return Variable(self._name())
        if kind == "name":
            words: dict[str, Literal] = {"true": True, "false": False, "null": None}
            return words.get(text, text)
        return self._composed(text)

    def _composed(self, text: str) -> Literal:
        if text == "[":
            found: list[Literal] = []
            while self._peek() != "]":
                found.append(self._value())
            self._take()
            return found
        if text != "{":
            raise Unreadable(f"a value cannot begin with {text!r}")
        values: dict[str, Literal] = {}
        while self._peek() != "}":
            name = self._name()
            self._expect(":")
            values[name] = self._value()
        self._take()
        return values

    def _kind(self) -> str:
        return self._tokens[self._at][0]

    def _peek(self) -> str:
        kind, text = self._tokens[self._at]
        return text if kind != "string" else '"'

    def _take(self) -> str:
        kind, text = self._tokens[self._at]
        if kind == "end":
            raise Unreadable("the query ends too soon")
        self._at += 1
        return text

    def _expect(self, mark: str) -> None:
        found = self._take()
        if found != mark:
            raise Unreadable(f"expected {mark!r}, found {found!r}")

    def _name(self) -> str:
        if self._kind() != "name":
            raise Unreadable(f"expected a name, found {self._peek()!r}")
        return self._take()


def _string(text: str) -> str:
    if text.startswith('"""'):
        return text[3:-3].replace('\\"""', '"""').strip("\n")
    try:
        plain: str = json.loads(text)
    except ValueError:
        raise Unreadable(f"{text} is not a string") from None
    return plain
