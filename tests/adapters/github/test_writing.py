from datetime import date, timedelta

import pytest

from adapters.errors import (
    Missing,
    Moved,
    PreconditionFailed,
    Rejected,
    UnknownOutcome,
)
from adapters.sandbox.core.access import Access, Token
from adapters.sandbox.github.people import Person
from mappings.item import Draft, Patch, Ref
from mappings.markers import Marker, write_marker
from mappings.vocabulary import Category, Field, Kind, Phase, Priority, Resolution, Severity

MARKER = write_marker(Marker("0" * 32, "1" * 8, "PAY-T-0001"), b"k" * 32)
ORIGIN = Ref("PAY-T-0001", "PAY-T-0001", ".metis/backlog/PAY-T-0001.md")


@pytest.fixture
def home(sandbox):
    return sandbox.state.repository("acme/payments")


@pytest.fixture
def maria(home):
    return Person(home, "maria")


def draft(**changes):
    return Draft(**({"title": "Checkout is down", "marker": MARKER, "origin": ORIGIN} | changes))


def writes(sandbox):
    return [(entry.method, entry.path.split("/issues")[-1]) for entry in sandbox.requests.writes()]


def prepared(project, *changes):
    for name in project.lacks(changes):
        project.prepare(name)


def test_a_create_is_one_post_and_returns_what_was_stored(sandbox, project):
    wanted = draft(
        kind=Kind.INCIDENT,
        phase=Phase.DOING,
        priority=Priority.P0,
        severity=Severity.SEV1,
        category=Category.BUG,
        owners=("ann", "dev"),
        due=date(2026, 4, 1),
        body="What happened",
    )
    prepared(project, wanted)
    sandbox.requests.clear()
    item = project.create(wanted)
    assert writes(sandbox) == [("POST", "")]
    for field in set(Field) - {Field.RESOLUTION, Field.PARENT}:
        assert item.get(field) == wanted.get(field), field
    assert item.kind is Kind.INCIDENT
    assert item.marker == MARKER
    assert item.author == "octo-bot"
    assert project.fetch(item.ref) == item
    assert project.hint() == item.ref.id


def test_an_action_is_born_below_its_incident(sandbox, project, maria):
    maria.open("Incident")
    parent = project.fetch(Ref("1")).ref
    sandbox.requests.clear()
    item = project.create(draft(parent=parent))
    assert writes(sandbox) == [("POST", "")]
    assert item.parent == parent
    assert sandbox.requests.total == 1


def test_a_parent_known_by_number_alone_is_looked_up(sandbox, project, maria):
    maria.open("Incident")
    assert project.create(draft(parent=Ref("1"))).parent == Ref("1")


def test_a_parent_that_cannot_be_seen_is_not_the_item_that_cannot_be_seen(project, maria):
    maria.open("child")
    for act in (
        lambda: project.create(draft(parent=Ref("99"))),
        lambda: project.update(Ref("1"), Patch(parent=Ref("99")), None),
    ):
        with pytest.raises(Rejected) as caught:
            act()
        assert (caught.value.field, caught.value.problem.code) == (Field.PARENT, "E210")


def test_an_issue_that_is_completed_already_is_closed_after_it_is_made(sandbox, project):
    item = project.create(draft(phase=Phase.COMPLETED, resolution=Resolution.NOT_PLANNED))
    assert (item.phase, item.resolution) == (Phase.COMPLETED, Resolution.NOT_PLANNED)
    assert writes(sandbox) == [("POST", ""), ("PATCH", "/1")]


def test_closing_a_new_issue_is_insisted_upon_as_it_may_be_said_twice(sandbox, project, home):
    sandbox.faults.add("lose-reply", "PATCH /issues/1", times=2)
    item = project.create(draft(phase=Phase.COMPLETED))
    assert item.phase is Phase.COMPLETED
    assert len(home.issues) == 1


def test_a_new_issue_that_cannot_be_closed_is_told_as_it_is(sandbox, project, home):
    sandbox.faults.add("status", "PATCH /issues/1", status=403, message="Must have push access")
    item = project.create(draft(phase=Phase.COMPLETED))
    assert item.phase is Phase.BACKLOG
    assert len(home.issues) == 1


