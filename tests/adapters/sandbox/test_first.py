"""A sandbox answers PyGithub unchanged."""

import github
import pytest

from adapters.sandbox import Sandbox


@pytest.fixture
def sandbox():
    with Sandbox() as running:
        yield running


def test_an_issue_is_made_read_and_closed_through_pygithub(sandbox):
    with github.Github(
        auth=github.Auth.Token(sandbox.token), base_url=sandbox.url, retry=None
    ) as client:
        repository = client.get_repo("acme/payments")
        made = repository.create_issue("Pay twice", labels=["bug"], assignees=["maria"])
        made.edit(state="closed", state_reason="not_planned")
        [listed] = repository.get_issues(state="all")
    assert (listed.number, listed.state, listed.state_reason) == (1, "closed", "not_planned")
    assert [label.name for label in listed.labels] == ["bug"]
