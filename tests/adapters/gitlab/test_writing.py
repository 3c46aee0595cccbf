"""Writing: one request where one will do, nothing of others touched, nothing sent twice."""

from datetime import date, timedelta

import pytest

from adapters.errors import Missing, Moved, PreconditionFailed, Rejected, Transient, UnknownOutcome
from mappings.item import Draft, Patch, Ref
from mappings.markers import Marker, write_marker
from mappings.vocabulary import Category, Field, Kind, Phase, Priority, Resolution, Severity
from tests.adapters.gitlab.fake import FakeGitLab
from tests.adapters.gitlab.scripted import Reply, Scripted

MARKER = write_marker(Marker("0" * 32, "1" * 8, "PAY-T-0001"), b"k" * 32)
ORIGIN = Ref("PAY-T-0001", "PAY-T-0001", ".metis/backlog/PAY-T-0001.md")
STATUSES = {
    "statuses": {"todo": ["To do"], "doing": ["In progress"], "completed": ["Done"]},
    "open": "todo",
}


@pytest.fixture
def fake(server, clock, token):
    server.answer = FakeGitLab(clock, token)
    return server.answer


@pytest.fixture
def project(fake, server, connect, profile):
    opened = connect(server.url).open("acme/payments", profile)
    opened.home.look()
    fake.asked.clear()
    return opened


def draft(**fields):
    return Draft(**({"title": "Checkout is down", "marker": MARKER} | fields))


def sent(fake):
    """What was asked since the last look, as "PUT /1"."""
    base = "/projects/77/issues"
    calls = [f"{one.method} {one.path.removeprefix(base)}" for one in fake.asked]
    fake.asked.clear()
    return calls


def losing(fake, method, times=1):
    """The next requests of one method happen, and their answers are lost."""
    left = iter(range(times))

    def lose(asked):
        if asked.method != method or next(left, None) is None:
            return None
        kept, fake.accident = fake.accident, None
        fake(asked)
        fake.accident = kept
        return Reply(lose=True)

    fake.accident = lose


# --- requests -----------------------------------------------------------------------------


def test_a_create_is_one_request(project, fake):
    item = project.create(
        draft(
            kind=Kind.INCIDENT,
            phase=Phase.DOING,
            priority=Priority.P0,
            category=Category.BUG,
            due=date(2026, 4, 1),
            body="What happened\n/close",
            origin=ORIGIN,
        )
    )
    assert sent(fake) == ["POST "]
    assert (item.kind, item.phase, item.priority) == (Kind.INCIDENT, Phase.DOING, Priority.P0)
    assert (item.due, item.author) == (date(2026, 4, 1), "project_77_bot")
    assert fake.ran == []
    assert project.fetch(item.ref) == item


def test_an_update_is_one_look_and_one_put_with_all_that_differs(project, fake):
    fake.open("[P2] Slow", "Theirs\r\n", labels=["team: core", "type::bug"],
              assignees=[{"id": 13, "username": "zoe"}])  # fmt: skip
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
    project._accounts.numbers(["maria"])
    fake.asked.clear()
    after = project.update(item.ref, patch, item.revision)
    assert sent(fake) == ["GET /1", "PUT /1"]
    for field, value in patch.values().items():
        assert after.get(field) == value, field
    assert after.labels == {"priority::P1", "type::tech-debt", "phase::doing", "team: core"}
    raw = fake.issue(1)
    assert raw["title"] == "[P1] Very slow"
    assert {one["username"] for one in raw["assignees"]} == {"maria", "zoe"}
    assert raw["description"].startswith("Theirs\r\n")
    assert project.fetch(item.ref) == after


def test_labels_that_somebody_sets_meanwhile_stay(project, fake):
    """A list of all labels would take them off again."""
    fake.open("Slow", labels=["phase::todo"])
    item = project.fetch(Ref("1"))

    def meanwhile(asked):
        if asked.method == "PUT":
            fake.accident = None
            fake.edit(1, labels=[*fake.issue(1)["labels"], "team: core"])

    fake.accident = meanwhile
    after = project.update(item.ref, Patch(phase=Phase.DOING), item.revision)
    assert after.labels == {"phase::doing", "team: core"}


