"""GitLab's sandbox and clients for it, in place of GitHub's."""

import pytest


@pytest.fixture
def start(start):
    return lambda **options: start(**({"kind": "gitlab"} | options))


@pytest.fixture
def client(client):
    def make(sandbox, token=None):
        made = client(sandbox, token)
        secret = made.headers.pop("Authorization", "token ").removeprefix("token ")
        if secret:
            made.headers["Private-Token"] = secret
        return made

    return make


@pytest.fixture
def home(sandbox):
    return sandbox.state.project("acme/payments")


@pytest.fixture
def maria(sandbox):
    return sandbox.person("maria")
