"""Which flags of rules stand on which item: what was put there by us, and what may be tried."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, bindparam, insert, select, update

from mappings.vocabulary import Side
from sync.decide.flags import Place, Standing
from sync.rules.model import Flag
from sync.store.codec import instant, moment
from sync.store.schema import flags

#: A flag that a home refuses is tried again after an hour, doubled each time, at most a day.
FIRST_RETRY: Final = timedelta(hours=1)
LONGEST_RETRY: Final = timedelta(days=1)

_ALL: Final = select(flags).where(flags.c.pair == bindparam("pair"))
_INSERT: Final = insert(flags)
_CHANGE: Final = update(flags).where(
    flags.c.pair == bindparam("at_pair"),
    flags.c.side == bindparam("at_side"),
    flags.c.id == bindparam("at_id"),
    flags.c.rule == bindparam("at_rule"),
    flags.c.kind == bindparam("at_kind"),
)


def known(tx: Connection, pair: str) -> dict[Place, Standing]:
    """Every flag that was ever put up, or tried."""
    return {
        (Side(row.side), row.id, row.rule, Flag(row.kind)): Standing(
            value=row.value,
            on=row.standing,
            attempts=row.attempts,
            retry_at=moment(row.retry_at),
        )
        for row in tx.execute(_ALL, {"pair": pair})
    }


def put(tx: Connection, pair: str, place: Place, value: str, now: datetime, *, on: bool) -> None:
    """A flag was written."""
    columns = {"value": value, "standing": on, "changed_at": instant(now)}
    _write(tx, pair, place, columns | {"attempts": 0, "retry_at": None})


def refused(tx: Connection, pair: str, place: Place, before: Mapping[Place, Standing],
            now: datetime) -> None:  # fmt: skip
    """A home did not take it: left alone for a while, each time longer."""
    attempts = before[place].attempts if place in before else 0
    wait = min(FIRST_RETRY * 2 ** min(attempts, 8), LONGEST_RETRY)
    columns = {"attempts": attempts + 1, "retry_at": instant(now + wait)}
    _write(tx, pair, place, columns | {"changed_at": instant(now)})


def _write(tx: Connection, pair: str, place: Place, columns: dict[str, Any]) -> None:
    side, item_id, rule, kind = place
    where = {"pair": pair, "side": side.value, "id": item_id, "rule": rule, "kind": kind.value}
    at = {f"at_{name}": value for name, value in where.items()}
    if tx.execute(_CHANGE, columns | at).rowcount == 0:
        tx.execute(_INSERT, {"value": "", "standing": False} | columns | where)
