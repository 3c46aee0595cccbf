"""Action items of postmortems kept in step with a GitHub repository, with the real engine."""

import errno
import os
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from adapters.sandbox import Sandbox
from adapters.seams import Seams
from mappings.vocabulary import Field, Phase, Side
from sync import wiring
from sync.decide.plan import OpKind
from sync.effect.cycle import plan_pair, sync_pair
from sync.effect.outcome import Result
from sync.settings import SettingsError, load
from sync.store import Store, disputes, observations, setaside
from tests.conformance.folders import ClockAhead

TOKEN = "ghp_canary0canary0canary0canary0canary00"
PROJECT = "acme/payments"
SETTINGS = """\
[connections.docs]
adapter = "metis"
path = "payments"

[connections.reviews]
adapter = "postmortems"
path = "postmortems"
{more}

[connections.acme]
adapter = "github"
base_url = "{url}"
token = {{ file = "token" }}

[pairs.payments]
left = {{ connection = "docs" }}
right = {{ connection = "acme", project = "acme/payments" }}
postmortems = "reviews"
profile = "github-labels"
people = {{ maria = "maria", devon = "devon" }}
"""
RECORD = """---
id: checkout
level: task
title: "[P0] Checkout is down"
short_code: "PAY-T-0001"
created_at: 2026-03-01T12:00:00.123456+00:00
updated_at: 2026-03-01T12:00:00.123456+00:00
parent:\x20
blocked_by: []
archived: false

tags:
  - "#task"
  - "#phase/active"
  - "#bug"


exit_criteria_met: false
initiative_id: NULL
---

# [P0] Checkout is down

Nobody can pay.
"""
ALERT = "- [ ] [P1] Alert when the connection pool is exhausted - @maria, due 2030-12-01"
POOL = "- [ ] Size the connection pool from the load test - @devon, due 2030-11-15"
RUNBOOK = "- [ ] Write a runbook for failing over to the second acquirer - @zoe, due Q3"
HEAD = """# Postmortem: checkout was down

**Incident:** PAY-T-0001
**Severity:** SEV1
**Date:** 2026-03-01

## Summary

The connection pool to the acquirer was exhausted and card payments failed for an hour.

## Root cause

A retry loop held connections while it waited.

## Action items

"""


class Team:
    """A workspace, a folder of postmortems, a repository, and followthrough between them."""

    def __init__(self, folder, more=""):
        self.clock = ClockAhead(timedelta(hours=1))
        self.sandbox = Sandbox("github", projects=[PROJECT], token=TOKEN, clock=self.clock).start()
        self.maria = self.sandbox.person("maria")
        self.home = self.sandbox.state.repository(PROJECT)
        (folder / "token").write_text(TOKEN)
        self.documents = folder / "payments" / ".metis" / "backlog"
        self.documents.mkdir(parents=True)
        (self.documents.parent / "config.toml").write_text('[project]\nprefix = "PAY"\n')
        (self.documents / "PAY-T-0001.md").write_text(RECORD)
        self.folder = folder / "postmortems"
        self.folder.mkdir()
        file = folder / "followthrough.toml"
        file.write_text(SETTINGS.format(url=self.sandbox.url, more=more))
        self.loaded = load(file, {})
        self.seams = Seams(self.clock, Random(1))
        self.store = Store.memory(self.clock)
        self.house = wiring.build(self.loaded, self.seams, b"k" * 32)
        # Rules have tests of their own, and time passes quickly here.
        self.pairs = [replace(one, rules=None) for one in self.house.pairs]

    @property
    def pair(self):
        return next(one for one in self.pairs if one.name == "payments/actions")

    def write(self, *lines, name="2026-03-01-checkout.md", head=HEAD):
        text = head + "\n".join(lines) + "\n"
        self.save(name, text)
        return text

    def save(self, name, text):
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        old = self.clock.now() - timedelta(minutes=30)
        os.utime(path, (old.timestamp(), old.timestamp()))

    def read(self, name="2026-03-01-checkout.md"):
        return (self.folder / name).read_bytes().decode()

    def lines(self, name="2026-03-01-checkout.md"):
        return self.read(name).partition("## Action items\n\n")[2].splitlines()

    def edit(self, change, name="2026-03-01-checkout.md"):
        self.save(name, change(self.read(name)))

    def sync(self):
        self.clock.sleep(300)
        reports = [sync_pair(pair, self.store, self.seams) for pair in self.pairs]
        assert [str(one) for report in reports for one in report.problems] == []
        self.bad = [one for report in reports for one in report.outcomes
                    if one.result in {Result.FAILED, Result.UNKNOWN}]  # fmt: skip
        return reports[1]

    def quiet(self):
        """Another run plans nothing, and writes nothing."""
        before = self.everything()
        for pair in self.pairs:
            assert plan_pair(pair, self.store, self.seams).plan.operations == ()
        self.sync()
        assert self.everything() == before

    def everything(self):
        with self.sandbox.lock:
            files = {path: path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}
            papers = {path: path.read_bytes() for path in self.documents.glob("*")}
            return self.sandbox.tracker.dump(), files, papers

    def issues(self):
        with self.sandbox.lock:
            found = self.sandbox.tracker.dump()["repositories"][0]["issues"]
        return {one["title"]: one for one in found}

    def issue(self, words):
        (found,) = (one for title, one in self.issues().items() if words in title)
        return found

    def aside(self):
        with self.store.reading() as tx:
            return [str(one.problem) for one in setaside.listed(tx, self.pair.name)]

    def items(self):
        with self.store.trying() as tx:
            known = observations.known_ids(tx, self.pair.name, Side.LEFT)
            return {
                item.title: item
                for item in (observations.get(tx, self.pair.name, Side.LEFT, one) for one in known)
            }

    def close(self):
        self.house.close()
        self.store.close()
        self.sandbox.stop()
        assert self.sandbox.failures == []


