"""The demo plays to its end with the real program, and would say so if it did not."""

from dataclasses import dataclass, field
from urllib.request import Request, urlopen

import pytest

from adapters.seams import Seams
from mappings.vocabulary import Phase, Resolution
from sync.demo import TRACKERS, run_demo
from sync.demo.agreement import disagreements
from sync.demo.workspace import DOCUMENTS, heads

EVERY = sorted(TRACKERS)
NAMES = {"github": "acme/payments#", "gitlab": "acme/platform/payments#", "jira": "PAY-"}


@pytest.mark.parametrize("tracker", EVERY)
def test_the_demo_ends_in_step_and_can_be_looked_at_afterwards(cli, tmp_path, tracker):
    folder = tmp_path / "kept"
    arguments = ("demo", "--tracker", tracker, "--keep", str(folder))
    result = cli.plain(*arguments)
    assert result.exit_code == 0
    assert "In step: every item has its counterpart, every field agrees," in result.stdout
    assert f"+ create    documents  {NAMES[tracker]}7 -> PAY-T-0007" in result.stdout
    assert "because phase: changed in the tracker" in result.stdout
    after = result.stdout.partition("nobody wrote a postmortem")[2]
    assert '"Webhooks of the second acquirer are dropped" was closed' in after
    assert "the incident is without its postmortem no more" in after
    assert "+ create    tracker    webhooks-are-dropped.md:32" in after
    assert "Open follow-ups: 2" in after
    found = {code: (phase, title) for code, phase, title in heads(folder / "payments" / ".metis")}
    assert found == {
        "PAY-T-0001": ("active", "[P0] Card payments time out at checkout"),
        "PAY-T-0002": ("completed", "[P1] Refunds are booked a day late"),
        "PAY-T-0003": ("active", "Receipt prints the wrong currency"),
        "PAY-T-0004": ("todo", "Alert when an acquirer's error rate doubles"),
        "PAY-T-0005": (
            "backlog, archived",
            "Replace the hand-made retry loop in the acquirer client",
        ),
        "PAY-T-0006": ("completed", "[P0] Double charges after the acquirer's failover"),
        "PAY-T-0007": ("completed", "[P0] Webhooks of the second acquirer are dropped"),
    }
    postmortem = (folder / "postmortems" / "webhooks-are-dropped.md").read_text("utf-8")
    boxes = [line for line in postmortem.splitlines() if line.startswith("- [")]
    assert [line[:5] for line in boxes] == ["- [x]", "- [ ]", "- [ ]"]
    assert all("](http://127.0.0.1:" in line for line in boxes)
    assert cli.plain(*arguments).exit_code == 2


def test_a_tracker_that_cannot_be_played_is_wrong_usage(cli):
    result = cli.plain("demo", "--tracker", "bugzilla")
    assert result.exit_code == 2
    assert "jira" in result.stderr


class Silent:
    def chapter(self, title):
        pass

    def says(self, text):
        pass

    def report(self, report):
        pass


@dataclass
class Evening:
    """What was there when the story ended, and after somebody did things behind its back."""

    tracker: str
    issues: list = field(default_factory=list)
    page: str = ""
    in_step: list = field(default_factory=list)
    after_work: list = field(default_factory=list)
    after_opening: list = field(default_factory=list)
    after_losing: list = field(default_factory=list)

    def stay(self, demo):
        def said():
            return sorted(disagreements(demo.pair, demo.store, demo.tracker.filled))

        self.issues = demo.maria.issues()
        url = f"{demo.sandbox.url}/{demo.tracker.page}"
        with urlopen(Request(url, headers={"Accept": "text/html"}), timeout=5) as answer:
            self.page = answer.read().decode()
        self.in_step = said()
        demo.maria.move(4, Phase.DOING)
        demo.maria.rename(4, "Something else")
        demo.maria.finish(3, Resolution.NOT_PLANNED)
        self.after_work = said()
        number = demo.maria.open("A new one", "").number
        self.after_opening = [one.replace(f"{number}", "N") for one in said()]
        (demo.root / DOCUMENTS[3].path).unlink()
        self.after_losing = said()


@pytest.fixture(scope="module", params=EVERY)
def evening(request, tmp_path_factory):
    """One showing with each tracker."""
    told = Evening(request.param)
    folder = tmp_path_factory.mktemp("evening")
    assert run_demo(folder, Silent(), Seams(), stay=told.stay, tracker=TRACKERS[told.tracker])
    return told


def test_sides_in_step_have_no_disagreement(evening):
    assert evening.in_step == []


def test_what_a_person_moves_renames_or_closes_is_seen(evening):
    title = "title is Alert when an acquirer's error rate doubles here and Something else there"
    assert evening.after_work == [
        "PAY-T-0003: phase is doing here and completed there",
        "PAY-T-0003: resolution is None here and not_planned there",
        "PAY-T-0004: phase is todo here and doing there",
        f"PAY-T-0004: {title}",
    ]


def test_an_item_without_counterpart_is_seen(evening):
    new = set(evening.after_opening) - set(evening.after_work)
    assert new == {f"issue {NAMES[evening.tracker]}N has no document"}


def test_a_lost_document_is_seen(evening):
    assert f"issue {NAMES[evening.tracker]}4 has no document" in evening.after_losing


def test_a_person_sees_what_is_urgent_and_where_it_stands(evening):
    first, opened = evening.issues[0], evening.issues[6]
    assert [one.number for one in evening.issues] == list(range(1, len(evening.issues) + 1))
    assert "incident" in first.words
    assert {"P0", "priority::P0", "Highest"} & set(first.words)
    assert opened.title == "[P0] Webhooks of the second acquirer are dropped"


def test_the_page_that_is_named_shows_the_issues(evening):
    assert "Receipt prints the wrong currency" in evening.page


def test_the_demos_documents_are_of_every_kind_a_team_has():
    phases = {one.phase for one in DOCUMENTS}
    assert {"backlog", "todo", "active", "completed"} <= phases
    assert len({one.category for one in DOCUMENTS if one.phase == "backlog"}) == 3
