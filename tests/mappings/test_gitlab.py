import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings import gitlab, gitlab_words
from mappings.item import UNSET, Draft, Item, Patch, Ref
from mappings.markers import Marker, write_marker
from mappings.profile import Profile
from mappings.text import canonical as same_text
from mappings.text import write_section
from mappings.vocabulary import Category, Field, Kind, Phase, Priority, Resolution, Severity

PROFILES = Path(__file__).parents[2] / "mappings" / "profiles"
NAMES = ("gitlab-incidents", "gitlab-issues")
MARKER = write_marker(Marker("0" * 32, "1" * 8, "PAY-T-0001"), b"k" * 32)
ORIGIN = Ref("PAY-T-0001", "PAY-T-0001", ".metis/backlog/PAY-T-0001.md")
STATUSES = {
    "statuses": {"todo": ["To do"], "doing": ["In progress", "Review"], "completed": ["Done"]}
}
NUMBERS = {"maria": 11, "devon": 12}


def words(name="gitlab-incidents", **changes):
    read = tomllib.loads((PROFILES / f"{name}.toml").read_text("utf-8"))
    return Profile.model_validate(read | {"people": {"ann": "Maria", "dev": "devon"}} | changes)


PROFILE = words()
PLAIN = words("gitlab-issues")
BY_STATUS = words(
    phase=STATUSES, resolution={"values": {"not_planned": "Won't do", "duplicate": "Duplicate"}}
)


def issue(iid=1, **changes):
    people = changes.pop("assignees", ())
    numbers = NUMBERS | {"stranger": 99}
    return {
        "id": 9000 + iid,
        "iid": iid,
        "project_id": 77,
        "title": "Checkout is down",
        "description": None,
        "state": "opened",
        "labels": [],
        "assignees": [{"id": numbers[one.lower()], "username": one} for one in people],
        "author": {"id": 5, "username": "octo-bot"},
        "issue_type": "issue",
        "severity": "UNKNOWN",
        "due_date": None,
        "confidential": False,
        "moved_to_id": None,
        "web_url": f"https://gitlab.com/acme/payments/-/issues/{iid}",
        "created_at": "2026-03-01T10:00:00.000Z",
        "updated_at": "2026-03-01T11:00:00.123Z",
        "closed_at": None,
    } | changes


def read(profile=PROFILE, **changes):
    return gitlab.IssueReader(profile, "acme/payments")(issue(**changes))


def codes(item):
    return [notice.code for notice in item.notices]


def stored(payload, **more):
    """What GitLab keeps of a create call."""
    kept = {name: payload[name] for name in ("title", "description")}
    labels = [one for one in payload.get("labels", "").split(",") if one]
    kept |= {"labels": labels, "due_date": payload.get("due_date")}
    return issue(**kept, issue_type=payload.get("issue_type", "issue"), **more)


def change(before, profile=PROFILE, **fields):
    return gitlab.changed_issue(before, Patch(**fields), profile, NUMBERS)


# --- reading ------------------------------------------------------------------------------


def test_an_issue_is_read_with_everything_that_says_who_and_when():
    item = read(iid=7, title="[P1] Slow", labels=["type::bug"], due_date="2026-04-01")
    assert item.ref == Ref("7")
    assert (item.ref.key, item.ref.birth) == ("acme/payments#7", "9007")
    assert item.ref.url.endswith("/-/issues/7")
    assert (item.title, item.priority, item.category) == ("Slow", Priority.P1, Category.BUG)
    assert (item.due, item.author, item.owners) == (date(2026, 4, 1), "octo-bot", ())
    assert item.updated_at == datetime(2026, 3, 1, 11, 0, 0, 123000, tzinfo=UTC)
    assert (item.notices, item.parent) == ((), None)


