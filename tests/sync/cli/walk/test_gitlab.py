"""Every bad input of GitLab, as a person meets it: said with its code, item and remedy; the others
go on, nothing is lost, and after the remedy the two sides are in step.
"""

from datetime import timedelta

import pytest

from adapters.sandbox import Access


def both_change(walk):
    """A person renames both documents."""
    walk.change("PAY-T-0001", title="A task, renamed")
    walk.change("PAY-T-0002", title="Another, renamed")


def others_go_on(walk):
    """The second document's issue was followed."""
    assert walk.issues()[2] == "opened Another, renamed"


MOVED = "E212 acme/payments#1 moved to acme/other#1. Move it back, or `unlink` it."


def test_a_moved_issue_is_told_at_once_with_its_new_place_and_closes_nothing(gitlab):
    gitlab.begin()
    gitlab.maria.transfer(1, "acme/other")
    gitlab.change("PAY-T-0002", title="Another, renamed")
    gitlab.clock.sleep(400)
    assert MOVED in gitlab.run("plan").out
    gitlab.tells(MOVED, exit=0)
    gitlab.waits(MOVED)
    others_go_on(gitlab)
    assert gitlab.documents()["PAY-T-0001"] == "todo A task", "nobody closed it"
    assert gitlab.run("unlink", "PAY-T-0001").exit == 0
    gitlab.settle()
    gitlab.quiet()
    assert len(gitlab.issues()) == 2, "it is not mirrored anew"


def test_a_moved_issue_whose_document_changes_is_frozen_and_followed_again_when_it_is_back(gitlab):
    gitlab.begin()
    gitlab.maria.transfer(1, "acme/other")
    both_change(gitlab)
    gitlab.tells(MOVED, exit=0)
    gitlab.waits(MOVED)
    others_go_on(gitlab)
    other = gitlab.sandbox.person("maria", "acme/other")
    back = other.transfer(1, "acme/payments")
    gitlab.settle()
    gitlab.quiet()
    assert gitlab.issues()[back.iid] == "opened A task, renamed"
    assert sorted(gitlab.documents()) == ["PAY-T-0001", "PAY-T-0002"], "no second document"


def test_an_archived_project_is_read_and_not_written_until_it_is_unarchived(gitlab):
    gitlab.begin()
    gitlab.maria.archive()
    both_change(gitlab)
    said = (
        "E127 acme/payments#1 acme/payments is archived. "
        "Unarchive it, or take the pair out of the settings."
    )
    gitlab.tells(said, exit=1)
    gitlab.waits(said)
    assert "FAIL pair payments: not archived" in gitlab.run("check").out
    assert gitlab.issues() == {1: "opened A task", 2: "opened Another"}
    assert gitlab.documents()["PAY-T-0001"] == "todo A task, renamed"
    gitlab.maria.archive(archived=False)
    assert gitlab.run("sync", "--retry").exit == 0
    gitlab.settle()
    gitlab.quiet()
    assert gitlab.issues()[1] == "opened A task, renamed"


def test_a_confidential_issue_of_a_token_that_cannot_see_it_is_frozen(gitlab):
    issue = gitlab.maria.open("Somebody's own")
    gitlab.begin("Another", "A third")
    document = next(code for code, said in gitlab.documents().items() if "own" in said)
    gitlab.token.everywhere = Access.READ
    gitlab.maria.hide(issue.iid)
    gitlab.change(document, title="Renamed")
    gitlab.change("PAY-T-0002", title="A third, renamed")
    said = (
        f"E210 cannot see acme/payments#{issue.iid} (deleted, moved, confidential or no access). "
        "Frozen. Give the token's account the role Reporter, or `unlink` it."
    )
    gitlab.tells(said, exit=1)
    gitlab.waits(said)
    assert "opened A third, renamed" in gitlab.issues().values()
    assert "sees confidential issues  they would be taken for missing ones" in gitlab.run("check")
    assert gitlab.documents()[document] == "backlog Renamed", "it was not closed"
    gitlab.token.everywhere = Access.ADMIN
    assert gitlab.run("sync", "--retry").exit == 0
    gitlab.settle()
    gitlab.quiet()
    assert gitlab.issues()[issue.iid] == "opened Renamed"


def test_a_label_of_the_team_is_not_pushed_off_its_scope(gitlab):
    gitlab.begin()
    gitlab.maria.label(1, add=["phase::waiting-for-vendor"])
    gitlab.sync()
    gitlab.change("PAY-T-0001", phase="active")
    gitlab.change("PAY-T-0002", title="Another, renamed")
    said = (
        'E126 acme/payments#1 "phase::doing" would take "phase::waiting-for-vendor" off: both are '
        'of the scope "phase". Name it under `also` in the profile, or give one of them another '
        "scope."
    )
    gitlab.tells(said, exit=1)
    gitlab.waits(said)
    others_go_on(gitlab)
    assert "phase::waiting-for-vendor: of a scope that the profile uses" in gitlab.run("check")
    assert "phase::waiting-for-vendor" in gitlab.labels(1)
    gitlab.reword('"phase::active"', '"phase::active", "phase::waiting-for-vendor"')
    assert gitlab.run("sync").exit == 0
    gitlab.settle()
    gitlab.quiet()
    assert "phase::waiting-for-vendor" in gitlab.labels(1)
    assert gitlab.documents()["PAY-T-0001"] == "active A task"


