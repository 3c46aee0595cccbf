"""What was recorded is replayed without a network; tests of GitHub's tapes look at ours, too."""

import re

import pytest
import yaml

from tests.cassettes import jira_scenarios as jira
from tests.cassettes import keys
from tests.cassettes.tape import CASSETTES, HOME, recorder


@pytest.mark.parametrize("deployment", jira.DEPLOYMENTS)
@pytest.mark.parametrize("scenario", jira.SCENARIOS, ids=lambda one: one.__name__)
def test_the_adapter_replays_what_was_recorded(scenario, deployment, no_network, monkeypatch):
    for name, value in keys.environment().items():
        monkeypatch.setenv(name, value)
    file = CASSETTES / jira.NAME / deployment / f"{scenario.__name__}.yaml"
    with recorder(mode="none").use_cassette(str(file)) as tape:
        scenario(jira.replay_stage(HOME, keys.JIRA_TOKEN_ENV, deployment))
    assert tape.all_played, "the tape holds more than the adapter asks"


def asked(deployment):
    seen = set()
    for file in (CASSETTES / jira.NAME / deployment).glob("*.yaml"):
        for exchange in yaml.safe_load(file.read_text("utf-8"))["interactions"]:
            path = exchange["request"]["uri"].removeprefix(HOME).partition("?")[0]
            shape = re.sub(r"/(\d{3,}|PAY-\d+)(?=/|$)", "/N", path.removeprefix("/rest/api"))
            seen.add(f"{exchange['request']['method']} {shape}")
    return seen


@pytest.mark.parametrize("deployment", jira.DEPLOYMENTS)
def test_every_call_of_the_adapter_is_on_a_tape(deployment):
    common = {
        "GET /2/myself",
        "GET /2/serverInfo",
        "GET /2/project/PAY",
        "GET /2/project/PAY/statuses",
        "GET /2/mypermissions",
        "GET /2/priority",
        "GET /2/resolution",
        "GET /2/issue/createmeta/PAY/issuetypes",
        "GET /2/issue/createmeta/PAY/issuetypes/N",
        "POST /2/issue",
        "POST /2/issue/bulk",
        "GET /2/issue/N",
        "PUT /2/issue/N",
        "GET /2/issue/N/transitions",
        "POST /2/issue/N/transitions",
        "GET /2/issue/N/comment",
        "POST /2/issue/N/comment",
        "PUT /2/issue/N/comment/N",
        "PUT /2/issue/N/properties/followthrough",
        "POST /2/issueLink",
        "DELETE /2/issueLink/N",
    }
    own = {
        "cloud": {
            "GET /2/search/jql",
            "POST /2/issue/bulkfetch",
            "GET /3/issue/N",
            "POST /3/bulk/issues/transition",
            "GET /3/bulk/queue/N",
        },
        "datacenter": {"GET /2/search"},
    }
    assert asked(deployment) >= common | own[deployment]
