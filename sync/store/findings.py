"""Findings as they open, rise and are met, and which flags of theirs stand in the tracker."""

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, bindparam, insert, select, update

from mappings.item import Ref
from mappings.vocabulary import Priority, Severity, Side
from sync.rules.model import Finding, Flag, FollowUp, Level, Waiver
from sync.store.codec import encode_value, instant, moment
from sync.store.schema import findings

_OPEN: Final = (
    select(findings)
    .where(findings.c.pair == bindparam("pair"), findings.c.cleared_at.is_(None))
    .order_by(findings.c.since, findings.c.print)
)
_KNOWN: Final = select(findings.c.print).where(findings.c.pair == bindparam("pair"))
_INSERT: Final = insert(findings)
_CHANGE: Final = update(findings).where(
    findings.c.pair == bindparam("at_pair"), findings.c.print == bindparam("at_print")
)
_TEXTS: Final = ("rule", "pair", "key", "title", "text", "remedy", "place", "label")


@dataclass(frozen=True, slots=True)
class Judged:
    """What one judging changed. ``open`` are all findings there are now, as they are kept."""

    open: tuple[Finding, ...] = ()
    opened: tuple[Finding, ...] = ()
    cleared: tuple[Finding, ...] = ()


def fingerprint(key: str) -> str:
    """A finding's key, however long, as it is stored."""
    return hashlib.sha256(key.encode()).hexdigest()


def settle(
    tx: Connection,
    pair: str,
    judged: Iterable[Finding],
    unjudged: Collection[str],
    now: datetime,
) -> Judged:
    """Write down what a judging at ``now`` found: new ones open, those no longer found are met.

    A finding whose beginning nobody can tell keeps the first. Findings of the rules ``unjudged``
    stay as they are.
    """
    known = {row.print: row for row in tx.execute(_OPEN, {"pair": pair})}
    ever = set(tx.execute(_KNOWN, {"pair": pair}).scalars())
    kept, opened = [], []
    for found in judged:
        name = fingerprint(found.key)
        row = known.pop(name, None)
        if row is None:
            _open(tx, name, found, now, again=name in ever)
            opened.append(found)
            kept.append(found)
        else:
            kept.append(_renew(tx, name, found, row, now))
    cleared = []
    for name, row in known.items():
        if row.rule in unjudged:
            kept.append(decode_finding(row.body))
            continue
        cleared.append(decode_finding(row.body))
        at = {"at_pair": pair, "at_print": name}
        tx.execute(_CHANGE, {**at, "cleared_at": instant(now)})
    return Judged(tuple(kept), tuple(opened), tuple(cleared))


def open_now(tx: Connection, pair: str) -> list[Finding]:
    """The findings of a pair that are not met, the most pressing first."""
    found = [decode_finding(row.body) for row in tx.execute(_OPEN, {"pair": pair})]
    return sorted(found, key=lambda one: (one.waived, -one.level.rank, one.since, one.key))


def of_item(tx: Connection, pair: str, side: Side, item_id: str) -> list[Finding]:
    """The findings about one item that are not met."""
    mine = and_(findings.c.side == side.value, findings.c.item == item_id)
    rows = tx.execute(_OPEN.where(mine), {"pair": pair})
    return [decode_finding(row.body) for row in rows]


def encode_finding(one: Finding) -> str:
    """A finding as JSON text."""
    data: dict[str, Any] = {name: getattr(one, name) for name in _TEXTS}
    data |= {
        "level": one.level.value,
        "since": instant(one.since),
        "until": instant(one.until),
        "side": one.side.value if one.side else None,
        "item": encode_value(one.item) if one.item else None,
        "priority": encode_value(one.priority),
        "severity": encode_value(one.severity),
        "owners": list(one.owners),
        "evidence": list(one.evidence),
        "flags": sorted(flag.value for flag in one.flags),
        "priority_raised": encode_value(one.priority_raised),
        "severity_raised": encode_value(one.severity_raised),
        "follow_up": _plain(one.follow_up),
        "waiver": _plain(one.waiver),
    }
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def decode_finding(text: str) -> Finding:
    """The other way."""
    data = json.loads(text)
    asked, waiver = data["follow_up"], data["waiver"]
    return Finding(
        **{name: data[name] for name in _TEXTS},
        level=Level(data["level"]),
        since=_time(data["since"]),
        until=moment(data["until"]),
        side=Side(data["side"]) if data["side"] else None,
        item=Ref(**data["item"]) if data["item"] else None,
        priority=_priority(data["priority"]),
        severity=Severity(data["severity"]) if data["severity"] else None,
        owners=tuple(data["owners"]),
        evidence=tuple(data["evidence"]),
        flags=frozenset(Flag(flag) for flag in data["flags"]),
        priority_raised=_priority(data["priority_raised"]),
        severity_raised=Severity(data["severity_raised"]) if data["severity_raised"] else None,
        follow_up=_follow_up(asked) if asked else None,
        waiver=_waiver(waiver) if waiver else None,
    )


def _open(tx: Connection, name: str, found: Finding, now: datetime, *, again: bool) -> None:
    columns = _columns(found) | {"opened_at": instant(now), "cleared_at": None}
    if again:
        tx.execute(_CHANGE, columns | {"at_pair": found.pair, "at_print": name})
    else:
        tx.execute(_INSERT, columns | {"pair": found.pair, "print": name})


def _renew(
    tx: Connection, name: str, found: Finding, row: Row[*tuple[Any, ...]], now: datetime
) -> Finding:
    """One that was found before; nothing is written where nothing changed."""
    if found.since == now:
        found = replace(found, since=_time(row.since))
    columns = _columns(found)
    if columns["body"] != row.body:
        tx.execute(_CHANGE, columns | {"at_pair": found.pair, "at_print": name})
    return found


def _columns(found: Finding) -> dict[str, Any]:
    return {
        "rule": found.rule,
        "side": found.side.value if found.side else None,
        "item": found.item.id if found.item else None,
        "level": found.level.value,
        "since": instant(found.since),
        "body": encode_finding(found),
    }


def _plain(value: FollowUp | Waiver | None) -> dict[str, Any] | None:
    if value is None:
        return None
    found = {one.name: getattr(value, one.name) for one in fields(value)}
    return {name: _word(raw) for name, raw in found.items()}


def _word(raw: Any) -> Any:  # noqa: ANN401  JSON is what it is
    return encode_value(raw) if raw is not None else None


def _follow_up(data: dict[str, Any]) -> FollowUp:
    due = date.fromisoformat(data["due"])
    return FollowUp(title=data["title"], due=due, priority=_priority(data["priority"]))


def _waiver(data: dict[str, Any]) -> Waiver:
    until = date.fromisoformat(data["until"]) if data["until"] else None
    item = Ref(**data["item"]) if data["item"] else None
    return Waiver(**(data | {"until": until, "item": item}))


def _priority(raw: str | None) -> Priority | None:
    return Priority(raw) if raw else None


def _time(text: str) -> datetime:
    found = moment(text)
    if found is None:  # pragma: no cover  the column is not nullable
        msg = "a finding without a time"
        raise ValueError(msg)
    return found
