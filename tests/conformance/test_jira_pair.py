"""Documents and a Jira project kept in step by the engine: both ways, and whatever goes wrong."""

import pytest

from mappings.vocabulary import Field, Phase
from sync.effect.cycle import plan_pair
from tests.conformance.homes import Homes
from tests.conformance.test_jira import JiraBench

#: Not the priority: a scheme gives every new issue its default, which is nobody's choice.
SHARED = [Field.TITLE, Field.PHASE, Field.RESOLUTION, Field.SEVERITY]
DAY = 24 * 3600


KINDS = {
    "cloud": ("jira-software", "cloud"),
    "datacenter": ("jira-software", "datacenter"),
    "team": ("jira-team-managed", "cloud"),
    "service": ("jira-service-management", "cloud"),
}


@pytest.fixture(params=KINDS)
def homes(request, tmp_path):
    made = Homes(JiraBench(tmp_path, *KINDS[request.param]), SHARED)
    made.sync()
    yield made
    made.close()


def test_what_is_made_on_either_side_appears_on_the_other_once(homes):
    homes.docs.make_outside("Written as a document", "What *happened*.")
    homes.tracker.make_outside("Opened as an issue", "Nobody can *pay*.")
    homes.settle()
    assert homes.agree() == 2


def test_edits_of_either_side_reach_the_other(homes):
    left = homes.docs.make_outside("A document")
    right = homes.tracker.make_outside("An issue")
    homes.settle()
    homes.docs.edit_outside(left, title="A renamed document", phase=Phase.COMPLETED)
    homes.tracker.edit_outside(right, title="A renamed issue", phase=Phase.COMPLETED)
    homes.settle()
    homes.agree()
    assert homes.titles(homes.tracker) == {"A renamed document", "A renamed issue"}


def test_a_priority_that_somebody_chose_reaches_the_other_side(homes):
    document = homes.docs.make_outside("A document")
    homes.settle()
    homes.docs.change(document, priority="P0")
    homes.settle()
    (issue,) = homes.tracker.state.issues.all.values()
    assert homes.tracker.state.priorities[int(issue.priority) - 1].name == "Highest"
    homes.tracker.maria.prioritise(issue.id, "High")
    homes.settle()
    (page,) = homes.docs.project.changed(None)
    assert [item.priority for item in page.items] == ["P1"]


def test_when_all_agree_a_cycle_is_one_request_and_writes_nothing(homes):
    homes.docs.make_outside("A document")
    homes.settle()
    homes.sync(later=1200)
    homes.clock.sleep(1200)
    homes.tracker.sandbox.requests.clear()
    assert plan_pair(homes.pair, homes.store, homes.seams).plan.operations == ()
    (asked,) = homes.tracker.sandbox.requests
    assert "/search" in asked.path


@pytest.mark.parametrize("lag", [0, 240])
def test_a_lost_answer_makes_no_second_issue(homes, lag):
    homes.tracker.slow_lists(lag)
    homes.docs.make_outside("A document")
    homes.tracker.lose_next_reply()
    homes.settle()
    homes.settle()
    assert len(homes.items(homes.tracker)) == 1
    homes.agree()


def test_an_issue_that_was_moved_closes_nothing_and_the_others_go_on(homes):
    ref, other = homes.tracker.make_outside("Goes away"), homes.tracker.make_outside("Stays")
    homes.settle()
    before = homes.items(homes.docs)
    homes.tracker.move_outside(ref)
    homes.sync()
    homes.sync(later=DAY)
    assert homes.items(homes.docs) == before, "nothing was concluded from what cannot be seen"
    homes.tracker.edit_outside(other, title="Stays and changes")
    homes.settle()
    assert homes.titles(homes.docs) == {"Goes away", "Stays and changes"}


def test_a_field_that_nobody_settled_blocks_creations_and_nothing_else(homes):
    issue = homes.tracker.make_outside("An issue")
    homes.settle()
    state = homes.tracker.state
    state.add_field(state.project("PAY"), "Team", "string", required=("*",))
    homes.docs.make_outside("A document")
    homes.tracker.edit_outside(issue, title="A renamed issue")
    homes.sync()
    assert "A renamed issue" in homes.titles(homes.docs)
    assert homes.titles(homes.tracker) == {"A renamed issue"}
    assert any("E120" in one and "Team is required" in one for one in homes.said)


def test_a_missing_permission_to_transition_is_said_and_nothing_is_lost(homes):
    document = homes.docs.make_outside("A document")
    homes.settle()
    home = homes.tracker.state.project("PAY")
    home.denied.add("TRANSITION_ISSUES")
    homes.docs.edit_outside(document, title="A renamed document", phase=Phase.DOING)
    homes.sync()
    assert any("E122" in one for one in homes.said)
    home.denied.clear()
    for _ in range(8):
        homes.sync(later=3600)
    homes.agree()
    assert homes.titles(homes.tracker) == {"A renamed document"}


def test_a_limit_stops_the_reading_and_not_for_good(homes):
    homes.docs.make_outside("A document")
    homes.tracker.reach_limit()
    report = homes.sync()
    assert not report.complete
    assert any("E207" in one for one in homes.said)
    homes.tracker.mend()
    homes.settle(later=900)
    assert homes.agree() == 1


def test_an_account_that_nobody_is_any_more_empties_nothing(homes):
    homes.docs.make_outside("A document")
    homes.settle()
    before = homes.items(homes.docs)
    state = homes.tracker.state
    state.set_habits(strangers="empty")
    token = state.token(homes.tracker.secret)
    state.revoke(homes.tracker.secret)
    assert not homes.sync(later=DAY).complete
    assert homes.items(homes.docs) == before
    state.add_token(token)
    homes.settle(later=DAY)
    homes.agree()


def test_an_archived_issue_is_left_alone_and_the_others_go_on(homes):
    first, second = homes.docs.make_outside("First"), homes.docs.make_outside("Second")
    homes.settle()
    issues = homes.tracker.state.issues.all
    homes.tracker.maria.archive(next(one.id for one in issues.values() if one.summary == "First"))
    homes.docs.edit_outside(first, title="First, renamed")
    homes.docs.edit_outside(second, title="Second, renamed")
    homes.sync()
    assert any("E127" in one for one in homes.said)
    assert "Second, renamed" in {one.summary for one in issues.values()}
