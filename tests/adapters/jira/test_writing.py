"""Writing to Jira: what is sent, what is refused and how that is said."""

import json
from datetime import date

import pytest

from adapters.errors import AuthFailed, Moved, RateLimited, Rejected, Transient, UnknownOutcome
from adapters.sandbox.jira.workflows import Transition, Workflow
from mappings.item import UNSET, Draft, Patch, Ref
from mappings.vocabulary import Category, Field, Kind, Phase, Priority, Resolution, Severity


def create(project, marker="", **fields):
    return project.create(Draft(**({"title": "Checkout is down", "marker": marker} | fields)))


def test_a_creation_is_one_request_and_one_look(project, asked, marker):
    project.describe()
    asked()
    item = create(project, marker, priority=Priority.P0, severity=Severity.SEV1, body="*What*")
    assert [line.split(" ")[0] for line in asked()] == ["POST", "GET"]
    assert (item.priority, item.severity, item.marker) == (Priority.P0, Severity.SEV1, marker)
    assert "followthrough" in item.labels


def test_an_edit_is_two_requests_on_cloud_and_three_on_data_center(project, asked, flavour):
    item = create(project)
    asked()
    patch = Patch(title="Checkout was down", due=date(2026, 4, 1), priority=Priority.P1)
    after = project.update(item.ref, patch, item.revision)
    assert (after.title, after.due) == ("Checkout was down", date(2026, 4, 1))
    verbs = [line.split(" ")[0] for line in asked()]
    assert verbs == (["GET", "PUT"] if flavour == "cloud" else ["GET", "PUT", "GET"])


def test_labels_of_people_are_added_to_and_never_replaced(project, sandbox, maria):
    issue = maria.open("By hand", labels=["theirs", "SEV3"])
    item = project.update(Ref(str(issue.id)), Patch(severity=Severity.SEV1), None)
    assert item.labels == {"theirs", "SEV1"}
    put = next(one for one in sandbox.requests.writes() if one.method == "PUT")
    assert put.json()["update"]["labels"] == [{"remove": "SEV3"}, {"add": "SEV1"}]


def test_a_category_is_a_type_and_technical_debt_a_label(project):
    item = create(project, category=Category.BUG)
    debt = project.update(item.ref, Patch(category=Category.TECH_DEBT), None)
    assert (debt.category, "tech-debt" in debt.labels) == (Category.TECH_DEBT, True)
    assert not debt.notices
    bug = project.update(item.ref, Patch(category=Category.BUG), None)
    assert (bug.category, "tech-debt" in bug.labels) == (Category.BUG, False)


def test_a_phase_is_reached_over_every_status_in_between(project, sandbox):
    item = create(project, phase=Phase.BLOCKED)
    assert item.phase is Phase.BLOCKED
    taken = [
        one.json()["transition"]["id"]
        for one in sandbox.requests.writes()
        if one.path.endswith("/transitions")
    ]
    assert taken == ["11", "31", "51"]


def test_a_known_workflow_is_not_asked_for_again(project, asked):
    create(project, phase=Phase.DOING)
    asked()
    create(project, phase=Phase.DOING)
    verbs = [line for line in asked() if line.startswith("GET") and "transitions" in line]
    assert verbs == []


def test_an_issue_is_closed_with_its_resolution_and_may_get_another(project):
    item = create(project, phase=Phase.COMPLETED, resolution=Resolution.DUPLICATE)
    assert (item.phase, item.resolution) == (Phase.COMPLETED, Resolution.DUPLICATE)
    patch = Patch(phase=Phase.COMPLETED, resolution=Resolution.NOT_PLANNED)
    assert project.update(item.ref, patch, item.revision).resolution is Resolution.NOT_PLANNED


def test_a_transition_that_changed_meanwhile_is_looked_up_again(project, sandbox, maria):
    create(project, phase=Phase.TODO)
    home = sandbox.state.project("PAY")
    changed = Workflow(
        "changed",
        home.workflow.statuses,
        (Transition(id="99", name="Choose", to="Selected for Development", sources=("Backlog",)),),
    )
    sandbox.state.set_workflow(home, changed)
    assert create(project, phase=Phase.TODO).phase is Phase.TODO


