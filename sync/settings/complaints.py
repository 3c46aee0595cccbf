"""What pydantic found wrong, said as problems that name the file, the line and the key.

Values are never repeated: one of them may be a secret somebody wrote into the file.
"""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Final, get_args, get_origin

from pydantic import BaseModel, ValidationError

from adapters.credentials import SecretSource
from mappings.problem import Problem
from sync.settings.environment import PREFIX
from sync.settings.places import Path

_CODED: Final = re.compile(r"(E\d{3})\s+(.*)", re.DOTALL)
_OWN_WORDS: Final = re.compile(r"^(Value|Assertion) error, ")


class Sources:
    """Where each key of one table came from: a line of a file, or a variable."""

    def __init__(
        self, file: str, lines: Mapping[Path, int], variables: Mapping[Path, str] | None = None
    ) -> None:
        self.file = file
        self._lines = lines
        self._variables = variables or {}

    def place(self, path: Path) -> str:
        """The nearest place that can be named: of the key itself, else of a table around it."""
        for length in range(len(path), 0, -1):
            if path[:length] in self._variables:
                return f"environment variable {self._variables[path[:length]]}"
            if path[:length] in self._lines:
                return f"{self.file}:{self._lines[path[:length]]}"
        return self.file


def complaints(
    error: ValidationError, model: type[BaseModel], sources: Sources, under: Path = ()
) -> list[Problem]:
    """One problem for each thing that is wrong; ``under`` is where ``model`` stands in the file."""
    found = [
        _complaint(dict(one), model, sources, under)
        for one in error.errors(include_url=False, include_input=False)
    ]
    return list(dict.fromkeys(found))


def did_you_mean(word: str, known: list[str]) -> str:
    """A remedy: the known word that is meant, or all of them where they are few."""
    close = get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    if close:
        return f'Did you mean "{close[0]}"?'
    return f"Known: {', '.join(known)}." if known else ""


def _complaint(
    one: dict[str, Any], model: type[BaseModel], sources: Sources, under: Path
) -> Problem:
    loc: Path = tuple(one["loc"])
    kind = str(one["type"])
    if kind == "extra_forbidden":
        return _unknown_key(loc, model, sources, under)
    if loc[-1:] == ("[key]",):
        known = [str(choice) for choice in _key_choices(_at(model, loc[:-2]))]
        name = str(loc[-2])
        remedy = did_you_mean(name, known)
        return Problem("E201", f'unknown key "{name}".', sources.place((*under, *loc[:-1])), remedy)
    whole = (*under, *_real(model, loc))
    place, name = sources.place(whole), ".".join(str(step) for step in whole)
    if kind == "missing":
        return Problem("E201", f'"{name}" is missing.', place, _wanted(model, loc))
    if _secret_in_the_open(model, loc, kind):
        text = f"{name}: a secret does not belong in the settings."
        return Problem("E203", text, place, 'Write { env = "NAME" } or { file = "PATH" }.')
    message = _OWN_WORDS.sub("", str(one["msg"]))
    coded = _CODED.fullmatch(message)
    if coded:
        return Problem(coded[1], f"{name}: {coded[2]}", place)
    code = "E202" if loc and loc[-1] == "base_url" else "E201"
    return Problem(code, f"{name}: {message[:1].lower()}{message[1:]}.", place)


def _unknown_key(loc: Path, model: type[BaseModel], sources: Sources, under: Path) -> Problem:
    table, name = _at(model, loc[:-1]), str(loc[-1])
    known = list(table.model_fields) if _is_table(table) else []
    place = sources.place((*under, *loc))
    remedy = did_you_mean(name, known)
    first, _, rest = name.partition("_")
    if place.startswith("environment") and not under and len(loc) == 1 and first in known:
        variable = f"{PREFIX}{first}__{rest}".upper()
        remedy = f"Two underscores go one table down: {variable}."
    return Problem("E201", f'unknown key "{name}".', place, remedy)


def _wanted(model: type[BaseModel], loc: Path) -> str:
    """What a missing key is for, in the words of its description."""
    table = _at(model, loc[:-1])
    info = table.model_fields.get(str(loc[-1])) if _is_table(table) else None
    return f"It says: {info.description}." if info and info.description else ""


def _secret_in_the_open(model: type[BaseModel], loc: Path, kind: str) -> bool:
    return kind.startswith("model_") and _at(model, loc) is SecretSource


def _real(model: type[BaseModel], loc: Path) -> Path:
    """``loc`` without the names pydantic adds for the members of a union."""
    real: Path = ()
    for step in loc:
        if _at(model, (*real, step)) is None and _at(model, real) is not None:
            continue
        real = (*real, step)
    return real


def _at(annotation: Any, loc: Path) -> Any:  # noqa: ANN401  any annotation at all
    """The annotation found by walking ``loc``; None where it leads nowhere."""
    for step in loc:
        annotation = _below(annotation, step)
        if annotation is None:
            return None
    return _plain(annotation)


def _below(annotation: Any, step: str | int) -> Any:  # noqa: ANN401  any annotation at all
    annotation = _plain(annotation)
    if _is_table(annotation):
        info = annotation.model_fields.get(step)
        return info.annotation if info else None
    arguments = get_args(annotation)
    if get_origin(annotation) is dict:
        return arguments[1]
    if get_origin(annotation) in {list, tuple, frozenset} and isinstance(step, int):
        return arguments[0]
    return None


def _plain(annotation: Any) -> Any:  # noqa: ANN401  any annotation at all
    """Without ``Annotated`` and ``| None`` around it."""
    while getattr(annotation, "__metadata__", None):
        annotation = annotation.__origin__
    members = [one for one in get_args(annotation) if one is not type(None)]
    if type(None) in get_args(annotation) and len(members) == 1:
        return _plain(members[0])
    return annotation


def _is_table(annotation: Any) -> bool:  # noqa: ANN401  any annotation at all
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _key_choices(annotation: Any) -> list[Any]:  # noqa: ANN401  any annotation at all
    return list(get_args(annotation)[0]) if get_origin(annotation) is dict else []