def test_on_the_free_tier_the_old_label_of_a_scope_is_taken_off_all_the_same(project, fake):
    fake.premium = False
    fake.open("Slow", labels=["phase::todo"])
    after = project.update(Ref("1"), Patch(phase=Phase.DOING), None)
    assert after.labels == {"phase::doing"}


def test_people_are_looked_up_once(project, fake):
    project.create(draft(owners=("ann", "dev")))
    assert sent(fake) == ["GET /users", "GET /users", "POST "]
    after = project.update(Ref("1"), Patch(owners=("dev",)), None)
    assert sent(fake) == ["GET /1", "PUT /1"]
    assert after.owners == ("dev",)


def test_whom_gitlab_does_not_know_is_left_out_and_the_answer_shows_it(project, fake):
    del fake.users["devon"]
    item = project.create(draft(owners=("ann", "dev")))
    assert item.owners == ("ann",)


def test_an_update_that_changes_nothing_sends_nothing(project, fake):
    fake.open("Slow")
    item = project.fetch(Ref("1"))
    assert project.update(item.ref, Patch(title="Slow"), item.revision) == item
    assert sent(fake) == ["GET /1", "GET /1"]


def test_an_item_that_changed_since_is_not_written(project, fake):
    fake.open("Slow")
    item = project.fetch(Ref("1"))
    fake.edit(1, title="Slower")
    with pytest.raises(PreconditionFailed) as caught:
        project.update(item.ref, Patch(phase=Phase.DOING), item.revision)
    assert caught.value.problem.code == "E118"
    assert "PUT /1" not in sent(fake)
    assert project.update(item.ref, Patch(phase=Phase.DOING), None).title == "Slower"


def test_our_own_note_does_not_spoil_the_next_update(project, fake):
    fake.open("Slow")
    item = project.fetch(Ref("1"))
    project.note(item.ref, "rule", "said")
    assert project.update(item.ref, Patch(priority=Priority.P1), item.revision)


# --- severity -----------------------------------------------------------------------------


def test_an_incidents_severity_is_one_request_more(project, fake):
    item = project.create(draft(kind=Kind.INCIDENT, severity=Severity.SEV1))
    assert sent(fake) == ["POST ", "POST /api/graphql"]
    assert (item.severity, fake.issue(1)["severity"]) == (Severity.SEV1, "CRITICAL")
    assert item.labels == frozenset()
    after = project.update(item.ref, Patch(severity=Severity.SEV3), item.revision)
    assert sent(fake) == ["GET /1", "POST /api/graphql"]
    assert (after.severity, project.fetch(item.ref)) == (Severity.SEV3, after)
    assert project.update(item.ref, Patch(severity=None), None).severity is None
    assert fake.issue(1)["severity"] == "UNKNOWN"


def test_a_severity_that_is_refused_is_told_by_its_field(project, fake):
    fake.open("Slow", issue_type="incident")
    said = {"issueSetSeverity": {"issue": None, "errors": ["Severity is not allowed"]}}
    fake.accident = lambda asked: (200, {"data": said}) if asked.path == "/api/graphql" else None
    with pytest.raises(Rejected) as caught:
        project.update(Ref("1"), Patch(severity=Severity.SEV1), None)
    assert (caught.value.field, caught.value.problem.code) == (Field.SEVERITY, "E120")


def test_a_new_incident_whose_severity_is_refused_is_told_as_it_is(project, fake):
    said = {"errors": [{"message": "Field 'issueSetSeverity' doesn't exist on type 'Mutation'"}]}
    fake.accident = lambda asked: (200, said) if asked.path == "/api/graphql" else None
    item = project.create(draft(kind=Kind.INCIDENT, severity=Severity.SEV1))
    assert (item.severity, len(fake.projects[77]["issues"])) == (None, 1)


# --- phases -------------------------------------------------------------------------------


def test_an_issue_that_is_completed_already_is_closed_after_it_is_made(project, fake):
    item = project.create(draft(phase=Phase.COMPLETED, resolution=Resolution.NOT_PLANNED))
    assert (item.phase, item.resolution) == (Phase.COMPLETED, Resolution.NOT_PLANNED)
    assert sent(fake) == ["POST ", "PUT /1"]


def test_closing_a_new_issue_is_insisted_upon_as_it_may_be_said_twice(project, fake):
    losing(fake, "PUT", times=2)
    item = project.create(draft(phase=Phase.COMPLETED))
    assert item.phase is Phase.COMPLETED
    assert len(fake.projects[77]["issues"]) == 1


