"""``FOLLOWTHROUGH_…`` variables override any key of the settings file.

``FOLLOWTHROUGH_STATE__URL`` is ``state.url``; two underscores go one table down. Names are matched
without regard to case, and ``-`` or ``.`` in a name is written ``_``. Lists and tables are JSON.
"""

import copy
import json
import re
from collections.abc import Mapping
from typing import Any, Final

from sync.settings.places import Path

PREFIX: Final = "FOLLOWTHROUGH_"
#: Read by the command line itself, not settings.
RESERVED: Final = frozenset(
    {"FOLLOWTHROUGH_CONFIG", "FOLLOWTHROUGH_LOG_FORMAT", "FOLLOWTHROUGH_LOG_LEVEL"}
)
#: What Kubernetes sets in every container for a service called "followthrough".
_SERVICE_LINK: Final = re.compile(r"FOLLOWTHROUGH_(SERVICE_HOST|SERVICE_PORT\w*|PORT(_\d+_\w+)?)")
#: A secret comes from one place; naming another replaces the first (adapters.credentials).
_SECRET_KEYS: Final = frozenset({"env", "file"})


def overlay(
    document: Mapping[str, Any], environ: Mapping[str, str]
) -> tuple[dict[str, Any], dict[Path, str]]:
    """The document with every override applied, and for each overridden path its variable."""
    merged = copy.deepcopy(dict(document))
    came_from: dict[Path, str] = {}
    for variable in sorted(environ):
        if variable.startswith(PREFIX) and not _for_others(variable):
            steps = variable.removeprefix(PREFIX).split("__")
            path = _put(merged, steps, _value(environ[variable]))
            came_from[path] = variable
    return merged, came_from


def _for_others(variable: str) -> bool:
    return variable in RESERVED or _SERVICE_LINK.fullmatch(variable) is not None


def _put(merged: dict[str, Any], steps: list[str], value: Any) -> Path:  # noqa: ANN401  JSON
    table = merged
    path: list[str] = []
    for step in steps[:-1]:
        name = _known(table, step)
        path.append(name)
        below = table.get(name)
        if not isinstance(below, dict):
            below = {}
            table[name] = below
        table = below
    last = _known(table, steps[-1])
    if last in _SECRET_KEYS and set(table) <= _SECRET_KEYS:
        table.clear()
    table[last] = value
    return (*path, last)


def _known(table: Mapping[str, Any], step: str) -> str:
    """The key of ``table`` that ``step`` spells, else ``step`` in lower case."""
    wanted = _spelled(step)
    return next((name for name in table if _spelled(name) == wanted), step.lower())


def _spelled(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "_", name.lower())


def _value(text: str) -> Any:  # noqa: ANN401  JSON is what it is
    if text[:1] in {"[", "{"}:
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text
