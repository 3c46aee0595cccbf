"""On which line of a TOML text each key stands, so that a problem can name it.

``tomllib`` reads values but keeps no positions. This reads positions and no values, and only
of text that ``tomllib`` has already accepted; so it need not judge, only walk.
"""

import re
from typing import Final, TypeAlias

Path: TypeAlias = tuple[str | int, ...]

_BLANK: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE: Final = re.compile(r"[ \t]*")
_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_BASIC: Final = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
_LITERAL: Final = re.compile(r"'([^'\n]*)'")
_LONG: Final = re.compile(
    r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}|\'\'\'(?:[^\']|\'{1,2}(?!\'))*\'{3,5}', re.DOTALL
)
_SCALAR: Final = re.compile(r"[^,#\]}\n]+")


def key_lines(text: str) -> dict[Path, int]:
    """Line number (from 1) of every key and table of ``text``, by its whole path."""
    walk = _Walk(text)
    walk.document()
    return walk.lines


class _Walk:
    """One pass over one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[Path, int] = {}

    def document(self) -> None:
        table: Path = ()
        counts: dict[Path, int] = {}
        self._match(_BLANK)
        while self.at < len(self.text):
            if self.text.startswith("[[", self.at):
                self.at += 2
                name = self._key(())
                counts[name] = counts.get(name, -1) + 1
                table = (*name, counts[name])
                self._note(table)
                self.at += 2
            elif self.text[self.at] == "[":
                self.at += 1
                table = self._key(())
                self.at += 1
            else:
                self._pair(table)
            self._match(_BLANK)

    def _pair(self, table: Path) -> None:
        path = self._key(table)
        self.at += 1  # the equals sign
        self._match(_SPACE)
        self._value(path)

    def _key(self, table: Path) -> Path:
        """A dotted key; every step of it is noted. Leaves ``at`` behind trailing blanks."""
        path = table
        while True:
            self._match(_SPACE)
            path = (*path, self._name())
            self._note(path)
            self._match(_SPACE)
            if not self.text.startswith(".", self.at):
                return path
            self.at += 1

    def _name(self) -> str:
        quoted = self._match(_BASIC) or self._match(_LITERAL)
        return quoted[1:-1] if quoted else self._match(_BARE_KEY)

    def _value(self, path: Path) -> None:
        opening = self.text[self.at : self.at + 1]
        if opening == "[":
            self._array(path)
        elif opening == "{":
            self._inline_table(path)
        elif self.text.startswith(('"""', "'''"), self.at):
            self._match(_LONG)
        elif opening in {'"', "'"}:
            self._name()
        else:
            self._match(_SCALAR)

    def _array(self, path: Path) -> None:
        self.at += 1
        self._match(_BLANK)
        number = 0
        while self.text[self.at] != "]":
            self._note((*path, number))
            self._value((*path, number))
            self._comma()
            number += 1
        self.at += 1

    def _inline_table(self, path: Path) -> None:
        self.at += 1
        self._match(_BLANK)
        while self.text[self.at] != "}":
            self._pair(path)
            self._comma()
        self.at += 1

    def _comma(self) -> None:
        self._match(_BLANK)
        if self.text.startswith(",", self.at):
            self.at += 1
            self._match(_BLANK)

    def _match(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        if found is None:
            return ""
        self.at = found.end()
        return found[0]

    def _note(self, path: Path) -> None:
        self.lines.setdefault(path, self.text.count("\n", 0, self.at) + 1)
