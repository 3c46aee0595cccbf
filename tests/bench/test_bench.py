"""Each benchmark runs with tiny sizes and counts what it says; how long it takes is not judged."""

import subprocess
import sys
from pathlib import Path

import pytest

from bench import budget, cycle, documents, engine, github, gitlab, jira, postmortems, rules
from bench.__main__ import page
from bench.engine import Hour
from bench.figures import Figure, tables

ROOT = Path(__file__).parents[2]
HOURS = [
    Hour(tracker="GitHub", projects=100, cycles=1250, requests=1250, free=1250),
    Hour(tracker="GitLab", projects=100, cycles=1300, requests=14, free=0),
    Hour(tracker="Jira", projects=100, cycles=1300, requests=14, free=0),
]


@pytest.mark.parametrize(
    "measure",
    [
        lambda: documents.measure(5),
        lambda: github.measure(120, 110),
        lambda: gitlab.measure(120, 110),
        lambda: jira.measure(120, 110, 40),
        lambda: rules.measure(40),
        lambda: postmortems.measure(10),
        lambda: cycle.measure(first=12, linked=5),
    ],
    ids=["documents", "github", "gitlab", "jira", "rules", "postmortems", "cycle"],
)
def test_a_part_measures_what_it_names(measure):
    figures = list(measure())
    assert figures
    for figure in figures:
        assert figure.value >= 0
        assert figure.met or figure.unit != "requests", figure.line()


@pytest.mark.slow
def test_requests_of_idle_cycles_and_writes_are_counted_for_every_tracker():
    hours = []
    figures = list(engine.measure(2, hours))
    missed = [figure.line() for figure in figures if not figure.met]
    assert not missed
    assert [hour.tracker for hour in hours] == ["GitHub", "GitLab", "Jira"]
    together = {hour.tracker: hour.requests for hour in hours}
    assert together["GitLab"] < together["GitHub"]
    assert together["Jira"] < together["GitHub"]
    assert hours[0].free == hours[0].requests


def test_the_page_has_a_table_for_each_topic_and_says_what_is_missed():
    figures = [
        Figure("Reading", "issues", 1.234567, 2.0, "x"),
        Figure("Reading", "changes", 1200, 1000, "requests"),
        Figure("One write", "a title", 1, 1, "requests"),
    ]
    text = page(figures, HOURS)
    assert "| issues | 1.23 x | 2 | yes |" in text
    assert "| changes | 1,200 requests | 1,000 | **no** |" in text
    assert "| a title | 1 request | 1 | yes |" in text
    assert text.index("## Reading") < text.index("## One write") < text.index("an hour, and what")
    assert text.count("| what | measured |") == 2
    assert tables(figures[:1], {"Reading": "Said first.\n"}).startswith("## Reading\n\nSaid first.")


def test_the_budget_grows_with_repositories_on_github_and_with_searches_on_jira():
    rows = {
        cells[1].strip(): [cell.strip() for cell in cells[2:-1]]
        for cells in (line.split("|") for line in budget.section(HOURS).splitlines())
        if len(cells) > 3
    }
    assert rows["100 projects at rest"][0].startswith("1,296, 46 counted: 0.9%")
    assert rows["100 projects at rest"][1:] == ["60: 0.05%", "60"]
    assert rows["1,000 projects at rest"][1:] == ["482: 0.40%", "501"]
    assert rows["100 projects, each changed every minute"][0] == "6,600, all counted: 132%"
    assert "serves 68 repositories" in budget.section(HOURS)
    assert rows["1,000 projects, each changed every minute"][2] == "198"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is told by Linux alone")
def test_a_process_is_charged_with_its_own_memory_and_not_with_its_parents():
    mib = 1024 * 1024
    held = bytearray(b"x") * (400 * mib)
    command = [sys.executable, "-c", "from bench.figures import resident_mib as r; print(r())"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert 5 < float(done.stdout) < len(held) / mib - 100
