"""GitHub: processor time of 10,000 issues, raw and mapped; requests for 1,000 changes."""

import math
import os
from collections.abc import Iterator

from adapters.credentials import SecretSource
from adapters.github import ADAPTER, GitHubSettings
from adapters.github.reading import all_of
from adapters.sandbox import Sandbox
from adapters.sandbox.github.model import Actor, Edit
from adapters.seams import Seams
from bench.figures import Figure
from bench.profiles import labels
from bench.reading import BODY, MANY, TOPIC, compare, plainly

CHANGED = 1_000
TOKEN = "bench-token"
NAME = "acme/payments"


def measure(many: int = MANY, changed: int = CHANGED) -> Iterator[Figure]:
    with Sandbox("github", projects=[NAME], token=TOKEN) as sandbox:
        sandbox.state.repository(NAME).seed_issues(many, body=BODY)
        connection = ADAPTER.connect("acme", settings(sandbox.url), Seams())
        project = connection.open(NAME, labels())
        path = f"/repos/{NAME}/issues"
        ways = {
            "raw": lambda: sum(1 for _ in all_of(connection.client, path, {"state": "all"})),
            "mapped": lambda: sum(len(page.items) for page in project.changed(None)),
        }
        plain = plainly(f"{sandbox.url}{path}?state=all&per_page=100", TOKEN)
        yield from compare("GitHub", many, plain, ways)
        yield from _requests(sandbox, project, changed)
        connection.close()


def _requests(sandbox: Sandbox, project, changed: int) -> Iterator[Figure]:  # noqa: ANN001
    cursor = _read(project, None)
    cursor = _read(project, cursor)
    sandbox.requests.clear()
    _read(project, cursor)
    if sandbox.requests.by_status[304] != sandbox.requests.total:
        msg = "an idle reading was not answered 304"
        raise RuntimeError(msg)
    sandbox.clock.advance(3600)
    with sandbox.lock:
        repository = sandbox.state.repository(NAME)
        for number in range(1, changed + 1):
            sandbox.clock.advance(1)
            repository.edit(number, Edit(title=f"Changed {number}"), Actor("maria"))
    sandbox.requests.clear()
    _read(project, cursor)
    what = f"GitHub: {changed:,} changed issues"
    yield Figure(TOPIC, what, sandbox.requests.total, math.ceil(changed / 100) + 1, "requests")


def _read(project, cursor):  # noqa: ANN001, ANN202
    *_, last = project.changed(cursor)
    return last.cursor


def settings(url: str) -> GitHubSettings:
    os.environ["BENCH_GITHUB_TOKEN"] = TOKEN
    return GitHubSettings(token=SecretSource(env="BENCH_GITHUB_TOKEN"), base_url=url)
