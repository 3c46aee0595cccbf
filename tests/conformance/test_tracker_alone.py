"""A team that has only a tracker: incidents are followed through where they live."""

from random import Random

import pytest

from adapters.files import LocalFiles
from adapters.nothing import Nowhere
from adapters.postmortems.connection import PostmortemsConnection
from adapters.postmortems.folder import Folder
from adapters.seams import Seams
from mappings.vocabulary import Phase, Side
from sync.decide.policy import Policy
from sync.effect.cycle import plan_pair, sync_pair
from sync.effect.pair import Pair
from sync.rules.settings import RuleSettings
from sync.rules.terms import RuleName, RuleTable
from sync.store import Store, findings
from tests.conformance.test_github import GitHubBench
from tests.conformance.test_gitlab import GitLabBench
from tests.conformance.test_jira import JiraBench

MISSING = "postmortem-missing"
DOCUMENT = """\
# Payments down

Incident: {key}

## Summary

Nobody could pay for ten minutes, as one query held a lock.

## Root cause

A migration ran at noon.
"""
RULES = RuleSettings.of(
    {
        RuleName.ALL: RuleTable(enabled=False),
        RuleName.POSTMORTEM_MISSING: RuleTable(enabled=True),
    }
)


class Team:
    """One tracker, no documents, and whoever works there."""

    def __init__(self, bench, folder):
        self.bench, self.folder = bench, folder
        reviews = PostmortemsConnection(Folder(folder, LocalFiles()), bench.clock)
        nowhere = Nowhere()
        self.pair = Pair(
            name="payments",
            projects={Side.LEFT: nowhere.open("", bench.profile), Side.RIGHT: bench.project},
            connections={Side.LEFT: nowhere, Side.RIGHT: bench.connection},
            names={Side.LEFT: "", Side.RIGHT: "acme"},
            policy=Policy(documents=False),
            key=b"k" * 32,
            rules=RULES,
            postmortems=reviews.open("", bench.profile),
        )
        self.store = Store.memory(bench.clock)
        self.seams = Seams(bench.clock, Random(1))

    def sync(self, later=60):
        self.bench.clock.sleep(later)
        report = sync_pair(self.pair, self.store, self.seams)
        assert report.complete, [str(one) for one in (*report.problems, *report.outcomes)]
        return report

    def closed_incident(self):
        ref = self.bench.make_outside("[P0] Payments down", "Nobody can pay.")
        if isinstance(self.bench, JiraBench):  # its own fields count, not the summary
            self.label(ref, "incident")
            self.label(ref, "SEV1")
        self.sync()
        self.bench.edit_outside(ref, phase=Phase.COMPLETED)
        return ref

    def label(self, ref, name):
        """Somebody puts a label on."""
        if isinstance(self.bench, JiraBench):
            self.bench.maria.label(ref.id, add=[name])
        else:
            self.bench.label_outside(ref, name)

    def labels(self, ref):
        return {label.lower() for label in self.bench.project.fetch(ref).labels}

    def unmet(self):
        with self.store.reading() as tx:
            return [one.rule for one in findings.open_now(tx, "payments")]


MAKERS = {
    "github": lambda folder: GitHubBench(folder, "github-labels"),
    "gitlab": lambda folder: GitLabBench(folder, "gitlab-incidents"),
    "jira-cloud": lambda folder: JiraBench(folder, "jira-software", "cloud"),
}


@pytest.fixture(params=MAKERS)
def team(request, tmp_path):
    bench = MAKERS[request.param](tmp_path)
    folder = tmp_path / "postmortems"
    folder.mkdir()
    made = Team(bench, folder)
    made.sync()
    yield made
    made.store.close()
    bench.close()


def test_a_p0_closed_without_a_postmortem_is_flagged_and_cleared_once_it_is_written(team):
    ref = team.closed_incident()
    team.sync()
    assert team.unmet() == [MISSING]
    assert MISSING in team.labels(ref)
    (note,) = team.bench.comments_of(ref)
    assert "no postmortem belongs to it" in note
    key = team.bench.project.fetch(ref).ref.key
    (team.folder / "2026-03-01-payments.md").write_text(DOCUMENT.format(key=key))
    team.sync()
    assert team.unmet() == []
    assert MISSING not in team.labels(ref)
    (note,) = team.bench.comments_of(ref)
    assert "met on" in note


def test_a_second_cycle_writes_nothing(team):
    team.closed_incident()
    team.sync()
    before = team.bench.everything()
    for _ in range(3):
        assert plan_pair(team.pair, team.store, team.seams).plan.operations == ()
        assert team.sync(20).plan.operations == ()
    assert team.bench.everything() == before


def test_a_postmortem_linked_in_a_comment_is_enough(team):
    ref = team.closed_incident()
    team.sync()
    team.bench.comment_outside(ref, "[Postmortem](https://docs.example/d/1)")
    team.sync(3600)  # a comment so soon after our own need not move the time
    assert team.unmet() == []
    assert MISSING not in team.labels(ref)


def test_a_waiver_in_a_comment_holds_with_its_label(team):
    ref = team.closed_incident()
    team.sync()
    team.bench.clock.sleep(60)
    team.bench.comment_outside(ref, f"waive: {MISSING} until 2099-12-31 because nobody was hurt")
    team.label(ref, "waived")
    team.sync()
    assert MISSING not in team.labels(ref)
    notes = [text for text in team.bench.comments_of(ref) if "waived" in text]
    assert any("nobody was hurt" in text and "until 2099-12-31" in text for text in notes)
    assert team.sync(20).plan.operations == ()


def test_a_note_whose_answer_is_lost_is_there_once(team):
    ref = team.closed_incident()
    team.bench.lose_next_reply()
    team.bench.clock.sleep(60)
    sync_pair(team.pair, team.store, team.seams)
    for _ in range(3):
        team.sync(1200)
    assert len(team.bench.comments_of(ref)) == 1
    assert MISSING in team.labels(ref)


def test_what_we_flagged_is_taken_down_when_met_though_the_state_was_lost(team):
    ref = team.closed_incident()
    team.sync()
    assert MISSING in team.labels(ref)
    team.store.close()
    team.store = Store.memory(team.bench.clock)
    team.sync()
    assert MISSING in team.labels(ref), "it is not met"
    key = team.bench.project.fetch(ref).ref.key
    (team.folder / "2026-03-01-payments.md").write_text(DOCUMENT.format(key=key))
    team.sync()
    assert MISSING not in team.labels(ref)
    (note,) = team.bench.comments_of(ref)
    assert "met on" in note
    assert team.sync(20).plan.operations == ()


def test_a_label_of_ours_that_a_person_put_on_stays_when_the_state_was_lost(team):
    ref = team.bench.make_outside("[P0] Payments down", "Postmortem: https://docs.example/d/1")
    if isinstance(team.bench, JiraBench):
        team.label(ref, "incident")
        team.label(ref, "SEV1")
    team.label(ref, MISSING)
    team.bench.edit_outside(ref, phase=Phase.COMPLETED)
    for _ in range(3):
        team.sync()
    assert MISSING in team.labels(ref)
