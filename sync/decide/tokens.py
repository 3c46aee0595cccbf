"""The comparable form of a field's value: what a baseline keeps and a diff compares.

Everything is JSON. A body is kept as its fingerprint: a baseline only has to tell whether the
text moved, and ten thousand texts need not be stored twice.
"""

from datetime import date
from typing import TypeAlias

from mappings.item import UNSET, Fields, Ref, Unset, Value
from mappings.text import fingerprint
from mappings.vocabulary import Field

Token: TypeAlias = str | list[str] | None
#: What one side said, field by field. A field that is not there was never heard of.
Baseline: TypeAlias = dict[Field, Token]


def token(field: Field, value: Value) -> Token:
    """The comparable form of one set value."""
    if value is None:
        return None
    if isinstance(value, Ref):
        return value.id
    if isinstance(value, tuple):
        return sorted(value)
    if isinstance(value, date):
        return value.isoformat()
    if field is Field.BODY:
        return fingerprint(value) if value.strip() else None
    return str(value)


def tokens(fields: Fields) -> dict[Field, Token]:
    """The comparable form of everything that is set."""
    return {name: token(name, value) for name, value in fields.values().items()}


def moved(base: Baseline, field: Field, value: Value | Unset) -> bool:
    """Whether a side moved from its own baseline.

    No opinion never moves. Saying "none" for the first time does not move either: a home
    that starts to show an empty field is not a person clearing it.
    """
    if value is UNSET:
        return False
    now = token(field, value)
    if field not in base:
        return now is not None and now != []
    return base[field] != now
