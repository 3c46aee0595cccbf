import threading
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import SecretStr, ValidationError

from adapters.errors import AuthFailed, Transient
from adapters.github import ADAPTER, GitHubSettings
from adapters.registry import adapter
from adapters.sandbox.core.access import Access, Token
from adapters.seams import Seams
from mappings.item import Draft, Patch, Ref
from mappings.problem import ProblemError
from mappings.vocabulary import Phase

OTHER = "ghp_other01234567890123456789012345678901"


@pytest.fixture(scope="session")
def pem():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    ).decode()


@pytest.fixture
def as_app(sandbox, connect, monkeypatch, pem):
    monkeypatch.setenv("FT_APP_KEY", pem)
    app = {"app_id": 12, "installation_id": 34, "private_key": {"env": "FT_APP_KEY"}}
    return connect(sandbox.url, token=None, app=app)


def checks(thing):
    return {check.name: check for check in thing.check()}


def test_the_adapter_is_found_by_its_name():
    assert adapter("github") is ADAPTER


def test_opening_asks_nothing(sandbox, connect, profile):
    connect(sandbox.url).open("acme/payments", profile)
    assert sandbox.requests.total == 0


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"token": {"env": "A"}, "app": {"app_id": 1, "installation_id": 2,
                                        "private_key": {"env": "B"}}},
        {"token": {"env": "A", "file": "b"}},
        {"token": "ghp_in_the_settings_file"},
        {"token": {"env": "A"}, "reserve": 1},
        {"token": {"env": "A"}, "intervall": 1},
        {"token": {"env": "A"}, "timeout": 0},
    ],
)  # fmt: skip
def test_settings_that_make_no_sense_are_refused(settings):
    with pytest.raises(ValidationError):
        GitHubSettings.model_validate(settings)


def test_an_unsafe_address_is_refused_before_anything_is_sent(clock):
    settings = GitHubSettings.model_validate(
        {"token": {"env": "A"}, "base_url": "https://169.254.169.254"}
    )
    with pytest.raises(ProblemError) as caught:
        ADAPTER.connect("acme", settings, Seams(clock))
    assert (caught.value.problem.code, caught.value.problem.place) == ("E202", "connections.acme")


@pytest.mark.parametrize("name", ["payments", "acme/", "/x", "a/b/c", "a/b?x", "a/b#1", "a /b", ""])
def test_a_name_that_is_no_repository_is_refused(connect, server, profile, name):
    with pytest.raises(ProblemError) as caught:
        connect(server.url).open(name, profile)
    assert "owner/name" in caught.value.problem.message


def test_who_we_are_and_what_we_may_do(sandbox, connect, clock):
    end = clock.now() + timedelta(days=30)
    sandbox.state.add_token(
        Token("ghp_ending0123456789012345678901234567890", "zoe", expires_at=end)
    )
    me = connect(sandbox.url).describe()
    assert (me.user, me.scopes) == ("octo-bot", ("project", "repo"))
    assert me.server_time == clock.now()
    assert me.expires_at is None


def test_a_tokens_end_is_told_in_time(sandbox, connect, clock, monkeypatch):
    for days, well in ((10, False), (30, True)):
        secret = f"ghp_ending{days}123456789012345678901234567"
        end = clock.now() + timedelta(days=days, hours=1)
        sandbox.state.add_token(Token(secret, "zoe", expires_at=end))
        monkeypatch.setenv("FT_ENDING", secret)
        connection = connect(sandbox.url, token={"env": "FT_ENDING"})
        assert connection.describe().expires_at == end
        assert checks(connection)["token's end"].ok is well


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-12-01 00:00:00 UTC", datetime(2026, 12, 1, tzinfo=UTC)),
        ("2026-12-01 02:00:00 +0200", datetime(2026, 12, 1, tzinfo=UTC)),
        ("2026-12-01 00:00:00", datetime(2026, 12, 1, tzinfo=UTC)),
        ("some day", None),
    ],
)
def test_an_end_is_read_however_it_is_written(server, reply, connect, text, moment):
    said = {"GitHub-Authentication-Token-Expiration": text}
    server.will(reply(200, {"login": "x"}, said))
    assert connect(server.url).describe().expires_at == moment


def test_all_is_well(sandbox, connect, project):
    assert all(check.ok for check in [*connect(sandbox.url).check(), *project.check()])


def test_a_clock_that_is_wrong_is_told(sandbox, connect, clock):
    sandbox.faults.add("skew", seconds=120)
    check = checks(connect(sandbox.url))["clock"]
    assert (check.ok, check.detail) == (False, "120 s apart from GitHub's")
    assert check.remedy


def test_a_refused_token_is_told_with_a_remedy(sandbox, connect, monkeypatch):
    monkeypatch.setenv("FT_BAD", OTHER)
    check = checks(connect(sandbox.url, token={"env": "FT_BAD"}))["token"]
    assert not check.ok
    assert "E205" in check.detail
    assert OTHER not in f"{check}"
    assert check.remedy