@pytest.fixture
def team(tmp_path):
    made = Team(tmp_path)
    made.sync()
    yield made
    made.close()


def test_action_items_become_issues_under_the_incident(team):
    team.write(ALERT, POOL, RUNBOOK)
    team.sync()
    incident = team.issue("Checkout is down")
    alert, pool, runbook = team.issue("Alert"), team.issue("Size"), team.issue("runbook")
    items = {one.ref.id: one for page in team.pair.projects[Side.RIGHT].changed(None)
             for one in page.items}  # fmt: skip
    for one in (alert, pool, runbook):
        assert items[str(one["number"])].parent.id == str(incident["number"])
    first = items[str(alert["number"])]
    assert first.title == "Alert when the connection pool is exhausted"
    assert (first.priority, first.owners) == ("P1", ("maria",))
    assert first.due.isoformat() == "2030-12-01"
    assert first.kind == "action"
    assert items[str(runbook["number"])].due is None
    assert len(team.issues()) == 4
    team.quiet()


def test_the_link_is_written_on_each_line_and_nothing_else(team):
    before = team.write(ALERT, POOL).splitlines()
    team.sync()
    number = team.issue("Alert")["number"]
    after = team.read().splitlines()
    link = f" ([#{number}]({team.sandbox.url}/{PROJECT}/issues/{number}))"
    assert after[-2] == before[-2] + link
    assert after[:-2] == before[:-2]


def test_no_issue_of_an_action_becomes_a_document(team):
    team.write(ALERT)
    team.sync()
    team.sync()
    assert [path.name for path in team.documents.glob("*")] == ["PAY-T-0001.md"]
    report = plan_pair(team.pairs[0], team.store, team.seams)
    assert report.plan.held == ()


def test_closing_the_issue_ticks_the_box_and_reopening_it_unticks_it(team):
    team.write(ALERT, POOL)
    team.sync()
    number = team.issue("Alert")["number"]
    team.maria.close(number)
    team.sync()
    assert team.lines()[0].startswith("- [x] [P1] Alert")
    assert team.lines()[1].startswith("- [ ] Size")
    team.quiet()
    team.maria.reopen(number)
    team.sync()
    assert team.lines()[0].startswith("- [ ] [P1] Alert")
    team.quiet()


def test_ticking_the_box_closes_the_issue(team):
    team.write(ALERT, POOL)
    team.sync()
    team.edit(lambda text: text.replace("- [ ] [P1]", "- [x] [P1]"))
    team.sync()
    assert team.issue("Alert")["state"] == "closed"
    assert team.issue("Size")["state"] == "open"
    team.quiet()


def test_an_issue_at_work_leaves_the_box_as_it_is(team):
    team.write(ALERT)
    team.sync()
    before = team.read()
    number = team.issue("Alert")["number"]
    team.maria.label(number, add=["phase: doing"], remove=["phase: todo"])
    team.sync()
    assert team.read() == before
    team.quiet()


