"""People look at the sandbox in a browser, and work there."""

import re

import pytest
import requests


class Browser(requests.Session):
    def __init__(self, sandbox):
        super().__init__()
        self.trust_env = False
        self.url = sandbox.url
        self.headers["Accept"] = "text/html"

    def look(self, path, status=200):
        answer = self.get(self.url + path, timeout=10)
        assert answer.status_code == status
        return answer.text

    def submit(self, page, path, status=303, **values):
        token = re.search(r'name="token" value="([^"]+)"', self.look(page))[1]
        answer = self.post(
            self.url + path, data=values | {"token": token}, allow_redirects=False, timeout=10
        )
        assert answer.status_code == status, answer.text
        return answer.headers.get("Location", answer.text)


@pytest.fixture
def browser(jira):
    session = Browser(jira)
    yield session
    session.close()


def test_every_page_opens(browser, jira):
    maria = jira.person("maria")
    one, two = maria.open("First", "*text*", ["late"], "devon"), maria.open("Second")
    maria.link(one.key, two.key, "Blocks")
    maria.choose(two.key, "parent", {"key": one.key})
    maria.comment(one.key, "Said")
    maria.walk(two.key, "Done")
    assert "Projects" in browser.look("/")
    board = browser.look("/projects/PAY")
    assert all(word in board for word in ("Backlog", "In Review", "First", "late"))
    assert "Second" in browser.look("/projects/PAY?view=list")
    page = browser.look("/browse/PAY-1")
    assert all(word in page for word in ("*text*", "Said", "blocks", "Select", "devon"))
    assert "Part of" in browser.look("/browse/PAY-2")
    assert "changed status from Backlog to Done" in browser.look("/browse/PAY-2")
    assert "Issue does not exist" in browser.look("/browse/PAY-9", 404)
    assert "no such page" in browser.look("/nowhere", 404)
    assert "person" in browser.look("/projects/PAY/new")
    assert browser.get(f"{jira.url}/_style", timeout=10).status_code == 200


def test_a_page_escapes_what_it_shows(browser, jira):
    jira.person("maria").open("<script>x</script>", "<b>y</b>")
    page = browser.look("/browse/PAY-1")
    assert "<script>" not in page
    assert "&lt;b&gt;y" in page


def test_an_issue_is_made_and_worked_on(browser, jira):
    place = browser.submit(
        "/projects/PAY/new", "/projects/PAY",
        summary="Made here", description="a\nb", labels="one two", assignee="zoe", kind="Bug",
    )  # fmt: skip
    assert place == "/browse/PAY-1"
    browser.submit("/", "/_person", person="devon", back="/")
    browser.submit(place, f"{place}/edit", summary="Changed", description="c")
    browser.submit(place, f"{place}/comment", body="Hello")
    browser.submit(
        place, f"{place}/details", assignee="", priority="High", due="2026-04-01", labels="x"
    )
    browser.submit(place, f"{place}/transition", step="Close", resolution="Duplicate")
    (shown,) = jira.tracker.dump()["projects"][0]["issues"]
    assert (shown["summary"], shown["labels"], shown["assignee"]) == ("Changed", ["x"], None)
    assert (shown["priority"], shown["due"]) == ("High", "2026-04-01")
    assert (shown["status"], shown["resolution"]) == ("Done", "Duplicate")
    assert (shown["creator"], shown["comments"][0]["author"]) == ("maria", "devon")


def test_what_cannot_be_saved_is_said(browser, jira):
    jira.person("maria").open("x")
    text = browser.submit("/browse/PAY-1", "/browse/PAY-1/details", 400, due="soon", priority="")
    assert "Error parsing date" in text
    text = browser.submit("/browse/PAY-1", "/browse/PAY-1/transition", 400, step="Fly")
    assert "no way" in text


def test_a_form_from_elsewhere_is_refused(browser, jira):
    jira.person("maria").open("x")
    answer = browser.post(f"{jira.url}/browse/PAY-1/comment", data={"body": "x"}, timeout=10)
    assert answer.status_code == 403


def test_the_control_interface_plays_people(jira):
    def act(**values):
        answer = requests.post(f"{jira.url}/_sandbox/act", json=values, timeout=10)
        return answer.status_code, answer.json()

    maria = {"person": "maria"}
    made = act(**maria, action="open", project="OPS", summary="Down", kind="[System] Incident")
    assert made == (200, {"key": "OPS-1", "id": 10000, "status": "Open"})
    assert act(**maria, action="walk", issue="OPS-1", to="Completed")[1]["status"] == "Completed"
    assert act(**maria, action="comment", issue="OPS-1", body="x") == (200, {"id": 10000})
    assert act(**maria, action="hide", project="OPS") == (200, {"ok": True})
    assert act(**maria, action="hide", project="OPS", hidden=False) == (200, {"ok": True})
    assert act(**maria, action="delete", issue="OPS-1") == (200, {"ok": True})
    assert act(**maria, action="delete", issue="OPS-1")[0] == 404
    assert act(**maria, action="fly")[0] == 404
    assert act(**maria, action="open", project="NOPE", summary="x")[0] == 404


def test_the_dump_has_no_secret(jira):
    state = requests.get(f"{jira.url}/_sandbox/state", timeout=10).text
    assert jira.token not in state