def test_a_new_issue_that_somebody_moves_at_once_is_not_closed_over_that(
    server, reply, issue, repository, connect, profile
):
    made = reply(201, issue(1, body=MARKER))
    moved = reply(body=issue(1, body=MARKER, labels=[{"name": "phase: doing"}]))
    server.will(reply(body=repository()), made, moved)
    project = connect(server.url).open("acme/payments", profile)
    assert project.create(draft(phase=Phase.COMPLETED)).phase is Phase.BACKLOG
    assert [one.method for one in server.asked] == ["GET", "POST", "GET"]


def test_an_update_is_one_look_and_one_patch_with_all_that_differs(sandbox, project, maria):
    maria.open("[P2] Slow", body="Theirs\n", labels=["bug"], assignees=["zoe"])
    item = project.fetch(Ref("1"))
    patch = Patch(
        title="Very slow",
        phase=Phase.DOING,
        priority=Priority.P1,
        category=Category.TECH_DEBT,
        owners=("ann",),
        due=date(2026, 4, 1),
        body="Ours",
        origin=ORIGIN,
    )
    prepared(project, patch)
    sandbox.requests.clear()
    after = project.update(item.ref, patch, item.revision)
    assert [entry.method for entry in sandbox.requests] == ["GET", "PATCH"]
    for field, value in patch.values().items():
        assert after.get(field) == value, field
    assert after.labels == {"P1", "tech-debt", "phase: doing"}
    raw = sandbox.state.repository("acme/payments").get(1)
    assert raw.title == "[P1] Very slow"
    assert set(raw.assignees) == {"maria", "zoe"}
    assert raw.body.startswith("Theirs\r\n")
    assert project.fetch(item.ref) == after


def test_an_update_that_changes_nothing_sends_nothing(sandbox, project, maria):
    maria.open("Slow")
    item = project.fetch(Ref("1"))
    sandbox.requests.clear()
    assert project.update(item.ref, Patch(title="Slow"), item.revision) == item
    assert writes(sandbox) == []


def test_an_item_that_changed_since_is_not_written(sandbox, project, maria):
    maria.open("Slow")
    item = project.fetch(Ref("1"))
    maria.edit(1, title="Slower")
    with pytest.raises(PreconditionFailed):
        project.update(item.ref, Patch(phase=Phase.DOING), item.revision)
    assert writes(sandbox) == []
    assert project.update(item.ref, Patch(phase=Phase.DOING), None).title == "Slower"


def test_our_own_note_does_not_spoil_the_next_update(project, maria):
    maria.open("Slow")
    item = project.fetch(Ref("1"))
    project.note(item.ref, "rule", "said")
    assert project.update(item.ref, Patch(priority=Priority.P1), item.revision)


def test_reopening_says_where_it_goes_on(project, maria):
    maria.open("Slow")
    maria.close(1)
    item = project.fetch(Ref("1"))
    patch = Patch(phase=Phase.TODO, resolution=None)
    prepared(project, patch)
    after = project.update(item.ref, patch, item.revision)
    assert (after.phase, after.resolution, after.closed_at) == (Phase.TODO, None, None)


def test_a_parent_is_set_moved_and_taken_away_with_one_request_more(sandbox, project, maria):
    for name in ("one", "two", "child"):
        maria.open(name)
    child = Ref("3")
    project.fetch(child)
    for parent in (Ref("1"), Ref("2"), None):
        sandbox.requests.clear()
        item = project.update(child, Patch(parent=parent), None)
        assert item.parent == parent
        assert project.fetch(child).parent == parent
        assert len(sandbox.requests.writes()) == 1
        assert [e.method for e in sandbox.requests][:2] == ["GET", writes(sandbox)[0][0]]
    sandbox.requests.clear()
    project.update(child, Patch(parent=None), None)
    assert writes(sandbox) == []


