"""A sandbox begins as it was asked to, and goes back to that."""

import pytest

from adapters.sandbox import Sandbox, serve
from adapters.sandbox.core.access import Access
from mappings.problem import ProblemError


def test_without_a_word_it_is_a_cloud_with_one_classic_project():
    with Sandbox("jira") as jira:
        assert jira.state.flavour == "cloud"
        (project,) = jira.state.projects.values()
        assert (project.key, project.workflow.name) == ("PAY", "Software workflow with review")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"projects": ["acme/payments"]}, "key is like"),
        ({"projects": ["PAY:waterfall"]}, "no project template"),
        ({"projects": ["PAY", "PAY"]}, "there already"),
        ({"flavour": "server"}, "no flavour"),
    ],
)
def test_what_makes_no_sense_is_refused(options, words):
    with pytest.raises(ValueError, match=words):
        Sandbox("jira", **options)


def test_the_command_says_which_flavours_there_are():
    with pytest.raises(ProblemError, match="known: cloud, datacenter"):
        serve("jira", projects=None, token="t", flavour="server")


def test_a_reset_begins_anew(start, plain):
    def setup(state):
        state.project("PAY").people["setter"] = Access.WRITE

    jira = start(setup=setup)
    api = plain(jira)
    assert [api.make(), api.make()] == ["PAY-1", "PAY-2"]
    jira.tracker.reset()
    assert api.make() == "PAY-1"
    assert "setter" in jira.state.project("PAY").people


def test_the_same_calls_give_the_same_state(start):
    dumps = []
    for _ in range(2):
        jira = start()
        maria = jira.person("maria")
        key = maria.open("x", "y", ["a"]).key
        maria.walk(key, "Done")
        maria.comment(key, "z")
        dumps.append(jira.tracker.dump())
    assert dumps[0] == dumps[1]


def test_what_hung_on_a_deleted_issue_is_gone(jira):
    maria = jira.person("maria")
    one, two = maria.open("one"), maria.open("two")
    maria.link(one.key, two.key)
    maria.choose(two.key, "parent", {"key": one.key})
    maria.comment(one.key, "x")
    maria.delete(one.key)
    relations = jira.state.issues.relations
    assert (relations.comments, relations.links) == ({}, {})
    assert jira.state.issues.get(two.key).parent is None