def test_lines_that_change_places_keep_their_issues(team):
    team.write(ALERT, POOL, RUNBOOK)
    team.sync()
    lines = team.lines()
    team.save("2026-03-01-checkout.md", HEAD + "\n".join(reversed(lines)) + "\n")
    assert team.sync().plan.operations == ()
    assert len(team.issues()) == 4
    team.maria.close(team.issue("runbook")["number"])
    team.sync()
    assert team.lines()[0].startswith("- [x] Write a runbook")


def test_a_reworded_line_renames_its_issue(team):
    team.write(ALERT, POOL)
    team.sync()
    number = team.issue("Alert")["number"]
    team.edit(lambda text: text.replace("Alert when the", "Page somebody before the"))
    team.sync()
    assert team.issue("Page somebody before")["number"] == number
    assert len(team.issues()) == 3
    team.quiet()


def test_a_line_reworded_before_its_link_was_written_keeps_its_issue(team):
    team.write(ALERT, POOL)
    folder = team.pair.connections[Side.LEFT].folder

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    whole, folder.files.replace = folder.files.replace, full
    ended = {one.result for one in team.sync().outcomes if one.operation.kind is OpKind.REFER}
    assert ended == {Result.FAILED}
    folder.files.replace = whole
    team.edit(lambda text: text.replace("connection pool is exhausted", "pool is nearly empty"))
    team.clock.sleep(7200)
    team.sync()
    assert len(team.issues()) == 3
    assert "nearly empty" in "".join(team.issues())
    assert "/issues/" in team.lines()[0]


def test_a_line_that_was_split_makes_one_more_issue(team):
    whole = "- [ ] Alert on a full pool and write a runbook for the acquirer - @maria"
    team.write(whole)
    team.sync()
    number = team.issue("Alert on")["number"]
    link = team.lines()[0].rpartition(" (")[2]
    halves = [f"- [ ] Alert on a full pool - @maria ({link}", "- [ ] Write a runbook for it"]
    team.write(*halves)
    team.sync()
    assert team.issue("Alert on a full pool")["number"] == number
    assert len(team.issues()) == 3
    assert team.issue("Write a runbook")["state"] == "open"


def test_a_removed_line_leaves_its_issue_as_it_is(team):
    team.write(ALERT, POOL, RUNBOOK)
    team.sync()
    kept = team.lines()
    team.write(kept[0], kept[2])
    report = team.sync()
    assert report.plan.operations == ()
    assert [one.problem.code for one in report.plan.held] == ["E211"]
    assert team.issue("Size")["state"] == "open"
    team.maria.close(team.issue("Alert")["number"])
    team.sync()
    assert team.lines()[0].startswith("- [x]")
    team.write(*kept)
    team.maria.close(team.issue("Size")["number"])
    team.sync()
    team.sync()
    assert team.lines()[1].startswith("- [x] Size")
    assert len(team.issues()) == 4


def test_a_renamed_document_keeps_its_issues(team):
    team.write(ALERT, POOL)
    team.sync()
    (team.folder / "2026-03-01-checkout.md").rename(team.folder / "checkout-is-down.md")
    team.sync()
    assert len(team.issues()) == 3
    team.maria.close(team.issue("Alert")["number"])
    team.sync()
    assert team.lines("checkout-is-down.md")[0].startswith("- [x]")


def test_a_document_that_is_gone_closes_nothing(team):
    team.write(ALERT, POOL)
    team.sync()
    (team.folder / "2026-03-01-checkout.md").unlink()
    report = team.sync()
    assert report.plan.operations == ()
    assert {one.problem.code for one in report.plan.held} == {"E113"}
    assert {one["state"] for one in team.issues().values()} == {"open"}


def test_a_crash_before_the_link_was_written_makes_no_second_issue(team):
    team.write(ALERT)

    class DeadError(BaseException):
        pass

    def die(*_, **__):
        raise DeadError

    project = team.pair.projects[Side.LEFT]
    project.update, whole = die, project.update
    with pytest.raises(DeadError):
        team.sync()
    project.update = whole
    assert len(team.issues()) == 2
    team.sync()
    assert len(team.issues()) == 2
    assert f"/issues/{team.issue('Alert')['number']}))" in team.lines()[0]
    team.quiet()


def test_an_answer_that_is_lost_makes_no_second_issue(team):
    team.write(ALERT)
    team.sandbox.faults.add("lose-reply", "POST /issues$", times=1)
    team.sync()
    team.sync()
    team.sync()
    assert len(team.issues()) == 2
    assert "/issues/" in team.lines()[0]
    team.quiet()


