"""Text from elsewhere as Markdown that shows it and does nothing else."""

import re
from typing import Final

_MARKUP: Final = re.compile(r"([\\`*_{}\[\]<>|~&])")
_AT_START: Final = re.compile(r"^([#+=-]|\d+[.)])")


def escaped(words: str) -> str:
    """The text on one line, its markup off; for the middle of a line."""
    return _MARKUP.sub(r"\\\1", " ".join(words.split()))


def at_start(words: str) -> str:
    """The same for the beginning of a line or a cell."""
    return _AT_START.sub(r"\\\1", escaped(words))