def test_people_of_a_browser_keep_their_line_ends(sandbox, project, maria, home):
    maria.open("Slow", body="one\ntwo")
    project.update(Ref("1"), Patch(body="Ours"), None)
    body = home.get(1).body
    assert body.startswith("one\r\ntwo\r\n\r\n<!--")
    assert "\n" not in body.replace("\r\n", "")


# --- refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": "x" * 257}, Field.TITLE),
        ({"title": "[P0]"}, Field.TITLE),
    ],
)
def test_what_github_would_refuse_is_refused_here(sandbox, project, change, field):
    with pytest.raises(Rejected) as caught:
        project.create(draft(**change))
    assert (caught.value.problem.code, caught.value.field) == ("E120", field)
    assert sandbox.requests.writes() == []


def test_a_section_that_does_not_fit_beside_what_people_wrote_is_refused(sandbox, project, maria):
    maria.open("Slow", body="x" * 40_000)
    with pytest.raises(Rejected) as caught:
        project.update(Ref("1"), Patch(body="line\n" * 8_000), None)
    assert caught.value.field is Field.BODY
    assert sandbox.requests.writes() == []


def test_a_token_that_may_only_report_stores_less_and_that_is_told(
    sandbox, connect, profile, monkeypatch
):
    low = "ghp_low0123456789012345678901234567890123"
    sandbox.state.add_token(Token(low, "zoe", everywhere=Access.READ))
    monkeypatch.setenv("FT_LOW_TOKEN", low)
    project = connect(sandbox.url, token={"env": "FT_LOW_TOKEN"}).open("acme/payments", profile)
    item = project.create(draft(category=Category.BUG, owners=("ann",)))
    assert (item.category, item.owners) == (None, ())


def test_an_archived_repository_takes_nothing_and_says_why(project, maria):
    maria.archive()
    with pytest.raises(Rejected) as caught:
        project.create(draft())
    assert caught.value.problem.code == "E127"
    assert "Unarchive" in caught.value.problem.remedy


def test_disabled_issues_are_not_taken_for_deleted_ones(project, home):
    home.has_issues = False
    with pytest.raises(Rejected) as caught:
        project.create(draft())
    assert "disabled" in caught.value.problem.message


# --- gone, moved, unseen ------------------------------------------------------------------


def test_deleted_moved_and_unseen_are_told_apart(sandbox, project, maria):
    sandbox.state.add_repository("acme/shop")
    for name in ("kept", "deleted", "moved"):
        maria.open(name)
    maria.delete(2)
    maria.transfer(3, "acme/shop")
    assert project.fetch(Ref("1")).title == "kept"
    assert project.fetch(Ref("2")) is None
    with pytest.raises(Moved) as moved:
        project.fetch(Ref("3"))
    assert moved.value.problem.code == "E212"
    assert moved.value.to.key == "acme/shop#1"
    with pytest.raises(Missing) as missing:
        project.fetch(Ref("4"))
    assert missing.value.problem.code == "E210"
    assert "acme/payments#4" in missing.value.problem.message


def test_a_write_is_never_redirected(sandbox, project, maria):
    sandbox.state.add_repository("acme/shop")
    maria.open("moved")
    item = project.fetch(Ref("1"))
    maria.transfer(1, "acme/shop")
    with pytest.raises(Moved):
        project.update(item.ref, Patch(title="Other"), None)
    assert sandbox.state.repository("acme/shop").get(1).title == "moved"


def test_a_redirected_write_is_not_followed(server, reply, issue, repository, connect, profile):
    elsewhere = {"Location": f"{server.url}/repositories/88/issues/5"}
    server.will(
        reply(body=repository()), reply(307, {}, elsewhere), reply(201, issue(5, title="Theirs"))
    )
    project = connect(server.url).open("acme/payments", profile)
    with pytest.raises(Rejected) as caught:
        project.create(draft())
    assert caught.value.problem.code == "E212"
    assert [asked.method for asked in server.asked] == ["GET", "POST"]


def test_another_issue_under_the_same_number_is_told(project, maria):
    maria.open("one")
    with pytest.raises(Moved) as caught:
        project.fetch(Ref("1", birth="12345"))
    assert caught.value.problem.code == "E212"


