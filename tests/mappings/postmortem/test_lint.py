"""What a postmortem lacks is said with its line, and nothing of a whole one."""

from mappings.postmortem.lint import lint
from mappings.postmortem.reading import read_postmortem

WHOLE = """\
# Shop down (incident #12)

**Severity:** SEV1
**Date:** 2026-03-02

## Summary
Nobody could pay for an hour.
## Impact
4,000 orders were lost.
## Timeline
- 09:00 UTC the disk is full
## Root cause
Logs were never rotated.
## Contributing factors
No alert watched the disk.
## Action items
- [ ] Rotate the logs — ana, due 2026-04-01 (#13)
- [x] Free the disk
## Prevention
Disks are watched from now on.
"""


def told(text, name="shop.md"):
    return [(one.line, one.rule, str(one.weight)) for one in lint(read_postmortem(text, name=name))]


def test_a_whole_postmortem_lacks_nothing():
    assert told(WHOLE) == []


def test_missing_and_empty_sections_are_told_apart():
    text = WHOLE.replace("## Impact\n4,000 orders were lost.\n", "").replace(
        "Disks are watched from now on.\n", "*How do we prevent this?*\n"
    )
    found = lint(read_postmortem(text))
    assert [(one.line, one.text) for one in found] == [
        (0, "there is no section on impact."),
        (17, "the section on prevention is empty or still the template's text."),
    ]


def test_the_rules_of_the_whole_document():
    text = "# Shop down\n\n## Summary\n\nNobody could pay for an hour.\n"
    rules = {rule for _, rule, weight in told(text, "") if weight == "error"}
    assert rules == {
        "postmortem-incomplete",
        "no-preventive-action",
        "severity-missing",
        "root-cause-unknown",
    }
    assert {rule for _, rule, weight in told(text, "") if weight == "warning"} == {
        "date-missing",
        "unmatched",
    }


def test_what_an_action_lacks_is_said_on_its_line():
    text = WHOLE.replace(" — ana, due 2026-04-01 (#13)", "")
    assert told(text) == [
        (17, "action-undated", "warning"),
        (17, "action-unowned", "warning"),
        (17, "action-untracked", "warning"),
    ]


def test_a_due_date_that_is_no_day_or_long_over():
    assert told(WHOLE.replace("2026-04-01", "Q3")) == [(17, "action-undated", "warning")]
    assert told(WHOLE.replace("2026-04-01", "2025-04-01")) == [(17, "action-undated", "warning")]


def test_blame_and_doubtful_items_are_warned_of():
    text = WHOLE.replace("Logs were never", "Sam Lee forgot the logs. Logs were never").replace(
        "## Prevention\n", "## Prevention\n- Disks, perhaps\n"
    )
    assert told(text) == [(13, "blame-language", "warning"), (20, "action-uncertain", "warning")]


def test_all_done_is_worth_a_word():
    text = WHOLE.replace("- [ ] Rotate", "- [x] Rotate")
    assert told(text) == [(17, "no-preventive-action", "warning")]


def test_templates_and_unreadable_documents_are_said_to_be_so():
    assert [rule for _, rule, _ in told("# Title\n## Summary\n## Impact\n")] == [
        "postmortem-incomplete"
    ]
    assert [rule for _, rule, _ in told("")] == ["postmortem-unreadable"]


def test_boxes_of_a_check_list_elsewhere_raise_no_question(read):
    found = read("""
        # Shop closed

        ## Action items
        - [ ] Watch the disks — @ana (#12) by 2026-05-01

        ## Checklist before publishing
        - [x] Reviewed by two people
        - [ ] Sent round
        """)
    assert found.uncertain
    assert "action-uncertain" not in {one.rule for one in lint(found)}
