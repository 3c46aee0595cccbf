"""A script of faults: which request goes wrong, when, and how. Pure but for its own counts.

seed = 7

[[fault]]
match = "POST /repositories/[0-9]+/issues$"
nth = 2
effect = "lose-reply"
"""

import difflib
import json
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Any, Literal, TypeAlias

from pydantic import Field, ValidationError, field_validator

from mappings.problem import Problem, ProblemError
from mappings.profile import Table

Effect: TypeAlias = Literal[
    "lose-reply", "reset", "error", "status", "truncate", "delay", "rate-limit", "skew"
]


class Fault(Table):
    """One rule of the script.

    ``match`` is a method (or ``*``) and a regular expression searched for in the path. When:
    ``nth`` matching request only, ``every`` so many, with a ``chance``, at most ``times``; all
    that are given must agree. ``after``: the work is done first, then it goes wrong. Effects:

    - ``lose-reply``: the work is done, the connection closed without an answer;
    - ``reset``: the connection is reset, before the work unless ``after``;
    - ``error``: ``status`` with a page of HTML, as a proxy in between answers;
    - ``status``: ``status`` with the tracker's own kind of error, ``message`` and ``headers``;
    - ``truncate``: only ``bytes`` of the body arrive; when ``framed``, its length says so too,
      as if it were whole;
    - ``delay``: ``seconds`` pass first (or, with ``after``, before the answer leaves);
    - ``rate-limit``: the ``limit`` is reached; ``tell`` says whether the answer says how long;
    - ``skew``: the Date header is ``seconds`` off.
    """

    match: str = "* ."
    nth: int | None = Field(default=None, ge=1)
    every: int | None = Field(default=None, ge=1)
    chance: float | None = Field(default=None, ge=0, le=1)
    times: int | None = Field(default=None, ge=1)
    effect: Effect
    after: bool = False
    status: int = Field(default=502, ge=200, le=599)
    body: str | None = None
    message: str = "Server Error"
    headers: dict[str, str] = Field(default={})
    bytes: int = Field(default=200, ge=0)
    framed: bool = False
    seconds: float = 1.0
    limit: Literal["primary", "secondary"] = "secondary"
    tell: bool = True

    @field_validator("match")
    @classmethod
    def _readable(cls, value: str) -> str:
        method, _, pattern = value.partition(" ")
        if not re.fullmatch(r"\*|[A-Z]+", method) or not pattern:
            raise ValueError('write a method or *, a blank, and a pattern: "POST /issues$"')
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from None
        return value

    def html(self) -> str:
        """The page an ``error`` answers with."""
        title = f"{self.status} {self.message}"
        return (
            self.body
            if self.body is not None
            else (
                f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n"
                f"<center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n"
            )
        )


class FaultScript(Table):
    """A seed for chance, and the rules; the first that applies wins."""

    seed: int = 0
    fault: list[Fault] = Field(default=[])


class Faults:
    """The rules in force and how often each has met a request."""

    def __init__(self, rules: Iterable[Fault] = (), seed: int = 0) -> None:
        self.replace(rules, seed)

    def replace(self, rules: Iterable[Fault], seed: int = 0) -> None:
        """Put other rules in force; counts and chance begin anew."""
        self._rules = [_Running(rule) for rule in rules]
        self._random = Random(seed)  # noqa: S311  repeatable faults, not secrets

    def add(self, effect: Effect, match: str = "* .", **settings: Any) -> Fault:  # noqa: ANN401  pydantic checks
        """One more rule, last in order."""
        rule = Fault(effect=effect, match=match, **settings)
        self._rules.append(_Running(rule))
        return rule

    def clear(self) -> None:
        """No more faults."""
        self._rules.clear()

    def pick(self, method: str, path: str) -> Fault | None:
        """The fault this request meets, if any; every rule it matches counts it."""
        due = [rule for rule in self._rules if rule.meets(method, path, self._random)]
        if not due:
            return None
        due[0].done += 1
        return due[0].rule


class _Running:
    def __init__(self, rule: Fault) -> None:
        self.rule = rule
        self.seen = 0
        self.done = 0
        method, _, pattern = rule.match.partition(" ")
        self._method = method
        self._path = re.compile(pattern)

    def meets(self, method: str, path: str, random: Random) -> bool:
        rule = self.rule
        if self._method not in {"*", method} or not self._path.search(path):
            return False
        self.seen += 1
        return (
            (rule.times is None or self.done < rule.times)
            and (rule.nth is None or self.seen == rule.nth)
            and (rule.every is None or self.seen % rule.every == 0)
            and (rule.chance is None or random.random() < rule.chance)
        )


def read_script(text: str, place: str, *, as_json: bool = False) -> FaultScript:
    """A script from TOML or JSON text. Raises ProblemError (E201) naming ``place`` and the key."""
    try:
        raw = json.loads(text) if as_json else tomllib.loads(text)
    except ValueError as error:
        raise ProblemError(Problem("E201", f"cannot be read: {error}", place)) from None
    try:
        return FaultScript.model_validate(raw)
    except ValidationError as error:
        raise ProblemError(_problem(error, place)) from None


def load_script(path: Path) -> FaultScript:
    """A script from a file; JSON if it is named so. Raises ProblemError (E201)."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problem = Problem("E201", f"cannot be read: {type(error).__name__}", str(path))
        raise ProblemError(problem) from None
    return read_script(text, str(path), as_json=path.suffix == ".json")


def _problem(error: ValidationError, place: str) -> Problem:
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] != "extra_forbidden":
        return Problem("E201", f"{where}: {first['msg']}", place)
    known = FaultScript.model_fields if len(first["loc"]) == 1 else Fault.model_fields
    close = difflib.get_close_matches(str(first["loc"][-1]), known, n=1)
    remedy = f'Did you mean "{close[0]}"?' if close else f"Known: {', '.join(sorted(known))}."
    return Problem("E201", f'unknown key "{where}".', place, remedy)