def test_a_new_issue_of_which_nobody_knows_whether_it_was_closed_is_in_doubt(project, fake):
    losing(fake, "PUT", times=9)
    with pytest.raises(UnknownOutcome):
        project.create(draft(phase=Phase.COMPLETED))
    assert len(fake.projects[77]["issues"]) == 1


def test_a_new_issue_that_cannot_be_closed_is_told_as_it_is(project, fake):
    fake.accident = lambda asked: (
        (403, {"message": "403 Forbidden"}) if asked.method == "PUT" else None
    )
    item = project.create(draft(phase=Phase.COMPLETED))
    assert item.phase is Phase.BACKLOG


def test_reopening_says_where_it_goes_on(project, fake):
    fake.open("Slow", labels=["resolution::duplicate"])
    fake.close(1)
    item = project.fetch(Ref("1"))
    assert item.resolution is Resolution.DUPLICATE
    after = project.update(item.ref, Patch(phase=Phase.TODO, resolution=None), item.revision)
    assert (after.phase, after.resolution, after.closed_at) == (Phase.TODO, None, None)
    assert after.labels == {"phase::todo"}


def test_a_status_is_set_by_its_id_and_may_close(fake, server, connect, load):
    words = load(
        "gitlab-incidents", phase=STATUSES, resolution={"values": {"duplicate": "Duplicate"}}
    )
    project = connect(server.url).open("acme/payments", words)
    item = project.create(draft(phase=Phase.DOING))
    assert (item.phase, fake.issue(1)["status"]) == (Phase.DOING, "In progress")
    fake.asked.clear()
    after = project.update(
        item.ref, Patch(phase=Phase.COMPLETED, resolution=Resolution.DUPLICATE), item.revision
    )
    assert (after.phase, after.resolution) == (Phase.COMPLETED, Resolution.DUPLICATE)
    assert after.closed_at is not None
    assert "PUT /1" not in sent(fake)
    again = project.update(item.ref, Patch(phase=Phase.TODO, resolution=None), after.revision)
    assert (again.phase, again.resolution) == (Phase.TODO, None)


def test_a_status_that_is_not_there_names_what_to_do(fake, server, connect, load):
    words = load("gitlab-incidents", phase=STATUSES | {"statuses": {"doing": ["Working"]}})
    project = connect(server.url).open("acme/payments", words)
    fake.open("Slow")
    with pytest.raises(Rejected) as caught:
        project.update(Ref("1"), Patch(phase=Phase.DOING), None)
    assert (caught.value.problem.code, caught.value.field) == ("E122", Field.PHASE)
    assert "Working" in caught.value.problem.message
    assert caught.value.problem.remedy


# --- scopes -------------------------------------------------------------------------------


def test_a_label_of_the_team_is_never_pushed_off(project, fake):
    fake.open("Slow", labels=["priority::high"])
    with pytest.raises(Rejected) as caught:
        project.update(Ref("1"), Patch(priority=Priority.P0), None)
    assert (caught.value.problem.code, caught.value.field) == ("E126", Field.PRIORITY)
    assert sent(fake) == ["GET /1"]
    assert project.update(Ref("1"), Patch(phase=Phase.DOING), None).labels == {
        "phase::doing",
        "priority::high",
    }


# --- parents ------------------------------------------------------------------------------


def test_a_parent_is_a_link_for_people_and_a_number_for_us(project, fake):
    for name in ("one", "two", "child"):
        fake.open(name, "Theirs")
    child = Ref("3")
    item = project.update(child, Patch(parent=Ref("1")), None)
    assert sent(fake) == ["GET /3", "POST /3/links", "PUT /3"]
    assert (item.parent, item.text, fake.issue(3)["links"]) == (
        Ref("1"),
        "Theirs",
        {1: "relates_to"},
    )
    item = project.update(child, Patch(parent=Ref("2")), item.revision)
    assert (item.parent, fake.issue(3)["links"]) == (Ref("2"), {2: "relates_to"})
    item = project.update(child, Patch(parent=None), item.revision)
    assert (item.parent, fake.issue(3)["links"]) == (None, {})
    assert fake.issue(3)["description"] == "Theirs"
    fake.asked.clear()
    project.update(child, Patch(parent=None), None)
    assert sent(fake) == ["GET /3"]


