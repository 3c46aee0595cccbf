"""Values that the other side cannot hold: named, never cut or guessed, and no other waits."""

import pytest


def test_a_title_that_is_too_long_is_named_with_the_limit_and_made_once_it_is_shortened(ground):
    file = ground.write(1, "x" * 300)
    ground.write(2, "Good one")
    before = ground.files()
    result = ground("sync")
    assert result.exit_code == 1
    said = "E120 PAY-T-0001 title is 300 characters; GitHub takes 256. Shorten it."
    assert said in result.stderr
    assert ground.titles == ["Good one"]
    assert ground.files() == before
    again = ground("sync")
    assert again.exit_code == 0
    assert f"waits     documents  PAY-T-0001: {said}" in again.stdout
    assert said in ground("status").stdout
    ground.edit(file, "x" * 300, "Short enough")
    assert ground("sync").exit_code == 0
    assert ground.titles == ["Good one", "Short enough"]


def test_a_title_that_grows_too_long_leaves_the_issue_as_it_is(ground):
    file = ground.write(1, "Good one")
    ground("sync")
    ground.edit(file, 'title: "Good one"', f'title: "{"y" * 257}"')
    result = ground("sync")
    assert result.exit_code == 1
    assert "title is 257 characters; GitHub takes 256. Shorten it." in result.stderr
    assert ground.titles == ["Good one"]
    ground.edit(file, "y" * 257, "y" * 256)
    assert ground("sync").exit_code == 0
    assert ground.titles == ["y" * 256]


def test_a_body_that_is_too_long_is_mirrored_in_part_and_that_is_said(ground):
    file = ground.write(1, "Long", body="word " * 20_000)
    before = file.read_bytes()
    for command in ("plan", "sync", "status"):
        result = ground(command)
        assert result.exit_code == 0
        name = "acme/payments#1" if command == "status" else "PAY-T-0001"
        said = f"E120 {name} body is too long to be mirrored whole; its end is cut."
        assert said in result.stdout
        assert "Shorten the document, or leave it: it keeps the whole text." in result.stdout
    assert len(ground.issues[1].body) <= 65_536
    assert file.read_bytes() == before
    assert "nothing to do" in ground("sync").stdout


@pytest.mark.parametrize("title", ["two\\nlines", "a\\ttab", "a bell\\a"])
def test_a_title_reaches_the_tracker_on_one_line_and_only_once(ground, title):
    ground.write(1, title)
    assert ground("sync").exit_code == 0
    (made,) = ground.titles
    assert made.isprintable()
    assert "nothing to do" in ground("sync").stdout


def test_a_person_who_is_not_mapped_is_named_and_stays_assigned(ground):
    ground.change(
        'profile = "github-labels"', 'profile = "github-labels"\npeople = { ann = "maria" }'
    )
    issue = ground.maria.open("From the tracker", "Text.")
    ground.maria.assign(issue.number, ["devon"])
    for command in ("plan", "sync"):
        result = ground(command)
        assert result.exit_code == 0
        said = f"E121 acme/payments#{issue.number} no person is mapped to devon; left as assigned."
        assert said in result.stdout
        assert "Add them to [people] of the profile." in result.stdout
    assert list(ground.issues[issue.number].assignees) == ["devon"]


def test_a_phase_that_no_step_leads_to_is_named_and_the_rest_goes_on(ground):
    file = ground.write(1, "A task", phase="active")
    ground.change('path = "team"', 'path = "team"\nreopen = "report"')
    ground("sync")
    ground.maria.close(1)
    ground("sync")
    ground.maria.reopen(1)
    ground.maria.edit(1, "A better title")
    for command in ("plan", "sync", "sync"):
        result = ground(command)
        assert result.exit_code == 0
        assert 'is not reachable from "completed".' in result.stdout
        assert 'The setting reopen = "report" leaves it to you.' in result.stdout
    text = file.read_text("utf-8")
    assert "#phase/completed" in text
    assert 'title: "A better title"' in text
    assert ground.issues[1].closed_at is None
