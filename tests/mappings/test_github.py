import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings import github
from mappings.item import UNSET, Draft, Item, Patch, Ref
from mappings.markers import Marker, write_marker
from mappings.profile import Profile
from mappings.text import canonical as same_text
from mappings.vocabulary import (
    Category,
    Field,
    Kind,
    Phase,
    Priority,
    Resolution,
    Severity,
)

PROFILES = Path(__file__).parents[2] / "mappings" / "profiles"
NAMES = ("github-labels", "github-projects", "github-titles")
MARKER = write_marker(Marker("0" * 32, "1" * 8, "PAY-T-0001"), b"k" * 32)
ORIGIN = Ref("PAY-T-0001", "PAY-T-0001", ".metis/backlog/PAY-T-0001.md")
HOME = "https://api.github.com/repos/acme/payments"


def words(name="github-labels", **changes):
    read = tomllib.loads((PROFILES / f"{name}.toml").read_text("utf-8"))
    people = {"people": {"ann": "Maria", "dev": "devon"}}
    return Profile.model_validate(read | people | changes)


PROFILE = words()


def issue(number=1, **changes):
    names = changes.pop("labels", ())
    people = changes.pop("assignees", ())
    return {
        "id": 9000 + number,
        "number": number,
        "url": f"{HOME}/issues/{number}",
        "repository_url": HOME,
        "html_url": f"https://github.com/acme/payments/issues/{number}",
        "title": "Checkout is down",
        "body": None,
        "state": "open",
        "state_reason": None,
        "labels": [{"name": name} for name in names],
        "assignees": [{"login": login} for login in people],
        "user": {"login": "octo-bot"},
        "type": None,
        "sub_issues_summary": {"total": 0},
        "created_at": "2026-03-01T10:00:00Z",
        "updated_at": "2026-03-01T11:00:00Z",
        "closed_at": None,
    } | changes


def read(profile=PROFILE, fields=github.NO_FIELDS, **changes):
    return github.IssueReader(profile, "acme/payments", fields)(issue(**changes))


def codes(item):
    return [notice.code for notice in item.notices]


def stored(payload, **more):
    """What GitHub keeps of a create call."""
    return issue(**{name: payload[name] for name in ("title", "body", "labels")}, **more)


# --- reading ------------------------------------------------------------------------------


def test_an_issue_is_read_with_everything_that_says_who_and_when():
    item = read(number=7, title="[SEV2] Slow", labels=["bug"], assignees=["maria"])
    assert item.ref == Ref("7")
    assert (item.ref.key, item.ref.birth) == ("acme/payments#7", "9007")
    assert item.ref.url == "https://github.com/acme/payments/issues/7"
    assert (item.title, item.severity, item.category) == ("Slow", Severity.SEV2, Category.BUG)
    assert item.owners == ("ann",)
    assert item.author == "octo-bot"
    assert item.updated_at == datetime(2026, 3, 1, 11, tzinfo=UTC)
    assert item.notices == ()


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2026-03-01T11:00:00Z", 11),
        ("2026-03-01T12:30:00+01:30", 11),
        ("2026-03-01T11:00:00.000+0000", 11),
        ("2026-03-01T11:00:00", 11),
    ],
)
def test_times_are_utc_however_they_are_written(text, hour):
    moment = read(updated_at=text).updated_at
    assert moment == datetime(2026, 3, 1, hour, tzinfo=UTC)
    assert moment.utcoffset().total_seconds() == 0


@pytest.mark.parametrize(
    ("labels", "phase"),
    [
        ((), Phase.BACKLOG),
        (("phase: todo",), Phase.TODO),
        (("PHASE: Doing",), Phase.DOING),
        (("phase: active",), Phase.DOING),
        (("unknown",), Phase.BACKLOG),
    ],
)
def test_an_open_issue_is_in_the_phase_its_label_says(labels, phase):
    item = read(labels=labels)
    assert (item.phase, item.resolution) == (phase, None)


