"""The pages people use: what they show, what they do, and what they never let in."""

import re

import pytest

from adapters.sandbox.github.family import adopt

HTML = {"Accept": "text/html,application/xhtml+xml"}
ISSUES = "/acme/payments/issues"


class Visitor:
    """A browser without JavaScript: follows redirects, keeps cookies, sends what forms hold."""

    def __init__(self, api):
        self.api = api
        del api.headers["Authorization"]

    def see(self, path):
        return self.api.get(path, headers=HTML)

    def send(self, path, referer=ISSUES, **fields):
        token = re.search(r'name="token" value="([^"]+)"', self.see(referer).text)[1]
        return self.api.post(path, data={"token": token} | fields, headers=HTML)


@pytest.fixture
def visitor(api):
    return Visitor(api)


def test_a_browser_gets_a_page_where_a_client_gets_json(visitor, api):
    assert "<h1" in visitor.see("/").text
    assert api.get("/").json()["current_user_url"].endswith("/user")


def test_an_issue_is_opened_by_hand_as_a_person_with_browser_line_ends(visitor, sandbox):
    answer = visitor.send(
        ISSUES, f"{ISSUES}/new", title="[P0] Down", body="a\nb", labels=["bug"], assignees=["zoe"]
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{ISSUES}/1")
    issue = sandbox.state.repository("acme/payments").get(1)
    assert (issue.author, issue.body, issue.assignees) == ("maria", "a\r\nb", ("zoe",))
    shown = visitor.see(f"{ISSUES}/1").text
    assert "[P0] Down" in shown
    assert "bug" in shown


def test_labels_that_say_a_phase_are_the_boards_columns_in_order(visitor, sandbox):
    maria = sandbox.person("maria")
    assert "become columns" in visitor.see(ISSUES).text
    for word in ("doing", "backlog", "blocked"):
        maria.add_label(f"phase: {word}")
    maria.open("x", labels=["phase: doing"])
    columns = re.findall(r'class="column" aria-label="([^"]+)"', visitor.see(ISSUES).text)
    assert columns == ["Backlog", "Doing", "Blocked", "Closed"]


def test_moving_an_issue_replaces_its_phase_and_keeps_its_other_labels(visitor, sandbox):
    maria = sandbox.person("maria")
    for word in ("todo", "doing"):
        maria.add_label(f"phase: {word}")
    maria.open("x", labels=["phase: todo", "bug"])
    answer = visitor.send(f"{ISSUES}/1/move", phase="phase: doing", back=ISSUES)
    assert (answer.status_code, answer.headers["Location"]) == (303, ISSUES)
    repository = sandbox.state.repository("acme/payments")
    names = {repository.label_name(one) for one in repository.get(1).labels}
    assert names == {"phase: doing", "bug"}


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        ("completed", "Completed"),
        ("not_planned", "Not planned"),
        ("duplicate", "Duplicate"),
    ],
)
def test_an_issue_is_closed_for_each_reason_and_reopened(visitor, sandbox, reason, word):
    sandbox.person("maria").open("x")
    visitor.send(f"{ISSUES}/1/move", close=reason)
    assert sandbox.state.repository("acme/payments").get(1).reason == reason
    assert word in visitor.see(f"{ISSUES}?view=list").text
    visitor.send(f"{ISSUES}/1/move", close="reopen")
    assert sandbox.state.repository("acme/payments").get(1).state == "open"


def test_text_labels_assignees_and_comments_are_changed_by_forms(visitor, sandbox):
    sandbox.person("maria").open("x", "old")
    visitor.send(f"{ISSUES}/1/edit", title="y", body="new")
    visitor.send(f"{ISSUES}/1/labels", labels=["bug", "question"])
    visitor.send(f"{ISSUES}/1/labels", labels=["question"])
    visitor.send(f"{ISSUES}/1/assignees", assignees=["devon"])
    visitor.send(f"{ISSUES}/1/comment", body="well")
    repository = sandbox.state.repository("acme/payments")
    issue = repository.get(1)
    assert (issue.title, issue.body, issue.assignees) == ("y", "new", ("devon",))
    assert [repository.label_name(one) for one in issue.labels] == ["question"]
    assert [one.body for one in repository.comments_of(1)] == ["well"]
    shown = visitor.see(f"{ISSUES}/1").text
    assert "changed the title from “x”" in shown
    assert "added the label bug" in shown


def test_another_person_can_be_chosen(visitor, sandbox):
    visitor.send("/_person", person="zoe", back=ISSUES)
    visitor.send(ISSUES, title="hers")
    assert sandbox.state.repository("acme/payments").get(1).author == "zoe"
    assert visitor.send("/_person", person="nobody").status_code == 422


