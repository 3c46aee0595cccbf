"""One GitLab site and credential."""

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
from adapters.gitlab.account import Accounts
from adapters.gitlab.client import Client, Options
from adapters.gitlab.polling import Groups
from adapters.gitlab.project import GitLabProject, capabilities
from adapters.seams import Seams
from mappings.problem import Problem, ProblemError
from mappings.profile import Profile

__all__ = ["GitLabConnection", "Options"]

#: Beyond this our clock and GitLab's disagree enough to confuse people reading times.
SKEW_SECONDS: Final = 30
#: A token that ends sooner is worth a warning.
WARN_DAYS: Final = 14
#: "group/project", with as many subgroups as there are (docs.gitlab.com, "Naming rules").
_PATH: Final = re.compile(r"[A-Za-z0-9_][\w.+-]*(?:/[A-Za-z0-9_][\w.+-]*)+", re.ASCII)


class GitLabConnection(Connection):
    """Opens projects by "group/project". Makes no request until asked something."""

    def __init__(self, options: Options, seams: Seams) -> None:
        self.client = Client(options, seams)
        self.clock = seams.clock
        self.capabilities: Capabilities = capabilities(options)
        self._accounts = Accounts(self.client)
        self._groups = Groups(self.client)

    def describe(self) -> Description:
        return self._accounts.describe()

    def open(self, project: str, profile: Profile) -> Project:
        if not _PATH.fullmatch(project):
            text = f'"{project}" is no project. Write project = "group/project".'
            raise ProblemError(Problem("E201", text))
        return GitLabProject(self.client, self._accounts, project, profile)

    def poll(self, wanted: Mapping[Project, Cursor | None]) -> Iterator[tuple[Project, Page]]:
        return self._groups.poll(wanted)

    def budget(self) -> Budget:
        return self.client.limits.budget()

    def check(self) -> Iterator[Check]:
        try:
            me = self.describe()
        except AdapterError as error:
            yield Check("token", False, str(error), error.problem.remedy)
            return
        version = f", GitLab {me.version}" if me.version else ""
        yield Check("token", True, f"{me.user} at {me.url}{version}")
        if me.scopes:
            # A fine-grained token says "granular"; what it lacks shows at the project.
            well = bool({"api", "granular"} & {*me.scopes})
            remedy = "" if well else 'Give the token the scope "api".'
            yield Check("scope", well, ", ".join(me.scopes), remedy)
        if me.expires_at:
            days = (me.expires_at - self.clock.now()).days
            remedy = "Rotate it soon." if days < WARN_DAYS else ""
            yield Check("token's end", days >= WARN_DAYS, f"{me.expires_at:%Y-%m-%d}", remedy)
        if me.server_time:
            skew = abs((self.clock.now() - me.server_time).total_seconds())
            wrong = skew > SKEW_SECONDS
            remedy = "Set this machine's clock." if wrong else ""
            yield Check("clock", not wrong, f"{skew:.0f} s apart from GitLab's", remedy)
        said = self.budget()
        if said.limit is not None:
            left = f"{said.remaining} of {said.limit} requests left"
            remedy = "" if said.remaining else "Wait for the reset."
            yield Check("rate limit", bool(said.remaining), left, remedy)

    def close(self) -> None:
        self.client.close()
