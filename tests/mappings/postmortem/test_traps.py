"""What looks like an action item, a date, a level or an issue, and is none."""

import pytest

from mappings.postmortem.model import THRESHOLD
from mappings.postmortem.orders import is_order


def test_row_ids_are_no_priorities(actions):
    found = actions("""
        | ID | Task | Owner |
        |----|------|-------|
        | P-1 | Raise the limit | ana |
        | P0 | Lower the limit | bo |
        """)
    assert [(one.title, one.priority) for one in found] == [
        ("Raise the limit", None),
        ("Lower the limit", None),
    ]


def test_ids_before_the_text_are_neither_issues_nor_priorities(actions):
    found = actions("- AI-1: Raise the limit\n- P-2: Lower the limit\n- D-3 - Keep the limit\n")
    assert [(one.title, one.priority, one.references) for one in found] == [
        ("Raise the limit", None, ()),
        ("Lower the limit", None, ()),
        ("Keep the limit", None, ()),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Look at worker #4 again",
        "Fix cause #2 of the outage",
        "Answer lesson #1 (see above)",
        "Move to UTF-8 and TLS-1 with SHA-256",
        "Follow ADR-0042 and RFC-2119",
        "Rename the channel #incidents",
        "Read https://status.example.com/incidents/42",
        "Read https://github.com/acme/web/commit/88767d8",
    ],
)
def test_what_only_looks_like_an_issue(actions, text):
    assert actions(f"- {text}")[0].references == ()


@pytest.mark.parametrize(
    ("text", "references"),
    [
        ("Fix it (#4)", ("#4",)),
        ("Fix it, see issue #4 for more", ("#4",)),
        ("Fix it acme/web#12", ("acme/web#12",)),
        ("Fix it in PAY-12 and PAY-T-0012", ("PAY-12", "PAY-T-0012")),
        ("Fix [#4](https://github.com/acme/web/issues/4)", ("https://github.com/acme/web/issues/4",)),
        ("Fix it <https://jira.example/browse/PAY-3>", ("https://jira.example/browse/PAY-3",)),
        ("Fix it [there][1]\n\n[1]: https://gitlab.com/a/b/-/issues/5", ("https://gitlab.com/a/b/-/issues/5",)),
    ],
)  # fmt: skip
def test_what_is_an_issue(actions, text, references):
    assert actions(f"- {text}")[0].references == references


@pytest.mark.parametrize(
    "text",
    [
        "Fix the loop that began on 2026-05-03",
        "Keep logs for 30 days",
        "Explain the gap of 3 May 2026 in the graph",
        "Upgrade to version 2026.1",
        "Do it by adding a test",
    ],
)
def test_dates_in_a_sentence_are_not_due_dates(actions, text):
    found = actions(f"- {text}")[0]
    assert (found.due, found.due_text) == (None, "")


@pytest.mark.parametrize("due", ["Q3", "next sprint", "end of May", "ASAP"])
def test_a_due_date_without_a_day_is_kept_as_written_and_said(read, due):
    reading = read(f"# O\n## Actions\n| Action | Due |\n|--|--|\n| Add a test | {due} |\n")
    assert (reading.actions[0].due, reading.actions[0].due_text) == (None, due)
    problem = reading.problems[0]
    assert (problem.code, problem.place) == ("E131", "2026-03-02-checkout.md:5")
    assert due in problem.message


def test_a_numeric_day_is_read_only_where_the_document_tells_the_order(actions):
    table = "| Action | Due |\n|--|--|\n| Add a test | 03/04/2026 |\n"
    assert actions(table)[0].due is None
    other = "| Drop a test | 25/03/2026 |\n"
    assert actions(table + other)[0].due.isoformat() == "2026-04-03"


def test_placeholders_are_nothing(actions):
    assert not actions("""
        | Action | Owner | Due |
        |--------|-------|-----|
        | TBD | TBD | TBD |
        | <action> | <owner> | YYYY-MM-DD |
        | [Action] | [Owner] | [Date] |
        | Action 1 | Name | Date |
        | ... | | |
        | | | |
        """)
    assert not actions("- [ ]\n- [ ] TBD\n- [ ] [Action]\n- [ ] {{ action }}\n- ...\n- N/A\n")


def test_a_sample_row_is_reported_and_no_more(read):
    reading = read("""
        # Outage of the shop
        ## Summary
        The shop was down for an hour because the disk was full of logs.
        ## Actions
        | Action | Owner | Due |
        |--------|-------|-----|
        | Rotate the logs | ana | 2026-04-01 |
        | Add monitoring | <owner> | YYYY-MM-DD |
        """)
    assert [one.title for one in reading.actions] == ["Rotate the logs"]
    assert [one.title for one in reading.uncertain] == ["Add monitoring"]
    assert all(one.confidence < THRESHOLD for one in reading.uncertain)


