"""Documents and a GitLab project kept in step by the engine: both ways, and whatever goes wrong."""

import pytest

from adapters.sandbox import Access, Token
from mappings.item import Ref
from mappings.vocabulary import Field, Phase
from sync.effect.cycle import plan_pair
from tests.conformance.homes import Homes
from tests.conformance.test_gitlab import STATUSES, GitLabBench

SHARED = [
    Field.TITLE,
    Field.PHASE,
    Field.RESOLUTION,
    Field.PRIORITY,
    Field.SEVERITY,
    Field.CATEGORY,
]
DAY = 24 * 3600


@pytest.fixture(params=["gitlab-incidents", "gitlab-issues", "statuses"])
def homes(request, tmp_path):
    changes = STATUSES if request.param == "statuses" else {}
    profile = "gitlab-incidents" if changes else request.param
    made = Homes(GitLabBench(tmp_path, profile, **changes), SHARED)
    made.sync()
    yield made
    made.close()


def test_what_is_made_on_either_side_appears_on_the_other_once(homes):
    homes.docs.make_outside("Written as a document", "What happened.")
    homes.tracker.make_outside("Opened as an issue", "Nobody can pay.")
    homes.tracker.maria.severity(homes.tracker.maria.open("[P0] Down", kind="incident").iid, "high")
    homes.settle()
    assert homes.agree() == 3


def test_edits_of_either_side_reach_the_other(homes):
    left = homes.docs.make_outside("A document")
    right = homes.tracker.make_outside("An issue")
    homes.settle()
    homes.docs.edit_outside(left, title="A renamed document", phase=Phase.COMPLETED)
    homes.tracker.edit_outside(right, title="A renamed issue", phase=Phase.COMPLETED)
    homes.settle()
    homes.agree()
    assert homes.titles(homes.tracker) == {"A renamed document", "A renamed issue"}


def test_when_all_agree_a_cycle_is_one_request_and_writes_nothing(homes):
    homes.docs.make_outside("A document")
    homes.settle()
    homes.sync(later=600)
    homes.clock.sleep(600)
    homes.tracker.sandbox.requests.clear()
    assert plan_pair(homes.pair, homes.store, homes.seams).plan.operations == ()
    assert [one.path for one in homes.tracker.sandbox.requests] == ["/api/v4/projects/77/issues"]


@pytest.mark.parametrize("lag", [0, 50])
def test_a_lost_answer_makes_no_second_issue(homes, lag):
    homes.tracker.slow_lists(lag)
    homes.docs.make_outside("A document")
    homes.tracker.lose_next_reply()
    homes.settle()
    homes.settle()
    assert len(homes.items(homes.tracker)) == 1
    homes.agree()


def test_a_document_that_commands_is_only_read(homes):
    homes.docs.make_outside("A document", "/close\n/assign @maria\n\nSee #1 and !2.")
    homes.settle()
    assert homes.tracker.home.get(1).state == "opened"
    assert homes.tracker.sandbox.state.executed == []


def moved(homes, ref):
    homes.tracker.move_outside(ref)


def confidential(homes, ref):
    """Confidential, and the token's role is Guest."""
    homes.tracker.maria.hide(int(ref.id))
    sandbox = homes.tracker.sandbox
    sandbox.state.add_token(Token(homes.tracker.secret, "project_77_bot", everywhere=Access.READ))


@pytest.mark.parametrize("accident", [moved, confidential], ids=lambda one: one.__name__)
def test_an_issue_that_went_out_of_sight_closes_nothing_and_the_others_go_on(homes, accident):
    ref, other = homes.tracker.make_outside("Goes away"), homes.tracker.make_outside("Stays")
    homes.settle()
    before = homes.items(homes.docs)
    accident(homes, ref)
    homes.sync()
    homes.sync(later=DAY)
    assert homes.items(homes.docs) == before, "nothing was concluded from what cannot be seen"
    assert homes.tracker.home.get(int(other.id)).state == "opened"
    homes.tracker.edit_outside(other, title="Stays and changes")
    homes.settle()
    assert "Stays and changes" in homes.titles(homes.docs)
    assert "Goes away" in homes.titles(homes.docs)


def test_a_label_of_the_team_blocks_its_own_issue_alone(homes):
    refs = [homes.docs.make_outside(f"Document {number}") for number in range(2)]
    homes.settle()
    homes.tracker.label_outside(Ref("1"), "type::spike")
    homes.settle()
    for ref in refs:
        homes.docs.change(ref, category="bug")
    homes.sync()
    home = homes.tracker.home
    labels = {iid: home.labels.names(home.get(iid).labels) for iid in (1, 2)}
    assert "type::spike" in labels[1]
    assert "type::bug" not in labels[1]
    assert "type::bug" in labels[2]
    assert any("E126" in one and "type::spike" in one for one in homes.said)


def test_an_archived_project_loses_nothing(homes):
    ref = homes.docs.make_outside("A document")
    homes.settle()
    homes.tracker.maria.archive()
    homes.docs.edit_outside(ref, title="Renamed meanwhile")
    homes.sync()
    assert any("E127" in one or "archived" in one for one in homes.said)
    homes.tracker.maria.archive(archived=False)
    for _ in range(8):
        homes.sync(later=3600)
    homes.agree()


def test_a_limit_stops_the_reading_and_not_for_good(homes):
    homes.docs.make_outside("A document")
    homes.tracker.reach_limit()
    report = homes.sync()
    assert not report.complete
    assert any("E207" in one for one in homes.said)
    homes.tracker.mend()
    homes.settle(later=900)
    assert homes.agree() == 1