def test_an_issue_that_a_line_names_is_adopted_and_not_made_again(team):
    issue = team.maria.open("Pool alert, please", "As said in the review.")
    team.write(f"- [ ] Alert when the pool is exhausted - @maria (#{issue.number})")
    report = team.sync()
    assert not [one for one in report.plan.operations if one.kind is OpKind.CREATE]
    assert len(team.issues()) == 2
    team.sync()
    assert team.issue("Pool alert, please")["number"] == issue.number
    team.maria.close(issue.number)
    team.sync()
    assert team.lines()[0].startswith("- [x] Alert")
    team.quiet()


def test_an_adopted_issue_is_put_under_the_incident(team):
    issue = team.maria.open("Pool alert, please", "As said in the review.")
    team.write(f"- [ ] Alert when the pool is exhausted (#{issue.number})")
    team.sync()
    team.sync()
    found = team.pair.projects[Side.RIGHT].fetch(
        next(one.ref for page in team.pair.projects[Side.RIGHT].changed(None)
             for one in page.items if one.ref.id == str(issue.number))
    )  # fmt: skip
    assert found.parent.id == str(team.issue("Checkout")["number"])


def test_an_action_tracked_elsewhere_gets_no_second_issue(team):
    team.write("- [ ] Alert when the pool is exhausted (https://github.com/acme/ops/issues/9)")
    report = team.sync()
    assert [one.problem.code for one in report.plan.held] == ["E215"]
    assert len(team.issues()) == 1


def test_an_incident_that_a_line_names_is_not_taken_for_its_issue(team):
    number = team.issue("Checkout is down")["number"]
    team.write(f"- [x] Alert when the pool is exhausted (see #{number})")
    team.sync()
    assert team.issue("Checkout is down")["state"] == "open"


def test_an_incident_that_is_not_there_yet_gets_its_actions_later(team):
    head = HEAD.replace("**Incident:** PAY-T-0001", "**Incident:** PAY-T-0002")
    team.write(ALERT, head=head)
    team.sync()
    number = str(team.issue("Alert")["number"])
    second = RECORD.replace("PAY-T-0001", "PAY-T-0002").replace("Checkout is", "Refunds are")
    (team.documents / "PAY-T-0002.md").write_text(second)
    team.sync()
    right = team.pair.projects[Side.RIGHT]
    found = {one.ref.id: one for page in right.changed(None) for one in page.items}[number]
    assert found.parent.id == str(team.issue("Refunds are down")["number"])
    team.quiet()


def test_an_action_without_a_known_incident_says_so_in_the_plan(team):
    team.write(ALERT, head=HEAD.replace("PAY-T-0001", "PAY-T-0099"))
    team.clock.sleep(300)
    plan = plan_pair(team.pair, team.store, team.seams).plan
    assert "E134" in str([one.why for one in plan.operations])


def test_an_incident_that_links_to_its_postmortem_is_its_incident(team):
    number = team.issue("Checkout is down")["number"]
    head = HEAD.replace("**Incident:** PAY-T-0001\n", "")
    team.write(ALERT, head=head)
    body = team.home.get(number).body
    team.maria.edit(number, body=f"Review: docs/postmortems/2026-03-01-checkout.md\n\n{body}")
    team.sync()
    right = team.pair.projects[Side.RIGHT]
    found = {one.ref.id: one for page in right.changed(None) for one in page.items}
    assert found[str(team.issue("Alert")["number"])].parent.id == str(number)


def test_an_incident_can_be_told_by_settings(tmp_path):
    team = Team(tmp_path, more='incidents = { "2026-03-01-checkout.md" = "PAY-T-0001" }')
    team.sync()
    team.write(ALERT, head=HEAD.replace("**Incident:** PAY-T-0001\n", ""))
    team.sync()
    right = team.pair.projects[Side.RIGHT]
    found = {one.ref.id: one for page in right.changed(None) for one in page.items}
    number = str(team.issue("Checkout is down")["number"])
    assert found[str(team.issue("Alert")["number"])].parent.id == number
    team.close()


def test_what_people_change_on_the_tracker_alone_stays_there(team):
    team.write(ALERT)
    team.sync()
    before = team.read()
    number = team.issue("Alert")["number"]
    team.maria.edit(number, title="Alert when the pool is nearly empty")
    team.maria.assign(number, ["devon"])
    team.sync()
    assert team.read() == before
    assert team.issue("nearly empty")["assignees"] == ("devon",)
    team.quiet()