def test_somebody_who_adds_the_next_phase_and_forgets_the_old_one_is_understood():
    item = read(labels=["phase: todo", "phase: doing"])
    assert item.phase is Phase.DOING
    assert codes(item) == ["E130"]
    assert "todo and doing" in item.notices[0].message
    assert item.notices[0].place == "acme/payments#1"


@pytest.mark.parametrize(
    ("reason", "resolution"),
    [
        ("completed", Resolution.DONE),
        ("not_planned", Resolution.NOT_PLANNED),
        ("duplicate", Resolution.DUPLICATE),
        (None, Resolution.DONE),
        ("something new", Resolution.DONE),
    ],
)
def test_a_closed_issue_is_completed_whatever_its_labels_say(reason, resolution):
    item = read(state="closed", state_reason=reason, labels=["phase: doing", "phase: todo"])
    assert (item.phase, item.resolution) == (Phase.COMPLETED, resolution)


def test_a_label_that_says_why_outweighs_the_reason_nobody_chose():
    profile = words(resolution={"labels": {"not_planned": "wontfix"}})
    closed = {"state": "closed", "labels": ["wontfix"]}
    assert read(profile, state_reason="completed", **closed).resolution is Resolution.NOT_PLANNED
    assert read(profile, state_reason="duplicate", **closed).resolution is Resolution.DUPLICATE


def test_label_and_prefix_that_disagree_are_told_and_the_authority_counts():
    by_label = read(title="[P2] Slow", labels=["P0"])
    by_title = read(
        words(
            "github-titles", priority={"authority": "title", "title": True, "labels": {"P0": "P0"}}
        ),
        title="[P2] Slow",
        labels=["P0"],
    )
    assert (by_label.priority, by_title.priority) == (Priority.P0, Priority.P2)
    assert codes(by_label) == codes(by_title) == ["E130"]


def test_two_labels_of_one_family_are_told_and_the_more_urgent_counts():
    item = read(labels=["P2", "P1", "SEV3", "severity: major", "bug", "feature"])
    assert (item.priority, item.severity) == (Priority.P1, Severity.SEV2)
    assert item.category is Category.BUG
    assert codes(item) == ["E130", "E130", "E130"]


def test_two_issues_with_the_same_labels_get_notices_of_their_own():
    reader = github.IssueReader(PROFILE, "acme/payments")
    first = reader(issue(1, labels=["P0", "P1"]))
    second = reader(issue(2, labels=["P0", "P1"]))
    assert [one.notices[0].place for one in (first, second)] == [
        "acme/payments#1",
        "acme/payments#2",
    ]


def test_an_issue_type_tells_the_category_and_may_disagree_with_a_label():
    profile = words(
        category={"authority": "type", "types": {"bug": "Bug"}, "labels": {"feature": "feature"}}
    )
    assert read(profile, type={"name": "bug"}).category is Category.BUG
    item = read(profile, type={"name": "Bug"}, labels=["feature"])
    assert item.category is Category.BUG
    assert codes(item) == ["E130"]


def native(value):
    return [{"issue_field_id": 5, "value": value}]


def test_an_organisations_field_tells_the_priority():
    profile = words(
        priority={
            "authority": "field",
            "field": "Urgency",
            "values": {"P0": "Now"},
            "labels": {"P1": "P1"},
        }
    )
    fields = {5: "Urgency"}
    assert read(profile, fields, issue_field_values=native("now")).priority is Priority.P0
    assert read(profile, fields, issue_field_values=native("P3")).priority is Priority.P3
    assert read(profile, fields, issue_field_values=native("Later")).priority is None
    both = read(profile, fields, issue_field_values=native("Now"), labels=["P1"])
    assert both.priority is Priority.P0
    assert codes(both) == ["E130"]
    assert read(profile, issue_field_values=native("Now")).priority is None


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"labels": ["Incident"]}, Kind.INCIDENT),
        ({"title": "[INCIDENT] Down"}, Kind.INCIDENT),
        ({"title": "[P0] Down"}, Kind.INCIDENT),
        ({"title": "[P0] Write an alert", "labels": ["action-item"]}, Kind.ACTION),
        ({}, Kind.TASK),
    ],
)
def test_a_kind_is_told_by_label_or_prefix(changes, kind):
    assert read(**changes).kind is kind