# --- lost answers -------------------------------------------------------------------------


def test_a_create_whose_answer_is_lost_is_sent_once(sandbox, project, home):
    sandbox.faults.add("lose-reply", "POST /issues$")
    with pytest.raises(UnknownOutcome) as caught:
        project.create(draft())
    assert caught.value.problem.code == "E213"
    assert len(home.issues) == 1
    assert len(sandbox.requests.writes()) == 1


@pytest.mark.parametrize("effect", ["reset", "error", "truncate"])
def test_whatever_spoils_the_answer_to_a_write_is_no_reason_to_repeat_it(
    sandbox, project, home, effect
):
    sandbox.faults.add(effect, "POST /issues$", after=True)
    with pytest.raises(UnknownOutcome):
        project.create(draft())
    assert len(home.issues) == 1


def test_an_update_whose_answer_is_lost_is_sent_once(sandbox, project, maria):
    maria.open("one")
    sandbox.faults.add("lose-reply", "PATCH .")
    with pytest.raises(UnknownOutcome):
        project.update(Ref("1"), Patch(title="two"), None)
    assert len(sandbox.requests.writes()) == 1
    assert project.fetch(Ref("1")).title == "two"


def test_a_create_that_never_left_is_no_doubt(connect, profile, sandbox, project):
    from adapters.errors import Transient

    project.create(draft())
    sandbox.stop()
    with pytest.raises(Transient):
        project.create(draft())


def test_a_lost_issue_is_found_by_its_marker(sandbox, project, home, clock):
    list(project.changed(None))
    hint, since = project.hint(), clock.now()
    sandbox.faults.add("lose-reply", "POST /issues$")
    with pytest.raises(UnknownOutcome):
        project.create(draft())
    clock.sleep(5)
    found = project.find(MARKER, since, hint)
    assert [item.ref.id for item in found.items] == ["1"]


def test_a_lost_issue_is_found_by_number_while_lists_lag(sandbox, project, home, clock, maria):
    maria.open("old")
    list(project.changed(None))
    hint, since = project.hint(), clock.now()
    sandbox.state.set_habits(lag=600)
    maria.open("another")
    maria.pull("a pull request")
    maria.open("deleted")
    maria.delete(4)
    project.create(draft())
    found = project.find(MARKER, since, hint)
    assert [item.ref.id for item in found.items] == ["5"]


def test_absence_is_proved_only_when_no_request_can_be_under_way(project, clock, maria):
    maria.open("old")
    list(project.changed(None))
    since = clock.now()
    project_hint = project.hint()
    assert not project.find(MARKER, since, project_hint).conclusive
    clock.sleep(3)
    found = project.find(MARKER, since, project_hint)
    assert (found.items, found.conclusive) == ((), True)


def test_without_a_hint_absence_is_never_proved(project, clock):
    since = clock.now()
    clock.sleep(3600)
    assert project.find(MARKER, since, "") == type(project.find(MARKER, since, ""))()


def test_discussions_have_numbers_too(server, reply, issue, repository, connect, profile, clock):
    """Three discussions in a row look like three numbers that do not exist."""
    since = clock.now()
    clock.sleep(600)
    missing = reply(404, {"message": "Not Found"})
    server.will(
        reply(body=repository(has_discussions=True)),
        reply(body={"login": "octo-bot"}),
        reply(body=[]),
        missing,
        missing,
        missing,
        reply(body=issue(5, body=MARKER)),
        missing,
    )
    project = connect(server.url).open("acme/payments", profile)
    found = project.find(MARKER, since - timedelta(seconds=1), "1")
    assert [item.ref.id for item in found.items] == ["5"]


@pytest.mark.parametrize("hidden", [(2,), (2, 3), (4,)])
def test_a_number_that_a_replica_does_not_have_yet_proves_no_absence(
    sandbox, project, clock, maria, hidden
):
    maria.open("old")
    list(project.changed(None))
    since, hint = clock.now(), project.hint()
    for title in ("second", "third", "fourth", "fifth"):
        maria.open(title)
    list(project.changed(None))
    clock.sleep(600)
    assert project.find(MARKER, since, hint).conclusive
    for number in hidden:
        sandbox.faults.add("status", f"GET /issues/{number}$", status=404, message="Not Found")
    assert not project.find(MARKER, since, hint).conclusive