@pytest.mark.parametrize("value", ["", "two words", "line\nbreak", "ümlaut"])
def test_a_token_that_can_be_none_is_not_sent(server, reply, connect, monkeypatch, value):
    monkeypatch.setenv("FT_ODD", value)
    server.will(reply(200, {}))
    with pytest.raises(AuthFailed) as caught:
        connect(server.url, token={"env": "FT_ODD"}).describe()
    assert caught.value.problem.code == "E203"
    assert server.asked == []


def test_what_a_project_lacks_is_told_line_by_line(sandbox, connect, profile, monkeypatch):
    home = sandbox.state.repository("acme/payments")
    home.has_issues, home.archived, home.private = False, True, True
    sandbox.state.add_token(Token(OTHER, "zoe", everywhere=Access.READ))
    monkeypatch.setenv("FT_OTHER", OTHER)
    project = connect(sandbox.url, token={"env": "FT_OTHER"}).open("acme/payments", profile)
    found = checks(project)
    assert "private" in found["repository"].detail
    for name in ("issues", "not archived", "may write issues"):
        assert not found[name].ok
        assert found[name].remedy
    assert "phase: doing" in found["labels"].detail


def test_a_repository_that_cannot_be_seen_is_told(connect, sandbox, profile):
    (check,) = connect(sandbox.url).open("acme/nothing", profile).check()
    assert not check.ok
    assert "acme/nothing" in check.detail
    assert check.remedy


def test_an_issue_field_the_organisation_does_not_have_is_told(connect, sandbox, load):
    priority = {"field": "Urgency", "values": {"P0": "Now"}}
    words = load("github-labels", priority=priority)
    project = connect(sandbox.url).open("acme/payments", words)
    assert "Urgency" in checks(project)["issue fields"].detail
    sandbox.state.add_issue_field("Urgency", ("Now", "Later"))
    again = connect(sandbox.url).open("acme/payments", words)
    assert "issue fields" not in checks(again)


def test_a_priority_kept_in_an_issue_field_goes_there_and_back(connect, sandbox, load):
    from mappings.vocabulary import Priority

    sandbox.state.add_issue_field("Urgency", ("Now", "Later"))
    words = load(
        "github-labels",
        priority={"authority": "field", "field": "Urgency", "values": {"P0": "Now", "P3": "Later"}},
    )
    project = connect(sandbox.url).open("acme/payments", words)
    item = project.create(Draft(title="Down", priority=Priority.P0))
    assert item.priority is Priority.P0
    assert project.update(item.ref, Patch(priority=Priority.P3), item.revision).priority is (
        Priority.P3
    )
    assert project.fetch(item.ref).priority is Priority.P3


def test_a_private_repository_says_so(sandbox, project):
    sandbox.state.repository("acme/payments").private = True
    info = project.describe()
    assert (info.key, info.public, info.archived) == ("acme/payments", False, False)
    assert "bug" in info.labels


def test_an_internal_repository_is_not_public(server, reply, repository, connect, profile):
    server.will(reply(body=repository(visibility="internal")), reply(body=[]))
    assert connect(server.url).open("acme/payments", profile).describe().public is False


# --- credentials --------------------------------------------------------------------------


def test_a_token_replaced_meanwhile_is_used_at_once(sandbox, connect, tmp_path, clock):
    file = tmp_path / "token"
    file.write_text(sandbox.token)
    connection = connect(sandbox.url, token={"file": str(file)})
    assert connection.describe().user == "octo-bot"
    sandbox.state.add_token(Token(OTHER, "zoe"))
    file.write_text(OTHER + "\n")
    assert connection.describe().user == "zoe"


def test_a_token_replaced_while_a_request_was_under_way_is_tried_once_more(
    server, reply, connect, tmp_path
):
    file = tmp_path / "token"
    file.write_text("ghp_first")
    connection = connect(server.url, token={"file": str(file)})
    server.will(reply(401, {"message": "Bad credentials"}), reply(200, {"login": "x"}))
    reads = iter(["ghp_first", "ghp_second"])
    told = connection.client._credential
    told._read = lambda: SecretStr(next(reads, "ghp_second"))
    assert connection.describe().user == "x"
    used = [asked.headers["authorization"] for asked in server.asked]
    assert used == ["token ghp_first", "token ghp_second"]


def test_an_app_writes_under_its_own_name(sandbox, as_app, profile):
    me = as_app.describe()
    assert me.user == f"{sandbox.state.app_slug}[bot]"
    project = as_app.open("acme/payments", profile)
    assert project.create(Draft(title="Down")).author == me.user
    assert all(check.ok for check in [*as_app.check(), *project.check()])


