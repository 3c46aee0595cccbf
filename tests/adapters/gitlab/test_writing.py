"""Writing: one request where one will do, nothing of others touched, nothing sent twice."""

from datetime import date, timedelta

import pytest

from adapters.errors import Missing, Moved, PreconditionFailed, Rejected, Transient, UnknownOutcome
from adapters.sandbox import Access, Token
from mappings.item import Draft, Patch, Ref
from mappings.markers import Marker, write_marker
from mappings.vocabulary import Category, Field, Kind, Phase, Priority, Resolution, Severity
from tests.adapters.gitlab.scripted import Scripted

MARKER = write_marker(Marker("0" * 32, "1" * 8, "PAY-T-0001"), b"k" * 32)
ORIGIN = Ref("PAY-T-0001", "PAY-T-0001", ".metis/backlog/PAY-T-0001.md")
STATUSES = {
    "statuses": {"todo": ["To do"], "doing": ["In progress"], "completed": ["Done"]},
    "open": "todo",
}


@pytest.fixture
def home(sandbox):
    return sandbox.state.project("acme/payments")


@pytest.fixture
def maria(sandbox):
    return sandbox.person("maria")


@pytest.fixture
def open_project(sandbox, connect, load):
    """The project with a vocabulary of the test's own, its number known."""

    def opened(name="gitlab-incidents", **changes):
        project = connect(sandbox.url).open("acme/payments", load(name, **changes))
        project.home.look()
        sandbox.requests.clear()
        return project

    return opened


@pytest.fixture
def project(open_project):
    return open_project()


def draft(**fields):
    return Draft(**({"title": "Checkout is down", "marker": MARKER} | fields))


def sent(sandbox):
    """What was asked since the last look, as "PUT /1"."""
    calls = []
    for one in sandbox.requests:
        path = one.path.removeprefix("/api/v4").removeprefix("/projects/77/issues")
        calls.append(f"{one.method} {path}")
    sandbox.requests.clear()
    return calls


def labels_of(home, iid):
    return set(home.labels.names(home.get(iid).labels))


def links_of(sandbox):
    """Links as (source, target, kind), by the numbers of their issues."""
    world = sandbox.state
    numbers = {number: iid for number, (_, iid) in world.places.items()}
    return {(numbers[one.source], numbers[one.target], one.kind) for one in world.links.values()}


# --- requests -----------------------------------------------------------------------------


def test_a_create_is_one_request(project, sandbox):
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
    assert sent(sandbox) == ["POST "]
    assert (item.kind, item.phase, item.priority) == (Kind.INCIDENT, Phase.DOING, Priority.P0)
    assert (item.due, item.author) == (date(2026, 4, 1), "project_77_bot")
    assert sandbox.state.executed == []
    assert project.fetch(item.ref) == item


def test_an_update_is_one_look_and_one_put_with_all_that_differs(project, sandbox, maria, home):
    maria.open("[P2] Slow", "Their\nwords", labels=["team: core", "type::bug"], assignees=["zoe"])
    item, theirs = project.fetch(Ref("1")), home.get(1).description
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
    sandbox.requests.clear()
    after = project.update(item.ref, patch, item.revision)
    assert sent(sandbox) == ["GET /1", "PUT /1"]
    for field, value in patch.values().items():
        assert after.get(field) == value, field
    assert after.labels == {"priority::P1", "type::tech-debt", "phase::doing", "team: core"}
    raw = home.get(1)
    assert raw.title == "[P1] Very slow"
    assert set(raw.assignees) == {"maria", "zoe"}
    assert raw.description.startswith(theirs)
    assert project.fetch(item.ref) == after


def test_labels_are_added_and_taken_off_so_that_those_set_meanwhile_stay(project, sandbox, maria):
    maria.open("Slow", labels=["phase::todo", "team: core"])
    project.update(Ref("1"), Patch(phase=Phase.DOING), None)
    assert sandbox.requests[-1].json() == {
        "add_labels": "phase::doing",
        "remove_labels": "phase::todo",
    }


def test_on_the_free_tier_the_old_label_of_a_scope_is_taken_off_all_the_same(
    project, sandbox, maria
):
    sandbox.state.set_habits(premium=False)
    maria.open("Slow", labels=["phase::todo"])
    assert project.update(Ref("1"), Patch(phase=Phase.DOING), None).labels == {"phase::doing"}


