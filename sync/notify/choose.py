"""Who is told what, and when: pure decisions from findings, what was told, and the time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sync.notify.messages import Message, alert, several
from sync.notify.settings import ChannelSettings
from sync.rules.model import Finding, Flag, Level
from sync.rules.terms import RuleName
from sync.store.told import fingerprint


@dataclass(frozen=True, slots=True)
class Telling:
    """One message and the findings (fingerprint to level) that are told by it."""

    message: Message
    tells: Mapping[str, str] = field(default_factory=dict)


def heard(settings: ChannelSettings, findings: Iterable[Finding]) -> list[Finding]:
    """The findings that a channel wants to hear of."""
    return [
        one
        for one in findings
        if one.level >= settings.level
        and (not settings.pairs or one.pair in settings.pairs)
        and (not settings.rules or {one.rule, RuleName.ALL} & set(settings.rules))
    ]


def new(findings: Iterable[Finding], told: Mapping[str, str]) -> list[Finding]:
    """Those to be told that were not, or at a lower level."""
    return [
        one
        for one in findings
        if Flag.NOTIFY in one.flags
        and not one.waived
        and one.level.rank > _rank(told.get(fingerprint(one.key)))
    ]


def _rank(level: str | None) -> int:
    return Level(level).rank if level is not None else -1


def tellings(settings: ChannelSettings, findings: Sequence[Finding], left: int) -> list[Telling]:
    """The messages for new findings: one each while they are few and ``left`` lasts, else one.

    With nothing ``left`` in this hour there is none, and the findings wait.
    """
    if not findings or left < 1:
        return []
    if len(findings) <= min(settings.together, left):
        return [Telling(alert(one), _tells([one])) for one in findings]
    return [Telling(several(findings), _tells(findings))]


def _tells(findings: Iterable[Finding]) -> dict[str, str]:
    return {fingerprint(one.key): one.level.value for one in findings}


def digest_due(settings: ChannelSettings, last: datetime, now: datetime) -> bool:
    """Whether a digest's hour has come since the ``last`` one (UTC)."""
    if settings.digest == "off":
        return False
    now = now.astimezone(UTC)
    hour = datetime.combine(now.date(), settings.at, UTC)
    if hour > now:
        hour -= timedelta(days=1)
    if settings.digest == "weekly":
        hour -= timedelta(days=hour.weekday())
    return last < hour