def test_a_new_action_is_linked_with_its_incident(project, fake):
    fake.open("Incident", issue_type="incident")
    item = project.create(draft(kind=Kind.ACTION, parent=Ref("1")))
    assert sent(fake) == ["GET /1", "POST ", "POST /2/links"]
    assert (item.parent, item.marker) == (Ref("1"), MARKER)
    assert fake.issue(2)["links"] == {1: "relates_to"}


def test_a_parent_that_cannot_be_seen_is_refused_before_anything_is_made(project, fake):
    with pytest.raises(Rejected) as caught:
        project.create(draft(parent=Ref("9")))
    assert caught.value.field is Field.PARENT
    assert fake.projects[77]["issues"] == {}
    fake.open("child")
    with pytest.raises(Rejected) as caught:
        project.update(Ref("1"), Patch(parent=Ref("9")), None)
    assert (caught.value.field, caught.value.problem.code) == (Field.PARENT, "E210")
    assert fake.issue(1)["description"] is None


def test_a_link_that_is_there_already_is_as_good(project, fake):
    fake.open("Incident")
    fake.open("child", links={1: "blocks"})
    assert project.update(Ref("2"), Patch(parent=Ref("1")), None).parent == Ref("1")
    assert fake.issue(2)["links"] == {1: "blocks"}


def test_a_link_of_another_kind_is_made_where_the_profile_says_so(fake, server, connect, load):
    fake.open("Incident")
    words = load("gitlab-issues", options={"link": "is_blocked_by"})
    connect(server.url).open("acme/payments", words).create(draft(parent=Ref("1")))
    assert fake.issue(2)["links"] == {1: "is_blocked_by"}
    wrong = load("gitlab-issues", options={"link": "parent"})
    fake.open("child")
    with pytest.raises(Rejected) as caught:
        connect(server.url).open("acme/payments", wrong).update(
            Ref("3"), Patch(parent=Ref("1")), None
        )
    assert caught.value.problem.code == "E201"


# --- refused ------------------------------------------------------------------------------


@pytest.mark.parametrize("title", ["x" * 256, "[P0]"])
def test_what_gitlab_would_refuse_is_refused_here(project, fake, title):
    with pytest.raises(Rejected) as caught:
        project.create(draft(title=title))
    assert (caught.value.problem.code, caught.value.field) == ("E120", Field.TITLE)
    assert sent(fake) == []


def test_a_section_that_does_not_fit_beside_what_people_wrote_is_refused(project, fake):
    fake.open("Slow", "x" * 600_000)
    with pytest.raises(Rejected) as caught:
        project.update(Ref("1"), Patch(body="line\n" * 120_000), None)
    assert caught.value.field is Field.BODY
    assert sent(fake) == ["GET /1"]


def test_an_archived_project_is_read_and_not_written(project, fake):
    fake.open("Slow")
    fake.projects[77]["home"]["archived"] = True
    assert project.fetch(Ref("1")).title == "Slow"
    for write in (
        lambda: project.create(draft()),
        lambda: project.update(Ref("1"), Patch(title="x"), None),
        lambda: project.note(Ref("1"), "rule", "said"),
    ):
        with pytest.raises(Rejected) as caught:
            write()
        assert caught.value.problem.code == "E127"
    assert not {check.name: check for check in project.check()}["not archived"].ok


# --- gone, moved, unseen ------------------------------------------------------------------


def test_deleted_unseen_and_moved_are_told_apart_as_far_as_gitlab_does(project, fake):
    fake.add_project(88, "acme/other")
    for name in ("kept", "confidential", "moved", "reused"):
        fake.open(name)
    fake.hidden.add(fake.issue(2)["id"])
    fake.move(3, 88)
    assert project.fetch(Ref("1")).title == "kept"
    for iid in ("2", "9"):
        with pytest.raises(Missing):
            project.fetch(Ref(iid))
    with pytest.raises(Moved) as caught:
        project.fetch(Ref("3"))
    assert caught.value.to.key == "acme/other#1"
    with pytest.raises(Moved):
        project.fetch(Ref("4", birth="1"))


# --- lost answers -------------------------------------------------------------------------


def test_a_lost_create_is_sent_once_and_found_by_its_marker(project, fake, clock):
    list(project.changed(None))
    hint, since = project.hint(), clock.now()
    losing(fake, "POST")
    with pytest.raises(UnknownOutcome):
        project.create(draft())
    fake.accident = None
    assert len(fake.projects[77]["issues"]) == 1
    found = project.find(MARKER, since, hint)
    assert [item.ref.id for item in found.items] == ["1"]