def test_a_validator_that_no_screen_tells_of_gets_the_resolution(project, sandbox):
    home = sandbox.state.project("PAY")
    step = Transition(
        id="7", name="End", to="Done", sources=("Backlog",), screen=("resolution",),
        demanded=("resolution",),
    )  # fmt: skip
    sandbox.state.set_workflow(home, Workflow("w", home.workflow.statuses, (step,)))
    assert create(project, phase=Phase.COMPLETED).resolution is Resolution.DONE


def test_without_the_permission_to_transition_the_remedy_names_it(project, sandbox, maria):
    issue = maria.open("By hand", kind="Task")
    sandbox.state.project("PAY").denied.add("TRANSITION_ISSUES")
    with pytest.raises(Rejected) as caught:
        project.update(Ref(str(issue.id)), Patch(phase=Phase.DOING), None)
    assert caught.value.problem.code == "E122"
    assert caught.value.field is Field.PHASE
    assert 'doing is not reachable from "Backlog"; available: none' in str(caught.value)
    assert "Transition issues" in caught.value.problem.remedy
    assert sandbox.state.issues.get(str(issue.id)).version == 1


def test_a_field_that_a_transition_demands_is_settled_or_named(connection, sandbox, load):
    home = sandbox.state.project("PAY")
    added = sandbox.state.add_field(home, "Environment", "option", ("Production", "Test"))
    step = Transition(
        id="7", name="Go", to="In Progress", sources=("Backlog",), screen=(added.id,),
        required=(added.id,),
    )  # fmt: skip
    sandbox.state.set_workflow(home, Workflow("w", home.workflow.statuses, (step,)))
    plain = connection.open("PAY", load())
    item = create(plain)
    with pytest.raises(Rejected, match="Missing field: Environment") as caught:
        plain.update(item.ref, Patch(phase=Phase.DOING), None)
    assert '"field:Environment" = "…"' in caught.value.problem.remedy
    settled = connection.open("PAY", load(options={"field:Environment": "Production"}))
    assert settled.update(item.ref, Patch(phase=Phase.DOING), None).phase is Phase.DOING
    wrong = connection.open("PAY", load(options={"field:Environment": "Moon"}))
    with pytest.raises(Rejected, match="Production, Test"):
        create(wrong)


def test_a_required_field_with_no_value_is_named_with_its_remedy(connection, sandbox, load):
    home = sandbox.state.project("PAY")
    added = sandbox.state.add_field(home, "Team", "string", required=("*",))
    with pytest.raises(Rejected) as caught:
        create(connection.open("PAY", load()))
    assert "Team is required" in str(caught.value)
    assert f'"field:{added.id}" = "…"' in caught.value.problem.remedy
    item = create(connection.open("PAY", load(options={"field:Team": "Payments"})))
    assert item.title == "Checkout is down"


def test_a_priority_the_scheme_lacks_is_refused_by_name(connection, load):
    words = {"authority": "field", "field": "priority", "values": {"P0": "Blocker"}}
    with pytest.raises(Rejected) as caught:
        create(connection.open("PAY", load(priority=words)), priority=Priority.P0)
    assert caught.value.field is Field.PRIORITY
    assert "[priority.values]" in caught.value.problem.remedy


def test_a_label_with_a_blank_is_refused_before_it_is_sent(connection, load, asked):
    project = connection.open("PAY", load(severity={"labels": {"SEV1": "sev one"}}))
    project.describe()
    asked()
    with pytest.raises(Rejected, match='"sev one" cannot be a label'):
        create(project, severity=Severity.SEV1)
    assert asked() == []


@pytest.mark.parametrize(("title", "stored"), [("one\ntwo", "one two"), ("a\r\n\tb", "a b")])
def test_a_summary_with_a_newline_becomes_one_line(project, title, stored):
    assert create(project, title=title).title == stored


def test_a_summary_over_255_and_a_description_over_32767_are_refused(project, maria, asked):
    issue = maria.open("By hand", "word " * 6500)
    ref = Ref(str(issue.id))
    with pytest.raises(Rejected, match="summary is 256 characters; Jira takes 255") as caught:
        project.update(ref, Patch(title="x" * 256), None)
    assert caught.value.field is Field.TITLE
    with pytest.raises(Rejected, match="Jira takes 32767") as caught:
        project.update(ref, Patch(body="line\n\n" * 500), None)
    assert caught.value.field is Field.BODY
    assert not [line for line in asked() if line.startswith("PUT")]