def test_people_who_are_not_mapped_are_no_opinion_and_nobody_is_nobody():
    assert read(assignees=["MARIA", "devon"]).owners == ("ann", "dev")
    assert read(assignees=["maria", "stranger"]).owners == ("ann",)
    assert read(assignees=["stranger"]).owners is UNSET
    assert read().owners == ()


def test_a_stranger_is_told_of_only_where_people_are_mapped():
    item = read(assignees=["stranger"])
    assert codes(item) == ["E121"]
    assert "stranger" in item.notices[0].message
    assert codes(read(words(people={}), assignees=["stranger"])) == []


def test_a_parent_in_the_same_repository_is_named_by_its_number():
    assert read(parent_issue_url=f"{HOME}/issues/3").parent == Ref("3")


def test_a_parent_elsewhere_is_no_opinion():
    other = "https://api.github.com/repos/acme/payments-old/issues/3"
    assert read(parent_issue_url=other).parent is UNSET


def test_silence_about_a_parent_counts_only_from_a_server_that_knows_of_parents():
    assert read().parent is None
    old = issue()
    del old["sub_issues_summary"]
    assert github.IssueReader(PROFILE, "acme/payments")(old).parent is UNSET


def test_what_people_wrote_is_apart_from_the_section_and_the_marker():
    body = github.MIRROR.new(Draft(body="Ours", due=date(2026, 4, 1), origin=ORIGIN, marker=MARKER))
    item = read(body=f"Theirs\r\n\r\n{body}")
    assert (item.text, item.body, item.due) == ("Theirs", "Ours", date(2026, 4, 1))
    assert item.marker == MARKER


def test_an_issue_without_a_section_has_no_opinion_on_body_and_due():
    item = read(body="Only theirs")
    assert (item.body, item.due, item.text) == (UNSET, UNSET, "Only theirs")


def test_a_removed_account_is_nobody():
    assert read(user=None).author == ""


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Other"},
        {"body": "Other"},
        {"state": "closed"},
        {"state": "closed", "state_reason": "duplicate"},
        {"labels": ["bug"]},
        {"assignees": ["maria"]},
        {"type": {"name": "Bug"}},
        {"parent_issue_url": f"{HOME}/issues/3"},
        {"issue_field_values": native("Now")},
    ],
)
def test_a_revision_differs_when_anything_we_might_overwrite_differs(change):
    assert read(**change).revision != read().revision


def test_a_comment_does_not_change_the_revision_but_the_time():
    later = read(updated_at="2026-03-02T00:00:00Z", comments=5)
    assert later.revision == read().revision
    assert later.updated_at != read().updated_at


def test_labels_in_another_order_are_the_same_revision():
    assert read(labels=["bug", "P0"]).revision == read(labels=["P0", "bug"]).revision


@pytest.mark.parametrize("broken", ["title", "labels", "state", "created_at", "id"])
def test_json_that_is_no_issue_is_an_error_and_no_guess(broken):
    raw = issue()
    del raw[broken]
    with pytest.raises((KeyError, TypeError, ValueError)):
        github.IssueReader(PROFILE, "acme/payments")(raw)


# --- writing ------------------------------------------------------------------------------


def test_a_new_issue_carries_everything_in_one_call():
    draft = Draft(
        title="Checkout is down",
        kind=Kind.INCIDENT,
        phase=Phase.DOING,
        priority=Priority.P0,
        category=Category.BUG,
        owners=("ann", "zoe"),
        due=date(2026, 4, 1),
        parent=Ref("3", birth="9003"),
        body="Ask @maria about #12",
        origin=ORIGIN,
        marker=MARKER,
    )
    payload = github.new_issue(draft, PROFILE)
    assert payload["title"] == "[P0] Checkout is down"
    assert payload["labels"] == ["P0", "bug", "incident", "phase: doing"]
    assert payload["assignees"] == ["Maria"]
    assert payload["parent_issue_id"] == 9003
    assert payload["body"].endswith(MARKER)
    assert "**Due:** 2026-04-01" in payload["body"]
    assert "@maria" not in payload["body"]
    assert "#12" not in payload["body"]


