"""After a lost answer: whether the issue was made all the same.

Numbers are given out in order, so an issue made since then has one of those that follow the
highest one known. Its absence is proved when neither list nor numbers show it and no request can be
under way any more.
"""

from datetime import datetime, timedelta
from typing import Final

from adapters.errors import Missing
from adapters.gitlab.client import Client
from adapters.gitlab.reading import Raw, newest

#: How far before the create its issue may be dated: clocks differ, and requests take time.
EARLIER: Final = timedelta(seconds=120)
NUMBERS_AT_MOST: Final = 200
#: So many numbers in a row that cannot be seen end an enumeration. A deleted issue, a test case
#: and one that is confidential leave a gap just as well.
ENDS_AFTER: Final = 10


def listed(client: Client, path: str, author: int, marker: str, since: datetime) -> list[Raw]:
    """The issues of the user ``author`` that carry ``marker``, made at or after ``since``."""
    rows = newest(client, path, author, since - EARLIER)
    return [raw for raw in rows if marker in (raw["description"] or "")]


def numbered(client: Client, path: str, marker: str, high: int) -> tuple[list[Raw], bool]:
    """Issues that carry ``marker`` among the numbers after ``high``, looked at one by one; and
    whether the last number was reached.
    """
    found: list[Raw] = []
    absent = 0
    for number in range(high + 1, high + 1 + NUMBERS_AT_MOST):
        try:
            raw = client.get(f"{path}/{number}").data
        except Missing:
            absent += 1
            if absent >= ENDS_AFTER:
                return found, True
            continue
        absent = 0
        if isinstance(raw, dict) and marker in (raw.get("description") or ""):
            found.append(raw)
    return found, False


def over(client: Client, looked_at: datetime | None, since: datetime) -> bool:
    """Whether no request of that time can be under way: by the server's clock (``looked_at``) and
    by ours, as either may be wrong.
    """
    ours = client.clock.now()
    flight = timedelta(seconds=client.options.in_flight)
    return min(looked_at or ours, ours) - since >= flight