def test_an_archived_issue_is_seen_and_not_written(project, sandbox, maria):
    issue = maria.open("By hand")
    maria.archive(issue.id)
    ref = Ref(str(issue.id))
    assert project.fetch(ref).title == "By hand"
    with pytest.raises(Rejected) as caught:
        project.update(ref, Patch(title="Changed"), None)
    assert caught.value.problem.code == "E127"


def test_a_moved_issue_is_said_to_have_moved_and_where_to(project, maria):
    issue = maria.open("By hand")
    maria.move(issue.id, "OTH")
    with pytest.raises(Moved, match="moved to OTH-1") as caught:
        project.update(Ref(str(issue.id), "PAY-1"), Patch(title="Changed"), None)
    assert caught.value.to.key == "OTH-1"


def test_a_login_page_with_status_200_is_a_refused_credential(project, sandbox, maria):
    issue = maria.open("By hand")
    page = "<html><head><title>Log in - Jira</title></head></html>"
    sandbox.faults.add("error", "* /issue", status=200, body=page)
    with pytest.raises(AuthFailed, match="login page") as caught:
        project.fetch(Ref(str(issue.id)))
    assert caught.value.problem.code == "E204"
    with pytest.raises(AuthFailed):
        create(project)
    sandbox.faults.clear()


def test_an_unreadable_answer_to_a_creation_is_an_unknown_outcome(project, sandbox):
    project.describe()
    sandbox.faults.add("error", "POST /issue$", status=200, body="<html>proxy</html>")
    with pytest.raises(UnknownOutcome):
        create(project)


def test_a_captcha_is_named_with_what_a_person_must_do(project, sandbox, maria):
    issue = maria.open("By hand")
    sandbox.state.captcha.add("followthrough-bot")
    with pytest.raises(AuthFailed, match="CAPTCHA") as caught:
        project.fetch(Ref(str(issue.id)))
    assert "browser" in caught.value.problem.remedy


def test_a_credential_served_as_nobody_is_refused_and_nothing_is_called_absent(project, sandbox):
    create(project)
    sandbox.state.set_habits(strangers="empty")
    sandbox.state.revoke(sandbox.token)
    with pytest.raises(AuthFailed):
        list(project.changed(None))


def test_the_limit_of_one_issue_stops_only_that_issue(connection, sandbox, load, maria):
    project = connection.open("PAY", load())
    first, second = maria.open("One"), maria.open("Two")
    header = {"Retry-After": "300", "RateLimit-Reason": "jira-per-issue-on-write"}
    path = f"PUT /issue/{first.id}$"
    sandbox.faults.add("status", path, status=429, headers=header)
    with pytest.raises(RateLimited, match="per-issue"):
        project.update(Ref(str(first.id)), Patch(title="Changed"), None)
    assert project.update(Ref(str(second.id)), Patch(title="Changed"), None).title == "Changed"


def test_a_description_with_what_wiki_markup_lacks_is_not_rewritten(cloud, connect, load, flavour):
    if flavour != "cloud":
        pytest.skip("Data Center keeps wiki markup itself")
    project = connect(cloud.url, "cloud").open("PAY", load())
    issue = cloud.person("maria").open("By hand", "Some text")
    panel = {
        "type": "doc",
        "version": 1,
        "content": [
            {"type": "panel", "attrs": {"panelType": "info"}, "content": []},
            {"type": "paragraph", "content": [{"type": "text", "text": "Some text"}]},
        ],
    }
    project._client.write(
        "PUT", f"/api/3/issue/{issue.id}", {"fields": {"description": panel}}, {204}
    )
    ref = Ref(str(issue.id))
    with pytest.raises(Rejected, match="1 panel") as caught:
        project.update(ref, Patch(body="Our text"), None)
    assert caught.value.problem.code == "E123"
    assert project.update(ref, Patch(title="Still written"), None).title == "Still written"