@pytest.mark.parametrize("match", ["* /issues", "PUT /issues"])
@pytest.mark.parametrize("said_in", ["text", "JSON"])
def test_a_rate_limit_is_waited_out_and_nothing_is_sent_before(gitlab, match, said_in):
    gitlab.begin()
    limit = {"text": "primary", "JSON": "secondary"}[said_in]
    gitlab.sandbox.faults.add("rate-limit", match, limit=limit)
    both_change(gitlab)
    told = gitlab.sync(later=0)
    assert told.exit == 1
    assert told.err.count("E207") == 1
    assert f"E207 {gitlab.host} asked to wait until " in told.err
    assert "E207" in gitlab.run("status").err
    gitlab.sandbox.faults.clear()
    gitlab.sandbox.requests.clear()
    told = gitlab.sync(later=1)
    assert told.exit == 1
    assert "E207 tracker asked to wait until" in told.err
    assert gitlab.run("plan").exit == 1
    assert list(gitlab.sandbox.requests) == [], "nothing is sent before the time that was named"
    gitlab.clock.sleep(3600)
    gitlab.settle()
    gitlab.quiet()
    others_go_on(gitlab)


def test_a_renamed_project_is_followed_and_its_new_name_asked_for(gitlab):
    gitlab.begin()
    gitlab.maria.rename("acme/pay")
    both_change(gitlab)
    gitlab.sync()
    others_go_on(gitlab)
    said = (
        "E212 acme/payments is called acme/pay now; it is followed. "
        "Write the new name in the settings."
    )
    gitlab.tells(said, exit=0)
    assert said in gitlab.run("plan").out
    assert "acme/payments is called acme/pay now" in gitlab.run("check").out
    file = gitlab.folder / "followthrough.toml"
    file.write_text(file.read_text().replace("acme/payments", "acme/pay"))
    gitlab.settle()
    gitlab.quiet()
    assert len(gitlab.home.issues) == 2


def test_a_renamed_project_is_found_by_its_old_name_after_the_state_was_lost(gitlab):
    gitlab.begin()
    gitlab.maria.rename("acme/pay")
    for file in gitlab.folder.glob("followthrough.db"):
        file.unlink()
    gitlab.settle()
    assert len(gitlab.home.issues) == 2, "the marks in the issues were found"


def test_a_project_that_the_token_lost_is_no_empty_one(gitlab):
    gitlab.begin()
    gitlab.token.access = {"acme/payments": Access.NONE}
    both_change(gitlab)
    said = (
        "E210 cannot see acme/payments: not found, or this token may not see it. "
        "Check its name, and that the token's account is a member."
    )
    assert gitlab.run("plan").exit == 1
    gitlab.tells(said, exit=1)
    assert gitlab.issues() == {1: "opened A task", 2: "opened Another"}
    assert gitlab.documents()["PAY-T-0001"] == "todo A task, renamed"
    gitlab.token.access = {}
    gitlab.settle()
    gitlab.quiet()
    others_go_on(gitlab)


def test_a_project_whose_issues_were_disabled_says_so_within_an_hour(gitlab):
    gitlab.begin()
    gitlab.maria.use_issues(enabled=False)
    gitlab.sync(later=3600)
    said = "E127 acme/payments has no issues. Enable them, or take the pair out of the settings."
    gitlab.tells(said, exit=1)
    assert gitlab.run("plan").exit == 1
    assert "FAIL pair payments: issues" in gitlab.run("check").out
    assert gitlab.documents() == {"PAY-T-0001": "todo A task", "PAY-T-0002": "todo Another"}
    gitlab.maria.use_issues(enabled=True)
    gitlab.settle()
    gitlab.quiet()


def test_a_change_to_a_project_without_issues_waits_until_it_has_them_again(gitlab):
    gitlab.begin()
    gitlab.maria.use_issues(enabled=False)
    both_change(gitlab)
    said = (
        "E127 acme/payments#1 acme/payments has no issues. "
        "Enable them, or take the pair out of the settings."
    )
    gitlab.tells(said, exit=1)
    gitlab.waits(said)
    gitlab.maria.use_issues(enabled=True)
    assert gitlab.run("sync", "--retry").exit == 0
    gitlab.settle()
    gitlab.quiet()
    others_go_on(gitlab)


@pytest.mark.parametrize("lost", ["permission", "issues"])
def test_one_project_of_a_group_that_shows_nothing_is_noticed_within_an_hour(group, lost):
    group.sync()
    group.sync()
    quiet = group.asked_in(group.sync)
    assert quiet == ["/api/v4/groups/acme/issues"]
    if lost == "permission":
        group.token.access = {"acme/refunds": Access.NONE}
        said = "E210 cannot see acme/refunds: not found, or this token may not see it."
    else:
        group.sandbox.person("maria", "acme/refunds").use_issues(enabled=False)
        said = "E127 acme/refunds has no issues. Enable them, or take the pair out"
    group.sandbox.person("maria", "acme/payments").open("Opened meanwhile")
    told = group.sync(later=timedelta(hours=1).total_seconds())
    assert told.exit == 1
    assert told.err.count(said) == 1
    assert "Opened meanwhile" in told.out, "the other pair went on"
    assert said in group.run("status").err
    group.token.access = {}
    group.sandbox.person("maria", "acme/refunds").use_issues(enabled=True)
    assert group.sync().exit == 0
    group.sync()
    assert group.asked_in(group.sync) == quiet


def test_a_title_that_is_too_long_waits_until_it_is_shorter(gitlab):
    gitlab.begin()
    gitlab.change("PAY-T-0001", title="y" * 260)
    gitlab.change("PAY-T-0002", title="Another, renamed")
    said = "E120 acme/payments#1 title is 260 characters; GitLab takes 255. Shorten it."
    gitlab.tells(said, exit=1)
    gitlab.waits(said)
    others_go_on(gitlab)
    gitlab.change("PAY-T-0001", title="Short")
    assert gitlab.run("sync").exit == 0, "whoever mends the document does not wait"
    gitlab.settle()
    gitlab.quiet()
    assert gitlab.issues()[1] == "opened Short"
