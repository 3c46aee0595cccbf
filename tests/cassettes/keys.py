"""Credentials for recording and replaying: they open nothing but a sandbox."""

from functools import cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.cassettes.github_scenarios import TOKEN
from tests.cassettes.gitlab_scenarios import TOKEN as GITLAB_TOKEN
from tests.cassettes.jira_scenarios import TOKEN as JIRA_TOKEN

TOKEN_ENV = "FT_CASSETTE_TOKEN"
APP_KEY_ENV = "FT_CASSETTE_APP_KEY"
GITLAB_TOKEN_ENV = "FT_CASSETTE_GITLAB_TOKEN"
JIRA_TOKEN_ENV = "FT_CASSETTE_JIRA_TOKEN"


@cache
def app_key():
    """A private key made for this run alone."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    ).decode()


def environment():
    """The variables that the scenarios' settings name."""
    return {
        TOKEN_ENV: TOKEN,
        f"{TOKEN_ENV}_BAD": "ghp_nobodynobodynobodynobodynobody000000",
        APP_KEY_ENV: app_key(),
        GITLAB_TOKEN_ENV: GITLAB_TOKEN,
        f"{GITLAB_TOKEN_ENV}_BAD": "glpat-nobodynobodynobody",
        JIRA_TOKEN_ENV: JIRA_TOKEN,
        f"{JIRA_TOKEN_ENV}_BAD": "ATATT3xFfGF0nobodynobodynobody",
    }