@pytest.mark.parametrize(
    ("labels", "phase"),
    [
        ((), Phase.BACKLOG),
        (("phase::todo",), Phase.TODO),
        (("Phase::Doing",), Phase.DOING),
        (("phase::active",), Phase.DOING),
        (("workflow::review",), Phase.BACKLOG),
    ],
)
def test_an_open_issue_is_in_the_phase_its_label_says(labels, phase):
    item = read(labels=list(labels))
    assert (item.phase, item.resolution) == (phase, None)


def test_where_scopes_are_ordinary_labels_two_phases_are_understood_and_told():
    item = read(labels=["phase::todo", "phase::doing"])
    assert (item.phase, codes(item)) == (Phase.DOING, ["E130"])


@pytest.mark.parametrize(
    ("labels", "resolution"),
    [
        ((), Resolution.DONE),
        (("resolution::not-planned", "phase::doing"), Resolution.NOT_PLANNED),
        (("resolution::duplicate",), Resolution.DUPLICATE),
    ],
)
def test_a_closed_issue_is_completed_and_a_label_says_why(labels, resolution):
    item = read(state="closed", labels=list(labels))
    assert (item.phase, item.resolution) == (Phase.COMPLETED, resolution)


def test_an_issue_closed_as_a_duplicate_says_so_itself_and_a_label_outweighs_it():
    links = {"_links": {"closed_as_duplicate_of": "https://gitlab.com/api/v4/projects/77/issues/2"}}
    assert read(state="closed", **links).resolution is Resolution.DUPLICATE
    assert read(**links).resolution is None
    labelled = read(state="closed", labels=["resolution::not-planned"], **links)
    assert labelled.resolution is Resolution.NOT_PLANNED
    assert read(state="closed", **links).revision != read(state="closed").revision


def test_a_moved_issue_is_not_a_closed_one():
    assert gitlab.moved(issue(state="closed", moved_to_id=12))
    assert not gitlab.moved(issue(state="closed"))
    assert not gitlab.moved(issue(moved_to_id=12)), "reopened by hand: it is followed again"


@pytest.mark.parametrize(
    ("name", "severity"),
    [
        ("CRITICAL", Severity.SEV1),
        ("HIGH", Severity.SEV2),
        ("MEDIUM", Severity.SEV3),
        ("low", Severity.SEV4),
        ("UNKNOWN", None),
        (None, None),
    ],
)
def test_an_incident_has_gitlabs_severity(name, severity):
    item = read(issue_type="incident", severity=name)
    assert (item.kind, item.severity) == (Kind.INCIDENT, severity)


def test_an_issue_has_no_severity_but_its_label():
    assert read(severity="HIGH").severity is None
    assert read(labels=["severity::SEV2"]).severity is Severity.SEV2


def test_severity_and_label_that_disagree_are_told_and_the_field_counts():
    item = read(issue_type="incident", severity="HIGH", labels=["severity::SEV1"])
    assert (item.severity, codes(item)) == (Severity.SEV2, ["E130"])


@pytest.mark.parametrize(
    ("profile", "changes", "kind"),
    [
        (PROFILE, {"issue_type": "incident"}, Kind.INCIDENT),
        (PLAIN, {"issue_type": "incident"}, Kind.INCIDENT),
        (PLAIN, {"labels": ["incident"]}, Kind.INCIDENT),
        (PLAIN, {"title": "[P0] Down"}, Kind.INCIDENT),
        (PROFILE, {"labels": ["action-item"], "title": "[P0] Alert"}, Kind.ACTION),
        (PROFILE, {"labels": ["action-item"], "issue_type": "incident"}, Kind.ACTION),
        (PROFILE, {}, Kind.TASK),
    ],
)
def test_a_kind_is_told_by_type_label_or_prefix(profile, changes, kind):
    assert read(profile, **changes).kind is kind


def test_other_types_are_followed_only_where_a_profile_says_so():
    wide = words(options={"types": "task test_case"})
    assert gitlab_words.followed(issue(), PROFILE)
    assert gitlab_words.followed(issue(issue_type="incident"), PROFILE)
    assert not gitlab_words.followed(issue(issue_type="task"), PROFILE)
    assert gitlab_words.followed(issue(issue_type="task"), wide)