def test_of_two_edits_of_one_title_the_documents_stands_and_the_other_is_kept(team):
    team.write(ALERT)
    team.sync()
    number = team.issue("Alert")["number"]
    team.maria.edit(number, title="Alert when the pool is nearly empty")
    team.edit(lambda text: text.replace("connection pool is exhausted", "pool runs dry"))
    team.sync()
    assert team.issue("Alert")["title"].endswith("Alert when the pool runs dry")
    with team.store.reading() as tx:
        kept = disputes.listed(tx, team.pair.name, closed=True)
    lost = [one for one in kept if one.field is Field.TITLE]
    assert "nearly empty" in str(lost)
    team.quiet()


def test_an_action_done_before_anybody_looked_needs_no_issue(team):
    team.write(ALERT.replace("[ ]", "[x]"), POOL)
    team.sync()
    assert len(team.issues()) == 2
    team.quiet()


def test_a_status_cell_is_set_as_a_box_is(team):
    table = ["| Action | Owner | Due | Status |", "|---|---|---|---|",
             "| Alert when the pool is exhausted | maria | 2030-12-01 | Open |",
             "| Size the pool from the load test | devon | 2030-11-15 | Done |"]  # fmt: skip
    team.write(*table)
    team.sync()
    team.maria.close(team.issue("Alert")["number"])
    team.sync()
    assert team.lines()[2].rstrip("| ").endswith("Done")
    assert team.lines()[3] == table[3]
    team.quiet()


def test_a_line_without_a_box_is_linked_and_never_ticked(team):
    team.write("1. Alert when the connection pool is exhausted (maria)")
    team.sync()
    line = team.lines()[0]
    assert "/issues/" in line
    team.maria.close(team.issue("Alert")["number"])
    team.sync()
    assert team.lines()[0] == line
    team.quiet()


def test_line_ends_and_all_other_bytes_stay(team):
    text = (HEAD + ALERT + "\n" + POOL + "\n\n## Lessons\n\nNone.  \t\n").replace("\n", "\r\n")
    team.save("2026-03-01-checkout.md", text)
    team.sync()
    team.maria.close(team.issue("Alert")["number"])
    team.sync()
    before, after = text.split("\r\n"), team.read().split("\r\n")
    own = [before.index(ALERT), before.index(POOL)]
    assert len(before) == len(after)
    assert [line for number, line in enumerate(after) if number not in own] == [
        line for number, line in enumerate(before) if number not in own
    ]


def test_what_cannot_be_read_is_said_left_alone_and_stops_nothing(team):
    bad = {
        "latin.md": (HEAD + "- [ ] Pr\u00fcfen").encode("latin-1"),
        "large.md": (HEAD + ALERT + "\n" + "x" * (5 * 1024 * 1024)).encode(),
        "empty.md": b"",
    }
    for name, data in bad.items():
        team.save(name, data)
    (team.folder / "elsewhere.md").symlink_to("/etc/hostname")
    team.write(ALERT)
    team.sync()
    assert len(team.issues()) == 2
    codes = sorted(one.split()[0] for one in team.aside())
    assert codes == ["E106", "E107", "E112", "E132"]
    for name, data in bad.items():
        assert (team.folder / name).read_bytes() == data
    team.save("latin.md", HEAD)
    (team.folder / "elsewhere.md").unlink()
    team.sync()
    assert not [one for one in team.aside() if "latin" in one or "elsewhere" in one]


def test_a_document_that_cannot_be_read_any_more_freezes_its_items(team):
    text = team.write(ALERT, POOL)
    team.sync()
    linked = team.read()
    team.save("2026-03-01-checkout.md", b"\xff\xfe" + text.encode())
    team.maria.close(team.issue("Alert")["number"])
    report = team.sync()
    assert report.plan.operations == ()
    assert {one.problem.code for one in report.plan.held} == {"E106"}
    team.save("2026-03-01-checkout.md", linked)
    team.sync()
    assert team.lines()[0].startswith("- [x]")


def test_an_edit_while_we_write_is_not_overwritten(team):
    team.write(ALERT, POOL)
    team.sync()
    team.maria.close(team.issue("Alert")["number"])
    folder = team.pair.connections[Side.LEFT].folder
    whole = folder.files.replace

    def edited(path, data, expect, aside):
        team.edit(lambda text: text.replace("## Summary", "## In short"))
        whole(path, data, expect, aside)

    folder.files.replace = edited
    report = team.sync()
    folder.files.replace = whole
    assert [one.problem.code for one in report.outcomes] == ["E118"]
    assert "## In short" in team.read()
    assert team.lines()[0].startswith("- [ ]")
    team.sync()
    assert team.lines()[0].startswith("- [x]")
    assert "## In short" in team.read()