def test_boxes_in_code_and_in_comments_are_no_items(actions):
    assert not actions("""
        ```
        - [ ] Not this
        ```

            - [ ] Nor this

        <!--
        - [ ] Nor that
        -->

        > - [ ] Nor a quotation
        """)


def test_boxes_of_a_release_or_of_a_choice_are_no_items(read):
    reading = read("""
        # Shop down
        ## Severity
        - [ ] P0
        - [x] P1
        - [ ] P2
        ## Release checklist
        - [ ] Tag the release @ana
        - [ ] Announce it
        ## Action items
        - [ ] Delete the flag
        """)
    assert [one.title for one in reading.actions] == ["Delete the flag"]
    assert reading.severity == "SEV2"


def test_other_tables_are_no_items(read):
    reading = read("""
        # Shop down
        ## Timeline
        | Time | Action | Owner |
        |------|--------|-------|
        | 09:00 | Restart the database | ana |
        ## Metrics
        | Metric | Value |
        |--------|-------|
        | Requests lost | 12,000 |
        ## Action items
        | Name | Meaning |
        |------|---------|
        | red | late |

        - [ ] Delete the flag
        """)
    assert [one.title for one in reading.actions] == ["Delete the flag"]


def test_lists_that_do_not_hold_any_more_are_no_items(read):
    reading = read("""
        # Shop down
        ## Action items (superseded)
        - [ ] Buy a larger disk
        ## Action items
        This list was replaced by the one below.
        - [ ] Delete old logs
        ## Follow-ups
        - [ ] Rotate the logs
        - ~~Delete the logs~~
        ### Rejected
        - Buy another disk
        """)
    assert [one.title for one in reading.actions] == ["Rotate the logs"]


def test_plain_entries_beside_boxes_explain(read):
    reading = read("""
        # Shop down
        ## Lessons and action items
        - We learned a lot about disks
        - [ ] Rotate the logs
        """)
    assert [one.title for one in reading.actions] == ["Rotate the logs"]
    assert [one.title for one in reading.uncertain] == ["We learned a lot about disks"]


def test_one_task_told_twice_is_one(read):
    reading = read("""
        # Shop down
        ## Action items
        - Rotate the logs
        ## Next steps
        | Task | Owner |
        |------|-------|
        | Rotate the logs | ana |
        """)
    assert [(one.title, one.owner) for one in reading.actions] == [("Rotate the logs", "ana")]


def test_people_and_subsections_after_the_items_are_none(read):
    reading = read("""
        # Shop down
        ## Action items
        - Rotate the logs
        ### What went wrong
        - Nobody saw the alert
        ### Responders
        - @ana
        ### References
        - The graph of the disk
        ## Participants
        - @bo
        """)
    assert [one.title for one in reading.actions] == ["Rotate the logs"]


@pytest.mark.parametrize(
    "text", ["None.", "No action items.", "N/A", "No further action required."]
)
def test_none_is_an_answer(read, text):
    reading = read(
        f"# Blip\n## Summary\nOne request failed, and was tried again.\n## Actions\n{text}\n"
    )
    assert (reading.actions, reading.uncertain, reading.template) == ((), (), False)


@pytest.mark.parametrize(
    ("line", "owner"),
    [
        ("- Developer to merge their own changes", ""),
        ("- Switch to another cache", ""),
        ("- Upgrade the cluster — Kubernetes", "Kubernetes"),
        ("- Add an alert — it would have told us", ""),
        ("- Add an alert — done", ""),
        ("- Ask @ana to help", "ana"),
        ("- Compare what @ana and @bo measured", ""),
        ("- Write to ana@example.com", ""),
    ],
)
def test_who_is_an_owner(actions, line, owner):
    if "Kubernetes" in line:
        owner = ""
    assert actions(line)[0].owner == owner


def test_what_ends_a_line_is_not_taken_off_when_nothing_would_be_left(actions):
    found = actions("|---|---|\n| Add | Test |\nplain (#7)\n")
    assert all(any(sign.isalnum() for sign in one.title) for one in found)
    assert all("(#7)" not in one.title for one in found)


def test_an_immediate_fix_under_the_resolution_was_done_and_is_no_list_of_work(read):
    found = read("""
        # Queue full

        ## Resolution applied

        ### Immediate fix
        1. **Drained the queue**: by hand
        2. **Restarted** the importer

        ## Follow-up

        ### Long term
        - Replace the queue
        """)
    assert [one.title for one in found.actions] == ["Replace the queue"]


def test_a_compound_that_begins_with_a_verb_is_no_order():
    assert not is_order("Install-stage failures are reported as such")
    assert not is_order("Read-only replicas were slow")
    assert is_order("Re-run the import")
    assert is_order("Roll-out the limit to all shops")