def test_people_who_are_not_mapped_are_no_opinion_and_nobody_is_nobody():
    assert read(assignees=["MARIA", "devon"]).owners == ("ann", "dev")
    assert read(assignees=["maria", "stranger"]).owners == ("ann",)
    item = read(assignees=["stranger"])
    assert (item.owners, codes(item)) == (UNSET, ["E121"])
    assert codes(read(words(people={}), assignees=["stranger"])) == []
    assert read().owners == ()


def test_what_people_wrote_is_apart_from_section_parent_and_marker():
    payload = gitlab.new_issue(
        Draft(title="x", body="Ours", origin=ORIGIN, marker=MARKER, parent=Ref("3")), PROFILE, {}
    )
    item = read(description=f"Theirs\r\n\r\n{payload['description']}")
    assert (item.text, item.body, item.parent) == ("Theirs", "Ours", Ref("3"))
    assert item.marker == MARKER


def test_an_issue_without_a_section_has_no_opinion_on_the_body_but_on_the_day():
    item = read(description="**Due:** 2026-01-01")
    assert (item.body, item.due, item.text) == (UNSET, None, "**Due:** 2026-01-01")


def test_a_removed_account_is_nobody():
    assert read(author=None).author == ""


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Other"},
        {"description": "Other"},
        {"state": "closed"},
        {"labels": ["type::bug"]},
        {"assignees": ["maria"]},
        {"issue_type": "incident"},
        {"severity": "HIGH"},
        {"due_date": "2026-04-01"},
        {"status": "In progress"},
    ],
)
def test_a_revision_differs_when_anything_we_might_overwrite_differs(change):
    assert read(**change).revision != read().revision


def test_a_comment_or_the_order_of_labels_does_not_change_the_revision():
    later = read(updated_at="2026-03-02T00:00:00Z", user_notes_count=5)
    assert later.revision == read().revision
    assert read(labels=["a", "b"]).revision == read(labels=["b", "a"]).revision


@pytest.mark.parametrize("broken", ["title", "labels", "state", "created_at", "id", "iid"])
def test_json_that_is_no_issue_is_an_error_and_no_guess(broken):
    raw = issue()
    del raw[broken]
    with pytest.raises((KeyError, TypeError, ValueError)):
        gitlab.IssueReader(PROFILE, "acme/payments")(raw)


# --- status -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "phase"),
    [
        ("to do", Phase.TODO),
        ("Review", Phase.DOING),
        ("Unheard of", Phase.BACKLOG),
        ("Done", Phase.BACKLOG),
        (None, Phase.BACKLOG),
    ],
)
def test_a_status_says_the_phase_of_an_open_issue_and_labels_do_not(status, phase):
    item = read(BY_STATUS, status=status, labels=["phase::blocked"])
    assert (item.phase, codes(item)) == (phase, [])


@pytest.mark.parametrize(
    ("status", "resolution"),
    [
        ("Done", Resolution.DONE),
        ("won't do", Resolution.NOT_PLANNED),
        ("Duplicate", Resolution.DUPLICATE),
    ],
)
def test_a_status_says_why_an_issue_was_closed(status, resolution):
    assert read(BY_STATUS, state="closed", status=status).resolution is resolution


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"phase": Phase.DOING}, "In progress"),
        ({"phase": Phase.BLOCKED}, "In progress"),
        ({"phase": Phase.BACKLOG}, "To do"),
        ({"phase": Phase.COMPLETED}, "Done"),
        ({"phase": Phase.COMPLETED, "resolution": Resolution.DUPLICATE}, "Duplicate"),
        ({"resolution": Resolution.NOT_PLANNED}, "Won't do"),
        ({"title": "x"}, ""),
    ],
)
def test_a_phase_is_written_as_the_first_of_its_statuses(fields, status):
    assert gitlab_words.status_for(Patch(**fields), BY_STATUS) == status
    assert gitlab_words.status_for(Patch(**fields), PROFILE) == ""
    assert "state_event" not in change(issue(), BY_STATUS, **fields)