def test_an_owner_nobody_mapped_and_a_vague_day_are_said_on_the_item(team):
    team.write(RUNBOOK, ALERT.replace("2030-12-01", "2020-12-01"))
    team.sync()
    said = {one.code for item in team.items().values() for one in item.notices}
    assert said == {"E121", "E131"}


def test_two_postmortems_of_one_incident_are_said_and_both_followed(team):
    team.write(ALERT)
    team.write(POOL, name="2026-03-01-second-look.md")
    team.sync()
    assert len(team.issues()) == 3
    said = [one.code for item in team.items().values() for one in item.notices]
    assert "E134" in said


def test_a_folder_that_is_gone_proves_nothing(team):
    team.write(ALERT)
    team.sync()
    team.folder.rename(team.folder.with_name("away"))
    team.clock.sleep(300)
    report = sync_pair(team.pair, team.store, team.seams)
    assert [one.code for one in report.problems] == ["E115"]
    team.folder.with_name("away").rename(team.folder)
    team.quiet()


def test_a_sweep_follows_lines_as_any_other_reading(team):
    team.write(ALERT, POOL)
    team.sync()
    number = team.issue("Alert")["number"]
    team.edit(lambda text: text.replace("Alert when the connection pool", "Tell us when the pool"))
    team.clock.sleep(25 * 3600)
    team.sync()
    assert team.issue("Tell us when the pool")["number"] == number
    assert len(team.issues()) == 3


def test_the_state_can_be_lost(team):
    team.write(ALERT, POOL)
    team.sync()
    team.edit(lambda text: text.replace("Alert when the connection pool", "Tell us when the pool"))
    team.store.close()
    team.store = Store.memory(team.clock)
    team.sync()
    team.sync()
    assert len(team.issues()) == 3
    team.maria.close(team.issue("Size")["number"])
    team.sync()
    assert team.lines()[1].startswith("- [x]")


def test_many_actions_at_once_wait_for_a_person(team):
    team.write(*(f"- [ ] Check the failover of region number {one} by hand" for one in range(25)))
    report = team.sync()
    assert [one.code for one in report.plan.refusals] == ["E401"]
    assert len(team.issues()) == 1


def test_a_run_of_a_pair_runs_its_postmortems_too(team):
    assert [one.name for one in team.house.pairs] == ["payments", "payments/actions"]
    assert list(wiring.chosen(team.loaded, ["payments"])) == ["payments", "payments/actions"]
    assert list(wiring.chosen(team.loaded, ["payments/actions"])) == ["payments/actions"]


def test_the_name_of_a_pair_of_postmortems_is_taken(tmp_path):
    file = tmp_path / "followthrough.toml"
    text = SETTINGS.format(url="http://127.0.0.1:1", more="")
    file.write_text(text.replace("[pairs.payments]", '[pairs."payments/actions"]'))
    (tmp_path / "token").write_text(TOKEN)
    with pytest.raises(SettingsError, match="/actions"):
        load(file, {})


def test_a_team_without_documents_keeps_postmortems_as_the_left_side(tmp_path):
    made = Team(tmp_path)
    made.house.close()
    file = tmp_path / "followthrough.toml"
    text = file.read_text().replace('postmortems = "reviews"\n', "")
    text = text.replace('left = { connection = "docs" }', 'left = { connection = "reviews" }')
    file.write_text(text)
    made.loaded = load(file, {})
    made.house = wiring.build(made.loaded, made.seams, b"k" * 32)
    pair = replace(made.house.pairs[0], rules=None)
    issue = made.maria.open("[P0] Checkout is down", "Nobody can pay.")
    made.write(ALERT, head=HEAD.replace("PAY-T-0001", f"#{issue.number}"))
    sync_pair(pair, made.store, made.seams)
    assert len(made.issues()) == 2
    assert "/issues/" in made.lines()[0]
    right = pair.projects[Side.RIGHT]
    found = {one.ref.id: one for page in right.changed(None) for one in page.items}
    assert found[str(made.issue("Alert")["number"])].parent.id == str(issue.number)
    assert found[str(made.issue("Alert")["number"])].phase in {Phase.TODO, Phase.BACKLOG}
    made.close()
