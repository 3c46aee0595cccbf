"""GitLab: an idle cycle over a group of projects, 1,000 changes, one write; processor time of
10,000 issues, raw and mapped.
"""

import json
import os
from collections.abc import Iterator

import requests

from adapters.credentials import SecretSource
from adapters.gitlab import ADAPTER, GitLabSettings
from adapters.gitlab.place import BEGINNING
from adapters.gitlab.reading import changes_of
from adapters.sandbox import Sandbox
from adapters.sandbox.core.limits import Limits
from adapters.sandbox.gitlab.model import Edit
from adapters.sandbox.gitlab.state import whoever
from adapters.seams import Seams
from bench.figures import Figure, processor_time
from bench.profiles import labels
from mappings.item import Draft, Patch
from mappings.vocabulary import Phase

MANY = 10_000
CHANGED = 1_000
PROJECTS = 100
TOKEN = "bench-token"


def measure() -> Iterator[Figure]:
    names = [f"acme/team-{number % 10}/service-{number}" for number in range(PROJECTS)]
    with Sandbox("gitlab", projects=names, token=TOKEN, limits=Limits(primary=None)) as sandbox:
        connection = ADAPTER.connect("acme", settings(sandbox.url), Seams(sandbox.clock))
        yield from _idle(sandbox, connection, names)
        project = connection.open(names[0], labels("gitlab-issues"))
        yield from _write(sandbox, project)
        sandbox.state.project(names[0]).seed_issues(
            MANY, body="Something people wrote about the matter.\n" * 40
        )
        yield from _reading(sandbox, connection, project)
        yield from _changed(sandbox, project, names[0])
        connection.close()


def _idle(sandbox: Sandbox, connection, names) -> Iterator[Figure]:  # noqa: ANN001
    wanted = {}
    for name in names:
        sandbox.state.project(name).seed_issues(3)
    sandbox.clock.advance(3600)
    for name in names:
        project = connection.open(name, labels("gitlab-issues"))
        *_, last = project.changed(None)
        wanted[project] = last.cursor
    sandbox.requests.clear()
    ended = {project for project, page in connection.poll(wanted) if page.last}
    if len(ended) != PROJECTS:
        msg = f"{len(ended)} projects read instead of {PROJECTS}"
        raise RuntimeError(msg)
    what = f"GitLab: idle reading of {PROJECTS} projects of a group"
    yield Figure(what, sandbox.requests.total, 1, "requests")


def _write(sandbox: Sandbox, project) -> Iterator[Figure]:  # noqa: ANN001
    project.home.look()
    sandbox.requests.clear()
    item = project.create(Draft(title="Checkout is down", phase=Phase.DOING))
    yield Figure("GitLab: one creation", sandbox.requests.total, 1, "requests")
    sandbox.requests.clear()
    project.update(item.ref, Patch(title="It was down", phase=Phase.TODO), item.revision)
    writes = len(sandbox.requests.writes())
    yield Figure("GitLab: one change, besides looking", writes, 1, "requests")


def _reading(sandbox: Sandbox, connection, project) -> Iterator[Figure]:  # noqa: ANN001
    list(project.changed(None))
    path = f"/projects/{project.home.id}/issues"
    plain = min(_plain(sandbox, path) for _ in range(3))

    def raw() -> int:
        return sum(len(part.rows) for part in changes_of(connection.client, path, BEGINNING))

    def mapped() -> int:
        return sum(len(page.items) for page in project.changed(None))

    for what, read, bar in (("read", raw, 1.5), ("read and mapped", mapped, 2.0)):
        ours = []
        for _ in range(3):
            with processor_time() as spent:
                count = read()
            ours.append(spent.seconds)
        if count < MANY:
            msg = f"{count} issues read instead of {MANY}"
            raise RuntimeError(msg)
        ratio = min(ours) / plain
        yield Figure(f"GitLab: {MANY} issues {what}", ratio, bar, "x requests + json")


def _plain(sandbox: Sandbox, path: str) -> float:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    query = "scope=all&state=all&order_by=updated_at&sort=asc&per_page=100"
    with requests.Session() as session, processor_time() as spent:
        url = f"{sandbox.url}/api/v4{path}?{query}"
        while url:
            answer = session.get(url, headers=headers)
            json.loads(answer.text)
            url = answer.links.get("next", {}).get("url", "")
    return spent.seconds


def _changed(sandbox: Sandbox, project, name: str) -> Iterator[Figure]:  # noqa: ANN001
    sandbox.clock.advance(3600)
    *_, last = project.changed(None)
    sandbox.clock.advance(3600)
    with sandbox.lock:
        home, maria = sandbox.state.project(name), whoever("maria")
        for iid in range(1, CHANGED + 1):
            sandbox.clock.advance(1)
            home.edit(iid, Edit(title=f"Changed {iid}"), maria)
    sandbox.requests.clear()
    list(project.changed(last.cursor))
    yield Figure(f"GitLab: {CHANGED} changed issues", sandbox.requests.total, 11, "requests")


def settings(url: str) -> GitLabSettings:
    os.environ["BENCH_GITLAB_TOKEN"] = TOKEN
    return GitLabSettings(token=SecretSource(env="BENCH_GITLAB_TOKEN"), base_url=url)