def test_on_the_free_tier_one_person_is_assigned_and_a_profile_may_say_so(open_project, sandbox):
    sandbox.state.set_habits(premium=False)
    both = open_project().create(draft(owners=("ann", "dev")))
    assert len(both.owners) == 1, "told as it was stored"
    one = open_project(options={"assignees": "1"})
    item = one.create(draft(owners=("ann", "dev")))
    assert item.owners == one.canonical(item).owners == ("ann",)


def test_people_are_looked_up_once(project, sandbox):
    project.create(draft(owners=("ann", "dev")))
    assert sent(sandbox) == ["GET /users", "GET /users", "POST "]
    after = project.update(Ref("1"), Patch(owners=("dev",)), None)
    assert sent(sandbox) == ["GET /1", "PUT /1"]
    assert after.owners == ("dev",)


def test_whom_gitlab_does_not_know_is_left_out_and_the_answer_shows_it(project, sandbox):
    del sandbox.state.users["devon"]
    assert project.create(draft(owners=("ann", "dev"))).owners == ("ann",)


def test_an_update_that_changes_nothing_sends_nothing(project, sandbox, maria):
    maria.open("Slow")
    item = project.fetch(Ref("1"))
    assert project.update(item.ref, Patch(title="Slow"), item.revision) == item
    assert sent(sandbox) == ["GET /1", "GET /1"]


def test_an_item_that_changed_since_is_not_written(project, sandbox, maria):
    maria.open("Slow")
    item = project.fetch(Ref("1"))
    maria.edit(1, title="Slower")
    with pytest.raises(PreconditionFailed) as caught:
        project.update(item.ref, Patch(phase=Phase.DOING), item.revision)
    assert caught.value.problem.code == "E118"
    assert "PUT /1" not in sent(sandbox)
    assert project.update(item.ref, Patch(phase=Phase.DOING), None).title == "Slower"


def test_our_own_note_does_not_spoil_the_next_update(project, maria):
    maria.open("Slow")
    item = project.fetch(Ref("1"))
    project.note(item.ref, "rule", "said")
    assert project.update(item.ref, Patch(priority=Priority.P1), item.revision)


# --- severity -----------------------------------------------------------------------------


def test_an_incidents_severity_is_one_request_more(project, sandbox, home):
    item = project.create(draft(kind=Kind.INCIDENT, severity=Severity.SEV1))
    assert sent(sandbox) == ["POST ", "POST /api/graphql"]
    assert (item.severity, home.get(1).severity) == (Severity.SEV1, "CRITICAL")
    assert item.labels == frozenset()
    after = project.update(item.ref, Patch(severity=Severity.SEV3), item.revision)
    assert sent(sandbox) == ["GET /1", "POST /api/graphql"]
    assert (after.severity, project.fetch(item.ref)) == (Severity.SEV3, after)
    assert project.update(item.ref, Patch(severity=None), None).severity is None
    assert home.get(1).severity == "UNKNOWN"


def test_a_severity_that_is_refused_is_told_by_its_field(server, reply, issue, project_of):
    said = {"issueSetSeverity": {"issue": None, "errors": ["Severity is not allowed"]}}
    server.will(reply(body=issue(issue_type="incident")), reply(body={"data": said}))
    with pytest.raises(Rejected) as caught:
        project_of(server).update(Ref("1"), Patch(severity=Severity.SEV1), None)
    assert (caught.value.field, caught.value.problem.code) == (Field.SEVERITY, "E120")


def test_a_new_incident_whose_severity_is_refused_is_told_as_it_is(
    server, reply, issue, project_of
):
    made = issue(issue_type="incident", description=MARKER)
    said = {"errors": [{"message": "Field 'issueSetSeverity' doesn't exist on type 'Mutation'"}]}
    server.will(reply(201, made), reply(body=said), reply(body=made))
    item = project_of(server).create(draft(kind=Kind.INCIDENT, severity=Severity.SEV1))
    assert (item.severity, [one.method for one in server.asked]) == (None, ["POST", "POST", "GET"])


@pytest.fixture
def project_of(connect, profile, reply, home_json):
    """A project of a scripted server, its number known."""

    def made(server):
        opened = connect(server.url).open("acme/payments", profile)
        later = list(server.replies)
        server.will(reply(body=home_json()))
        opened.home.look()
        server.will(*later)
        return opened

    return made


# --- phases -------------------------------------------------------------------------------