# --- writing ------------------------------------------------------------------------------


def test_a_new_incident_carries_everything_but_its_severity_in_one_call():
    draft = Draft(
        title="Checkout is down",
        kind=Kind.INCIDENT,
        phase=Phase.DOING,
        priority=Priority.P0,
        severity=Severity.SEV1,
        category=Category.BUG,
        owners=("ann", "zoe"),
        due=date(2026, 4, 1),
        body="Ask @maria about #12\n/close",
        origin=ORIGIN,
        marker=MARKER,
    )
    payload = gitlab.new_issue(draft, PROFILE, NUMBERS)
    assert payload["issue_type"] == "incident"
    assert payload["labels"] == "phase::doing,priority::P0,type::bug"
    assert (payload["due_date"], payload["assignee_ids"]) == ("2026-04-01", [11])
    assert payload["title"] == "Checkout is down"
    assert payload["description"].endswith(MARKER)
    assert not [line for line in payload["description"].splitlines() if line.startswith("/")]
    assert "@maria" not in payload["description"]
    assert gitlab_words.written_severity(draft, PROFILE, incident=True) == "CRITICAL"


def test_a_plain_issue_says_its_severity_by_label():
    draft = Draft(title="x", kind=Kind.INCIDENT, severity=Severity.SEV1)
    assert gitlab.new_issue(draft, PLAIN, {})["labels"] == "incident,severity::SEV1"
    task = replace(draft, kind=Kind.TASK)
    assert gitlab.new_issue(task, PROFILE, {})["labels"] == "severity::SEV1"
    assert gitlab_words.written_severity(task, PROFILE, incident=False) == ""


def test_labels_are_added_and_taken_off_and_never_replaced_as_a_whole():
    before = issue(labels=["phase::todo", "team: payments", "priority::P2"])
    payload = change(before, phase=Phase.DOING, priority=Priority.P1)
    assert payload == {
        "add_labels": "phase::doing,priority::P1",
        "remove_labels": "phase::todo,priority::P2",
    }


def test_nothing_is_sent_for_what_is_so_already():
    before = issue(
        labels=["Phase::Doing", "priority::P1"], due_date="2026-04-01", assignees=["maria"]
    )
    same = {
        "title": "Checkout is down",
        "phase": Phase.DOING,
        "priority": Priority.P1,
        "due": date(2026, 4, 1),
        "owners": ("ann",),
        "parent": None,
    }
    assert change(before, **same) == {}


@pytest.mark.parametrize(
    ("state", "phase", "event"),
    [
        ("opened", Phase.COMPLETED, "close"),
        ("closed", Phase.TODO, "reopen"),
        ("closed", Phase.COMPLETED, None),
        ("opened", Phase.BACKLOG, None),
    ],
)
def test_closing_and_opening_again_are_events(state, phase, event):
    assert change(issue(state=state), phase=phase).get("state_event") == event


def test_an_issue_that_is_opened_again_has_no_resolution_left():
    before = issue(state="closed", labels=["resolution::not-planned"])
    payload = change(before, phase=Phase.TODO)
    assert payload["remove_labels"] == "resolution::not-planned"
    assert payload["add_labels"] == "phase::todo"


def test_a_day_is_cleared_by_an_empty_one():
    assert change(issue(due_date="2026-04-01"), due=None) == {"due_date": ""}
    assert change(issue(), due=None) == {}


@pytest.mark.parametrize(
    ("before", "owners", "sent"),
    [
        ((), ("ann",), [11]),
        (("stranger",), ("ann",), [99, 11]),
        (("maria", "stranger"), (), [99]),
        (("maria",), (), [0]),
        (("maria",), ("ann",), None),
        (("maria",), UNSET, None),
    ],
)
def test_people_who_are_not_mapped_stay_assigned(before, owners, sent):
    payload = change(issue(assignees=list(before)), owners=owners)
    assert payload.get("assignee_ids") == sent