def test_a_draft_that_says_little_makes_a_plain_issue():
    assert github.new_issue(Draft(title="Down", marker=MARKER), PROFILE) == {
        "title": "Down",
        "body": MARKER,
        "labels": [],
    }


def test_an_incident_without_a_label_of_its_own_says_so_in_the_title():
    profile = words("github-titles")
    assert github.new_issue(Draft(title="Down", kind=Kind.INCIDENT), profile)["title"] == (
        "[INCIDENT] Down"
    )
    urgent = Draft(title="Down", kind=Kind.INCIDENT, priority=Priority.P0)
    assert github.new_issue(urgent, profile)["title"] == "[P0] Down"


def test_types_and_fields_are_written_where_the_profile_has_them():
    profile = words(
        category={"types": {"bug": "Bug"}},
        priority={"field": "Urgency", "values": {"P0": "Now"}},
        kinds={"action": {"types": ["Follow-up"]}},
    )
    draft = Draft(title="Down", kind=Kind.ACTION, priority=Priority.P0)
    payload = github.new_issue(draft, profile, {5: "Urgency", 6: "Effort"})
    assert payload["type"] == "Follow-up"
    assert payload["issue_field_values"] == [{"field_id": 5, "value": "Now"}]
    both = github.new_issue(replace(draft, category=Category.BUG), profile)
    assert both["type"] == "Bug"
    assert "issue_field_values" not in both


def test_an_update_sends_only_what_differs():
    raw = issue(title="[P1] Slow", labels=["P1", "team: web", "phase: todo"], assignees=["maria"])
    same = Patch(
        title="Slow", priority=Priority.P1, phase=Phase.TODO, owners=("ann",), body=None, due=None
    )
    assert github.changed_issue(raw, same, PROFILE) == {}
    change = github.changed_issue(raw, Patch(priority=Priority.P0), PROFILE)
    assert change == {"title": "[P0] Slow", "labels": ["P0", "phase: todo", "team: web"]}


def test_every_carrier_that_is_present_is_brought_in_step():
    profile = words(
        "github-titles",
        priority={"authority": "label", "labels": {"P0": "P0"}, "also": {"P1": ["urgent"]}},
    )
    raw = issue(title="[p1] Slow", labels=["urgent"])
    assert github.changed_issue(raw, Patch(priority=Priority.P0), profile) == {
        "title": "[p0] Slow",
        "labels": ["P0"],
    }
    assert github.changed_issue(raw, Patch(priority=None), profile) == {
        "title": "Slow",
        "labels": [],
    }


def test_a_prefix_is_not_added_where_neither_profile_nor_issue_has_one():
    profile = words(priority={"labels": {"P0": "P0"}})
    change = github.changed_issue(issue(title="Slow"), Patch(priority=Priority.P0), profile)
    assert change == {"labels": ["P0"]}


def test_a_new_title_keeps_the_prefixes_and_brings_none():
    raw = issue(title="[INCIDENT][P1] Slow")
    change = github.changed_issue(raw, Patch(title="[P3] Very\nslow"), PROFILE)
    assert change == {"title": "[INCIDENT][P1] Very slow"}


@pytest.mark.parametrize(
    ("before", "patch", "sent"),
    [
        ({}, Patch(phase=Phase.COMPLETED), {"state": "closed", "state_reason": "completed"}),
        (
            {},
            Patch(phase=Phase.COMPLETED, resolution=Resolution.DUPLICATE),
            {"state": "closed", "state_reason": "duplicate"},
        ),
        ({"state": "closed", "state_reason": "not_planned"}, Patch(phase=Phase.COMPLETED), {}),
        (
            {"state": "closed", "state_reason": "completed"},
            Patch(resolution=Resolution.NOT_PLANNED),
            {"state": "closed", "state_reason": "not_planned"},
        ),
        ({"state": "closed", "state_reason": None}, Patch(resolution=Resolution.DONE), {}),
        ({"state": "closed"}, Patch(phase=Phase.BACKLOG), {"state": "open"}),
        ({}, Patch(phase=Phase.BACKLOG), {}),
        ({}, Patch(resolution=Resolution.DONE), {}),
        ({}, Patch(resolution=None), {}),
        ({"state": "closed"}, Patch(resolution=None), {}),
    ],
)
def test_states_change_only_when_they_must(before, patch, sent):
    assert github.state_change(issue(**before), patch) == sent


