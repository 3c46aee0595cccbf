import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.profile import Profile
from mappings.proposal import as_toml, with_labels, with_statuses
from mappings.vocabulary import Category, Phase, Priority, Resolution, Severity

PROFILES = Path(__file__).parents[2] / "mappings" / "profiles"
#: The statuses that GitLab gives a group to begin with.
SYSTEM = [
    ("To do", "to_do"),
    ("In progress", "in_progress"),
    ("Done", "done"),
    ("Won't do", "canceled"),
    ("Duplicate", "canceled"),
]


def shipped(name):
    return Profile.model_validate(tomllib.loads((PROFILES / f"{name}.toml").read_text("utf-8")))


@pytest.fixture
def profile():
    return shipped("gitlab-issues")


def test_labels_that_plainly_mean_the_same_are_written_instead(profile):
    names = ["P0", "Priority::P1", "sev1", "bug", "Doing", "workflow::blocked", "technical debt"]
    mine = with_labels(profile, names)
    assert mine.priority.labels[Priority.P0] == "P0"
    assert mine.priority.labels[Priority.P1] == "Priority::P1"
    assert mine.priority.labels[Priority.P2] == "priority::P2"
    assert mine.severity.labels[Severity.SEV1] == "sev1"
    assert mine.category.labels[Category.BUG] == "bug"
    assert mine.category.labels[Category.TECH_DEBT] == "technical debt"
    assert mine.phase.labels[Phase.DOING] == "Doing"
    assert mine.phase.labels[Phase.BLOCKED] == "workflow::blocked"
    assert mine.phase.labels[Phase.TODO] == "phase::todo"


def test_a_label_of_ours_that_is_there_stays_and_others_are_read(profile):
    mine = with_labels(profile, ["priority::P0", "P0", "prio/P0", "Doing", "in progress"])
    assert mine.priority.labels[Priority.P0] == "priority::P0"
    assert mine.priority.also[Priority.P0] == ["P0", "prio/P0"]
    assert mine.phase.labels[Phase.DOING] == "Doing"
    assert mine.phase.also[Phase.DOING] == ["phase::active", "in progress"]
    assert mine.read_labels(["prio/p0"]).priorities == (Priority.P0,)


@pytest.mark.parametrize(
    "names",
    [
        [],
        ["critical", "high", "1", "done", "team::P1 crew", "wontfix-later", "customer::bug"],
        ["priority::high", "priority::1"],
        ["workflow::done", "closed"],
    ],
)
def test_what_is_not_plain_changes_nothing(profile, names):
    assert with_labels(profile, names) == profile


def test_labels_that_differ_in_case_alone_are_one(profile):
    mine = with_labels(profile, ["P0", "p0", "DOING", "Doing", "doing"])
    assert mine.priority.labels[Priority.P0] == "P0"
    assert mine.phase.labels[Phase.DOING] == "DOING"
    assert mine.phase.also[Phase.DOING] == ["phase::active"]


def test_a_reason_for_closing_is_a_label_too(profile):
    mine = with_labels(profile, ["resolution::wontfix"])
    assert mine.resolution.labels[Resolution.NOT_PLANNED] == "resolution::wontfix"


@pytest.mark.parametrize("name", ["github-labels", "github-titles", "gitlab-incidents"])
def test_any_shipped_profile_can_be_respelled(name):
    mine = with_labels(shipped(name), ["P0", "bug", "Doing", "workflow::Ready"])
    assert mine.read_labels(["workflow::ready"]).phases == (Phase.TODO,)


def test_statuses_say_the_phase_by_their_names_and_categories(profile):
    mine = with_statuses(profile, [*SYSTEM, ("Blocked", "in_progress"), ("Ideas", "triage")])
    assert mine.phase.statuses == {
        Phase.BACKLOG: ["Ideas"],
        Phase.TODO: ["To do"],
        Phase.DOING: ["In progress"],
        Phase.BLOCKED: ["Blocked"],
        Phase.COMPLETED: ["Done"],
    }
    assert mine.phase.open is Phase.BACKLOG
    assert mine.phase.labels == {}
    assert mine.resolution.values == {
        Resolution.NOT_PLANNED: "Won't do",
        Resolution.DUPLICATE: "Duplicate",
    }


@pytest.mark.parametrize("statuses", [[], [("Done", "done")], [("Open", "to_do")]])
def test_statuses_that_say_too_little_change_nothing(profile, statuses):
    assert with_statuses(profile, statuses) == profile


def test_without_a_backlog_an_open_issue_is_to_do(profile):
    assert with_statuses(profile, SYSTEM).phase.open is Phase.TODO


# --- as a file ----------------------------------------------------------------------------

SHIPPED = sorted(path.stem for path in PROFILES.glob("*.toml"))
names = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters=","), min_size=1, max_size=50
).filter(lambda name: name.strip())


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_profile_is_written_and_loaded_again(name):
    text = as_toml(shipped(name), "acme/payments")
    assert Profile.model_validate(tomllib.loads(text)) == shipped(name)
    assert "acme/payments" in text.splitlines()[0]


@given(label=names, person=names, login=names)
def test_whatever_labels_and_people_are_called_is_loaded_again(label, person, login):
    profile = Profile(
        name="x",
        priority={"labels": {"P0": label}, "also": {"P1": [f"{label[:40]} also"]}, "title": True},
        people={person: login},
        colours={label: "B60205"},
        phase={"statuses": {"doing": [label]}},
        kinds={"incident": {"labels": [label], "prefixes": ["P0"]}},
    )
    assert Profile.model_validate(tomllib.loads(as_toml(profile, "x"))) == profile


def test_an_empty_profile_is_a_file_too():
    assert Profile.model_validate(tomllib.loads(as_toml(Profile(), "x"))) == Profile()