def test_an_update_whose_answer_is_lost_is_sent_once(project, fake):
    fake.open("one")
    losing(fake, "PUT")
    with pytest.raises(UnknownOutcome):
        project.update(Ref("1"), Patch(title="two"), None)
    assert sent(fake) == ["GET /1", "PUT /1", "PUT /1"], "the fake's own call is the second"
    assert fake.issue(1)["title"] == "two"


def test_a_create_that_never_left_is_no_doubt(clock, connect):
    gone = Scripted(clock)
    gone.close()
    with pytest.raises(Transient):
        connect(gone.url).client.write("POST", "/projects/77/issues", {}, {201})


def test_a_lost_issue_is_found_by_number_while_lists_lag(project, fake, clock):
    fake.open("old")
    list(project.changed(None))
    hint, since = project.hint(), clock.now()
    fake.lag = 600
    for name in ("another", "deleted"):
        fake.open(name)
    del fake.projects[77]["issues"][3]
    project.create(draft())
    found = project.find(MARKER, since, hint)
    assert [item.ref.id for item in found.items] == ["4"]


def test_a_lost_issue_that_was_moved_since_is_neither_closed_nor_absent(project, fake, clock):
    fake.add_project(88, "acme/other")
    list(project.changed(None))
    hint, since = project.hint(), clock.now()
    project.create(draft())
    fake.move(1, 88)
    with pytest.raises(Moved) as caught:
        project.find(MARKER, since, hint)
    assert caught.value.to.key == "acme/other#1"


def test_absence_is_proved_only_when_no_request_can_be_under_way(project, fake, clock):
    fake.open("old")
    list(project.changed(None))
    since, hint = clock.now(), project.hint()
    assert not project.find(MARKER, since, hint).conclusive
    clock.sleep(3)
    found = project.find(MARKER, since, hint)
    assert (found.items, found.conclusive) == ((), True)
    assert found.again == timedelta(seconds=0.5)
    assert not project.find(MARKER, since, "").conclusive


def test_ten_gaps_in_a_row_and_not_fewer_end_the_numbers(project, fake, clock):
    """Deleted and confidential issues leave gaps just as numbers that were never given out."""
    fake.open("old")
    list(project.changed(None))
    since, hint = clock.now(), project.hint()
    fake.lag = 600
    for _ in range(9):
        fake.open("confidential")
    fake.hidden |= {77000 + iid for iid in range(2, 11)}
    project.create(draft())
    assert [item.ref.id for item in project.find(MARKER, since, hint).items] == ["11"]


# --- notes and labels ---------------------------------------------------------------------


def test_a_note_is_written_once_and_edited_in_place(project, fake):
    fake.open("one")
    project.note(Ref("1"), "rule", "It is due.\n/close\nask @maria")
    project.note(Ref("1"), "rule", "It is due.\n/close\nask @maria")
    project.note(Ref("1"), "rule", "It is overdue.")
    assert [one for one in sent(fake) if not one.startswith("GET")] == [
        "POST /1/notes",
        "PUT /1/notes/7700100",
    ]
    assert fake.ran == []
    (note,) = fake.issue(1)["notes"]
    assert note["body"].startswith("It is overdue.")


def test_labels_are_asked_for_once_in_a_cycle_and_made_in_the_profiles_colour(project, fake):
    changes = [Patch(phase=Phase.DOING), Patch(priority=Priority.P0)]
    assert project.lacks(changes) == ("phase::doing", "priority::P0")
    project.prepare("phase::doing")
    project.prepare("phase::doing")
    assert fake.asked[-1].json() == {"name": "phase::doing", "color": "#0E8A16"}
    assert project.lacks(changes) == ("priority::P0",)
    asked = [one for one in fake.asked if one.method == "GET" and one.path.endswith("/labels")]
    assert len(asked) == 1
    assert project.lacks([Patch(title="x")]) == ()


def test_a_label_in_another_spelling_is_another_label_at_gitlab(project, fake):
    fake.projects[77]["labels"] = ["Phase::Doing"]
    assert project.lacks([Patch(phase=Phase.DOING)]) == ("phase::doing",)
