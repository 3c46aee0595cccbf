"""GitHub: requests of an idle cycle, of 1,000 changes; processor time of 10,000 issues."""

import json
import os
from collections.abc import Iterator

import requests

from adapters.credentials import SecretSource
from adapters.github import ADAPTER, GitHubSettings
from adapters.sandbox import Sandbox
from adapters.sandbox.github.model import Actor, Edit
from adapters.seams import Seams
from bench.figures import Figure, processor_time
from bench.profiles import labels

MANY = 10_000
CHANGED = 1_000


def measure() -> Iterator[Figure]:
    with Sandbox("github", projects=["acme/payments"], token=TOKEN) as sandbox:
        repository = sandbox.state.repository("acme/payments")
        repository.seed_issues(MANY, body="Something people wrote about the matter.\n" * 40)
        project = ADAPTER.connect("acme", settings(sandbox.url), Seams()).open(
            "acme/payments", labels()
        )
        yield from _reading(sandbox, project)
        yield from _requests(sandbox, project)


def _reading(sandbox: Sandbox, project) -> Iterator[Figure]:  # noqa: ANN001
    list(project.changed(None))  # warms the server's own cache, so that both read alike
    plain = min(_plain(sandbox) for _ in range(3))
    ours = []
    for _ in range(3):
        with processor_time() as spent:
            read = sum(len(page.items) for page in project.changed(None))
        ours.append(spent.seconds)
    if read != MANY:
        msg = f"{read} issues read instead of {MANY}"
        raise RuntimeError(msg)
    yield Figure(f"{MANY} issues read and mapped", min(ours) / plain, 2.0, "x requests + json")


def _plain(sandbox: Sandbox) -> float:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with requests.Session() as session, processor_time() as spent:
        url = f"{sandbox.url}/repos/acme/payments/issues?state=all&per_page=100"
        while url:
            answer = session.get(url, headers=headers)
            json.loads(answer.text)
            url = answer.links.get("next", {}).get("url", "")
    return spent.seconds


def _requests(sandbox: Sandbox, project) -> Iterator[Figure]:  # noqa: ANN001
    cursor = _read(project, None)
    cursor = _read(project, cursor)
    sandbox.requests.clear()
    _read(project, cursor)
    if sandbox.requests.by_status[304] != sandbox.requests.total:
        msg = "an idle reading was not answered 304"
        raise RuntimeError(msg)
    yield Figure("idle reading of a repository, all 304", sandbox.requests.total, 1, "requests")
    sandbox.clock.advance(3600)
    with sandbox.lock:
        repository = sandbox.state.repository("acme/payments")
        for number in range(1, CHANGED + 1):
            sandbox.clock.advance(1)
            repository.edit(number, Edit(title=f"Changed {number}"), Actor("maria"))
    sandbox.requests.clear()
    _read(project, cursor)
    yield Figure(f"{CHANGED} changed issues", sandbox.requests.total, 11, "requests")


def _read(project, cursor):  # noqa: ANN001, ANN202
    *_, last = project.changed(cursor)
    return last.cursor


TOKEN = "bench-token"


def settings(url: str) -> GitHubSettings:
    os.environ["BENCH_GITHUB_TOKEN"] = TOKEN
    return GitHubSettings(token=SecretSource(env="BENCH_GITHUB_TOKEN"), base_url=url)
