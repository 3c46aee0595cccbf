"""Jira: processor time of 10,000 issues, raw and mapped; requests for 1,000 changes, for 100 idle
projects, for one write on Cloud and Data Center, and for a first sync of 1,000 documents.
"""

import json
import math
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import requests

from adapters.jira import ADAPTER, JiraSettings
from adapters.jira.reading import Question, pages
from adapters.metis import ADAPTER as METIS
from adapters.metis import MetisSettings
from adapters.sandbox import Sandbox
from adapters.sandbox.core.clock import StillClock
from adapters.sandbox.core.limits import Limits
from adapters.sandbox.jira.people import Person
from adapters.seams import Seams
from bench.documents import DOCUMENT
from bench.figures import Figure
from bench.profiles import labels
from bench.reading import BODY, MANY, TOPIC, compare
from mappings.item import Draft, Patch
from mappings.vocabulary import Phase, Side
from sync.decide.policy import Guard, Policy
from sync.effect.cycle import sync_pair
from sync.effect.pair import Pair
from sync.store import Store

CHANGED = 1_000
FIRST = 1_000
PROJECTS = 100
TOKEN = "bench-token"
EMAIL = "followthrough-bot@example.com"
NAME = "PAY"
WORDS = "jira-software"
#: Of ten documents so many are in each phase; one in twenty of all is blocked besides.
PHASES = ("backlog",) * 5 + ("todo",) * 3 + ("active",) * 2
CATEGORIES = (("bugs", "bug"), ("features", "feature"), ("tech-debt", "tech-debt"))


def measure(many: int = MANY, changed: int = CHANGED, first: int = FIRST) -> Iterator[Figure]:
    with _sandbox([NAME]) as sandbox:
        sandbox.state.issues.seed(sandbox.state.project(NAME), many, BODY)
        connection = ADAPTER.connect("acme", settings(sandbox.url), Seams(sandbox.clock))
        project = connection.open(NAME, labels(WORDS))
        project.describe()
        asked = Question([project.home.id], None, project.home.fields)
        ways = {
            "raw": lambda: sum(len(part.rows) for part in pages(connection.client, asked)),
            "mapped": lambda: sum(len(page.items) for page in project.changed(None)),
        }
        plain = _plainly(sandbox.url, asked)
        yield from compare("Jira", many, plain, ways)
        yield from _changed(sandbox, project, changed)
        connection.close()
    for flavour in ("cloud", "datacenter"):
        yield from _idle(flavour)
        yield from _writes(flavour)
    yield from _first_sync(first)


def _sandbox(names: list[str], flavour: str = "cloud") -> Sandbox:
    return Sandbox(
        "jira",
        projects=names,
        token=TOKEN,
        flavour=flavour,
        limits=Limits(primary=None),
        clock=StillClock(),
    )


def _plainly(url: str, asked: Question) -> Callable[[], int]:
    """A reading by `requests` and `json`, page after page, of the very same bytes."""
    query = {
        "jql": f"project in ({asked.projects[0]}) ORDER BY updated ASC",
        "maxResults": 100,
        "fields": ",".join(asked.fields),
        "properties": "followthrough",
    }

    def read() -> int:
        count, token = 0, ""
        with requests.Session() as session:
            session.auth = (EMAIL, TOKEN)
            while True:
                following = {"nextPageToken": token} if token else {}
                answer = session.get(f"{url}/rest/api/2/search/jql", params=query | following)
                said = json.loads(answer.text)
                count += len(said["issues"])
                token = said.get("nextPageToken", "")
                if not token:
                    return count

    return read


def _changed(sandbox: Sandbox, project, changed: int) -> Iterator[Figure]:  # noqa: ANN001
    sandbox.clock.advance(3600)
    *_, last = project.changed(None)
    sandbox.clock.advance(3600)
    with sandbox.lock:
        maria = Person(sandbox.state, sandbox.state.project(NAME), "maria")
        for number in range(1, changed + 1):
            sandbox.clock.advance(1)
            maria.edit(f"{NAME}-{number}", f"Changed {number}")
    sandbox.requests.clear()
    list(project.changed(last.cursor))
    what = f"Jira: {changed:,} changed issues"
    yield Figure(TOPIC, what, sandbox.requests.total, math.ceil(changed / 100) + 1, "requests")


