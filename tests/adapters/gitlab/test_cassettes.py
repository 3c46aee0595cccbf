"""What was recorded is replayed without a network; tests of GitHub's tapes look at ours, too."""

import pytest
import yaml

from tests.cassettes import gitlab_scenarios as gitlab
from tests.cassettes import keys
from tests.cassettes.tape import CASSETTES, HOME, recorder


@pytest.mark.parametrize("scenario", gitlab.SCENARIOS, ids=lambda one: one.__name__)
def test_the_adapter_replays_what_was_recorded(scenario, no_network, monkeypatch):
    for name, value in keys.environment().items():
        monkeypatch.setenv(name, value)
    file = CASSETTES / gitlab.NAME / f"{scenario.__name__}.yaml"
    with recorder(mode="none").use_cassette(str(file)) as tape:
        scenario(gitlab.replay_stage(HOME, keys.GITLAB_TOKEN_ENV))
    assert tape.all_played, "the tape holds more than the adapter asks"


def test_every_call_of_the_adapter_is_on_a_tape():
    asked = set()
    for file in (CASSETTES / gitlab.NAME).glob("*.yaml"):
        for exchange in yaml.safe_load(file.read_text("utf-8"))["interactions"]:
            path = exchange["request"]["uri"].removeprefix(HOME).partition("?")[0]
            parts = path.removeprefix("/api/v4").strip("/").split("/")
            shape = "/".join("N" if part.isdigit() else part for part in parts)
            asked.add(f"{exchange['request']['method']} {shape}")
    assert asked >= {
        "GET user",
        "GET users",
        "GET version",
        "GET personal_access_tokens/self",
        "GET projects/acme%2Fpayments",
        "GET projects/N/issues",
        "GET groups/acme/issues",
        "POST projects/N/issues",
        "GET projects/N/issues/N",
        "PUT projects/N/issues/N",
        "POST projects/N/issues/N/links",
        "GET projects/N/issues/N/links",
        "DELETE projects/N/issues/N/links/N",
        "GET projects/N/issues/N/notes",
        "POST projects/N/issues/N/notes",
        "PUT projects/N/issues/N/notes/N",
        "GET projects/N/labels",
        "POST projects/N/labels",
        "POST api/graphql",
    }
