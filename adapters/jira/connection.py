"""One Jira site and credential."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from adapters.base import (
    Budget,
    Capabilities,
    Check,
    Connection,
    Cursor,
    Description,
    Page,
    Project,
)
from adapters.errors import AdapterError
from adapters.jira.client import Client, Options
from adapters.jira.polling import poll
from adapters.jira.project import JiraProject, Shared, capabilities
from adapters.seams import Seams
from mappings.problem import Problem, ProblemError
from mappings.profile import Profile

__all__ = ["JiraConnection", "Options"]

#: Beyond this our clock and Jira's disagree enough to confuse people reading times.
SKEW_SECONDS: Final = 30
#: support.atlassian.com, "Choosing a project key": letters, digits, underscores.
_KEY: Final = re.compile(r"[A-Z][A-Z0-9_]+")


class JiraConnection(Connection):
    """Opens projects by key. Makes no request until asked something."""

    def __init__(self, options: Options, seams: Seams) -> None:
        self.client = Client(options, seams)
        self.clock = seams.clock
        self.capabilities: Capabilities = capabilities(options)
        self._shared = Shared(self.client)

    def describe(self) -> Description:
        return self._shared.accounts.describe()

    def open(self, project: str, profile: Profile) -> Project:
        if not _KEY.fullmatch(project):
            text = f'"{project}" is no project key. Write project = "PAY".'
            raise ProblemError(Problem("E201", text))
        return JiraProject(self._shared, project, profile)

    def poll(self, wanted: Mapping[Project, Cursor | None]) -> Iterator[tuple[Project, Page]]:
        return poll(self.client, self._shared.fresh, wanted)

    def budget(self) -> Budget:
        return self.client.limits.budget()

    def check(self) -> Iterator[Check]:
        try:
            me = self.describe()
        except AdapterError as error:
            yield Check("token", False, str(error), error.problem.remedy)
            return
        account = self._shared.accounts.me()
        zone = f", {account.zone}" if account.zone else ""
        yield Check("token", True, f"{account.name or me.user} at {me.url}{zone}")
        cloud = "cloud" in me.version.lower()
        known = me.version.split(" ")[0].lower() in {"cloud", "server", "datacenter"}
        right = not known or cloud == self.client.options.cloud
        there = "cloud" if cloud else "datacenter"
        remedy = "" if right else f'Set deployment = "{there}".'
        yield Check("deployment", right, me.version, remedy)
        if me.server_time:
            skew = abs((self.clock.now() - me.server_time).total_seconds())
            wrong = skew > SKEW_SECONDS
            remedy = "Set this machine's clock." if wrong else ""
            yield Check("clock", not wrong, f"{skew:.0f} s apart from Jira's", remedy)
        said = self.budget()
        if said.limit is not None:
            left = f"{said.remaining} of {said.limit} requests left"
            remedy = "" if said.remaining else "Wait for the reset."
            yield Check("rate limit", bool(said.remaining), left, remedy)

    def close(self) -> None:
        self.client.close()
