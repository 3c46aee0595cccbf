"""A first sync of many documents to Jira Cloud, through everything: few requests, none twice."""

from collections import Counter
from random import Random

import pytest

from adapters.credentials import SecretSource
from adapters.jira import ADAPTER as JIRA
from adapters.jira import JiraSettings
from adapters.metis import ADAPTER as METIS
from adapters.metis import MetisSettings
from adapters.sandbox import Sandbox, StillClock
from adapters.seams import Seams
from bench.documents import DOCUMENT
from bench.profiles import labels
from mappings.vocabulary import Side
from sync.decide.policy import Guard, Policy
from sync.effect.cycle import sync_pair
from sync.effect.pair import Pair
from sync.store import Store

TOKEN = "a-token-for-this-test"
COUNT = 120
#: What each document's phase becomes as a status, by its number's remainder by ten.
PHASES = ["backlog"] * 5 + ["todo"] * 3 + ["active", "blocked"]
STATUS = {
    "backlog": "Backlog",
    "todo": "Selected for Development",
    "active": "In Progress",
    "blocked": "Blocked",
}


@pytest.fixture
def clock():
    return StillClock()


@pytest.fixture
def site(clock):
    with Sandbox("jira", projects=["PAY"], token=TOKEN, clock=clock) as running:
        yield running


@pytest.fixture
def cycle(tmp_path, clock, site, monkeypatch):
    """Run the pair once; its store is in memory."""
    monkeypatch.setenv("FT_TEST_TOKEN", TOKEN)
    folder = tmp_path / ".metis" / "backlog" / "tech-debt"
    folder.mkdir(parents=True)
    (tmp_path / ".metis" / "config.toml").write_text('[project]\nprefix = "BENCH"\n')
    for number in range(1, COUNT + 1):
        page = DOCUMENT.format(number=number, text=f"Work number {number}.", space="")
        page = page.replace("#phase/todo", f"#phase/{PHASES[number % 10]}")
        (folder / f"BENCH-T-{number:04}.md").write_text(page)
    seams, words = Seams(clock, Random(1)), labels("jira-software")
    left = METIS.connect("docs", MetisSettings(path=tmp_path), seams)
    table = JiraSettings(
        base_url=site.url,
        deployment="cloud",
        email="followthrough-bot@example.com",
        token=SecretSource(env="FT_TEST_TOKEN"),
    )
    right = JIRA.connect("acme", table, seams)
    pair = Pair(
        name="first",
        projects={Side.LEFT: left.open("", words), Side.RIGHT: right.open("PAY", words)},
        connections={Side.LEFT: left, Side.RIGHT: right},
        names={Side.LEFT: "docs", Side.RIGHT: "acme"},
        policy=Policy(guard=Guard(creates=1_000_000)),
        key=b"first" * 8,
    )
    with Store.memory(clock) as store:
        yield lambda: sync_pair(pair, store, seams)
    right.close()


def stand(site):
    """How many issues stand where, and how many there should be."""
    statuses = site.state.statuses
    found = Counter(statuses[one.status].name for one in site.state.issues.all.values())
    wanted = Counter(STATUS[PHASES[number % 10]] for number in range(1, COUNT + 1))
    return found, wanted


def test_no_item_costs_a_request_of_its_own(cycle, site):
    report = cycle()
    assert report.complete
    found, wanted = stand(site)
    assert found == wanted
    made = sum(one.path.endswith("/issue/bulk") for one in site.requests)
    assert made == 3  # a hundred by two, and twenty
    assert site.requests.total <= 24
    assert cycle().plan.operations == ()


@pytest.mark.parametrize("what", ["POST /issue/bulk$", "POST /bulk/issues/transition"])
@pytest.mark.parametrize("fault", ["lose-reply", "reset"])
def test_an_answer_that_is_lost_makes_none_twice_and_leaves_none_behind(
    cycle, site, clock, what, fault
):
    site.faults.add(fault, what, times=1)
    assert not cycle().complete or fault == "lose-reply"
    for _ in range(4):
        clock.sleep(600)
        report = cycle()
    assert report.complete
    found, wanted = stand(site)
    assert found == wanted
    markers = [str(one) for one in site.state.issues.properties.values()]
    assert len(set(markers)) == len(markers) == COUNT
    assert cycle().plan.operations == ()


def test_a_task_that_ends_late_is_believed_when_it_is_seen(cycle, site, clock):
    site.state.set_habits(task=1_000)
    assert not cycle().complete
    for _ in range(4):
        clock.sleep(1_200)
        site.state.set_habits(task=0)
        cycle()
    found, wanted = stand(site)
    assert found == wanted
    assert cycle().plan.operations == ()