def test_closing_takes_the_phase_label_off_and_reopening_puts_one_on():
    closing = Patch(phase=Phase.COMPLETED, resolution=Resolution.DONE)
    change = github.changed_issue(issue(labels=["phase: active", "bug"]), closing, PROFILE)
    assert change["labels"] == ["bug"]
    reopening = Patch(phase=Phase.DOING, resolution=None)
    change = github.changed_issue(issue(state="closed"), reopening, PROFILE)
    assert change == {"state": "open", "labels": ["phase: doing"]}


def test_resolution_labels_follow_the_resolution():
    profile = words(resolution={"labels": {"not_planned": "wontfix"}})
    patch = Patch(phase=Phase.COMPLETED, resolution=Resolution.NOT_PLANNED)
    change = github.changed_issue(issue(), patch, profile)
    assert change == {"state": "closed", "state_reason": "not_planned", "labels": ["wontfix"]}
    back = Patch(phase=Phase.BACKLOG, resolution=None)
    change = github.changed_issue(issue(state="closed", labels=["wontfix"]), back, profile)
    assert change["labels"] == ["phase: backlog"]


def test_people_who_are_not_mapped_stay_assigned():
    raw = issue(assignees=["stranger", "maria"])
    assert github.changed_issue(raw, Patch(owners=("dev",)), PROFILE) == {
        "assignees": ["devon", "stranger"]
    }
    assert github.changed_issue(raw, Patch(owners=()), PROFILE) == {"assignees": ["stranger"]}
    assert github.changed_issue(raw, Patch(owners=("ann", "zoe")), PROFILE) == {}


def test_an_issue_type_is_compared_without_case():
    profile = words(category={"types": {"bug": "Bug"}})
    patch = Patch(category=Category.BUG)
    assert github.changed_issue(issue(type={"name": "bug"}), patch, profile) == {}
    assert github.changed_issue(issue(), patch, profile) == {"type": "Bug"}


def test_a_fields_value_is_sent_only_when_it_differs():
    profile = words(priority={"field": "Urgency", "values": {"P0": "Now", "P1": "Soon"}})
    raw = issue(issue_field_values=native("Now"))
    fields = {5: "Urgency"}
    assert github.changed_issue(raw, Patch(priority=Priority.P0), profile, fields) == {}
    assert github.changed_issue(raw, Patch(priority=Priority.P1), profile, fields) == {
        "issue_field_values": [{"field_id": 5, "value": "Soon"}]
    }


def test_a_due_date_is_changed_and_the_text_beside_it_stays():
    body = "Theirs\r\n\r\n" + github.MIRROR.new(
        Draft(body="Ours\n\nmore", due=date(2026, 4, 1), origin=ORIGIN, marker=MARKER)
    )
    later = github.changed_issue(issue(body=body), Patch(due=date(2026, 5, 1)), PROFILE)["body"]
    item = read(body=later)
    assert (item.due, item.body, item.text) == (date(2026, 5, 1), "Ours\n\nmore", "Theirs")
    assert later.startswith("Theirs\r\n\r\n")
    assert "_Follows `PAY-T-0001`" in later
    cleared = github.changed_issue(issue(body=later), Patch(due=None), PROFILE)["body"]
    assert read(body=cleared).due is None
    assert read(body=cleared).body == "Ours\n\nmore"


def test_clearing_the_text_keeps_the_date_and_clearing_both_keeps_an_opinion():
    body = github.MIRROR.new(Draft(body="Ours", due=date(2026, 4, 1), marker=MARKER))
    one = github.changed_issue(issue(body=body), Patch(body=None), PROFILE)["body"]
    assert (read(body=one).body, read(body=one).due) == (None, date(2026, 4, 1))
    both = github.changed_issue(issue(body=one), Patch(due=None), PROFILE)["body"]
    assert (read(body=both).body, read(body=both).due) == (None, None)