@pytest.mark.parametrize("place", ["//evil.example", "/\\evil.example", "https://evil.example", ""])
def test_a_form_never_sends_a_browser_elsewhere(visitor, place):
    assert visitor.send("/_person", person="zoe", back=place).headers["Location"] == "/"


NASTY = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def test_everything_people_write_is_shown_as_text(visitor, sandbox):
    maria = sandbox.person("maria")
    maria.add_label("<b>x</b>")
    maria.open(NASTY, f"{NASTY}\n\n[x](javascript:alert(1))\n![i](http://example.com/x.png)")
    maria.comment(1, NASTY)
    maria.label(1, ["<b>x</b>"])
    for path in (ISSUES, f"{ISSUES}?view=list", f"{ISSUES}/1", f"{ISSUES}/new"):
        shown = visitor.see(path).text
        assert "<script" not in shown
        assert "<img" not in shown
        assert "<b>x" not in shown
        assert 'href="javascript' not in shown


def test_markdown_is_drawn_and_hidden_comments_stay_hidden(visitor, sandbox):
    sandbox.person("maria").open("x", "**bold**\n\n- [ ] open\n- [x] done\n<!-- secret -->")
    shown = visitor.see(f"{ISSUES}/1").text
    assert "<strong>bold</strong>" in shown
    assert '<li class="task">☐ open' in shown
    assert '<li class="task">☑ done' in shown
    page = re.sub(r"<textarea.*?</textarea>", "", shown, flags=re.DOTALL)
    assert "secret" not in page


def test_every_page_forbids_what_comes_from_elsewhere(visitor, sandbox):
    sandbox.person("maria").open("x")
    for path in ("/", ISSUES, f"{ISSUES}/1", f"{ISSUES}/new", f"{ISSUES}/99", "/_style"):
        answer = visitor.see(path)
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Frame-Options"] == "DENY"
        places = re.findall(r'(?:src|href|action)="([^"]*)"', answer.text)
        assert all(place.startswith(("/", "#")) for place in places)
        assert "style=" not in answer.text


def test_the_style_sheet_holds_the_labels_colours(visitor, sandbox):
    sandbox.person("maria").add_label("P0", "b60205")
    label = sandbox.state.repository("acme/payments").labels.get("P0").id
    sheet = visitor.api.get("/_style?for=acme/payments", headers={"Accept": "text/css"})
    assert sheet.headers["Content-Type"].startswith("text/css")
    assert f".label-{label} {{ background: #b60205; color: #ffffff; }}" in sheet.text


def test_a_form_without_our_token_or_from_elsewhere_does_nothing(visitor, sandbox, api):
    sandbox.person("maria").open("x")
    place = f"{ISSUES}/1/move"
    bare = api.post(place, data={"close": "completed"}, headers=HTML)
    wrong = api.post(place, data={"close": "completed", "token": "é"}, headers=HTML)
    api.headers["Origin"] = "http://evil.example"
    foreign = visitor.send(place, close="completed")
    assert [answer.status_code for answer in (bare, wrong, foreign)] == [403, 403, 403]
    assert sandbox.state.repository("acme/payments").get(1).state == "open"


def test_a_page_that_is_not_there_and_a_wrong_value_are_told_on_a_page(visitor, sandbox):
    assert visitor.see("/nothing/here/at/all").status_code == 404
    assert visitor.see(f"{ISSUES}/7").status_code == 404
    assert visitor.see("/acme/none/issues").status_code == 404
    refused = visitor.send(ISSUES, title="")
    assert refused.status_code == 422
    assert "Validation Failed" in refused.text
    assert visitor.send(f"{ISSUES}/9/comment", body="x").status_code == 404


def test_long_lists_have_pages_and_people_see_no_lag(visitor, sandbox):
    sandbox.state.set_habits(lag=600)
    sandbox.state.repository("acme/payments").seed_issues(60)
    sandbox.person("maria").open("just now")
    assert "20 more" not in visitor.see(f"{ISSUES}?view=list").text
    assert "just now" in visitor.see(ISSUES).text
    assert "21 more" in visitor.see(ISSUES).text
    second = visitor.see(f"{ISSUES}?view=list&page=2").text
    assert second.count("<tr>") == 11


def test_relations_and_transfers_are_followed(visitor, sandbox):
    maria = sandbox.person("maria")
    sandbox.state.add_repository("acme/other")
    parent, child = maria.open("parent"), maria.open("child")
    adopt(sandbox.state, parent.id, child.id, maria.actor)
    assert 'Part of <a href="/acme/payments/issues/1">parent</a>' in visitor.see(f"{ISSUES}/2").text
    assert "☐" in visitor.see(f"{ISSUES}/1").text
    maria.transfer(2, "acme/other")
    assert visitor.see(f"{ISSUES}/2").headers["Location"] == "/acme/other/issues/1"
    assert "/acme/other/issues/1" in visitor.see(f"{ISSUES}/1").text
