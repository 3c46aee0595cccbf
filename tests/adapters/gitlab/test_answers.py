"""What each answer means, and what is never done about it."""

from datetime import timedelta

import pytest

from adapters.errors import (
    AuthFailed,
    Missing,
    Moved,
    PreconditionFailed,
    RateLimited,
    Rejected,
    Transient,
    UnknownOutcome,
    Unsupported,
)
from mappings.item import Draft, Patch, Ref
from mappings.vocabulary import Field

HTML = {"Content-Type": "text/html"}


def refused(project, server, answer):
    """What a write raises that is answered like this."""
    server.will(answer)
    with pytest.raises(Exception) as caught:  # noqa: PT011  the tests look at its kind
        project._client.write("POST", "/x", {}, {201})
    return caught.value


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (401, {"message": "401 Unauthorized"}, AuthFailed, "E205"),
        (401, {"error": "invalid_token", "error_description": "Token was revoked."}, AuthFailed,
         "E205"),
        (403, {"error": "insufficient_scope", "scope": "api"}, AuthFailed, "E203"),
        (403, {"message": "403 Forbidden - Your account has been blocked."}, AuthFailed, "E204"),
        (403, {"message": "403 Forbidden"}, Rejected, "E203"),
        (404, {"message": "404 Project Not Found"}, Missing, "E210"),
        (405, {"message": "Non GET methods are not allowed for moved projects"}, Moved, "E212"),
        (412, {"message": "412 Precondition Failed"}, PreconditionFailed, "E118"),
        (422, {"message": ["Cannot do this"]}, Rejected, "E120"),
        (400, {"error": "title is missing"}, Rejected, "E120"),
        (418, {"message": "?"}, Rejected, "E120"),
        (500, {"message": "500 Internal Server Error"}, UnknownOutcome, "E213"),
        (200, {"id": 1}, UnknownOutcome, "E213"),
    ],
)  # fmt: skip
def test_an_answer_to_a_write_has_one_meaning(project, server, reply, status, body, kind, code):
    error = refused(project, server, reply(status, body))
    assert type(error) is kind
    assert error.problem.code == code
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({"message": {"title": ["is too long (maximum is 255 characters)"]}}, Field.TITLE,
         "title is too long"),
        ({"message": {"description": ["is too long"]}}, Field.BODY, "description is too long"),
        ({"error": "due_date is invalid"}, Field.DUE, "due_date is invalid"),
        ({"message": {"milestone": ["does not exist"]}}, None, "milestone does not exist"),
    ],
)  # fmt: skip
def test_a_refusal_names_the_field_in_gitlabs_words(project, server, reply, body, field, words):
    error = refused(project, server, reply(400, body))
    assert (error.field, words in error.problem.message) == (field, True)


def test_too_many_requests_is_plain_text_and_says_how_long(project, server, reply, clock):
    server.will(reply(429, b"Retry later\n", {"Retry-After": "600"}))
    with pytest.raises(RateLimited) as caught:
        project.fetch(Ref("1"))
    assert caught.value.problem.code == "E207"
    assert caught.value.until == clock.now() + timedelta(seconds=600)
    asked = len(server.asked)
    with pytest.raises(RateLimited):
        project.fetch(Ref("1"))
    assert len(server.asked) == asked, "nothing is sent before the time that was named"


def test_a_short_wait_is_waited_for_and_the_write_sent_again_as_it_was_refused(
    project, server, reply, issue, clock
):
    began = clock.now()
    server.will(reply(429, b"Retry later\n", {"Retry-After": "7"}), reply(201, issue(3)))
    assert project.create(Draft(title="Down")).ref.id == "3"
    assert (clock.now() - began).total_seconds() >= 7
    assert [one.method for one in server.asked] == ["POST", "POST"]


def test_without_a_word_how_long_a_minute_is_waited(project, server, reply, issue, clock):
    began = clock.now()
    server.will(reply(429, b"Retry later\n"), reply(body=issue()))
    assert project.fetch(Ref("1"))
    assert (clock.now() - began).total_seconds() >= 60


