"""A document's own words: what is template, title or repetition is left out, and nothing else."""

import pytest

from mappings.template import meaningful

FRESH = """
# A title

*This template includes sections for various types of tasks. Delete what does not apply.*

## Parent Initiative **[CONDITIONAL: Assigned Task]**

[[PROJ-I-0001]]

## Objective **[REQUIRED]**

{Clear statement of the aim}

## Backlog Item Details **[CONDITIONAL: Backlog Item]**

{Delete this section when it does not apply}

### Type
- [ ] Bug - something fails
- [x] Feature - something new

### Priority
- [ ] P0 - Critical
- [x] P1 - High

### Impact Assessment **[CONDITIONAL: Bug]**
- **Affected Users**: {Number or share of users}
- **Reproduction Steps**:
  1. {Step 1}
  2. {Step 2}

## Acceptance Criteria

## Acceptance Criteria **[REQUIRED]**

- [ ] {Specific, testable requirement 1}

## Test Cases **[CONDITIONAL: Testing Task]**

### Test Case 1: {Test Case Name}
- **Test ID**: TC-001
- **Steps**:
  1. {Step 1}

### Technical Debt Impact **\\[CONDITIONAL: Tech Debt\\]**
- **Current Problems**: {What is hard now}

## Status Updates **[REQUIRED]**

*To be added during implementation*
"""


def test_a_fresh_document_says_nothing():
    assert meaningful(FRESH) == ""


def test_what_was_filled_in_stays_and_the_rest_goes():
    filled = FRESH.replace("{Clear statement of the aim}", "Payments must not fail.").replace(
        "{Specific, testable requirement 1}", "No error for a week"
    )
    assert meaningful(filled) == (
        "## Objective\n\nPayments must not fail.\n\n"
        "## Acceptance Criteria\n\n- [ ] No error for a week"
    )


def test_the_suffix_of_a_heading_and_its_title_are_no_content():
    assert meaningful("# T\n\n## Context **[REQUIRED]**\n\nWords") == "## Context\n\nWords"


def test_only_the_title_goes_and_other_headings_of_its_level_stay():
    assert meaningful("# Title\n\nIntro\n\n# Steps\n\nOne") == "Intro\n\n# Steps\n\nOne"
    assert meaningful("Intro\n\n# Not a title\n\nOne") == "Intro\n\n# Not a title\n\nOne"


def test_a_heading_stays_for_what_stands_below_it():
    body = "## Notes\n\n### Approach\n\nWords\n\n### Empty\n\n## Also empty\n"
    assert meaningful(body) == "## Notes\n\n### Approach\n\nWords"


def test_running_updates_are_left_out_with_everything_below_them():
    body = "## Aim\n\nA\n\n## Status Updates\n\nx\n\n### Day 1\n\ny\n\n## Risks\n\nB"
    assert meaningful(body) == "## Aim\n\nA\n\n## Risks\n\nB"


@pytest.mark.parametrize(
    "grown",
    [
        "## Acceptance Criteria\n\n## Acceptance Criteria\n\n- [ ] It works\n",
        "## Acceptance Criteria\n\n## Acceptance Criteria **[REQUIRED]**\n\n- [ ] It works",
        "#\n\n## Acceptance Criteria\n\n## Acceptance Criteria\n\n- [ ] It works",
        "# \n## Acceptance Criteria\n\n\n## Acceptance Criteria\n- [ ] It works  \n\n\n",
        "### Acceptance Criteria\n\n- [ ] It works\n",
        "## Acceptance Criteria\r\n\r\n- [ ] It works\r\n",
    ],
)
def test_the_headings_that_transitions_add_make_no_difference(grown):
    plain = "# T\n\n## Aim\n\nA\n\n## Acceptance Criteria\n\n- [ ] It works\n"
    assert meaningful(f"# T\n\n## Aim\n\nA\n\n{grown}") == meaningful(plain)


@pytest.mark.parametrize(
    "line",
    [
        '{"error": "x"}',
        "{",
        "${HOME}",
        "{ENV}",
        "{type}",
        "Call {Name} with care",
        "- `{placeholder}` is replaced",
        "#hashtag",
        "# comment in a list - no",
    ],
)
def test_braces_that_are_no_prompts_stay(line):
    assert line in meaningful(f"Before\n\n{line}\n\nAfter")


@pytest.mark.parametrize("fence", ["```", "~~~", "````"])
def test_everything_in_a_code_block_stays(fence):
    code = f"{fence}yaml\n# a comment\n\n{{A prompt in code}}\n#\n```x\n{fence}"
    body = f"## Aim\n\n{code}\n\n## Next\n\nB"
    assert meaningful(body) == body


def test_a_code_block_that_is_never_closed_reaches_to_the_end():
    body = "## Aim\n\n```\n## Status Updates\n\nx"
    assert meaningful(body) == body


@pytest.mark.parametrize("name", ["Type", "Priority", "Parent Initiative"])
def test_prose_under_a_heading_that_is_read_as_a_field_stays(name):
    assert meaningful(f"### {name}\n\nWhy this matters") == f"### {name}\n\nWhy this matters"


def test_an_empty_body_is_empty():
    assert meaningful("") == ""
    assert meaningful("\n# Title\n\n") == ""
