"""Items to JSON text and back, for the store alone."""

import json
from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any

from mappings.item import Item, Ref, Value
from mappings.problem import Problem
from mappings.vocabulary import (
    Category,
    Field,
    Kind,
    Phase,
    Priority,
    Resolution,
    Severity,
)
from sync.decide.tokens import Baseline

_ENUMS = {
    Field.PHASE: Phase,
    Field.RESOLUTION: Resolution,
    Field.PRIORITY: Priority,
    Field.SEVERITY: Severity,
    Field.CATEGORY: Category,
}
_TIMES = ("created_at", "updated_at", "closed_at")
_PLAIN = ("text", "revision", "marker", "author", "archived")


def instant(moment: datetime | None) -> str | None:
    """UTC text of fixed width, so that text order is time order. Naive times are a bug."""
    if moment is None:
        return None
    if moment.tzinfo is None:
        msg = "a time without a zone reached the store"
        raise ValueError(msg)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment(text: str | None) -> datetime | None:
    """The other way."""
    return datetime.fromisoformat(text) if text else None


def encode_value(value: Value) -> Any:  # noqa: ANN401  JSON is what it is
    """One field's value as JSON; the whole text of a body included."""
    if isinstance(value, Ref):
        return {"id": value.id, "key": value.key, "url": value.url, "birth": value.birth}
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, date):
        return value.isoformat()
    return None if value is None else str(value)


def decode_value(field: Field, raw: Any) -> Value:  # noqa: ANN401  JSON is what it is
    """The other way."""
    if raw is None:
        return None
    if field in _ENUMS:
        chosen: Value = _ENUMS[field](raw)
        return chosen
    if field is Field.OWNERS:
        return tuple(raw)
    if field is Field.DUE:
        return date.fromisoformat(raw)
    if field is Field.PARENT:
        return Ref(**raw)
    return str(raw)


def encode_item(item: Item) -> str:
    """An item as JSON text; unset fields are left out."""
    data: dict[str, Any] = {"ref": encode_value(item.ref), "kind": item.kind.value}
    data["fields"] = {name: encode_value(value) for name, value in item.values().items()}
    data.update({name: getattr(item, name) for name in _PLAIN})
    data.update({name: instant(getattr(item, name)) for name in _TIMES})
    data["labels"] = sorted(item.labels)
    data["notices"] = [encode_problem(notice) for notice in item.notices]
    if item.references:
        data["references"] = list(item.references)
    if item.related:
        data["related"] = [encode_value(ref) for ref in item.related]
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def decode_item(text: str) -> Item:
    """The other way."""
    data = json.loads(text)
    values: dict[str, Any] = {
        name: decode_value(Field(name), raw) for name, raw in data["fields"].items()
    }
    plain: dict[str, Any] = {name: data[name] for name in _PLAIN}
    times: dict[str, Any] = {name: moment(data[name]) for name in _TIMES}
    return Item(
        ref=Ref(**data["ref"]),
        kind=Kind(data["kind"]),
        labels=frozenset(data["labels"]),
        notices=tuple(Problem(**notice) for notice in data["notices"]),
        references=tuple(data.get("references", ())),
        related=tuple(Ref(**ref) for ref in data.get("related", ())),
        **plain,
        **times,
        **values,
    )


def encode_problem(problem: Problem) -> dict[str, str]:
    """A problem as JSON."""
    return {one.name: getattr(problem, one.name) for one in fields(problem)}


def encode_baseline(base: Baseline) -> str:
    """Tokens are JSON already."""
    return json.dumps(dict(base), ensure_ascii=False, separators=(",", ":"))


def decode_baseline(text: str) -> dict[Field, Any]:
    """The other way."""
    return {Field(name): raw for name, raw in json.loads(text).items()}
