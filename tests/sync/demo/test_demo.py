"""The demo plays to its end with the real program, and would say so if it did not."""

from urllib.request import Request, urlopen

import pytest

from adapters.seams import Seams
from mappings.vocabulary import Phase, Resolution
from sync.demo import TRACKERS, run_demo
from sync.demo.agreement import disagreements
from sync.demo.workspace import DOCUMENTS, heads

EVERY = sorted(TRACKERS)


@pytest.mark.parametrize(
    ("tracker", "issue"),
    [("github", "acme/payments#7"), ("gitlab", "acme/platform/payments#7"), ("jira", "PAY-7")],
)
def test_the_demo_ends_in_step_and_leaves_nothing_behind(cli, tracker, issue):
    result = cli.plain("demo", "--tracker", tracker)
    assert result.exit_code == 0
    assert "In step: every item has its counterpart, every field agrees," in result.stdout
    assert f"+ create    documents  {issue} -> PAY-T-0007" in result.stdout
    assert "because phase: changed in the tracker" in result.stdout
    after = result.stdout.partition("nobody wrote a postmortem")[2]
    assert '"Webhooks of the second acquirer are dropped" was closed' in after
    assert "the incident is without its postmortem no more" in after
    assert "+ create    tracker    webhooks-are-dropped.md:32" in after
    assert "Open follow-ups: 2" in after


def test_a_tracker_that_cannot_be_played_is_wrong_usage(cli):
    result = cli.plain("demo", "--tracker", "bugzilla")
    assert result.exit_code == 2
    assert "jira" in result.stderr


@pytest.mark.parametrize("tracker", EVERY)
def test_a_demo_that_is_kept_can_be_looked_at_afterwards(cli, tmp_path, tracker):
    folder = tmp_path / "kept"
    arguments = ("demo", "--tracker", tracker, "--keep", str(folder))
    assert cli.plain(*arguments).exit_code == 0
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


class Silent:
    def chapter(self, title):
        pass

    def says(self, text):
        pass

    def report(self, report):
        pass


@pytest.fixture
def played(tmp_path):
    """What ``disagreements`` says after somebody did something behind the program's back."""

    def playing(meddle, tracker="github"):
        found = []

        def stay(demo):
            meddle(demo)
            found.extend(disagreements(demo.pair, demo.store, demo.tracker.filled))

        run_demo(tmp_path, Silent(), Seams(), stay=stay, tracker=TRACKERS[tracker])
        return found

    return playing


def test_sides_in_step_have_no_disagreement(played):
    assert played(lambda demo: None) == []


def test_a_field_that_differs_is_seen(played):
    (said,) = played(lambda demo: demo.maria.rename(4, "Something else"))
    assert said.startswith("PAY-T-0004: title is Alert when")


@pytest.mark.parametrize("tracker", EVERY)
def test_an_issue_that_a_person_moves_or_closes_is_seen(played, tracker):
    def work(demo):
        demo.maria.move(4, Phase.DOING)
        demo.maria.finish(3, Resolution.NOT_PLANNED)

    assert sorted(played(work, tracker)) == [
        "PAY-T-0003: phase is doing here and completed there",
        "PAY-T-0003: resolution is None here and not_planned there",
        "PAY-T-0004: phase is todo here and doing there",
    ]


@pytest.mark.parametrize(
    ("tracker", "name"),
    [("github", "acme/payments#11"), ("gitlab", "acme/platform/payments#11"), ("jira", "PAY-11")],
)
def test_an_item_without_counterpart_is_seen(played, tracker, name):
    (said,) = played(lambda demo: demo.maria.open("A new one", ""), tracker)
    assert said == f"issue {name} has no document"


@pytest.mark.parametrize("tracker", EVERY)
def test_a_person_sees_what_is_urgent_and_where_it_stands(played, tracker):
    seen = []
    played(lambda demo: seen.extend(demo.maria.issues()), tracker)
    assert [one.number for one in seen] == [*range(1, 11)]
    first, last = seen[0], seen[6]
    assert "incident" in first.words
    assert {"P0", "priority::P0", "Highest"} & set(first.words)
    assert last.title == "[P0] Webhooks of the second acquirer are dropped"


@pytest.mark.parametrize("tracker", EVERY)
def test_the_page_that_is_named_shows_the_issues(played, tracker):
    shown = []

    def look(demo):
        url = f"{demo.sandbox.url}/{demo.tracker.page}"
        with urlopen(Request(url, headers={"Accept": "text/html"}), timeout=5) as answer:
            shown.append(answer.read().decode())

    played(look, tracker)
    assert "Receipt prints the wrong currency" in shown[0]


def test_a_lost_document_is_seen(played):
    def lose(demo):
        (demo.root / DOCUMENTS[2].path).unlink()

    assert played(lose) == ["issue acme/payments#3 has no document"]


def test_the_demos_documents_are_of_every_kind_a_team_has():
    phases = {one.phase for one in DOCUMENTS}
    assert {"backlog", "todo", "active", "completed"} <= phases
    assert len({one.category for one in DOCUMENTS if one.phase == "backlog"}) == 3
