"""Ten thousand issues of one tracker: what the client library costs, and what mapping adds."""

import json
from collections.abc import Callable, Iterator

import requests

from bench.figures import Figure, processor_time

TOPIC = "Reading"
MANY = 10_000
#: About 1,600 characters, as long as issues are.
BODY = "Something people wrote about the matter.\n" * 40
#: Each is read so often, in turns; the fastest counts.
ROUNDS = 5


def compare(
    name: str, many: int, plain: Callable[[], int], ways: dict[str, Callable[[], int]]
) -> Iterator[Figure]:
    """``ways``: "raw" and "mapped", against ``plain``; each returns how many issues it read."""
    bars = {"raw": ("as raw JSON", 1.5), "mapped": ("and mapped", 2.0)}
    every = {"plain": plain, **ways}
    for way in every.values():
        way()  # warms the server's own caches, so that all read alike
    spent = {called: float("inf") for called in every}
    for _ in range(ROUNDS):
        for called, way in every.items():
            with processor_time() as took:
                count = way()
            if count < many:
                msg = f"{name}: {count:,} issues read instead of {many}"
                raise RuntimeError(msg)
            spent[called] = min(spent[called], took.seconds)
    for called in ways:
        words, bar = bars[called]
        ratio = spent[called] / spent["plain"]
        yield Figure(
            TOPIC, f"{name}: {many:,} issues read {words}", ratio, bar, "x requests + json"
        )


def plainly(url: str, token: str) -> Callable[[], int]:
    """A reading by `requests` and `json`, page after page, of the very same bytes."""
    headers = {"Authorization": f"Bearer {token}"}

    def read() -> int:
        count, following = 0, url
        with requests.Session() as session:
            while following:
                answer = session.get(following, headers=headers)
                count += len(json.loads(answer.text))
                following = answer.links.get("next", {}).get("url", "")
        return count

    return read
