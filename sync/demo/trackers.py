"""The trackers the story can be told with: what differs from one to the next."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from adapters.sandbox.jira.build import BOT
from mappings.vocabulary import Field
from sync.demo.team import GitHubPerson, GitLabPerson, JiraPerson, Person

Kind: TypeAlias = Literal["github", "gitlab", "jira"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracker:
    """One kind of tracker in the demo.

    ``kind`` is both the sandbox's and the adapter's name. ``profile`` is a shipped vocabulary,
    ``settings`` are further lines of the connection, ``page`` is where people click, below the
    sandbox's address. ``filled`` are fields that it gives a value where a document has none.
    """

    kind: Kind
    project: str
    profile: str
    page: str
    person: type[Person]
    settings: str = ""
    filled: frozenset[Field] = frozenset()


TRACKERS: Final[Mapping[Kind, Tracker]] = {
    "github": Tracker(
        kind="github",
        project="acme/payments",
        profile="github-labels",
        page="acme/payments/issues",
        person=GitHubPerson,
    ),
    "gitlab": Tracker(
        kind="gitlab",
        project="acme/platform/payments",
        profile="gitlab-incidents",
        page="acme/platform/payments/-/issues",
        person=GitLabPerson,
    ),
    "jira": Tracker(
        kind="jira",
        project="PAY",
        profile="jira-software",
        page="projects/PAY",
        person=JiraPerson,
        # A Jira on loopback does not say by its address which one it is.
        settings=f'deployment = "cloud"\nemail = "{BOT}@example.com"\n',
        # Whoever says nothing gets the scheme's default, Medium.
        filled=frozenset({Field.PRIORITY}),
    ),
}