def _idle(flavour: str) -> Iterator[Figure]:
    names = [f"P{number}" for number in range(PROJECTS)]
    with _sandbox(names, flavour) as sandbox:
        connection = ADAPTER.connect("acme", settings(sandbox.url, flavour), Seams(sandbox.clock))
        wanted = {}
        for name in names:
            project = connection.open(name, labels(WORDS))
            *_, last = project.changed(None)
            wanted[project] = last.cursor
        sandbox.requests.clear()
        ended = {project for project, page in connection.poll(wanted) if page.last}
        connection.close()
        if len(ended) != PROJECTS:
            msg = f"{len(ended)} projects read instead of {PROJECTS}"
            raise RuntimeError(msg)
        what = f"Jira ({flavour}): nothing changed in {PROJECTS} projects"
        yield Figure(TOPIC, what, sandbox.requests.total, 1, "requests")


def _writes(flavour: str) -> Iterator[Figure]:
    """One write each, and its reading back: Data Center answers no edit with the issue, neither of
    the two a transition. The look before a change comes on top.
    """
    with _sandbox([NAME], flavour) as sandbox:
        connection = ADAPTER.connect("acme", settings(sandbox.url, flavour), Seams(sandbox.clock))
        project = connection.open(NAME, labels(WORDS))
        project.describe()
        sandbox.requests.clear()
        item = project.create(Draft(title="Checkout is down", body="Since nine o'clock."))
        creation = sandbox.requests.total
        sandbox.requests.clear()
        item = project.update(item.ref, Patch(title="It was down"), item.revision)
        change = sandbox.requests.total
        item = project.update(item.ref, Patch(phase=Phase.TODO), item.revision)
        item = project.update(item.ref, Patch(phase=Phase.BACKLOG), item.revision)
        sandbox.requests.clear()
        project.update(item.ref, Patch(phase=Phase.TODO), item.revision)
        move = sandbox.requests.total
        connection.close()
    for what, count in (
        ("a creation, read back", creation),
        ("a change, besides the look before it", change - 1),
        ("a transition, read back, besides the look before it", move - 1),
    ):
        yield Figure("One write", f"Jira ({flavour}): {what}", count, 2, "requests")


def _first_sync(count: int) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as name, _sandbox([NAME]) as sandbox:
        root = Path(name)
        wanted = write_mixture(root, count)
        seams = Seams(sandbox.clock, Random(1))
        with Store.memory(seams.clock) as store:
            report = sync_pair(_pair(root, sandbox.url, seams), store, seams)
        statuses = sandbox.state.statuses
        found = Counter(statuses[one.status].name for one in sandbox.state.issues.all.values())
        if found != wanted or not report.complete:
            msg = f"issues stand at {found} instead of {wanted}"
            raise RuntimeError(msg)
        what = f"Jira: first sync of {count:,} documents of three categories, in four phases"
        # Fifty are made by one request and a hundred read back by one; the same again before and
        # after those that are moved together; the rest does not grow.
        bar = 60 * count / FIRST if count >= FIRST else 40
        yield Figure("First sync", what, sandbox.requests.total, bar, "requests")


def write_mixture(root: Path, count: int) -> Counter[str]:
    """Documents in all open phases; how many issues of each status they should become."""
    (root / ".metis").mkdir(parents=True)
    (root / ".metis" / "config.toml").write_text('[project]\nprefix = "BENCH"\n')
    named = labels(WORDS).phase.statuses
    found: Counter[str] = Counter()
    for number in range(1, count + 1):
        phase = "blocked" if number % 20 == 0 else PHASES[number % 10]
        folder, tag = CATEGORIES[number % 3]
        place = root / ".metis" / "backlog" / folder
        place.mkdir(parents=True, exist_ok=True)
        text = "A sentence that stands for real work. " * 20
        page = DOCUMENT.format(number=number, text=text, space="")
        page = page.replace("#phase/todo", f"#phase/{phase}").replace('"#tech-debt"', f'"#{tag}"')
        (place / f"BENCH-T-{number:04}.md").write_text(page)
        found[named[Phase.DOING if phase == "active" else Phase(phase)][0]] += 1
    return found


def _pair(root: Path, url: str, seams: Seams) -> Pair:
    words = labels(WORDS)
    left = METIS.connect("docs", MetisSettings(path=root), seams)
    right = ADAPTER.connect("acme", settings(url), seams)
    return Pair(
        name="bench",
        projects={Side.LEFT: left.open("", words), Side.RIGHT: right.open(NAME, words)},
        connections={Side.LEFT: left, Side.RIGHT: right},
        names={Side.LEFT: "docs", Side.RIGHT: "acme"},
        policy=Policy(guard=Guard(creates=1_000_000)),
        key=b"bench" * 8,
    )


def settings(url: str, flavour: str = "cloud") -> JiraSettings:
    os.environ["BENCH_JIRA_TOKEN"] = TOKEN
    return JiraSettings.model_validate(
        {
            "base_url": url,
            "deployment": flavour,
            "email": EMAIL if flavour == "cloud" else "",
            "token": {"env": "BENCH_JIRA_TOKEN"},
        }
    )