def test_an_issue_that_is_completed_already_is_closed_after_it_is_made(project, sandbox):
    item = project.create(draft(phase=Phase.COMPLETED, resolution=Resolution.NOT_PLANNED))
    assert (item.phase, item.resolution) == (Phase.COMPLETED, Resolution.NOT_PLANNED)
    assert sent(sandbox) == ["POST ", "PUT /1"]


def test_closing_a_new_issue_is_insisted_upon_as_it_may_be_said_twice(project, sandbox, home):
    sandbox.faults.add("lose-reply", "PUT .", times=2)
    assert project.create(draft(phase=Phase.COMPLETED)).phase is Phase.COMPLETED
    assert len(home.issues) == 1


def test_a_new_issue_of_which_nobody_knows_whether_it_was_closed_is_in_doubt(
    project, sandbox, home
):
    sandbox.faults.add("lose-reply", "PUT .")
    with pytest.raises(UnknownOutcome):
        project.create(draft(phase=Phase.COMPLETED))
    assert len(home.issues) == 1


def test_a_new_issue_that_cannot_be_closed_is_told_as_it_is(project, sandbox):
    sandbox.faults.add("status", "PUT .", status=403, message="403 Forbidden")
    assert project.create(draft(phase=Phase.COMPLETED)).phase is Phase.BACKLOG


def test_reopening_says_where_it_goes_on(project, maria):
    maria.open("Slow", labels=["resolution::duplicate"])
    maria.close(1)
    item = project.fetch(Ref("1"))
    assert item.resolution is Resolution.DUPLICATE
    after = project.update(item.ref, Patch(phase=Phase.TODO, resolution=None), item.revision)
    assert (after.phase, after.resolution, after.closed_at) == (Phase.TODO, None, None)
    assert after.labels == {"phase::todo"}


def test_a_status_is_set_by_its_id_and_may_close(open_project, sandbox):
    project = open_project(phase=STATUSES, resolution={"values": {"duplicate": "Duplicate"}})
    item = project.create(draft(phase=Phase.DOING))
    assert item.phase is Phase.DOING
    sandbox.requests.clear()
    closing = Patch(phase=Phase.COMPLETED, resolution=Resolution.DUPLICATE)
    after = project.update(item.ref, closing, item.revision)
    assert (after.phase, after.resolution) == (Phase.COMPLETED, Resolution.DUPLICATE)
    assert after.closed_at is not None
    assert "PUT /1" not in sent(sandbox)
    again = project.update(item.ref, Patch(phase=Phase.TODO, resolution=None), after.revision)
    assert (again.phase, again.resolution) == (Phase.TODO, None)


def test_a_status_that_is_not_there_names_what_to_do(open_project, maria):
    project = open_project(phase=STATUSES | {"statuses": {"doing": ["Working"]}})
    maria.open("Slow")
    with pytest.raises(Rejected) as caught:
        project.update(Ref("1"), Patch(phase=Phase.DOING), None)
    assert (caught.value.problem.code, caught.value.field) == ("E122", Field.PHASE)
    assert "Working" in caught.value.problem.message
    assert caught.value.problem.remedy


# --- scopes -------------------------------------------------------------------------------


def test_a_label_of_the_team_is_never_pushed_off(project, sandbox, maria):
    maria.open("Slow", labels=["priority::high"])
    with pytest.raises(Rejected) as caught:
        project.update(Ref("1"), Patch(priority=Priority.P0), None)
    assert (caught.value.problem.code, caught.value.field) == ("E126", Field.PRIORITY)
    assert sent(sandbox) == ["GET /1"]
    after = project.update(Ref("1"), Patch(phase=Phase.DOING), None)
    assert after.labels == {"phase::doing", "priority::high"}
    found = {check.name: check for check in project.check()}
    assert "priority::high" in found["label scopes"].detail


# --- parents ------------------------------------------------------------------------------


def test_a_parent_is_a_link_for_people_and_a_number_for_us(project, sandbox, maria, home):
    for name in ("one", "two", "child"):
        maria.open(name, "Theirs")
    child = Ref("3")
    item = project.update(child, Patch(parent=Ref("1")), None)
    assert sent(sandbox) == ["GET /3", "POST /3/links", "PUT /3"]
    assert (item.parent, item.text) == (Ref("1"), "Theirs")
    assert links_of(sandbox) == {(3, 1, "relates_to")}
    item = project.update(child, Patch(parent=Ref("2")), item.revision)
    assert (item.parent, links_of(sandbox)) == (Ref("2"), {(3, 2, "relates_to")})
    item = project.update(child, Patch(parent=None), item.revision)
    assert (item.parent, links_of(sandbox)) == (None, set())
    assert home.get(3).description == "Theirs"
    sandbox.requests.clear()
    project.update(child, Patch(parent=None), None)
    assert sent(sandbox) == ["GET /3"]


