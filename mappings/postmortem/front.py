"""A document's front matter, taken as it comes: what cannot be read is passed over."""

import re
from typing import Final

from mappings.postmortem.blocks import LINE_END

_KEY: Final = re.compile(r"([A-Za-z_][\w -]{0,40}?)\s*[:=]\s*(.*)")
_ITEM: Final = re.compile(r"\s*-\s+(.*)")
#: How many lines front matter may have.
_LONGEST: Final = 200


def split_front(text: str) -> tuple[dict[str, list[str]], str]:
    """The front matter's values by lower-case key, and the text with those lines empty.

    YAML between ``---`` and TOML between ``+++``. Lines keep their numbers.
    """
    lines = LINE_END.split(text.removeprefix("\ufeff"))
    fence = lines[0].rstrip() if lines else ""
    if fence not in {"---", "+++"}:
        return {}, "\n".join(lines)
    close = next(
        (at for at, line in enumerate(lines[1:_LONGEST], 1) if line.rstrip() == fence), None
    )
    if close is None:
        return {}, "\n".join(lines)
    body = [""] * (close + 1) + lines[close + 1 :]
    return _values(lines[1:close]), "\n".join(body)


def _values(lines: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    key = ""
    for line in lines:
        match = _KEY.match(line)
        item = _ITEM.match(line)
        if match and not line[:1].isspace():
            key = match[1].lower().replace("-", "_")
            found.setdefault(key, []).extend(_listed(match[2]))
        elif item and key:
            found[key].append(_unquoted(item[1]))
    return found


def _listed(value: str) -> list[str]:
    value = re.sub(r"\s+#\s.*", "", value).strip()
    if value.startswith("[") and value.endswith("]"):
        return [_unquoted(one) for one in value[1:-1].split(",") if one.strip()]
    return [_unquoted(value)] if value else []


def _unquoted(value: str) -> str:
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value
