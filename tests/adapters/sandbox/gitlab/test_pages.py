"""The pages: those of every sandbox, with what only GitLab has."""

import re

import pytest

HTML = {"Accept": "text/html"}
ISSUES = "/acme/payments/-/issues"


@pytest.fixture
def see(api):
    return lambda path: api.get(path, headers=HTML)


@pytest.fixture
def send(api, see):
    def post(path, referer=ISSUES, **fields):
        token = re.search(r'name="token" value="([^"]+)"', see(referer).text)[1]
        return api.post(path, data={"token": token} | fields, headers=HTML)

    return post


def test_an_issue_is_made_moved_closed_and_reopened_by_hand(see, send, home, maria):
    for word in ("todo", "doing"):
        maria.add_label(f"phase::{word}")
    made = send(ISSUES, f"{ISSUES}/new", title="[P0] Down", body="a", labels=["phase::todo"])
    assert (made.status_code, made.headers["Location"]) == (303, f"{ISSUES}/1")
    send(f"{ISSUES}/1/move", phase="phase::doing", back=ISSUES)
    assert home.labels.names(home.get(1).labels) == ["phase::doing"]
    columns = re.findall(r'class="column" aria-label="([^"]+)"', see(ISSUES).text)
    assert columns == ["Todo", "Doing", "Closed"]
    send(f"{ISSUES}/1/move", close="close")
    assert home.get(1).state == "closed"
    assert "Closed" in see(f"{ISSUES}?view=list").text
    send(f"{ISSUES}/1/move", close="reopen")
    assert home.get(1).state == "opened"


def test_type_severity_due_date_and_status_are_chosen(see, send, home, maria, sandbox):
    maria.open("x")
    place = f"{ISSUES}/1/choose"
    assert send(place, field="severity", value="HIGH").status_code == 422
    send(place, field="kind", value="incident")
    send(place, field="severity", value="HIGH")
    send(place, field="due", value="2026-04-01")
    send(place, field="status", value="Done")
    issue = home.get(1)
    assert (issue.issue_type, issue.severity, issue.state) == ("incident", "HIGH", "closed")
    assert str(issue.due_date) == "2026-04-01"
    assert send(place, field="due", value="soon").status_code == 422
    assert send(place, field="delete", value="").status_code == 422
    assert "changed the severity to High" in see(f"{ISSUES}/1").text
    sandbox.state.set_habits(premium=False)
    assert 'value="status"' not in see(f"{ISSUES}/1").text


def test_texts_people_labels_and_comments_are_changed_by_forms(see, send, home, maria):
    maria.open("x", labels=["bug", "old"])
    send(f"{ISSUES}/1/edit", title="y", body="new")
    send(f"{ISSUES}/1/labels", labels=["bug"])
    send(f"{ISSUES}/1/assignees", assignees=["devon"])
    send(f"{ISSUES}/1/comment", body="well")
    issue = home.get(1)
    assert (issue.title, issue.description, issue.assignees) == ("y", "new", ("devon",))
    assert home.labels.names(issue.labels) == ["bug"]
    assert [one.body for one in home.notes_of(1) if not one.system] == ["well"]
    assert "changed title from x to y" in see(f"{ISSUES}/1").text


def test_links_lead_to_other_issues_and_a_moved_one_to_its_new_place(see, sandbox, maria, home):
    sandbox.state.add_project("acme/other")
    maria.open("parent"), maria.open("child")
    home.connect(1, maria.actor, home, 2, "blocks")
    assert f'Blocked by <a href="{ISSUES}/1">parent</a>' in see(f"{ISSUES}/2").text
    maria.transfer(2, "acme/other")
    assert see(f"{ISSUES}/2").headers["Location"] == "/acme/other/-/issues/1"


def test_every_page_is_there_and_lets_nothing_in(see, maria):
    maria.add_label("<b>x</b>", "#b60205")
    maria.open("<script>alert(1)</script>", "<img src=x>", ["<b>x</b>"], kind="incident")
    incident = f"{ISSUES}/incident/1"
    for path in ("/", "/acme/payments", ISSUES, f"{ISSUES}?view=list", incident, f"{ISSUES}/new"):
        shown = see(path)
        assert shown.status_code == 200
        assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
        assert not re.search("<script|<img|<b>x", shown.text)
    assert "background: #b60205" in see("/_style?for=acme/payments").text
    assert [see(path).status_code for path in (f"{ISSUES}/9", "/none/of/it")] == [404, 404]