def test_a_new_action_is_linked_with_its_incident(project, sandbox, maria):
    maria.open("Incident", kind="incident")
    item = project.create(draft(kind=Kind.ACTION, parent=Ref("1")))
    assert sent(sandbox) == ["GET /1", "POST ", "POST /2/links"]
    assert (item.parent, item.marker) == (Ref("1"), MARKER)
    assert links_of(sandbox) == {(2, 1, "relates_to")}


def test_a_parent_that_cannot_be_seen_is_refused_before_anything_is_made(project, home, maria):
    with pytest.raises(Rejected) as caught:
        project.create(draft(parent=Ref("9")))
    assert caught.value.field is Field.PARENT
    assert home.issues == {}
    maria.open("child")
    with pytest.raises(Rejected) as caught:
        project.update(Ref("1"), Patch(parent=Ref("9")), None)
    assert (caught.value.field, caught.value.problem.code) == (Field.PARENT, "E210")
    assert home.get(1).description is None


def test_a_link_that_is_there_already_is_as_good(open_project, sandbox, maria):
    maria.open("Incident")
    maria.open("child")
    blocking = open_project(options={"link": "is_blocked_by"})
    blocking.update(Ref("2"), Patch(parent=Ref("1")), None)
    assert links_of(sandbox) == {(1, 2, "blocks")}
    maria.edit(2, body="")
    assert open_project().update(Ref("2"), Patch(parent=Ref("1")), None).parent == Ref("1")
    assert links_of(sandbox) == {(1, 2, "blocks")}


def test_a_blocking_link_on_the_free_tier_is_refused_by_its_field(open_project, sandbox, maria):
    sandbox.state.set_habits(premium=False)
    maria.open("Incident")
    maria.open("child")
    project = open_project(options={"link": "blocks"})
    with pytest.raises(Rejected) as caught:
        project.update(Ref("2"), Patch(parent=Ref("1")), None)
    assert caught.value.field is Field.PARENT
    assert "license" in caught.value.problem.message


def test_a_link_of_no_kind_is_a_mistake_in_the_profile(open_project, maria):
    maria.open("Incident")
    maria.open("child")
    with pytest.raises(Rejected) as caught:
        open_project(options={"link": "parent"}).update(Ref("2"), Patch(parent=Ref("1")), None)
    assert caught.value.problem.code == "E201"


# --- refused ------------------------------------------------------------------------------


@pytest.mark.parametrize("title", ["x" * 256, "[P0]"])
def test_what_gitlab_would_refuse_is_refused_here(project, sandbox, title):
    with pytest.raises(Rejected) as caught:
        project.create(draft(title=title))
    assert (caught.value.problem.code, caught.value.field) == ("E120", Field.TITLE)
    assert sent(sandbox) == []


def test_a_section_that_does_not_fit_beside_what_people_wrote_is_refused(project, sandbox, maria):
    maria.open("Slow", "x" * 600_000)
    with pytest.raises(Rejected) as caught:
        project.update(Ref("1"), Patch(body="line\n" * 120_000), None)
    assert caught.value.field is Field.BODY
    assert sent(sandbox) == ["GET /1"]


def test_an_archived_project_is_read_and_not_written(project, maria):
    maria.open("Slow")
    maria.archive()
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


@pytest.mark.parametrize("access", [Access.NONE, Access.READ])
def test_a_role_that_is_too_small_is_named(sandbox, maria, connect, profile, monkeypatch, access):
    low = "glpat-low0low0low0low0low0"
    sandbox.state.add_token(Token(low, "zoe", everywhere=access))
    sandbox.state.project("acme/payments").visibility = "public"
    monkeypatch.setenv("FT_LOW_TOKEN", low)
    project = connect(sandbox.url, token={"env": "FT_LOW_TOKEN"}).open("acme/payments", profile)
    maria.open("Slow")
    with pytest.raises(Rejected) as caught:
        project.update(Ref("1"), Patch(phase=Phase.DOING), None)
    assert caught.value.problem.code == "E203"
    assert "Reporter" in caught.value.problem.remedy
    assert not {check.name: check for check in project.check()}["may write issues"].ok


