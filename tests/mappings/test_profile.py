import tomllib
from importlib import resources

import pytest
from pydantic import ValidationError

from mappings.problem import Problem
from mappings.profile import KindWords, Profile, Said, settle
from mappings.titles import Title, read_title
from mappings.vocabulary import Category, Field, Kind, Phase, Priority, Resolution, Severity

SHIPPED = sorted(
    entry.name.removesuffix(".toml")
    for entry in (resources.files("mappings") / "profiles").iterdir()
    if entry.name.endswith(".toml")
)


def shipped(name):
    text = (resources.files("mappings") / "profiles" / f"{name}.toml").read_text(encoding="utf-8")
    return Profile.model_validate(tomllib.loads(text))


@pytest.fixture(scope="module")
def labels():
    return shipped("github-labels")


def test_labels_are_read_without_regard_to_case(labels):
    said = labels.read_labels(["p1", "Sev2", "BUG", "Phase: Doing", "good first issue"])
    assert said == Said(
        priorities=(Priority.P1,),
        severities=(Severity.SEV2,),
        categories=(Category.BUG,),
        phases=(Phase.DOING,),
    )
    assert labels.read_labels(["help wanted"]) == Said()


def test_further_labels_are_read_as_the_same(labels):
    said = labels.read_labels(
        ["enhancement", "phase: active", "severity: critical", "priority: P0"]
    )
    assert said == Said((Priority.P0,), (Severity.SEV1,), (Category.FEATURE,), (Phase.DOING,))


def test_labels_that_disagree_are_all_told_the_most_urgent_first(labels):
    said = labels.read_labels(["P3", "phase: todo", "P1", "phase: backlog"])
    assert said.priorities == (Priority.P1, Priority.P3)
    assert said.phases == (Phase.BACKLOG, Phase.TODO)


def test_a_resolution_can_be_a_label():
    profile = Profile.model_validate({"resolution": {"labels": {"not_planned": "wontfix"}}})
    assert profile.read_labels(["WontFix"]).resolutions == (Resolution.NOT_PLANNED,)
    assert profile.vocabulary_labels(Field.RESOLUTION) == {"wontfix"}


def test_the_labels_that_a_write_replaces_are_known_by_field(labels):
    assert "priority: p2" in labels.vocabulary_labels(Field.PRIORITY)
    assert "sev4" in labels.vocabulary_labels(Field.SEVERITY)
    assert labels.vocabulary_labels(Field.CATEGORY) >= {"bug", "enhancement"}
    assert "phase: active" in labels.vocabulary_labels(Field.PHASE)
    assert labels.vocabulary_labels(Field.TITLE) == frozenset()


def test_types_statuses_and_people_are_looked_up():
    profile = Profile.model_validate(
        {
            "category": {"types": {"bug": "Bug"}, "authority": "type"},
            "phase": {"statuses": {"doing": ["In Progress", "In Review"]}},
            "people": {"ann": "Ann-W"},
        }
    )
    assert profile.category_of_type("bug") is Category.BUG
    assert profile.category_of_type("Epic") is None
    assert profile.phase_of_status("in review") is Phase.DOING
    assert profile.phase_of_status("Odd") is None
    assert profile.person("ann-w") == "ann"
    assert profile.person("bo") is None


@pytest.mark.parametrize(
    ("names", "title", "kind"),
    [
        ([], "Rename the pool", Kind.TASK),
        (["bug"], "Rename the pool", Kind.TASK),
        (["Incident"], "Checkout is down", Kind.INCIDENT),
        ([], "[P0] Checkout is down", Kind.INCIDENT),
        ([], "[SEV-1] Checkout is down", Kind.INCIDENT),
        ([], "[critical] Checkout is down", Kind.INCIDENT),
        ([], "[INCIDENT] [P2] Checkout is slow", Kind.INCIDENT),
        ([], "[P1] Checkout is slow", Kind.TASK),
        (["action-item"], "[P0] Alert on pool size", Kind.ACTION),
        (["incident", "action-item"], "Alert on pool size", Kind.ACTION),
        (["initiative", "incident"], "Rebuild checkout", Kind.INITIATIVE),
    ],
)
def test_a_kind_is_told_by_labels_and_then_by_prefixes(labels, names, title, kind):
    assert labels.kind_of(names, (), read_title(title)) is kind


def test_a_kind_can_be_an_issue_type_and_a_task_can_be_explicit():
    profile = Profile(
        kinds={
            Kind.INCIDENT: KindWords(types=["Incident"], prefixes=["P0"]),
            Kind.TASK: KindWords(types=["Task"]),
        }
    )
    assert profile.kind_of((), ("incident",), Title("Down")) is Kind.INCIDENT
    assert profile.kind_of((), ("Task",), Title("Down", Priority.P0)) is Kind.TASK
    assert profile.kind_of((), ("Epic",), Title("Down", Priority.P0)) is Kind.INCIDENT