def test_the_last_tenth_of_a_limit_is_left_for_people(project, server, reply, issue, clock):
    reset = str(int((clock.now() + timedelta(hours=1)).timestamp()))
    said = {"RateLimit-Limit": "2000", "RateLimit-Remaining": "200", "RateLimit-Reset": reset}
    server.will(reply(body=issue(), headers=said))
    assert project.fetch(Ref("1"))
    with pytest.raises(RateLimited):
        project.fetch(Ref("1"))
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        {"lose": True},
        {"status": 502, "body": b"<html>bad gateway", "headers": HTML},
        {"status": 201, "body": b"<html>sign in", "headers": HTML},
        {"status": 201, "body": b'{"iid": 1', "headers": {"Content-Type": "application/json"}},
        {"status": 408, "body": {}},
        {"status": 201, "body": {"message": "something else"}},
        {"status": 201, "body": []},
    ],
)
def test_a_create_whose_answer_is_lost_or_spoilt_is_sent_once(project, server, reply, answer):
    server.will(reply(**answer))
    with pytest.raises(UnknownOutcome):
        project.create(Draft(title="Down"))
    assert len(server.asked) == 1


def test_a_create_that_answers_with_another_issue_is_in_doubt(project, server, reply, issue):
    server.will(reply(201, issue(1, description="somebody else's")))
    with pytest.raises(UnknownOutcome):
        project.create(Draft(title="Down", marker="<!-- mark -->"))


def test_a_read_is_tried_again_and_gets_through(project, server, reply, issue):
    bad = reply(502, b"<html>", HTML)
    server.will(bad, bad, reply(body=issue(title="There")))
    assert project.fetch(Ref("1")).title == "There"


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [(200, b"<html>sign in", HTML), (404, b"<html>", HTML), (403, b"blocked by proxy", {})],
)
def test_a_page_of_something_in_between_is_not_gitlabs_word(
    project, server, reply, status, body, headers
):
    server.will(reply(status, body, headers))
    with pytest.raises(Transient) as caught:
        project.fetch(Ref("1"))
    assert caught.value.problem.code == "E206"


def test_a_write_is_never_redirected(project, server, reply):
    elsewhere = {"Location": f"{server.url}/api/v4/projects/88/issues"}
    for status in (301, 302, 307, 308):
        server.will(reply(status, {}, elsewhere))
        with pytest.raises(Rejected) as caught:
            project.create(Draft(title="Down"))
        assert caught.value.problem.code == "E212"
        assert len(server.asked) == 1


def test_the_token_goes_to_no_other_host(project, server, reply, clock, token):
    other = type(server)(clock)
    other.will(reply(body={}))
    try:
        server.will(reply(302, {}, {"Location": f"{other.url}/api/v4/user"}))
        with pytest.raises(Moved):
            project._client.get("/user")
        assert server.asked[0].headers["authorization"] == f"Bearer {token}"
        assert "private-token" not in server.asked[0].headers
        assert other.asked == []
    finally:
        other.close()


def test_being_sent_to_sign_in_is_about_the_token(project, server, reply):
    server.will(reply(302, {}, {"Location": f"{server.url}/users/sign_in"}))
    with pytest.raises(AuthFailed) as caught:
        project.fetch(Ref("1"))
    assert caught.value.problem.code == "E204"


def test_a_token_replaced_meanwhile_is_used_at_once(server, reply, connect, tmp_path, profile):
    file = tmp_path / "token"
    file.write_text("glpat-first")
    connection = connect(server.url, token={"file": str(file)})
    server.will(reply(body={"id": 5, "username": "octo-bot"}))
    connection.client.get("/user")
    file.write_text("glpat-second\n")
    connection.client.get("/user")
    used = [asked.headers["authorization"] for asked in server.asked]
    assert used == ["Bearer glpat-first", "Bearer glpat-second"]


