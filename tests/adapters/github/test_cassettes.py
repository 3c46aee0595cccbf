import pytest
import yaml

from tests.cassettes import github_scenarios as github
from tests.cassettes import keys
from tests.cassettes.tape import CASSETTES, HOME, recorder, secrets_in

FILES = sorted(CASSETTES.rglob("*.yaml"))


@pytest.mark.parametrize("scenario", github.SCENARIOS, ids=lambda one: one.__name__)
def test_the_adapter_replays_what_was_recorded(scenario, no_network, monkeypatch):
    for name, value in keys.environment().items():
        monkeypatch.setenv(name, value)
    file = CASSETTES / github.NAME / f"{scenario.__name__}.yaml"
    stage = github.replay_stage(HOME, keys.TOKEN_ENV, keys.APP_KEY_ENV)
    with recorder(mode="none").use_cassette(str(file)) as tape:
        scenario(stage)
    assert tape.all_played, "the tape holds more than the adapter asks"


def test_every_call_of_the_adapter_is_on_a_tape():
    asked = set()
    for file in (CASSETTES / github.NAME).glob("*.yaml"):
        for exchange in yaml.safe_load(file.read_text("utf-8"))["interactions"]:
            path = exchange["request"]["uri"].removeprefix(HOME).partition("?")[0]
            tail = path.strip("/").split("/")[2:] if path.startswith("/repositories") else [path]
            shape = "/".join("N" if part.isdigit() else part for part in tail)
            asked.add(f"{exchange['request']['method']} {shape}")
    assert asked >= {
        "GET /user",
        "GET /app",
        "POST /app/installations/2/access_tokens",
        "GET /repos/acme/payments",
        "GET issues",
        "POST issues",
        "GET issues/N",
        "PATCH issues/N",
        "POST issues/N/sub_issues",
        "DELETE issues/N/sub_issue",
        "GET issues/N/comments",
        "POST issues/N/comments",
        "PATCH issues/comments/N",
        "GET labels",
        "POST labels",
        "POST /graphql",
    }


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_tape_holds_a_secret(file):
    text = file.read_text("utf-8")
    assert secrets_in(text) == []
    for value in keys.environment().values():
        assert value not in text
    for exchange in yaml.safe_load(text)["interactions"]:
        sent = {name.lower(): value for name, value in exchange["request"]["headers"].items()}
        assert sent.get("authorization") == ["REDACTED"]
        assert not {"cookie", "set-cookie"} & {
            *sent,
            *(name.lower() for name in exchange["response"]["headers"]),
        }


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: token ghp_abcdefghijklmnop",
        '{"token": "ghs_16C7e42F292c6912E7710c838347Ae178B4a"}',
        "github_pat_11ABCDEFG0abcdefgh",
        "glpat-abcdefghijklmnopqrst",
        "ATATT3xFfGF0abcdefghij",
        "Bearer eyJhbGciOiJSUzI1NiJ9.eyJpYXQiOjE3MDB9.c2ln",
        "-----BEGIN RSA PRIVATE KEY-----",
        "sso?authorization_request=ABCDEF",
    ],
)
def test_a_secret_on_a_tape_would_be_noticed(text):
    assert secrets_in(f"x: {text}\n")


def test_what_replaces_a_secret_is_no_secret():
    assert secrets_in("ghs_REDACTED authorization_request=REDACTED") == []
