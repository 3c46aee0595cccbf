"""Every tracker's adapter refuses a host whose name leads to a metadata service."""

import pytest

from adapters import registry
from adapters.errors import AuthFailed
from adapters.sandbox.core.clock import StillClock
from adapters.seams import Seams

TOKEN = {"token": {"env": "FT_BARRED"}}
SETTINGS = {
    "github": TOKEN | {"base_url": "https://git.example.com/api/v3"},
    "gitlab": TOKEN | {"base_url": "https://git.example.com"},
    "jira": TOKEN | {"base_url": "https://git.example.com", "email": "bot@example.com"},
}


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_a_host_that_leads_to_a_metadata_service_gets_no_token(name, monkeypatch):
    monkeypatch.setenv("FT_BARRED", "sesame-0123456789")
    adapter = registry.adapter(name)
    settings = adapter.Settings.model_validate(SETTINGS[name])
    asked = []

    def resolve(host, port):
        asked.append((host, port))
        return ["169.254.169.254"]

    connection = adapter.connect("acme", settings, Seams(StillClock(), resolve=resolve))
    try:
        with pytest.raises(AuthFailed, match=r"E202 base_url: git\.example\.com leads to"):
            connection.describe()
    finally:
        connection.close()
    assert asked == [("git.example.com", 443)]