def test_where_an_issue_takes_one_person_the_first_is_assigned():
    one = words(options={"assignees": "1"})
    assert change(issue(), one, owners=("ann", "dev")) == {"assignee_ids": [11]}
    item = Item(ref=Ref("1"), owners=("ann", "dev"))
    assert gitlab.canonical(item, one).owners == ("ann",)
    assert change(issue(assignees=["stranger"]), one, owners=("ann",)) == {}, "no room is left"


def test_a_severity_label_on_an_incident_is_kept_in_step_and_none_is_added():
    bare = issue(issue_type="incident", severity="LOW")
    assert change(bare, severity=Severity.SEV1) == {}
    labelled = bare | {"labels": ["severity::SEV4"]}
    assert change(labelled, severity=Severity.SEV1) == {
        "add_labels": "severity::SEV1",
        "remove_labels": "severity::SEV4",
    }
    cleared = Patch(severity=None)
    assert gitlab_words.written_severity(cleared, PROFILE, incident=True) == "UNKNOWN"


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ({"title": "x" * 256}, Field.TITLE),
        ({"title": "  "}, Field.TITLE),
        ({"description": "x" * 1_048_577}, Field.BODY),
    ],
)
def test_what_gitlab_would_refuse_is_said_before(payload, field):
    problem, named = gitlab.too_long(payload)
    assert (problem.code, named) == ("E120", field)
    assert gitlab.too_long({"title": "x" * 255, "description": "x" * 1_048_576}) is None


# --- the parent's comment -----------------------------------------------------------------

BODIES = (
    "",
    "Theirs",
    "Theirs\r\n\r\nmore  \r\n",
    MARKER,
    f"Theirs\n\n{MARKER}",
    write_section(f"Theirs\n\n{MARKER}", "Ours"),
    write_section("Theirs", "Ours"),
)


@pytest.mark.parametrize("body", BODIES)
def test_a_parent_goes_into_a_body_and_out_again_without_a_trace(body):
    with_one = gitlab_words.write_parent(body, Ref("3"))
    assert gitlab_words.read_parent(with_one) == (Ref("3"), body)
    assert with_one.endswith(MARKER) == body.endswith(MARKER)
    other = gitlab_words.write_parent(with_one, Ref("4"))
    assert gitlab_words.read_parent(other)[0] == Ref("4")
    assert gitlab_words.write_parent(other, None) == body
    assert gitlab_words.write_parent(with_one, Ref("3")) == with_one


@given(st.text(st.sampled_from("ab\n\r /<->")), st.integers(1, 10**6), st.booleans())
def test_a_parent_is_read_back_from_any_body(text, number, marked):
    body = f"{text}\n\n{MARKER}" if marked else text
    raw = issue(description=gitlab_words.write_parent(body, Ref(str(number))))
    item = gitlab.IssueReader(PROFILE, "acme/payments")(raw)
    assert item.parent == Ref(str(number))
    assert item.marker == (MARKER if marked else "")
    assert same_text(item.text) == same_text(text)


# --- scopes -------------------------------------------------------------------------------


def test_a_label_of_the_team_is_not_pushed_off_by_ours():
    before = ["priority::high", "phase::todo"]
    after = gitlab_words.labels_after(before, Patch(priority=Priority.P0), PROFILE, incident=False)
    problem, field = gitlab_words.clash(before, after, PROFILE)
    assert (problem.code, field) == ("E126", Field.PRIORITY)
    assert "priority::high" in problem.message
    assert "also" in problem.remedy


def test_labels_that_are_known_or_of_another_scope_do_not_clash():
    before = ["priority::P2", "team::core", "phase::active"]
    patch = Patch(priority=Priority.P0, phase=Phase.TODO)
    after = gitlab_words.labels_after(before, patch, PROFILE, incident=False)
    assert gitlab_words.clash(before, after, PROFILE) is None
    same = [*before, "priority::high"]
    assert gitlab_words.clash(same, same, PROFILE) is None