def test_a_stranger_stays_and_one_of_two_owners_is_assigned(connection, sandbox, load, maria):
    login = sandbox.state.user("maria")
    who = login.account_id if sandbox.state.flavour == "cloud" else login.login
    project = connection.open("PAY", load(people={"ann": who}))
    item = create(project, owners=("ann",))
    assert item.owners == ("ann",)
    maria.assign(item.ref.id, "zoe")
    after = project.update(item.ref, Patch(owners=("ann",)), None)
    assert after.owners is UNSET
    assert [one.code for one in after.notices] == ["E121"]
    assert sandbox.state.issues.get(item.ref.id).assignee == "zoe"


def test_an_action_is_linked_with_its_incident_and_an_epic_is_its_parent(project, maria, flavour):
    incident, other = maria.open("Incident", kind="Task"), maria.open("Other", kind="Task")
    item = create(project, parent=Ref(str(incident.id)), kind=Kind.ACTION)
    assert item.parent == Ref(str(incident.id))
    maria.link(item.ref.id, other.id)
    assert project.fetch(item.ref).parent == Ref(str(incident.id))
    moved = project.update(item.ref, Patch(parent=Ref(str(other.id))), None)
    assert moved.parent == Ref(str(other.id))
    assert project.update(item.ref, Patch(parent=None), None).parent is None
    if flavour == "cloud":
        epic = maria.open("Programme", kind="Epic")
        under = project.update(item.ref, Patch(parent=Ref(str(epic.id))), None)
        assert under.parent == Ref(str(epic.id))
        assert project.update(item.ref, Patch(parent=None), None).parent is None


def test_a_document_with_an_address_is_linked_back_to_by_the_creation_itself(
    project, sandbox, asked
):
    project.describe()
    asked()
    origin = Ref("PAY-T-0001", "PAY-T-0001", "https://docs.example/a|b c/PAY-T-0001")
    item = create(project, origin=origin, body="What *happened*")
    assert [line.split(" ")[0] for line in asked()] == ["POST", "GET"]
    wiki = sandbox.state.issues.get(item.ref.id).description.wiki
    assert "_Follows {{PAY-T-0001}} ([https://docs.example/a%7Cb%20c/PAY-T-0001])._" in wiki
    assert item.body == "What *happened*"
    assert project.update(item.ref, Patch(body="More"), None).body == "More"


def test_a_status_nobody_named_is_taken_by_its_category_and_said(connection, load, maria):
    issue = maria.open("By hand", kind="Task")
    maria.walk(issue.id, "In Review")
    words = {"open": "backlog", "statuses": {"doing": ["In Progress"], "completed": ["Done"]}}
    item = connection.open("PAY", load(phase=words)).fetch(Ref(str(issue.id)))
    assert item.phase is Phase.DOING
    assert [one.code for one in item.notices] == ["E129"]


def test_a_fault_in_between_is_tried_again_for_reads_only(project, sandbox, maria):
    issue = maria.open("By hand")
    sandbox.faults.add("error", "GET /issue/", times=2)
    assert project.fetch(Ref(str(issue.id))).title == "By hand"
    sandbox.faults.add("error", "GET /issue/")
    with pytest.raises(Transient):
        project.fetch(Ref(str(issue.id)))


def test_no_priority_is_none_and_where_the_scheme_wants_one_its_default(project, sandbox):
    assert create(project, priority=None).priority is None
    reason = {"errorMessages": [], "errors": {"priority": "Priority is required."}}
    sandbox.faults.add(
        "error", "POST /issue$", status=400, times=1, body=json.dumps(reason),
        headers={"Content-Type": "application/json"},
    )  # fmt: skip
    assert create(project, priority=None).priority is Priority.P2


def test_closing_reads_the_issue_back_once(project, asked):
    item = create(project, phase=Phase.DOING)
    project.update(item.ref, Patch(phase=Phase.BLOCKED), None)
    other = create(project, phase=Phase.COMPLETED, resolution=Resolution.DONE)
    assert other.resolution is Resolution.DONE
    asked()
    closed = project.update(
        item.ref, Patch(phase=Phase.COMPLETED, resolution=Resolution.DONE), None
    )
    assert (closed.phase, closed.resolution) == (Phase.COMPLETED, Resolution.DONE)
    looks = [line for line in asked() if line.startswith("GET") and "transitions" not in line]
    assert len(looks) == 2
