import pytest

from mappings.phases import LEGAL, MEANS, first, path
from mappings.vocabulary import Phase


@pytest.mark.parametrize(
    ("level", "start", "wanted", "steps"),
    [
        ("task", "backlog", Phase.COMPLETED, ("todo", "active", "completed")),
        ("task", "backlog", Phase.BLOCKED, ("todo", "blocked")),
        ("task", "todo", Phase.DOING, ("active",)),
        ("task", "blocked", Phase.COMPLETED, ("active", "completed")),
        ("task", "active", Phase.TODO, ("blocked", "todo")),
        ("task", "active", Phase.DOING, ()),
        ("task", "completed", Phase.COMPLETED, ()),
        ("initiative", "discovery", Phase.TODO, ("design", "ready")),
        ("initiative", "design", Phase.BACKLOG, ()),
        (
            "initiative",
            "discovery",
            Phase.COMPLETED,
            ("design", "ready", "decompose", "active", "completed"),
        ),
    ],
)
def test_the_shortest_legal_way_is_found(level, start, wanted, steps):
    assert path(level, start, wanted) == steps


@pytest.mark.parametrize(
    ("level", "start", "wanted"),
    [
        ("task", "completed", Phase.TODO),
        ("task", "todo", Phase.BACKLOG),
        ("initiative", "active", Phase.BACKLOG),
        ("initiative", "active", Phase.BLOCKED),
        ("task", "doing", Phase.COMPLETED),
        ("vision", "draft", Phase.COMPLETED),
        ("memo", "draft", Phase.COMPLETED),
    ],
)
def test_there_is_no_way_back_and_none_from_unknown_words(level, start, wanted):
    assert path(level, start, wanted) is None


@pytest.mark.parametrize("level", LEGAL)
def test_every_step_leads_to_a_phase_of_the_same_type(level):
    assert {step for steps in LEGAL[level].values() for step in steps} <= set(LEGAL[level])


@pytest.mark.parametrize(
    ("level", "chain"),
    [
        ("vision", ["draft", "review", "published"]),
        ("adr", ["draft", "discussion", "decided", "superseded"]),
        ("specification", ["discovery", "drafting", "review", "published"]),
        ("strategy", ["shaping", "design", "ready", "active", "completed"]),
    ],
)
def test_documents_that_are_no_items_go_one_way(level, chain):
    ends = [(step,) for step in chain[1:]] + [()]
    assert dict(LEGAL[level]) == dict(zip(chain, ends, strict=True))


@pytest.mark.parametrize("level", MEANS)
def test_every_phase_of_an_item_has_a_meaning(level):
    assert set(MEANS[level]) == set(LEGAL[level])


def test_every_walk_that_is_found_is_legal_and_ends_where_it_should():
    for level, words in MEANS.items():
        for start in words:
            for wanted in Phase:
                here = start
                for step in path(level, start, wanted) or ():
                    assert step in LEGAL[level][here]
                    here = step
                assert path(level, start, wanted) is None or words[here] is wanted


def test_something_new_starts_in_the_first_phase_of_its_meaning():
    assert first("task", Phase.DOING) == "active"
    assert first("initiative", Phase.BACKLOG) == "discovery"
    assert first("initiative", Phase.BLOCKED) is None