def test_an_archived_project_says_what_a_bare_403_does_not(project, server, reply, home_json):
    server.will(reply(403, {"message": "403 Forbidden"}), reply(body=home_json(archived=True)))
    with pytest.raises(Rejected) as caught:
        project.create(Draft(title="Down"))
    assert caught.value.problem.code == "E127"
    assert "Unarchive" in caught.value.problem.remedy


def test_a_role_that_may_not_says_which_one_may(project, server, reply, home_json):
    server.will(reply(403, {"message": "403 Forbidden"}), reply(body=home_json()))
    with pytest.raises(Rejected) as caught:
        project.create(Draft(title="Down"))
    assert caught.value.problem.code == "E203"
    assert "Reporter" in caught.value.problem.remedy


def test_a_confidential_issue_that_cannot_be_seen_is_lost_from_sight_and_not_deleted(
    project, server, reply
):
    home = {"id": 77, "path_with_namespace": "acme/payments"}
    server.will(reply(404, {"message": "404 Not found"}), reply(body=home))
    with pytest.raises(Missing) as caught:
        project.update(Ref("1"), Patch(title="x"), None)
    assert "confidential" in caught.value.problem.message
    assert "Reporter" in caught.value.problem.remedy
    assert "acme/payments#1" in caught.value.problem.message


def test_an_issue_of_a_project_without_issues_is_not_lost_but_refused(project, server, reply):
    home = {"id": 77, "path_with_namespace": "acme/payments", "issues_access_level": "disabled"}
    server.will(reply(404, {"message": "404 Not found"}), reply(body=home))
    with pytest.raises(Rejected, match=r"E127 acme/payments has no issues. Enable them"):
        project.fetch(Ref("1"))


def test_an_issue_of_a_project_that_cannot_be_asked_is_neither_there_nor_lost(
    project, server, reply
):
    busy = reply(503, {"message": "busy"})
    server.will(reply(404, {"message": "404 Not found"}), *[busy] * 8)
    with pytest.raises(Transient):
        project.fetch(Ref("1"))


def test_a_moved_issue_says_where_it_lives_now(project, server, reply, issue):
    left = issue(3, state="closed", moved_to_id=88001)
    found = {"iid": "9", "reference": "acme/other#9", "webUrl": "https://gitlab.com/x"}
    server.will(reply(body=left), reply(body={"data": {"issue": found}}))
    with pytest.raises(Moved) as caught:
        project.fetch(Ref("3"))
    assert caught.value.problem.code == "E212"
    assert "acme/payments#3 moved to acme/other#9" in caught.value.problem.message
    assert caught.value.problem.remedy
    assert caught.value.to.key == "acme/other#9"


def test_an_issue_moved_out_of_sight_is_moved_all_the_same(project, server, reply, issue):
    left = issue(3, state="closed", moved_to_id=88001)
    server.will(reply(body=left), reply(body={"data": {"issue": None}}))
    with pytest.raises(Moved) as caught:
        project.update(Ref("3"), Patch(title="x"), None)
    assert "cannot see" in caught.value.problem.message
    assert [one.method for one in server.asked] == ["GET", "POST"]
    assert server.asked[1].path == "/api/graphql"


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("The resource does not exist or you don't have permission to see it", Missing),
        ("Invalid token", AuthFailed),
        ("Internal server error", Transient),
        ("Field 'severity' doesn't exist on type 'Issue'", Unsupported),
    ],
)  # fmt: skip
def test_errors_of_graphql_come_with_a_200(project, server, reply, said, kind):
    server.will(reply(body={"errors": [{"message": said}], "data": {"issue": None}}))
    with pytest.raises(kind):
        project._client.graphql("query", {})


def test_what_comes_back_is_cleaned_of_secrets(project, server, reply, token):
    error = refused(project, server, reply(400, {"message": f"no {token} here"}))
    assert token not in str(error)
