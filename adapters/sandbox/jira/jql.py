"""JQL as text, read into a tree: the part of it that real clients send. Pure."""

import re
from dataclasses import dataclass
from typing import Final, TypeAlias

from adapters.sandbox.core.tracker import Refused


@dataclass(frozen=True, slots=True)
class Value:
    """A word or number; ``quoted`` says whether it stood in quotes."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """A function and its arguments."""

    name: str
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Nothing:
    """EMPTY or NULL."""


Operand: TypeAlias = Value | Call | Nothing


@dataclass(frozen=True, slots=True)
class Clause:
    """``field operator operands``; ``in`` and ``not in`` have several operands."""

    field: str
    operator: str
    operands: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Both:
    """All of the parts hold."""

    parts: "tuple[Tree, ...]"


@dataclass(frozen=True, slots=True)
class Either:
    """One of the parts holds."""

    parts: "tuple[Tree, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Tree"


Tree: TypeAlias = Clause | Both | Either | Not


@dataclass(frozen=True, slots=True)
class Jql:
    """A whole query. ``where`` is None for one that only orders; ``order`` is (field, down)."""

    where: Tree | None
    order: tuple[tuple[str, bool], ...] = ()

    def clauses(self) -> list[Clause]:
        """Every clause, wherever it stands."""
        found: list[Clause] = []
        left: list[Tree] = [self.where] if self.where is not None else []
        while left:
            match left.pop():
                case Clause() as clause:
                    found.append(clause)
                case Both(parts) | Either(parts):
                    left += parts
                case Not(part):
                    left.append(part)
        return found


_TOKEN: Final = re.compile(
    r"""\s*(?:
        (?P<quoted>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
      | (?P<field>issue\.property\s*\[[^\]]*\](?:\.[\w.-]+)?|cf\[\d+\])
      | (?P<sign>>=|<=|!=|!~|&&|\|\||[=~><!(),])
      | (?P<word>[^\s"'=!<>~&|(),\[\]{}*/%+^$#@?;\\]+)
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_SIGNS: Final = frozenset({"=", "!=", "<", ">", "<=", ">=", "~", "!~"})
_VALID: Final = "'=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', 'NOT IN', 'IS' and 'IS NOT'"
_NAMES: Final = {"&&": "and", "||": "or", "!": "not"}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int

    def says(self, *words: str) -> bool:
        """Whether it is one of these words or signs."""
        plain = _NAMES.get(self.text, self.text.lower())
        return self.kind in {"word", "sign"} and plain in words


def parse(text: str) -> Jql:
    """The query. Raises Refused (400) in Jira's words where it cannot be read."""
    return _Parser(text).query()


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._next = 0

    def query(self) -> Jql:
        where = None
        if not self._here().says("order") and self._here().kind != "end":
            where = self._either()
        order = self._order() if self._here().says("order") else ()
        if self._here().kind != "end":
            raise self._wrong("Expecting either 'OR' or 'AND' but got '{}'.")
        return Jql(where, order)

    def _here(self) -> _Token:
        return self._tokens[self._next]

    def _take(self) -> _Token:
        token = self._tokens[self._next]
        self._next = min(self._next + 1, len(self._tokens) - 1)
        return token

    def _wrong(self, message: str) -> Refused:
        token = self._here()
        if token.kind == "end":
            return Refused(400, "Error in the JQL Query: Expecting more, but the query ends there.")
        place = f"(line 1, character {token.at + 1})"
        return Refused(400, f"Error in the JQL Query: {message.format(token.text)} {place}")

    def _either(self) -> Tree:
        parts = [self._both()]
        while self._here().says("or"):
            self._take()
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _both(self) -> Tree:
        parts = [self._term()]
        while self._here().says("and"):
            self._take()
            parts.append(self._term())
        return parts[0] if len(parts) == 1 else Both(tuple(parts))

    def _term(self) -> Tree:
        if self._here().says("not"):
            self._take()
            return Not(self._term())
        if self._here().says("("):
            self._take()
            inner = self._either()
            self._expect(")")
            return inner
        return self._clause()

    def _expect(self, sign: str) -> None:
        if not self._here().says(sign):
            raise self._wrong(f"Expecting '{sign}' but got '{{}}'.")
        self._take()

    def _clause(self) -> Clause:
        field = self._here()
        if field.kind not in {"word", "quoted", "field"}:
            raise self._wrong("Expecting a field but got '{}'.")
        self._take()
        operator = self._operator()
        if operator in {"in", "not in"} and not self._function_follows():
            return Clause(field.text, operator, self._list())
        return Clause(field.text, operator, (self._operand(),))

    def _function_follows(self) -> bool:
        return self._here().kind == "word" and self._tokens[self._next + 1].says("(")

    def _operator(self) -> str:
        token = self._here()
        if token.kind == "sign" and token.text in _SIGNS:
            return self._take().text
        if token.says("in"):
            self._take()
            return "in"
        if token.says("not") and self._tokens[self._next + 1].says("in"):
            self._take()
            self._take()
            return "not in"
        if token.says("is"):
            self._take()
            if self._here().says("not"):
                self._take()
                return "is not"
            return "is"
        raise self._wrong(f"Expecting operator but got '{{}}'. The valid operators are {_VALID}.")

    def _list(self) -> tuple[Operand, ...]:
        self._expect("(")
        found = [self._operand()]
        while self._here().says(","):
            self._take()
            found.append(self._operand())
        self._expect(")")
        return tuple(found)

    def _operand(self) -> Operand:
        token = self._here()
        if token.kind == "quoted":
            return Value(self._take().text, quoted=True)
        if token.kind != "word":
            raise self._wrong("Expecting either a value, list or function but got '{}'.")
        self._take()
        if self._here().says("("):
            return self._call(token.text)
        return Nothing() if token.says("empty", "null") else Value(token.text)

    def _call(self, name: str) -> Call:
        self._take()
        arguments: list[str] = []
        while not self._here().says(")"):
            if self._here().kind not in {"word", "quoted"}:
                raise self._wrong("Expecting ')' but got '{}'.")
            arguments.append(self._take().text)
            if self._here().says(","):
                self._take()
        self._take()
        return Call(name, tuple(arguments))

    def _order(self) -> tuple[tuple[str, bool], ...]:
        self._take()
        if not self._here().says("by"):
            raise self._wrong("Expecting 'by' but got '{}'.")
        self._take()
        terms: list[tuple[str, bool]] = []
        while True:
            if self._here().kind not in {"word", "quoted", "field"}:
                raise self._wrong("Expecting a field but got '{}'.")
            field = self._take().text
            down = self._here().says("desc")
            if self._here().says("asc", "desc"):
                self._take()
            terms.append((field, down))
            if not self._here().says(","):
                return tuple(terms)
            self._take()


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise Refused(
                400,
                f"Error in the JQL Query: The character '{text[at:].lstrip()[0]}' is a reserved "
                "JQL character. You must enclose it in a string or use the escape "
                f"'\\u{ord(text[at:].lstrip()[0]):04x}' instead. (line 1, character {at + 1})",
            )
        plain = match[match.lastgroup]
        if match.lastgroup == "quoted":
            plain = re.sub(r"\\(.)", r"\1", plain[1:-1])
        found.append(_Token(match.lastgroup, plain, match.start(match.lastgroup)))
        at = match.end()
    return [*found, _Token("end", "", len(text))]