# --- notes and labels ---------------------------------------------------------------------


def test_a_note_is_written_once_and_edited_in_place(sandbox, project, maria, home):
    maria.open("one")
    ref = Ref("1")
    project.note(ref, "rule-a", "First")
    project.note(ref, "rule-b", "Other")
    project.note(ref, "rule-a", "Second")
    sandbox.requests.clear()
    project.note(ref, "rule-a", "Second")
    assert sandbox.requests.writes() == []
    bodies = [comment.body for comment in home.comments_of(1)]
    assert [body.split("\n")[0] for body in bodies] == ["Second", "Other"]


def test_a_note_is_found_beyond_the_first_hundred_comments(sandbox, project, maria, home):
    maria.open("one")
    for _ in range(150):
        maria.comment(1, "chat")
    project.note(Ref("1"), "rule", "First")
    for _ in range(150):
        maria.comment(1, "chat")
    project.note(Ref("1"), "rule", "Second")
    ours = [one for one in home.comments_of(1) if one.author == "octo-bot"]
    assert [one.body.split("\n")[0] for one in ours] == ["Second"]


def test_somebody_who_quotes_our_note_is_left_alone(project, maria, home):
    maria.open("one")
    project.note(Ref("1"), "rule", "First")
    quoted = home.comments_of(1)[0].body
    home.delete(1)
    maria.open("two")
    maria.comment(2, quoted)
    project.note(Ref("2"), "rule", "Second")
    assert [one.author for one in home.comments_of(2)] == ["maria", "octo-bot"]


def test_a_note_mails_nobody_and_a_signed_mark_is_kept(project, maria, home):
    maria.open("one")
    mark = "<!-- followthrough:note:rule:" + "a" * 32 + " -->"
    project.note(Ref("1"), mark, "ask @zoe about #1")
    body = home.comments_of(1)[0].body
    assert body.endswith(mark)
    assert "@zoe" not in body


def test_a_locked_issue_takes_no_note_from_outside(project, maria, home, sandbox):
    maria.open("one")
    said = "Unable to create comment because issue is locked."
    sandbox.faults.add("status", "POST /comments$", status=403, message=said)
    with pytest.raises(Rejected) as caught:
        project.note(Ref("1"), "rule", "x")
    assert "locked" in caught.value.problem.message


def test_labels_are_asked_for_once_in_a_cycle_and_only_when_needed(sandbox, project):
    list(project.changed(None))
    sandbox.requests.clear()
    assert project.lacks([Patch(title="x"), Patch(phase=Phase.COMPLETED)]) == ()
    assert sandbox.requests.total == 0
    assert project.lacks([Patch(priority=Priority.P0)]) == ("P0",)
    assert project.lacks([Patch(category=Category.BUG), Patch(priority=Priority.P1)]) == ("P1",)
    assert sandbox.requests.total == 1
    project.prepare("P0")
    assert project.lacks([Patch(priority=Priority.P0)]) == ()
    assert sandbox.requests.total == 2
    list(project.changed(None))
    project.lacks([Patch(priority=Priority.P0)])
    assert sandbox.requests.total == 4


def test_a_label_is_made_in_the_profiles_colour_and_one_that_is_there_is_as_good(project, home):
    project.prepare("P0")
    assert home.labels.get("P0").color == "b60205"
    project.prepare("P0")
    project.prepare("p0")
    assert sum(label.name.lower() == "p0" for label in home.labels.all()) == 1


def test_a_comment_is_told_with_its_author_address_and_time(project, maria, home):
    maria.open("one")
    maria.comment(1, "Rolled back")
    (told,) = project.comments(Ref("1"))
    assert (told.by, told.text) == ("maria", "Rolled back")
    assert told.at == home.comments_of(1)[0].created_at
    assert "/issues/1#" in told.url