def test_a_copy_with_other_people_forgets_what_was_derived():
    profile = Profile(people={"ann": "ann-w"})
    assert profile.person("ann-w") == "ann"
    copied = profile.model_copy(update={"people": {"bo": "bo-b"}})
    assert copied.person("bo-b") == "bo"
    assert copied.person("ann-w") is None
    assert profile.person("ann-w") == "ann"


def test_looking_something_up_leaves_profiles_equal():
    used = Profile(people={"ann": "ann-w"})
    used.person("ann-w")
    assert used == Profile(people={"ann": "ann-w"})


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({"priority": {"labels": {"P0": "urgent", "P1": "Urgent"}}}, "stands for two things"),
        (
            {"category": {"labels": {"bug": "bug"}, "also": {"feature": ["bug"]}}},
            "stands for two things",
        ),
        (
            {"kinds": {"incident": {"labels": ["x"]}, "action": {"labels": ["x"]}}},
            "stands for two things",
        ),
        ({"priority": {"labels": {"P0": "now, please"}}}, "no comma"),
        ({"priority": {"labels": {"P0": " "}}}, "cannot be a label"),
        ({"priority": {"labels": {"P0": "x" * 51}}}, "cannot be a label"),
        ({"colours": {"P0": "red"}}, 'colour of "P0" must be six hex digits'),
        ({"kinds": {"incident": {"prefixes": ["URGENT"]}}}, '"URGENT" is no title prefix'),
        ({"prioritys": {}}, "Extra inputs"),
        ({"priority": {"labels": {"P4": "P4"}}}, "priority.labels.P4"),
    ],
)
def test_a_profile_that_says_two_things_or_none_is_refused(raw, message):
    with pytest.raises(ValidationError, match=message):
        Profile.model_validate(raw)


def test_one_label_may_tell_a_kind_and_a_category():
    profile = Profile.model_validate(
        {"category": {"labels": {"bug": "bug"}}, "kinds": {"incident": {"labels": ["bug"]}}}
    )
    assert profile.kind_of(["bug"], (), Title("Down")) is Kind.INCIDENT


def test_carriers_that_agree_settle_quietly():
    said = {"label": Priority.P0, "title": Priority.P0, "field": None}
    assert settle(Field.PRIORITY, "label", said) == (Priority.P0, None)
    assert settle(Field.PRIORITY, "label", {"label": None}) == (None, None)


def test_the_authority_wins_a_disagreement_that_is_noticed():
    said = {"label": Priority.P2, "title": Priority.P0}
    value, notice = settle(Field.PRIORITY, "title", said, "acme/payments#12")
    assert value is Priority.P0
    text = "priority differs: the label P2, the title P0; the title counts."
    assert notice == Problem("E130", text, "acme/payments#12")


def test_where_the_authority_is_silent_another_carrier_speaks():
    said = {"label": None, "title": Severity.SEV2}
    assert settle(Field.SEVERITY, "label", said) == (Severity.SEV2, None)
    three = {"label": None, "title": Severity.SEV2, "field": Severity.SEV1}
    assert settle(Field.SEVERITY, "label", three)[0] is Severity.SEV2


def test_the_shipped_profiles_are_named_after_their_trackers():
    assert {"github-labels", "github-projects", "github-titles"} <= set(SHIPPED)
    assert {"gitlab-incidents", "gitlab-issues"} <= set(SHIPPED)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_profile_is_named_after_its_file_and_described(name):
    profile = shipped(name)
    assert profile.name == name
    assert profile.tracker == name.partition("-")[0]
    assert profile.description.endswith(".")


#: Jira says most of it by statuses, types and fields of its own; see test_jira.py.
LABELLED = [name for name in SHIPPED if not name.startswith("jira-")]


@pytest.mark.parametrize("name", LABELLED)
def test_a_shipped_profile_can_say_every_phase(name):
    phase = shipped(name).phase
    said = {*phase.labels, *(phase.board.options if phase.board else ()), phase.open}
    assert said | {Phase.COMPLETED} == set(Phase)


@pytest.mark.parametrize("name", LABELLED)
def test_a_shipped_profile_has_a_colour_for_every_label_it_writes_and_no_other(name):
    profile = shipped(name)
    written = [
        *profile.priority.labels.values(),
        *profile.severity.labels.values(),
        *profile.category.labels.values(),
        *profile.phase.labels.values(),
        *profile.resolution.labels.values(),
        *(label for words in profile.kinds.values() for label in words.labels[:1]),
    ]
    assert sorted(profile.colours) == sorted(written)


@pytest.mark.parametrize("name", LABELLED)
def test_a_shipped_profile_writes_what_its_authority_names(name):
    profile = shipped(name)
    for words in (profile.priority, profile.severity):
        assert words.title if words.authority == "title" else words.labels
    assert profile.category.authority == "label"
    assert set(profile.category.labels) == set(Category)


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("title", ["[P0] Down", "[INCIDENT] Down", "[SEV1] Down", "[Sev-1] Down"])
def test_a_shipped_profile_knows_an_incident_by_its_prefix(name, title):
    assert shipped(name).kind_of((), (), read_title(title)) is Kind.INCIDENT
