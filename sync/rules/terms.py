"""What a rule is held to: from when it presses, how hard, and what it asks for; as settings.

A time may differ by priority and severity: ``"48h"`` is for all, ``{ P0 = "1h", other = "2d" }``
by level. Of an item's priority and severity the one with the shorter time counts. ``"never"``
takes a level out; ``"at once"`` is no time at all.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Any, Final, Self

from pydantic import BeforeValidator, PlainSerializer, field_validator
from pydantic import Field as Key

from mappings.postmortem.model import SectionKind
from mappings.profile import Table
from mappings.vocabulary import Priority, Severity
from sync.durations import Duration, parse_duration, write_duration
from sync.rules.model import Flag, Level

#: The key of a table of times that stands for every level not named.
OTHER: Final = "other"
_LEVELS: Final = {**{one.value: one for one in Priority}, **{one.value: one for one in Severity}}
_AT_ONCE: Final = timedelta(0)
_WAIVE: Final = re.compile(r"until (\d{4}-\d\d-\d\d) because \S.*")


class RuleName(StrEnum):
    """Every rule; and ``all``, under which settings speak of all of them."""

    ALL = "all"
    POSTMORTEM_MISSING = "postmortem-missing"
    POSTMORTEM_INCOMPLETE = "postmortem-incomplete"
    POSTMORTEM_UNREADABLE = "postmortem-unreadable"
    POSTMORTEM_UNMATCHED = "postmortem-unmatched"
    NO_PREVENTIVE_ACTION = "no-preventive-action"
    ROOT_CAUSE_UNKNOWN = "root-cause-unknown"
    BLAME_LANGUAGE = "blame-language"
    ACTION_UNTRACKED = "action-untracked"
    ACTION_UNOWNED = "action-unowned"
    ACTION_UNDATED = "action-undated"
    ACTION_OVERDUE = "action-overdue"
    ACTION_STALLED = "action-stalled"
    SEVERITY_MISSING = "severity-missing"
    COMMANDER_MISSING = "commander-missing"
    RESPONSE_OVERDUE = "response-overdue"
    UPDATE_STALE = "update-stale"
    UNRECORDED = "unrecorded"
    PRIORITY_DISAGREES = "priority-disagrees"
    CLOSED_WITH_OPEN_ACTIONS = "closed-with-open-actions"
    REPEAT_WITH_OPEN_ACTION = "repeat-with-open-action"
    INTERRUPT_LOAD = "interrupt-load"
    WAIVER_INVALID = "waiver-invalid"


@dataclass(frozen=True, slots=True)
class Times:
    """A length of time for each level; ``by`` holds the levels named, ``other`` all the rest.

    None is never.
    """

    by: Mapping[str, timedelta | None] = field(default_factory=dict)
    other: timedelta | None = None

    def of(self, priority: Priority | None, severity: Severity | None) -> timedelta | None:
        """The time for an item of these levels; None: never."""
        if not self.by:
            return self.other
        said = [self.by[one] for one in (priority, severity) if one is not None and one in self.by]
        if not said:
            return self.other
        return min((one for one in said if one is not None), default=None)

    def over(self, under: "Times") -> "Times":
        """These where they speak, ``under`` elsewhere: by level, or all anew for a plain time."""
        if not self.by:
            return self
        return Times({**under.by, **self.by}, under.other if OTHER not in self.by else self.other)

    @property
    def words(self) -> str | dict[str, str]:
        """As settings write it."""
        plain = {name: _word(span) for name, span in self.by.items() if name != OTHER}
        if not plain:
            return _word(self.other)
        return plain if self.other is None else {**plain, OTHER: _word(self.other)}

    def __str__(self) -> str:
        """As a sentence says it: "at once for P0 and P1, 4h for SEV3"."""
        named: dict[str, list[str]] = {}
        for name, span in self.by.items():
            if name != OTHER and span != self.other:
                named.setdefault(_word(span), []).append(name)
        parts = [f"{word} for {_listed(names)}" for word, names in named.items()]
        if self.other is not None or not parts:
            parts.append(_word(self.other) + (" for all others" if parts else ""))
        return ", ".join(parts)


def parse_times(value: object) -> Times:
    """Times out of ``"48h"``, ``"never"``, ``"at once"`` or a table of levels.

    Raises ValueError that names what is wrong.
    """
    if isinstance(value, Times):
        return value
    if not isinstance(value, Mapping):
        return Times(other=_span(value))
    for name in value:
        if name != OTHER and name not in _LEVELS:
            message = f'"{name}" is no level: P0 to P3, SEV1 to SEV4 or "{OTHER}"'
            raise ValueError(message)
    spans = {str(name): _span(span) for name, span in value.items()}
    return Times(spans, spans.get(OTHER))


def _span(value: object) -> timedelta | None:
    if value in {"never", "at once"}:
        return None if value == "never" else _AT_ONCE
    try:
        return parse_duration(value)
    except ValueError:
        message = 'a time is "never", "at once", or written like "90s", "5m", "2h" or "1d"'
        raise ValueError(message) from None


def _listed(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if names[1:] else names[0]


def _word(span: timedelta | None) -> str:
    if span is None:
        return "never"
    return write_duration(span) if span else "at once"


WrittenTimes = Annotated[
    Times, BeforeValidator(parse_times), PlainSerializer(lambda times: times.words)
]


class RuleTable(Table):
    """``[rules.RULE]``, ``[rules.all]`` and the same under a pair; what is not given stays."""

    enabled: bool | None = Key(default=None, description="false switches the rule off")
    due: WrittenTimes | None = Key(
        default=None, description="how long a rule may be unmet before it is a finding"
    )
    overdue: WrittenTimes | None = Key(
        default=None, description="how long a rule may be unmet before the finding is overdue"
    )
    level: Level | None = Key(
        default=None, description='what a finding begins as: "info", "due" or "overdue"'
    )
    flags: frozenset[Flag] | None = Key(
        default=None,
        description='what a finding asks for: "label", "note", "notify", "reopen", "raise", '
        '"follow-up" (a task, of root-cause-unknown alone)',
    )
    overdue_flags: frozenset[Flag] | None = Key(
        default=None, description="what it asks for besides, once it is overdue"
    )
    label: str | None = Key(
        default=None, min_length=1, max_length=50, description="the label; the rule's own name"
    )
    since: date | None = Key(
        default=None, description="incidents closed before this day are not judged"
    )
    flag_since: date | None = Key(
        default=None,
        description="what was closed before this day flags nothing; the pair's first day",
    )
    waive: str | None = Key(
        default=None, description='waives the rule here: "until YYYY-MM-DD because REASON"'
    )
    sections: tuple[SectionKind, ...] | None = Key(
        default=None, description="postmortem-incomplete: the sections a postmortem needs"
    )
    share: float | None = Key(
        default=None, gt=0, lt=1, description="interrupt-load: the share kept for incidents"
    )
    window: Duration | None = Key(
        default=None, description="interrupt-load: the time looked back on, in whole weeks"
    )
    least: int | None = Key(
        default=None,
        ge=1,
        description="interrupt-load: completed items below which nothing is said",
    )

    @field_validator("waive")
    @classmethod
    def _whole(cls, waive: str | None) -> str | None:
        match = _WAIVE.fullmatch(waive or "")
        try:
            date.fromisoformat(match[1] if match else "")
        except ValueError:
            if waive is not None:
                message = 'a waiver is written "until YYYY-MM-DD because REASON"'
                raise ValueError(message) from None
        return waive


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What one rule is held to in one pair; keys as in :class:`RuleTable`."""

    due: Times = Times(other=_AT_ONCE)
    overdue: Times = Times()
    level: Level = Level.DUE
    flags: frozenset[Flag] = frozenset()
    overdue_flags: frozenset[Flag] = frozenset()
    enabled: bool = True
    label: str = ""
    since: date | None = None
    flag_since: date | None = None
    waive: str = ""
    sections: tuple[SectionKind, ...] = ()
    share: float = 0.2
    window: timedelta = timedelta(weeks=4)
    least: int = 10

    def __str__(self) -> str:
        """As docs/rules.md says it."""
        if not self.enabled:
            return "off"
        asks = ", ".join(sorted(self.flags)) or "nothing"
        more = ", ".join(sorted(self.overdue_flags - self.flags))
        later = f", and {more} once overdue" if more else ""
        return f"{self.level} {self.due}; overdue {self.overdue}; asks for {asks}{later}"

    def under(self, table: RuleTable) -> Self:
        """These terms with what ``table`` says otherwise."""
        said: dict[str, Any] = {
            name: getattr(table, name)
            for name in type(table).model_fields
            if getattr(table, name) is not None
        }
        for name in ("due", "overdue"):
            if name in said:
                said[name] = said[name].over(getattr(self, name))
        return replace(self, **said)


#: Keys that one rule alone understands.
_OWN_KEYS: Final = {
    "sections": RuleName.POSTMORTEM_INCOMPLETE,
    "share": RuleName.INTERRUPT_LOAD,
    "window": RuleName.INTERRUPT_LOAD,
    "least": RuleName.INTERRUPT_LOAD,
}


def fitting(tables: dict[RuleName, RuleTable]) -> dict[RuleName, RuleTable]:
    """The tables as they are. Raises ValueError for a key that says nothing to its rule."""
    for name, table in tables.items():
        for key, only in _OWN_KEYS.items():
            if getattr(table, key) is not None and name is not only:
                message = f'"{key}" is a key of {only}; it says nothing to {name}'
                raise ValueError(message)
    return tables


def times(plain: str = "never", **levels: str) -> Times:
    """Times for a rule's defaults: ``times("2d", P0="1h")``; what is not named is ``plain``."""
    return parse_times({**levels, OTHER: plain} if levels else plain)


def spelled(value: object) -> object:
    """A table of rules with ``_`` in their names read as ``-``: variables cannot hold that."""
    if not isinstance(value, Mapping):
        return value
    return {
        name.replace("_", "-") if isinstance(name, str) else name: below
        for name, below in value.items()
    }