def test_labels_of_a_project_that_share_a_scope_with_ours_are_named():
    names = ["priority::high", "priority::P1", "Phase::Review", "team::core", "bug"]
    assert gitlab_words.shared_scopes(names, PROFILE) == ["priority::high", "Phase::Review"]


def test_a_profile_that_uses_one_scope_for_two_things_is_told():
    both = words(kinds={"action": {"labels": ["type::action"]}})
    assert gitlab_words.shared_scopes([], both) == ["type::*"]


@pytest.mark.parametrize("name", NAMES)
def test_the_shipped_profiles_use_each_scope_once(name):
    assert gitlab_words.shared_scopes([], words(name)) == []


# --- round trips --------------------------------------------------------------------------

values = st.fixed_dictionaries(
    {
        "title": st.text(min_size=1).filter(lambda text: text.strip()),
        "phase": st.sampled_from(Phase),
        "priority": st.sampled_from([None, *Priority]),
        "severity": st.sampled_from([None, *Severity]),
        "category": st.sampled_from([None, *Category]),
        "due": st.sampled_from([None, date(2026, 4, 1)]),
        "parent": st.sampled_from([None, Ref("3")]),
        "body": st.one_of(st.none(), st.text(max_size=200)),
    }
)


@pytest.mark.parametrize("name", NAMES)
@given(fields=values)
def test_what_is_stored_of_a_new_issue_is_what_canonical_says(name, fields):
    profile = words(name)
    draft = Draft(kind=Kind.TASK, marker=MARKER, **fields)
    payload = gitlab.new_issue(draft, profile, NUMBERS)
    if gitlab.too_long(payload):
        return
    ended = fields["phase"] is Phase.COMPLETED
    raw = stored(payload, state="closed" if ended else "opened")
    item = gitlab.IssueReader(profile, "acme/payments")(raw)
    form = gitlab.canonical(Item(ref=item.ref, **fields), profile)
    for field in set(Field) - {Field.OWNERS, Field.BODY, Field.RESOLUTION}:
        assert item.get(field) == form.get(field), field
    if form.body is not UNSET and item.body is not UNSET:
        assert same_text(item.body or "") == same_text(form.body or "")


@pytest.mark.parametrize(
    ("profile", "kind", "severity"),
    [
        (PROFILE, Kind.INCIDENT, Severity.SEV1),
        (words(severity={"field": "severity", "values": {"SEV1": "critical"}}), Kind.TASK, UNSET),
        (words(severity={"field": "severity", "values": {"SEV1": "critical"}}), Kind.INCIDENT,
         Severity.SEV1),
    ],
)  # fmt: skip
def test_a_severity_without_a_word_cannot_be_held(profile, kind, severity):
    item = Item(ref=Ref("1"), kind=kind, severity=Severity.SEV1)
    assert gitlab.canonical(item, profile).severity is severity


def test_phases_and_resolutions_without_a_word_become_the_nearest():
    item = Item(ref=Ref("1"), phase=Phase.BLOCKED)
    assert gitlab.canonical(item, BY_STATUS).phase is Phase.DOING
    ended = Item(ref=Ref("1"), phase=Phase.COMPLETED, resolution=Resolution.NOT_PLANNED)
    assert gitlab.canonical(ended, PROFILE).resolution is Resolution.NOT_PLANNED
    assert gitlab.canonical(ended, BY_STATUS).resolution is Resolution.NOT_PLANNED
    few = words(phase={"labels": {"todo": "todo", "doing": "doing"}})
    assert gitlab.canonical(item, few).phase is Phase.DOING
    assert change(issue(), few, phase=Phase.BLOCKED) == {"add_labels": "doing"}
    bare = words(resolution={})
    assert gitlab.canonical(ended, bare).resolution is Resolution.DONE