def test_clearing_what_was_never_there_changes_nothing():
    assert github.changed_issue(issue(body="x"), Patch(body=None, due=None), PROFILE) == {}


def test_a_text_too_long_to_mirror_is_cut_and_says_so():
    payload = github.new_issue(Draft(title="x", body="line\n" * 20_000, marker=MARKER), PROFILE)
    assert len(payload["body"]) < github.BODY_LIMIT
    assert "too long to be mirrored whole" in payload["body"]
    assert payload["body"].endswith(MARKER)
    assert github.too_long(payload) is None


@pytest.mark.parametrize(
    ("payload", "field", "figure"),
    [
        ({"title": "x" * 257}, Field.TITLE, "257"),
        ({"title": "  "}, Field.TITLE, "empty"),
        ({"body": "x" * 65_537}, Field.BODY, "65537"),
    ],
)
def test_what_github_would_not_store_is_refused_with_the_figure(payload, field, figure):
    problem, named = github.too_long(payload)
    assert (problem.code, named) == ("E120", field)
    assert figure in problem.message


def test_labels_that_a_change_needs_are_told():
    patch = Patch(priority=Priority.P0, phase=Phase.COMPLETED, severity=None)
    assert github.wanted_labels(patch, PROFILE) == ["P0"]
    draft = Draft(title="x", kind=Kind.ACTION, phase=Phase.TODO)
    assert github.wanted_labels(draft, PROFILE) == ["action-item", "phase: todo"]


@pytest.mark.parametrize(
    "opening",
    [
        "**Due:** 2026-01-01",
        "**Due:** 2026-01-01\n**Due:** soon",
        "_Follows `X`._",
        "_x_\n**Due:** y",
    ],
)
@pytest.mark.parametrize("due", [None, date(2026, 4, 1)])
def test_a_document_that_opens_like_a_section_keeps_its_lines(opening, due):
    held = github.MIRROR.held(f"{opening}\n\nText")
    assert held.replace("\u2060", "") == f"{opening}\n\nText"
    item = read(body=github.MIRROR.new(Draft(body=held, due=due, origin=ORIGIN)))
    assert (item.body, item.due) == (held, due)


# --- there and back -----------------------------------------------------------------------


def test_what_cannot_be_held_is_told_beforehand():
    bare = words(
        "github-titles",
        priority={"labels": {"P0": "P0"}},
        severity={},
        category={},
        phase={"labels": {"doing": "wip"}, "open": "todo"},
    )
    item = Item(
        ref=Ref("X"),
        title="[P1] Two\nlines",
        phase=Phase.BLOCKED,
        resolution=Resolution.DONE,
        priority=Priority.P3,
        severity=Severity.SEV1,
        category=Category.BUG,
        owners=("zoe",),
    )
    held = github.canonical(item, bare)
    assert held.title == "Two lines"
    assert (held.phase, held.resolution) == (Phase.DOING, None)
    assert (held.priority, held.severity, held.category) == (UNSET, UNSET, UNSET)
    assert held.owners is UNSET
    assert github.canonical(replace(item, phase=Phase.BACKLOG), bare).phase is Phase.TODO
    done = github.canonical(replace(item, phase=Phase.COMPLETED, resolution=None), bare)
    assert done.resolution is Resolution.DONE


def test_no_opinion_stays_none():
    held = github.canonical(Item(ref=Ref("X")), PROFILE)
    assert held == Item(ref=Ref("X"))


def test_at_most_ten_people_are_assigned():
    crowd = {f"p{number:02}": f"login{number}" for number in range(12)}
    profile = words(people=crowd)
    item = github.canonical(Item(ref=Ref("X"), owners=tuple(sorted(crowd))), profile)
    assert len(item.owners) == github.ASSIGNEES_LIMIT
    assert len(github.new_issue(Draft(title="x", owners=item.owners), profile)["assignees"]) == 10


