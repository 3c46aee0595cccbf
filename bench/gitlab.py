"""GitLab: processor time of 10,000 issues, raw and mapped; requests for 1,000 changes."""

import math
import os
from collections.abc import Iterator

from adapters.credentials import SecretSource
from adapters.gitlab import ADAPTER, GitLabSettings
from adapters.gitlab.place import BEGINNING
from adapters.gitlab.reading import changes_of
from adapters.sandbox import Sandbox
from adapters.sandbox.core.limits import Limits
from adapters.sandbox.gitlab.model import Actor, Edit
from adapters.seams import Seams
from bench.figures import Figure
from bench.profiles import labels
from bench.reading import BODY, MANY, TOPIC, compare, plainly

CHANGED = 1_000
TOKEN = "bench-token"
NAME = "acme/payments"
_QUERY = "scope=all&state=all&order_by=updated_at&sort=asc&per_page=100"


def measure(many: int = MANY, changed: int = CHANGED) -> Iterator[Figure]:
    with Sandbox("gitlab", projects=[NAME], token=TOKEN, limits=Limits(primary=None)) as sandbox:
        sandbox.state.project(NAME).seed_issues(many, body=BODY)
        connection = ADAPTER.connect("acme", settings(sandbox.url), Seams(sandbox.clock))
        project = connection.open(NAME, labels("gitlab-issues"))
        list(project.changed(None))
        path = f"/projects/{project.home.id}/issues"
        ways = {
            "raw": lambda: sum(
                len(part.rows) for part in changes_of(connection.client, path, BEGINNING)
            ),
            "mapped": lambda: sum(len(page.items) for page in project.changed(None)),
        }
        plain = plainly(f"{sandbox.url}/api/v4{path}?{_QUERY}", TOKEN)
        yield from compare("GitLab", many, plain, ways)
        yield from _changed(sandbox, project, changed)
        connection.close()


def _changed(sandbox: Sandbox, project, changed: int) -> Iterator[Figure]:  # noqa: ANN001
    sandbox.clock.advance(3600)
    *_, last = project.changed(None)
    sandbox.clock.advance(3600)
    with sandbox.lock:
        home, maria = sandbox.state.project(NAME), Actor("maria")
        for iid in range(1, changed + 1):
            sandbox.clock.advance(1)
            home.edit(iid, Edit(title=f"Changed {iid}"), maria)
    sandbox.requests.clear()
    list(project.changed(last.cursor))
    # Besides, once an hour, whether the project is still what it was.
    pages = sum(entry.path.endswith("/issues") for entry in sandbox.requests)
    what = f"GitLab: {changed:,} changed issues"
    yield Figure(TOPIC, what, pages, math.ceil(changed / 100) + 1, "requests")


def settings(url: str) -> GitLabSettings:
    os.environ["BENCH_GITLAB_TOKEN"] = TOKEN
    return GitLabSettings(token=SecretSource(env="BENCH_GITLAB_TOKEN"), base_url=url)
