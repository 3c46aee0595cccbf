"""What only Jira can refuse: rich text that wiki markup cannot say."""


def paragraph(text):
    return {"type": "paragraph", "content": [{"type": "text", "text": text}]}


PANEL = {"type": "panel", "attrs": {"panelType": "info"}, "content": [paragraph("Mind this.")]}


def the_issue(jira):
    (issue,) = jira.sandbox.state.issues.all.values()
    return issue


def test_a_description_that_would_lose_something_is_named_and_left_as_it_is(jira):
    file = jira.write(1, "A task", body="First words.")
    assert jira("sync").exit_code == 0
    made = the_issue(jira)
    by_hand = {"type": "doc", "version": 1, "content": [paragraph("By hand."), PANEL]}
    jira.maria.write(made.id, by_hand)
    before = the_issue(jira).description.document
    jira.edit(file, "First words.", "Other words.")
    jira.edit(file, 'title: "A task"', 'title: "A better title"')
    for command in ("sync", "sync"):
        result = jira(command)
        assert result.exit_code == 1
        assert "E123" in result.output
        assert "description holds what we cannot keep (1 panel); body not written." in result.output
        assert 'Move it into a comment, or set the field body to "off".' in result.output
        jira.clock.sleep(120)
    assert the_issue(jira).description.document == before
    assert "Other words." in file.read_text("utf-8")
