"""Jira's JSON to items and back."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.item import UNSET, Draft, Item, Patch, Ref
from mappings.jira import IssueReader, canonical, moment_of
from mappings.jira_edit import changed_issue, new_issue, refused, wanted_status
from mappings.jira_words import Site, resolution_among, resolution_name, resolution_said
from mappings.jira_workflow import Need, Status
from mappings.profile import KindWords, Profile
from mappings.vocabulary import Category, Kind, Phase, Priority, Resolution, Severity

PROFILE = Profile.model_validate(
    {
        "priority": {
            "authority": "field",
            "field": "priority",
            "values": {"P0": "Highest", "P1": "2"},
            "also": {"P0": ["Blocker"]},
        },
        "severity": {"authority": "field", "field": "Severity", "values": {"SEV1": "Critical"}},
        "category": {
            "authority": "type",
            "types": {"bug": "Bug"},
            "labels": {"bug": "bug", "tech-debt": "tech-debt"},
        },
        "phase": {
            "open": "backlog",
            "statuses": {"todo": ["10001"], "doing": ["In Progress"], "completed": ["Done"]},
        },
        "resolution": {"values": {"not_planned": "Canceled"}},
        "kinds": {"incident": {"types": ["[System] Incident"]}, "task": {"types": ["Task"]}},
        "people": {"ann": "acc-1", "bob": "acc-0"},
    }
)
SITE = Site(PROFILE, cloud=True, severity="customfield_9")


def raw(**fields):
    return {
        "id": "10010",
        "key": "PAY-7",
        "fields": {
            "summary": "Down",
            "status": {"id": "3", "name": "In Progress", "statusCategory": {"key": "x"}},
            "issuetype": {"name": "Task"},
            "labels": [],
            "created": "2026-03-01T10:00:00.000+0545",
            "updated": "2026-03-01T10:00:00.000+0000",
        }
        | fields,
    }


def read(**fields):
    return IssueReader(SITE, "https://x.example")(raw(**fields))


def test_an_issue_that_says_nothing_else_is_an_item():
    item = read()
    assert (item.ref.id, item.ref.key) == ("10010", "PAY-7")
    assert item.ref.url == "https://x.example/browse/PAY-7"
    assert (item.phase, item.resolution, item.priority, item.owners) == (
        Phase.DOING,
        None,
        None,
        (),
    )
    assert (item.due, item.parent, item.body, item.marker) == (None, None, UNSET, "")
    assert item.created_at == datetime(2026, 3, 1, 4, 15, tzinfo=UTC)


def test_fields_by_name_id_and_words_that_are_only_read():
    assert read(priority={"name": "Blocker"}).priority is Priority.P0
    assert read(priority={"name": "P1"}).priority is Priority.P1
    assert read(customfield_9={"value": "Critical"}).severity is Severity.SEV1
    assert read(status={"id": "10001", "name": "Whatever"}).phase is Phase.TODO
    assert read(issuetype={"name": "Bug"}).category is Category.BUG
    assert read(issuetype={"name": "[System] Incident"}).kind is Kind.INCIDENT
    assert read(duedate="2026-04-01").due == date(2026, 4, 1)


def test_a_title_a_label_and_a_field_that_disagree_are_a_notice():
    item = read(summary="[P1] Down", priority={"name": "Highest"})
    assert (item.title, item.priority) == ("Down", Priority.P0)
    assert [one.code for one in item.notices] == ["E130"]


def test_an_unknown_category_of_status_is_no_opinion():
    status = {"id": "9", "name": "Odd", "statusCategory": {"key": "undefined"}}
    item = read(status=status)
    assert item.phase is UNSET
    assert [one.code for one in item.notices] == ["E129"]


@pytest.mark.parametrize(
    ("resolution", "status", "meant"),
    [
        ("", "Done", Resolution.DONE),
        ("Won't Do", "Done", Resolution.NOT_PLANNED),
        ("Cannot Reproduce", "Done", Resolution.NOT_PLANNED),
        ("", "Canceled", Resolution.NOT_PLANNED),
        ("Duplicate", "Closed", Resolution.DUPLICATE),
        ("Something else", "Done", Resolution.DONE),
    ],
)
def test_why_an_issue_ended(resolution, status, meant):
    assert resolution_said(resolution, Status("1", status, "done"), PROFILE) is meant


def test_a_status_that_stands_for_a_resolution_still_names_one_on_the_screen():
    need = Need("resolution", "Resolution", allowed=({"name": "Done"}, {"name": "Won't Do"}))
    assert resolution_name(Resolution.NOT_PLANNED, PROFILE) == "Canceled"
    assert resolution_among(need, Resolution.NOT_PLANNED, PROFILE) == "Won't Do"
    assert resolution_among(need, None, PROFILE) == "Done"


def test_a_new_issue_holds_its_marker_as_a_property():
    draft = Draft(
        title="Down",
        marker="<!-- m -->",
        priority=Priority.P1,
        severity=Severity.SEV1,
        owners=("ann", "bob"),
        parent=Ref("5"),
        category=Category.TECH_DEBT,
    )
    payload = new_issue(draft, SITE, "10000")
    assert payload["properties"] == [
        {"key": "followthrough", "value": {"marker": "<!-- m -->", "parent": "5"}}
    ]
    assert payload["fields"] == {
        "project": {"id": "10000"},
        "issuetype": {"name": "Task"},
        "summary": "Down",
        "labels": ["followthrough", "tech-debt"],
        "priority": {"id": "2"},
        "customfield_9": {"value": "Critical"},
        "assignee": {"accountId": "acc-0"},
    }


def test_data_center_names_people():
    site = Site(PROFILE, cloud=False)
    fields = new_issue(Draft(title="x", owners=("ann",)), site, "1")["fields"]
    assert fields["assignee"] == {"name": "acc-1"}


def test_a_change_that_says_nothing_new_is_empty():
    now = raw(priority={"name": "Highest"}, labels=["theirs"], assignee={"accountId": "acc-1"})
    patch = Patch(
        title="Down", priority=Priority.P0, owners=("ann",), due=None, severity=None, category=None
    )
    assert changed_issue(now, patch, SITE) == {}


def test_a_type_that_says_a_kind_is_never_changed():
    now = raw(issuetype={"name": "[System] Incident"})
    payload = changed_issue(now, Patch(category=Category.BUG), SITE)
    assert payload == {"update": {"labels": [{"add": "bug"}]}}


def test_owners_whom_nobody_maps_leave_the_assignee():
    now = raw(assignee={"accountId": "acc-1"})
    assert changed_issue(now, Patch(owners=("nobody",)), SITE) == {}
    assert changed_issue(now, Patch(owners=()), SITE) == {"fields": {"assignee": None}}


def test_what_jira_would_refuse_is_said_first():
    assert refused({"fields": {"summary": " "}})[0].code == "E120"
    assert refused({"fields": {"labels": ["a b"]}})[0].code == "E120"
    assert refused({"update": {"labels": [{"add": "x" * 256}]}})[0].code == "E120"
    assert refused({"fields": {"summary": "x", "description": "y"}}) is None


def test_a_phase_is_asked_for_only_where_it_differs():
    item = Item(ref=Ref("1"), phase=Phase.COMPLETED, resolution=Resolution.DONE)
    assert wanted_status(Patch(phase=Phase.COMPLETED), item) is None
    assert wanted_status(Patch(title="x"), item) is None
    asked = Patch(phase=Phase.COMPLETED, resolution=Resolution.DUPLICATE)
    assert wanted_status(asked, item) == (Phase.COMPLETED, Resolution.DUPLICATE)
    assert wanted_status(Patch(phase=Phase.TODO), item) == (Phase.TODO, None)


@pytest.mark.parametrize("text", ["2026-03-01T10:00:00.000+0000", "2026-03-01T10:00:00Z"])
def test_a_time_is_utc_however_it_is_written(text):
    assert moment_of(text) == datetime(2026, 3, 1, 10, tzinfo=UTC)


@given(
    st.builds(
        Item,
        ref=st.just(Ref("1")),
        title=st.text(max_size=30),
        kind=st.sampled_from(Kind),
        phase=st.sampled_from(Phase),
        resolution=st.sampled_from([None, UNSET, *Resolution]),
        priority=st.sampled_from([None, UNSET, *Priority]),
        severity=st.sampled_from([None, UNSET, *Severity]),
        category=st.sampled_from([None, UNSET, *Category]),
        owners=st.sampled_from([UNSET, (), ("ann",), ("ann", "bob"), ("nobody",)]),
        body=st.sampled_from([UNSET, None, "", "text", "*a* [b]"]),
    )
)
def test_the_canonical_form_is_its_own(item):
    once = canonical(item, SITE)
    assert canonical(once, SITE) == once


def test_an_action_tells_what_it_is_linked_with_but_not_its_copies():
    profile = PROFILE.model_copy(
        update={"kinds": {**PROFILE.kinds, Kind.ACTION: KindWords(labels=("action-item",))}}
    )
    links = [
        {"type": {"name": "Relates"}, "outwardIssue": {"id": "1", "key": "PAY-1"}},
        {"type": {"name": "Blocks"}, "inwardIssue": {"id": "2", "key": "PAY-2"}},
        {"type": {"name": "Duplicate"}, "inwardIssue": {"id": "3", "key": "PAY-3"}},
    ]
    reader = IssueReader(Site(profile, cloud=True), "https://x.example")
    told = reader(raw(issuelinks=links, labels=["action-item"]))
    assert told.kind is Kind.ACTION
    assert told.related == (Ref("1", "PAY-1"), Ref("2", "PAY-2"))
    assert reader(raw(issuelinks=links)).related == ()
