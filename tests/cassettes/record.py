"""Record the cassettes anew: ``python tests/cassettes/record.py [scenario ...]``.

Against the sandbox always. Against the trackers themselves, too, where their variables are set
(``FOLLOWTHROUGH_LIVE_…``), each with a throw-away project: ``GITHUB_TOKEN`` and
``GITHUB_REPOSITORY`` ("owner/name"), ``GITLAB_TOKEN`` and ``GITLAB_PROJECT``, ``JIRA_TOKEN``,
``JIRA_URL``, ``JIRA_PROJECT`` and (Cloud) ``JIRA_EMAIL``. That leaves one closed issue and a few
labels there.
"""

import os
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).parents[2])

from adapters.seams import SystemClock  # noqa: E402  found from any folder by the line above
from tests.cassettes import github_scenarios as github  # noqa: E402
from tests.cassettes import gitlab_scenarios as gitlab  # noqa: E402
from tests.cassettes import jira_scenarios as jira  # noqa: E402
from tests.cassettes import jira_stage, keys  # noqa: E402
from tests.cassettes.gitlab_stage import recording_stage  # noqa: E402
from tests.cassettes.tape import CASSETTES, recorder, secrets_in  # noqa: E402

LIVE_URL = "https://api.github.com"
LIVE_TOKEN = "FOLLOWTHROUGH_LIVE_GITHUB_TOKEN"
LIVE_REPOSITORY = "FOLLOWTHROUGH_LIVE_GITHUB_REPOSITORY"
LIVE_GITLAB_URL = "https://gitlab.com"
LIVE_GITLAB_TOKEN = "FOLLOWTHROUGH_LIVE_GITLAB_TOKEN"
LIVE_GITLAB_PROJECT = "FOLLOWTHROUGH_LIVE_GITLAB_PROJECT"
LIVE_JIRA_URL = "FOLLOWTHROUGH_LIVE_JIRA_URL"
LIVE_JIRA_EMAIL = "FOLLOWTHROUGH_LIVE_JIRA_EMAIL"
LIVE_JIRA_TOKEN = "FOLLOWTHROUGH_LIVE_JIRA_TOKEN"
LIVE_JIRA_PROJECT = "FOLLOWTHROUGH_LIVE_JIRA_PROJECT"


def record(scenario, stage, folder):
    """One scenario to one file; refuses to leave a secret behind."""
    file = CASSETTES / folder / f"{scenario.__name__}.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    with recorder(mode="all").use_cassette(str(file)):
        scenario(stage)
    found = secrets_in(file.read_text("utf-8"))
    if found:
        file.unlink()
        sys.exit(f"{file.name} would have held {len(found)} secrets; it was not kept")
    sys.stdout.write(f"{file.relative_to(CASSETTES)}\n")


def main(wanted):
    os.environ |= keys.environment()
    record_github(wanted)
    record_gitlab(wanted)
    record_jira(wanted)


def record_github(wanted):
    for scenario in github.SCENARIOS:
        if not wanted or scenario.__name__ in wanted:
            with github.sandbox_stage(keys.TOKEN_ENV, keys.APP_KEY_ENV) as stage:
                record(scenario, stage, github.NAME)
    if os.environ.get(LIVE_TOKEN):
        for scenario in github.LIVE:
            stage = github.replay_stage(LIVE_URL, LIVE_TOKEN, keys.APP_KEY_ENV)
            stage.clock, stage.repository = SystemClock(), os.environ[LIVE_REPOSITORY]
            record(scenario, stage, f"{github.NAME}-live")


def record_gitlab(wanted):
    for scenario in gitlab.SCENARIOS:
        if not wanted or scenario.__name__ in wanted:
            with recording_stage(keys.GITLAB_TOKEN_ENV) as stage:
                record(scenario, stage, gitlab.NAME)
    if os.environ.get(LIVE_GITLAB_TOKEN):
        for scenario in gitlab.LIVE:
            stage = gitlab.replay_stage(LIVE_GITLAB_URL, LIVE_GITLAB_TOKEN)
            stage.clock, stage.project_path = SystemClock(), os.environ[LIVE_GITLAB_PROJECT]
            record(scenario, stage, f"{gitlab.NAME}-live")


def record_jira(wanted):
    for deployment in jira.DEPLOYMENTS:
        for scenario in jira.SCENARIOS:
            if not wanted or scenario.__name__ in wanted:
                with jira_stage.recording_stage(keys.JIRA_TOKEN_ENV, deployment) as stage:
                    record(scenario, stage, f"{jira.NAME}/{deployment}")
    if os.environ.get(LIVE_JIRA_TOKEN):
        for scenario in jira.LIVE:
            url, key = os.environ[LIVE_JIRA_URL], os.environ[LIVE_JIRA_PROJECT]
            stage = jira.Stage(url, SystemClock(), LIVE_JIRA_TOKEN, None, key=key)
            stage.email = os.environ.get(LIVE_JIRA_EMAIL, "")
            stage.deployment = "cloud" if stage.email else "datacenter"
            record(scenario, stage, f"{jira.NAME}-live")


if __name__ == "__main__":
    main(set(sys.argv[1:]))
