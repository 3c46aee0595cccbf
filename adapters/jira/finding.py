"""After a lost answer: whether the issue was made all the same.

Keys are given out in order, so an issue made since then has one of those that follow the highest
one known. Its absence is proved when neither the search nor the keys show it and no request can be
under way any more. A refused creation may use a key up, so a gap does not end the row at once.
"""

from datetime import datetime, timedelta
from typing import Final

from adapters.errors import Missing, Moved
from adapters.jira.client import Client
from adapters.jira.home import Home
from adapters.jira.reading import Question, Raw, number_of, pages
from mappings.jira import ours
from mappings.jira_words import PROPERTY

#: How far before the create its issue may be dated: clocks differ, and requests take time.
EARLIER: Final = timedelta(seconds=120)
NUMBERS_AT_MOST: Final = 300
#: So many keys in a row that nobody has end the row.
ENDS_AFTER: Final = 10
#: Cloud shows this many issues by key in one answer.
AT_ONCE: Final = 100
BULK_FETCH: Final = "/api/2/issue/bulkfetch"


def carries(raw: Raw, marker: str) -> bool:
    """Whether an issue carries a marker."""
    return bool(marker) and ours(raw).get("marker") == marker


def listed(home: Home, marker: str, since: datetime) -> list[Raw]:
    """Issues of our own account that carry ``marker``, made at or after ``since``."""
    asked = Question([home.id], since - EARLIER, home.fields, also="creator = currentUser()")
    return [row for page in pages(home.client, asked) for row in page.rows if carries(row, marker)]


def numbered(home: Home, marker: str, high: int) -> tuple[list[Raw], bool]:
    """Issues that carry ``marker`` among the keys after ``high``; and whether the row ended."""
    found: list[Raw] = []
    absent, at = 0, high + 1
    while at <= high + NUMBERS_AT_MOST:
        there = by_keys(home, [f"{home.key}-{number}" for number in range(at, at + _step(home))])
        for number in range(at, at + _step(home)):
            raw = there.get(number)
            absent = 0 if raw is not None else absent + 1
            if raw and carries(raw, marker):
                found.append(raw)
            if absent >= ENDS_AFTER:
                return found, True
        at += _step(home)
    return found, False


def _step(home: Home) -> int:
    return AT_ONCE if home.client.options.cloud else ENDS_AFTER


def by_keys(home: Home, keys: list[str]) -> dict[int, Raw]:
    """Issues of this project by number, as they are now; {} stands for one that moved away."""
    if home.client.options.cloud:
        return {number_of(str(raw["key"])): raw for raw in fetched(home, keys)}
    found: dict[int, Raw] = {}
    for key in keys:
        try:
            raw = home.client.get(f"/api/2/issue/{key}", query(home)).data
        except Missing:
            continue
        except Moved:
            raw = {}
        same = isinstance(raw, dict) and raw.get("key") == key
        found[number_of(key)] = raw if same and isinstance(raw, dict) else {}
    return found


def fetched(home: Home, names: list[str]) -> list[Raw]:
    """Issues by key or id; those that cannot be seen are left out (Cloud)."""
    found: list[Raw] = []
    for start in range(0, len(names), AT_ONCE):
        some = names[start : start + AT_ONCE]
        asked = {"issueIdsOrKeys": some, "fields": list(home.fields), "properties": [PROPERTY]}
        data = home.client.ask(BULK_FETCH, asked).data
        rows = data.get("issues") if isinstance(data, dict) else None
        found += [raw for raw in rows or () if isinstance(raw, dict)]
    return found


def query(home: Home) -> Raw:
    """What is asked when one issue is read."""
    return {"fields": ",".join(home.fields), "properties": PROPERTY}


def over(client: Client, since: datetime) -> bool:
    """Whether no request of that time can be under way: by Jira's clock and by ours, as either
    may be wrong.
    """
    flight = timedelta(seconds=client.options.in_flight)
    return min(client.now(), client.clock.now()) - since >= flight