_LINES = st.lists(
    st.sampled_from(
        [
            "Plain words.",
            "@maria and #12, GH-3",
            "**Due:** 2026-01-01",
            "_Follows `X`._",
            "_in italics_",
            "<!-- followthrough:begin -->",
            "<!-- followthrough:end -->",
            "```",
            "/close",
            "",
            "  indented\t",
            MARKER,
            "https://github.com/a/b/issues/3",
        ]
    )
    | st.text(max_size=20),
    max_size=8,
)
_ITEMS = st.builds(
    Item,
    ref=st.just(Ref("PAY-T-0001")),
    title=st.text(min_size=1, max_size=60),
    phase=st.sampled_from(Phase),
    resolution=st.sampled_from([None, *Resolution]),
    priority=st.sampled_from([UNSET, None, *Priority]),
    severity=st.sampled_from([UNSET, None, *Severity]),
    category=st.sampled_from([UNSET, None, *Category]),
    owners=st.lists(st.sampled_from(["ann", "dev", "zoe"]), unique=True).map(
        lambda names: tuple(sorted(names))
    ),
    due=st.none() | st.dates(min_value=date(2000, 1, 1)),
    body=st.none() | _LINES.map("\n".join),
)


def _create_and_read(held, profile, origin):
    values = {name.value: value for name, value in held.values().items()}
    payload = github.new_issue(Draft(marker=MARKER, origin=origin, **values), profile)
    closing = github.state_change(issue(), held)
    people = payload.get("assignees", ())
    raw = stored(payload, assignees=people, **closing)
    return github.IssueReader(profile, "acme/payments")(raw)


@given(item=_ITEMS, name=st.sampled_from(NAMES), origin=st.sampled_from([None, ORIGIN]))
def test_what_is_created_reads_back_as_was_foretold(item, name, origin):
    profile = words(name)
    held = github.canonical(item, profile)
    if not held.title:
        return
    back = _create_and_read(held, profile, origin)
    for field, value in held.values().items():
        told = back.get(field)
        if field is Field.BODY:
            assert same_text(told or "" if told is not UNSET else "") == same_text(value or "")
        elif field is Field.PHASE and profile.phase.board:
            assert (told is Phase.COMPLETED) is (value is Phase.COMPLETED)
        elif told is not UNSET:
            assert told == value, field
        else:
            assert value in {None, ()}, field
    assert back.marker == MARKER
    assert back.text == ""


@given(first=_ITEMS, second=_ITEMS, name=st.sampled_from(NAMES), theirs=_LINES.map("\r\n".join))
def test_what_is_updated_reads_back_and_nothing_else_moves(first, second, name, theirs):
    profile = words(name)
    start, wanted = (github.canonical(one, profile) for one in (first, second))
    if not start.title or not wanted.title:
        return
    values = {name.value: value for name, value in start.values().items()}
    payload = github.new_issue(Draft(marker=MARKER, origin=ORIGIN, **values), profile)
    payload["body"] = f"{theirs}\r\n\r\n{payload['body']}"
    raw = stored(payload) | github.state_change(issue(), start)
    patch = Patch.of(wanted.values(), ORIGIN)
    change = github.changed_issue(raw, patch, profile)
    assert github.changed_issue(raw, Patch(), profile) == {}
    after = raw | change
    after["labels"] = (
        [{"name": one} for one in change["labels"]] if "labels" in change else (raw["labels"])
    )
    after["assignees"] = [{"login": one} for one in change.get("assignees", ())]
    if after["state"] == "open":
        after["state_reason"] = None
    reader = github.IssueReader(profile, "acme/payments")
    before, back = reader(raw), reader(after)
    for field in (Field.TITLE, Field.PRIORITY, Field.SEVERITY, Field.CATEGORY, Field.DUE):
        value, told = wanted.get(field), back.get(field)
        if value is not UNSET and told is not UNSET:
            assert told == value, field
    assert back.text == before.text
    assert back.marker == before.marker
    if not isinstance(back.body, type(UNSET)):
        assert same_text(back.body or "") == same_text(wanted.body or "")


@given(item=_ITEMS, name=st.sampled_from(NAMES))
def test_the_foretold_form_is_its_own_form(item, name):
    held = github.canonical(item, words(name))
    assert github.canonical(held, words(name)) == held
