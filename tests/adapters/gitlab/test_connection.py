"""Connecting: settings, who we are, what is checked before anything runs."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from adapters.errors import AuthFailed
from adapters.gitlab import ADAPTER, GitLabSettings
from adapters.registry import adapter
from adapters.seams import Seams
from mappings.problem import ProblemError
from mappings.vocabulary import Phase, Priority

ME = {"id": 5, "username": "project_77_bot"}
STATUSES = [
    {"id": "1", "name": "To do", "category": "TO_DO"},
    {"id": "2", "name": "In progress", "category": "IN_PROGRESS"},
    {"id": "3", "name": "Done", "category": "DONE"},
]


def checks(thing):
    return {check.name: check for check in thing.check()}


@pytest.fixture
def answers(server, reply, home_json):
    """A server that answers by path; a test changes what it says."""
    said = {
        "/user": reply(body=ME),
        "/personal_access_tokens/self": reply(body={"scopes": ["api"], "expires_at": None}),
        "/version": reply(body={"version": "18.5.0-ee"}),
        "/projects/acme%2Fpayments": reply(body=home_json()),
        "/projects/77": reply(body=home_json()),
        "/projects/77/labels": reply(body=[]),
        "/api/graphql": reply(body={"data": {"namespace": None}}),
    }
    server.answer = lambda asked: said.get(asked.path, reply(404, {"message": "404 Not found"}))
    return said


def test_the_adapter_is_found_by_its_name():
    assert adapter("gitlab") is ADAPTER


def test_opening_asks_nothing(server, connect, profile):
    connect(server.url).open("acme/platform/payments", profile)
    assert server.asked == []


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"token": "glpat-in-the-settings-file"},
        {"token": {"env": "A", "file": "b"}},
        {"token": {"env": "A"}, "reserve": 1},
        {"token": {"env": "A"}, "overlap": 30},
        {"token": {"env": "A"}, "intervall": 1},
    ],
)
def test_settings_that_make_no_sense_are_refused(settings):
    with pytest.raises(ValidationError):
        GitLabSettings.model_validate(settings)


@pytest.mark.parametrize(
    "url", ["https://169.254.169.254", "http://gitlab.example.com", "https://me:pw@gitlab.com"]
)
def test_an_unsafe_address_is_refused_before_anything_is_sent(clock, url):
    settings = GitLabSettings.model_validate({"token": {"env": "A"}, "base_url": url})
    with pytest.raises(ProblemError) as caught:
        ADAPTER.connect("acme", settings, Seams(clock))
    assert (caught.value.problem.code, caught.value.problem.place) == ("E202", "connections.acme")


@pytest.mark.parametrize("tail", ["", "/", "/api/v4", "/api/v4/"])
def test_the_address_may_be_the_sites_or_its_apis(server, reply, connect, tail):
    server.will(reply(body=ME))
    connect(server.url + tail).client.get("/user")
    assert server.asked[0].target == "/api/v4/user"


@pytest.mark.parametrize("name", ["payments", "acme/", "/x", "a//b", "a/b?x", "a/b#1", "a /b", ""])
def test_a_name_that_is_no_project_is_refused(connect, server, profile, name):
    with pytest.raises(ProblemError) as caught:
        connect(server.url).open(name, profile)
    assert "group/project" in caught.value.problem.message


def test_who_we_are_and_what_we_may_do(server, connect, answers, reply, clock):
    end = {"scopes": ["read_api", "api"], "expires_at": "2030-01-31"}
    answers["/personal_access_tokens/self"] = reply(body=end)
    me = connect(server.url).describe()
    assert (me.user, me.version, me.scopes) == ("project_77_bot", "18.5.0-ee", ("api", "read_api"))
    assert me.expires_at.isoformat() == "2030-01-31T00:00:00+00:00"
    assert me.server_time == clock.now()


def test_what_not_every_token_may_ask_is_left_out(server, connect, answers, reply):
    answers["/personal_access_tokens/self"] = reply(401, {"message": "401 Unauthorized"})
    answers["/version"] = reply(403, {"message": "403 Forbidden"})
    connection = connect(server.url)
    me = connection.describe()
    assert (me.user, me.version, me.scopes, me.expires_at) == ("project_77_bot", "", (), None)
    assert all(check.ok for check in connection.check())


def test_all_is_well(server, connect, answers, profile):
    connection = connect(server.url)
    project = connection.open("acme/payments", profile)
    assert [c for c in [*connection.check(), *project.check()] if not c.ok] == []


def test_a_refused_token_is_told_with_a_remedy(server, connect, answers, reply, token):
    answers["/user"] = reply(401, {"error": "invalid_token"})
    check = checks(connect(server.url))["token"]
    assert not check.ok
    assert "E205" in check.detail
    assert check.remedy
    assert token not in f"{check}"


@pytest.mark.parametrize(
    ("scopes", "well"),
    [(["api"], True), (["granular"], True), (["read_api"], False), (["read_user"], False)],
)
def test_a_scope_that_is_too_small_is_told(server, connect, answers, reply, scopes, well):
    answers["/personal_access_tokens/self"] = reply(body={"scopes": scopes})
    check = checks(connect(server.url))["scope"]
    assert (check.ok, bool(check.remedy)) == (well, not well)


def test_a_tokens_end_is_told_in_time(server, connect, answers, reply, clock):
    for days, well in ((10, False), (30, True)):
        day = f"{clock.now() + timedelta(days=days):%Y-%m-%d}"
        answers["/personal_access_tokens/self"] = reply(body={"expires_at": day})
        assert checks(connect(server.url))["token's end"].ok is well


def test_a_clock_that_is_wrong_is_told(server, connect, answers, clock):
    ahead = (clock.now() + timedelta(seconds=120)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    answers["/user"].headers["Date"] = ahead
    check = checks(connect(server.url))["clock"]
    assert (check.ok, check.detail) == (False, "120 s apart from GitLab's")


@pytest.mark.parametrize("value", ["", "two words", "line\nbreak", "ümlaut"])
def test_a_token_that_can_be_none_is_not_sent(server, reply, connect, monkeypatch, value):
    monkeypatch.setenv("FT_ODD", value)
    server.will(reply(body=ME))
    with pytest.raises(AuthFailed):
        connect(server.url, token={"env": "FT_ODD"}).describe()
    assert server.asked == []


def test_what_a_project_lacks_is_told_line_by_line(
    server, connect, answers, reply, home_json, profile
):
    guest = {"project_access": {"access_level": 10}, "group_access": None}
    bad = home_json(archived=True, issues_access_level="disabled", permissions=guest)
    answers["/projects/acme%2Fpayments"] = reply(body=bad)
    found = checks(connect(server.url).open("acme/payments", profile))
    for name in ("issues", "not archived", "may write issues", "sees confidential issues"):
        assert not found[name].ok
        assert found[name].remedy
    assert found["may write issues"].detail == "Guest"
    assert "phase::doing" in found["labels"].detail


@pytest.mark.parametrize(
    ("name", "level", "well"),
    [
        ("gitlab-incidents", 20, True),
        ("gitlab-incidents", 15, False),
        ("gitlab-issues", 15, True),
        ("gitlab-issues", 10, False),
        ("gitlab-issues", 50, True),
    ],
)
def test_the_least_role_is_that_which_the_vocabulary_needs(
    server, connect, answers, reply, home_json, load, name, level, well
):
    role = {"project_access": None, "group_access": {"access_level": level}}
    answers["/projects/acme%2Fpayments"] = reply(body=home_json(permissions=role))
    found = checks(connect(server.url).open("acme/payments", load(name)))
    assert found["may write issues"].ok is well


def test_labels_that_would_push_each_other_off_are_named(server, connect, answers, reply, profile):
    names = [{"name": "priority::high"}, {"name": "priority::P0"}, {"name": "team::core"}]
    answers["/projects/77/labels"] = reply(body=names)
    check = checks(connect(server.url).open("acme/payments", profile))["label scopes"]
    assert not check.ok
    assert "priority::high" in check.detail
    assert "team::core" not in check.detail
    assert "also" in check.remedy


def test_statuses_that_are_not_there_are_named(server, connect, answers, reply, load):
    words = load(
        "gitlab-incidents", phase={"statuses": {"doing": ["In progress"], "completed": ["Fixed"]}}
    )
    types = [
        {"name": name, "widgetDefinitions": [{}, {"allowedStatuses": STATUSES}]}
        for name in ("Issue", "Incident")
    ]
    spaces = {"namespace": {"workItemTypes": {"nodes": types}}}
    answers["/api/graphql"] = reply(body={"data": spaces})
    check = checks(connect(server.url).open("acme/payments", words))["statuses"]
    assert (check.ok, check.detail) == (False, "no status Fixed")
    assert check.remedy


def test_an_old_gitlab_without_statuses_says_so_once(server, connect, answers, reply, load):
    words = load("gitlab-issues", phase={"statuses": {"doing": ["In progress"]}})
    said = "Field 'allowedStatuses' doesn't exist on type 'X'"
    answers["/api/graphql"] = reply(body={"errors": [{"message": said}]})
    check = checks(connect(server.url).open("acme/payments", words))["statuses"]
    assert not check.ok
    assert "E128" in check.detail
    assert sum(one.path == "/api/graphql" for one in server.asked) == 1


def test_a_vocabulary_is_proposed_in_the_projects_own_words(server, connect, answers, reply, load):
    answers["/projects/77/labels"] = reply(body=[{"name": "P0"}, {"name": "Doing"}])
    project = connect(server.url).open("acme/payments", load("gitlab-issues"))
    mine = project.propose(project.profile)
    assert mine.priority.labels[Priority.P0] == "P0"
    assert mine.phase.labels[Phase.DOING] == "Doing"
    types = [{"name": "Issue", "widgetDefinitions": [{"allowedStatuses": STATUSES}]}]
    spaces = {"namespace": {"workItemTypes": {"nodes": types}}}
    answers["/api/graphql"] = reply(body={"data": spaces})
    assert project.propose(project.profile).phase.statuses[Phase.DOING] == ["In progress"]
    assert {asked.method for asked in server.asked if asked.path != "/api/graphql"} == {"GET"}


def test_an_internal_project_is_not_public(server, connect, answers, reply, home_json, profile):
    for visibility, public in (("private", False), ("internal", False), ("public", True)):
        answers["/projects/acme%2Fpayments"] = reply(body=home_json(visibility=visibility))
        info = connect(server.url).open("acme/payments", profile).describe()
        assert (info.id, info.key, info.public) == ("77", "acme/payments", public)