# --- gone, moved, unseen ------------------------------------------------------------------


def test_deleted_unseen_and_moved_are_told_apart_as_far_as_gitlab_does(
    project, sandbox, maria, monkeypatch, connect, profile
):
    sandbox.state.add_project("acme/other")
    for name in ("kept", "deleted", "moved", "confidential"):
        maria.open(name)
    maria.delete(2)
    maria.transfer(3, "acme/other")
    maria.hide(4)
    assert project.fetch(Ref("1")).title == "kept"
    with pytest.raises(Missing):
        project.fetch(Ref("2"))
    with pytest.raises(Moved) as caught:
        project.fetch(Ref("3"))
    assert caught.value.to.key == "acme/other#1"
    assert project.fetch(Ref("4")).title == "confidential"
    with pytest.raises(Moved):
        project.fetch(Ref("1", birth="1"))
    guest = "glpat-guest0guest0guest0g"
    sandbox.state.add_token(Token(guest, "zoe", everywhere=Access.READ))
    monkeypatch.setenv("FT_GUEST", guest)
    narrow = connect(sandbox.url, token={"env": "FT_GUEST"}).open("acme/payments", profile)
    with pytest.raises(Missing) as unseen:
        narrow.fetch(Ref("4"))
    assert "confidential" in unseen.value.problem.message
    assert [item.title for page in narrow.changed(None) for item in page.items] == ["kept"]
    assert not {check.name: check for check in narrow.check()}["sees confidential issues"].ok


# --- lost answers -------------------------------------------------------------------------


def test_a_lost_create_is_sent_once_and_found_by_its_marker(project, sandbox, home, clock):
    list(project.changed(None))
    hint, since = project.hint(), clock.now()
    sandbox.faults.add("lose-reply", "POST /issues$")
    with pytest.raises(UnknownOutcome):
        project.create(draft())
    assert len(home.issues) == 1
    found = project.find(MARKER, since, hint)
    assert [item.ref.id for item in found.items] == ["1"]


@pytest.mark.parametrize("effect", ["reset", "error", "truncate"])
def test_whatever_spoils_the_answer_to_a_write_is_no_reason_to_repeat_it(
    project, sandbox, home, effect
):
    sandbox.faults.add(effect, "POST /issues$", after=True)
    with pytest.raises(UnknownOutcome):
        project.create(draft())
    assert len(home.issues) == 1


def test_an_update_whose_answer_is_lost_is_sent_once(project, sandbox, maria, home):
    maria.open("one")
    sandbox.faults.add("lose-reply", "PUT .")
    with pytest.raises(UnknownOutcome):
        project.update(Ref("1"), Patch(title="two"), None)
    assert sent(sandbox) == ["GET /1", "PUT /1"]
    assert home.get(1).title == "two"


def test_a_create_that_never_left_is_no_doubt(clock, connect):
    gone = Scripted(clock)
    gone.close()
    with pytest.raises(Transient):
        connect(gone.url).client.write("POST", "/projects/77/issues", {}, {201})


def test_a_lost_issue_is_found_by_number_while_lists_lag(project, sandbox, maria, clock):
    maria.open("old")
    list(project.changed(None))
    hint, since = project.hint(), clock.now()
    sandbox.state.set_habits(lag=600)
    for name in ("another", "deleted"):
        maria.open(name)
    maria.delete(3)
    project.create(draft())
    found = project.find(MARKER, since, hint)
    assert [item.ref.id for item in found.items] == ["4"]


def test_a_lost_issue_that_was_moved_since_is_neither_closed_nor_absent(
    project, sandbox, maria, clock
):
    sandbox.state.add_project("acme/other")
    list(project.changed(None))
    hint, since = project.hint(), clock.now()
    project.create(draft())
    maria.transfer(1, "acme/other")
    with pytest.raises(Moved) as caught:
        project.find(MARKER, since, hint)
    assert caught.value.to.key == "acme/other#1"


def test_absence_is_proved_only_when_no_request_can_be_under_way(project, maria, clock):
    maria.open("old")
    list(project.changed(None))
    since, hint = clock.now(), project.hint()
    assert not project.find(MARKER, since, hint).conclusive
    clock.sleep(3)
    found = project.find(MARKER, since, hint)
    assert (found.items, found.conclusive) == ((), True)
    assert found.again == timedelta(seconds=0.5)
    assert not project.find(MARKER, since, "").conclusive