def test_an_apps_token_is_asked_for_once_by_all_threads(sandbox, as_app, profile):
    project = as_app.open("acme/payments", profile)
    project.create(Draft(title="Down"))
    errors = []

    def look():
        try:
            assert project.fetch(Ref("1")).title == "Down"
        except Exception as error:  # noqa: BLE001  a thread must not swallow it
            errors.append(error)

    threads = [threading.Thread(target=look) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    tokens = [one for one in sandbox.requests if one.path.endswith("/access_tokens")]
    assert len(tokens) == 1


def test_an_apps_token_is_renewed_before_it_ends(sandbox, as_app, profile, clock):
    project = as_app.open("acme/payments", profile)
    _, cursor = project.create(Draft(title="Down")), list(project.changed(None))[-1].cursor
    clock.sleep(3400)
    assert project.fetch(Ref("1"))
    tokens = [one for one in sandbox.requests if one.path.endswith("/access_tokens")]
    assert len(tokens) == 2
    list(project.changed(cursor))
    assert sandbox.requests[-1].status == 200, "a tag of the old token is not used"


def test_an_apps_token_that_was_revoked_is_replaced_once(sandbox, as_app, profile):
    project = as_app.open("acme/payments", profile)
    project.create(Draft(title="Down"))
    for token in sandbox.state.tokens():
        if token.app:
            token.dies_after = 0
    assert project.fetch(Ref("1")).title == "Down"


def test_the_apps_own_limit_is_not_taken_for_the_installations(as_app):
    as_app.describe()
    assert as_app.budget().limit is None
    as_app.client.get("/rate_limit")
    assert as_app.budget().limit == 5000


def test_a_key_that_is_none_is_told(sandbox, connect, monkeypatch):
    monkeypatch.setenv("FT_APP_KEY", "-----BEGIN nonsense")
    app = {"app_id": 12, "installation_id": 34, "private_key": {"env": "FT_APP_KEY"}}
    check = checks(connect(sandbox.url, token=None, app=app))["token"]
    assert "private key" in check.detail
    assert "nonsense" not in check.detail
    assert "PEM" in check.remedy


def test_an_installation_github_does_not_know_is_told(server, reply, connect, monkeypatch, pem):
    monkeypatch.setenv("FT_APP_KEY", pem)
    app = {"app_id": 12, "installation_id": 34, "private_key": {"env": "FT_APP_KEY"}}
    connection = connect(server.url, token=None, app=app)
    server.will(reply(404, {"message": "Not Found"}))
    with pytest.raises(AuthFailed) as caught:
        connection.client.get("/user")
    assert "installation_id" in caught.value.problem.remedy


def test_an_apps_token_that_cannot_be_had_is_no_doubt_about_the_write(
    server, reply, connect, monkeypatch, pem
):
    monkeypatch.setenv("FT_APP_KEY", pem)
    app = {"app_id": 12, "installation_id": 34, "private_key": {"env": "FT_APP_KEY"}}
    connection = connect(server.url, token=None, app=app)
    server.will(reply(lose=True))
    with pytest.raises(Transient):
        connection.client.write("POST", "/x", {}, {201})
    assert {asked.path for asked in server.asked} == {"/app/installations/34/access_tokens"}


# --- what is sent -------------------------------------------------------------------------


def test_every_request_names_its_version_and_its_sender(server, reply, connect):
    server.will(reply(200, {"login": "x"}))
    connect(server.url).describe()
    sent = server.asked[0].headers
    assert sent["x-github-api-version"] == "2026-03-10"
    assert sent["user-agent"] == "followthrough"


def test_writes_are_spaced_and_this_machine_needs_no_pause(sandbox, connect, profile, clock):
    began = clock.now()
    quick = connect(sandbox.url).open("acme/payments", profile)
    for _ in range(3):
        quick.create(Draft(title="x"))
    assert clock.now() == began
    slow = connect(sandbox.url, write_interval=1).open("acme/payments", profile)
    for _ in range(3):
        slow.create(Draft(title="x"))
    assert (clock.now() - began).total_seconds() == 2


def test_the_budget_is_what_github_last_said(sandbox, connect):
    connection = connect(sandbox.url)
    assert connection.budget().limit is None
    connection.describe()
    said = connection.budget()
    assert (said.limit, said.remaining, said.requests) == (5000, 4999, 1)


def test_threads_do_not_mix_their_answers(sandbox, connect, profile):
    """One PyGithub for several threads gave wrong answers and sent writes twice."""
    connection = connect(sandbox.url)
    project = connection.open("acme/payments", profile)
    names = [f"issue {number}" for number in range(40)]
    wrong = []

    def work(mine):
        for name in mine:
            item = project.create(Draft(title=name))
            if item.title != name or project.fetch(item.ref).title != name:
                wrong.append(name)

    threads = [threading.Thread(target=work, args=(names[n::4],)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    home = sandbox.state.repository("acme/payments")
    assert sorted(issue.title for issue in home.issues.values()) == sorted(names)


def test_phases_can_all_be_reached_directly(project):
    from mappings.item import Item

    item = Item(ref=Ref("1"), phase=Phase.COMPLETED)
    assert project.route(item, Phase.BACKLOG) == (Phase.BACKLOG,)