def test_ten_gaps_in_a_row_and_not_fewer_end_the_numbers(project, sandbox, maria, clock):
    """Deleted issues leave gaps just as numbers that were never given out."""
    maria.open("old")
    list(project.changed(None))
    since, hint = clock.now(), project.hint()
    sandbox.state.set_habits(lag=600)
    for iid in range(2, 11):
        maria.open("deleted")
        maria.delete(iid)
    project.create(draft())
    assert [item.ref.id for item in project.find(MARKER, since, hint).items] == ["11"]


def test_what_people_do_between_two_requests_of_a_create_shows_as_their_change(
    server, reply, issue, project_of
):
    made = issue(description=MARKER, title="Down")
    theirs = made | {"state": "closed", "title": "Renamed meanwhile"}
    server.will(reply(201, made), reply(body=theirs))
    item = project_of(server).create(draft(title="Down", phase=Phase.COMPLETED))
    assert (item.title, item.phase) == ("Down", Phase.COMPLETED)


# --- notes and labels ---------------------------------------------------------------------


def test_a_note_is_written_once_and_edited_in_place(project, sandbox, maria, home):
    maria.open("one")
    text = "It is due.\n/close\nask @maria"
    project.note(Ref("1"), "rule", text)
    project.note(Ref("1"), "rule", text)
    project.note(Ref("1"), "rule", "It is overdue.")
    (note,) = (one for one in home.notes_of(1) if not one.system)
    writes = [one for one in sent(sandbox) if not one.startswith("GET")]
    assert writes == ["POST /1/notes", f"PUT /1/notes/{note.id}"]
    assert sandbox.state.executed == []
    assert note.body.startswith("It is overdue.")


def test_a_note_is_found_beyond_the_first_hundred_comments(project, maria, home):
    maria.open("one")
    for _ in range(120):
        maria.comment(1, "chat")
    project.note(Ref("1"), "rule", "First")
    project.note(Ref("1"), "rule", "Second")
    ours = [one.body for one in home.notes_of(1) if one.author == "project_77_bot"]
    assert [body.split("\n")[0] for body in ours] == ["Second"]


def test_labels_are_asked_for_once_in_a_cycle_and_made_in_the_profiles_colour(project, sandbox):
    changes = [Patch(phase=Phase.DOING), Patch(priority=Priority.P0)]
    assert project.lacks(changes) == ("phase::doing", "priority::P0")
    project.prepare("phase::doing")
    project.prepare("phase::doing")
    assert sandbox.requests[-1].json() == {"name": "phase::doing", "color": "#0E8A16"}
    assert project.lacks(changes) == ("priority::P0",)
    assert sum(one.startswith("GET") for one in sent(sandbox)) == 1
    assert project.lacks([Patch(title="x")]) == ()


def test_a_label_in_another_spelling_is_another_label_at_gitlab(project, maria):
    maria.add_label("Phase::Doing")
    assert project.lacks([Patch(phase=Phase.DOING)]) == ("phase::doing",)


def test_a_rules_label_is_one_look_and_one_put_and_pushes_nothing_off(project, sandbox, maria):
    maria.open("one", labels=["Rule-A", "flag::red"])
    sandbox.requests.clear()
    assert project.tag(Ref("1"), "late", on=True).labels == {"Rule-A", "flag::red", "late"}
    assert sent(sandbox) == ["GET /1", "PUT /1"]
    assert project.tag(Ref("1"), "rule-a", on=False).labels == {"flag::red", "late"}
    sandbox.requests.clear()
    project.tag(Ref("1"), "rule-a", on=False)
    assert sent(sandbox) == ["GET /1"]
    with pytest.raises(Rejected) as caught:
        project.tag(Ref("1"), "flag::green", on=True)
    assert caught.value.problem.code == "E126"


def test_comments_are_told_without_what_gitlab_itself_notes(project, maria):
    maria.open("one")
    maria.comment(1, "Said by maria")
    maria.edit(1, title="two")
    project.note(Ref("1"), "rule", "Said by us")
    told = [(one.by, one.text.split("\n")[0]) for one in project.comments(Ref("1"))]
    assert told == [("maria", "Said by maria"), ("project_77_bot", "Said by us")]
    assert all(one.at is not None for one in project.comments(Ref("1")))
